"""One payload on its way out, after its head message: DATA as credit and the outbox allow, then the tail."""

from __future__ import annotations

from collections.abc import Callable

from millrace._channel import Channel
from millrace._gen.layout import BODY_BYTES, CREDIT_MAX, FLAG_MORE
from millrace._wire.headers import data_message
from millrace._wire.verdict import Verdict


class OutgoingPayload:
    """Rules `data-credit`, `credit-max`, `data-output-more` and `result-total`."""

    __slots__ = (
        "_at",
        "_bytes",
        "_call_id",
        "_channel",
        "_credit",
        "_on_sent",
        "_send_tail",
        "_tail_needs_credit",
        "_waits_for_room",
        "closing",
        "ended",
        "total",
    )

    def __init__(
        self,
        channel: Channel,
        call_id: int,
        head_bytes: int,
        tail_needs_credit: bool,
        send_tail: Callable[[bytes, int], None],
    ) -> None:
        """`head_bytes`: how many bytes of the payload the head message carried. `send_tail(part, total)`: sends the
        last part, an output's in a RESULT, an input's in a DATA without MORE, which costs credit.
        """
        self._channel = channel
        self._call_id = call_id
        self._tail_needs_credit = tail_needs_credit
        self._send_tail = send_tail
        self._credit = CREDIT_MAX
        self._bytes = b""
        self._at = 0
        self._waits_for_room = False
        self._on_sent: Callable[[], None] | None = None
        # Bytes put into messages so far, the head's included.
        self.total = head_bytes
        # All bytes are known and only their sending is left.
        self.closing = False
        # The tail was sent, or the payload was stopped.
        self.ended = False

    def finish(self, rest: bytes) -> None:
        """Sends the rest of a payload, then the end."""
        if not self.ended:
            self._bytes = rest
            self._at = 0
            self.closing = True
            self._pump()

    def write(self, part: bytes, on_sent: Callable[[], None]) -> bool:
        """Sends a part of a stream. True: it is in the outbox. False: `on_sent` is called when it is, or when the
        payload was stopped; nothing may be written until then.
        """
        if self.ended:
            return True
        self._bytes = part
        self._at = 0
        self._pump()
        if self.ended or self._at == len(self._bytes):
            return True
        self._on_sent = on_sent
        return False

    def stop(self) -> None:
        """Sends nothing more, not even a tail: the call has its final message, or the channel is gone."""
        self.ended = True
        self._bytes = b""
        self._at = 0
        self._sent()

    def grant(self, credit: int) -> Verdict | None:
        """The receiver grants credit. Returns the rule broken, if one is."""
        if self._credit + credit > CREDIT_MAX:
            return Verdict(
                "credit-max", f"call {self._call_id} has credit {self._credit}, and WINDOW grants {credit} more"
            )
        self._credit += credit
        self._pump()
        return None

    def _on_room(self) -> None:
        self._waits_for_room = False
        self._pump()

    def _pump(self) -> None:
        if self.ended:
            return
        whole = self._bytes
        while self._at < len(whole):
            at = self._at
            if self.closing and len(whole) - at <= BODY_BYTES:
                break
            if self._credit == 0 or not self._has_room():
                return
            part = whole[at : at + BODY_BYTES]
            self._credit -= 1
            self._at = at + len(part)
            self.total += len(part)
            self._channel.send(data_message(FLAG_MORE, self._call_id, part))
        if self.closing:
            self._finish()
        else:
            self._sent()

    def _finish(self) -> None:
        if self._tail_needs_credit:
            if self._credit == 0:
                return
            self._credit -= 1
        last = self._bytes[self._at :]
        self._bytes = b""
        self._at = 0
        self.total += len(last)
        self.ended = True
        self._send_tail(last, self.total)

    def _has_room(self) -> bool:
        if not self._channel.high:
            return True
        if not self._waits_for_room:
            self._waits_for_room = True
            self._channel.wait_for_room(self._on_room)
        return False

    def _sent(self) -> None:
        on_sent, self._on_sent = self._on_sent, None
        if on_sent is not None:
            on_sent()
