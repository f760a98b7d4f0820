"""A module as users write it: functions, a class and a closure around NumPy, for the tests of rebinding."""

import math
from functools import partial

import numpy as np
from numpy import exp, tanh
from numpy.linalg import norm

SCALE = np.array([0.5, 2.0])


def sigmoid(z):
    return 1 / (1 + exp(-z))


def forward(x, W, y):
    out = sigmoid(x @ W.T) * SCALE
    loss = 0.5 * norm(out - y) ** 2 / math.sqrt(4)
    return loss, (out, x)


def backward(cache, y, W):
    out, x = cache
    d = np.zeros_like(out)
    for i in range(len(out)):
        d[i] = (out[i] - y[i]) * out[i] * (1 - out[i] / SCALE) / 2
    return {"W": d.T @ x, "x": d @ W}


class Net:
    def __init__(self, rate=0.0):
        self.rate = rate

    def loss(self, x, w):
        self.h = tanh(w * x)
        return float(max(0, self.h.sum()))

    def gradient(self, x, w):
        mask = np.zeros(x.shape)
        mask[:] = self.h.sum() > 0
        return self.helper(x) * mask

    def helper(self, x):
        return (1 - self.h**2) * x


class Child(Net):
    def helper(self, x):
        return super().helper(x)


def made(numpy_inside):
    def inner(x):
        return numpy_inside.sum(numpy_inside.exp(x) * np.eye(len(x))[0])

    return inner


closure = made(np)
applied = partial(closure)


def closure_gradient(x):
    g = np.zeros(len(x))
    g[0] = exp(x[0])
    return g


def wrong_gradient(x):
    return np.exp(x)
