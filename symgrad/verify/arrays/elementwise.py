"""NumPy's elementwise functions: one row each, the function of single elements and the type of the result."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from symgrad.verify.arrays import elements as e
from symgrad.verify.arrays import functions as f
from symgrad.verify.arrays.conversions import array, widest, wrapped
from symgrad.verify.arrays.indexing import Selected
from symgrad.verify.arrays.trace import Trace, UnsupportedError
from symgrad.verify.arrays.traced import Traced

SAME = "same"


@dataclass(frozen=True)
class Elementwise:
    """A function of single elements, how many it takes, and the kind of its results."""

    function: e.Function
    takes: int = 1
    kind: str = "f"


TABLE = {
    "add": Elementwise(e.plus, 2, SAME),
    "subtract": Elementwise(e.minus, 2, SAME),
    "multiply": Elementwise(e.times, 2, SAME),
    "divide": Elementwise(e.over, 2),
    "power": Elementwise(e.power, 2, SAME),
    "float_power": Elementwise(e.power, 2),
    "floor_divide": Elementwise(f.floor_divide, 2, SAME),
    "remainder": Elementwise(f.remainder, 2, SAME),
    "fmod": Elementwise(f.fmod, 2, SAME),
    "negative": Elementwise(e.negative, 1, SAME),
    "positive": Elementwise(lambda t, a: a, 1, SAME),
    "absolute": Elementwise(e.absolute, 1, SAME),
    "fabs": Elementwise(e.absolute),
    "sign": Elementwise(e.sign, 1, SAME),
    "reciprocal": Elementwise(e.reciprocal),
    "square": Elementwise(lambda t, a: e.power(t, a, t.tape.number(2)), 1, SAME),
    "sqrt": Elementwise(e.sqrt),
    "cbrt": Elementwise(f.cbrt),
    "hypot": Elementwise(f.hypot, 2),
    "exp": Elementwise(e.exp),
    "exp2": Elementwise(f.exp2),
    "expm1": Elementwise(f.expm1),
    "log": Elementwise(e.log),
    "log2": Elementwise(f.log_to(2)),
    "log10": Elementwise(f.log_to(10)),
    "log1p": Elementwise(f.log1p),
    "logaddexp": Elementwise(f.logaddexp, 2),
    "logaddexp2": Elementwise(f.logaddexp2, 2),
    "sin": Elementwise(f.sin),
    "cos": Elementwise(f.cos),
    "tan": Elementwise(f.tan),
    "sinh": Elementwise(f.half_sum(-1)),
    "cosh": Elementwise(f.half_sum(1)),
    "tanh": Elementwise(f.tanh),
    "arcsinh": Elementwise(f.arsinh),
    "arccosh": Elementwise(f.arcosh),
    "arctanh": Elementwise(f.artanh),
    "deg2rad": Elementwise(f.to_radians),
    "rad2deg": Elementwise(f.to_degrees),
    "sinc": Elementwise(f.sinc),
    "maximum": Elementwise(e.maximum, 2, SAME),
    "minimum": Elementwise(e.minimum, 2, SAME),
    "heaviside": Elementwise(f.heaviside, 2),
    "floor": Elementwise(f.floor),
    "ceil": Elementwise(f.ceil),
    "trunc": Elementwise(f.trunc),
    "rint": Elementwise(f.rint),
    "greater": Elementwise(e.greater, 2, "b"),
    "greater_equal": Elementwise(e.greater_equal, 2, "b"),
    "less": Elementwise(e.less, 2, "b"),
    "less_equal": Elementwise(e.less_equal, 2, "b"),
    "equal": Elementwise(e.equal, 2, "b"),
    "not_equal": Elementwise(e.not_equal, 2, "b"),
    "logical_and": Elementwise(e.both, 2, "b"),
    "logical_or": Elementwise(e.either, 2, "b"),
    "logical_xor": Elementwise(e.one_of, 2, "b"),
    "logical_not": Elementwise(e.neither, 1, "b"),
    "isnan": Elementwise(f.tested(math.isnan), 1, "b"),
    "isinf": Elementwise(f.tested(math.isinf), 1, "b"),
    "isfinite": Elementwise(f.tested(math.isfinite), 1, "b"),
    "where": Elementwise(e.chosen, 3, SAME),
    "erf": Elementwise(f.erf),
    "erfc": Elementwise(lambda t, a: e.complement(t, f.erf(t, a))),
    "expit": Elementwise(f.sigmoid),
    "log_expit": Elementwise(lambda t, a: e.log(t, f.sigmoid(t, a))),
    "logit": Elementwise(lambda t, a: e.log(t, e.over(t, a, e.complement(t, a)))),
    "xlogy": Elementwise(f.xlogy, 2),
    "xlog1py": Elementwise(lambda t, a, b: f.xlogy(t, a, e.plus(t, b, t.tape.number(1))), 2),
    "entr": Elementwise(lambda t, a: e.negative(t, f.xlogy(t, a, a))),
    "ndtr": Elementwise(f.normal_distribution),
}
SYNONYMS = {
    "abs": "absolute",
    "true_divide": "divide",
    "mod": "remainder",
    "pow": "power",
    "fmax": "maximum",
    "fmin": "minimum",
    "radians": "deg2rad",
    "degrees": "rad2deg",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
}
_LOGICAL = {"add": "logical_or", "multiply": "logical_and", "maximum": "logical_or", "minimum": "logical_and"}
_BITWISE = {"bitwise_and": "logical_and", "bitwise_or": "logical_or", "bitwise_xor": "logical_xor"}


def elementwise(t: Trace, name: str, *operands: Any) -> Traced:
    """Apply an elementwise function to arrays that broadcast together."""
    selected = [operand for operand in operands if isinstance(operand, Selected)]
    if selected and all(_fits(operand, selected[0]) for operand in operands):
        mask = selected[0].mask
        wholes = [o.whole if isinstance(o, Selected) else array(t, o) for o in operands]
        return Selected(elementwise(t, name, *wholes), mask)
    given = [array(t, operand) for operand in operands]
    kind = widest(given[1:] if name == "where" else given)
    row = TABLE[_for_conditions(name, kind)]
    results = np.frompyfunc(partial(row.function, t), row.takes, 1)(*(part.values for part in given))
    return wrapped(t, results, kind if row.kind is SAME else row.kind)


def _fits(operand: Any, first: Selected) -> bool:
    """Whether an operand is a single number, or selected by the same mask of an array of the same shape."""
    if isinstance(operand, Selected):
        return operand.by(first.mask) and operand.whole.shape == first.whole.shape
    return not isinstance(operand, (list, tuple)) and getattr(operand, "size", 1) == 1


def _for_conditions(name: str, kind: str) -> str:
    """Sums of conditions are disjunctions, as NumPy has it, and differences of them are none."""
    if kind != "b":
        return name
    if name in ("subtract", "negative"):
        raise TypeError(f"numpy boolean {name}, the `-` operator, is not supported; use ^ or ~, or numbers")
    return _LOGICAL.get(name, name)


def bitwise(t: Trace, name: str, *operands: Any) -> Traced:
    """Apply &, |, ^ or ~ to conditions."""
    given = [array(t, operand) for operand in operands]
    if widest(given) == "f":
        raise TypeError(f"ufunc '{name}' not supported for the input types")
    if widest(given) != "b":
        raise UnsupportedError(f"{name} of integers; it is followed for conditions")
    return elementwise(t, _BITWISE.get(name, "logical_not"), *given)


_REDUCTIONS = {
    "add.reduce": "sum",
    "multiply.reduce": "prod",
    "maximum.reduce": "max",
    "minimum.reduce": "min",
    "logical_and.reduce": "all",
    "logical_or.reduce": "any",
    "logaddexp.reduce": "logsumexp",
    "add.accumulate": "cumsum",
    "multiply.accumulate": "cumprod",
    "maximum.accumulate": "cummax",
    "minimum.accumulate": "cummin",
}


def _written(t: Trace, result: Traced, out: Any, where: Any) -> Traced:
    """Return a result in the array that it is to be written to, where it is to be written."""
    (target,) = out if isinstance(out, tuple) else (out,)
    if target is None:
        return elementwise(t, "where", where, result, 0)
    target[...] = result if where is True else elementwise(t, "where", where, result, target)
    return target


def _plain_options(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name in ("keepdims", "initial", "where")}


@dataclass(frozen=True)
class Ufunc:
    """An elementwise function as NumPy gives it: callable, with reduce, accumulate, outer and at."""

    t: Trace
    name: str

    @property
    def __name__(self) -> str:
        return self.name

    def __call__(self, *operands: Any, out: Any = None, where: Any = True, **_options: Any) -> Any:
        result = self.t.functions[self.name](self.t, *operands)
        return result if out is None and where is True else _written(self.t, result, out, where)

    def reduce(self, given: Any, axis: Any = 0, **options: Any) -> Any:
        """Combine the elements along an axis."""
        return self._reduction("reduce")(self.t, given, axis=axis, **_plain_options(options))

    def accumulate(self, given: Any, axis: int = 0, **_options: Any) -> Any:
        """Combine the elements along an axis, one after another."""
        return self._reduction("accumulate")(self.t, given, axis=axis)

    def outer(self, a: Any, b: Any, **_options: Any) -> Any:
        """Combine each element of one array with each of another."""
        a, b = array(self.t, a), array(self.t, b)
        return self(a.reshape(a.shape + (1,) * b.ndim), b)

    def at(self, given: Traced, indices: Any, *operands: Any) -> None:
        """Apply it in place at indices, again for each that comes twice."""
        places = np.arange(given.size).reshape(given.shape)[self.t.functions["key"](self.t, indices)]
        values = [np.broadcast_to(array(self.t, o).values, places.shape) for o in operands]
        row = TABLE[self.name]
        for number, place in np.ndenumerate(places):
            at = np.unravel_index(place, given.shape)
            given.values[at] = row.function(self.t, given.values[at], *(value[number] for value in values))

    def _reduction(self, method: str) -> Callable[..., Any]:
        found = _REDUCTIONS.get(f"{self.name}.{method}")
        if found is None:
            raise UnsupportedError(f"np.{self.name}.{method} is not followed; write the loop")
        return self.t.functions[found]
