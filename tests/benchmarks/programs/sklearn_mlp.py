"""scikit-learn's perceptrons: one `partial_fit` for every epoch."""

import warnings
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from tests.benchmarks.programs.protocol import Run, serve, timed
from tests.benchmarks.workloads import Data, Workload


def prepare(work: Workload, data: Data, variant: str) -> Run:
    """Return a run that starts from the weights of the data."""
    classes = np.arange(work.sizes[-1])
    x, t = (a[: work.rows - work.rows % work.batch] for a in (data.x, data.t))
    t = t[:, 0] if t.ndim == 2 and t.shape[1] == 1 else t

    def run() -> tuple[float, list[Any]]:
        network = perceptron(work)
        named = {"classes": classes} if work.loss == "cross_entropy" else {}
        network.partial_fit(x[: work.batch], t[: work.batch], **named)
        network.coefs_ = [w.copy() for w in data.weights]
        network.intercepts_ = [b.copy() for b in data.biases]
        seconds, _ = timed(lambda: [network.partial_fit(x, t) for _ in range(work.epochs)])
        return seconds, [*network.coefs_, *network.intercepts_]

    return run


def perceptron(work: Workload) -> Any:
    """Return a network that is trained by plain SGD."""
    kind = MLPClassifier if work.loss == "cross_entropy" else MLPRegressor
    return kind(
        hidden_layer_sizes=work.sizes[1:-1],
        activation={"sigmoid": "logistic"}.get(work.hidden, work.hidden),
        solver="sgd",
        alpha=0,
        batch_size=work.batch,
        learning_rate_init=work.rate,
        momentum=0,
        nesterovs_momentum=False,
        shuffle=False,
    )


if __name__ == "__main__":
    warnings.simplefilter("ignore", ConvergenceWarning)
    serve(prepare)
