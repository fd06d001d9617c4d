"""The wire against the golden vectors: whole, byte by byte, and in random cuts."""

from __future__ import annotations

import json
import random
import unittest
from pathlib import Path
from typing import Any

from millrace._gen import layout
from millrace._wire import cold
from millrace._wire.assembler import Assembler
from millrace._wire.call_ids import is_after, next_call_id
from millrace._wire.cold_span import ColdSpan
from millrace._wire.headers import span_messages
from millrace._wire.proto import NotProtobufError, fields
from millrace._wire.verdict import Ignored, Verdict, is_name, judge

VECTORS = Path(__file__).resolve().parents[3] / "spec" / "vectors"
FILES = [json.loads(path.read_text("utf-8")) for path in sorted(VECTORS.glob("*.json"))]
SINGLE: list[dict[str, Any]] = [vector for file in FILES for vector in file.get("vectors", [])]
STREAMS: list[dict[str, Any]] = [stream for file in FILES for stream in file.get("streams", [])]
SEED = 20_261_121


def whole(hex_text: str) -> bytes:
    return bytes.fromhex(hex_text).ljust(layout.MESSAGE_BYTES, b"\0")


def outcome(data: bytes, sender: Any) -> tuple[str, str | None]:
    verdict = judge(data, 0, sender)
    if isinstance(verdict, Verdict):
        return "reject", verdict.rule
    return ("ignore" if isinstance(verdict, Ignored) else "accept"), None


def cuts(data: bytes) -> list[list[bytes]]:
    rng = random.Random(SEED)
    pieces, at = [], 0
    while at < len(data):
        size = rng.randint(1, 2_000)
        pieces.append(data[at : at + size])
        at += size
    return [[data], [data[at : at + 1] for at in range(len(data))], pieces]


def reassembled(pieces: list[bytes]) -> list[bytes]:
    assembler = Assembler()
    found = []
    for piece in pieces:
        data = assembler.push(piece)
        found += [data[at : at + 1024] for at in range(0, len(data), 1024)]
    assert assembler.pending_bytes == 0
    return found


class JudgeTest(unittest.TestCase):
    def test_there_are_more_than_500_vectors_and_10_streams(self) -> None:
        self.assertGreater(len(SINGLE), 500)
        self.assertGreater(len(STREAMS), 10)

    def test_gives_each_message_vector_its_result_and_rule_however_it_is_cut(self) -> None:
        for vector in SINGLE:
            data = whole(vector["hex"])
            # What only the body of a cold message tells is for its decoder: see ColdBodyTest.
            own = vector["stage"] == "message"
            expected = (vector["result"], vector.get("rule")) if own else ("accept", None)
            for pieces in cuts(data):
                with self.subTest(vector=vector["id"], pieces=len(pieces)):
                    (one,) = reassembled(pieces)
                    self.assertEqual(one, data)
                    self.assertEqual(outcome(one, vector["sender"]), expected)

    def test_reads_a_message_at_any_offset_as_at_0(self) -> None:
        for vector in SINGLE:
            data = whole(vector["hex"])
            with self.subTest(vector=vector["id"]):
                self.assertEqual(judge(bytes(1024) + data, 1024, vector["sender"]), judge(data, 0, vector["sender"]))

    def test_takes_each_accepted_message_with_rubbish_behind_its_body(self) -> None:
        for vector in SINGLE:
            data = whole(vector["hex"])
            length = layout.read_body_length(data)
            if vector["result"] == "accept" and length < layout.BODY_BYTES:
                with self.subTest(vector=vector["id"]):
                    tail = b"\xa5" * (layout.BODY_BYTES - length)
                    self.assertEqual(outcome(data[: 64 + length] + tail, vector["sender"])[0], "accept")

    def test_finds_a_bit_set_in_any_reserved_byte(self) -> None:
        for vector in SINGLE:
            data = whole(vector["hex"])
            if vector["result"] != "accept":
                continue
            for offset, mask in layout.TYPES[data[0]].reserved:
                stray = bytearray(data)
                bit = mask & -mask
                stray[offset + (bit.bit_length() - 1) // 8] |= bit >> ((bit.bit_length() - 1) // 8 * 8)
                with self.subTest(vector=vector["id"], offset=offset):
                    self.assertEqual(outcome(bytes(stray), vector["sender"]), ("reject", "message-reserved-zero"))


class StreamVectorTest(unittest.TestCase):
    def test_gives_each_stream_its_messages_however_it_is_cut(self) -> None:
        for stream in STREAMS:
            for sender in ("engine", "worker"):
                messages = [whole(one["hex"]) for one in stream["messages"] if one["sender"] == sender]
                for pieces in cuts(b"".join(messages)):
                    with self.subTest(stream=stream["id"], sender=sender, pieces=len(pieces)):
                        self.assertEqual(reassembled(pieces), messages)

    def test_judges_each_message_of_a_good_stream_as_good(self) -> None:
        for stream in STREAMS:
            if stream["result"] == "accept":
                for one in stream["messages"]:
                    with self.subTest(stream=stream["id"]):
                        self.assertNotEqual(outcome(whole(one["hex"]), one["sender"])[0], "reject")


DECODERS = {
    "Hello": cold.decode_hello,
    "Welcome": cold.decode_welcome,
    "Goodbye": cold.decode_goodbye,
    "Failure": lambda body: cold.decode_failure(body, 2),
    "Log": cold.decode_log,
}


class ColdBodyTest(unittest.TestCase):
    def bodies(self) -> list[tuple[dict[str, Any], str, bytes]]:
        found = []
        for vector in SINGLE:
            info = layout.TYPES.get(layout.read_type(whole(vector["hex"])))
            if vector["stage"] == "body" and info is not None and info.body in DECODERS:
                data = whole(vector["hex"])
                found.append((vector, info.body, data[64 : 64 + layout.read_body_length(data)]))
        return found

    def test_there_are_bodies_of_every_kind(self) -> None:
        self.assertEqual({kind for _, kind, _ in self.bodies()}, set(DECODERS))

    def test_refuses_each_body_that_breaks_a_rule_of_the_body_alone(self) -> None:
        for vector, kind, body in self.bodies():
            rule = vector.get("rule", "")
            if rule not in ("handshake-body", "cold-body", "error-body", "log-body"):
                continue
            with self.subTest(vector=vector["id"]):
                prefixed = kind in ("Hello", "Welcome", "Goodbye")
                self.assertIsNone(DECODERS[kind](body[16:] if prefixed else body))

    def test_reads_the_prefix_of_each_body_that_has_a_right_one_and_no_other(self) -> None:
        for vector, kind, body in self.bodies():
            if kind not in ("Hello", "Welcome", "Goodbye"):
                continue
            with self.subTest(vector=vector["id"]):
                bad = vector.get("rule") in ("handshake-prefix", "handshake-magic")
                self.assertEqual(cold.read_prefix(body) is None, bad)
                if not bad and "prefix" in vector:
                    found = cold.read_prefix(body)
                    self.assertEqual(found, (vector["prefix"]["version_min"], vector["prefix"]["version_max"]))

    def test_reads_each_accepted_body_as_it_is_listed(self) -> None:
        for vector, kind, body in self.bodies():
            if vector["result"] != "accept":
                continue
            with self.subTest(vector=vector["id"]):
                prefixed = kind in ("Hello", "Welcome", "Goodbye")
                found = DECODERS[kind](body[16:] if prefixed else body)
                self.assertIsNotNone(found)
                for field, listed in vector["proto"]["value"].items():
                    value = getattr(found, "retryable" if field == "retry" else field)
                    self.assertEqual(plain(value), as_listed(kind, field, listed), field)

    def test_writes_what_it_reads(self) -> None:
        hello = cold.Hello(
            "t", (cold.FunctionOffer("a", 300),), ("log", "streaming"), 8, cold.Software("n", "1", "python", "r")
        )
        self.assertEqual(cold.decode_hello(cold.encode_hello(hello)), hello)
        limits = cold.Limits(1, 2, 3, 4, 1 << 31, 6)
        welcome = cold.Welcome((cold.FunctionId("a", 9),), ("log",), limits, cold.Software("e"), 7)
        self.assertEqual(cold.decode_welcome(cold.encode_welcome(welcome)), welcome)
        failure = cold.Failure("bad_input", 3, "ä\0", "C", "T", "s", False, "f")
        self.assertEqual(cold.decode_failure(cold.encode_failure(failure), 3), failure)
        log = cold.Log(cold.LOG_WARN, "m", "{}")
        self.assertEqual(cold.decode_log(cold.encode_log(log)), log)
        goodbye = cold.Goodbye(12, "m", "data-credit")
        self.assertEqual(cold.decode_goodbye(cold.encode_goodbye(goodbye)), goodbye)

    def test_cuts_the_texts_of_a_failure_below_64_kib_and_never_inside_of_a_character(self) -> None:
        failure = cold.Failure("bad_input", 3, "€" * 20_000, "x" * 300, "T" * 300, "€" * 40_000, None, "f" * 200)
        body = cold.encode_failure(failure)
        self.assertLess(len(body), 61_440)
        found = cold.decode_failure(body, 3)
        assert found is not None
        self.assertEqual(found.message, "€" * (16_384 // 3))
        self.assertEqual(len(found.code), 256)


def plain(value: Any) -> Any:
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {key: plain(one) for key, one in value._asdict().items() if one not in (0, "", ())}
    return [plain(one) for one in value] if isinstance(value, tuple) else value


LEVELS = {"LOG_LEVEL_DEBUG": 1, "LOG_LEVEL_INFO": 2, "LOG_LEVEL_WARN": 3, "LOG_LEVEL_ERROR": 4}


def as_listed(kind: str, field: str, listed: Any) -> Any:
    """What the decoder should give for what the vector lists."""
    if field == "level":
        return LEVELS[listed]
    if field == "retry":
        return {"RETRY_YES": True, "RETRY_NO": False}.get(listed)
    if field != "reason":
        return listed
    if not isinstance(listed, str):
        return "handler_error" if kind == "Failure" else listed  # Rule reason-unknown.
    by_name = {info.name.upper(): info for info in layout.REASONS.values()}
    reason = by_name[listed.removeprefix("REASON_")]
    return reason.name if kind == "Failure" else reason.value


class ColdSpanTest(unittest.TestCase):
    def join(self, data: bytes) -> bytes | Verdict | None:
        span = ColdSpan()
        for at in range(0, len(data), 1024):
            body = span.take(data, at)
            if body is not None:
                return body
        return None

    def test_joins_what_span_messages_has_cut_from_0_to_65_536_bytes(self) -> None:
        for length in (0, 1, 959, 960, 961, 1_920, 1_921, 65_536):
            body = random.Random(length).randbytes(length)
            with self.subTest(length=length):
                self.assertEqual(self.join(span_messages(layout.TYPE_ERROR, body, 2, 5, 6)), body)

    def test_refuses_the_65_537th_byte(self) -> None:
        verdict = self.join(span_messages(layout.TYPE_ERROR, bytes(65_537), 2, 5, 6))
        assert isinstance(verdict, Verdict)
        self.assertEqual(verdict.rule, "cold-span-bytes")

    def test_refuses_another_type_another_call_and_another_header_between_two_parts(self) -> None:
        parts = span_messages(layout.TYPE_ERROR, bytes(1_000), 2, 5, 6)
        for other, rule in (
            (span_messages(layout.TYPE_PING, b""), "cold-span-consecutive"),
            (span_messages(layout.TYPE_ERROR, b"x", 4, 5, 6), "cold-span-consecutive"),
            (span_messages(layout.TYPE_ERROR, b"x", 2, 5, 7), "cold-span-header"),
        ):
            verdict = self.join(parts[:1024] + other)
            assert isinstance(verdict, Verdict)
            self.assertEqual(verdict.rule, rule)


class ProtoTest(unittest.TestCase):
    def test_skips_unknown_fields_of_every_wire_type(self) -> None:
        unknown = bytes.fromhex(
            "f83f8001 f93f0102030405060708 fa3f0161 fd3f01020304 fb3f080112016afc3f".replace(" ", "")
        )
        self.assertEqual(cold.decode_log(unknown + cold.encode_log(cold.Log(2, "m"))), cold.Log(2, "m"))

    def test_refuses_bytes_that_are_cut_off_or_of_no_wire_type(self) -> None:
        for text in ("08", "0880", "0a05616263", "0f", "00", "0b", "0c", "09010203", "08" + "ff" * 10 + "01", "0a01ff"):
            with self.subTest(text=text), self.assertRaises(NotProtobufError):
                for _, value in fields(bytes.fromhex(text)):
                    if isinstance(value, bytes):
                        from millrace._wire.proto import text_of

                        text_of(value)

    def test_refuses_groups_101_deep_and_takes_100(self) -> None:
        for depth, good in ((100, True), (101, False)):
            body = b"\x0b" * depth + b"\x0c" * depth
            with self.subTest(depth=depth):
                self.assertEqual(cold.decode_log(body) is not None, good)


class IdsTest(unittest.TestCase):
    def test_rise_by_two_and_wrap_from_the_last_to_1(self) -> None:
        self.assertEqual(next_call_id(0xFFFF_FFFF), 1)
        self.assertEqual(next_call_id(0xFFFF_FFFD), 0xFFFF_FFFF)

    def test_are_after_one_another_up_to_half_of_all_ids(self) -> None:
        self.assertTrue(is_after(2, 0))
        self.assertTrue(is_after(0x7FFF_FFFF, 0))
        self.assertFalse(is_after(0x8000_0000, 0))
        self.assertFalse(is_after(4, 4))
        self.assertTrue(is_after(2, 0xFFFF_FFFE))


class NameTest(unittest.TestCase):
    def test_are_1_to_128_letters_digits_dots_dashes_and_underscores_from_a_letter_or_digit_on(self) -> None:
        for name, good in (
            ("a", True),
            ("0", True),
            ("a.b-c_d", True),
            ("a" * 128, True),
            ("a" * 129, False),
            ("", False),
            (".a", False),
            ("_a", False),
            ("a b", False),
            ("ä", False),
            ("../x", False),
        ):
            with self.subTest(name=name):
                self.assertEqual(is_name(name), good)


if __name__ == "__main__":
    unittest.main()
