"""Published derivations against their rulings: `python -m tests.benchmarks.judging FILE.toml [-v]`.

The cases are judged as the command line judges them; the rulings are read here alone, afterwards, to count.
"""

import argparse
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from symgrad.verify.cases.files import read_cases
from symgrad.verify.cases.rows import Row, Settings, crew, judge_cases

SHOWN = 3
USUAL = Settings(seconds=20)


@dataclass(frozen=True)
class Scored:
    """A row beside what was ruled: the verdict, and the words for its mistake that are accepted."""

    row: Row
    ruling: str
    accepted: frozenset[str]

    @property
    def judged(self) -> bool:
        """Whether the verdict is the ruling's; unknown is none."""
        return self.row.finding.verdict == self.ruling

    @property
    def first(self) -> bool:
        """Whether the best explanation is an accepted one."""
        return bool(self.accepted.intersection(self.row.kinds[:1]))

    @property
    def any(self) -> bool:
        """Whether one of the explanations is an accepted one."""
        return bool(self.accepted.intersection(self.row.kinds[:SHOWN]))


def scored(rows: Sequence[Row], rulings: Mapping[str, Mapping[str, Any]]) -> list[Scored]:
    """Put rows beside their rulings."""
    return [_scored(row, rulings[row.id]) for row in rows]


def _scored(row: Row, ruling: Mapping[str, Any]) -> Scored:
    wrong = ruling["ruling"] == "wrong"
    accepted = frozenset([ruling["mistake"], *ruling.get("also", ())]) if wrong else frozenset[str]()
    return Scored(row, "wrong" if wrong else "right", accepted)


def table(found: Sequence[Scored]) -> Iterator[str]:
    """Yield the table, a line of Markdown each."""
    right = [one for one in found if one.ruling == "right"]
    wrong = [one for one in found if one.ruling == "wrong"]
    accused = sum(one.row.finding.verdict == "wrong" for one in right)
    missed = sum(one.row.finding.verdict == "right" for one in wrong)
    unknown = sum(one.row.finding.verdict == "unknown" for one in found)
    seconds = [one.row.seconds for one in found]
    yield "| what | count | of |"
    yield "|---|---|---|"
    yield f"| judged as ruled | {sum(one.judged for one in found)} | {len(found)} |"
    yield f"| right formulas called wrong | {accused} | {len(right)} |"
    yield f"| wrong formulas called right | {missed} | {len(wrong)} |"
    yield f"| unknown | {unknown} | {len(found)} |"
    yield f"| mistake named among at most three | {sum(one.any for one in wrong)} | {len(wrong)} |"
    yield f"| mistake named first | {sum(one.first for one in wrong)} | {len(wrong)} |"
    yield f"| seconds: median, most, sum | {median(seconds):.2f}, {max(seconds):.2f}, {sum(seconds):.0f} | |"
    for word in ("proved", "bounded", "held", "counterexample", "mismatch"):
        yield f"| evidence {word} | {sum(one.row.finding.evidence == word for one in found)} | {len(found)} |"


def misses(found: Sequence[Scored]) -> Iterator[str]:
    """Yield a line for each verdict that is not the ruling's and each mistake that was named otherwise."""
    for one in found:
        said = (
            f"{one.row.id}: {one.row.finding.verdict} ({one.row.finding.evidence}) {one.row.reason}".strip()
        )
        if not one.judged:
            yield f"{said}; ruled {one.ruling}"
        elif one.ruling == "wrong" and not one.first:
            place = "later" if one.any else "not"
            yield f"{said}; {list(one.row.kinds)}, ruled {sorted(one.accepted)}: {place} named"


def judged(path: Path, only: Sequence[str] = (), settings: Settings = USUAL) -> list[Scored]:
    """Judge the cases of a file, and put them beside its rulings."""
    file = read_cases(path)
    cases = [case for case in file.cases if not only or case.id in only]
    with crew() as workers:
        rows = [row.within(file.vocabulary) for row in judge_cases(cases, settings, workers)]
    return scored(rows, {one["id"]: one for one in tomllib.loads(path.read_text("utf-8"))["case"]})


def main() -> None:
    """Judge a file and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("-v", "--verbose", action="store_true", help="also the misses")
    parser.add_argument("--timeout", type=float, default=USUAL.seconds)
    parser.add_argument("--at-once", type=int, default=USUAL.at_once, help="how many at a time")
    parser.add_argument("--only", nargs="+", default=[], metavar="ID")
    options = parser.parse_args()
    settings = Settings(seconds=options.timeout, at_once=options.at_once)
    found = judged(options.file, options.only, settings)
    print("\n".join(table(found)))
    if options.verbose:
        print("\n".join(misses(found)))


if __name__ == "__main__":
    main()
