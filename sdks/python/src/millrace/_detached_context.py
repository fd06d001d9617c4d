"""A context without an engine, for unit tests and for functions that are called like plain ones."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Awaitable, Generator
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar

from millrace._content import content_number
from millrace.context import Context, Logger, SyncCall, Trace
from millrace.errors import UsageError
from millrace.function import ContentName, Function

T = TypeVar("T")

_NO_TRACE = Trace("0" * 32, "0" * 16, False)


class SilentLogger:
    """Logs nowhere."""

    def debug(self, message: str, **attributes: Any) -> None:
        """See `Logger`."""

    def info(self, message: str, **attributes: Any) -> None:
        """See `Logger`."""

    def warning(self, message: str, **attributes: Any) -> None:
        """See `Logger`."""

    def error(self, message: str, **attributes: Any) -> None:
        """See `Logger`."""


class EndedCall(SyncCall[T]):
    """A call that was run when it was started."""

    def __init__(self, output: T) -> None:
        self._output = output

    def result(self) -> T:
        """See `SyncCall`."""
        return self._output

    def cancel(self) -> None:
        """See `SyncCall`."""

    @property
    def done(self) -> bool:
        """See `SyncCall`."""
        return True


class DetachedContext(Context):
    """Calls by reference run the other handler here and now, calls by name raise a `UsageError` that says so."""

    def __init__(
        self,
        *,
        function: str = "test",
        cancelled: bool = False,
        remaining_s: float = float("inf"),
        depth: int = 0,
        priority: int = 3,
        attempt: int = 1,
        trace: Trace | None = None,
        content: int = 1,
        log: Logger | None = None,
    ) -> None:
        self._function = function
        self._cancelled = cancelled
        self._remaining_s = remaining_s
        self._depth = depth
        self._priority = priority
        self._attempt = attempt
        self._trace = _NO_TRACE if trace is None else trace
        self._content = content
        self._log: Logger = SilentLogger() if log is None else log
        # What `set_content` was last told; None: nothing.
        self.own_content: int | None = None

    @property
    def id(self) -> int:
        """See `Context`."""
        return 0

    @property
    def function(self) -> str:
        """See `Context`."""
        return self._function

    @property
    def cancelled(self) -> bool:
        """See `Context`."""
        return self._cancelled

    @property
    def deadline(self) -> datetime | None:
        """See `Context`."""
        left_s = self._remaining_s
        return None if left_s == float("inf") else datetime.now(timezone.utc) + timedelta(seconds=left_s)

    @property
    def remaining_s(self) -> float:
        """See `Context`. Stands still."""
        return self._remaining_s

    @property
    def depth(self) -> int:
        """See `Context`."""
        return self._depth

    @property
    def priority(self) -> int:
        """See `Context`."""
        return self._priority

    @property
    def attempt(self) -> int:
        """See `Context`."""
        return self._attempt

    @property
    def trace(self) -> Trace:
        """See `Context`."""
        return self._trace

    @property
    def content(self) -> int:
        """See `Context`."""
        return self._content

    def set_content(self, content: ContentName | int) -> None:
        """See `Context`."""
        self.own_content = content_number(content)

    @property
    def log(self) -> Logger:
        """See `Context`."""
        return self._log

    async def call(
        self,
        callee: str | Function[..., Any],
        input: Any = None,
        *,
        timeout_s: float | None = None,
        priority: int | None = None,
    ) -> Any:
        """See `Context`."""
        result = self._run(callee, input, priority)
        if inspect.isawaitable(result):
            result = await result
        if hasattr(type(result), "__anext__"):
            return [item async for item in result]
        return list(result) if hasattr(type(result), "__next__") else result

    async def call_bytes(
        self,
        callee: str | Function[..., Any],
        input: bytes = b"",
        *,
        timeout_s: float | None = None,
        priority: int | None = None,
    ) -> bytes:
        """See `Context`."""
        output = await self.call(callee, input)
        if isinstance(output, list):
            output = b"".join(output)
        if not isinstance(output, bytes):
            raise UsageError("call_bytes without an engine needs a function of bytes")
        return output

    async def stream(
        self,
        callee: str | Function[..., Any],
        input: Any = None,
        *,
        timeout_s: float | None = None,
        priority: int | None = None,
    ) -> AsyncGenerator[Any, None]:
        """See `Context`."""
        result = self._run(callee, input, priority)
        if inspect.isawaitable(result):
            result = await result
        if hasattr(type(result), "__anext__"):
            async for item in result:
                yield item
        elif hasattr(type(result), "__next__"):
            for item in result:
                yield item
        else:
            yield result

    def gather(self, *calls: Awaitable[Any]) -> Awaitable[list[Any]]:
        """See `Context`."""
        from millrace._async_call import gather

        return gather(calls)

    def call_sync(
        self,
        callee: str | Function[..., Any],
        input: Any = None,
        *,
        timeout_s: float | None = None,
        priority: int | None = None,
    ) -> Any:
        """See `Context`."""
        result = self._run(callee, input, priority)
        return list(result) if hasattr(type(result), "__next__") else result

    def start_sync(
        self,
        callee: str | Function[..., Any],
        input: Any = None,
        *,
        timeout_s: float | None = None,
        priority: int | None = None,
    ) -> SyncCall[Any]:
        """See `Context`. Runs the callee before it returns."""
        return EndedCall(self.call_sync(callee, input, timeout_s=timeout_s, priority=priority))

    def gather_sync(self, *calls: SyncCall[Any]) -> list[Any]:
        """See `Context`."""
        return [call.result() for call in calls]

    def stream_sync(
        self,
        callee: str | Function[..., Any],
        input: Any = None,
        *,
        timeout_s: float | None = None,
        priority: int | None = None,
    ) -> Generator[Any, None, None]:
        """See `Context`."""
        result = self._run(callee, input, priority)
        if hasattr(type(result), "__next__"):
            yield from result
        else:
            yield result

    def _run(self, callee: str | Function[..., Any], input: Any, priority: int | None) -> Any:
        if isinstance(callee, str):
            raise UsageError(
                f'there is no engine here that could find "{callee}": call by reference, or use millrace.testing'
            )
        inner = DetachedContext(
            function=callee.name,
            cancelled=self._cancelled,
            remaining_s=self._remaining_s,
            depth=self._depth + 1,
            priority=self._priority if priority is None else priority,
            trace=self._trace,
            log=self._log,
        )
        return callee.invoke(input, inner) if callee.takes_context else callee.invoke(input)
