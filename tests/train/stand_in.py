"""A kernel written by hand: linear regression with momentum, in the form that the emitter writes."""

import numpy as np

FORMAT = 2
NETWORK = "a" * 64
SAMPLES = "N"
INPUTS = {"x": ("N", "D")}
TARGETS = {"t": ("N", "K")}
OUTPUTS = {"y": ("N", "K")}
PARAMETERS = {"W": ("K", "D"), "b": ("K",)}
KINDS = {"t": "free"}
LABELS = {}
STARTS = {"W": ("normal", ("D",)), "b": ("zeros", ())}
STATES = {"mW": ("K", "D"), "mb": ("K",)}
OPTIONS = {"learning_rate": 0.1, "momentum": 0.5}
OPTIMIZER = "momentum"
TASK = "regression"


def forward(x, W, b):
    return x @ W.T + b


def loss(x, t, W, b):
    residual = x @ W.T + b - t
    return 0.5 * (residual * residual).sum() / len(x)


def gradients(x, t, W, b):
    residual = x @ W.T + b - t
    return 0.5 * (residual * residual).sum() / len(x), residual.T @ x / len(x), residual.sum(0) / len(x)


def train(x, t, W, b, mW, mb, learning_rate, momentum, batch, shuffle, drop_last, random_state, stop, losses):
    rows = len(x)
    one = x.dtype.type(1)
    rate, keep = one * x.dtype.type(learning_rate), x.dtype.type(momentum)
    for epoch in range(len(losses)):
        order = np.arange(rows)
        if shuffle:
            for i in range(rows - 1, 0, -1):
                s = int(random_state[0])
                s ^= (s << 13) & 0xFFFFFFFFFFFFFFFF
                s ^= s >> 7
                s ^= (s << 17) & 0xFFFFFFFFFFFFFFFF
                random_state[0] = s
                j = s % (i + 1)
                order[i], order[j] = order[j], order[i]
        total, seen = 0.0, 0
        for start in range(0, rows, batch):
            if stop[0]:
                return epoch
            part = order[start : start + batch]
            if drop_last and len(part) < batch:
                break
            xb, tb = x[part], t[part]
            with np.errstate(all="ignore"):
                residual = xb @ W.T + b - tb
                total += 0.5 * float((residual * residual).sum())
                seen += len(part)
                mW[:] = keep * mW + residual.T @ xb / x.dtype.type(len(part))
                mb[:] = keep * mb + residual.sum(axis=0) / x.dtype.type(len(part))
                W -= rate * mW
                b -= rate * mb
        losses[epoch] = total / seen
    return len(losses)
