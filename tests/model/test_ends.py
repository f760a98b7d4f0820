"""Initial values put into the line of a recurrence."""

import sympy as sp

from symgrad.model.ends import joined
from symgrad.model.expressions import Ref, index, size
from symgrad.model.graph import Axis, Term

L, N, H = map(size, "LNH")
l, n, i, j, k = map(index, "lnijk")
LAYERS, BELOW, SAMPLES, OWN, INNER = Axis("l", L), Axis("l", L - 1), Axis("n", N), Axis("i", H), Axis("j", H)
AXES = (LAYERS, SAMPLES, OWN)
SHAPES = {"W": (L, H, H), "a": (L, N, H), "m": (L, N), "x": (N, H), "c": (H,)}


def ends(term, *others):
    return joined((*others, term), AXES, SHAPES, frozenset("W"))


def product_with(place, value):
    return Ref("W", (place, i, j)) * value


REST = Term((l + 1, n, i), (BELOW, SAMPLES, OWN, INNER), product_with(l + 1, Ref("a", (l, n, j))))


def test_the_first_layer_reads_the_input_for_the_layer_below():
    first = Term((sp.Integer(0), n, i), (SAMPLES, OWN, INNER), product_with(0, Ref("x", (n, j))))
    (one,) = ends(REST, first)
    assert one.landed.term.body == product_with(l, Ref("a", (l - 1, n, j)))
    assert one.landed.beyond == ((Ref("a", (-1, n, j)), Ref("x", (n, j))),)
    assert (one.end, one.landed.outside) == (first, frozenset())


def test_summed_letters_may_have_other_names():
    other = Axis("k", H)
    body = Ref("W", (0, i, k)) * Ref("c", (k,))
    (one,) = ends(REST, Term((sp.Integer(0), n, i), (SAMPLES, OWN, other), body))
    assert one.landed.beyond == ((Ref("a", (-1, n, j)), Ref("c", (j,))),)


def test_behind_the_end_too():
    rest = Term((l, n, i), (BELOW, SAMPLES, OWN), Ref("a", (l + 1, n, i)))
    last = Term((L - 1, n, i), (SAMPLES, OWN), Ref("x", (n, i)))
    (one,) = ends(rest, last)
    assert one.landed.beyond == ((Ref("a", (L, n, i)), Ref("x", (n, i))),)


def test_without_initial_value_it_is_zero():
    (one,) = ends(REST)
    assert one.landed.outside == {"a"}
    assert not one.landed.beyond


def test_a_term_that_is_not_zero_with_zeros_is_not_read_outside():
    difference = (Ref("a", (l, n, i)) - Ref("m", (l + 1, n))) ** 2
    (one,) = ends(Term((l + 1, n, i), (BELOW, SAMPLES, OWN), difference))
    assert one.landed is None


def test_it_is_joined_all_the_same_where_the_value_is_known():
    rest = Term((l + 1, n, i), (BELOW, SAMPLES, OWN), (Ref("a", (l, n, i)) - Ref("m", (l + 1, n))) ** 2)
    first = Term((sp.Integer(0), n, i), (SAMPLES, OWN), (Ref("x", (n, i)) - Ref("m", (0, n))) ** 2)
    (one,) = ends(rest, first)
    assert one.landed.term.body == (Ref("a", (l - 1, n, i)) - Ref("m", (l, n))) ** 2


def test_another_term_stays_by_itself():
    first = Term((sp.Integer(0), n, i), (SAMPLES, OWN, INNER), 2 * product_with(0, Ref("x", (n, j))))
    assert len(ends(REST, first)) == 2
