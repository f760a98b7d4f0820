"""The neuron view computes what the layer view computes."""

import numpy as np
import pytest

from symgrad.derive.deltas import deltas
from symgrad.errors import DefinitionError, LimitError
from symgrad.model.expressions import Ref, size
from symgrad.model.graph import Axis, Graph, Kind, Node, Term
from symgrad.model.instances import instantiate, size_symbols
from symgrad.model.layers import leaf
from symgrad.model.zoo import ZOO
from tests.examples import FREE, graph
from tests.interpreter import DECIMALS, run
from tests.points import distance, random_leaves

GRAPHS = FREE | {name: make().graph for name, make in ZOO.items()}


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("sizes", [(2, 3, 2, 3, 2), (1, 1, 1, 1, 1)])
def test_both_views_have_the_same_values(name, sizes):
    whole = GRAPHS[name]
    wide = dict(zip(map(str, size_symbols(whole)), sizes, strict=False))
    if name == "scattered":
        wide["D"] = 3
    derived = deltas(whole).graph
    leaves = random_leaves(whole, wide, 3)
    arrays = run(derived, leaves, wide)
    places = {}

    def name_of(node, at):
        places[f"{node.name}{list(at)}"] = (node.name, at)
        return f"{node.name}_{'_'.join(map(str, at))}"

    scalars = instantiate(derived, wide, name_of)
    names = {f"{node}_{'_'.join(map(str, at))}": (node, at) for node, at in places.values()}
    given = {
        n.name: np.array(leaves[names[n.name][0]][names[n.name][1]], object)
        for n in scalars.nodes
        if n.is_leaf
    }
    values = run(scalars, given, {}, DECIMALS)
    assert set(values) == set(names)
    for entry, (node, at) in names.items():
        assert distance(values[entry][()], arrays[node][at]) < 1e-50
    assert not any(n.axes or any(t.bound or t.write for t in n.terms) for n in scalars.nodes)


def test_the_delta_of_an_entry_is_named_as_such():
    scalars = instantiate(deltas(FREE["quadratic"]).graph, {"D": 2})
    assert {n.adjoint.of for n in scalars.nodes if n.adjoint} == {
        "x_1",
        "x_2",
        "A_1_1",
        "A_1_2",
        "A_2_1",
        "A_2_2",
        "J",
    }
    assert {n.adjoint.loss for n in scalars.nodes if n.adjoint} == {"J"}


def test_the_entries_of_a_jacobian_know_their_loss():
    vector = graph({"i": "D"}, ["x i"], ["b"], {"y": "[i] b*x[i]"})
    scalars = instantiate(deltas(vector, ["b", "x"], "y").graph, {"D": 2})
    found = {n.name: (n.adjoint.loss, n.adjoint.of) for n in scalars.nodes if n.adjoint}
    assert found["dy_db_2"] == ("y_2", "b")
    assert found["dy_dx_2_1"] == ("y_2", "x_1")


def test_sizes_in_subscripts_are_counted_too():
    flipped = graph({"i": "D"}, ["x i"], [], {"y": "[i] x[D-1-i]*D"})
    assert [str(n.terms[0].body) for n in instantiate(flipped, {"D": 2}).nodes if n.terms] == [
        "2*x_2",
        "2*x_1",
    ]


def test_a_zero_does_not_drop_out_of_a_maximum():
    k = Axis("k", size(2))
    best = Node("m", terms=(Term((), (k,), k.symbol * Ref("x")),), reduce="max")
    scalars = instantiate(Graph((leaf("x", Kind.INPUT), best)), {})
    assert run(scalars, {"x": np.array(-1, object)}, {})["m"][()] == 0


@pytest.mark.parametrize(
    ("nodes", "sizes", "message"),
    [
        ({"y": "[i] x[i]"}, {}, "the size D has no number; give one, as in --size D=3"),
        ({"y": "[i] x[i]"}, {"D": 0}, "the size D is 0; sizes are integers ≥ 1"),
        ({"y": "[i] x[i]", "y_1": "3"}, {"D": 2}, "y and y_1 would both have an entry named 'y_1'"),
    ],
)
def test_what_cannot_be_instantiated(nodes, sizes, message):
    with pytest.raises(DefinitionError, match=message):
        instantiate(graph({"i": "D"}, ["x i"], [], nodes), sizes)


def test_computed_subscripts_must_stay_inside():
    axis = Axis("i", size("D"))
    after = Ref("x", [axis.symbol + 1])
    whole = Graph((leaf("x", Kind.INPUT, axis), Node("J", terms=(Term((), (axis,), after),))), "J")
    with pytest.raises(DefinitionError, match=r"J: x is read outside its axes, at \[2\] \(counted from 0\)"):
        instantiate(whole, {"D": 2})
    with pytest.raises(DefinitionError, match=r"dx: a term lands outside its axes, at \[2\]"):
        instantiate(deltas(whole, ["x"]).graph.restricted(["dx"]), {"D": 2})


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ({"y": "[i] x[i]"}, "200,002 scalars, more than 200,000"),
        ({"y": "sum(i, sum(j, x[i]*x[j]))"}, "products, more than 200,000"),
    ],
)
def test_too_large_a_view_is_refused_at_once(nodes, message):
    wide = graph({"i": "D", "j": "D"}, ["x i"], [], nodes)
    with pytest.raises(LimitError, match=message):
        instantiate(wide, {"D": 100_001})
