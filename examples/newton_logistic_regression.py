"""Newton's method for logistic regression, with the Hessian derived, printed, proved and compiled.

The Hessian is the gradient derived once more.  Its formula is the one of the textbooks, Xᵀ D X with
D = diag(p(1 − p)), and nobody wrote it down here.  Near the minimum every step of Newton's method about
doubles the number of right digits; gradient descent gains the same few digits in hundreds of steps.
"""

import numpy as np

import symgrad as sg

SAMPLES, FEATURES = 400, 3


def data(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw points and noisy labels, 0 or 1: no line separates them, so that there is a minimum."""
    source = np.random.default_rng(seed)
    x = source.normal(size=(SAMPLES, FEATURES))
    chance = 1 / (1 + np.exp(-(x @ np.array([1.5, -2.0, 0.5]) + 0.3)))
    return x, (source.random(SAMPLES) < chance).astype(float)


def show(net: sg.Network) -> None:
    """Print the formulas and what was proved of them."""
    print("gradient   ", net.gradient("w").matrix, sep="\n")
    print("\nHessian    ", net.hessian("w").matrix, net.hessian("w", "b").matrix, sep="\n")
    print("\nH v        ", net.hvp().matrix, sep="\n")
    print("\nH is sympy.diff, twice, of the loss:", net.hessian("w").prove().verdict)


def main() -> None:
    """Print the formulas, then minimise by Newton's method and by gradient descent."""
    net = sg.zoo("logistic_regression").at_level("layer")
    show(net)
    kernel = net.compile(also=["hessian"])
    x, t = data(seed=1)

    w, b = np.zeros(FEATURES), np.zeros(1)
    print("\nNewton      step   loss                 |gradient|")
    for step in range(7):
        loss, dw, db = kernel.gradients(x, t, w, b)
        gradient = np.concatenate([dw, db])
        print(f"{step:16d}   {loss:.15f}   {np.linalg.norm(gradient):.1e}")
        ww, wb, bb = kernel.also["hessian"](x, t, w, b)
        hessian = np.block([[ww, wb[:, None]], [wb[None, :], bb[:, None]]])
        move = np.linalg.solve(hessian, gradient)
        w, b = w - move[:FEATURES], b - move[FEATURES:]

    w, b = np.zeros(FEATURES), np.zeros(1)
    print("\ndescent     step   loss                 |gradient|")
    for step in range(301):
        loss, dw, db = kernel.gradients(x, t, w, b)
        if step % 60 == 0:
            print(f"{step:16d}   {loss:.15f}   {np.linalg.norm(np.concatenate([dw, db])):.1e}")
        w, b = w - dw, b - db


if __name__ == "__main__":
    main()
