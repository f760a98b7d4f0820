"""Small networks for the tests of kernels, and an oracle that knows only their forward definitions."""

from collections.abc import Callable, Mapping
from functools import cache
from itertools import product
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from symgrad.derive.deltas import deltas
from symgrad.derive.rewrite import simplify
from symgrad.derive.stability import stabilise
from symgrad.kernels.spec import KernelSpec
from symgrad.model.activations import ELEMENTWISE
from symgrad.model.expressions import Ref, size
from symgrad.model.functions import VOCABULARY, expand, function_of
from symgrad.model.graph import Axis, Graph, Kind, Node, Term
from symgrad.model.layered import Layered, layered
from symgrad.model.layers import dense, leaf, pointwise
from symgrad.model.model import Model
from symgrad.model.optimizers import optimizer

__all__ = ["NETWORKS", "Oracle", "arrays", "model_of", "spec_from", "spec_of"]


def skip() -> Model:
    """Return a dense net whose output also sees the input, with a bias shared by the output layer."""
    n, i, j, k = Axis("n", size("N")), Axis("i", size("H")), Axis("j", size("D")), Axis("k", size("C"))
    x, t = leaf("x", Kind.INPUT, n, j), leaf("t", Kind.TARGET, n, k, targets="free")
    w1, b1 = leaf("W1", Kind.PARAMETER, i, j), leaf("b1", Kind.PARAMETER, i)
    w2, w3, b2 = (
        leaf("W2", Kind.PARAMETER, k, i),
        leaf("W3", Kind.PARAMETER, k, j),
        leaf("b2", Kind.PARAMETER),
    )
    z1 = dense("z1", x, w1, b1)
    a1 = pointwise("a1", z1.axes, function_of(ELEMENTWISE["softplus"])(z1.ref))
    y = dense("y", a1, w2, b2, (x, w3))
    error = (y.ref - t.ref) ** 2 / (2 * n.size)
    loss = Node("J", terms=(Term((), y.axes, error),))
    graph = Graph((x, t, w1, b1, w2, w3, b2, z1, a1, y, loss), "J")
    return Model("skip", "a skip connection", graph, {"D": 3, "H": 4, "C": 2})


def tied() -> Model:
    """Return a convolution with tied weights, whose delta of the input stays in scatter form."""
    n, i, k = Axis("n", size("N")), Axis("i", size("L")), Axis("k", size("K"))
    p = Axis("p", size("D"))
    x, t, w = leaf("x", Kind.INPUT, n, p), leaf("t", Kind.TARGET, n, i), leaf("w", Kind.PARAMETER, k)
    h = pointwise("h", (n, p), VOCABULARY["tanh"](leaf("s", Kind.PARAMETER).ref * x.ref))
    body = w.ref * Ref("h", (n.symbol, 2 * i.symbol + k.symbol))
    y = Node("y", (n, i), terms=(Term((n.symbol, i.symbol), (n, i, k), body),))
    loss = Node("J", terms=(Term((), (n, i), (y.ref - t.ref) ** 2),))
    graph = Graph((x, t, w, leaf("s", Kind.PARAMETER), h, y, loss), "J")
    return Model("tied", "strided convolution", graph, {"L": 3, "K": 3, "D": 7})


def _layered(name: str, *args: Any, **options: Any) -> Callable[[], Model]:
    return lambda: layered(name, Layered(*args, **options))


def clash() -> Model:
    """Return a network whose names mean something else in a kernel."""
    n, i = Axis("n", size("N")), Axis("i", size("D"))
    x, t = leaf("x", Kind.INPUT, n, i), leaf("t", Kind.TARGET, n, targets="free")
    w, c = leaf("order", Kind.PARAMETER, i), leaf("one", Kind.PARAMETER)
    body = Ref("order", (i.symbol,)) * x.ref
    z = Node("exp", (n,), terms=(Term((n.symbol,), (n, i), body), Term((n.symbol,), (n,), c.ref)))
    y = pointwise("batch", (n,), VOCABULARY["sigmoid"](z.ref))
    loss = Node("loss", terms=(Term((), (n,), (y.ref - t.ref) ** 2 / n.size),))
    return Model(
        "clash", "awkward names", Graph((x, t, w, c, z, y, loss), "loss"), {"D": 2}, outputs=("batch",)
    )


CROSS_ENTROPY = {"output": "softmax", "loss": "cross_entropy"}

NETWORKS: Mapping[str, Callable[[], Model]] = {
    "sigmoid": _layered("sigmoid", (2, 2, 2), bias="layer", mean=False),
    "softmax": _layered("softmax", (3, 4, 3), **CROSS_ENTROPY, targets="labels"),
    "one_hot": _layered("one_hot", (3, 3, 3), hidden="tanh", **CROSS_ENTROPY, targets="one_hot"),
    "relu": _layered("relu", (3, 5, 4, 2), hidden=("relu", "leaky_relu"), output="identity"),
    "binary": _layered("binary", (3, 4, 1), hidden="tanh", loss="binary_cross_entropy"),
    "open": _layered("open", ("D", "H", 3), hidden="tanh", **CROSS_ENTROPY, targets="labels"),
    "clash": clash,
    "norm": _layered("norm", (3, 4, 2), loss="euclidean_error"),
    "skip": skip,
    "tied": tied,
}  # fmt: skip

OPEN_SIZES = {"D": 5, "H": 6}


@cache
def model_of(name: str) -> Model:
    """Return a network of the table."""
    return NETWORKS[name]()


def spec_from(model: Model, opt: str = "sgd", **options: Any) -> KernelSpec:
    """Return the spec of a model: derived, simplified, made stable."""
    graph = model.graph
    names = [p.name for p in graph.parameters]
    backward = stabilise(simplify(deltas(graph, names), names).backward)
    given = {"mean": model.mean, "task": model.task}
    delta = {name: backward.delta[name] for name in names}
    return KernelSpec(
        model.name,
        backward.graph,
        model.inputs,
        model.outputs,
        graph.loss or "",
        delta,
        optimizer(opt),
        targets=model.targets,
        title=model.title,
        sizes=model.sizes,
        **{**given, **options},
    )


def spec_of(name: str, opt: str = "sgd", **options: Any) -> KernelSpec:
    """Return the spec of a network of the table."""
    return spec_from(model_of(name), opt, **options)


def arrays(name: str, rows: int, dtype: str = "float64", seed: int = 3) -> dict[str, Any]:
    """Return drawn inputs, targets and parameters that fit a network."""
    model, rng = model_of(name), np.random.default_rng(seed)
    sizes = {**OPEN_SIZES, **model.sizes, "N": rows}
    made = {}
    for node in model.graph.nodes:
        if node.is_leaf:
            shape = tuple(
                int(s.xreplace({size(k): sp.Integer(v) for k, v in sizes.items()})) for s in node.shape
            )
            made[node.name] = _drawn(node, shape or (1,), rng, dtype)
    return made


def _drawn(node: Node, shape: tuple[int, ...], rng: np.random.Generator, dtype: str) -> Any:
    if node.targets == "labels":
        return rng.integers(0, 3, shape)
    if node.targets == "one_hot":
        return np.eye(shape[-1], dtype=dtype)[rng.integers(0, shape[-1], shape[0])]
    if node.kind is Kind.TARGET:
        return rng.uniform(0.1, 0.9, shape).astype(dtype)
    return rng.normal(size=shape).astype(dtype)


class Oracle:
    """The forward definitions, evaluated entry by entry with mpmath; gradients by central differences."""

    def __init__(self, name: str, values: Mapping[str, Any]) -> None:
        self.graph = model_of(name).graph
        rows = values["x"].shape[0]
        sizes = {**OPEN_SIZES, **model_of(name).sizes, "N": rows}
        self.sizes = {size(k): sp.Integer(v) for k, v in sizes.items()}
        self.leaves = {
            (node.name, at): self._exact(values[node.name][at or (0,)])
            for node in self.graph.nodes if node.is_leaf for at in self._places(node.axes)
        }  # fmt: skip

    def _exact(self, value: Any) -> Any:
        return int(value) if isinstance(value, np.integer) else mpmath.mpf(float(value))

    def _places(self, axes: tuple[Axis, ...]) -> Any:
        return product(*(range(int(a.size.xreplace(self.sizes))) for a in axes))

    def values(self, leaves: Mapping[Any, Any]) -> dict[Any, Any]:
        """Evaluate every entry of every node."""
        table = dict(leaves)
        for node in self.graph.nodes:
            if not node.is_leaf:
                table.update({(node.name, at): mpmath.mpf(0) for at in self._places(node.axes)})
                for term in node.terms:
                    self._add(table, node.name, term)
        return table

    def _add(self, table: dict[Any, Any], name: str, term: Term) -> None:
        compiled = _function(expand(term.body.xreplace(self.sizes)))
        for at in self._places(term.bound):
            own = {axis.symbol: sp.Integer(k) for axis, k in zip(term.bound, at, strict=True)}
            here = tuple(int(sp.sympify(w).xreplace(own)) for w in term.write)
            reads = [table[r.name, tuple(int(i.xreplace(own)) for i in r.index)] for r in term.accesses]
            letters = [at[k] for k in range(len(at))]
            table[name, here] += compiled(term)(reads, letters)

    def loss(self, leaves: Mapping[Any, Any]) -> Any:
        """Return the loss."""
        return self.values(leaves)[self.graph.loss, ()]

    def gradient(self, name: str) -> Any:
        """Return the gradient with respect to a parameter, to about twenty digits."""
        step = mpmath.mpf(10) ** -15
        places = list(self._places(self.graph[name].axes))
        found = [self._slope(name, at, step) for at in places]
        shape = tuple(int(a.size.xreplace(self.sizes)) for a in self.graph[name].axes) or (1,)
        return np.array([float(g) for g in found]).reshape(shape)

    def _slope(self, name: str, at: tuple[int, ...], step: Any) -> Any:
        ahead, behind = ({**self.leaves, (name, at): self.leaves[name, at] + s} for s in (step, -step))
        return (self.loss(ahead) - self.loss(behind)) / (2 * step)


@cache
def _function(body: sp.Expr) -> Any:
    """Return a maker of functions of reads and letters for a body."""

    def maker(term: Term) -> Any:
        return _lambda(body, term)

    return maker


@cache
def _lambda(body: sp.Expr, term: Term) -> Any:
    slots = {r: sp.Dummy() for r in term.accesses}
    letters = [axis.symbol for axis in term.bound]
    changed = body.xreplace(slots)
    equal = {"Equal": lambda u, v: int(u == v)}
    return sp.lambdify([list(slots.values()), letters], changed, modules=[equal, "mpmath"])
