"""The first paths and the largest ones: what a full listing says, without one."""

from fractions import Fraction
from random import Random

import pytest
import sympy as sp

import symgrad as sg
from symgrad.derive.largest import largest_products
from symgrad.derive.paths import count, paths
from symgrad.derive.values import figures, path_products
from symgrad.errors import DefinitionError, LimitError
from symgrad.model.expressions import Ref, index, size
from symgrad.model.graph import Axis, Graph, Kind, Node, Term
from symgrad.model.instances import instantiate
from symgrad.model.layers import leaf
from symgrad.model.model import Model
from symgrad.network.network import Network
from tests.benchmarks.deep import residual
from tests.examples import chain_of_residuals
from tests.work import counted


def with_example(graph, level="neuron", seed=1):
    """Return a network with random values; all sizes that are open are 1."""
    source = Random(seed)

    def rows(shape):
        if not shape:
            return Fraction(source.randint(1, 60), 50)
        return tuple(rows(shape[1:]) for _ in range(shape[0]))

    sizes = {n.name: tuple(int(s) if s.is_Integer else 1 for s in n.shape) for n in graph.nodes}
    example = {n.name: rows(sizes[n.name]) for n in graph.nodes if n.is_leaf}
    model = Model("deep", "deep", graph, {}, ("x",), ("t",), (), example=example)
    return Network(model, level)


@pytest.mark.parametrize("wrt", ["w1", "w10", "b2", "x1"])
@pytest.mark.parametrize("name", ["classifier_3_3_3", "classifier_3_3_3_softmax"])
def test_the_largest_are_those_of_the_full_listing(name, wrt):
    found = figures(sg.zoo(name).model, _random_values(name))
    listed = path_products(found, wrt)
    ranked = sorted(listed, key=lambda p: -abs(float(p.value)))
    best = largest_products(found, wrt, 4)
    assert [abs(float(p.value)) for p in best] == [abs(float(p.value)) for p in ranked[:4]]
    assert {p.path.nodes for p in largest_products(found, wrt, 99)} == {p.path.nodes for p in listed}
    assert sum(float(p.share) for p in largest_products(found, wrt, 99)) == pytest.approx(1)


def _random_values(name):
    source = Random(7)
    leaves = [node for node in sg.zoo(name).model.neurons().nodes if node.is_leaf]
    given = {n.name: Fraction(source.randint(1, 30), 40) for n in leaves}
    return given | {n.name: int(n.name == "t1") for n in leaves if n.targets is not None}


def test_equal_products_come_in_the_order_of_the_graph():
    whole = chain_of_residuals(3)
    model = Model("chain", "chain", whole, {}, ("x0",), (), (), example={"x0": Fraction(2)}, samples=None)
    found = figures(model)
    best = largest_products(found, "x0", 8)
    assert [p.value.number for p in best] == sorted((p.value.number for p in best), reverse=True)
    again = largest_products(found, "x0", 8)
    assert [p.path.nodes for p in best] == [p.path.nodes for p in again]


def test_forty_blocks_have_first_and_largest_paths():
    net = with_example(residual(40, 1))
    with counted() as work:
        first = net.paths("W1_1_1", first=3)
        assert net.count_paths("W1_1_1") == 2**39
        largest = net.paths("W1_1_1", at={}, largest=3)
    assert work.calls < 10_000_000
    assert len(first) == 3
    assert first[0].nodes == paths(net.graph, "W1_1_1", first=1)[0].nodes
    sizes = [abs(path.value) for path in largest]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 0
    assert all(0 < path.share < 1 for path in largest)
    with pytest.raises(LimitError, match=r"549,755,813,888 paths .* --first K \(first=K\).* --largest K"):
        net.paths("W1_1_1")


def test_what_cannot_be_listed_is_said():
    net = with_example(residual(2, 1))
    with pytest.raises(DefinitionError, match="depends on the values"):
        net.paths("W1_1_1", largest=2)
    with pytest.raises(DefinitionError, match="not both"):
        net.paths("W1_1_1", at={}, first=1, largest=2)
    with pytest.raises(DefinitionError, match="number ≥ 1"):
        net.paths("W1_1_1", first=0)
    with pytest.raises(DefinitionError, match="take --level neuron"):
        net.at_level("layer").paths("W1", at={}, largest=2)


def test_a_recurrence_has_paths_at_a_given_length_only():
    whole = recurrence()
    with pytest.raises(
        DefinitionError, match="h forms a recurrence along s; its paths are counted at a given"
    ):
        count(whole, "U")
    assert count(whole, "t") == 1
    assert [count(instantiate(whole, {"S": length}), "U") for length in (2, 3, 5)] == [1, 2, 4]


def recurrence():
    """h[s+1] = U h[s], from h[0] = x; J = (h[S−1] − t)²."""
    s, last = index("s"), size("S") - 1
    along = Axis("s", size("S"))
    start = Term((sp.Integer(0),), (), Ref("x"))
    step = Term((s + 1,), (Axis("s", last),), Ref("U") * Ref("h", (s,)))
    loss = Term((), (), (Ref("h", (last,)) - Ref("t")) ** 2)
    leaves = (leaf("x", Kind.INPUT), leaf("t", Kind.TARGET), leaf("U", Kind.PARAMETER))
    return Graph((*leaves, Node("h", (along,), terms=(start, step)), Node("J", terms=(loss,))), "J")
