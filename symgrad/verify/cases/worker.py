"""The trusted process between a caller and foreign code: it takes requests, one line of JSON each, in turn.

It imports once what the work needs, does each request in a confined child, and answers with one line.  When
its caller closes the pipe, or is gone, it gives up what it is doing and ends.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, BinaryIO

from symgrad.verify.cases.confined import (
    Answer,
    Outcome,
    adopt_orphans,
    bury_orphans,
    confined,
    holding,
    in_place,
)
from symgrad.verify.cases.limits import Limits

Request = Mapping[str, Any]
FORKS = hasattr(os, "fork")


def serve(work: Callable[[Request], Iterable[Answer]]) -> None:
    """Answer requests from standard input until it ends; `sys.argv[1]` is the memory limit in bytes."""
    memory = int(sys.argv[1])
    requests, answers = _private(0), _private(1)
    _silence()
    if FORKS:
        adopt_orphans()
    with os.fdopen(requests, "rb") as incoming, os.fdopen(answers, "wb", buffering=0) as outgoing:
        _write(outgoing, {"limits": holding(Limits(1.0, memory))})
        for line in incoming:
            request = json.loads(line)
            limits = Limits(request["seconds"], memory)
            outcome = _outcome(lambda made=request: work(made), limits, (requests, answers))
            _write(outgoing, {"answers": outcome.answers, "fault": outcome.fault})


def _outcome(work: Callable[[], Iterable[Answer]], limits: Limits, private: tuple[int, int]) -> Outcome:
    if not FORKS:
        return in_place(work, limits)
    outcome = confined(work, limits, private=private, until=private[0])
    bury_orphans()
    return outcome


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
