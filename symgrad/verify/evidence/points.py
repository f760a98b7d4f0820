"""Gradient and claim at rational points, in ball arithmetic: where a ball excludes 0, they differ."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from symgrad.exact.algebra import ExactError
from symgrad.exact.balls import Ball, Balls, KinkError, UndecidedError
from symgrad.exact.tapes import Slot, run
from symgrad.verify.evidence.budget import Budget, SpentError
from symgrad.verify.evidence.question import Question, both
from symgrad.verify.verdict import NO_VALUE, Counterexample

Point = dict[str, Fraction]

PRECISIONS = (53, 128, 333)
NEGLIGIBLE = Fraction(1, 10**12)
MOST_LOST = 20
SPREADS = (1, 1, 4, 1, 32, 1, 256)
# A step takes so much, and once more for every so many bits.
STEP, BITS = 3, 64
NARROW = 20
# The precision at which half of the digits, as `_narrow` counts them, are those of `NEGLIGIBLE`.
NUMERICAL = 158
# What it takes to draw a leaf.
DRAWN = 10
DIGITS = tuple(12 << k for k in range(9))
OUT_OF_REACH = "a difference would be too small to be seen"

Precisions = Callable[[Question, Point, Budget], Sequence[int]]


@dataclass(frozen=True)
class Held:
    """What was found at a point where the two were not told apart.

    Attributes
    ----------
    agree
        Whether the balls of the differences contain 0 and are narrow.
    why
        Why nothing was decided, otherwise.
    bits
        The precision.
    kink
        Whether a condition is exactly 0 there.
    """

    agree: bool
    why: str = ""
    bits: int = 0
    kink: bool = False


def at_point(
    question: Question,
    point: Point,
    precisions: Sequence[int],
    budget: Budget,
    *,
    kinks: bool = False,
) -> Counterexample | Held:
    """Compare gradient and claim at a point, with higher precision for as long as nothing is decided."""
    found: Counterexample | Held = Held(agree=False, why=OUT_OF_REACH)
    for bits in precisions:
        found = _at_precision(question, point, at(point, bits, kinks=kinks), budget)
        if isinstance(found, Counterexample) or found.agree or found.kink:
            return found
    return found


def _at_precision(question: Question, point: Point, balls: Balls, budget: Budget) -> Counterexample | Held:
    try:
        found = _values(question, balls, budget)
        return _counterexample(question, point, found) or _held(found, balls.bits, question.numerical)
    except SpentError:
        raise
    except UndecidedError as error:
        return Held(agree=False, why=str(error), kink=isinstance(error, KinkError))
    except ExactError as error:
        return Held(agree=False, why=f"the gradient has no value: {error}")


@dataclass(frozen=True)
class _Entry:
    """An entry at a point; a claim may have no value there."""

    name: str
    truth: Ball
    claim: Ball | None

    @property
    def difference(self) -> Ball:
        return self.truth.algebra.number(0) if self.claim is None else self.claim - self.truth


def _values(question: Question, balls: Balls, budget: Budget) -> list[_Entry]:
    """Carry the computation out. ExactError where the gradient has no value."""
    pairs = question.pairs
    try:
        found = run(question.tape, balls, *both(pairs), watch=watch(balls, budget))
        sides = zip(pairs, found[::2], found[1::2], strict=True)
        return [_Entry(name, truth, claim) for (name, *_), truth, claim in sides]
    except (SpentError, UndecidedError):
        raise
    except ExactError:
        truth = run(question.tape, balls, *(one for _, one, _ in pairs), watch=watch(balls, budget))
        claims = (_value(other, balls, budget) for _, _, other in pairs)
        return [_Entry(name, t, c) for (name, *_), t, c in zip(pairs, truth, claims, strict=True)]


def _value(slot: Slot, balls: Balls, budget: Budget) -> Ball | None:
    try:
        return run(slot.tape, balls, slot, watch=watch(balls, budget))[0]
    except (SpentError, UndecidedError):
        raise
    except ExactError:
        return None


def _counterexample(question: Question, point: Point, entries: list[_Entry]) -> Counterexample | None:
    allowed = _largest(entries) * NEGLIGIBLE if question.numerical else None
    wrong = (e for e in entries if e.claim is None or _differ(e.difference, allowed))
    entry = next(wrong, None)
    if entry is None:
        return None
    return Counterexample(_shown(question, point), entry.name, *_texts(entry))


def _texts(entry: _Entry) -> tuple[str, str, str]:
    """Write claim and gradient with digits enough to tell them apart, and the ratio."""
    truth, claim = entry.truth, entry.claim
    if claim is None:
        return NO_VALUE, _text(truth, DIGITS[0]), ""
    digits = next((n for n in DIGITS if claim.text(n)[0] != truth.text(n)[0]), DIGITS[0])
    ratio = (claim / truth).text(max(6, digits - 6))[0] if truth.signum else ""
    return _text(claim, digits), _text(truth, digits), ratio


def _largest(entries: list[_Entry]) -> Ball:
    largest = entries[0].truth.algebra.number(0)
    for entry in entries:
        size = -entry.truth if entry.truth.signum == -1 else entry.truth
        largest = size if (size - largest).signum == 1 else largest
    return largest


def _differ(difference: Ball, allowed: Ball | None) -> bool:
    return bool(difference.signum) and (allowed is None or not _within(difference, allowed))


def _within(difference: Ball, bound: Ball) -> bool:
    return (bound - difference).signum in (0, 1) and (bound + difference).signum in (0, 1)


def _held(entries: list[_Entry], bits: int, numerical: bool) -> Held:
    kept = min(bits, NUMERICAL) if numerical else bits
    if all(_narrow(entry, kept) for entry in entries):
        return Held(agree=True, bits=bits)
    return Held(agree=False, why="the balls are too wide")


def _narrow(entry: _Entry, bits: int) -> bool:
    """Whether a difference is 0 to half of the digits, or at the lowest precisions to a few."""
    kept = max(NARROW, bits // 2 - 2 * NARROW)
    difference, bound = entry.difference, entry.truth.algebra.number(Fraction(1, 2**kept))
    return any(_within(difference, b) for b in (bound, bound * entry.truth, -bound * entry.truth))


def _text(value: Ball, digits: int) -> str:
    return str(value.exact) if value.exact is not None else " ± ".join(value.text(digits))


def without_value(question: Question, name: str, seed: object, budget: Budget) -> Counterexample | None:
    """Return a point at which the gradient has a value, for an entry whose claim has none anywhere."""
    source = Random(f"points {seed}")
    slot = next(one for entry, one, _ in question.pairs if entry == name)
    for _ in range(MOST_LOST):
        point = question.domain.point(source)
        balls = at(point, PRECISIONS[-1])
        with suppress(ExactError):
            (truth,) = run(question.tape, balls, slot, watch=watch(balls, budget))
            return Counterexample(_shown(question, point), name, NO_VALUE, _text(truth, DIGITS[0]))
    return None


def watch(balls: Balls, budget: Budget) -> Callable[[], None]:
    """Return what is spent for a step of a run: the more, the more digits there are."""
    return budget.each(STEP + balls.bits // BITS)


def at(point: Point, bits: int, *, kinks: bool = False) -> Balls:
    """Return the ball arithmetic in which the leaves are what they are at a point."""
    balls = Balls(bits, kinks=kinks)
    for key, value in point.items():
        balls.define(key, balls.number(value))
    return balls


def _shown(question: Question, point: Point) -> dict[str, str]:
    return {key: str(value) for key, value in point.items() if key in question.leaves}


@dataclass(frozen=True)
class Survey:
    """What was found at several points.

    Attributes
    ----------
    agreed, undecided
        At how many points the two were not told apart, and at how many, kinks left out, nothing was decided.
    bits
        The least precision at these.
    why
        Why some point decided nothing.
    """

    agreed: int
    undecided: int = 0
    bits: int = 0
    why: str = ""

    def __add__(self, other: "Survey") -> "Survey":
        lost, why = self.undecided + other.undecided, self.why or other.why
        return Survey(self.agreed + other.agreed, lost, min(self.bits, other.bits), why)


def usual(question: Question, point: Point, budget: Budget) -> Sequence[int]:
    """Return precisions that are enough for nearly every point, the least first."""
    return PRECISIONS


def survey(
    question: Question,
    seed: object,
    precisions: Precisions,
    count: int,
    budget: Budget,
    *,
    kinks: bool = False,
) -> Counterexample | Survey:
    """Compare at several random points of the domain.

    Points on a kink are passed over; where there are no others, the indicator of a condition that is 0 is 0.
    """
    source, found = Random(f"points {seed}"), list[Held]()
    try:
        while sum(one.agree for one in found) < count and len(found) < count + MOST_LOST:
            budget.spend(DRAWN * len(question.domain.leaves))
            point = question.domain.point(source, SPREADS[len(found) % len(SPREADS)])
            tried = precisions(question, point, budget)
            one = at_point(question, point, tried, budget, kinks=kinks)
            if isinstance(one, Counterexample):
                return one
            found.append(one)
    except SpentError as error:
        found.append(Held(agree=False, why=str(error)))
    if not kinks and all(one.kink for one in found):
        return survey(question, seed, precisions, count, budget, kinks=True)
    return _surveyed(found)


def _surveyed(found: list[Held]) -> Survey:
    agreed = [one.bits for one in found if one.agree]
    lost = [one.why for one in found if not (one.agree or one.kink)]
    why = next(iter(lost), "" if agreed else "every point is on a kink")
    return Survey(len(agreed), len(lost), min(agreed, default=0), why)
