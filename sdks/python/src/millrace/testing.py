"""Tests of functions: `context` for one handler alone, `TestEngine` for functions that call each other.

    with TestEngine(greet, shout) as engine:
        assert engine.call("greet", "Ada") == "Hello, Ada"
        engine.fail("greet").times(2)

The engine runs in this process and needs no other. Workers run in threads, functions as under the real engine: the
same codecs, streams, cancellation, deadlines and failures. Its methods may be called on any thread.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from millrace._content import input_bytes, parse_output
from millrace._detached_context import DetachedContext
from millrace._duration import duration_us
from millrace._memory_worker import MemoryWorker
from millrace._signature import shaped
from millrace._test_calls import CallRecord, Link, Outcome, TestCall
from millrace._test_engine import EngineThread, new_trace
from millrace._wire.cold import Failure, Log
from millrace.context import Logger, Trace
from millrace.errors import MillraceError, UsageError
from millrace.function import Function
from millrace.serve import Servable, functions_of

__all__ = ["CallHandle", "CallRecord", "Failure", "Log", "Outcome", "TestEngine", "Times", "context"]

# How long a worker may take to start and to end. Unit: seconds.
START_S_MAX = 30.0


def context(
    *,
    function: str = "test",
    cancelled: bool = False,
    remaining_s: float = float("inf"),
    depth: int = 0,
    priority: int = 3,
    attempt: int = 1,
    trace: Trace | None = None,
    log: Logger | None = None,
) -> DetachedContext:
    """Makes a context without an engine.

    To give to one handler, such as `greet.handler("Ada", context(cancelled=True))`.

    Calls by reference run the other handler here and now; calls by name raise a `UsageError`. Logs nowhere by default.
    """
    return DetachedContext(
        function=function,
        cancelled=cancelled,
        remaining_s=remaining_s,
        depth=depth,
        priority=priority,
        attempt=attempt,
        log=log,
        trace=trace,
    )


class Times:
    """How often a fault strikes, from the next call on."""

    def __init__(self, set_left: Callable[[float], None]) -> None:
        self._set_left = set_left

    def once(self) -> None:
        """The next call only."""
        self._set_left(1)

    def times(self, count: int) -> None:
        """The next `count` calls."""
        self._set_left(count)

    def always(self) -> None:
        """Every call, until another fault of the same function replaces this one."""
        self._set_left(float("inf"))


class CallHandle:
    """A call that was started."""

    def __init__(self, engine: EngineThread, call: TestCall, shape: Any) -> None:
        self._engine = engine
        self._call = call
        self._shape = shape
        self._future: Future[Outcome] = call.future or Future()

    def cancel(self) -> None:
        """Gives it up, as a client that disconnects does. The handler may still answer."""
        self._engine.do(lambda: self._engine.cancel(self._call))

    @property
    def done(self) -> bool:
        """Whether the outcome is there."""
        return self._future.done()

    def outcome(self, timeout_s: float | None = None) -> Outcome:
        """Waits for the outcome: bytes and content, or the failure.

        Raises:
            TimeoutError: it did not come in `timeout_s` seconds. Default: no limit.
        """
        return self._future.result(timeout_s)

    def result(self, timeout_s: float | None = None) -> Any:
        """Waits for the outcome and gives the output as `ctx.call` does.

        Raises:
            MillraceError: the call failed.
            TimeoutError: as `outcome`.
        """
        output, content, failure = self.outcome(timeout_s)
        if failure is not None:
            raise MillraceError.of_failure(failure)
        what = f"output of {self._call.name}"
        return shaped(self._shape, parse_output(output, content, what), what)


class TestEngine:
    """An engine in memory. Starts at once; a context manager that stops it.

    Args:
        functions: Functions, or modules and mappings that hold them.
        workers: Workers that serve them, each in a thread of its own. Default 1.
        max_calls: See `serve`.
        threads: See `serve`.
        timeout_s: Limit of calls that set none. Default: none.
        start: Run before each worker takes calls, in place of `on_start`.
        stop: Run at its end, in place of `on_stop`.

    Raises:
        UsageError: there is no function, or a worker does not start.
    """

    __test__ = False  # For test runners that collect by name.

    def __init__(
        self,
        *functions: Servable,
        workers: int = 1,
        max_calls: int | None = None,
        threads: int | None = None,
        timeout_s: float | None = None,
        start: Sequence[Callable[[], Any]] = (),
        stop: Sequence[Callable[[], Any]] = (),
    ) -> None:
        found = functions_of(functions)
        if not found:
            raise UsageError("there is no function to test")
        self._timeout_s = timeout_s
        self._faults: dict[str, tuple[float, Failure]] = {}
        self._lock = threading.Lock()
        self._workers = [
            MemoryWorker(found, max_calls=max_calls, threads=threads, start=start, stop=stop) for _ in range(workers)
        ]
        self._engine = EngineThread([Link(worker) for worker in self._workers], self._strike)
        self._engine.start()
        self._stopped = False
        if not self._engine.ready.wait(START_S_MAX) or any(worker.raised for worker in self._workers):
            lines = [line for worker in self._workers for line in worker.lines]
            raise UsageError(f"the workers do not start: {' '.join(lines)}")

    def __enter__(self) -> TestEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def call(
        self, callee: str | Function[..., Any], input: Any = None, *, timeout_s: float | None = None, priority: int = 3
    ) -> Any:
        """Makes an external call and waits for its output; see `Context.call`.

        Raises:
            MillraceError: it failed.
        """
        return self.start(callee, input, timeout_s=timeout_s, priority=priority).result()

    def start(
        self, callee: str | Function[..., Any], input: Any = None, *, timeout_s: float | None = None, priority: int = 3
    ) -> CallHandle:
        """Starts an external call.

        Raises:
            UsageError: the engine has stopped, or an argument is out of range.
        """
        if self._stopped:
            raise UsageError("the test engine has stopped")
        name, shape = (callee, None) if isinstance(callee, str) else (callee.name, callee.signature.result_shape)
        payload, content = input_bytes(input)
        call = TestCall(name, payload, content)
        limit_s = self._timeout_s if timeout_s is None else timeout_s
        if limit_s is not None:
            call.deadline = time.monotonic() + duration_us(limit_s, f"timeout_s of the call of {name}") / 1e6
        call.priority = priority
        call.trace = new_trace()
        call.future = Future()
        self._engine.do(lambda: self._engine.submit(call))
        return CallHandle(self._engine, call, shape)

    def fail(self, callee: str | Function[..., Any], error: MillraceError | None = None) -> Times:
        """Makes calls of a function fail instead of running, with that error. Default: `handler_error`."""
        name = callee if isinstance(callee, str) else callee.name
        given = error or MillraceError("handler_error", f"{name} was made to fail by the test")
        code, hint = given.code or "", given.retry_hint
        return self._fault(name, Failure(given.reason, given.status, given.message, code, retryable=hint))

    def crash(self, callee: str | Function[..., Any]) -> Times:
        """Makes calls of a function end as when its worker dies: with `worker_crashed`, and nothing of it is run."""
        name = callee if isinstance(callee, str) else callee.name
        return self._fault(name, Failure("worker_crashed", 14, f"the worker of {name} was made to crash by the test"))

    @property
    def calls(self) -> list[CallRecord]:
        """What became of each call so far, oldest first; internal calls too. The newest 10,000."""
        return list(self._engine.records)

    @property
    def logs(self) -> list[Log]:
        """What handlers logged by `ctx.log` so far, oldest first. The newest 10,000."""
        return list(self._engine.logs)

    def stop(self) -> None:
        """Drains and ends everything. Calling it twice is allowed.

        Raises:
            UsageError: a worker does not end, because a handler does not.
        """
        if self._stopped:
            return
        self._stopped = True
        self._engine.do(self._engine.stop)
        self._engine.join(START_S_MAX)
        if self._engine.is_alive():
            raise UsageError(f"a worker did not end in {START_S_MAX:.0f} s: a handler is still running")

    def _fault(self, name: str, failure: Failure) -> Times:
        def set_left(left: float) -> None:
            with self._lock:
                self._faults[name] = (left, failure)

        return Times(set_left)

    def _strike(self, name: str) -> Failure | None:
        with self._lock:
            left, failure = self._faults.get(name, (0.0, None))
            if left <= 0 or failure is None:
                return None
            self._faults[name] = (left - 1, failure)
            return failure
