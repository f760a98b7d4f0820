"""Derivations by hand, judged: a formula, a chain of equalities, matrices, and a backward pass in NumPy.

Each of the four has a mistake that people make: a derivative left out, a path forgotten, a mean that became a
sum, and weights that the step had already changed.
"""

import numpy as np
from numpy.typing import NDArray

import symgrad as sg
from symgrad.testing import assert_backward, assert_steps

Array = NDArray[np.float64]


def forward(x: Array, V: Array, W: Array, t: Array) -> Array:
    """Return the loss of one hidden layer."""
    return 0.5 * np.sum((np.tanh(x @ V) @ W - t) ** 2)


def backward(x: Array, V: Array, W: Array, t: Array) -> dict[str, Array]:
    """Return both gradients; the one of V is computed after the step changed W."""
    h = np.tanh(x @ V)
    d = h @ W - t
    dW = h.T @ d
    W = W - 0.1 * dW
    return {"W": dW, "V": x.T @ (d @ W.T * (1 - h**2))}


def main() -> None:
    """Print what is said of each."""
    net = sg.zoo("classifier_3_3_3")
    print(net.check("w10", "(o1 - t1) a1"), end="\n\n")
    try:
        assert_steps(net, "w1", ["δz1 x1", "(δq1 w10 + δq2 w11) a1 (1 - a1) x1"])
    except AssertionError as error:
        print(error, end="\n\n")
    print(sg.zoo("linear_regression").check("w", "X.T @ (X @ w + b - t)"), end="\n\n")
    try:
        assert_backward(forward, backward, shapes={"x": (4, 3), "V": (3, 2), "W": (2, 2), "t": (4, 2)})
    except AssertionError as error:
        print(error)


if __name__ == "__main__":
    main()
