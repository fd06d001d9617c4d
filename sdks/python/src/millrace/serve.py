"""Serves functions to the engine that started this process."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any, NoReturn

from millrace._handshake import check_functions
from millrace._limits import (
    MAX_CALLS_DEFAULT,
    MAX_CALLS_MAX,
    NESTED_CALLS_DEFAULT,
    NESTED_CALLS_MAX,
    THREADS_DEFAULT,
    THREADS_MAX,
)
from millrace._log import install_logging
from millrace._payload_files import PayloadFiles
from millrace._pipe import Pipe, engine_is_absent, open_pipe
from millrace._segment import decline_segment
from millrace._worker import EXIT_CONFIG, EXIT_ENGINE_GONE, ChannelWorker, say_line
from millrace.errors import UsageError, user_stack
from millrace.function import Function
from millrace.hooks import PROCESS

__all__ = ["Servable", "serve"]

# A function, a module or mapping that holds some, or several of these; what is no function in them is passed over.
Servable = Function[..., Any] | ModuleType | Mapping[str, Any] | Iterable["Servable"]


def serve(
    *functions: Servable,
    max_calls: int | None = None,
    threads: int | None = None,
    logging: bool = True,
    zygote: bool = False,
) -> NoReturn:
    """Serves functions until the worker has ended, and ends the process.

    Not needed in a file that the engine loads by itself, but harmless there: then this decides what is served.

        if __name__ == "__main__":
            serve(greet, shout)

    The process ends with 0 when drained, 69 when the engine is gone, 76 when it broke the protocol, 78 when no engine
    started it or a start hook failed. Before that, standard streams are flushed and `atexit` runs, as by `sys.exit`.

    Args:
        functions: Functions, or modules and mappings that hold them, such as `globals()`.
        max_calls: Calls to run at once, 1 to 65,535. Default: 1,024, or 64 when all handlers are synchronous and
            `threads` is not given. The engine may use fewer.
        threads: Synchronous handlers to run at once, 1 to 1,024, each in a thread of its own. Default: when all
            handlers and hooks are synchronous none, and they run one at a time where the messages are read, which is
            the quickest way; beside an `async def`, 16.
        logging: Whether the standard `logging` is sent to the engine, with the ids of its calls. Default True.
        zygote: Whether to fork workers on demand instead, each with all that is loaded by now: what the engine starts
            with `--zygote` for a program with `fork`. Start hooks run in the workers. Default False, or True under
            `python -m millrace --zygote`.

    Raises:
        UsageError: there is no function, two have one name, an option is out of range, or `serve` was called before:
            one process serves one channel.
        SystemExit: at the end, always.
    """
    if PROCESS.worker is not None:
        raise UsageError("serve was called before: give it all functions at once")
    found = functions_of(functions)
    check_functions(found)
    direct = threads is None and not needs_loop(found, [*PROCESS.start, *PROCESS.stop])
    calls_max = _max_calls(max_calls, direct)
    if threads is not None and not 1 <= threads <= THREADS_MAX:
        raise UsageError(f"threads is {threads!r}; use an integer from 1 to {THREADS_MAX}")
    run = run_direct if direct else run_loop
    if PROCESS.loading:
        from millrace._prewarm import CodeReadyError

        raise CodeReadyError(
            lambda pipe, token: run(found, pipe, token, calls_max, threads or THREADS_DEFAULT, logging)
        )
    if zygote or PROCESS.zygote:
        from millrace._zygote import await_fork

        _preload(direct)
        await_fork(open_channel)
        # From here on it is one of the forked workers.
    pipe, token = open_channel()
    sys.exit(run(found, pipe, token, calls_max, threads or THREADS_DEFAULT, logging))


def _preload(direct: bool) -> None:
    """Imports what the worker is going to, so that no forked one has to."""
    for name in ("millrace._direct",) if direct else ("asyncio", "millrace._event_loop", "millrace._loop"):
        import_module(name)


def run_direct(
    functions: Sequence[Function[..., Any]], pipe: Pipe, token: str, max_calls: int, _threads: int, logging: bool
) -> int:
    """Runs a worker without an event loop."""
    from millrace._direct import DirectRuntime

    runtime = DirectRuntime(pipe, max_calls)
    worker = ChannelWorker(functions, pipe, runtime, token, max_calls, PROCESS.stop)
    PROCESS.worker = worker
    if logging:
        install_logging(runtime, lambda: worker.log)
    for hook in PROCESS.start:
        try:
            hook()
        except Exception as raised:
            return _start_failed(raised)
    return runtime.main(worker)


def run_loop(
    functions: Sequence[Function[..., Any]], pipe: Pipe, token: str, max_calls: int, threads: int, logging: bool
) -> int:
    """Runs a worker with an event loop of its own."""
    import asyncio

    from millrace._event_loop import new_event_loop
    from millrace._loop import LoopRuntime

    loop = new_event_loop()
    asyncio.set_event_loop(loop)
    runtime = LoopRuntime(loop, pipe, threads)
    worker = ChannelWorker(functions, pipe, runtime, token, max_calls, PROCESS.stop, loop.call_soon)
    PROCESS.worker = worker
    if logging:
        install_logging(runtime, lambda: worker.log)

    async def start() -> None:
        for hook in PROCESS.start:
            result = hook()
            if asyncio.iscoroutine(result):
                await result

    try:
        loop.run_until_complete(start())
    except Exception as raised:
        return _start_failed(raised)
    return runtime.main(worker)


def open_channel() -> tuple[Pipe, str]:
    """Opens the pipes of the launch contract, and takes its variables out of the environment, so that what this process
    starts does not inherit the token (rule `launch-environment-cleared`). Exits with 78 or 69 when there are none.
    """
    paths = [os.environ.pop(f"MILLRACE_{name}", None) for name in ("CHANNEL_IN", "CHANNEL_OUT", "TOKEN")]
    decline_segment(os.environ.pop("MILLRACE_RING", None))
    in_path, out_path, token = paths
    payloads = os.environ.pop("MILLRACE_PAYLOAD_DIR", None)
    PROCESS.payloads = None if payloads is None else PayloadFiles(payloads)
    if in_path is None or out_path is None or token is None:
        leave(EXIT_CONFIG, "this is a Millrace worker and no engine started it: run `millrace dev <file>` instead")
    try:
        return open_pipe(in_path, out_path), token
    except OSError as error:
        why = "the engine is gone: nobody reads the channel" if engine_is_absent(error) else str(error)
        leave(EXIT_ENGINE_GONE, why)


def functions_of(of: Iterable[Any]) -> list[Function[..., Any]]:
    """The functions among some values, each once."""
    found: dict[int, Function[..., Any]] = {}
    for one in of:
        if isinstance(one, Function):
            found[id(one)] = one
        elif isinstance(one, ModuleType):
            found.update((id(fn), fn) for fn in vars(one).values() if isinstance(fn, Function))
        elif isinstance(one, Mapping):
            found.update((id(fn), fn) for fn in one.values() if isinstance(fn, Function))
        elif isinstance(one, Iterable):
            found.update((id(fn), fn) for fn in functions_of(one))
        else:
            raise UsageError(f"{one!r} is no function: put @function before its definition")
    return list(found.values())


def needs_loop(functions: Iterable[Function[..., Any]], hooks: Iterable[Callable[[], Any]]) -> bool:
    """Whether anything to run is asynchronous."""
    return any(fn.is_async for fn in functions) or any(inspect.iscoroutinefunction(hook) for hook in hooks)


def leave(code: int, line: str) -> NoReturn:
    """Says one line and ends the process."""
    say_line(line)
    sys.exit(code)


def _max_calls(max_calls: int | None, direct: bool) -> int:
    if max_calls is None:
        return NESTED_CALLS_DEFAULT if direct else MAX_CALLS_DEFAULT
    highest = NESTED_CALLS_MAX if direct else MAX_CALLS_MAX
    if isinstance(max_calls, bool) or not isinstance(max_calls, int) or not 1 <= max_calls <= highest:
        where = " for synchronous handlers without threads" if direct else ""
        raise UsageError(f"max_calls is {max_calls!r}; use an integer from 1 to {highest}{where}")
    return max_calls


def _start_failed(raised: Exception) -> int:
    if PROCESS.prewarmed is not None:
        from millrace._prewarm import StartFailedError

        raise StartFailedError(f"an on_start hook failed: {user_stack(raised).rstrip()}") from raised
    say_line(f"an on_start hook failed: {user_stack(raised).rstrip()}")
    return EXIT_CONFIG
