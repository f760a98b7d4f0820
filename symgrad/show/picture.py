"""The neuron view of a layered network as a drawing, with the paths of one or two weights in colour."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from math import hypot, prod

from symgrad.derive.paths import count, links
from symgrad.derive.views import View
from symgrad.errors import DefinitionError, LimitError
from symgrad.model.graph import Kind
from symgrad.model.model import Model
from symgrad.show.layers import MARGIN, STEP_X, STEP_Y, Drawing, Line, Point

MOST_COLUMNS, MOST_SCALARS = 12, 4_000
RADIUS, ROW, LETTER = 27, 24, 7.6
RANKS = ("first", "second")
STYLE = """
.ground{fill:#fff}
text{font:14px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:#202124;text-anchor:middle}
.legend{text-anchor:start}
line{stroke:#bdc1c6;stroke-width:1.3}
circle,rect.bias{fill:#f8f9fa;stroke:#80868b;stroke-width:1.5}
line.first{stroke:#e8710a;stroke-width:4}
line.second{stroke:#f4b400;stroke-width:4;stroke-dasharray:9 4}
circle.first,rect.first{stroke:#e8710a;stroke-width:3}
circle.second,rect.second{stroke:#f4b400;stroke-width:3}circle.second{stroke-dasharray:9 4}
text.label{font-weight:700;stroke:#fff;stroke-width:5;stroke-linejoin:round;paint-order:stroke}
text.label.first{fill:#e8710a}text.label.second{fill:#b98500}
@media (prefers-color-scheme:dark){
.ground{fill:#17191c}text{fill:#e8eaed}line{stroke:#5f6368}
circle,rect.bias{fill:#26292d;stroke:#9aa0a6}
text.label{stroke:#17191c}text.label.second{fill:#f4b400}}
"""


@dataclass(frozen=True, repr=False)
class Picture:
    """A drawing; notebooks show it, and `svg` is the text of the file.

    Attributes
    ----------
    svg
        The drawing as an SVG document of its own.
    title
        What it shows, in one line.
    """

    svg: str
    title: str

    def __repr__(self) -> str:
        return f"<picture of {self.title}>"

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        data = b64encode(self.svg.encode()).decode()
        return f'<img alt="{escape(self.title)}" src="data:image/svg+xml;base64,{data}">'


def picture(model: Model, wrt: Sequence[str] = ()) -> Picture:
    """Draw the neuron view of a layered network for one sample.

    Parameters
    ----------
    wrt
        At most two weights (or inputs or neurons) whose paths are drawn in colour.

    Raises
    ------
    DefinitionError
        If the network is not layered or too large to be drawn, or a name is not in the drawing.
    UnknownNameError
        If there is no such name.
    """
    drawing = _drawing(replace(model, example={}), tuple(dict.fromkeys(wrt)))
    each = " per sample" if model.sample_count > 1 else ""
    numbers = [(name, count(drawing.graph, name)) for name in drawing.wrt]
    legend = [f"{name}: {n:,} {'path' if n == 1 else 'paths'}{each}" for name, n in numbers]
    title = "; ".join([model.title or model.name, *legend])
    return Picture(_svg(drawing, title, legend), title)


def _drawing(model: Model, wrt: tuple[str, ...]) -> Drawing:
    if len(wrt) > len(RANKS):
        raise DefinitionError(f"a picture shows the paths of at most two names, not of {len(wrt)}")
    sizes = model.numbers()
    scalars = sum(map(prod, model.neuron_names(sizes).shapes.values()))
    if scalars > MOST_SCALARS:
        raise DefinitionError(
            f"{model.name} is too large for a picture: {scalars:,} scalars, more than {MOST_SCALARS:,}"
        )
    try:
        view = View(model, "neuron")
        graph = view.graph.restricted([model.loss])
        drawing = Drawing(graph, links(graph), wrt)
    except LimitError as error:
        raise DefinitionError(f"{model.name} is too large for a picture: {error}") from error
    for name in wrt:
        _check(view, drawing, name)
    _check_layers(model, drawing)
    return drawing


def _check(view: View, drawing: Drawing, name: str) -> None:
    if name in view.model.graph and name not in view.graph:
        raise DefinitionError(f"a picture shows single neurons, and {name} is an array: name one entry of it")
    if view.check(name) not in drawing.table or drawing.graph[name].kind is Kind.TARGET:
        raise DefinitionError(f"{name} is not drawn: the picture shows inputs, weights, neurons and the loss")


def _check_layers(model: Model, drawing: Drawing) -> None:
    if drawing.width > MOST_COLUMNS:
        raise DefinitionError(
            f"{model.name} is too large for a picture: {drawing.width} columns, more than {MOST_COLUMNS}"
        )
    column, circle = drawing.column, drawing.circle
    for line in drawing.lines:
        if column[circle[line.target]] != column[circle[line.source]] + 1:
            raise DefinitionError(
                f"{model.name} is not layered, so there is no picture of it: "
                f"{line.target} reads {line.source} across a layer"
            )


def _svg(drawing: Drawing, title: str, legend: Sequence[str]) -> str:
    rows = max(map(len, drawing.slots))
    foot = 2 * MARGIN + STEP_Y * (rows - 1) + (6 if legend else 0)
    columns = 2 * MARGIN + STEP_X * (drawing.width - 1)
    width = max(columns, *(MARGIN + 44 + LETTER * len(entry) for entry in legend), 0)
    height = foot + ROW * len(legend) - (8 if legend else 0)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" '
        f'width="{_n(width)}" height="{_n(height)}" role="img">'
    )
    parts = [
        opening,
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{_n(width)}" height="{_n(height)}" rx="8"/>',
        *_lines(drawing),
        *_circles(drawing),
        *_biases(drawing),
        *(part for k, entry in enumerate(legend) for part in _legend(k, entry, foot + ROW * k)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _text(at: Point, text: str, kind: str = "", size: float = 0) -> str:
    style = f' style="font-size:{_n(size)}px"' if size else ""
    given = f' class="{kind}"' if kind else ""
    return f'<text x="{_n(at[0])}" y="{_n(at[1] + 5)}"{given}{style}>{escape(text)}</text>'


def _stroke(start: Point, end: Point, kind: str = "") -> str:
    given = f' class="{kind}"' if kind else ""
    (x1, y1), (x2, y2) = start, end
    return f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"{given}/>'


def _lines(drawing: Drawing) -> Iterator[str]:
    """Write the grey lines, then the coloured ones above them, then the labels above all."""
    ends = ((line, drawing.circle[line.source], drawing.circle[line.target]) for line in drawing.lines)
    drawn = [(x, drawing.places[a], drawing.places[b]) for x, a, b in ends if {a, b} <= drawing.shown]
    ordered = sorted(drawn, key=lambda item: len(drawing.ranks(item[0])))
    for line, start, end in ordered:
        yield f"<g><title>{escape(_caption(line))}</title>"
        yield from _strokes(start, end, [RANKS[k] for k in drawing.ranks(line)])
        yield "</g>"
    for line, start, end in ordered:
        for k, name in enumerate(drawing.wrt):
            if name in line.weights:
                yield _text(_beside(start, end), name, f"label {RANKS[k]}")


def _beside(start: Point, end: Point) -> Point:
    """Return a point above the line, a little before its middle, where fewer lines cross."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    aside = 14 / hypot(dx, dy)
    return start[0] + 0.42 * dx + aside * dy, start[1] + 0.42 * dy - aside * dx


def _caption(line: Line) -> str:
    weights = ", ".join(line.weights)
    return f"{line.source} → {line.target}" + (f", weight {weights}" if weights else "")


def _strokes(start: Point, end: Point, kinds: Sequence[str]) -> Iterator[str]:
    """Write one line, or two beside each other where the paths of both weights run."""
    if not kinds:
        yield _stroke(start, end)
    length = hypot(end[0] - start[0], end[1] - start[1])
    for k, kind in enumerate(kinds):
        aside = 5 * (k - (len(kinds) - 1) / 2) / length
        dx, dy = aside * (start[1] - end[1]), aside * (end[0] - start[0])
        yield _stroke((start[0] + dx, start[1] + dy), (end[0] + dx, end[1] + dy), kind)


def _circles(drawing: Drawing) -> Iterator[str]:
    for slot in (slot for column in drawing.slots for slot in column):
        x, y = drawing.places[slot[0]]
        names = drawing.circles[slot[0]]
        if len(slot) > 1:
            inside = f"{len(slot)} more: {slot[0]} … {slot[-1]}"
            yield f"<g><title>{escape(inside)}</title>{_text((x, y), '⋮', size=26)}</g>"
            continue
        ranks = [k for k, reach in enumerate(drawing.reach) if reach.intersection(names)]
        kind = f' class="{RANKS[ranks[0]]}"' if ranks else ""
        yield f"<g><title>{escape(_hover(drawing, names))}</title>"
        yield f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{RADIUS}"{kind}/>{_inside((x, y), names)}</g>'


def _inside(at: Point, names: Sequence[str]) -> str:
    """Write the names into a circle, side by side or, where they are long, below each other."""
    label = " | ".join(names)
    rows = [label] if len(label) <= 7 else names
    size = min(14, 2 * (RADIUS - 4) * 14 / (LETTER * max(map(len, rows))))
    tops = (at[1] + 16 * (k - (len(rows) - 1) / 2) for k in range(len(rows)))
    return "".join(_text((at[0], y), row, size=size) for y, row in zip(tops, rows, strict=True))


def _hover(drawing: Drawing, names: Sequence[str]) -> str:
    reads = (f"{name} reads {', '.join(x.parent for x in drawing.table[name])}" for name in names)
    return "; ".join(reads if drawing.table[names[0]] else names)


def _biases(drawing: Drawing) -> Iterator[str]:
    """Write a small square at every neuron that reads a weight in colour as a bias."""
    for name, child in ((n, c) for n, c in drawing.bare if drawing.circle[c] in drawing.shown):
        k = drawing.wrt.index(name)
        x, y = drawing.places[drawing.circle[child]]
        left, top = x - 18 + 26 * k, y - RADIUS - 18
        yield f"<g><title>{escape(f'{name} → {child}')}</title>"
        yield f'<rect class="bias {RANKS[k]}" x="{_n(left)}" y="{_n(top)}" width="14" height="14"/></g>'
        yield _text((left - 8 - LETTER * len(name) / 2, top + 7), name, f"label {RANKS[k]}")


def _legend(k: int, entry: str, y: float) -> Iterator[str]:
    x = MARGIN - RADIUS
    yield _stroke((x, y - 10), (x + 36, y - 10), RANKS[k])
    yield _text((x + 46, y - 10), entry, "legend")
