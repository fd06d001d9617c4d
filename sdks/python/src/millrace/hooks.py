"""What runs at a worker's start and stop, and how many calls it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from millrace._payload_files import PayloadFiles
    from millrace._prewarm import Prewarmed
    from millrace._worker import ChannelWorker

__all__ = ["on_start", "on_stop", "set_capacity"]

H = TypeVar("H", bound=Callable[[], Any])


class ProcessHooks:
    """What a process remembers between the user's module and whoever serves it."""

    def __init__(self) -> None:
        self.start: list[Callable[[], Any]] = []
        self.stop: list[Callable[[], Any]] = []
        # The payload directory that the launch named; None: it named none.
        self.payloads: PayloadFiles | None = None
        # The worker of this process, once `serve` was called.
        self.worker: ChannelWorker | None = None
        # Whether this process is to fork workers before it is one: `python -m millrace --zygote`.
        self.zygote = False
        # Whether code is being loaded by LOAD: `serve` then tells what the code serves, and does not run it.
        self.loading = False
        # The channel that the worker of the loaded code takes over.
        self.prewarmed: Prewarmed | None = None


PROCESS = ProcessHooks()


def on_start(hook: H) -> H:
    """Runs `hook`, synchronous or `async def`, before this worker takes calls, in the order of registration.

    When one raises the worker does not start: it prints the error and exits with 78. Hooks registered after the start
    never run.
    """
    PROCESS.start.append(hook)
    return hook


def on_stop(hook: H) -> H:
    """Runs `hook`, synchronous or `async def`, when the last call has ended and the worker is about to exit: after
    DRAIN, GOODBYE or the end of the engine, in the reverse order of registration.

    All hooks together have the rest of the drain's time, or 5 seconds; then the worker exits without them. An error is
    printed and changes nothing else. A killed worker runs none.
    """
    PROCESS.stop.insert(0, hook)
    return hook


def set_capacity(calls: int) -> None:
    """Changes how many calls this process's worker takes at once, from now on: CAPACITY. 0: none for the time being.

    Does nothing when the engine did not accept the feature `capacity`, or no worker runs. May be called on any thread.

    Raises:
        UsageError: `calls` is no integer from 0 to what the worker offered.
    """
    if PROCESS.worker is not None:
        PROCESS.worker.set_capacity(calls)
