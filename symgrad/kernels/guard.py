"""What a kernel is called with is checked before it is called.

Compiled code looks at no bounds: an array of another shape, or an id beyond its table, would be read, and in
a gradient written, where it does not belong.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps
from inspect import signature
from typing import Any, TypeAlias

import numpy as np

from symgrad.arrays import Shape, bind, extent, names_in
from symgrad.errors import DataError
from symgrad.kernels.given import BESIDE, check_apart, check_numbers, prepared
from symgrad.kernels.interrupt import STOP, stoppable

Function: TypeAlias = Callable[..., Any]
Layout: TypeAlias = tuple[object, ...]
Layouts: TypeAlias = tuple[Layout, ...]
Limits: TypeAlias = Mapping[str, int | None]
LAYOUTS = 256
"""So many calls that differ in shapes, types or strides are remembered."""


@dataclass(frozen=True)
class Wanted:
    """What a kernel wants of its arguments.

    Attributes
    ----------
    shapes
        Of inputs, targets and parameters, by argument: numbers, and names or formulas of sizes.
    labels
        For arrays of integers, how many values there are.
    needs
        Formulas of sizes that must not be negative.
    samples
        The name of the number of samples.
    """

    shapes: Mapping[str, Shape]
    labels: Mapping[str, int | str]
    needs: tuple[str, ...] = ()
    samples: str = "N"

    @cached_property
    def following(self) -> tuple[tuple[str, Shape], ...]:
        """The shapes in which a size follows from others."""
        return tuple((name, shape) for name, shape in self.shapes.items() if any(map(_follows, shape)))


def guarded(
    function: Function,
    wanted: Wanted,
    *,
    changed: Collection[str] = (),
) -> Function:
    """Return a function of a kernel that refuses what does not fit before anything is changed.

    One that trains ends at Ctrl-C after the step that it is at, and the parameters are those of that step.

    Parameters
    ----------
    changed
        The arrays that the function writes to.

    Raises
    ------
    DataError
        By the returned function, with the argument, what it is and what is wanted.
    """
    places = tuple(signature(function).parameters)
    gate = Gate(wanted, frozenset(changed))
    trains = STOP in places
    call = stoppable(function, places.index(STOP)) if trains else function

    @wraps(function)
    def checked(*arguments: Any, **named: Any) -> Any:
        given = dict(zip(places, arguments, strict=False)) | named
        arrays = gate.passed({name: given[name] for name in gate.arrays if name in given})
        if trains:
            check_numbers(given)
        if arrays is None:
            return call(*arguments, **named)
        ready = (arrays.get(name, value) for name, value in zip(places, arguments, strict=False))
        rest = {name: arrays.get(name, value) for name, value in named.items()}
        return call(*ready, *arguments[len(places) :], **rest)

    return checked


@dataclass(frozen=True)
class Gate:
    """What arrays have to pass: looked at in full once for all that lie and are shaped alike.

    What does not follow from shapes, strides and types alone is looked at every time: labels, and whether
    arrays share memory.
    """

    wanted: Wanted
    changed: Collection[str]
    known: dict[Layouts, Limits] = field(default_factory=dict[Layouts, Limits])

    @cached_property
    def arrays(self) -> tuple[str, ...]:
        """The names of the arguments that are arrays."""
        return (*self.wanted.shapes, *BESIDE)

    def passed(self, held: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return arrays as compiled code takes them; None where they are so already."""
        layouts = tuple([_layout(name, value) for name, value in held.items()])
        limits = self.known.get(layouts)
        if limits is None:
            return self._looked_at(held, layouts)
        for name, limit in limits.items():
            check_ids(name, held[name], limit)
        check_apart(held, self.changed)
        return None

    def _looked_at(self, held: Mapping[str, Any], layouts: Layouts) -> Mapping[str, Any]:
        arrays = prepared(held, self.wanted.labels, self.changed)
        sizes = check(arrays, self.wanted)
        if all(arrays[name] is value for name, value in held.items()) and len(self.known) < LAYOUTS:
            labels = ((n, limit) for n, limit in self.wanted.labels.items() if n in held)
            self.known[layouts] = {name: extent(limit, sizes) for name, limit in labels}
        return arrays


def _layout(name: str, value: Any) -> Layout:
    """Return all of an argument but its entries that decides whether it is taken."""
    if type(value) is not np.ndarray:
        return name, type(value)
    return name, value.shape, value.strides, value.dtype, value.flags.writeable


def check(given: Mapping[str, Any], wanted: Wanted) -> Mapping[str, int]:
    """Return the sizes that arguments show; refuse arguments that do not fit one another."""
    sizes: dict[str, int] = {}
    # A size that follows from others is compared once these are known.
    for name, shape in (*wanted.shapes.items(), *wanted.following):
        if name in given and (actual := np.shape(given[name])) != shape:
            sizes = bind(name, shape, actual, sizes)
    for name, limit in wanted.labels.items():
        if name in given:
            check_ids(name, given[name], extent(limit, sizes))
    check_needs(wanted.needs, sizes)
    check_rows(wanted.samples, sizes)
    return sizes


def check_rows(samples: str, sizes: Mapping[str, int]) -> None:
    """Refuse arrays without a sample: there is no mean of nothing."""
    if sizes.get(samples) == 0:
        raise DataError(f"there are no samples: {samples} = 0; give at least one row")


def _follows(size: int | str) -> bool:
    return isinstance(size, str) and not size.isidentifier()


def check_needs(needs: tuple[str, ...], sizes: Mapping[str, int]) -> None:
    """Refuse sizes for which a definition would read outside of an array, as a kernel beyond its image.

    Raises
    ------
    DataError
        With the sizes.
    """
    for need in needs:
        value = extent(need, sizes)
        if value is not None and value < 0:
            shown = ", ".join(f"{name} = {sizes[name]}" for name in dict.fromkeys(names_in(need)))
            raise DataError(
                f"{shown} is too small for this network: {need} is {value}, and must not be negative"
            )


def check_ids(name: str, values: object, count: int | None) -> None:
    """Refuse what is no array of integers from 0 to `count` − 1.

    Raises
    ------
    DataError
        With the name, the place, the value and what is allowed.
    """
    found = np.asarray(values)
    if found.dtype.kind not in "iu" or not found.dtype.isnative:
        raise DataError(
            f"{name} holds {found.dtype}; it takes integers, as {name}.astype(np.int64) makes them"
        )
    if _are_ids(found, count):
        return
    wrong = np.argwhere((found < 0) | (False if count is None else found >= count))
    if wrong.size:
        place = tuple(map(int, wrong[0]))
        allowed = "0, 1, 2, …" if count is None else f"0 to {count - 1}"
        raise DataError(f"{name}{list(place)} is {found[place]}, which is not one of {allowed}")


def _are_ids(found: Any, count: int | None) -> bool:
    """Whether all are in range; False where one pass cannot tell: read without a sign, −1 is very large."""
    if found.size == 0 or not found.flags.c_contiguous:
        return False
    largest = np.maximum.reduce(found.view(f"u{found.itemsize}"), axis=None)
    limit = 1 << (8 * found.itemsize - 1)
    return bool(largest < (limit if count is None else min(limit, count)))
