"""The fixture of the conformance suite: `echo` and `interp`, as conformance/FIXTURE.md says. An ordinary program of
this SDK: `python conformance/fixture.py`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from typing import Any

from instructions import Instruction, instructions
from interp import Run, pattern
from millrace import Context, function, serve

# Put before both names, so that fixtures of several languages can serve one engine.
PREFIX = os.environ.get("MILLRACE_CONFORMANCE_PREFIX") or "".join(
    argument for argument in sys.argv[1:2] if not argument.startswith("--")
)


@function(f"{PREFIX}echo")
async def echo(payload: bytes) -> bytes:
    return payload


@function(f"{PREFIX}interp")
async def interp(program: bytes, ctx: Context) -> Any:
    steps = instructions(program)
    streams = any(one.op == "stream" for one in steps)
    return streamed(steps, ctx) if streams else await whole(steps, ctx)


async def whole(steps: list[Instruction], ctx: Context) -> bytes:
    run = Run(ctx)
    for one in steps:
        await run.step(one)
    return run.taken()


async def streamed(steps: list[Instruction], ctx: Context) -> AsyncIterator[bytes]:
    run = Run(ctx)
    for one in steps:
        if one.op != "stream":
            await run.step(one)
            continue
        yield run.taken()
        count, size, seed = one.operands
        for part in range(count):
            yield pattern(size, (seed + part) & 0xFFFF_FFFF)
    yield run.taken()


if __name__ == "__main__" and "--prewarm" in sys.argv:
    from millrace.__main__ import main

    main()
elif __name__ == "__main__":
    serve(echo, interp, zygote="--zygote" in sys.argv)
