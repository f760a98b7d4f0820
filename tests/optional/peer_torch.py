"""Gradients by PyTorch, run by a Python that has it: `peer_torch.py IN.npz OUT.npz`.

The input holds arrays under "case|leaf"; the output holds the gradient of every leaf that is no integer.
Nothing of symgrad is imported.
"""

import sys

import numpy as np
import torch

F = torch.nn.functional
torch.set_default_dtype(torch.float64)


def gates(p, names):
    """Stack the parameters of gates, in PyTorch's order."""
    V, U, b = (torch.cat([p[f"{k}{name}1"] for name in names]) for k in "VUb")
    return V, U, b


def recurrent(kind, p, names, extra=None):
    V, U, b = gates(p, names)
    hidden = p["x"].new_zeros(1, p["x"].shape[0], U.shape[1])
    second = torch.zeros_like(b) if extra is None else extra
    weights = [V, U, b, second]
    if kind is torch.lstm:
        return kind(p["x"], (hidden, hidden), weights, True, 1, 0.0, False, False, True)[0]
    return kind(p["x"], hidden, weights, True, 1, 0.0, False, False, True)[0]


def gru(p):
    """PyTorch's GRU, h = (1 − z) n + z h: its z is our u; the bias behind U stands in the third block."""
    zero = torch.zeros_like(p["br1"])
    return recurrent(torch.gru, p, "ruc", torch.cat([zero, zero, p["d1"]]))


def rnn(p, x):
    q = {**p, "x": x}
    return recurrent(torch.rnn_tanh, {**q, "V1": q["V1"]}, [""])


def lstm(p):
    return recurrent(torch.lstm, p, "ifgo")


def heads(p, causal):
    q, k, v = (torch.einsum("mdj,ntj->nmtd", p[name], p["x"]) for name in ("WQ1", "WK1", "WV1"))
    o = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    return torch.einsum("imd,nmtd->nti", p["WO1"], o) + p["b1"]


def layers(p, shortcut):
    h = p["x"]
    for W, b in zip(p["W1"], p["b1"], strict=True):
        h = shortcut * h + torch.tanh(F.linear(h, W, b))
    return h


LAYERS = {
    "dense": lambda p: F.linear(p["x"], p["W1"], p["b1"]),
    "transposed": lambda p: F.linear(F.linear(p["x"], p["W"], p["b1"]), p["W"].T, p["b2"]),
    "embedding": lambda p: F.embedding(p["x"], p["E1"]),
    "positions": lambda p: p["x"] + p["P1"],
    "attention": lambda p: F.scaled_dot_product_attention(p["q"], p["k"], p["v"]),
    "attention causal": lambda p: F.scaled_dot_product_attention(p["x"], p["x"], p["x"], is_causal=True),
    "attention masked": lambda p: F.scaled_dot_product_attention(
        p["q"], p["k"], p["v"], attn_mask=p["mask"].detach() > 0
    ),
    "multi_head_attention": lambda p: heads(p, False),
    "multi_head_attention causal": lambda p: heads(p, True),
    "conv1d": lambda p: F.conv1d(p["x"], p["W1"], p["b1"]),
    "conv1d strided": lambda p: F.conv1d(p["x"], p["W1"], p["b1"], stride=2, padding=1, dilation=2),
    "conv2d": lambda p: F.conv2d(p["x"], p["W1"], p["b1"]),
    "conv2d strided": lambda p: F.conv2d(p["x"], p["W1"], p["b1"], stride=2, padding=1, dilation=(1, 2)),
    "conv_transpose1d": lambda p: F.conv_transpose1d(p["x"], p["W1"], p["b1"]),
    "conv_transpose1d strided": lambda p: F.conv_transpose1d(
        p["x"], p["W1"], p["b1"], stride=2, padding=1, dilation=2
    ),
    "conv_transpose2d": lambda p: F.conv_transpose2d(p["x"], p["W1"], p["b1"], stride=2),
    "max_pool": lambda p: F.max_pool2d(p["x"], 2),
    "max_pool overlapping": lambda p: F.max_pool1d(p["x"], 3, stride=1),
    "avg_pool": lambda p: F.avg_pool2d(p["x"], 2),
    "avg_pool overlapping": lambda p: F.avg_pool1d(p["x"], 3, stride=1),
    "global_avg_pool": lambda p: F.adaptive_avg_pool2d(p["x"], 1)[..., 0, 0],
    "add": lambda p: p["x"] + p["u"],
    "multiply": lambda p: p["x"] * p["u"],
    "residual": lambda p: p["x"] + torch.tanh(F.linear(p["x"], p["W1"], p["b1"])),
    "concat": lambda p: torch.cat([p["x"], p["u"]], -1),
    "flatten": lambda p: torch.flatten(p["x"], 1),
    "dropout": lambda p: p["m"] * p["x"] / 0.75,
    "batch_norm": lambda p: F.batch_norm(p["x"], None, None, p["g1"], p["b1"], training=True),
    "batch_norm inference": lambda p: (
        (p["x"] - p["mean1"][:, None]) / torch.sqrt(p["var1"][:, None] + 1e-5) * p["g1"][:, None]
        + p["b1"][:, None]
    ),
    "layer_norm": lambda p: F.layer_norm(p["x"], p["x"].shape[-1:], p["g1"], p["b1"]),
    "rms_norm": lambda p: F.rms_norm(p["x"], p["x"].shape[-1:], p["g1"], eps=1e-5),
    "rnn": lambda p: rnn(p, p["x"]),
    "rnn last": lambda p: rnn(p, p["x"])[:, -1],
    "rnn reverse": lambda p: rnn(p, p["x"].flip(1)).flip(1),
    "gru": gru,
    "lstm": lstm,
    "lstm last": lambda p: lstm(p)[:, -1],
    "repeat": lambda p: layers(p, 1),
    "stack": lambda p: layers(p, 0),
}
ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "softplus": F.softplus,
    "elu": F.elu,
    "selu": F.selu,
    "gelu": F.gelu,
    "gelu_tanh": lambda z: F.gelu(z, approximate="tanh"),
    "silu": F.silu,
    "mish": F.mish,
    "hard_sigmoid": lambda z: F.relu6(z + 3) / 6,  # F.hardsigmoid derives with 1/6 in 32 bits (2.13.0)
    "hard_tanh": F.hardtanh,
    "softsign": F.softsign,
    "softmax": lambda z: F.softmax(z, -1),
    "log_softmax": lambda z: F.log_softmax(z, -1),
}


def entropy(y, t):
    return -(t * torch.log(y)).sum() / len(y)


def multiclass_hinge(y, t):
    return F.multi_margin_loss(y, t.argmax(-1), reduction="mean") * y.shape[-1]


LOSSES = {
    "squared_error": lambda y, t: F.mse_loss(y, t, reduction="sum") / 2 / len(y),
    "sum_of_squares": lambda y, t: F.mse_loss(y, t, reduction="sum") / len(y),
    "mean_squared_error": F.mse_loss,
    "absolute_error": lambda y, t: F.l1_loss(y, t, reduction="sum") / len(y),
    "euclidean_error": lambda y, t: torch.linalg.vector_norm(y - t, dim=-1).mean(),
    "huber": lambda y, t: F.huber_loss(y, t, reduction="sum") / len(y),
    "log_cosh": lambda y, t: torch.log(torch.cosh(y - t)).sum() / len(y),
    "cosine": lambda y, t: (1 - F.cosine_similarity(y, t, dim=-1)).mean(),
    "poisson_nll": lambda y, t: F.poisson_nll_loss(y, t, log_input=False, eps=0, reduction="sum") / len(y),
    "poisson_nll_log": lambda y, t: F.poisson_nll_loss(y, t, log_input=True, reduction="sum") / len(y),
    "gaussian_nll": lambda y, t, v: F.gaussian_nll_loss(y, t, v, reduction="sum") / len(y),
    "binary_cross_entropy": lambda y, t: -(t * y.log() + (1 - t) * (1 - y).log()).sum() / len(y),
    "cross_entropy": entropy,
    "negative_log_likelihood": lambda y, t: -(t * y).sum() / len(y),
    "kl_divergence": lambda y, t: (torch.xlogy(t, t) - t * y.log()).sum() / len(y),
    "hinge": lambda y, t: F.relu(1 - t * y).sum() / len(y),
    "squared_hinge": lambda y, t: (F.relu(1 - t * y) ** 2).sum() / len(y),
    "multiclass_hinge": multiclass_hinge,
}


def loss(kind, name, rest, p):
    if kind == "layer":
        return F.mse_loss(LAYERS[" ".join([name, *rest])](p), p["t"], reduction="sum") / 2
    z = F.linear(p["x"], p["W1"], p["b1"])
    if kind == "activation":
        return F.mse_loss(ACTIVATIONS[name](z), p["t"], reduction="sum") / 2 / len(z)
    (first, of_targets) = rest
    y = ACTIVATIONS[first](z)
    t = F.one_hot(p["t"], y.shape[-1]).to(y.dtype) if of_targets == "labels" else p["t"]
    more = [F.softplus(F.linear(p["x"], p["W2"], p["b2"]))] if "W2" in p else []
    return LOSSES[name](y, t, *more)


def leaf(array):
    made = torch.from_numpy(np.array(array))
    return made.requires_grad_() if made.is_floating_point() else made


def main(source, target):
    given, found = np.load(source), {}
    cases: dict = {}
    for key in given.files:
        case, name = key.split("|")
        cases.setdefault(case, {})[name] = leaf(given[key])
    for case, p in cases.items():
        kind, name, *rest = case.split()
        value = loss(kind, name, rest, p)
        value.backward()
        found[f"{case}|"] = value.detach().numpy()
        for key, array in p.items():
            if array.requires_grad:
                found[f"{case}|{key}"] = (
                    torch.zeros_like(array) if array.grad is None else array.grad
                ).numpy()
    np.savez(target, **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
