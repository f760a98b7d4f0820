"""The oracle: terms evaluated by brute force, one loop for every bound index.

It knows subscripts, sums and elementary functions, and nothing of edges, deltas or rewrites.  Numbers are
fractions, decimals of many digits or floats, as the `Arithmetic` says.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from itertools import product
from math import floor
from operator import add, mul
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from symgrad.model.expressions import Ref
from symgrad.model.functions import Equal, Pointwise
from symgrad.model.graph import Axis, Graph, Node, Term

Arrays = dict[str, Any]
Place = tuple[int, ...]
Environment = Mapping[sp.Expr, Any]
Compiled = Callable[[Arrays, Environment], Any]


@dataclass(frozen=True)
class Arithmetic:
    """What numbers are: how an exact one is made, and the functions by the name of their class."""

    number: Callable[[Fraction], Any]
    functions: Mapping[str, Callable[..., Any]]

    def __hash__(self) -> int:
        return id(self)


def step(u: Any) -> int:
    return int(u > 0)


def equal(u: Any, v: Any) -> int:
    return int(u == v)


PLAIN = {
    "Step": step,
    "Reciprocal": lambda u: 1 / u if u else 0 * u,
    "Heaviside": step,
    "Equal": equal,
    "Abs": abs,
    "Max": max,
    "Min": min,
    "sign": lambda u: step(u) - step(-u),
    "relu": lambda u: max(u, 0),
}

FRACTIONS = Arithmetic(lambda number: number, PLAIN)

DIGITS = mpmath.mp.clone()
DIGITS.dps = 60

DECIMALS = Arithmetic(
    lambda number: DIGITS.mpf(number.numerator) / number.denominator,
    {
        **PLAIN,
        "Pi": lambda: +DIGITS.pi,
        "exp": DIGITS.exp,
        "log": DIGITS.log,
        "sin": DIGITS.sin,
        "cos": DIGITS.cos,
        "erf": DIGITS.erf,
        "MaskedExp": lambda m, u: m * DIGITS.exp(u) if m else DIGITS.mpf(0),
        "Candidate": lambda m, u: u if m else -DIGITS.inf,
        "power": DIGITS.power,
        "tanh": DIGITS.tanh,
        "sigmoid": lambda u: 1 / (1 + DIGITS.exp(-u)),
        "softplus": lambda u: DIGITS.log(1 + DIGITS.exp(u)),
        "leaky_relu": lambda u: u if u > 0 else u / 100,
    },
)


def _softplus(u: Any) -> Any:
    return max(u, 0.0) + np.log1p(np.exp(-abs(u)))


FLOATS = Arithmetic(
    np.float64,
    {
        **PLAIN,
        "Pi": lambda: np.pi,
        "exp": np.exp,
        "log": np.log,
        "erf": math.erf,
        "MaskedExp": lambda m, u: m * np.exp(u) if m else 0.0,
        "Candidate": lambda m, u: u if m else -np.inf,
        "log_cosh": lambda u: abs(u) + np.log1p(np.exp(-2 * abs(u))) - np.log(2),
        "power": np.power,
        "tanh": np.tanh,
        "sigmoid": lambda u: 1 / (1 + np.exp(-u)) if u > 0 else np.exp(u) / (1 + np.exp(u)),
        "softplus": _softplus,
        "softplus_ratio": lambda u: _softplus(max(u, -40.0)) * (1 + np.exp(-max(u, -40.0))),
        "leaky_relu": lambda u: u if u > 0 else u * 0.01,
    },
)


@cache
def compiled(expression: sp.Expr, arithmetic: Arithmetic) -> Compiled:
    """Return a function of the arrays and of the values of letters and sizes."""
    match expression:
        case Ref():
            subscripts = [compiled(i, INTEGERS) for i in expression.index]
            name = expression.name
            return lambda arrays, at: _entry(arrays[name], tuple(_whole(s(arrays, at)) for s in subscripts))
        case sp.Symbol():
            return lambda arrays, at: arithmetic.number(Fraction(at[expression]))
        case sp.Rational():
            number = arithmetic.number(Fraction(int(expression.p), int(expression.q)))
            return lambda arrays, at: number
        case sp.Add() | sp.Mul() | sp.Tuple():
            operator = add if isinstance(expression, sp.Add) else mul
            return _folded([compiled(part, arithmetic) for part in expression.args], operator)
        case sp.Pow() if expression.exp.is_Integer:
            base, exponent = compiled(expression.base, arithmetic), int(expression.exp)
            return lambda arrays, at: base(arrays, at) ** exponent
        case sp.Sum():
            return _summed(expression, arithmetic)
        case sp.floor():
            inner = compiled(expression.args[0], INTEGERS)
            return lambda arrays, at: arithmetic.number(Fraction(floor(inner(arrays, at))))
        case sp.Piecewise():
            return _in_pieces(expression, arithmetic)
        case _:
            return _applied(expression, arithmetic)


INTEGERS = Arithmetic(lambda number: number, {})


def _whole(subscript: Any) -> int:
    assert subscript.denominator == 1
    return int(subscript)


def _inside(subscript: Any) -> int:
    assert subscript >= 0
    return _whole(subscript)


def _entry(array: Any, at: tuple[int, ...]) -> Any:
    """Read an entry; none is counted from the end."""
    assert isinstance(array, ZeroOutside) or all(k >= 0 for k in at)
    return array[at]


@dataclass(frozen=True)
class ZeroOutside:
    """An array that is 0 outside of its axes."""

    array: np.ndarray

    def __getitem__(self, at: tuple[int, ...]) -> Any:
        inside = all(0 <= k < n for k, n in zip(at, self.array.shape, strict=True))
        return self.array[at] if inside else 0 * self.array.flat[0]


def zero_outside(arrays: Arrays, names: Iterable[str]) -> Arrays:
    """Return arrays of which some are 0 outside of their axes."""
    return {**arrays, **{name: ZeroOutside(arrays[name]) for name in names}}


def _folded(parts: list[Compiled], operator: Callable[[Any, Any], Any]) -> Compiled:
    def value(arrays: Arrays, at: Environment) -> Any:
        total = parts[0](arrays, at)
        for part in parts[1:]:
            total = operator(total, part(arrays, at))
        return total

    return value if parts else lambda arrays, at: Fraction(1)


def _applied(expression: sp.Expr, arithmetic: Arithmetic) -> Compiled:
    name = "power" if isinstance(expression, sp.Pow) else type(expression).__name__
    if name not in arithmetic.functions and isinstance(expression, Pointwise):
        return compiled(expression.primal, arithmetic)
    function = arithmetic.functions[name]
    inner = INTEGERS if isinstance(expression, Equal) and not expression.atoms(Ref) else arithmetic
    parts = [compiled(part, inner) for part in expression.args]
    return lambda arrays, at: function(*(part(arrays, at) for part in parts))


def _in_pieces(expression: sp.Piecewise, arithmetic: Arithmetic) -> Compiled:
    """Return the first case whose condition u > v holds; the last one always does."""
    *cases, (otherwise, _) = expression.args
    last = compiled(otherwise, arithmetic)
    sides = [
        (compiled(value, arithmetic), *(compiled(u, arithmetic) for u in (condition.gts, condition.lts)))
        for value, condition in cases
    ]

    def value(arrays: Arrays, at: Environment) -> Any:
        holds = (of for of, more, less in sides if more(arrays, at) > less(arrays, at))
        return next(holds, last)(arrays, at)

    return value


def _summed(expression: sp.Sum, arithmetic: Arithmetic) -> Compiled:
    body = compiled(expression.function, arithmetic)
    limits = [(letter, compiled(last, INTEGERS)) for letter, _, last in expression.limits]

    def value(arrays: Arrays, at: Environment) -> Any:
        ranges = [range(int(last(arrays, at)) + 1) for _, last in limits]
        places = (dict(zip([letter for letter, _ in limits], k, strict=True)) for k in product(*ranges))
        return sum((body(arrays, {**at, **place}) for place in places), arithmetic.number(Fraction(0)))

    return value


def environment(sizes: Mapping[str, int]) -> dict[sp.Expr, int]:
    return {sp.Symbol(name, integer=True, positive=True): value for name, value in sizes.items()}


def extent(size: sp.Expr, sizes: Mapping[str, int]) -> int:
    if size.is_Integer:
        return int(size)
    return int(size.xreplace({k: sp.Integer(v) for k, v in environment(sizes).items()}))


def shape(axes: Iterable[Axis], sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(extent(axis.size, sizes) for axis in axes)


def placed(term: Term, sizes: Mapping[str, int]) -> Iterator[tuple[Place, Environment]]:
    """Yield where a term lands, for every value of its bound indices."""
    write = [compiled(w, INTEGERS) for w in term.write]
    given = environment(sizes)
    for place in product(*map(range, shape(term.bound, sizes))):
        at = {**given, **{a.symbol: k for a, k in zip(term.bound, place, strict=True)}}
        yield tuple(_inside(w({}, at)) for w in write), at


def landings(term: Term, arrays: Arrays, sizes: Mapping[str, int], arithmetic: Arithmetic) -> Any:
    """Yield where a term lands and what lands there, for every value of its bound indices."""
    body = compiled(term.body, arithmetic)
    for place, at in placed(term, sizes):
        yield place, body(arrays, at)


def summands(
    terms: Iterable[Term], axes: Iterable[Axis], sizes: Mapping[str, int], arithmetic: Arithmetic
) -> dict[Place, list[Callable[[Arrays], Any]]]:
    """Return, for every entry, what lands there, each as a function of the arrays."""
    landed: dict[Place, list[Callable[[Arrays], Any]]] = {k: [] for k in np.ndindex(shape(axes, sizes))}
    for term in terms:
        body = compiled(term.body, arithmetic)
        for place, at in placed(term, sizes):
            landed[place].append(partial(body, at=at))
    return landed


REDUCTIONS: Mapping[str, Callable[[list[Any], Any], Any]] = {
    "sum": sum,
    "max": lambda values, _: max(values),
    "argmax": lambda values, _: values.index(max(values)),
}


def total(
    terms: Iterable[Term],
    axes: Iterable[Axis],
    arrays: Arrays,
    sizes: Mapping[str, int],
    arithmetic: Arithmetic,
    reduce: str = "sum",
) -> np.ndarray:
    """Return the sum (the maximum, or the position of the first maximum) of terms, an array over the axes."""
    axes = tuple(axes)
    result = np.empty(shape(axes, sizes), dtype=object)
    zero = arithmetic.number(Fraction(0))
    for place, parts in summands(terms, axes, sizes, arithmetic).items():
        result[place] = REDUCTIONS[reduce]([part(arrays) for part in parts], zero)
    return result


def run(
    graph: Graph,
    leaves: Mapping[str, np.ndarray],
    sizes: Mapping[str, int],
    arithmetic: Arithmetic = DECIMALS,
    set_to: Mapping[str, np.ndarray] | None = None,
) -> Arrays:
    """Evaluate every node; a node in `set_to` has that value whatever its definition says."""
    fixed = {**leaves, **(set_to or {})}
    arrays: Arrays = {}
    for group in graph.groups:
        nodes = [graph[name] for name in group.names]
        arrays |= {n.name: fixed[n.name] for n in nodes if n.name in fixed}
        defined = [node for node in nodes if node.name not in fixed]
        assert not any(node.is_leaf for node in defined), f"{group.names} have no value"
        if group.along:
            arrays |= walked(defined, arrays, sizes, arithmetic)
        else:
            arrays |= {n.name: total(n.terms, n.axes, arrays, sizes, arithmetic, n.reduce) for n in defined}
    return arrays


class NotYetError(Exception):
    """An entry of a recurrence is read before it is there."""


@dataclass(frozen=True)
class Filling:
    """An array of which some entries are not there yet."""

    array: np.ndarray

    def __getitem__(self, at: Place) -> Any:
        if self.array[at] is None:
            raise NotYetError
        return self.array[at]


def walked(nodes: list[Node], arrays: Arrays, sizes: Mapping[str, int], arithmetic: Arithmetic) -> Arrays:
    """Evaluate a recurrence: each entry as soon as all that it reads is there, whatever the order."""
    found = {n.name: np.full(shape(n.axes, sizes), None, dtype=object) for n in nodes}
    so_far: Arrays = {**arrays, **{name: Filling(array) for name, array in found.items()}}
    zero = arithmetic.number(Fraction(0))
    left = [
        (found[n.name], place, parts)
        for n in nodes
        for place, parts in summands(n.terms, n.axes, sizes, arithmetic).items()
    ]
    while left:
        late = [entry for entry in left if not _filled(*entry, so_far, zero)]
        assert len(late) < len(left), "entries of a recurrence wait for one another"
        left = late
    return found


def _filled(
    array: np.ndarray, place: Place, parts: list[Callable[[Arrays], Any]], so_far: Arrays, zero: Any
) -> bool:
    """Add an entry up, if what it reads is there."""
    try:
        array[place] = sum((part(so_far) for part in parts), zero)
    except NotYetError:
        return False
    return True
