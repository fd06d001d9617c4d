"""Headers of the messages that a worker writes, and of the two that it reads most, each in one step.

A message is built as one `bytes` object: packing the header, adding the body and filling up with zeros is one
allocation of 1,024 bytes, which in CPython costs less than writing into a slot and clearing its stale tail, and leaves
no tail to clear (rule `message-tail-zero`).
"""

from __future__ import annotations

from struct import Struct
from typing import Final

from millrace._gen.layout import (
    BODY_BYTES,
    FLAG_MORE,
    HEADER_BYTES,
    MESSAGE_BYTES,
    OFFSET_CALL_ID,
    OFFSET_CONTENT,
    OFFSET_RESERVED,
    OFFSET_TRACE_ID,
    TYPE_CANCEL,
    TYPE_CAPACITY,
    TYPE_DATA,
    TYPE_ERROR,
    TYPE_INVOKE,
    TYPE_PONG,
    TYPE_RESULT,
    TYPE_WINDOW,
)

# type flags body_length call_id function_id payload_length timeout_us parent_call_id queue_us attempt
# trace_id+span_id trace_flags priority depth content reserved
INVOKE: Final = Struct("<BBHIIIIIII24sBBBBI")
# type flags body_length call_id 0 payload_length run_us status queue_us cpu_us zeros(27) content 0
RESULT: Final = Struct("<BBHIIIIIII27sBI")
# type flags body_length call_id 0 0 word16 word20 word24 word28
PLAIN: Final = Struct("<BBHIIIIIII")

RESULT_ZEROS: Final = bytes(27)

if INVOKE.size != HEADER_BYTES or RESULT.size != HEADER_BYTES or PLAIN.size != OFFSET_TRACE_ID:
    raise ImportError("the header structs and the generated layout disagree")
if OFFSET_CALL_ID != 4 or OFFSET_CONTENT != 59 or OFFSET_RESERVED != 60:
    raise ImportError("the header structs and the generated layout disagree")

# The same for writing, with the fields joined that are always zero or set together: type and flags are one number, and
# so are trace_flags and priority, depth and content.
_INVOKE_OUT: Final = Struct("<HHIIIIIII24xHHI")
_RESULT_OUT: Final = Struct("<HHIIII39xB4x")
if _INVOKE_OUT.size != HEADER_BYTES or _RESULT_OUT.size != HEADER_BYTES:
    raise ImportError("the header structs and the generated layout disagree")

_pack_invoke = _INVOKE_OUT.pack
_pack_result = _RESULT_OUT.pack
_pack_plain = PLAIN.pack


def invoke_message(
    flags: int,
    call_id: int,
    function_id: int,
    payload_length: int,
    timeout_us: int,
    parent_call_id: int,
    priority: int,
    content: int,
    body: bytes,
) -> bytes:
    """INVOKE of an internal call (rules `internal-fields`, `internal-trace`). `body`: at most 960 bytes."""
    return (
        _pack_invoke(
            TYPE_INVOKE | flags << 8,
            len(body),
            call_id,
            function_id,
            payload_length,
            timeout_us,
            parent_call_id,
            0,
            1,
            priority << 8,
            content << 8,
            0,
        )
        + body
    ).ljust(MESSAGE_BYTES, b"\0")


def result_message(flags: int, call_id: int, payload_length: int, run_us: int, content: int, body: bytes) -> bytes:
    """RESULT. `body`: at most 960 bytes."""
    return (
        _pack_result(TYPE_RESULT | flags << 8, len(body), call_id, 0, payload_length, run_us, content) + body
    ).ljust(MESSAGE_BYTES, b"\0")


def data_message(flags: int, call_id: int, body: bytes) -> bytes:
    """DATA. `body`: at most 960 bytes."""
    return (
        _pack_plain(TYPE_DATA, flags, len(body), call_id, 0, 0, 0, 0, 0, 0).ljust(HEADER_BYTES, b"\0") + body
    ).ljust(MESSAGE_BYTES, b"\0")


def plain_message(kind: int, call_id: int = 0, word16: int = 0, word20: int = 0) -> bytes:
    """A message without a body, with what its type keeps at the offsets 16 and 20."""
    return _pack_plain(kind, 0, 0, call_id, 0, 0, word16, word20, 0, 0).ljust(MESSAGE_BYTES, b"\0")


def cancel_message(call_id: int) -> bytes:
    """CANCEL of an internal call."""
    return plain_message(TYPE_CANCEL, call_id)


def window_message(call_id: int, credit: int) -> bytes:
    """WINDOW. `credit`: 1 to 32 messages."""
    return plain_message(TYPE_WINDOW, call_id, credit)


def pong_message(nonce: int, open_calls: int) -> bytes:
    """PONG (rules `pong-nonce`, `pong-open-calls`)."""
    return plain_message(TYPE_PONG, 0, nonce, open_calls)


def capacity_message(calls: int) -> bytes:
    """CAPACITY."""
    return plain_message(TYPE_CAPACITY, 0, calls)


def span_messages(kind: int, body: bytes, call_id: int = 0, word16: int = 0, word20: int = 0) -> bytes:
    """Whole messages of one cold body, with MORE on all but the last (rules `cold-span-consecutive`,
    `cold-span-header`). An ERROR has `run_us` in `word16` and `status` in `word20`.
    """
    messages = []
    for at in range(0, max(len(body), 1), BODY_BYTES):
        part = body[at : at + BODY_BYTES]
        flags = FLAG_MORE if at + BODY_BYTES < len(body) else 0
        header = _pack_plain(kind, flags, len(part), call_id, 0, 0, word16, word20, 0, 0)
        messages.append((header.ljust(HEADER_BYTES, b"\0") + part).ljust(MESSAGE_BYTES, b"\0"))
    return b"".join(messages)


def error_messages(call_id: int, run_us: int, status: int, body: bytes) -> bytes:
    """ERROR, in as many messages as the failure needs."""
    return span_messages(TYPE_ERROR, body, call_id, run_us, status)
