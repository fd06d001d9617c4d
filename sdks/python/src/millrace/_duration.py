"""Lengths of time, from seconds to what the wire carries."""

from __future__ import annotations

import math

from millrace._limits import TIMEOUT_US_MAX
from millrace.errors import UsageError


def duration_us(seconds: float, what: str) -> int:
    """Microseconds of some seconds, rounded up to at least 1, so that a limit never turns into none.

    Args:
        seconds: Above 0, at most 71 minutes (what the wire's 32 bits hold).
        what: Names the option in the error.

    Raises:
        UsageError: anything else.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds * 1e6 <= TIMEOUT_US_MAX:
        raise UsageError(f"{what} is {seconds!r}; write seconds, above 0 and up to 71 minutes")
    return max(1, math.ceil(seconds * 1e6))
