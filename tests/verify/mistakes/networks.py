"""Small networks with one layer each, by the names under which claims are made about them."""

from collections.abc import Callable
from functools import cache

import symgrad as sg
from symgrad.model.graph import Node

BUILT: dict[str, Callable[[sg.Draft], Node]] = {
    "attention": lambda d: d.attention(
        d.input("q", "T", "D"), d.input("k", "U", "D"), d.input("v", "U", "D")
    ),
    "heads": lambda d: d.multi_head_attention(d.input("x", "T=3", "D=4"), 2),
    "conv1d": lambda d: d.conv1d(d.input("x", "C=2", "L=6", letters="ci"), 2, 3, stride=2, padding=1),
    "conv2d": lambda d: d.conv2d(d.input("x", "C", 4, 5), 2, (2, 3)),
    "dropout": lambda d: d.dropout(d.dense(d.input("x", "D"), "H"), "1/4"),
    "embedding": lambda d: d.embedding(d.input("ids", "T=3", ids="V=4"), 2),
    "gru": lambda d: d.gru(d.input("x", "T", "D"), "H"),
    "lstm": lambda d: d.lstm(d.input("x", "T", "D"), "H"),
    "rnn": lambda d: d.rnn(d.input("x", "T", "D"), "H"),
    "residual": lambda d: _residual(d, d.input("x", "H")),
    "tied": lambda d: d.transposed(d.dense(d.input("x", "D"), "H"), d.nodes["W1"]),
    "layer_norm": lambda d: d.layer_norm(d.input("x", "H")),
    "batch_norm": lambda d: d.batch_norm(d.input("x", "H")),
    "rms_norm": lambda d: d.rms_norm(d.input("x", "H")),
}


def _residual(draft: sg.Draft, x: Node) -> Node:
    return draft.add(x, draft.chain(x, ["dense H", "tanh"]))


@cache
def net(name: str) -> sg.Network:
    """Return a network of the zoo, matrices of it without its entries, or one with a single layer."""
    if name in BUILT:
        draft = sg.Draft()
        output = BUILT[name](draft)
        draft.loss("squared_error", output)
        return draft.network(output)
    return sg.zoo(name) if name.startswith(("classifier", "worked")) else sg.zoo(name).at_level("layer")
