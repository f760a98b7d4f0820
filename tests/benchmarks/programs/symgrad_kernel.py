"""A generated kernel, as its user has it: one file, which needs NumPy and Numba, not symgrad."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from tests.benchmarks.programs.protocol import Run, serve, timed
from tests.benchmarks.workloads import Array, Data, Workload


def prepare(work: Workload, data: Data, variant: str) -> Run:
    """Return a run of the file that `variant` names."""
    kernel = imported(Path(variant))
    first = arranged(kernel, data)

    def run() -> tuple[float, list[Any]]:
        now = {name: first[name].copy() for name in kernel.PARAMETERS}
        state = np.ones(1, np.uint64), np.zeros(1, np.uint8), np.empty(work.epochs)
        settings = (work.rate, work.batch, False, True, *state)
        seconds, _ = timed(lambda: [kernel.train(data.x, data.t, *now.values(), *settings)])
        return seconds, [now[name].T for name in first if name in kernel.TRAINED]

    return run


def imported(file: Path) -> ModuleType:
    """Import a file by its place, under its name, which Numba's cache asks for."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[file.stem] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def arranged(kernel: ModuleType, data: Data) -> dict[str, Array]:
    """Return first values under the kernel's names: weights as (outputs, inputs), then biases."""
    names = list(kernel.PARAMETERS)
    weights = [name for name in names if name[0] in "wW"]
    biases = [name for name in names if name not in weights]
    turned = [np.ascontiguousarray(w.T) for w in data.weights]
    return dict(zip([*weights, *biases], [*turned, *data.biases], strict=True))


if __name__ == "__main__":
    serve(prepare)
