"""Every layer in a small network, with an implementation in NumPy that knows nothing of definitions."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np

from symgrad.model.draft import Draft
from symgrad.model.finish import finished
from symgrad.model.graph import Kind, Node
from symgrad.model.instances import instantiate
from symgrad.model.layers.catalogue import LAYERS
from symgrad.model.model import Model
from tests.interpreter import FLOATS, run, shape

EPSILON = 1e-5


@dataclass(frozen=True)
class Example:
    """A draft with one layer in it, and what its output should be, from the leaves by name."""

    layer: str
    build: Callable[[Draft], Node]
    reference: Callable[..., np.ndarray]


def model_of(example: Example, loss: str = "squared_error") -> Model:
    draft = Draft(example.layer)
    output = example.build(draft)
    draft.loss(loss, output)
    return finished(draft, output)


def random_leaves(model: Model, sizes: dict[str, int], seed: int = 1) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    leaves: dict[str, np.ndarray] = {}
    for node in model.graph.nodes:
        extents = shape(node.axes, sizes)
        if node.drawn is not None:
            leaves[node.name] = rng.integers(0, 2, extents).astype(float)
        elif node.is_leaf and node.targets == "labels":
            leaves[node.name] = rng.integers(0, 2, extents)
        elif node.is_leaf:
            positive = node.kind is Kind.INPUT and node.name.startswith("var")
            leaves[node.name] = rng.uniform(0.5 if positive else -1, 1, extents)
    return leaves


def evaluated(model: Model, leaves: dict[str, np.ndarray], sizes: dict[str, int]) -> dict[str, np.ndarray]:
    """Return every node of a model, computed entry by entry from its definition."""
    graph = model.graph
    scalars = instantiate(graph, sizes)
    places = {n.name: list(np.ndindex(shape(n.axes, sizes))) for n in graph.nodes}

    def named(name: str, at: tuple[int, ...]) -> str:
        return "_".join([name, *(str(k + 1) for k in at)])

    given = {named(name, at): np.asarray(array[at]) for name, array in leaves.items() for at in places[name]}
    found = run(scalars, given, {}, FLOATS)
    whole: dict[str, np.ndarray] = {}
    for node in graph.nodes:
        whole[node.name] = np.empty(shape(node.axes, sizes))
        for at in places[node.name]:
            whole[node.name][at] = float(found[named(node.name, at)][()])
    return whole


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(s):
    e = np.exp(s)
    return e / e.sum(-1, keepdims=True)


def convolved(x, W, b, stride, padding, dilation):
    """Correlate over the last axes, window by window."""
    dims = W.ndim - 2
    x = np.pad(x, [(0, 0), (0, 0), *((p, p) for p in padding)])
    spans = [d * (k - 1) + 1 for d, k in zip(dilation, W.shape[2:], strict=True)]
    out = [(n - span) // s + 1 for n, span, s in zip(x.shape[2:], spans, stride, strict=True)]
    z = np.empty((x.shape[0], W.shape[0], *out))
    for at in np.ndindex(*out):
        window = tuple(
            slice(s * i, s * i + span, d) for s, i, span, d in zip(stride, at, spans, dilation, strict=True)
        )
        z[(slice(None), slice(None), *at)] = np.tensordot(
            x[(slice(None), slice(None), *window)], W, (range(1, dims + 2), range(1, dims + 2))
        )
    return z + b.reshape(-1, *[1] * dims)


def spread(x, W, b, stride, padding, dilation):
    """Transposed convolution: every entry adds a kernel to the output."""
    full = [
        s * (n - 1) + d * (k - 1) + 1
        for s, n, d, k in zip(stride, x.shape[2:], dilation, W.shape[2:], strict=True)
    ]
    z = np.zeros((x.shape[0], W.shape[1], *full))
    for at, k in product(np.ndindex(*x.shape[2:]), np.ndindex(*W.shape[2:])):
        place = tuple(s * i + d * j for s, i, d, j in zip(stride, at, dilation, k, strict=True))
        z[(slice(None), slice(None), *place)] += (
            x[(slice(None), slice(None), *at)] @ W[(slice(None), slice(None), *k)]
        )
    cut = tuple(slice(p, n - p) for p, n in zip(padding, full, strict=True))
    return z[(slice(None), slice(None), *cut)] + b.reshape(-1, *[1] * len(full))


def pooled(x, window, stride, function):
    out = [(n - w) // s + 1 for n, w, s in zip(x.shape[2:], window, stride, strict=True)]
    p = np.empty((*x.shape[:2], *out))
    for at in np.ndindex(*out):
        places = tuple(slice(s * i, s * i + w) for s, i, w in zip(stride, at, window, strict=True))
        patch = x[(slice(None), slice(None), *places)]
        p[(slice(None), slice(None), *at)] = function(patch.reshape(*x.shape[:2], -1), -1)
    return p


def attended(q, k, v, mask=1.0):
    s = np.einsum("...td,...ud->...tu", q, k) / np.sqrt(q.shape[-1])
    e = np.exp(s) * mask
    return np.einsum("...tu,...ud->...td", e / e.sum(-1, keepdims=True), v)


def heads(x, WQ1, WK1, WV1, WO1, b1, mask=1.0, source=None):
    y = x if source is None else source
    q, k, v = (np.einsum("mdj,ntj->nmtd", W, a) for W, a in ((WQ1, x), (WK1, y), (WV1, y)))
    return np.einsum("imd,nmtd->nti", WO1, attended(q, k, v, mask)) + b1


def stacked(x, W1, b1=None, function=np.tanh, residual=False):
    for layer, W in enumerate(W1):
        h = function(x @ W.T + (0 if b1 is None else b1[layer]))
        x = x + h if residual else h
    return x


def normalised_block(draft, h):
    """The feed-forward half of a transformer block, normalised first."""
    z = draft.dense(draft.layer_norm(h), "F=2", activation="tanh")
    return draft.add(h, draft.dense(z, h.shape[-1]))


def normalised_stack(x, g1, b1, W2, b2, W3, b3):
    for layer in range(len(g1)):
        centred = x - x.mean(-1, keepdims=True)
        z = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + EPSILON) * g1[layer] + b1[layer]
        x = x + np.tanh(z @ W2[layer].T + b2[layer]) @ W3[layer].T + b3[layer]
    return x


def dropped(x, W1, b1, m1):
    for layer in range(len(W1)):
        x = (x @ W1[layer].T + b1[layer]) * m1[:, layer] / 0.75
    return x


def elman(x, V1, U1, b1, start=None, function=np.tanh):
    h = np.zeros((x.shape[0], len(b1))) if start is None else start
    states = []
    for step in np.moveaxis(x, 1, 0):
        h = function(step @ V1.T + h @ U1.T + b1)
        states.append(h)
    return np.stack(states, 1)


def gated(x, Vr1, Ur1, br1, Vu1, Uu1, bu1, Vc1, Uc1, bc1, d1):
    h, states = np.zeros((x.shape[0], len(d1))), []
    for step in np.moveaxis(x, 1, 0):
        r = sigmoid(step @ Vr1.T + h @ Ur1.T + br1)
        u = sigmoid(step @ Vu1.T + h @ Uu1.T + bu1)
        c = np.tanh(step @ Vc1.T + bc1 + r * (h @ Uc1.T + d1))
        h = u * h + (1 - u) * c
        states.append(h)
    return np.stack(states, 1)


def long_short(x, p):
    h = c = np.zeros((x.shape[0], len(p["bi1"])))
    states = []
    for step in np.moveaxis(x, 1, 0):
        i, f, g, o = (step @ p[f"V{k}1"].T + h @ p[f"U{k}1"].T + p[f"b{k}1"] for k in "ifgo")
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        states.append(h)
    return np.stack(states, 1)


def standardised(x, axes, mean=None, var=None):
    mean = x.mean(axes, keepdims=True) if mean is None else mean
    var = x.var(axes, keepdims=True) if var is None else var
    return (x - mean) / np.sqrt(var + EPSILON)


def sequence(draft: Draft, steps: int = 3, width: int = 2) -> Node:
    return draft.input("x", f"T={steps}", f"D={width}")


def line(draft: Draft, places: int = 5) -> Node:
    return draft.input("x", "C=2", f"L={places}", letters="ci")


def image(draft: Draft, height: int = 3, width: int = 4, channels: int = 2) -> Node:
    return draft.input("x", channels, height, width)


CAUSAL = np.tril(np.ones((3, 3)))


def tied(draft: Draft) -> Node:
    ids = draft.input("ids", "T=2", ids="V=3")
    e = draft.embedding(ids, 2)
    return draft.dense(e, weight=draft.nodes["E1"], bias=False)


def unet(draft: Draft) -> Node:
    x = image(draft)
    return draft.concat(x, draft.conv2d(x, 2, 3, padding="same", activation="relu"), axis=1)


def two_sided(draft: Draft) -> Node:
    x = sequence(draft)
    return draft.concat(draft.rnn(x, 2), draft.rnn(x, 2, reverse=True), axis=-1)


EXAMPLES = (
    Example("dense", lambda d: d.dense(d.input("x", 3), 2), lambda x, W1, b1: x @ W1.T + b1),
    Example("dense", lambda d: d.dense(sequence(d), 3, bias=False), lambda x, W1: x @ W1.T),
    Example(
        "dense", lambda d: d.dense(image(d), 2, activation="tanh"), lambda x, W1, b1: np.tanh(x @ W1.T + b1)
    ),
    Example(
        "dense",
        lambda d: d.chain(d.input("x", 3), ["dense 2", "softmax"]),
        lambda x, W1, b1: softmax(x @ W1.T + b1),
    ),
    Example(
        "transposed",
        lambda d: d.transposed(d.dense(d.input("x", 3), 2), d.nodes["W1"]),
        lambda x, W1, b1, b2: (x @ W1.T + b1) @ W1 + b2,
    ),
    Example("embedding", lambda d: d.embedding(d.input("ids", "T=3", ids="V=4"), 2), lambda ids, E1: E1[ids]),
    Example("embedding", tied, lambda ids, E1: E1[ids] @ E1.T),
    Example("positions", lambda d: d.positions(sequence(d)), lambda x, P1: x + P1),
    Example("add", lambda d: d.add(d.input("x", 3), d.input("y", "D")), lambda x, y: x + y),
    Example("multiply", lambda d: d.multiply(d.input("x", 3), d.input("y", "D")), lambda x, y: x * y),
    Example(
        "residual",
        lambda d: d.chain(d.input("x", 3), [LAYERS["residual"](LAYERS["dense"]("D"), "tanh")]),
        lambda x, W1, b1: x + np.tanh(x @ W1.T + b1),
    ),
    Example(
        "concat",
        lambda d: d.concat(d.input("x", 2), d.input("q", "E=3")),
        lambda x, q: np.concatenate([x, q], 1),
    ),
    Example(
        "concat",
        unet,
        lambda x, W1, b1: np.concatenate([x, np.maximum(convolved(x, W1, b1, (1, 1), (1, 1), (1, 1)), 0)], 1),
    ),
    Example("stack", lambda d: d.stack(d.input("x", 3), 2), stacked),
    Example(
        "stack",
        lambda d: d.stack(d.input("x", 2), "L=3", function="sigmoid", residual=True, bias=False),
        lambda x, W1: stacked(x, W1, function=sigmoid, residual=True),
    ),
    Example("repeat", lambda d: d.repeat(sequence(d), "L=2", normalised_block), normalised_stack),
    Example(
        "repeat",
        lambda d: d.repeat(d.input("x", 3), 2, lambda d, h: d.dropout(d.dense(h, h.shape[-1]), "1/4")),
        dropped,
    ),
    Example("flatten", lambda d: d.flatten(image(d)), lambda x: x.reshape(len(x), -1)),
    Example("flatten", lambda d: d.flatten(sequence(d)), lambda x: x.reshape(len(x), -1)),
    Example("dropout", lambda d: d.dropout(sequence(d), "1/4"), lambda x, m: x * m / 0.75),
    Example(
        "conv1d",
        lambda d: d.conv1d(line(d), 3, 2),
        lambda x, W1, b1: convolved(x, W1, b1, (1,), (0,), (1,)),
    ),
    Example(
        "conv1d",
        lambda d: d.conv1d(line(d, 6), 2, 3, stride=2, padding=2, dilation=2),
        lambda x, W1, b1: convolved(x, W1, b1, (2,), (2,), (2,)),
    ),
    Example(
        "conv2d",
        lambda d: d.conv2d(image(d), 3, 2, bias=False),
        lambda x, W1: convolved(x, W1, np.zeros(3), (1, 1), (0, 0), (1, 1)),
    ),
    Example(
        "conv2d",
        lambda d: d.conv2d(image(d, 4, 5), 2, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 3)),
        lambda x, W1, b1: convolved(x, W1, b1, (2, 1), (1, 2), (1, 3)),
    ),
    Example(
        "conv_transpose1d",
        lambda d: d.conv_transpose1d(line(d, 3), 2, 3, stride=2, padding=1, dilation=2),
        lambda x, W1, b1: spread(x, W1, b1, (2,), (1,), (2,)),
    ),
    Example(
        "conv_transpose2d",
        lambda d: d.conv_transpose2d(image(d, 2, 3), 2, (2, 3), stride=(2, 1), padding=(0, 1)),
        lambda x, W1, b1: spread(x, W1, b1, (2, 1), (0, 1), (1, 1)),
    ),
    Example("max_pool", lambda d: d.max_pool(line(d), 2), lambda x: pooled(x, (2,), (2,), np.max)),
    Example(
        "max_pool",
        lambda d: d.max_pool(image(d, 5, 4), (3, 2), stride=(2, 1)),
        lambda x: pooled(x, (3, 2), (2, 1), np.max),
    ),
    Example("avg_pool", lambda d: d.avg_pool(image(d), 2), lambda x: pooled(x, (2, 2), (2, 2), np.mean)),
    Example("avg_pool", lambda d: d.avg_pool(line(d), 3, stride=1), lambda x: pooled(x, (3,), (1,), np.mean)),
    Example("global_avg_pool", lambda d: d.global_avg_pool(image(d)), lambda x: x.mean((2, 3))),
    Example(
        "layer_norm",
        lambda d: d.layer_norm(sequence(d, 2, 3)),
        lambda x, g1, b1: g1 * standardised(x, -1) + b1,
    ),
    Example(
        "rms_norm",
        lambda d: d.rms_norm(sequence(d, 2, 3)),
        lambda x, g1: g1 * x / np.sqrt((x**2).mean(-1, keepdims=True) + EPSILON),
    ),
    Example(
        "batch_norm",
        lambda d: d.batch_norm(image(d, 2, 2)),
        lambda x, g1, b1: np.einsum("c,ncij->ncij", g1, standardised(x, (0, 2, 3))) + b1[:, None, None],
    ),
    Example(
        "batch_norm", lambda d: d.batch_norm(d.input("x", 3)), lambda x, g1, b1: g1 * standardised(x, 0) + b1
    ),
    Example(
        "batch_norm",
        lambda d: d.batch_norm(d.input("x", 3), training=False),
        lambda x, g1, b1, mean1, var1: g1 * standardised(x, 0, mean1, var1) + b1,
    ),
    Example(
        "attention",
        lambda d: d.attention(*(d.input(name, "T=3", "D=2") for name in "qkv")),
        attended,
    ),
    Example(
        "attention",
        lambda d: d.attention(
            d.input("q", "T=2", "D=2"),
            d.input("k", "S=3", "D"),
            d.input("v", "S", "E=2"),
            mask=d.input("M", "S"),
        ),
        lambda q, k, v, M: attended(q, k, v, M[:, None, :]),
    ),
    Example("multi_head_attention", lambda d: d.multi_head_attention(sequence(d, 3, 4), 2), heads),
    Example(
        "multi_head_attention",
        lambda d: d.multi_head_attention(sequence(d), 2, size=3, causal=True),
        lambda x, WQ1, WK1, WV1, WO1, b1: heads(x, WQ1, WK1, WV1, WO1, b1, CAUSAL),
    ),
    Example(
        "multi_head_attention",
        lambda d: d.multi_head_attention(
            sequence(d), 2, size=2, source=d.input("y", "S=2", "E=3"), bias=False
        ),
        lambda x, y, WQ1, WK1, WV1, WO1: heads(x, WQ1, WK1, WV1, WO1, 0, source=y),
    ),
    Example("rnn", lambda d: d.rnn(sequence(d), 3), elman),
    Example(
        "rnn",
        lambda d: d.rnn(sequence(d), "E=2", function="relu", last=True, initial=d.input("h0", "E")),
        lambda x, h0, V1, U1, b1: elman(x, V1, U1, b1, h0, lambda z: np.maximum(z, 0))[:, -1],
    ),
    Example(
        "rnn",
        two_sided,
        lambda x, V1, U1, b1, V2, U2, b2: np.concatenate(
            [elman(x, V1, U1, b1), elman(x[:, ::-1], V2, U2, b2)[:, ::-1]], -1
        ),
    ),
    Example("gru", lambda d: d.gru(sequence(d), 2), gated),
    Example("gru", lambda d: d.gru(sequence(d), 2, last=True), lambda **p: gated(**p)[:, -1]),
    Example("lstm", lambda d: d.lstm(sequence(d), 2), lambda x, **p: long_short(x, p)),
    Example("lstm", lambda d: d.lstm(sequence(d), 2, last=True), lambda x, **p: long_short(x, p)[:, -1]),
)
