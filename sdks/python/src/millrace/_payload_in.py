"""Payloads on their way in: counted, bounded, and their senders granted credit."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from millrace._channel import Channel
from millrace._gen.layout import CREDIT_MAX, PAYLOAD_LENGTH_UNKNOWN
from millrace._limits import GRANT_BATCH
from millrace._wire.headers import window_message
from millrace._wire.verdict import Verdict


class IncomingPayload(Protocol):
    """Parts in the order of their messages, then the end."""

    @property
    def total(self) -> int:
        """Bytes that came so far."""

    def take(self, part: bytes, in_data: bool, last: bool) -> Verdict | None:
        """Takes the body of one message. `in_data`: it is DATA, which costs credit. `last`: it ends the payload.
        Returns the rule broken, if one is.
        """

    def fail(self, error: BaseException) -> None:
        """Ends it early: nothing more will come."""


class Receipt:
    """Counts one payload, grants its sender credit. Rules `data-credit`, `payload-length-exact`, `window-granted`."""

    __slots__ = ("_announced", "_call_id", "_channel", "_consumed", "_credit", "total")

    def __init__(self, channel: Channel, call_id: int, announced: int) -> None:
        self._channel = channel
        self._call_id = call_id
        self._announced = announced
        self.total = 0
        # DATA messages that the sender may still send, and those consumed and not yet granted again.
        self._credit = CREDIT_MAX
        self._consumed = 0

    def count(self, length: int, in_data: bool, last: bool) -> Verdict | None:
        """Counts a part."""
        if in_data:
            if self._credit == 0:
                return Verdict("data-credit", f"DATA for call {self._call_id} came without credit")
            self._credit -= 1
        self.total += length
        announced = self._announced
        if announced != PAYLOAD_LENGTH_UNKNOWN and (self.total > announced or (last and self.total != announced)):
            found = f"{self.total}" if last else f"at least {self.total}"
            return Verdict(
                "payload-length-exact",
                f"the payload of call {self._call_id} was announced with {announced} bytes and has {found}",
            )
        return None

    def consumed(self) -> None:
        """A DATA message was consumed: grants when half of the credit was used, so that the sender never runs dry."""
        self._consumed += 1
        if self._consumed < GRANT_BATCH:
            return
        self._channel.send(window_message(self._call_id, self._consumed))
        self._credit += self._consumed
        self._consumed = 0


class WholePayload:
    """Collects a payload. Holds at most `bytes_max` bytes; grants credit as parts come."""

    __slots__ = ("_bytes", "_bytes_max", "_dropping", "_on_too_large", "_on_whole", "_receipt")

    def __init__(
        self,
        channel: Channel,
        call_id: int,
        announced: int,
        bytes_max: int,
        on_whole: Callable[[bytes], None],
        on_too_large: Callable[[], None],
    ) -> None:
        """`on_whole`: all of it came. `on_too_large`: it has more than `bytes_max` bytes; what came was dropped, and
        what comes will be. One of them is called, once.
        """
        self._receipt = Receipt(channel, call_id, announced)
        self._bytes_max = bytes_max
        self._on_whole = on_whole
        self._on_too_large = on_too_large
        self._bytes = bytearray()
        self._dropping = False

    @property
    def total(self) -> int:
        """Bytes that came so far."""
        return self._receipt.total

    def take(self, part: bytes, in_data: bool, last: bool) -> Verdict | None:
        """See `IncomingPayload`."""
        broken = self._receipt.count(len(part), in_data, last)
        if broken is not None or self._dropping:
            return broken
        if self._receipt.total > self._bytes_max:
            self._drop()
            self._on_too_large()
            return None
        self._bytes += part
        if last:
            whole = bytes(self._bytes)
            self._bytes = bytearray()
            self._on_whole(whole)
        elif in_data:
            self._receipt.consumed()
        return None

    def fail(self, error: BaseException) -> None:
        """See `IncomingPayload`."""
        del error  # Who waits for the whole is told by the call itself.
        self._drop()

    def _drop(self) -> None:
        self._dropping = True
        self._bytes = bytearray()


class StreamedPayload:
    """A payload as a stream. Holds at most the parts that credit allows, 32 messages; grants as its reader takes them,
    so a reader that stops stops the sender. One reader.
    """

    __slots__ = ("_ended", "_failed", "_on_left", "_parts", "_receipt", "wake")

    def __init__(self, channel: Channel, call_id: int, announced: int, on_left: Callable[[], None]) -> None:
        """`on_left`: the reader went away before the end."""
        self._receipt = Receipt(channel, call_id, announced)
        self._on_left = on_left
        self._parts: deque[tuple[bytes, bool]] = deque()
        self._ended = False
        self._failed: BaseException | None = None
        # Called when `poll` has something new, once; set by the reader before it waits.
        self.wake: Callable[[], None] | None = None

    @property
    def total(self) -> int:
        """Bytes that came so far."""
        return self._receipt.total

    def take(self, part: bytes, in_data: bool, last: bool) -> Verdict | None:
        """See `IncomingPayload`."""
        broken = self._receipt.count(len(part), in_data, last)
        if broken is None and self._failed is None and not self._ended:
            if part:
                self._parts.append((part, in_data))
            self._ended = last
            self._rouse()
        return broken

    def fail(self, error: BaseException) -> None:
        """See `IncomingPayload`."""
        if not self._ended and self._failed is None:
            self._failed = error
            self._rouse()

    def poll(self) -> bytes | None:
        """The next part; empty at the end; None when it has not come yet.

        Raises:
            MillraceError: the payload ended early.
        """
        if self._parts:
            part, in_data = self._parts.popleft()
            if in_data and not self._ended and self._failed is None:
                self._receipt.consumed()
            return part
        if self._failed is not None:
            raise self._failed
        return b"" if self._ended else None

    def leave(self) -> None:
        """The reader goes away."""
        early = not self._ended and self._failed is None
        self._parts.clear()
        self._ended = True
        self._rouse()
        if early:
            self._on_left()

    def _rouse(self) -> None:
        wake, self.wake = self.wake, None
        if wake is not None:
            wake()
