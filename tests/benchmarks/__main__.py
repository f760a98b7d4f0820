"""symgrad beside its peers: ``python -m tests.benchmarks [W1 W3 …]``.

Prints a table for every workload; without names all are run, and results.json and results.svg are written
beside this file.  A JSON that is there keeps what is not measured again.  Each package may live in an
environment of its own, whose Python a variable names: SYMGRAD_JAX_PYTHON and the same with TORCH, PYTENSOR,
SKLEARN, NUMPY.  What cannot be imported is named as not installed.  Linux only: processes
are pinned by taskset.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tests.benchmarks.figure import figure
from tests.benchmarks.machine import processor
from tests.benchmarks.measure import machine, measure
from tests.benchmarks.registry import FAMILIES, PEERS, SYMGRAD, System
from tests.benchmarks.report import markdown, text
from tests.benchmarks.results import Results, load, save
from tests.benchmarks.workloads import WORKLOADS

HERE = Path(__file__).parent
README = HERE.parents[1] / "README.md"
RESULTS, FIGURE = HERE / "results.json", HERE / "results.svg"
BLOCK = re.compile(r"(?<=^<!-- timings -->\n).*?(?=\n<!-- /timings -->$)", re.MULTILINE | re.DOTALL)
VERSION = "import {0}; print({0}.__version__)"


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="symgrad beside its peers"
    )
    parser.add_argument("workloads", nargs="*", metavar="W", help=f"of {', '.join(WORKLOADS)}; all without")
    parser.add_argument("--rounds", type=int, default=7, help="runs of every system")
    parser.add_argument("--threads", default="1", help="numbers of threads, as in 1,2")
    parser.add_argument("--families", default=",".join(FAMILIES), help="of %(default)s")
    parser.add_argument("--json", type=Path, help="where to write every number")
    parser.add_argument("--svg", type=Path, help="where to draw the ratios")
    parser.add_argument(
        "--readme",
        action="store_true",
        help="measure nothing: write README's table and the figure from the JSON",
    )
    chosen = parser.parse_args(words)
    if chosen.rounds < 1:
        parser.error("--rounds: there must be at least one")
    if unknown := set(chosen.workloads) - set(WORKLOADS):
        parser.error(f"unknown workloads {', '.join(sorted(unknown))}; known: {', '.join(WORKLOADS)}")
    if unknown := set(chosen.families.split(",")) - set(FAMILIES):
        parser.error(f"unknown families {', '.join(sorted(unknown))}; known: {', '.join(FAMILIES)}")
    return chosen


def version(name: str) -> str | None:
    """Return the version of a family's package in its environment, if it can be imported there."""
    family = FAMILIES[name]
    asked = [family.python, "-c", VERSION.format(family.package)]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
    except OSError as error:
        raise SystemExit(f"{family.variable}: {error}") from error
    return done.stdout.split()[-1] if done.returncode == 0 else None


def systems(workload: str, threads: int, families: Sequence[str]) -> list[System]:
    """Return what is measured on a workload."""
    found = (s for s in (*SYMGRAD, *PEERS) if s.family in families and threads >= s.least)
    return [s for s in found if workload in s.only]


def run(chosen: argparse.Namespace) -> Results:
    """Measure everything; what is there so far is written after every workload."""
    asked = chosen.families.split(",")
    found = {name: version(name) for name in asked}
    present = [name for name in asked if found[name]]
    threads = [int(number) for number in chosen.threads.split(",")]
    package = {name: "Numba" if name == "symgrad" else FAMILIES[name].title for name in asked}
    results = Results(
        date=date.today().isoformat(),
        processor=processor(),
        command=f"python -m tests.benchmarks --rounds {chosen.rounds} --threads {chosen.threads}",
        rounds=chosen.rounds,
        versions={package[name]: found[name] or "" for name in present},
        absent={package[n]: f"set {FAMILIES[n].variable}" for n in asked if n not in present},
        limits={str(number): machine(number) for number in threads},
    )
    if chosen.json and chosen.json.exists():
        results = results.keeping(load(chosen.json), chosen.workloads or tuple(WORKLOADS), threads)
    for name in chosen.workloads or WORKLOADS:
        for number in threads:
            rows = measure(name, number, systems(name, number, present), chosen.rounds)
            results = results.with_rows(rows)
        if chosen.json:
            save(results, chosen.json)
    return results


def fill(readme: str, results: Results) -> str:
    """Return the README with the table of these results."""
    return BLOCK.sub(lambda _: markdown(results), readme, count=1)


def main(words: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where a system failed or trained something else."""
    chosen = arguments(words)
    if chosen.readme:
        results = load(chosen.json or RESULTS)
        README.write_text(fill(README.read_text(encoding="utf-8"), results), encoding="utf-8")
        FIGURE.write_text(figure(results), encoding="utf-8")
        return 0
    if not chosen.workloads:
        chosen.json, chosen.svg = chosen.json or RESULTS, chosen.svg or FIGURE
    results = run(chosen)
    if chosen.svg:
        chosen.svg.write_text(figure(results), encoding="utf-8")
    print(text(results))
    return int(any(row.problem for row in results.rows))


if __name__ == "__main__":
    sys.exit(main())
