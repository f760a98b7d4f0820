"""Tables of samples: read from CSV and NPZ or made from arrays; training and held-out rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from symgrad.errors import DataError, SymgradError
from symgrad.train.columns import (
    Fields,
    accepts_classes,
    as_inputs,
    as_targets,
    expectation,
    target_positions,
)
from symgrad.train.files import read_npz
from symgrad.train.layout import Array, width
from symgrad.train.seeds import generator
from symgrad.train.tables import Cells, read_csv


@dataclass(frozen=True, eq=False)
class Table:
    """Samples along the first axis.

    Attributes
    ----------
    x
        The inputs, float64.
    t
        The targets: int64 labels, float64 otherwise.
    columns
        The names of the input columns; empty where the source has none.
    """

    x: Array
    t: Array
    columns: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.x)


def read_table(
    path: str | Path, expected: Fields, *, targets: Sequence[str] = (), header: bool = True
) -> Table:
    """Read inputs and targets from a file.

    Parameters
    ----------
    path
        An ``.npz`` archive with the arrays ``x`` and ``t``, or a CSV table.
    expected
        What the network wants, from `fields`.
    targets
        Names of the target columns of a CSV table; by default the last columns.
    header
        Whether the first line of a CSV table holds names.

    Returns
    -------
    Table
        Finite, checked samples.

    Raises
    ------
    DataError
        If the file is missing or malformed, or does not fit the network.
    """
    source = Path(path)
    if _is_archive(source):
        _refuse_names(source, targets)
        return make_table(*_pair(source), expected, where=source)
    cells = read_csv(source, header)
    chosen = target_positions(source, expected, targets, cells.columns, cells.values.shape[1])
    inputs = [i for i in range(cells.values.shape[1]) if i not in chosen]
    columns = tuple(cells.columns[i] for i in inputs) if cells.columns else ()
    x, t = cells.values[:, inputs], cells.values[:, chosen]
    return make_table(x, t, expected, where=source, columns=columns)


def make_table(
    x: Array, t: Array, expected: Fields, *, where: object = "the data", columns: tuple[str, ...] = ()
) -> Table:
    """Make a table from arrays, with the same checks as for a file."""
    x, t = _numbers(where, "x", x), _numbers(where, "t", t)
    if len(x) != len(t):
        raise DataError(f"{where}: {len(x)} rows of inputs, but {len(t)} of targets")
    return Table(_ready(as_inputs(where, expected, x)), _ready(as_targets(where, expected, t)), columns)


def read_inputs(
    path: str | Path, expected: Fields, *, columns: Sequence[str] = (), header: bool = True
) -> Array:
    """Read inputs only, for predictions; target columns that are there are left out.

    Parameters
    ----------
    path
        An ``.npz`` archive with the array ``x``, or a CSV table.
    expected
        What the network wants, from `fields`.
    columns
        The names of the input columns of the training data, so that columns are found in any order.
    header
        Whether the first line of a CSV table holds names.
    """
    source = Path(path)
    if _is_archive(source):
        return make_inputs(_member(source, read_npz(source), "x"), expected, where=source)
    values = _input_columns(source, read_csv(source, header), expected, tuple(columns))
    return make_inputs(values, expected, where=source)


def make_inputs(x: Array, expected: Fields, *, where: object = "the data") -> Array:
    """Check inputs given as an array."""
    return _ready(as_inputs(where, expected, _numbers(where, "x", x)))


def _is_archive(path: Path) -> bool:
    return path.suffix.lower() == ".npz"


def _refuse_names(path: Path, targets: Sequence[str]) -> None:
    if targets:
        raise DataError(f"{path} holds arrays without column names: leave the target names out")


def _pair(path: Path) -> tuple[Array, Array]:
    arrays = read_npz(path)
    return _member(path, arrays, "x"), _member(path, arrays, "t")


def _member(path: Path, arrays: dict[str, Array], name: str) -> Array:
    if name not in arrays:
        raise DataError(f"{path} has no array {name!r}, only: {', '.join(arrays) or 'none'}")
    return arrays[name]


def _numbers(where: object, name: str, array: Array) -> Array:
    if array.dtype.kind not in "biuf":
        raise DataError(f"{where}: {name} holds {array.dtype}, not real numbers")
    if array.ndim == 0 or array.size == 0:
        raise DataError(f"{where}: {name} is empty, its shape is {array.shape}")
    values = array.astype(np.float64)
    wrong = np.argwhere(~np.isfinite(values))
    if wrong.size:
        place = ", ".join(str(i + 1) for i in wrong[0])
        raise DataError(f"{where}: {name} is not finite at row, column {place}; mend it or leave the row out")
    return values


def _ready(array: Array) -> Array:
    return np.ascontiguousarray(array)


def _input_columns(path: Path, cells: Cells, expected: Fields, columns: tuple[str, ...]) -> Array:
    if columns and cells.columns:
        return cells.values[:, [_position(path, cells.columns, name) for name in columns]]
    found, wanted = cells.values.shape[1], width(expected.inputs)
    if wanted is None or found == wanted:
        return cells.values
    if found - wanted not in (width(expected.targets), 1 if accepts_classes(expected) else None):
        raise DataError(f"{path} has {found} columns; the network wants {expectation(expected)}")
    return cells.values[:, :wanted]


def _position(path: Path, columns: tuple[str, ...], name: str) -> int:
    if columns.count(name) != 1:
        state = "twice" if name in columns else "not"
        raise DataError(f"{path}: the column {name!r} of the training data is {state} there")
    return columns.index(name)


def split(samples: Table, holdout: float, seed: int) -> tuple[Table, Table | None]:
    """Part a table into training rows and held-out rows.

    Parameters
    ----------
    samples
        At least two rows, unless nothing is held out.
    holdout
        The share to hold out, at least 0 and below 1; each side gets at least one row.
    seed
        The same seed holds out the same rows.

    Returns
    -------
    tuple[Table, Table | None]
        Both in the order of the table; None where ``holdout`` is 0.
    """
    if not 0 <= holdout < 1:
        raise SymgradError(f"the held-out share is {holdout:g}; it must be at least 0 and below 1")
    if holdout == 0:
        return samples, None
    if len(samples) < 2:
        raise DataError("there is only one row: none can be held out (--holdout 0)")
    count = min(max(round(holdout * len(samples)), 1), len(samples) - 1)
    order = generator(seed, "holdout").permutation(len(samples))
    return _take(samples, np.sort(order[count:])), _take(samples, np.sort(order[:count]))


def _take(samples: Table, rows: Array) -> Table:
    return Table(samples.x[rows], samples.t[rows], samples.columns)
