"""Which of some values is the largest, as indicators: one is 1, the first of equals."""

from fractions import Fraction
from itertools import product

import pytest

from symgrad.derive.scalars import evaluate, winners
from symgrad.exact.decimals import Decimals
from symgrad.model.expressions import Ref
from symgrad.model.functions import Equal
from symgrad.model.graph import Graph, Kind, Node, Term

TINY = Fraction(1, 10**40)


@pytest.mark.parametrize("values", [*product((-1, 0, 2), repeat=3)])
def test_the_first_of_the_largest_wins(values):
    algebra = Decimals()
    wins = winners([algebra.number(value) for value in values], algebra)
    best = values.index(max(values))
    assert all(abs(win - int(k == best)) < TINY for k, win in enumerate(wins))


@pytest.mark.parametrize("values", [(3, 1, 2), (1, 3, 2), (1, 2, 3), (2, 2, 1)])
def test_a_maximum_is_the_largest_value(values):
    leaves = [Node(f"x{k}", kind=Kind.INPUT) for k in range(3)]
    place = Node("arg", terms=tuple(Term((), (), leaf.ref) for leaf in leaves), reduce="argmax")
    picked = (Term((), (), Equal(Ref("arg"), k) * leaf.ref) for k, leaf in enumerate(leaves))
    algebra = Decimals()
    given = {leaf.name: algebra.number(value) for leaf, value in zip(leaves, values, strict=True)}
    found = evaluate(Graph((*leaves, place, Node("m", terms=tuple(picked)))), algebra, given)
    assert abs(found["m"] - max(values)) < TINY
    assert abs(found["arg"] - values.index(max(values))) < TINY
