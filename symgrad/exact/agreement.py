"""Equality modulo random primes, with a bound for the chance that two different values pass.

What is computed is written down once, and carried out at every point (Schwartz 1980; Zippel 1979).
Indicators and roots are open, which needs no luck with the sides of kinks; what needs s² = s is tried on
every combination of sides, in `symgrad.exact.regions`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from symgrad.exact.algebra import Algebra
from symgrad.exact.degrees import Degree, Degrees
from symgrad.exact.residues import Residue, Residues
from symgrad.exact.tapes import Course, Slot, Tape
from symgrad.exact.values import Value

V = TypeVar("V", bound=Value)

POINTS = 4
MOST_POINTS = 24
CONVINCING = 2.0**-60


@dataclass(frozen=True)
class Point:
    """A point of a prime field, and the run of a tape at it."""

    field: Residues
    course: Course[Residue]


class Runs:
    """The runs of a tape over degrees and at points with open sides; equations on the tape share them.

    Parameters
    ----------
    define
        Lets leaves of an algebra be what they stand for, before anything is computed.
    watch
        Called before each step; what it raises ends the comparison.
    """

    def __init__(
        self,
        tape: Tape,
        define: Callable[[Algebra[Any]], None] | None = None,
        watch: Callable[[], None] | None = None,
    ) -> None:
        self.tape, self._define, self._watch = tape, define, watch
        self.degrees = Degrees()
        self._open: dict[int, Point] = {}

    def course(self, algebra: Algebra[V]) -> Course[V]:
        """Begin a run over an algebra."""
        if self._define is not None:
            self._define(algebra)
        return Course(self.tape, algebra, self._watch)

    @cached_property
    def over_degrees(self) -> Course[Degree]:
        """The run over degrees."""
        return self.course(self.degrees)

    def opened(self, seed: int) -> Point:
        """Return the run at a point at which indicators and roots are free quantities."""
        if seed not in self._open:
            self._open[seed] = self.at(Residues(seed, open_sides=True))
        return self._open[seed]

    def forget(self) -> None:
        """Let go of everything that was computed, when no further equation is asked for."""
        for point in self._open.values():
            point.field.forget()
        self._open.clear()
        self.tape.forget()

    def at(self, field: Residues) -> Point:
        """Begin a run at a point."""
        return Point(field, self.course(field))


@dataclass(frozen=True)
class Equation:
    """Two values on a tape that should be equal, and the runs of that tape."""

    one: Slot
    other: Slot
    runs: Runs

    @property
    def chance(self) -> "Chance":
        """The degrees of the difference."""
        one, other = self.runs.over_degrees.values(self.one, self.other)
        return Chance(self.runs.degrees, (one - other).above)

    def equal_in(self, point: Point) -> bool:
        """Whether the two are equal at one point."""
        return point.field.equal(*point.course.values(self.one, self.other))


@dataclass(frozen=True)
class Chance:
    """What bounds the chance that two different values agree at a point."""

    degrees: Degrees
    degree: int

    def at(self, field: Residues) -> float:
        """Return the bound for one point."""
        return self.degrees.chance(self.degree, field)


@dataclass(frozen=True)
class Agreement:
    """At how many points two values agreed, and the bound; a field in which they differ, if there is one."""

    points: int
    bound: float
    against: Residues | None = None

    @property
    def convinces(self) -> bool:
        """Whether the two agreed, and that is evidence."""
        return self.against is None and self.bound < CONVINCING

    @property
    def method(self) -> str:
        """How it was found, in words."""
        return f"modulo random 61-bit primes, {self.points} points"


def opened(equation: Equation, seed: int) -> Agreement:
    """Compare with indicators and roots as free quantities: what agrees, agrees on all sides of kinks."""
    return at_points(equation, equation.chance, map(equation.runs.opened, seeds(seed)))


def seeds(seed: int) -> range:
    """Return the seeds of the points that a seed stands for."""
    return range(seed, seed + MOST_POINTS)


def at_points(equation: Equation, chance: Chance, points: Iterable[Point]) -> Agreement:
    """Compare at four points, and at more while the bound does not convince but could."""
    bound = 1.0
    count = 0
    for count, point in enumerate(points, 1):
        if not equation.equal_in(point):
            return Agreement(count, 1.0, point.field)
        here = chance.at(point.field)
        bound *= here
        if here**MOST_POINTS >= CONVINCING or (count >= POINTS and bound < CONVINCING):
            break
    return Agreement(count, bound)
