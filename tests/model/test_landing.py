"""Landing subscripts solved for print, against brute force with zeros outside."""

from fractions import Fraction
from itertools import product

import pytest
import sympy as sp

from symgrad.model.expressions import Ref, index, size
from symgrad.model.graph import Axis, Term
from symgrad.model.landing import land, land_or_mark, lands_once
from tests.interpreter import FRACTIONS, environment, extent, landings, shape

N, T, H, K, P = map(size, "NTHKP")
n, t, i, j, k = map(index, "ntijk")
SAMPLES, TIME, OWN, INNER, WINDOW = Axis("n", N), Axis("t", T), Axis("i", H), Axis("j", H), Axis("k", K)
SHORT = Axis("t", T - 1)

CASES = {
    "one step back": (
        Term((n, t + 1, i), (SAMPLES, SHORT, OWN, INNER), Ref("U", (i, j)) * Ref("h", (n, t, j))),
        (SAMPLES, TIME, OWN),
        {"U": (H, H), "h": (N, T, H)},
        {"h"},
    ),
    "one step ahead": (
        Term((n, t, j), (SAMPLES, SHORT, OWN, INNER), Ref("U", (i, j)) * Ref("dz", (n, t + 1, i))),
        (SAMPLES, TIME, OWN),
        {"U": (H, H), "dz": (N, T, H)},
        {"dz"},
    ),
    "the delta of a convolution": (
        Term((n, i + k), (SAMPLES, Axis("i", T), WINDOW), Ref("W", (k,)) * Ref("dz", (n, i))),
        (SAMPLES, Axis("i", T + K - 1)),
        {"W": (K,), "dz": (N, T)},
        {"dz"},
    ),
    "the delta of a convolution with strides": (
        Term((n, 2 * i + k), (SAMPLES, Axis("i", T), WINDOW), Ref("W", (k,)) * Ref("dz", (n, i))),
        (SAMPLES, Axis("i", 2 * T + K - 2)),
        {"W": (K,), "dz": (N, T)},
        {"W"},
    ),
    "padding": (
        Term((n, i + 2), (SAMPLES, Axis("i", T)), Ref("x", (n, i))),
        (SAMPLES, Axis("i", T + 4)),
        {"x": (N, T)},
        {"x"},
    ),
    "the second part of a concatenation": (
        Term((n, i + T), (SAMPLES, Axis("i", P)), Ref("x", (n, i))),
        (SAMPLES, Axis("i", T + P)),
        {"x": (N, P)},
        {"x"},
    ),
    "from behind": (
        Term((n, T - 1 - i), (SAMPLES, Axis("i", T)), Ref("x", (n, i))),
        (SAMPLES, Axis("i", T)),
        {"x": (N, T)},
        set(),
    ),
    "inside only": (
        Term((n, i + 1), (SAMPLES, Axis("i", T)), Ref("x", (n, i + 1))),
        (SAMPLES, Axis("i", T + 1)),
        {"x": (N, T + 1)},
        None,
    ),
    "at one place": (
        Term((n, sp.Integer(0)), (SAMPLES, INNER), Ref("x", (n, j))),
        (SAMPLES, TIME),
        {"x": (N, H)},
        None,
    ),
    "row by row": (
        Term((n, i * K + k), (SAMPLES, OWN, WINDOW), Ref("x", (n, i, k))),
        (SAMPLES, Axis("m", H * K)),
        {"x": (N, H, K)},
        None,
    ),
}
SIZES = {"N": 2, "T": 3, "H": 2, "K": 2, "P": 2}


class Zeros(dict):
    """Arrays that are 0 outside of their axes."""

    def __missing__(self, at):
        return Fraction(0)


def arrays(shapes):
    numbers = iter(range(1, 1000))
    return {
        name: Zeros({at: Fraction(next(numbers)) for at in product(*(range(extent(s, SIZES)) for s in own))})
        for name, own in shapes.items()
    }


def value(body, given, at):
    """Evaluate a body; subscripts may be negative here."""
    read = {
        r: sp.Rational(*given[r.name][tuple(int(x.xreplace(at)) for x in r.index)].as_integer_ratio())
        for r in body.atoms(Ref)
    }
    return Fraction(str(body.xreplace(read).xreplace(at)))


def gathered(term, axes, given):
    sizes = {symbol: sp.Integer(number) for symbol, number in environment(SIZES).items()}
    result = {at: Fraction(0) for at in product(*map(range, shape(axes, SIZES)))}
    for at in product(*map(range, shape(term.bound, SIZES))):
        table = {**sizes, **{a.symbol: sp.Integer(x) for a, x in zip(term.bound, at, strict=True)}}
        place = tuple(int(w.xreplace(table)) for w in term.write)
        result[place] += value(term.body, given, table)
    return result


def scattered(term, axes, given):
    result = {at: Fraction(0) for at in product(*map(range, shape(axes, SIZES)))}
    for place, part in landings(term, given, SIZES, FRACTIONS):
        result[place] += part
    return result


@pytest.mark.parametrize("case", CASES)
def test_a_landing_is_solved_with_zeros_outside(case):
    term, axes, shapes, outside = CASES[case]
    landed = land(term, axes, shapes, {"W", "U"})
    if outside is None:
        assert landed is None
        return
    assert landed.outside == outside
    assert landed.term.write == tuple(axis.symbol for axis in axes)
    given = arrays(shapes)
    assert gathered(landed.term, axes, given) == scattered(term, axes, given)


def test_what_cannot_be_solved_is_marked():
    term, axes, shapes, _ = CASES["at one place"]
    landed = land_or_mark(term, axes, shapes)
    assert str(landed.term.body) == "x[n, j]*Equal(t, 0)"


def test_a_flattened_array_lands_everywhere_once():
    term, axes, *_ = CASES["row by row"]
    assert lands_once(term, axes)
    assert lands_once(Term((n, t), (SAMPLES, TIME), Ref("x", (n, t))), (SAMPLES, TIME))
    assert not lands_once(
        Term((n, i + k), (SAMPLES, OWN, WINDOW), Ref("x", (n, i))), (SAMPLES, Axis("m", H + K - 1))
    )
    assert not lands_once(
        Term((n, i * K + k), (SAMPLES, OWN, WINDOW), Ref("x", (n, i))), (SAMPLES, Axis("m", T))
    )
