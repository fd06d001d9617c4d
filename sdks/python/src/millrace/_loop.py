"""A worker with an event loop: `async def` handlers are its tasks, synchronous ones run in threads beside it.

The messages are read and written on the loop's thread. A synchronous handler that waits for an internal call does not
count as running, so that `threads` bounds what runs at once and never makes calls wait for one another.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections import deque
from collections.abc import AsyncIterable, Callable
from typing import TYPE_CHECKING, Any

from millrace._async_call import incoming_parts
from millrace._limits import LAST_WRITE_US_MAX
from millrace._log import CURRENT_CALL
from millrace._sync_stream import incoming_parts as sync_incoming_parts
from millrace._sync_stream import send_parts
from millrace.errors import MillraceError, UsageError

if TYPE_CHECKING:
    from millrace._pending_call import PendingCall
    from millrace._pipe import Pipe
    from millrace._served_call import ServedCall
    from millrace._worker import ChannelWorker

# Since 3.12 a task can take its first step at once, which saves a turn of the loop.
_EAGER: dict[str, Any] = {"eager_start": True} if sys.version_info >= (3, 12) else {}


class ThreadGate:
    """Waits for the loop's thread."""

    __slots__ = ("_event", "_runtime")

    def __init__(self, runtime: LoopRuntime) -> None:
        self._runtime = runtime
        self._event = threading.Event()

    def open(self) -> None:
        """See `Gate`."""
        self._event.set()

    def wait(self) -> None:
        """See `Gate`."""
        if self._event.is_set():
            return
        self._runtime.on_wait()
        self._event.wait()
        self._runtime.on_woken()


class LoopRuntime:
    """See `Runtime`."""

    direct = False

    def __init__(self, loop: asyncio.AbstractEventLoop, pipe: Pipe, threads: int) -> None:
        self.loop = loop
        self._pipe = pipe
        self._threads = threads
        self._thread = threading.get_ident()
        self._tasks: set[asyncio.Task[None]] = set()
        # Synchronous handlers that run now and do not wait, and those that wait for a place.
        self._running = 0
        self._waiting: deque[Callable[[], None]] = deque()
        # Threads with nothing to do, by the deque and event that give them something.
        self._idle: list[_Thread] = []
        self._lock = threading.Lock()

    def main(self, worker: ChannelWorker) -> int:
        """See `Runtime`."""
        return self.loop.run_until_complete(self._main(worker))

    async def _main(self, worker: ChannelWorker) -> int:
        channel = worker.channel
        ended = self.loop.create_future()
        worker.on_end_begun = lambda: ended.set_result(None)
        self._pipe.use_loop(self.loop, channel.on_bytes, channel.end)
        worker.say_hello()
        await ended
        await self._run_stop_hooks(worker)
        worker.say_goodbye()
        channel.flush()
        if not channel.empty and not channel.ended:
            left = self.loop.create_future()
            channel.on_empty = lambda: None if left.done() else left.set_result(None)
            await asyncio.wait([left], timeout=LAST_WRITE_US_MAX / 1e6)
        channel.close()
        if self._tasks:
            # What was cancelled gets a moment for its `finally`.
            await asyncio.wait(self._tasks, timeout=LAST_WRITE_US_MAX / 1e6)
        return worker.exit_code

    async def _run_stop_hooks(self, worker: ChannelWorker) -> None:
        if not worker.stop_hooks:
            return
        limit_us = worker.stop_limit_us

        async def run() -> None:
            for hook in worker.stop_hooks:
                try:
                    result = hook()
                    if asyncio.iscoroutine(result):
                        await result
                except Exception as raised:
                    worker.say_hook_failed(raised)

        _, late = await asyncio.wait([asyncio.ensure_future(run())], timeout=limit_us / 1e6)
        for task in late:
            task.cancel()
            self._tasks.add(task)
            worker.say(f"on_stop hooks did not end within {limit_us / 1000:.0f} ms; exiting without them")

    def run(self, call: ServedCall, value: Any) -> None:
        """See `Runtime`."""
        fn = call.fn
        if fn.is_async:
            before = CURRENT_CALL.set(call)
            task = asyncio.Task(self._run_async(call, value), loop=self.loop, **_EAGER)
            CURRENT_CALL.reset(before)
            if not task.done():
                call.task = task
                self._tasks.add(task)
                task.add_done_callback(lambda done: self._on_done(call, done))
                if call.cancelled is not None:
                    task.cancel()
        else:
            self._give(lambda: self._run_in_thread(call, value))

    def _on_done(self, call: ServedCall, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            # Cancelled before its first step: nothing of it has run that could have ended the call.
            call.fail(MillraceError("cancelled", f"{call.fn.name} was cancelled"))

    async def _run_async(self, call: ServedCall, value: Any) -> None:
        fn = call.fn
        try:
            if fn.kind == "stream":
                value = incoming_parts(value)
            result = fn.invoke(value, call.calls.context_of(call)) if fn.takes_context else fn.invoke(value)
            if hasattr(result, "__await__"):
                result = await result
            if hasattr(type(result), "__anext__"):
                await self._send_stream_out(call, result)
                return
            call.task = None
            call.complete(result)
        except asyncio.CancelledError as raised:
            call.task = None
            call.fail(MillraceError("cancelled", f"{fn.name} was cancelled") if call.cancelled is None else raised)
        except Exception as raised:
            call.task = None
            call.fail(raised)

    async def _send_stream_out(self, call: ServedCall, parts: Any) -> None:
        whole: list[bytes] = []
        try:
            async for part in parts:
                encoded = call.encode_part(part)
                if not call.calls.streaming:
                    whole.append(encoded)
                    continue
                sent = self.loop.create_future()
                if not call.send_part(encoded, lambda: None if sent.done() else sent.set_result(None)):
                    await sent
        finally:
            close = getattr(parts, "aclose", None)
            if close is not None:
                await close()
        call.task = None
        if call.calls.streaming:
            call.end_stream()
        else:
            call.stream_whole(whole)

    # Handlers in threads.

    def _run_in_thread(self, call: ServedCall, value: Any) -> None:
        fn = call.fn
        before = CURRENT_CALL.set(call)
        try:
            if fn.kind == "stream":
                value = sync_incoming_parts(self, value)
            result = fn.invoke(value, call.calls.context_of(call)) if fn.takes_context else fn.invoke(value)
            if type(result) is not bytes and hasattr(type(result), "__next__"):
                send_parts(self, call, result)
                return
        except Exception as raised:
            failed = raised
            self.soon(lambda: call.fail(failed))
            return
        except SystemExit as leaving:
            asked = leaving
            self.soon(lambda: _raise(asked))
            return
        finally:
            CURRENT_CALL.reset(before)
        self.soon(lambda: call.complete(result))

    def _give(self, action: Callable[[], None]) -> None:
        """Runs a handler in a thread as soon as there is a place."""
        with self._lock:
            if self._running >= self._threads:
                self._waiting.append(action)
                return
            self._running += 1
            thread = self._idle.pop() if self._idle else None
        if thread is None:
            thread = _Thread(self)
            thread.start()
        thread.give(action)

    def next_action(self, thread: _Thread) -> Callable[[], None] | None:
        """A thread has ended a handler: the next one, or None, and then the thread is idle."""
        with self._lock:
            if self._waiting and self._running <= self._threads:
                return self._waiting.popleft()
            self._running -= 1
            self._idle.append(thread)
            return None

    def on_wait(self) -> None:
        """The handler on this thread waits: another may run in its place."""
        with self._lock:
            self._running -= 1
            action = self._waiting.popleft() if self._waiting else None
        if action is not None:
            self._give(action)

    def on_woken(self) -> None:
        """It goes on, whether or not its place was taken: to wait for one could be to wait for oneself."""
        with self._lock:
            self._running += 1

    def do(self, action: Callable[[], Any]) -> Any:
        """See `Runtime`."""
        if threading.get_ident() == self._thread:
            return action()
        done = threading.Event()
        outcome: list[Any] = []

        def run() -> None:
            try:
                outcome.append(action())
            except BaseException as raised:
                outcome.extend((None, raised))
            done.set()

        self.loop.call_soon_threadsafe(run)
        done.wait()
        if len(outcome) == 2:
            raise outcome[1]
        return outcome[0]

    def gate(self) -> ThreadGate:
        """See `Runtime`."""
        return ThreadGate(self)

    def look(self) -> None:
        """See `Runtime`: the loop reads by itself."""

    def check_sync(self) -> None:
        """See `Runtime`."""
        if threading.get_ident() == self._thread:
            raise UsageError("a method that blocks would stop the event loop: use the one without `_sync` and await it")

    def soon(self, action: Callable[[], None]) -> None:
        """See `Runtime`."""
        if threading.get_ident() == self._thread:
            action()
        elif not self.loop.is_closed():
            self.loop.call_soon_threadsafe(action)

    def current(self) -> ServedCall | None:
        """See `Runtime`."""
        return CURRENT_CALL.get()

    def send_stream(self, call: PendingCall) -> None:
        """See `Runtime`."""
        stream = call.input_stream
        if isinstance(stream, AsyncIterable):
            task = self.loop.create_task(self._pour(call, stream))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pour(self, call: PendingCall, stream: AsyncIterable[bytes]) -> None:
        caller = call.parent.calls.caller
        outgoing = call.outgoing
        if outgoing is None:
            return
        try:
            async for part in stream:
                if not isinstance(part, (bytes, bytearray, memoryview)):
                    raise UsageError(f"a streamed input gave {type(part).__qualname__}, not bytes")
                if call.settled:
                    return
                sent = self.loop.create_future()
                if len(part) > 0 and not outgoing.write(
                    bytes(part), lambda: None if sent.done() else sent.set_result(None)
                ):
                    await sent
            outgoing.finish(b"")
        except Exception as raised:
            caller.cancel(call, MillraceError.of(raised))


class _Thread(threading.Thread):
    """Runs handlers, one after the other. A daemon: a handler that never ends must not keep the process."""

    def __init__(self, runtime: LoopRuntime) -> None:
        super().__init__(name="millrace-handler", daemon=True)
        self._runtime = runtime
        self._given: deque[Callable[[], None]] = deque()
        self._wake = threading.Semaphore(0)

    def give(self, action: Callable[[], None]) -> None:
        """Makes an idle or new thread run something."""
        self._given.append(action)
        self._wake.release()

    def run(self) -> None:
        """Runs what it is given, for ever."""
        while True:
            self._wake.acquire()
            action: Callable[[], None] | None = self._given.popleft()
            while action is not None:
                action()
                action = self._runtime.next_action(self)


def _raise(error: BaseException) -> None:
    raise error
