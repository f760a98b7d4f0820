"""A tape computes over an algebra what the computation itself does."""

import pytest
import sympy as sp

from symgrad.exact.algebra import ExactError
from symgrad.exact.decimals import Decimals
from symgrad.exact.residues import Residues
from symgrad.exact.tapes import Tape, needed, run
from symgrad.exact.translate import translate

X, Y = sp.symbols("x y", real=True)
EXPRESSIONS = (
    sp.exp(X) * sp.tanh(Y) + X**3 / (Y**2 + 1),
    sp.Max(X, Y) - sp.Abs(X - Y) / 2,
    sp.sqrt(X**2 + 1) + sp.log(1 + sp.exp(X)) + sp.erf(Y) * sp.sin(X) - sp.cos(Y),
    sp.Piecewise((X, X > Y), (Y, X <= Y)),
)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_tape_is_the_computation(expression):
    tape = Tape()
    wanted = translate(expression, tape)
    for make in (lambda: Residues(3, open_sides=True), Decimals):
        direct, replayed = make(), make()
        for algebra in (direct, replayed):
            for k, leaf in enumerate((X, Y)):
                algebra.define(leaf, algebra.number(k + 2))
        (value,) = run(tape, replayed, wanted)
        expected = translate(expression, direct)
        assert (value - replayed.number(0)).is_zero() == expected.is_zero()
        assert repr(value) == repr(expected)
        if isinstance(direct, Residues):
            assert value.pair == expected.pair


def test_equal_steps_are_written_once():
    tape = Tape()
    a, b = tape.leaf("a"), tape.leaf("b")
    assert tape.exp(a * b) is tape.exp(b * a)
    assert (a + 0) is a
    assert (a * 1) is a
    assert (2 * tape.number(3)).exact == 6
    before = len(tape.steps)
    tape.exp(b * a)
    assert len(tape.steps) == before


def test_conditions_that_leave_a_gap_are_refused_when_run():
    tape = Tape()
    gap = translate(sp.Piecewise((X, X > 1), (Y, X < 0)), tape)
    with pytest.raises(ExactError, match="do not cover everything"):
        run(tape, Residues(1, open_sides=True), gap)


def test_sides_are_taken_as_given():
    for sides, expected in (((0,), 0), ((1,), 1)):
        field = Residues(5, sides=sides)
        u = field.leaf("u")
        assert field.step(u).number == expected
        assert field.step(-u).number == 1 - expected
        assert field.sides_taken == sides


def test_only_what_is_needed_is_carried_out():
    tape = Tape()
    x, y = tape.leaf("x"), tape.leaf("y")
    lost = tape.log(x - x)
    wanted = x + y
    assert needed(tape, [wanted]) == [x.place, y.place, wanted.place]
    numbers = Decimals()
    for key in ("x", "y"):
        numbers.define(key, numbers.number(2))
    assert run(tape, numbers, wanted)[0].number == 4
    with pytest.raises(ExactError, match="log of"):
        run(tape, numbers, lost)


def test_a_check_is_left_out_with_the_conditions_that_it_is_about():
    tape = Tape()
    gap = translate(sp.Piecewise((X, X > 1), (Y, X < 0)), tape)
    other = tape.leaf(X) * 2
    assert not run(tape, Residues(1, open_sides=True), other)[0].is_zero()
    assert gap.place not in needed(tape, [other])


def test_a_run_can_be_ended_from_outside():
    tape = Tape()
    value = tape.leaf("x")
    for _ in range(50):
        value = value * value + 1
    left = iter(range(20))
    with pytest.raises(StopIteration):
        run(tape, Residues(1), value, watch=lambda: next(left))


def test_what_is_held_is_the_value():
    tape = Tape()
    x = tape.leaf("x")
    field = Residues(1)
    held, value = run(tape, field, tape.held(x * x), x * x)
    assert held.pair == value.pair
    assert tape.held(tape.number(3)).exact == 3


@pytest.mark.parametrize("count", [40, 400])
def test_numbers_that_would_be_long_are_steps(count):
    tape = Tape()
    value = tape.number(3)
    for _ in range(count):
        value = value * value
    assert value.exact is None
    assert tape.raised(tape.number(3), 10**12).exact is None
    field = Residues(1)
    expected = pow(3, pow(2, count, field.prime - 1), field.prime)
    assert run(tape, field, value)[0].pair == (expected, 0)


def test_scratch_forgets_checks_and_definitions_too():
    tape = Tape()
    x = tape.leaf("x")
    kept = x * x
    with tape.scratch():
        tape.define("y", x + 1)
        tape.check_zero(tape.leaf("y") - x, "not equal")
    assert (tape.checks, tape.steps[tape.leaf("y").place][2][0]) == ([], "y")
    (found,) = run(tape, Residues(0), kept)
    assert not found.is_zero()
