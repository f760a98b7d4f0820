"""Files of answers: worksheets and formulas of one person, as TOML, CSV, text or LaTeX.

::

    name = "Ada"                      # the file's name without it
    network = "worked_2_2_2"          # refused where it is another one
    seed = "ada"                      # of a personal exercise
    digits = 4
    [given]                           # values of leaves; the network's example without
    x1 = "0.05"
    [answers]                         # a worksheet: quantity and figure
    z1 = "0.3775"
    "∂J/∂w5" = "0.0822"
    [formulas]                        # gradients as formulas
    w5 = "(o1 - t1) o1 (1 - o1) a1"

A CSV table has a quantity and a figure in each row; a text, `NAME = …` in each line, see `equations`.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, cast

from symgrad.errors import DataError, unknown
from symgrad.files import read_text, tables_in
from symgrad.verify.classroom.equations import HEAD, equations, is_formula

MOST = 5_000
LARGEST_NUMBER = 30
KEYS = (*HEAD, "given", "answers", "formulas")
QUANTITIES = ("quantity", "name", "node", "what")
FIGURES = ("figure", "value", "answer", "result", "number")

Cells: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Answers:
    """What one person handed in.

    Attributes
    ----------
    name
        Whose it is.
    cells
        The worksheet: quantities and figures as they were written.
    formulas
        The gradients given as formulas, each as a node and a text; a node may have several.
    given
        Values of leaves.
    network, seed, decimals, rate
        What else the file says; None where it says nothing.
    comma
        Whether a comma stands for the decimal point.
    literal
        Whether the name before a formula is what is on the left of an equation, ``z1`` being no gradient.
    notes
        What was passed over, a clause each.
    """

    name: str
    cells: Cells = ()
    formulas: Cells = ()
    given: Mapping[str, Any] = field(default_factory=dict[str, Any])
    network: str | None = None
    seed: str | None = None
    decimals: int | None = None
    digits: int | None = None
    rate: str | None = None
    comma: bool = False
    literal: bool = False
    notes: tuple[str, ...] = ()


def read_answers(path: Path) -> Answers:
    """Read one person's file.

    Raises
    ------
    DataError
        If it cannot be read, is too large, or is no table of answers; the message says where.
    UnknownNameError
        If it has a key that means nothing here.
    """
    if path.suffix.lower() not in READERS:
        raise DataError(f"{path.name}: answers are {LISTED} files")
    if path.exists() and not path.is_file():
        raise DataError(f"{path.name} is no ordinary file")
    read, remedy = READERS[path.suffix.lower()]
    text = read_text(path)
    if not text.strip():
        raise DataError(f"{path.name} is empty; {remedy}")
    found = read(path, text)
    if len(found.cells) + len(found.formulas) > MOST:
        raise DataError(f"{path.name} has more than {MOST:,} answers")
    if not found.cells and not found.formulas:
        raise DataError(f"{path.name} has no answers; {remedy}")
    return found


def _from_csv(path: Path, text: str) -> Answers:
    delimiter = ";" if text.partition("\n")[0].count(";") else "\t" if "\t" in text else ","
    try:
        lines = io.StringIO(text, newline="")
        rows = [
            row for row in csv.reader(lines, delimiter=delimiter, strict=True) if any(map(str.strip, row))
        ]
    except csv.Error as error:
        raise DataError(f"{path.name} is no table: {error}") from None
    columns = _columns(rows[0]) if rows else None
    pairs = (
        [_chosen(row, columns) for row in rows[1:]]
        if columns
        else [_pair(path, number, row) for number, row in enumerate(rows, 1)]
    )
    figures = tuple(pair for pair in pairs if not is_formula(pair[1]))
    formulas = tuple(pair for pair in pairs if is_formula(pair[1]))
    return Answers(path.stem, figures, formulas, comma=delimiter == ";", literal=True)


def _columns(head: list[str]) -> tuple[int, int] | None:
    """Return in which columns quantities and figures stand; None where the first row is no header."""
    words = [cell.strip().lower() for cell in head]
    quantity = next((k for k, word in enumerate(words) if word in QUANTITIES), None)
    if quantity is None or len(words) == 1:
        return None
    figure = next((k for k, word in enumerate(words) if word in FIGURES), int(quantity == 0))
    return (quantity, figure)


def _chosen(row: list[str], columns: tuple[int, int]) -> tuple[str, str]:
    quantity, figure = (row[k].strip() if k < len(row) else "" for k in columns)
    return quantity, figure


def _pair(path: Path, number: int, row: list[str]) -> tuple[str, str]:
    if len(row) < 2 or any(map(str.strip, row[2:])):
        raise DataError(
            f"{path.name}, row {number}: a quantity and a figure are wanted, found {len(row)} cells"
            + ("; a decimal comma? write a point" if len(row) == 3 else "")
        )
    return row[0].strip(), row[1].strip()


def _from_toml(path: Path, text: str) -> Answers:
    table = tables_in(path.name, text, read_number=str)
    for key in table:
        if key not in KEYS:
            _refuse(key, table[key], path)
    return Answers(
        _word(table, "name", path) or path.stem,
        tuple(_cells(table, "answers", path)),
        tuple(_cells(table, "formulas", path)),
        _table(table, "given", path),
        **_head(table, path),
    )


def _refuse(key: str, value: object, path: Path) -> None:
    """Refuse a key that means nothing here, with what is probably meant."""
    if key == "claims":
        raise DataError(
            f"{path.name}: [claims] is the table of `symgrad check --file`; to be graded, formulas stand "
            "in a table [formulas], figures in [answers]"
        )
    error = unknown(f"key in {path.name}", key, KEYS)
    outside = f"{error}; an answer stands below [answers] or [formulas]"
    raise error if isinstance(value, dict) else type(error)(outside)


def _from_text(path: Path, text: str) -> Answers:
    found = equations(text, latex=path.suffix.lower() == ".tex")
    notes = (
        (f"{found.ignored} line{'s' * (found.ignored > 1)} without = passed over",) if found.ignored else ()
    )
    return Answers(
        found.head.get("name") or path.stem,
        found.figures,
        found.formulas,
        **_head(found.head, path),
        literal=True,
        notes=notes,
    )


def _head(table: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return what a file says of itself."""
    words = {key: _word(table, key, path) for key in ("network", "seed", "rate")}
    return {**words, **{key: _count(table, key, path) for key in ("decimals", "digits")}}


def _word(table: Mapping[str, Any], key: str, path: Path) -> str | None:
    value = table.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, str | int)):
        raise DataError(f"{path.name}: {key} is a text or a number, not {value!r}")
    return None if value is None else str(value)


def _count(table: Mapping[str, Any], key: str, path: Path) -> int | None:
    value = table.get(key)
    if value is None:
        return None
    text = "" if isinstance(value, bool) else str(value)
    if not (text.isdecimal() and len(text) <= 2 and 0 < int(text) <= LARGEST_NUMBER):
        raise DataError(f"{path.name}: {key} is a whole number from 1 to {LARGEST_NUMBER}, not {value!r}")
    return int(text)


def _table(table: Mapping[str, Any], key: str, path: Path) -> Mapping[str, Any]:
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise DataError(f"{path.name}: {key} is a table, [{key}], not {value!r}")
    return cast("dict[str, Any]", value)


def _cells(table: Mapping[str, Any], key: str, path: Path) -> Iterable[tuple[str, str]]:
    for name, value in _table(table, key, path).items():
        for one in cast("list[object]", value) if isinstance(value, list) else [value]:
            if isinstance(one, bool) or not isinstance(one, str | int):
                raise DataError(f"{path.name}: {key}.{name} is {one!r}; write a figure or a text in quotes")
            yield name, str(one)


Reader: TypeAlias = Callable[[Path, str], Answers]
READERS: Mapping[str, tuple[Reader, str]] = {
    ".toml": (_from_toml, "write a table [answers] or [formulas]"),
    ".csv": (_from_csv, "write a quantity and a figure in each row"),
    ".txt": (_from_text, "write NAME = figure or formula in each line"),
    ".tex": (_from_text, "write equations, such as $z_1 = 0.3775$"),
}
LISTED = ".toml, .csv, .txt or .tex"
