"""`python -m millrace --prewarm` as a process: code that LOAD brings, and what is said of code that can't be loaded."""

from __future__ import annotations

import os
import tempfile
import unittest
from pathlib import Path

from millrace._gen import layout
from millrace._wire.cold import decode_failure
from millrace._wire.headers import span_messages
from millrace._wire.proto import bytes_field, fields, message_of, text_field, uint_field
from scripted_engine import PATIENCE_S
from test_host import Fifos

GOOD = """
import os
from millrace import function, on_start
AT_LOAD = os.environ["GREETING"]
ready = False
@on_start
{0} start():
    global ready
    ready = True
@function
{0} state() -> list:
    return [AT_LOAD, ready, os.getcwd()]
"""
BAD_HOOK = """from millrace import function, on_start
@on_start
def s():
    raise ValueError("no database")
@function
def f(): ...
"""
BAD = {
    "a file that does not exist": (None, "bad.py does not exist"),
    "a syntax error": ("x = 1\ny = = 2\n", 'bad.py", line 2'),
    "a module that raises": ("\nraise ValueError('at the top')\n", 'bad.py", line 2'),
    "no function": ("x = 1\n", "bad.py has no function"),
    "a start hook that raises": (BAD_HOOK, 'bad.py", line 4'),
}


class Waiting(Fifos):
    """A worker that waits, and the engine's side of its channel."""

    def welcome(self, *_: object) -> None:
        super().welcome(self.hello.features)

    def load(self, entry: str, cwd: str = "", env: dict[str, str] | None = None) -> tuple[int, str, list[str]]:
        """Sends LOAD. Returns the status of LOADED, the failure's message and the names."""
        pairs = [bytes_field(5, text_field(1, name) + text_field(2, text)) for name, text in (env or {}).items()]
        body = text_field(1, entry) + text_field(4, cwd) + b"".join(pairs)
        self.send(span_messages(layout.TYPE_LOAD, body))
        answer = self.next(layout.TYPE_LOADED)
        text, names = "", []
        for number, value in fields(answer.body):
            if number == 1:
                names += [message_of(one).decode() for inner, one in fields(message_of(value)) if inner == 1]
            elif number == 3:
                failure = decode_failure(message_of(value), answer.status)
                text = "" if failure is None else failure.message
        return answer.status, text, names

    def give_id(self, name: str, number: int) -> None:
        """The engine's LOADED."""
        body = bytes_field(2, text_field(1, name) + uint_field(2, number)) + uint_field(4, 1)
        self.send(span_messages(layout.TYPE_LOADED, body))
        self.ids[name] = number


class PrewarmTest(unittest.TestCase):
    def test_says_where_code_is_wrong_and_loads_what_is_right(self) -> None:
        for kind in ("def", "async def"):
            for what, (text, expected) in BAD.items():
                with self.subTest(what, kind=kind), tempfile.TemporaryDirectory() as channel:
                    folder = os.path.realpath(channel)
                    worker = Waiting(channel, [], "--prewarm")
                    if text is not None:
                        Path(folder, "bad.py").write_text(text, "utf-8")
                    status, message, names = worker.load(f"{folder}/bad.py")
                    self.assertEqual((status, names), (9, []))
                    self.assertIn(expected, message)
                    Path(folder, "good.py").write_text(GOOD.format(kind), "utf-8")
                    self.assertEqual(worker.load("good.py", folder, {"GREETING": "hi"}), (0, "", ["state"]))
                    worker.give_id("state", 7)
                    self.assertEqual(worker.result(worker.invoke("state")), ["hi", True, folder])
                    worker.close()
                    worker.process.communicate(timeout=PATIENCE_S)
