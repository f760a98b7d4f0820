"""Work in a process of its own that ends: memory, processor time, wall-clock time, processes, files.

A trusted process forks one child for each piece of work.  The child lays limits on itself, works, and
answers with lines of JSON through a pipe; the trusted one reads until the work is done or its time is over,
and then kills the child, its process group, and (on Linux) whatever fled from the group.  Nothing that one
piece of work does to its process is seen by the next.  Work that runs somebody's code is *foreign*: what it
answers is what that code may have made it answer.

This stops code that runs away.  It is no wall against code that means harm: what runs in the child may read
the files that its user may read, and code that looks for it can find the pipe: it can answer for itself, and
for nobody else.
"""

import ctypes
import json
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from select import select
from types import TracebackType
from typing import NoReturn, TypeAlias, cast

from symgrad.errors import SymgradError
from symgrad.verify.cases.limits import APART, WALL_CLOCK, Limits, RefusedError, lay, refuse

Answer: TypeAlias = Mapping[str, object]
Work: TypeAlias = Callable[[], Iterable[Answer]]

LONGEST = 4 << 20
LONGEST_REASON = 300
SET_CHILD_SUBREAPER, SET_DUMPABLE = 36, 4
SETTLED = 0.5
BURIED = 5.0


class StoppedError(Exception):
    """A process was stopped, ended itself, or sent what is no answer; the message says which."""


@dataclass(frozen=True)
class Outcome:
    """What came of a piece of work: its answers, and why it had no proper end, empty where it had one."""

    answers: tuple[Answer, ...]
    fault: str = ""


def confined(
    work: Work,
    limits: Limits,
    *,
    private: Sequence[int] = (),
    until: int | None = None,
    foreign: bool = True,
) -> Outcome:
    """Do a piece of work in a child process and return its answers; no process of its outlives the call.

    Parameters
    ----------
    work
        Yields its answers; each is sent as soon as it is there, so that those before a fault remain.
    limits
        What it may use.
    private
        File descriptors that the work must not hold.
    until
        A file descriptor; once it can be read (or was closed at the other end), the work is given up.
    foreign
        Whether it runs somebody's code; what is our own may start processes.
    """
    token = secrets.token_hex(8)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        for descriptor in (reading, *private):
            os.close(descriptor)
        _work(work, limits, writing, token, foreign)
    with suppress(ProcessLookupError, PermissionError):
        os.setpgid(child, child)
    os.close(writing)
    try:
        text, fault = _collect(reading, limits, token, until)
        done = text.endswith(f"{token} .\n".encode())
        fault = fault or ("" if done else how_it_ended(child))
    finally:
        end_process(child)
        os.close(reading)
    return _outcome(text, fault, token)


def in_place(work: Work, limits: Limits) -> Outcome:
    """Do a piece of work here, on a system without `fork`: whoever asked keeps the time and kills."""
    answers: list[Answer] = []
    with Caught() as caught:
        answers.extend(work())
    return Outcome(tuple(answers), said(caught.error, limits))


class Caught:
    """Catches whatever a block raises, `SystemExit` and `KeyboardInterrupt` too, and keeps it."""

    error: BaseException | None = None

    def __enter__(self) -> "Caught":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.error = error
        return True


def holding(limits: Limits) -> tuple[str, ...]:
    """Return the limits that this system keeps, found by laying them on a child process."""
    if not hasattr(os, "fork"):
        return (WALL_CLOCK,)
    outcome = confined(lambda: [dict.fromkeys(lay(limits), True)], limits)
    return (APART, WALL_CLOCK, *(name for answer in outcome.answers for name in answer))


def adopt_orphans() -> None:
    """Let processes whose parent has ended become children of this one, so that they can be found (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1)


def close_memory() -> None:
    """Let no other process of the user look into this one, or one that it starts, or change it (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_DUMPABLE, 0)


def _work(work: Work, limits: Limits, pipe: int, token: str, foreign: bool) -> NoReturn:
    """Do the work in the child, which ends here: no exit handler, no thread, no handler of a parent runs."""
    with Caught():
        os.setpgid(0, 0)
        with Caught() as caught:
            lay(limits, starts=not foreign)
            if foreign:
                refuse()
            for answer in work():
                send(pipe, f"{token} {json.dumps(answer, allow_nan=False)}\n")
        if caught.error is not None:
            send(pipe, f"{token} {json.dumps({'fault': said(caught.error, limits)})}\n")
        send(pipe, f"{token} .\n")
    os._exit(0)


def send(pipe: int, text: str) -> None:
    """Write all of a text into a pipe."""
    data = text.encode()
    while data:
        data = data[os.write(pipe, data) :]


def said(error: BaseException | None, limits: Limits) -> str:
    """Return in words why a piece of work did not come to its end."""
    if error is None:
        return ""
    if isinstance(error, MemoryError):
        return f"out of memory (limit {limits.memory / 2**30:.3g} GiB; --memory raises it)"
    if isinstance(error, SystemExit):
        return "the code left by sys.exit"
    words = printable(str(error))
    if isinstance(error, RefusedError | StoppedError | SymgradError):
        return words
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def printable(text: str) -> str:
    """Return somebody's words on one line that a terminal can show, cut where they are long."""
    line = " ".join(text.split())
    return "".join(sign if sign.isprintable() else "?" for sign in line[:LONGEST_REASON])


def stopped_after(limits: Limits) -> str:
    """Say that the time is over."""
    return f"stopped after {limits.seconds:g} s (the time limit; --timeout raises it)"


def _collect(pipe: int, limits: Limits, token: str, until: int | None) -> tuple[bytes, str]:
    """Read from the pipe until the work is done, its pipe closed, its time over, or nobody waits any more."""
    text, end = b"", time.monotonic() + limits.seconds
    watched = [pipe] if until is None else [pipe, until]
    while not text.endswith(f"{token} .\n".encode()):
        ready, _, _ = select(watched, [], [], max(0.0, end - time.monotonic()))
        if not ready:
            return text, stopped_after(limits)
        if pipe not in ready:
            return text, "given up"
        part = os.read(pipe, 1 << 16)
        if not part:
            break
        text += part
        if len(text) > LONGEST:
            return b"", f"an answer longer than {LONGEST >> 20} MiB"
    return text, ""


def how_it_ended(child: int) -> str:
    """Return why a child closed its pipe before it was done, as far as it can be known."""
    end = time.monotonic() + SETTLED
    while time.monotonic() < end:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return _status_in_words(os.waitstatus_to_exitcode(status))
        time.sleep(0.002)
    return "the code closed the pipe of the answers"


def _status_in_words(code: int) -> str:
    if code >= 0:
        return f"the code ended its process (exit status {code})"
    name = signal.Signals(-code).name
    return "stopped at the limit of processor time" if name == "SIGXCPU" else f"its process ended by {name}"


def end_process(child: int) -> None:
    """Kill a child, its group and all orphans, and wait until none of them is left."""
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def bury_orphans() -> None:
    """Kill and reap every child of this process that is left, also what fled from its group."""
    end = time.monotonic() + BURIED
    with suppress(ChildProcessError):
        while time.monotonic() < end:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                for child in _children():
                    with suppress(ProcessLookupError):
                        os.kill(child, signal.SIGKILL)
                time.sleep(0.001)


def _children() -> Iterable[int]:
    for place in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(place.read_text("utf-8", "replace").rpartition(")")[2].split()[1]) == os.getpid():
                yield int(place.parent.name)


def _outcome(text: bytes, fault: str, token: str) -> Outcome:
    """Read the lines of a child; one that does not begin with the token is no answer of ours."""
    answers: list[Answer] = []
    for line in text.decode("utf-8", "replace").split("\n")[:-1]:
        head, _, rest = line.partition(" ")
        answer = _read(rest) if head == token and rest != "." else {}
        if head != token or answer is None:
            return Outcome((), "the code wrote into the pipe of the answers")
        answers += [answer] if answer else []
    last = printable(str(answers[-1]["fault"])) if answers and set(answers[-1]) == {"fault"} else ""
    return Outcome(tuple(answers[:-1] if last else answers), fault or last)


def _read(text: str) -> Answer | None:
    """Return an answer, or None for what is none, which code may have written."""
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return cast("Answer", found) if isinstance(found, dict) else None
