"""Ids of calls: each side counts up by two, and 32 bits wrap."""

from __future__ import annotations


def is_after(call_id: int, last: int) -> bool:
    """Whether an id comes after the last one of its side (rule `call-id-rising`)."""
    return 0 < ((call_id - last) & 0xFFFF_FFFF) < 0x8000_0000


def next_call_id(last: int) -> int:
    """The id after `last` on the worker's side: odd, so never 0 (rules `call-id-step`, `invoke-call-id-parity`)."""
    return (last + 2) & 0xFFFF_FFFF
