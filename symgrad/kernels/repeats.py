"""Where blocks repeat: runs of neighbouring segments that are equal up to names."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import takewhile

from symgrad.kernels.shapes import Shape, names, pattern
from symgrad.kernels.statements import (
    Accumulate,
    Assign,
    Call,
    Constant,
    Loop,
    Return,
    Size,
    Statement,
    Statements,
    When,
    read,
    walk,
)

REPEATS = 4
"""So many equal segments in a row make a function."""
SAVED = 9
"""Segments stay where they are if less than so many statements are saved."""
PERIODS = 4
"""How many lengths of a segment are tried."""


@dataclass(frozen=True)
class Run:
    """Equal segments: where the first begins, how long each is, how many there are."""

    start: int
    length: int
    count: int

    @property
    def stop(self) -> int:
        """The first statement behind them."""
        return self.start + self.length * self.count

    @property
    def segments(self) -> Iterator[tuple[int, int]]:
        """Where each begins and ends."""
        return ((k, k + self.length) for k in range(self.start, self.stop, self.length))


@dataclass(frozen=True)
class Code:
    """The names of a function.

    Attributes
    ----------
    constants
        Those of its constants.
    uses
        How often each name is used.
    passing
        Scalars that every statement that uses them sets first.
    verb
        What it does to its results.
    """

    constants: frozenset[str]
    uses: Counter[str]
    passing: frozenset[str]
    verb: str

    @classmethod
    def of(cls, body: Statements, verb: str = "compute") -> "Code":
        """Read the statements of a function."""
        constants = frozenset(s.name for s in body if isinstance(s, Constant))
        mentioned = (name for s in walk(body) for name in (*names(s), *_returned(s)))
        return cls(constants, Counter(mentioned), _passing(body), verb)

    def inside(self) -> "Code":
        """Return the same for the statements in a loop."""
        return replace(self, passing=frozenset())

    def is_closed(self, segment: Statements) -> bool:
        """Whether nothing else uses the scalars of a segment, and it only computes."""
        if any(isinstance(s, Size | Constant | Return | Call) for s in segment):
            return False
        inside = Counter(name for statement in walk(segment) for name in names(statement))
        return all(inside[n] == self.uses[n] or n in self.passing for n in scalars(segment))


def _passing(body: Statements) -> frozenset[str]:
    """Return the scalars that every one of some statements sets before it reads them."""
    kept = {name for s in body for name in (*_kept((s,), frozenset()), *_returned(s))}
    return frozenset(scalars(body) - kept)


def _returned(statement: Statement) -> tuple[str, ...]:
    return statement.names if isinstance(statement, Return) else ()


def _kept(statements: Statements, known: frozenset[str]) -> set[str]:
    """Return what some statements read as others left it."""
    found: set[str] = set()
    for s in statements:
        changed = (s.target,) if isinstance(s, Accumulate) else ()
        found |= {r.name for r in (*read(s), *changed)} - known
        if isinstance(s, Loop | When):
            found |= _kept(s.body, known)
        elif isinstance(s, Assign) and not s.target.index:
            known |= {s.target.name}
    return found


@dataclass(frozen=True)
class Search:
    """Looks for equal segments among statements."""

    body: Statements
    shapes: tuple[Shape, ...]
    code: Code

    def part(self, start: int, stop: int) -> "Search":
        """Return the search among some of the statements."""
        return replace(self, body=self.body[start:stop], shapes=self.shapes[start:stop])

    def lengths(self) -> Iterator[int]:
        """Yield the distances at which statements most often come again."""
        last: dict[object, int] = {}
        gaps: Counter[int] = Counter()
        for k, found in enumerate(self.shapes):
            gaps[k - last.get(found.key, k)] += found.weight
            last[found.key] = k
        yield from [length for length, _ in gaps.most_common(PERIODS + 1) if length]

    def saved(self, run: Run) -> int:
        """Return how many statements are written once instead of several times."""
        return (run.count - 1) * sum(s.weight for s in self.shapes[run.start : run.start + run.length])

    def runs(self, length: int) -> Iterator[Run]:
        """Yield the runs of segments of one length, where they may begin."""
        start = 0
        while start + REPEATS * length <= len(self.body):
            stop = start + length
            while stop < len(self.body) and self.shapes[stop].key == self.shapes[stop - length].key:
                stop += 1
            if stop - start >= REPEATS * length:
                yield from self._from(start, length, stop)
            start = max(start + 1, stop - length + 1)

    def _from(self, start: int, length: int, stop: int) -> Iterator[Run]:
        """Yield the longest run that begins in the first segment of a stretch."""
        longest = Run(start, length, 0)
        for at in range(start, start + length):
            if longest.count < (stop - at) // length:
                longest = max(longest, self._run(at, length, stop), key=lambda run: run.count)
        if longest.count >= REPEATS and self.saved(longest) >= SAVED:
            yield longest

    def _run(self, start: int, length: int, stop: int) -> Run:
        """Return how many segments from a place on are equal, and keep their scalars to themselves."""
        first = pattern(self.shapes[start : start + length], self.code.constants)
        places = range(start, stop - length + 1, length)
        alike = takewhile(
            lambda k: (
                pattern(self.shapes[k : k + length], self.code.constants) == first
                and self.code.is_closed(self.body[k : k + length])
            ),
            places,
        )
        return Run(start, length, sum(1 for _ in alike))


def best(search: Search) -> Run | None:
    """Return the run of equal segments that saves most."""
    found = (run for length in search.lengths() for run in search.runs(length))
    return max(found, key=search.saved, default=None)


def scalars(segment: Statements) -> set[str]:
    """Return the scalars that statements set."""
    targets = (s.target for s in walk(segment) if isinstance(s, Assign | Accumulate))
    return {target.name for target in targets if not target.index}
