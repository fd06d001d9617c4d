"""Functions that the tests of a worker's life serve."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

from calls_functions import EngineTest, aecho, echo
from millrace import Context, function
from scripted_engine import ScriptedEngine


@function
def hold(ctx: Context) -> str:
    return str(ctx.call_sync("other"))


@function
async def ahold(ctx: Context) -> str:
    return str(await ctx.call("other"))


class BothTest(EngineTest):
    def both(self, *pairs: Any, **options: Any) -> Iterator[ScriptedEngine]:
        for fn in pairs or (echo, aecho):
            with self.subTest(fn.name):
                yield self.start(fn, **options)


class Watcher(logging.Handler):
    def __init__(self, seen: list[tuple[Any, Any]]) -> None:
        super().__init__()
        self._seen = seen

    def emit(self, record: logging.LogRecord) -> None:
        fields = record.__dict__
        if record.threadName != "Thread-1" and fields["function"]:
            self._seen.append((fields["call_id"], fields["function"]))


@function
async def count_slowly(parts: AsyncIterator[bytes]) -> int:
    await asyncio.Event().wait()
    return 0
