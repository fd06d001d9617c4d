"""What a handler takes, read from its parameters and annotations once, when a function is made."""

from __future__ import annotations

import collections.abc
import inspect
import typing
from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple

from millrace._shapes import Converter, ShapeError, converter, hints
from millrace.context import Context
from millrace.errors import MillraceError, UsageError

# How a function takes its input: parsed JSON, whole bytes, or bytes as they come.
Kind = Literal["json", "bytes", "stream"]

_BYTES: Final = (bytes, bytearray, memoryview)
_ASYNC_STREAMS: Final = (
    collections.abc.AsyncIterator,
    collections.abc.AsyncIterable,
    collections.abc.AsyncGenerator,
)
_SYNC_STREAMS: Final = (collections.abc.Iterator, collections.abc.Iterable, collections.abc.Generator)


class Signature(NamedTuple):
    """What the host has to know to run a handler."""

    kind: Kind
    # Runs the handler: `invoke(value)` or, with `takes_context`, `invoke(value, context)`.
    invoke: Callable[..., Any]
    takes_context: bool
    # A coroutine function or asynchronous generator: it needs an event loop.
    is_async: bool
    # Makes the annotated input of a parsed one; None: nothing to do.
    shape: Converter | None
    # Makes the annotated output, or one item of a streamed one, of a parsed one, for calls by reference.
    result_shape: Converter | None
    # Its annotation says that it gives bytes, whole or streamed.
    gives_bytes: bool


def read_signature(name: str, handler: Callable[..., Any]) -> Signature:
    """Reads the parameters of a handler.

    Raises:
        UsageError: it takes something that no call can give.
    """
    try:
        parameters = list(inspect.signature(handler).parameters.values())
    except (TypeError, ValueError):  # Some functions of C say nothing about their parameters.
        parameters = [inspect.Parameter("input", inspect.Parameter.POSITIONAL_ONLY)]
    target = inspect.unwrap(handler)
    target = target if inspect.isroutine(target) else type(target).__call__
    known = hints(target)
    context = _context_of(name, parameters, known)
    inputs = [one for one in parameters if one is not context]
    is_async = inspect.iscoroutinefunction(target) or inspect.isasyncgenfunction(target)
    returned = known.get("return", Any)
    result_shape, gives_bytes = _result(returned)
    kind, shape = _input(name, inputs, known, is_async)
    return Signature(
        kind,
        _invoker(handler, parameters, inputs, context),
        context is not None,
        is_async,
        shape,
        result_shape,
        gives_bytes,
    )


def _context_of(name: str, parameters: list[inspect.Parameter], known: dict[str, Any]) -> inspect.Parameter | None:
    found = [one for one in parameters if _is_context(one, known)]
    if len(found) > 1:
        raise UsageError(f"function {name} takes two contexts: {found[0].name} and {found[1].name}")
    return found[0] if found else None


def _is_context(parameter: inspect.Parameter, known: dict[str, Any]) -> bool:
    annotation = known.get(parameter.name)
    if parameter.annotation is parameter.empty:
        return parameter.name == "ctx"
    if typing.get_origin(annotation) is not None:
        return False  # In 3.10 `list[int]` passes for a class until it is asked of what.
    return isinstance(annotation, type) and issubclass(annotation, Context)


def context_parameter(handler: Callable[..., Any]) -> str | None:
    """Name of the parameter of a handler that takes the context, if one does."""
    known = hints(inspect.unwrap(handler))
    return next((one.name for one in inspect.signature(handler).parameters.values() if _is_context(one, known)), None)


def _input(
    name: str, inputs: list[inspect.Parameter], known: dict[str, Any], is_async: bool
) -> tuple[Kind, Converter | None]:
    for one in inputs:
        if one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD):
            raise UsageError(
                f"function {name} takes *{one.name}: give it one parameter for its input, or several with names"
            )
    if not inputs:
        return "json", None
    if len(inputs) > 1:
        return "json", _object_shape(name, inputs, known)
    annotation = known.get(inputs[0].name, Any)
    if annotation in _BYTES:
        return "bytes", None
    origin = typing.get_origin(annotation) or annotation
    if origin in _ASYNC_STREAMS or origin in _SYNC_STREAMS:
        if origin in _ASYNC_STREAMS and not is_async:
            raise UsageError(
                f"function {name} takes an asynchronous stream: make it `async def`, or take Iterator[bytes]"
            )
        if origin in _SYNC_STREAMS and is_async:
            raise UsageError(f"function {name} is `async def`: take its stream as AsyncIterator[bytes]")
        if typing.get_args(annotation)[:1] not in ((), (bytes,)):
            raise UsageError(f"function {name} takes a stream of {typing.get_args(annotation)[0]}: streams carry bytes")
        return "stream", None
    return "json", converter(annotation)


def _object_shape(name: str, inputs: list[inspect.Parameter], known: dict[str, Any]) -> Converter:
    """Several parameters: the input is an object with their names."""
    shapes = {one.name: converter(known.get(one.name, Any)) for one in inputs}
    required = [one.name for one in inputs if one.default is one.empty]

    def convert(value: Any, at: str) -> Any:
        if type(value) is not dict:
            raise ShapeError(f"{at or 'it'} should be an object with {', '.join(shapes)}")
        for key in required:
            if key not in value:
                raise ShapeError(f"{at}.{key} is missing")
        for key in value:
            if key not in shapes:
                raise ShapeError(f"{at}.{key} is not a parameter of {name}; it takes {', '.join(shapes)}")
        return {
            key: one if shapes[key] is None else _apply(shapes[key], one, f"{at}.{key}") for key, one in value.items()
        }

    return convert


def _apply(shape: Converter | None, value: Any, at: str) -> Any:
    return value if shape is None else shape(value, at)


def _invoker(
    handler: Callable[..., Any],
    parameters: list[inspect.Parameter],
    inputs: list[inspect.Parameter],
    context: inspect.Parameter | None,
) -> Callable[..., Any]:
    """The handler itself where it takes what the worker gives in that order, otherwise what puts it in order."""
    by_position = all(one.kind is not one.KEYWORD_ONLY for one in parameters)
    if len(inputs) == 1 and by_position and (context is None or parameters[0] is inputs[0]):
        return handler
    key = "" if context is None else context.name
    if context is not None and context.kind is context.POSITIONAL_ONLY:
        if len(inputs) == 0:
            return lambda _value, ctx: handler(ctx)
        if len(inputs) == 1:
            return lambda value, ctx: handler(ctx, value)
    if not inputs:
        return (lambda _value: handler()) if not key else (lambda _value, ctx: handler(**{key: ctx}))
    if len(inputs) == 1:
        name = inputs[0].name
        if inputs[0].kind is inputs[0].POSITIONAL_ONLY:
            return lambda value, ctx: handler(value, **{key: ctx})
        if not key:
            return lambda value: handler(**{name: value})
        return lambda value, ctx: handler(**{name: value, key: ctx})
    if not key:
        return lambda value: handler(**value)
    return lambda value, ctx: handler(**value, **{key: ctx})


def _result(returned: Any) -> tuple[Converter | None, bool]:
    origin = typing.get_origin(returned)
    if origin in _ASYNC_STREAMS or origin in _SYNC_STREAMS:
        returned = typing.get_args(returned)[0]
    return (None, True) if returned in _BYTES else (converter(returned), False)


def shaped(shape: Converter | None, value: Any, what: str) -> Any:
    """A parsed value as its annotation says.

    Raises:
        MillraceError: `bad_input`; it is not what the annotation says.
    """
    if shape is None:
        return value
    try:
        return shape(value, "")
    except ShapeError as fault:
        raise MillraceError("bad_input", f"{what}: {fault}") from fault
    except MillraceError:
        raise
    except (TypeError, ValueError) as error:  # A dataclass that checks its own values.
        raise MillraceError("bad_input", f"{what}: {error}") from error
