"""What goes wrong, as exceptions: the type says who is to blame, `reason` what to do. The same names in every SDK."""

from __future__ import annotations

import traceback
from typing import Final

from millrace._gen.layout import REASONS, ReasonName
from millrace._wire.cold import Failure

Reason = ReasonName

__all__ = ["MillraceError", "PeerError", "Reason", "UsageError"]

# Reasons that a handler can't give. `draining` and `overloaded` would make the engine run the call once more
# elsewhere, as if this one had never started; the others only the engine can know (rule `error-reason-worker`).
_NOT_A_HANDLERS: Final = frozenset(
    {
        "queue_full",
        "depth_exceeded",
        "worker_crashed",
        "worker_unavailable",
        "protocol_error",
        "unauthenticated",
        "version_unsupported",
        "draining",
        "overloaded",
    }
)


class MillraceError(Exception):
    """A call that failed.

    Raised by `ctx.call` when the callee failed; raise one in a handler to fail with a reason, a code and a retry hint
    of your choice. Any other exception of a handler becomes `handler_error`.

        raise MillraceError("bad_input", "no such user", code="NO_USER", retryable=False)

    Args:
        reason: Why, from the closed list of the spec, such as `bad_input`. Programs branch on it, or on `code`.
        message: For people.
        code: A code of your own, for programs; up to 256 bytes. Default: none.
        retryable: Whether the same call may succeed later. Default: what the reason says (`maybe` is False).
        function: Name of the function that failed. The engine fills it in when it is not given.
        status: gRPC status number, 1 to 16; sent with `handler_error` only. Default: the reason's own.
        error_type: Type of the error in the failing function's language, such as `ValueError`. Default: this one's.
        remote_stack: Stack trace from the worker where it failed. Default: none.

    Raises:
        UsageError: `reason` is not on the list.
    """

    def __init__(
        self,
        reason: Reason,
        message: str,
        *,
        code: str | None = None,
        retryable: bool | None = None,
        function: str | None = None,
        status: int | None = None,
        error_type: str | None = None,
        remote_stack: str | None = None,
    ) -> None:
        super().__init__(message)
        info = REASONS.get(reason)
        if info is None:
            raise UsageError(f"{reason!r} is not a reason; choose one of {', '.join(REASONS)}")
        self.reason: Reason = reason
        self.message = message
        # gRPC status number, 1 to 16.
        self.status = info.status if status is None else status
        self.code = code
        # Whether the failing side said so itself; None: the reason decides.
        self.retry_hint = retryable
        self.retryable = info.retry == "yes" if retryable is None else retryable
        self.function = function
        self.error_type = error_type
        self.remote_stack = remote_stack

    def __str__(self) -> str:
        return f"{self.reason}: {self.message}"

    @staticmethod
    def of(raised: BaseException) -> MillraceError:
        """Makes any exception a MillraceError: one that already is comes back itself, another becomes a
        `handler_error` with its type and stack. Never raises.
        """
        if isinstance(raised, MillraceError):
            return raised
        error = MillraceError(
            "handler_error",
            _text(raised),
            error_type=type(raised).__qualname__,
            remote_stack=user_stack(raised),
        )
        error.__cause__ = raised
        return error

    @staticmethod
    def of_failure(failure: Failure) -> MillraceError:
        """The exception that a failure from the wire stands for."""
        return MillraceError(
            failure.reason,
            failure.message,
            code=failure.code or None,
            retryable=failure.retryable,
            function=failure.function or None,
            status=failure.status,
            error_type=failure.error_type or None,
            remote_stack=failure.stack or None,
        )

    def to_failure(self) -> Failure:
        """What goes on the wire when a handler fails with this.

        A reason by which the engine speaks of itself, or of a call that never started, becomes `handler_error`, and
        the reason goes into the message. Only with `handler_error` is a status of one's own kept (rule
        `error-status-of-reason`).
        """
        sendable = self.reason not in _NOT_A_HANDLERS
        reason: Reason = self.reason if sendable else "handler_error"
        own_status = sendable and reason == "handler_error" and 1 <= self.status <= 16
        return Failure(
            reason,
            self.status if own_status else REASONS[reason].status,
            self.message if sendable else f"{self.reason}: {self.message}",
            self.code or "",
            self.error_type or type(self).__qualname__,
            self.remote_stack or user_stack(self),
            self.retry_hint,
            self.function or "",
        )


class UsageError(MillraceError):
    """You broke a rule of this SDK: a bug on this side. Nothing was sent. Its reason is `handler_error`."""

    def __init__(self, message: str) -> None:
        super().__init__("handler_error", message)

    def __str__(self) -> str:
        return self.message


class PeerError(MillraceError):
    """The engine broke the protocol or is gone. This worker cannot go on and ends by itself; whether an open internal
    call ran is unknown. Its reason is `protocol_error` or `internal`.
    """

    def __init__(self, message: str, reason: Reason = "protocol_error") -> None:
        super().__init__(reason, message)

    def __str__(self) -> str:
        return self.message


def user_stack(raised: BaseException) -> str:
    """The traceback of an exception without this package's own frames; empty when it was never raised."""
    if raised.__traceback__ is None:
        return ""
    own = __file__.rpartition("/")[0] + "/"
    report = traceback.TracebackException.from_exception(raised)
    parts: list[traceback.TracebackException | None] = [report]
    seen: set[int] = set()
    while parts:
        part = parts.pop()
        if part is None or id(part) in seen:
            continue
        seen.add(id(part))
        kept = [frame for frame in part.stack if not frame.filename.startswith(own)]
        part.stack = traceback.StackSummary.from_list(kept)
        parts += [part.__cause__, part.__context__]
    return "".join(report.format())


def _text(raised: BaseException) -> str:
    try:
        return str(raised)
    except Exception as error:  # A user's own __str__ may raise; the failure still has to be told.
        return f"<{type(raised).__qualname__}, whose text raised {type(error).__qualname__}>"
