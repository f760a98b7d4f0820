"""What a kernel is called with is checked before it is called.

Compiled code looks at no bounds: an array of another shape, or an id beyond its table, would be read, and in
a gradient written, where it does not belong.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property, wraps
from inspect import signature
from typing import Any, TypeAlias

import numpy as np

from symgrad.arrays import Shape, bind, extent, names_in
from symgrad.errors import DataError
from symgrad.kernels.given import BESIDE, check_numbers, prepared

Function: TypeAlias = Callable[..., Any]


@dataclass(frozen=True)
class Wanted:
    """What a kernel wants of its arguments.

    Attributes
    ----------
    shapes
        Of inputs, targets and parameters, by name: numbers, and names or formulas of sizes.
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
    names: Mapping[str, str] | None = None,
    changed: Collection[str] = (),
) -> Function:
    """Return a function of a kernel that refuses what does not fit before anything is changed.

    Parameters
    ----------
    names
        For arguments that are named otherwise in the text of the kernel, their names in the network.
    changed
        The arrays that the function writes to.

    Raises
    ------
    DataError
        By the returned function, with the argument, what it is and what is wanted.
    """
    called = {} if names is None else names
    places = tuple(called.get(name, name) for name in signature(function).parameters)

    @wraps(function)
    def checked(*arguments: Any, **named: Any) -> Any:
        given = dict(zip(places, arguments, strict=False))
        given |= {called.get(name, name): value for name, value in named.items()}
        held = {name: given[name] for name in (*wanted.shapes, *BESIDE) if name in given}
        arrays = prepared(held, wanted.labels, changed)
        check(arrays, wanted)
        check_numbers(given)
        ready = (arrays.get(name, value) for name, value in zip(places, arguments, strict=False))
        rest = {name: arrays.get(called.get(name, name), value) for name, value in named.items()}
        return function(*ready, *arguments[len(places) :], **rest)

    return checked


def check(given: Mapping[str, Any], wanted: Wanted) -> None:
    """Refuse arguments that do not fit one another."""
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
    if found.dtype.kind not in "iu":
        raise DataError(
            f"{name} holds {found.dtype}; it takes integers, as {name}.astype(np.int64) makes them"
        )
    wrong = np.argwhere((found < 0) | (False if count is None else found >= count))
    if wrong.size:
        place = tuple(map(int, wrong[0]))
        allowed = "0, 1, 2, …" if count is None else f"0 to {count - 1}"
        raise DataError(f"{name}{list(place)} is {found[place]}, which is not one of {allowed}")
