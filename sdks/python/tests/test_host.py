"""`python -m millrace <file>` as a process, over real FIFOs: what it serves, and how it ends when it can't."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from scripted_engine import PATIENCE_S, ScriptedEngine

SRC = Path(__file__).resolve().parents[1] / "src"

HELLO = """
import atexit, os, subprocess, sys
from millrace import function, on_start, on_stop
ready = "not ready"
@on_start
def start():
    global ready
    ready = "ready"
on_stop(lambda: print("stopped"))
atexit.register(lambda: print("at exit"))
@function
def greet(person: dict) -> str:
    print("noise")
    return "Hello, " + person["name"]
@function
def state() -> dict:
    code = "import os; print(sorted(os.listdir('/proc/self/fd')), [k for k in os.environ if k.startswith('MILL')])"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, close_fds=False)
    return {"ready": ready, "child": child.stdout, "module": __name__}
@function
def fork() -> list:
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        fifos = [fd for fd in os.listdir("/proc/self/fd") if "/out" in os.path.realpath(f"/proc/self/fd/{fd}")]
        os.write(write, repr(fifos).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    return [os.read(read, 1000).decode()]
@function
def leave(code: int) -> None:
    sys.exit(code)
def helper(a, b):
    return a
"""


class Fifos(ScriptedEngine):
    """The scripted engine, over FIFOs to a process."""

    def __init__(self, folder: str, names: list[str], *arguments: str, env: dict[str, str] | None = None) -> None:
        paths = [os.path.join(folder, name) for name in ("in", "out")]
        for path in paths:
            os.mkfifo(path, 0o600)
        self._out = os.open(paths[1], os.O_RDONLY | os.O_NONBLOCK)
        keeper = os.open(paths[0], os.O_RDWR | os.O_NONBLOCK)
        launch = {"MILLRACE_CHANNEL_IN": paths[0], "MILLRACE_CHANNEL_OUT": paths[1], "MILLRACE_TOKEN": "secret"}
        self.process = start(folder, *arguments, env={**launch, **(env or {})})
        self._prepare(names)
        self.hello = self._read_hello()
        self._in = os.open(paths[0], os.O_WRONLY)
        os.close(keeper)
        self.welcome()

    def _prepare(self, names: list[str]) -> None:
        from millrace._wire.assembler import Assembler

        self._assembler = Assembler()
        self._ready = []
        self.at_end = False
        self._last_id = 0
        self.ids = {name: number for number, name in enumerate(names, 1)}
        # What the base class asks for when it waits in vain; a process says it on its standard error.
        self.worker: Any = SimpleNamespace(lines=["see its standard error"])

    def exit_code(self) -> int:
        return self.process.wait(PATIENCE_S)


def start(folder: str, *arguments: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("MILLRACE_")}
    return subprocess.Popen(
        [sys.executable, "-m", "millrace", *arguments],
        cwd=folder,
        env={**clean, "PYTHONPATH": str(SRC), **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class HostTest(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name

    def write(self, name: str, text: str) -> None:
        Path(self.folder, name).write_text(text, "utf-8")

    def ends(self, *arguments: str, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        process = start(self.folder, *arguments, env=env)
        out, err = process.communicate(timeout=PATIENCE_S)
        return process.returncode, out, err

    def engine(self, names: list[str], *arguments: str) -> Fifos:
        engine = Fifos(self.folder, names, *arguments)
        self.addCleanup(engine.process.wait)
        self.addCleanup(engine.close)
        self.addCleanup(lambda: [pipe.close() for pipe in (engine.process.stdout, engine.process.stderr) if pipe])
        return engine

    def test_serves_a_file_until_drain_with_its_output_apart_from_the_channel(self) -> None:
        self.write("hello.py", HELLO)
        names = ["greet", "state", "fork", "leave"]
        engine = self.engine(names, "hello.py")
        self.assertEqual([offer.name for offer in engine.hello.functions], names)
        self.assertEqual(engine.hello.token, "secret")
        self.assertEqual(engine.result(engine.invoke("greet", {"name": "Ada"})), "Hello, Ada")
        state = engine.result(engine.invoke("state"))
        self.assertEqual((state["ready"], state["module"]), ("ready", "hello"))
        self.assertEqual(state["child"], "['0', '1', '2', '3'] []\n")  # 3: the folder that it lists.
        self.assertEqual(engine.result(engine.invoke("fork")), ["[]"])
        engine.drain()
        engine.goodbye()
        out, err = engine.process.communicate(timeout=PATIENCE_S)
        self.assertEqual((engine.process.returncode, out, err), (0, "noise\nstopped\nat exit\n", ""))

    def test_ends_with_the_code_that_a_handler_leaves_with(self) -> None:
        for extra in ("", "@function\nasync def other(): ...\n"):
            self.write("hello.py", HELLO + extra)
            names = ["greet", "state", "fork", "leave"]
            with self.subTest(loop=bool(extra)):
                engine = self.engine(names, "hello.py")
                engine.invoke("leave", 3)
                self.assertEqual(engine.exit_code(), 3)
            for name in ("in", "out"):
                os.unlink(os.path.join(self.folder, name))

    def test_serves_one_function_under_another_name(self) -> None:
        self.write("hello.py", HELLO)
        engine = self.engine(["welcome"], "hello.py", "--handler", "greet", "--name", "welcome")
        self.assertEqual([offer.name for offer in engine.hello.functions], ["welcome"])
        engine.finish()

    def test_serves_plain_functions_by_name_when_none_is_decorated(self) -> None:
        self.write("plain.py", "from os.path import join\ndef add(a: int, b: int): return a + b\ndef _hidden(): ...\n")
        engine = self.engine(["add"], "plain.py")
        self.assertEqual([offer.name for offer in engine.hello.functions], ["add"])
        self.assertEqual(engine.result(engine.invoke("add", {"a": 1, "b": 2})), 3)
        engine.finish()

    def test_leaves_what_is_served_to_a_file_that_calls_serve_itself(self) -> None:
        own = "from millrace import function, serve\n@function\ndef one(): return 1\n@function\ndef two(): return 2\n"
        self.write("own.py", own + "serve(two, max_calls=5)\n")
        engine = self.engine(["two"], "own.py")
        self.assertEqual(([offer.name for offer in engine.hello.functions], engine.hello.max_calls), (["two"], 5))
        engine.finish()

    def test_exits_78_without_the_variables_of_the_launch_contract(self) -> None:
        self.write("hello.py", HELLO)
        line = "this is a Millrace worker and no engine started it: run `millrace dev <file>` instead"
        self.assertEqual(self.ends("hello.py"), (78, "at exit\n", f"millrace worker: {line}\n"))

    def test_exits_78_for_a_missing_function_and_names_the_nearest(self) -> None:
        self.write("hello.py", HELLO)
        code, _, err = self.ends("hello.py", "--handler", "gret")
        self.assertEqual(code, 78)
        has = "greet, state, fork, leave, start, helper"
        self.assertEqual(sorted(err.split("it has ")[1].split(". ")[0].split(", ")), sorted(has.split(", ")))
        self.assertIn('hello.py has no function "gret"', err)
        self.assertTrue(err.endswith('Did you mean "greet"?\n'), err)

    def test_exits_78_for_what_cannot_be_loaded_with_file_and_line(self) -> None:
        for text, expected in (
            ("a = 1\nb = = 2\n", "SyntaxError: invalid syntax (bad.py, line 2)"),
            ("import no_such_package\n", "ModuleNotFoundError: No module named 'no_such_package'"),
            ("from os import nothing\n", "ImportError: cannot import name 'nothing'"),
            ("\nraise ValueError('at the top')\n", "ValueError: at the top"),
        ):
            self.write("bad.py", text)
            with self.subTest(expected):
                code, out, err = self.ends("bad.py")
                self.assertEqual((code, out), (78, ""))
                first, *rest = err.splitlines()
                self.assertIn(f"bad.py can't be loaded: {expected}", first)
                self.assertIn("bad.py", " ".join(rest))
                self.assertNotIn("importlib", err)

    def test_exits_78_for_a_file_without_functions_and_for_no_file(self) -> None:
        self.write("none.py", "answer = 42\n")
        self.assertIn("none.py has no function", self.ends("none.py")[2])
        code, _, err = self.ends("nowhere.py")
        self.assertEqual(code, 78)
        self.assertTrue(err.endswith("nowhere.py does not exist\n"), err)
        self.assertEqual(self.ends()[0], 78)

    def test_exits_78_when_a_start_hook_raises(self) -> None:
        self.write(
            "hook.py", "from millrace import *\n@on_start\ndef s(): raise ValueError('no database')\ndef a(): ...\n"
        )
        for name in ("in", "out"):
            os.mkfifo(os.path.join(self.folder, name), 0o600)
        paths = {name: os.path.join(self.folder, name) for name in ("in", "out")}
        reader = os.open(paths["out"], os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        env = {"MILLRACE_CHANNEL_IN": paths["in"], "MILLRACE_CHANNEL_OUT": paths["out"], "MILLRACE_TOKEN": "x"}
        code, _, err = self.ends("hook.py", env=env)
        self.assertEqual(code, 78)
        self.assertIn("ValueError: no database", err)

    def test_exits_69_when_nobody_reads_the_channel(self) -> None:
        self.write("hello.py", HELLO)
        paths = {name: os.path.join(self.folder, name) for name in ("in", "out")}
        for path in paths.values():
            os.mkfifo(path, 0o600)
        env = {"MILLRACE_CHANNEL_IN": paths["in"], "MILLRACE_CHANNEL_OUT": paths["out"], "MILLRACE_TOKEN": "x"}
        code, _, err = self.ends("hello.py", env=env)
        self.assertEqual(code, 69)
        self.assertEqual(err, "millrace worker: the engine is gone: nobody reads the channel\n")

    def test_does_not_load_asyncio_for_synchronous_handlers(self) -> None:
        text = "import sys\nfrom millrace import function\n@function\ndef has(name: str): return name in sys.modules\n"
        self.write("lean.py", text)
        engine = self.engine(["has"], "lean.py")
        self.assertIs(engine.result(engine.invoke("has", "asyncio")), False)
        self.assertIs(engine.result(engine.invoke("has", "google.protobuf")), False)
        engine.finish()


class FixtureTest(unittest.TestCase):
    def test_reads_programs_and_stops_at_what_is_cut_off(self) -> None:
        sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "conformance"))
        self.addCleanup(sys.path.pop, 0)
        from instructions import Instruction, instructions

        program = bytes([1, 2, 0, 0, 0]) + b"ab" + bytes([4, 5, 0, 0, 0, 1, 9])
        expected = [Instruction("echo", (b"ab",)), Instruction("sleep", (5,)), Instruction("bad")]
        self.assertEqual(instructions(program), expected)


if __name__ == "__main__":
    unittest.main()
