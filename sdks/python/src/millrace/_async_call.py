"""Internal calls of `async def` handlers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Iterable
from typing import TYPE_CHECKING, Any

from millrace._gen.layout import CONTENT_JSON, CONTENT_NDJSON
from millrace._output_items import ItemReader
from millrace.errors import MillraceError

if TYPE_CHECKING:
    from millrace._payload_in import StreamedPayload
    from millrace._pending_call import PendingCall
    from millrace._served_call import ServedCall
    from millrace._served_calls import ServedCalls


class CallFuture(asyncio.Future[Any]):
    """The outcome of an internal call. Cancelling it cancels the call, and so do `asyncio.timeout` and `wait_for`."""

    def __init__(self, call: ServedCall, pending: PendingCall) -> None:
        super().__init__()
        self._call = call
        self._pending = pending
        pending.on_settled = self._settle
        call.calls.caller.begin(pending)

    def cancel(self, msg: Any = None) -> bool:
        """Gives the call up."""
        pending = self._pending
        if not pending.settled:
            error = MillraceError("cancelled", f"the call of {pending.name} was cancelled")
            pending.on_settled = None
            self._call.calls.caller.cancel(pending, error)
        return super().cancel(msg)

    def _settle(self) -> None:
        if self.done():
            return
        try:
            self.set_result(self._pending.value())
        except MillraceError as error:
            self.set_exception(error)
            if self._call.ended or self._call.cancelled is not None:
                # A call that its function did not wait for ends with it, and nobody may be left to hear that.
                self.exception()


def start_call(call: ServedCall, pending: PendingCall) -> Awaitable[Any]:
    """Starts a call; its outcome comes when awaited."""
    return CallFuture(call, pending)


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
