"""Every activation and every loss in one kernel each, beside 50-digit arithmetic and at extreme arguments."""

from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest
import sympy as sp

from symgrad.exact.decimals import Decimals, Real
from symgrad.exact.translate import translate
from symgrad.kernels.build import spec_of
from symgrad.kernels.files import Kernel, load_kernel, write
from symgrad.kernels.module import generate
from symgrad.model.activations import ELEMENTWISE
from symgrad.model.expressions import size
from symgrad.model.functions import Z, expand, function_of, primal, slope
from symgrad.model.graph import Axis, Graph, Kind, Node, Term
from symgrad.model.layers import activate, leaf, pointwise
from symgrad.model.losses import LOSSES
from symgrad.model.model import Model
from symgrad.model.objectives import loss_nodes
from tests.interpreter import DECIMALS, DIGITS, run

pytestmark = pytest.mark.slow

N, K = Axis("n", size("N")), Axis("i", size("K"))
ORDINARY = (-5.5, -2.25, -1.5, -0.75, -0.03125, 0.03125, 0.75, 1.5, 2.25, 5.5)
EXTREME = (-1e4, -800.0, 800.0, 1e4)
DTYPES = [np.float64, np.float32]


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


def gradients(kernel: Kernel, dtype: type, *leaves: Any, weight: Any) -> dict[str, Any]:
    parameters = [np.atleast_1d(np.asarray(weight, dtype)) for _ in kernel.PARAMETERS]
    loss, *found = kernel.gradients(*(leaf.astype(dtype) for leaf in leaves), *parameters)
    assert np.isfinite(loss)
    return dict(zip(kernel.PARAMETERS, found, strict=True))


def exact_slope(name: str, z: float) -> Real:
    """Return the derivative; that of gelu_tanh at ±1e4, where exp(z³) is beyond all bounds, is its limit."""
    if name == "gelu_tanh" and abs(z) > 1e3:
        return Decimals(50).number(int(z > 0))
    algebra = Decimals(50)
    derived = slope(expand(primal(ELEMENTWISE[name])), Z)
    return translate(expand(derived), algebra, {Z: algebra.number(Fraction(z))})


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("z", [*ORDINARY, *EXTREME])
def test_every_activation(z: float, dtype: type) -> None:
    one = np.ones(1)
    found = gradients(activations(), dtype, one, one, weight=z)
    assert found.keys() == {f"w_{name}" for name in ELEMENTWISE}
    tolerance = 4e-15 if dtype is np.float64 else 4e-6
    for name in ELEMENTWISE:
        value = found[f"w_{name}"].item()
        truth = float(exact_slope(name, z).decimal(50))
        assert abs(value - truth) <= tolerance * max(1.0, abs(truth)), (name, value, truth)


# Where the loss and its gradient are finite at every argument of the output that stands here.
OUTPUTS = {
    "binary_cross_entropy": "sigmoid",
    "cross_entropy": "softmax",
    "negative_log_likelihood": "log_softmax",
    "kl_divergence": "softmax",
    "poisson_nll": "softplus",
}
LARGE = {"poisson_nll_log", "poisson_nll", "gaussian_nll"}
"""exp of the rate's logarithm is beyond all floats at 800; softplus and its logarithm underflow at −800."""


@cache
def losses() -> tuple[Model, Kernel]:
    """Every loss of its own output y_l = f(w_l x), with a one-hot target; the total is their sum."""
    x, t = leaf("x", Kind.INPUT, N, K), leaf("t", Kind.TARGET, N, K, targets="one_hot")
    nodes: list[Node] = [x, t]
    for name, row in LOSSES.items():
        weight = leaf(f"w_{name}", Kind.PARAMETER)
        pre = pointwise(f"z_{name}", (N, K), weight.ref * x.ref)
        output = OUTPUTS.get(name)
        made = activate(f"y_{name}", pre, output, ELEMENTWISE) if output else (pre,)
        spread = [pointwise(f"v_{name}", (N, K), sp.exp(pre.ref))] if len(row.predictions) == 2 else []
        nodes += [weight, pre, *(made if output else ()), *spread]
        nodes += loss_nodes(f"J_{name}", row, [made[-1], *spread], t, mean=True, samples=N)
    total = Node("J", terms=tuple(Term((), (), nodes_named(nodes, name).ref) for name in LOSSES))
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


X = np.array([[0.25, -0.5, 0.75], [1.0, 0.5, -0.125]])
T = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("weight", EXTREME)
def test_every_loss_is_finite_at_extreme_outputs(weight: float, dtype: type) -> None:
    _, kernel = losses()
    parameters = [np.array([0.375 if p[2:] in LARGE else weight], dtype) for p in kernel.PARAMETERS]
    loss, *found = kernel.gradients(X.astype(dtype), T.astype(dtype), *parameters)
    assert np.isfinite(loss)
    infinite = [p for p, value in zip(kernel.PARAMETERS, found, strict=True) if not np.isfinite(value.item())]
    assert infinite == []


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("weight", [0.375, 1.625])
def test_every_loss(weight: float, dtype: type) -> None:
    _, kernel = losses()
    parameters = [np.array([weight], dtype) for _ in kernel.PARAMETERS]
    _, *found = kernel.gradients(X.astype(dtype), T.astype(dtype), *parameters)
    tolerance = 1e-13 if dtype is np.float64 else 1e-5
    for name, value, at in zip(kernel.PARAMETERS, found, parameters, strict=True):
        expected = truth(name[2:], float(at[0]), X, T)
        assert abs(value.item() - expected) <= tolerance * max(1.0, abs(expected)), (name, value, expected)
