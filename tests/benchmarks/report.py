"""Tables of what was measured: all of it as text, and the README's."""

import textwrap
from collections.abc import Iterable
from math import floor as down
from math import log10

from tests.benchmarks.floors import floor
from tests.benchmarks.registry import FAMILIES
from tests.benchmarks.results import Results, Row
from tests.benchmarks.workloads import WORKLOADS

COLUMNS = ("", "median ms", "ratio", "of floor", "weights off", "cold s", "compiling", "warm s", "MB")
README_COLUMNS = (
    "", "network, loss, batch", "fastest peer", "symgrad", "its fastest variant", "ratio", "of floor",
    "start cold, warm",
)  # fmt: skip
NONE = "—"
NOTE = """Ratio: over the fastest peer.  Of floor: the least time by the processor's limits, over the median.
Weights off: of the end weights, relative to NumPy in float64.  Cold: from the start of the process to the
first result with an empty cache; warm: with a full one; compiling: what lies between."""


def text(results: Results) -> str:
    """Return every number for a terminal, a table for each workload and number of threads."""
    groups = dict.fromkeys((row.workload, row.threads) for row in results.rows)
    parts = [heading(results), *(_group(results, *group) for group in groups), NOTE, fast_math(results)]
    return "\n\n".join(parts)


def heading(results: Results) -> str:
    """Return the date, the processor, what was compared, and what was not."""
    versions = ", ".join(f"{name} {version}" for name, version in results.versions.items())
    absent = "".join(f"  Not installed: {name} ({what})." for name, what in results.absent.items())
    return f"{results.processor}; {results.date}; {versions}.{absent}"


def fast_math(results: Results) -> str:
    """Return what each system's compiler may do beyond IEEE 754."""
    names: dict[str, dict[str, None]] = {}
    for row in results.rows:
        names.setdefault(row.fast_math, {})[row.system] = None
    names.pop("none", None)
    return (
        "Fast-math: " + "; ".join(f"{', '.join(who)}: {what}" for what, who in names.items()) + "; else none."
    )


def _group(results: Results, workload: str, threads: int) -> str:
    rows = results.of(workload, threads)
    failed = [
        row for row in results.rows if (row.workload, row.threads) == (workload, threads) and row.problem
    ]
    cells = [COLUMNS, *(_cells(results, row) for row in rows)]
    lines = aligned(cells) + [f"{row.system}: {row.problem}" for row in failed]
    return "\n".join([f"{workload}: {WORKLOADS[workload].title}; {_threads(threads)}", *lines])


def _cells(results: Results, row: Row) -> tuple[str, ...]:
    assert row.cold is not None
    assert row.warm is not None
    return (
        row.system,
        milliseconds(row.median),
        _ratio(results, row),
        _of_floor(results, row),
        f"{row.deviation:.0e}",
        f"{row.cold.total:.2f}",
        f"{row.compiling:.2f}",
        f"{row.warm.total:.2f}",
        f"{row.megabytes:.0f}",
    )


def _ratio(results: Results, row: Row) -> str:
    ratio, like = results.ratio(row), results.ratio(row, row.trick)
    said = NONE if ratio is None else digits(ratio)
    return f"{said} ({digits(like)} like with like)" if row.trick and like else said


def _of_floor(results: Results, row: Row) -> str:
    least, by = floor(WORKLOADS[row.workload], results.limits[str(row.threads)], row.trick)
    return f"{least / row.median:.0%} {by}"


def _threads(number: int) -> str:
    return "one thread" if number == 1 else f"{number} threads"


def milliseconds(seconds: float) -> str:
    """Return milliseconds with three digits."""
    number = seconds * 1000
    return f"{number:,.{max(2 - down(log10(number)), 0)}f}"


def digits(number: float) -> str:
    """Return a number with two digits; what is below 1 and rounds to it keeps a third."""
    return f"{number:,.{max(1 - down(log10(number)), 0)}f}"


def aligned(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Return lines of a table, the first column to the left."""
    listed = list(rows)
    widths = [max(map(len, column)) for column in zip(*listed, strict=True)]
    return [
        f"  {first:{widths[0]}}"
        + "".join(f"  {cell:>{w}}" for cell, w in zip(cells, widths[1:], strict=True))
        for first, *cells in listed
    ]


def markdown(results: Results) -> str:
    """Return the README's paragraph and table: one row for a workload, a trick, a number of threads."""
    groups = dict.fromkeys((r.workload, r.threads, r.trick) for r in results.rows if r.family == "symgrad")
    rows = [README_COLUMNS, ("---",) * len(README_COLUMNS), *(_line(results, *group) for group in groups)]
    runs = f"Medians of {results.rounds} or more interleaved runs"
    sentence = (
        f"{heading(results)} {runs}, each system in a pinned process of its own; times in milliseconds,"
        " starts in seconds; end weights compared first (float64 within 1e-10, float32 within 1e-4 of NumPy"
        " in float64)."
    )
    table = ["| " + " | ".join(cells) + " |" for cells in rows]
    return "\n".join([*textwrap.wrap(sentence, 116), "", *table])


def _line(results: Results, workload: str, threads: int, trick: str) -> tuple[str, ...]:
    rows = [row for row in results.of(workload, threads) if row.trick == trick]
    ours = [row for row in rows if row.family == "symgrad"]
    peers = [row for row in rows if row.family != "symgrad"]
    plain = next((row for row in ours if row.system == FAMILIES["symgrad"].title), None)
    names = [workload, *([trick] if trick else []), *([_threads(threads)] if threads > 1 else [])]
    return (
        ", ".join(names),
        WORKLOADS[workload].title,
        f"{peers[0].system} {milliseconds(peers[0].median)}" if peers else NONE,
        milliseconds(plain.median) if plain else NONE,
        *(_fastest(results, ours[0]) if ours else (NONE,) * 4),
    )


def _fastest(results: Results, row: Row) -> tuple[str, ...]:
    assert row.cold is not None
    assert row.warm is not None
    variant = row.system.removeprefix(FAMILIES["symgrad"].title).strip()
    starts = f"{row.cold.total:.2f}, {row.warm.total:.2f}"
    named = f"{variant} {milliseconds(row.median)}" if variant else NONE
    return named, _ratio(results, row), _of_floor(results, row), starts
