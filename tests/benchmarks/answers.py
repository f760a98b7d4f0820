"""How long an answer takes, imports aside: ``python -m tests.benchmarks.answers``."""

import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

import numpy as np

from symgrad.model.zoo import zoo
from symgrad.train.tables import read_csv
from symgrad.verify.classroom.figures import explain
from symgrad.verify.networks.check import check

SOFTMAX = zoo("classifier_3_3_3_softmax")
WORKED = zoo("worked_2_2_2")
W1 = "((o1-t1) w10 + (o2-t2) w11 + (o3-t3) w12) a1(1-a1) x1"
CLAIMS = {
    "w10, right": ("w10", "(o1-t1)*a1"),
    "w10, wrong, with diagnosis": ("w10", "(o1-t1)*a1*o1"),
    "w1, right": ("w1", W1),
    "w1, wrong, with diagnosis": ("w1", W1.replace("w11", "w13").replace("w12", "w16")),
}


def claims() -> dict[str, Callable[[], object]]:
    """Return one answer on 3-3-3 softmax in each of its ways."""

    def asked(wrt: str, claim: str) -> Callable[[], object]:
        return lambda: check(SOFTMAX, wrt, claim)

    return {f"3-3-3 softmax, {name}": asked(*claim) for name, claim in CLAIMS.items()}


def table(folder: Path) -> Path:
    """Write a table of 20,000 rows and 65 columns."""
    row = ",".join(f"{v:.17g}" for v in np.linspace(0.1, 1, 65))
    path = folder / "large.csv"
    path.write_text((row + "\n") * 20_000, "utf-8")
    return path


def report(jobs: Mapping[str, Callable[[], object]], runs: int) -> None:
    """Print the first time, which fills the tables, and the median of the others."""
    for name, job in jobs.items():
        first, *others = (seconds(job) for _ in range(runs + 1))
        print(f"{name:50} first {first * 1000:8.1f} ms, then {median(others) * 1000:8.1f} ms")


def seconds(job: Callable[[], object]) -> float:
    """Return the time that one call takes."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def main() -> None:
    """Print the times of claims about a network, of a printed figure, and of a large table."""
    report(claims(), 9)
    report({"a figure after 10,000 steps": lambda: explain(WORKED, "J", "0.000035085", steps=10_000)}, 1)
    with tempfile.TemporaryDirectory() as folder:
        path = table(Path(folder))
        report({"a table of 20,000 × 65 numbers": lambda: read_csv(path, header=False)}, 1)


if __name__ == "__main__":
    main()
