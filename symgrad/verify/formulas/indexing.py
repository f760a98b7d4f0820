"""Names with subscripts, and how far the index letters in them run."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from operator import add
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from symgrad.model.syntax import Formula, Name, Number, Reduce, Slice, Span, children, walk
from symgrad.model.writing import write
from symgrad.verify.formulas.grids import Grid, Objects, entrywise, grid, spread
from symgrad.verify.formulas.setting import Beyond, Setting, misplaced, placed, whole

Places: TypeAlias = npt.NDArray[np.intp]


def named(name: Name, subscripts: Sequence[Grid | None], setting: Setting) -> Grid:
    """Return the value of a name, or the entries of it that subscripts pick; None for whole and new axes."""
    if name.name not in setting.table:
        return _letter(name, setting)
    value = grid(setting.table[name.name])
    taken = [at for at in name.subscripts if not (isinstance(at, Slice) and at.new)]
    if len(taken) > value.rank:
        raise misplaced(
            name, f"{name.name} has {value.rank} axes, found {len(taken)} subscripts; write {name.name}"
        )
    if not subscripts:
        return value
    picked = _picked(name, value, subscripts, setting.beyond.get(name.name))
    return _with_new_axes(picked, name.subscripts)


def _with_new_axes(value: Grid, subscripts: Sequence[Formula]) -> Grid:
    kept = [at for at in subscripts if isinstance(at, Slice)]
    for place, at in enumerate(kept):
        if at.new:
            value = replace(value, array=np.expand_dims(value.array, len(value.letters) + place))
    return value


def _letter(name: Name, setting: Setting) -> Grid:
    run = setting.runs.get(name.name)
    if run is None:
        raise misplaced(name, f"the index {name.name} is free; sum over it, or name it on the left side")
    array = np.empty(len(run), dtype=object)
    array[:] = [Fraction(k) for k in run]
    return Grid(array, (name.name,))


def _picked(name: Name, value: Grid, subscripts: Sequence[Grid | None], beyond: Beyond | None) -> Grid:
    """Return the entries at subscripts; their letters come first, then the axes that are left."""
    old = [at for at in zip(name.subscripts, subscripts, strict=True) if not _is_new(at[0])]
    given = [(axis, at, where) for axis, (at, where) in enumerate(old) if where is not None]
    if not given:
        return value
    letters = reduce(lambda a, b: placed(name, _joined, a, b), (where for *_, where in given)).letters
    places = {axis: _places(name, spread(where, letters, 0)) for axis, _, where in given}
    array = value.array
    if beyond is not None and beyond.axis in places:
        places[beyond.axis] = _extended(places[beyond.axis], array.shape[beyond.axis], beyond.at)
        edge = np.broadcast_to(np.expand_dims(beyond.values, beyond.axis), _one_at(array.shape, beyond.axis))
        array = np.concatenate([array, edge], beyond.axis)
    inside = [(places[axis] >= 0) & (places[axis] < array.shape[axis]) for axis, *_ in given]
    for (axis, at, _), within in zip(given, inside, strict=True):
        if not (_is_shifted(at) or within.all()):
            size = value.shape[axis]
            raise misplaced(
                name, f"subscript {axis + 1} of {write(name)} leaves its axis, which has {size} entries"
            )
    kept = reduce(np.logical_and, inside)
    first = np.moveaxis(array, list(places), range(len(places)))
    entries = np.empty((*kept.shape, *first.shape[len(places) :]), object)
    entries[...] = first[tuple(np.where(kept, p, 0) for p in np.broadcast_arrays(*places.values()))]
    entries[~kept] = Fraction(0)
    return Grid(entries, letters)


def _is_new(subscript: Formula) -> bool:
    return isinstance(subscript, Slice) and subscript.new


def _extended(places: Places, size: int, at: int) -> Places:
    """Count what stands beyond the end of an axis as its last entry."""
    return np.where(places == at, size, np.where(places >= size, -1, places))


def _one_at(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return (*shape[:axis], 1, *shape[axis + 1 :])


def _is_shifted(subscript: Formula) -> bool:
    """Whether a subscript is a sum of letters: outside of an axis such terms are 0, as in a convolution."""
    return not isinstance(subscript, Name | Number)


def _places(name: Name, subscripts: Objects) -> Places:
    numbers = [whole(number) for number in subscripts.flat]
    if None in numbers:
        raise misplaced(name, f"the subscripts of {name.name} are whole numbers, letters and sizes")
    return np.asarray(numbers, dtype=np.intp).reshape(subscripts.shape)


def _joined(left: Grid, right: Grid) -> Grid:
    return entrywise(add, left, right)


def run_of(letter: str, formula: Formula, setting: Setting) -> range:
    """Return how far a letter runs in a formula: as far as the axes that it stands at.

    Raises
    ------
    ShapeError
        If two of them differ, or there is none and nothing else was said.
    """
    sizes = sorted(set(_sizes(letter, formula, setting)))
    if len(sizes) > 1:
        shown = " and ".join(map(str, sizes))
        raise misplaced(formula, f"the index {letter} stands at axes of {shown} entries")
    if sizes:
        return range(sizes[0])
    if letter in setting.runs:
        return setting.runs[letter]
    if reached := [*_reached(letter, formula, setting)]:
        return range(max(reached))
    raise misplaced(formula, f"nothing tells how far the index {letter} runs")


def _reached(letter: str, formula: Formula, setting: Setting) -> Iterator[int]:
    """Yield the sizes of axes at whose subscripts a letter is a part; outside of them is nothing."""
    for name in walk(formula):
        if isinstance(name, Name) and name.name in setting.table:
            old = (at for at in name.subscripts if not _is_new(at))
            for at, size in zip(old, np.shape(setting.table[name.name]), strict=False):
                if any(isinstance(part, Name) and part.name == letter for part in walk(at)):
                    yield size


def _sizes(letter: str, formula: Formula, setting: Setting) -> Iterator[int]:
    match formula:
        case Name(name, subscripts) if name in setting.table:
            old = (at for at in subscripts if not _is_new(at))
            pairs = zip(old, np.shape(setting.table[name]), strict=False)
            yield from (size for at, size in pairs if isinstance(at, Name) and at.name == letter)
        case Reduce(_, letters) if letter in letters:
            return
        case Span(_, bound, first, end) if letter == bound:
            yield from (*_sizes(letter, first, setting), *_sizes(letter, end, setting))
        case _:
            for child in children(formula):
                yield from _sizes(letter, child, setting)
