"""A Millrace worker of the core level in Python, with the standard library only: python3 worker.py"""

import os
import struct
import sys
import time

HELLO, WELCOME, GOODBYE, INVOKE, RESULT, ERROR = 0x01, 0x02, 0x03, 0x10, 0x11, 0x12
CANCEL, PING, PONG, DRAIN = 0x13, 0x20, 0x21, 0x28
PREFIX = struct.pack("<8sHHI", b"MILLRACE", 1, 1, 0)  # magic, versions 1 to 1, zero
NOT_FOUND, TOO_LARGE, OTHER = (3, 5), (6, 8), (1, 2)  # reason, status


class Failure(Exception):
    """Ends the call with this reason and message; any other exception is a handler_error."""


def fail(payload: bytes) -> bytes:
    raise ValueError(payload.decode(errors="replace"))


FUNCTIONS = {"echo": lambda payload: payload, "fail": fail}
handlers, span, welcomed, last_id = {}, b"", False, 0  # handlers: by the engine's ids


def leave(code: int, why: str = "") -> None:
    print(f"worker.py: {why}", file=sys.stderr) if why else None
    sys.exit(code)


# Messages: 64 bytes of header, 960 of body.
def send(kind: int, call_id: int, body: bytes, at12: int = 0, at16: int = 0, at20: int = 0, content: int = 0) -> None:
    message = struct.pack("<BxHI4xIII35xB4x960s", kind, len(body), call_id, at12, at16, at20, content, body)
    try:
        while message:
            message = message[os.write(out_fd, message) :]
    except BrokenPipeError:
        leave(69, "the engine is gone")


def receive() -> bytes:
    message = b""
    while len(message) < 1024:
        part = os.read(in_fd, 1024 - len(message))
        if not part:
            leave(0) if welcomed and not message else leave(69, "the engine is gone")
        message += part
    return message


# Protobuf, as much as the cold messages need.
def varint(n: int) -> bytes:
    return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def text(field: int, value: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(value)) + value


def fields(body: bytes, rule: str) -> list:
    found, at = [], 0

    def take() -> int:
        nonlocal at
        n = shift = 0
        while shift == 0 or body[at - 1] > 127:
            check((rule, at >= len(body) or shift > 63))
            n, shift, at = n | (body[at] & 127) << shift, shift + 7, at + 1
        return n

    while at < len(body):
        key = take()
        size = {0: 0, 1: 8, 2: -1, 5: 4}.get(key & 7)
        check((rule, size is None or key < 8))
        size = take() if size == -1 else size
        check((rule, at + size > len(body)))
        found.append((key >> 3, body[at : at + size] if key & 7 else take()))
        at += size
    return found


def parse(body: bytes, rule: str) -> list:
    check(("handshake-prefix", len(body) < 16 or body[12:16] != bytes(4)), ("handshake-magic", body[:8] != b"MILLRACE"))
    check(("handshake-version", rule == "handshake-body" and body[8:12] != PREFIX[8:12]))
    return fields(body[16:], rule)


# What the engine may send. check((rule, broken), ...) ends the channel at the first rule that is broken.
def check(*rules: tuple) -> None:
    for rule, broken in rules:
        if broken:
            send(GOODBYE, 0, PREFIX + number(1, 12) + text(3, rule.encode()), at20=13)
            leave(76, f"the engine broke the rule {rule}")


def after(call_id: int, last: int) -> bool:
    return 0 < (call_id - last) % 2**32 < 2**31


# The flags of each type, and the header bytes that it uses behind the first eight.
KNOWN = {WELCOME: (1, 8, 8), GOODBYE: (0, 20, 24), INVOKE: (7, 8, 60), CANCEL: (0, 8, 8)}
KNOWN |= {PING: (0, 16, 20), DRAIN: (0, 16, 20)}
WRONG = {PONG: "pong-open"} | dict.fromkeys((HELLO, 0x08, 0x29, 0x39, 0x3A), "message-direction")
WRONG |= dict.fromkeys((0x09, 0x18, 0x19, 0x30, 0x31, 0x38, 0x40, 0x41), "feature-accepted")


def judge(message: bytes) -> tuple:
    kind, flags, length, call_id, function, payload, _, at20, _, attempt = struct.unpack_from("<BBHI6I", message)
    check(("call-id-known" if call_id & 1 else "call-callee-answers", kind in (RESULT, ERROR)))
    check((WRONG.get(kind, "message-type-known"), kind not in KNOWN))
    allowed, begin, end = KNOWN[kind]
    check(("message-body-length", length > 960), ("message-flags-known", flags & ~allowed),
          ("message-reserved-zero", any(message[8:begin] + message[end:64])),
          ("cold-span-consecutive", span and kind != WELCOME),
          ("handshake-engine-waits", not welcomed and kind not in (WELCOME, GOODBYE)),
          ("handshake-hello-once", welcomed and kind == WELCOME),
          ("message-call-id", call_id == 0 if kind == CANCEL else call_id and kind != INVOKE),
          ("message-status-range", kind == GOODBYE and at20 > 16),
          ("message-body-none", length and kind in (CANCEL, PING, DRAIN)))  # fmt: skip
    if kind == CANCEL:
        check(("call-caller-cancels", call_id & 1), ("call-id-known", after(call_id, last_id)))
    if kind == INVOKE:
        check(("invoke-call-id-parity", call_id == 0 or call_id & 1), ("invoke-function-id", function == 0),
              ("feature-accepted", flags), ("invoke-payload-length", payload != length),
              ("invoke-priority-range", message[57] > 7), ("invoke-attempt-positive", attempt == 0),
              ("call-parent-zero", at20), ("call-id-rising", not after(call_id, last_id)))  # fmt: skip
    return kind, flags, call_id, function, message[64 : 64 + length]


def welcome(flags: int, body: bytes) -> None:
    global span, welcomed
    span += body
    check(("cold-span-bytes", len(span) > 65_536))
    if flags:
        return
    for field, value in parse(span, "handshake-body"):
        check(("feature-offered", field == 2))
        part = dict(fields(value, "handshake-body")) if field in (1, 3) else {}
        if field == 1:
            name, new_id = part.get(1, b"").decode(), part.get(2, 0)
            check(("welcome-functions", name not in FUNCTIONS))
            check(("function-id-unique", not new_id or new_id in handlers))
            handlers[new_id] = FUNCTIONS[name]
        welcomed = part.get(1) == 1 if field == 3 else welcomed
    check(("welcome-max-calls", not welcomed))
    span = b""


def invoke(call_id: int, function: int, payload: bytes, content: int) -> None:
    began = time.monotonic_ns()
    try:
        if function not in handlers:
            raise Failure(NOT_FOUND, f"no function has the id {function} here")
        output = handlers[function](payload)
        if len(output) > 960:
            raise Failure(TOO_LARGE, "the output is over 960 bytes")
        send(RESULT, call_id, output, len(output), (time.monotonic_ns() - began) // 1000, 0, content)
    except Exception as error:
        (reason, status), message = error.args if isinstance(error, Failure) else (OTHER, str(error))
        failure = number(1, reason) + text(3, message[:200].encode(errors="replace"))
        send(ERROR, call_id, failure, 0, (time.monotonic_ns() - began) // 1000, status)


# The launch contract. Python opens close-on-exec; once open, the pipes may block.
names = ("MILLRACE_CHANNEL_IN", "MILLRACE_CHANNEL_OUT", "MILLRACE_TOKEN")
in_path, out_path, token = (os.environ.pop(n, "") or leave(78, f"no {n}: an engine has to start me") for n in names)
try:
    in_fd, out_fd = os.open(in_path, os.O_RDONLY | os.O_NONBLOCK), os.open(out_path, os.O_WRONLY | os.O_NONBLOCK)
except OSError as error:
    leave(69, f"the engine is gone: {error}")
os.set_blocking(in_fd, True), os.set_blocking(out_fd, True)

offers = b"".join(text(2, text(1, name.encode())) for name in FUNCTIONS)
software = text(1, b"minimal-worker") + text(2, b"1.0.0") + text(3, b"python")
send(HELLO, 0, PREFIX + text(1, token.encode()) + offers + number(4, 1) + text(5, software))
while True:
    message = receive()
    if message[0] >= 0x80 and not span:
        continue
    kind, flags, call_id, function, body = judge(message)
    if kind == WELCOME:
        welcome(flags, body)
    elif kind == INVOKE:
        last_id = call_id
        invoke(call_id, function, body, message[59])
    elif kind == PING:
        send(PONG, 0, b"", at16=struct.unpack_from("<I", message, 16)[0])
    elif kind == GOODBYE:
        why = dict(parse(body, "cold-body"))
        leave(76, f"the engine says: {why.get(2, b'').decode()}") if why.get(1) else leave(0)
    elif kind == DRAIN:
        send(GOODBYE, 0, PREFIX)
        leave(0)
