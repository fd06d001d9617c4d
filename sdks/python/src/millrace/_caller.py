"""The internal calls that this worker waits for: starts them, settles each once, ends all with the channel."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from millrace._call_start import CallStart, owner_of
from millrace._channel import Channel
from millrace._gen.layout import (
    FLAG_MORE,
    HEADER_BYTES,
    read_body_length,
    read_call_id,
    read_content,
    read_credit,
    read_flags,
    read_payload_length,
)
from millrace._handshake import Welcome
from millrace._limits import CALLS_WAITING_MAX
from millrace._names import Names
from millrace._payload_files import PayloadFiles, RefusedFileError
from millrace._payload_in import IncomingPayload, StreamedPayload, WholePayload
from millrace._pending_call import PendingCall
from millrace._wire.call_ids import is_after, next_call_id
from millrace._wire.cold import decode_failure
from millrace._wire.headers import cancel_message
from millrace._wire.verdict import Verdict
from millrace.errors import MillraceError

if TYPE_CHECKING:
    from millrace._served_call import ServedCall


class Caller:
    """Belongs to the channel's thread."""

    def __init__(
        self, channel: Channel, welcome: Welcome, names: Names, start: CallStart, files: PayloadFiles | None = None
    ) -> None:
        self._files = files
        self._channel = channel
        self._welcome = welcome
        self._open_max = welcome.open_invokes_max
        self._names = names
        self._start = start
        # By id; the inbox takes a whole RESULT out of it by itself.
        self.open: dict[int, PendingCall] = {}
        # Calls whose INVOKE waits for a place (rule `limit-open-invokes`).
        self.waiting: deque[PendingCall] = deque()
        self._last_id = 0xFFFF_FFFF
        # Why no call can be made any more; None while the channel is up.
        self._gone: MillraceError | None = None

    def begin(self, call: PendingCall) -> None:
        """Starts a call: it settles later, or at once."""
        function_id = self._names.lookup(call.name)
        parent = call.parent
        if self._gone is not None or parent.cancelled is not None or parent.ended or not self._open_max:
            call.fail(self._gone or parent.cancelled or self._refusal(call))
        elif function_id is not None:
            self._invoke(call, function_id)
        else:
            self._names.ask(call.name, lambda found, error: self._on_name(call, found, error))

    def cancel(self, call: PendingCall, error: BaseException) -> None:
        """Ends a call for its caller now; on the channel it stays open until its final message."""
        if call.settled:
            return
        if call.id != 0 and self.open.get(call.id) is call:
            self._channel.send(cancel_message(call.id))
        call.fail(error)

    def cancel_children(self, parent: ServedCall, error: MillraceError) -> None:
        """A served call stops: its internal calls end at once, and the engine is told."""
        for call in [*self.open.values(), *self.waiting]:
            if call.parent is parent:
                self.cancel(call, error)

    def fail_all(self, error: MillraceError) -> None:
        """The channel is gone: every call ends with the same error, and so does every later one."""
        self._gone = error
        calls = [*self.open.values(), *self.waiting]
        self.open.clear()
        self.waiting.clear()
        for call in calls:
            call.fail(error)
        self._names.fail_all(error)

    def result(self, data: bytes, at: int) -> Verdict | None:
        """RESULT. Rules `result-total`, `result-more-once`, `call-id-known`, `call-late-dropped`."""
        call_id = read_call_id(data, at)
        call = self.open.get(call_id)
        if call is None:
            return self._late(call_id)
        length = read_body_length(data, at)
        body = data[at + HEADER_BYTES : at + HEADER_BYTES + length]
        more = read_flags(data, at) & FLAG_MORE
        if call.incoming is None:
            if more:
                return self._head(call, read_payload_length(data, at), read_content(data, at), body)
            return self._whole(call, read_payload_length(data, at), read_content(data, at), body)
        if more:
            return Verdict("result-more-once", f"a second RESULT with MORE came for call {call_id}")
        total = call.incoming.total + length
        announced = read_payload_length(data, at)
        if total != announced:
            return Verdict(
                "result-total", f"the output of call {call_id} had {total} bytes; its last RESULT says {announced}"
            )
        self.close(call)
        broken = call.incoming.take(body, False, True)
        if broken is None and call.form == "stream":
            call.succeed(b"")
        return broken

    def file_result(self, data: bytes, at: int) -> Verdict | None:
        """RESULT whose output lies in a file. One that is refused fails its call alone: rule `file-refused`."""
        call_id = read_call_id(data, at)
        call = self.open.get(call_id)
        files = self._files
        if call is None or files is None:
            return self._late(call_id)
        if call.incoming is not None:
            return Verdict("file-alone", f"the output of call {call_id} began in RESULT, and names a file now")
        name = data[at + HEADER_BYTES : at + HEADER_BYTES + read_body_length(data, at)].decode("ascii")
        length = read_payload_length(data, at)
        if call.settled:
            files.discard(name)
            self.close(call)
            return None
        try:
            output = files.read(name, length, owner_of(call))
        except RefusedFileError as refused:
            self.close(call)
            call.fail(MillraceError("protocol_error", str(refused), function=call.name))
            return None
        return self._whole(call, length, read_content(data, at), output)

    def error(self, call_id: int, status: int, body: bytes) -> Verdict | None:
        """The whole body of ERROR. Rule `error-body`."""
        call = self.open.get(call_id)
        if call is None:
            return self._late(call_id)
        failure = decode_failure(body, status)
        if failure is None:
            return Verdict("error-body", f"ERROR of call {call_id} carries no Failure")
        self.close(call)
        error = MillraceError.of_failure(failure)
        # An id that the engine does not know any more: asks for the name once more (rule `function-id-resolve-again`).
        # A handler's own not_found has a type.
        repeatable = not call.settled and call.stale_error is None and call.input_stream is None
        if failure.reason == "not_found" and not failure.error_type and repeatable:
            self._names.forget(call.name, call.function_id)
            call.stale_error = error
            call.id = 0
            call.outgoing = None
            self.begin(call)
        else:
            call.fail(error)
        return None

    def data(self, data: bytes, at: int) -> Verdict | None:
        """DATA of an output. Rule `data-after-head`."""
        call_id = read_call_id(data, at)
        call = self.open.get(call_id)
        if call is None:
            return self._late(call_id)
        if call.incoming is None:
            return Verdict("data-after-head", f"DATA came before RESULT for call {call_id}")
        return call.incoming.take(data[at + HEADER_BYTES : at + HEADER_BYTES + read_body_length(data, at)], True, False)

    def window(self, data: bytes, at: int) -> Verdict | None:
        """WINDOW for an input."""
        call_id = read_call_id(data, at)
        call = self.open.get(call_id)
        if call is None:
            return self._late(call_id)
        credit = read_credit(data, at)
        if call.outgoing is None:
            return Verdict("credit-max", f"WINDOW grants {credit} for call {call_id}, which has all its credit")
        # After a local end the input is not sent any more, and its credit does not matter.
        return None if call.settled else call.outgoing.grant(credit)

    def close(self, call: PendingCall) -> None:
        """The final message of a call came: its id is free, and so is a place."""
        self.open.pop(call.id, None)
        if call.outgoing is not None:
            call.outgoing.stop()
        self.fill()

    def fill(self) -> None:
        """Starts calls that wait, as far as there are places."""
        while self.waiting and len(self.open) < self._open_max:
            self._send(self.waiting.popleft())

    def _refusal(self, call: PendingCall) -> MillraceError:
        if call.parent.ended:
            message = f"{call.parent.fn.name} called {call.name} after its own call had ended"
            return MillraceError("cancelled", message)
        return MillraceError("unsupported", "the engine did not accept internal calls on this channel")

    def _on_name(self, call: PendingCall, function_id: int, error: MillraceError | None) -> None:
        if error is not None:
            call.fail(call.stale_error or error)
        elif call.stale_error is not None and call.function_id == function_id:
            call.fail(call.stale_error)
        else:
            self._invoke(call, function_id)

    def _invoke(self, call: PendingCall, function_id: int) -> None:
        call.function_id = function_id
        if len(self.open) < self._open_max:
            self._send(call)
        elif len(self.waiting) < CALLS_WAITING_MAX:
            self.waiting.append(call)
        else:
            call.fail(MillraceError("queue_full", f"{CALLS_WAITING_MAX} internal calls of this worker wait already"))

    def _send(self, call: PendingCall) -> None:
        # It may have ended while it waited for its name or a place.
        if call.settled:
            return
        if call.parent.ended:
            call.fail(self._refusal(call))
            return
        call_id = next_call_id(self._last_id)
        while call_id in self.open:  # Rule `call-id-open-skipped`.
            call_id = next_call_id(call_id)
        self._last_id = call_id
        call.id = call_id
        self.open[call_id] = call
        refused = self._start.send(call)
        if refused is not None:
            del self.open[call_id]
            call.id = 0
            call.fail(refused)

    def _whole(self, call: PendingCall, announced: int, content: int, body: bytes) -> Verdict | None:
        if announced != len(body):
            return Verdict("result-total", f"RESULT of call {call.id} has {len(body)} bytes and says {announced}")
        self.close(call)
        call.content = content
        if call.form == "stream" and call.on_head is not None and not call.settled:
            output = StreamedPayload(self._channel, call.id, announced, _nothing)
            output.take(body, False, True)
            call.on_head(output)
            call.succeed(b"")
        else:
            call.succeed(body)
        return None

    def _head(self, call: PendingCall, announced: int, content: int, body: bytes) -> Verdict | None:
        call.content = content
        call.whole_result = False
        if call.form == "stream" and call.on_head is not None:
            stream = StreamedPayload(self._channel, call.id, announced, lambda: self.leave(call))
            incoming: IncomingPayload = stream
            call.incoming = incoming
            if not call.settled:
                call.on_head(stream)
        else:
            bytes_max = self._welcome.payload_bytes_max

            def on_too_large() -> None:
                message = f"the output of {call.name} has more than {bytes_max} bytes; read it by ctx.stream"
                self.cancel(call, MillraceError("payload_too_large", message, function=call.name))

            incoming = WholePayload(self._channel, call.id, announced, bytes_max, call.succeed, on_too_large)
            call.incoming = incoming
        # Nobody waits for it any more, so its bytes are not kept.
        if call.settled:
            incoming.fail(MillraceError("cancelled", f"the caller of {call.name} has left"))
        return incoming.take(body, False, False)

    def leave(self, call: PendingCall) -> None:
        """The reader of a streamed output goes away."""
        self.cancel(call, MillraceError("cancelled", f"the reader of {call.name}'s output left"))

    def _late(self, call_id: int) -> Verdict | None:
        started = self._last_id != 0xFFFF_FFFF or bool(self.open)
        if started and not is_after(call_id, self._last_id):
            return None  # Rule `call-late-dropped`.
        return Verdict("call-id-known", f"this worker never started a call {call_id}")


def _nothing() -> None:
    pass
