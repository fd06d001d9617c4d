"""The context of a call that an engine sent. Holds nothing of its own but the call: all is made when asked for."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Generator, Iterable
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from millrace._content import content_number, input_bytes
from millrace._duration import duration_us
from millrace._gen.layout import CONTENT_BYTES, CONTENT_JSON
from millrace._log import CallLog, WorkerLog
from millrace._pending_call import OutputForm, PendingCall
from millrace._sync_call import StartedCall, sync_output
from millrace._sync_stream import pour
from millrace.context import Context, Logger, SyncCall, Trace
from millrace.errors import UsageError
from millrace.function import ContentName, Function

if TYPE_CHECKING:
    from millrace._served_call import ServedCall


class ServedContext(Context):
    """See `Context`."""

    __slots__ = ("_call", "_log", "_worker_log")

    def __init__(self, call: ServedCall, worker_log: WorkerLog) -> None:
        self._call = call
        self._worker_log = worker_log
        self._log: Logger | None = None

    @property
    def id(self) -> int:
        """See `Context`."""
        return self._call.id

    @property
    def function(self) -> str:
        """See `Context`."""
        return self._call.fn.name

    @property
    def cancelled(self) -> bool:
        """See `Context`."""
        call = self._call
        if call.cancelled is None and not call.ended:
            call.calls.runtime.look()
        return call.cancelled is not None

    @property
    def deadline(self) -> datetime | None:
        """See `Context`."""
        left_s = self.remaining_s
        return None if left_s == float("inf") else datetime.now(timezone.utc) + timedelta(seconds=left_s)

    @property
    def remaining_s(self) -> float:
        """See `Context`."""
        return self._call.remaining_us / 1e6

    @property
    def depth(self) -> int:
        """See `Context`."""
        return self._call.header[13]

    @property
    def priority(self) -> int:
        """See `Context`."""
        return self._call.priority

    @property
    def attempt(self) -> int:
        """See `Context`."""
        return self._call.header[9]

    @property
    def trace(self) -> Trace:
        """See `Context`."""
        ids = self._call.header[10].hex()
        return Trace(ids[:32], ids[32:], self._call.header[11] & 1 == 1)

    @property
    def content(self) -> int:
        """See `Context`."""
        return self._call.header[14]

    def set_content(self, content: ContentName | int) -> None:
        """See `Context`."""
        self._call.own_content = content_number(content)

    @property
    def log(self) -> Logger:
        """See `Context`."""
        if self._log is None:
            self._log = CallLog(self._worker_log, self._call)
        return self._log

    def call(
        self,
        callee: str | Function[..., Any],
        input: Any = None,
        *,
        timeout_s: float | None = None,
        priority: int | None = None,
    ) -> Awaitable[Any]:
        """See `Context`."""
        return self._await(self._pending(callee, input, timeout_s, priority, "value", True))

    def call_bytes(
        self,
        callee: str | Function[..., Any],
        input: bytes = b"",
        *,
        timeout_s: float | None = None,
        priority: int | None = None,
    ) -> Awaitable[bytes]:
        """See `Context`."""
        if not isinstance(input, (bytes, bytearray, memoryview)):
            raise UsageError(f"call_bytes got {type(input).__qualname__}, not bytes")
        return self._await(self._pending(callee, input, timeout_s, priority, "bytes", True))

    def stream(
        self,
        callee: str | Function[..., Any],
        input: Any = None,
        *,
        timeout_s: float | None = None,
        priority: int | None = None,
    ) -> AsyncGenerator[Any, None]:
        """See `Context`."""
        from millrace._async_call import stream_output  # A worker without an event loop never loads asyncio.

        self._check_async("stream")
        return stream_output(self._call, self._pending(callee, input, timeout_s, priority, "stream", True))

    def gather(self, *calls: Awaitable[Any]) -> Awaitable[list[Any]]:
        """See `Context`."""
        from millrace._async_call import gather

        self._check_async("gather")
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
        call = self._call
        calls = call.calls
        if type(input) is bytes and type(callee) is str and timeout_s is None and priority is None:
            pending = PendingCall(call, callee, input, CONTENT_BYTES, "value", call.header[12])
        else:
            pending = self._pending(callee, input, timeout_s, priority, "value", False)
        if not calls.direct or pending.input_stream is not None:
            return self._start(pending).result()
        calls.runtime.check_sync()
        calls.caller.begin(pending)
        pump = calls.channel.pump
        while not pending.settled:
            pump()
        return pending.value()

    def start_sync(
        self,
        callee: str | Function[..., Any],
        input: Any = None,
        *,
        timeout_s: float | None = None,
        priority: int | None = None,
    ) -> SyncCall[Any]:
        """See `Context`."""
        return self._start(self._pending(callee, input, timeout_s, priority, "value", False))

    def gather_sync(self, *calls: SyncCall[Any]) -> list[Any]:
        """See `Context`."""
        try:
            return [call.result() for call in calls]
        except BaseException:
            for call in calls:
                call.cancel()
            raise

    def stream_sync(
        self,
        callee: str | Function[..., Any],
        input: Any = None,
        *,
        timeout_s: float | None = None,
        priority: int | None = None,
    ) -> Generator[Any, None, None]:
        """See `Context`."""
        pending = self._pending(callee, input, timeout_s, priority, "stream", False)
        return sync_output(self._call.calls, pending, self._start)

    def _start(self, pending: PendingCall) -> StartedCall:
        calls = self._call.calls
        runtime = calls.runtime
        runtime.check_sync()
        started = StartedCall(calls, pending, runtime.gate())
        runtime.do(lambda: calls.caller.begin(pending))
        stream = pending.input_stream
        if stream is not None:
            if not isinstance(stream, Iterable):
                calls.runtime.do(started.cancel)
                raise UsageError("a synchronous handler streams from an iterable of bytes, not an asynchronous one")
            started.wait_begun()
            pour(runtime, pending, stream)
        return started

    def _await(self, pending: PendingCall) -> Awaitable[Any]:
        from millrace._async_call import start_call

        self._check_async("call")
        return start_call(self._call, pending)

    def _check_async(self, method: str) -> None:
        if not self._call.fn.is_async:
            raise UsageError(f"{self._call.fn.name} is no `async def`: use ctx.{method}_sync")

    def _pending(
        self,
        callee: str | Function[..., Any],
        input: Any,
        timeout_s: float | None,
        priority: int | None,
        form: OutputForm,
        is_async: bool,
    ) -> PendingCall:
        name = callee if isinstance(callee, str) else callee.name
        if priority is None:
            priority = self._call.header[12]  # Rule `internal-priority`.
        elif not 0 <= priority <= 7:
            raise UsageError(f"priority of the call of {name} is {priority}; use an integer from 0 (urgent) to 7")
        timeout_us = 0 if timeout_s is None else duration_us(timeout_s, f"timeout_s of the call of {name}")
        stream: AsyncIterable[bytes] | Iterable[bytes] | None = None
        if type(input) is bytes:
            payload, content = input, CONTENT_BYTES
        elif isinstance(input, AsyncIterable) if is_async else hasattr(type(input), "__next__"):
            payload, content, stream = b"", CONTENT_BYTES, input
        elif input is None:
            payload, content = b"null", CONTENT_JSON
        else:
            payload, content = input_bytes(input)
        pending = PendingCall(self._call, name, payload, content, form, priority)
        pending.timeout_us = timeout_us
        pending.input_stream = stream
        if not isinstance(callee, str):
            pending.shape = callee.signature.result_shape
        return pending
