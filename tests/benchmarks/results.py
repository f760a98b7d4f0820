"""What was measured, as it is written to JSON and read again."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

from tests.benchmarks.workloads import WORKLOADS

SCHEMA = 1


@dataclass(frozen=True)
class Start:
    """Seconds before the first result: importing, preparing, and the first run, which compiles.

    Reading the data is left out: it is the same for all.
    """

    imported: float
    prepare: float
    first: float

    @property
    def total(self) -> float:
        """Return the seconds from the start of the process to its first result."""
        return self.imported + self.prepare + self.first


@dataclass(frozen=True)
class Row:
    """A system on a workload.

    Attributes
    ----------
    seconds
        Of every run, in order.
    deviation
        Of end weights, relative to NumPy in float64.
    cold, warm
        The start without and with compiled code in a cache.
    options, emission
        For symgrad, what was asked of `compile`, and the seconds of deriving and writing the kernel, which
        come before a cold start.
    problem
        Why there is no time.
    """

    workload: str
    system: str
    family: str
    threads: int
    trick: str = ""
    fast_math: str = ""
    seconds: tuple[float, ...] = ()
    deviation: float | None = None
    cold: Start | None = None
    warm: Start | None = None
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    emission: float | None = None
    megabytes: float | None = None
    problem: str = ""

    @property
    def median(self) -> float:
        """Return the median of the runs."""
        return median(self.seconds)

    @property
    def compiling(self) -> float:
        """Return what a start takes longer with an empty cache."""
        assert self.cold is not None
        assert self.warm is not None
        return max(self.cold.total - self.warm.total, 0)

    def having(self, **changes: Any) -> "Row":
        """Return the row with something more."""
        return replace(self, **changes)

    def measured(self, seconds: Sequence[float], megabytes: float) -> "Row":
        """Return the row with its times."""
        return replace(self, seconds=tuple(seconds), megabytes=megabytes)


@dataclass(frozen=True)
class Results:
    """All that one command measured.

    Attributes
    ----------
    versions
        Of the package of every family that is installed.
    absent
        The families that are not, and what to do about it.
    limits
        Of the machine, for every number of threads, as `tests.benchmarks.machine` measures them.
    """

    date: str
    processor: str
    command: str
    rounds: int
    versions: dict[str, str]
    absent: dict[str, str]
    limits: dict[str, dict[str, float]]
    rows: tuple[Row, ...] = field(default=())

    def with_rows(self, rows: Sequence[Row]) -> "Results":
        """Return the results with more rows, workload by workload."""
        places = {name: place for place, name in enumerate(WORKLOADS)}
        found = sorted((*self.rows, *rows), key=lambda row: (places[row.workload], row.threads))
        return replace(self, rows=tuple(found))

    def keeping(self, old: "Results", workloads: Sequence[str], threads: Sequence[int]) -> "Results":
        """Return the results with those rows of old ones that are not measured again."""
        kept = (r for r in old.rows if r.workload not in workloads or r.threads not in threads)
        return replace(
            self,
            rows=tuple(kept),
            rounds=min(old.rounds, self.rounds),
            versions={**old.versions, **self.versions},
            limits={**old.limits, **self.limits},
        )

    def of(self, workload: str, threads: int) -> list[Row]:
        """Return the rows of a workload that have times, the fastest first."""
        found = [r for r in self.rows if (r.workload, r.threads) == (workload, threads) and r.seconds]
        return sorted(found, key=lambda row: row.median)

    def ratio(self, row: Row, trick: str = "") -> float | None:
        """Return how many times as fast a row is as the fastest peer (that uses a trick, too)."""
        rows = self.of(row.workload, row.threads)
        peers = [r for r in rows if r.family != "symgrad" and r.trick == trick]
        return peers[0].median / row.median if peers else None


def save(results: Results, file: Path) -> None:
    """Write all of it."""
    text = json.dumps({"schema": SCHEMA, **asdict(results)}, indent=1, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8")


def load(file: Path) -> Results:
    """Read what `save` wrote."""
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if found.pop("schema") != SCHEMA:
        raise SystemExit(f"{file} is of another version; measure again")
    found["rows"] = tuple(map(_row, found["rows"]))
    return Results(**found)


def _row(found: dict[str, Any]) -> Row:
    for name in ("cold", "warm"):
        found[name] = found[name] and Start(**found[name])
    found["seconds"] = tuple(found["seconds"])
    return Row(**found)
