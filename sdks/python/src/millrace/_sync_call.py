"""Internal calls of synchronous handlers."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from millrace._gen.layout import CONTENT_JSON, CONTENT_NDJSON
from millrace._output_items import ItemReader
from millrace._sync_stream import incoming_parts
from millrace.context import SyncCall
from millrace.errors import MillraceError

if TYPE_CHECKING:
    from millrace._payload_in import StreamedPayload
    from millrace._pending_call import PendingCall
    from millrace._runtime import Gate
    from millrace._served_calls import ServedCalls


class StartedCall(SyncCall[Any]):
    """See `SyncCall`."""

    def __init__(self, calls: ServedCalls, pending: PendingCall, gate: Gate) -> None:
        self._calls = calls
        self._pending = pending
        self._gate = gate
        pending.on_settled = gate.open

    def result(self) -> Any:
        """See `SyncCall`."""
        self._gate.wait()
        return self._pending.value()

    def cancel(self) -> None:
        """See `SyncCall`."""
        pending = self._pending
        error = MillraceError("cancelled", f"the call of {pending.name} was cancelled")
        self._calls.runtime.do(lambda: self._calls.caller.cancel(pending, error))

    @property
    def done(self) -> bool:
        """See `SyncCall`."""
        if not self._pending.settled:
            self._calls.runtime.look()
        return self._pending.settled

    def wait_begun(self) -> None:
        """Waits until INVOKE was sent, which may take a RESOLVE, or the call has failed."""
        gate = self._calls.runtime.gate()
        pending = self._pending

        def prepare() -> bool:
            if pending.settled or pending.outgoing is not None:
                return True
            pending.on_begun = gate.open
            return False

        if not self._calls.runtime.do(prepare):
            gate.wait()


def sync_output(
    calls: ServedCalls, pending: PendingCall, start: Callable[[PendingCall], StartedCall]
) -> Generator[Any, None, None]:
    """Starts a call now and gives its output as it comes."""
    runtime = calls.runtime
    head = runtime.gate()
    heads: list[StreamedPayload] = []

    def on_head(payload: StreamedPayload) -> None:
        heads.append(payload)
        head.open()

    pending.on_head = on_head
    start(pending)
    pending.on_settled = head.open
    if pending.settled:
        head.open()
    return _iterate(calls, pending, head, heads)


def _iterate(
    calls: ServedCalls, pending: PendingCall, head: Gate, heads: list[StreamedPayload]
) -> Generator[Any, None, None]:
    try:
        head.wait()
        if not heads:
            pending.value()
            return
        parts = incoming_parts(calls.runtime, heads[0])
        if pending.content not in (CONTENT_NDJSON, CONTENT_JSON):
            yield from parts
            return
        reader = ItemReader(pending)
        for part in parts:
            yield from reader.take(part)
        yield from reader.end()
    finally:
        if not pending.settled:
            calls.runtime.do(lambda: calls.caller.leave(pending))
