"""Names with subscripts, and how far the index letters in them run."""

from collections.abc import Iterator
from fractions import Fraction
from functools import reduce
from operator import add

import numpy as np
import numpy.typing as npt

from symgrad.model.syntax import Formula, Name, Number, Reduce, Span, children
from symgrad.model.writing import write
from symgrad.verify.formulas.grids import Grid, Objects, entrywise, grid, spread
from symgrad.verify.formulas.setting import Setting, misplaced, placed, whole


def named(name: Name, subscripts: list[Grid], setting: Setting) -> Grid:
    """Return the value of a name, or the entries of it that subscripts pick."""
    if name.name not in setting.table:
        return _letter(name, setting)
    value = grid(setting.table[name.name])
    if len(subscripts) > value.rank:
        raise misplaced(
            name, f"{name.name} has {value.rank} axes, found {len(subscripts)} subscripts; write {name.name}"
        )
    return _picked(name, value, subscripts) if subscripts else value


def _letter(name: Name, setting: Setting) -> Grid:
    run = setting.runs.get(name.name)
    if run is None:
        raise misplaced(name, f"the index {name.name} is free; sum over it, or name it on the left side")
    array = np.empty(len(run), dtype=object)
    array[:] = [Fraction(k) for k in run]
    return Grid(array, (name.name,))


def _picked(name: Name, value: Grid, subscripts: list[Grid]) -> Grid:
    letters = reduce(lambda a, b: placed(name, _joined, a, b), subscripts).letters
    places = [_places(name, spread(at, letters, 0)) for at in subscripts]
    inside = [(place >= 0) & (place < size) for place, size in zip(places, value.shape, strict=False)]
    for axis, (at, within) in enumerate(zip(name.subscripts, inside, strict=True), 1):
        if not (_is_shifted(at) or within.all()):
            size = value.shape[axis - 1]
            raise misplaced(
                name, f"subscript {axis} of {write(name)} leaves its axis, which has {size} entries"
            )
    kept = reduce(np.logical_and, inside)
    entries = np.empty((*kept.shape, *value.shape[len(places) :]), object)
    entries[...] = value.array[tuple(np.where(kept, p, 0) for p in np.broadcast_arrays(*places))]
    entries[~kept] = Fraction(0)
    return Grid(entries, letters)


def _is_shifted(subscript: Formula) -> bool:
    """Whether a subscript is a sum of letters: outside of an axis such terms are 0, as in a convolution."""
    return not isinstance(subscript, Name | Number)


def _places(name: Name, subscripts: Objects) -> npt.NDArray[np.intp]:
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
    raise misplaced(formula, f"nothing tells how far the index {letter} runs")


def _sizes(letter: str, formula: Formula, setting: Setting) -> Iterator[int]:
    match formula:
        case Name(name, subscripts) if name in setting.table:
            pairs = zip(subscripts, np.shape(setting.table[name]), strict=False)
            yield from (size for at, size in pairs if isinstance(at, Name) and at.name == letter)
        case Reduce(_, letters) if letter in letters:
            return
        case Span(_, bound, first, end) if letter == bound:
            yield from (*_sizes(letter, first, setting), *_sizes(letter, end, setting))
        case _:
            for child in children(formula):
                yield from _sizes(letter, child, setting)
