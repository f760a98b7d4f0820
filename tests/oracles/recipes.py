"""A small network for every row of the registries: layers, activations and losses.

A new activation or loss joins by itself, and so does a layer that needs no more than an input and sizes;
any other layer needs a recipe here, and `tests/oracles/test_registry.py` says so when it has none.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from inspect import Parameter, signature
from random import Random

import numpy as np

from symgrad.model.activations import ELEMENTWISE, IDENTITY, NAMES
from symgrad.model.draft import Draft
from symgrad.model.finish import finished
from symgrad.model.graph import Node
from symgrad.model.layers.catalogue import LAYERS
from symgrad.model.losses import LOSSES, Loss
from symgrad.model.model import Model
from tests.interpreter import FRACTIONS
from tests.random_graphs.values import values

Size = Callable[[], int]
Recipe = Callable[[Draft, Size], Node]


def sequence(d: Draft, n: Size) -> Node:
    return d.input("x", 3, n())


def image(d: Draft, n: Size) -> Node:
    return d.input("x", n(), 4, 5)


def tied(d: Draft, n: Size) -> Node:
    x = d.input("x", n())
    W = d.parameter("W", i=n(), j=x.shape[-1])
    return d.transposed(d.dense(x, weight=W), W)


def skip(d: Draft) -> Node:
    x = d.input("x", 3)
    return d.residual(x, LAYERS["dense"](x.shape[-1]), "tanh")


def block(d: Draft, h: Node) -> Node:
    return d.add(h, d.dense(h, h.shape[-1], activation="tanh"))


def queries(d: Draft, n: Size) -> tuple[Node, Node, Node]:
    q = d.input("q", 3, n())
    k = d.input("k", 3, q.shape[-1])
    return q, k, d.input("v", k.shape[-2], 2)


def masked(d: Draft, n: Size) -> Node:
    q, k, v = queries(d, n)
    mask = d.input("mask", q.shape[-2], k.shape[-2], samples=False, letters="tu")
    return d.attention(q, k, v, mask=mask)


def two(d: Draft, n: Size) -> tuple[Node, Node]:
    x = d.input("x", n())
    return x, d.input("u", x.shape[-1])


RECIPES: Mapping[str, Recipe] = {
    "transposed": tied,
    "embedding": lambda d, n: d.embedding(d.input("x", 3, ids=4), n()),
    "positions": lambda d, n: d.positions(sequence(d, n)),
    "attention": lambda d, n: d.attention(*queries(d, n)),
    "attention causal": lambda d, n: d.attention(*[sequence(d, n)] * 3, causal=True),
    "attention masked": masked,
    "multi_head_attention": lambda d, n: d.multi_head_attention(d.input("x", 2, 2), 2),
    "multi_head_attention causal": lambda d, n: d.multi_head_attention(d.input("x", 2, 2), 2, causal=True),
    "conv1d": lambda d, n: d.conv1d(d.input("x", n(), 5), n(), 2),
    "conv1d strided": lambda d, n: d.conv1d(d.input("x", n(), 6), n(), 2, stride=2, padding=1, dilation=2),
    "conv2d": lambda d, n: d.conv2d(image(d, n), n(), 2),
    "conv2d strided": lambda d, n: d.conv2d(image(d, n), 2, 2, stride=2, padding=1, dilation=(1, 2)),
    "conv_transpose1d": lambda d, n: d.conv_transpose1d(d.input("x", n(), 3), n(), 2),
    "conv_transpose1d strided": lambda d, n: d.conv_transpose1d(
        d.input("x", n(), 3), n(), 3, stride=2, padding=1, dilation=2
    ),
    "conv_transpose2d": lambda d, n: d.conv_transpose2d(d.input("x", n(), 2, 2), 2, 2, stride=2),
    "max_pool": lambda d, n: d.max_pool(image(d, n), 2),
    "max_pool overlapping": lambda d, n: d.max_pool(d.input("x", n(), 5), 3, stride=1),
    "avg_pool": lambda d, n: d.avg_pool(image(d, n), 2),
    "avg_pool overlapping": lambda d, n: d.avg_pool(d.input("x", n(), 5), 3, stride=1),
    "global_avg_pool": lambda d, n: d.global_avg_pool(image(d, n)),
    "add": lambda d, n: d.add(*two(d, n)),
    "multiply": lambda d, n: d.multiply(*two(d, n)),
    "residual": lambda d, n: skip(d),
    "concat": lambda d, n: d.concat(d.input("x", n()), d.input("u", n())),
    "flatten": lambda d, n: d.flatten(image(d, n)),
    "dropout": lambda d, n: d.dropout(d.input("x", n()), "1/4"),
    "batch_norm": lambda d, n: d.batch_norm(d.input("x", n(), 3)),
    "batch_norm inference": lambda d, n: d.batch_norm(d.input("x", n(), 3), training=False),
    "rnn": lambda d, n: d.rnn(sequence(d, n), n()),
    "rnn last": lambda d, n: d.rnn(sequence(d, n), n(), last=True),
    "rnn reverse": lambda d, n: d.rnn(sequence(d, n), n(), reverse=True),
    "gru": lambda d, n: d.gru(sequence(d, n), n()),
    "lstm": lambda d, n: d.lstm(sequence(d, n), n()),
    "lstm last": lambda d, n: d.lstm(sequence(d, n), n(), last=True),
    "repeat": lambda d, n: d.repeat(d.input("x", n()), 3, block),
    "stack": lambda d, n: d.stack(d.input("x", 2), "L"),
}
NAMED = frozenset(name.split()[0] for name in RECIPES)
LAYER_CASES = (*RECIPES, *(name for name in LAYERS if name not in NAMED))
ACTIVATION_CASES = tuple(name for name in NAMES if name != IDENTITY)
LOSS_CASES = tuple(f"{name} {kind}" for name, row in LOSSES.items() for kind in row.targets)


def layer_model(case: str, seed: int = 0) -> Model:
    """Return the layer under a squared error, at sizes of 2 or 3."""
    source = Random(seed)
    d = Draft(case.replace(" ", "_"))
    recipe = RECIPES.get(case, plain(case.split(maxsplit=1)[0]))
    y = recipe(d, lambda: source.randint(2, 3))
    d.loss("squared_error", y, mean=False)
    return finished(d, y)


def plain(name: str) -> Recipe:
    """Return the recipe of a layer that needs an input and sizes only."""
    required = list(signature(LAYERS[name].build).parameters.values())[2:]
    count = sum(p.default is Parameter.empty and p.kind is not Parameter.VAR_POSITIONAL for p in required)
    if name == "dense":
        count = 1
    return lambda d, n: d.apply(LAYERS[name], sequence(d, n), *(n() for _ in range(count)))


def activation_model(name: str) -> Model:
    """Return one layer with the activation under a squared error."""
    d = Draft(name)
    y = d.dense(d.input("x", 2), 3, activation=ELEMENTWISE.get(name, name))
    d.loss("squared_error", y)
    return finished(d, y)


def first_of(row: Loss) -> str:
    """Return the activation before a loss: its values are where the loss is defined."""
    if row.name == "negative_log_likelihood":
        return "log_softmax"
    if "log(y)" not in row.formula:
        return IDENTITY
    return "softmax" if row.task == "classification" else "softplus"


def loss_model(case: str) -> Model:
    """Return one layer under the loss, its output where the loss is defined."""
    name, kind = case.split()
    row = LOSSES[name]
    d = Draft(f"{name}_{kind}")
    x = d.input("x", 2)
    outputs = [d.dense(x, 3, activation=first_of(row))]
    for _ in row.predictions[1:]:
        outputs.append(d.dense(x, weight=None, units=outputs[0].shape[-1], activation="softplus"))
    d.loss(name, outputs, targets=kind)
    return finished(d, *outputs)


def model_of(case: str) -> Model:
    """Return the network of a case, ``"layer conv1d strided"``."""
    kind, rest = case.split(" ", 1)
    make = {"layer": layer_model, "activation": activation_model, "loss": loss_model}[kind]
    return replace(make(rest), name=case.replace(" ", "_"))


def leaves_of(model: Model, sizes: Mapping[str, int], seed: int = 3) -> dict[str, np.ndarray]:
    """Return exact values of the leaves: variances positive, a mask of ones that lets something through."""
    source = Random(seed)
    found = {n.name: values(model.graph, n, sizes, source, FRACTIONS) for n in model.graph.nodes if n.is_leaf}
    for name, array in found.items():
        if name.startswith("var"):
            found[name] = np.abs(array)
        if name == "mask":
            found[name] = np.array([[Fraction(u <= t) for u in range(3)] for t in range(3)], dtype=object)
    return found


CASES = (
    *(f"layer {name}" for name in LAYER_CASES),
    *(f"activation {name}" for name in ACTIVATION_CASES),
    *(f"loss {name}" for name in LOSS_CASES),
)
