"""Reductions that are no sums: products, extremes, orders, conditions over many.

The largest of several elements is the one that is largest at the witness; where two are the same value, the
first.  That is one region of many, and what is decided is kept.
"""

import math
from collections.abc import Callable, Sequence
from functools import cmp_to_key, reduce
from typing import Any

import numpy as np

from symgrad.exact.tapes import Slot
from symgrad.verify.arrays import elements as e
from symgrad.verify.arrays.conversions import array, plain, wrapped
from symgrad.verify.arrays.elementwise import TABLE, elementwise
from symgrad.verify.arrays.sums import total
from symgrad.verify.arrays.trace import Element, Objects, Trace
from symgrad.verify.arrays.traced import Traced

OfElements = Callable[[Trace, list[Element]], Any]


def along(t: Trace, function: OfElements, given: Traced, axis: Any, keepdims: Any = False) -> Objects:
    """Return the values of a function of the elements along axes, all of them for None."""
    axes = (
        tuple(range(given.ndim)) if axis is None else tuple(np.atleast_1d(plain(axis)) % max(given.ndim, 1))
    )
    kept = [k for k in range(given.ndim) if k not in axes]
    rows = given.values.transpose(*kept, *axes).reshape(*(given.shape[k] for k in kept), -1)
    found = np.empty(rows.shape[:-1], dtype=object)
    for place in np.ndindex(found.shape):
        found[place] = function(t, list(rows[place]))
    lengths = [1 if k in axes else n for k, n in enumerate(given.shape)]
    return found.reshape(lengths) if keepdims else found


def folded(name: str, start: int, kind: str = "same") -> Callable[..., Traced]:
    """Return the reduction by an elementwise function of two."""
    function = TABLE[name].function

    def reduction(t: Trace, given: Any, axis: Any = None, *_rest: Any, **options: Any) -> Traced:
        given = array(t, given)
        if options.get("where", True) is not True:
            given = elementwise(t, "where", options["where"], given, start)
        values = along(
            t,
            lambda t, row: reduce(lambda a, b: function(t, a, b), row, t.element(start)),
            given,
            axis,
            options.get("keepdims"),
        )
        found = wrapped(t, values, _product_kind(given.kind) if kind == "same" else kind)
        return elementwise(t, name, found, options["initial"]) if "initial" in options else found

    return reduction


def _product_kind(kind: str) -> str:
    return "i" if kind == "b" else kind


def cumulative_by(name: str) -> Callable[..., Traced]:
    """Return the accumulation by an elementwise function of two."""

    def accumulation(t: Trace, given: Any, axis: int | None = None, **_options: Any) -> Traced:
        given = array(t, given)
        values = (
            given.values.reshape(-1).copy()
            if axis is None
            else np.moveaxis(given.values, plain(axis), 0).copy()
        )
        for k in range(1, len(values)):
            values[k] = np.frompyfunc(lambda a, b: TABLE[name].function(t, a, b), 2, 1)(
                values[k - 1], values[k]
            )
        return wrapped(t, values if axis is None else np.moveaxis(values, 0, plain(axis)), given.kind)

    return accumulation


def _order(t: Trace, a: Element, b: Element) -> int:
    """−1, 0 or 1 for a before, beside or after b; NaN comes last, as NumPy has it."""
    if isinstance(a, Slot) and isinstance(b, Slot):
        return 0 if a is b else t.sign(a - b)
    left, right = t.approximately(a), t.approximately(b)
    if left == right:
        return 0
    return -1 if left < right or math.isnan(right) else 1


def ranked(t: Trace, row: Sequence[Element]) -> list[int]:
    """Return the places of elements in increasing order, equal ones as they come."""
    return sorted(range(len(row)), key=cmp_to_key(lambda i, j: _order(t, row[i], row[j])))


def largest(t: Trace, row: Sequence[Element]) -> int:
    """Return the place of the largest element, the first of equal ones."""
    if not row:
        raise ValueError("zero-size array to reduction operation maximum which has no identity")
    return reduce(lambda best, k: k if _order(t, row[k], row[best]) > 0 else best, range(len(row)))


def smallest(t: Trace, row: Sequence[Element]) -> int:
    """Return the place of the smallest element, the first of equal ones."""
    return largest(t, [e.negative(t, element) for element in row])


def extreme(place: Callable[[Trace, Sequence[Element]], int], name: str) -> Callable[..., Traced]:
    """Return np.max or np.min."""

    def reduction(
        t: Trace, given: Any, axis: Any = None, out: Any = None, keepdims: Any = False, **options: Any
    ) -> Traced:
        given = array(t, given)
        if options.get("where", True) is not True:
            given = elementwise(t, "where", options["where"], given, options["initial"])
        values = along(t, lambda t, row: _extreme(t, row, place, name), given, axis, keepdims)
        found = wrapped(t, values, given.kind)
        return elementwise(t, name, found, options["initial"]) if "initial" in options else found

    return reduction


def _extreme(t: Trace, row: list[Element], place: Callable[..., int], name: str) -> Element:
    """The extreme of two is a choice between them, right on both sides; that of more is decided."""
    return TABLE[name].function(t, *row) if len(row) == 2 and not t.sided else row[place(t, row)]


def argument(place: Callable[[Trace, Sequence[Element]], int]) -> Callable[..., Traced]:
    """Return np.argmax or np.argmin."""

    def reduction(
        t: Trace, given: Any, axis: Any = None, out: Any = None, *, keepdims: bool = False
    ) -> Traced:
        values = along(t, lambda t, row: t.tape.number(place(t, row)), array(t, given), axis, keepdims)
        return wrapped(t, values, "i")

    return reduction


def argsort(t: Trace, given: Any, axis: int | None = -1, **_options: Any) -> Traced:
    """np.argsort, stable."""
    return _by_row(t, given, axis, "i", lambda row: [t.tape.number(k) for k in ranked(t, row)])


def sort(t: Trace, given: Any, axis: int | None = -1, **_options: Any) -> Traced:
    """np.sort."""
    given = array(t, given)
    return _by_row(t, given, axis, given.kind, lambda row: [row[k] for k in ranked(t, row)])


def _by_row(
    t: Trace, given: Any, axis: int | None, kind: str, function: Callable[[list[Element]], list[Element]]
) -> Traced:
    given = array(t, given)
    values = given.values.reshape(-1) if axis is None else np.moveaxis(given.values, axis, -1)
    found = np.empty(values.shape, dtype=object)
    for place in np.ndindex(values.shape[:-1]):
        found[place] = function(list(values[place]))
    return Traced(t, found if axis is None else np.moveaxis(found, -1, axis), kind)


def partition(t: Trace, given: Any, _kth: Any, axis: int | None = -1, **_options: Any) -> Traced:
    """np.partition, which sorting is one of."""
    return sort(t, given, axis)


def argpartition(t: Trace, given: Any, _kth: Any, axis: int | None = -1, **_options: Any) -> Traced:
    """np.argpartition, which sorting is one of."""
    return argsort(t, given, axis)


def median(t: Trace, given: Any, axis: Any = None, *, keepdims: bool = False, **_options: Any) -> Traced:
    """np.median."""
    return wrapped(t, along(t, _middle, array(t, given), axis, keepdims), "f")


def quantile(
    t: Trace, given: Any, q: Any, axis: Any = None, *, keepdims: bool = False, **_options: Any
) -> Traced:
    """np.quantile, by linear interpolation."""
    share = array(t, q)
    if share.ndim:
        return array(t, [quantile(t, given, part, axis, keepdims=keepdims) for part in share])
    return wrapped(t, along(t, lambda t, row: _quantile(t, row, share), array(t, given), axis, keepdims), "f")


def _quantile(t: Trace, row: list[Element], share: Traced) -> Element:
    order = ranked(t, row)
    place = (share * (len(row) - 1)).values.item()
    below = min(t.whole(place), max(len(row) - 2, 0))
    low, high = row[order[below]], row[order[min(below + 1, len(row) - 1)]]
    rest = e.minus(t, place, t.tape.number(below))
    return e.plus(t, low, e.times(t, rest, e.minus(t, high, low)))


def percentile(t: Trace, given: Any, q: Any, *rest: Any, **options: Any) -> Traced:
    """np.percentile."""
    return quantile(t, given, array(t, q) / 100, *rest, **options)


def _middle(t: Trace, row: list[Element]) -> Element:
    order, half = ranked(t, row), len(row) // 2
    pair = (row[order[half]], row[order[-half - 1]])
    return e.over(t, e.plus(t, *pair), t.tape.number(2))


def spread(t: Trace, given: Any, axis: Any = None, *, keepdims: bool = False, **_options: Any) -> Traced:
    """np.ptp."""
    high, low = (
        extreme(place, name)(t, given, axis, keepdims=keepdims)
        for place, name in ((largest, "maximum"), (smallest, "minimum"))
    )
    return elementwise(t, "subtract", high, low)


def count_nonzero(t: Trace, given: Any, axis: Any = None, *, keepdims: bool = False) -> Traced:
    """np.count_nonzero."""
    return total(t, array(t, given).astype(bool), axis, keepdims=keepdims)


def nonzero(t: Trace, given: Any) -> tuple[Traced, ...]:
    """np.nonzero, decided."""
    return tuple(array(t, places) for places in np.nonzero(plain(array(t, given).astype(bool))))


def argwhere(t: Trace, given: Any) -> Traced:
    """np.argwhere, decided."""
    return array(t, np.argwhere(plain(array(t, given).astype(bool))))


def flatnonzero(t: Trace, given: Any) -> Traced:
    """np.flatnonzero, decided."""
    return nonzero(t, array(t, given).ravel())[0]


def where(t: Trace, condition: Any, *branches: Any) -> Any:
    """np.where: a choice, or the places of what is not 0."""
    return elementwise(t, "where", array(t, condition), *branches) if branches else nonzero(t, condition)


def logsumexp(
    t: Trace, given: Any, axis: Any = None, b: Any = None, keepdims: bool = False, **_options: Any
) -> Traced:
    """scipy.special.logsumexp."""
    powers = elementwise(t, "exp", given)
    powers = powers if b is None else elementwise(t, "multiply", b, powers)
    return elementwise(t, "log", total(t, powers, axis, keepdims=keepdims))


def softmax(t: Trace, given: Any, axis: Any = None) -> Traced:
    """scipy.special.softmax."""
    powers = elementwise(t, "exp", given)
    return elementwise(t, "divide", powers, total(t, powers, axis, keepdims=True))


def log_softmax(t: Trace, given: Any, axis: Any = None) -> Traced:
    """scipy.special.log_softmax."""
    return elementwise(t, "subtract", given, logsumexp(t, given, axis, keepdims=True))


def allclose(t: Trace, a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, **_options: Any) -> Traced:
    """np.allclose."""
    return folded("logical_and", 1, "b")(t, isclose(t, a, b, rtol, atol))


def isclose(t: Trace, a: Any, b: Any, rtol: Any = 1e-05, atol: Any = 1e-08, **_options: Any) -> Traced:
    """np.isclose."""
    distance = elementwise(t, "absolute", elementwise(t, "subtract", a, b))
    margin = elementwise(t, "add", atol, elementwise(t, "multiply", rtol, elementwise(t, "absolute", b)))
    return elementwise(t, "less_equal", distance, margin)


def array_equal(t: Trace, a: Any, b: Any, **_options: Any) -> Any:
    """np.array_equal."""
    a, b = array(t, a), array(t, b)
    return a.shape == b.shape and folded("logical_and", 1, "b")(t, elementwise(t, "equal", a, b))
