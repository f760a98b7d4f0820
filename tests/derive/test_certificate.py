"""Certificates of deep networks: paths that are not listed, losses not written out, sizes that fit."""

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp

from symgrad.derive.agreement import against_witness, at_sizes, expansions
from symgrad.derive.certificate import certify, head_lines
from symgrad.derive.deltas import deltas
from symgrad.derive.kinks import off_kinks
from symgrad.derive.moved import tangent
from symgrad.derive.rewrite import simplify
from symgrad.derive.scalars import evaluate
from symgrad.derive.sizes import small_sizes, unequal_sizes
from symgrad.errors import DefinitionError
from symgrad.exact.decimals import Decimals
from symgrad.model.expressions import Ref, index, size
from symgrad.model.functions import Equal
from symgrad.model.graph import Axis, Graph, Kind, Node, Term
from symgrad.model.layers import leaf, pointwise
from symgrad.model.model import Model
from tests.benchmarks.deep import convolutional, lstm, residual, transformer
from tests.work import counted


def model_of(graph, **sizes):
    return Model("deep", "deep", graph, sizes, ("x",), ("t",), ())


def test_forty_blocks_are_certified_at_once():
    model = model_of(residual(40))
    with counted() as work:
        certificate = certify(model)
    assert certificate.verdict == "right"
    assert work.calls < 10_000_000
    summed, exact = certificate.findings["W1"][1:3]
    assert (summed.listed, summed.evidence) == (False, "bounded")
    assert (exact.claim, exact.evidence, exact.witness) == (
        "gradient",
        "bounded",
        "the loss over dual numbers",
    )
    assert exact.bound < 2**-60
    assert certificate.findings["W40"][1].listed is True
    assert any("the loss over dual numbers" in line for line in head_lines(certificate))
    assert certificate.off == ("the kinks of relu (a1, a2, a3, …, a40)",)


@pytest.mark.parametrize(
    "graph",
    [residual(6), convolutional(1), lstm(3), transformer(1)],
    ids=["residual", "conv", "lstm", "attention"],
)
def test_a_fault_is_found_by_the_second_witness_too(graph):
    backward = deltas(graph, [p.name for p in graph.parameters])
    model, names = model_of(graph), [p.name for p in graph.parameters]
    right = at_sizes(graph, backward, small_sizes(model))
    found = against_witness(right, names, limit=1)
    assert {(f.verdict, f.evidence) for f in found.values()} == {("right", "bounded")}
    wrong = at_sizes(graph, _doubled(backward, names[0]), small_sizes(model))
    faulty = against_witness(wrong, names, limit=1)
    assert [n for n, f in faulty.items() if f.verdict == "wrong"] == [names[0]]
    summed = expansions(wrong, names, limit=0)
    assert [n for n, f in summed.items() if f.verdict == "wrong"] == [names[0]]


def _doubled(backward, name):
    def twice(node):
        terms = tuple(Term(t.write, t.bound, 2 * t.body) for t in node.terms)
        return replace(node, terms=terms) if node.name == backward.delta[name] else node

    return replace(backward, graph=Graph(tuple(map(twice, backward.graph.nodes)), backward.graph.loss))


def test_the_moved_loss_is_the_difference_quotient():
    graph = residual(2, 1)
    instance = at_sizes(graph, deltas(graph), {"N": 1})
    algebra, step = Decimals(), Fraction(1, 10**20)
    leaves = [node.name for node in instance.forward.nodes if node.is_leaf]
    given = {name: algebra.number(Fraction(k + 1, 7)) for k, name in enumerate(leaves)}
    moved = tangent(instance, algebra, given, {"W1_1_1": algebra.number(1)})
    up, down = (given | {"W1_1_1": given["W1_1_1"] + sign * step} for sign in (1, -1))
    ends = [evaluate(instance.forward, algebra, values)["J"] for values in (up, down)]
    assert float(moved) == pytest.approx(float((ends[0] - ends[1]) / (2 * step)), rel=1e-12)


def strided(kernel):
    """A convolution with stride 2 and padding 1: the size of its output follows from H and the kernel."""
    i, k, n = index("i"), index("k"), size("H")
    wide, out = Axis("i", n + 2), Axis("o", sp.floor((n + 2 - kernel) / 2) + 1)
    padded = Node("p", (wide,), terms=(Term((i + 1,), (Axis("i", n),), Ref("x", (i,))),))
    window = Ref("W", (k,)) * Ref("p", (2 * out.symbol + k,))
    z = Node("z", (out,), terms=(Term((out.symbol,), (out, Axis("k", kernel)), window),))
    loss = Node("J", terms=(Term((), (out,), z.ref**2),))
    leaves = (leaf("x", Kind.INPUT, Axis("i", n)), leaf("W", Kind.PARAMETER, Axis("k", kernel)))
    return Graph((*leaves, padded, z, loss), "J")


def test_sizes_are_raised_until_everything_fits():
    assert small_sizes(model_of(strided(sp.Integer(3)))) == {"H": 2}
    assert small_sizes(model_of(strided(sp.Integer(7)))) == {"H": 5}
    assert unequal_sizes(model_of(strided(size("K")))) == {"H": 2, "K": 3}
    assert certify(model_of(strided(sp.Integer(5)))).verdict == "right"
    with pytest.raises(DefinitionError, match=r"z has an axis of size .* which is 0 at H = 3"):
        small_sizes(model_of(strided(sp.Integer(7)), H=3))


def test_heads_divide_the_width():
    d, e = size("D"), size("A")
    head = Axis("e", d / e)
    x = leaf("x", Kind.INPUT, Axis("h", e), head)
    graph = Graph((x, Node("J", terms=(Term((), x.axes, x.ref**2),))), "J")
    sizes = unequal_sizes(model_of(graph))
    assert sizes["D"] % sizes["A"] == 0


def test_kinks_and_ties_are_stated():
    x = leaf("x", Kind.INPUT, Axis("k", size("K")))
    place = Node("m_arg", terms=(Term((), x.axes, x.ref),), reduce="argmax", auxiliary=True)
    body = Equal(x.axes[0].symbol, place.ref) * x.ref
    graph = Graph(
        (x, place, Node("m", terms=(Term((), x.axes, body),)), pointwise("J", (), Ref("m") ** 2)), "J"
    )
    assert off_kinks(graph) == ("ties of the maximum (m_arg)",)
    assert off_kinks(residual(1)) == ("the kinks of relu (a1)",)
    assert off_kinks(transformer(1)) == ()
    backward = deltas(graph, ["x"])
    found = against_witness(at_sizes(graph, backward, {"K": 3}), ["x"])["x"]
    assert found.right


def test_without_parameters_it_is_asked_what_to_derive_by():
    graph = Graph((leaf("x", Kind.INPUT), pointwise("J", (), Ref("x") ** 2)), "J")
    with pytest.raises(DefinitionError, match="deep has no parameters; name the nodes to derive by"):
        certify(model_of(graph))
    assert certify(model_of(graph), ["x"]).verdict == "right"


def test_a_model_is_derived_once_for_the_same_names():
    graph = residual(2)
    names = [p.name for p in graph.parameters]
    backward = deltas(graph, names)
    assert deltas(graph, iter(names)) is backward
    assert deltas(graph, names[:1]) is not backward
    assert simplify(backward, names) is simplify(backward, names)
    assert simplify(backward, names[:1]) is not simplify(backward, names)
