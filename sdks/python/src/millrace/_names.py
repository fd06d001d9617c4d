"""Names of functions and their ids: those that WELCOME told, and those asked for by RESOLVE, once for all who wait."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from millrace._channel import Channel
from millrace._gen.layout import (
    HEADER_BYTES,
    STATUS_NOT_FOUND,
    STATUS_OK,
    TYPE_RESOLVE,
    read_body_length,
    read_function_id,
    read_status,
)
from millrace._limits import NAMES_CACHED_MAX, NAMES_WAITING_MAX
from millrace._wire.headers import span_messages
from millrace._wire.verdict import Verdict, is_name
from millrace.errors import MillraceError, UsageError

# Told the id of a name, or why there is none.
NameWaiter = Callable[[int, MillraceError | None], None]


class Names:
    """Rules `resolve-cached`, `resolved-open`, `resolved-id` and `limit-open-resolves`."""

    def __init__(self, channel: Channel, open_max: int) -> None:
        """`open_max`: RESOLVEs that may be open at once, from WELCOME."""
        self._channel = channel
        self._open_max = open_max
        self._ids: dict[str, int] = {}
        # The id of a name, or None when it is not known.
        self.lookup = self._ids.get
        # Who waits, by name; a name is here as long as its RESOLVE is open or waits for a place.
        self._waiters: dict[str, list[NameWaiter]] = {}
        self._unasked: deque[str] = deque()
        self._open_count = 0

    def remember(self, name: str, function_id: int) -> None:
        """Keeps an id; forgets the oldest beyond the bound."""
        self._ids[name] = function_id
        if len(self._ids) > NAMES_CACHED_MAX:
            del self._ids[next(iter(self._ids))]

    def forget(self, name: str, function_id: int) -> None:
        """The engine does not know this id any more."""
        if self._ids.get(name) == function_id:
            del self._ids[name]

    def ask(self, name: str, waiter: NameWaiter) -> None:
        """Asks the engine. The waiter is told later, or at once of a name that can't be one."""
        if not is_name(name):
            waiter(0, UsageError(f"{name!r} can't name a function (rule name-form)"))
            return
        waiters = self._waiters.get(name)
        if waiters is not None:
            waiters.append(waiter)
            return
        if len(self._waiters) >= NAMES_WAITING_MAX:
            waiter(0, MillraceError("queue_full", f"{NAMES_WAITING_MAX} names wait to be resolved already"))
            return
        self._waiters[name] = [waiter]
        if self._open_count < self._open_max:
            self._resolve(name)
        else:
            self._unasked.append(name)

    def resolved(self, data: bytes, at: int) -> Verdict | None:
        """RESOLVED."""
        begin = at + HEADER_BYTES
        name = data[begin : begin + read_body_length(data, at)].decode("ascii")
        if name not in self._waiters or name in self._unasked:
            return Verdict("resolved-open", f"RESOLVED names {name!r}, for which no RESOLVE is open")
        waiters = self._waiters.pop(name)
        self._open_count -= 1
        status = read_status(data, at)
        function_id = read_function_id(data, at)
        error = None
        if status == STATUS_OK:
            self.remember(name, function_id)
        elif status == STATUS_NOT_FOUND:
            error = MillraceError("not_found", f'there is no function named "{name}"', function=name)
        else:
            message = f'"{name}" can\'t be called now (status {status})'
            error = MillraceError("worker_unavailable", message, function=name, status=status)
        if self._unasked and self._open_count < self._open_max:
            self._resolve(self._unasked.popleft())
        for waiter in waiters:
            waiter(function_id, error)
        return None

    def fail_all(self, error: MillraceError) -> None:
        """The channel is gone: everyone who waits is told."""
        waiting = [waiter for waiters in self._waiters.values() for waiter in waiters]
        self._waiters.clear()
        self._unasked.clear()
        for waiter in waiting:
            waiter(0, error)

    def _resolve(self, name: str) -> None:
        self._open_count += 1
        self._channel.send_all(span_messages(TYPE_RESOLVE, name.encode()))
