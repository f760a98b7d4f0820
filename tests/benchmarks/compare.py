"""symgrad beside JAX, interleaved, on one core: medians, their ratio, and whether the end weights agree.

    python tests/benchmarks/compare.py --jax /path/to/a/python/with/jax

Linux only (it pins both processes to one core).  End weights are compared before any time is reported.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
from workloads import WORKLOADS

HERE = Path(__file__).parent
PAUSE = 0.4


def start(python: str, system: str, name: str, folder: Path) -> "subprocess.Popen[str]":
    """Start a system in a process of its own and wait until it is compiled."""
    threads = {f"{kind}_NUM_THREADS": "1" for kind in ("OMP", "OPENBLAS", "NUMBA")}
    script = [str(HERE / "systems.py"), system, name, str(folder / f"{system}.npz")]
    command = ["taskset", "-c", "0", python, *script]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **threads}
    )
    answer(process)
    return process


def answer(process: "subprocess.Popen[str]") -> str:
    """Read one line of a process."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise SystemExit(f"a system failed to run: {process.args}")
    return line


def deviation(folder: Path) -> float:
    """Return the largest relative difference of the end weights."""
    ours, theirs = (np.load(folder / f"{system}.npz") for system in ("symgrad", "jax"))
    pairs = [(ours[key], theirs[key]) for key in ours.files]
    return max(float(np.linalg.norm(a - b) / np.linalg.norm(b)) for a, b in pairs)


def compare(name: str, jax: str, rounds: int) -> str:
    """Return a row of the table."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        pythons = {"symgrad": sys.executable, "jax": jax}
        systems = {system: start(python, system, name, folder) for system, python in pythons.items()}
        apart = deviation(folder)
        assert apart < (1e-10 if WORKLOADS[name].dtype == "float64" else 1e-4), f"{name}: {apart} apart"
        times: dict[str, list[float]] = {system: [] for system in systems}
        for _ in range(rounds):
            for system, process in systems.items():
                assert process.stdin is not None
                process.stdin.write("go\n")
                process.stdin.flush()
                times[system].append(float(answer(process)))
                time.sleep(PAUSE)
        for process in systems.values():
            process.kill()
    ours, theirs = (median(times[system]) * 1000 for system in ("symgrad", "jax"))
    net = "-".join(map(str, WORKLOADS[name].sizes))
    return f"{name:4} {net:10} {theirs:9.3f} ms {ours:9.3f} ms {theirs / ours:6.2f}   {apart:.0e}"


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--jax", required=True, help="a Python that has JAX")
    options.add_argument("--rounds", type=int, default=7)
    chosen = options.parse_args()
    print("                     JAX scan      symgrad  ratio   end weights apart")
    for name in WORKLOADS:
        print(compare(name, chosen.jax, chosen.rounds), flush=True)


if __name__ == "__main__":
    main()
