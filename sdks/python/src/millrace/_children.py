"""The processes of a zygote: makes them, and learns how they end."""

from __future__ import annotations

import os
import signal
import sys
import threading

from millrace._limits import READ_BYTES
from millrace._wire.fork import Fork
from millrace._worker import say_line

# Statuses of FORKED for a FORK that made no process (rule `fork-failed`).
STATUS_INVALID_ARGUMENT = 3
STATUS_RESOURCE_EXHAUSTED = 8
STATUS_FAILED_PRECONDITION = 9


def threads_fault() -> str | None:
    """Why this process may not fork, with the fix; None: it may (rule `fork-single-thread`)."""
    count = thread_count()
    if count == 1:
        return None
    return (
        f"a zygote needs a single thread, and this one has {count}: start threads in an on_start hook, keep those of a "
        "library off (OPENBLAS_NUM_THREADS=1 for numpy), or leave out `fork`"
    )


def thread_count() -> int:
    """Threads of this process, those that no Python code started included where the system tells."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return threading.active_count()


class Children:
    """The forked workers of this process."""

    def __init__(self) -> None:
        """Takes SIGCHLD for itself: `wake_fd` can be read when a child may have ended."""
        # Whether this process is one of them, and no longer the zygote.
        self.is_child = False
        # Those that have not ended.
        self._pids: set[int] = set()
        self.wake_fd, self._wake_write = os.pipe()
        for fd in (self.wake_fd, self._wake_write):
            os.set_blocking(fd, False)
        self._old_handler = signal.signal(signal.SIGCHLD, lambda *_: None)
        self._old_wake = signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)

    def fork(self, fork: Fork) -> tuple[int, int]:
        """Makes a worker. Returns its pid and 0, or 0 and the status of why there is none. In the worker `is_child` is
        true then, and the environment names its channel.
        """
        if not all(fork):
            return 0, STATUS_INVALID_ARGUMENT
        fault = threads_fault()
        if fault is not None:
            say_line(fault)
            return 0, STATUS_FAILED_PRECONDITION
        _flush_output()
        # Ends when the child has its own group: the engine may signal that once FORKED came (rule `fork-group`).
        grouped, grouping = os.pipe()
        try:
            pid = os.fork()
        except OSError as error:
            os.close(grouped)
            os.close(grouping)
            say_line(f"a worker could not be forked: {error.strerror}")
            return 0, STATUS_RESOURCE_EXHAUSTED
        if pid == 0:
            os.setsid()
            os.close(grouped)
            os.close(grouping)
            self._become_child(fork)
            return 0, 0
        os.close(grouping)
        os.read(grouped, 1)
        os.close(grouped)
        self._pids.add(pid)
        return pid, 0

    def reap(self) -> list[tuple[int, int]]:
        """The pid and the exit code of each forked worker that has ended since, 128 + N for signal N. What else the
        user's code has started stays for it to wait for.
        """
        try:
            os.read(self.wake_fd, READ_BYTES)
        except BlockingIOError:
            return []  # No signal came.
        ended = []
        for pid in list(self._pids):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                self._pids.discard(pid)
                code = os.waitstatus_to_exitcode(status)
                ended.append((pid, code if code >= 0 else 128 - code))
        return ended

    def _become_child(self, fork: Fork) -> None:
        """Leaves nothing of the zygote. Its end of the channel was closed, and `random` seeded anew, by the fork
        itself: both have asked for that by `os.register_at_fork`.
        """
        self.is_child = True
        signal.set_wakeup_fd(self._old_wake)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL if self._old_handler is None else self._old_handler)
        os.close(self.wake_fd)
        os.close(self._wake_write)
        self._pids.clear()
        os.environ["MILLRACE_CHANNEL_IN"] = fork.channel_in
        os.environ["MILLRACE_CHANNEL_OUT"] = fork.channel_out
        os.environ["MILLRACE_TOKEN"] = fork.token


def _flush_output() -> None:
    """Text in a buffer would be printed by every child."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            continue  # Closed or absent: there is nothing in it that could be printed twice.
