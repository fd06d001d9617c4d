"""The event loop of a worker: asyncio's own, with a selector that costs less per turn."""

from __future__ import annotations

import asyncio
import selectors
from typing import Any

_READ = selectors.EVENT_READ
_WRITE = selectors.EVENT_WRITE

# Turns with work to do that may pass before the descriptors are looked at again. Unit: turns.
BUSY_TURNS_MAX = 1


class LeanSelector(selectors.EpollSelector):
    """A turn of the loop that has work already asks for events without waiting. That look costs a system call, and in a
    worker it follows right on one that has waited, so every second such look is left out.
    """

    def __init__(self) -> None:
        super().__init__()
        self._busy_turns = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """See `selectors.EpollSelector`."""
        if timeout is not None and timeout <= 0:
            if self._busy_turns < BUSY_TURNS_MAX:
                self._busy_turns += 1
                return []
            timeout = 0
        self._busy_turns = 0
        return super().select(timeout)


def new_event_loop() -> asyncio.AbstractEventLoop:
    """A loop of the kind that the program has chosen by its policy, or else the lean one."""
    policy: Any = asyncio.get_event_loop_policy()
    if type(policy).__module__.startswith("asyncio."):
        return asyncio.SelectorEventLoop(LeanSelector())
    return asyncio.new_event_loop()
