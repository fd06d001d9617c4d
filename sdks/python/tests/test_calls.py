"""Calls that a worker runs, in both ways of running it."""

from __future__ import annotations

import os
from collections.abc import Iterator

from calls_functions import (
    SYNC,
    EngineTest,
    ablocks,
    aecho,
    blocks,
    echo,
    hang,
    rows,
)
from millrace._gen import layout
from millrace._wire.cold import Limits
from scripted_engine import ScriptedEngine, message


class BothTest(EngineTest):
    """Synchronous handlers run without threads, and beside an event loop when one of the functions needs it."""

    def both(self) -> Iterator[ScriptedEngine]:
        for functions in (SYNC, (*SYNC, hang)):
            with self.subTest(loop=len(functions) > len(SYNC)):
                engine = self.start(*functions)
                self.assertEqual(engine.worker.direct, functions is SYNC)
                yield engine
                engine.finish()

    def test_give_back_0_1_959_960_961_and_1_048_576_bytes(self) -> None:
        for engine in self.both():
            for length in (0, 1, 959, 960):
                payload = os.urandom(length)
                self.assertEqual(engine.result(engine.invoke("echo", payload)), payload)
            for length in (961, 1_048_576):
                payload = os.urandom(length)
                call_id = self.send_long(engine, "echo", payload)
                self.assertEqual(engine.result(call_id), payload)

    def send_long(self, engine: ScriptedEngine, name: str, payload: bytes) -> int:
        """Sends an input of more than one message from a thread, as credit allows."""
        head, call_id = engine.invoke_message(name, payload[:960], flags=layout.FLAG_MORE, payload_length=len(payload))
        engine.send(head)
        credit = 32
        at = 960
        while at < len(payload):
            if credit == 0:
                window = engine.next(layout.TYPE_WINDOW)
                self.assertEqual(window.call_id, call_id)
                credit += window.credit
            part = payload[at : at + 960]
            at += len(part)
            credit -= 1
            flags = layout.FLAG_MORE if at < len(payload) else 0
            engine.send(message(layout.TYPE_DATA, part, call_id=call_id, flags=flags))
        while engine._ready or engine._fill():
            if engine._ready[0].type != layout.TYPE_WINDOW:
                break
            engine._ready.pop(0)
        return call_id

    def test_take_dataclasses_typed_dicts_and_several_parameters_and_give_them(self) -> None:
        for engine in self.both():
            self.assertEqual(engine.result(engine.invoke("greet", {"name": "Ada", "age": 36})), "Hello, Ada (36)")
            self.assertEqual(engine.result(engine.invoke("greet", {"name": "Ada"})), "Hello, Ada (0)")
            self.assertEqual(engine.result(engine.invoke("total", {"left": 1, "right": 2})), 3)
            self.assertEqual(engine.result(engine.invoke("add", {"left": 1, "right": 2})), 3)
            self.assertEqual(engine.result(engine.invoke("add", {"left": 1})), 2)
            self.assertEqual(engine.result(engine.invoke("grow", {"name": "A"})), {"name": "A", "age": 1})
            self.assertIsNone(engine.result(engine.invoke("nothing")))

    def test_refuse_an_input_that_does_not_fit_with_bad_input_and_its_place(self) -> None:
        for engine in self.both():
            for name, value, part in (
                ("greet", {"age": 1}, ".name is missing"),
                ("greet", {"name": 5}, ".name should be a text and is the number 5"),
                ("greet", [], "it should be an object and is an array"),
                ("total", {"left": 1, "right": True}, ".right should be a whole number and is the boolean True"),
                ("add", {"left": 1, "rihgt": 2}, ".rihgt is not a parameter of add"),
            ):
                failure = engine.error(engine.invoke(name, value))
                self.assertEqual((failure.reason, failure.status), ("bad_input", 3))
                self.assertIn(part, failure.message)
            call_id = engine.invoke("greet", b'{"name": \n x}', content=layout.CONTENT_JSON)
            self.assertIn("line 2, column 2", engine.error(call_id).message)
            call_id = engine.invoke("greet", b"\xff", content=layout.CONTENT_JSON)
            self.assertIn("not UTF-8 at byte 0", engine.error(call_id).message)
            call_id = engine.invoke("greet", b"\x01", content=layout.CONTENT_CBOR)
            self.assertIn("application/cbor; it takes JSON", engine.error(call_id).message)

    def test_fail_with_the_reason_code_and_hint_that_the_handler_chose(self) -> None:
        for engine in self.both():
            failure = engine.error(engine.invoke("fail", "NO_USER"))
            self.assertEqual(failure[:4], ("bad_input", 3, "no such user", "NO_USER"))
            self.assertIs(failure.retryable, True)

    def test_fail_with_handler_error_type_and_the_users_stack_when_the_handler_raises(self) -> None:
        for engine in self.both():
            failure = engine.error(engine.invoke("divide", 0))
            self.assertEqual(failure[:3], ("handler_error", 2, "division by zero"))
            self.assertEqual(failure.error_type, "ZeroDivisionError")
            self.assertIn("return 1 / by", failure.stack)
            self.assertNotIn("/millrace/", failure.stack)

    def test_never_give_a_reason_that_is_about_the_engine(self) -> None:
        for engine in self.both():
            failure = engine.error(engine.invoke("busy"))
            self.assertEqual(failure[:3], ("handler_error", 2, "queue_full: too many"))

    def test_take_text_as_text_and_give_the_content_that_they_state(self) -> None:
        for engine in self.both():
            call_id = engine.invoke("text", b"abc", content=layout.CONTENT_TEXT)
            found = engine.next(layout.TYPE_RESULT)
            self.assertEqual((found.call_id, found.body, found.content), (call_id, b"ABC", layout.CONTENT_TEXT))

    def test_take_a_stream_as_it_comes(self) -> None:
        for engine in self.both():
            self.assertEqual(engine.result(self.send_long(engine, "count", bytes(100_000))), 100_000)
            self.assertEqual(engine.result(engine.invoke("count", b"abc")), 3)

    def test_give_a_stream_with_no_more_than_32_data_before_a_window(self) -> None:
        for engine in self.both():
            call_id = engine.invoke("blocks", 100)
            sent = [engine.next() for _ in range(33)]
            self.assertEqual([one.type for one in sent], [layout.TYPE_RESULT] + [layout.TYPE_DATA] * 32)
            self.assertEqual(engine.barrier(), [])
            engine.send(message(layout.TYPE_WINDOW, call_id=call_id, credit=32))
            body = b"".join(one.body for one in sent)
            taken = 0
            while (last := engine.next()).type == layout.TYPE_DATA:
                body += last.body
                taken += 1
                if taken == 16:
                    engine.send(message(layout.TYPE_WINDOW, call_id=call_id, credit=16))
                    taken = 0
            self.assertEqual(last.payload_length, 100_000)
            self.assertEqual(body + last.body, b"".join(bytes([one % 256]) * 1_000 for one in range(100)))

    def test_give_items_as_lines_of_json(self) -> None:
        for engine in self.both():
            call_id = engine.invoke("rows", 3)
            self.assertEqual(engine.result(call_id), b"0\n1\n2\n")
            self.assertEqual(engine.result(engine.invoke("rows", 0)), b"")

    def test_fail_after_the_head_when_a_generator_raises(self) -> None:
        for engine in self.both():
            call_id = engine.invoke("broken", 7)
            self.assertEqual(engine.next(layout.TYPE_RESULT).body, b"7\n")
            self.assertEqual(engine.error(call_id).message, "in the middle")

    def test_end_a_stream_with_error_when_cancel_comes_while_it_waits_for_credit(self) -> None:
        for engine in self.both():
            call_id = engine.invoke("blocks", 100)
            for _ in range(33):
                engine.next()
            engine.send(message(layout.TYPE_CANCEL, call_id=call_id))
            self.assertEqual(engine.error(call_id).reason, "cancelled")

    def test_know_what_the_invoke_says(self) -> None:
        for engine in self.both():
            trace, span = bytes(range(16)), bytes(range(8))
            fields = {"depth": 3, "priority": 1, "attempt": 2, "timeout_us": 5_000_000, "trace_id": trace}
            call_id = engine.invoke("about", **fields, span_id=span, trace_flags=1)
            found = engine.result(call_id)
            self.assertTrue(0 < found.pop("remaining") <= 5)
            expected = {"id": call_id, "function": "about", "depth": 3, "priority": 1, "attempt": 2, "limited": True}
            self.assertEqual(found, {**expected, "trace": [trace.hex(), span.hex(), True], "content": 1})
            free = engine.result(engine.invoke("about"))
            self.assertEqual((free["limited"], free["remaining"]), (False, None))

    def test_refuse_an_output_over_960_bytes_on_a_channel_without_streaming(self) -> None:
        for functions in ((blocks, rows, echo), (ablocks, rows, echo)):
            engine = self.start(*functions, features=())
            failure = engine.error(engine.invoke(functions[0].name, 1))
            self.assertEqual((failure.reason, failure.status), ("payload_too_large", 8))
            self.assertEqual(engine.result(engine.invoke("rows", 2)), b"0\n1\n")
            engine.finish()

    def test_refuse_a_payload_over_the_limit_of_welcome(self) -> None:
        for functions in ((echo, blocks), (aecho, ablocks)):
            engine = self.start(*functions, limits=Limits(8, 8, 8, 8, 2_000, 8))
            failure = engine.error(engine.invoke(functions[1].name, 3)) if functions[0] is None else None
            self.assertIsNone(failure)
            head, call_id = engine.invoke_message(
                functions[0].name, bytes(960), flags=1, payload_length=layout.PAYLOAD_LENGTH_UNKNOWN
            )
            engine.send(head, *[message(layout.TYPE_DATA, bytes(960), call_id=call_id, flags=1)] * 2)
            self.assertEqual(engine.error(call_id).reason, "payload_too_large")
            engine.finish()
