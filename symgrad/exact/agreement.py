"""Equality modulo random primes, with a bound for the chance that two different values pass.

What is computed is written down once, and carried out at every point (Schwartz 1980; Zippel 1979).
Indicators and roots are open first, which needs no luck with the sides of kinks; what needs s² = s is tried
on every combination of sides.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import Any, TypeVar

from symgrad.exact.algebra import Algebra
from symgrad.exact.degrees import MISTAKEN, Degree, Degrees
from symgrad.exact.primefield import small_fraction
from symgrad.exact.residues import Residue, Residues
from symgrad.exact.tapes import Course, Slot, Tape
from symgrad.exact.values import ExactError, Value

V = TypeVar("V", bound=Value)

POINTS = 4
MOST_POINTS = 24
REGIONS = 64
CONVINCING = 2.0**-60

Sides = tuple[int, ...]


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


def agreement(equation: Equation, seed: int) -> Agreement:
    """Compare with open sides, and where these differ or do not convince on every combination of sides."""
    open_sides = opened(equation, seed)
    return open_sides if open_sides.convinces else in_regions(equation, seed) or open_sides


def opened(equation: Equation, seed: int) -> Agreement:
    """Compare with indicators and roots as free quantities: what agrees, agrees on all sides of kinks."""
    return _at_points(equation, equation.chance, map(equation.runs.opened, _seeds(seed)))


def _seeds(seed: int) -> range:
    return range(seed, seed + MOST_POINTS)


def _at_points(equation: Equation, chance: Chance, points: Iterable[Point]) -> Agreement:
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


def in_regions(equation: Equation, seed: int) -> Agreement | None:
    """Compare on every combination of sides of the kinks, each at points enough for a bound.

    What is wrong is wrong on some combination, so the bound is that of the worst of them.  Combinations that
    contradict themselves say nothing.  None where there are too many, or one of them has no values.
    """
    with suppress(ExactError):
        found = _on_each(equation, seed)
        if found:
            worst = max(found, key=lambda one: (one.against is not None, one.bound))
            return replace(worst, points=sum(one.points for one in found))
    return None


def _on_each(equation: Equation, seed: int) -> list[Agreement]:
    """Search the combinations of sides, and compare on each; nothing where there are too many or only one."""
    found: list[Agreement] = []
    waiting: list[Sides] = [()]
    chance = equation.chance
    while waiting:
        if len(found) == REGIONS:
            return []
        first = waiting.pop()
        if (nothing := _empty(equation, first, seed)) is not None:
            found.append(nothing)
            continue
        sides = _sides(equation, first, seed).sides_taken
        found.append(_on_one(equation, chance, sides, seed))
        waiting += [(*sides[:k], 1) for k in range(len(first), len(sides))]
    return found if len(found) > 1 else []


def _on_one(equation: Equation, chance: Chance, sides: Sides, seed: int) -> Agreement:
    points = (equation.runs.at(Residues(s, sides=sides)) for s in _seeds(seed))
    here = _at_points(equation, chance, points)
    return here if here.against is None else _empty(equation, sides, seed) or here


def _sides(equation: Equation, first: Sides, seed: int) -> Residues:
    """Return a field in which the first conditions take some sides, and further ones 0."""
    point = equation.runs.at(Residues(seed, sides=first))
    equation.equal_in(point)
    return point.field


def _empty(equation: Equation, sides: Sides, seed: int) -> Agreement | None:
    """Return that some sides contradict each other if they do so at four points, None if not."""
    chance = 1.0
    for number in _seeds(seed)[:POINTS]:
        field = _sides(equation, sides, number)
        if not contradictory(field.conditions, sides, field.prime):
            return None
        chance *= len(sides) ** 2 * MISTAKEN
    return Agreement(POINTS, chance)


def contradictory(conditions: Sequence[int], sides: Sides, prime: int) -> bool:
    """Whether two values of which the sides are given cannot both have them, as u − 1 > 0 and u < 0.

    Only sums and differences that are small rational numbers are looked at; what is no such number looks
    like one with a chance of `MISTAKEN`.
    """
    met = zip(conditions, sides, strict=False)
    return any(_contradict(one, other, prime) for one, other in combinations(met, 2))


def _contradict(one: tuple[int, int], other: tuple[int, int], prime: int) -> bool:
    (u, above), (v, over) = one, other
    difference, total = small_fraction((u - v) % prime, prime), small_fraction((u + v) % prime, prime)
    if above != over:
        return difference is not None and (difference <= 0 if above else difference >= 0)
    return total is not None and (total <= 0 if above else total >= 0)
