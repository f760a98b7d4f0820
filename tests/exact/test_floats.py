"""Floats at many points: the same values as decimals of fifty digits, as far as floats go."""

from fractions import Fraction

import numpy as np
import pytest

from symgrad.exact.algebra import Algebra, ExactError
from symgrad.exact.decimals import Decimals
from symgrad.exact.floats import Floats
from symgrad.exact.tapes import Slot, Tape, run

XS = [Fraction(k, 7) for k in (-9, -4, 1, 3, 12)]


def everything(algebra: Algebra[Slot], x: Slot) -> list[Slot]:
    u = x * x + 2
    return [
        algebra.exp(x) / u,
        algebra.log(u) - x**3,
        algebra.sqrt(u),
        algebra.sin(x) * algebra.cos(x),
        algebra.erf(x),
        algebra.tanh(x),
        algebra.maximum(x, algebra.number(0)),
        algebra.power(u, Fraction(-2, 3)),
        algebra.total([x, u, algebra.number(Fraction(1, 3))]),
    ]


def test_floats_are_decimals_rounded() -> None:
    tape = Tape()
    wanted = everything(tape, tape.leaf("x"))
    floats = Floats()
    floats.define("x", floats.of([float(x) for x in XS]))
    found = run(tape, floats, *wanted)
    for k, x in enumerate(XS):
        decimals = Decimals()
        decimals.define("x", decimals.number(x))
        exact = [float(value.number) for value in run(tape, decimals, *wanted)]
        np.testing.assert_allclose([value.array[k] for value in found], exact, rtol=1e-12)


def test_what_is_undefined_is_no_number_at_that_point_only() -> None:
    floats = Floats()
    with np.errstate(all="ignore"):
        value = floats.log(floats.of([1.0, -1.0]))
    assert value.array[0] == 0
    assert np.isnan(value.array[1])


def test_a_leaf_without_values_is_refused() -> None:
    with pytest.raises(ExactError, match="has no values"):
        Floats().leaf("x")


def test_a_tape_forgets_what_is_written_in_scratch() -> None:
    tape = Tape()
    kept = tape.exp(tape.leaf("x"))
    with tape.scratch():
        tape.log(kept)
        assert len(tape.steps) == 3
    assert len(tape.steps) == 2
    assert tape.exp(tape.leaf("x")) is kept
    again = tape.log(kept)
    assert tape.slot(again.place) is again
