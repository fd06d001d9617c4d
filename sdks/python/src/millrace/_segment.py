"""The segment of shared memory that the engine may give a worker for rings, which this SDK does not use."""

from __future__ import annotations

import fcntl
import os

_F_GET_SEALS = 1034
# Against further seals, shrinking and growing: what every segment has (rule `ring-segment`), and hardly another file.
_SEALS = 0b111


def decline_segment(number: str | None) -> None:
    """Closes the descriptor with that number, so that no child inherits it, if it is a segment; `None`: there is none.

    One that is no segment stays open: something between engine and worker has put it there for its own use.
    """
    if number is None or not number.isdecimal():
        return
    try:
        seals = fcntl.fcntl(int(number), _F_GET_SEALS)
    except (OSError, OverflowError):
        return  # No descriptor, or no memory file.
    if seals & _SEALS == _SEALS:
        os.close(int(number))
