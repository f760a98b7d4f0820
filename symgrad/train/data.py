"""Tables of samples: read from CSV and NPZ or made from arrays; training and held-out rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from symgrad.errors import DataError, SymgradError
from symgrad.train.columns import (
    Field,
    Fields,
    as_field,
    expectation,
    pair,
    target_positions,
    target_width,
)
from symgrad.train.files import read_npz
from symgrad.train.layout import Array, Arrays
from symgrad.train.seeds import generator
from symgrad.train.tables import Cells, read_csv


@dataclass(frozen=True, eq=False)
class Table:
    """Samples along the first axis.

    Attributes
    ----------
    inputs, targets
        The arrays by the names of the leaves: int64 labels and ids, float64 otherwise.
    columns
        The names of the input columns; empty where the source has none.
    whole
        The names of the arrays that hold no samples, and are the same for every row.
    """

    inputs: Arrays
    targets: Arrays
    columns: tuple[str, ...] = ()
    whole: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(next(array for name, array in self.arrays.items() if name not in self.whole))

    @property
    def arrays(self) -> Arrays:
        """All arrays, the inputs first."""
        return {**self.inputs, **self.targets}

    @property
    def x(self) -> Array:
        """The first input, where there is only one."""
        return next(iter(self.inputs.values()))

    @property
    def t(self) -> Array:
        """The first target, where there is only one."""
        return next(iter(self.targets.values()))


def read_table(
    path: str | Path, expected: Fields, *, targets: Sequence[str] = (), header: bool = True
) -> Table:
    """Read inputs and targets from a file.

    Parameters
    ----------
    path
        An ``.npz`` archive of arrays named as the inputs and targets, or, for one input and at most one
        target, a CSV table.
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
        arrays = read_npz(source)
        return make_table(arrays, arrays, expected, where=source)
    cells = read_csv(source, header)
    chosen = target_positions(source, expected, targets, cells.columns, cells.values.shape[1])
    inputs = [i for i in range(cells.values.shape[1]) if i not in chosen]
    columns = tuple(cells.columns[i] for i in inputs) if cells.columns else ()
    x, t = cells.values[:, inputs], cells.values[:, chosen]
    return make_table(x, t, expected, where=source, columns=columns)


def make_table(
    inputs: Array | Arrays,
    targets: Array | Arrays,
    expected: Fields,
    *,
    where: object = "the data",
    columns: tuple[str, ...] = (),
) -> Table:
    """Make a table from arrays, with the same checks as for a file.

    Parameters
    ----------
    inputs, targets
        Arrays by name, or the only array; arrays that the network does not take are left out.
    """
    given = dict(_checked(where, expected.inputs, inputs))
    aims = dict(_checked(where, expected.targets, targets))
    whole = frozenset(field.name for field in expected if not field.batched)
    _check_lengths(where, {name: array for name, array in {**given, **aims}.items() if name not in whole})
    return Table(given, aims, columns, whole)


def _checked(where: object, wanted: tuple[Field, ...], given: Array | Arrays) -> Iterator[tuple[str, Array]]:
    """Yield the arrays that the network takes, checked and shaped."""
    arrays = given if isinstance(given, Mapping) else {field.name: given for field in wanted[:1]}
    for field in wanted:
        values = _numbers(where, field.name, _member(where, arrays, field.name))
        yield field.name, np.ascontiguousarray(as_field(where, field, values))


def _check_lengths(where: object, arrays: Arrays) -> None:
    if not arrays:
        raise DataError(f"{where}: no array holds samples")
    first, *others = arrays
    for name in others:
        if len(arrays[name]) != len(arrays[first]):
            raise DataError(
                f"{where}: {len(arrays[first])} rows of {first}, but {len(arrays[name])} of {name}"
            )


def read_inputs(
    path: str | Path, expected: Fields, *, columns: Sequence[str] = (), header: bool = True
) -> Table:
    """Read inputs only, for predictions; target columns that are there are left out.

    Parameters
    ----------
    path
        An ``.npz`` archive of arrays named as the inputs, or, for one input, a CSV table.
    expected
        What the network wants, from `fields`.
    columns
        The names of the input columns of the training data, so that columns are found in any order.
    header
        Whether the first line of a CSV table holds names.
    """
    source = Path(path)
    if _is_archive(source):
        return make_inputs(read_npz(source), expected, where=source)
    values = _input_columns(source, read_csv(source, header), expected, tuple(columns))
    return make_inputs(values, expected, where=source)


def make_inputs(inputs: Array | Arrays, expected: Fields, *, where: object = "the data") -> Table:
    """Check inputs given as arrays by name, or as the only array; the table has no targets."""
    return make_table(inputs, {}, Fields(expected.inputs), where=where)


def _is_archive(path: Path) -> bool:
    return path.suffix.lower() == ".npz"


def _refuse_names(path: Path, targets: Sequence[str]) -> None:
    if targets:
        raise DataError(f"{path} holds arrays without column names: leave the target names out")


def _member(where: object, arrays: Arrays, name: str) -> Array:
    if name not in arrays:
        raise DataError(f"{where} has no array {name!r}, only: {', '.join(arrays) or 'none'}")
    return arrays[name]


def _numbers(where: object, name: str, array: Array) -> Array:
    if array.dtype.kind not in "biuf":
        raise DataError(f"{where}: {name} holds {array.dtype}, not real numbers")
    if array.size == 0:
        raise DataError(f"{where}: {name} is empty, its shape is {array.shape}")
    values = array.astype(np.float64)
    wrong = np.argwhere(~np.isfinite(values))
    if wrong.size:
        place = ", ".join(str(i + 1) for i in wrong[0]) or "1"
        raise DataError(f"{where}: {name} is not finite at row, column {place}; mend it or leave the row out")
    return values


def _input_columns(path: Path, cells: Cells, expected: Fields, columns: tuple[str, ...]) -> Array:
    if columns and cells.columns:
        return cells.values[:, [_position(path, cells.columns, name) for name in columns]]
    given, target = pair(path, expected)
    found, wanted = cells.values.shape[1], given.width
    if wanted is None or found == wanted:
        return cells.values
    if found - wanted not in (target_width(target), 1 if target and target.accepts_classes else None):
        raise DataError(f"{path} has {found} columns; the network wants {expectation(given, target)}")
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
    def chosen(arrays: Arrays) -> Arrays:
        return {name: array if name in samples.whole else array[rows] for name, array in arrays.items()}

    return replace(samples, inputs=chosen(samples.inputs), targets=chosen(samples.targets))
