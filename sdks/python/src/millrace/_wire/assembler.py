"""Whole messages out of bytes that were cut anywhere. Does no I/O (rule `channel-reassemble`)."""

from __future__ import annotations

from millrace._gen.layout import MESSAGE_BYTES


class Assembler:
    """Keeps what was cut off at the end of one chunk and puts it before the next.

    Between calls fewer than 1,024 bytes are kept. A chunk of whole messages that follows nothing is not copied.
    """

    __slots__ = ("rest",)

    def __init__(self) -> None:
        # What was cut off; empty: the next chunk begins with a message.
        self.rest = b""

    def push(self, chunk: bytes) -> bytes:
        """Takes the next bytes. Returns whole messages, one after the other; empty when none is whole yet."""
        if self.rest:
            chunk = self.rest + chunk
        cut = len(chunk) % MESSAGE_BYTES
        if cut == 0:
            self.rest = b""
            return chunk
        self.rest = chunk[-cut:]
        return chunk[:-cut]

    @property
    def pending_bytes(self) -> int:
        """Bytes of a message begun and not ended. Above 0 at the end of the stream, the peer cut a message short."""
        return len(self.rest)
