"""How a worker ends: by the engine, by a breach, by itself."""

from __future__ import annotations

import os
import threading
from typing import Any

from calls_functions import SINGLE_VECTORS, EngineTest, aecho, echo, hang
from lifecycle_functions import BothTest, count_slowly
from millrace._gen import layout
from millrace._wire import cold
from scripted_engine import PATIENCE_S, ScriptedEngine, message


class EndTest(BothTest):
    def test_exits_0_at_the_end_of_in_with_nothing_open_and_69_in_any_other_state(self) -> None:
        for engine in self.both():
            engine.barrier()
            engine.leave()
            self.assertEqual((engine.exit_code(), engine.worker.lines), (0, []))
        for engine in self.both(welcome=False):
            engine.leave()
            self.assertEqual(engine.exit_code(), 69)
        for engine in self.both():
            engine.send(bytes(100))
            engine.leave()
            self.assertEqual(engine.exit_code(), 69)
            self.assertIn("channel-truncated", engine.worker.lines[0])

    def test_exits_69_when_nobody_reads_out(self) -> None:
        for engine in self.both():
            engine.barrier()
            os.close(engine._out)
            engine._out = -1
            engine.send(message(layout.TYPE_PING, nonce=1))
            self.assertEqual(engine.exit_code(), 69)

    def test_exits_0_after_goodbye_without_a_reason_and_76_with_one_and_sends_nothing_more(self) -> None:
        for reason, status, code in ((0, 0, 0), (layout.REASON_PROTOCOL_ERROR, 13, 76)):
            for engine in self.both():
                body = cold.prefixed(cold.encode_goodbye(cold.Goodbye(reason, "why", "data-credit" if reason else "")))
                engine.barrier()
                engine.send(message(layout.TYPE_GOODBYE, body, status=status))
                self.assertFalse(engine._fill())
                self.assertEqual(engine.exit_code(), code)
                lines = ["the engine ended the channel: protocol_error: rule data-credit: why"] if reason else []
                self.assertEqual(engine.worker.lines, lines)

    def test_never_waits_for_a_full_pipe_while_in_could_be_read(self) -> None:
        for fn in (echo, aecho):
            engine = self.start(fn)
            # More than both pipes hold, all written before anything is read: an engine and a worker that each
            # waited for the other to read would never end.
            count = 300
            last = engine._last_id + 2 * count
            writer = threading.Thread(target=lambda: [engine.invoke(fn.name, bytes(900)) for _ in range(count)])
            writer.start()
            writer.join(PATIENCE_S)
            self.assertFalse(writer.is_alive(), "the worker has stopped reading")
            self.assertEqual(engine._last_id, last)
            found = 0
            while found < count:
                one = engine.next()
                self.assertIn(one.type, (layout.TYPE_RESULT, layout.TYPE_ERROR))
                found += 1
            engine.finish()


class BreachTest(EngineTest):
    def rule_of(self, engine: ScriptedEngine) -> str:
        while True:
            found = engine.next()
            if found.type == layout.TYPE_GOODBYE:
                goodbye = cold.decode_goodbye(found.body[16:])
                assert goodbye is not None
                self.assertEqual((found.status, goodbye.reason), (13, layout.REASON_PROTOCOL_ERROR))
                return goodbye.rule

    def test_ends_the_channel_with_the_rule_for_every_golden_message_that_breaks_one_by_itself(self) -> None:
        for vector in SINGLE_VECTORS:
            if vector["sender"] != "engine" or vector["stage"] != "message" or vector["result"] != "reject":
                continue
            with self.subTest(vector=vector["id"]):
                engine = self.start(echo)
                engine.send(bytes.fromhex(vector["hex"]).ljust(1024, b"\0"))
                self.assertEqual(self.rule_of(engine), vector["rule"])
                self.assertEqual(engine.exit_code(), 76)
                engine.close()

    def test_ends_the_channel_for_what_the_channels_state_forbids(self) -> None:
        kinds = layout
        head: dict[str, Any] = {"payload_length": 10, "flags": 1, "attempt": 1, "function_id": 1}
        for rule, messages in {
            "call-id-rising": [self.invoke(6), self.invoke(4)],
            "call-id-open-skipped": [
                self.invoke(2),
                self.invoke(0x7FFF_FFFE),
                self.invoke(0xFFFF_FFFC),
                self.invoke(2),
            ],
            "call-id-known": [message(kinds.TYPE_CANCEL, call_id=1_000)],
            "data-after-end": [self.invoke(2), message(kinds.TYPE_DATA, b"x", call_id=2)],
            "data-credit": [
                message(
                    kinds.TYPE_INVOKE,
                    call_id=2,
                    **{**head, "payload_length": layout.PAYLOAD_LENGTH_UNKNOWN, "function_id": 2},
                ),
                *[message(kinds.TYPE_DATA, b"x", call_id=2, flags=1)] * 33,
            ],
            "payload-length-exact": [
                message(kinds.TYPE_INVOKE, b"abc", call_id=2, **head),
                message(kinds.TYPE_DATA, b"defghijk", call_id=2, flags=0),
            ],
            "credit-max": [self.invoke(2), message(kinds.TYPE_WINDOW, call_id=2, credit=1)],
            "pong-open": [message(kinds.TYPE_PONG)],
            "resolved-open": [message(kinds.TYPE_RESOLVED, b"x", function_id=1)],
            "handshake-hello-once": [message(kinds.TYPE_WELCOME, bytes(16))],
            "cold-span-consecutive": [message(kinds.TYPE_ERROR, b"x", call_id=1, status=2, flags=1), message(0x9F)],
        }.items():
            with self.subTest(rule=rule):
                engine = self.start(hang, count_slowly)
                engine.send(*messages)
                self.assertEqual(self.rule_of(engine), rule)
                self.assertEqual(engine.exit_code(), 76)

    def test_ends_the_channel_for_an_unaccepted_feature(self) -> None:
        for one in (
            message(layout.TYPE_DATA, b"x", call_id=2),
            message(layout.TYPE_INVOKE, call_id=2, flags=1, attempt=1, function_id=1),
            message(layout.TYPE_INVOKE, b"f", call_id=2, flags=2, attempt=1, function_id=1, payload_length=9),
            message(layout.TYPE_RESULT, call_id=1, flags=1),
            message(layout.TYPE_LOAD),
        ):
            engine = self.start(echo, features=())
            engine.send(one)
            self.assertEqual(self.rule_of(engine), "feature-accepted")

    def test_drops_an_ignorable_type_and_what_comes_late(self) -> None:
        engine = self.start(echo)
        engine.result(engine.invoke("echo", b""))
        for kind in (layout.TYPE_CANCEL, layout.TYPE_WINDOW, layout.TYPE_DATA):
            credit: dict[str, Any] = {"credit": 1} if kind == layout.TYPE_WINDOW else {}
            engine.send(message(kind, call_id=2, **credit))
        engine.send(message(0x9F, b"anything", call_id=3))
        self.assertEqual(engine.barrier(), [])
        engine.finish()

    def test_answers_an_unknown_function_with_not_found_and_goes_on(self) -> None:
        engine = self.start(echo)
        call_id = engine.invoke("echo", b"", function_id=4_000_000_000)
        self.assertEqual(engine.error(call_id).reason, "not_found")
        engine.finish()

    def invoke(self, call_id: int) -> bytes:
        return message(layout.TYPE_INVOKE, b"1", call_id=call_id, function_id=1, attempt=1, payload_length=1)
