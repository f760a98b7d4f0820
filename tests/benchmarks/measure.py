"""Systems side by side: each a process of its own, pinned, their runs interleaved.

End weights are compared with those of NumPy in float64 before any time is taken.  Between runs of different
processes there is a pause, in which the waiting threads of the one before go to sleep.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import Any

import numpy as np

from tests.benchmarks.kernels import generate
from tests.benchmarks.programs.protocol import STARTED
from tests.benchmarks.registry import FAMILIES, ORACLE, System, environment
from tests.benchmarks.results import Row, Start
from tests.benchmarks.workloads import WORKLOADS, write

ROOT = Path(__file__).parents[2]
PAUSE = 0.4
LONGEST = 600
"""Seconds after which a system is given up."""


@dataclass(frozen=True)
class Task:
    """A workload on a number of threads, and where its files lie."""

    workload: str
    threads: int
    folder: Path


@dataclass
class Process:
    """A system that runs, and the seconds of its runs so far."""

    popen: "subprocess.Popen[str]"
    log: Path
    seconds: list[float] = field(default_factory=list[float])

    def answer(self) -> dict[str, float]:
        """Read a line of JSON; what else a package prints is skipped."""
        timer = Timer(LONGEST, self.popen.kill)
        timer.start()
        try:
            assert self.popen.stdout is not None
            for line in self.popen.stdout:
                if line.startswith("{"):
                    return json.loads(line)
        finally:
            timer.cancel()
        last = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
        raise RuntimeError(" ".join(last) or "ended without an answer")

    def ask(self) -> dict[str, float]:
        """Ask for one more run."""
        assert self.popen.stdin is not None
        self.popen.stdin.write("\n")
        self.popen.stdin.flush()
        return self.answer()

    def end(self) -> None:
        """End it, and wait until its memory is free."""
        self.popen.kill()
        self.popen.communicate()


def spawn(command: list[str], cpus: Iterable[int], variables: dict[str, str], log: Path) -> Process:
    """Start a process on some processors."""
    pinned = ["taskset", "-c", ",".join(map(str, cpus)), *command]
    with log.open("w", encoding="utf-8") as errors:
        popen = subprocess.Popen(
            pinned,
            cwd=ROOT,
            env={**variables, "PYTHONPATH": str(ROOT), STARTED: repr(time.time())},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    return Process(popen, log)


def processors(threads: int) -> list[int]:
    """Return the processors to be pinned to, the last ones that are allowed."""
    return sorted(os.sched_getaffinity(0))[-threads:]


def start(task: Task, system: System) -> Process:
    """Start a system on a workload."""
    work = WORKLOADS[task.workload]
    family = FAMILIES[system.family]
    variant = str(kernel_file(task, system)) if system.options else system.variant
    program = [family.python, "-m", f"tests.benchmarks.programs.{family.module}"]
    command = [*program, task.workload, variant, str(task.folder), str(ends_file(task, system))]
    variables = environment(system, work, task.threads, task.folder / "caches")
    return spawn(command, processors(task.threads), variables, task.folder / f"{label(system)}.log")


def label(system: System) -> str:
    """Return a name for files."""
    return system.name.replace(" ", "_")


def kernel_file(task: Task, system: System) -> Path:
    """Return where the kernel of a variant of symgrad lies."""
    return task.folder / f"{task.workload}_{label(system).replace('-', '_')}.py"


def ends_file(task: Task, system: System) -> Path:
    """Return where the end weights of a system lie."""
    return task.folder / f"{label(system)}_ends.npz"


def deviation(task: Task, system: System) -> float:
    """Return the largest relative difference of an array of end weights from the oracle's."""
    with np.load(ends_file(task, ORACLE)) as truth, np.load(ends_file(task, system)) as found:
        pairs = [(truth[key], found[key]) for key in truth.files]
    return max(float(np.linalg.norm(b - a) / np.linalg.norm(a)) for a, b in pairs)


@contextmanager
def prepared(workload: str, threads: int) -> Generator[Task, None, None]:
    """Draw the data of a workload and train the oracle, in a folder for the time being."""
    with tempfile.TemporaryDirectory() as place:
        task = Task(workload, threads, Path(place))
        write(task.folder, workload)
        oracle = start(task, ORACLE)
        oracle.answer()
        oracle.end()
        yield task


def measure(workload: str, threads: int, systems: Iterable[System], rounds: int) -> list[Row]:
    """Return a row for every system, in their order."""
    with prepared(workload, threads) as task:
        rows, processes = {}, {}
        try:
            for system in systems:
                rows[system.name], process = begin(task, system)
                if process is not None:
                    processes[system.name] = process
            for _ in range(rounds):
                for process in processes.values():
                    process.seconds.append(process.ask()["seconds"])
                    time.sleep(PAUSE)
            memory = {name: process.ask()["megabytes"] for name, process in processes.items()}
        finally:
            for process in processes.values():
                process.end()
        return [
            row.measured(processes[name].seconds, memory[name]) if name in processes else row
            for name, row in rows.items()
        ]


def begin(task: Task, system: System) -> tuple[Row, Process | None]:
    """Start a system with an empty and a full cache; the first process is kept if it is right."""
    row = Row(task.workload, system.name, system.family, task.threads, system.trick, system.fast_math)
    print(f"{task.workload}, {task.threads} threads: {system.name} …", file=sys.stderr, flush=True)
    if system.options is not None:
        options = system.options(WORKLOADS[task.workload], task.threads)
        seconds = generate(kernel_file(task, system), WORKLOADS[task.workload], options)
        row = row.having(options=options, emission=seconds)
    process = start(task, system)
    try:
        cold, apart = Start(**times(process.answer())), deviation(task, system)
        again = start(task, system)
        row = row.having(cold=cold, deviation=apart, warm=Start(**times(again.answer())))
        again.end()
    except RuntimeError as error:
        process.end()
        return row.having(problem=f"failed: {error}"), None
    if not apart <= WORKLOADS[task.workload].tolerance:
        process.end()
        return row.having(problem=f"end weights off by {apart:.0e}"), None
    return row, process


def times(answer: dict[str, float]) -> dict[str, Any]:
    """Return the parts of a start."""
    return {name: answer[name] for name in ("imported", "prepare", "first")}


def machine(threads: int) -> dict[str, float]:
    """Return the limits of the machine: rates of all processors that are used, together."""
    with tempfile.TemporaryDirectory() as place:
        command = [sys.executable, "-m", "tests.benchmarks.machine"]
        one = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        logs = [(cpu, Path(place) / f"{cpu}.log") for cpu in processors(threads)]
        processes = [spawn(command, [cpu], one, log) for cpu, log in logs]
        for process in processes:
            process.answer()
        for process in processes:
            assert process.popen.stdin is not None
            process.popen.stdin.write("\n")
            process.popen.stdin.flush()
        found = [process.answer() for process in processes]
        for process in processes:
            process.end()
    rates = {name: sum(each[name] for each in found) for name in ("float32", "float64", "bytes")}
    return {**rates, "latency": min(each["latency"] for each in found)}
