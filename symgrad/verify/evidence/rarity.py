"""Claims that are wrong only where a condition takes a side on which no ordinary point lies.

With p clipped to [10⁻¹², 1 − 10⁻¹²], p − t is the gradient of the cross-entropy except where the clip acts.
That is wrong, and it is no slip in the formula: what is said of it is where.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction

from symgrad.exact.balls import Ball
from symgrad.exact.tapes import Course
from symgrad.exact.values import ExactError
from symgrad.verify.evidence.budget import Budget, SpentError
from symgrad.verify.evidence.conditions import relation
from symgrad.verify.evidence.points import PRECISIONS, Held, Point, at, at_point, watch
from symgrad.verify.evidence.question import Question
from symgrad.verify.verdict import Counterexample

# As many points, none on a kink, must agree; a claim that is wrong on half of them passes for no such claim.
ORDINARY = 12
# What is too long to be written in a condition.
UNNAMED = "a value on the way"

Signs = Mapping[int, int | None]


def agreed_at(asked: Iterable[tuple[Question, Point]], budget: Budget) -> list[Point]:
    """Return ordinary points at which gradient and claim agree; none if they differ at one.

    Parameters
    ----------
    asked
        Points, each with the question that is asked there.
    """
    found = list[Point]()
    with suppress(SpentError):
        for question, point in asked:
            one = at_point(question, point, PRECISIONS, budget)
            if not isinstance(one, Held) or not (one.agree or one.kink):
                return []
            found += [point] if one.agree else []
        return found if 2 * len(found) > ORDINARY else []
    return []


def only_where(question: Question, shown: Counterexample, ordinary: Sequence[Point], budget: Budget) -> str:
    """Return in words the condition that holds at a counterexample and at no ordinary point; empty if none.

    Parameters
    ----------
    ordinary
        Points at which the claim is right: those of `agreed_at`.
    """
    if not ordinary:
        return ""
    point = {**ordinary[0], **{key: Fraction(value) for key, value in shown.at.items()}}
    with suppress(SpentError):
        here = _signs(question, point, budget)
        there = [_signs(question, one, budget) for one in ordinary]
        rare = {
            p: s for p, s in here.items() if s is not None and all(one[p] not in (s, None) for one in there)
        }
        words = [relation(question.tape, place, side, UNNAMED) for place, side in rare.items()]
        return min(filter(None, words), key=lambda text: UNNAMED in text, default="")
    return ""


def _signs(question: Question, point: Point, budget: Budget) -> Signs:
    """Return the signs of all that conditions of a question are taken of, or were."""
    tape = question.tape
    inside = (tape.steps[place][1][0] for place in question.steps if tape.steps[place][0] == "step")
    taken = (*question.domain.kept, *inside)
    balls = at(point, PRECISIONS[-1], kinks=True)
    course = Course(tape, balls, watch(balls, budget))
    return {place: _sign(course, place) for place in dict.fromkeys(taken)}


def _sign(course: Course[Ball], place: int) -> int | None:
    try:
        return course.values(course.tape.slot(place))[0].signum
    except SpentError:
        raise
    except ExactError:
        return None
