"""An engine that says only what a test tells it to, over real pipes to a worker in a thread.

Every wait ends with what it waits for; one that finds nothing for `PATIENCE_S` fails the test instead of hanging it.
"""

from __future__ import annotations

import json
import os
import select
from collections.abc import Callable, Sequence
from typing import Any

from millrace import Function
from millrace._gen import layout
from millrace._memory_worker import MemoryWorker
from millrace._wire import cold
from millrace._wire.assembler import Assembler
from millrace._wire.cold_span import ColdSpan
from millrace._wire.headers import INVOKE, span_messages
from millrace._wire.verdict import judge

PATIENCE_S = 30.0
ALL_FEATURES = ("internal-calls", "streaming", "log", "capacity")


class Message:
    """One message from the worker."""

    def __init__(self, data: bytes) -> None:
        self.bytes = data
        self.type = layout.read_type(data)
        self.flags = layout.read_flags(data)
        self.call_id = layout.read_call_id(data)
        self.length = layout.read_body_length(data)
        self.body = data[64 : 64 + self.length]

    @property
    def more(self) -> bool:
        return self.flags & layout.FLAG_MORE != 0

    @property
    def name(self) -> str:
        return layout.TYPES[self.type].name

    def __getattr__(self, field: str) -> Any:
        return getattr(layout, f"read_{field}")(self.bytes)

    def __repr__(self) -> str:
        return f"<{self.name} {self.call_id} {self.body[:40]!r}>"


def message(kind: int, body: bytes = b"", **fields: Any) -> bytes:
    """A message with these fields."""
    data = bytearray(layout.MESSAGE_BYTES)
    layout.write_type(data, kind)
    layout.write_body_length(data, len(body))
    for field, value in fields.items():
        getattr(layout, f"write_{field}")(data, value)
    data[64 : 64 + len(body)] = body
    return bytes(data)


class ScriptedEngine:
    """Starts a worker; `welcome` unless told otherwise."""

    def __init__(
        self,
        *functions: Function[..., Any],
        welcome: bool = True,
        features: Sequence[str] = ALL_FEATURES,
        limits: cold.Limits | None = None,
        **options: Any,
    ) -> None:
        self.worker = MemoryWorker(functions, **options)
        self._in = self.worker.in_fd
        self._out = self.worker.out_fd
        self._assembler = Assembler()
        self._ready: list[Message] = []
        self.at_end = False
        self._last_id = 0
        self.ids = {fn.name: number for number, fn in enumerate(functions, 1)}
        self.hello = self._read_hello()
        if welcome:
            self.welcome(features, limits)

    def welcome(self, features: Sequence[str] = ALL_FEATURES, limits: cold.Limits | None = None) -> None:
        """Sends WELCOME."""
        given = limits or cold.Limits(self.hello.max_calls, 64, 16, 4, 8 * 1024 * 1024, 64)
        functions = tuple(cold.FunctionId(name, number) for name, number in self.ids.items())
        body = cold.encode_welcome(cold.Welcome(functions, tuple(features), given, worker_id=1))
        self.send(span_messages(layout.TYPE_WELCOME, cold.prefixed(body)))

    def send(self, *messages: bytes) -> None:
        """Sends bytes, all in one write if the pipe takes them."""
        data = b"".join(messages)
        while data:
            data = data[os.write(self._in, data) :]

    def invoke(self, name: str, value: Any = None, **fields: Any) -> int:
        """Sends an INVOKE with bytes as they are or anything else as JSON. Returns the call's id."""
        data, call_id = self.invoke_message(name, value, **fields)
        self.send(data)
        return call_id

    def invoke_message(self, name: str, value: Any = None, **fields: Any) -> tuple[bytes, int]:
        """An INVOKE and its call's id."""
        self._last_id += 2
        is_bytes = isinstance(value, bytes)
        body = value if is_bytes else json.dumps(value).encode()
        given = {
            "call_id": self._last_id,
            "function_id": self.ids[name],
            "payload_length": len(body),
            "attempt": 1,
            "priority": 3,
            "content": layout.CONTENT_BYTES if is_bytes else layout.CONTENT_JSON,
        }
        return message(layout.TYPE_INVOKE, body, **{**given, **fields}), self._last_id

    def next(self, kind: int | None = None) -> Message:
        """The next message; it must be of that type."""
        while not self._ready:
            if not self._fill():
                raise AssertionError(f"the worker's pipe ended; it said {self.worker.lines}")
        found = self._ready.pop(0)
        if kind is not None and found.type != kind:
            body: object = cold.decode_failure(found.body, 0) if found.type == layout.TYPE_ERROR else found
            if found.type == layout.TYPE_GOODBYE:
                body = cold.decode_goodbye(found.body[16:])
            raise AssertionError(f"wanted {layout.TYPES[kind].name}, got {found!r}: {body}")
        return found

    def result(self, call_id: int) -> Any:
        """The output of a call: parsed JSON, or bytes. Grants credit as it comes."""
        head = self.next(layout.TYPE_RESULT)
        assert head.call_id == call_id, head
        body = head.body
        last = head
        taken = 0
        while last.more:
            last = self.next()
            body += last.body
            if last.type == layout.TYPE_DATA:
                taken += 1
                if taken == 16:
                    self.send(message(layout.TYPE_WINDOW, call_id=call_id, credit=16))
                    taken = 0
            else:
                assert last.type == layout.TYPE_RESULT, last
                break
        assert last.payload_length == len(body), (last.payload_length, len(body))
        return json.loads(body) if head.content == layout.CONTENT_JSON else body

    def error(self, call_id: int) -> cold.Failure:
        """The failure of a call."""
        span = ColdSpan()
        while True:
            found = self.next(layout.TYPE_ERROR)
            assert found.call_id == call_id, found
            body = span.take(found.bytes, 0)
            if isinstance(body, bytes):
                failure = cold.decode_failure(body, found.status)
                assert failure is not None
                return failure

    def goodbye(self) -> cold.Goodbye:
        """GOODBYE, and the end of the pipe after it (rule `goodbye-last`)."""
        found = self.next(layout.TYPE_GOODBYE)
        assert found.bytes[64:80] == layout.VERSION_PREFIX.pack(layout.MAGIC, 1, 1, 0)
        farewell = cold.decode_goodbye(found.body[16:])
        assert farewell is not None
        assert found.status == (0 if farewell.reason == 0 else 13)
        while self._fill():
            pass
        assert not self._ready, self._ready
        return farewell

    def barrier(self) -> list[Message]:
        """What the worker has sent up to here: PING, and all that comes before its PONG."""
        self.send(message(layout.TYPE_PING, nonce=77))
        before = []
        while (found := self.next()).type != layout.TYPE_PONG:
            before.append(found)
        assert found.nonce == 77
        return before

    def answer(self, invoke: Message, value: Any, **fields: Any) -> None:
        """RESULT of an internal call."""
        is_bytes = isinstance(value, bytes)
        body = value if is_bytes else json.dumps(value).encode()
        content = layout.CONTENT_BYTES if is_bytes else layout.CONTENT_JSON
        given = {"call_id": invoke.call_id, "payload_length": len(body), "content": content}
        self.send(message(layout.TYPE_RESULT, body, **{**given, **fields}))

    def refuse(self, invoke: Message, failure: cold.Failure) -> None:
        """ERROR of an internal call."""
        body = cold.encode_failure(failure)
        self.send(span_messages(layout.TYPE_ERROR, body, invoke.call_id, 0, failure.status))

    def resolve(self, name: str, function_id: int) -> None:
        """Takes the RESOLVE of a name and answers it; 0: there is none."""
        asked = self.next(layout.TYPE_RESOLVE)
        assert asked.body == name.encode(), asked
        status = 0 if function_id else layout.STATUS_NOT_FOUND
        self.send(message(layout.TYPE_RESOLVED, asked.body, function_id=function_id, status=status))

    def drain(self, timeout_us: int = 0) -> None:
        """Sends DRAIN."""
        self.send(message(layout.TYPE_DRAIN, timeout_us=timeout_us))

    def leave(self) -> None:
        """Closes IN, as an engine that dies does."""
        if self._in != -1:
            os.close(self._in)
            self._in = -1

    def exit_code(self) -> int:
        """Waits for the worker's end."""
        code = self.worker.join(PATIENCE_S)
        assert code is not None, "the worker does not end"
        return code

    def close(self) -> None:
        """Ends the worker, whatever it does."""
        self.leave()
        if self._out != -1:
            os.close(self._out)
            self._out = -1

    def finish(self) -> None:
        """Drains the worker, which must then be gone in order."""
        self.drain()
        assert self.goodbye() == cold.Goodbye()
        assert self.exit_code() == 0
        self.close()

    def _read_hello(self) -> cold.Hello:
        span = ColdSpan()
        while True:
            body = span.take(self.next(layout.TYPE_HELLO).bytes, 0)
            if isinstance(body, bytes):
                assert cold.read_prefix(body) == (1, 1)
                hello = cold.decode_hello(body[16:])
                assert hello is not None
                return hello

    def _fill(self) -> bool:
        """Reads what comes next. False: the pipe ended."""
        if self.at_end:
            return False
        ready, _, _ = select.select([self._out], [], [], PATIENCE_S)
        assert ready, f"nothing came; the worker said {self.worker.lines}"
        data = os.read(self._out, 65_536)
        if not data:
            self.at_end = True
            assert self._assembler.pending_bytes == 0
            return False
        whole = self._assembler.push(data)
        for at in range(0, len(whole), layout.MESSAGE_BYTES):
            one = whole[at : at + layout.MESSAGE_BYTES]
            assert judge(one, 0, "worker") is None, judge(one, 0, "worker")
            found = Message(one)
            assert not any(one[64 + found.length :]), "rule message-tail-zero"
            self._ready.append(found)
        return True


Hook = Callable[[], Any]
HEADER = INVOKE
