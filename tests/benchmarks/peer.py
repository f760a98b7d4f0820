"""symgrad as one system among its peers: the workloads W1, W2, W3 on generated kernels.

The driver of the peers starts this file as ``python peer.py WORKLOAD NAME`` with its own folder on the
path; see there for the protocol.  Nothing here is written for a workload: the networks are described in
words and the kernels generated from them.
"""

import sys
import time

import numpy as np
from common import META, T_START, load, serve  # from the peers' folder

import symgrad as sg

WORKLOAD, NAME = sys.argv[1:3]
IMPORT_SECONDS = time.time() - T_START
OUTPUTS = {"ce": "softmax", "mse": None, "mseb": "identity"}


def network(meta):
    """Return the network of a workload: W1 has sigmoids at the output too, W8 none."""
    output = OUTPUTS[meta["loss"]] or (meta["act"] if WORKLOAD == "W1" else "identity")
    classes = meta["loss"] == "ce"
    return sg.mlp(
        meta["sizes"],
        hidden=meta["act"],
        output=output,
        loss="cross_entropy" if classes else "squared_error",
        targets="labels" if classes else "free",
        mean=meta["loss"] != "mse",
    )


def make():
    """Compile the kernel and return one whole training run."""
    meta, x, y, weights, biases = load(WORKLOAD)
    weight_names = [f"W{k + 1}" for k in range(len(weights))]
    kernel = network(meta).compile(trained=tuple(weight_names) if WORKLOAD == "W1" else None)
    start = {f"W{k + 1}": np.ascontiguousarray(w.T) for k, w in enumerate(weights)}
    start |= {f"b{k + 1}": b for k, b in enumerate(biases)}
    target = y.astype(np.int64) if meta["loss"] == "ce" else np.ascontiguousarray(y, dtype=x.dtype)

    def run():
        parameters = {name: start[name].copy() for name in kernel.PARAMETERS}
        losses = np.empty(meta["epochs"])
        rest = (meta["lr"], meta["B"], False, True, np.ones(1, np.uint64), np.zeros(1, np.uint8), losses)
        begin = time.perf_counter()
        kernel.train(x, target, *parameters.values(), *rest)
        seconds = time.perf_counter() - begin
        ends = [np.ascontiguousarray(parameters[name].T) for name in weight_names]
        ends += [] if WORKLOAD == "W1" else [parameters[f"b{k + 1}"] for k in range(len(biases))]
        return seconds, ends

    return run


assert WORKLOAD in META
serve(NAME, WORKLOAD, make, IMPORT_SECONDS)
