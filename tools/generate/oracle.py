#!/usr/bin/env python3
"""A second opinion on the golden vectors.

Decodes every message of spec/vectors with a reader written by hand from the spec, not generated,
sharing no code with the engine or an SDK, and compares: each field, the body, what the protobuf
bytes mean, and the rules broken. A reject must break exactly the one rule that the vector names,
judged by all rules and not by the first that fails.

    python3 tools/generate/oracle.py [folder]

Exit codes: 0 it agrees with every vector, 1 it does not, with one line for each disagreement.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from oracle_protobuf import REASONS, Malformed, decode

# name: (number, who sends it, call id, body, flags, own fields)
TYPES = {
    "HELLO": (0x01, "worker", "none", "Hello", 1, ""),
    "WELCOME": (0x02, "engine", "none", "Welcome", 1, ""),
    "GOODBYE": (0x03, "both", "none", "Goodbye", 0, "status"),
    "RESOLVE": (0x08, "worker", "none", "name", 0, ""),
    "RESOLVED": (0x09, "engine", "none", "name", 0, "function_id status"),
    "INVOKE": (
        0x10,
        "both",
        "caller",
        "payload",
        7,
        "function_id payload_length timeout_us parent_call_id queue_us attempt"
        " trace_id span_id trace_flags priority depth content",
    ),
    "RESULT": (
        0x11,
        "both",
        "callee",
        "payload",
        7,
        "payload_length run_us status queue_us cpu_us content",
    ),
    "ERROR": (0x12, "both", "callee", "Failure", 1, "run_us status queue_us cpu_us"),
    "CANCEL": (0x13, "both", "caller", "none", 0, ""),
    "DATA": (0x18, "both", "either", "payload", 1, ""),
    "WINDOW": (0x19, "both", "either", "none", 0, "credit"),
    "PING": (0x20, "both", "none", "none", 0, "nonce"),
    "PONG": (0x21, "both", "none", "none", 0, "nonce open_calls"),
    "DRAIN": (0x28, "engine", "none", "none", 0, "timeout_us"),
    "CAPACITY": (0x29, "worker", "none", "none", 0, "capacity"),
    "LOAD": (0x30, "engine", "none", "Load", 1, ""),
    "LOADED": (0x31, "both", "none", "Loaded", 1, "status"),
    "FORK": (0x38, "engine", "none", "Fork", 0, ""),
    "FORKED": (0x39, "worker", "none", "none", 0, "pid status"),
    "EXITED": (0x3A, "worker", "none", "none", 0, "pid exit_code"),
    "ATTACHED": (0x40, "both", "none", "none", 0, ""),
    "WAKE": (0x41, "both", "none", "none", 0, ""),
    "LOG": (0x80, "worker", "log", "Log", 1, ""),
}
BY_NUMBER = {row[0]: name for name, row in TYPES.items()}
PLACES = {
    "type": (0, 1),
    "flags": (1, 1),
    "body_length": (2, 2),
    "call_id": (4, 4),
    "function_id": (8, 4),
    "payload_length": (12, 4),
    "timeout_us": (16, 4),
    "run_us": (16, 4),
    "credit": (16, 4),
    "capacity": (16, 4),
    "nonce": (16, 4),
    "pid": (16, 4),
    "parent_call_id": (20, 4),
    "status": (20, 4),
    "open_calls": (20, 4),
    "exit_code": (20, 4),
    "queue_us": (24, 4),
    "attempt": (28, 4),
    "cpu_us": (28, 4),
    "trace_id": (32, 16),
    "span_id": (48, 8),
    "trace_flags": (56, 1),
    "priority": (57, 1),
    "depth": (58, 1),
    "content": (59, 1),
}
COMMON = ["type", "flags", "body_length", "call_id"]
MORE, FILE = 1, 2
PREFIXED = ("HELLO", "WELCOME", "GOODBYE")
NAME = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


def number(message: bytes, name: str) -> int:
    at, size = PLACES[name]
    return int.from_bytes(message[at : at + size], "little")


def header_fields(message: bytes) -> dict[str, int | str]:
    """The fields of the message's type, in wire order."""
    known = BY_NUMBER.get(message[0])
    names = COMMON + (TYPES[known][5].split() if known else [])
    values: dict[str, int | str] = {}
    for name in sorted(names, key=lambda one: PLACES[one][0]):
        at, size = PLACES[name]
        values[name] = message[at : at + size].hex() if size > 4 else number(message, name)
    return values


def stray_bytes(message: bytes) -> list[int]:
    """Header bytes of no field that are not zero."""
    used: set[int] = set()
    for name in COMMON + TYPES[BY_NUMBER[message[0]]][5].split():
        at, size = PLACES[name]
        used.update(range(at, at + size))
    return [at for at in range(64) if at not in used and message[at] != 0]


def broken_rules(message: bytes, sender: str) -> tuple[str, set[str]]:
    """What the message alone deserves: accept, ignore or reject, and every rule that it breaks."""
    name = BY_NUMBER.get(message[0])
    if name is None:
        return ("ignore", set()) if message[0] >= 0x80 else ("reject", {"message-type-known"})
    _, direction, call, body_kind, allowed, own = TYPES[name]
    flags, length, call_id = message[1], number(message, "body_length"), number(message, "call_id")
    body = message[64 : 64 + min(length, 960)]
    status = number(message, "status") if "status" in own.split() else 0
    rules = set()
    if direction not in ("both", sender):
        rules.add("message-direction")
    if length > 960:
        rules.add("message-body-length")
    if flags & ~allowed:
        rules.add("message-flags-known")
    if stray_bytes(message):
        rules.add("message-reserved-zero")
    if body_kind == "none" and length > 0:
        rules.add("message-body-none")
    if body_kind == "name" and not NAME.fullmatch(body):
        rules.add("name-form")
    if name in PREFIXED and length < 16 and not flags & MORE and name == "GOODBYE":
        rules.add("handshake-prefix")
    rules |= call_id_rules(name, call, sender, call_id, flags)
    if status > 16 and name not in ("RESULT", "ERROR"):
        rules.add("message-status-range")
    if name == "RESULT" and status != 0:
        rules.add("result-status-zero")
    if name == "ERROR" and not 1 <= status <= 16:
        rules.add("error-status-range")
    if name == "RESOLVED" and status <= 16:
        if status == 0 and number(message, "function_id") == 0:
            rules.add("resolved-id")
        if status != 0 and number(message, "function_id") != 0:
            rules.add("resolved-not-found")
    if name == "DATA" and flags & MORE and length == 0:
        rules.add("data-not-empty")
    if name == "WINDOW" and number(message, "credit") == 0:
        rules.add("window-credit-positive")
    if name == "WINDOW" and number(message, "credit") > 32:
        rules.add("credit-max")
    if name in ("INVOKE", "RESULT"):
        rules |= payload_rules(name, message, flags, length, body)
    if name == "INVOKE":
        rules |= invoke_rules(message, sender)
    return ("reject" if rules else "accept"), rules


def call_id_rules(name: str, call: str, sender: str, call_id: int, flags: int) -> set[str]:
    own = call_id % 2 == (1 if sender == "worker" else 0)
    if call == "none":
        return {"message-call-id"} if call_id else set()
    if call == "log":
        return {"log-call-id"} if call_id % 2 else set()
    if name == "INVOKE":
        return set() if call_id and own else {"invoke-call-id-parity"}
    if call_id == 0:
        return {"message-call-id"}
    if name in ("RESULT", "ERROR") and own:
        return {"call-callee-answers"}
    if name == "CANCEL" and not own:
        return {"call-caller-cancels"}
    if name == "DATA" and not own and not flags & MORE:
        return {"data-output-more"}
    return set()


def payload_rules(name: str, message: bytes, flags: int, length: int, body: bytes) -> set[str]:
    announced = number(message, "payload_length")
    if flags & FILE:
        rules = {"file-alone"} if flags & MORE else set()
        return rules if NAME.fullmatch(body) else rules | {"file-name-plain"}
    if length > 960:
        return set()
    if name == "RESULT":
        if announced >= length:
            return set()
        return {"payload-length-exact" if flags & MORE else "result-total"}
    wrong = announced < length if flags & MORE else announced != length
    return {"invoke-payload-length"} if wrong else set()


def invoke_rules(message: bytes, sender: str) -> set[str]:
    rules = set()
    parent = number(message, "parent_call_id")
    if number(message, "function_id") == 0:
        rules.add("invoke-function-id")
    if number(message, "attempt") == 0:
        rules.add("invoke-attempt-positive")
    if message[57] > 7:
        rules.add("invoke-priority-range")
    if parent and sender == "engine":
        rules.add("call-parent-zero")
    if parent % 2 and sender == "worker":
        rules.add("call-parent-open")
    return rules


def body_verdict(
    message: bytes, sender: str, body: bytes
) -> tuple[set[str], dict[str, Any] | None, dict[str, Any] | None]:
    """Rules that a whole body breaks, its version prefix, and what its protobuf part means."""
    name = BY_NUMBER[message[0]]
    proto = TYPES[name][3]
    if proto in ("none", "payload", "name"):
        return set(), None, None
    rules, prefix = set(), None
    if name in PREFIXED:
        if len(body) < 16:
            return {"handshake-prefix"}, None, None
        low, high = int.from_bytes(body[8:10], "little"), int.from_bytes(body[10:12], "little")
        prefix = {"version_min": low, "version_max": high}
        if body[:8] != b"MILLRACE":
            rules.add("handshake-magic")
        if body[12:16] != bytes(4):
            rules.add("handshake-prefix")
        fits = low == high == 1 if name == "WELCOME" else low <= 1 <= high
        if name != "GOODBYE" and not fits:
            rules.add("handshake-version")
        body = body[16:]
    try:
        value = decode(proto, body)
    except Malformed:
        rule = {"HELLO": "handshake-body", "WELCOME": "handshake-body", "ERROR": "error-body"}
        return rules | {rule.get(name, "cold-body")}, prefix, None
    offers = [
        offer.get("name", "")
        for offer in value.get("functions" if name == "HELLO" else "offers", [])
    ]
    if any(not NAME.fullmatch(offer.encode()) for offer in offers):
        rules.add("name-form")
    if len(set(offers)) < len(offers):
        rules.add("handshake-functions-once")
    reason = REASONS.get(str(value.get("reason", "")).removeprefix("REASON_"))
    status = number(message, "status")
    if name == "GOODBYE" and "reason" not in value and status != 0:
        rules.add("goodbye-status")
    if name == "GOODBYE" and reason and status != reason[1]:
        rules.add("goodbye-status")
    if name == "ERROR" and reason and reason[0] != 1 and status != reason[1]:
        rules.add("error-status-of-reason")
    if name == "ERROR" and reason and sender == "worker" and not reason[2]:
        rules.add("error-reason-worker")
    return rules, prefix, value


def listed_body(vector: dict[str, Any]) -> bytes:
    listed = vector.get("body", {})
    if "pattern" in listed:
        return bytes((31 * i + 7) % 256 for i in range(listed["pattern"]))
    if "text" in listed:
        return str(listed["text"]).encode()
    return bytes.fromhex(listed.get("hex", "")) + bytes(listed.get("zeros", 0))


def check_message(vector: dict[str, Any]) -> tuple[bytes, list[str]]:
    """The bytes of a listed message, and where listing and bytes disagree."""
    message = bytes.fromhex(vector["hex"]).ljust(1024, b"\0")
    faults = []
    if len(message) != 1024 or vector["hex"].endswith("00"):
        faults.append("hex is not one message without its last zeros")
    if header_fields(message) != vector["fields"]:
        faults.append(f"fields are {header_fields(message)}")
    length = min(number(message, "body_length"), 960)
    if message[64 : 64 + length] != listed_body(vector):
        faults.append(f"body is {message[64 : 64 + length].hex()}")
    if message[64 + length :].rstrip(b"\0") != bytes.fromhex(vector.get("tail", "")):
        faults.append("tail is another")
    return message, faults


def check_vector(vector: dict[str, Any]) -> list[str]:
    message, faults = check_message(vector)
    result, rules = broken_rules(message, vector["sender"])
    if vector["stage"] == "body" and result == "accept":
        body = message[64 : 64 + number(message, "body_length")]
        rules, prefix, value = body_verdict(message, vector["sender"], body)
        result = "reject" if rules else "accept"
        if result == "accept" and (prefix, value) != (
            vector.get("prefix"),
            vector.get("proto", {}).get("value"),
        ):
            faults.append(f"the body means {prefix} {value}")
    if result != vector["result"]:
        faults.append(f"the result is {result} {sorted(rules)}, not {vector['result']}")
    elif result == "reject" and rules != {vector["rule"]}:
        faults.append(f"breaks {sorted(rules)}, not {vector['rule']} alone")
    return faults


def check_stream(stream: dict[str, Any]) -> list[str]:
    faults: list[str] = []
    spans: dict[str, tuple[bytes, bytes]] = {}
    verdict: tuple[int, str] | None = None
    for i, listed in enumerate(stream["messages"]):
        message, wrong = check_message(listed)
        faults += [f"message {i}: {fault}" for fault in wrong]
        if i == len(stream["messages"]) - 1 and "missing" in stream:
            verdict = (i, "channel-truncated")
            break
        rule, value = step(message, listed["sender"], spans)
        if rule is not None:
            verdict = (i, rule)
            break
        if "proto" in listed and value != listed["proto"]["value"]:
            faults.append(f"message {i} means {value}")
    wanted = (stream["at"], stream["rule"]) if stream["result"] == "reject" else None
    if verdict != wanted:
        faults.append(f"the verdict is {verdict}, not {wanted}")
    return faults


def step(
    message: bytes, sender: str, spans: dict[str, tuple[bytes, bytes]]
) -> tuple[str | None, dict[str, Any] | None]:
    """One message of a stream: the rule that it breaks, and what a body that ends here means."""
    result, rules = broken_rules(message, sender)
    if result != "accept":
        return (sorted(rules)[0] if rules else None), None
    header, joined = spans.pop(sender, (b"", b""))
    if header:
        if (message[0], message[4:8]) != (header[0], header[4:8]):
            return "cold-span-consecutive", None
        if message[8:64] != header[8:64]:
            return "cold-span-header", None
    joined += message[64 : 64 + number(message, "body_length")]
    if TYPES[BY_NUMBER[message[0]]][3] in ("none", "payload", "name"):
        return None, None
    if len(joined) > 65536:
        return "cold-span-bytes", None
    if message[1] & MORE:
        spans[sender] = (header or message[:64], joined)
        return None, None
    rules, _, value = body_verdict(message, sender, joined)
    return (sorted(rules)[0] if rules else None), value


def main() -> int:
    root = Path(__file__).resolve().parents[2]
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else root / "spec" / "vectors"
    counts, faults, seen = {"accept": 0, "ignore": 0, "reject": 0}, 0, set()
    for path in sorted(folder.glob("*.json")):
        content = json.loads(path.read_text("utf-8"))
        for one in content.get("vectors", []) + content.get("streams", []):
            wrong = check_stream(one) if "messages" in one else check_vector(one)
            counts[one["result"]] += 1
            seen.add(one.get("rule"))
            for fault in wrong:
                faults += 1
                print(f"{path.name}: {one['id']}: {fault}", file=sys.stderr)
    print(
        ", ".join(f"{count} {result}" for result, count in counts.items()),
        f"· {len(seen - {None})} rules broken · {faults} disagreements",
    )
    return 1 if faults or sum(counts.values()) == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
