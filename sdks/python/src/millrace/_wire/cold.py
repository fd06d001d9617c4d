"""The bodies of the cold messages that a worker reads or writes: Hello, Welcome, Goodbye, Failure, Log.

Field numbers are those of `proto/millrace/v1`. Nothing on the way of a call comes here.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from millrace._gen.layout import (
    MAGIC,
    PROTOCOL_VERSION,
    REASONS,
    VERSION_PREFIX,
    VERSION_PREFIX_BYTES,
    ReasonName,
)
from millrace._wire.proto import (
    NotProtobufError,
    bytes_field,
    fields,
    message_of,
    text_field,
    text_of,
    uint_field,
    uint_of,
)

# Levels of a log record.
LOG_DEBUG: Final = 1
LOG_INFO: Final = 2
LOG_WARN: Final = 3
LOG_ERROR: Final = 4

# How much of each text a Failure carries, so that all of it stays below 60 KiB. Unit: bytes of UTF-8.
FAILURE_CODE_BYTES_MAX: Final = 256
FAILURE_MESSAGE_BYTES_MAX: Final = 16_384
FAILURE_TYPE_BYTES_MAX: Final = 256
FAILURE_STACK_BYTES_MAX: Final = 32_768
FAILURE_FUNCTION_BYTES_MAX: Final = 128

_RETRY: Final = {None: 0, True: 1, False: 2}
_RETRYABLE: Final = {1: True, 2: False}
_REASON_BY_NUMBER: Final[dict[int, ReasonName]] = {info.value: info.name for info in REASONS.values()}


class FunctionOffer(NamedTuple):
    """One function in HELLO."""

    name: str
    # Time limit that it asks for, in microseconds; 0: none of its own.
    timeout_us: int = 0


class Software(NamedTuple):
    """A piece of software, for people."""

    name: str = ""
    version: str = ""
    language: str = ""
    runtime: str = ""


class Hello(NamedTuple):
    """The worker's first message."""

    token: str
    functions: tuple[FunctionOffer, ...]
    features: tuple[str, ...]
    max_calls: int
    software: Software


class FunctionId(NamedTuple):
    """A function's name and its id."""

    name: str
    id: int


class Limits(NamedTuple):
    """Bounds on a worker; 0: not told."""

    max_calls: int = 0
    max_open_invokes: int = 0
    max_open_resolves: int = 0
    max_open_pings: int = 0
    max_payload_bytes: int = 0
    max_depth: int = 0
    min_file_bytes: int = 0


class Welcome(NamedTuple):
    """The engine's answer to HELLO."""

    functions: tuple[FunctionId, ...] = ()
    features: tuple[str, ...] = ()
    limits: Limits = Limits()
    software: Software = Software()
    worker_id: int = 0


class Goodbye(NamedTuple):
    """Why a channel ends. Reason 0: all is well."""

    reason: int = 0
    message: str = ""
    rule: str = ""


class Failure(NamedTuple):
    """How a call failed, as plain data: what ERROR carries, in the words of every SDK."""

    reason: ReasonName
    # gRPC status number, 1 to 16.
    status: int
    # For people.
    message: str
    # A code of the function's own. Empty: none.
    code: str = ""
    # Type of the error in the function's language. Empty: not told.
    error_type: str = ""
    # Stack trace. Empty: not told.
    stack: str = ""
    # Whether the same call may succeed later; None: the reason decides.
    retryable: bool | None = None
    # The function that failed. Empty: not told.
    function: str = ""


class Log(NamedTuple):
    """A log record."""

    level: int
    message: str
    # A JSON object with whatever else was logged; empty: nothing.
    attributes_json: str = ""


class VersionRange(NamedTuple):
    """Versions in a prefix; in WELCOME both are the chosen one."""

    min: int
    max: int


def prefixed(proto: bytes, low: int = PROTOCOL_VERSION, high: int = PROTOCOL_VERSION) -> bytes:
    """A body of HELLO, WELCOME or GOODBYE: the version prefix, then the protobuf message."""
    return VERSION_PREFIX.pack(MAGIC, low, high, 0) + proto


def read_prefix(body: bytes) -> VersionRange | None:
    """The version prefix of a body; None when it is too short, has no magic or a reserved byte set."""
    if len(body) < VERSION_PREFIX_BYTES:
        return None
    magic, low, high, reserved = VERSION_PREFIX.unpack_from(body)
    return VersionRange(low, high) if magic == MAGIC and reserved == 0 else None


def encode_hello(hello: Hello) -> bytes:
    """Without the prefix."""
    functions = b"".join(
        bytes_field(2, text_field(1, offer.name) + uint_field(2, offer.timeout_us)) for offer in hello.functions
    )
    features = b"".join(bytes_field(3, feature.encode()) for feature in hello.features)
    software = b"".join(text_field(number, text) for number, text in enumerate(hello.software, 1))
    return text_field(1, hello.token) + functions + features + uint_field(4, hello.max_calls) + bytes_field(5, software)


def decode_hello(body: bytes) -> Hello | None:
    """Reads what follows the prefix; None when it is no Hello."""
    token, functions, features, max_calls, software = "", [], [], 0, b""
    try:
        for number, value in fields(body):
            if number == 1:
                token = text_of(value)
            elif number == 2:
                functions.append(_decode_offer(message_of(value)))
            elif number == 3:
                features.append(text_of(value))
            elif number == 4:
                max_calls = uint_of(value)
            elif number == 5:
                software += message_of(value)
        return Hello(token, tuple(functions), tuple(features), max_calls, _decode_software(software))
    except NotProtobufError:
        return None


def encode_welcome(welcome: Welcome) -> bytes:
    """Without the prefix. Written by test engines only."""
    functions = b"".join(bytes_field(1, text_field(1, one.name) + uint_field(2, one.id)) for one in welcome.functions)
    features = b"".join(bytes_field(2, feature.encode()) for feature in welcome.features)
    limits = b"".join(uint_field(number, value) for number, value in enumerate(welcome.limits, 1))
    software = b"".join(text_field(number, text) for number, text in enumerate(welcome.software, 1))
    return functions + features + bytes_field(3, limits) + bytes_field(4, software) + uint_field(5, welcome.worker_id)


def decode_welcome(body: bytes) -> Welcome | None:
    """Reads what follows the prefix; None when it is no Welcome."""
    functions, features, limits, software, worker_id = [], [], b"", b"", 0
    try:
        for number, value in fields(body):
            if number == 1:
                functions.append(_decode_function_id(message_of(value)))
            elif number == 2:
                features.append(text_of(value))
            elif number == 3:
                limits += message_of(value)  # Of a message that comes twice, protobuf joins the fields.
            elif number == 4:
                software += message_of(value)
            elif number == 5:
                worker_id = uint_of(value)
        decoded = _decode_limits(limits)
        return Welcome(tuple(functions), tuple(features), decoded, _decode_software(software), worker_id)
    except NotProtobufError:
        return None


def encode_goodbye(goodbye: Goodbye) -> bytes:
    """Without the prefix."""
    return uint_field(1, goodbye.reason) + text_field(2, goodbye.message) + text_field(3, goodbye.rule)


def decode_goodbye(body: bytes) -> Goodbye | None:
    """Reads what follows the prefix; None when it is no Goodbye."""
    reason, message, rule = 0, "", ""
    try:
        for number, value in fields(body):
            if number == 1:
                reason = uint_of(value)
            elif number == 2:
                message = text_of(value)
            elif number == 3:
                rule = text_of(value)
    except NotProtobufError:
        return None
    return Goodbye(reason, message, rule)


def encode_failure(failure: Failure) -> bytes:
    """The body of ERROR. Each text is cut to its bound."""
    return (
        uint_field(1, REASONS[failure.reason].value)
        + text_field(2, cut(failure.code, FAILURE_CODE_BYTES_MAX))
        + text_field(3, cut(failure.message, FAILURE_MESSAGE_BYTES_MAX))
        + text_field(4, cut(failure.error_type, FAILURE_TYPE_BYTES_MAX))
        + text_field(5, cut(failure.stack, FAILURE_STACK_BYTES_MAX))
        + uint_field(6, _RETRY[failure.retryable])
        + text_field(7, cut(failure.function, FAILURE_FUNCTION_BYTES_MAX))
    )


def decode_failure(body: bytes, status: int) -> Failure | None:
    """Reads the body of ERROR; `status` is the header's. An empty body is a `handler_error` (rule
    `error-empty-body`), and so is an unknown reason (rule `reason-unknown`). None when the bytes are no Failure.
    """
    reason, code, message, error_type, stack, retry, function = 0, "", "", "", "", 0, ""
    try:
        for number, value in fields(body):
            if number == 1:
                reason = uint_of(value)
            elif number == 2:
                code = text_of(value)
            elif number == 3:
                message = text_of(value)
            elif number == 4:
                error_type = text_of(value)
            elif number == 5:
                stack = text_of(value)
            elif number == 6:
                retry = uint_of(value)
            elif number == 7:
                function = text_of(value)
    except NotProtobufError:
        return None
    name = _REASON_BY_NUMBER.get(reason, "handler_error")
    return Failure(name, status, message, code, error_type, stack, _RETRYABLE.get(retry), function)


def encode_log(log: Log) -> bytes:
    """The body of LOG."""
    return uint_field(1, log.level) + text_field(2, log.message) + text_field(3, log.attributes_json)


def decode_log(body: bytes) -> Log | None:
    """Reads the body of LOG; None when it is no Log."""
    level, message, attributes = 0, "", ""
    try:
        for number, value in fields(body):
            if number == 1:
                level = uint_of(value)
            elif number == 2:
                message = text_of(value)
            elif number == 3:
                attributes = text_of(value)
    except NotProtobufError:
        return None
    return Log(level, message, attributes)


def reason_name(number: int) -> ReasonName | None:
    """The name of a reason's number; None when it is not of this version."""
    return _REASON_BY_NUMBER.get(number)


def cut(text: str, bytes_max: int) -> str:
    """At most so many bytes of a text in UTF-8, never part of a character. Lone surrogates become question marks."""
    if len(text) * 3 <= bytes_max:
        return text
    encoded = text.encode("utf-8", "replace")
    return text if len(encoded) <= bytes_max else encoded[:bytes_max].decode("utf-8", "ignore")


def _decode_offer(body: bytes) -> FunctionOffer:
    name, timeout_us = "", 0
    for number, value in fields(body):
        if number == 1:
            name = text_of(value)
        elif number == 2:
            timeout_us = uint_of(value)
    return FunctionOffer(name, timeout_us)


def _decode_function_id(body: bytes) -> FunctionId:
    name, function_id = "", 0
    for number, value in fields(body):
        if number == 1:
            name = text_of(value)
        elif number == 2:
            function_id = uint_of(value)
    return FunctionId(name, function_id)


def _decode_limits(body: bytes) -> Limits:
    values = [0] * len(Limits._fields)
    for number, value in fields(body):
        if number <= len(values):
            values[number - 1] = uint_of(value)
    return Limits(*values)


def _decode_software(body: bytes) -> Software:
    texts = [""] * len(Software._fields)
    for number, value in fields(body):
        if number <= len(texts):
            texts[number - 1] = text_of(value)
    return Software(*texts)
