"""Loss and gradient from moments: for which networks, why not for others, and that a wrong one is found."""

from collections.abc import Callable
from dataclasses import replace

import pytest

import symgrad as sg
from symgrad.derive.deltas import Backward, deltas
from symgrad.derive.moments import Moments, moments
from symgrad.derive.moments_proof import proved
from symgrad.derive.rewrite import simplify
from symgrad.derive.sizes import small_sizes
from symgrad.errors import DefinitionError
from symgrad.model.expressions import map_refs, size
from symgrad.model.graph import Graph, Term
from symgrad.model.model import Model

AXES = {"n": "N", "j": "D", "k": "K"}


def defined(loss: str, parameters: dict[str, str] | None = None, **nodes: str) -> Model:
    return sg.define(
        sg.Definitions(
            axes=AXES,
            inputs={"x": "n j", "c": "n"},
            targets={"t": "n"},
            parameters=parameters or {"w": "j"},
            nodes={"y": "[n] sum(j, w[j]*x[n,j])", **nodes, "J": loss},
        )
    ).model


def mlp(*sizes: int, hidden: str = "tanh", mean: bool = True) -> Model:
    return sg.mlp(sizes, hidden=hidden, output="identity", loss="squared_error", mean=mean).model


QUADRATIC = {
    "with a bias": (sg.zoo("linear_regression").model, None, ("xx", "x_sum")),
    "without": (defined("mean(n, (y[n] - t[n])^2)/2"), None, ("xx",)),
    "a sum": (defined("sum(n, (y[n] - t[n])^2)"), None, ("xx",)),
    "ridge": (defined("mean(n, (y[n] - t[n])^2) + sum(j, w[j]^2)/10"), None, ("xx",)),
    "weighted": (defined("mean(n, c[n]*(y[n] - t[n])^2)"), None, ("cxx",)),
    "several outputs": (mlp(4, 3), None, ("xx", "x_sum")),
    "their sum": (mlp(4, 3, mean=False), None, ("xx", "x_sum")),
    "the last layer": (mlp(4, 3, 2), ("W2", "b2"), ("a1a1", "a1_sum")),
    "the first of linear layers": (mlp(4, 3, 2, hidden="identity"), ("W1",), ("xx",)),
    "a mean in between": (
        defined("mean(n, (y[n] - m*t[n])^2)", m="mean(n, y[n])"),
        None,
        ("tt", "x_sum", "tx", "xx"),
    ),
    "a bias alone": (mlp(4, 3, 2), ("b2",), ()),
}


def derived(model: Model, trained: tuple[str, ...] | None) -> tuple[Backward, Moments]:
    names = [node.name for node in model.graph.parameters]
    backward = simplify(deltas(model.graph, names, model.loss), names).backward
    assert model.samples is not None
    return backward, moments(backward, trained or names, size(model.samples))


@pytest.mark.parametrize("name", QUADRATIC)
def test_loss_and_gradient_are_those_of_the_network(name: str) -> None:
    model, trained, sums = QUADRATIC[name]
    backward, made = derived(model, trained)
    found = proved(backward, made, small_sizes(model, samples=2))
    assert (found.verdict, found.evidence) == ("right", "proved")
    assert made.sums == sums


REFUSED = {
    "a sigmoid": (sg.zoo("logistic_regression").model, None, r"∂J/∂w.*z\[n\] does not stand linearly"),
    "two linear layers": (mlp(4, 3, 2, hidden="identity"), None, r"∂J/∂W1.*W2.*is not linear in W1, b1, W2"),
    "a layer below a function": (mlp(4, 3, 2), ("W1",), r"∂J/∂W1.*z1\[n, i\] does not stand linearly"),
    "a kink": (defined("mean(n, abs(y[n] - t[n]))"), None, "∂J/∂w.*does not stand linearly"),
    "a fourth power": (defined("mean(n, (y[n] - t[n])^4)"), None, "∂J/∂w.*does not stand linearly"),
    "lasso": (defined("mean(n, (y[n] - t[n])^2) + sum(j, abs(w[j]))"), None, "∂J/∂w.*not linear in w"),
    "a product of parameters": (
        defined("mean(n, (v*y[n] - t[n])^2)", {"w": "j", "v": ""}), None, "is not linear in w, v",
    ),
    "centred data": (
        defined("mean(n, (sum(j, w[j]*z[n,j]) - t[n])^2)", m="[j] mean(n, x[n,j])", z="[n,j] x[n,j] - m[j]"),
        None, "computed from several samples",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_in_the_way_is_named(name: str) -> None:
    model, trained, said = REFUSED[name]
    with pytest.raises(DefinitionError, match=said):
        derived(model, trained)


def test_a_fixed_factor_is_no_hindrance() -> None:
    model = defined("mean(n, (v*y[n] - t[n])^2)", {"w": "j", "v": ""})
    backward, made = derived(model, ("w",))
    assert proved(backward, made, small_sizes(model, samples=2)).evidence == "proved"


def doubled(term: Term) -> Term:
    return replace(term, body=2 * term.body)


def of_one_feature(term: Term) -> Term:
    """Return Σ_n x[n,j]² in the place of Σ_n x[n,j] x[n,k]."""
    first = term.write[0]
    return replace(term, body=map_refs(term.body, lambda r: r.at((r.index[0], first))))


FAULTS: dict[str, Callable[[Term], Term]] = {"J_now": doubled, "db1_now": doubled, "xx": of_one_feature}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found(name: str) -> None:
    backward, made = derived(mlp(4, 3), None)
    node = made.graph[name]
    wrong = replace(node, terms=(*node.terms[:-1], FAULTS[name](node.terms[-1])))
    nodes = tuple(wrong if n.name == name else n for n in made.graph.nodes)
    planted = replace(made, graph=Graph(nodes, made.graph.loss))
    assert proved(backward, planted, {"N": 2, "D": 3, "K": 2}).verdict == "wrong"
