"""What a handler knows of its call, and its way to other functions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Generator, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from millrace.function import ContentName, Function

__all__ = ["Context", "Logger", "SyncCall", "Trace"]

T = TypeVar("T")


class Trace(NamedTuple):
    """W3C Trace Context of a call."""

    # 32 hexadecimal digits; all zero when the call has no trace.
    trace_id: str
    # 16 hexadecimal digits: the engine's span for this call.
    span_id: str
    # Whether somebody up the call tree records this trace.
    sampled: bool


class Logger(Protocol):
    """Writes log records that carry the call's id, function and trace.

    Never waits and never raises: a record that finds the channel backed up is dropped, and the next one that gets
    through says how many were. Text is cut at 8,192 characters; attributes whose JSON is longer, or that have none, are
    replaced by a note. The standard `logging` does the same by way of a handler that `serve` installs.
    """

    def debug(self, message: str, **attributes: Any) -> None:
        """For the function's developer."""

    def info(self, message: str, **attributes: Any) -> None:
        """What happens in order."""

    def warning(self, message: str, **attributes: Any) -> None:
        """What somebody should look at some day."""

    def error(self, message: str, **attributes: Any) -> None:
        """What somebody should look at now."""


class SyncCall(ABC, Generic[T]):
    """An internal call that a synchronous handler has started."""

    @abstractmethod
    def result(self) -> T:
        """Waits for the outcome and returns the output. May be asked for again.

        Raises:
            MillraceError: the callee failed, time ran out, or the call was cancelled; `reason` says which.
            PeerError: the channel ended; whether the callee ran is unknown.
        """

    @abstractmethod
    def cancel(self) -> None:
        """Gives the call up: `result` raises `cancelled`. Does nothing once it has ended."""

    @property
    @abstractmethod
    def done(self) -> bool:
        """Whether the outcome is there, so that `result` does not wait."""


class Context(ABC):
    """A handler gets it by a parameter that is annotated with this class. Valid until the handler has ended.

    The methods without `_sync` are for `async def` handlers, those with it for synchronous ones, which block; each
    raises `UsageError` in the other.
    """

    @property
    @abstractmethod
    def id(self) -> int:
        """Number of the call on this worker's channel."""

    @property
    @abstractmethod
    def function(self) -> str:
        """Name of the function that runs."""

    @property
    @abstractmethod
    def cancelled(self) -> bool:
        """Whether the caller gave up or the deadline passed.

        An `async def` handler need not ask: it gets `asyncio.CancelledError`. A synchronous handler of a worker
        without threads that asks makes the worker look at its channel, at the price of a system call.
        """

    @property
    @abstractmethod
    def deadline(self) -> datetime | None:
        """When the call must have ended, by this machine's clock, in UTC; None: no limit."""

    @property
    @abstractmethod
    def remaining_s(self) -> float:
        """Seconds until the deadline, not below 0; infinity without one."""

    @property
    @abstractmethod
    def depth(self) -> int:
        """How many internal calls are above this one; 0: it came from outside."""

    @property
    @abstractmethod
    def priority(self) -> int:
        """RFC 9218 urgency of the call, 0 (the most urgent) to 7."""

    @property
    @abstractmethod
    def attempt(self) -> int:
        """Which try this is, from 1. Above 1 only when an earlier one surely never started."""

    @property
    @abstractmethod
    def trace(self) -> Trace:
        """Where the call stands in its trace."""

    @property
    @abstractmethod
    def content(self) -> int:
        """What the input is: a number of the content table, such as 1 for JSON."""

    @abstractmethod
    def set_content(self, content: ContentName | int) -> None:
        """Says what the output is, in place of what the decorator said. Before any of it was sent.

        Raises:
            UsageError: it is no name of a content and no number from 0 to 255.
        """

    @property
    @abstractmethod
    def log(self) -> Logger:
        """Writes records that are tied to this call."""

    @abstractmethod
    def call(
        self,
        callee: str | Function[..., Any],
        input: Any = None,
        *,
        timeout_s: float | None = None,
        priority: int | None = None,
    ) -> Awaitable[Any]:
        """Calls another function, in whatever language it is written, and gives its output when awaited.

        The call starts at once, so several can be started before the first is awaited. Cancelling the awaitable, or the
        handler, cancels the call.

        Args:
            callee: A function's name, or the function itself: then the output is made what its annotation says.
            input: Bytes are sent as they are, an asynchronous iterable of bytes as a stream, anything else as JSON.
            timeout_s: Limit in seconds, above 0. It never outlasts this call's own deadline. Default: only that.
            priority: Urgency, 0 to 7. Default: this call's own.

        Returns:
            The output by its content: parsed JSON, a list for NDJSON, a text for text, otherwise bytes.

        Raises:
            MillraceError: the callee failed, time ran out, or the call was cancelled; `reason` says which.
            PeerError: the channel ended; whether the callee ran is unknown.
            UsageError: an argument is out of range, or the input has no JSON.
        """

    @abstractmethod
    def call_bytes(
        self,
        callee: str | Function[..., Any],
        input: bytes = b"",
        *,
        timeout_s: float | None = None,
        priority: int | None = None,
    ) -> Awaitable[bytes]:
        """Calls another function with bytes and gives its output's bytes, whatever their content. Else like `call`."""

    @abstractmethod
    def stream(
        self,
        callee: str | Function[..., Any],
        input: Any = None,
        *,
        timeout_s: float | None = None,
        priority: int | None = None,
    ) -> AsyncGenerator[Any, None]:
        """Calls another function and gives its output as it comes: `async for part in ctx.stream("rows", x)`.

        The call starts at once; iterating raises what `call` would. Leaving early needs `contextlib.aclosing` or
        `aclose()` and cancels the call. A slow reader slows the callee down: at most 32 messages wait here. The parts
        are bytes, cut as they came; of an NDJSON output they are its items.
        """

    @abstractmethod
    def gather(self, *calls: Awaitable[Any]) -> Awaitable[list[Any]]:
        """Awaits several calls at once and gives their outputs in the order of the arguments.

        When one fails, the others are cancelled and its exception is raised.
        """

    @abstractmethod
    def call_sync(
        self,
        callee: str | Function[..., Any],
        input: Any = None,
        *,
        timeout_s: float | None = None,
        priority: int | None = None,
    ) -> Any:
        """Calls another function from a synchronous handler and returns its output. Else like `call`.

        While it waits, a worker without threads runs other calls on top of this one, on the same thread: what `await`
        is for an `async def` handler, this is here, but the calls end in the order of a stack.
        """

    @abstractmethod
    def start_sync(
        self,
        callee: str | Function[..., Any],
        input: Any = None,
        *,
        timeout_s: float | None = None,
        priority: int | None = None,
    ) -> SyncCall[Any]:
        """Starts a call from a synchronous handler, to ask for its result later, so that several overlap."""

    @abstractmethod
    def gather_sync(self, *calls: SyncCall[Any]) -> list[Any]:
        """Waits for several started calls; like `gather`."""

    @abstractmethod
    def stream_sync(
        self,
        callee: str | Function[..., Any],
        input: Any = None,
        *,
        timeout_s: float | None = None,
        priority: int | None = None,
    ) -> Generator[Any, None, None]:
        """Like `stream`, for synchronous handlers. Leaving early needs `close()` and cancels the call."""


# What an input that is a stream may be.
StreamInput = AsyncIterable[bytes] | Iterable[bytes]
