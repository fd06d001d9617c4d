"""The items of a streamed output: the lines of NDJSON, or its one value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millrace._content import parse_text
from millrace._gen.layout import CONTENT_JSON, CONTENT_NDJSON
from millrace._signature import shaped
from millrace.errors import MillraceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millrace._pending_call import PendingCall


class ItemReader:
    """Takes bytes cut anywhere, gives items. Holds at most one item."""

    def __init__(self, call: PendingCall) -> None:
        self._call = call
        self._rest = b""

    def take(self, part: bytes) -> Iterator[Any]:
        """The items that these bytes complete."""
        if self._call.content != CONTENT_NDJSON:
            self._rest += part
            return
        *lines, self._rest = (self._rest + part).split(b"\n")
        for line in lines:
            yield from self._value(line)

    def end(self) -> Iterator[Any]:
        """The last item, if it had no line end."""
        yield from self._value(self._rest)

    def _value(self, line: bytes) -> Iterator[Any]:
        if not line.strip():
            return
        what = f"output of {self._call.name}"
        try:
            yield shaped(self._call.shape, parse_text(line, CONTENT_JSON, what), what)
        except MillraceError as fault:
            raise MillraceError("handler_error", fault.message, function=self._call.name) from fault
