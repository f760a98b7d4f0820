"""How a system is asked for runs: it trains once, saves its end weights, and then once for every line.

Each system is a program, ``python -m tests.benchmarks.programs.NAME WORKLOAD VARIANT FOLDER FILE``, in an
environment that need not know symgrad.  Its first line of JSON says what came before the first result.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.workloads import WORKLOADS, Data, Workload, read

STARTED = "SYMGRAD_BENCHMARK_STARTED"
Ends = list[Any]
Run = Callable[[], tuple[float, Ends]]
"""Trains once from the first weights: the seconds it took, and weights before biases as (inputs, outputs)."""
Prepare = Callable[[Workload, Data, str], Run]


def timed(run: Callable[[], Ends]) -> tuple[float, Ends]:
    """Return the seconds of a run, and what it returns."""
    start = time.perf_counter()
    ends = run()
    return time.perf_counter() - start, ends


def trained(work: Workload, data: Data) -> Ends:
    """Return what is trained: weights, and biases where they are."""
    return [*data.weights, *(data.biases if work.biases else [])]


def serve(prepare: Prepare) -> None:
    """Prepare a run, carry it out, say what it took, and again for every line on stdin."""
    imported = time.time() - float(os.environ[STARTED])
    name, variant, folder, file = sys.argv[1:]
    work, data = WORKLOADS[name], read(Path(folder), name)
    preparation, run = clocked(lambda: prepare(work, data, variant))
    first, (_, ends) = clocked(run)
    np.savez(file, *map(np.asarray, ends))
    say(imported=imported, prepare=preparation, first=first, megabytes=megabytes())
    for _ in sys.stdin:
        say(seconds=run()[0], megabytes=megabytes())


def clocked(call: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds of a call, and its value."""
    start = time.perf_counter()
    value = call()
    return time.perf_counter() - start, value


def megabytes() -> float:
    """Return the largest memory that the process had; `getrusage` would count the one it was started from."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def say(**what: float) -> None:
    """Write a line that the other side reads."""
    print(json.dumps(what), flush=True)
