"""LOAD and LOADED: what a prewarmed worker reads and writes."""

from __future__ import annotations

from typing import NamedTuple

from millrace._gen.layout import REASONS, TYPE_LOADED
from millrace._wire.cold import Failure, FunctionId, FunctionOffer, encode_failure
from millrace._wire.headers import span_messages
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


class Load(NamedTuple):
    """What to load. Empty texts: not said."""

    entry: str
    handler: str
    function: str
    cwd: str
    env: dict[str, str]


class Loaded(NamedTuple):
    """The engine's answer to the worker's LOADED."""

    functions: tuple[FunctionId, ...]
    max_calls: int


def decode_load(body: bytes) -> Load | None:
    """Reads the body of LOAD; None when it is no Load."""
    texts = [""] * 4
    env: dict[str, str] = {}
    try:
        for number, value in fields(body):
            if number <= len(texts):
                texts[number - 1] = text_of(value)
            elif number == 5:
                name, text = _pair(message_of(value))
                env[name] = text
    except NotProtobufError:
        return None
    entry, handler, function, cwd = texts
    return Load(entry, handler, function, cwd, env)


def decode_loaded(body: bytes) -> Loaded | None:
    """Reads the body of the engine's LOADED; None when it is no Loaded."""
    functions: list[FunctionId] = []
    max_calls = 0
    try:
        for number, value in fields(body):
            if number == 2:
                function_id, name = 0, ""
                for inner, one in fields(message_of(value)):
                    if inner == 1:
                        name = text_of(one)
                    elif inner == 2:
                        function_id = uint_of(one)
                functions.append(FunctionId(name, function_id))
            elif number == 4:
                max_calls = uint_of(value)
    except NotProtobufError:
        return None
    return Loaded(tuple(functions), max_calls)


def loaded_messages(offers: list[FunctionOffer], max_calls: int) -> bytes:
    """LOADED: the functions that the code serves, and how many calls it runs at once."""
    body = b"".join(bytes_field(1, text_field(1, offer.name) + uint_field(2, offer.timeout_us)) for offer in offers)
    return span_messages(TYPE_LOADED, body + uint_field(4, max_calls))


def load_failed_messages(message: str, error_type: str) -> bytes:
    """LOADED: why the code could not be loaded (rule `load-answered`)."""
    status = REASONS["load_failed"].status
    failure = encode_failure(Failure("load_failed", status, message, error_type=error_type))
    return span_messages(TYPE_LOADED, bytes_field(3, failure), word20=status)


def _pair(body: bytes) -> tuple[str, str]:
    name, text = "", ""
    for number, value in fields(body):
        if number == 1:
            name = text_of(value)
        elif number == 2:
            text = text_of(value)
    return name, text
