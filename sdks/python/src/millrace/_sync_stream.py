"""Streams of synchronous handlers, in both directions: they block where an asynchronous one would await."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from millrace.errors import UsageError

if TYPE_CHECKING:
    from millrace._payload_in import StreamedPayload
    from millrace._pending_call import PendingCall
    from millrace._runtime import Gate, Runtime
    from millrace._served_call import ServedCall


def incoming_parts(runtime: Runtime, payload: StreamedPayload) -> Iterator[bytes]:
    """The parts of a payload as they come.

    Raises:
        MillraceError: the payload ended early.
    """
    while True:
        gate = runtime.gate()
        part: bytes | None = runtime.do(lambda: _poll(payload, gate))
        if part is None:
            gate.wait()
        elif part:
            yield part
        else:
            return


def _poll(payload: StreamedPayload, gate: Gate) -> bytes | None:
    part = payload.poll()
    if part is None:
        payload.wake = gate.open
    return part


def send_parts(runtime: Runtime, call: ServedCall, parts: Iterator[Any]) -> None:
    """Sends what a generator gives, as credit allows, and ends the call.

    Raises:
        Exception: whatever the generator raises, or the call's cancellation.
    """
    whole: list[bytes] = []
    streaming = call.calls.streaming
    for part in parts:
        if call.cancelled is not None:
            raise call.cancelled
        encoded = call.encode_part(part)
        if streaming:
            _send_part(runtime, call, encoded)
        else:
            whole.append(encoded)
    runtime.do(call.end_stream if streaming else lambda: call.stream_whole(whole))


def _send_part(runtime: Runtime, call: ServedCall, part: bytes) -> None:
    gate = runtime.gate()
    if not runtime.do(lambda: call.send_part(part, gate.open)):
        gate.wait()


def pour(runtime: Runtime, call: PendingCall, stream: Iterable[bytes]) -> None:
    """Sends the input stream of a started internal call, and its end.

    Raises:
        UsageError: it gives something else than bytes.
    """
    for part in stream:
        if not isinstance(part, (bytes, bytearray, memoryview)):
            raise UsageError(f"a streamed input gave {type(part).__qualname__}, not bytes")
        if call.settled:
            return
        _pour_part(runtime, call, bytes(part))
    runtime.do(lambda: call.outgoing.finish(b"") if call.outgoing is not None else None)


def _pour_part(runtime: Runtime, call: PendingCall, part: bytes) -> None:
    gate = runtime.gate()
    if part and not runtime.do(lambda: call.outgoing is None or call.outgoing.write(part, gate.open)):
        gate.wait()
