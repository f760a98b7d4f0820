"""A counterexample that can be computed again by hand: zeros and ones, where such a point shows it too."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random

from symgrad.verify.evidence.budget import Budget, Deadline, SpentError
from symgrad.verify.evidence.points import PRECISIONS, Point, at_point
from symgrad.verify.evidence.question import Question
from symgrad.verify.verdict import NO_VALUE, Counterexample, Finding

# How many of eight leaves are 0, and how often each share is tried.
ZEROS, TRIED = (7, 6, 4, 2, 0), 2
NUMBERS = (1, 1, 1, 2, -1)
WORK = 20_000


def simplified(question: Question, finding: Finding, seed: int, deadline: Deadline) -> Finding:
    """Return a finding with a point of zeros and small whole numbers, if the two differ at one.

    A point at which neither of the two is 0 is taken before one at which one is.
    """
    shown = finding.counterexample
    if shown is None or not shown.at or shown.claimed == NO_VALUE or question.domain.kept:
        return finding
    free = [key for one in question.domain.arrays if one.kind in ("free", "normal") for key in one.leaves]
    search = _Search(question, [key for key in free if key in question.leaves], Budget(deadline, WORK))
    with suppress(SpentError):
        search.run(Random(seed))
    return finding if search.best is None else replace(finding, counterexample=search.best)


@dataclass
class _Search:
    """The search for a point of small numbers.

    Attributes
    ----------
    free
        The leaves that may have any value.
    best
        What is found so far.
    """

    question: Question
    free: list[str]
    budget: Budget
    best: Counterexample | None = None

    def run(self, source: Random) -> None:
        """Find a point at which the two differ, if possible neither is 0, and take out what it need not."""
        first: Point | None = None
        for point in self._points(source):
            found = self._found(point)
            if found is not None and _is_clear(found):
                self.best = found
                self._reduce(point, _is_clear)
                return
            if found is not None and first is None:
                self.best, first = found, point
        if first is not None:
            self._reduce(first, lambda _: True)

    def _points(self, source: Random) -> Iterator[Point]:
        """Yield points of the domain, what is free in it small, with fewer and fewer zeros."""
        for zeros in ZEROS:
            for _ in range(TRIED):
                numbers = {key: _number(source, zeros) for key in self.free}
                yield self.question.domain.point(source) | numbers

    def _reduce(self, point: Point, kept: Callable[[Counterexample], bool]) -> None:
        """Put zeros where the two still differ then, in halves first, then for one leaf after the other."""
        left = [key for key in self.free if point[key]]
        size = len(left)
        while size:
            for some in [left[k : k + size] for k in range(0, len(left), size)]:
                zeros = point | dict.fromkeys(some, Fraction(0))
                found = self._found(zeros)
                if found is not None and kept(found):
                    self.best, point = found, zeros
            left = [key for key in left if point[key]]
            size = min(size // 2, len(left))

    def _found(self, point: Point) -> Counterexample | None:
        found = at_point(self.question, point, PRECISIONS[:1], self.budget)
        return found if isinstance(found, Counterexample) and found.claimed != NO_VALUE else None


def _is_clear(shown: Counterexample) -> bool:
    """Whether neither value is 0, or may be."""
    values = (text.split(" ± ") for text in (shown.claimed, shown.correct))
    return all(abs(Fraction(middle)) > sum(map(Fraction, radius)) for middle, *radius in values)


def _number(source: Random, zeros: int) -> Fraction:
    return Fraction(0 if source.randrange(8) < zeros else source.choice(NUMBERS))
