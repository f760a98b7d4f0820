"""Sums and sums of products, carried out by NumPy itself on arrays of open sums.

An entry of a matrix product is one sum of all its terms, whichever of NumPy's functions made it: so
``X.T @ d`` and ``np.einsum("ni,nk->ik", X, d)`` are the same values of the tape.
"""

from collections.abc import Callable
from itertools import chain
from typing import Any

import numpy as np

from symgrad.verify.arrays.conversions import array, plain, widest, wrapped
from symgrad.verify.arrays.elements import negative, times
from symgrad.verify.arrays.elementwise import elementwise
from symgrad.verify.arrays.trace import Element, Trace
from symgrad.verify.arrays.traced import Traced


class Terms:
    """A sum that is not added up yet."""

    __slots__ = ("parts", "t")

    def __init__(self, t: Trace, parts: tuple[Element, ...]) -> None:
        self.t, self.parts = t, parts

    def closed(self) -> Element:
        """Return the sum."""
        return self.parts[0] if len(self.parts) == 1 else self.t.total(self.parts)

    def __add__(self, other: "Terms | int") -> "Terms":
        return Terms(self.t, self.parts + other.parts) if isinstance(other, Terms) else self

    __radd__ = __add__

    def __neg__(self) -> "Terms":
        return Terms(self.t, (negative(self.t, self.closed()),))

    def __sub__(self, other: "Terms") -> "Terms":
        return self + -other

    def __mul__(self, other: "Terms") -> "Terms":
        return Terms(self.t, (times(self.t, self.closed(), other.closed()),))


def summed(t: Trace, function: Callable[..., Any], *given: Traced) -> Traced:
    """Carry out a function of NumPy's that adds and multiplies."""
    opened = [np.frompyfunc(lambda element: Terms(t, (element,)), 1, 1)(part.values) for part in given]
    found = function(*(values if isinstance(values, np.ndarray) else _boxed(values) for values in opened))
    kind = widest(given)
    return _closed(t, found, "i" if kind == "b" else kind)


def _boxed(value: Any) -> Any:
    box = np.empty((), dtype=object)
    box[()] = value
    return box


def _closed(t: Trace, found: Any, kind: str) -> Traced:
    close = np.frompyfunc(lambda sum_: sum_.closed() if isinstance(sum_, Terms) else t.element(sum_), 1, 1)
    return wrapped(t, close(found), kind)


def product(name: str, operands: int = 2) -> Callable[..., Traced]:
    """Return a function of NumPy's of so many arrays, and of what says how they are combined."""
    function = getattr(np, name)

    def combined(t: Trace, *given: Any, **options: Any) -> Traced:
        rest = [plain(value) for value in given[operands:]]
        out = options.pop("out", None)
        result = summed(
            t,
            lambda *parts: function(*parts, *rest, **plain(options)),
            *(array(t, value) for value in given[:operands]),
        )
        return result if out is None else _into(out, result)

    return combined


def _into(out: Traced, result: Traced) -> Traced:
    out[...] = result
    return out


def einsum(t: Trace, subscripts: Any, *operands: Any, **_options: Any) -> Traced:
    """np.einsum, with subscripts in a string or in lists after each array."""
    if isinstance(subscripts, str):
        given = [array(t, operand) for operand in operands]
        return summed(t, lambda *parts: np.einsum(subscripts, *parts, optimize=False), *given)
    arrays, lists = [subscripts, *operands[1::2]], operands[::2]
    arrays, output = (arrays[:-1], (arrays[-1],)) if len(arrays) > len(lists) else (arrays, ())
    given = [array(t, operand) for operand in arrays]
    return summed(t, lambda *parts: np.einsum(*chain(*zip(parts, lists, strict=True)), *output), *given)


def matvec(t: Trace, a: Any, b: Any) -> Traced:
    """np.matvec."""
    return einsum(t, "...ij,...j->...i", a, b)


def vecmat(t: Trace, a: Any, b: Any) -> Traced:
    """np.vecmat."""
    return einsum(t, "...i,...ij->...j", a, b)


def vecdot(t: Trace, a: Any, b: Any, axis: int = -1) -> Traced:
    """np.vecdot."""
    return total(t, elementwise(t, "multiply", a, b), axis=axis)


def vdot(t: Trace, a: Any, b: Any) -> Traced:
    """np.vdot."""
    return product("dot")(t, array(t, a).ravel(), array(t, b).ravel())


def outer(t: Trace, a: Any, b: Any, **_options: Any) -> Traced:
    """np.outer."""
    column = array(t, a).reshape(-1, 1)
    return elementwise(t, "multiply", column, array(t, b).ravel())


def multi_dot(t: Trace, arrays: Any) -> Traced:
    """np.linalg.multi_dot."""
    result, *rest = arrays
    for factor in rest:
        result = product("dot")(t, result, factor)
    return result


def total(
    t: Trace, given: Any, axis: Any = None, dtype: Any = None, out: Any = None, **options: Any
) -> Traced:
    """np.sum."""
    given = _masked(t, array(t, given), options.pop("where", True), 0)
    initial, keepdims = options.get("initial", 0), bool(options.get("keepdims", False))
    axis = plain(axis)
    result = summed(t, lambda values: np.sum(values, axis=axis, keepdims=keepdims), given)
    result = result if initial == 0 else elementwise(t, "add", result, initial)
    return result if out is None else _into(out, result)


def _masked(t: Trace, given: Traced, where: Any, neutral: int) -> Traced:
    return given if where is True else elementwise(t, "where", where, given, neutral)


def cumulative(t: Trace, given: Any, axis: int | None = None, **_options: Any) -> Traced:
    """np.cumsum."""
    return summed(t, lambda values: np.cumsum(values, axis=plain(axis)), array(t, given))


def mean(
    t: Trace, given: Any, axis: Any = None, dtype: Any = None, out: Any = None, **options: Any
) -> Traced:
    """np.mean."""
    given = array(t, given)
    where = options.get("where", True)
    count = _count(given, axis) if where is True else _counted(t, given, where, axis, options)
    result = elementwise(t, "divide", total(t, given, axis, **options), count)
    return result if out is None else _into(out, result)


def variance(
    t: Trace, given: Any, axis: Any = None, dtype: Any = None, out: Any = None, **options: Any
) -> Traced:
    """np.var."""
    given, keepdims = array(t, given), options.get("keepdims", False)
    centred = elementwise(t, "subtract", given, mean(t, given, axis, keepdims=True))
    squares = total(t, elementwise(t, "multiply", centred, centred), axis, keepdims=keepdims)
    free = options.get("ddof", 0) or options.get("correction", 0)
    return elementwise(t, "divide", squares, _count(given, axis) - free)


def _counted(t: Trace, given: Traced, where: Any, axis: Any, options: dict[str, Any]) -> Traced:
    conditions = Traced(t, np.broadcast_to(array(t, where).values, given.shape), "b")
    return total(t, conditions, axis, keepdims=options.get("keepdims", False))


def _count(given: Traced, axis: Any) -> int:
    axes = range(given.ndim) if axis is None else np.atleast_1d(plain(axis))
    return int(np.prod([given.shape[k] for k in axes], dtype=int))


def deviation(t: Trace, given: Any, axis: Any = None, *rest: Any, **options: Any) -> Traced:
    """np.std."""
    return elementwise(t, "sqrt", variance(t, given, axis, *rest, **options))


def average(
    t: Trace,
    given: Any,
    axis: Any = None,
    weights: Any = None,
    returned: bool = False,
    *,
    keepdims: bool = False,
) -> Any:
    """np.average."""
    given = array(t, given)
    weights = array(t, 1 if weights is None else weights)
    if axis is not None and weights.ndim == 1 < given.ndim:
        weights = weights.reshape([-1 if k == plain(axis) % given.ndim else 1 for k in range(given.ndim)])
    weights = Traced(t, np.broadcast_to(weights.values, given.shape), weights.kind)
    whole = total(t, weights, axis, keepdims=keepdims)
    result = elementwise(
        t, "divide", total(t, elementwise(t, "multiply", given, weights), axis, keepdims=keepdims), whole
    )
    return (result, whole) if returned else result


def covariance(
    t: Trace, given: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None
) -> Traced:
    """np.cov of the rows of a matrix, or of its columns."""
    rows = (
        array(t, given)
        if y is None
        else array(t, [*array(t, given).reshape(-1, array(t, given).shape[-1]), y])
    )
    rows = rows if rowvar or rows.ndim == 1 else rows.T
    rows = rows.reshape(-1, rows.shape[-1])
    centred = elementwise(t, "subtract", rows, mean(t, rows, 1, keepdims=True))
    free = (0 if bias else 1) if ddof is None else ddof
    return elementwise(t, "divide", product("matmul")(t, centred, centred.T), rows.shape[1] - free).squeeze()
