"""A prewarmed worker: says HELLO without functions, and loads the code that LOAD names.

A worker of that code then takes its channel over, as if it had said HELLO itself.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from millrace._direct import DirectRuntime
from millrace._limits import MAX_CALLS_DEFAULT
from millrace._wire.load import Load, decode_load, load_failed_messages
from millrace._wire.verdict import Verdict
from millrace._worker import ChannelWorker
from millrace.hooks import PROCESS

if TYPE_CHECKING:
    from millrace._handshake import Welcome
    from millrace._pipe import Pipe

Run = Callable[["Pipe", str], int]


class CodeReadyError(BaseException):
    """The code has said what it serves. No `Exception`: user code must not catch it."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run


class StartFailedError(Exception):
    """A start hook of the code raised."""


class Prewarmed(NamedTuple):
    """What the worker of the code takes over."""

    welcome: Welcome
    # Bytes that were read behind LOAD.
    unread: bytes


class WaitingWorker(ChannelWorker):
    """The worker before it has its code."""

    def __init__(self, pipe: Pipe, runtime: DirectRuntime, token: str, loader: Callable[[Load], NoReturn]) -> None:
        super().__init__([], pipe, runtime, token, MAX_CALLS_DEFAULT, waiting=True)
        self._loader = loader

    def on_load(self, body: bytes) -> Verdict | None:
        """See `InboxListener`. Raises `CodeReadyError` when the code was loaded."""
        load = decode_load(body)
        if load is None:
            return Verdict("cold-body", "LOAD holds no protobuf Load")
        PROCESS.start.clear()
        PROCESS.stop.clear()
        PROCESS.loading = True
        try:
            if load.cwd:
                os.chdir(load.cwd)
            os.environ.update(load.env)
            self._loader(load)
        except Exception as raised:
            self.refuse(raised)
        finally:
            PROCESS.loading = False
        return None

    def refuse(self, raised: BaseException) -> None:
        """The code could not be loaded. Rules `load-answered`, `load-again`."""
        self.channel.send_all(load_failed_messages(str(raised), type(raised).__name__))

    def hand_over(self) -> Prewarmed:
        """Lets go of the channel."""
        welcome = self.welcome
        if welcome is None:
            raise RuntimeError("LOAD was taken before WELCOME")
        return Prewarmed(welcome._replace(functions=()), self.channel.hand_over())


def prewarm(open_channel: Callable[[], tuple[Pipe, str]], loader: Callable[[Load], NoReturn]) -> NoReturn:
    """Waits for LOAD, and runs the worker of its code. `loader`: loads it and serves it; raises an exception that says
    why it can't.
    """
    for name in ("asyncio", "millrace._event_loop", "millrace._loop"):
        import_module(name)  # What the code may need, before anybody waits for it.
    pipe, token = open_channel()
    runtime = DirectRuntime(pipe, 1)
    worker = WaitingWorker(pipe, runtime, token, loader)
    say_hello: Callable[[], Any] = worker.say_hello
    while True:
        try:
            say_hello()
            sys.exit(runtime.main_after_hello(worker))
        except CodeReadyError as ready:
            run = ready.run
        PROCESS.prewarmed = worker.hand_over()
        try:
            sys.exit(run(pipe, token))
        except StartFailedError as failed:
            # It waits on, with the channel as it was.
            unread, PROCESS.prewarmed, PROCESS.worker = PROCESS.prewarmed.unread, None, None
            worker.channel.take_back(unread)
            worker.refuse(failed)
            say_hello = _said


def _said() -> None:
    """HELLO was said before."""
