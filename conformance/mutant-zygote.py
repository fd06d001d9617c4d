"""A zygote that is made to be broken: without `MILLRACE_MUTANT` it obeys every rule, with it it breaks one on purpose.

`python3 mutant-zygote.py --zygote`. Written on nothing but the spec, so that it shares no code with any SDK; the workers that
it forks serve `echo`, and of `interp` the instructions ECHO and STDOUT.
"""

from __future__ import annotations

import os
import select
import signal
import struct
import sys
import threading
from typing import NoReturn

MESSAGE_BYTES = 1024
PREFIX = struct.pack("<8sHHI", b"MILLRACE", 1, 1, 0)
# type flags body_length call_id function_id payload_length word16 word20 word24 word28
HEADER = struct.Struct("<BBHIIIIIII")
HELLO, WELCOME, GOODBYE = 0x01, 0x02, 0x03
INVOKE, RESULT, PING, PONG, DRAIN, FORK, FORKED, EXITED = 0x10, 0x11, 0x20, 0x21, 0x28, 0x38, 0x39, 0x3A
EXIT_CONFIG = 78
INVALID_ARGUMENT = 3

MUTANT = os.environ.get("MILLRACE_MUTANT", "")


class Child(Exception):
    """Raised in a forked process: leaves all that the zygote was in."""


class Channel:
    """Messages over the two FIFOs, blocking."""

    def __init__(self, in_path: str, out_path: str) -> None:
        self.in_fd = os.open(in_path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        self.out_fd = os.open(out_path, os.O_WRONLY | os.O_CLOEXEC)
        os.set_blocking(self.in_fd, True)

    def send(self, kind: int, body: bytes = b"", call: int = 0, length: int = 0, word16: int = 0, word20: int = 0) -> None:
        head = HEADER.pack(kind, 0, len(body), call, 0, length, word16, word20, 0, 0)
        os.write(self.out_fd, (head.ljust(64, b"\0") + body).ljust(MESSAGE_BYTES, b"\0"))

    def read(self) -> list[bytes]:
        """The messages of one read; empty at the end."""
        data = os.read(self.in_fd, 65_536)
        while data and len(data) % MESSAGE_BYTES:
            data += os.read(self.in_fd, MESSAGE_BYTES)
        return [data[at : at + MESSAGE_BYTES] for at in range(0, len(data), MESSAGE_BYTES)]

    def hello(self, token: str, functions: list[str], features: list[str]) -> None:
        body = field(1, token.encode()) + b"".join(field(2, field(1, name.encode())) for name in functions)
        body += b"".join(field(3, feature.encode()) for feature in features) + b"\x20\x08"
        self.send(HELLO, PREFIX + body)

    def close(self) -> None:
        os.close(self.in_fd)
        os.close(self.out_fd)


def field(number: int, value: bytes) -> bytes:
    """A protobuf field with a length."""
    return bytes([number << 3 | 2]) + varint(len(value)) + value


def varint(value: int) -> bytes:
    return bytes([value]) if value < 0x80 else bytes([value & 0x7F | 0x80]) + varint(value >> 7)


def texts(body: bytes) -> dict[int, bytes]:
    """The fields with a length of a small protobuf message."""
    found, at = {}, 0
    while at < len(body):
        number, shift, length = body[at] >> 3, 0, 0
        while True:
            at += 1
            length |= (body[at] & 0x7F) << shift
            shift += 7
            if body[at] < 0x80:
                break
        found[number] = body[at + 1 : at + 1 + length]
        at += 1 + length
    return found


def body_of(message: bytes) -> bytes:
    return message[64 : 64 + struct.unpack_from("<H", message, 2)[0]]


def word(message: bytes, at: int) -> int:
    return int(struct.unpack_from("<I", message, at)[0])


# The zygote.


def zygote(in_path: str, out_path: str, token: str) -> NoReturn:
    channel = Channel(in_path, out_path)
    wake_read, wake_write = os.pipe()
    for fd in (wake_read, wake_write):
        os.set_blocking(fd, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake_write)
    if MUTANT == "zygote-threads":
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    channel.hello(token, ["echo"] if MUTANT == "zygote-names-functions" else [], ["fork"])
    children: set[int] = set()
    while True:
        ready = select.select([channel.in_fd, wake_read], [], [])[0]
        if channel.in_fd in ready:
            messages = channel.read()
            if MUTANT == "forked-swapped":
                messages.reverse()
            for message in messages:
                take(channel, message, children)
            if not messages:
                end(children)
        if wake_read in ready:
            os.read(wake_read, 4096)
            reap(channel, children)


def take(channel: Channel, message: bytes, children: set[int]) -> None:
    kind = message[0]
    if kind == PING:
        channel.send(PONG, word16=word(message, 16))
    elif kind == DRAIN:
        channel.send(GOODBYE, PREFIX)
        end(children)
    elif kind == FORK:
        names = texts(body_of(message))
        if len(names) < 3:
            channel.send(FORKED, word20=0 if MUTANT == "forked-status-0" else INVALID_ARGUMENT)
            return
        grouped, grouping = os.pipe()
        pid = os.fork()
        if pid == 0:
            if MUTANT != "forked-ungrouped":
                os.setsid()
            os.close(grouping)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            channel.close()
            raise Child(*(names[number].decode() for number in (1, 2, 3)))
        os.close(grouping)
        os.read(grouped, 1)
        os.close(grouped)
        children.add(pid)
        channel.send(FORKED, word16=pid)


def reap(channel: Channel, children: set[int]) -> None:
    for pid in list(children):
        done, status = os.waitpid(pid, os.WNOHANG)
        if not done:
            continue
        children.discard(pid)
        code = os.waitstatus_to_exitcode(status)
        told = code if code >= 0 else -code if MUTANT == "exited-signal-alone" else 128 - code
        if MUTANT == "exited-missing" or (MUTANT == "exited-crashes-only" and code == 0):
            continue
        for _ in range(2 if MUTANT == "exited-twice" else 1):
            channel.send(EXITED, word16=pid, word20=told)


def end(children: set[int]) -> NoReturn:
    if MUTANT == "zygote-takes-children":
        for pid in children:
            os.kill(pid, signal.SIGKILL)
    sys.exit(0)


# A forked worker.


def worker(in_path: str, out_path: str, token: str) -> NoReturn:
    if MUTANT == "forked-silent":
        sys.exit(0)
    if MUTANT == "forked-output-lost":
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    channel = Channel(in_path, out_path)
    channel.hello(token, ["echo", "interp"], [])
    names: dict[int, str] = {}
    while True:
        messages = channel.read()
        if not messages:
            sys.exit(0)
        for message in messages:
            kind, body = message[0], body_of(message)
            if kind == WELCOME:
                names = functions_of(body[len(PREFIX) :])
            elif kind == PING:
                channel.send(PONG, word16=word(message, 16))
            elif kind == INVOKE:
                output = body if names[word(message, 8)] == "echo" else interp(body)
                channel.send(RESULT, output, call=word(message, 4), length=len(output))
            elif kind == DRAIN:
                channel.send(GOODBYE, PREFIX)
                sys.exit(0)


def functions_of(welcome: bytes) -> dict[int, str]:
    """The names of WELCOME by their ids: its fields 1, which come first."""
    found = {}
    at = 0
    while welcome[at] == 0x0A:
        entry = welcome[at + 2 : at + 2 + welcome[at + 1]]
        name = entry[2 : 2 + entry[1]]
        number, shift = 0, 0
        for byte in entry[2 + len(name) + 1 :]:
            number |= (byte & 0x7F) << shift
            shift += 7
        found[number] = name.decode()
        at += 2 + welcome[at + 1]
    return found


def interp(program: bytes) -> bytes:
    output, at = b"", 0
    while at < len(program):
        op, count = struct.unpack_from("<BI", program, at)
        at += 5
        if op == 0x09:
            os.write(1, b"o" * count)
        elif op == 0x01:
            output += program[at : at + count]
            at += count
        else:
            sys.exit(f"mutant zygote: its interp has no instruction {op}")
    return output


def main() -> NoReturn:
    paths = [os.environ.pop(f"MILLRACE_{name}", "") for name in ("CHANNEL_IN", "CHANNEL_OUT", "TOKEN")]
    if "" in paths or sys.argv[1:] != ["--zygote"]:
        sys.stderr.write("mutant zygote: start me with an engine, and --zygote\n")
        sys.exit(EXIT_CONFIG)
    try:
        zygote(*paths)
    except Child as child:
        launch = child.args
    worker(*launch)


if __name__ == "__main__":
    main()
