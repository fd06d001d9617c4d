# Generated from spec/layout.yaml by tools/generate. Do not edit: run `make generate`.
"""The wire layout: constants, header field accessors and what each message type allows."""

from __future__ import annotations

import struct
from typing import Final, Literal, NamedTuple

# What the accessors read from, and what they write to.
ReadBuffer = bytes | bytearray | memoryview
WriteBuffer = bytearray | memoryview

# The protocol version that this layout describes.
PROTOCOL_VERSION: Final = 1
# Bytes of every message.
MESSAGE_BYTES: Final = 1024
# Bytes of the header; the body begins here.
HEADER_BYTES: Final = 64
# Bytes of the body, and of the largest inline payload.
BODY_BYTES: Final = 960

# Offsets of the header fields, in bytes from the start of the message.
OFFSET_TYPE: Final = 0
OFFSET_FLAGS: Final = 1
OFFSET_BODY_LENGTH: Final = 2
OFFSET_CALL_ID: Final = 4
OFFSET_FUNCTION_ID: Final = 8
OFFSET_PAYLOAD_LENGTH: Final = 12
OFFSET_TIMEOUT_US: Final = 16
OFFSET_RUN_US: Final = 16
OFFSET_CREDIT: Final = 16
OFFSET_CAPACITY: Final = 16
OFFSET_NONCE: Final = 16
OFFSET_PID: Final = 16
OFFSET_PARENT_CALL_ID: Final = 20
OFFSET_STATUS: Final = 20
OFFSET_OPEN_CALLS: Final = 20
OFFSET_EXIT_CODE: Final = 20
OFFSET_QUEUE_US: Final = 24
OFFSET_ATTEMPT: Final = 28
OFFSET_CPU_US: Final = 28
OFFSET_TRACE_ID: Final = 32
OFFSET_SPAN_ID: Final = 48
OFFSET_TRACE_FLAGS: Final = 56
OFFSET_PRIORITY: Final = 57
OFFSET_DEPTH: Final = 58
OFFSET_CONTENT: Final = 59
OFFSET_RESERVED: Final = 60

# Message types.
# The worker's first message: version range, token, functions, features.
TYPE_HELLO: Final = 1
# The engine's answer: version, ids of the functions, features, limits.
TYPE_WELCOME: Final = 2
# The last message on a channel, and why it ends.
TYPE_GOODBYE: Final = 3
# Asks for the id of a function by its name.
TYPE_RESOLVE: Final = 8
# Answers RESOLVE: the name again and its id, or a status.
TYPE_RESOLVED: Final = 9
# Starts a call. Engine to worker: run this. Worker to engine: an internal call (feature
# internal-calls).
TYPE_INVOKE: Final = 16
# Output. Without MORE it is the final message and the outcome is ok.
TYPE_RESULT: Final = 17
# The final message of a call that failed.
TYPE_ERROR: Final = 18
# Asks the other side to end a call early; the final message still comes.
TYPE_CANCEL: Final = 19
# The next bytes of a payload; needs credit.
TYPE_DATA: Final = 24
# Grants credit for DATA.
TYPE_WINDOW: Final = 25
# Asks for a PONG.
TYPE_PING: Final = 32
# Answers PING with its nonce.
TYPE_PONG: Final = 33
# Finish what is open, refuse the rest, say GOODBYE, exit 0.
TYPE_DRAIN: Final = 40
# The worker changes how many calls it takes at once.
TYPE_CAPACITY: Final = 41
# Gives a prewarmed worker its code.
TYPE_LOAD: Final = 48
# Worker: the functions that the code serves, or why it failed. Engine: their ids.
TYPE_LOADED: Final = 49
# Asks a zygote to fork a worker with its own channel.
TYPE_FORK: Final = 56
# Answers FORK.
TYPE_FORKED: Final = 57
# A forked worker ended.
TYPE_EXITED: Final = 58
# The sender's last message on the pipe but WAKE: from here on it uses its ring.
TYPE_ATTACHED: Final = 64
# On the pipe, after ATTACHED: look at both rings.
TYPE_WAKE: Final = 65
# A log record; call_id names the call it belongs to, 0 for none.
TYPE_LOG: Final = 128

# Bits of the flags field.
# More of this payload or cold message follows in later messages.
FLAG_MORE: Final = 1
# The payload lies in a file; the body names it.
FLAG_PAYLOAD_FILE: Final = 2
# The payload begins with a length-prefixed head.
FLAG_HEAD: Final = 4

# gRPC status numbers; 0 is ok.
STATUS_OK: Final = 0
STATUS_CANCELLED: Final = 1
STATUS_UNKNOWN: Final = 2
STATUS_INVALID_ARGUMENT: Final = 3
STATUS_DEADLINE_EXCEEDED: Final = 4
STATUS_NOT_FOUND: Final = 5
STATUS_ALREADY_EXISTS: Final = 6
STATUS_PERMISSION_DENIED: Final = 7
STATUS_RESOURCE_EXHAUSTED: Final = 8
STATUS_FAILED_PRECONDITION: Final = 9
STATUS_ABORTED: Final = 10
STATUS_OUT_OF_RANGE: Final = 11
STATUS_UNIMPLEMENTED: Final = 12
STATUS_INTERNAL: Final = 13
STATUS_UNAVAILABLE: Final = 14
STATUS_DATA_LOSS: Final = 15
STATUS_UNAUTHENTICATED: Final = 16

# What a payload is.
# Bytes without a known meaning.
CONTENT_BYTES: Final = 0
# One JSON text in UTF-8.
CONTENT_JSON: Final = 1
# UTF-8 text.
CONTENT_TEXT: Final = 2
# One protobuf message.
CONTENT_PROTOBUF: Final = 3
# One CBOR item.
CONTENT_CBOR: Final = 4
# Server-sent events.
CONTENT_EVENT_STREAM: Final = 5
# JSON texts, one a line.
CONTENT_NDJSON: Final = 6

# Why a call failed or a channel ended: the closed list.
# The handler failed.
REASON_HANDLER_ERROR: Final = 1
# The payload cannot be read as what the function takes.
REASON_BAD_INPUT: Final = 2
# No such function.
REASON_NOT_FOUND: Final = 3
# The caller, or a call above it, gave the call up.
REASON_CANCELLED: Final = 4
# The time left ran out.
REASON_DEADLINE_EXCEEDED: Final = 5
# The payload is over a limit, or the callee takes inline payloads only.
REASON_PAYLOAD_TOO_LARGE: Final = 6
# Too many calls wait for the function already.
REASON_QUEUE_FULL: Final = 7
# Too many internal calls above this one; most likely a recursion without an end.
REASON_DEPTH_EXCEEDED: Final = 8
# The worker's process or channel ended during the call.
REASON_WORKER_CRASHED: Final = 9
# No worker of the function could be started.
REASON_WORKER_UNAVAILABLE: Final = 10
# The worker or engine is finishing and never started the call.
REASON_DRAINING: Final = 11
# A side broke a rule of this protocol; the channel ended.
REASON_PROTOCOL_ERROR: Final = 12
# The call needs a feature that the callee did not offer.
REASON_UNSUPPORTED: Final = 13
# The engine failed.
REASON_INTERNAL: Final = 14
# The token in HELLO is not the one given at launch.
REASON_UNAUTHENTICATED: Final = 15
# The two sides have no version in common.
REASON_VERSION_UNSUPPORTED: Final = 16
# The worker could not load its code.
REASON_LOAD_FAILED: Final = 17
# The worker got more calls than it takes at once and refused this one.
REASON_OVERLOADED: Final = 18

# Limits.
# All bodies of one cold message together. Unit: bytes.
COLD_MESSAGE_BYTES_MAX: Final = 65536
# A function's name: letters, digits, dot, dash and underscore, beginning with a letter or digit.
# Unit: bytes.
NAME_BYTES_MAX: Final = 128
# Functions in one HELLO or LOADED. Unit: functions.
FUNCTIONS_PER_WORKER_MAX: Final = 1024
# DATA messages that may be sent for a call, in each direction, before the first WINDOW; no grant
# may raise the credit above it. Unit: messages.
CREDIT_MAX: Final = 32
# Payload files that a worker keeps to use them again. Unit: files.
FILES_KEPT_MAX: Final = 16
# What the depth field can hold; an engine may allow less. Unit: calls.
DEPTH_MAX: Final = 255
# The priority of a call when nobody said. Unit: urgency.
PRIORITY_DEFAULT: Final = 3
# payload_length of a stream whose end is not known. Unit: bytes.
PAYLOAD_LENGTH_UNKNOWN: Final = 4294967295
# MILLRACE_TOKEN. Unit: bytes.
TOKEN_BYTES_MAX: Final = 256
# Cells of one ring: a power of two from here. Unit: messages.
RING_CELLS_MIN: Final = 16
# Cells of one ring: a power of two up to here. Unit: messages.
RING_CELLS_MAX: Final = 1024
# For how long a side polls an empty ring, or one that is full, before it sleeps. Unit:
# microseconds.
RING_POLL_US_MAX: Final = 1000

# The version prefix of HELLO, WELCOME and GOODBYE bodies.
VERSION_PREFIX_BYTES: Final = 16
MAGIC: Final = b"MILLRACE"
# Magic, lowest version, highest version, and a word that is always zero.
VERSION_PREFIX: Final = struct.Struct("<8sHHI")

ReasonName = Literal[
    "handler_error",
    "bad_input",
    "not_found",
    "cancelled",
    "deadline_exceeded",
    "payload_too_large",
    "queue_full",
    "depth_exceeded",
    "worker_crashed",
    "worker_unavailable",
    "draining",
    "protocol_error",
    "unsupported",
    "internal",
    "unauthenticated",
    "version_unsupported",
    "load_failed",
    "overloaded",
]
FeatureName = Literal[
    "internal-calls",
    "streaming",
    "payload-file",
    "log",
    "capacity",
    "load",
    "fork",
    "shm-ring",
    "http",
]
FieldName = Literal[
    "type",
    "flags",
    "body_length",
    "call_id",
    "function_id",
    "payload_length",
    "timeout_us",
    "run_us",
    "credit",
    "capacity",
    "nonce",
    "pid",
    "parent_call_id",
    "status",
    "open_calls",
    "exit_code",
    "queue_us",
    "attempt",
    "cpu_us",
    "trace_id",
    "span_id",
    "trace_flags",
    "priority",
    "depth",
    "content",
]

# Features that HELLO may offer and WELCOME accept.
FEATURES: Final[tuple[FeatureName, ...]] = (
    "internal-calls",
    "streaming",
    "payload-file",
    "log",
    "capacity",
    "load",
    "fork",
    "shm-ring",
    "http",
)
# Conformance levels and the features that each needs.
LEVELS: Final[dict[str, tuple[FeatureName, ...]]] = {
    "core": (),
    "standard": ("internal-calls", "streaming", "log", "capacity",),
    "full": ("internal-calls", "streaming", "log", "capacity", "payload-file", "load",),
}
# Media type of each content number.
MEDIA_TYPES: Final[dict[int, str]] = {
    0: "application/octet-stream",
    1: "application/json",
    2: "text/plain; charset=utf-8",
    3: "application/x-protobuf",
    4: "application/cbor",
    5: "text/event-stream",
    6: "application/x-ndjson",
}


class ReasonInfo(NamedTuple):
    """What is known of a reason, whatever the call."""

    name: ReasonName
    value: int
    status: int
    component: Literal["caller", "engine", "worker", "function"]
    started: Literal["yes", "no", "maybe"]
    retry: Literal["yes", "no", "maybe"]
    http: int
    doc: str
    caller: str


# Every reason by its name.
REASONS: Final[dict[ReasonName, ReasonInfo]] = {
    "handler_error": ReasonInfo(
        "handler_error",
        1,
        2,
        "function",
        "yes",
        "no",
        500,
        "The handler failed.",
        "Read the message; mend the function or the input.",
    ),
    "bad_input": ReasonInfo(
        "bad_input",
        2,
        3,
        "caller",
        "no",
        "no",
        400,
        "The payload cannot be read as what the function takes.",
        "Mend the payload or its content.",
    ),
    "not_found": ReasonInfo(
        "not_found",
        3,
        5,
        "caller",
        "no",
        "no",
        404,
        "No such function.",
        "Check the name; with a cached id, RESOLVE once more.",
    ),
    "cancelled": ReasonInfo(
        "cancelled",
        4,
        1,
        "caller",
        "maybe",
        "no",
        499,
        "The caller, or a call above it, gave the call up.",
        "Nothing.",
    ),
    "deadline_exceeded": ReasonInfo(
        "deadline_exceeded",
        5,
        4,
        "function",
        "maybe",
        "maybe",
        504,
        "The time left ran out.",
        "Retry only if the function is idempotent; allow more time.",
    ),
    "payload_too_large": ReasonInfo(
        "payload_too_large",
        6,
        8,
        "caller",
        "maybe",
        "no",
        413,
        "The payload is over a limit, or the callee takes inline payloads only.",
        "Send less, or raise the limit.",
    ),
    "queue_full": ReasonInfo(
        "queue_full",
        7,
        8,
        "engine",
        "no",
        "yes",
        503,
        "Too many calls wait for the function already.",
        "Back off and retry.",
    ),
    "depth_exceeded": ReasonInfo(
        "depth_exceeded",
        8,
        9,
        "caller",
        "no",
        "no",
        508,
        "Too many internal calls above this one; most likely a recursion without an end.",
        "Bound the recursion.",
    ),
    "worker_crashed": ReasonInfo(
        "worker_crashed",
        9,
        14,
        "worker",
        "maybe",
        "maybe",
        502,
        "The worker's process or channel ended during the call.",
        "Retry only if the function is idempotent.",
    ),
    "worker_unavailable": ReasonInfo(
        "worker_unavailable",
        10,
        14,
        "worker",
        "no",
        "yes",
        503,
        "No worker of the function could be started.",
        "Read the worker's output; retry later.",
    ),
    "draining": ReasonInfo(
        "draining",
        11,
        14,
        "engine",
        "no",
        "yes",
        503,
        "The worker or engine is finishing and never started the call.",
        "Retry; the engine itself tries another worker first.",
    ),
    "protocol_error": ReasonInfo(
        "protocol_error",
        12,
        13,
        "worker",
        "maybe",
        "no",
        502,
        "A side broke a rule of this protocol; the channel ended.",
        "Mend the SDK; the message names the rule.",
    ),
    "unsupported": ReasonInfo(
        "unsupported",
        13,
        12,
        "worker",
        "no",
        "no",
        501,
        "The call needs a feature that the callee did not offer.",
        "Choose a callee or a form that has it.",
    ),
    "internal": ReasonInfo(
        "internal",
        14,
        13,
        "engine",
        "maybe",
        "maybe",
        500,
        "The engine failed.",
        "Report it.",
    ),
    "unauthenticated": ReasonInfo(
        "unauthenticated",
        15,
        16,
        "worker",
        "no",
        "no",
        401,
        "The token in HELLO is not the one given at launch.",
        "Return MILLRACE_TOKEN unchanged.",
    ),
    "version_unsupported": ReasonInfo(
        "version_unsupported",
        16,
        9,
        "worker",
        "no",
        "no",
        502,
        "The two sides have no version in common.",
        "Upgrade the older side.",
    ),
    "load_failed": ReasonInfo(
        "load_failed",
        17,
        9,
        "worker",
        "no",
        "no",
        502,
        "The worker could not load its code.",
        "Read the message; mend the code.",
    ),
    "overloaded": ReasonInfo(
        "overloaded",
        18,
        8,
        "worker",
        "no",
        "yes",
        503,
        "The worker got more calls than it takes at once and refused this one.",
        "Back off and retry.",
    ),
}


class TypeInfo(NamedTuple):
    """What the layout says of one message type."""

    name: str
    value: int
    # Who may send it.
    direction: Literal["worker", "engine", "both"]
    # What call_id may be: 0, a fresh id, one that is or was open, or any of these.
    call: Literal["none", "new", "open", "any"]
    # Flag bits that it allows.
    flags: int
    # none, payload, name, or the protobuf message that the body is.
    body: str
    # The body begins with the version prefix.
    prefix: bool
    # It may go on, with MORE, in the next messages of its type.
    spans: bool
    # The feature that it needs; None: core.
    feature: FeatureName | None
    uses: tuple[FieldName, ...]
    # Words that must read as zero under a mask: (offset in bytes, mask).
    reserved: tuple[tuple[int, int], ...]


# Every type by its number.
TYPES: Final[dict[int, TypeInfo]] = {
    1: TypeInfo(
        name="HELLO",
        value=1,
        direction="worker",
        call="none",
        flags=1,
        body="Hello",
        prefix=True,
        spans=True,
        feature=None,
        uses=(),
        reserved=(
            (8, 0xFFFFFFFF),
            (12, 0xFFFFFFFF),
            (16, 0xFFFFFFFF),
            (20, 0xFFFFFFFF),
            (24, 0xFFFFFFFF),
            (28, 0xFFFFFFFF),
            (32, 0xFFFFFFFF),
            (36, 0xFFFFFFFF),
            (40, 0xFFFFFFFF),
            (44, 0xFFFFFFFF),
            (48, 0xFFFFFFFF),
            (52, 0xFFFFFFFF),
            (56, 0xFFFFFFFF),
            (60, 0xFFFFFFFF),
        ),
    ),
    2: TypeInfo(
        name="WELCOME",
        value=2,
        direction="engine",
        call="none",
        flags=1,
        body="Welcome",
        prefix=True,
        spans=True,
        feature=None,
        uses=(),
        reserved=(
            (8, 0xFFFFFFFF),
            (12, 0xFFFFFFFF),
            (16, 0xFFFFFFFF),
            (20, 0xFFFFFFFF),
            (24, 0xFFFFFFFF),
            (28, 0xFFFFFFFF),
            (32, 0xFFFFFFFF),
            (36, 0xFFFFFFFF),
            (40, 0xFFFFFFFF),
            (44, 0xFFFFFFFF),
            (48, 0xFFFFFFFF),
            (52, 0xFFFFFFFF),
            (56, 0xFFFFFFFF),
            (60, 0xFFFFFFFF),
        ),
    ),
    3: TypeInfo(
        name="GOODBYE",
        value=3,
        direction="both",
        call="none",
        flags=0,
        body="Goodbye",
        prefix=True,
        spans=False,
        feature=None,
        uses=(
            "status",
        ),
        reserved=(
            (8, 0xFFFFFFFF),
            (12, 0xFFFFFFFF),
            (16, 0xFFFFFFFF),
            (24, 0xFFFFFFFF),
            (28, 0xFFFFFFFF),
            (32, 0xFFFFFFFF),
            (36, 0xFFFFFFFF),
            (40, 0xFFFFFFFF),
            (44, 0xFFFFFFFF),
            (48, 0xFFFFFFFF),
            (52, 0xFFFFFFFF),
            (56, 0xFFFFFFFF),
            (60, 0xFFFFFFFF),
        ),
    ),
    8: TypeInfo(
        name="RESOLVE",
        value=8,
        direction="worker",
        call="none",
        flags=0,
        body="name",
        prefix=False,
        spans=False,
        feature="internal-calls",
        uses=(),
        reserved=(
            (8, 0xFFFFFFFF),
            (12, 0xFFFFFFFF),
            (16, 0xFFFFFFFF),
            (20, 0xFFFFFFFF),
            (24, 0xFFFFFFFF),
            (28, 0xFFFFFFFF),
            (32, 0xFFFFFFFF),
            (36, 0xFFFFFFFF),
            (40, 0xFFFFFFFF),
            (44, 0xFFFFFFFF),
            (48, 0xFFFFFFFF),
            (52, 0xFFFFFFFF),
            (56, 0xFFFFFFFF),
            (60, 0xFFFFFFFF),
        ),
    ),
    9: TypeInfo(
        name="RESOLVED",
        value=9,
        direction="engine",
        call="none",
        flags=0,
        body="name",
        prefix=False,
        spans=False,
        feature="internal-calls",
        uses=(
            "function_id",
            "status",
        ),
        reserved=(
            (12, 0xFFFFFFFF),
            (16, 0xFFFFFFFF),
            (24, 0xFFFFFFFF),
            (28, 0xFFFFFFFF),
            (32, 0xFFFFFFFF),
            (36, 0xFFFFFFFF),
            (40, 0xFFFFFFFF),
            (44, 0xFFFFFFFF),
            (48, 0xFFFFFFFF),
            (52, 0xFFFFFFFF),
            (56, 0xFFFFFFFF),
            (60, 0xFFFFFFFF),
        ),
    ),
    16: TypeInfo(
        name="INVOKE",
        value=16,
        direction="both",
        call="new",
        flags=7,
        body="payload",
        prefix=False,
        spans=False,
        feature=None,
        uses=(
            "function_id",
            "payload_length",
            "timeout_us",
            "parent_call_id",
            "queue_us",
            "attempt",
            "trace_id",
            "span_id",
            "trace_flags",
            "priority",
            "depth",
            "content",
        ),
        reserved=(
            (60, 0xFFFFFFFF),
        ),
    ),
    17: TypeInfo(
        name="RESULT",
        value=17,
        direction="both",
        call="open",
        flags=7,
        body="payload",
        prefix=False,
        spans=False,
        feature=None,
        uses=(
            "payload_length",
            "run_us",
            "status",
            "queue_us",
            "cpu_us",
            "content",
        ),
        reserved=(
            (8, 0xFFFFFFFF),
            (32, 0xFFFFFFFF),
            (36, 0xFFFFFFFF),
            (40, 0xFFFFFFFF),
            (44, 0xFFFFFFFF),
            (48, 0xFFFFFFFF),
            (52, 0xFFFFFFFF),
            (56, 0x00FFFFFF),
            (60, 0xFFFFFFFF),
        ),
    ),
    18: TypeInfo(
        name="ERROR",
        value=18,
        direction="both",
        call="open",
        flags=1,
        body="Failure",
        prefix=False,
        spans=True,
        feature=None,
        uses=(
            "run_us",
            "status",
            "queue_us",
            "cpu_us",
        ),
        reserved=(
            (8, 0xFFFFFFFF),
            (12, 0xFFFFFFFF),
            (32, 0xFFFFFFFF),
            (36, 0xFFFFFFFF),
            (40, 0xFFFFFFFF),
            (44, 0xFFFFFFFF),
            (48, 0xFFFFFFFF),
            (52, 0xFFFFFFFF),
            (56, 0xFFFFFFFF),
            (60, 0xFFFFFFFF),
        ),
    ),
    19: TypeInfo(
        name="CANCEL",
        value=19,
        direction="both",
        call="open",
        flags=0,
        body="none",
        prefix=False,
        spans=False,
        feature=None,
        uses=(),
        reserved=(
            (8, 0xFFFFFFFF),
            (12, 0xFFFFFFFF),
            (16, 0xFFFFFFFF),
            (20, 0xFFFFFFFF),
            (24, 0xFFFFFFFF),
            (28, 0xFFFFFFFF),
            (32, 0xFFFFFFFF),
            (36, 0xFFFFFFFF),
            (40, 0xFFFFFFFF),
            (44, 0xFFFFFFFF),
            (48, 0xFFFFFFFF),
            (52, 0xFFFFFFFF),
            (56, 0xFFFFFFFF),
            (60, 0xFFFFFFFF),
        ),
    ),
    24: TypeInfo(
        name="DATA",
        value=24,
        direction="both",
        call="open",
        flags=1,
        body="payload",
        prefix=False,
        spans=False,
        feature="streaming",
        uses=(),
        reserved=(
            (8, 0xFFFFFFFF),
            (12, 0xFFFFFFFF),
            (16, 0xFFFFFFFF),
            (20, 0xFFFFFFFF),
            (24, 0xFFFFFFFF),
            (28, 0xFFFFFFFF),
            (32, 0xFFFFFFFF),
            (36, 0xFFFFFFFF),
            (40, 0xFFFFFFFF),
            (44, 0xFFFFFFFF),
            (48, 0xFFFFFFFF),
            (52, 0xFFFFFFFF),
            (56, 0xFFFFFFFF),
            (60, 0xFFFFFFFF),
        ),
    ),
    25: TypeInfo(
        name="WINDOW",
        value=25,
        direction="both",
        call="open",
        flags=0,
        body="none",
        prefix=False,
        spans=False,
        feature="streaming",
        uses=(
            "credit",
        ),
        reserved=(
            (8, 0xFFFFFFFF),
            (12, 0xFFFFFFFF),
            (20, 0xFFFFFFFF),
            (24, 0xFFFFFFFF),
            (28, 0xFFFFFFFF),
            (32, 0xFFFFFFFF),
            (36, 0xFFFFFFFF),
            (40, 0xFFFFFFFF),
            (44, 0xFFFFFFFF),
            (48, 0xFFFFFFFF),
            (52, 0xFFFFFFFF),
            (56, 0xFFFFFFFF),
            (60, 0xFFFFFFFF),
        ),
    ),
    32: TypeInfo(
        name="PING",
        value=32,
        direction="both",
        call="none",
        flags=0,
        body="none",
        prefix=False,
        spans=False,
        feature=None,
        uses=(
            "nonce",
        ),
        reserved=(
            (8, 0xFFFFFFFF),
            (12, 0xFFFFFFFF),
            (20, 0xFFFFFFFF),
            (24, 0xFFFFFFFF),
            (28, 0xFFFFFFFF),
            (32, 0xFFFFFFFF),
            (36, 0xFFFFFFFF),
            (40, 0xFFFFFFFF),
            (44, 0xFFFFFFFF),
            (48, 0xFFFFFFFF),
            (52, 0xFFFFFFFF),
            (56, 0xFFFFFFFF),
            (60, 0xFFFFFFFF),
        ),
    ),
    33: TypeInfo(
        name="PONG",
        value=33,
        direction="both",
        call="none",
        flags=0,
        body="none",
        prefix=False,
        spans=False,
        feature=None,
        uses=(
            "nonce",
            "open_calls",
        ),
        reserved=(
            (8, 0xFFFFFFFF),
            (12, 0xFFFFFFFF),
            (24, 0xFFFFFFFF),
            (28, 0xFFFFFFFF),
            (32, 0xFFFFFFFF),
            (36, 0xFFFFFFFF),
            (40, 0xFFFFFFFF),
            (44, 0xFFFFFFFF),
            (48, 0xFFFFFFFF),
            (52, 0xFFFFFFFF),
            (56, 0xFFFFFFFF),
            (60, 0xFFFFFFFF),
        ),
    ),
    40: TypeInfo(
        name="DRAIN",
        value=40,
        direction="engine",
        call="none",
        flags=0,
        body="none",
        prefix=False,
        spans=False,
        feature=None,
        uses=(
            "timeout_us",
        ),
        reserved=(
            (8, 0xFFFFFFFF),
            (12, 0xFFFFFFFF),
            (20, 0xFFFFFFFF),
            (24, 0xFFFFFFFF),
            (28, 0xFFFFFFFF),
            (32, 0xFFFFFFFF),
            (36, 0xFFFFFFFF),
            (40, 0xFFFFFFFF),
            (44, 0xFFFFFFFF),
            (48, 0xFFFFFFFF),
            (52, 0xFFFFFFFF),
            (56, 0xFFFFFFFF),
            (60, 0xFFFFFFFF),
        ),
    ),
    41: TypeInfo(
        name="CAPACITY",
        value=41,
        direction="worker",
        call="none",
        flags=0,
        body="none",
        prefix=False,
        spans=False,
        feature="capacity",
        uses=(
            "capacity",
        ),
        reserved=(
            (8, 0xFFFFFFFF),
            (12, 0xFFFFFFFF),
            (20, 0xFFFFFFFF),
            (24, 0xFFFFFFFF),
            (28, 0xFFFFFFFF),
            (32, 0xFFFFFFFF),
            (36, 0xFFFFFFFF),
            (40, 0xFFFFFFFF),
            (44, 0xFFFFFFFF),
            (48, 0xFFFFFFFF),
            (52, 0xFFFFFFFF),
            (56, 0xFFFFFFFF),
            (60, 0xFFFFFFFF),
        ),
    ),
    48: TypeInfo(
        name="LOAD",
        value=48,
        direction="engine",
        call="none",
        flags=1,
        body="Load",
        prefix=False,
        spans=True,
        feature="load",
        uses=(),
        reserved=(
            (8, 0xFFFFFFFF),
            (12, 0xFFFFFFFF),
            (16, 0xFFFFFFFF),
            (20, 0xFFFFFFFF),
            (24, 0xFFFFFFFF),
            (28, 0xFFFFFFFF),
            (32, 0xFFFFFFFF),
            (36, 0xFFFFFFFF),
            (40, 0xFFFFFFFF),
            (44, 0xFFFFFFFF),
            (48, 0xFFFFFFFF),
            (52, 0xFFFFFFFF),
            (56, 0xFFFFFFFF),
            (60, 0xFFFFFFFF),
        ),
    ),
    49: TypeInfo(
        name="LOADED",
        value=49,
        direction="both",
        call="none",
        flags=1,
        body="Loaded",
        prefix=False,
        spans=True,
        feature="load",
        uses=(
            "status",
        ),
        reserved=(
            (8, 0xFFFFFFFF),
            (12, 0xFFFFFFFF),
            (16, 0xFFFFFFFF),
            (24, 0xFFFFFFFF),
            (28, 0xFFFFFFFF),
            (32, 0xFFFFFFFF),
            (36, 0xFFFFFFFF),
            (40, 0xFFFFFFFF),
            (44, 0xFFFFFFFF),
            (48, 0xFFFFFFFF),
            (52, 0xFFFFFFFF),
            (56, 0xFFFFFFFF),
            (60, 0xFFFFFFFF),
        ),
    ),
    56: TypeInfo(
        name="FORK",
        value=56,
        direction="engine",
        call="none",
        flags=0,
        body="Fork",
        prefix=False,
        spans=False,
        feature="fork",
        uses=(),
        reserved=(
            (8, 0xFFFFFFFF),
            (12, 0xFFFFFFFF),
            (16, 0xFFFFFFFF),
            (20, 0xFFFFFFFF),
            (24, 0xFFFFFFFF),
            (28, 0xFFFFFFFF),
            (32, 0xFFFFFFFF),
            (36, 0xFFFFFFFF),
            (40, 0xFFFFFFFF),
            (44, 0xFFFFFFFF),
            (48, 0xFFFFFFFF),
            (52, 0xFFFFFFFF),
            (56, 0xFFFFFFFF),
            (60, 0xFFFFFFFF),
        ),
    ),
    57: TypeInfo(
        name="FORKED",
        value=57,
        direction="worker",
        call="none",
        flags=0,
        body="none",
        prefix=False,
        spans=False,
        feature="fork",
        uses=(
            "pid",
            "status",
        ),
        reserved=(
            (8, 0xFFFFFFFF),
            (12, 0xFFFFFFFF),
            (24, 0xFFFFFFFF),
            (28, 0xFFFFFFFF),
            (32, 0xFFFFFFFF),
            (36, 0xFFFFFFFF),
            (40, 0xFFFFFFFF),
            (44, 0xFFFFFFFF),
            (48, 0xFFFFFFFF),
            (52, 0xFFFFFFFF),
            (56, 0xFFFFFFFF),
            (60, 0xFFFFFFFF),
        ),
    ),
    58: TypeInfo(
        name="EXITED",
        value=58,
        direction="worker",
        call="none",
        flags=0,
        body="none",
        prefix=False,
        spans=False,
        feature="fork",
        uses=(
            "pid",
            "exit_code",
        ),
        reserved=(
            (8, 0xFFFFFFFF),
            (12, 0xFFFFFFFF),
            (24, 0xFFFFFFFF),
            (28, 0xFFFFFFFF),
            (32, 0xFFFFFFFF),
            (36, 0xFFFFFFFF),
            (40, 0xFFFFFFFF),
            (44, 0xFFFFFFFF),
            (48, 0xFFFFFFFF),
            (52, 0xFFFFFFFF),
            (56, 0xFFFFFFFF),
            (60, 0xFFFFFFFF),
        ),
    ),
    64: TypeInfo(
        name="ATTACHED",
        value=64,
        direction="both",
        call="none",
        flags=0,
        body="none",
        prefix=False,
        spans=False,
        feature="shm-ring",
        uses=(),
        reserved=(
            (8, 0xFFFFFFFF),
            (12, 0xFFFFFFFF),
            (16, 0xFFFFFFFF),
            (20, 0xFFFFFFFF),
            (24, 0xFFFFFFFF),
            (28, 0xFFFFFFFF),
            (32, 0xFFFFFFFF),
            (36, 0xFFFFFFFF),
            (40, 0xFFFFFFFF),
            (44, 0xFFFFFFFF),
            (48, 0xFFFFFFFF),
            (52, 0xFFFFFFFF),
            (56, 0xFFFFFFFF),
            (60, 0xFFFFFFFF),
        ),
    ),
    65: TypeInfo(
        name="WAKE",
        value=65,
        direction="both",
        call="none",
        flags=0,
        body="none",
        prefix=False,
        spans=False,
        feature="shm-ring",
        uses=(),
        reserved=(
            (8, 0xFFFFFFFF),
            (12, 0xFFFFFFFF),
            (16, 0xFFFFFFFF),
            (20, 0xFFFFFFFF),
            (24, 0xFFFFFFFF),
            (28, 0xFFFFFFFF),
            (32, 0xFFFFFFFF),
            (36, 0xFFFFFFFF),
            (40, 0xFFFFFFFF),
            (44, 0xFFFFFFFF),
            (48, 0xFFFFFFFF),
            (52, 0xFFFFFFFF),
            (56, 0xFFFFFFFF),
            (60, 0xFFFFFFFF),
        ),
    ),
    128: TypeInfo(
        name="LOG",
        value=128,
        direction="worker",
        call="any",
        flags=1,
        body="Log",
        prefix=False,
        spans=True,
        feature="log",
        uses=(),
        reserved=(
            (8, 0xFFFFFFFF),
            (12, 0xFFFFFFFF),
            (16, 0xFFFFFFFF),
            (20, 0xFFFFFFFF),
            (24, 0xFFFFFFFF),
            (28, 0xFFFFFFFF),
            (32, 0xFFFFFFFF),
            (36, 0xFFFFFFFF),
            (40, 0xFFFFFFFF),
            (44, 0xFFFFFFFF),
            (48, 0xFFFFFFFF),
            (52, 0xFFFFFFFF),
            (56, 0xFFFFFFFF),
            (60, 0xFFFFFFFF),
        ),
    ),
}

_U16 = struct.Struct("<H")
_U32 = struct.Struct("<I")


def read_type(message: ReadBuffer, at: int = 0) -> int:
    """u8 at 0. What the message is. 0 is never legal, so zeroed memory is never a message."""
    return message[at]


def write_type(message: WriteBuffer, value: int, at: int = 0) -> None:
    """Set type; ValueError when the value does not fit u8."""
    message[at] = value


def read_flags(message: ReadBuffer, at: int = 0) -> int:
    """u8 at 1. Bits of the flags table; each type allows some of them."""
    return message[at + 1]


def write_flags(message: WriteBuffer, value: int, at: int = 0) -> None:
    """Set flags; ValueError when the value does not fit u8."""
    message[at + 1] = value


def read_body_length(message: ReadBuffer, at: int = 0) -> int:
    """u16 at 2. Bytes of the body that mean something, 0 to 960. The rest of the body is sent as
    zero and never read.
    """
    return int(_U16.unpack_from(message, at + 2)[0])


def write_body_length(message: WriteBuffer, value: int, at: int = 0) -> None:
    """Set body_length; struct.error when the value does not fit u16."""
    _U16.pack_into(message, at + 2, value)


def read_call_id(message: ReadBuffer, at: int = 0) -> int:
    """u32 at 4. The call this message is about. Even: the engine started the call; odd: the
    worker did; 0: not about a call.
    """
    return int(_U32.unpack_from(message, at + 4)[0])


def write_call_id(message: WriteBuffer, value: int, at: int = 0) -> None:
    """Set call_id; struct.error when the value does not fit u32."""
    _U32.pack_into(message, at + 4, value)


def read_function_id(message: ReadBuffer, at: int = 0) -> int:
    """u32 at 8. The function, as numbered by the engine in WELCOME, LOADED or RESOLVED. Never 0
    and never reused in an engine's life.
    """
    return int(_U32.unpack_from(message, at + 8)[0])


def write_function_id(message: WriteBuffer, value: int, at: int = 0) -> None:
    """Set function_id; struct.error when the value does not fit u32."""
    _U32.pack_into(message, at + 8, value)


def read_payload_length(message: ReadBuffer, at: int = 0) -> int:
    """u32 at 12. Bytes of the whole payload. 0xFFFFFFFF: not known yet."""
    return int(_U32.unpack_from(message, at + 12)[0])


def write_payload_length(message: WriteBuffer, value: int, at: int = 0) -> None:
    """Set payload_length; struct.error when the value does not fit u32."""
    _U32.pack_into(message, at + 12, value)


def read_timeout_us(message: ReadBuffer, at: int = 0) -> int:
    """u32 at 16. Time left, in microseconds, counted from the receipt of the message. 0: no
    limit.
    """
    return int(_U32.unpack_from(message, at + 16)[0])


def write_timeout_us(message: WriteBuffer, value: int, at: int = 0) -> None:
    """Set timeout_us; struct.error when the value does not fit u32."""
    _U32.pack_into(message, at + 16, value)


def read_run_us(message: ReadBuffer, at: int = 0) -> int:
    """u32 at 16. Time the handler took, in microseconds, measured by the worker. Stops at
    0xFFFFFFFF.
    """
    return int(_U32.unpack_from(message, at + 16)[0])


def write_run_us(message: WriteBuffer, value: int, at: int = 0) -> None:
    """Set run_us; struct.error when the value does not fit u32."""
    _U32.pack_into(message, at + 16, value)


def read_credit(message: ReadBuffer, at: int = 0) -> int:
    """u32 at 16. How many more DATA messages the other side may send for this call, 1 or more."""
    return int(_U32.unpack_from(message, at + 16)[0])


def write_credit(message: WriteBuffer, value: int, at: int = 0) -> None:
    """Set credit; struct.error when the value does not fit u32."""
    _U32.pack_into(message, at + 16, value)


def read_capacity(message: ReadBuffer, at: int = 0) -> int:
    """u32 at 16. How many calls the worker takes at once from now on. 0: none for the time
    being.
    """
    return int(_U32.unpack_from(message, at + 16)[0])


def write_capacity(message: WriteBuffer, value: int, at: int = 0) -> None:
    """Set capacity; struct.error when the value does not fit u32."""
    _U32.pack_into(message, at + 16, value)


def read_nonce(message: ReadBuffer, at: int = 0) -> int:
    """u32 at 16. Any number; PONG returns the one of its PING."""
    return int(_U32.unpack_from(message, at + 16)[0])


def write_nonce(message: WriteBuffer, value: int, at: int = 0) -> None:
    """Set nonce; struct.error when the value does not fit u32."""
    _U32.pack_into(message, at + 16, value)


def read_pid(message: ReadBuffer, at: int = 0) -> int:
    """u32 at 16. Process id of a forked worker."""
    return int(_U32.unpack_from(message, at + 16)[0])


def write_pid(message: WriteBuffer, value: int, at: int = 0) -> None:
    """Set pid; struct.error when the value does not fit u32."""
    _U32.pack_into(message, at + 16, value)


def read_parent_call_id(message: ReadBuffer, at: int = 0) -> int:
    """u32 at 20. The open call, on the same channel, that makes this internal call. 0: none."""
    return int(_U32.unpack_from(message, at + 20)[0])


def write_parent_call_id(message: WriteBuffer, value: int, at: int = 0) -> None:
    """Set parent_call_id; struct.error when the value does not fit u32."""
    _U32.pack_into(message, at + 20, value)


def read_status(message: ReadBuffer, at: int = 0) -> int:
    """u32 at 20. A status of the statuses table. 0 is ok."""
    return int(_U32.unpack_from(message, at + 20)[0])


def write_status(message: WriteBuffer, value: int, at: int = 0) -> None:
    """Set status; struct.error when the value does not fit u32."""
    _U32.pack_into(message, at + 20, value)


def read_open_calls(message: ReadBuffer, at: int = 0) -> int:
    """u32 at 20. How many calls the worker is running as it answers."""
    return int(_U32.unpack_from(message, at + 20)[0])


def write_open_calls(message: WriteBuffer, value: int, at: int = 0) -> None:
    """Set open_calls; struct.error when the value does not fit u32."""
    _U32.pack_into(message, at + 20, value)


def read_exit_code(message: ReadBuffer, at: int = 0) -> int:
    """u32 at 20. Exit code of a forked worker; 128 + N when signal N ended it."""
    return int(_U32.unpack_from(message, at + 20)[0])


def write_exit_code(message: WriteBuffer, value: int, at: int = 0) -> None:
    """Set exit_code; struct.error when the value does not fit u32."""
    _U32.pack_into(message, at + 20, value)


def read_queue_us(message: ReadBuffer, at: int = 0) -> int:
    """u32 at 24. Time the call waited in the engine before a worker got it, in microseconds.
    Stops at 0xFFFFFFFF.
    """
    return int(_U32.unpack_from(message, at + 24)[0])


def write_queue_us(message: WriteBuffer, value: int, at: int = 0) -> None:
    """Set queue_us; struct.error when the value does not fit u32."""
    _U32.pack_into(message, at + 24, value)


def read_attempt(message: ReadBuffer, at: int = 0) -> int:
    """u32 at 28. Which try this is, from 1. Above 1 only when the engine knows that an earlier
    one never started.
    """
    return int(_U32.unpack_from(message, at + 28)[0])


def write_attempt(message: WriteBuffer, value: int, at: int = 0) -> None:
    """Set attempt; struct.error when the value does not fit u32."""
    _U32.pack_into(message, at + 28, value)


def read_cpu_us(message: ReadBuffer, at: int = 0) -> int:
    """u32 at 28. CPU time of the call, in microseconds, when the worker can tell; otherwise 0."""
    return int(_U32.unpack_from(message, at + 28)[0])


def write_cpu_us(message: WriteBuffer, value: int, at: int = 0) -> None:
    """Set cpu_us; struct.error when the value does not fit u32."""
    _U32.pack_into(message, at + 28, value)


def read_trace_id(message: ReadBuffer, at: int = 0) -> bytes:
    """u8[16] at 32. W3C Trace Context trace-id. All zero: no trace."""
    return bytes(message[at + 32 : at + 48])


def write_trace_id(message: WriteBuffer, value: bytes, at: int = 0) -> None:
    """Set trace_id to exactly 16 bytes; ValueError for any other number of them."""
    if len(value) != 16:
        raise ValueError(f"trace_id takes 16 bytes, not {len(value)}")
    message[at + 32 : at + 48] = value


def read_span_id(message: ReadBuffer, at: int = 0) -> bytes:
    """u8[8] at 48. W3C parent-id: the sender's span."""
    return bytes(message[at + 48 : at + 56])


def write_span_id(message: WriteBuffer, value: bytes, at: int = 0) -> None:
    """Set span_id to exactly 8 bytes; ValueError for any other number of them."""
    if len(value) != 8:
        raise ValueError(f"span_id takes 8 bytes, not {len(value)}")
    message[at + 48 : at + 56] = value


def read_trace_flags(message: ReadBuffer, at: int = 0) -> int:
    """u8 at 56. W3C trace-flags; bit 0 is sampled."""
    return message[at + 56]


def write_trace_flags(message: WriteBuffer, value: int, at: int = 0) -> None:
    """Set trace_flags; ValueError when the value does not fit u8."""
    message[at + 56] = value


def read_priority(message: ReadBuffer, at: int = 0) -> int:
    """u8 at 57. RFC 9218 urgency: 0 is the most urgent, 7 the least; 3 when nobody said."""
    return message[at + 57]


def write_priority(message: WriteBuffer, value: int, at: int = 0) -> None:
    """Set priority; ValueError when the value does not fit u8."""
    message[at + 57] = value


def read_depth(message: ReadBuffer, at: int = 0) -> int:
    """u8 at 58. How many internal calls are above this one. 0 for an external call."""
    return message[at + 58]


def write_depth(message: WriteBuffer, value: int, at: int = 0) -> None:
    """Set depth; ValueError when the value does not fit u8."""
    message[at + 58] = value


def read_content(message: ReadBuffer, at: int = 0) -> int:
    """u8 at 59. What the payload is: a number of the content table."""
    return message[at + 59]


def write_content(message: WriteBuffer, value: int, at: int = 0) -> None:
    """Set content; ValueError when the value does not fit u8."""
    message[at + 59] = value
