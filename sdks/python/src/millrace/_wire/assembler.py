"""Whole messages out of bytes that were cut anywhere. Does no I/O (rule `channel-reassemble`)."""

from __future__ import annotations

from millrace._gen.layout import MESSAGE_BYTES


class Assembler:
    """Keeps what was cut off at the end of one chunk and puts it before the next.

    Between calls fewer than 1,024 bytes are kept. A chunk of whole messages that follows nothing is not copied.
    """

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def push(self, chunk: bytes) -> bytes:
        """Takes the next bytes. Returns whole messages, one after the other; empty when none is whole yet."""
        if self._rest:
            chunk = self._rest + chunk
        cut = len(chunk) % MESSAGE_BYTES
        if cut == 0:
            self._rest = b""
            return chunk
        self._rest = chunk[-cut:]
        return chunk[:-cut]

    @property
    def pending_bytes(self) -> int:
        """Bytes of a message begun and not ended. Above 0 at the end of the stream, the peer cut a message short."""
        return len(self._rest)
