"""What is measured: a row for every system, one for every package that it needs.

A variant of symgrad is a line of `SYMGRAD`: the options of `compile`, which may depend on the workload and on
the number of threads.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.workloads import WORKLOADS, Workload

Options = Callable[[Workload, int], dict[str, Any]]
LIMITS = ("OMP", "OPENBLAS", "MKL", "NUMBA")
BLAS = LIMITS[:3]
# A forced type of processor would hold back everyone who multiplies by OpenBLAS.
FORCED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


@dataclass(frozen=True)
class Family:
    """A package that is measured in an environment that has it.

    Attributes
    ----------
    module
        The program in `programs` that trains with it.
    package
        What must be importable.
    variable
        Names the Python to use; without it the one that runs the benchmarks.
    """

    title: str
    module: str
    package: str
    variable: str

    @property
    def python(self) -> str:
        """Return the interpreter to use."""
        return os.environ.get(self.variable) or sys.executable


@dataclass(frozen=True)
class System:
    """One way of training.

    Attributes
    ----------
    only
        The workloads that it can do, or is meant for.
    options
        For symgrad, what is asked of `compile`.
    least
        So many threads, at least, it is meant for.
    trick
        What it changes about the computation: compared with its like, too.
    fast_math
        What its compiler may do with sums and products that IEEE 754 does not allow.
    blas
        How many threads BLAS has; without it as many as the process.
    """

    family: str
    variant: str
    only: tuple[str, ...] = tuple(WORKLOADS)
    options: Options | None = None
    trick: str = ""
    fast_math: str = "none"
    least: int = 1
    blas: int | None = None

    @property
    def name(self) -> str:
        """Return the name in tables."""
        return f"{FAMILIES[self.family].title} {self.variant}".strip()


FAMILIES: dict[str, Family] = {
    "symgrad": Family("symgrad", "symgrad_kernel", "numba", "SYMGRAD_KERNEL_PYTHON"),
    "numpy": Family("NumPy", "numpy_loops", "numpy", "SYMGRAD_NUMPY_PYTHON"),
    "jax": Family("JAX", "jax_scan", "jax", "SYMGRAD_JAX_PYTHON"),
    "torch": Family("PyTorch", "torch_steps", "torch", "SYMGRAD_TORCH_PYTHON"),
    "pytensor": Family("PyTensor", "pytensor_scan", "pytensor", "SYMGRAD_PYTENSOR_PYTHON"),
    "sklearn": Family("scikit-learn", "sklearn_mlp", "sklearn", "SYMGRAD_SKLEARN_PYTHON"),
}

SUMS = "sums reordered, products and sums contracted"
SHARED = ("W4", "W5", "W6")
"""The workloads whose batches take long enough for several threads to share them."""
SYMGRAD: tuple[System, ...] = (
    System("symgrad", "", options=lambda work, threads: {}, fast_math=SUMS),
    System(
        "symgrad", "fast", options=lambda work, threads: {"fast": True, "batch": work.batch}, fast_math=SUMS
    ),
    System(
        "symgrad",
        "moments",
        only=("W7",),
        options=lambda work, threads: {"fast": True, "batch": work.batch, "rewrite": "moments"},
        trick="Gram",
        fast_math=SUMS,
    ),
    System(
        "symgrad",
        "threads",
        only=SHARED,
        options=lambda work, threads: {"team": True, "batch": work.batch},
        fast_math=SUMS,
        least=2,
        blas=1,
    ),
    System(
        "symgrad",
        "threads fast",
        only=SHARED,
        options=lambda work, threads: {"team": True, "fast": True, "batch": work.batch},
        fast_math=SUMS,
        least=2,
        blas=1,
    ),
)

ONLINE, SMALL = ("W1", "W8"), ("W1", "W2", "W3", "W3f", "W8")
BIASES_TRAINED = tuple(name for name, work in WORKLOADS.items() if work.biases)
PEERS = (
    System("numpy", "loops"),
    System("numpy", "Gram", only=("W7",), trick="Gram"),
    System("jax", "scan"),
    System("jax", "scan unrolled"),
    System("jax", "scan elementwise", only=ONLINE),
    System("jax", "scan elementwise unrolled", only=ONLINE),
    System("jax", "scan fast-math", fast_math="all"),
    System("torch", "eager"),
    System("torch", "compile"),
    System("pytensor", "scan", fast_math="all"),
    System("pytensor", "steps", fast_math="all"),
    System("pytensor", "C steps"),
    System("sklearn", "perceptron", only=BIASES_TRAINED),
)  # fmt: skip
ORACLE = System("numpy", "float64")
"""Its end weights are those that all others are compared with."""


def environment(system: System, work: Workload, threads: int, caches: Path) -> dict[str, str]:
    """Return the variables that a process gets: threads, and compiled code in a folder of its own."""
    inherited = {name: value for name, value in os.environ.items() if name not in FORCED}
    limits = {f"{kind}_NUM_THREADS": str(threads) for kind in LIMITS}
    limits |= {f"{kind}_NUM_THREADS": str(system.blas) for kind in BLAS if system.blas}
    place = str(caches / system.name.replace(" ", "_"))
    own = {
        "symgrad": lambda: {"NUMBA_CACHE_DIR": place},
        "jax": lambda: _jax(system, work, threads, place),
        "torch": lambda: {"TORCHINDUCTOR_CACHE_DIR": place},
        "pytensor": lambda: {
            "PYTENSOR_FLAGS": f"base_compiledir={place},floatX={work.dtype}",
            "NUMBA_CACHE_DIR": place,
        },
    }
    return {**inherited, **limits, **own.get(system.family, dict[str, str])()}


def _jax(system: System, work: Workload, threads: int, place: str) -> dict[str, str]:
    one = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1" if threads == 1 else ""
    fast = "--xla_cpu_enable_fast_math=true" if system.fast_math == "all" else ""
    return {
        "XLA_FLAGS": " ".join(filter(None, (os.environ.get("XLA_FLAGS"), one, fast))),
        "JAX_PLATFORMS": "cpu",
        "JAX_ENABLE_X64": str(int(work.dtype == "float64")),
        "JAX_COMPILATION_CACHE_DIR": place,
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }
