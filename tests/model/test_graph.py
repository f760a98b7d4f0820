"""What a graph refuses, and how it is ordered."""

import copy
import pickle

import pytest
import sympy as sp

from symgrad.derive.deltas import deltas
from symgrad.errors import DefinitionError
from symgrad.model.expressions import Ref, index, size
from symgrad.model.graph import Axis, Graph, Kind, Node, Term, differentiate, edges_into
from symgrad.model.layers import leaf, pointwise
from symgrad.model.zoo import ZOO
from tests.examples import FREE

I, J, K = Axis("i", size("D")), Axis("j", size("E")), Axis("k", size(3))
X, W = leaf("x", Kind.INPUT, I), leaf("W", Kind.PARAMETER, J, I)
SCALAR = leaf("s", Kind.PARAMETER)


def node(name, body, *bound, write=(), axes=()):
    return Node(name, axes, terms=(Term(write, bound, body),))


def at(name, *letters):
    return Ref(name, [index(k) if isinstance(k, str) else k for k in letters])


ILLEGAL = {
    "'x' names both a node and another node; rename one of the two": [X, X],
    "'i' names both a node and an index; rename one of the two": [X, leaf("i", Kind.INPUT)],
    "'D' names both a node and a size; rename one of the two": [X, leaf("D", Kind.INPUT)],
    "'k' names both a node and an index; rename one of the two": [
        leaf("k", Kind.INPUT),
        node("y", index("k"), K),
    ],
    "the node name 'lambda' is a reserved word; choose another, such as lambda_1": [
        leaf("lambda", Kind.INPUT)
    ],
    "the node name '2x' does not start with a letter": [leaf("2x", Kind.INPUT)],
    "the node name 'x-' has '-' at column 2; use ASCII letters, digits, _ and listed Greek letters": [
        leaf("x-", Kind.INPUT)
    ],
    "y: the index i is free; sum over it or make it an axis": [X, node("y", at("x", "i"))],
    "y: the index j is free; sum over it or make it an axis": [SCALAR, node("y", at("s") * index("j"))],
    "y: x has 1 subscripts, 2 were written": [X, node("y", at("x", "i", "i"), I)],
    "y: y has 1 subscripts, 0 were written": [X, node("y", at("x", "i"), I, axes=(I,))],
    "y: the index j runs to E, but that axis of x has the size D": [X, node("y", at("x", "j"), J)],
    "y: an index is bound twice in one term": [X, node("y", at("x", "i"), I, I)],
    "y uses 'q', which is not defined": [node("y", at("q"))],
    "y: the subscript 3 of v is outside its size 3": [leaf("v", Kind.INPUT, K), node("y", at("v", 3))],
    "y: the subscript -1 of x is outside its size D": [X, node("y", at("x", -1))],
    "y: the subscript s of x reads a node": [X, SCALAR, node("y", at("x", at("s")))],
    "y: w is a bare symbol, neither an access nor an index": [node("y", sp.Symbol("w", real=True))],
    "y: numbers are exact here; write 0.5 as a fraction": [SCALAR, node("y", at("s") * sp.Float("0.5"))],
    "the definitions form a cycle: a → b → a": [node("a", at("b")), node("b", at("a"))],
    "the definitions form a cycle: a → a": [node("a", at("a") + 1)],
    "the definitions form a cycle: b → c → b": [
        node("a", at("b")),
        node("b", at("c")),
        node("c", at("b") + at("s")),
        SCALAR,
    ],
}


@pytest.mark.parametrize("message", ILLEGAL)
def test_what_is_not_legal_is_refused(message):
    with pytest.raises(DefinitionError) as error:
        Graph(tuple(ILLEGAL[message]))
    assert str(error.value).partition("; a recurrence goes back")[0] == message


def test_the_loss_must_be_defined():
    with pytest.raises(DefinitionError, match="the loss 'J' is not defined"):
        Graph((X,), "J")


def test_parents_come_first_and_else_the_given_order_stays():
    c, b, a = node("c", at("a") * at("b")), node("b", at("a")), node("a", at("s"))
    assert [n.name for n in Graph((c, b, a, SCALAR)).nodes] == ["s", "a", "b", "c"]
    given = (X, leaf("u", Kind.INPUT), SCALAR, a, b, c)
    assert Graph(given).nodes == given


def test_a_long_chain_is_sorted():
    nodes = [SCALAR, node("a0", at("s")), *(node(f"a{k}", at(f"a{k - 1}")) for k in range(1, 3000))]
    assert Graph(tuple(reversed(nodes))).nodes == tuple(nodes)


def test_restricted_keeps_what_is_needed():
    whole = ZOO["mlp"]().graph
    part = whole.restricted(["z1"])
    assert [n.name for n in part.nodes] == ["x", "W1", "b1", "z1"]
    assert part.loss is None
    assert whole.restricted(["J"]) == whole
    assert whole.ancestors("z1") == {"x", "W1", "b1", "z1"}


def test_one_edge_for_each_access_that_counts():
    step = pointwise("y", (I,), at("x", "i") * at("s") + 0 * at("W", "j", "i"))
    edges = list(edges_into(step))
    assert [(e.parent, e.read, e.partial) for e in edges] == [
        ("s", (), at("x", "i")),
        ("x", (index("i"),), at("s")),
    ]
    graph = Graph((X, SCALAR, step))
    assert graph.out_edges["x"] == tuple(e for e in graph.in_edges["y"] if e.parent == "x")
    assert graph.in_edges["y"][1].key == ("y", 0, 1)


def test_the_shift_of_a_stable_form_is_not_derived():
    best = Node("m", terms=(Term((), (I,), at("x", "i")),), reduce="max")
    with pytest.raises(DefinitionError, match="m is the shift of a stable form"):
        _ = Graph((X, best)).in_edges


def test_nothing_leads_into_the_position_of_a_maximum():
    best = Node("m", terms=(Term((), (I,), at("x", "i")),), reduce="argmax")
    assert Graph((X, best)).in_edges["m"] == ()


def test_equal_bodies_share_their_partial():
    one = differentiate(sp.exp(at("x", "i")) * at("s"), at("x", "i"))
    other = differentiate(sp.exp(at("W", "j", "i")) * at("z"), at("W", "j", "i"))
    assert one == sp.exp(at("x", "i")) * at("s")
    assert other == sp.exp(at("W", "j", "i")) * at("z")


@pytest.mark.parametrize("graph", [*FREE.values(), ZOO["digits_64_32_10"]().graph])
def test_graphs_are_values(graph):
    for twin in (pickle.loads(pickle.dumps(graph)), copy.deepcopy(graph), Graph(graph.nodes, graph.loss)):
        assert twin == graph
        assert hash(twin) == hash(graph)


def test_the_delta_of_the_longest_name_may_be_longer():
    longest = "w" * 60
    whole = Graph((leaf(longest, Kind.PARAMETER), Node("J", terms=(Term((), (), Ref(longest) ** 2),))), "J")
    assert deltas(whole).of(longest).name == f"d{longest}"


def test_copies_leave_behind_what_was_derived():
    graph = ZOO["xor_2_2_1"]().graph
    backward = deltas(graph)
    assert deltas(graph) is backward
    twin = pickle.loads(pickle.dumps(graph))
    assert set(vars(twin)) == {"nodes", "loss", "by_name", "groups"}
    assert deltas(twin) is not backward
