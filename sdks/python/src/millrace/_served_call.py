"""One call that this worker runs, from its INVOKE to its one final message (rule `call-one-final`)."""

from __future__ import annotations

from time import monotonic_ns
from typing import TYPE_CHECKING, Any, Final, Literal

from millrace._content import json_bytes
from millrace._gen.layout import (
    BODY_BYTES,
    CONTENT_BYTES,
    CONTENT_EVENT_STREAM,
    CONTENT_JSON,
    CONTENT_NDJSON,
    CONTENT_TEXT,
    FLAG_MORE,
    FLAG_PAYLOAD_FILE,
    PAYLOAD_LENGTH_UNKNOWN,
)
from millrace._limits import DEADLINE_SLACK_US
from millrace._payload_in import IncomingPayload
from millrace._payload_out import OutgoingPayload
from millrace._wire.cold import encode_failure
from millrace._wire.headers import error_messages, result_message
from millrace.errors import MillraceError

if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import Callable

    from millrace._served_calls import ServedCalls
    from millrace.function import Function

# What the parts of a streamed output are; empty: none was sent.
Form = Literal["", "bytes", "text", "items"]

TIME_MAX: Final = 0xFFFF_FFFF
_TEXTS: Final = frozenset((CONTENT_TEXT, CONTENT_EVENT_STREAM))

# The header of an INVOKE in the order of `headers.INVOKE`.
Header = tuple[int, int, int, int, int, int, int, int, int, int, bytes, int, int, int, int, int]


class ServedCall:
    """Belongs to the channel's thread, but for what the context reads: none of that changes but `cancelled`."""

    # Defaults of the class: an object sets only what differs, which is a third of the price of setting all of it.

    # 0: the handler has not begun.
    started_ns: int = 0
    # Input on its way in; None when it came whole.
    input: IncomingPayload | None = None
    # Output on its way out, after its head.
    output: OutgoingPayload | None = None
    # Why it should stop; None: it should not.
    cancelled: MillraceError | None = None
    ended: bool = False
    # Its input came in a file.
    in_file: bool = False
    # What runs an asynchronous handler.
    task: Task[None] | None = None
    # Content of the output, if the handler has set it for this call.
    own_content: int | None = None
    # Content of a streamed output, from its first part on, and what its parts are.
    _content: int = 0
    _form: Form = ""

    def __init__(self, calls: ServedCalls, fn: Function[..., Any], header: Header) -> None:
        self.calls = calls
        self.fn = fn
        self.header = header
        self.id = header[3]
        self.received_ns = monotonic_ns()

    @property
    def timeout_us(self) -> int:
        """Time left when it came, in microseconds; 0: no limit."""
        return self.header[6]

    @property
    def remaining_us(self) -> float:
        """Time left now, in microseconds, not below 0; infinity: no limit."""
        if self.timeout_us == 0:
            return float("inf")
        return max(0.0, self.timeout_us - (monotonic_ns() - self.received_ns) / 1_000)

    @property
    def priority(self) -> int:
        """RFC 9218 urgency."""
        return self.header[12]

    def cancel(self) -> None:
        """The engine asks to stop: the handler learns it. The final message still comes (rule `cancel-final`)."""
        if self.cancelled is not None:
            return
        late = self.timeout_us > 0 and self.remaining_us <= DEADLINE_SLACK_US
        name = self.fn.name
        self.stop(
            MillraceError("deadline_exceeded", f"{name} did not end within {self.timeout_us / 1000:g} ms")
            if late
            else MillraceError("cancelled", f"the call of {name} was cancelled")
        )
        # A handler that still waits for its whole input has not begun, and one that waits for credit for the rest of
        # its output is done: nobody else would end the call.
        if self.started_ns == 0 or (self.output is not None and self.output.closing):
            self.fail(self.cancelled)
        elif self.output is not None:
            self.output.stop()

    def stop(self, error: MillraceError) -> None:
        """Makes the streamed input fail, the internal calls end and an asynchronous handler be cancelled."""
        self.cancelled = error
        if self.input is not None:
            self.input.fail(error)
        self.calls.caller.cancel_children(self, error)
        if self.task is not None:
            self.task.cancel()

    def fail(self, raised: BaseException | None) -> None:
        """Ends the call with ERROR. After a CANCEL its reason is the cancellation's, whatever the handler raised."""
        if self.ended:
            return
        if self.output is not None:
            self.output.stop()
        error = self.cancelled
        if error is None:
            error = MillraceError.of(raised) if raised is not None else MillraceError("internal", "no outcome")
        failure = error.to_failure()
        self.calls.channel.send_all(error_messages(self.id, self.run_us(), failure.status, encode_failure(failure)))
        self.calls.close(self)

    def complete(self, value: Any) -> None:
        """Ends the call with what the handler returned."""
        if self.ended:
            return
        try:
            payload, content = self.encode(value)
        except Exception as error:
            self.fail(error)
            return
        self.send_whole(payload, content)

    def encode(self, value: Any) -> tuple[bytes, int]:
        """What a value is on the wire, and its content.

        Raises:
            TypeError, ValueError: it has no JSON.
        """
        fn = self.fn
        own = fn.content if self.own_content is None else self.own_content
        if isinstance(value, (bytes, bytearray, memoryview)):
            return bytes(value), CONTENT_BYTES if own is None else own
        if own in _TEXTS and isinstance(value, str):
            return value.encode(), own
        if fn.gives_bytes:
            raise TypeError(f"{fn.name} gave {type(value).__qualname__}, not bytes")
        return json_bytes(value), CONTENT_JSON if own is None else own

    def send_whole(self, payload: bytes, content: int) -> None:
        """Sends a whole output; beyond one message as credit allows."""
        length = len(payload)
        if length <= BODY_BYTES:
            self.calls.channel.send(result_message(0, self.id, length, self.run_us(), content, payload))
            self.calls.close(self)
            return
        refused = self.calls.refuse_output(length)
        if refused is not None:
            self.fail(refused)
            return
        file = self.calls.write_file(self, payload)
        if file is not None:
            body = file.encode()
            self.calls.channel.send(result_message(FLAG_PAYLOAD_FILE, self.id, length, self.run_us(), content, body))
            self.calls.close(self)
            return
        self._send_head(length, content, payload[:BODY_BYTES])
        if self.output is not None:
            self.output.finish(payload[BODY_BYTES:])

    def encode_part(self, part: Any) -> bytes:
        """One item of a streamed output as bytes. The first one decides whether the stream is of bytes.

        Raises:
            TypeError, ValueError: it has no JSON, or is not of the kind of those before it.
        """
        own = self.fn.content if self.own_content is None else self.own_content
        first = self._form == ""
        form: Form
        if isinstance(part, (bytes, bytearray, memoryview)):
            form, encoded, content = "bytes", bytes(part), CONTENT_BYTES
        elif own in _TEXTS and isinstance(part, str):
            form, encoded, content = "text", part.encode(), CONTENT_TEXT
        elif self.fn.gives_bytes:
            raise TypeError(f"{self.fn.name} gave {type(part).__qualname__}, not bytes")
        else:
            form, encoded, content = "items", json_bytes(part) + b"\n", CONTENT_NDJSON
        if first:
            self._form = form
            self._content = content if own is None else own
        elif form != self._form:
            raise TypeError(f"{self.fn.name} gave {type(part).__qualname__} in a stream of {self._form}")
        return encoded

    def send_part(self, part: bytes, on_sent: Callable[[], None]) -> bool:
        """Sends one part of a streamed output: the first in the head RESULT, as far as it fits. True: it is in the
        outbox. False: `on_sent` is called when it is.

        Raises:
            MillraceError: `payload_too_large`.
        """
        if self.ended or not part:
            return True
        if self.cancelled is not None:
            raise self.cancelled
        refused = self.calls.refuse_output((0 if self.output is None else self.output.total) + len(part))
        if refused is not None:
            raise refused
        if self.output is not None:
            return self.output.write(part, on_sent)
        self._send_head(PAYLOAD_LENGTH_UNKNOWN, self._content, part[:BODY_BYTES])
        if len(part) <= BODY_BYTES or self.output is None:
            return True
        return self.output.write(part[BODY_BYTES:], on_sent)

    def end_stream(self) -> None:
        """Ends a streamed output (rule `result-total`)."""
        if self.ended:
            return
        if self.cancelled is not None and self.output is not None:
            self.fail(self.cancelled)  # Parts of it may be missing.
        elif self.output is not None:
            self.output.finish(b"")
        else:
            self.stream_whole([])

    def stream_whole(self, parts: list[bytes]) -> None:
        """Sends a stream as one output, where the channel carries no streams."""
        content = self._content
        if self._form == "":
            own = self.fn.content if self.own_content is None else self.own_content
            content = own if own is not None else CONTENT_BYTES if self.fn.gives_bytes else CONTENT_NDJSON
        self.send_whole(b"".join(parts), content)

    def _send_head(self, payload_length: int, content: int, body: bytes) -> None:
        self._content = content
        self.calls.channel.send(result_message(FLAG_MORE, self.id, payload_length, self.run_us(), content, body))
        self.output = OutgoingPayload(self.calls.channel, self.id, len(body), False, self._send_tail)

    def _send_tail(self, part: bytes, total: int) -> None:
        self.calls.channel.send(result_message(0, self.id, total, self.run_us(), self._content, part))
        self.calls.close(self)

    def run_us(self) -> int:
        """Time since the handler began, rounded up: 0 is left to calls that never began (rule `result-run-time`)."""
        if self.started_ns == 0:
            return 0
        run_us = (monotonic_ns() - self.started_ns) // 1_000 + 1
        return run_us if run_us < TIME_MAX else TIME_MAX
