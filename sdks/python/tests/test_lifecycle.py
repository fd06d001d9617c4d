"""Handshake, drain, ping, capacity and logs."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import unittest
from typing import Any

from calls_functions import EngineTest, aecho, echo, hang
from lifecycle_functions import BothTest, Watcher, ahold, hold
from millrace import Context, function
from millrace._gen import layout
from millrace._handshake import Welcome, read_welcome
from millrace._log import install_logging
from millrace._wire import cold
from millrace._wire.headers import span_messages
from scripted_engine import ALL_FEATURES, message


class HandshakeTest(BothTest):
    def test_says_token_functions_features_and_software(self) -> None:
        for engine in self.both():
            hello = engine.hello
            self.assertEqual(hello.token, "in-memory")
            self.assertEqual(hello.features, ALL_FEATURES)
            self.assertEqual(hello.max_calls, 64 if engine.worker.direct else 1_024)
            self.assertEqual((hello.software.name, hello.software.language), ("millrace", "python"))
            engine.finish()

    def test_says_a_hello_of_1_024_functions_in_several_parts(self) -> None:
        functions = [function(f"function-number-{number}")(lambda: None) for number in range(1_024)]
        engine = self.start(*functions)
        self.assertEqual(len(engine.hello.functions), 1_024)
        self.assertIsNone(engine.result(engine.invoke("function-number-1023")))
        engine.finish()

    def test_sends_nothing_before_welcome(self) -> None:
        for engine in self.both(welcome=False):
            engine.send(message(layout.TYPE_PING, nonce=1))
            self.assertEqual(engine.goodbye().rule, "handshake-engine-waits")
            self.assertEqual(engine.exit_code(), 76)

    def test_exits_76_when_the_engine_refuses_it(self) -> None:
        for engine in self.both(welcome=False):
            body = cold.prefixed(cold.encode_goodbye(cold.Goodbye(layout.REASON_UNAUTHENTICATED, "wrong token")))
            engine.send(message(layout.TYPE_GOODBYE, body, status=16))
            self.assertEqual(engine.exit_code(), 76)
            self.assertEqual(engine.worker.lines, ["the engine refused this worker: unauthenticated: wrong token"])

    def test_breaks_off_when_welcome_breaks_a_rule(self) -> None:
        right = cold.Welcome((cold.FunctionId("echo", 1),), ("log",), cold.Limits(1, 1, 1, 1, 960, 1))
        for welcome, rule in (
            (right._replace(functions=(cold.FunctionId("other", 1),)), "welcome-functions"),
            (right._replace(functions=(cold.FunctionId("echo", 0),)), "function-id-unique"),
            (right._replace(features=("shm-ring",)), "feature-offered"),
            (right._replace(limits=cold.Limits()), "welcome-max-calls"),
            (right._replace(limits=cold.Limits(65)), "welcome-max-calls"),
        ):
            engine = self.start(echo, welcome=False)
            engine.send(span_messages(layout.TYPE_WELCOME, cold.prefixed(cold.encode_welcome(welcome))))
            with self.subTest(rule=rule):
                self.assertEqual(engine.goodbye().rule, rule)
                self.assertEqual(engine.exit_code(), 76)


class FileSizeTest(unittest.TestCase):
    def test_writes_files_from_a_quarter_of_what_the_engine_says_but_never_what_a_message_holds(self) -> None:
        for says, writes in ((32_768, 8_192), (5_000, 1_250), (2_000, 961), (0, 961)):
            limits = cold.Limits(1, 1, 1, 1, 1_000_000, 1, says)
            body = cold.prefixed(cold.encode_welcome(cold.Welcome((), ("payload-file",), limits)))
            welcome = read_welcome(body, 1, ("payload-file",))
            assert isinstance(welcome, Welcome)
            self.assertEqual(welcome.file_bytes_min, writes)


class DrainTest(BothTest):
    def test_finishes_what_is_open_refuses_the_rest_says_goodbye_and_exits_0(self) -> None:
        for engine in self.both(hold, ahold):
            call_id = engine.invoke("hold" if engine.worker.direct else "ahold")
            engine.resolve("other", 9)
            asked = engine.next(layout.TYPE_INVOKE)
            engine.drain()
            engine.drain(1)
            refused = engine.invoke("hold" if engine.worker.direct else "ahold")
            failure = engine.error(refused)
            self.assertEqual((failure.reason, failure.status), ("draining", 14))
            engine.answer(asked, "x")
            self.assertEqual(engine.result(call_id), "x")
            self.assertEqual(engine.goodbye(), cold.Goodbye())
            self.assertEqual(engine.exit_code(), 0)

    def test_runs_the_stop_hooks_in_order_and_goes_on_when_one_raises(self) -> None:
        for fn in (echo, aecho):
            order: list[str] = []

            def fails() -> None:
                raise ValueError("no database")

            engine = self.start(fn, stop=[lambda: order.append("one"), fails, lambda: order.append("two")])
            engine.finish()
            self.assertEqual(order, ["one", "two"])
            self.assertIn("no database", engine.worker.lines[0])

    def test_exits_without_hooks_that_outlast_the_time_of_drain(self) -> None:
        async def never() -> None:
            await asyncio.Event().wait()

        engine = self.start(aecho, stop=[never])
        engine.drain(1)
        self.assertEqual(engine.goodbye(), cold.Goodbye())
        self.assertEqual(engine.exit_code(), 0)
        self.assertEqual(engine.worker.lines, ["on_stop hooks did not end within 0 ms; exiting without them"])


class PingAndCapacityTest(BothTest):
    def test_answers_each_ping_with_its_nonce_and_the_number_of_open_calls(self) -> None:
        engine = self.start(hang)
        engine.invoke("hang")
        engine.send(message(layout.TYPE_PING, nonce=7), message(layout.TYPE_PING, nonce=9))
        found = [engine.next(layout.TYPE_PONG) for _ in range(2)]
        self.assertEqual([(one.nonce, one.open_calls) for one in found], [(7, 1), (9, 1)])

    def test_sends_capacity_from_a_handler_and_from_another_thread(self) -> None:
        for fn in (echo, aecho):
            engine = self.start(fn)
            engine.result(engine.invoke(fn.name, b""))
            worker = engine.worker.worker
            assert worker is not None
            thread = threading.Thread(target=worker.set_capacity, args=(3,))
            thread.start()
            self.assertEqual(engine.next(layout.TYPE_CAPACITY).capacity, 3)
            thread.join()
            with self.assertRaisesRegex(Exception, "from 0 to the"):
                worker.set_capacity(100_000)
            engine.finish()

    def test_sends_no_capacity_where_the_engine_did_not_accept_it(self) -> None:
        engine = self.start(echo, features=())
        engine.result(engine.invoke("echo", b""))
        worker = engine.worker.worker
        assert worker is not None
        worker.set_capacity(3)
        self.assertEqual(engine.barrier(), [])
        engine.finish()


class LogTest(EngineTest):
    def test_ties_records_to_their_calls(self) -> None:
        @function
        def note(text: str, ctx: Context) -> None:
            ctx.log.warning(text, number=1, error=ValueError("x"))

        @function
        async def anote(text: str, ctx: Context) -> None:
            ctx.log.warning(text, number=1, error=ValueError("x"))

        for fn in (note, anote):
            engine = self.start(fn)
            call_id = engine.invoke(fn.name, "hello")
            found = engine.next(layout.TYPE_LOG)
            self.assertEqual(found.call_id, call_id)
            record = cold.decode_log(found.body)
            assert record is not None
            self.assertEqual((record.level, record.message), (cold.LOG_WARN, "hello"))
            self.assertEqual(json.loads(record.attributes_json), {"number": 1, "error": "ValueError('x')"})
            engine.result(call_id)
            engine.finish()

    def test_carries_records_of_the_standard_logging_with_call_function_and_extra(self) -> None:
        seen: list[tuple[Any, Any]] = []
        log = logging.getLogger("app")

        def install() -> None:
            worker = engine_box[0].worker
            assert worker is not None
            install_logging(worker._runtime, lambda: worker.log)

        engine_box: list[Any] = []

        @function
        def note() -> None:
            log.error("bad %s", "thing", extra={"user": "ada"})
            thread = threading.Thread(target=log.info, args=("from a thread",))
            thread.start()
            thread.join()

        @function
        async def anote() -> None:
            await asyncio.sleep(0)
            log.error("bad %s", "thing", extra={"user": "ada"})

        for fn in (note, anote):
            root = logging.getLogger()
            before, factory = list(root.handlers), logging.getLogRecordFactory()
            engine = self.start(fn)
            engine_box[:] = [engine.worker]
            install()
            root.addFilter(lambda record: True)
            watcher = Watcher(seen)
            root.addHandler(watcher)
            try:
                call_id = engine.invoke(fn.name)
                found = engine.next(layout.TYPE_LOG)
                self.assertEqual(found.call_id, call_id)
                record = cold.decode_log(found.body)
                assert record is not None
                self.assertEqual((record.level, record.message), (cold.LOG_ERROR, "bad thing"))
                self.assertEqual(json.loads(record.attributes_json), {"user": "ada", "logger": "app"})
                self.assertEqual(seen.pop(0), (call_id, fn.name))
                engine.result(call_id)
                if fn is note:
                    # What another thread writes while the handler runs leaves when the handler has ended.
                    self.assertEqual(engine.next(layout.TYPE_LOG).call_id, 0)
                engine.finish()
            finally:
                root.handlers[:] = before
                logging.setLogRecordFactory(factory)
                root.setLevel(logging.WARNING)

    def test_keeps_4_096_records_of_other_threads_while_a_handler_runs_and_tells_how_many_it_dropped(self) -> None:
        @function
        def flood(ctx: Context) -> None:
            def write() -> None:
                for number in range(4_100):
                    ctx.log.debug(str(number))

            thread = threading.Thread(target=write)
            thread.start()
            thread.join()

        engine = self.start(flood)
        engine.result(engine.invoke("flood"))
        told = cold.decode_log(engine.next(layout.TYPE_LOG).body)
        assert told is not None
        self.assertEqual(told.attributes_json, '{"dropped":4}')
        # Those that waited leave as far as the pipe takes them; beyond its high mark they are dropped as well.
        self.assertEqual(engine.next(layout.TYPE_LOG).body, cold.encode_log(cold.Log(cold.LOG_DEBUG, "0")))

    def test_drops_what_does_not_fit_and_never_raises(self) -> None:
        @function
        def note(ctx: Context) -> None:
            ctx.log.info("x" * 10_000, big="y" * 10_000)
            ctx.log.info("cycle", cycle=[0] * 3, key=object())

        engine = self.start(note)
        call_id = engine.invoke("note")
        first = [engine.next(layout.TYPE_LOG)]
        while first[-1].more:
            first.append(engine.next(layout.TYPE_LOG))
        record = cold.decode_log(b"".join(one.body for one in first))
        assert record is not None
        self.assertEqual(len(record.message), 8_192)
        self.assertEqual(json.loads(record.attributes_json), {"attributes_dropped": "10010 characters"})
        engine.next(layout.TYPE_LOG)
        engine.result(call_id)
        engine.finish()
