"""A worker: functions, served over one channel, from HELLO to GOODBYE."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from millrace._call_start import CallStart
from millrace._caller import Caller
from millrace._channel import Channel
from millrace._gen.layout import REASON_PROTOCOL_ERROR, REASONS, FeatureName
from millrace._handshake import (
    FEATURES_OFFERED,
    FEATURES_PREWARMED,
    Welcome,
    check_functions,
    goodbye_messages,
    hello_messages,
    read_goodbye,
    read_welcome,
)
from millrace._inbox import Inbox, Rooms
from millrace._limits import STOP_HOOKS_US_MAX
from millrace._log import WorkerLog
from millrace._names import Names
from millrace._served_calls import ServedCalls
from millrace._served_context import ServedContext
from millrace._wire.cold import FunctionOffer
from millrace._wire.headers import capacity_message, pong_message
from millrace._wire.load import decode_loaded, loaded_messages
from millrace._wire.verdict import Verdict
from millrace.errors import MillraceError, PeerError, UsageError, user_stack
from millrace.function import Function
from millrace.hooks import PROCESS

if TYPE_CHECKING:
    from millrace._pipe import Pipe
    from millrace._runtime import Runtime

# Exit codes of a worker, by the launch contract.
EXIT_OK = 0
# The engine is gone: no reader or writer on the other side (EX_UNAVAILABLE).
EXIT_ENGINE_GONE = 69
# The engine broke the protocol or refused the handshake (EX_PROTOCOL).
EXIT_PROTOCOL = 76
# Not started by an engine, or the code can't be loaded (EX_CONFIG).
EXIT_CONFIG = 78

State = Literal["new", "starting", "ready", "draining", "ending"]
Hook = Callable[[], Any]


class ChannelWorker:
    """Belongs to the channel's thread. A runtime runs it: `say_hello`, then messages while `running`, then the stop
    hooks and `say_goodbye`.
    """

    def __init__(
        self,
        functions: Sequence[Function[..., Any]],
        pipe: Pipe,
        runtime: Runtime,
        token: str,
        max_calls: int,
        stop_hooks: Sequence[Hook] = (),
        soon: Callable[[Callable[[], None]], object] | None = None,
        say: Callable[[str], None] | None = None,
        waiting: bool = False,
    ) -> None:
        """`say`: takes one line for people. Default: standard error.

        `waiting`: it has no functions, and waits for LOAD.
        """
        if not waiting:
            check_functions(functions)
        features = FEATURES_PREWARMED if waiting else FEATURES_OFFERED
        # Rule `file-offered`.
        self._features: tuple[FeatureName, ...] = features if PROCESS.payloads is None else (*features, "payload-file")
        self._functions = {fn.name: fn for fn in functions}
        self._runtime = runtime
        self._token = token
        self._max_calls = max_calls
        self._say = say_line if say is None else say
        self.stop_hooks = stop_hooks
        self._inbox = Inbox(self)
        self.channel = Channel(pipe, self._inbox, soon)
        self._state: State = "new"
        self._served: ServedCalls | None = None
        self._caller: Caller | None = None
        self._welcome: Welcome | None = None
        self._names: Names | None = None
        # Whether the engine owes the ids of the functions: rule `load-ids`.
        self._awaits_ids = False
        self.log: WorkerLog | None = None
        # When the drain's time is over; None: no limit.
        self._drain_until: float | None = None
        self.exit_code = EXIT_OK
        # Called when `running` becomes False.
        self.on_end_begun: Callable[[], None] | None = None

    @property
    def running(self) -> bool:
        """Whether messages are to be taken."""
        return self._state != "ending"

    @property
    def open_calls(self) -> int:
        """Calls that run now."""
        return 0 if self._served is None else len(self._served.open)

    @property
    def stop_limit_us(self) -> float:
        """Time that the stop hooks may take together, in microseconds."""
        if self._drain_until is None:
            return STOP_HOOKS_US_MAX
        return max(0.0, min(STOP_HOOKS_US_MAX, (self._drain_until - time.monotonic()) * 1e6))

    def say(self, line: str) -> None:
        """One line for people."""
        self._say(line)

    def say_hook_failed(self, raised: BaseException) -> None:
        """A stop hook raised."""
        self._say(f"an on_stop hook failed: {user_stack(raised).rstrip()}")

    def say_hello(self) -> None:
        """Says HELLO (rule `handshake-hello-first`)."""
        self._state = "starting"
        functions = list(self._functions.values())
        prewarmed = PROCESS.prewarmed
        if prewarmed is None:
            self.channel.send_all(hello_messages(functions, self._token, self._max_calls, self._features))
            return
        rooms = self._begin(prewarmed.welcome)
        if isinstance(rooms, Verdict):
            raise UsageError(rooms.message)
        self._inbox.begin(rooms)
        self._awaits_ids = True
        offers = [FunctionOffer(fn.name, fn.timeout_us) for fn in functions]
        self.channel.send_all(loaded_messages(offers, self._max_calls))
        self.channel.take_back(prewarmed.unread)

    def say_goodbye(self) -> None:
        """Says GOODBYE without a reason unless one was said, and nothing after it (rule `goodbye-last`)."""
        self.channel.send_all(goodbye_messages(0, 0))
        self.channel.seal()

    def set_capacity(self, calls: int) -> None:
        """See `hooks.set_capacity`. On any thread."""
        if isinstance(calls, bool) or not isinstance(calls, int) or not 0 <= calls <= self._max_calls:
            raise UsageError(
                f"capacity is {calls!r}; use an integer from 0 to the {self._max_calls} calls that this worker offered"
            )
        welcome = self._welcome
        if welcome is not None and not self._awaits_ids and "capacity" in welcome.features:
            self._runtime.soon(lambda: self._send_capacity(calls))

    def on_welcome(self, body: bytes) -> Rooms | Verdict:
        """See `InboxListener`. Rules `welcome-functions`, `function-id-unique`."""
        welcome = read_welcome(body, self._max_calls, self._features)
        return welcome if isinstance(welcome, Verdict) else self._begin(welcome)

    def _begin(self, welcome: Welcome) -> Rooms | Verdict:
        names = Names(self.channel, welcome.open_resolves_max)
        by_id: dict[int, Function[..., Any]] = {}
        for name, function_id in welcome.functions:
            fn = self._functions.get(name)
            if fn is None:
                return Verdict("welcome-functions", f"WELCOME lists {name!r}, which HELLO did not offer")
            if function_id == 0 or function_id in by_id:
                return Verdict("function-id-unique", f"WELCOME gives {name!r} the id {function_id}")
            by_id[function_id] = fn
            names.remember(name, function_id)
        files = None if welcome.file_bytes_min is None else PROCESS.payloads
        start = CallStart(self.channel, welcome, self._runtime.send_stream, files)
        self._caller = Caller(self.channel, welcome, names, start, files)
        self.log = WorkerLog(self.channel, "log" in welcome.features, self._say)
        log = self.log
        self._served = ServedCalls(
            self._runtime, self.channel, self._caller, by_id, welcome, lambda call: ServedContext(call, log), files
        )
        self._served.on_idle = lambda: self._finish(EXIT_OK)
        self._welcome = welcome
        self._names = names
        self._state = "ready"
        return Rooms(self._served, self._caller, names, welcome.features)

    def on_load(self, body: bytes) -> Verdict | None:
        """See `InboxListener`. This worker has its code."""
        return Verdict("load-once", "LOAD came to a worker that has its code")

    def on_loaded(self, body: bytes) -> Verdict | None:
        """See `InboxListener`. Rules `load-ids`, `function-id-unique`, `loaded-max-calls`, `cold-body`."""
        if not self._awaits_ids or self._served is None or self._names is None:
            return Verdict("load-ids", "LOADED came, but this worker has sent none that it could answer")
        loaded = decode_loaded(body)
        if loaded is None:
            return Verdict("cold-body", "LOADED holds no protobuf Loaded")
        by_id: dict[int, Function[..., Any]] = {}
        for name, function_id in loaded.functions:
            fn = self._functions.get(name)
            if fn is None:
                return Verdict("load-ids", f"LOADED lists {name!r}, which the code does not serve")
            if function_id == 0 or function_id in by_id:
                return Verdict("function-id-unique", f"LOADED gives {name!r} the id {function_id}")
            by_id[function_id] = fn
            self._names.remember(name, function_id)
        if not 1 <= loaded.max_calls <= self._max_calls:
            message = f"LOADED sets max_calls to {loaded.max_calls}; this worker offered {self._max_calls}"
            return Verdict("loaded-max-calls", message)
        self._awaits_ids = False
        self._served.serve(by_id, loaded.max_calls)
        return None

    @property
    def welcome(self) -> Welcome | None:
        """What WELCOME said; None before."""
        return self._welcome

    def on_ping(self, nonce: int) -> None:
        """See `InboxListener`. Rule `ping-answered`."""
        self.channel.send(pong_message(nonce, self.open_calls))

    def on_drain(self, timeout_us: int) -> None:
        """See `InboxListener`. Rules `drain-repeated`, `drain-finish`."""
        if self._state != "ready" or self._served is None:
            return
        if timeout_us > 0:
            self._drain_until = time.monotonic() + timeout_us / 1e6
        self._state = "draining"
        self._served.drain()

    def on_goodbye(self, body: bytes, status: int) -> None:
        """See `InboxListener`."""
        self.channel.seal()  # Rule `goodbye-received`: nothing is sent any more, not even a GOODBYE.
        farewell = read_goodbye(body, status)
        if farewell.reason is None:
            self._lose(PeerError("the engine said GOODBYE", "internal"))
            self._finish(EXIT_OK)
            return
        rule = f"rule {farewell.rule}" if farewell.rule else ""
        about = ": ".join(part for part in (farewell.reason, rule, farewell.message) if part)
        what = "refused this worker" if self._welcome is None else "ended the channel"
        line = f"the engine {what}: {about}"
        self._lose(PeerError(line))
        self._say(line)
        self._finish(EXIT_PROTOCOL)

    def on_broken(self, verdict: Verdict) -> None:
        """See `InboxListener`. Rule `channel-breach-ends`."""
        line = f"the engine broke the rule {verdict.rule}: {verdict.message}"
        status = REASONS["protocol_error"].status
        self.channel.send_all(goodbye_messages(REASON_PROTOCOL_ERROR, status, verdict.rule, verdict.message))
        self.channel.seal()
        self._lose(PeerError(line))
        self._say(line)
        self._finish(EXIT_PROTOCOL)

    def on_end(self, error: str | None, truncated: bool) -> None:
        """See `InboxListener`. Rules `exit-code-finished`, `exit-code-engine-gone`, `channel-truncated`."""
        if self._state == "ending":
            # What was to be said can't be any more.
            if error is not None:
                self.exit_code = EXIT_ENGINE_GONE
            return
        count = self.open_calls
        orderly = error is None and not truncated and count == 0 and self._welcome is not None
        if truncated:
            line = "the engine cut a message short and is gone (rule channel-truncated)"
        else:
            why = "" if error is None else f" ({error})"
            left = f" and left {count} calls open" if count else ""
            line = f"the engine is gone{why}{left}"
        self._lose(PeerError(line, "internal"))
        if not orderly:
            self._say(line)
        self._finish(EXIT_OK if orderly else EXIT_ENGINE_GONE)

    def _lose(self, error: PeerError) -> None:
        """Every open call learns that the channel is gone (rule `channel-engine-gone`)."""
        self.channel.seal()
        if self._caller is not None:
            self._caller.fail_all(error)
        if self._served is not None:
            stop = MillraceError("cancelled", error.message)
            stop.__cause__ = error
            self._served.stop_all(stop)

    def _finish(self, code: int) -> None:
        if self._state == "ending":
            return
        self._state = "ending"
        self.exit_code = code
        if self.on_end_begun is not None:
            self.on_end_begun()

    def _send_capacity(self, calls: int) -> None:
        if self._state == "ready":
            self.channel.send(capacity_message(calls))


def say_line(line: str) -> None:
    """One line on standard error, written before this returns, so that an exit does not lose it."""
    try:
        sys.stderr.write(f"millrace worker: {line}\n")
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        # Standard error is closed, full or absent: there is nowhere left to say it, and the exit code tells the rest.
        return
