"""Messages to bytes and back over one pair of pipes.

Messages that are sent wait in a list until the present turn is over: all that one read has caused leaves in one write.
A worker with an event loop gets bytes by `on_bytes`; one without calls `pump` and waits in it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Protocol

from millrace._gen.layout import MESSAGE_BYTES
from millrace._limits import ACTIONS_POSTED_MAX, OUTBOX_MESSAGES_BATCH, OUTBOX_MESSAGES_HIGH, OUTBOX_MESSAGES_MAX
from millrace._pipe import Pipe
from millrace._wire.assembler import Assembler
from millrace.errors import PeerError


class ChannelListener(Protocol):
    """Gets what comes over a channel."""

    def take(self, data: bytes, at: int) -> None:
        """A whole message came."""

    def on_end(self, error: str | None, truncated: bool) -> None:
        """The channel ended. `error`: None at end of file, otherwise why. `truncated`: the engine cut a message short
        (rule `channel-truncated`). Once.
        """


class Channel:
    """One channel. Everything but `post` belongs to the channel's thread.

    Without an event loop that is the thread that holds `_lock`: the one that runs handlers and waits in `pump` gives it
    away while it waits for bytes, so that another thread may send then.
    """

    def __init__(
        self, pipe: Pipe, listener: ChannelListener, soon: Callable[[Callable[[], None]], object] | None
    ) -> None:
        """`soon`: runs something after the present turn, on the event loop; None: there is no event loop."""
        self._pipe = pipe
        self._listener = listener
        self._take = listener.take
        self._soon = soon
        self._assembler = Assembler()
        # Messages that wait for one write, and what a full pipe did not take of the last one.
        self._out: list[bytes] = []
        self._rest = b""
        # Whether a flush is sure to come without being asked for.
        self._in_turn = soon is None
        # Nothing more may be sent: the last message was, or the channel is gone.
        self._sealed = False
        self.ended = False
        # Messages read and not yet taken: those of `_data` from `_at` to `_end`.
        self._data = b""
        self._at = 0
        self._end = 0
        self._read_bytes = pipe.read
        self._write_bytes = pipe.write
        pipe.on_child = self._abandon
        self._room_waiters: list[Callable[[], None]] = []
        self._posted: deque[Callable[[], None]] = deque()
        # Actions of other threads that were dropped because too many waited, and not yet told.
        self.posts_dropped = 0
        self._lock = Lock()
        # Called when everything that was sent has left. Set while the worker ends.
        self.on_empty: Callable[[], None] | None = None
        pipe.on_writable = self._on_writable
        if soon is None:
            self._lock.acquire()

    # Sending.

    def send(self, message: bytes) -> None:
        """Sends one whole message. Never fails and never waits: what is sent after the end goes nowhere."""
        if self._sealed:
            return
        out = self._out
        out.append(message)
        if len(out) >= OUTBOX_MESSAGES_BATCH:
            self._on_batch()
        if not self._in_turn:
            self.flush_soon()

    def send_all(self, messages: bytes) -> None:
        """Sends whole messages that lie one after the other."""
        for at in range(0, len(messages), MESSAGE_BYTES):
            self.send(messages[at : at + MESSAGE_BYTES])

    def flush_soon(self) -> None:
        """Flushes after what is runnable now has run."""
        if self._soon is not None and not self._in_turn:
            self._in_turn = True
            self._soon(self._flush_turn)

    def flush(self) -> None:
        """Gives the pipe what waits, without waiting itself."""
        out = self._out
        if not out or self._rest or self.ended:
            return
        self._write(self._joined())

    def _joined(self) -> bytes:
        data = b"".join(self._out)
        self._out.clear()
        return data

    @property
    def high(self) -> bool:
        """Whether so much waits that DATA should wait and LOG be dropped."""
        return len(self._out) + len(self._rest) // MESSAGE_BYTES >= OUTBOX_MESSAGES_HIGH

    @property
    def empty(self) -> bool:
        """Whether everything that was sent has left."""
        return not self._out and not self._rest

    def wait_for_room(self, waiter: Callable[[], None]) -> None:
        """Calls `waiter` once when the outbox is no longer high."""
        self._room_waiters.append(waiter)

    def seal(self) -> None:
        """What was sent leaves; what is sent from now on goes nowhere (rule `goodbye-last`)."""
        self._sealed = True

    def close(self) -> None:
        """Stops reading and sending. What was not written is lost; the listener is not told."""
        self.ended = True
        self._sealed = True
        self._room_waiters.clear()
        self._pipe.close()

    def hand_over(self) -> bytes:
        """Another channel goes on with the pipe. Returns what was read and not yet taken."""
        self.flush()
        unread = self._data[self._at : self._end] + self._assembler.rest
        self._at = self._end
        self._assembler.rest = b""
        return unread

    def take_back(self, unread: bytes) -> None:
        """Goes on with a pipe that was handed over, or takes one over that another channel has handed over."""
        self._pipe.on_writable = self._on_writable
        self._pipe.on_child = self._abandon
        if not unread:
            return
        if self._soon is None:
            self._got(unread)
        else:
            self._soon(lambda: self.on_bytes(unread))

    # Receiving.

    def on_bytes(self, data: bytes) -> None:
        """Takes bytes that the event loop read; empty: the end of the stream."""
        if self.ended:
            return
        if not data:
            self.end(None)
            return
        whole = self._assembler.push(data)
        self._in_turn = True
        take = self._take
        for at in range(0, len(whole), MESSAGE_BYTES):
            take(whole, at)
        self._in_turn = False
        if self._out:
            self.flush()
        else:
            # After what these messages have made runnable, so that it all leaves in one write.
            self.flush_soon()

    def pump(self) -> None:
        """Takes one message, and waits for it if none is there. What was sent leaves before the wait.

        A handler that waits for an internal call comes back here from within a message that it is the handler of: what
        that one's read brought besides is taken first (rule `channel-order`).

        Raises:
            PeerError: the channel has ended; nothing can come any more.
        """
        at = self._at
        if at == self._end:
            out = self._out
            if out and not self._rest:
                self._write(out.pop() if len(out) == 1 else self._joined())
                if self.ended:
                    return
            if self._rest:
                self._read_while_writing()
            else:
                self._read()
            at = self._at
            if at == self._end:
                return
        self._at = at + MESSAGE_BYTES
        self._take(self._data, at)

    def look(self) -> None:
        """Takes the messages that are there, without waiting for any."""
        while not self.ended and (self._at < self._end or self._pipe.readable()):
            self.pump()

    def post(self, action: Callable[[], None]) -> None:
        """Runs `action` on the channel's side, from any thread: now if the channel's thread waits for bytes, otherwise
        when it is done with what it does. Beyond a bound it is dropped: such actions are log records.

        With an event loop, use its own `call_soon_threadsafe` instead.
        """
        if len(self._posted) >= ACTIONS_POSTED_MAX:
            self.posts_dropped += 1
            return
        self._posted.append(action)
        while self._posted and self._lock.acquire(blocking=False):
            try:
                self._run_posted()
                self.flush()
            finally:
                self._lock.release()

    def end(self, error: str | None) -> None:
        """The pipe ended or broke."""
        if self.ended:
            return
        self.ended = True
        self._sealed = True
        self._listener.on_end(error, self._assembler.pending_bytes > 0)
        waiters, self._room_waiters = self._room_waiters, []
        for waiter in waiters:
            waiter()

    def drain_out(self, limit_s: float) -> None:
        """Waits until everything that was sent has left, the channel has ended, or the time is over."""
        self.flush()
        if self._rest and not self.ended:
            self._pipe.wait_written(limit_s, lambda: not self.empty and not self.ended)

    # Inside.

    def _read(self) -> None:
        """Reads what comes next, and waits for it in the read itself: one system call for both."""
        if self.ended:
            raise PeerError("the channel has ended", "internal")
        lock = self._lock
        lock.release()
        if self._posted:
            lock.acquire()
            self._run_posted()
            self.flush()
            if self._rest:
                self._read_while_writing()
                return
            lock.release()
        try:
            data = self._read_bytes()
        except OSError as error:
            lock.acquire()
            self.end(error.strerror)
            return
        except BaseException:  # Such as KeyboardInterrupt.
            lock.acquire()
            raise
        lock.acquire()
        if data and not len(data) & 1023 and not self._assembler.rest:
            self._data = data
            self._at = 0
            self._end = len(data)
        else:
            self._got(data)

    def _read_while_writing(self) -> None:
        """Reads what comes next while OUT is full: waits for both pipes, because an engine that waits for this
        worker to read would otherwise wait for ever.
        """
        try:
            data = self._pipe.read_or_write(lambda: bool(self._rest) and not self.ended)
        except OSError as error:
            self.end(error.strerror)
            return
        if data is not None:
            self._got(data)

    def _got(self, data: bytes) -> None:
        if not data:
            self.end(None)
            return
        self._data = self._assembler.push(data)
        self._at = 0
        self._end = len(self._data)

    def _abandon(self) -> None:
        """The process is a forked child now."""
        self.ended = True
        self._sealed = True
        self._out.clear()
        self._rest = b""

    def _run_posted(self) -> None:
        while self._posted:
            self._posted.popleft()()

    def _flush_turn(self) -> None:
        self._in_turn = False
        self.flush()

    def _on_batch(self) -> None:
        self.flush()
        if len(self._out) >= OUTBOX_MESSAGES_MAX:
            self._out.clear()
            self.end("the engine has stopped reading")

    def _write(self, data: bytes) -> None:
        try:
            taken = self._write_bytes(data)
        except BlockingIOError:
            taken = 0
        except OSError as error:
            if self._soon is not None:
                # Not from within a send: whoever sends does not expect the channel to end under it.
                reason = error.strerror
                self._soon(lambda: self.end(reason))
                self._sealed = True
            else:
                self.end(error.strerror)
            return
        if taken < len(data):
            self._rest = data[taken:]
            self._pipe.want_writable(True)
        elif self.on_empty is not None:
            self.on_empty()
        elif self._room_waiters:
            self._rouse()

    def _on_writable(self) -> None:
        rest, self._rest = self._rest, b""
        if rest and not self.ended:
            self._write(rest)
        if not self._rest:
            self._pipe.want_writable(False)
            self.flush()

    def _rouse(self) -> None:
        if not self.high:
            waiters, self._room_waiters = self._room_waiters, []
            for waiter in waiters:
                waiter()
