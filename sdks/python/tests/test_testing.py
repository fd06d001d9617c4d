"""The test kit."""

from __future__ import annotations

import asyncio
import unittest
from collections.abc import AsyncIterator, Iterator

from calls_functions import Person
from millrace import Context, MillraceError, UsageError, function
from millrace.testing import TestEngine, context


@function
def greet(name: str) -> str:
    return f"Hello, {name}"


@function
def grow(person: Person) -> Person:
    return Person(person.name, person.age + 1)


@function
def shout(name: str, ctx: Context) -> str:
    ctx.log.info("shouting", name=name)
    return str(ctx.call_sync(greet, name)).upper()


@function
async def ashout(name: str, ctx: Context) -> str:
    return str(await ctx.call("greet", name)).upper()


@function
def echo(payload: bytes) -> bytes:
    return payload


@function
def through(payload: bytes, ctx: Context) -> bytes:
    return b"".join(ctx.stream_sync("echo", payload))


@function
async def athrough(parts: AsyncIterator[bytes], ctx: Context) -> AsyncIterator[bytes]:
    async for part in ctx.stream("echo", parts):
        yield part


@function
def factorial(number: int, ctx: Context) -> int:
    return 1 if number < 2 else number * int(ctx.call_sync(factorial, number - 1))


@function
async def hang() -> None:
    await asyncio.Event().wait()


@function
def spin(ctx: Context) -> str:
    while not ctx.cancelled:
        pass
    raise MillraceError("cancelled", "as asked")


class TestEngineTest(unittest.TestCase):
    def both(self) -> Iterator[TestEngine]:
        for functions in ((greet, grow, shout, echo, through, factorial), (greet, shout, ashout, echo, athrough, hang)):
            with self.subTest(len(functions)), TestEngine(*functions) as engine:
                yield engine

    def test_calls_by_name_and_by_reference(self) -> None:
        for engine in self.both():
            self.assertEqual(engine.call("greet", "Ada"), "Hello, Ada")
            self.assertEqual(engine.call(shout, "Ada"), "HELLO, ADA")
        with TestEngine(grow) as engine:
            self.assertEqual(engine.call(grow, Person("Ada")), Person("Ada", 1))
            self.assertEqual(engine.call("grow", {"name": "Ada"}), {"name": "Ada", "age": 1})

    def test_carries_a_megabyte_through_two_functions(self) -> None:
        payload = bytes(range(256)) * 4_096
        with TestEngine(echo, through) as engine:
            self.assertEqual(engine.call("through", payload), payload)
        with TestEngine(echo, athrough) as engine:
            self.assertEqual(engine.call("athrough", payload), payload)

    def test_runs_a_recursion_on_one_worker(self) -> None:
        for threads in (None, 2):
            with TestEngine(factorial, threads=threads) as engine:
                self.assertEqual(engine.call("factorial", 20), 2_432_902_008_176_640_000)
                self.assertEqual([one.depth for one in engine.calls], list(range(19, -1, -1)))

    def test_fails_a_call_of_a_name_that_nobody_serves(self) -> None:
        for engine in self.both():
            with self.assertRaisesRegex(MillraceError, 'no function named "nobody"'):
                engine.call("nobody")

    def test_cancels_a_call_and_enforces_deadlines(self) -> None:
        for fn in (hang, spin):
            with TestEngine(fn) as engine:
                handle = engine.start(fn)
                handle.cancel()
                failure = handle.outcome().failure
                assert failure is not None
                self.assertEqual((failure.reason, failure.function), ("cancelled", fn.name))
                with self.assertRaises(MillraceError) as caught:
                    engine.call(fn, timeout_s=0.01)
                self.assertEqual(caught.exception.reason, "deadline_exceeded")

    def test_makes_calls_fail_and_crash_as_often_as_it_is_told(self) -> None:
        for engine in self.both():
            engine.fail("greet", MillraceError("overloaded", "busy", code="X", retryable=True)).times(2)
            for _ in range(2):
                with self.assertRaises(MillraceError) as caught:
                    engine.call("shout", "Ada")
                self.assertEqual(caught.exception.message, "overloaded: busy")
            self.assertEqual(engine.call("shout", "Ada"), "HELLO, ADA")
            engine.crash(greet).once()
            with self.assertRaises(MillraceError) as caught:
                engine.call("greet", "Ada")
            self.assertEqual(caught.exception.reason, "worker_crashed")

    def test_records_calls_and_logs(self) -> None:
        with TestEngine(greet, shout) as engine:
            engine.call("shout", "Ada")
            self.assertEqual(
                [(one.function, one.depth, one.outcome) for one in engine.calls],
                [("greet", 1, "ok"), ("shout", 0, "ok")],
            )
            self.assertEqual(
                [(one.message, one.attributes_json) for one in engine.logs], [("shouting", '{"name":"Ada"}')]
            )

    def test_runs_hooks_and_says_when_one_fails(self) -> None:
        order: list[str] = []
        with TestEngine(greet, start=[lambda: order.append("start")], stop=[lambda: order.append("stop")]):
            self.assertEqual(order, ["start"])
        self.assertEqual(order, ["start", "stop"])

        def fails() -> None:
            raise ValueError("no database")

        with self.assertRaisesRegex(UsageError, "no database"):
            TestEngine(greet, start=[fails])

    def test_spreads_calls_over_workers(self) -> None:
        with TestEngine(spin, workers=2) as engine:
            handles = [engine.start(spin), engine.start(spin)]
            for handle in handles:
                handle.cancel()
            self.assertEqual([handle.outcome().failure is None for handle in handles], [False, False])


class ContextTest(unittest.TestCase):
    def test_gives_what_the_test_says_and_runs_calls_by_reference(self) -> None:
        self.assertEqual(shout.handler("Ada", context()), "HELLO, ADA")
        ctx = context(cancelled=True, remaining_s=2.5, depth=3)
        self.assertEqual((ctx.cancelled, ctx.remaining_s, ctx.depth), (True, 2.5, 3))
        with self.assertRaisesRegex(UsageError, "no engine here"):
            asyncio.run(ashout.handler("Ada", context()))


if __name__ == "__main__":
    unittest.main()
