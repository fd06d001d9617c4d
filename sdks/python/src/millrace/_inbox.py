"""Judges each message of the engine and takes it to its room. Touches nothing of the outside."""

from __future__ import annotations

from typing import Final, NamedTuple, Protocol

from millrace._caller import Caller
from millrace._gen.layout import (
    FLAG_MORE,
    FLAG_PAYLOAD_FILE,
    HEADER_BYTES,
    TYPE_CANCEL,
    TYPE_DATA,
    TYPE_DRAIN,
    TYPE_ERROR,
    TYPE_GOODBYE,
    TYPE_INVOKE,
    TYPE_LOAD,
    TYPE_LOADED,
    TYPE_PING,
    TYPE_PONG,
    TYPE_RESOLVED,
    TYPE_RESULT,
    TYPE_WELCOME,
    TYPE_WINDOW,
    TYPES,
    read_body_length,
    read_call_id,
    read_flags,
    read_nonce,
    read_status,
    read_timeout_us,
    read_type,
)
from millrace._names import Names
from millrace._served_calls import ServedCalls
from millrace._wire.cold_span import ColdSpan
from millrace._wire.headers import INVOKE, RESULT, RESULT_ZEROS
from millrace._wire.verdict import Ignored, Verdict, judge

_unpack_invoke = INVOKE.unpack_from
_unpack_result = RESULT.unpack_from
_INVOKE: Final = TYPE_INVOKE
_RESULT: Final = TYPE_RESULT


class Rooms(NamedTuple):
    """The rooms that take messages once WELCOME came."""

    served: ServedCalls
    caller: Caller
    names: Names
    features: frozenset[str]


class InboxListener(Protocol):
    """What the worker as a whole is told."""

    def on_welcome(self, body: bytes) -> Rooms | Verdict:
        """The whole body of WELCOME. Returns the rooms, or the rule broken."""

    def on_load(self, body: bytes) -> Verdict | None:
        """The whole body of LOAD. Returns the rule broken."""

    def on_loaded(self, body: bytes) -> Verdict | None:
        """The whole body of the engine's LOADED. Returns the rule broken."""

    def on_goodbye(self, body: bytes, status: int) -> None:
        """The engine ends the channel."""

    def on_ping(self, nonce: int) -> None:
        """PING."""

    def on_drain(self, timeout_us: int) -> None:
        """DRAIN."""

    def on_broken(self, verdict: Verdict) -> None:
        """The engine broke a rule. No message is taken any more."""

    def on_end(self, error: str | None, truncated: bool) -> None:
        """The channel ended; see `ChannelListener`."""


class Inbox:
    """Takes the messages of one channel, in their order."""

    def __init__(self, listener: InboxListener) -> None:
        self._listener = listener
        self._span = ColdSpan()
        # None before WELCOME.
        self._rooms: Rooms | None = None
        self._ended = False

    def begin(self, rooms: Rooms) -> None:
        """WELCOME came before this inbox was there."""
        self._rooms = rooms

    def take(self, data: bytes, at: int) -> None:
        """Takes the message at `at`.

        The two that make up a call, a whole INVOKE and a whole RESULT, are judged here by what a right one looks like,
        in one unpacking; one that looks different goes the long way, which names the rule that it breaks.
        """
        rooms = self._rooms
        if rooms is None or self._ended or self._span.open:
            self._take_slowly(data, at)
            return
        kind = data[at]
        if kind == _RESULT:
            _, flags, length, call_id, zero, total, _, status, _, _, zeros, content, reserved = _unpack_result(data, at)
            if (
                length == total
                and not (flags or status or zero or reserved)
                and length <= 960
                and zeros == RESULT_ZEROS
            ):
                caller = rooms.caller
                call = caller.open.get(call_id)
                if call is not None and call.whole_result:
                    del caller.open[call_id]
                    if caller.waiting:
                        caller.fill()
                    if not call.settled:
                        call.content = content
                        call.output = data[at + 64 : at + 64 + length]
                        call.settled = True
                        if call.on_settled is not None:
                            call.on_settled()
                    return
        elif kind == _INVOKE:
            header = _unpack_invoke(data, at)
            _, flags, length, call_id, function_id, total, _, parent, _, attempt, _, _, priority, _, _, reserved = (
                header
            )
            if (
                length == total
                and not (flags or parent or reserved or call_id & 1)
                and call_id
                and function_id
                and attempt
                and priority < 8
                and length <= 960
            ):
                broken = rooms.served.invoke(header, data, at)
                if broken is not None:
                    self._break(broken)
                return
        self._take_slowly(data, at)

    def on_end(self, error: str | None, truncated: bool) -> None:
        """See `ChannelListener`."""
        self._listener.on_end(error, truncated)

    def _break(self, verdict: Verdict) -> None:
        self._ended = True
        self._listener.on_broken(verdict)

    def _take_slowly(self, data: bytes, at: int) -> None:
        if self._ended:
            return
        verdict = judge(data, at, "engine")
        if isinstance(verdict, Ignored):
            if not self._span.open:
                return
            verdict = None  # What comes between the parts of a cold message breaks a rule, whatever it is.
        if verdict is None:
            rooms = self._rooms
            verdict = self._take_first(data, at) if rooms is None else self._dispatch(data, at, rooms)
        if verdict is not None:
            self._break(verdict)

    def _take_first(self, data: bytes, at: int) -> Verdict | None:
        """The first message is WELCOME or GOODBYE (rule `handshake-engine-waits`)."""
        kind = read_type(data, at)
        if not self._span.open:
            if kind == TYPE_GOODBYE:
                self._goodbye(data, at)
                return None
            if kind != TYPE_WELCOME:
                return Verdict("handshake-engine-waits", f"{TYPES[kind].name} came before WELCOME")
        body = self._span.take(data, at)
        if not isinstance(body, bytes):
            return body
        rooms = self._listener.on_welcome(body)
        if isinstance(rooms, Verdict):
            return rooms
        self._rooms = rooms
        return None

    def _dispatch(self, data: bytes, at: int, rooms: Rooms) -> Verdict | None:
        kind = read_type(data, at)
        if kind in _CODE and "load" in rooms.features:
            return self._take_code(data, at, kind)
        if self._span.open or kind == TYPE_ERROR:
            return self._take_error(data, at, rooms)
        of_engine = read_call_id(data, at) & 1 == 0
        if kind == TYPE_INVOKE:
            return rooms.served.invoke(_unpack_invoke(data, at), data, at)
        if kind == TYPE_RESULT:
            if read_flags(data, at) & FLAG_MORE and "streaming" not in rooms.features:
                return Verdict("feature-accepted", "RESULT has the flag MORE, but WELCOME did not accept streaming")
            if read_flags(data, at) & FLAG_PAYLOAD_FILE and "payload-file" in rooms.features:
                return rooms.caller.file_result(data, at)
            if read_flags(data, at) & ~FLAG_MORE:
                return Verdict("feature-accepted", "RESULT has the flag of a feature that WELCOME did not accept")
            return rooms.caller.result(data, at)
        if kind == TYPE_CANCEL:
            return rooms.served.cancel(data, at)
        if kind in _NEEDS_FEATURE:
            feature = _NEEDS_FEATURE[kind]
            if feature not in rooms.features:
                return Verdict("feature-accepted", f"{TYPES[kind].name} came, but WELCOME did not accept {feature}")
            if kind == TYPE_DATA:
                return rooms.served.data(data, at) if of_engine else rooms.caller.data(data, at)
            if kind == TYPE_WINDOW:
                return rooms.served.window(data, at) if of_engine else rooms.caller.window(data, at)
            if kind == TYPE_RESOLVED:
                return rooms.names.resolved(data, at)
            return Verdict("message-direction", f"a worker takes no {TYPES[kind].name}")
        if kind == TYPE_PING:
            self._listener.on_ping(read_nonce(data, at))
            return None
        if kind == TYPE_PONG:
            return Verdict("pong-open", "PONG came, but this worker sent no PING")
        if kind == TYPE_DRAIN:
            self._listener.on_drain(read_timeout_us(data, at))
            return None
        if kind == TYPE_GOODBYE:
            self._goodbye(data, at)
            return None
        return Verdict("handshake-hello-once", "a second WELCOME came")

    def _take_code(self, data: bytes, at: int, kind: int) -> Verdict | None:
        body = self._span.take(data, at)
        if not isinstance(body, bytes):
            return body
        return self._listener.on_load(body) if kind == TYPE_LOAD else self._listener.on_loaded(body)

    def _take_error(self, data: bytes, at: int, rooms: Rooms) -> Verdict | None:
        status = read_status(data, at)
        call_id = read_call_id(data, at)
        body = self._span.take(data, at)
        return rooms.caller.error(call_id, status, body) if isinstance(body, bytes) else body

    def _goodbye(self, data: bytes, at: int) -> None:
        self._ended = True
        begin = at + HEADER_BYTES
        self._listener.on_goodbye(data[begin : begin + read_body_length(data, at)], read_status(data, at))


# What a prewarmed worker gets.
_CODE: Final = frozenset((TYPE_LOAD, TYPE_LOADED))

# Types that only exist with a feature, and the feature.
_NEEDS_FEATURE: Final = {number: info.feature for number, info in TYPES.items() if info.feature is not None}
