"""One internal call, from `ctx.call` to its final message."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal

from millrace._content import parse_output
from millrace._payload_in import IncomingPayload, StreamedPayload
from millrace._payload_out import OutgoingPayload
from millrace._shapes import Converter
from millrace._signature import shaped
from millrace.errors import MillraceError

if TYPE_CHECKING:
    from millrace._served_call import ServedCall

# What becomes of the output: a value by its content, bytes, or a stream of bytes.
OutputForm = Literal["value", "bytes", "stream"]


class PendingCall:
    """Its outcome is there once `settled`: `output` and `content`, or `error`. On the channel it may still be open."""

    # Defaults of the class: an object sets only what differs.

    # A streamed input; `input` is empty then.
    input_stream: AsyncIterable[bytes] | Iterable[bytes] | None = None
    # Makes the annotated output of a parsed one.
    shape: Converter | None = None
    # Its own time limit in microseconds; 0: none.
    timeout_us: int = 0
    # Its id on the channel; 0: INVOKE was not sent.
    id: int = 0
    function_id: int = 0
    # Output on its way in, after its head.
    incoming: IncomingPayload | None = None
    # Input on its way out, after INVOKE.
    outgoing: OutgoingPayload | None = None
    # A RESULT without MORE is all that its outcome takes: nothing of it is on its way in or out.
    whole_result: bool = True
    # The failure that made it ask for its name once more.
    stale_error: MillraceError | None = None
    settled: bool = False
    output: bytes = b""
    content: int = 0
    error: BaseException | None = None
    # Called once, when it settles.
    on_settled: Callable[[], None] | None = None
    # Called once, when INVOKE was sent or could not be, if somebody waits for that to send a stream.
    on_begun: Callable[[], None] | None = None
    # For `stream` only: called when the output's first bytes came.
    on_head: Callable[[StreamedPayload], None] | None = None

    def __init__(
        self, parent: ServedCall, name: str, input: bytes, input_content: int, form: OutputForm, priority: int
    ) -> None:
        self.parent = parent
        self.name = name
        # Kept until the call settles: a stale id sends it again.
        self.input = input
        self.input_content = input_content
        self.form: OutputForm = form
        self.priority = priority
        if form == "stream":
            self.whole_result = False

    def succeed(self, output: bytes) -> None:
        """The output is whole."""
        if not self.settled:
            self.output = output
            self.settled = True
            if self.on_settled is not None:
                self.on_settled()

    def fail(self, error: BaseException) -> None:
        """The call has no output for its caller any more."""
        if self.settled:
            return
        self.error = error
        self.settled = True
        self.begun()
        if self.outgoing is not None:
            self.outgoing.stop()
        if self.incoming is not None:
            self.incoming.fail(error)
        if self.on_settled is not None:
            self.on_settled()

    def begun(self) -> None:
        """INVOKE was sent, or never will be."""
        on_begun, self.on_begun = self.on_begun, None
        if on_begun is not None:
            on_begun()

    def value(self) -> Any:
        """The output of a settled call.

        Raises:
            MillraceError: why there is none. An output that is not what its content or the annotation of the function
                says is the callee's fault, so it is `handler_error`.
        """
        if self.error is not None:
            raise self.error
        if self.form == "bytes":
            return self.output
        if self.content == 0 and self.shape is None:
            return self.output
        what = f"output of {self.name}"
        try:
            return shaped(self.shape, parse_output(self.output, self.content, what), what)
        except MillraceError as fault:
            raise MillraceError("handler_error", fault.message, function=self.name) from fault
