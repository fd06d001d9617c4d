"""The part of the protobuf encoding that the cold messages use: varints, texts and messages in messages.

A general decoder would be a dependency of tens of milliseconds at every start of a worker. This one reads whatever a
protobuf writer may write (fields in any order, repeated, unknown, of any wire type, varints of any width) and
refuses what is not protobuf.
"""

from __future__ import annotations

from collections.abc import Iterator

# Groups of a later version are skipped; deeper ones than this are refused. Unit: groups inside of one another.
GROUP_DEPTH_MAX = 100

Value = int | bytes


class NotProtobufError(ValueError):
    """The bytes are no protobuf message."""


def fields(body: bytes) -> Iterator[tuple[int, Value]]:
    """The fields of a message in their order: (number, value). Fixed-width values and groups are skipped.

    Raises:
        NotProtobufError: the bytes end inside a field, or are of no wire type.
    """
    at = 0
    while at < len(body):
        tag, at = _varint(body, at)
        number, wire = tag >> 3, tag & 7
        if number == 0 or tag > 0xFFFF_FFFF:
            raise NotProtobufError(f"field number {number}")
        if wire == 0:
            value, at = _varint(body, at)
            yield number, value
        elif wire == 2:
            length, at = _varint(body, at)
            if length > len(body) - at:
                raise NotProtobufError("a field is longer than its message")
            yield number, body[at : at + length]
            at += length
        else:
            at = _skip(body, at, number, wire, 0)


def _skip(body: bytes, at: int, number: int, wire: int, depth: int) -> int:
    """Where a field ends whose tag was read."""
    if wire == 0:
        return _varint(body, at)[1]
    if wire == 2:
        length, at = _varint(body, at)
        end = at + length
    elif wire in (1, 5):
        end = at + (8 if wire == 1 else 4)
    elif wire == 3 and depth < GROUP_DEPTH_MAX:
        while True:
            tag, at = _varint(body, at)
            if tag >> 3 == 0:
                raise NotProtobufError("field number 0")
            if tag & 7 == 4:
                if tag >> 3 != number:
                    raise NotProtobufError("a group ends that did not begin")
                return at
            at = _skip(body, at, tag >> 3, tag & 7, depth + 1)
    else:
        raise NotProtobufError(f"wire type {wire}")
    if end > len(body):
        raise NotProtobufError("a field is longer than its message")
    return end


def _varint(body: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(body):
            raise NotProtobufError("a varint is cut off")
        byte = body[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, at
    raise NotProtobufError("a varint has more than ten bytes")


def text_of(value: Value) -> str:
    """A text field's value.

    Raises:
        NotProtobufError: it is no UTF-8.
    """
    if isinstance(value, int):
        return ""  # A field of another wire type is an unknown field.
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise NotProtobufError("a text is not UTF-8") from error


def uint_of(value: Value) -> int:
    """A uint32 or enum field's value: the low 32 bits, as every protobuf reader takes them."""
    return value & 0xFFFF_FFFF if isinstance(value, int) else 0


def message_of(value: Value) -> bytes:
    """A message field's bytes."""
    return b"" if isinstance(value, int) else value


def uint_field(number: int, value: int) -> bytes:
    """A varint field; nothing for the default 0."""
    return _encode(number << 3) + _encode(value) if value else b""


def text_field(number: int, text: str) -> bytes:
    """A text field; nothing for the empty text. Lone surrogates become question marks."""
    return bytes_field(number, text.encode("utf-8", "replace")) if text else b""


def bytes_field(number: int, value: bytes) -> bytes:
    """A field with a length: a text or a message in the message. Written even when it is empty."""
    return _encode(number << 3 | 2) + _encode(len(value)) + value


def _encode(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
