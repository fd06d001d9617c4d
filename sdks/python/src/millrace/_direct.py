"""A worker without an event loop and without threads: handlers run where the messages are read.

    main ── pump ── take INVOKE ── handler A ── ctx.call_sync ── pump ── take INVOKE ── handler B ── ...
                                                  └ returns as soon as its RESULT was taken

Nothing is handed from thread to thread, and a wait is one blocking `read`. A handler that waits for an internal call
takes whatever comes meanwhile: an INVOKE runs on top of it, so a function may call itself or its neighbours without a
second worker. Calls then end in the order of a stack: one that got its RESULT goes on when those above it have ended.
No two calls can wait for one another that way, because everybody waits only for what began later: its own internal
calls, and what runs above it.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from time import monotonic_ns
from typing import TYPE_CHECKING, Any

from millrace._gen.layout import BODY_BYTES
from millrace._limits import FRAMES_PER_NESTED_CALL, LAST_WRITE_US_MAX
from millrace._served_call import TIME_MAX
from millrace._sync_stream import incoming_parts, send_parts
from millrace._wire.headers import result_message
from millrace.errors import UsageError

if TYPE_CHECKING:
    from millrace._channel import Channel
    from millrace._pending_call import PendingCall
    from millrace._pipe import Pipe
    from millrace._served_call import ServedCall
    from millrace._worker import ChannelWorker


class DirectGate:
    """Waits by taking messages."""

    __slots__ = ("_channel", "_is_open")

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._is_open = False

    def open(self) -> None:
        """See `Gate`."""
        self._is_open = True

    def wait(self) -> None:
        """See `Gate`."""
        while not self._is_open:
            self._channel.pump()


class DirectRuntime:
    """See `Runtime`."""

    direct = True

    def __init__(self, pipe: Pipe, max_calls: int) -> None:
        pipe.use_blocking()
        self._thread = threading.get_ident()
        self._max_calls = max_calls
        self._channel: Channel | None = None
        # The calls that run, the innermost last.
        self.stack: list[ServedCall] = []

    def main(self, worker: ChannelWorker) -> int:
        """See `Runtime`."""
        self._channel = worker.channel
        frames = self._max_calls * FRAMES_PER_NESTED_CALL
        sys.setrecursionlimit(max(sys.getrecursionlimit(), 1_000 + frames))
        worker.say_hello()
        return self.main_after_hello(worker)

    def main_after_hello(self, worker: ChannelWorker) -> int:
        """Takes messages until the worker has ended."""
        channel = self._channel = worker.channel
        pump = channel.pump
        while worker.running:
            pump()
        return self._leave(worker, channel)

    def run(self, call: ServedCall, value: Any) -> None:
        """See `Runtime`."""
        stack = self.stack
        stack.append(call)
        fn = call.fn
        try:
            if fn.kind == "stream":
                value = incoming_parts(self, value)
            result = fn.invoke(value, call.calls.context_of(call)) if fn.takes_context else fn.invoke(value)
            if type(result) is not bytes and hasattr(type(result), "__next__"):
                send_parts(self, call, result)
                return
        except Exception as raised:
            call.fail(raised)
            return
        finally:
            stack.pop()
        if type(result) is bytes and len(result) <= BODY_BYTES and call.own_content is None and not call.ended:
            # As `complete`, for what most calls end with.
            calls = call.calls
            length = len(result)
            run_us = (monotonic_ns() - call.started_ns) // 1_000 + 1
            if run_us > TIME_MAX:
                run_us = TIME_MAX
            calls.channel.send(result_message(0, call.id, length, run_us, fn.bytes_content, result))
            calls.close(call)
            return
        call.complete(result)

    def do(self, action: Callable[[], Any]) -> Any:
        """See `Runtime`."""
        return action()

    def check_sync(self) -> None:
        """See `Runtime`."""
        if threading.get_ident() != self._thread:
            raise UsageError(
                "this worker runs handlers without threads, and a thread of your own can't use their context: "
                "serve with threads=2 or more"
            )

    def gate(self) -> DirectGate:
        """See `Runtime`."""
        if self._channel is None:
            raise UsageError("the worker has not been started")
        return DirectGate(self._channel)

    def look(self) -> None:
        """See `Runtime`. Calls that come are run on top of the present one, as in any other wait."""
        if self._channel is not None and threading.get_ident() == self._thread:
            self._channel.look()

    def send_stream(self, call: PendingCall) -> None:
        """See `Runtime`: the caller of `stream_sync` and `call_sync` sends its stream itself."""

    def soon(self, action: Callable[[], None]) -> None:
        """See `Runtime`."""
        if self._channel is None:
            return
        if threading.get_ident() == self._thread:
            action()
        else:
            self._channel.post(action)

    def current(self) -> ServedCall | None:
        """The call whose handler runs on the present thread."""
        return self.stack[-1] if self.stack and threading.get_ident() == self._thread else None

    def _leave(self, worker: ChannelWorker, channel: Channel) -> int:
        """Runs the stop hooks for as long as they may take, says GOODBYE and returns the exit code."""
        if worker.stop_hooks:
            limit_s = worker.stop_limit_us / 1e6

            def expired() -> None:
                # A hook that blocks this thread can't be stopped: the process ends around it.
                worker.say(f"on_stop hooks did not end within {limit_s * 1000:.0f} ms; exiting without them")
                worker.say_goodbye()
                channel.flush()
                os._exit(worker.exit_code)

            watch = threading.Timer(limit_s, expired)
            watch.daemon = True
            watch.start()
            for hook in worker.stop_hooks:
                try:
                    hook()
                except Exception as raised:
                    worker.say_hook_failed(raised)
            watch.cancel()
        worker.say_goodbye()
        channel.drain_out(LAST_WRITE_US_MAX / 1e6)
        channel.close()
        return worker.exit_code
