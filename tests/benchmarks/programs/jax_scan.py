"""JAX: the whole training run in one `jit`, `lax.scan` over the batches of an epoch and over epochs."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from tests.benchmarks.programs.protocol import Run, serve, timed, trained
from tests.benchmarks.workloads import Data, Workload

ACTIVATIONS = {
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "relu": jax.nn.relu,
    "identity": lambda z: z,
    "softmax": lambda z: z,
}


def prepare(work: Workload, data: Data, variant: str) -> Run:
    """Return a run; a variant with `elementwise` sums products itself, `unrolled` writes out eight steps."""
    depth, steps = len(data.weights), work.rows // work.batch
    fixed = [] if work.biases else [jnp.asarray(b) for b in data.biases]
    product = by_elements if "elementwise" in variant else jnp.matmul
    loss = regression if work.linear else partial(layers, work, product, depth, fixed)
    scan = partial(lax.scan, unroll=8 if "unrolled" in variant else 1)
    batches = [jnp.asarray(a[: steps * work.batch]) for a in (data.x, data.t)]
    if steps > 1:
        batches = [a.reshape(steps, work.batch, *a.shape[1:]) for a in batches]

    def step(now: list[Any], batch: Any) -> Any:
        gradient = jax.grad(loss)(now, *batch)
        return [p - work.rate * g for p, g in zip(now, gradient, strict=True)], None

    def whole(now: list[Any], batches: list[Any]) -> list[Any]:
        if steps == 1:
            return scan(lambda now, _: step(now, batches), now, None, length=work.epochs)[0]
        if work.epochs == 1:
            return scan(step, now, tuple(batches))[0]
        return lax.scan(lambda now, _: (scan(step, now, tuple(batches))[0], None), now, None, work.epochs)[0]

    compiled = jax.jit(whole, donate_argnums=0)

    def run() -> tuple[float, list[Any]]:
        first = jax.block_until_ready([jnp.array(array) for array in trained(work, data)])
        seconds, ends = timed(lambda: jax.block_until_ready(compiled(first, batches)))
        return seconds, [np.asarray(array) for array in ends]

    return run


def regression(now: list[Any], x: Any, t: Any) -> Any:
    """Half the mean of squares."""
    return ((x @ now[0] - t) ** 2).sum() / (2 * len(x))


def by_elements(h: Any, w: Any) -> Any:
    """Multiply one row by a matrix without a call of BLAS, so that all of a step is fused."""
    return (h[0][:, None] * w).sum(0)[None]


def layers(work: Workload, product: Any, depth: int, fixed: list[Any], now: list[Any], x: Any, t: Any) -> Any:
    """Return the loss of a layered network on a batch."""
    weights, biases = now[:depth], now[depth:] or fixed
    for k, (w, b) in enumerate(zip(weights, biases, strict=True)):
        x = ACTIVATIONS[work.hidden if k < depth - 1 else work.output](product(x, w) + b)
    if work.loss == "cross_entropy":
        return -jnp.take_along_axis(jax.nn.log_softmax(x), t[:, None], 1).mean()
    return 0.5 * ((x - t) ** 2).sum() / work.batch


if __name__ == "__main__":
    serve(prepare)
