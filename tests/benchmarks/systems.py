"""One system on one workload, in a process of its own: ``python systems.py SYSTEM WORKLOAD FILE``.

Each line on stdin asks for one whole training run; the answer is its seconds.  The end weights of the
first run are saved to FILE.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from workloads import WORKLOADS, Workload, data

Run = Callable[[], tuple[float, list[Any]]]


def timed(run: Callable[[], list[Any]]) -> tuple[float, list[Any]]:
    """Return the seconds of a run, and what it returns."""
    start = time.perf_counter()
    ends = run()
    return time.perf_counter() - start, ends


def symgrad(work: Workload) -> Run:
    """Train in the generated kernel: nothing in it was written for a workload."""
    import symgrad as sg

    x, t, weights, biases = data(work)
    kind = "labels" if work.loss == "cross_entropy" else "free"
    net = sg.mlp(work.sizes, hidden=work.hidden, output=work.output, loss=work.loss, targets=kind)
    names = [f"W{k + 1}" for k in range(len(weights))]
    kernel = net.compile(trained=None if work.biases else tuple(names))
    first = dict(zip(names, weights, strict=True)) | {f"b{k + 1}": b for k, b in enumerate(biases)}

    def run() -> tuple[float, list[Any]]:
        now = {name: first[name].copy() for name in kernel.PARAMETERS}
        state = np.ones(1, np.uint64), np.zeros(1, np.uint8), np.empty(work.epochs)
        settings = (work.rate, work.batch, False, True, *state)
        seconds, _ = timed(lambda: [kernel.train(x, t, *now.values(), *settings)])
        return seconds, [now[name] for name in names]

    return run


def jax(work: Workload) -> Run:
    """Train in one jit: `lax.scan` over all batches of all epochs."""
    import jax as j
    import jax.numpy as jnp

    j.config.update("jax_enable_x64", work.dtype == "float64")
    x, t, weights, biases = data(work)
    steps = work.rows // work.batch
    batches = [jnp.asarray(a[: steps * work.batch].reshape(steps, work.batch, *a.shape[1:])) for a in (x, t)]
    act = {"sigmoid": j.nn.sigmoid, "tanh": jnp.tanh}[work.hidden]

    def loss(ws: list[Any], bs: list[Any], x: Any, t: Any) -> Any:
        for w, b in zip(ws[:-1], bs[:-1], strict=True):
            x = act(x @ w.T + b)
        z = x @ ws[-1].T + bs[-1]
        if work.loss == "cross_entropy":
            return -jnp.take_along_axis(j.nn.log_softmax(z), t[:, None], 1).mean()
        return 0.5 * ((act(z) - t) ** 2).sum() / work.batch

    def step(state: Any, batch: Any) -> Any:
        dw, db = j.grad(loss, argnums=(0, 1))(*state, *batch)
        ws = [w - work.rate * d for w, d in zip(state[0], dw, strict=True)]
        bs = [b - work.rate * d for b, d in zip(state[1], db, strict=True)] if work.biases else state[1]
        return (ws, bs), None

    def epoch(state: Any, _: Any) -> Any:
        return j.lax.scan(step, state, tuple(batches))[0], None

    whole = j.jit(lambda state: j.lax.scan(epoch, state, None, length=work.epochs)[0])

    def run() -> tuple[float, list[Any]]:
        state = j.block_until_ready(([jnp.array(w) for w in weights], [jnp.array(b) for b in biases]))
        seconds, ends = timed(lambda: j.block_until_ready(whole(state))[0])
        return seconds, [np.asarray(w) for w in ends]

    return run


def main() -> None:
    """Answer one run for each line."""
    system, name, file = sys.argv[1:]
    run: Run = {"symgrad": symgrad, "jax": jax}[system](WORKLOADS[name])
    _, ends = run()
    np.savez(file, *ends)
    print("ready", flush=True)
    for _ in sys.stdin:
        print(run()[0], flush=True)


if __name__ == "__main__":
    main()
