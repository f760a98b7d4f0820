"""The trusted process between a caller and foreign code: it takes requests, one line of JSON each, in turn.

It imports once what the work needs, does each request in confined children, and answers with one line.  When
its caller closes the pipe, or is gone, it gives up what it is doing and ends.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from symgrad.verify.cases.confined import (
    Answer,
    Outcome,
    Work,
    adopt_orphans,
    bury_orphans,
    close_memory,
    confined,
    holding,
    in_place,
)
from symgrad.verify.cases.limits import Limits

Request = Mapping[str, Any]
FORKS = hasattr(os, "fork")


@dataclass(frozen=True)
class Bench:
    """Where the work on a request is done: in children, within limits.

    Attributes
    ----------
    memory
        What each may use, in bytes.
    private
        The descriptors of our caller, which they do not hold.
    """

    memory: int
    private: tuple[int, int]

    def own(self, work: Work, seconds: float) -> Outcome:
        """Do work of our own."""
        return self._done(work, seconds, foreign=False)

    def foreign(self, work: Work, seconds: float) -> Outcome:
        """Do work that runs somebody's code."""
        return self._done(work, seconds, foreign=True)

    def _done(self, work: Work, seconds: float, *, foreign: bool) -> Outcome:
        limits = Limits(seconds, self.memory)
        if not FORKS:
            return in_place(work, limits)
        outcome = confined(work, limits, private=self.private, until=self.private[0], foreign=foreign)
        bury_orphans()
        return outcome


def serve(work: Callable[[Request, Bench], Outcome]) -> None:
    """Answer requests from standard input until it ends; `sys.argv[1]` is the memory limit in bytes."""
    memory = int(sys.argv[1])
    requests, answers = _private(0), _private(1)
    _silence()
    if FORKS:
        adopt_orphans()
        close_memory()
    bench = Bench(memory, (requests, answers))
    with os.fdopen(requests, "rb") as incoming, os.fdopen(answers, "wb", buffering=0) as outgoing:
        _write(outgoing, {"limits": holding(Limits(1.0, memory))})
        for line in incoming:
            outcome = work(json.loads(line), bench)
            _write(outgoing, {"answers": outcome.answers, "fault": outcome.fault})


def _private(descriptor: int) -> int:
    """Return another descriptor for a standard stream: foreign code knows the usual numbers."""
    return os.dup(descriptor)


def _silence() -> None:
    """Let the standard streams lead nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _write(pipe: BinaryIO, answer: Answer) -> None:
    pipe.write(json.dumps(answer).encode() + b"\n")
