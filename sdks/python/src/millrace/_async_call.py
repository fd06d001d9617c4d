"""Internal calls of `async def` handlers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterable
from contextvars import Context
from typing import TYPE_CHECKING, Any

from millrace._gen.layout import CONTENT_JSON, CONTENT_NDJSON
from millrace._output_items import ItemReader
from millrace.errors import MillraceError

if TYPE_CHECKING:
    from millrace._payload_in import StreamedPayload
    from millrace._pending_call import PendingCall
    from millrace._served_call import ServedCall
    from millrace._served_calls import ServedCalls


class CallFuture:
    """The outcome of an internal call: what `asyncio` takes for a future. Cancelling it cancels the call, and so do
    `asyncio.timeout` and `wait_for`.

    One of asyncio's own tells its waiters in the next turn of the loop. This one, settled by a message and not by
    another task, lets the waiting task go on at once, so that what it sends leaves in the same turn.
    """

    # Set while a task that awaits it is being told so; by this attribute asyncio knows a future.
    _asyncio_future_blocking = False

    def __init__(self, call: ServedCall, pending: PendingCall, loop: asyncio.AbstractEventLoop) -> None:
        self._call = call
        self._pending = pending
        self._loop = loop
        self._callbacks: list[tuple[Callable[[Any], object], Context | None]] = []
        self._cancelled = False
        self._cancel_message: Any = None
        self._value: Any = None
        self._error: BaseException | None = None
        self._done = False
        pending.on_settled = self._settle
        call.calls.caller.begin(pending)

    def cancel(self, msg: Any = None) -> bool:
        """Gives the call up. False: it had ended."""
        if self._done:
            return False
        pending = self._pending
        pending.on_settled = None
        self._cancelled = True
        self._cancel_message = msg
        error = MillraceError("cancelled", f"the call of {pending.name} was cancelled")
        self._call.calls.caller.cancel(pending, error)
        self._finish()
        return True

    def cancelled(self) -> bool:
        """Whether it was cancelled here."""
        return self._cancelled

    def done(self) -> bool:
        """Whether the outcome is there."""
        return self._done

    def result(self) -> Any:
        """The output.

        Raises:
            MillraceError: there is none.
            CancelledError: it was cancelled here.
            InvalidStateError: it is not there yet.
        """
        error = self.exception()
        if error is not None:
            raise error
        return self._value

    def exception(self) -> BaseException | None:
        """Why there is no output; None: there is one. Raises as `result`."""
        if self._cancelled:
            raise (
                asyncio.CancelledError()
                if self._cancel_message is None
                else asyncio.CancelledError(self._cancel_message)
            )
        if not self._done:
            raise asyncio.InvalidStateError("the call has not ended")
        return self._error

    def add_done_callback(self, callback: Callable[[Any], object], *, context: Context | None = None) -> None:
        """Calls `callback` when the outcome is there."""
        if self._done:
            self._loop.call_soon(callback, self, context=context)
        else:
            self._callbacks.append((callback, context))

    def remove_done_callback(self, callback: Callable[[Any], object]) -> int:
        """Takes a callback back. Returns how often it was there."""
        kept = [one for one in self._callbacks if one[0] != callback]
        removed = len(self._callbacks) - len(kept)
        self._callbacks = kept
        return removed

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """The loop that it belongs to."""
        return self._loop

    def __await__(self) -> Generator[Any, None, Any]:
        if not self._done:
            self._asyncio_future_blocking = True
            yield self
        return self.result()

    __iter__ = __await__

    def _settle(self) -> None:
        if self._done:
            return
        try:
            self._value = self._pending.value()
        except MillraceError as error:
            self._error = error
        self._finish()

    def _finish(self) -> None:
        self._done = True
        callbacks, self._callbacks = self._callbacks, []
        # A task cannot take a step inside of another one's, or before the one that awaits it has finished its own.
        now = asyncio.current_task(self._loop) is None and not self._cancelled
        for callback, context in callbacks:
            if not now:
                self._loop.call_soon(callback, self, context=context)
            elif context is None:
                callback(self)
            else:
                context.run(callback, self)


def start_call(call: ServedCall, pending: PendingCall) -> Awaitable[Any]:
    """Starts a call; its outcome comes when awaited."""
    return CallFuture(call, pending, asyncio.get_running_loop())


def stream_output(call: ServedCall, pending: PendingCall) -> AsyncGenerator[Any, None]:
    """Starts a call now and gives its output as it comes."""
    head: asyncio.Future[StreamedPayload | None] = asyncio.get_running_loop().create_future()

    def on_head(payload: StreamedPayload) -> None:
        if not head.done():
            head.set_result(payload)

    def on_settled() -> None:
        if not head.done():
            head.set_result(None)

    pending.on_head = on_head
    pending.on_settled = on_settled
    call.calls.caller.begin(pending)
    return _iterate(call.calls, pending, head)


async def _iterate(
    calls: ServedCalls, pending: PendingCall, head: asyncio.Future[StreamedPayload | None]
) -> AsyncGenerator[Any, None]:
    try:
        payload = await head
        if payload is None:
            pending.value()
            return
        parts = incoming_parts(payload)
        if pending.content not in (CONTENT_NDJSON, CONTENT_JSON):
            async for part in parts:
                yield part
            return
        reader = ItemReader(pending)
        async for part in parts:
            for item in reader.take(part):
                yield item
        for item in reader.end():
            yield item
    finally:
        if not pending.settled:
            calls.caller.leave(pending)


async def incoming_parts(payload: StreamedPayload) -> AsyncIterator[bytes]:
    """The parts of a payload as they come.

    Raises:
        MillraceError: the payload ended early.
    """
    loop = asyncio.get_running_loop()
    while True:
        part = payload.poll()
        if part is None:
            woken: asyncio.Future[None] = loop.create_future()
            payload.wake = lambda: None if woken.done() else woken.set_result(None)
            await woken
        elif part:
            yield part
        else:
            return


async def gather(calls: Iterable[Awaitable[Any]]) -> list[Any]:
    """See `Context.gather`."""
    futures = [asyncio.ensure_future(call) for call in calls]
    try:
        return list(await asyncio.gather(*futures))
    except BaseException:
        for future in futures:
            future.cancel()
        # Their own failures, told late, are not news any more.
        await asyncio.gather(*futures, return_exceptions=True)
        raise
