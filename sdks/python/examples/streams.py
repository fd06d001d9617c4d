"""Streams, in and out: bytes as they come, items as lines of JSON."""

from collections.abc import AsyncIterator, Iterator

from millrace import Context, function


@function("checksum")
async def add_up(parts: AsyncIterator[bytes]) -> int:
    return sum([sum(part) async for part in parts]) % 65_536


@function
def countdown(start: int) -> Iterator[int]:
    while start > 0:
        yield start
        start -= 1


@function
async def squares(start: int, ctx: Context) -> AsyncIterator[int]:
    async for number in ctx.stream(countdown, start):
        yield number * number
