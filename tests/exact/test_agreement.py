"""Equality modulo primes: combinations of sides, those that no point has, and runs that are shared."""

import pytest

from symgrad.exact.agreement import Equation, Runs, opened
from symgrad.exact.regions import contradictory, differing, in_regions
from symgrad.exact.tapes import Slot, Tape


def equation(tape: Tape, one: Slot, other: Slot) -> Equation:
    return Equation(one, other, Runs(tape))


def test_sides_that_contradict_each_other_refute_nothing():
    tape = Tape()
    u = tape.leaf("u")
    both = tape.step(u - 1) * (1 - tape.step(u))
    tried = equation(tape, both, tape.number(0))
    assert opened(tried, 0).against is not None
    found = in_regions(tried, 0)
    assert found is not None
    assert found.convinces


def test_sides_that_some_point_has_refute():
    tape = Tape()
    u = tape.leaf("u")
    found = in_regions(equation(tape, tape.step(u - 1) * tape.step(u), tape.number(0)), 0)
    assert found is not None
    assert found.against is not None


PRIME = 2**61 - 1


@pytest.mark.parametrize(
    ("other", "sides", "impossible"),
    [
        (1, (1, 0), False),
        (1, (0, 1), True),
        (-1, (1, 0), True),
        (-1, (0, 1), False),
    ],
)
def test_of_two_conditions_one_implies_the_other(other: int, sides: tuple[int, int], impossible: bool):
    """Of u > 0 and v > 0, where u = v + other: u below and v above is impossible for other > 0."""
    v = 123_456_789_012_345
    assert contradictory(((v + other) % PRIME, v), sides, PRIME) is impossible


@pytest.mark.parametrize(
    ("total", "sides", "impossible"), [(1, (0, 0), True), (-1, (1, 1), True), (1, (1, 1), False)]
)
def test_of_two_opposite_conditions(total: int, sides: tuple[int, int], impossible: bool):
    u = 123_456_789_012_345
    assert contradictory((u, (total - u) % PRIME), sides, PRIME) is impossible


def test_equations_on_one_tape_go_on_with_its_runs():
    tape = Tape()
    runs, u = Runs(tape), tape.leaf("u")
    square = (u + 1) * (u + 1)
    assert opened(Equation(square, u * u + 2 * u + 1, runs), 0).convinces
    point = runs.opened(0)
    assert opened(Equation(square - 1, u * u + 2 * u, runs), 0).convinces
    assert runs.opened(0) is point


def test_the_sides_on_which_values_differ_are_named_without_the_others():
    tape = Tape()
    u, v, w = (tape.leaf(key) for key in "uvw")
    far, aside, same = tape.step(u - 100), tape.step(v), tape.step(w)
    one, other = same * w + far * aside, same * w
    assert differing(equation(tape, one, other), 0) == [{far.place: 1, aside.place: 1}]
    assert differing(equation(tape, same * (1 - same), tape.number(0)), 0) == []
    assert differing(equation(tape, far * u, far * u + 1), 0) == [{}]
