"""Joins the bodies of a cold message that spans consecutive messages of one type and call by MORE."""

from __future__ import annotations

from millrace._gen.layout import (
    COLD_MESSAGE_BYTES_MAX,
    FLAG_MORE,
    HEADER_BYTES,
    TYPES,
    read_body_length,
    read_call_id,
    read_flags,
    read_type,
)
from millrace._wire.verdict import Verdict


class ColdSpan:
    """Rules `cold-span-consecutive`, `cold-span-header` and `cold-span-bytes`. Holds at most 64 KiB."""

    __slots__ = ("_header", "_parts", "open")

    def __init__(self) -> None:
        # Whether a span has begun and not ended.
        self.open = False
        self._header = b""
        self._parts = bytearray()

    def take(self, data: bytes, at: int) -> bytes | Verdict | None:
        """Takes one judged message: every message while `open`, and every spanning type otherwise.

        Returns the whole body when the message ends it, None when more must come, or the rule broken. After a broken
        rule the channel is over: take no more.
        """
        header = data[at : at + 1] + data[at + 4 : at + HEADER_BYTES]  # Without flags and body_length.
        if self.open and header != self._header:
            return self._difference(data, at, header)
        length = read_body_length(data, at)
        if len(self._parts) + length > COLD_MESSAGE_BYTES_MAX:
            return Verdict("cold-span-bytes", f"{_name(data, at)} is over {COLD_MESSAGE_BYTES_MAX} bytes")
        body = data[at + HEADER_BYTES : at + HEADER_BYTES + length]
        more = read_flags(data, at) & FLAG_MORE
        if not self.open:
            if not more:
                return body
            self.open = True
            self._header = header
        self._parts += body
        if more:
            return None
        whole = bytes(self._parts)
        self.open = False
        self._parts = bytearray()
        return whole

    def _difference(self, data: bytes, at: int, header: bytes) -> Verdict:
        first = TYPES[self._header[0]].name
        if header[:5] == self._header[:5]:
            return Verdict("cold-span-header", f"parts of {first} have different headers")
        same_type = header[0] == self._header[0]
        what = f"call {read_call_id(data, at)}" if same_type else _name(data, at)
        return Verdict("cold-span-consecutive", f"{what} came between the parts of {first}")


def _name(data: bytes, at: int) -> str:
    info = TYPES.get(read_type(data, at))
    return f"type 0x{read_type(data, at):02x}" if info is None else info.name
