"""One picture of the ratios: how many times as fast as JAX, on a logarithmic axis."""

from collections.abc import Iterator
from html import escape
from itertools import groupby
from math import ceil, floor, log2
from operator import itemgetter

from tests.benchmarks.registry import FAMILIES
from tests.benchmarks.report import digits
from tests.benchmarks.results import Results, Row
from tests.benchmarks.workloads import WORKLOADS

WIDTH, LEFT, RIGHT, TOP, ROW, BAR = 780, 240, 56, 96, 44, 11
XML = 'xmlns="http://www.w3.org/2000/svg"'
LEAST = 1 / 64
MARKS = {"numpy": "circle", "torch": "square", "pytensor": "diamond", "sklearn": "triangle"}
STYLE = """
.ground{fill:#fff}
text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:#202124}
.title{font-size:16px;font-weight:600}.name{font-weight:600}.small{font-size:12px;fill:#5f6368}
.tick{text-anchor:middle}.end{text-anchor:end}
line{stroke:#dadce0;stroke-width:1}line.one{stroke:#5f6368;stroke-width:1.5}
.fastest{fill:#e8710a}.plain{fill:#f4b400}
.mark{fill:#fff;stroke:#5f6368;stroke-width:1.6}
@media (prefers-color-scheme:dark){
.ground{fill:#17191c}text{fill:#e8eaed}.small{fill:#9aa0a6}
line{stroke:#3c4043}line.one{stroke:#9aa0a6}
.mark{fill:#17191c;stroke:#bdc1c6}}
"""
Group = tuple[str, str]
"""A workload, and the trick that is used."""


def figure(results: Results) -> str:
    """Return the SVG: bars of symgrad and marks of the peers, each peer in its best variant.

    Only runs with the fewest threads are drawn.  What stands to the left of the axis is slower still.
    """
    threads = min(row.threads for row in results.rows)
    groups = {group: ratios(results, threads, *group) for group in _groups(results, threads)}
    groups = {group: found for group, found in groups.items() if found}
    scale = Scale([ratio for found in groups.values() for ratio, _ in found])
    bottom = TOP + ROW * len(groups)
    parts = [*_heading(results, threads), *_axis(scale, bottom)]
    for number, (group, found) in enumerate(groups.items()):
        parts += _row(scale, TOP + ROW * number, group, found)
    title = "Times as fast as JAX: symgrad, NumPy, PyTorch, PyTensor and scikit-learn"
    height = bottom + 34
    return "\n".join(
        [
            f'<svg {XML} viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">',
            f"<title>{title}</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="ground" width="{WIDTH}" height="{height}" rx="8"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _groups(results: Results, threads: int) -> list[Group]:
    ours = [row for row in results.rows if row.family == "symgrad" and row.threads == threads]
    return list(dict.fromkeys((row.workload, row.trick) for row in ours))


def ratios(results: Results, threads: int, workload: str, trick: str) -> list[tuple[float, Row]]:
    """Return what is drawn in a row: the best of each family, and symgrad's plain kernel; JAX is 1."""
    rows = results.of(workload, threads)
    jax = next((row.median for row in rows if row.family == "jax"), None)
    if jax is None:
        return []
    best: dict[str, Row] = {}
    for row in rows:
        if row.trick == trick and row.family != "jax":
            best.setdefault("plain" if row.system == FAMILIES["symgrad"].title else row.family, row)
    return [(jax / row.median, row) for row in best.values()]


class Scale:
    """Powers of two from left to right; the least is 1/64 or larger."""

    def __init__(self, numbers: list[float]) -> None:
        self.first = max(floor(log2(min([*numbers, 0.5]))), round(log2(LEAST)))
        self.last = ceil(log2(max([*numbers, 2])))

    def __call__(self, ratio: float) -> float:
        share = (log2(ratio) - self.first) / (self.last - self.first)
        return round(LEFT + max(share, 0) * (WIDTH - LEFT - RIGHT), 1)

    def beyond(self, ratio: float) -> bool:
        """Whether a number lies to the left of the axis."""
        return log2(ratio) < self.first

    def ticks(self) -> Iterator[tuple[float, str]]:
        """Return places and labels; every second power where there are many."""
        step = 1 if self.last - self.first <= 9 else 2
        for power in range(self.first, self.last + 1):
            if power % step == 0:
                yield self(2**power), str(2**power) if power >= 0 else f"1/{2**-power}"


def _heading(results: Results, threads: int) -> Iterator[str]:
    cores = "one thread" if threads == 1 else f"{threads} threads"
    yield f'<text class="title" x="24" y="30">Times as fast as JAX (lax.scan in one jit), {cores}</text>'
    yield f'<text class="small" x="24" y="48">{escape(results.processor)}; {escape(results.date)}</text>'
    x = 24
    for kind, label, width in (("fastest", "symgrad, fastest", 140), ("plain", "symgrad by default", 160)):
        yield f'<rect class="{kind}" x="{x}" y="61" width="18" height="{BAR}" rx="2"/>'
        yield f'<text class="small" x="{x + 24}" y="71">{label}</text>'
        x += width
    for family, shape in MARKS.items():
        yield _mark(shape, x + 6, 67)
        yield f'<text class="small" x="{x + 17}" y="71">{FAMILIES[family].title}</text>'
        x += 38 + 7 * len(FAMILIES[family].title)


def _axis(scale: Scale, bottom: float) -> Iterator[str]:
    for x, label in scale.ticks():
        one = ' class="one"' if label == "1" else ""
        yield f'<line{one} x1="{x}" y1="{TOP - 8}" x2="{x}" y2="{bottom}"/>'
        yield f'<text class="small tick" x="{x}" y="{bottom + 18}">{label}</text>'


def _row(scale: Scale, top: float, group: Group, found: list[tuple[float, Row]]) -> Iterator[str]:
    yield from _label(top, *group)
    bars = [pair for pair in found if pair[1].family == "symgrad"]
    plain = [pair for pair in bars if pair[1].system == FAMILIES["symgrad"].title]
    yield from _bar(scale, "fastest", top + 6, *max(bars, key=itemgetter(0)))
    for ratio, row in plain:
        yield from _bar(scale, "plain", top + 6 + BAR, ratio, row)
    beyond = 0
    for ratio, row in found:
        if row.family in MARKS:
            beyond += scale.beyond(ratio)
            x = LEFT - 4 - 14 * beyond if scale.beyond(ratio) else scale(ratio)
            mark = _mark(MARKS[row.family], x, top + 6 + BAR)
            yield f"<g><title>{_said(ratio, row)}</title>{mark}</g>"


def _label(top: float, workload: str, trick: str) -> Iterator[str]:
    work = WORKLOADS[workload]
    runs = [(size, len(list(equal))) for size, equal in groupby(work.sizes)]
    parts = [f"{times}×{size}" if times > 3 else "-".join([str(size)] * times) for size, times in runs]
    name = f'<tspan class="name">{workload}</tspan> {"-".join(parts)} {trick}'
    yield f'<text x="24" y="{top + 15}">{name}</text>'
    yield f'<text class="small" x="24" y="{top + 31}">{work.batch:,} a batch, {work.dtype}</text>'


def _bar(scale: Scale, kind: str, y: float, ratio: float, row: Row) -> Iterator[str]:
    left, right = sorted((scale(1), scale(ratio)))
    yield f"<g><title>{_said(ratio, row)}</title>"
    yield f'<rect class="{kind}" x="{left}" y="{y}" width="{round(right - left, 1)}" height="{BAR - 1}"/>'
    if kind == "fastest":
        yield f'<text class="name" x="{right + 6}" y="{y + 10}">{digits(ratio)}</text>'
    yield "</g>"


def _said(ratio: float, row: Row) -> str:
    return escape(
        f"{row.workload}, {row.system}: {row.median * 1000:.4g} ms, {ratio:.3g} times as fast as JAX"
    )


def _mark(shape: str, x: float, y: float) -> str:
    if shape == "circle":
        return f'<circle class="mark" cx="{x}" cy="{y}" r="5"/>'
    corners = {
        "square": ((-4.5, -4.5), (4.5, -4.5), (4.5, 4.5), (-4.5, 4.5)),
        "diamond": ((0, -6), (6, 0), (0, 6), (-6, 0)),
        "triangle": ((0, -6), (5.5, 4.5), (-5.5, 4.5)),
    }[shape]
    points = " ".join(f"{x + dx:g},{y + dy:g}" for dx, dy in corners)
    return f'<polygon class="mark" points="{points}"/>'
