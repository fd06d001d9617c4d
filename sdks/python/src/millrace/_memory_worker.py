"""A worker in a thread of this process, over two anonymous pipes: for tests of functions and of this package."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from typing import Any

from millrace._limits import MAX_CALLS_DEFAULT, NESTED_CALLS_DEFAULT, THREADS_DEFAULT
from millrace._pipe import Pipe
from millrace._worker import ChannelWorker
from millrace.function import Function
from millrace.serve import needs_loop

# What stands for the token of a worker that no process was launched for.
LAUNCH_WORD = "in-memory"


class MemoryWorker:
    """Starts at once. `in_fd` and `out_fd` are the engine's ends: it writes the first and reads the second, and closes
    both.
    """

    def __init__(
        self,
        functions: Sequence[Function[..., Any]],
        *,
        max_calls: int | None = None,
        threads: int | None = None,
        start: Sequence[Callable[[], Any]] = (),
        stop: Sequence[Callable[[], Any]] = (),
    ) -> None:
        """Options are those of `serve`."""
        self._functions = functions
        self._threads = threads
        self._start = start
        self._stop = stop
        # What it would have written to standard error.
        self.lines: list[str] = []
        # None while it runs.
        self.exit_code: int | None = None
        # What it died of, if a hook or the worker itself raised.
        self.raised: BaseException | None = None
        self.worker: ChannelWorker | None = None
        worker_in, self.in_fd = os.pipe()
        self.out_fd, worker_out = os.pipe()
        self.direct = threads is None and not needs_loop(functions, [*start, *stop])
        self._max_calls = max_calls or (NESTED_CALLS_DEFAULT if self.direct else MAX_CALLS_DEFAULT)
        self._pipe = Pipe(worker_in, worker_out)
        # A daemon: a handler under test that never ends must not keep the tests from ending.
        self._thread = threading.Thread(target=self._run, name="millrace-worker", daemon=True)
        self._thread.start()

    def join(self, timeout_s: float) -> int | None:
        """Waits for the end. Returns the exit code, or None when the time is over."""
        self._thread.join(timeout_s)
        return self.exit_code

    def _run(self) -> None:
        try:
            self.exit_code = self._run_direct() if self.direct else self._run_loop()
        except BaseException as raised:
            self.raised = raised
            self.lines.append(f"{type(raised).__qualname__}: {raised}")
            self._pipe.close()
            self.exit_code = 1

    def _make(self, runtime: Any, soon: Callable[[Callable[[], None]], object] | None) -> ChannelWorker:
        worker = ChannelWorker(
            self._functions, self._pipe, runtime, LAUNCH_WORD, self._max_calls, self._stop, soon, self.lines.append
        )
        self.worker = worker
        return worker

    def _run_direct(self) -> int:
        from millrace._direct import DirectRuntime

        runtime = DirectRuntime(self._pipe, self._max_calls)
        worker = self._make(runtime, None)
        for hook in self._start:
            hook()
        return runtime.main(worker)

    def _run_loop(self) -> int:
        import asyncio

        from millrace._event_loop import new_event_loop
        from millrace._loop import LoopRuntime

        loop = new_event_loop()
        try:
            runtime = LoopRuntime(loop, self._pipe, self._threads or THREADS_DEFAULT)
            worker = self._make(runtime, loop.call_soon)

            async def start() -> None:
                for hook in self._start:
                    result = hook()
                    if asyncio.iscoroutine(result):
                        await result

            loop.run_until_complete(start())
            return runtime.main(worker)
        finally:
            loop.close()
