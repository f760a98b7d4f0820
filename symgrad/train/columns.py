"""Which numbers of a table are inputs, which are targets, and whether the targets are what they claim."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from symgrad.errors import DataError, DefinitionError, unknown
from symgrad.train.layout import (
    Array,
    Kernel,
    Sizes,
    Tail,
    check_format,
    check_sizes,
    class_count,
    spelled,
    tail,
    target_of,
    width,
)

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Fields:
    """What a network expects of a row.

    Attributes
    ----------
    inputs, targets
        The shape of one sample; None stands for a size that only the data will show.
    kind
        ``labels``, ``one_hot``, ``distribution`` or ``free``.
    classes
        The number of classes, None where it is not known yet.
    """

    inputs: Tail
    targets: Tail
    kind: str
    classes: int | None


def fields(kernel: Kernel, sizes: Sizes | None = None, dtype: DTypeLike = np.float64) -> Fields:
    """Return what a kernel expects of a row, given the symbolic sizes that are known."""
    check_format(kernel)
    known = {} if sizes is None else sizes
    check_sizes(kernel, known)
    _, shape, kind = target_of(kernel)
    targets = tail(shape, known)
    classes = class_count(kernel, known, dtype) if kind == "labels" else width(targets)
    kind = "shares" if kind == "free" and kernel.TASK == "classification" else kind
    return Fields(tail(kernel.INPUT[1], known), targets, kind, classes)


def accepts_classes(expected: Fields) -> bool:
    """Tell whether one column of classes may stand for the columns of a target."""
    return expected.kind in ("one_hot", "distribution") and width(expected.targets) != 1


def target_positions(
    where: object, expected: Fields, names: Sequence[str], columns: tuple[str, ...], count: int
) -> tuple[int, ...]:
    """Return the positions of the target columns: those named, otherwise the last ones."""
    targets = len(names) if names else _target_count(where, expected, count)
    chosen = _named(where, names, columns) if names else tuple(range(count - targets, count))
    _check_counts(where, expected, targets, count - targets)
    return chosen


def _named(where: object, names: Sequence[str], columns: tuple[str, ...]) -> tuple[int, ...]:
    if not columns:
        raise DataError(f"{where} has no header, so that no target can be chosen by name")
    for name in names:
        if name not in columns:
            raise DataError(f"{where}: {unknown('column', name, dict.fromkeys(columns))}")
        if columns.count(name) > 1 or list(names).count(name) > 1:
            raise DataError(f"{where}: the target column {name!r} is not unique; rename it")
    return tuple(map(columns.index, names))


def _target_count(where: object, expected: Fields, count: int) -> int:
    inputs, outputs = width(expected.inputs), width(expected.targets)
    if outputs is None and inputs is None:
        raise DataError(f"{where}: how many of the {count} columns are targets is open; name them (--target)")
    if inputs is not None and accepts_classes(expected) and count == inputs + 1:
        return 1
    return count - (inputs or 0) if outputs is None else outputs


def _check_counts(where: object, expected: Fields, targets: int, inputs: int) -> None:
    outputs, wanted = width(expected.targets), width(expected.inputs)
    enough = outputs in (None, targets) or (accepts_classes(expected) and targets == 1)
    if not enough or inputs < 1 or targets < 1 or wanted not in (None, inputs):
        raise DataError(
            f"{where} has {_plural(inputs + targets, 'column')}, {targets} of them for targets; "
            f"the network wants {expectation(expected)}: mend the columns or name the targets (--target)"
        )


def expectation(expected: Fields) -> str:
    """Say which columns a network wants."""
    inputs, outputs = width(expected.inputs), width(expected.targets)
    wanted = f"{_plural(inputs, 'input')} and {_plural(outputs, 'target')}"
    return f"{wanted} (or one column of classes)" if accepts_classes(expected) else wanted


def _plural(count: int | None, word: str) -> str:
    return f"{'any number of' if count is None else count} {word}{'' if count == 1 else 's'}"


def as_inputs(where: object, expected: Fields, values: Array) -> Array:
    """Give the inputs the shape of the network's."""
    return shaped(where, "inputs", values, expected.inputs)


def shaped(where: object, what: str, values: Array, sample: Tail) -> Array:
    """Give each row the shape of one sample."""
    if values.ndim == 1 and len(sample) == 1:
        values = values[:, None]
    if _agree(values.shape[1:], sample):
        return values
    if None in sample:
        raise DefinitionError(f"{where}: the shape {spelled(sample)} of the {what} is open; give its sizes")
    found, wanted = values.size // max(len(values), 1), width(sample)
    if found != wanted:
        raise DataError(f"{where}: a row has {found} numbers for the {what}, but the network wants {wanted}")
    return values.reshape(len(values), *(size for size in sample if size is not None))


def _agree(shape: tuple[int, ...], sample: Tail) -> bool:
    return len(shape) == len(sample) and all(s in (None, n) for n, s in zip(shape, sample, strict=True))


def as_targets(where: object, expected: Fields, values: Array) -> Array:
    """Check the targets by their kind and give them the shape of the network's."""
    if expected.kind == "labels":
        return _labels(where, values, expected.classes)
    if values.ndim <= 2 and values.size == len(values) and accepts_classes(expected):
        values = _one_hot(where, values, expected.classes)
    if expected.kind != "free":
        _check_rows(where, expected.kind, values.reshape(len(values), -1))
    return shaped(where, "targets", values, expected.targets)


def _labels(where: object, values: Array, classes: int | None) -> Array:
    if values.size != len(values):
        raise DataError(f"{where}: labels stand in one column, but there are {values.size // len(values)}")
    labels = values.reshape(len(values))
    top = np.inf if classes is None else classes - 1
    wrong = np.flatnonzero((labels != np.floor(labels)) | (labels < 0) | (labels > top))
    if wrong.size:
        row, allowed = wrong[0], "0, 1, 2, …" if classes is None else f"0 to {classes - 1}"
        raise DataError(f"{where}, row {row + 1}: {labels[row]:.15g} is no class; the classes are {allowed}")
    return labels.astype(np.int64)


def check_labels(where: object, labels: Array, classes: int) -> None:
    """Refuse a label outside the network's classes: a kernel would index out of bounds."""
    _labels(where, labels, classes)


def _one_hot(where: object, values: Array, classes: int | None) -> Array:
    if classes is None:
        raise DefinitionError(f"{where}: the number of classes is not known; give the size of the output")
    return np.eye(classes)[_labels(where, values, classes)]


def _check_rows(where: object, kind: str, rows: Array) -> None:
    alone = rows.shape[1] == 1 or kind == "shares"
    bad = ((rows != 0) & (rows != 1)) if kind == "one_hot" else ((rows < 0) | (rows > 1))
    wrong = bad.any(axis=1) | (False if alone else np.abs(rows.sum(axis=1) - 1) > TOLERANCE)
    if wrong.any():
        what = "target of a classification" if kind == "shares" else f"target of kind {kind}"
        row = np.flatnonzero(wrong)[0] + 1
        raise DataError(f"{where}, row {row}: a {what} {_rule(kind, alone)}")


def _rule(kind: str, alone: bool) -> str:
    if alone:
        return "is 0 or 1" if kind == "one_hot" else "lies between 0 and 1"
    return "sums to 1, none below 0" if kind == "distribution" else "has one 1 and zeros besides"
