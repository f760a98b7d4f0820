"""The operations of a loss and its gradients as a table, with how they grow."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from operator import itemgetter

from symgrad.derive.cost import Cost, ParameterCost, cost
from symgrad.derive.growth import Growth, growth
from symgrad.derive.operations import Count
from symgrad.derive.views import View
from symgrad.model.model import Model
from symgrad.notation import unicode
from symgrad.notation.arrange import arrange
from symgrad.show.overview import runs

LONG = 10**15
"""From here on a count is rounded to three digits; ``--json`` has it whole."""

WAYS = (
    ("loss", "the loss"),
    ("trees", "its gradients, each written out as a tree"),
    ("by_paths", "by paths, all values known"),
    ("graph", "as one graph, each value and delta once"),
    ("by_deltas", "by deltas, all values known"),
)
COLUMNS = (
    ("entries", "entries"),
    ("paths", "paths"),
    ("tree", "as a tree"),
    ("by_paths", "by paths"),
)
GROWING = (
    ("paths", "paths"),
    ("trees", "as trees"),
    ("by_paths", "by paths"),
    ("by_deltas", "by deltas"),
    ("loss", "the loss"),
)


@dataclass(frozen=True, repr=False)
class CostTable:
    """What a network's loss and gradients cost; it shows itself as a table.

    Attributes
    ----------
    model
        The network.
    cost
        The counts.
    """

    model: Model
    cost: Cost

    @cached_property
    def growth(self) -> tuple[Growth, ...]:
        """How the counts grow over depth and width, where the network is layered and its sizes are known."""
        return growth(self.model)

    @property
    def text(self) -> str:
        """The tables for a terminal."""
        blocks = [[self._title, *_ways(self.cost)], _parameters(self.cost), *map(_grown, self.growth)]
        return "\n\n".join("\n".join(lines) for lines in blocks)

    @property
    def _title(self) -> str:
        alike = groupby(self.cost.sizes.items(), key=itemgetter(1))
        sizes = ", ".join(f"{runs(name for name, _ in given)} = {number}" for number, given in alike)
        return f"{self.model.name}: operations (+ − · ÷, powers, functions)" + (
            f" at {sizes}" if sizes else ""
        )

    @property
    def data(self) -> dict[str, object]:
        """The tables as ``--json`` prints them; a formula in open sizes is a text."""
        ways = {key: _plain(getattr(self.cost, key)) for key, _ in WAYS}
        rows = [
            {"name": row.name, **{key: _plain(getattr(row, key)) for key, _ in COLUMNS}}
            for row in self.cost.parameters
        ]
        return {
            "sizes": self.cost.sizes,
            **ways,
            "paths": _plain(self.cost.paths),
            "parameters": rows,
            "growth": list(map(_grown_data, self.growth)),
        }

    def __repr__(self) -> str:
        return self.text


def cost_table(view: View) -> CostTable:
    """Return what the loss and the gradients of a view cost.

    Raises
    ------
    DefinitionError
        If there is no loss, or no parameter.
    """
    return CostTable(view.model, cost(view))


def _plain(count: Count) -> int | str:
    return int(count) if count.is_Integer else unicode.write(arrange(count))


def _shown(count: Count) -> str:
    if not count.is_Integer:
        return unicode.write(arrange(count))
    return f"{int(count):,}" if count < LONG else f"{Decimal(int(count)):.2e}"


def _ways(found: Cost) -> Iterator[str]:
    return _aligned([(words, _shown(getattr(found, key))) for key, words in WAYS])


def _parameters(found: Cost) -> list[str]:
    """Write a row for every parameter, one for neighbours that are alike."""
    head = ("gradient by", *(words for _, words in COLUMNS))
    alike = groupby(found.parameters, key=_counts)
    rows = [(_named(rows), *map(_shown, counts)) for counts, rows in alike]
    if all(count.is_Integer for row in found.parameters for count in _counts(row)):
        total = (found.entries, found.paths, found.trees, found.by_paths)
        return list(_aligned([head, *rows, ("all", *map(_shown, total))]))
    return [line for row in rows for line in _listed(row)]


def _counts(row: ParameterCost) -> tuple[Count, ...]:
    return tuple(getattr(row, key) for key, _ in COLUMNS)


def _named(rows: Iterable[ParameterCost]) -> str:
    names = [row.name for row in rows]
    return runs(names) + (", each" if len(names) > 1 else "")


def _listed(row: tuple[str, ...]) -> Iterator[str]:
    """Write formulas, which are too long for columns, below each other."""
    yield f"gradient by {row[0]}"
    yield from _aligned([(words, count) for (_, words), count in zip(COLUMNS, row[1:], strict=True)])


def _grown(found: Growth) -> list[str]:
    head = (found.over, *(words for _, words in GROWING))
    rows = [(str(number), *(_shown(getattr(at, key)) for key, _ in GROWING)) for number, at in found.rows]
    return [f"over {found.over}, {found.fixed}", *_aligned([head, *rows])]


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Write rows in columns: words to the left, numbers to the right, formulas as they come."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    formulas = any(cell[-1:].isalpha() or " " in cell for row in rows if len(row) == 2 for cell in row[1:])
    for first, *rest in rows:
        aligned = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        cells = rest if formulas else aligned
        yield "  " + "   ".join([first.ljust(widths[0]), *cells])


def _grown_data(found: Growth) -> dict[str, object]:
    rows = [
        {found.over: number, **{key: _plain(getattr(at, key)) for key, _ in GROWING}}
        for number, at in found.rows
    ]
    return {"over": found.over, "fixed": found.fixed, "rows": rows}
