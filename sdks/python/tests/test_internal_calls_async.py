"""Futures of calls, and calls below calls."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from calls_functions import EngineTest
from internal_calls_functions import (
    relay,
)
from millrace import Context, function
from millrace._gen import layout
from millrace._wire.cold import Failure
from scripted_engine import message


class FutureTest(EngineTest):
    """What `ctx.call` gives is a future to asyncio's own tools."""

    def test_can_be_gathered_waited_for_shielded_and_timed(self) -> None:
        @function
        async def tools(ctx: Context) -> list[Any]:
            pair = await asyncio.gather(ctx.call("other", 1), ctx.call("other", 2))
            done, pending = await asyncio.wait([asyncio.ensure_future(ctx.call("other", 3))])
            shielded = await asyncio.shield(ctx.call("other", 4))
            timed = await asyncio.wait_for(ctx.call("other", 5), 60)
            late: Any = ctx.call("other", 6)
            other = asyncio.ensure_future(later(late))
            return [*pair, *[one.result() for one in done], len(pending), shielded, timed, await late, await other]

        async def later(call: Any) -> Any:
            return await call

        engine = self.start(tools)
        call_id = engine.invoke("tools")
        engine.resolve("other", 9)
        for _ in range(6):
            asked = engine.next(layout.TYPE_INVOKE)
            engine.answer(asked, int(asked.body) * 10)
        self.assertEqual(engine.result(call_id), [10, 20, 30, 0, 40, 50, 60, 60])
        engine.finish()

    def test_is_cancelled_on_the_wire_when_a_timeout_or_a_task_cancels_it(self) -> None:
        @function
        async def impatient(ctx: Context) -> str:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(ctx.call("other"), 0.001)
            task = asyncio.ensure_future(waits(ctx))
            await asyncio.sleep(0)
            task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                return "cancelled"
            return "not cancelled"

        async def waits(ctx: Context) -> Any:
            return await ctx.call("other")

        engine = self.start(impatient)
        call_id = engine.invoke("impatient")
        engine.resolve("other", 9)
        for _ in range(2):
            found = [engine.next(layout.TYPE_INVOKE), engine.next(layout.TYPE_CANCEL)]
            self.assertEqual(found[0].call_id, found[1].call_id)
        self.assertEqual(engine.result(call_id), "cancelled")
        engine.finish()

    def test_raises_what_the_callee_failed_with_in_every_task_that_awaits_it(self) -> None:
        @function
        async def both(ctx: Context) -> list[str]:
            call: Any = ctx.call("other")
            found = await asyncio.gather(waits(call), waits(call), return_exceptions=True)
            return [type(one).__name__ for one in found]

        async def waits(call: Any) -> Any:
            return await call

        engine = self.start(both)
        call_id = engine.invoke("both")
        engine.resolve("other", 9)
        engine.refuse(engine.next(layout.TYPE_INVOKE), Failure("bad_input", 3, "no"))
        self.assertEqual(engine.result(call_id), ["MillraceError", "MillraceError"])
        engine.finish()


class NestingTest(EngineTest):
    """A worker without threads runs calls on top of one that waits."""

    def test_runs_a_function_that_calls_itself_in_one_worker_without_a_second(self) -> None:
        @function
        def factorial(number: int, ctx: Context) -> int:
            return 1 if number < 2 else number * int(ctx.call_sync("factorial", number - 1))

        engine = self.start(factorial)
        call_id = engine.invoke("factorial", 20)
        waiting = []
        for _ in range(19):
            asked = engine.next(layout.TYPE_INVOKE)
            waiting.append((asked, engine.invoke("factorial", int(asked.body))))
        for asked, inner in reversed(waiting):
            engine.answer(asked, engine.result(inner))
        self.assertEqual(engine.result(call_id), 2_432_902_008_176_640_000)
        engine.finish()

    def test_nests_as_many_calls_as_it_offers_and_refuses_one_more(self) -> None:
        engine = self.start(relay)
        self.assertEqual(engine.hello.max_calls, 64)
        first = engine.invoke("relay", 0)
        engine.resolve("other", 9)
        calls = [(first, engine.next(layout.TYPE_INVOKE))]
        for number in range(1, 64):
            calls.append((engine.invoke("relay", number), engine.next(layout.TYPE_INVOKE)))
        self.assertEqual(engine.error(engine.invoke("relay", 64)).reason, "overloaded")
        for call_id, asked in reversed(calls):
            engine.answer(asked, call_id)
            self.assertEqual(engine.result(call_id), call_id)
        engine.finish()

    def test_keeps_a_result_for_a_call_below_until_those_above_have_ended(self) -> None:
        engine = self.start(relay)
        below = engine.invoke("relay", 0)
        engine.resolve("other", 9)
        asked_below = engine.next(layout.TYPE_INVOKE)
        above = engine.invoke("relay", 1)
        asked_above = engine.next(layout.TYPE_INVOKE)
        engine.answer(asked_below, "below")
        self.assertEqual(engine.barrier(), [])
        engine.answer(asked_above, "above")
        self.assertEqual(engine.result(above), "above")
        self.assertEqual(engine.result(below), "below")
        engine.finish()

    def test_takes_the_messages_of_one_read_in_their_order_however_deep_it_waits(self) -> None:
        engine = self.start(relay)
        messages, calls = [], []
        for number in range(10):
            data, call_id = engine.invoke_message("relay", number)
            messages.append(data)
            calls.append(call_id)
        engine.send(*messages)
        engine.resolve("other", 9)
        asked = {int(one.body): one for one in (engine.next(layout.TYPE_INVOKE) for _ in range(10))}
        for number in range(10):
            engine.answer(asked[number], number)
        found = {one.call_id: int(one.body) for one in (engine.next(layout.TYPE_RESULT) for _ in range(10))}
        self.assertEqual(found, dict(zip(calls, range(10))))
        engine.finish()

    def test_sees_cancel_in_a_loop_that_asks_for_it(self) -> None:
        @function
        def loop(ctx: Context) -> str:
            while not ctx.cancelled:
                pass
            return "saw it"

        engine = self.start(loop)
        call_id = engine.invoke("loop")
        engine.send(message(layout.TYPE_CANCEL, call_id=call_id))
        self.assertEqual(engine.result(call_id), "saw it")
        engine.finish()

    def test_answers_ping_while_it_waits(self) -> None:
        engine = self.start(relay)
        engine.invoke("relay", 1)
        engine.resolve("other", 9)
        asked = engine.next(layout.TYPE_INVOKE)
        engine.send(message(layout.TYPE_PING, nonce=5))
        pong = engine.next(layout.TYPE_PONG)
        self.assertEqual((pong.nonce, pong.open_calls), (5, 1))
        engine.answer(asked, 1)
        engine.next(layout.TYPE_RESULT)
        engine.finish()
