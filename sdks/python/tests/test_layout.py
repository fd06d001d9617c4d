"""The generated layout against the golden vectors.

PYTHONPATH=sdks/python/src python3 -m unittest discover -s sdks/python/tests
"""

from __future__ import annotations

import json
import struct
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

from millrace._gen import layout

VECTORS = Path(__file__).resolve().parents[3] / "spec" / "vectors"


def accepted() -> list[dict[str, Any]]:
    """Every accepted message of every vector file."""
    vectors: list[dict[str, Any]] = []
    for path in sorted(VECTORS.glob("*.json")):
        vectors += json.loads(path.read_text("utf-8")).get("vectors", [])
    return [vector for vector in vectors if vector["result"] == "accept"]


def message(vector: dict[str, Any]) -> bytes:
    return bytes.fromhex(vector["hex"]).ljust(layout.MESSAGE_BYTES, b"\0")


def reader(field: str) -> Callable[..., int | bytes]:
    read: Callable[..., int | bytes] = getattr(layout, f"read_{field}")
    return read


class LayoutTest(unittest.TestCase):
    def test_there_are_accepted_vectors_of_every_type(self) -> None:
        self.assertEqual({vector["type"] for vector in accepted()}, {info.name for info in layout.TYPES.values()})

    def test_reads_each_field_of_each_accepted_vector_at_any_offset(self) -> None:
        for vector in accepted():
            for field, listed in vector["fields"].items():
                if field == "reserved":
                    continue
                with self.subTest(vector=vector["id"], field=field):
                    expected = bytes.fromhex(listed) if isinstance(listed, str) else listed
                    self.assertEqual(reader(field)(message(vector)), expected)
                    self.assertEqual(reader(field)(memoryview(b"xyz" + message(vector)), 3), expected)

    def test_writes_each_accepted_vector_from_its_fields(self) -> None:
        for vector in accepted():
            with self.subTest(vector=vector["id"]):
                written = bytearray(layout.MESSAGE_BYTES)
                written[layout.HEADER_BYTES :] = message(vector)[layout.HEADER_BYTES :]
                for field, listed in vector["fields"].items():
                    if field != "reserved":
                        value = bytes.fromhex(listed) if isinstance(listed, str) else listed
                        getattr(layout, f"write_{field}")(written, value)
                self.assertEqual(bytes(written), message(vector))

    def test_refuses_values_that_do_not_fit(self) -> None:
        written = bytearray(layout.MESSAGE_BYTES)
        with self.assertRaises(ValueError):
            layout.write_type(written, 256)
        with self.assertRaises(struct.error):
            layout.write_body_length(written, 65536)
        with self.assertRaises(ValueError):
            layout.write_span_id(written, bytes(7))
        self.assertEqual(bytes(written), bytes(layout.MESSAGE_BYTES))

    def test_tables_hold_every_accepted_vector(self) -> None:
        for vector in accepted():
            with self.subTest(vector=vector["id"]):
                info = layout.TYPES[vector["fields"]["type"]]
                self.assertEqual(info.name, vector["type"])
                self.assertEqual(vector["fields"]["flags"] & ~info.flags, 0)
                self.assertIn(info.direction, ("both", vector["sender"]))
                for offset, mask in info.reserved:
                    word = struct.unpack_from("<I", message(vector), offset)[0]
                    self.assertEqual(word & mask, 0)

    def test_version_prefix_reads_what_the_vectors_list(self) -> None:
        prefixed = [vector for vector in accepted() if "prefix" in vector]
        self.assertGreater(len(prefixed), 0)
        for vector in prefixed:
            with self.subTest(vector=vector["id"]):
                magic, low, high, reserved = layout.VERSION_PREFIX.unpack_from(message(vector), layout.HEADER_BYTES)
                self.assertEqual((magic, reserved), (layout.MAGIC, 0))
                self.assertEqual({"version_min": low, "version_max": high}, vector["prefix"])


if __name__ == "__main__":
    unittest.main()
