"""Calls made in ways that cannot be, and from threads."""

from __future__ import annotations

import unittest
from collections.abc import AsyncIterator
from typing import Any

from calls_functions import EngineTest, Person
from internal_calls_functions import (
    UNKNOWN,
    collect,
    grow,
    pour,
)
from millrace import Context, UsageError, function
from millrace._gen import layout
from scripted_engine import message


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
