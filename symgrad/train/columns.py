"""Which numbers of a table are inputs, which are targets, and whether they are what they claim."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from symgrad.arrays import spelled
from symgrad.errors import DataError, DefinitionError, unknown
from symgrad.train.layout import (
    Array,
    Kernel,
    Shape,
    Sizes,
    Tail,
    check_format,
    check_sizes,
    class_count,
    has_samples,
    tail,
    width,
)

TOLERANCE = 1e-6
ROWS = ("one_hot", "distribution", "shares")


@dataclass(frozen=True)
class Field:
    """What a network expects of one array.

    Attributes
    ----------
    name
        The name of the input or the target, and of the array in an archive.
    sample
        The shape of one sample, or of the array where it holds none; None stands for a size that only the
        data will show.
    kind
        ``labels``, ``one_hot``, ``distribution``, ``shares`` (numbers from 0 to 1) or ``free``.
    classes
        The number of classes, None where it is not known yet or there are none.
    batched
        Whether the array holds samples, along its first axis.
    """

    name: str
    sample: Tail
    kind: str = "free"
    classes: int | None = None
    batched: bool = True

    @property
    def accepts_classes(self) -> bool:
        """Whether one column of classes may stand for the columns of a target."""
        return self.kind in ("one_hot", "distribution") and len(self.sample) == 1 and self.width != 1

    @property
    def width(self) -> int | None:
        """How many numbers one sample has, None if that is not known yet."""
        return width(self.sample)


@dataclass(frozen=True)
class Fields:
    """What a network expects of its data."""

    inputs: tuple[Field, ...]
    targets: tuple[Field, ...] = ()

    def __iter__(self) -> Iterator[Field]:
        return iter((*self.inputs, *self.targets))


def fields(kernel: Kernel, sizes: Sizes | None = None) -> Fields:
    """Return what a kernel expects of its data, given the symbolic sizes that are known."""
    check_format(kernel)
    known = {} if sizes is None else sizes
    check_sizes(kernel, known)
    inputs = (_field(kernel, name, shape, known) for name, shape in kernel.INPUTS.items())
    targets = (_field(kernel, name, shape, known) for name, shape in kernel.TARGETS.items())
    return Fields(tuple(inputs), tuple(targets))


def _field(kernel: Kernel, name: str, shape: Shape, sizes: Sizes) -> Field:
    batched, kind = has_samples(kernel, name), kernel.KINDS.get(name, "free")
    sample = tail(shape[1:] if batched else shape, sizes)
    if kind == "labels":
        return Field(name, sample, kind, class_count(kernel, name, sizes), batched)
    shares = kind == "free" and name in kernel.TARGETS and kernel.TASK == "classification"
    classes = sample[-1] if kind in ("one_hot", "distribution") and sample else None
    return Field(name, sample, "shares" if shares else kind, classes, batched)


def pair(where: object, expected: Fields) -> tuple[Field, Field | None]:
    """Return the input and the target of a network whose data fit into one table of columns.

    Raises
    ------
    DataError
        If it takes more arrays than that.
    """
    if len(expected.inputs) == 1 and len(expected.targets) <= 1 and all(field.batched for field in expected):
        return expected.inputs[0], next(iter(expected.targets), None)
    names = ", ".join(field.name for field in expected)
    raise DataError(
        f"{where}: a table of columns holds one input and one target, but the network takes the arrays "
        f"{names}: give them in an .npz archive under these names"
    )


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


def target_width(target: Field | None) -> int | None:
    """Return how many columns a target has: none without a target, None if that is not known yet."""
    return target.width if target else 0


def _target_count(where: object, expected: Fields, count: int) -> int:
    given, target = pair(where, expected)
    inputs, outputs = given.width, target_width(target)
    if outputs is None and inputs is None:
        raise DataError(f"{where}: how many of the {count} columns are targets is open; name them (--target)")
    if inputs is not None and target and target.accepts_classes and count == inputs + 1:
        return 1
    return count - (inputs or 0) if outputs is None else outputs


def _check_counts(where: object, expected: Fields, targets: int, inputs: int) -> None:
    given, target = pair(where, expected)
    outputs, wanted = target_width(target), given.width
    classes = target is not None and target.accepts_classes and targets == 1
    enough = outputs in (None, targets) or classes
    if not enough or inputs < 1 or (target and targets < 1) or wanted not in (None, inputs):
        raise DataError(
            f"{where} has {_plural(inputs + targets, 'column')}, {targets} of them for targets; "
            f"the network wants {expectation(given, target)}: mend the columns or name the targets (--target)"
        )


def expectation(given: Field, target: Field | None) -> str:
    """Say which columns a network wants."""
    wanted = f"{_plural(given.width, 'input')} and {_plural(target_width(target), 'target')}"
    return f"{wanted} (or one column of classes)" if target and target.accepts_classes else wanted


def _plural(count: int | None, word: str) -> str:
    return f"{'any number of' if count is None else count} {word}{'' if count == 1 else 's'}"


def as_field(where: object, field: Field, values: Array) -> Array:
    """Check an array by its kind and give it the shape that the network wants."""
    if field.kind == "labels":
        return labels(f"{where}: {field.name}", shaped(where, field, values), field.classes)
    if field.accepts_classes and values.ndim <= 2 and values.size == len(values):
        values = _one_hot(where, field, values)
    ready = shaped(where, field, values)
    if field.kind in ROWS:
        _check_rows(where, field, ready)
    return ready


def shaped(where: object, field: Field, values: Array) -> Array:
    """Give each row the shape of one sample; rows of columns may become rows of several axes, and back."""
    sample, rows = field.sample, (len(values),) if field.batched and values.ndim else ()
    if values.ndim == len(rows) and len(sample) == 1:
        values = values[..., None]
    if _agree(values.shape[len(rows) :], sample):
        return values
    if None in sample:
        raise DefinitionError(f"{where}: the shape {spelled(sample)} of {field.name} is open; give its sizes")
    wanted = (*rows, *(size for size in sample if size is not None))
    flat = field.batched and (values.ndim <= 2 or len(sample) <= 1)
    if not flat or values.size != np.prod(wanted, dtype=np.int64):
        shapes = f"the shape {spelled(values.shape)}, but the network wants {spelled(wanted)}"
        raise DataError(f"{where}: {field.name} has {shapes}")
    return values.reshape(wanted)


def _agree(shape: tuple[int, ...], sample: Tail) -> bool:
    return len(shape) == len(sample) and all(s in (None, n) for n, s in zip(shape, sample, strict=True))


def labels(what: str, values: Array, classes: int | None) -> Array:
    """Return labels as integers; refuse one outside of the network's, for a kernel would index out of bounds.

    Raises
    ------
    DataError
        With the array, the row, the value and the allowed range.
    """
    top = np.inf if classes is None else classes - 1
    wrong = np.argwhere((values != np.floor(values)) | (values < 0) | (values > top))
    if wrong.size:
        place, allowed = wrong[0], "0, 1, 2, …" if classes is None else f"0 to {classes - 1}"
        found = f"{values[tuple(place)]:.15g}"
        raise DataError(f"{what}, row {place[0] + 1}: {found} is not one of the labels {allowed}")
    return values.astype(np.int64)


def as_argument(kernel: Kernel, name: str, array: Array, sizes: Sizes, dtype: DTypeLike) -> Array:
    """Return an array as a kernel reads it, labels after a check; numbers too large become infinite."""
    if kernel.KINDS.get(name) == "labels":
        return np.ascontiguousarray(labels(name, array, class_count(kernel, name, sizes)))
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, dtype)


def _one_hot(where: object, field: Field, values: Array) -> Array:
    if field.classes is None:
        raise DefinitionError(f"{where}: the number of classes is not known; give the size of {field.name}")
    return np.eye(field.classes)[labels(f"{where}: {field.name}", values.reshape(-1), field.classes)]


def _check_rows(where: object, field: Field, values: Array) -> None:
    rows = values.reshape(-1, values.shape[-1] if field.sample else 1)
    alone = rows.shape[1] == 1 or field.kind == "shares"
    bad = ((rows != 0) & (rows != 1)) if field.kind == "one_hot" else ((rows < 0) | (rows > 1))
    wrong = bad.any(axis=1) | (False if alone else np.abs(rows.sum(axis=1) - 1) > TOLERANCE)
    if wrong.any():
        what = "target of a classification" if field.kind == "shares" else f"target of kind {field.kind}"
        row = np.flatnonzero(wrong)[0] * len(values) // len(rows) + 1
        raise DataError(f"{where}: {field.name}, row {row}: a {what} {_rule(field.kind, alone)}")


def _rule(kind: str, alone: bool) -> str:
    if alone:
        return "is 0 or 1" if kind == "one_hot" else "lies between 0 and 1"
    return "sums to 1, none below 0" if kind == "distribution" else "has one 1 and zeros besides"
