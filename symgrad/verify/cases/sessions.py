"""A confined process that is asked again and again: somebody's code runs there, only data comes back.

Requests and replies are lines of JSON.  The process holds its own two pipes and no other open file, so that
it can neither hear nor answer what is asked of another.
"""

import json
import os
import secrets
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from select import select
from typing import Any, NoReturn, TypeAlias

from symgrad.verify.cases.confined import (
    Caught,
    StoppedError,
    end_process,
    how_it_ended,
    said,
    send,
    stopped_after,
)
from symgrad.verify.cases.limits import Limits, lay, refuse

Request: TypeAlias = Mapping[str, Any]
Reply: TypeAlias = object
Answering: TypeAlias = Callable[[Request], Reply]

LONGEST = 64 << 20
# No process here has more files open.
MOST_FILES = 1024


@dataclass(frozen=True)
class Session:
    """A running process.

    Attributes
    ----------
    process
        Its number.
    asking, hearing
        The ends of the two pipes that are ours.
    token
        What its replies begin with.
    limits, until
        What it may use, and when its time is over, by `time.monotonic`.
    """

    process: int
    asking: int
    hearing: int
    token: str
    limits: Limits
    until: float


@contextmanager
def session(answering: Answering, limits: Limits) -> Generator[Session]:
    """Have a confined process for a block, which answers requests; none of its outlives the block."""
    made = _started(answering, limits)
    try:
        yield made
    finally:
        end_process(made.process)
        os.close(made.asking)
        os.close(made.hearing)


def ask(session: Session, request: Request) -> Any:
    """Send a request, and return what it is answered.

    Raises
    ------
    StoppedError
        If there is no answer; nothing more can be asked then.
    """
    with suppress(BrokenPipeError):
        _send(session, f"{json.dumps(request)}\n".encode())
    text = _line(session)
    head, _, rest = text.partition(b" ")
    if head != session.token.encode():
        raise StoppedError("the code wrote into the pipe of the answers")
    try:
        found = json.loads(rest)
    except (ValueError, RecursionError):
        raise StoppedError("the process of the code sent what is no JSON") from None
    if isinstance(found, dict) and set(found) == {"fault"}:
        raise StoppedError(str(found["fault"]))
    return found


def _started(answering: Answering, limits: Limits) -> Session:
    token, until = secrets.token_hex(8), time.monotonic() + limits.seconds
    asked, asking = os.pipe()
    hearing, heard = os.pipe()
    process = os.fork()
    if process == 0:
        _answer(answering, limits, token, asked, heard)
    with suppress(ProcessLookupError, PermissionError):
        os.setpgid(process, process)
    os.close(asked)
    os.close(heard)
    os.set_blocking(asking, False)
    return Session(process, asking, hearing, token, limits, until)


def _answer(answering: Answering, limits: Limits, token: str, asked: int, heard: int) -> NoReturn:
    """Answer in the process, which ends here: no exit handler of its parent runs."""
    with Caught():
        os.setpgid(0, 0)
        _close_all_but(asked, heard)
        lay(limits)
        refuse()
        with os.fdopen(asked, "rb", closefd=False) as requests:
            for line in requests:
                send(heard, f"{token} {_answered(answering, json.loads(line), limits)}\n")
    os._exit(0)


def _answered(answering: Answering, request: Request, limits: Limits) -> str:
    with Caught() as caught:
        return json.dumps(answering(request), allow_nan=False)
    return json.dumps({"fault": said(caught.error, limits)})


def _close_all_but(*kept: int) -> None:
    first = 3
    for descriptor in (*sorted(kept), MOST_FILES):
        os.closerange(first, descriptor)
        first = descriptor + 1


def _send(session: Session, data: bytes) -> None:
    while data:
        _, ready, _ = select([], [session.asking], [], max(0.0, session.until - time.monotonic()))
        if not ready:
            raise StoppedError(stopped_after(session.limits))
        data = data[os.write(session.asking, data) :]


def _line(session: Session) -> bytes:
    parts: list[bytes] = []
    length = 0
    while not parts or not parts[-1].endswith(b"\n"):
        ready, _, _ = select([session.hearing], [], [], max(0.0, session.until - time.monotonic()))
        if not ready:
            raise StoppedError(stopped_after(session.limits))
        parts.append(os.read(session.hearing, 1 << 20))
        length += len(parts[-1])
        if not parts[-1]:
            raise StoppedError(how_it_ended(session.process))
        if length > LONGEST:
            raise StoppedError(f"an answer longer than {LONGEST >> 20} MiB")
    return b"".join(parts)
