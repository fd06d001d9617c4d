"""Calls that a worker runs on a loop and in threads."""

from __future__ import annotations

import asyncio
import threading

from calls_functions import (
    EngineTest,
    ablocks,
    acount,
    aecho,
    arows,
    echo,
    hang,
    tidy,
)
from millrace import function
from millrace._gen import layout
from scripted_engine import PATIENCE_S, message


class AsyncTest(EngineTest):
    def test_overlap_and_end_in_any_order(self) -> None:
        events: dict[int, asyncio.Event] = {}
        loops: list[asyncio.AbstractEventLoop] = []
        begun = threading.Semaphore(0)

        @function
        async def wait(number: int) -> int:
            loops.append(asyncio.get_running_loop())
            event = events[number] = asyncio.Event()
            begun.release()
            await event.wait()
            return number

        engine = self.start(wait)
        calls = [engine.invoke("wait", number) for number in range(32)]
        for _ in calls:
            self.assertTrue(begun.acquire(timeout=PATIENCE_S))
        for number in reversed(range(32)):
            loops[0].call_soon_threadsafe(events[number].set)
            self.assertEqual(engine.result(calls[number]), number)
        engine.finish()

    def test_take_and_give_streams(self) -> None:
        engine = self.start(acount, arows, ablocks)
        self.assertEqual(engine.result(engine.invoke("acount", b"abc")), 3)
        self.assertEqual(engine.result(engine.invoke("arows", 3)), b"0\n1\n2\n")
        self.assertEqual(len(engine.result(engine.invoke("ablocks", 100))), 100_000)
        engine.finish()

    def test_are_cancelled_by_cancel_and_end_with_cancelled(self) -> None:
        engine = self.start(hang)
        call_id = engine.invoke("hang")
        engine.send(message(layout.TYPE_CANCEL, call_id=call_id), message(layout.TYPE_CANCEL, call_id=call_id))
        failure = engine.error(call_id)
        self.assertEqual((failure.reason, failure.status), ("cancelled", 1))
        engine.send(message(layout.TYPE_CANCEL, call_id=call_id))
        self.assertEqual(engine.barrier(), [])
        engine.finish()

    def test_may_answer_after_cancel_all_the_same(self) -> None:
        engine = self.start(tidy)
        call_id = engine.invoke("tidy")
        engine.barrier()
        engine.send(message(layout.TYPE_CANCEL, call_id=call_id))
        self.assertEqual(engine.result(call_id), "tidied up, cancelled True")
        engine.finish()

    def test_end_with_deadline_exceeded_when_cancel_comes_at_the_deadline(self) -> None:
        engine = self.start(hang)
        call_id = engine.invoke("hang", timeout_us=1)
        engine.send(message(layout.TYPE_CANCEL, call_id=call_id))
        self.assertEqual(engine.error(call_id).reason, "deadline_exceeded")
        engine.finish()

    def test_end_at_once_when_cancel_comes_before_the_whole_input(self) -> None:
        for fn in (aecho, echo):
            engine = self.start(fn)
            head, call_id = engine.invoke_message(fn.name, bytes(960), flags=1, payload_length=2_000)
            data = message(layout.TYPE_DATA, bytes(1_040 - 960), call_id=call_id, flags=1)
            engine.send(head, message(layout.TYPE_CANCEL, call_id=call_id), data)
            self.assertEqual(engine.error(call_id).reason, "cancelled")
            engine.finish()

    def test_fail_when_they_give_what_has_no_json(self) -> None:
        @function
        async def give() -> object:
            return object()

        engine = self.start(give)
        self.assertEqual(engine.error(engine.invoke("give")).message, "object has no JSON")
        engine.finish()


class ThreadsTest(EngineTest):
    def test_run_as_many_synchronous_handlers_at_once_as_there_are_threads(self) -> None:
        barrier = threading.Barrier(3)

        @function
        def meet() -> int:
            return barrier.wait(30)

        engine = self.start(meet, threads=3)
        self.assertFalse(engine.worker.direct)
        calls = {engine.invoke("meet") for _ in range(3)}
        found = [engine.next(layout.TYPE_RESULT) for _ in range(3)]
        self.assertEqual({one.call_id for one in found}, calls)
        engine.finish()

    def test_keep_calls_waiting_beyond_the_threads_and_run_them_all(self) -> None:
        running: list[int] = []
        most: list[int] = []
        lock = threading.Lock()

        @function
        def note(number: int) -> int:
            with lock:
                running.append(number)
                most.append(len(running))
            with lock:
                running.remove(number)
            return number

        engine = self.start(note, threads=2)
        calls = {engine.invoke("note", number): number for number in range(50)}
        for _ in range(50):
            found = engine.next(layout.TYPE_RESULT)
            self.assertEqual(found.body, str(calls[found.call_id]).encode())
        self.assertLessEqual(max(most), 2)
        engine.finish()
