"""PyTensor: one step for every batch, or all steps in a scan, through Numba or C."""

from functools import partial
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.compile.mode import get_mode

from tests.benchmarks.programs.protocol import Run, serve, timed, trained
from tests.benchmarks.workloads import Data, Workload

ACTIVATIONS = {
    "sigmoid": pt.sigmoid,
    "tanh": pt.tanh,
    "relu": lambda z: pt.maximum(z, np.dtype(z.dtype).type(0)),
    "identity": lambda z: z,
    "softmax": lambda z: z,
}


def prepare(work: Workload, data: Data, variant: str) -> Run:
    """Return a run; variants are `scan`, `steps` (both through Numba) and `C steps`."""
    start = trained(work, data)
    shared = [pytensor.shared(array.copy()) for array in start]
    x, t = (pytensor.shared(a, borrow=True) for a in (data.x, data.t))
    new = partial(changed, work, data, x, t)
    train = (whole if variant == "scan" else by_steps)(
        work, shared, new, "CVM" if "C" in variant else "NUMBA"
    )

    def run() -> tuple[float, list[Any]]:
        for place, array in zip(shared, start, strict=True):
            place.set_value(array.copy())
        seconds, _ = timed(train)
        return seconds, [place.get_value() for place in shared]

    return run


def whole(work: Workload, shared: list[Any], new: Any, mode: str) -> Any:
    """Return a function that scans over all steps."""
    compiler, batches = get_mode(mode), work.rows // work.batch
    ends = pytensor.scan(
        lambda k, *now: new(list(now), k % batches),
        sequences=[pt.arange(work.steps)],
        outputs_info=list(shared),
        mode=compiler,
        return_updates=False,
    )
    listed = ends if isinstance(ends, list) else [ends]
    updates = {place: end[-1] for place, end in zip(shared, listed, strict=True)}
    return pytensor.function([], [], updates=updates, mode=compiler)


def by_steps(work: Workload, shared: list[Any], new: Any, mode: str) -> Any:
    """Return a loop over a function for one step."""
    k = pt.lscalar("k")
    updates = dict(zip(shared, new(list(shared), k), strict=True))
    function = pytensor.function([k], [], updates=updates, mode=get_mode(mode), on_unused_input="ignore")
    function.trust_input = True
    numbers = [np.asarray(n) for n in range(work.rows // work.batch)]
    return lambda: [function(n) for _ in range(work.epochs) for n in numbers]


def changed(work: Workload, data: Data, x: Any, t: Any, now: list[Any], k: Any) -> list[Any]:
    """Return the parameters after the batch with number k."""
    if work.rows > work.batch:
        rows = slice(k * work.batch, (k + 1) * work.batch)
        x, t = x[rows], t[rows]
    value = ((x @ now[0] - t) ** 2).sum() / (2 * work.rows) if work.linear else layers(work, data, now, x, t)
    rate = np.dtype(work.dtype).type(work.rate)
    return [p - rate * g for p, g in zip(now, pytensor.grad(value, now), strict=True)]


def layers(work: Workload, data: Data, now: list[Any], x: Any, t: Any) -> Any:
    """Return the loss of a layered network on a batch."""
    depth, number = len(data.weights), np.dtype(work.dtype).type
    biases = now[depth:] if work.biases else [pt.constant(b) for b in data.biases]
    for k, (w, b) in enumerate(zip(now[:depth], biases, strict=True)):
        x = ACTIVATIONS[work.hidden if k < depth - 1 else work.output](pt.dot(x, w) + b)
    if work.loss == "cross_entropy":
        return -pt.special.log_softmax(x, axis=-1)[pt.arange(work.batch), t].mean()
    return ((x - t) ** 2).sum() * number(0.5 / work.batch)


if __name__ == "__main__":
    serve(prepare)
