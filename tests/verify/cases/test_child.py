"""Code that will not end, takes everything, floods, forks, leaves: it is stopped, and nothing of it stays."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from symgrad.errors import CheckError
from symgrad.verify.cases.child import Child, ask, end, start
from symgrad.verify.cases.confined import Answer, Outcome, in_place
from symgrad.verify.cases.limits import Limits

HOSTILE = "tests.verify.cases.hostile"
# Seconds that nothing here needs, on any machine.
LONG = 120.0

RUNS_ON = {
    "loop": "while True: pass",
    "output": "while True: print('x' * 10**6)",
    "catching": "while True:\n try: x = [[1] * 10**8] * 10**8\n except BaseException: pass",
    "recursion": "import sys\nsys.setrecursionlimit(10**9)\ndef f(n): return [f(n + 1)]\nf(0)",
    "reading": "import time\nwhile True:\n try: input()\n except EOFError: time.sleep(1)",
    "signals": "import signal\nfor s in range(1, 65):\n try: signal.signal(s, signal.SIG_IGN)\n"
    " except (OSError, ValueError): pass\nwhile True: pass",
}

ENDS = {
    "text": ("x = 'a' * 10**11", "out of memory (limit 1 GiB"),
    "array": ("x = np.zeros(10**12)", "out of memory"),
    "depth": ("def f(n): return f(n + 1)\nf(0)", "RecursionError"),
    "exit": ("import os\nos._exit(0)", "exit status 0"),
    "sys.exit": ("import sys\nsys.exit(0)", "sys.exit"),
    "interrupt": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "abort": ("import os\nos.abort()", "SIGABRT"),
    "fork": ("import os\nwhile True: os.fork()", "may not do this: os.fork"),
    "pipes": (
        "import os\nfor d in range(3, 64):\n try: os.write(d, b'right\\n')\n except OSError: pass",
        "wrote into the pipe",
    ),
    "closing": ("import os\nos.closerange(3, 64)", "exit status"),
    "subprocess": ("import subprocess\nsubprocess.Popen(['sleep', '600'])", "may not do this"),
    "shell": ("import os\nos.system('sleep 600 &')", "may not do this"),
    "killing": ("import os\nos.kill(os.getppid(), 9)", "may not do this"),
    "network": ("import socket\nsocket.socket()", "may not do this"),
    "writing": ("open('note', 'w')", "may not do this"),
    "long": ("answer = 'a' * 2**23", "longer than"),
    "nan": ("answer = float('nan')", "JSON"),
    "library": ("import ctypes\nctypes.CDLL(None).getpid()", "may not do this"),
}

FLEES = """
import _posixsubprocess, os
read, write = os.pipe()
_posixsubprocess.fork_exec(
    [b"sleep", b"600"], [b"/bin/sleep", b"/usr/bin/sleep"], True, (write,), None, None,
    -1, -1, -1, -1, -1, -1, read, write, False, True, -1, None, None, None, -1, None, False,
)
"""

THREADS = """
import threading

def spin():
    while True: pass

for _ in range(3):
    threading.Thread(target=spin).start()
"""

LOOK = """
import os
answer = [os.listdir("."), "SECRET" in os.environ, os.path.basename(os.getcwd())[:8], int(np.sum([1, 2]))]
"""

STREAMS = """
import os
answer = [os.readlink(f"/proc/self/fd/{d}") for d in (0, 1, 2)]
"""


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    """A worker that runs what it is sent."""
    made = start(HOSTILE, 1 << 30)
    yield made
    end(made)


def left_by(worker: int) -> list[str]:
    """Return the processes that a worker started, or that are in its session, as they call themselves."""
    found: list[str] = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, rest = place.read_text("utf-8", "replace").rpartition(")")
        except OSError:
            continue
        parent, _, session = map(int, rest.split()[1:4])
        if int(place.parent.name) != worker and worker in (parent, session):
            found.append(head)
    return found


@pytest.mark.parametrize("code", RUNS_ON.values(), ids=RUNS_ON)
def test_what_runs_on_is_stopped_in_time(child: Child, code: str) -> None:
    reply = ask(child, {"claimed": code}, 0.4)
    assert reply.answers == ()
    assert "0.4 s" in reply.fault
    assert left_by(child.process.pid) == []


@pytest.mark.parametrize(("code", "reason"), ENDS.values(), ids=ENDS)
def test_what_ends_badly_says_why(child: Child, code: str, reason: str) -> None:
    reply = ask(child, {"claimed": code}, LONG)
    assert reason in reply.fault
    assert reply.answers == ()
    assert left_by(child.process.pid) == []


def test_threads_and_fled_processes_end_with_the_work(child: Child) -> None:
    threads = (
        "import threading\ndef f():\n while True: pass\nfor _ in range(3): threading.Thread(target=f).start()"
    )
    for code in (threads, FLEES):
        fault = ask(child, {"claimed": code}, LONG).fault
        assert not fault or "unavailable" in fault or "can't start new thread" in fault
        assert left_by(child.process.pid) == []


def test_answers_before_a_fault_remain(child: Child) -> None:
    reply = ask(child, {"claimed": "answer = 7", "then": "while True: pass"}, 0.4)
    assert [answer["answer"] for answer in reply.answers] == [7]
    assert "0.4 s" in reply.fault


def test_nothing_is_inherited_and_nothing_is_seen_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "1")
    spoil = "np.sum = None\nimport os\nos.environ['SECRET'] = '1'\nos.chdir('/')"
    child = start(HOSTILE, 1 << 30)
    try:
        ask(child, {"claimed": spoil}, LONG)
        looked, streams = (ask(child, {"claimed": code}, LONG).answers[0] for code in (LOOK, STREAMS))
    finally:
        end(child)
    assert looked["answer"] == [[], False, "symgrad-", 3]
    assert streams["answer"] == [os.devnull] * 3


def test_an_ended_worker_leaves_no_process_and_no_folder() -> None:
    child = start(HOSTILE, 1 << 30)
    busy = threading.Thread(target=ask, args=(child, {"claimed": "while True: pass"}, LONG))
    busy.start()
    while busy.is_alive() and not left_by(child.process.pid):
        time.sleep(0.01)
    assert left_by(child.process.pid)
    end(child)
    busy.join(LONG / 2)
    assert not busy.is_alive()
    assert left_by(child.process.pid) == []
    assert not Path(child.folder.name).exists()
    assert ask(child, {"claimed": ""}, 1.0).fault == "the child process is gone"


def test_a_worker_that_does_not_come_up_says_why() -> None:
    with pytest.raises(CheckError, match=r"No module named tests\.verify\.nobody"):
        start("tests.verify.nobody")


def test_without_fork_the_work_is_done_in_place() -> None:
    def work() -> Iterator[Answer]:
        yield {"a": 1}
        raise SystemExit

    assert in_place(work, Limits(1.0, 1 << 30)) == Outcome(({"a": 1},), "the code left by sys.exit")
