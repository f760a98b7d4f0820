"""Points on purpose: where given conditions take given sides.

A condition that random points meet on one side only may hide what is on the other.  A point there is searched
leaf by leaf: along a leaf, the zeros of the conditions are found by Newton's method, exactly where they are
linear in it, and a simple fraction between two neighbouring zeros stands for all that lies between them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise, product
from random import Random

from symgrad.exact.balls import Ball
from symgrad.exact.tapes import Course, Tape, needed
from symgrad.exact.values import ExactError
from symgrad.verify.evidence.budget import Budget, SpentError
from symgrad.verify.evidence.domain import Domain
from symgrad.verify.evidence.parameters import BELOW_ONE, PLAIN, POSITIVE
from symgrad.verify.evidence.points import Point, at, watch

# For values of a tape, by their places: 1 where they are above 0, −1 below, 0 where they are 0.
Sides = Mapping[int, int]

STARTS = (1, 1, 16, 256)
ROUNDS = 8
LEAVES = 6
NEWTON = 5
NEAREST = 12
SIZES = (Fraction(1), Fraction(1, 2**40), Fraction(1, 2**120))
SHIFTS = (Fraction(0), Fraction(1, 2**60), Fraction(1, 2**1100))
# What it takes to begin with a point, beside its steps.
EVALUATION = 100
LEAST_BITS, MOST_BITS = 192, 4000
SAMPLES = tuple(Fraction(2) ** k * 5 / 7 for k in (-40, -4, 1, 6, 12, 40))


def points_where(tape: Tape, domain: Domain, sides: Sides, source: Random, budget: Budget) -> Iterator[Point]:
    """Search for points of a domain at which values of a tape are above 0, below, or 0.

    Parameters
    ----------
    sides
        1, −1 or 0 by the places of the values.
    source
        Where the randomness comes from.
    budget
        How much may be searched.

    Yields
    ------
    Point
        A rational point; none where none was found, which does not say that there is none.
    """
    search = _Search(tape, domain, dict(sides), source, budget)
    with suppress(SpentError):
        for spread in STARTS:
            point = search.found_from(domain.point(source, spread))
            if point is not None:
                yield from search.around(point)


@dataclass(frozen=True)
class _Search:
    tape: Tape
    domain: Domain
    sides: Sides
    source: Random
    budget: Budget

    @cached_property
    def steps(self) -> list[int]:
        """The steps that the values need."""
        return needed(self.tape, map(self.tape.slot, self.sides))

    @cached_property
    def watched(self) -> list[int]:
        """The values, and what conditions in them are taken of: between their zeros nothing jumps."""
        inner = (self.tape.steps[p][1][0] for p in self.steps if self.tape.steps[p][0] == "step")
        return list(dict.fromkeys((*self.sides, *inner)))

    @cached_property
    def bits(self) -> int:
        """A precision at which the numbers that occur are told from each other."""
        numbers = (self.tape.slot(place).exact for place in self.steps)
        length = sum(_length(number) for number in numbers if number is not None)
        return min(LEAST_BITS + 2 * length, MOST_BITS)

    @cached_property
    def ranges(self) -> Mapping[object, "Range"]:
        """Between which numbers the leaves can be moved that the values depend on."""
        steps = (self.tape.steps[place] for place in self.steps)
        read = {rest[0] for name, _, rest in steps if name == "leaf"}
        arrays = [(array, _range(array.family.written)) for array in self.domain.arrays]
        return {key: span for a, span in arrays if span is not None for key in a.leaves if key in read}

    def found_from(self, point: Point) -> Point | None:
        """Move a point leaf by leaf, for as long as that leads nearer."""
        best, score = point, self.score(point)
        for _ in range(ROUNDS):
            if score.met == len(self.sides):
                return best
            for leaf in self.source.sample(list(self.ranges), min(LEAVES, len(self.ranges))):
                tried = [{**best, str(leaf): number} for number in self.numbers(best, str(leaf))]
                best, score = self.nearest(tried)
                if score.met == len(self.sides):
                    return best
        return None

    def around(self, point: Point) -> Iterator[Point]:
        """Yield a point and others on the same sides: off a kink near it, or with small numbers elsewhere."""
        for shift, size in product(SHIFTS, SIZES):
            moved = {str(leaf): point[str(leaf)] + shift * k for k, leaf in enumerate(self.ranges, 1)}
            near = {**point, **{key: point[key] * size for key in self.others}, **moved}
            if self.score(near).met == len(self.sides):
                yield near

    @cached_property
    def others(self) -> list[str]:
        """The leaves that can be moved and on which the sides do not depend."""
        movable = (a for a in self.domain.arrays if _range(a.family.written) is not None)
        return [key for array in movable for key in array.leaves if key not in self.ranges]

    def nearest(self, points: Sequence[Point]) -> tuple[Point, "Score"]:
        """Return the point that is nearest to what is searched, the first where all is met, else any."""
        scores = [self.score(point) for point in points]
        highest = max(scores)
        nearest = [point for point, score in zip(points, scores, strict=True) if score == highest]
        return (nearest[0] if highest.met == len(self.sides) else self.source.choice(nearest)), highest

    def score(self, point: Point) -> "Score":
        """Tell how many values are where they should be, and how far the others are from it."""
        values = self.values(point, self.sides)
        missed = [
            Fraction(1) if value is None else _distance(value, side)
            for value, side in zip(values, self.sides.values(), strict=True)
            if value is None or value.signum != side
        ]
        return Score(len(self.sides) - len(missed), -sum(missed, Fraction(0)))

    def values(self, point: Point, places: Iterable[int]) -> list[Ball | None]:
        """Return values at a point, None where there is none."""
        self.budget.spend(EVALUATION)
        balls = at(point, self.bits, kinks=True)
        course = Course(self.tape, balls, watch(balls, self.budget))
        return [_value(course, place) for place in places]

    def numbers(self, point: Point, leaf: str) -> list[Fraction]:
        """Return numbers for a leaf: zeros of what is watched, and simple ones between and around them."""
        span = self.ranges[leaf]
        first = [n for n in (point[leaf], *SAMPLES, *(-n for n in SAMPLES)) if n in span]
        zeros = sorted({n for n in self.zeros(point, leaf, first) if n in span})
        around = sorted({*zeros, *first, *span.ends})
        between = [_simplest(a + (b - a) / 4, b - (b - a) / 4) for a, b in pairwise(around)]
        return sorted({point[leaf], *zeros, *between, *first}, key=_length)

    def zeros(self, point: Point, leaf: str, starts: list[Fraction]) -> Iterator[Fraction]:
        """Yield what Newton's method leads to; its double steps meet the zeros of squares."""
        small, seen = Fraction(1, 2 ** (self.bits // 3)), set(starts)
        for _ in range(NEWTON):
            steps = [step for n in starts for step in self.newton(point, leaf, n, small)]
            nearest = sorted(steps, key=lambda step: abs(step[1]))[:NEAREST]
            starts = list(dict.fromkeys(to for to, _ in nearest if to not in seen))
            seen.update(starts)
            yield from starts

    def newton(
        self, point: Point, leaf: str, start: Fraction, small: Fraction
    ) -> Iterator[tuple[Fraction, Fraction]]:
        """Yield a step towards the zero of every value, and a double one, each with its length."""
        here = self.values({**point, leaf: start}, self.watched)
        there = self.values({**point, leaf: start + small}, self.watched)
        for one, other in zip(here, there, strict=True):
            if one is None or other is None or one.middle == other.middle:
                continue
            step = one.middle * small / (one.middle - other.middle)
            yield self.rounded(start + step), step
            yield self.rounded(start + 2 * step), step

    def rounded(self, number: Fraction) -> Fraction:
        """Return a number that is no longer than the precision."""
        if number.denominator.bit_length() <= self.bits:
            return number
        return Fraction(round(number * 2**self.bits), 2**self.bits)


@dataclass(frozen=True, order=True)
class Score:
    """How many values are on their side, and minus how far the others are from it."""

    met: int
    nearness: Fraction


@dataclass(frozen=True)
class Range:
    """An open interval; None for no bound."""

    low: int | None = None
    high: int | None = None

    @property
    def ends(self) -> Iterator[Fraction]:
        """The bounds."""
        return (Fraction(end) for end in (self.low, self.high) if end is not None)

    def __contains__(self, number: Fraction) -> bool:
        above = self.low is None or number > self.low
        return above and (self.high is None or number < self.high)


def _range(written: object) -> Range | None:
    """Return in which range entries of an array can be moved one by one; None where they cannot."""
    spans = ((PLAIN, Range()), (POSITIVE, Range(0)), (BELOW_ONE, Range(0, 1)))
    return next((span for way, span in spans if way is written), None)


def _length(number: Fraction) -> int:
    return number.numerator.bit_length() + number.denominator.bit_length()


def _distance(value: Ball, side: int) -> Fraction:
    with suppress(ExactError):
        return abs(value.middle)
    return Fraction(1)


def _value(course: Course[Ball], place: int) -> Ball | None:
    try:
        return course.values(course.tape.slot(place))[0]
    except SpentError:
        raise
    except ExactError:
        return None


def _simplest(low: Fraction, high: Fraction) -> Fraction:
    """Return the fraction with the least denominator between two numbers (Stern 1858, Brocot 1861)."""
    if low <= 0 <= high:
        return Fraction(0)
    if high < 0:
        return -_simplest(-high, -low)
    whole = -(-low.numerator // low.denominator)
    if whole <= high:
        return Fraction(whole)
    return whole - 1 + 1 / _simplest(1 / (high - whole + 1), 1 / (low - whole + 1))
