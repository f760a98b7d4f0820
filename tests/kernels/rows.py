"""Kernels of every activation and of every loss, one weight for each, and the exact gradients."""

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from symgrad.exact.decimals import Decimals, Real
from symgrad.exact.translate import translate
from symgrad.kernels.build import spec_of
from symgrad.kernels.files import Kernel, load_kernel, write
from symgrad.kernels.module import generate
from symgrad.model.activations import ELEMENTWISE, IDENTITY
from symgrad.model.activations import OUTPUTS as JOINING
from symgrad.model.expressions import size
from symgrad.model.functions import Z, expand, function_of, primal, slope
from symgrad.model.graph import Axis, Graph, Kind, Node, Term
from symgrad.model.layers import activate, leaf, pointwise
from symgrad.model.losses import LOSSES, Loss
from symgrad.model.model import Model
from symgrad.model.objectives import loss_nodes
from tests.interpreter import DECIMALS, DIGITS, run

N, K = Axis("n", size("N")), Axis("i", size("K"))


@cache
def activations() -> Kernel:
    """J = Σ_n Σ_a a(w_a x[n]): the gradient with respect to w_a is x·a′(w_a x) at one sample."""
    x, t = leaf("x", Kind.INPUT, N), leaf("t", Kind.TARGET, N, targets="free")
    weights = {name: leaf(f"w_{name}", Kind.PARAMETER) for name in ELEMENTWISE}
    values = [
        pointwise(f"a_{name}", (N,), function_of(row)(weights[name].ref * x.ref))
        for name, row in ELEMENTWISE.items()
    ]
    loss = Node("J", terms=tuple(Term((), (N,), value.ref + 0 * t.ref) for value in values))
    graph = Graph((x, t, *weights.values(), *values, loss), "J")
    last = values[-1].name
    return built(Model("rows", "all activations", graph, inputs=("x",), targets=("t",), outputs=(last,)))


def built(model: Model) -> Kernel:
    return load_kernel(write(generate(spec_of(model))))


def exact_slope(name: str, z: float, digits: int = 50) -> Real:
    """Return the derivative; that of gelu_tanh at ±1e4, where exp(z³) is beyond all bounds, is its limit."""
    if name == "gelu_tanh" and abs(z) > 1e3:
        return Decimals(digits).number(int(z > 0))
    algebra = Decimals(digits)
    derived = slope(expand(primal(ELEMENTWISE[name])), Z)
    return translate(expand(derived), algebra, {Z: algebra.number(Fraction(z))})


# Where the loss and its gradient are finite at every argument of the output that stands here.
OUTPUTS = {
    "binary_cross_entropy": "sigmoid",
    "cross_entropy": "softmax",
    "negative_log_likelihood": "log_softmax",
    "kl_divergence": "softmax",
    "poisson_nll": "softplus",
}
JOINED = (IDENTITY, *JOINING)
"""The activations that are not in the table of elementwise ones, tried with a squared error."""
CASES: Mapping[str, tuple[Loss, str | None]] = {
    **{name: (row, OUTPUTS.get(name)) for name, row in LOSSES.items()},
    IDENTITY: (LOSSES["squared_error"], None),
    **{name: (LOSSES["squared_error"], name) for name in JOINING},
}


@cache
def losses() -> tuple[Model, Kernel]:
    """Every case has its own output y_l = f(w_l x), and a one-hot target; the total is their sum."""
    x, t = leaf("x", Kind.INPUT, N, K), leaf("t", Kind.TARGET, N, K, targets="one_hot")
    nodes: list[Node] = [x, t]
    for name, (row, output) in CASES.items():
        weight = leaf(f"w_{name}", Kind.PARAMETER)
        pre = pointwise(f"z_{name}", (N, K), weight.ref * x.ref)
        made = activate(f"y_{name}", pre, output, ELEMENTWISE) if output else (pre,)
        spread = [pointwise(f"v_{name}", (N, K), sp.exp(pre.ref))] if len(row.predictions) == 2 else []
        nodes += [weight, pre, *(made if output else ()), *spread]
        nodes += loss_nodes(f"J_{name}", row, [made[-1], *spread], t, mean=True, samples=N)
    total = Node("J", terms=tuple(Term((), (), nodes_named(nodes, name).ref) for name in CASES))
    graph = Graph((*nodes, total), "J")
    model = Model("all", "all losses", graph, {"K": 3}, ("x",), ("t",), ("z_squared_error",))
    return model, built(model)


def nodes_named(nodes: list[Node], loss: str) -> Node:
    return next(node for node in nodes if node.name == f"J_{loss}")


def truth(name: str, weight: float, x: Any, t: Any) -> float:
    """Return ∂J_l/∂w_l by a central difference of the definitions in many digits."""
    graph = losses()[0].graph.restricted([f"J_{name}"])
    exact = np.vectorize(lambda v: DECIMALS.number(Fraction(v)), otypes=[object])
    numbers = {"x": exact(x), "t": exact(t)}
    tiny = DIGITS.mpf(10) ** -20

    def value(w: Any) -> Any:
        leaves = {**numbers, f"w_{name}": np.array(w, dtype=object)}
        return run(graph, leaves, {"N": x.shape[0], "K": x.shape[1]})[f"J_{name}"][()]

    centre = DECIMALS.number(Fraction(weight))
    return float((value(centre + tiny) - value(centre - tiny)) / (2 * tiny))
