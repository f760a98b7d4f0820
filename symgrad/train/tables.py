"""CSV text as numbers.

NumPy reads the whole table in C; only when it refuses, or finds a value that is not finite, are the
rows read one by one, to name the line and the column at fault.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import numpy as np

from symgrad.errors import DataError
from symgrad.train.files import unreadable
from symgrad.train.layout import Array


@dataclass(frozen=True, eq=False)
class Cells:
    """The numbers of a table, and its column names (none without a header)."""

    columns: tuple[str, ...]
    values: Array


@dataclass(frozen=True)
class _Text:
    path: Path
    columns: tuple[str, ...]
    start: int
    lines: list[str]


def read_csv(path: Path, header: bool = True) -> Cells:
    """Read a table of finite numbers, separated by commas."""
    lines = _lines(path)
    columns, start = _header(path, lines) if header else ((), 0)
    text = _Text(path, columns, start, lines[start:])
    if not any(line.strip() for line in text.lines):
        raise _without_rows(text)
    return Cells(columns, _values(text))


def _without_rows(text: _Text) -> DataError:
    return DataError(f"{text.path} has a header, but no rows" if text.start else f"{text.path} is empty")


def _lines(path: Path) -> list[str]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = file.readlines()
    except OSError as error:
        raise unreadable(path, error) from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 text (byte {error.start}): save it as CSV in UTF-8") from error
    _refuse_other_separators(path, next((line for line in lines if line.strip()), ""))
    return lines


def _refuse_other_separators(path: Path, first: str) -> None:
    for separator, name in ((";", "semicolons"), ("\t", "tabs")):
        if separator in first.strip() and "," not in first:
            raise DataError(f"{path} seems to be separated by {name}: separate its cells by commas")


def _rows(text: _Text) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, each with the number of its last line."""
    reader = csv.reader(text.lines)
    try:
        for row in reader:
            if len(row) > 1 or "".join(row).strip():
                yield text.start + reader.line_num, [cell.strip() for cell in row]
    except csv.Error as error:
        raise DataError(f"{text.path}, line {text.start + reader.line_num}: {error}") from error


def _header(path: Path, lines: list[str]) -> tuple[tuple[str, ...], int]:
    line, cells = next(_rows(_Text(path, (), 0, lines)), (0, []))
    if cells and all(map(_is_number, cells)) and not _counts(cells):
        raise DataError(
            f"{path}, line {line}: the header holds numbers, not names: "
            "add a header, or say that there is none (--no-header; header=False in Python)"
        )
    twice = next((cell for k, cell in enumerate(cells) if cell in cells[:k]), None)
    if twice is not None:
        raise DataError(f"{path}, line {line}: two columns are called {twice!r}; rename one of them")
    return tuple(cells), line


def _counts(cells: list[str]) -> bool:
    # Data frames without column names are saved with the header 0,1,2,…
    return cells in ([str(i) for i in range(first, first + len(cells))] for first in (0, 1))


def _is_number(cell: str) -> bool:
    return _number(cell) is not None


def _number(cell: str) -> float | None:
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None


def _values(text: _Text) -> Array:
    try:
        values = np.loadtxt(text.lines, delimiter=",", comments=None, quotechar='"', ndmin=2)
    except ValueError:
        return _careful(text)
    if np.isfinite(values).all() and values.shape[1] == (len(text.columns) or values.shape[1]):
        return values
    return _careful(text)


def _careful(text: _Text) -> Array:
    rows = list(_rows(text))
    if not rows:
        raise _without_rows(text)
    expected = len(text.columns) or len(rows[0][1])
    return np.array([_checked(text, line, cells, expected) for line, cells in rows])


def _checked(text: _Text, line: int, cells: list[str], expected: int) -> list[float]:
    if len(cells) != expected:
        raise DataError(
            f"{text.path}, line {line}: {len(cells)} cells, but {expected} in the "
            f"{'header' if text.columns else 'first row'}; each row needs as many, separated by commas"
        )
    return [_finite(text, line, i, cell) for i, cell in enumerate(cells)]


def _finite(text: _Text, line: int, position: int, cell: str) -> float:
    number = _number(cell)
    if number is None or not isfinite(number):
        raise DataError(
            f"{text.path}, line {line}, {_column(text, position)}: {_fault(cell, number)}{_hint(text, line)}"
        )
    return number


def _column(text: _Text, position: int) -> str:
    name = text.columns[position] if text.columns else ""
    return f"column {position + 1}" + (f" ({name})" if name else "")


def _fault(cell: str, number: float | None) -> str:
    if not cell:
        return "the cell is empty; fill it in or leave the row out"
    shown = repr(cell if len(cell) <= 40 else cell[:39] + "…")
    if number is None:
        return f"{shown} is not a number"
    return f"{shown} is not a finite number; mend it or leave the row out"


def _hint(text: _Text, line: int) -> str:
    if line == 1 and not text.columns:
        return " (if the first line holds names, read it as a header)"
    return ""
