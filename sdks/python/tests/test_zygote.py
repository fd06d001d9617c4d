"""`python -m millrace --zygote <file>` as a process: what it loads once, the workers that it forks, and their ends."""

from __future__ import annotations

import os
import signal
import tempfile
import unittest
from pathlib import Path
from typing import Any

from millrace._gen import layout
from millrace._wire.proto import text_field
from scripted_engine import PATIENCE_S, Message, ScriptedEngine, message
from test_host import Fifos, start

APP = """
import os, random, signal, sys
from millrace import function, on_start
print("loaded", os.getpid())
started = 0
@on_start
def start():
    global started
    started = os.getpid()
@function
def state() -> dict:
    channels = [os.path.realpath(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]
    return {
        "pid": os.getpid(), "group": os.getpgid(0), "session": os.getsid(0), "started": started,
        "random": random.random(), "fifos": [path for path in channels if path.endswith(("/in", "/out"))],
        "sigchld": signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL, "wake": signal.set_wakeup_fd(-1),
        "variables": [name for name in os.environ if name.startswith("MILLRACE_")],
    }
@function
def say(text: str) -> None:
    print(text, flush=True)
@function
def leave(code: int) -> None:
    sys.exit(code)
"""
NAMES = ["state", "say", "leave"]


# The one-time secret of a child, where a test names none.
CHILD = "child's secret"


class Zygote(Fifos):
    """A zygote, and the engine's side of its channel."""

    def __init__(self, folder: str, *arguments: str) -> None:
        super().__init__(folder, [], *arguments)

    def welcome(self, *_: Any) -> None:
        super().welcome(self.hello.features)

    def fork(self, folder: str, name: str, token: str = CHILD) -> Forked:
        """Makes a channel, asks for a worker on it, and takes its HELLO."""
        child = Forked(os.path.join(folder, name))
        self.ask(child.folder, token)
        answer = self.next(layout.TYPE_FORKED)
        child.open(answer.pid)
        return child

    def ask(self, folder: str, token: str) -> None:
        """Sends a FORK."""
        paths = [os.path.join(folder, end) for end in ("in", "out")]
        self.send(message(layout.TYPE_FORK, b"".join(text_field(n, t) for n, t in enumerate([*paths, token], 1))))

    def exited(self) -> Message:
        return self.next(layout.TYPE_EXITED)


class Forked(Fifos):
    """A forked worker, and the engine's side of its channel."""

    def __init__(self, folder: str) -> None:
        os.mkdir(folder)
        self.folder = folder
        for end in ("in", "out"):
            os.mkfifo(os.path.join(folder, end), 0o600)
        self._out = os.open(os.path.join(folder, "out"), os.O_RDONLY | os.O_NONBLOCK)
        self._keeper = os.open(os.path.join(folder, "in"), os.O_RDWR | os.O_NONBLOCK)

    def open(self, pid: int) -> None:
        """Takes HELLO and answers it."""
        self.pid = pid
        self._prepare(NAMES)
        self.hello = self._read_hello()
        self._in = os.open(os.path.join(self.folder, "in"), os.O_WRONLY)
        os.close(self._keeper)
        ScriptedEngine.welcome(self)


class ZygoteTest(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name
        Path(self.folder, "app.py").write_text(APP, "utf-8")

    def zygote(self, *arguments: str) -> Zygote:
        zygote = Zygote(self.folder, *(arguments or ("--zygote", "app.py")))
        self.addCleanup(lambda: [pipe.close() for pipe in (zygote.process.stdout, zygote.process.stderr) if pipe])
        self.addCleanup(zygote.process.wait)
        self.addCleanup(zygote.process.kill)
        return zygote

    def fork(self, zygote: Zygote, name: str) -> Forked:
        child = zygote.fork(self.folder, name)
        self.addCleanup(child.close)
        return child

    def test_offers_fork_and_no_function(self) -> None:
        zygote = self.zygote()
        self.assertEqual((zygote.hello.features, zygote.hello.functions), (("fork",), ()))
        self.assertEqual(zygote.hello.token, "secret")
        self.assertEqual(zygote.barrier(), [])
        zygote.close()

    def test_forks_workers_that_are_like_any_other(self) -> None:
        zygote = self.zygote()
        children = [self.fork(zygote, name) for name in ("one", "two")]
        states = [child.result(child.invoke("state")) for child in children]
        for child, state in zip(children, states, strict=True):
            with self.subTest(pid=child.pid):
                self.assertEqual(child.hello.token, CHILD)
                self.assertEqual([offer.name for offer in child.hello.functions], NAMES)
                for key in ("pid", "group", "session", "started"):
                    self.assertEqual(state[key], child.pid, key)
                self.assertEqual(state["fifos"], [os.path.join(child.folder, end) for end in ("in", "out")])
                self.assertEqual((state["sigchld"], state["wake"], state["variables"]), (True, -1, []))
        self.assertNotEqual(states[0]["random"], states[1]["random"])
        for child in children:
            child.drain()
            child.goodbye()
            gone = zygote.exited()
            self.assertEqual((gone.pid, gone.exit_code), (child.pid, 0))
        zygote.drain()
        zygote.goodbye()
        out, err = zygote.process.communicate(timeout=PATIENCE_S)
        self.assertEqual((zygote.process.returncode, out, err), (0, f"loaded {zygote.process.pid}\n", ""))

    def test_tells_how_each_worker_ended(self) -> None:
        zygote = self.zygote()
        killed, left = [self.fork(zygote, name) for name in ("killed", "left")]
        os.kill(killed.pid, signal.SIGKILL)
        gone = zygote.exited()
        self.assertEqual((gone.pid, gone.exit_code), (killed.pid, 137))
        left.invoke("leave", 3)
        gone = zygote.exited()
        self.assertEqual((gone.pid, gone.exit_code), (left.pid, 3))
        zygote.close()

    def test_answers_forks_that_come_together_in_their_order(self) -> None:
        zygote = self.zygote()
        children = [Forked(os.path.join(self.folder, name)) for name in ("one", "two", "three")]
        for child in children:
            self.addCleanup(child.close)
        bodies = [
            b"".join(text_field(n, t) for n, t in enumerate([f"{one.folder}/in", f"{one.folder}/out", one.folder], 1))
            for one in children
        ]
        zygote.send(*(message(layout.TYPE_FORK, body) for body in bodies))
        for child in children:
            child.open(zygote.next(layout.TYPE_FORKED).pid)
            self.assertEqual(child.hello.token, child.folder)
            self.assertEqual(child.result(child.invoke("state"))["pid"], child.pid)
        zygote.close()

    def test_answers_a_fork_without_a_token_by_a_status_and_goes_on(self) -> None:
        zygote = self.zygote()
        zygote.ask(self.folder, "")
        answer = zygote.next(layout.TYPE_FORKED)
        self.assertEqual((answer.pid, answer.status), (0, 3))
        self.fork(zygote, "next")
        zygote.close()

    def test_leaves_its_workers_when_it_ends(self) -> None:
        for end in ("drain", "close", "kill"):
            with self.subTest(end=end):
                zygote = self.zygote()
                child = self.fork(zygote, end)
                {"drain": zygote.drain, "close": zygote.close, "kill": zygote.process.kill}[end]()
                self.assertEqual(zygote.process.wait(PATIENCE_S), -signal.SIGKILL if end == "kill" else 0)
                self.assertIsNone(child.result(child.invoke("say", "still here")))
                child.drain()
                child.goodbye()
                assert zygote.process.stdout is not None
                self.assertIn("still here\n", zygote.process.stdout.read())
            for name in ("in", "out"):
                os.unlink(os.path.join(self.folder, name))

    def test_ends_the_channel_when_the_engine_breaks_a_rule(self) -> None:
        for kind, body, rule in (
            (layout.TYPE_FORK, b"\xff\xff", "cold-body"),
            (layout.TYPE_PONG, b"", "pong-open"),
            (layout.TYPE_LOAD, b"", "feature-accepted"),
        ):
            with self.subTest(rule=rule):
                zygote = self.zygote()
                zygote.send(message(kind, body))
                self.assertEqual(zygote.goodbye().rule, rule)
                self.assertEqual(zygote.exit_code(), 76)
            for name in ("in", "out"):
                os.unlink(os.path.join(self.folder, name))

    def test_serves_what_the_file_gives_to_serve_itself(self) -> None:
        Path(self.folder, "own.py").write_text(APP + "from millrace import serve\nserve(state, threads=1)\n", "utf-8")
        zygote = self.zygote("own.py", "--zygote")
        child = Forked(os.path.join(self.folder, "child"))
        self.addCleanup(child.close)
        zygote.ask(child.folder, "other")
        pid = zygote.next(layout.TYPE_FORKED).pid
        child.open(pid)
        self.assertEqual([offer.name for offer in child.hello.functions], ["state"])
        zygote.close()

    def test_ends_with_78_when_the_file_cannot_be_loaded_or_has_started_a_thread(self) -> None:
        thread = "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
        for text, why in (
            ("raise ValueError('no such luck')", "ValueError: no such luck"),
            (APP + thread, "a zygote needs a single thread, and this one has 2: start threads in an on_start hook"),
        ):
            Path(self.folder, "bad.py").write_text(text, "utf-8")
            channel = Forked(os.path.join(self.folder, f"launch-{len(text)}"))
            launch = {"MILLRACE_CHANNEL_IN": f"{channel.folder}/in", "MILLRACE_CHANNEL_OUT": f"{channel.folder}/out"}
            process = start(self.folder, "bad.py", "--zygote", env={**launch, "MILLRACE_TOKEN": "secret"})
            _, err = process.communicate(timeout=PATIENCE_S)
            self.assertEqual(process.returncode, 78)
            self.assertIn(why, err)


if __name__ == "__main__":
    unittest.main()
