"""Where handlers run, and how they wait: directly on the channel's thread, or beside an event loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from millrace._pending_call import PendingCall
    from millrace._served_call import ServedCall
    from millrace._worker import ChannelWorker


class Gate(Protocol):
    """Something that a synchronous handler waits for. Opened once."""

    def open(self) -> None:
        """Lets the waiter go on. On the channel's thread."""

    def wait(self) -> None:
        """Waits until it is open. On the handler's thread."""


class Runtime(Protocol):
    """One of `_direct.DirectRuntime` and `_loop.LoopRuntime`."""

    # Handlers run on the channel's thread, one on top of another.
    direct: bool

    def main(self, worker: ChannelWorker) -> int:
        """Runs a worker until it has ended. Returns the exit code."""

    def run(self, call: ServedCall, value: Any) -> None:
        """Runs the handler of a call whose input is there, now or soon, and ends the call."""

    def do(self, action: Callable[[], Any]) -> Any:
        """Does something on the channel's thread for the present handler's, and returns or raises what it does."""

    def check_sync(self) -> None:
        """Makes sure that the present thread may block.

        Raises:
            UsageError: it may not.
        """

    def gate(self) -> Gate:
        """Makes a gate for the present handler."""

    def look(self) -> None:
        """Takes messages that are there, if nobody else does while a handler runs."""

    def send_stream(self, call: PendingCall) -> None:
        """Begins to send the asynchronous input of a call."""

    def soon(self, action: Callable[[], None]) -> None:
        """Does something on the channel's thread, from any thread, without waiting for it."""

    def current(self) -> ServedCall | None:
        """The call whose handler runs here, on the present thread and in the present task."""
