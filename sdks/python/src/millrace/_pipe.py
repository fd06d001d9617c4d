"""The worker's ends of its two FIFOs. The only file that reads and writes them. One reader, one writer."""

from __future__ import annotations

import errno
import os
import select
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from millrace._limits import READ_BYTES

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

_READABLE = select.POLLIN | select.POLLHUP | select.POLLERR


def open_pipe(in_path: str, out_path: str) -> Pipe:
    """Opens IN, then OUT, without blocking and close-on-exec (rules `launch-open-order`, `channel-close-on-exec`).

    Raises:
        OSError: ENXIO: nobody reads OUT, so the engine is gone.
    """
    in_fd = os.open(in_path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        out_fd = os.open(out_path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        os.close(in_fd)
        raise
    return Pipe(in_fd, out_fd)


def engine_is_absent(error: OSError) -> bool:
    """Whether opening failed because nobody reads OUT (rule `channel-engine-absent`)."""
    return error.errno == errno.ENXIO


class Pipe:
    """Both ends, by descriptor. Owns them. OUT never blocks."""

    def __init__(self, in_fd: int, out_fd: int) -> None:
        self._in_fd = in_fd
        self._out_fd = out_fd
        os.set_blocking(out_fd, False)
        # The next bytes, at most 64 KiB; empty at the end of the stream. Raises OSError.
        self.read: Callable[[], bytes] = partial(os.read, in_fd, READ_BYTES)
        # Writes what OUT takes, and returns how many bytes that were. Raises BlockingIOError when it is full, another
        # OSError when nobody reads it any more. Both are the system's own functions: a method around them would cost
        # a fifth of the call.
        self.write: Callable[[bytes], int] = partial(os.write, out_fd)
        # Called in a forked child, which has no part in the channel.
        self.on_child: Callable[[], None] = _nothing
        # Called when OUT takes bytes again, after `want_writable(True)`.
        self.on_writable: Callable[[], None] = _nothing
        self._loop: AbstractEventLoop | None = None
        self._poll: Any = None
        os.register_at_fork(after_in_child=self._close_in_child)

    # Without an event loop.

    def use_blocking(self) -> None:
        """From now on `read` waits for bytes."""
        os.set_blocking(self._in_fd, True)
        self._poll = select.poll()
        self._poll.register(self._in_fd, _READABLE)

    def readable(self) -> bool:
        """Whether `read` would not wait."""
        return bool(self._poll.poll(0))

    def read_or_write(self, blocked: Callable[[], bool]) -> bytes | None:
        """Like `read`, and calls `on_writable` whenever OUT takes bytes, while `blocked`. None: it isn't any more."""
        while blocked():
            both = select.poll()
            both.register(self._in_fd, _READABLE)
            both.register(self._out_fd, select.POLLOUT)
            events = dict(both.poll())
            if self._out_fd in events:
                self.on_writable()
            if self._in_fd in events:
                return self.read()
        return None

    def wait(self, other: int, blocked: bool) -> bool:
        """Waits until `read` has something, the descriptor `other` can be read, or, while `blocked`, OUT takes bytes:
        then `on_writable` is called. Returns whether `read` has something.
        """
        both = select.poll()
        both.register(self._in_fd, _READABLE)
        both.register(other, select.POLLIN)
        if blocked:
            both.register(self._out_fd, select.POLLOUT)
        events = dict(both.poll())
        if self._out_fd in events:
            self.on_writable()
        return self._in_fd in events

    def wait_written(self, limit_s: float, blocked: Callable[[], bool]) -> None:
        """Calls `on_writable` whenever OUT takes bytes, as long as `blocked` and until the time is over."""
        until = time.monotonic() + limit_s
        out = select.poll()
        out.register(self._out_fd, select.POLLOUT)
        while blocked():
            left = until - time.monotonic()
            if left <= 0 or not out.poll(left * 1000):
                return
            self.on_writable()

    # With an event loop.

    def use_loop(
        self, loop: AbstractEventLoop, on_bytes: Callable[[bytes], None], on_error: Callable[[str], None]
    ) -> None:
        """Begins to read: `on_bytes` gets what comes, empty at the end of the stream."""
        in_fd = self._in_fd
        read = os.read

        def on_readable() -> None:
            try:
                data = read(in_fd, READ_BYTES)
            except BlockingIOError:
                return
            except OSError as error:
                loop.remove_reader(in_fd)
                on_error(error.strerror or str(error))
                return
            if not data:
                loop.remove_reader(in_fd)
            on_bytes(data)

        self._loop = loop
        loop.add_reader(in_fd, on_readable)

    def want_writable(self, wanted: bool) -> None:
        """Whether `on_writable` is to be called."""
        if self._loop is None or self._out_fd == -1:
            return
        if wanted:
            self._loop.add_writer(self._out_fd, self.on_writable)
        else:
            self._loop.remove_writer(self._out_fd)

    def close(self) -> None:
        """Closes both ends. Doing so twice is allowed."""
        fds = (self._in_fd, self._out_fd)
        loop, self._loop = self._loop, None
        # Forget first: the kernel may give the numbers away at once.
        self._in_fd = self._out_fd = -1
        for fd in fds:
            if fd != -1:
                if loop is not None:
                    loop.remove_reader(fd)
                    loop.remove_writer(fd)
                os.close(fd)

    def _close_in_child(self) -> None:
        """A process forked by user code has no part in the channel."""
        fds = (self._in_fd, self._out_fd)
        self._in_fd = self._out_fd = -1
        self.on_child()
        for fd in fds:
            if fd != -1:
                os.close(fd)


def _nothing() -> None:
    pass
