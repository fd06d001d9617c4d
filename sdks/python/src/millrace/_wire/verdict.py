"""Judges one message by what it says alone, without the channel's state (rule `message-judged-first`)."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from millrace._gen.layout import (
    BODY_BYTES,
    CREDIT_MAX,
    FLAG_MORE,
    FLAG_PAYLOAD_FILE,
    HEADER_BYTES,
    NAME_BYTES_MAX,
    TYPE_CANCEL,
    TYPE_DATA,
    TYPE_ERROR,
    TYPE_GOODBYE,
    TYPE_INVOKE,
    TYPE_LOG,
    TYPE_RESOLVED,
    TYPE_RESULT,
    TYPE_WINDOW,
    TYPES,
    VERSION_PREFIX_BYTES,
    TypeInfo,
    read_attempt,
    read_body_length,
    read_call_id,
    read_credit,
    read_flags,
    read_function_id,
    read_parent_call_id,
    read_payload_length,
    read_priority,
    read_status,
    read_type,
)

Sender = Literal["engine", "worker"]


class Verdict(NamedTuple):
    """Why a message breaks the protocol."""

    # Id of the rule it breaks; `spec/requirements.json` has its text.
    rule: str
    # For people: what is wrong, with the value found.
    message: str


class Ignored:
    """The type of IGNORE."""


# A message of an unknown type from 0x80 on: to be dropped (rule `message-type-ignorable`).
IGNORE: Final = Ignored()

# Per type, the header's reserved bits as one number: one `and` judges them all.
_RESERVED: Final = {
    number: sum(mask << (8 * offset) for offset, mask in info.reserved) for number, info in TYPES.items()
}
_LETTERS: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
_NAME_BYTES: Final = _LETTERS | frozenset(b"-._")


def judge(data: bytes, at: int, sender: Sender) -> Verdict | Ignored | None:
    """Judges the message at `at`. None: it breaks no rule by itself. Never raises, whatever the 1,024 bytes are."""
    kind = read_type(data, at)
    info = TYPES.get(kind)
    if info is None:
        if kind >= 0x80:
            return IGNORE
        return Verdict("message-type-known", f"type 0x{kind:02x} is not a type of this version")
    length = read_body_length(data, at)
    if length > BODY_BYTES:
        return Verdict("message-body-length", f"body_length is {length}, above {BODY_BYTES}")
    flags = read_flags(data, at)
    if flags & ~info.flags:
        return Verdict("message-flags-known", f"flags 0x{flags:x} has a bit that {info.name} does not allow")
    header: int = int.from_bytes(data[at : at + HEADER_BYTES], "little")
    stray = header & _RESERVED[kind]
    if stray:
        first = (stray & -stray).bit_length() // 8
        return Verdict("message-reserved-zero", f"{info.name} has a reserved bit set at byte {first}")
    if kind == TYPE_INVOKE:
        return _judge_invoke(data, at, sender, flags, length)
    if kind in _OF_OPEN_CALL:
        return _judge_open_call(data, at, kind, info, sender, flags, length)
    return _judge_cold(data, at, kind, info, sender, length)


_OF_OPEN_CALL: Final = frozenset((TYPE_RESULT, TYPE_ERROR, TYPE_CANCEL, TYPE_DATA, TYPE_WINDOW))


def _judge_invoke(data: bytes, at: int, sender: Sender, flags: int, length: int) -> Verdict | None:
    call_id = read_call_id(data, at)
    if call_id == 0 or call_id & 1 != _parity(sender):
        return Verdict("invoke-call-id-parity", f"call_id {call_id} is not of the {sender}'s parity")
    if read_function_id(data, at) == 0:
        return Verdict("invoke-function-id", "function_id is 0")
    if flags & FLAG_PAYLOAD_FILE:
        fault = _judge_file(data, at, flags, length)
        if fault is not None:
            return fault
    else:
        payload = read_payload_length(data, at)
        if not flags & FLAG_MORE and payload != length:
            return Verdict(
                "invoke-payload-length", f"payload_length {payload} is not body_length {length}, and nothing follows"
            )
        if payload < length:
            return Verdict("invoke-payload-length", f"payload_length {payload} is below body_length {length}")
    priority = read_priority(data, at)
    if priority > 7:
        return Verdict("invoke-priority-range", f"priority is {priority}, above 7")
    if read_attempt(data, at) == 0:
        return Verdict("invoke-attempt-positive", "attempt is 0")
    parent = read_parent_call_id(data, at)
    if parent != 0:
        if sender == "engine":
            return Verdict("call-parent-zero", f"the engine's INVOKE has parent_call_id {parent}")
        if parent & 1:
            return Verdict("call-parent-open", f"parent_call_id {parent} is no call of the engine")
    return None


def _judge_open_call(
    data: bytes, at: int, kind: int, info: TypeInfo, sender: Sender, flags: int, length: int
) -> Verdict | None:
    """RESULT, ERROR, CANCEL, DATA and WINDOW. Sender and parity of the id tell caller from callee."""
    call_id = read_call_id(data, at)
    if call_id == 0:
        return Verdict("message-call-id", f"{info.name} has call_id 0")
    of_caller = call_id & 1 == _parity(sender)
    if kind == TYPE_RESULT:
        status = read_status(data, at)
        if status != 0:
            return Verdict("result-status-zero", f"RESULT has status {status}")
        if of_caller:
            return _not_callee(info, sender, call_id)
        if flags & FLAG_PAYLOAD_FILE:
            return _judge_file(data, at, flags, length)
        payload = read_payload_length(data, at)
        if payload < length:
            rule = "payload-length-exact" if flags & FLAG_MORE else "result-total"
            return Verdict(rule, f"payload_length {payload} is below body_length {length}")
    elif kind == TYPE_ERROR:
        status = read_status(data, at)
        if not 1 <= status <= 16:
            return Verdict("error-status-range", f"ERROR has status {status}")
        if of_caller:
            return _not_callee(info, sender, call_id)
    elif kind == TYPE_CANCEL:
        if length != 0:
            return Verdict("message-body-none", "CANCEL has a body")
        if not of_caller:
            return Verdict("call-caller-cancels", f"CANCEL comes from the {sender}, which did not start call {call_id}")
    elif kind == TYPE_DATA:
        if flags & FLAG_MORE:
            return Verdict("data-not-empty", "DATA with MORE has no bytes") if length == 0 else None
        if not of_caller:
            return Verdict("data-output-more", "DATA of an output has no MORE")
    else:
        if length != 0:
            return Verdict("message-body-none", "WINDOW has a body")
        credit = read_credit(data, at)
        if credit == 0:
            return Verdict("window-credit-positive", "WINDOW grants 0")
        if credit > CREDIT_MAX:
            return Verdict("credit-max", f"WINDOW grants {credit}, above {CREDIT_MAX}")
    return None


def _judge_file(data: bytes, at: int, flags: int, length: int) -> Verdict | None:
    """An INVOKE or RESULT with PAYLOAD_FILE: its body is the file's name."""
    if flags & FLAG_MORE:
        return Verdict("file-alone", "MORE and PAYLOAD_FILE are both set")
    if is_name_bytes(data[at + HEADER_BYTES : at + HEADER_BYTES + length]):
        return None
    return Verdict("file-name-plain", f"the body, of {length} bytes, names no payload file")


def _judge_cold(data: bytes, at: int, kind: int, info: TypeInfo, sender: Sender, length: int) -> Verdict | None:
    if info.direction not in ("both", sender):
        return Verdict("message-direction", f"the {sender} may not send {info.name}")
    call_id = read_call_id(data, at)
    if info.call == "none" and call_id != 0:
        return Verdict("message-call-id", f"{info.name} is not about a call, but call_id is {call_id}")
    if info.body == "none" and length != 0:
        return Verdict("message-body-none", f"{info.name} has a body")
    if info.body == "name" and not is_name_bytes(data[at + HEADER_BYTES : at + HEADER_BYTES + length]):
        return Verdict("name-form", f"{info.name} carries {length} bytes that are no function name")
    status = read_status(data, at) if "status" in info.uses else 0
    if status > 16:
        return Verdict("message-status-range", f"status is {status}")
    if kind == TYPE_RESOLVED:
        function_id = read_function_id(data, at)
        if (status == 0) != (function_id != 0):
            rule = "resolved-id" if status == 0 else "resolved-not-found"
            return Verdict(rule, f"RESOLVED has status {status} and function_id {function_id}")
    if kind == TYPE_LOG and call_id & 1:
        return Verdict("log-call-id", f"LOG has call_id {call_id}, which is no call of the engine")
    # A prefix may be cut off from its first message only by a sender that does not know this layout.
    if kind == TYPE_GOODBYE and length < VERSION_PREFIX_BYTES:
        return Verdict("handshake-prefix", f"GOODBYE has {length} body bytes, less than the version prefix")
    return None


def is_name_bytes(name: bytes) -> bool:
    """Whether bytes are of the form of a function's name (rule `name-form`)."""
    return 0 < len(name) <= NAME_BYTES_MAX and name[0] in _LETTERS and _NAME_BYTES.issuperset(name)


def is_name(name: str) -> bool:
    """Whether a text is of the form of a function's name (rule `name-form`)."""
    return name.isascii() and is_name_bytes(name.encode())


def _not_callee(info: TypeInfo, sender: Sender, call_id: int) -> Verdict:
    return Verdict("call-callee-answers", f"{info.name} comes from the {sender}, which started call {call_id}")


def _parity(side: Sender) -> int:
    """The lowest bit of the ids of the calls that a side starts."""
    return 1 if side == "worker" else 0
