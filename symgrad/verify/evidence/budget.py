"""How much may be done for an answer: work, which is the same on every machine, and time, which ends all.

What a rung of the ladder may do is counted in steps of computations and products of terms, so that a verdict
and its evidence do not depend on how busy a machine is.  The clock is only asked whether time is left.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from symgrad.exact.values import BudgetError


class SpentError(BudgetError):
    """The work that was granted is done."""


class OutOfTimeError(SpentError):
    """The time that was given is used up."""


@dataclass(frozen=True)
class Deadline:
    """A point in time, by `perf_counter`."""

    at: float

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return self.at - perf_counter()

    def check(self) -> None:
        """OutOfTimeError where no time is left."""
        if perf_counter() > self.at:
            raise OutOfTimeError("no time is left")


@dataclass
class Budget:
    """The work that a part of the search may still do before a deadline.

    Attributes
    ----------
    left
        In units that take about a microsecond: a step in machine numbers is a few, a product of terms is one.
    """

    deadline: Deadline
    left: int

    def spend(self, work: int) -> None:
        """Count work before it is done. SpentError where there was too much of it, or no time is left."""
        self.left -= work
        if self.left < 0:
            raise SpentError("more work than is granted")
        self.deadline.check()

    def each(self, work: int) -> Callable[[], None]:
        """Return what spends so much at every call."""
        return lambda: self.spend(work)

    def part(self, work: int) -> "Budget":
        """Return a budget of so much or what is left; what is done of it is taken from this one."""
        return _Part(self.deadline, min(work, self.left), self)


@dataclass
class _Part(Budget):
    whole: Budget

    def spend(self, work: int) -> None:
        self.whole.left -= work
        super().spend(work)
