"""A zygote: a process that has loaded the user's code, and forks a worker at each FORK. It runs no calls.

It has a loop of its own, without asyncio and without threads: what a fork copies must stand still.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable

from millrace._children import Children, threads_fault
from millrace._gen.layout import (
    HEADER_BYTES,
    MESSAGE_BYTES,
    REASON_PROTOCOL_ERROR,
    REASONS,
    TYPE_DRAIN,
    TYPE_FORK,
    TYPE_GOODBYE,
    TYPE_INVOKE,
    TYPE_PING,
    TYPE_PONG,
    TYPE_WELCOME,
    TYPES,
    FeatureName,
    read_body_length,
    read_nonce,
    read_status,
    read_type,
)
from millrace._handshake import goodbye_messages, hello_messages, read_goodbye, read_welcome
from millrace._limits import LAST_WRITE_US_MAX
from millrace._pipe import Pipe
from millrace._wire.assembler import Assembler
from millrace._wire.cold_span import ColdSpan
from millrace._wire.fork import decode_fork, exited_message, forked_message
from millrace._wire.headers import pong_message
from millrace._wire.verdict import Ignored, Verdict, judge
from millrace._worker import EXIT_CONFIG, EXIT_ENGINE_GONE, EXIT_OK, EXIT_PROTOCOL, say_line

# What a zygote offers in HELLO, beside no function (rule `fork-no-functions`).
FEATURES: tuple[FeatureName, ...] = ("fork",)


def await_fork(open_channel: Callable[[], tuple[Pipe, str]]) -> None:
    """Says HELLO as a zygote and forks on demand. Returns in each forked worker, whose environment then names its own
    channel as a launch does; in the zygote it ends the process.
    """
    pipe, token = open_channel()
    fault = threads_fault()
    if fault is not None:
        say_line(fault)
        sys.exit(EXIT_CONFIG)
    # What was made so far is never looked at again, so that no child's collection copies its pages.
    gc.collect()
    gc.freeze()
    code = Zygote(pipe).serve(token)
    if code is not None:
        sys.exit(code)


class Zygote:
    """One channel's end of it."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._assembler = Assembler()
        self._span = ColdSpan()
        self._out = b""
        # None before WELCOME.
        self._features: frozenset[str] | None = None
        self._children = Children()
        # The exit code; None while it runs.
        self._code: int | None = None
        pipe.on_writable = self._flush_out

    def serve(self, token: str) -> int | None:
        """Runs until the end. Returns the exit code in the zygote, None in a forked worker."""
        self._send(hello_messages([], token, 1, FEATURES))
        while self._code is None:
            if self._pipe.wait(self._children.wake_fd, bool(self._out)):
                self._read()
                if self._children.is_child:
                    return None
            self._reap()
        self._leave()
        return self._code

    def _read(self) -> None:
        try:
            data = self._pipe.read()
        except BlockingIOError:
            return
        except OSError as error:
            self._gone(f" ({error.strerror})")
            return
        if not data:
            cut = self._assembler.pending_bytes > 0
            self._gone(" in the middle of a message (rule channel-truncated)" if cut else "", orderly=not cut)
            return
        whole = self._assembler.push(data)
        for at in range(0, len(whole), MESSAGE_BYTES):
            if self._code is not None or self._children.is_child:
                return  # What follows in a forked worker is the zygote's, which takes it.
            broken = self._take(whole, at)
            if broken is not None:
                self._break(broken)

    def _take(self, data: bytes, at: int) -> Verdict | None:
        verdict = judge(data, at, "engine")
        if isinstance(verdict, Verdict):
            return verdict
        if isinstance(verdict, Ignored) and not self._span.open:
            return None
        kind = read_type(data, at)
        if self._features is None:
            return self._take_first(data, at, kind)
        if kind == TYPE_FORK:
            return self._take_fork(data, at)
        if kind == TYPE_PING:
            self._send(pong_message(read_nonce(data, at), 0))
            return None
        if kind == TYPE_DRAIN:
            self._send(goodbye_messages(0, 0))
            self._code = EXIT_OK
            return None
        if kind == TYPE_GOODBYE:
            self._goodbye(data, at)
            return None
        if kind == TYPE_WELCOME:
            return Verdict("handshake-hello-once", "a second WELCOME came")
        info = TYPES[kind]
        if info.feature is not None:
            return Verdict("feature-accepted", f"{info.name} came, but WELCOME did not accept {info.feature}")
        if kind == TYPE_PONG:
            return Verdict("pong-open", "PONG came, but this zygote sent no PING")
        rule = "invoke-function-id" if kind == TYPE_INVOKE else "call-id-known"
        return Verdict(rule, f"{info.name} came to a zygote, which has no functions and runs no calls")

    def _take_first(self, data: bytes, at: int, kind: int) -> Verdict | None:
        if not self._span.open:
            if kind == TYPE_GOODBYE:
                self._goodbye(data, at)
                return None
            if kind != TYPE_WELCOME:
                return Verdict("handshake-engine-waits", f"{TYPES[kind].name} came before WELCOME")
        body = self._span.take(data, at)
        if not isinstance(body, bytes):
            return body
        welcome = read_welcome(body, 1, FEATURES)
        if isinstance(welcome, Verdict):
            return welcome
        if welcome.functions:
            name = welcome.functions[0].name
            return Verdict("welcome-functions", f"WELCOME lists {name!r}, which HELLO did not offer")
        self._features = welcome.features
        return None

    def _take_fork(self, data: bytes, at: int) -> Verdict | None:
        if self._features is None or "fork" not in self._features:
            return Verdict("feature-accepted", "FORK came, but WELCOME did not accept fork")
        begin = at + HEADER_BYTES
        fork = decode_fork(data[begin : begin + read_body_length(data, at)])
        if fork is None:
            return Verdict("cold-body", "FORK holds no protobuf Fork")
        pid, status = self._children.fork(fork)
        if not self._children.is_child:
            self._send(forked_message(pid, status))
        return None

    def _reap(self) -> None:
        for pid, exit_code in self._children.reap():
            self._send(exited_message(pid, exit_code))

    def _send(self, messages: bytes) -> None:
        self._out += messages
        self._flush_out()

    def _flush_out(self) -> None:
        try:
            while self._out:
                self._out = self._out[self._pipe.write(self._out) :]
        except BlockingIOError:
            return  # `wait` tells when there is room.
        except OSError as error:
            self._out = b""
            self._gone(f" ({error.strerror})")

    def _goodbye(self, data: bytes, at: int) -> None:
        begin = at + HEADER_BYTES
        farewell = read_goodbye(data[begin : begin + read_body_length(data, at)], read_status(data, at))
        if farewell.reason is None:
            self._code = EXIT_OK
            return
        rule = f"rule {farewell.rule}" if farewell.rule else ""
        about = ": ".join(part for part in (farewell.reason, rule, farewell.message) if part)
        say_line(f"the engine {'refused this zygote' if self._features is None else 'ended the channel'}: {about}")
        self._code = EXIT_PROTOCOL

    def _break(self, verdict: Verdict) -> None:
        status = REASONS["protocol_error"].status
        self._send(goodbye_messages(REASON_PROTOCOL_ERROR, status, verdict.rule, verdict.message))
        say_line(f"the engine broke the rule {verdict.rule}: {verdict.message}")
        self._code = EXIT_PROTOCOL

    def _gone(self, how: str, orderly: bool = False) -> None:
        """The channel ended. The forked workers go on, each with its own (rule `fork-outlived`)."""
        if self._code is not None:
            return
        ok = orderly and self._features is not None
        if not ok:
            say_line(f"the engine is gone{how}")
        self._code = EXIT_OK if ok else EXIT_ENGINE_GONE

    def _leave(self) -> None:
        """Sends what is left, as far as the engine takes it."""
        self._pipe.wait_written(LAST_WRITE_US_MAX / 1e6, lambda: bool(self._out))
        self._pipe.close()
