"""A small engine in a thread: dispatch, internal calls, deadlines, cancellation, streams. For `millrace.testing`.

It speaks the protocol over pipes to workers in threads, so functions under test run as they do under the real one. It
has no fairness, no metrics and few bounds.
"""

from __future__ import annotations

import os
import secrets
import select
import threading
import time
from collections import deque
from collections.abc import Callable

from millrace._gen import layout
from millrace._test_calls import CallRecord, Link, Outcome, TestCall
from millrace._wire import cold
from millrace._wire.headers import error_messages, plain_message, span_messages

# Call records and log records that are kept, each; the oldest go first. Unit: records.
RECORDS_MAX = 10_000
DEPTH_MAX = 64
PAYLOAD_BYTES_MAX = 64 * 1024 * 1024
FEATURES = ("internal-calls", "streaming", "log", "capacity")


class EngineThread(threading.Thread):
    """Everything but `do` and `ready` belongs to this thread."""

    def __init__(self, links: list[Link], strike: Callable[[str], cold.Failure | None]) -> None:
        """`strike`: the failure that a test wants for the next call of a function, if any."""
        super().__init__(name="millrace-test-engine", daemon=True)
        self._links = links
        self._strike = strike
        self._ids: dict[str, int] = {}
        self._waiting: deque[TestCall] = deque()
        self._calls: set[TestCall] = set()
        self._actions: deque[Callable[[], None]] = deque()
        self._wake_out, self._wake_in = os.pipe()
        self.records: deque[CallRecord] = deque(maxlen=RECORDS_MAX)
        self.logs: deque[cold.Log] = deque(maxlen=RECORDS_MAX)
        self.ready = threading.Event()
        self._stopping = False

    def do(self, action: Callable[[], None]) -> None:
        """Runs something on this thread. On any thread."""
        self._actions.append(action)
        os.write(self._wake_in, b"x")

    def run(self) -> None:
        """Until `stop`, and then until every worker is gone."""
        poll = select.poll()
        poll.register(self._wake_out, select.POLLIN)
        for link in self._links:
            poll.register(link.worker.out_fd, select.POLLIN)
        by_fd = {link.worker.out_fd: link for link in self._links}
        while not all(link.gone for link in self._links):
            for link in self._links:
                link.flush()
            # A worker whose pipe is full is tried again soon: it reads all the time, so this is rare.
            blocked = any(link.waiting and not link.gone for link in self._links)
            for fd, _ in poll.poll(1 if blocked else self._wait_ms()):
                if fd == self._wake_out:
                    os.read(fd, 4096)
                    while self._actions:
                        self._actions.popleft()()
                elif not self._read(by_fd[fd]):
                    poll.unregister(fd)
            self._expire()
        for call in list(self._calls):
            self._settle(call, cold.Failure("draining", 14, "the test engine has stopped"))
        os.close(self._wake_out)
        os.close(self._wake_in)
        self.ready.set()

    def stop(self) -> None:
        """Drains every worker."""
        self._stopping = True
        for link in self._links:
            link.send(plain_message(layout.TYPE_DRAIN))

    def submit(self, call: TestCall) -> None:
        """Takes a call, external or internal."""
        self._calls.add(call)
        failure = self._strike(call.name)
        if failure is not None:
            self._settle(call, failure)
        elif call.name not in self._ids:
            self._settle(call, cold.Failure("not_found", 5, f'there is no function named "{call.name}"'))
        elif call.depth > DEPTH_MAX:
            self._settle(call, cold.Failure("depth_exceeded", 9, f"{call.depth} internal calls above this one"))
        else:
            self._waiting.append(call)
            self._dispatch()

    def cancel(self, call: TestCall, failure: cold.Failure | None = None) -> None:
        """Asks for the end of a call, and of those below it; with `failure` its caller is told at once."""
        for other in list(self._calls):
            if other.parent is call:
                self.cancel(other)
        if call.callee is not None:
            call.callee.cancel(call)
        elif failure is None:
            failure = cold.Failure("cancelled", 1, f"the call of {call.name} was cancelled before it began")
        if failure is not None:
            self._settle(call, failure)

    def _dispatch(self) -> None:
        for _ in range(len(self._waiting)):
            call = self._waiting.popleft()
            free = [one for one in self._links if not one.gone and len(one.running) < one.max_calls]
            if call.settled:
                continue
            if free:
                link = min(free, key=lambda one: len(one.running))
                timeout_us = 0
                if call.deadline is not None:
                    timeout_us = max(1, int((call.deadline - time.monotonic()) * 1e6))
                link.invoke(call, self._ids[call.name], timeout_us)
            elif all(one.gone for one in self._links):
                self._settle(call, cold.Failure("worker_unavailable", 14, "every worker of the test is gone"))
            else:
                self._waiting.append(call)

    def _settle(self, call: TestCall, failure: cold.Failure | None, output: bytes = b"", content: int = 0) -> None:
        if call.callee is None or failure is None:
            self._calls.discard(call)
        if call.settled:
            return
        call.settled = True
        if failure is not None and not failure.function:
            failure = failure._replace(function=call.name)
        reason, message = ("ok", "") if failure is None else (failure.reason, failure.message)
        self.records.append(CallRecord(call.name, call.depth, reason, message))
        if call.future is not None and not call.future.done():
            call.future.set_result(Outcome(output, content, failure))
        if call.caller is not None and failure is not None:
            call.caller.made.pop(call.caller_id, None)
            body = cold.encode_failure(failure)
            call.caller.send_all(error_messages(call.caller_id, 0, failure.status, body))

    def _wait_ms(self) -> float | None:
        limits = [call.deadline for call in self._calls if call.deadline is not None and not call.settled]
        return max(0.0, (min(limits) - time.monotonic()) * 1000 + 1) if limits else None

    def _expire(self) -> None:
        now = time.monotonic()
        for call in [one for one in self._calls if one.deadline is not None and one.deadline <= now]:
            if not call.settled:
                self.cancel(call, cold.Failure("deadline_exceeded", 4, f"{call.name} did not end in time"))

    def _read(self, link: Link) -> bool:
        data = os.read(link.worker.out_fd, 65_536)
        whole = link.assembler.push(data)
        for at in range(0, len(whole), layout.MESSAGE_BYTES):
            self._take(link, whole[at : at + layout.MESSAGE_BYTES])
        if data:
            return True
        link.gone = True
        for call in list(link.running.values()):
            call.callee = None
            self._settle(call, cold.Failure("worker_crashed", 14, f"the worker of {call.name} ended"))
        os.close(link.worker.in_fd)
        os.close(link.worker.out_fd)
        self._dispatch()
        if not link.ready:
            self.ready.set()
        return False

    def _take(self, link: Link, data: bytes) -> None:
        kind = layout.read_type(data)
        call_id = layout.read_call_id(data)
        body = data[64 : 64 + layout.read_body_length(data)]
        if layout.TYPES[kind].spans and layout.TYPES[kind].prefix is False and layout.TYPES[kind].body != "payload":
            joined = link.span.take(data, 0)
            if isinstance(joined, bytes):
                self._take_cold(link, kind, call_id, data, joined)
        elif kind == layout.TYPE_HELLO:
            joined = link.span.take(data, 0)
            if isinstance(joined, bytes):
                self._welcome(link, joined)
        elif kind == layout.TYPE_RESOLVE:
            found = self._ids.get(body.decode(), 0)
            status = layout.STATUS_OK if found else layout.STATUS_NOT_FOUND
            answer = bytearray(span_messages(layout.TYPE_RESOLVED, body, word20=status))
            layout.write_function_id(answer, found)
            link.send(bytes(answer))
        elif kind == layout.TYPE_INVOKE:
            self._invoked(link, data, body)
        elif kind == layout.TYPE_CANCEL:
            made = link.made.get(call_id)
            if made is not None:
                self.cancel(made)
        elif kind == layout.TYPE_CAPACITY:
            link.max_calls = layout.read_capacity(data)
            self._dispatch()
        elif call_id & 1:
            made = link.made.get(call_id)
            if made is not None:
                self._from_caller(made, kind, data, body)
        elif call_id in link.running:
            self._from_callee(link, link.running[call_id], kind, data, body)

    def _take_cold(self, link: Link, kind: int, call_id: int, data: bytes, body: bytes) -> None:
        if kind == layout.TYPE_LOG:
            record = cold.decode_log(body)
            if record is not None:
                self.logs.append(record)
            return
        call = link.running.pop(call_id, None)
        failure = cold.decode_failure(body, layout.read_status(data))
        if call is not None and failure is not None:
            call.callee = None
            self._settle(call, failure)
            self._calls.discard(call)
            self._end_children(call)
        self._dispatch()

    def _welcome(self, link: Link, body: bytes) -> None:
        hello = cold.decode_hello(body[16:])
        if hello is None:
            return
        link.max_calls = hello.max_calls
        for offer in hello.functions:
            self._ids.setdefault(offer.name, len(self._ids) + 1)
        functions = tuple(cold.FunctionId(offer.name, self._ids[offer.name]) for offer in hello.functions)
        limits = cold.Limits(hello.max_calls, 4_096, 1_024, 16, PAYLOAD_BYTES_MAX, DEPTH_MAX)
        welcome = cold.Welcome(functions, FEATURES, limits, cold.Software("millrace.testing"), 1)
        link.send_all(span_messages(layout.TYPE_WELCOME, cold.prefixed(cold.encode_welcome(welcome))))
        link.ready = True
        if all(one.ready for one in self._links):
            self.ready.set()

    def _invoked(self, link: Link, data: bytes, body: bytes) -> None:
        names = {number: name for name, number in self._ids.items()}
        call = TestCall(names.get(layout.read_function_id(data), ""), body, layout.read_content(data))
        call.more = layout.read_flags(data) & layout.FLAG_MORE != 0
        call.payload_length = layout.read_payload_length(data)
        call.caller = link
        call.caller_id = layout.read_call_id(data)
        call.priority = layout.read_priority(data)
        link.made[call.caller_id] = call
        own_us = layout.read_timeout_us(data)
        if own_us:
            call.deadline = time.monotonic() + own_us / 1e6
        parent = link.running.get(layout.read_parent_call_id(data))
        if parent is not None:
            call.parent = parent
            call.depth = parent.depth + 1
            call.trace, call.trace_flags = parent.trace, parent.trace_flags
            limits = [one for one in (call.deadline, parent.deadline) if one is not None]
            call.deadline = min(limits) if limits else None
        if layout.read_parent_call_id(data) and (parent is None or parent.cancel_sent):
            self._calls.add(call)
            self._settle(call, cold.Failure("cancelled", 1, "the calling function has ended or was cancelled"))
        else:
            self.submit(call)

    def _from_caller(self, call: TestCall, kind: int, data: bytes, body: bytes) -> None:
        """DATA of an input, or WINDOW for an output: passed on as it is, under the callee's id."""
        if call.callee is None:
            if kind == layout.TYPE_DATA:
                call.parts.append((body, not layout.read_flags(data) & layout.FLAG_MORE))
            return
        call.callee.send(_with_id(data, call.callee_id))

    def _from_callee(self, link: Link, call: TestCall, kind: int, data: bytes, body: bytes) -> None:
        final = kind == layout.TYPE_RESULT and not layout.read_flags(data) & layout.FLAG_MORE
        if kind == layout.TYPE_WINDOW and call.outgoing is not None:
            call.outgoing.grant(layout.read_credit(data))
        elif call.caller is not None:
            if not call.settled:
                call.caller.send(_with_id(data, call.caller_id))
                if final:
                    call.caller.made.pop(call.caller_id, None)
        elif kind in (layout.TYPE_RESULT, layout.TYPE_DATA):
            if not call.output:
                call.output_content = layout.read_content(data)
            call.output += body
            if kind == layout.TYPE_DATA:
                link.grant(call)
        if final:
            del link.running[call.callee_id]
            call.callee = None
            self._settle(call, None, bytes(call.output), call.output_content)
            self._end_children(call)
            self._dispatch()

    def _end_children(self, call: TestCall) -> None:
        for other in list(self._calls):
            if other.parent is call:
                self.cancel(other)


def new_trace() -> bytes:
    """A trace id and a span id."""
    return secrets.token_bytes(24)


def _with_id(data: bytes, call_id: int) -> bytes:
    changed = bytearray(data)
    layout.write_call_id(changed, call_id)
    return bytes(changed)
