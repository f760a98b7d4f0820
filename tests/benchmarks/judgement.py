"""All that the judge of derivations is to reach, as one table: `python -m tests.benchmarks.judgement [FILE]`.

FILE is a collection of published derivations with rulings; without it that part is left out.  Promises that
hold or do not are tests, which are run here with the slow ones; times are medians, in this process, after the
first call.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import symgrad as sg
from symgrad.verify.networks.check import check
from symgrad.verify.verdict import Check
from tests.benchmarks import judging

RIGHT = "((o1-t1) w10 + (o2-t2) w11 + (o3-t3) w12) a1 (1-a1) x1"
WRONG = "((o1-t1) w10 + (o2-t2) w11 + (o3-t3) w12) x1"
TIMES = 9


@dataclass(frozen=True)
class Promise:
    """What must hold, and the tests that show it."""

    what: str
    path: str
    chosen: str = ""


PROMISES = (
    Promise(
        "every mistake of the catalogue, on the small nets: wrong, or without effect",
        "mistakes/test_network_mistakes.py",
        "wrong_or_has_no_effect",
    ),
    Promise("rewritings of right formulas: right", "networks/test_rewritings.py"),
    Promise(
        "1,100,000 strings: read, or refused with the column",
        "formulas/test_reading.py",
        "no_text_of_a_million",
    ),
    Promise("adversarial claims", "evidence"),
    Promise("hostile code is ended, each with its reason", "cases"),
    Promise("test vectors catch every mistake with an effect", "vectors/test_vectors.py", "is_caught"),
)


def shown(promise: Promise) -> str:
    """Run the tests of a promise, slow ones too, and return how many passed and failed, and the time."""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "", f"tests/verify/{promise.path}"]
    command += ["-k", promise.chosen] if promise.chosen else []
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    counts = re.findall(r"\d+ (?:passed|failed|error)", ran.stdout.splitlines()[-1] if ran.stdout else "")
    return ", ".join(counts) or f"did not run: {ran.stdout[-200:]}{ran.stderr[-200:]}"


def milliseconds(claim: str) -> Iterator[str]:
    """Yield the time of the first answer on a fresh network, and of later ones."""
    first = _timed(lambda: check(sg.zoo("classifier_3_3_3_softmax"), "w1", claim))
    net = sg.zoo("classifier_3_3_3_softmax")
    later = median(_timed(lambda: check(net, "w1", claim)) for _ in range(TIMES))
    yield from (f"{later:.0f} ms", f"first {first:.0f} ms")


def _timed(answer: Callable[[], Check]) -> float:
    start = perf_counter()
    answer()
    return 1000 * (perf_counter() - start)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?")
    options = parser.parse_args()
    print("| what | found |\n|---|---|", flush=True)
    print(f"| one answer on 3-3-3 softmax | {', '.join(milliseconds(RIGHT))} |", flush=True)
    print(f"| with diagnosis | {', '.join(milliseconds(WRONG))} |", flush=True)
    for promise in PROMISES:
        print(f"| {promise.what} | {shown(promise)} |", flush=True)
    if options.file:
        found = judging.judged(options.file)
        print("", *judging.table(found), *judging.misses(found), sep="\n")


if __name__ == "__main__":
    main()
