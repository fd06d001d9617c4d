"""Reads the little programs that the conformance suite sends to `interp`: one byte says what, its operands follow."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

# Operands of each instruction: b, h, i are integers of 1, 2 and 4 bytes; B, H, I are such lengths, then so many bytes.
FORMS = {
    0x01: ("echo", "I"),
    0x02: ("fail", "bbBH"),
    0x03: ("throw", "H"),
    0x04: ("sleep", "i"),
    0x05: ("pattern", "ii"),
    0x06: ("checksum", "I"),
    0x07: ("call", "bBiI"),
    0x08: ("join", ""),
    0x09: ("stdout", "i"),
    0x0A: ("stderr", "i"),
    0x0B: ("exit", "b"),
    0x0C: ("signal", "b"),
    0x0D: ("spawn", "i"),
    0x0E: ("cancelled", ""),
    0x0F: ("context", ""),
    0x10: ("log", "bH"),
    0x11: ("stream", "iii"),
    0x12: ("capacity", "i"),
    0x13: ("content", "b"),
    0x14: ("burn", "i"),
}
INTEGERS = {"b": struct.Struct("<B"), "h": struct.Struct("<H"), "i": struct.Struct("<I")}


class Instruction(NamedTuple):
    """`bad`: what follows is no instruction, or was cut off."""

    op: str
    operands: tuple[Any, ...] = ()


def instructions(program: bytes) -> list[Instruction]:
    """The instructions of a program. What cannot be read ends it with `bad`; those before it run all the same."""
    found = []
    at = 0
    while at < len(program):
        op, form = FORMS.get(program[at], ("bad", ""))
        at += 1
        operands: list[Any] = []
        try:
            for kind in form:
                integer = INTEGERS[kind.lower()]
                number: int = integer.unpack_from(program, at)[0]
                at += integer.size
                if kind.islower():
                    operands.append(number)
                    continue
                if at + number > len(program):
                    raise struct.error
                operands.append(program[at : at + number])
                at += number
        except struct.error:
            op, operands = "bad", []
        found.append(Instruction(op, tuple(operands)))
        if op == "bad":
            break
    return found
