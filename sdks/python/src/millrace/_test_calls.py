"""The calls of a test engine, and the workers that run them. Belongs to the engine's thread."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future
from typing import Any, NamedTuple

from millrace._gen.layout import FLAG_MORE, TYPE_CANCEL, TYPE_DATA, TYPE_INVOKE, TYPE_WINDOW
from millrace._memory_worker import MemoryWorker
from millrace._payload_out import OutgoingPayload
from millrace._wire.assembler import Assembler
from millrace._wire.cold import Failure
from millrace._wire.cold_span import ColdSpan
from millrace._wire.headers import INVOKE, data_message, plain_message


class Outcome(NamedTuple):
    """How a call ended: `failure` is None when it is ok."""

    output: bytes
    content: int
    failure: Failure | None


class CallRecord(NamedTuple):
    """What became of one call."""

    function: str
    # Internal calls above it.
    depth: int
    # `ok`, or the reason of the failure.
    outcome: str
    # Message of the failure; empty when ok.
    message: str


class TestCall:
    """One call, external or internal."""

    __test__ = False  # For test runners that collect by name.

    def __init__(self, name: str, payload: bytes, content: int) -> None:
        self.name = name
        self.payload = payload
        self.content = content
        self.timeout_us = 0
        # When it must have ended, on the monotonic clock; None: no limit.
        self.deadline: float | None = None
        self.depth = 0
        self.priority = 3
        self.attempt = 1
        self.trace = bytes(24)
        self.trace_flags = 0
        # Who gets the outcome: a future, or a worker under its own id of the call.
        self.future: Future[Outcome] | None = None
        self.caller: Link | None = None
        self.caller_id = 0
        self.parent: TestCall | None = None
        # Who runs it, and under which id.
        self.callee: Link | None = None
        self.callee_id = 0
        # The rest of an input that the engine itself sends.
        self.outgoing: OutgoingPayload | None = None
        # The first message has MORE, and what announced the payload.
        self.more = False
        self.payload_length = len(payload)
        # Parts of an input that came before a worker was free, and whether they end it.
        self.parts: list[tuple[bytes, bool]] = []
        # Output collected for a future.
        self.output = bytearray()
        self.output_content = 0
        self.consumed = 0
        # The caller has its outcome; the callee may still run it.
        self.settled = False
        self.cancel_sent = False


class Link:
    """One worker as the engine sees it: an outbox, an inbox, and the calls in both directions."""

    def __init__(self, worker: MemoryWorker) -> None:
        self.worker = worker
        self._out: deque[bytes] = deque()
        self._rest = b""
        self.assembler = Assembler()
        self.span = ColdSpan()
        self.ready = False
        self.max_calls = 1
        self.offers: tuple[str, ...] = ()
        self.last_id = 0
        # By the engine's id: calls that it runs; by its own: calls that it has made.
        self.running: dict[int, TestCall] = {}
        self.made: dict[int, TestCall] = {}
        self.gone = False
        os.set_blocking(worker.in_fd, False)

    # What `OutgoingPayload` needs of a channel.

    def send(self, message: bytes) -> None:
        """Sends one message, when the worker reads."""
        if not self.gone:
            self._out.append(message)

    def send_all(self, messages: bytes) -> None:
        """Sends whole messages."""
        for at in range(0, len(messages), 1024):
            self.send(messages[at : at + 1024])

    high = False

    def wait_for_room(self, waiter: Any) -> None:
        """Never called: an outbox in memory is never high."""

    @property
    def waiting(self) -> bool:
        """Whether there is something to write."""
        return bool(self._rest or self._out)

    def flush(self) -> None:
        """Writes what the pipe takes."""
        while self.waiting and not self.gone:
            if not self._rest:
                self._rest = self._out.popleft()
            try:
                taken = os.write(self.worker.in_fd, self._rest)
            except BlockingIOError:
                return
            except BrokenPipeError:
                self._out.clear()
                self._rest = b""
                return
            self._rest = self._rest[taken:]

    def invoke(self, call: TestCall, function_id: int, timeout_us: int) -> None:
        """Sends INVOKE, and what of the input is there."""
        self.last_id += 2
        call.callee = self
        call.callee_id = self.last_id
        self.running[self.last_id] = call
        body = call.payload[:960]
        more = call.more or len(call.payload) > 960
        self.send(
            (
                INVOKE.pack(
                    TYPE_INVOKE,
                    FLAG_MORE if more else 0,
                    len(body),
                    self.last_id,
                    function_id,
                    call.payload_length,
                    timeout_us,
                    0,
                    0,
                    call.attempt,
                    call.trace,
                    call.trace_flags,
                    call.priority,
                    call.depth,
                    call.content,
                    0,
                )
                + body
            ).ljust(1024, b"\0")
        )
        if call.more:
            for part, last in call.parts:
                self.send(data_message(0 if last else FLAG_MORE, self.last_id, part))
            call.parts.clear()
        elif more:
            call_id = self.last_id

            def send_tail(part: bytes, total: int) -> None:
                del total
                self.send(data_message(0, call_id, part))

            channel: Any = self
            call.outgoing = OutgoingPayload(channel, call_id, len(body), True, send_tail)
            call.outgoing.finish(call.payload[960:])

    def cancel(self, call: TestCall) -> None:
        """Sends CANCEL, once."""
        if not call.cancel_sent:
            call.cancel_sent = True
            self.send(plain_message(TYPE_CANCEL, call.callee_id))

    def grant(self, call: TestCall) -> None:
        """A DATA of an output was taken by the engine itself."""
        call.consumed += 1
        if call.consumed == 16:
            call.consumed = 0
            self.send(plain_message(TYPE_WINDOW, call.callee_id, 16))


__all__ = ["CallRecord", "Link", "Outcome", "TYPE_DATA", "TestCall"]
