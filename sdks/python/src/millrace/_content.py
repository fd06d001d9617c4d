"""Payload bytes to values and back, by content."""

from __future__ import annotations

import json
from typing import Any, Final

from millrace._gen.layout import (
    CONTENT_BYTES,
    CONTENT_CBOR,
    CONTENT_EVENT_STREAM,
    CONTENT_JSON,
    CONTENT_NDJSON,
    CONTENT_PROTOBUF,
    CONTENT_TEXT,
    MEDIA_TYPES,
)
from millrace._shapes import to_plain
from millrace.errors import MillraceError, UsageError

# Names of what a payload can be, as a decorator takes them.
CONTENTS: Final = {
    "bytes": CONTENT_BYTES,
    "json": CONTENT_JSON,
    "text": CONTENT_TEXT,
    "protobuf": CONTENT_PROTOBUF,
    "cbor": CONTENT_CBOR,
    "event-stream": CONTENT_EVENT_STREAM,
    "ndjson": CONTENT_NDJSON,
}

_NO_JSON: Final = frozenset((CONTENT_PROTOBUF, CONTENT_CBOR, CONTENT_EVENT_STREAM))
_TEXTS: Final = frozenset((CONTENT_JSON, CONTENT_TEXT, CONTENT_NDJSON))

# One encoder and one decoder for all: making one for each value costs more than a small value itself. An infinite or
# absent number has no JSON, so it is refused rather than written as the `NaN` that other languages cannot read.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=to_plain).encode


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


_decode = json.JSONDecoder(parse_constant=_no_number).decode


def json_bytes(value: Any) -> bytes:
    """A value as JSON.

    Raises:
        TypeError, ValueError: it has none.
    """
    return _encode(value).encode()


def content_number(content: str | int) -> int:
    """The number of a content, by its name or itself.

    Raises:
        UsageError: there is no such content.
    """
    number = CONTENTS.get(content) if isinstance(content, str) else content
    if number is None or not 0 <= number <= 255:
        raise UsageError(f"content is {content!r}; choose one of {', '.join(CONTENTS)}")
    return number


def parse_input(payload: bytes, content: int, what: str) -> Any:
    """The value of an input for a function that takes JSON.

    Raises:
        MillraceError: `bad_input`; it is of a content that is not JSON, or no JSON.
    """
    if content in _NO_JSON:
        raise MillraceError("bad_input", f"{what} is {MEDIA_TYPES[content]}; it takes JSON or text")
    return parse_text(payload, content, what)


def parse_text(payload: bytes, content: int, what: str) -> Any:
    """The value of a text payload, by its content: a text, a list for NDJSON, otherwise what the JSON says. An empty
    payload is None. Bytes without a known content are tried as JSON.

    `what` names the payload in the error, such as `input of greet`.

    Raises:
        MillraceError: `bad_input`; its message names the position of the fault.
    """
    try:
        text = payload.decode()
    except UnicodeDecodeError as error:
        raise MillraceError("bad_input", f"{what} is not UTF-8 at byte {error.start}") from error
    if content == CONTENT_TEXT:
        return text
    if not text:
        return None
    if content == CONTENT_NDJSON:
        return [_parse(line, what) for line in text.split("\n") if line.strip()]
    return _parse(text, what)


def parse_output(payload: bytes, content: int, what: str) -> Any:
    """The output of a call as a value, by its content: what is neither JSON nor text stays bytes."""
    return parse_text(payload, content, what) if content in _TEXTS else payload


def input_bytes(value: Any) -> tuple[bytes, int]:
    """What is sent for an input, and its content: bytes as they are, anything else as JSON.

    Raises:
        UsageError: it has no JSON.
    """
    if isinstance(value, bytes):
        return value, CONTENT_BYTES
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value), CONTENT_BYTES
    try:
        return json_bytes(value), CONTENT_JSON
    except (TypeError, ValueError) as error:
        raise UsageError(f"an input has no JSON: {error}") from error


def _parse(text: str, what: str) -> Any:
    try:
        return _decode(text)
    except json.JSONDecodeError as error:
        found = "the text ends" if error.pos >= len(text) else f"found {text[error.pos : error.pos + 12]!r}"
        place = f"at line {error.lineno}, column {error.colno} (position {error.pos})"
        raise MillraceError("bad_input", f"{what} is not JSON: {found} {place}: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise MillraceError("bad_input", f"{what} is not JSON: {error}") from error
