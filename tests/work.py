"""Work counted in calls of functions: the same on every machine, however busy it is.

Time limits are tested by a clock that goes on by a microsecond with every call.
"""

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import pytest

MICROSECOND = 1e-6
CLOCKS = ("perf_counter", "monotonic")


@dataclass
class Work:
    """What was done: calls of functions in this thread."""

    calls: int = 0

    @property
    def seconds(self) -> float:
        """The time that has passed by the clock of the calls."""
        return self.calls * MICROSECOND


@contextmanager
def counted() -> Generator[Work]:
    """Count the calls of a block."""
    work = Work()

    def count(frame: FrameType, event: str, argument: object) -> None:
        work.calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield work
    finally:
        sys.setprofile(before)


@contextmanager
def clocked() -> Generator[Work]:
    """Count the calls of a block in which symgrad's clocks show them, and nothing else."""
    with counted() as work, pytest.MonkeyPatch.context() as patch:
        for name, module in list(sys.modules.items()):
            for clock in CLOCKS if name.startswith("symgrad.") else ():
                if vars(module).get(clock) is getattr(time, clock):
                    patch.setattr(module, clock, lambda: work.seconds)
        yield work
