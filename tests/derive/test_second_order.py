"""Jacobians, Hessians and products with directions, against sympy.diff and against one another."""

from fractions import Fraction

import numpy as np
import pytest

from symgrad.derive.agreement import induction
from symgrad.derive.deltas import deltas
from symgrad.derive.directional import tangents, with_directions
from symgrad.derive.second import (
    gauss_newton_vector,
    hessian,
    hessian_blocks,
    hessian_vector,
    jacobian,
    matching,
    pair,
)
from symgrad.derive.second_witness import (
    Question,
    first_derivatives,
    gauss_newton_products,
    hessian_products,
    prove,
    second_derivatives,
)
from symgrad.errors import DefinitionError
from symgrad.model.expressions import Ref, index, size
from symgrad.model.graph import Axis, Graph, Kind, Node, Term
from symgrad.model.layered import Layered, layered
from symgrad.model.zoo import zoo
from tests.examples import FREE, graph
from tests.interpreter import DECIMALS, run
from tests.points import distance, random_leaves

TINY = 1e-45


def padded_convolution() -> Graph:
    """Two tied convolutions with padding and stride, from terms: the kernel W is used by both."""
    i, k, o = index("i"), index("k"), index("o")
    length, width = Axis("i", size(5)), Axis("k", size(3))
    out, last = Axis("o", size(3)), Axis("o", size(2))
    nodes = (
        Node("x", (length,), Kind.INPUT),
        Node("W", (width,), Kind.PARAMETER),
        Node("xp", (Axis("i", size(7)),), terms=(Term((i + 1,), (length,), Ref("x", (i,))),), auxiliary=True),
        Node("z", (out,), terms=(Term((o,), (out, width), Ref("W", (k,)) * Ref("xp", (2 * o + k,))),)),
        Node("a", (out,), terms=(Term((o,), (out,), Ref("z", (o,)) ** 2),)),
        Node("ap", (Axis("i", size(5)),), terms=(Term((o + 1,), (out,), Ref("a", (o,))),), auxiliary=True),
        Node("y", (last,), terms=(Term((o,), (last, width), Ref("W", (k,)) * Ref("ap", (2 * o + k,))),)),
        Node("J", terms=(Term((), (last,), Ref("y", (o,)) ** 2 / 2),)),
    )
    return Graph(nodes, "J")


def dense(**options):
    return layered("net", Layered((2, 2, 2), **options)).graph


SMALL = {"N": 2, "D": 2, "H": 2, "K": 2}
ONE = {**SMALL, "N": 1}
CASES = {
    "logistic": (zoo("logistic_regression").graph, ("w", "b"), "z", {"N": 1, "D": 2}),
    "quadratic": (FREE["quadratic"], ("x", "A"), None, {"D": 2}),
    "log_sum_exp": (FREE["log_sum_exp"], ("z",), "e", {"K": 3}),
    "scattered": (FREE["scattered"], ("x", "w"), "h", {"D": 3}),
    "padded": (padded_convolution(), ("W",), "y", {}),
    "relu": (
        dense(hidden="relu", output="identity", loss="squared_error", bias="none"),
        ("W1", "W2"),
        "y",
        ONE,
    ),
    "absolute": (dense(hidden="identity", output="identity", loss="absolute_error"), ("W2",), "y", ONE),
    "softmax": (dense(output="softmax", loss="cross_entropy"), ("z2",), "y", ONE),
}


LONG = ("logistic", "padded", "relu")


def marked(names):
    return [pytest.param(name, marks=[pytest.mark.slow] if name in LONG else []) for name in names]


@pytest.mark.parametrize("name", marked(CASES))
def test_all_second_derivatives_are_those_of_sympy(name):
    whole, names, _, sizes = CASES[name]
    for first in names:
        for second in names:
            found = hessian(whole, first, second)
            asked = Question(whole, "J", (first, second))
            assert prove(asked, found, second_derivatives, sizes)[second].right
            assert all(induction(step.graph, step).right for step in found.steps)
    products = prove(Question(whole, "J", names), hessian_vector(whole, names), hessian_products, sizes)
    assert [finding.verdict for finding in products.values()] == ["right"] * len(names)


@pytest.mark.parametrize("name", marked(name for name, case in CASES.items() if case[2]))
def test_jacobians_and_gauss_newton_products_are_those_of_sympy(name):
    whole, names, end, sizes = CASES[name]
    for wrt in names:
        asked = Question(whole, end, (wrt,))
        assert prove(asked, jacobian(whole, end, wrt), first_derivatives, sizes)[wrt].right
    asked = Question(whole, "J", names, (end,))
    found = prove(asked, gauss_newton_vector(whole, names, [end]), gauss_newton_products, sizes)
    assert [finding.verdict for finding in found.values()] == ["right"] * len(names)


@pytest.mark.slow
def test_a_whole_network_with_softmax():
    whole = dense(hidden="tanh", output="softmax", loss="cross_entropy")
    for first, second in (("W1", "W1"), ("W1", "W2")):
        asked = Question(whole, "J", (first, second))
        assert prove(asked, hessian(whole, first, second), second_derivatives, ONE)[second].right
    asked = Question(whole, "J", ("W1", "W2"), ("z2",))
    products = gauss_newton_vector(whole, ["W1", "W2"], ["z2"])
    assert all(f.right for f in prove(asked, products, gauss_newton_products, ONE).values())


def test_a_wrong_second_derivative_is_refuted():
    whole = FREE["quadratic"]
    found = hessian(whole, "x", "x")
    node = found.of("x")
    halved = tuple(Term(t.write, t.bound, t.body / 2) for t in node.terms)
    nodes = (Node(n.name, n.axes, terms=halved) if n == node else n for n in found.graph.nodes)
    wrong = type(found)(Graph(tuple(nodes), "J"), found.results)
    (finding,) = prove(Question(whole, "J", ("x", "x")), wrong, second_derivatives, {"D": 2}).values()
    assert (finding.verdict, finding.evidence) == ("wrong", "counterexample")


DEEP = layered("net", Layered((2, 3, 2, 2), hidden="sigmoid", output="softmax", loss="cross_entropy")).graph
DEEP_SIZES = {"N": 2, "D": 2, "H1": 3, "H2": 2, "K": 2}


def at_a_point(found, whole, sizes, directions=()):
    leaves = random_leaves(whole, sizes, 3)
    more = {found.directions[n]: leaves[n][::-1] if leaves[n].ndim else leaves[n] for n in directions}
    return run(found.graph, {**leaves, **more}, sizes), more


@pytest.mark.parametrize(
    ("whole", "names", "sizes"),
    [
        (DEEP, ("W1", "b1", "W2"), DEEP_SIZES),
        (FREE["convolution"], ("W", "v"), {}),
        (padded_convolution(), ("W",), {}),
    ],
)
def test_blocks_are_symmetric_and_products_are_theirs(whole, names, sizes):
    blocks = hessian_blocks(whole, names)
    values, _ = at_a_point(blocks, whole, sizes)
    product = hessian_vector(whole, names)
    found, along = at_a_point(product, whole, sizes, names)
    shape = {name: values[name].shape for name in names}
    table = {}
    for one in names:
        for other in names:
            key = pair(one, other)
            if key in blocks.results:
                block = values[blocks.results[key]].reshape(values[one].size, -1)
                table[one, other], table[other, one] = block, block.T
        assert distance(table[one, one], table[one, one].T) < TINY
    for one in names:
        expected = sum(table[one, other] @ along[product.directions[other]].ravel() for other in names)
        assert distance(found[product.results[one]], expected.reshape(shape[one])) < TINY


def test_gauss_newton_is_the_hessian_of_a_linear_model_and_less_of_others():
    for name, same in (("linear_regression", True), ("logistic_regression", True), ("worked_2_2_2", False)):
        model = zoo(name)
        whole, names = model.graph, tuple(p.name for p in model.graph.parameters)
        sizes = {**model.numbers(unknown=2), "N": 2}
        full = hessian_vector(whole, names)
        part = gauss_newton_vector(whole, names, [matching(whole, model.outputs[0])])
        ours, _ = at_a_point(full, whole, sizes, names)
        theirs, _ = at_a_point(part, whole, sizes, names)
        gaps = [distance(ours[full.results[n]], theirs[part.results[n]]) for n in names]
        assert (max(gaps) < TINY) is same


def test_a_network_is_cut_where_its_loss_matches():
    assert matching(zoo("logistic_regression").graph, "y") == "z"
    assert matching(DEEP, "y") == "z3"
    assert matching(zoo("mlp").graph, "y") == "y"


def test_tangents_and_deltas_agree_on_the_directional_derivative():
    names = ("W1", "b2", "W3")
    backward = deltas(DEEP, names)
    steered, directions = with_directions(backward.graph, names)
    pushed = tangents(steered, directions)
    leaves = random_leaves(DEEP, DEEP_SIZES, 5)
    more = {directions[name]: leaves[name][::-1] for name in names}
    values = run(pushed.graph, {**leaves, **more}, DEEP_SIZES)
    inner = sum((values[backward.delta[n]] * more[directions[n]]).sum() for n in names)
    assert abs(values[pushed.tangent["J"]][()] - inner) < TINY


def test_the_hessian_of_a_kinked_network_has_no_part_of_the_kink():
    whole = graph({}, ["x"], ["w"], {"z": "relu(w*x)", "J": "z"})
    assert hessian(whole, "w", "w").of("w").terms == ()
    values = run(
        hessian_vector(whole, ["w"]).graph,
        {n: np.array(DECIMALS.number(Fraction(2))) for n in ("x", "w", "v_w")},
        {},
    )
    assert values["Hv_w"][()] == 0


def test_a_third_derivative_is_a_hessian_derived_again():
    cube = graph({"i": "D"}, [], ["x i"], {"J": "sum(i, x[i]^4 + exp(x[i]))"})
    second = hessian(cube, "x", "x")
    third = jacobian(second.graph, second.results["x"], "x")
    leaves = random_leaves(cube, {"D": 2}, 1)
    values = run(third.graph, leaves, {"D": 2})[third.results["x"]].astype(float)
    x = leaves["x"].astype(float)
    expected = np.zeros((2, 2, 2))
    expected[range(2), range(2), range(2)] = 24 * x + np.exp(x)
    assert np.allclose(values, expected, rtol=1e-14)


def test_products_go_through_a_recurrence():
    t, i, j = index("t"), index("i"), index("j")
    steps, earlier = Axis("t", size("T")), Axis("t", size("T") - 1)
    rows, columns = Axis("i", size("H")), Axis("j", size("H"))
    step = Term((t + 1, i), (earlier, rows, columns), Ref("U", (i, j)) * Ref("h", (t, j)))
    nodes = (
        Node("x", (steps, rows), Kind.INPUT),
        Node("U", (rows, columns), Kind.PARAMETER),
        Node("z", (steps, rows), terms=(Term((t, i), (steps, rows), Ref("x", (t, i))), step)),
        Node("h", (steps, rows), terms=(Term((t, i), (steps, rows), Ref("z", (t, i)) ** 2),)),
        Node("J", terms=(Term((), (steps, rows), Ref("h", (t, i)) ** 2),)),
    )
    whole = Graph(nodes, "J")
    asked, twice = Question(whole, "J", ("U",)), Question(whole, "J", ("U", "U"))
    for sizes in ({"T": 3, "H": 1}, {"T": 2, "H": 2}):
        assert prove(asked, hessian_vector(whole, ["U"]), hessian_products, sizes)["U"].right
        assert prove(twice, hessian(whole, "U", "U"), second_derivatives, sizes)["U"].right


def test_names_stay_apart_whatever_the_network_is_called():
    taken = graph({}, ["dw", "z_v", "v_w", "Hv_w"], ["w"], {"z": "w^2*dw", "J": "z^2*z_v*v_w*Hv_w"})
    asked = Question(taken, "J", ("w",))
    assert prove(asked, hessian_vector(taken, ["w"]), hessian_products, {})["w"].right
    twice = Question(taken, "J", ("w", "w"))
    assert prove(twice, hessian(taken, "w", "w"), second_derivatives, {})["w"].right


def test_what_is_not_reached_is_zero():
    whole = graph({"i": 2}, ["x i"], ["w i", "u i"], {"J": "sum(i, w[i]*x[i])"})
    assert hessian_vector(whole, ["u"]).of("u").terms == ()
    assert jacobian(whole, "J", "u").of("u").terms == ()


def test_bad_questions():
    with pytest.raises(DefinitionError, match="z2 depends on W1; derive by one of the two"):
        hessian(dense(), "W1", "z2")
    with pytest.raises(DefinitionError, match="y has axes; a second derivative is that of one number"):
        hessian(dense(), "W1", "W1", "y")
