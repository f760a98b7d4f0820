"""Files of answers: worksheets and formulas of one person, as TOML or CSV.

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

A CSV table has a quantity and a figure in each row.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from symgrad.errors import DataError, unknown
from symgrad.files import read_text, tables_in
from symgrad.verify.classroom.exercise import Exercise

MOST = 5_000
KEYS = ("name", "network", "seed", "digits", "decimals", "rate", "given", "answers", "formulas")
HEADERS = {"quantity", "name", "node", "what"}
SUFFIXES = (".toml", ".csv")

Cells = tuple[tuple[str, str], ...]


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


def read_answers(path: Path) -> Answers:
    """Read one person's file.

    Raises
    ------
    DataError
        If it cannot be read, is too large, or is no table of answers; the message says where.
    UnknownNameError
        If it has a key that means nothing here.
    """
    if path.suffix not in SUFFIXES:
        raise DataError(f"{path.name}: answers are {' or '.join(SUFFIXES)} files")
    text = read_text(path)
    found = _from_csv(path, text) if path.suffix == ".csv" else _from_toml(path, text)
    if len(found.cells) + len(found.formulas) > MOST:
        raise DataError(f"{path.name} has more than {MOST:,} answers")
    if not found.cells and not found.formulas:
        raise DataError(f"{path.name} has no answers; write a table [answers] or [formulas]")
    return found


def _from_csv(path: Path, text: str) -> Answers:
    delimiter = ";" if text.partition("\n")[0].count(";") else "\t" if "\t" in text else ","
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter, strict=True) if any(row)]
    except csv.Error as error:
        raise DataError(f"{path.name} is no table: {error}") from None
    if rows and rows[0][0].strip().lower() in HEADERS:
        del rows[0]
    for number, row in enumerate(rows, 1):
        if len(row) != 2:
            raise DataError(
                f"{path.name}, row {number}: a quantity and a figure are wanted, found {len(row)} cells"
                + ("; a decimal comma? write a point" if len(row) == 3 else "")
            )
    return Answers(path.stem, tuple((row[0].strip(), row[1].strip()) for row in rows))


def _from_toml(path: Path, text: str) -> Answers:
    table = tables_in(path.name, text, read_number=str)
    for key in table:
        if key not in KEYS:
            raise unknown(f"key in {path.name}", key, KEYS)
    return Answers(
        _word(table, "name", path) or path.stem,
        tuple(_cells(table, "answers", path)),
        tuple(_cells(table, "formulas", path)),
        _table(table, "given", path),
        _word(table, "network", path),
        _word(table, "seed", path),
        _count(table, "decimals", path),
        _count(table, "digits", path),
        _word(table, "rate", path),
    )


def _word(table: Mapping[str, Any], key: str, path: Path) -> str | None:
    value = table.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, str | int)):
        raise DataError(f"{path.name}: {key} is a text or a number, not {value!r}")
    return None if value is None else str(value)


def _count(table: Mapping[str, Any], key: str, path: Path) -> int | None:
    value = table.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 30):
        raise DataError(f"{path.name}: {key} is a whole number from 1 to 30, not {value!r}")
    return value


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


def written(exercise: Exercise, *, filled: bool) -> str:
    """Return the file of an exercise, its cells empty or filled with the right figures."""
    head = "the key" if filled else f"fill in every cell, {exercise.digits} significant digits each"
    lines = [
        f"# {exercise.network}: one training step by hand; {head}.",
        "# ∂J/∂w5 may be written dJ/dw5, and w5⁺, the updated w5, w5+.",
        *(
            f"{key} = {_quoted(value)}"
            for key, value in (("network", exercise.network), ("seed", exercise.seed))
        ),
        f"digits = {exercise.digits}",
        f"rate = {_quoted(str(exercise.sheet.rate))}",
        "\n[given]",
        *(f"{_key(name)} = {_rows(rows)}" for name, rows in exercise.given.items()),
        "\n[answers]",
        *(f"{_key(name)} = {_quoted(exercise.figure(name) if filled else '')}" for name in exercise.asked),
    ]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return name if name.isascii() and name.replace("_", "").isalnum() else _quoted(name)


def _rows(rows: Any) -> str:
    return f"[{', '.join(map(_rows, rows))}]" if isinstance(rows, list) else _quoted(rows)


def _quoted(text: str) -> str:
    """Return a basic string of TOML, whose escapes are those of JSON."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
