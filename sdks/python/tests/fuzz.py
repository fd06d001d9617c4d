"""The fuzzer: any bytes, cut anywhere: messages, or a verdict that names a rule; never another error, never a hang.

`python tests/fuzz.py [--seed N] [--rounds N]` prints its seed first; a bare run picks one.
`python tests/fuzz.py canary` breaks the assembler on purpose and must find it: a green fuzzer then means something.
"""

from __future__ import annotations

import argparse
import json
import random
import secrets
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from millrace._gen import layout
from millrace._wire import cold
from millrace._wire.assembler import Assembler
from millrace._wire.cold_span import ColdSpan
from millrace._wire.headers import span_messages
from millrace._wire.verdict import Ignored, Verdict, judge

ROOT = Path(__file__).resolve().parents[3]
RULES = frozenset(
    rule["id"] for rule in json.loads((ROOT / "spec" / "requirements.json").read_text("utf-8"))["requirements"]
)
GOLDEN = [
    bytes.fromhex(vector["hex"]).ljust(layout.MESSAGE_BYTES, b"\0")
    for path in sorted((ROOT / "spec" / "vectors").glob("*.json"))
    for vector in json.loads(path.read_text("utf-8")).get("vectors", [])
]


class FuzzFailureError(Exception):
    """The contract was broken."""


def fuzz(seed: int, rounds: int, broken_assembler: bool = False) -> int:
    """Runs the rounds of a seed. Returns how many messages were judged."""
    rng = random.Random(seed)
    judged = 0
    for number in range(rounds):
        stream = make_stream(rng)
        pieces = cut(rng, stream)
        try:
            judged += check_wire(stream, pieces, broken_assembler)
            check_decoders(rng, stream)
            check_worker(rng, stream)
        except FuzzFailureError as failure:
            raise FuzzFailureError(f"seed {seed}, round {number}: {failure}") from failure
        except Exception as error:
            raise FuzzFailureError(f"seed {seed}, round {number}: {type(error).__name__}: {error}") from error
    return judged


def make_stream(rng: random.Random) -> bytes:
    """Golden messages with faults in them, or plain rubbish."""
    if rng.random() < 0.1:
        return rng.randbytes(rng.randint(0, 5_000))
    messages = []
    for _ in range(rng.randint(1, 6)):
        one = bytearray(rng.choice(GOLDEN))
        for _ in range(rng.choice((0, 0, 1, 1, 2, 8))):
            one[rng.choice((rng.randrange(64), rng.randrange(1024)))] = rng.randrange(256)
        messages.append(bytes(one))
    stream = b"".join(messages)
    return stream[: rng.randint(0, len(stream))] if rng.random() < 0.2 else stream


def cut(rng: random.Random, stream: bytes) -> list[bytes]:
    pieces, at = [], 0
    while at < len(stream):
        size = rng.choice((1, 7, 63, 64, 1_023, 1_024, 1_025, 5_000))
        pieces.append(stream[at : at + size])
        at += size
    return pieces


def check_wire(stream: bytes, pieces: list[bytes], broken_assembler: bool) -> int:
    assembler = Assembler()
    span = ColdSpan()
    whole = b""
    for piece in pieces:
        whole += assembler.push(piece if not broken_assembler or len(piece) != 63 else piece[:-1])
    if whole != stream[: len(stream) - len(stream) % 1_024]:
        raise FuzzFailureError("the assembler lost, added or changed bytes")
    if assembler.pending_bytes != len(stream) % 1_024:
        raise FuzzFailureError("the assembler miscounts what is pending")
    for at in range(0, len(whole), 1_024):
        for sender in ("engine", "worker"):
            check_verdict(judge(whole, at, sender))
        if span.open or (layout.TYPES.get(whole[at]) is not None and layout.TYPES[whole[at]].spans):
            length = layout.read_body_length(whole, at)
            if length <= layout.BODY_BYTES:
                joined = span.take(whole, at)
                if isinstance(joined, Verdict):
                    check_verdict(joined)
                    span = ColdSpan()
    return len(whole) // 1_024


def check_verdict(verdict: Any) -> None:
    if isinstance(verdict, Verdict):
        if verdict.rule not in RULES or not verdict.message:
            raise FuzzFailureError(f"{verdict} names no rule of the spec")
    elif not (verdict is None or isinstance(verdict, Ignored)):
        raise FuzzFailureError(f"{verdict!r} is no verdict")


def check_decoders(rng: random.Random, stream: bytes) -> None:
    at = rng.randint(0, len(stream))
    body = stream[at : at + rng.randint(0, 300)]
    for decode in (cold.decode_hello, cold.decode_welcome, cold.decode_goodbye, cold.decode_log):
        decode(body)
    cold.decode_failure(body, 2)
    cold.read_prefix(body)


class MemoryPipe:
    """Takes everything and gives what the fuzzer says."""

    def __init__(self) -> None:
        self.on_writable: Any = None
        self.written = b""

    def write(self, data: bytes) -> int:
        self.written += data
        return len(data)

    def read(self) -> bytes:
        raise FuzzFailureError("a worker with an event loop does not read by itself")

    def want_writable(self, wanted: bool) -> None:
        pass

    def close(self) -> None:
        pass


class FuzzRuntime:
    """Runs every handler at once, to its end."""

    direct = False

    def run(self, call: Any, value: Any) -> None:
        call.complete(b"" if isinstance(value, bytes) else value if not hasattr(value, "poll") else 0)

    def send_stream(self, call: Any) -> None:
        pass

    def soon(self, action: Any) -> None:
        action()

    def current(self) -> None:
        return None


def check_worker(rng: random.Random, stream: bytes) -> None:
    """A whole worker takes WELCOME and then the stream; what it answers must be right messages of a worker."""
    from millrace import function
    from millrace._worker import ChannelWorker

    @function
    def echo(payload: bytes) -> bytes:
        return payload

    @function("word.count")
    def count(text: str) -> int:
        return len(text)

    pipe: Any = MemoryPipe()
    runtime: Any = FuzzRuntime()
    lines: list[str] = []
    later: list[Any] = []
    worker = ChannelWorker([echo, count], pipe, runtime, "t", 8, (), later.append, lines.append)
    worker.say_hello()
    features = tuple(rng.sample(("internal-calls", "streaming", "log", "capacity"), rng.randint(0, 4)))
    functions = (cold.FunctionId("echo", 1), cold.FunctionId("word.count", 2))
    welcome = cold.Welcome(functions, features, cold.Limits(8, 8, 8, 8, 100_000, 8))
    data = span_messages(layout.TYPE_WELCOME, cold.prefixed(cold.encode_welcome(welcome))) + stream
    for piece in cut(rng, data):
        worker.channel.on_bytes(piece)
        while later:
            later.pop(0)()
    worker.channel.on_bytes(b"")
    while later:
        later.pop(0)()
    if worker.running:
        raise FuzzFailureError("the worker runs on after the end of its channel")
    out = pipe.written
    if len(out) % 1_024:
        raise FuzzFailureError("the worker wrote part of a message")
    for at in range(0, len(out), 1_024):
        verdict = judge(out, at, "worker")
        if verdict is not None:
            raise FuzzFailureError(f"the worker itself broke a rule: {verdict}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Fuzzes the wire and the inbox of the Python SDK.")
    parser.add_argument("mode", nargs="?", choices=("run", "canary"), default="run")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 32))
    parser.add_argument("--rounds", type=int, default=10_000)
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    judged = fuzz(options.seed, options.rounds, options.mode == "canary")
    print(f"{options.rounds} rounds, {judged} messages, no fault found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
