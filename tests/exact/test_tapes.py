"""A tape computes over an algebra what the computation itself does."""

import pytest
import sympy as sp

from symgrad.exact.algebra import ExactError
from symgrad.exact.decimals import Decimals
from symgrad.exact.residues import Residues
from symgrad.exact.tapes import Tape, run
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
