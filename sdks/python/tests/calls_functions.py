"""Functions that the tests of calls serve."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import unittest
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, TypedDict

from millrace import Context, MillraceError, function
from scripted_engine import ScriptedEngine

VECTORS = Path(__file__).resolve().parents[3] / "spec" / "vectors"


SINGLE_VECTORS: list[dict[str, Any]] = [
    vector
    for path in sorted(VECTORS.glob("*.json"))
    for vector in json.loads(path.read_text("utf-8")).get("vectors", [])
]


@dataclasses.dataclass
class Person:
    name: str
    age: int = 0


class Pair(TypedDict):
    left: int
    right: int


@function
def echo(payload: bytes) -> bytes:
    return payload


@function
async def aecho(payload: bytes) -> bytes:
    return payload


@function
def greet(person: Person) -> str:
    return f"Hello, {person.name} ({person.age})"


@function
def total(pair: Pair) -> int:
    return pair["left"] + pair["right"]


@function
def add(left: int, right: int = 1) -> int:
    return left + right


@function
def grow(person: Person) -> Person:
    return dataclasses.replace(person, age=person.age + 1)


@function
def nothing() -> None:
    return None


@function
def fail(code: str) -> None:
    raise MillraceError("bad_input", "no such user", code=code, retryable=True)


@function
def divide(by: int) -> float:
    return 1 / by


@function
def busy() -> None:
    raise MillraceError("queue_full", "too many")


@function(content="text")
def text(given: str) -> str:
    return given.upper()


@function
def count(parts: Iterator[bytes]) -> int:
    return sum(len(part) for part in parts)


@function
async def acount(parts: AsyncIterator[bytes]) -> int:
    return sum([len(part) async for part in parts])


@function
def rows(number: int) -> Iterator[int]:
    yield from range(number)


@function
async def arows(number: int) -> AsyncIterator[int]:
    for one in range(number):
        yield one


@function
def blocks(number: int) -> Iterator[bytes]:
    for one in range(number):
        yield bytes([one % 256]) * 1_000


@function
async def ablocks(number: int) -> AsyncIterator[bytes]:
    for one in range(number):
        yield bytes([one % 256]) * 1_000


@function
def broken(number: int) -> Iterator[int]:
    yield number
    raise ValueError("in the middle")


@function
def about(ctx: Context) -> dict[str, Any]:
    return {
        "id": ctx.id,
        "function": ctx.function,
        "depth": ctx.depth,
        "priority": ctx.priority,
        "attempt": ctx.attempt,
        "trace": ctx.trace,
        "limited": ctx.deadline is not None,
        "remaining": ctx.remaining_s if ctx.remaining_s != float("inf") else None,
        "content": ctx.content,
    }


@function
async def hang() -> None:
    await asyncio.Event().wait()


@function
async def tidy(ctx: Context) -> str:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return f"tidied up, cancelled {ctx.cancelled}"
    return "never"


SYNC = (echo, greet, total, add, grow, nothing, fail, divide, busy, text, count, rows, blocks, broken, about)


class EngineTest(unittest.TestCase):
    def start(self, *functions: Any, **options: Any) -> ScriptedEngine:
        engine = ScriptedEngine(*functions, **options)
        self.addCleanup(engine.close)
        return engine
