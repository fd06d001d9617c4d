"""Functions that the tests of internal calls serve."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator
from typing import Any

from calls_functions import Person
from millrace import Context, MillraceError, function
from millrace._gen import layout

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
