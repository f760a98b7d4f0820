"""Points on purpose: on given sides of conditions, or where two quantities are equal."""

from fractions import Fraction
from random import Random
from time import perf_counter

import pytest

from symgrad.exact.balls import Balls
from symgrad.exact.tapes import Tape, run
from symgrad.verify.evidence.budget import Budget, Deadline
from symgrad.verify.evidence.domain import Array, Domain
from symgrad.verify.evidence.sides import points_where

WORK = 1_000_000
CASES = {
    "linear": (lambda x, y, z: 2 * x - y - 10**6, 1),
    "far below": (lambda x, y, z: x + 10**30, -1),
    "equal": (lambda x, y, z: x - y, 0),
    "strip": (lambda x, y, z: Fraction(1, 10**300) - x.algebra.abs(x - y), 1),
    "two strips": (lambda x, y, z: Fraction(1, 10**12) - x.algebra.abs(x - y) - x.algebra.abs(y - z), 1),
    "square": (lambda x, y, z: Fraction(1, 10**12) - (x * y - 3) ** 2, 1),
    "exp": (lambda x, y, z: x.exp() - 10**40, 1),
}


def found(value, side, kind, work=WORK):
    tape = Tape()
    slot = value(*(tape.leaf(key) for key in "xyz"))
    domain = Domain(tuple(Array(key, kind=kind) for key in "xyz"))
    budget = Budget(Deadline(perf_counter() + 60), work)
    return slot, next(points_where(tape, domain, {slot.place: side}, Random(1), budget), None)


@pytest.mark.parametrize(("value", "side"), CASES.values(), ids=CASES)
def test_a_point_is_on_the_side_that_was_asked_for(value, side):
    slot, point = found(value, side, "free")
    balls = Balls(2500, kinks=True)
    for key, number in point.items():
        balls.define(key, balls.number(number))
    assert run(slot.tape, balls, slot)[0].signum == side


def test_a_point_stays_in_the_domain():
    _, positive = found(lambda x, y, z: x - 3 * y - 100, 1, "pos")
    _, none = found(lambda x, y, z: x + y + z, -1, "pos")
    _, unit = found(lambda x, y, z: x - Fraction(999_999, 1_000_000), 1, "unit")
    assert min(positive.values()) > 0
    assert none is None
    assert Fraction(999_999, 1_000_000) < unit["x"] < 1


def test_a_search_ends_with_its_work():
    assert found(lambda x, y, z: x - 10**6, 1, "free", work=200)[1] is None
