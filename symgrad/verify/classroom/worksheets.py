"""Worksheets: the figures of a training step as a person wrote them down, judged row by row.

A figure is right if it is the value, rounded to its digits; a wrong one is judged by the person's own figures
before it, so that a mistake counts once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Literal, TypeAlias

from symgrad.errors import DataError, SymgradError
from symgrad.exact.decimals import Real
from symgrad.verify.classroom.carried import Carried, carried
from symgrad.verify.classroom.printed import EMPTY, Printed, read_printed
from symgrad.verify.classroom.quantities import Quantities
from symgrad.verify.classroom.slips.search import explained
from symgrad.verify.classroom.slips.writing import last_digit, miswritten
from symgrad.verify.verdict import Mistake

RowVerdict: TypeAlias = Literal["right", "follows", "wrong", "unknown"]
DIGITS = 30
COARSE = 5
FINE = Decimal("0.001")
TELLING = 4
LOOSE = 1_000
EXPLAINED = 10


@dataclass(frozen=True)
class Row:
    """One figure of a worksheet, judged.

    Attributes
    ----------
    quantity
        What it is, by its name here; as it was written where that is no quantity.
    figure
        The figure as it was written.
    verdict
        ``right``; ``follows`` where it is right for the figures before it, of which one is wrong; ``wrong``;
        ``unknown`` where nothing can be said.
    text
        Why, where that is no matter of course.
    correct
        The right value to the digits of the figure; empty where there is none.
    mistakes
        Up to three explanations of a wrong figure, best first; of the first ten wrong ones of a worksheet.
    """

    quantity: str
    figure: str
    verdict: RowVerdict
    text: str = ""
    correct: str = ""
    mistakes: tuple[Mistake, ...] = ()


@dataclass(frozen=True)
class Judged:
    """A worksheet, judged: its rows in the order in which they were given."""

    rows: tuple[Row, ...]
    order: tuple[str, ...] = ()

    @property
    def first(self) -> Row | None:
        """The wrong row that stands first in the order of the computation; None where none is wrong."""
        wrong = [row for row in self.rows if row.verdict == "wrong"]
        return min(wrong, key=lambda row: self.order.index(row.quantity), default=None)

    def count(self, verdict: RowVerdict) -> int:
        """Return how many rows have a verdict."""
        return sum(row.verdict == verdict for row in self.rows)


@dataclass(frozen=True)
class _Cell:
    """A figure that could be read, and what it may stand for."""

    printed: Printed
    right: Real

    @property
    def rounded(self) -> bool:
        """Whether it is the right value, rounded."""
        return self.printed.is_rounded(_decimal(self.right))

    @property
    def cut_off(self) -> bool:
        """Whether it is the right value with the digits behind cut off."""
        return self.printed.is_cut_off(_decimal(self.right))

    @property
    def says_nothing(self) -> bool:
        """Whether it agrees with the right value only because it has so few digits."""
        few = COARSE * self.printed.unit > abs(_decimal(self.right)) and self.printed.unit > FINE
        return few and not self.right.is_zero() and (self.rounded or self.cut_off)

    @property
    def correct(self) -> str:
        """The right value to the digits of the figure, and to four at least."""
        digits = f"{self.right.decimal(TELLING):f}"
        return (
            digits
            if self.printed.half > abs(Fraction(digits)) / 10**TELLING
            else self.printed.like(_decimal(self.right))
        )

    @property
    def reach(self) -> tuple[Fraction, Fraction]:
        """The numbers that it may stand for."""
        off = Fraction(self.printed.half if self.rounded or not self.cut_off else self.printed.unit)
        return self.printed.middle - off, self.printed.middle + off


def _decimal(value: Real) -> Decimal:
    return value.decimal(DIGITS)


def judge_worksheet(
    sheet: Quantities,
    cells: Iterable[tuple[str, str]],
    *,
    decimals: int | None = None,
    comma: bool = False,
) -> Judged:
    """Judge a worksheet row by row.

    Parameters
    ----------
    sheet
        The quantities of the step, from `quantities`.
    cells
        What a person wrote: a quantity and its figure.
    decimals
        To how many decimals values were to be rounded on the way; without it, what is not written down is
        taken to have been kept to the digits that the figure has.
    comma
        Whether a comma stands for the decimal point.
    """
    rows = [_read(sheet, quantity, figure, comma=comma) for quantity, figure in cells]
    found = _unrepeated(rows)
    readable = {row.quantity: row.cell for row in found if row.cell is not None}
    verdicts = _verdicts(sheet, readable, decimals)
    judged = tuple(verdicts.get(row.quantity, row.refused) if row.cell else row.refused for row in found)
    return Judged(judged, tuple(node.name for node in sheet.graph.nodes))


@dataclass(frozen=True)
class _Entry:
    quantity: str
    figure: str
    cell: _Cell | None
    fault: str = ""

    @property
    def refused(self) -> Row:
        return Row(self.quantity, self.figure, "unknown", self.fault)


def _read(sheet: Quantities, quantity: str, figure: str, *, comma: bool) -> _Entry:
    """Read a row; what cannot be read is said in it."""
    try:
        name = sheet.named(quantity)
    except SymgradError as error:
        return _Entry(quantity, figure, None, str(error))
    if not figure.strip():
        return _Entry(name, figure, None, EMPTY)
    try:
        printed = read_printed(figure, name, comma=comma)
    except DataError as error:
        return _Entry(name, figure, None, str(error))
    return _Entry(name, figure, _Cell(printed, sheet.right[name]))


def _unrepeated(rows: list[_Entry]) -> list[_Entry]:
    """Refuse the second figure for a quantity."""
    seen: set[str] = set()
    found: list[_Entry] = []
    for row in rows:
        again = row.quantity in seen and row.cell is not None
        fault = f"{row.quantity} is given twice; the first figure counts"
        found.append(replace(row, cell=None, fault=fault) if again else row)
        seen |= {row.quantity} if row.cell is not None else set()
    return found


@dataclass(frozen=True)
class _Desk:
    """What a row is judged from: the figures, and what follows from them in every way of computing."""

    sheet: Quantities
    cells: Mapping[str, _Cell]
    slack: Decimal

    def ways(self, slack: Decimal, without: frozenset[str] = frozenset()) -> tuple[Carried, ...]:
        """Return what follows where values on the way are off by so much, some figures not looked at."""
        telling = {name: cell for name, cell in self.cells.items() if not cell.says_nothing}
        own = {name: cell.reach for name, cell in telling.items() if name not in without}
        return tuple(carried(graph, self.sheet.leaves, own, slack) for graph in self.sheet.ways)

    @cached_property
    def strict(self) -> tuple[Carried, ...]:
        """What follows where values on the way are kept as the worksheet says."""
        return self.ways(self.slack)


def _verdicts(sheet: Quantities, cells: Mapping[str, _Cell], decimals: int | None) -> dict[str, Row]:
    slack = Decimal(0) if decimals is None else Decimal(5).scaleb(-decimals - 1)
    desk = _Desk(sheet, cells, slack)
    rows: dict[str, Row] = {}
    off: set[str] = set()
    for node in sheet.graph.nodes:
        if node.name in cells:
            wrong = sum(row.verdict == "wrong" for row in rows.values())
            rows[node.name] = _verdict(desk, node.name, frozenset(off), explain=wrong < EXPLAINED)
            if rows[node.name].verdict in ("wrong", "follows"):
                off.add(node.name)
    return rows


def _verdict(desk: _Desk, name: str, off: frozenset[str], *, explain: bool) -> Row:
    cell = desk.cells[name]
    row = Row(name, cell.printed.text, "right", "", cell.correct)
    if cell.says_nothing:
        return replace(row, verdict="unknown", text=f"{cell.printed.text} has too few digits; give more")
    if cell.rounded:
        return row
    if cell.cut_off:
        return replace(row, text="cut off, not rounded")
    if desk.sheet.graph[name].is_leaf:
        return replace(row, verdict="wrong", text=f"{name} is given: {row.correct}")
    if _follows(desk, name):
        return _following(desk, row, off, exactly=_exactly(desk, name))
    return replace(row, verdict="wrong", mistakes=_explained(desk, name, off) if explain else ())


def _following(desk: _Desk, row: Row, off: frozenset[str], *, exactly: str) -> Row:
    behind = sorted(off & desk.sheet.graph.ancestors(row.quantity), key=list(desk.cells).index)
    if behind:
        return replace(row, verdict="follows", text=f"right for your {', '.join(behind)}")
    return replace(row, text=f"within the rounding of the figures before it{exactly}")


def _exactly(desk: _Desk, name: str) -> str:
    """Say what reproduces all the digits of a figure that rounding alone leaves far more room."""
    cell = desk.cells[name]
    room = desk.strict[0].computed[name]
    if room is None or room.width < LOOSE * float(cell.printed.unit):
        return ""
    found = explained(desk.sheet, name, cell.reach, desk.ways(Decimal(0), frozenset(desk.cells))[0])
    return f"; to all of its digits it is what follows where {found[0].text}" if found else ""


def _follows(desk: _Desk, name: str) -> bool:
    """Whether a figure follows from those before it, in one way of computing or with rounding on the way."""
    cell = desk.cells[name]
    if any(_meets(way, name, cell) for way in desk.strict):
        return True
    return any(_meets(way, name, cell) for way in desk.ways(cell.printed.half))


def _meets(way: Carried, name: str, cell: _Cell) -> bool:
    value = way.computed[name]
    return value is not None and value.meets(way.algebra.between(*cell.reach))


def _explained(desk: _Desk, name: str, off: frozenset[str]) -> tuple[Mistake, ...]:
    """Return what explains a figure: from the person's own figures, with rounding, or from the right ones."""
    cell = desk.cells[name]
    near = last_digit(cell.printed, _decimal(cell.right))
    loose = max(desk.slack, cell.printed.half)
    tried = ((desk.slack, frozenset[str]()), (loose, frozenset[str]()), (loose, off))
    found = (explained(desk.sheet, name, cell.reach, desk.ways(*how)[0]) for how in dict.fromkeys(tried))
    computed = () if near else next((mistakes for mistakes in found if mistakes), ())
    return near or computed or miswritten(cell.printed, _decimal(cell.right))
