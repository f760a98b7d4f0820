"""Right derivations are shown right; every planted fault is refuted by the statement meant to see it."""

from dataclasses import replace

import pytest
import sympy as sp

import symgrad.derive.expansions
import symgrad.derive.scalars
import symgrad.model.graph
from symgrad.derive.agreement import against_witness, at_sizes, expansion, induction
from symgrad.derive.deltas import Backward, deltas
from symgrad.derive.rewrite import simplify
from symgrad.model.expressions import Ref, index, reindex
from symgrad.model.graph import Graph, Node, Term
from symgrad.model.instances import size_symbols
from symgrad.model.layered import Layered, layered
from symgrad.model.zoo import ZOO, zoo
from tests.examples import FREE, chain_of_residuals, chain_of_sums, graph

RIGHT = ("right", "proved")
WRONG = ("wrong", "counterexample")
UNKNOWN = ("unknown", "none")


def fresh_mlp():
    return layered("net", Layered((2, 2, 2), hidden="tanh")).graph


def twos(whole, **sizes):
    return {str(s): 1 if str(s) == "N" else 2 for s in size_symbols(whole)} | sizes


def judged(whole, backward, name, sizes=None, **options):
    """Return verdict and evidence of the three statements about one node."""
    instance = at_sizes(whole, backward, sizes or twos(whole))
    found = [
        induction(whole, backward),
        expansion(instance, name),
        against_witness(instance, [name], **options)[name],
    ]
    return [(f.verdict, f.evidence) for f in found]


@pytest.mark.parametrize("name", ZOO)
def test_the_zoo_is_right(name):
    whole = zoo(name).graph
    backward = deltas(whole)
    for node in whole.parameters:
        assert judged(whole, backward, node.name) == [RIGHT, RIGHT, RIGHT]


@pytest.mark.parametrize("name", FREE)
def test_free_graphs_are_right(name):
    whole = FREE[name]
    backward = deltas(whole)
    for node in whole.nodes:
        if node.is_leaf:
            assert judged(whole, backward, node.name) == [RIGHT, RIGHT, RIGHT], node.name


def test_what_a_finding_says():
    whole = fresh_mlp()
    backward = deltas(whole)
    instance = at_sizes(whole, backward, twos(whole))
    general = induction(whole, backward)
    assert (general.claim, general.sizes, general.where, general.right) == ("paths = deltas", None, "", True)
    listed = expansion(instance, "W1")
    assert (listed.claim, listed.sizes, listed.listed, listed.bound) == (
        "paths = deltas",
        twos(whole),
        True,
        None,
    )
    exact = against_witness(instance, ["W1", "b2"])["b2"]
    assert (exact.claim, exact.sizes, exact.bound) == ("gradient", twos(whole), None)
    assert "exact normal forms" in exact.method


def planted(whole, name, change):
    """Return the deltas of a graph with the terms of one delta changed."""
    backward = deltas(whole)
    wrong = backward.of(name)
    nodes = tuple(
        replace(n, terms=tuple(change(n.terms))) if n.name == wrong.name else n for n in backward.graph.nodes
    )
    return replace(backward, graph=Graph(nodes, backward.graph.loss))


def with_body(change):
    return lambda terms: (Term(t.write, t.bound, change(t.body)) for t in terms)


I, J, K = index("i"), index("j"), index("k")

FAULTS = {
    "a dropped path": ("x", lambda terms: terms[1:]),
    "a doubled path": ("x", lambda terms: (*terms, terms[-1])),
    "a wrong sign": ("a", with_body(lambda body: -body)),
    "a factor": ("h", with_body(lambda body: body * sp.Rational(1001, 1000))),
    "a transposed subscript": (
        "a",
        with_body(
            lambda body: body.xreplace({r: r.at(r.index[::-1]) for r in body.atoms(Ref) if r.name == "W"})
        ),
    ),
    "a captured index": ("a", with_body(lambda body: reindex(body, {J: I}))),
    "a delta of another node": (
        "h",
        with_body(lambda body: body.xreplace({Ref("da", (index("n"), I)): Ref("dz", (index("n"), I))})),
    ),
    "a term too many": (
        "W",
        lambda terms: (*terms, Term(terms[0].write, terms[0].bound, Ref("dz", (index("n"), I)))),
    ),
    "another landing": ("W", lambda terms: (Term(t.write[::-1], t.bound, t.body) for t in terms)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_refuted(fault):
    name, change = FAULTS[fault]
    whole = FREE["residual"]
    wrong = planted(whole, name, change)
    first, second, third = judged(whole, wrong, name, {"N": 2, "H": 3})
    assert first == WRONG
    assert second == WRONG
    assert third == WRONG
    assert induction(whole, wrong).where == name
    # What lies behind it is wrong too; the induction names the place where the fault stands.
    if name in ("a", "h"):
        assert judged(whole, wrong, "x", {"N": 1, "H": 2})[2] == WRONG


def test_a_listing_without_one_path_is_refuted(monkeypatch):
    whole = fresh_mlp()
    instance = at_sizes(whole, deltas(whole), twos(whole))
    listed = symgrad.derive.expansions.paths_along
    monkeypatch.setattr(symgrad.derive.expansions, "paths_along", lambda *args: list(listed(*args))[1:])
    found = expansion(instance, "W1")
    assert (found.verdict, found.evidence, found.where) == (*WRONG, "W1_1_1")
    monkeypatch.setattr(symgrad.derive.expansions, "paths_along", lambda *args: list(listed(*args)) * 2)
    assert not expansion(instance, "W1").right


@pytest.mark.parametrize("wrong", [lambda p: 2 * p, lambda p: -p, lambda p: p + 1, lambda p: p**2])
def test_a_wrong_partial_passes_until_the_witness(monkeypatch, wrong):
    derive = symgrad.model.graph.differentiate

    def forged(body, access):
        partial = derive(body, access)
        return wrong(partial) if access.name.startswith("z1") else partial

    monkeypatch.setattr(symgrad.model.graph, "differentiate", forged)
    whole = fresh_mlp()
    assert judged(whole, deltas(whole), "W1") == [RIGHT, RIGHT, WRONG]
    assert judged(whole, deltas(whole), "W2") == [RIGHT, RIGHT, RIGHT]


def test_a_missing_edge_is_seen_by_whoever_takes_the_edges_afresh():
    whole = fresh_mlp()
    object.__setattr__(whole, "in_edges", {**whole.in_edges, "z1": whole.in_edges["z1"][1:]})
    backward = deltas(whole)
    assert induction(whole, backward).where == "W1"
    instance = at_sizes(whole, backward, twos(whole))
    assert expansion(instance, "W1").verdict == "wrong"
    assert against_witness(instance, ["W1"])["W1"].verdict == "wrong"


def test_simplified_deltas_are_judged_under_their_assumption():
    whole = zoo("classifier_3_3_3_softmax").graph
    simple = simplify(deltas(whole, ["W1"]), ["W1"]).backward
    instance = at_sizes(whole, simple, twos(whole))
    assert against_witness(instance, ["W1"], assumed=True)["W1"].verdict == "right"
    assert against_witness(instance, ["W1"])["W1"].verdict == "wrong"


def ring(letters, order):
    return "*".join(f"A[{a},{letters[k]}]" for a, k in zip(letters, order, strict=True))


def test_too_many_bound_indices_are_unknown():
    letters = [f"i{k}" for k in range(8)]
    axes = dict.fromkeys(letters, 2)
    one, two = ring(letters, (1, 2, 3, 4, 5, 6, 7, 0)), ring(letters, (1, 2, 3, 0, 5, 6, 7, 4))
    whole, other = (
        graph(axes, [], ["A i0 i1", "w"], {"J": f"w*sum({', '.join(letters)}, {body})"})
        for body in (one, two)
    )
    backward = deltas(whole, ["w"])
    assert induction(whole, backward).right
    found = induction(whole, Backward(deltas(other, ["w"]).graph, "J", backward.delta))
    assert (found.verdict, found.evidence, found.where) == (*UNKNOWN, "w")


def test_beyond_the_limit_evidence_is_bounded():
    whole = fresh_mlp()
    instance = at_sizes(whole, deltas(whole), twos(whole))
    found = against_witness(instance, ["W1"], limit=1)["W1"]
    assert (found.verdict, found.evidence) == ("right", "bounded")
    assert 0 < found.bound < 2**-110
    assert "random 61-bit primes" in found.method
    wrong = at_sizes(whole, planted(whole, "W1", with_body(lambda body: body * 2)), twos(whole))
    found = against_witness(wrong, ["W1"], limit=1)["W1"]
    assert (found.verdict, found.evidence, found.where) == (*WRONG, "W1_1_1")


def test_kinks_do_not_weaken_the_evidence():
    whole = layered("net", Layered((2, 2, 2), hidden="relu", output="identity")).graph
    instance = at_sizes(whole, deltas(whole), twos(whole))
    found = against_witness(instance, ["W1"], limit=1)["W1"]
    assert (found.verdict, found.evidence) == ("right", "bounded")
    assert found.bound < 2**-110
    wrong = at_sizes(whole, planted(whole, "W1", with_body(lambda body: body * 2)), twos(whole))
    assert against_witness(wrong, ["W1"], limit=1)["W1"].verdict == "wrong"
    assert judged(whole, deltas(whole), "W1") == [RIGHT, RIGHT, RIGHT]


@pytest.mark.parametrize("whole", [chain_of_residuals(40), chain_of_sums(20)], ids=["paths", "products"])
def test_too_many_paths_are_summed_instead(whole):
    backward = deltas(whole)
    instance = at_sizes(whole, backward, twos(whole))
    found = expansion(instance, "x0")
    assert (found.verdict, found.evidence, found.listed) == ("right", "bounded", False)
    assert found.bound < 2**-110
    assert induction(whole, backward).right
    wrong = planted(whole, "x7", with_body(lambda body: body * 2))
    found = expansion(at_sizes(whole, wrong, twos(whole)), "x0")
    assert (found.verdict, found.listed) == ("wrong", False)


def test_a_limit_can_be_given():
    whole = fresh_mlp()
    instance = at_sizes(whole, deltas(whole), twos(whole))
    assert expansion(instance, "W1", limit=1).listed is False
    assert expansion(instance, "W1", limit=8).listed is True


@pytest.mark.parametrize(
    "formula",
    [
        "sum(i, sum(j, x[i]*A[i,j]*(x[j] + 1)))",
        "sum(i, sum(j, exp(x[i]*x[j])))",
        "sum(i, (x[i] + x[0])^2*x[0])",
        "sum(i, sum(j, sigmoid(x[i])*tanh(x[j])))",
    ],
)
def test_accesses_that_coincide_at_a_size_are_no_fault(formula):
    whole = graph({"i": "D", "j": "D"}, ["x i"], ["A i j"], {"J": formula})
    first, second, third = judged(whole, deltas(whole), "x")
    assert (first, third) == (RIGHT, RIGHT)
    assert second[0] != "wrong"


def test_a_node_without_influence_is_right():
    whole = graph({"i": "D"}, ["x i"], ["b", "c"], {"u": "c^2", "J": "sum(i, b*x[i])"})
    assert judged(whole, deltas(whole, ["c", "b"]), "c") == [RIGHT, RIGHT, RIGHT]


def test_the_terms_of_a_node_may_stand_in_any_order():
    whole = FREE["residual"]
    shuffled = planted(whole, "x", reversed)
    assert isinstance(shuffled.of("x"), Node)
    assert induction(whole, shuffled).right


def test_the_loss_is_written_once_for_the_witnesses_of_all_its_leaves(monkeypatch):
    whole = fresh_mlp()
    instance = at_sizes(whole, deltas(whole, ["W1", "W2"]), twos(whole))
    written, composite = [], symgrad.derive.scalars.composite
    monkeypatch.setattr(
        symgrad.derive.scalars, "composite", lambda *args: written.append(args[2]) or composite(*args)
    )
    for name in (*instance.entries["W1"], *instance.entries["z2"]):
        instance.witness(name)
    assert written == ["", *instance.entries["z2"]]
