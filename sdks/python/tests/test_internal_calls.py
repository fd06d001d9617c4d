"""Calls that handlers make."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import unittest
from collections.abc import AsyncIterator, Iterator
from typing import Any

from millrace import Context, MillraceError, PeerError, UsageError, function
from millrace._gen import layout
from millrace._wire.cold import Failure, Limits
from scripted_engine import ScriptedEngine, message
from test_calls import EngineTest, Person

UNKNOWN = layout.PAYLOAD_LENGTH_UNKNOWN


@function
def relay(given: Any, ctx: Context) -> Any:
    return ctx.call_sync("other", given, timeout_s=0.5, priority=1)


@function
async def arelay(given: Any, ctx: Context) -> Any:
    return await ctx.call("other", given, timeout_s=0.5, priority=1)


@function
def told(name: str, ctx: Context) -> str:
    try:
        return f"got {ctx.call_sync(name)}"
    except MillraceError as error:
        return f"{error.reason} {error.code} {error.retryable} {error.message}"


@function
async def atold(name: str, ctx: Context) -> str:
    try:
        return f"got {await ctx.call(name)}"
    except MillraceError as error:
        return f"{error.reason} {error.code} {error.retryable} {error.message}"


@function
def fan(count: int, ctx: Context) -> list[Any]:
    return ctx.gather_sync(*[ctx.start_sync("other", number) for number in range(count)])


@function
async def afan(count: int, ctx: Context) -> list[Any]:
    return await ctx.gather(*[ctx.call("other", number) for number in range(count)])


@function
def collect(name: str, ctx: Context) -> list[Any]:
    return [part.decode() if isinstance(part, bytes) else part for part in ctx.stream_sync(name)]


@function
async def acollect(name: str, ctx: Context) -> list[Any]:
    return [part.decode() if isinstance(part, bytes) else part async for part in ctx.stream(name)]


@function
def peek(name: str, ctx: Context) -> str:
    parts = ctx.stream_sync(name)
    with contextlib.closing(parts):
        return str(next(parts), "utf-8")


@function
async def apeek(name: str, ctx: Context) -> str:
    async for part in ctx.stream(name):
        return str(part, "utf-8")
    return ""


@function
def pour(count: int, ctx: Context) -> Any:
    return ctx.call_sync("other", (bytes([one]) * 1_000 for one in range(count)))


@function
async def apour(count: int, ctx: Context) -> Any:
    async def parts() -> AsyncIterator[bytes]:
        for one in range(count):
            yield bytes([one]) * 1_000

    return await ctx.call("other", parts())


@function
def grow(person: Person) -> Person:
    return dataclasses.replace(person, age=person.age + 1)


@function
def by_reference(ctx: Context) -> str:
    return repr(ctx.call_sync(grow, Person("Ada", 1)))


@function
async def aby_reference(ctx: Context) -> str:
    return repr(await ctx.call(grow, Person("Ada", 1)))


class InternalCallTest(EngineTest):
    """Each test runs with a synchronous and with an asynchronous handler."""

    def both(self, *names: str, **options: Any) -> Iterator[tuple[ScriptedEngine, str]]:
        for name in names:
            with self.subTest(name):
                fn = globals()[name]
                more = (grow,) if "reference" in name else ()
                engine = self.start(fn, *more, **options)
                self.assertEqual(engine.worker.direct, not fn.is_async)
                yield engine, name

    def test_name_their_parent_and_carry_timeout_priority_and_the_first_odd_id(self) -> None:
        for engine, name in self.both("relay", "arelay"):
            call_id = engine.invoke(name, "abc")
            engine.resolve("other", 9)
            asked = engine.next(layout.TYPE_INVOKE)
            self.assertEqual((asked.call_id, asked.function_id, asked.parent_call_id), (1, 9, call_id))
            self.assertEqual((asked.timeout_us, asked.priority, asked.attempt), (500_000, 1, 1))
            self.assertEqual((asked.depth, asked.queue_us, asked.body), (0, 0, b'"abc"'))
            engine.answer(asked, {"a": [1]})
            self.assertEqual(engine.result(call_id), {"a": [1]})
            second = engine.invoke(name, "x")
            asked = engine.next(layout.TYPE_INVOKE)  # The name is resolved once: rule resolve-cached.
            self.assertEqual(asked.call_id, 3)
            engine.answer(asked, b"bytes", content=layout.CONTENT_TEXT)
            self.assertEqual(engine.result(second), "bytes")
            engine.finish()

    def test_raise_what_the_callee_failed_with(self) -> None:
        for engine, name in self.both("told", "atold"):
            call_id = engine.invoke(name, "other")
            engine.resolve("other", 9)
            asked = engine.next(layout.TYPE_INVOKE)
            engine.refuse(asked, Failure("bad_input", 3, "no", "CODE", "ValueError", "stack", True, "other"))
            self.assertEqual(engine.result(call_id), "bad_input CODE True no")
            engine.finish()

    def test_fail_with_not_found_for_a_name_that_nobody_serves(self) -> None:
        for engine, name in self.both("told", "atold"):
            call_id = engine.invoke(name, "nobody")
            engine.resolve("nobody", 0)
            expected = 'not_found None False there is no function named "nobody"'
            self.assertEqual(engine.result(call_id), expected)
            call_id = engine.invoke(name, "../x")
            self.assertEqual(
                engine.result(call_id), "handler_error None False '../x' can't name a function (rule name-form)"
            )
            engine.finish()

    def test_ask_for_the_name_once_more_when_its_id_is_stale(self) -> None:
        for engine, name in self.both("told", "atold"):
            call_id = engine.invoke(name, "other")
            engine.resolve("other", 9)
            engine.refuse(engine.next(layout.TYPE_INVOKE), Failure("not_found", 5, "stale"))
            engine.resolve("other", 10)
            asked = engine.next(layout.TYPE_INVOKE)
            self.assertEqual((asked.function_id, asked.call_id), (10, 3))
            engine.answer(asked, 5)
            self.assertEqual(engine.result(call_id), "got 5")
            engine.finish()

    def test_fail_when_the_same_stale_id_comes_back(self) -> None:
        for engine, name in self.both("told", "atold"):
            call_id = engine.invoke(name, "other")
            engine.resolve("other", 9)
            engine.refuse(engine.next(layout.TYPE_INVOKE), Failure("not_found", 5, "stale"))
            engine.resolve("other", 9)
            self.assertEqual(engine.result(call_id), "not_found None False stale")
            engine.finish()

    def test_overlap_and_are_given_in_the_order_of_the_arguments(self) -> None:
        for engine, name in self.both("fan", "afan"):
            call_id = engine.invoke(name, 8)
            engine.resolve("other", 9)
            asked = [engine.next(layout.TYPE_INVOKE) for _ in range(8)]
            for one in reversed(asked):
                engine.answer(one, int(one.body) * 10)
            self.assertEqual(engine.result(call_id), [number * 10 for number in range(8)])
            engine.finish()

    def test_wait_for_a_place_when_as_many_are_open_as_welcome_allows(self) -> None:
        for engine, name in self.both("fan", "afan", limits=Limits(4, 2, 2, 2, 9_999, 9)):
            call_id = engine.invoke(name, 5)
            engine.resolve("other", 9)
            first = [engine.next(layout.TYPE_INVOKE) for _ in range(2)]
            self.assertEqual(engine.barrier(), [])
            for one in first:
                engine.answer(one, 0)
            for _ in range(3):
                engine.answer(engine.next(layout.TYPE_INVOKE), 0)
            self.assertEqual(engine.result(call_id), [0] * 5)
            engine.finish()

    def test_cancel_the_others_when_one_of_a_gather_fails(self) -> None:
        for engine, name in self.both("fan", "afan"):
            call_id = engine.invoke(name, 3)
            engine.resolve("other", 9)
            asked = [engine.next(layout.TYPE_INVOKE) for _ in range(3)]
            engine.refuse(asked[0], Failure("overloaded", 8, "full"))
            cancelled = {engine.next(layout.TYPE_CANCEL).call_id for _ in range(2)}
            self.assertEqual(cancelled, {asked[1].call_id, asked[2].call_id})
            self.assertEqual(engine.error(call_id).message, "overloaded: full")
            for one in asked[1:]:
                engine.refuse(one, Failure("cancelled", 1, "late"))
            engine.finish()

    def test_are_cancelled_with_their_parent(self) -> None:
        for engine, name in self.both("relay", "arelay"):
            call_id = engine.invoke(name, 1)
            engine.resolve("other", 9)
            asked = engine.next(layout.TYPE_INVOKE)
            engine.send(message(layout.TYPE_CANCEL, call_id=call_id))
            self.assertEqual(engine.next(layout.TYPE_CANCEL).call_id, asked.call_id)
            self.assertEqual(engine.error(call_id).reason, "cancelled")
            engine.answer(asked, "too late")
            self.assertEqual(engine.barrier(), [])
            engine.finish()

    def test_give_a_stream_as_it_comes_bytes_or_the_items_of_lines(self) -> None:
        for engine, name in self.both("collect", "acollect"):
            call_id = engine.invoke(name, "other")
            engine.resolve("other", 9)
            asked = engine.next(layout.TYPE_INVOKE)
            unknown = layout.PAYLOAD_LENGTH_UNKNOWN
            head: dict[str, Any] = {"call_id": asked.call_id, "payload_length": unknown, "flags": 1}
            data: dict[str, Any] = {"call_id": asked.call_id, "flags": 1}
            engine.send(message(layout.TYPE_RESULT, b"ab", **head), message(layout.TYPE_DATA, b"c", **data))
            engine.send(message(layout.TYPE_RESULT, b"d", call_id=asked.call_id, payload_length=4))
            self.assertEqual(engine.result(call_id), ["ab", "c", "d"])
            call_id = engine.invoke(name, "other")
            data["call_id"] = head["call_id"] = engine.next(layout.TYPE_INVOKE).call_id
            lines = (b'{"a":1}\n[', b"2]\n\n3")
            engine.send(message(layout.TYPE_RESULT, lines[0], content=layout.CONTENT_NDJSON, **head))
            engine.send(message(layout.TYPE_DATA, lines[1], **data))
            engine.send(message(layout.TYPE_RESULT, call_id=data["call_id"], payload_length=14))
            self.assertEqual(engine.result(call_id), [{"a": 1}, [2], 3])
            call_id = engine.invoke(name, "other")
            engine.answer(engine.next(layout.TYPE_INVOKE), b"inline")
            self.assertEqual(engine.result(call_id), ["inline"])
            call_id = engine.invoke(name, "other")
            engine.refuse(engine.next(layout.TYPE_INVOKE), Failure("bad_input", 3, "no"))
            self.assertEqual(engine.error(call_id).message, "no")
            engine.finish()

    def test_grant_credit_as_the_reader_takes_parts(self) -> None:
        for engine, name in self.both("collect", "acollect"):
            call_id = engine.invoke(name, "other")
            engine.resolve("other", 9)
            asked = engine.next(layout.TYPE_INVOKE)
            head: dict[str, Any] = {"call_id": asked.call_id, "payload_length": UNKNOWN, "flags": 1}
            engine.send(message(layout.TYPE_RESULT, **head))
            for _ in range(10):
                for _ in range(16):
                    engine.send(message(layout.TYPE_DATA, b"x", call_id=asked.call_id, flags=1))
                window = engine.next(layout.TYPE_WINDOW)
                self.assertEqual((window.call_id, window.credit), (asked.call_id, 16))
            engine.send(message(layout.TYPE_RESULT, call_id=asked.call_id, payload_length=160))
            self.assertEqual(engine.result(call_id), ["x"] * 160)
            engine.finish()

    def test_are_cancelled_when_the_reader_of_a_stream_leaves(self) -> None:
        for engine, name in self.both("peek", "apeek"):
            call_id = engine.invoke(name, "other")
            engine.resolve("other", 9)
            asked = engine.next(layout.TYPE_INVOKE)
            head: dict[str, Any] = {"call_id": asked.call_id, "payload_length": UNKNOWN, "flags": 1}
            engine.send(message(layout.TYPE_RESULT, b"first", **head))
            found = sorted((engine.next(), engine.next()), key=lambda one: one.type)
            self.assertEqual([one.type for one in found], [layout.TYPE_RESULT, layout.TYPE_CANCEL])
            self.assertEqual((found[0].call_id, found[0].body, found[1].call_id), (call_id, b'"first"', asked.call_id))
            engine.send(message(layout.TYPE_DATA, b"late", call_id=asked.call_id, flags=1))
            engine.refuse(asked, Failure("cancelled", 1, "left"))
            engine.finish()

    def test_send_a_streamed_input_with_credit_and_end_it(self) -> None:
        for engine, name in self.both("pour", "apour"):
            call_id = engine.invoke(name, 50)
            engine.resolve("other", 9)
            asked = engine.next(layout.TYPE_INVOKE)
            self.assertTrue(asked.more)
            self.assertEqual(asked.payload_length, layout.PAYLOAD_LENGTH_UNKNOWN)
            body = asked.body
            taken = 0
            while True:
                part = engine.next(layout.TYPE_DATA)
                body += part.body
                taken += 1
                if not part.more:
                    break
                if taken == 16:
                    engine.send(message(layout.TYPE_WINDOW, call_id=asked.call_id, credit=16))
                    taken = 0
            self.assertEqual(body, b"".join(bytes([one]) * 1_000 for one in range(50)))
            engine.answer(asked, len(body))
            self.assertEqual(engine.result(call_id), 50_000)
            engine.finish()

    def test_stop_a_streamed_input_when_the_final_message_comes_first(self) -> None:
        for engine, name in self.both("pour", "apour"):
            call_id = engine.invoke(name, 200)
            engine.resolve("other", 9)
            asked = engine.next(layout.TYPE_INVOKE)
            for _ in range(32):
                engine.next(layout.TYPE_DATA)
            engine.answer(asked, "enough")
            self.assertEqual(engine.result(call_id), "enough")
            self.assertEqual(engine.barrier(), [])
            engine.finish()

    def test_make_the_output_of_a_function_given_by_reference_what_its_annotation_says(self) -> None:
        for engine, name in self.both("by_reference", "aby_reference"):
            call_id = engine.invoke(name)
            asked = engine.next(layout.TYPE_INVOKE)
            self.assertEqual(asked.function_id, engine.ids["grow"])
            engine.answer(asked, {"name": "Ada", "age": 2})
            self.assertEqual(engine.result(call_id), "Person(name='Ada', age=2)")
            call_id = engine.invoke(name)
            engine.answer(engine.next(layout.TYPE_INVOKE), {"age": 2})
            failure = engine.error(call_id)
            self.assertEqual(failure[:3], ("handler_error", 2, "output of grow: .name is missing"))
            engine.finish()

    def test_are_unsupported_on_a_channel_without_them(self) -> None:
        for engine, name in self.both("told", "atold", features=()):
            call_id = engine.invoke(name, "other")
            self.assertIn("unsupported", engine.result(call_id))
            engine.finish()

    def test_end_with_a_peer_error_when_the_engine_goes_away(self) -> None:
        seen: list[BaseException] = []

        @function
        def hold(ctx: Context) -> None:
            try:
                ctx.call_sync("other")
            except PeerError as error:
                seen.append(error)
                raise

        @function
        async def ahold(ctx: Context) -> None:
            try:
                await ctx.call("other")
            except (PeerError, asyncio.CancelledError) as error:
                seen.append(error)
                raise

        for fn in (hold, ahold):
            engine = self.start(fn)
            engine.invoke(fn.name)
            engine.resolve("other", 9)
            engine.next(layout.TYPE_INVOKE)
            engine.leave()
            self.assertEqual(engine.exit_code(), 69)
            self.assertEqual(engine.worker.lines, ["the engine is gone and left 1 calls open"])
        self.assertEqual(len(seen), 2)
        self.assertIsInstance(seen[0], PeerError)


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


class WrongMethodTest(EngineTest):
    def test_says_which_one_to_use(self) -> None:
        @function
        def sync_awaits(ctx: Context) -> None:
            ctx.call("other")

        @function
        async def async_blocks(ctx: Context) -> None:
            ctx.call_sync("other")

        engine = self.start(sync_awaits)
        failure = engine.error(engine.invoke("sync_awaits"))
        self.assertEqual(failure.message, "sync_awaits is no `async def`: use ctx.call_sync")
        engine.finish()
        engine = self.start(async_blocks)
        failure = engine.error(engine.invoke("async_blocks"))
        self.assertIn("use the one without `_sync` and await it", failure.message)
        engine.finish()

    def test_refuses_options_out_of_range(self) -> None:
        @function
        def wrong(which: str, ctx: Context) -> None:
            ctx.call_sync("other", timeout_s=0) if which == "timeout" else ctx.call_sync("other", priority=8)

        engine = self.start(wrong)
        self.assertIn("above 0 and up to 71 minutes", engine.error(engine.invoke("wrong", "timeout")).message)
        self.assertIn("from 0 (urgent) to 7", engine.error(engine.invoke("wrong", "priority")).message)
        engine.finish()


class ThreadedCallTest(EngineTest):
    def test_does_not_count_a_handler_that_waits_as_running(self) -> None:
        @function
        def factorial(number: int, ctx: Context) -> int:
            return 1 if number < 2 else number * int(ctx.call_sync("factorial", number - 1))

        engine = self.start(factorial, threads=1)
        call_id = engine.invoke("factorial", 10)
        waiting = []
        for _ in range(9):
            asked = engine.next(layout.TYPE_INVOKE)
            waiting.append((asked, engine.invoke("factorial", int(asked.body))))
        for asked, inner in reversed(waiting):
            engine.answer(asked, engine.result(inner))
        self.assertEqual(engine.result(call_id), 3_628_800)
        engine.finish()

    def test_streams_in_threads(self) -> None:
        engine = self.start(collect, pour, threads=2)
        call_id = engine.invoke("pour", 20)
        engine.resolve("other", 9)
        asked = engine.next(layout.TYPE_INVOKE)
        size = 0
        while (part := engine.next(layout.TYPE_DATA)).more:
            size += part.length
            if size % (16 * 500) == 0:
                engine.send(message(layout.TYPE_WINDOW, call_id=asked.call_id, credit=8))
        engine.answer(asked, size)
        self.assertEqual(engine.result(call_id), 20_000 - part.length)
        call_id = engine.invoke("collect", "other")
        asked = engine.next(layout.TYPE_INVOKE)
        head = {"call_id": asked.call_id, "payload_length": UNKNOWN, "flags": 1}
        engine.send(message(layout.TYPE_RESULT, b"a", **head))
        engine.send(message(layout.TYPE_RESULT, b"b", call_id=asked.call_id, payload_length=2))
        self.assertEqual(engine.result(call_id), ["a", "b"])
        engine.finish()


class UsageTest(unittest.TestCase):
    def test_says_what_is_wrong_with_a_function_when_it_is_made(self) -> None:
        with self.assertRaisesRegex(UsageError, "can't name a function"):
            function("a b")(lambda: None)
        with self.assertRaisesRegex(UsageError, "takes \\*args"):

            @function
            def many(*args: int) -> None: ...

        with self.assertRaisesRegex(UsageError, "make it `async def`"):

            @function
            def wrong(parts: AsyncIterator[bytes]) -> None: ...

    def test_calls_the_handler_when_called_and_makes_a_context_if_none_is_given(self) -> None:
        @function
        def show(name: str, ctx: Context) -> str:
            return f"{name} in {ctx.function}, depth {ctx.depth}"

        plain: Any = show
        self.assertEqual(plain("Ada"), "Ada in show, depth 0")
        self.assertEqual(grow(Person("Ada")), Person("Ada", 1))


if __name__ == "__main__":
    unittest.main()
