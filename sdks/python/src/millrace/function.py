"""Functions as their authors write them: the decorator `function`. It registers nothing: the host finds them, or you
give them to `serve`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, Generic, Literal, ParamSpec, TypeVar, overload

from millrace._content import content_number
from millrace._duration import duration_us
from millrace._gen.layout import CONTENT_BYTES
from millrace._signature import Kind, Signature, context_parameter, read_signature
from millrace._wire.verdict import is_name
from millrace.errors import UsageError

__all__ = ["ContentName", "Function", "function"]

P = ParamSpec("P")
R = TypeVar("R")

ContentName = Literal["bytes", "json", "text", "protobuf", "cbor", "event-stream", "ndjson"]


class Function(Generic[P, R]):
    """A function that can be served, and called by reference: `ctx.call(greet, "Ada")`. Made by `function`.

    Called like the plain function that it is, it runs its handler here and now, with a context without an engine if
    none is given: for unit tests.
    """

    def __init__(
        self,
        handler: Callable[P, R],
        name: str,
        timeout_us: int = 0,
        content: int | None = None,
        signature: Signature | None = None,
    ) -> None:
        if not is_name(name):
            raise UsageError(
                f"{name!r} can't name a function: use 1 to 128 letters, digits, dots, dashes and underscores, "
                "beginning with a letter or digit"
            )
        if not callable(handler):
            raise UsageError(f"function {name} has no handler")
        self.handler = handler
        # Name under which it is served.
        self.name = name
        # Time limit of a call that it asks for, in microseconds; 0: none of its own.
        self.timeout_us = timeout_us
        self.signature = signature or read_signature(name, handler)
        self.kind: Kind = self.signature.kind
        self.is_async = self.signature.is_async
        self.takes_context = self.signature.takes_context
        self.invoke = self.signature.invoke
        # Number of the content table for its outputs; None: bytes are BYTES, anything else JSON.
        self.content = content
        self.bytes_content = CONTENT_BYTES if content is None else content
        # Whether its annotation says that it gives bytes, whole or streamed.
        self.gives_bytes = self.signature.gives_bytes
        functools.update_wrapper(self, handler, updated=())

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        if self.takes_context:
            name = context_parameter(self.handler)
            signature = inspect.signature(self.handler)
            bound = signature.bind_partial(*args, **kwargs)
            if (
                name is not None
                and name not in bound.arguments
                and signature.parameters[name].default is inspect.Parameter.empty
            ):
                from millrace._detached_context import DetachedContext  # It calls functions: a circle.

                bound.arguments[name] = DetachedContext(function=self.name)
                return self.handler(*bound.args, **bound.kwargs)
        return self.handler(*args, **kwargs)

    def renamed(self, name: str) -> Function[P, R]:
        """The same function under another name.

        Raises:
            UsageError: the name is not of the form of one.
        """
        return Function(self.handler, name, self.timeout_us, self.content, self.signature)

    def rehandled(self, wrap: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Function[P, R]:
        """The same function with what runs its handler wrapped."""
        signature = self.signature._replace(invoke=wrap(self.signature.invoke))
        return Function(self.handler, self.name, self.timeout_us, self.content, signature)

    def __repr__(self) -> str:
        return f"<millrace function {self.name}>"


@overload
def function(handler: Callable[P, R], /) -> Function[P, R]: ...
@overload
def function(
    name: str | None = None, /, *, timeout_s: float | None = None, content: ContentName | None = None
) -> Callable[[Callable[P, R]], Function[P, R]]: ...


def function(
    handler: Callable[..., Any] | str | None = None,
    /,
    *,
    timeout_s: float | None = None,
    content: ContentName | None = None,
) -> Any:
    """Makes a function of a handler.

        @function
        async def greet(name: str) -> str:
            return f"Hello, {name}"

        @function("words.count", timeout_s=0.05)
        def count(text: str, ctx: Context) -> int: ...

    What the handler takes decides how it gets its input: `bytes` the whole payload; `AsyncIterator[bytes]` (in an
    `async def`) or `Iterator[bytes]` the bytes as they come; anything else parsed JSON, made what the annotation says:
    plain values, dataclasses, TypedDict, models of pydantic and msgspec. With several parameters the input is a JSON
    object with their names. A parameter annotated `Context` gets the call's context. Input that does not fit fails with
    `bad_input` before the handler runs.

    What it gives decides how the output is sent: bytes as bytes, generators of either kind as a stream (bytes as they
    are, other items as JSON, one a line), anything else as JSON.

    Args:
        handler: What runs, when the decorator is used bare; otherwise the name to serve it under. Default: its own.
        timeout_s: Time limit of a call that it asks for, in seconds, up to 71 minutes. Default: the engine's.
        content: What its output is, for callers that care, such as HTTP clients. Default: `bytes` or `json`.

    Raises:
        UsageError: the name is not 1 to 128 letters, digits, dots, dashes and underscores, beginning with a letter or
            digit (rule `name-form`), or the handler takes what no call can give.
    """

    def make(of: Callable[P, R], name: str | None) -> Function[P, R]:
        number = None if content is None else content_number(content)
        given = name if name is not None else getattr(of, "__name__", "")
        limit = 0 if timeout_s is None else duration_us(timeout_s, f"timeout_s of {given}")
        return Function(of, given, limit, number)

    if handler is None or isinstance(handler, str):
        return lambda of: make(of, handler)
    return make(handler, None)
