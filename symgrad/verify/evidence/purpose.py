"""Sides of conditions that chance does not visit, visited on purpose.

Where two values differ modulo primes only for x > 100, random points may all be below, and a claim that is
wrong there looks right.  A side that cannot be visited leaves the question open.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from random import Random

from symgrad.exact.balls import Ball
from symgrad.exact.residues import Residue, Residues
from symgrad.exact.tapes import Course, needed, run
from symgrad.exact.values import ExactError
from symgrad.verify.evidence.budget import Budget, SpentError
from symgrad.verify.evidence.conditions import written
from symgrad.verify.evidence.identities import MODULAR_STEP, differing_sides, premises
from symgrad.verify.evidence.points import NO_VALUE, PRECISIONS, SPREADS, Point, at, at_point, watch
from symgrad.verify.evidence.question import Question, sides
from symgrad.verify.evidence.reach import precision
from symgrad.verify.evidence.sides import Sides, points_where
from symgrad.verify.verdict import Counterexample

VISITS = 12
SIDE_WORK, OUTSIDE_WORK = 300_000, 20_000


def on_purpose(question: Question, seed: int, budget: Budget) -> Counterexample | str:
    """Compare gradient and claim on every side that matters and that chance has not visited.

    Returns
    -------
    Counterexample or str
        In words, a side on which no point was found; empty where all were visited.
    """
    source, missed = Random(f"sides {seed}"), ""
    for wanted in _to_visit(question, seed, budget):
        found = _visit(question, wanted, source, budget)
        if isinstance(found, Counterexample):
            return found
        missed = missed or ("" if found else _words(question, wanted))
    return missed


def _visit(question: Question, wanted: Sides, source: Random, budget: Budget) -> Counterexample | bool:
    """Compare at a point on given sides; whether there was one that told something."""
    with suppress(SpentError):
        for point in _points(question, wanted, source, budget):
            found = at_point(question, point, PRECISIONS, budget)
            if not isinstance(found, Counterexample):
                found = at_point(question, point, precision(question, point, budget), budget)
            if isinstance(found, Counterexample):
                return found
            if found.agree:
                return True
    return False


def _points(
    question: Question, wanted: Sides, source: Random, budget: Budget, work: int = SIDE_WORK
) -> Iterator[Point]:
    everything = {**question.domain.kept, **wanted}
    return points_where(question.tape, question.domain, everything, source, budget.part(work))


def _to_visit(question: Question, seed: int, budget: Budget) -> list[Sides]:
    """Return the sides on which the two differ modulo primes; each that chance did not meet, failing that."""
    tape, found = question.tape, list[Sides]()
    for premise in premises(question)[-1:]:
        for decided in differing_sides(question, premise, question.seed(seed), budget):
            found.append({tape.steps[place][1][0]: 2 * side - 1 for place, side in decided.items()})
    return found if found and all(found) else list(_unvisited(question, seed, budget))


def _unvisited(question: Question, seed: int, budget: Budget) -> Iterator[Sides]:
    """Yield the sides of conditions that none of a few random points is on."""
    source, arguments = Random(f"visits {seed}"), _arguments(question, question.steps)
    met = set[tuple[int, int | None]]()
    for k in range(VISITS if arguments else 0):
        met.update(_sides_at(question, arguments, question.domain.point(source, SPREADS[k % 7]), budget))
    for place in arguments:
        yield from ({place: side} for side in (1, -1) if (place, side) not in met)


def _sides_at(
    question: Question, arguments: Sequence[int], point: Point, budget: Budget
) -> list[tuple[int, int | None]]:
    balls = at(point, PRECISIONS[1], kinks=True)
    course = Course(question.tape, balls, watch(balls, budget))
    return [(place, _signum(course, place)) for place in arguments]


def _signum(course: Course[Ball], place: int) -> int | None:
    with suppress(ExactError):
        return course.values(course.tape.slot(place))[0].signum
    return None


def _arguments(question: Question, steps: Sequence[int]) -> list[int]:
    """Return what conditions are taken of."""
    tape = question.tape
    found = (tape.steps[place][1][0] for place in steps if tape.steps[place][0] == "step")
    return list(dict.fromkeys(place for place in found if tape.slot(place).exact is None))


def _words(question: Question, wanted: Sides) -> str:
    """Name sides, such as ``x1 - 100 > 0``."""
    signs = {1: "> 0", 0: "= 0", -1: "< 0"}
    named = ((written(question.tape, place), signs[side]) for place, side in wanted.items())
    return " and ".join(f"{text or 'a condition'} {sign}" for text, sign in named)


def outside(question: Question, seed: int, budget: Budget) -> Counterexample | None:
    """Compare where the claim takes the logarithm or a root of what is below 0, if that is soon found."""
    source = Random(f"outside {seed}")
    with suppress(SpentError):
        for place in question.partial:
            for point in _points(question, {place: -1}, source, budget, OUTSIDE_WORK):
                found = at_point(question, point, PRECISIONS, budget)
                if isinstance(found, Counterexample):
                    return found
    return None


def at_a_tie(question: Question, seed: int, budget: Budget) -> Counterexample | None:
    """Compare where what a claim asks to be equal is equal, as x in [x = y], and the gradient has no kink.

    A kink that gradient and claim have in common is left out of a statement.  A claim that takes another
    value where two quantities are equal, and the gradient goes on smoothly there, is not the gradient.
    """
    source = Random(f"ties {seed}")
    with suppress(SpentError):
        for place in _ties(question, seed, budget):
            point = next(_points(question, {place: 0}, source, budget), None)
            if point is not None and _is_smooth(question, point, budget):
                found = at_point(question, point, precision(question, point, budget), budget, kinks=True)
                if isinstance(found, Counterexample) and found.claimed != NO_VALUE:
                    return found
    return None


def _ties(question: Question, seed: int, budget: Budget) -> list[int]:
    """Return u for every pair of conditions u > 0 and u < 0 that the claim has and the gradient has not."""
    tape = question.tape
    own, others = (_arguments(question, needed(tape, side)) for side in sides(question.pairs)[::-1])
    if len(own) < 2:
        return []
    field = Residues(question.seed(seed), open_sides=True)
    course = Course(tape, field, budget.each(MODULAR_STEP))
    marks = {mark: place for place in own if (mark := _mark(course, place)) is not None}
    taken = {_mark(course, place) for place in others}
    pairs = ((mark, field.prime - mark) for mark in marks if 2 * mark < field.prime)
    return [marks[u] for u, v in pairs if v in marks and taken.isdisjoint((u, v))]


def _mark(course: Course[Residue], place: int) -> int | None:
    """Return what a value is at a random point; None for what has none in the prime field."""
    with suppress(ExactError):
        value, imaginary = course.values(course.tape.slot(place))[0].pair
        return None if imaginary else value
    return None


def _is_smooth(question: Question, point: Point, budget: Budget) -> bool:
    """Whether the gradient has a value at a point and no condition of it is 0 there."""
    truth, _ = sides(question.pairs)
    balls = at(point, PRECISIONS[-1])
    try:
        run(question.tape, balls, *truth, watch=watch(balls, budget))
    except SpentError:
        raise
    except ExactError:
        return False
    return True
