"""HELLO and WELCOME: what this worker says of itself, and what the engine makes of it. Pure."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from typing import Any, NamedTuple

from millrace._gen.layout import (
    BODY_BYTES,
    FUNCTIONS_PER_WORKER_MAX,
    MAGIC,
    PROTOCOL_VERSION,
    TYPE_GOODBYE,
    TYPE_HELLO,
    VERSION_PREFIX_BYTES,
    FeatureName,
)
from millrace._limits import FILE_BYTES_DIVISOR, GOODBYE_BYTES_MAX
from millrace._version import __version__
from millrace._wire import cold
from millrace._wire.headers import span_messages
from millrace._wire.verdict import Verdict
from millrace.errors import UsageError
from millrace.function import Function

# The features that this SDK offers in HELLO.
FEATURES_OFFERED: tuple[FeatureName, ...] = ("internal-calls", "streaming", "log", "capacity")
# Those of a prewarmed worker: `load`, too.
FEATURES_PREWARMED: tuple[FeatureName, ...] = (*FEATURES_OFFERED, "load")


class Welcome(NamedTuple):
    """What WELCOME says, with its bounds."""

    # Served functions and the ids that the engine gave them.
    functions: tuple[cold.FunctionId, ...]
    features: frozenset[str]
    # Whether `streaming` was accepted.
    streaming: bool
    # Calls at once.
    calls_max: int
    # INVOKEs that may be open; 0: no internal calls.
    open_invokes_max: int
    # RESOLVEs that may be open.
    open_resolves_max: int
    # Bytes of the largest payload.
    payload_bytes_max: int
    # Payloads of at least so many bytes go in files; None: `payload-file` was not accepted.
    file_bytes_min: int | None
    # Number of this worker in the engine's life, for people.
    worker_id: int


class Farewell(NamedTuple):
    """Why the engine ends the channel; `reason` None: all is well."""

    reason: str | None
    rule: str
    message: str


def hello_messages(
    functions: Sequence[Function[..., Any]],
    token: str,
    max_calls: int,
    features: tuple[FeatureName, ...] = FEATURES_OFFERED,
) -> bytes:
    """HELLO, in several messages when there are many functions (rules `cold-span-consecutive`, `handshake-token`)."""
    hello = cold.Hello(
        token,
        tuple(cold.FunctionOffer(fn.name, fn.timeout_us) for fn in functions),
        features,
        max_calls,
        cold.Software(
            "millrace",
            __version__,
            "python",
            f"{platform.python_implementation().lower()} {platform.python_version()}",
        ),
    )
    return span_messages(TYPE_HELLO, cold.prefixed(cold.encode_hello(hello)))


def goodbye_messages(reason: int, status: int, rule: str = "", message: str = "") -> bytes:
    """GOODBYE. It does not span: the rule is what the engine needs, the message is cut to fit."""
    goodbye = cold.Goodbye(reason, cold.cut(message, GOODBYE_BYTES_MAX), rule)
    return span_messages(TYPE_GOODBYE, cold.prefixed(cold.encode_goodbye(goodbye)), word20=status)


def check_functions(functions: Sequence[Function[..., Any]]) -> None:
    """Checks the functions of one worker (rules `handshake-functions-max`, `handshake-functions-once`).

    Raises:
        UsageError: there are none or too many, or two have the same name.
    """
    if not functions:
        raise UsageError("there is no function to serve")
    if len(functions) > FUNCTIONS_PER_WORKER_MAX:
        raise UsageError(f"there are {len(functions)} functions; one worker serves at most {FUNCTIONS_PER_WORKER_MAX}")
    names: set[str] = set()
    for fn in functions:
        if fn.name in names:
            raise UsageError(f'two functions are named "{fn.name}"; give one of them another name')
        names.add(fn.name)


def read_welcome(body: bytes, offered: int, features: tuple[FeatureName, ...] = FEATURES_OFFERED) -> Welcome | Verdict:
    """Reads the body of WELCOME; `offered`, `features`: the calls and the features of HELLO.

    Rules `handshake-prefix`, `handshake-magic`, `handshake-version`, `handshake-body`, `feature-offered`,
    `welcome-max-calls`.
    """
    prefix = cold.read_prefix(body)
    if prefix is None:
        if body[: len(MAGIC)] == MAGIC:
            return Verdict("handshake-prefix", "WELCOME does not begin with a whole version prefix")
        return Verdict("handshake-magic", f"WELCOME does not begin with {MAGIC.decode()}")
    if prefix != (PROTOCOL_VERSION, PROTOCOL_VERSION):
        return Verdict(
            "handshake-version",
            f"WELCOME chooses version {prefix.min} to {prefix.max}; "
            f"HELLO offered {PROTOCOL_VERSION} to {PROTOCOL_VERSION}",
        )
    welcome = cold.decode_welcome(body[VERSION_PREFIX_BYTES:])
    if welcome is None:
        return Verdict("handshake-body", "WELCOME carries no Welcome")
    for feature in welcome.features:
        if feature not in features:
            return Verdict("feature-offered", f"WELCOME accepts {feature}, which HELLO did not offer")
    limits = welcome.limits
    file_bytes_min = max(BODY_BYTES + 1, limits.min_file_bytes // FILE_BYTES_DIVISOR)
    if not 1 <= limits.max_calls <= offered:
        return Verdict("welcome-max-calls", f"WELCOME sets max_calls to {limits.max_calls}; HELLO offered {offered}")
    return Welcome(
        welcome.functions,
        frozenset(welcome.features),
        "streaming" in welcome.features,
        limits.max_calls,
        limits.max_open_invokes if "internal-calls" in welcome.features else 0,
        limits.max_open_resolves,
        limits.max_payload_bytes,
        file_bytes_min if "payload-file" in welcome.features else None,
        welcome.worker_id,
    )


def read_goodbye(body: bytes, status: int) -> Farewell:
    """Reads the body of GOODBYE. A body that can't be read is still a GOODBYE: the channel ends either way."""
    goodbye = None if cold.read_prefix(body) is None else cold.decode_goodbye(body[VERSION_PREFIX_BYTES:])
    if goodbye is None:
        return Farewell("protocol_error", "", "its GOODBYE could not be read")
    if goodbye.reason == 0 and status == 0:
        return Farewell(None, goodbye.rule, goodbye.message)
    return Farewell(cold.reason_name(goodbye.reason) or f"reason {goodbye.reason}", goodbye.rule, goodbye.message)
