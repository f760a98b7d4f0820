"""What stands for a number while a function is traced: a value that records what is done to it."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import NoReturn

import numpy as np
import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.model.formula import Functions

Build = Callable[..., sp.Expr]

FUNCTIONS: Mapping[np.ufunc, str] = {
    np.exp: "exp",
    np.log: "log",
    np.tanh: "tanh",
    np.sin: "sin",
    np.cos: "cos",
    np.sqrt: "sqrt",
    np.absolute: "abs",
    np.sign: "sign",
    np.maximum: "max",
    np.minimum: "min",
}
ARITHMETIC: Mapping[np.ufunc, Build] = {
    np.add: operator.add,
    np.subtract: operator.sub,
    np.multiply: operator.mul,
    np.true_divide: operator.truediv,
    np.power: operator.pow,
    np.negative: operator.neg,
    np.positive: operator.pos,
    np.square: lambda x: x**2,
    np.reciprocal: lambda x: 1 / x,
}


@dataclass(frozen=True, eq=False)
class Operation:
    """One recorded step: how its value is built from the values of its inputs."""

    build: Build
    inputs: tuple["Operation", ...] = ()


def _binary(build: Build) -> "Callable[[Tracer, object], Tracer]":
    return lambda self, other: self.record(build, self, other)


def _swapped(build: Build) -> "Callable[[Tracer, object], Tracer]":
    return lambda self, other: self.record(build, other, self)


def _unary(build: Build) -> "Callable[[Tracer], Tracer]":
    return lambda self: self.record(build, self)


def _named(ufunc: np.ufunc) -> "Callable[[Tracer], Tracer]":
    """Return the method that NumPy calls on each element of an array of objects."""
    return lambda self: self.__array_ufunc__(ufunc, "__call__", self)


def _refused(found: str, remedy: str) -> Callable[..., NoReturn]:
    def refuse(*_: object) -> NoReturn:
        raise DefinitionError(f"{found} needs a number, but a traced value has none yet; {remedy}")

    return refuse


COMPARISON = _refused(
    "a comparison (if, while, max, min, sorted)",
    "use np.maximum or np.minimum, or trace each branch by itself",
)
CONVERSION = _refused(
    "a conversion (float, int, math.exp …)", "use the NumPy function: np.exp, np.log, np.sqrt …"
)
ROUNDING = _refused("rounding or a remainder", "it has no useful derivative; leave it out")
SEQUENCE = _refused(
    "a subscript, a length or a loop over a value", "each argument is one number; take several"
)


class Tracer:
    """A number that is not known yet."""

    __slots__ = ("functions", "operation")

    def __init__(self, operation: Operation, functions: Functions) -> None:
        self.operation = operation
        self.functions = functions

    def record(self, build: Build, *values: object) -> "Tracer":
        """Return the value of one more operation."""
        return Tracer(Operation(build, tuple(map(operation_of, values))), self.functions)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *values: object, **options: object) -> "Tracer":
        if method != "__call__" or options:
            raise DefinitionError(f"np.{ufunc.__name__} is traced without options and methods; write it out")
        return self.record(_build_of(ufunc, self.functions), *values)

    def __array_function__(self, function: Callable[..., object], *_: object) -> NoReturn:
        raise DefinitionError(
            f"np.{function.__name__} works on arrays, but a traced value is one number; use arithmetic"
        )

    def __repr__(self) -> str:
        return "<a traced value>"

    __hash__ = object.__hash__
    __add__, __radd__ = _binary(operator.add), _swapped(operator.add)
    __sub__, __rsub__ = _binary(operator.sub), _swapped(operator.sub)
    __mul__, __rmul__ = _binary(operator.mul), _swapped(operator.mul)
    __truediv__, __rtruediv__ = _binary(operator.truediv), _swapped(operator.truediv)
    __pow__, __rpow__ = _binary(operator.pow), _swapped(operator.pow)
    __neg__, __pos__, __abs__ = _unary(operator.neg), _unary(operator.pos), _named(np.absolute)
    exp, log, sqrt = _named(np.exp), _named(np.log), _named(np.sqrt)
    tanh, sin, cos = _named(np.tanh), _named(np.sin), _named(np.cos)
    __bool__ = __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = COMPARISON
    __float__ = __int__ = __index__ = __complex__ = CONVERSION
    __round__ = __floor__ = __ceil__ = __trunc__ = __floordiv__ = __rfloordiv__ = ROUNDING
    __mod__ = __rmod__ = __divmod__ = __rdivmod__ = ROUNDING
    __len__ = __iter__ = __getitem__ = __matmul__ = __rmatmul__ = SEQUENCE


def operation_of(value: object) -> Operation:
    """Return what made a value; a plain number makes itself."""
    plain = value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value
    if isinstance(plain, Tracer):
        return plain.operation
    number = _exact(plain)
    return Operation(lambda: number)


def _exact(value: object) -> sp.Rational:
    """Return a Python number as an exact one, a float as the decimal that it prints as."""
    exact = _fraction(value)
    if exact is None:
        raise DefinitionError(
            f"found {value!r:.40} ({type(value).__name__}); only the arguments, integers, fractions and "
            "finite floats can be traced, one number at a time"
        )
    return sp.Rational(exact.numerator, exact.denominator)


def _fraction(value: object) -> Fraction | None:
    match value:
        case int() | np.integer():
            return Fraction(int(value))
        case float() | np.floating() if isfinite(value):
            return Fraction(str(value))
        case Fraction():
            return value
        case Decimal() if value.is_finite():
            return Fraction(value)
        case _:
            return None


def _build_of(ufunc: np.ufunc, functions: Functions) -> Build:
    build = ARITHMETIC.get(ufunc) or functions.get(FUNCTIONS.get(ufunc, ""))
    if build is None:
        known = ", ".join(f"np.{known.__name__}" for known, name in FUNCTIONS.items() if name in functions)
        raise DefinitionError(f"np.{ufunc.__name__} cannot be traced; write it with arithmetic and {known}")
    return build
