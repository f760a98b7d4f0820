"""The caller's side of work in child processes: started once, asked many times, ended for certain.

What goes over the pipes is JSON, a line each way.  A child begins in an empty temporary folder, with no more
environment than Python needs, and holds no file of its parent.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from threading import Timer
from typing import IO, Any

from symgrad.errors import CheckError

MEMORY = 2 << 30
START = 60.0
GRACE = 10.0
LEAVE = 2.0
KEPT = ("LD_LIBRARY_PATH", "PYTHONHOME", "SYSTEMROOT")
SINGLE = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@dataclass(frozen=True)
class Reply:
    """What came back: the answers, in order, and why there are no more, empty where the work was done."""

    answers: tuple[Mapping[str, Any], ...]
    fault: str = ""


@dataclass(frozen=True)
class Child:
    """A running worker.

    Attributes
    ----------
    process
        The process, the first of a session of its own.
    folder
        The empty folder that it works in.
    limits
        The names of the limits that the system keeps.
    """

    process: subprocess.Popen[bytes]
    folder: "TemporaryDirectory[str]"
    limits: tuple[str, ...]

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self.process.poll() is None


def start(module: str, memory: int = MEMORY) -> Child:
    """Start ``python -m module``, which ends in `symgrad.verify.cases.worker.serve`, and wait for it.

    Raises
    ------
    CheckError
        If it does not come up; with the last line that it wrote.
    """
    folder = TemporaryDirectory(prefix="symgrad-", ignore_cleanup_errors=True)
    with TemporaryFile() as complaints:
        process = subprocess.Popen(
            [sys.executable, "-s", "-P", "-B", "-m", module, str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            cwd=folder.name,
            env=_environment(),
            start_new_session=True,
        )
        line = _line(process, START)
        if not line:
            end(Child(process, folder, ()))
            raise CheckError(f"the child process did not start: {_last_line(complaints)}")
    return Child(process, folder, tuple(json.loads(line)["limits"]))


def ask(child: Child, request: Mapping[str, object], seconds: float) -> Reply:
    """Send a request and wait for the reply; a worker that is silent long after its time is killed.

    Parameters
    ----------
    request
        What can be written as JSON; the seconds are added to it.
    seconds
        How long the work may take.
    """
    assert child.process.stdin is not None
    with suppress(BrokenPipeError, ValueError):
        child.process.stdin.write(json.dumps({**request, "seconds": seconds}).encode() + b"\n")
        child.process.stdin.flush()
        line = _line(child.process, seconds + GRACE)
        if line.endswith(b"\n"):
            found = json.loads(line)
            return Reply(tuple(found["answers"]), found["fault"])
    return Reply((), "the child process is gone")


def end(child: Child) -> None:
    """End a worker and what it started, and remove its folder."""
    process = child.process
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(OSError):
        process.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(LEAVE)
    _kill(process)
    process.wait()
    process.stdout.close()
    child.folder.cleanup()


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    paths = os.pathsep.join(dict.fromkeys(str(Path(place).resolve()) for place in _import_places()))
    return {
        **kept,
        **dict.fromkeys(SINGLE, "1"),
        "PYTHONPATH": paths,
        "PYTHONUTF8": "1",
        "PYTHONHASHSEED": "0",
    }


def _import_places() -> Sequence[str]:
    """Return where modules are looked for; the folder that this package came from comes last."""
    return [*(place or "." for place in sys.path), str(Path(__file__).parents[2])]


def _line(process: subprocess.Popen[bytes], seconds: float) -> bytes:
    """Read a line; empty if the process ends before it is written, by itself or because its time is over."""
    assert process.stdout is not None
    watch = Timer(seconds, _kill, (process,))
    watch.daemon = True
    watch.start()
    try:
        return process.stdout.readline()
    finally:
        watch.cancel()


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)


def _last_line(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    lines = complaints.read().decode("utf-8", "replace").split("\n")
    return next((line for line in reversed(lines) if line.strip()), "it wrote nothing")
