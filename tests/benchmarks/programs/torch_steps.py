"""PyTorch: one step for every batch, eager or compiled."""

from functools import partial
from typing import Any

import torch

from tests.benchmarks.programs.protocol import Run, serve, timed, trained
from tests.benchmarks.workloads import Data, Workload

ACTIVATIONS = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "identity": lambda z: z,
    "softmax": lambda z: z,
}


def prepare(work: Workload, data: Data, variant: str) -> Run:
    """Return a run of `eager` steps or of steps from `compile`."""
    fixed = [] if work.biases else [torch.from_numpy(b) for b in data.biases]
    loss = regression if work.linear else partial(layers, work, len(data.weights), fixed)
    compiling = variant == "compile"
    step = partial(pure_step if compiling else eager_step, loss, work.rate)
    step = torch.compile(step, dynamic=False) if compiling else step
    x, t = torch.from_numpy(data.x), torch.from_numpy(data.t)
    starts = range(0, work.rows - work.rows % work.batch, work.batch)
    batches = [(x[n : n + work.batch], t[n : n + work.batch]) for n in starts]

    def run() -> tuple[float, list[Any]]:
        now = [torch.from_numpy(array.copy()).requires_grad_(not compiling) for array in trained(work, data)]
        seconds, _ = timed(lambda: [step(now, *batch) for _ in range(work.epochs) for batch in batches])
        return seconds, [p.detach().numpy() for p in now]

    return run


def eager_step(loss: Any, rate: float, now: list[Any], x: Any, t: Any) -> None:
    """Record, go back, and change all parameters by one call."""
    gradients = torch.autograd.grad(loss(now, x, t), now)
    with torch.no_grad():
        torch._foreach_add_(now, gradients, alpha=-rate)


def pure_step(loss: Any, rate: float, now: list[Any], x: Any, t: Any) -> None:
    """Take the gradient as a function, which one graph can hold."""
    gradients = torch.func.grad(lambda p: loss(p, x, t))(now)
    for p, g in zip(now, gradients, strict=True):
        p.sub_(rate * g)


def regression(now: list[Any], x: Any, t: Any) -> Any:
    """Half the mean of squares."""
    return ((x @ now[0] - t) ** 2).sum() / (2 * len(x))


def layers(work: Workload, depth: int, fixed: list[Any], now: list[Any], x: Any, t: Any) -> Any:
    """Return the loss of a layered network on a batch."""
    for k, (w, b) in enumerate(zip(now[:depth], now[depth:] or fixed, strict=True)):
        x = ACTIVATIONS[work.hidden if k < depth - 1 else work.output](torch.addmm(b, x, w))
    if work.loss == "cross_entropy":
        return torch.nn.functional.cross_entropy(x, t)
    return 0.5 * ((x - t) ** 2).sum() / work.batch


if __name__ == "__main__":
    serve(prepare)
