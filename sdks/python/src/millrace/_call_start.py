"""Sends the INVOKE of an internal call, and what of its input does not fit there."""

from __future__ import annotations

from collections.abc import Callable

from millrace._channel import Channel
from millrace._gen.layout import BODY_BYTES, FLAG_MORE, FLAG_PAYLOAD_FILE, PAYLOAD_LENGTH_UNKNOWN
from millrace._handshake import Welcome
from millrace._payload_files import PayloadFiles
from millrace._payload_out import OutgoingPayload
from millrace._pending_call import PendingCall
from millrace._wire.headers import data_message, invoke_message
from millrace.errors import MillraceError


class CallStart:
    """Rules `internal-fields`, `internal-priority`, `data-input-end`."""

    def __init__(
        self,
        channel: Channel,
        welcome: Welcome,
        send_stream: Callable[[PendingCall], None],
        files: PayloadFiles | None = None,
    ) -> None:
        """`send_stream`: reads the call's streamed input and writes it to `call.outgoing`, in its own time.

        `files`: where payload files lie; None: `payload-file` was not accepted.
        """
        self._files = files
        self._channel = channel
        self._welcome = welcome
        self._send_stream = send_stream

    def send(self, call: PendingCall) -> MillraceError | None:
        """Sends INVOKE, and begins to send the rest. Returns why it can't, and then nothing was sent."""
        payload = call.input
        length = len(payload)
        if length <= BODY_BYTES and call.input_stream is None:
            self._invoke(call, 0, length, payload)
        elif call.input_stream is not None:
            if not self._welcome.streaming:
                return MillraceError("unsupported", "the engine did not accept streams on this channel")
            self._invoke(call, FLAG_MORE, PAYLOAD_LENGTH_UNKNOWN, b"")
            call.outgoing = self._outgoing(call, 0)
            self._send_stream(call)
            call.begun()
        else:
            bytes_max = self._welcome.payload_bytes_max if self._welcome.streaming else BODY_BYTES
            if length > bytes_max:
                return MillraceError(
                    "payload_too_large", f"the input for {call.name} has {length} bytes; the engine takes {bytes_max}"
                )
            least = self._welcome.file_bytes_min
            if self._files is not None and least is not None and length >= least:
                name = self._files.write(payload, owner_of(call))
                if name is not None:
                    self._invoke(call, FLAG_PAYLOAD_FILE, length, name.encode())
                    return None
            self._invoke(call, FLAG_MORE, length, payload[:BODY_BYTES])
            call.outgoing = self._outgoing(call, BODY_BYTES)
            call.outgoing.finish(payload[BODY_BYTES:])
        return None

    def _invoke(self, call: PendingCall, flags: int, payload_length: int, body: bytes) -> None:
        self._channel.send(
            invoke_message(
                flags,
                call.id,
                call.function_id,
                payload_length,
                call.timeout_us,
                call.parent.id,
                call.priority,
                call.input_content,
                body,
            )
        )

    def _outgoing(self, call: PendingCall, head_bytes: int) -> OutgoingPayload:
        call_id = call.id
        call.whole_result = False

        def send_tail(part: bytes, total: int) -> None:
            del total  # INVOKE has announced it, or nobody knows it.
            self._channel.send(data_message(0, call_id, part))

        return OutgoingPayload(self._channel, call_id, head_bytes, True, send_tail)


def owner_of(call: PendingCall) -> str:
    """An output's file may only go back as an input of the same function."""
    return f"function {call.name}"
