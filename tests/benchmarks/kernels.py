"""The networks of the workloads in symgrad, and the files of their kernels."""

import time
from pathlib import Path
from typing import Any

import symgrad as sg
from tests.benchmarks.workloads import Workload


def network(work: Workload) -> sg.Network:
    """Return the network of a workload; nothing about it was written for a benchmark."""
    if work.linear:
        return regression(work.sizes[0])
    targets = "labels" if work.loss == "cross_entropy" else "free"
    return sg.mlp(work.sizes, hidden=work.hidden, output=work.output, loss=work.loss, targets=targets)


def regression(columns: int) -> sg.Network:
    """Return the linear regression without a bias, as a user defines it."""
    definitions = sg.Definitions(
        axes={"n": "N", "j": columns},
        inputs={"x": "n j"},
        targets={"t": "n"},
        parameters={"w": "j"},
        nodes={"y": "[n] sum(j, w[j]*x[n,j])", "J": "sum(n, (y[n] - t[n])^2)/(2*N)"},
    )
    return sg.define(definitions, name="regression")


def generate(file: Path, work: Workload, options: dict[str, Any]) -> float:
    """Write a kernel; return the seconds that deriving and writing took."""
    start = time.perf_counter()
    net = network(work)
    weights = tuple(f"W{k}" for k in range(1, len(work.sizes)))
    text = net.kernel_text(proofs=False, trained=None if work.biases or work.linear else weights, **options)
    file.write_text(text, encoding="utf-8")
    return time.perf_counter() - start
