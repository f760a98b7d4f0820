"""A network with every kind of leaf: two inputs, a whole one, ids, a drawn mask, two targets, two outputs."""

from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from symgrad.model.expressions import Ref, index, size
from symgrad.model.free import Definitions, define_model
from symgrad.model.functions import Equal
from symgrad.model.graph import Axis, Graph, Kind, Node
from symgrad.model.layers import pointwise
from symgrad.model.model import Model

KEEP = sp.Rational(3, 4)
SIZES = {"N": 7, "D": 3, "E": 2, "H": 4, "V": 5}

SPEC = Definitions(
    axes={"n": "N", "i": "D", "j": "E", "k": "H", "v": "V"},
    inputs={"x": "n i", "mu": "i", "u": "n j", "ids": "n", "m": "n k"},
    targets={"t": "n", "s": "n k"},
    parameters={"W": "k i", "U": "k j", "L": "v k", "b": "k"},
    nodes={
        "hot": "[n,v] ids[n]",
        "z": "[n,k] sum(i, W[k,i]*(x[n,i] - mu[i])) + sum(j, U[k,j]*u[n,j]) + sum(v, hot[n,v]*L[v,k]) + b[k]",
        "h": "[n,k] tanh(z[n,k])*m[n,k]*4/3",
        "y": "[n] sum(k, h[n,k])",
        "J": "mean(n, (y[n] - t[n])^2) + mean(n, sum(k, (h[n,k] - s[n,k])^2))",
    },
    output=("y", "h"),
)


def everything(**sizes: int) -> Model:
    """Return the network; sizes that are given are numbers."""
    made = define_model("everything", SPEC)
    nodes = tuple(_kinds(node) for node in made.graph.nodes)
    return replace(made, graph=Graph(nodes, made.graph.loss), sizes=sizes)


def _kinds(node: Node) -> Node:
    if node.name == "ids":
        return replace(node, targets="labels")
    if node.name == "m":
        return replace(node, drawn=KEEP)
    if node.name == "hot":
        n, v = Axis("n", size("N")), Axis("v", size("V"))
        hot = pointwise("hot", (n, v), Equal(Ref("ids", (index("n"),)), index("v")), auxiliary=True)
        return replace(hot, targets="labels")
    return node


def arrays(model: Model, rows: int = 7, dtype: str = "float64") -> dict[str, Any]:
    """Return drawn values of all leaves."""
    rng, sizes = np.random.default_rng(2), {**SIZES, "N": rows}
    made: dict[str, Any] = {}
    for node in model.graph.nodes:
        if node.kind is not Kind.DEFINED:
            shape = tuple(
                int(s.xreplace({size(k): sp.Integer(v) for k, v in sizes.items()})) for s in node.shape
            )
            made[node.name] = rng.normal(size=shape or (1,)).astype(dtype)
    made["ids"] = rng.integers(0, sizes["V"], rows)
    made["m"] = (rng.random((rows, sizes["H"])) < 0.75).astype(dtype)
    return made


def by_hand(values: dict[str, Any]) -> tuple[Any, Any, float]:
    """Return both outputs and the loss, from NumPy."""
    a = values
    z = (a["x"] - a["mu"]) @ a["W"].T + a["u"] @ a["U"].T + a["L"][a["ids"]] + a["b"]
    h = np.tanh(z) * a["m"] * 4 / 3
    y = h.sum(axis=1)
    loss = ((y - a["t"]) ** 2).mean() + ((h - a["s"]) ** 2).sum(axis=1).mean()
    return y, h, float(loss)
