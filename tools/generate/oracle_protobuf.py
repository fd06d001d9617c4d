"""The protobuf half of oracle.py: reads cold bodies, written by hand from proto/millrace/v1."""

from __future__ import annotations

from typing import Any

# Reason: (number, status, whether a worker may send it)
REASONS = {
    "HANDLER_ERROR": (1, 2, True),
    "BAD_INPUT": (2, 3, True),
    "NOT_FOUND": (3, 5, True),
    "CANCELLED": (4, 1, True),
    "DEADLINE_EXCEEDED": (5, 4, True),
    "PAYLOAD_TOO_LARGE": (6, 8, True),
    "QUEUE_FULL": (7, 8, False),
    "DEPTH_EXCEEDED": (8, 9, False),
    "WORKER_CRASHED": (9, 14, False),
    "WORKER_UNAVAILABLE": (10, 14, False),
    "DRAINING": (11, 14, True),
    "PROTOCOL_ERROR": (12, 13, False),
    "UNSUPPORTED": (13, 12, True),
    "INTERNAL": (14, 13, True),
    "UNAUTHENTICATED": (15, 16, False),
    "VERSION_UNSUPPORTED": (16, 9, False),
    "LOAD_FAILED": (17, 9, True),
    "OVERLOADED": (18, 8, True),
}
REASON = {0: "REASON_UNSPECIFIED", **{row[0]: f"REASON_{name}" for name, row in REASONS.items()}}
LEVEL = {
    i: f"LOG_LEVEL_{name}"
    for i, name in enumerate(["UNSPECIFIED", "DEBUG", "INFO", "WARN", "ERROR"])
}
RETRY = {0: "RETRY_UNSPECIFIED", 1: "RETRY_YES", 2: "RETRY_NO"}

# Protobuf message: {field number: (name, kind)}. A list is a repeated field, a dict an enum, a
# string a message.
SOFTWARE = {i + 1: (name, str) for i, name in enumerate(["name", "version", "language", "runtime"])}
LIMITS = {
    i + 1: (name, int)
    for i, name in enumerate(
        [
            "max_calls",
            "max_open_invokes",
            "max_open_resolves",
            "max_open_pings",
            "max_payload_bytes",
            "max_depth",
        ]
    )
}
Kind = Any
PROTOS: dict[str, dict[int, tuple[str, Kind]]] = {
    "Hello": {
        1: ("token", str),
        2: ("functions", ["FunctionOffer"]),
        3: ("features", [str]),
        4: ("max_calls", int),
        5: ("software", "Software"),
    },
    "FunctionOffer": {1: ("name", str), 2: ("timeout_us", int)},
    "Software": SOFTWARE,
    "Welcome": {
        1: ("functions", ["FunctionId"]),
        2: ("features", [str]),
        3: ("limits", "Limits"),
        4: ("software", "Software"),
        5: ("worker_id", int),
    },
    "FunctionId": {1: ("name", str), 2: ("id", int)},
    "Limits": LIMITS,
    "Goodbye": {1: ("reason", REASON), 2: ("message", str), 3: ("rule", str)},
    "Failure": {
        1: ("reason", REASON),
        2: ("code", str),
        3: ("message", str),
        4: ("error_type", str),
        5: ("stack", str),
        6: ("retry", RETRY),
        7: ("function", str),
    },
    "Log": {1: ("level", LEVEL), 2: ("message", str), 3: ("attributes_json", str)},
    "Load": {1: ("entry", str), 2: ("handler", str), 3: ("function", str)},
    "Loaded": {
        1: ("offers", ["FunctionOffer"]),
        2: ("functions", ["FunctionId"]),
        3: ("failure", "Failure"),
    },
    "Fork": {1: ("channel_in", str), 2: ("channel_out", str), 3: ("token", str)},
}


class Malformed(Exception):
    """The bytes are no protobuf message."""


def varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for i in range(10):
        if at + i >= len(data):
            raise Malformed("ends in a varint")
        value |= (data[at + i] & 0x7F) << (7 * i)
        if data[at + i] < 0x80:
            return value, at + i + 1
    raise Malformed("a varint of more than 10 bytes")


def decode(name: str, data: bytes) -> dict[str, Any]:
    """Protobuf bytes → what protobuf JSON would show, defaults left out."""
    fields = PROTOS[name]
    out: dict[str, Any] = {}
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        kind = tag & 7
        if tag >> 3 == 0 or kind not in (0, 1, 2, 5):
            raise Malformed(f"tag {tag}")
        value: int | bytes
        if kind == 0:
            value, at = varint(data, at)
        else:
            size = {1: 8, 5: 4}.get(kind)
            if size is None:
                size, at = varint(data, at)
            if at + size > len(data):
                raise Malformed("a field that ends beyond the message")
            value, at = data[at : at + size], at + size
        if tag >> 3 not in fields:
            continue
        field, how = fields[tag >> 3]
        one = how[0] if isinstance(how, list) else how
        if isinstance(one, dict):
            shown: object = one.get(value, value) if isinstance(value, int) else value
        elif one is int:
            shown = value
        elif not isinstance(value, bytes):
            raise Malformed(f"{field} is a number")
        elif one is str:
            try:
                shown = value.decode("utf-8")
            except UnicodeDecodeError as error:
                raise Malformed(f"{field} is not UTF-8") from error
        else:
            shown = decode(one, value)
        if isinstance(how, list):
            out.setdefault(field, []).append(shown)
        elif value not in (0, b"") or isinstance(one, str):
            out[field] = shown
    return out
