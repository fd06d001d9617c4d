"""Calls that a function makes, on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import internal_calls_functions
from calls_functions import EngineTest
from internal_calls_functions import (
    UNKNOWN,
    grow,
)
from millrace import Context, PeerError, function
from millrace._gen import layout
from millrace._wire.cold import Failure, Limits
from scripted_engine import ScriptedEngine, message


class InternalCallTest(EngineTest):
    """Each test runs with a synchronous and with an asynchronous handler."""

    def both(self, *names: str, **options: Any) -> Iterator[tuple[ScriptedEngine, str]]:
        for name in names:
            with self.subTest(name):
                fn = vars(internal_calls_functions)[name]
                more = (grow,) if "reference" in name else ()
                engine = self.start(fn, *more, **options)
                self.assertEqual(engine.worker.direct, not fn.is_async)
                yield engine, name

    def test_name_their_parent_and_carry_timeout_priority_and_the_first_odd_id(self) -> None:
        for engine, name in self.both("relay", "arelay"):
            call_id = engine.invoke(name, "abc")
            engine.resolve("other", 9)
            asked = engine.next(layout.TYPE_INVOKE)
            self.assertEqual((asked.call_id, asked.function_id, asked.parent_call_id), (1, 9, call_id))
            self.assertEqual((asked.timeout_us, asked.priority, asked.attempt), (500_000, 1, 1))
            self.assertEqual((asked.depth, asked.queue_us, asked.body), (0, 0, b'"abc"'))
            engine.answer(asked, {"a": [1]})
            self.assertEqual(engine.result(call_id), {"a": [1]})
            second = engine.invoke(name, "x")
            asked = engine.next(layout.TYPE_INVOKE)  # The name is resolved once: rule resolve-cached.
            self.assertEqual(asked.call_id, 3)
            engine.answer(asked, b"bytes", content=layout.CONTENT_TEXT)
            self.assertEqual(engine.result(second), "bytes")
            engine.finish()

    def test_raise_what_the_callee_failed_with(self) -> None:
        for engine, name in self.both("told", "atold"):
            call_id = engine.invoke(name, "other")
            engine.resolve("other", 9)
            asked = engine.next(layout.TYPE_INVOKE)
            engine.refuse(asked, Failure("bad_input", 3, "no", "CODE", "ValueError", "stack", True, "other"))
            self.assertEqual(engine.result(call_id), "bad_input CODE True no")
            engine.finish()

    def test_fail_with_not_found_for_a_name_that_nobody_serves(self) -> None:
        for engine, name in self.both("told", "atold"):
            call_id = engine.invoke(name, "nobody")
            engine.resolve("nobody", 0)
            expected = 'not_found None False there is no function named "nobody"'
            self.assertEqual(engine.result(call_id), expected)
            call_id = engine.invoke(name, "../x")
            self.assertEqual(
                engine.result(call_id), "handler_error None False '../x' can't name a function (rule name-form)"
            )
            engine.finish()

    def test_ask_for_the_name_once_more_when_its_id_is_stale(self) -> None:
        for engine, name in self.both("told", "atold"):
            call_id = engine.invoke(name, "other")
            engine.resolve("other", 9)
            engine.refuse(engine.next(layout.TYPE_INVOKE), Failure("not_found", 5, "stale"))
            engine.resolve("other", 10)
            asked = engine.next(layout.TYPE_INVOKE)
            self.assertEqual((asked.function_id, asked.call_id), (10, 3))
            engine.answer(asked, 5)
            self.assertEqual(engine.result(call_id), "got 5")
            engine.finish()

    def test_fail_when_the_same_stale_id_comes_back(self) -> None:
        for engine, name in self.both("told", "atold"):
            call_id = engine.invoke(name, "other")
            engine.resolve("other", 9)
            engine.refuse(engine.next(layout.TYPE_INVOKE), Failure("not_found", 5, "stale"))
            engine.resolve("other", 9)
            self.assertEqual(engine.result(call_id), "not_found None False stale")
            engine.finish()

    def test_overlap_and_are_given_in_the_order_of_the_arguments(self) -> None:
        for engine, name in self.both("fan", "afan"):
            call_id = engine.invoke(name, 8)
            engine.resolve("other", 9)
            asked = [engine.next(layout.TYPE_INVOKE) for _ in range(8)]
            for one in reversed(asked):
                engine.answer(one, int(one.body) * 10)
            self.assertEqual(engine.result(call_id), [number * 10 for number in range(8)])
            engine.finish()

    def test_wait_for_a_place_when_as_many_are_open_as_welcome_allows(self) -> None:
        for engine, name in self.both("fan", "afan", limits=Limits(4, 2, 2, 2, 9_999, 9)):
            call_id = engine.invoke(name, 5)
            engine.resolve("other", 9)
            first = [engine.next(layout.TYPE_INVOKE) for _ in range(2)]
            self.assertEqual(engine.barrier(), [])
            for one in first:
                engine.answer(one, 0)
            for _ in range(3):
                engine.answer(engine.next(layout.TYPE_INVOKE), 0)
            self.assertEqual(engine.result(call_id), [0] * 5)
            engine.finish()

    def test_cancel_the_others_when_one_of_a_gather_fails(self) -> None:
        for engine, name in self.both("fan", "afan"):
            call_id = engine.invoke(name, 3)
            engine.resolve("other", 9)
            asked = [engine.next(layout.TYPE_INVOKE) for _ in range(3)]
            engine.refuse(asked[0], Failure("overloaded", 8, "full"))
            cancelled = {engine.next(layout.TYPE_CANCEL).call_id for _ in range(2)}
            self.assertEqual(cancelled, {asked[1].call_id, asked[2].call_id})
            self.assertEqual(engine.error(call_id).message, "overloaded: full")
            for one in asked[1:]:
                engine.refuse(one, Failure("cancelled", 1, "late"))
            engine.finish()

    def test_are_cancelled_with_their_parent(self) -> None:
        for engine, name in self.both("relay", "arelay"):
            call_id = engine.invoke(name, 1)
            engine.resolve("other", 9)
            asked = engine.next(layout.TYPE_INVOKE)
            engine.send(message(layout.TYPE_CANCEL, call_id=call_id))
            self.assertEqual(engine.next(layout.TYPE_CANCEL).call_id, asked.call_id)
            self.assertEqual(engine.error(call_id).reason, "cancelled")
            engine.answer(asked, "too late")
            self.assertEqual(engine.barrier(), [])
            engine.finish()

    def test_give_a_stream_as_it_comes_bytes_or_the_items_of_lines(self) -> None:
        for engine, name in self.both("collect", "acollect"):
            call_id = engine.invoke(name, "other")
            engine.resolve("other", 9)
            asked = engine.next(layout.TYPE_INVOKE)
            unknown = layout.PAYLOAD_LENGTH_UNKNOWN
            head: dict[str, Any] = {"call_id": asked.call_id, "payload_length": unknown, "flags": 1}
            data: dict[str, Any] = {"call_id": asked.call_id, "flags": 1}
            engine.send(message(layout.TYPE_RESULT, b"ab", **head), message(layout.TYPE_DATA, b"c", **data))
            engine.send(message(layout.TYPE_RESULT, b"d", call_id=asked.call_id, payload_length=4))
            self.assertEqual(engine.result(call_id), ["ab", "c", "d"])
            call_id = engine.invoke(name, "other")
            data["call_id"] = head["call_id"] = engine.next(layout.TYPE_INVOKE).call_id
            lines = (b'{"a":1}\n[', b"2]\n\n3")
            engine.send(message(layout.TYPE_RESULT, lines[0], content=layout.CONTENT_NDJSON, **head))
            engine.send(message(layout.TYPE_DATA, lines[1], **data))
            engine.send(message(layout.TYPE_RESULT, call_id=data["call_id"], payload_length=14))
            self.assertEqual(engine.result(call_id), [{"a": 1}, [2], 3])
            call_id = engine.invoke(name, "other")
            engine.answer(engine.next(layout.TYPE_INVOKE), b"inline")
            self.assertEqual(engine.result(call_id), ["inline"])
            call_id = engine.invoke(name, "other")
            engine.refuse(engine.next(layout.TYPE_INVOKE), Failure("bad_input", 3, "no"))
            self.assertEqual(engine.error(call_id).message, "no")
            engine.finish()

    def test_grant_credit_as_the_reader_takes_parts(self) -> None:
        for engine, name in self.both("collect", "acollect"):
            call_id = engine.invoke(name, "other")
            engine.resolve("other", 9)
            asked = engine.next(layout.TYPE_INVOKE)
            head: dict[str, Any] = {"call_id": asked.call_id, "payload_length": UNKNOWN, "flags": 1}
            engine.send(message(layout.TYPE_RESULT, **head))
            for _ in range(10):
                for _ in range(16):
                    engine.send(message(layout.TYPE_DATA, b"x", call_id=asked.call_id, flags=1))
                window = engine.next(layout.TYPE_WINDOW)
                self.assertEqual((window.call_id, window.credit), (asked.call_id, 16))
            engine.send(message(layout.TYPE_RESULT, call_id=asked.call_id, payload_length=160))
            self.assertEqual(engine.result(call_id), ["x"] * 160)
            engine.finish()

    def test_are_cancelled_when_the_reader_of_a_stream_leaves(self) -> None:
        for engine, name in self.both("peek", "apeek"):
            call_id = engine.invoke(name, "other")
            engine.resolve("other", 9)
            asked = engine.next(layout.TYPE_INVOKE)
            head: dict[str, Any] = {"call_id": asked.call_id, "payload_length": UNKNOWN, "flags": 1}
            engine.send(message(layout.TYPE_RESULT, b"first", **head))
            found = sorted((engine.next(), engine.next()), key=lambda one: one.type)
            self.assertEqual([one.type for one in found], [layout.TYPE_RESULT, layout.TYPE_CANCEL])
            self.assertEqual((found[0].call_id, found[0].body, found[1].call_id), (call_id, b'"first"', asked.call_id))
            engine.send(message(layout.TYPE_DATA, b"late", call_id=asked.call_id, flags=1))
            engine.refuse(asked, Failure("cancelled", 1, "left"))
            engine.finish()

    def test_send_a_streamed_input_with_credit_and_end_it(self) -> None:
        for engine, name in self.both("pour", "apour"):
            call_id = engine.invoke(name, 50)
            engine.resolve("other", 9)
            asked = engine.next(layout.TYPE_INVOKE)
            self.assertTrue(asked.more)
            self.assertEqual(asked.payload_length, layout.PAYLOAD_LENGTH_UNKNOWN)
            body = asked.body
            taken = 0
            while True:
                part = engine.next(layout.TYPE_DATA)
                body += part.body
                taken += 1
                if not part.more:
                    break
                if taken == 16:
                    engine.send(message(layout.TYPE_WINDOW, call_id=asked.call_id, credit=16))
                    taken = 0
            self.assertEqual(body, b"".join(bytes([one]) * 1_000 for one in range(50)))
            engine.answer(asked, len(body))
            self.assertEqual(engine.result(call_id), 50_000)
            engine.finish()

    def test_stop_a_streamed_input_when_the_final_message_comes_first(self) -> None:
        for engine, name in self.both("pour", "apour"):
            call_id = engine.invoke(name, 200)
            engine.resolve("other", 9)
            asked = engine.next(layout.TYPE_INVOKE)
            for _ in range(32):
                engine.next(layout.TYPE_DATA)
            engine.answer(asked, "enough")
            self.assertEqual(engine.result(call_id), "enough")
            self.assertEqual(engine.barrier(), [])
            engine.finish()

    def test_make_the_output_of_a_function_given_by_reference_what_its_annotation_says(self) -> None:
        for engine, name in self.both("by_reference", "aby_reference"):
            call_id = engine.invoke(name)
            asked = engine.next(layout.TYPE_INVOKE)
            self.assertEqual(asked.function_id, engine.ids["grow"])
            engine.answer(asked, {"name": "Ada", "age": 2})
            self.assertEqual(engine.result(call_id), "Person(name='Ada', age=2)")
            call_id = engine.invoke(name)
            engine.answer(engine.next(layout.TYPE_INVOKE), {"age": 2})
            failure = engine.error(call_id)
            self.assertEqual(failure[:3], ("handler_error", 2, "output of grow: .name is missing"))
            engine.finish()

    def test_are_unsupported_on_a_channel_without_them(self) -> None:
        for engine, name in self.both("told", "atold", features=()):
            call_id = engine.invoke(name, "other")
            self.assertIn("unsupported", engine.result(call_id))
            engine.finish()

    def test_end_with_a_peer_error_when_the_engine_goes_away(self) -> None:
        seen: list[BaseException] = []

        @function
        def hold(ctx: Context) -> None:
            try:
                ctx.call_sync("other")
            except PeerError as error:
                seen.append(error)
                raise

        @function
        async def ahold(ctx: Context) -> None:
            try:
                await ctx.call("other")
            except (PeerError, asyncio.CancelledError) as error:
                seen.append(error)
                raise

        for fn in (hold, ahold):
            engine = self.start(fn)
            engine.invoke(fn.name)
            engine.resolve("other", 9)
            engine.next(layout.TYPE_INVOKE)
            engine.leave()
            self.assertEqual(engine.exit_code(), 69)
            self.assertEqual(engine.worker.lines, ["the engine is gone and left 1 calls open"])
        self.assertEqual(len(seen), 2)
        self.assertIsInstance(seen[0], PeerError)
