"""Runs one program of the conformance suite with what a handler of this SDK has: its context, and the process."""

from __future__ import annotations

import asyncio
import logging
import os
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

from instructions import Instruction
from millrace import Context, MillraceError, set_capacity
from millrace._gen.layout import REASONS

LOG = logging.getLogger("interp")
REASON_NAMES = {info.value: info.name for info in REASONS.values()}
LEVELS = {1: logging.DEBUG, 2: logging.INFO, 3: logging.WARNING, 4: logging.ERROR}
RETRY = {0: None, 1: True, 2: False}
RETRY_NUMBERS = {None: 0, True: 1, False: 2}
NO_LIMIT = 0xFFFF_FFFF


def pattern(count: int, seed: int) -> bytes:
    """The pattern bytes of a seed."""
    made = bytearray(count)
    x = seed
    for index in range(count):
        x = (x * 1_664_525 + 1_013_904_223) & 0xFFFF_FFFF
        made[index] = x >> 24
    return bytes(made)


class Run:
    """One run of a program: what it has put out, and the calls that it left running."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._output = bytearray()
        self._calls: list[Awaitable[bytes]] = []

    def taken(self) -> bytes:
        """Takes the output so far away."""
        taken, self._output = bytes(self._output), bytearray()
        return taken

    async def step(self, one: Instruction) -> None:
        """Runs one instruction."""
        step: Callable[..., Any] = getattr(self, f"_{one.op}")
        result = step(*one.operands)
        if asyncio.iscoroutine(result):
            await result

    def _echo(self, given: bytes) -> None:
        self._output += given

    def _fail(self, reason: int, retry: int, code: bytes, message: bytes) -> None:
        name = REASON_NAMES.get(reason)
        if name is None:
            raise MillraceError("bad_input", f"{reason} is no reason")
        raise MillraceError(name, message.decode(), code=code.decode() or None, retryable=RETRY.get(retry))

    def _throw(self, message: bytes) -> None:
        raise TypeError(message.decode())

    async def _sleep(self, ms: int) -> None:
        if not self._ctx.cancelled:
            try:
                await asyncio.sleep(ms / 1000)
            except asyncio.CancelledError:
                return  # A cancelled call wakes at once, and the next instruction runs.

    def _pattern(self, count: int, seed: int) -> None:
        self._output += pattern(count, seed)

    def _checksum(self, given: bytes) -> None:
        self._output += struct.pack("<I", zlib.crc32(given))

    async def _call(self, flags: int, name: bytes, timeout_ms: int, given: bytes) -> None:
        outcome = self._outcome(name.decode(), timeout_ms, given)
        if flags & 1:
            self._calls.append(asyncio.ensure_future(outcome))
        else:
            self._output += await outcome

    async def _join(self) -> None:
        calls, self._calls = self._calls, []
        for call in calls:
            self._output += await call

    def _stdout(self, count: int) -> None:
        sys.stdout.write("o" * count)
        sys.stdout.flush()

    def _stderr(self, count: int) -> None:
        sys.stderr.write("e" * count)
        sys.stderr.flush()

    def _exit(self, code: int) -> None:
        os._exit(code)

    def _signal(self, number: int) -> None:
        os.kill(os.getpid(), number)

    def _spawn(self, ms: int) -> None:
        subprocess.Popen(["sleep", str(ms / 1000)], close_fds=False)

    def _cancelled(self) -> None:
        self._output.append(1 if self._ctx.cancelled else 0)

    def _context(self) -> None:
        ctx = self._ctx
        left_s = ctx.remaining_s
        left_us = NO_LIMIT if left_s == float("inf") else min(NO_LIMIT - 1, int(left_s * 1e6))
        self._output += struct.pack("<BBII", ctx.depth, ctx.priority, ctx.attempt, left_us)
        self._output += bytes.fromhex(ctx.trace.trace_id + ctx.trace.span_id)
        self._output.append(1 if ctx.trace.sampled else 0)

    def _log(self, level: int, message: bytes) -> None:
        LOG.log(LEVELS.get(level, logging.INFO), "%s", message.decode())

    def _capacity(self, count: int) -> None:
        set_capacity(count)

    def _content(self, content: int) -> None:
        self._ctx.set_content(content)

    def _burn(self, ms: int) -> None:
        until = time.monotonic() + ms / 1000
        while time.monotonic() < until:
            pass

    def _bad(self) -> None:
        raise MillraceError("bad_input", "the program has an instruction that is unknown or cut off")

    async def _outcome(self, name: str, timeout_ms: int, given: bytes) -> bytes:
        try:
            output = await self._ctx.call_bytes(name, given, timeout_s=timeout_ms / 1000 or None)
        except MillraceError as error:
            head = struct.pack("<BBBB", 1, REASONS[error.reason].value, error.status, RETRY_NUMBERS[error.retry_hint])
            code, message = (error.code or "").encode(), error.message.encode()
            return head + struct.pack("<H", len(code)) + code + struct.pack("<H", len(message)) + message
        return struct.pack("<BI", 0, len(output)) + output
