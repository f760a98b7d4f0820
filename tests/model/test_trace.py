"""Ordinary Python and NumPy arithmetic becomes a graph."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from symgrad.errors import DefinitionError, UnknownNameError
from symgrad.model.expressions import Ref
from symgrad.model.graph import Kind
from symgrad.model.trace import trace

FUNCTIONS = {
    "exp": sp.exp,
    "log": sp.log,
    "tanh": sp.tanh,
    "sin": sp.sin,
    "cos": sp.cos,
    "sqrt": sp.sqrt,
    "abs": sp.Abs,
    "max": sp.Max,
    "min": sp.Min,
}
X, Y = Ref("x"), Ref("y")


def graph_of(function, parameters=()):
    return trace(function, parameters, FUNCTIONS)


def bodies(function):
    return {node.name: node.terms[0].body for node in graph_of(function).nodes if not node.is_leaf}


def test_a_square_is_one_node():
    graph = graph_of(lambda x: x**2)
    assert [node.name for node in graph.nodes] == ["x", "f"]
    assert graph.loss == "f"
    assert graph["f"].terms[0].body == X**2
    assert graph.in_edges["f"][0].partial == 2 * X


@pytest.mark.parametrize(
    ("function", "body"),
    [
        (lambda x, y: 2 * x - y / 3 + 1, 2 * X - Y / 3 + 1),
        (lambda x, y: 1 - x + (3 - y) / (2 / x), 1 - X + (3 - Y) * X / 2),
        (lambda x, y: -x + +y - abs(x), -X + Y - sp.Abs(X)),
        (lambda x, y: x * 0.1 + Fraction(1, 3) + Decimal("0.25"), X / 10 + sp.Rational(7, 12)),
        (
            lambda x, y: np.float64(0.5) * x + np.int64(2) ** y + np.float32(0.1),
            X / 2 + 2**Y + sp.Rational(1, 10),
        ),
        (lambda x, y: np.exp(x) * np.log(y) + np.sqrt(x), sp.exp(X) * sp.log(Y) + sp.sqrt(X)),
        (lambda x, y: np.tanh(x) + np.sin(x) * np.cos(y), sp.tanh(X) + sp.sin(X) * sp.cos(Y)),
        (
            lambda x, y: np.maximum(x, 0) - np.minimum(0, y) + np.abs(x),
            sp.Max(X, 0) - sp.Min(Y, 0) + sp.Abs(X),
        ),
        (lambda x, y: sum([x, y, 1]), X + Y + 1),
        (lambda x, y: x**0.5 + 2**y + np.power(x, 3) + np.square(y), sp.sqrt(X) + 2**Y + X**3 + Y**2),
        (lambda x, y: np.dot(np.array([x, y]), [1, 2]) + np.exp(np.array([x, y]))[0], X + 2 * Y + sp.exp(X)),
        (lambda x, y: x, X),
        (lambda x, y: 3, sp.Integer(3)),
    ],
)
def test_arithmetic_becomes_one_body(function, body):
    assert bodies(function) == {"f": body}


def test_a_value_used_twice_is_a_node():
    def loss(w, v1):
        hidden = np.tanh(w * v1)
        return hidden * hidden + hidden

    hidden = Ref("v2")
    assert bodies(loss) == {"v2": sp.tanh(Ref("w") * Ref("v1")), "loss": hidden**2 + hidden}


def test_parameters_defaults_and_the_name_of_the_result():
    def model(w1, w2, x=2, *, rate=0.5):
        return w1 * x + w2 * rate

    graph = graph_of(model, ["w1", "x"])
    kinds = {node.name: node.kind for node in graph.nodes if node.is_leaf}
    assert kinds == {"w1": Kind.PARAMETER, "w2": Kind.INPUT, "x": Kind.PARAMETER}
    assert graph["model"].terms[0].body == Ref("w1") * X + Ref("w2") / 2
    assert graph_of(lambda f: 2 * f).loss == "f1"


def test_large_functions_are_cut_into_nodes_that_can_be_derived():
    def horner(x):
        y = x
        for k in range(200):
            y = y * x + k
        return y

    graph = graph_of(horner)
    assert 3 < len(graph.nodes) < 40
    value = sp.Integer(1)
    values = {X: value}
    for node in graph.nodes[1:]:
        values[node.ref] = node.terms[0].body.xreplace(values)
    assert values[Ref("horner")] == 1 + sum(range(200))
    assert len(bodies(lambda x: sum(k * x for k in range(60)))) == 1
    assert sum(map(len, graph.in_edges.values())) > len(graph.nodes) - 2


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: 2 * x if x > 0 else 0, "a comparison .* use np.maximum or np.minimum"),
        (lambda x: 1 if x else 0, "a comparison"),
        (lambda x: 1 if x == 0 else 0, "a comparison"),
        (lambda x: max(x, 0), "use np.maximum"),
        (lambda x: 2 * math.exp(x), "a conversion .* use the NumPy function: np.exp"),
        (lambda x: 2 * float(x), "a conversion"),
        (lambda x: 2 * round(x), "rounding"),
        (lambda x: x // 2, "rounding"),
        (lambda x: x[0], "each argument is one number"),
        (lambda x: 2 * sum(x), "each argument is one number"),
        (lambda x: 2 * np.sinh(x), "np.sinh cannot be traced; write it with arithmetic and np.exp"),
        (lambda x: np.exp(x, dtype=float), "without options"),
        (lambda x: np.ones(3) * x, "ndarray.*one number at a time"),
        (lambda x: x + "a", r"found 'a' \(str\)"),
        (lambda x: x * math.nan, r"found nan \(float\)"),
        (lambda x: x / 0, "divides by zero"),
        (lambda x: (x, x), "returns tuple; return one number"),
        (lambda x: None, "returns NoneType"),
        (lambda *x: 1, "'x' is starred"),
        (lambda np: np, "reserved word"),
        (lambda x: 2 * np.argmax(x), "np.argmax works on arrays"),
        (3, "found 3; give a Python function"),
        (max, "found max; give a Python function"),
    ],
)
def test_what_needs_a_value_is_refused_with_the_remedy(function, message):
    with pytest.raises(DefinitionError, match=message):
        graph_of(function)


def test_an_unknown_parameter_is_named():
    with pytest.raises(UnknownNameError, match="unknown argument 'w2'; did you mean w1"):
        graph_of(lambda w1: w1, ["w2"])
