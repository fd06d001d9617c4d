"""The calls that this worker runs: takes the engine's messages about them, refuses what it can't take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic_ns
from typing import TYPE_CHECKING, Any

from millrace._content import parse_input
from millrace._gen.layout import (
    BODY_BYTES,
    FLAG_HEAD,
    FLAG_MORE,
    FLAG_PAYLOAD_FILE,
    HEADER_BYTES,
    REASONS,
    ReasonName,
    read_body_length,
    read_call_id,
    read_credit,
    read_flags,
)
from millrace._payload_files import RefusedFileError
from millrace._payload_in import StreamedPayload, WholePayload
from millrace._served_call import Header, ServedCall
from millrace._signature import shaped
from millrace._wire.call_ids import is_after
from millrace._wire.cold import Failure, encode_failure
from millrace._wire.headers import error_messages
from millrace._wire.verdict import Verdict
from millrace.errors import MillraceError

if TYPE_CHECKING:
    from millrace._caller import Caller
    from millrace._channel import Channel
    from millrace._handshake import Welcome
    from millrace._payload_files import PayloadFiles
    from millrace._runtime import Runtime
    from millrace.context import Context
    from millrace.function import Function


class ServedCalls:
    """Belongs to the channel's thread."""

    def __init__(
        self,
        runtime: Runtime,
        channel: Channel,
        caller: Caller,
        functions: Mapping[int, Function[..., Any]],
        welcome: Welcome,
        context_of: Callable[[ServedCall], Context],
        files: PayloadFiles | None = None,
    ) -> None:
        """`context_of`: makes the context of a call, for handlers that take one.

        `files`: where payload files lie; None: `payload-file` was not accepted.
        """
        self._files = files
        self.context_of = context_of
        self.runtime = runtime
        self.channel = channel
        self.caller = caller
        self._functions = functions
        self._welcome = welcome
        self._calls_max = welcome.calls_max
        # Whether handlers run on the channel's thread.
        self.direct = runtime.direct
        self.open: dict[int, ServedCall] = {}
        # The engine's highest call id so far: with it alone any id is new, or was used.
        self._last_id = 0
        self._draining = False
        # Called when the last open call ends while draining.
        self.on_idle: Callable[[], None] = _nothing

    def serve(self, functions: Mapping[int, Function[..., Any]], calls_max: int) -> None:
        """The engine has given the ids of code that was loaded: it is served from now on, so many calls at once."""
        self._functions = functions
        self._calls_max = calls_max

    @property
    def streaming(self) -> bool:
        """Whether DATA may be sent."""
        return self._welcome.streaming

    def refuse_output(self, length: int) -> MillraceError | None:
        """Why an output of so many bytes can't be sent, if it can't (rule `payload-inline-output`)."""
        if not self.streaming:
            if length <= BODY_BYTES:
                return None
            return MillraceError(
                "payload_too_large", f"the output has {length} bytes, and this channel carries at most {BODY_BYTES}"
            )
        bytes_max = self._welcome.payload_bytes_max
        if length <= bytes_max:
            return None
        return MillraceError(
            "payload_too_large", f"the output has {length} bytes or more; the engine takes {bytes_max}"
        )

    def invoke(self, header: Header, data: bytes, at: int) -> Verdict | None:
        """INVOKE, judged. Rules `call-id-rising`, `call-id-open-skipped`, `feature-accepted`, `function-id-known`,
        `drain-refuses`, `call-overloaded`.
        """
        call_id = header[3]
        if not 0 < ((call_id - self._last_id) & 0xFFFF_FFFF) < 0x8000_0000:
            return Verdict("call-id-rising", f"INVOKE has call_id {call_id}, which does not come after {self._last_id}")
        if call_id in self.open:
            return Verdict("call-id-open-skipped", f"INVOKE has call_id {call_id}, which is still open")
        self._last_id = call_id
        flags = header[1]
        if flags:
            broken = self._check_flags(flags)
            if broken is not None:
                return broken
        fn = self._functions.get(header[4])
        if fn is None:
            self._refuse(call_id, "not_found", f"this worker serves no function with the id {header[4]}")
            if flags & FLAG_PAYLOAD_FILE and self._files is not None:
                self._files.discard(_name(header, data, at))
        elif self._draining:
            self._refuse(call_id, "draining", "this worker is draining and did not start the call")
        elif len(self.open) >= self._calls_max:
            self._refuse(call_id, "overloaded", f"this worker runs {self._welcome.calls_max} calls already")
        else:
            call = ServedCall(self, fn, header)
            self.open[call_id] = call
            if flags:
                if flags & FLAG_MORE:
                    return self._start_long(call, data, at)
                self._start_file(call, _name(header, data, at))
                return None
            begin = at + HEADER_BYTES
            payload = data[begin : begin + header[2]]
            if fn.kind == "bytes":
                call.started_ns = call.received_ns
                self.runtime.run(call, payload)
            elif fn.kind == "json":
                self._start_json(call, payload)
            else:
                stream = StreamedPayload(self.channel, call_id, header[5], _nothing)
                stream.take(payload, False, True)
                self._start(call, stream)
        return None

    def data(self, data: bytes, at: int) -> Verdict | None:
        """DATA of an input. Rule `data-after-end`."""
        call_id = read_call_id(data, at)
        call = self.open.get(call_id)
        if call is None:
            return self._late(call_id)
        payload = call.input
        if payload is None:
            return Verdict("data-after-end", f"DATA came for call {call_id}, whose input had ended")
        last = not read_flags(data, at) & FLAG_MORE
        # Before `take`, which may run the handler and end the call.
        if last:
            call.input = None
        begin = at + HEADER_BYTES
        return payload.take(data[begin : begin + read_body_length(data, at)], True, last)

    def window(self, data: bytes, at: int) -> Verdict | None:
        """WINDOW for an output."""
        call_id = read_call_id(data, at)
        call = self.open.get(call_id)
        if call is None:
            return self._late(call_id)
        credit = read_credit(data, at)
        if call.output is None:
            return Verdict("credit-max", f"WINDOW grants {credit} for call {call_id}, which has all its credit")
        return call.output.grant(credit)

    def cancel(self, data: bytes, at: int) -> Verdict | None:
        """CANCEL. Rules `cancel-handler`, `cancel-repeated`."""
        call_id = read_call_id(data, at)
        call = self.open.get(call_id)
        if call is None:
            return self._late(call_id)
        call.cancel()
        return None

    def drain(self) -> None:
        """Refuses calls from now on; `on_idle` is called when none is open, which may be at once."""
        self._draining = True
        if not self.open:
            self.on_idle()

    def stop_all(self, error: MillraceError) -> None:
        """The channel is gone: every open call is told to stop. Their outcomes go nowhere."""
        for call in list(self.open.values()):
            if call.output is not None:
                call.output.stop()
            call.stop(error)

    def close(self, call: ServedCall) -> None:
        """A call has sent its final message."""
        call.ended = True
        del self.open[call.id]
        if call.in_file and self._files is not None:
            self._files.release(_owner(call))
        payload = call.input
        if payload is not None:
            call.input = None
            payload.fail(MillraceError("cancelled", f"the call of {call.fn.name} has ended"))
        if self._draining and not self.open:
            self.on_idle()

    def _start(self, call: ServedCall, value: Any) -> None:
        call.started_ns = monotonic_ns()
        self.runtime.run(call, value)

    def _start_json(self, call: ServedCall, payload: bytes) -> None:
        fn = call.fn
        try:
            what = f"input of {fn.name}"
            value = shaped(fn.signature.shape, parse_input(payload, call.header[14], what), what)
        except MillraceError as fault:
            call.fail(fault)
            return
        except Exception as raised:  # Code of the user's, such as a dataclass's own check, with a fault in it.
            call.fail(raised)
            return
        self._start(call, value)

    def _start_file(self, call: ServedCall, name: str) -> None:
        """An input in a file. One that is refused fails this call alone: rule `file-refused`."""
        fn = call.fn
        call.in_file = True
        if self._files is None:
            return  # `_check_flags` was before.
        try:
            payload = self._files.read(name, call.header[5], _owner(call))
        except RefusedFileError as refused:
            call.fail(MillraceError("bad_input", str(refused)))
            return
        if fn.kind == "bytes":
            self._start(call, payload)
        elif fn.kind == "json":
            self._start_json(call, payload)
        else:
            stream = StreamedPayload(self.channel, call.id, len(payload), _nothing)
            stream.take(payload, False, True)
            self._start(call, stream)

    def write_file(self, call: ServedCall, payload: bytes) -> str | None:
        """Puts an output into a file, where that is faster; None: it goes in DATA."""
        least = self._welcome.file_bytes_min
        if self._files is None or least is None or len(payload) < least:
            return None
        return self._files.write(payload, _owner(call))

    def _start_long(self, call: ServedCall, data: bytes, at: int) -> Verdict | None:
        """An input of more than one message."""
        fn = call.fn
        announced = call.header[5]
        begin = at + HEADER_BYTES
        body = data[begin : begin + call.header[2]]
        if fn.kind == "stream":
            stream = StreamedPayload(self.channel, call.id, announced, _nothing)
            broken = stream.take(body, False, False)
            if broken is None:
                call.input = stream
                self._start(call, stream)
            return broken
        bytes_max = self._welcome.payload_bytes_max

        def on_whole(payload: bytes) -> None:
            if fn.kind == "bytes":
                self._start(call, payload)
            else:
                self._start_json(call, payload)

        def on_too_large() -> None:
            call.fail(MillraceError("payload_too_large", f"the input has more than {bytes_max} bytes"))

        whole = WholePayload(self.channel, call.id, announced, bytes_max, on_whole, on_too_large)
        call.input = whole
        return whole.take(body, False, False)

    def _check_flags(self, flags: int) -> Verdict | None:
        for flag, name, feature in _FEATURE_FLAGS:
            if flags & flag and feature not in self._welcome.features:
                return Verdict("feature-accepted", f"INVOKE has the flag {name}, but WELCOME did not accept {feature}")
        return None

    def _refuse(self, call_id: int, reason: ReasonName, message: str) -> None:
        """Ends a call that was not started."""
        status = REASONS[reason].status
        self.channel.send_all(error_messages(call_id, 0, status, encode_failure(Failure(reason, status, message))))

    def _late(self, call_id: int) -> Verdict | None:
        """A message for a call that is not open: dropped if it has ended, a fault if it never was."""
        if not is_after(call_id, self._last_id):
            return None  # Rule `call-late-dropped`.
        return Verdict("call-id-known", f"call {call_id} was never started")


_FEATURE_FLAGS = (
    (FLAG_MORE, "MORE", "streaming"),
    (FLAG_PAYLOAD_FILE, "PAYLOAD_FILE", "payload-file"),
    (FLAG_HEAD, "HEAD", "http"),
)


def _name(header: Header, data: bytes, at: int) -> str:
    """The name of the file that an INVOKE has as its body."""
    return data[at + HEADER_BYTES : at + HEADER_BYTES + header[2]].decode("ascii")


def _owner(call: ServedCall) -> str:
    """An input's file may only go back as the output of its call."""
    return f"call {call.id}"


def _nothing() -> None:
    pass
