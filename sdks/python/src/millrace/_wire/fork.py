"""FORK, FORKED and EXITED: what a zygote reads and writes."""

from __future__ import annotations

from typing import NamedTuple

from millrace._gen.layout import TYPE_EXITED, TYPE_FORKED
from millrace._wire.headers import plain_message
from millrace._wire.proto import NotProtobufError, fields, text_of


class Fork(NamedTuple):
    """The channel of a worker to fork."""

    channel_in: str = ""
    channel_out: str = ""
    token: str = ""


def decode_fork(body: bytes) -> Fork | None:
    """Reads the body of FORK; None when it is no Fork."""
    texts = [""] * len(Fork._fields)
    try:
        for number, value in fields(body):
            if number <= len(texts):
                texts[number - 1] = text_of(value)
    except NotProtobufError:
        return None
    return Fork(*texts)


def forked_message(pid: int, status: int) -> bytes:
    """FORKED (rule `fork-failed`). `status`: 0, or why there is no process; then `pid` is 0."""
    return plain_message(TYPE_FORKED, 0, pid, status)


def exited_message(pid: int, exit_code: int) -> bytes:
    """EXITED. `exit_code`: of the process; 128 + N when signal N ended it."""
    return plain_message(TYPE_EXITED, 0, pid, exit_code)
