"""The index algebra on random terms: the value, summed by brute force, stays what it was."""

from fractions import Fraction
from random import Random

import numpy as np
import sympy as sp
from hypothesis import assume, given
from hypothesis import strategies as st

from symgrad.derive.deltas import pull
from symgrad.model.expressions import Ref, index, refs, size
from symgrad.model.graph import Axis, Edge, Node, Term
from symgrad.model.terms import apart, gather, merged, onto, rename, same, solvable, substitute, through
from tests.interpreter import FRACTIONS, total
from tests.points import random_array

SIZES = {"D": 2, "E": 3}
D, E = size("D"), size("E")
LETTERS = {"i": D, "j": E, "k": D, "l": E, "p": D}
NODES = {"s": (), "v": (D,), "u": (E,), "M": (D, E), "T": (D, D)}


def arrays(seed):
    source = Random(seed)
    extents = {D: 2, E: 3}
    shapes = {name: tuple(extents[s] for s in shape) for name, shape in NODES.items()}
    return {name: random_array(source, shape, FRACTIONS) for name, shape in shapes.items()}


ARRAYS = arrays(1)


@st.composite
def subscripts(draw, shape, bound):
    """Bound letters, those that run over a part of the axis too, constants, or computed subscripts."""
    found = []
    for extent in shape:
        letters = [index(k) for k in bound if LETTERS[k] == extent]
        flipped = [extent - 1 - letter for letter in letters]
        short = [index(k) for k in bound if extent == E and LETTERS[k] == D]
        found.append(
            draw(st.sampled_from([*letters, *letters, *flipped, *short, sp.Integer(0), sp.Integer(1)]))
        )
    return tuple(found)


@st.composite
def bodies(draw, bound, names=tuple(NODES)):
    chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3))
    factors = [Ref(name, draw(subscripts(NODES[name], bound))) for name in chosen]
    letters = [index(k) for k in bound]
    extra = draw(st.sampled_from([sp.Integer(1), sp.Rational(-2, 3), *letters]))
    whole = sp.Mul(extra, *factors)
    return whole + draw(st.integers(0, 1)) * factors[0] ** 2


@st.composite
def terms(draw, shape, names=tuple(NODES)):
    bound = draw(st.lists(st.sampled_from(sorted(LETTERS)), unique=True, max_size=4))
    write = draw(subscripts(shape, bound))
    return Term(write, tuple(Axis(k, LETTERS[k]) for k in bound), draw(bodies(bound, names)))


SHAPES = st.sampled_from([(), (D,), (E,), (D, E), (D, D)])
SHAPED = SHAPES.flatmap(lambda shape: terms(shape).map(lambda term: (shape, term)))


def own_axes(shape, letters="npqrs"):
    return tuple(Axis(letter, extent) for letter, extent in zip(letters, shape, strict=False))


def value(found, shape, given_arrays=ARRAYS):
    return total(found, own_axes(shape), given_arrays, SIZES, FRACTIONS)


def equal(one, other):
    return one.shape == other.shape and bool(np.all(one == other))


@given(SHAPED, st.permutations(["i", "j", "k", "l", "p", "q", "n"]))
def test_renaming_changes_no_value(drawn, names):
    shape, term = drawn
    renamed = rename(term, dict(zip("ijklp", names, strict=False)))
    assert equal(value([term], shape), value([renamed], shape))
    assert same(term, renamed) is True
    assert same(renamed, term) is True


@given(SHAPED, st.sets(st.sampled_from("ijklpq")))
def test_apart_changes_no_value(drawn, taken):
    shape, term = drawn
    moved = apart(term, taken)
    assert equal(value([term], shape), value([moved], shape))
    assert not taken & {axis.letter for axis in moved.bound}


@given(SHAPED, st.permutations("ijklpq"))
def test_gather_changes_no_value(drawn, letters):
    shape, term = drawn
    axes = own_axes(shape, letters)
    gathered, solved = gather(term, axes), onto(term, axes)
    plain = len(set(term.write)) == len(shape) and [term.sizes.get(w) for w in term.write] == list(shape)
    assert (gathered is not None) == plain
    assert equal(value([term], shape), value([solved], shape))
    assert solved.write == tuple(axis.symbol for axis in axes)
    assert gathered is None or gathered == solved


@given(SHAPES.flatmap(lambda shape: st.tuples(st.just(shape), st.lists(terms(shape), max_size=4))))
def test_merging_changes_no_value(drawn):
    shape, found = drawn
    assert equal(value(found, shape), value(merged(found), shape))


@given(
    st.sampled_from(["v", "M", "T"]).flatmap(
        lambda name: st.tuples(st.just(name), st.lists(terms(NODES[name], ("s", "u")), max_size=3))
    ),
    SHAPED,
)
def test_substitution_changes_no_value(definition, drawn):
    (name, parts), (shape, term) = definition, drawn
    node = Node(name, own_axes(NODES[name]), terms=tuple(parts))
    before = value([term], shape, ARRAYS | {name: value(parts, NODES[name])})
    reads = any(r.name == name for r in refs(term.body))
    linear = all(sp.diff(term.body, r, 2) == 0 for r in refs(term.body) if r.name == name)
    single = len(parts) == 1 and set(parts[0].sizes) <= set(parts[0].write)
    assume(not reads or (solvable(node) and (linear or single)))
    assert equal(before, value(substitute(term, name, node), shape))


@given(SHAPED, SHAPES, st.data())
def test_going_through_an_edge_is_pulling_a_delta_back(drawn, parent, data):
    shape, product = drawn
    step = data.draw(terms(shape))
    read = data.draw(subscripts(parent, [axis.letter for axis in step.bound]))
    edge = Edge("x", "z", 0, 0, read, step.write, step.bound, step.body, shape)
    seed = Term(product.write, product.bound, sp.Tuple(product.body))
    carried = through(seed, edge)
    one = Term(carried.write, carried.bound, sp.Mul(*carried.body))
    before = value([pull(edge, "d")], parent, ARRAYS | {"d": value([product], shape)})
    assert equal(before, value([one], parent))


@given(SHAPED)
def test_a_changed_term_is_not_the_same(drawn):
    _, term = drawn
    assert same(term, Term(term.write, term.bound, term.body + Fraction(1, 7))) in (False, None)
