"""Gradients by JAX, run by a Python that has it: `peer_jax.py IN.npz OUT.npz`.

The input holds arrays under "case|leaf"; the output holds the gradient of every leaf that is no integer.
Nothing of symgrad is imported.
"""

import sys
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

jax.config.update("jax_enable_x64", True)
EPSILON = 1e-5


def conv(p, stride=1, padding=0, dilation=1):
    dims = p["x"].ndim - 2
    pairs = [v if isinstance(v, tuple) else (v,) * dims for v in (stride, dilation)]
    z = lax.conv_general_dilated(
        p["x"], p["W1"], pairs[0], [(padding, padding)] * dims, rhs_dilation=pairs[1]
    )
    return z + p["b1"].reshape(-1, *[1] * dims)


def transposed(p, stride=1, padding=0, dilation=1):
    """Convolve with the flipped kernel what has zeros between its entries."""
    W, dims = p["W1"], p["x"].ndim - 2
    edges = [(dilation * (k - 1) - padding,) * 2 for k in W.shape[2:]]
    kernel = jnp.flip(jnp.swapaxes(W, 0, 1), axis=tuple(range(2, W.ndim)))
    z = lax.conv_general_dilated(
        p["x"], kernel, (1,) * dims, edges, lhs_dilation=(stride,) * dims, rhs_dilation=(dilation,) * dims
    )
    return z + p["b1"].reshape(-1, *[1] * dims)


def pool(x, window, stride, start, step):
    dims = x.ndim - 2
    return lax.reduce_window(x, start, step, (1, 1, *[window] * dims), (1, 1, *[stride] * dims), "VALID")


def largest(x, window, stride):
    return pool(x, window, stride, -jnp.inf, lax.max)


def average(x, window, stride):
    return pool(x, window, stride, 0.0, lax.add) / window ** (x.ndim - 2)


def attend(q, k, v, allowed=None):
    scores = jnp.einsum("...td,...ud->...tu", q, k) / jnp.sqrt(q.shape[-1])
    if allowed is not None:
        scores = jnp.where(allowed, scores, -jnp.inf)
    return jax.nn.softmax(scores, axis=-1) @ v


def lower(steps):
    return jnp.tril(jnp.ones((steps, steps))) > 0


def heads(p, causal):
    q, k, v = (jnp.einsum("mdj,ntj->nmtd", p[name], p["x"]) for name in ("WQ1", "WK1", "WV1"))
    o = attend(q, k, v, lower(q.shape[-2]) if causal else None)
    return jnp.einsum("imd,nmtd->nti", p["WO1"], o) + p["b1"]


def gate(p, name, x, h):
    return x @ p[f"V{name}1"].T + h @ p[f"U{name}1"].T + p[f"b{name}1"]


def scan(p, step, state):
    """Walk over the steps of x, the second axis."""
    _, out = lax.scan(step, state, jnp.moveaxis(p["x"], 1, 0))
    return jnp.moveaxis(out, 0, 1)


def zeros(p, name):
    return jnp.zeros((p["x"].shape[0], p[name].shape[0]))


def rnn(p):
    def step(h, x):
        h = jnp.tanh(gate(p, "", x, h))
        return h, h

    return scan(p, step, zeros(p, "b1"))


def gru(p):
    def step(h, x):
        r, u = (jax.nn.sigmoid(gate(p, name, x, h)) for name in "ru")
        c = jnp.tanh(x @ p["Vc1"].T + p["bc1"] + r * (h @ p["Uc1"].T + p["d1"]))
        h = u * h + (1 - u) * c
        return h, h

    return scan(p, step, zeros(p, "br1"))


def lstm(p):
    def step(state, x):
        h, c = state
        i, f, o = (jax.nn.sigmoid(gate(p, name, x, h)) for name in "ifo")
        c = f * c + i * jnp.tanh(gate(p, "g", x, h))
        h = o * jnp.tanh(c)
        return (h, c), h

    return scan(p, step, (zeros(p, "bi1"), zeros(p, "bi1")))


def layers(p, shortcut):
    def step(h, layer):
        W, b = layer
        return shortcut * h + jnp.tanh(h @ W.T + b), None

    return lax.scan(step, p["x"], (p["W1"], p["b1"]))[0]


def normed(x, axes, mean=None, var=None):
    mean = x.mean(axes, keepdims=True) if mean is None else mean
    var = x.var(axes, keepdims=True) if var is None else var
    return (x - mean) * lax.rsqrt(var + EPSILON)


def channels(v):
    return v[:, None]


LAYERS = {
    "dense": lambda p: p["x"] @ p["W1"].T + p["b1"],
    "transposed": lambda p: (p["x"] @ p["W"].T + p["b1"]) @ p["W"] + p["b2"],
    "embedding": lambda p: p["E1"][p["x"]],
    "positions": lambda p: p["x"] + p["P1"],
    "attention": lambda p: attend(p["q"], p["k"], p["v"]),
    "attention causal": lambda p: attend(p["x"], p["x"], p["x"], lower(p["x"].shape[-2])),
    "attention masked": lambda p: attend(p["q"], p["k"], p["v"], p["mask"] > 0),
    "multi_head_attention": lambda p: heads(p, False),
    "multi_head_attention causal": lambda p: heads(p, True),
    "conv1d": conv,
    "conv1d strided": lambda p: conv(p, 2, 1, 2),
    "conv2d": conv,
    "conv2d strided": lambda p: conv(p, 2, 1, (1, 2)),
    "conv_transpose1d": transposed,
    "conv_transpose1d strided": lambda p: transposed(p, 2, 1, 2),
    "conv_transpose2d": lambda p: transposed(p, 2),
    "max_pool": lambda p: largest(p["x"], 2, 2),
    "max_pool overlapping": lambda p: largest(p["x"], 3, 1),
    "avg_pool": lambda p: average(p["x"], 2, 2),
    "avg_pool overlapping": lambda p: average(p["x"], 3, 1),
    "global_avg_pool": lambda p: p["x"].mean((2, 3)),
    "add": lambda p: p["x"] + p["u"],
    "multiply": lambda p: p["x"] * p["u"],
    "residual": lambda p: p["x"] + jnp.tanh(p["x"] @ p["W1"].T + p["b1"]),
    "concat": lambda p: jnp.concatenate([p["x"], p["u"]], -1),
    "flatten": lambda p: p["x"].reshape(len(p["x"]), -1),
    "dropout": lambda p: p["m"] * p["x"] / 0.75,
    "batch_norm": lambda p: normed(p["x"], (0, 2)) * channels(p["g1"]) + channels(p["b1"]),
    "batch_norm inference": lambda p: (
        normed(p["x"], (0, 2), channels(p["mean1"]), channels(p["var1"])) * channels(p["g1"])
        + channels(p["b1"])
    ),
    "layer_norm": lambda p: normed(p["x"], -1) * p["g1"] + p["b1"],
    "rms_norm": lambda p: p["x"] * lax.rsqrt((p["x"] ** 2).mean(-1, keepdims=True) + EPSILON) * p["g1"],
    "rnn": rnn,
    "rnn last": lambda p: rnn(p)[:, -1],
    "rnn reverse": lambda p: jnp.flip(rnn({**p, "x": jnp.flip(p["x"], 1)}), 1),
    "gru": gru,
    "lstm": lstm,
    "lstm last": lambda p: lstm(p)[:, -1],
    "repeat": lambda p: layers(p, 1),
    "stack": lambda p: layers(p, 0),
}
ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "leaky_relu": jax.nn.leaky_relu,
    "softplus": jax.nn.softplus,
    "elu": jax.nn.elu,
    "selu": jax.nn.selu,
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
    "gelu_tanh": lambda z: jax.nn.gelu(z, approximate=True),
    "silu": jax.nn.silu,
    "mish": jax.nn.mish,
    "hard_sigmoid": jax.nn.hard_sigmoid,
    "hard_tanh": jax.nn.hard_tanh,
    "softsign": jax.nn.soft_sign,
    "softmax": jax.nn.softmax,
    "log_softmax": jax.nn.log_softmax,
}


def cosine(y, t):
    norms = jnp.linalg.norm(y, axis=-1) * jnp.linalg.norm(t, axis=-1)
    return (1 - (y * t).sum(-1) / norms).mean()


def huber(u):
    return jnp.where(jnp.abs(u) <= 1, u**2 / 2, jnp.abs(u) - 0.5)


def multiclass_hinge(y, t):
    right = (t * y).sum(-1, keepdims=True)
    return ((1 - t) * jax.nn.relu(1 + y - right)).sum() / len(y)


LOSSES = {
    "squared_error": lambda y, t: ((y - t) ** 2).sum() / 2 / len(y),
    "sum_of_squares": lambda y, t: ((y - t) ** 2).sum() / len(y),
    "mean_squared_error": lambda y, t: ((y - t) ** 2).mean(),
    "absolute_error": lambda y, t: jnp.abs(y - t).sum() / len(y),
    "euclidean_error": lambda y, t: jnp.linalg.norm(y - t, axis=-1).mean(),
    "huber": lambda y, t: huber(y - t).sum() / len(y),
    "log_cosh": lambda y, t: jnp.log(jnp.cosh(y - t)).sum() / len(y),
    "cosine": cosine,
    "poisson_nll": lambda y, t: (y - t * jnp.log(y)).sum() / len(y),
    "poisson_nll_log": lambda y, t: (jnp.exp(y) - t * y).sum() / len(y),
    "gaussian_nll": lambda y, t, v: (jnp.log(v) + (y - t) ** 2 / v).sum() / 2 / len(y),
    "binary_cross_entropy": lambda y, t: -(t * jnp.log(y) + (1 - t) * jnp.log1p(-y)).sum() / len(y),
    "cross_entropy": lambda y, t: -(t * jnp.log(y)).sum() / len(y),
    "negative_log_likelihood": lambda y, t: -(t * y).sum() / len(y),
    "kl_divergence": lambda y, t: (jax.scipy.special.xlogy(t, t) - t * jnp.log(y)).sum() / len(y),
    "hinge": lambda y, t: jax.nn.relu(1 - t * y).sum() / len(y),
    "squared_hinge": lambda y, t: (jax.nn.relu(1 - t * y) ** 2).sum() / len(y),
    "multiclass_hinge": multiclass_hinge,
}


def loss(kind, name, rest, p):
    if kind == "layer":
        return ((LAYERS[" ".join([name, *rest])](p) - p["t"]) ** 2).sum() / 2
    z = p["x"] @ p["W1"].T + p["b1"]
    if kind == "activation":
        return ((ACTIVATIONS[name](z) - p["t"]) ** 2).sum() / 2 / len(z)
    (first, of_targets) = rest
    y = ACTIVATIONS[first](z)
    t = jax.nn.one_hot(p["t"], y.shape[-1], dtype=y.dtype) if of_targets == "labels" else p["t"]
    more = [jax.nn.softplus(p["x"] @ p["W2"].T + p["b2"])] if "W2" in p else []
    return LOSSES[name](y, t, *more)


def varied_loss(kind, name, rest, fixed, varied):
    return loss(kind, name, rest, {**fixed, **varied})


def main(source, target):
    given, found = np.load(source), {}
    cases: dict = {}
    for key in given.files:
        case, name = key.split("|")
        cases.setdefault(case, {})[name] = jnp.asarray(given[key])
    for case, p in cases.items():
        kind, name, *rest = case.split()
        varied = {k: v for k, v in p.items() if jnp.issubdtype(v.dtype, jnp.floating)}
        value, gradient = jax.value_and_grad(partial(varied_loss, kind, name, rest, p))(varied)
        found[f"{case}|"] = np.asarray(value)
        found |= {f"{case}|{key}": np.asarray(array) for key, array in gradient.items()}
    np.savez(target, **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
