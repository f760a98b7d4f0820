"""An emitted kernel, run as it stands over exact numbers.

The text is plain Python over a closed set of statements.  Without Numba, with arrays of objects and with
its elementary functions abstracted to those of an algebra, running it *proves* something about the very
text that is compiled: at the sizes of the arrays given, this file computes these values.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from symgrad.errors import CheckError
from symgrad.exact.algebra import Algebra, ExactError
from symgrad.exact.decimals import Real
from symgrad.exact.residues import Residue
from symgrad.exact.tapes import Slot
from symgrad.exact.translate import translate
from symgrad.kernels.carried import DOT, QUOTIENT, RAISED, carried
from symgrad.kernels.printer import NAMES as PRINTED
from symgrad.model.activations import ROWS, Activation
from symgrad.model.functions import Z, expand, primal

HIGHEST = 1_000
"""The highest power that is taken where the exponent is computed."""

Table = Mapping[str, Callable[..., Any]]

IRRATIONAL: Mapping[float, sp.Expr] = {math.pi: sp.pi, math.e: sp.E}
"""What the numbers stand for that an emitted text takes from NumPy by name."""


def run_exact(text: str, algebra: Algebra[Any], function: str, args: Sequence[Any]) -> Any:
    """Run a function of an emitted module over exact values.

    Parameters
    ----------
    text
        The text of a kernel that `symgrad.kernels.module.generate` wrote; never a text from outside.
    algebra
        Its values stand in the arrays.
    function
        ``forward``, ``loss``, ``gradients`` or ``train``.
    args
        Arrays of dtype object over the algebra (labels stay integers), and plain numbers.

    Returns
    -------
    What the function returns: values of the algebra and arrays of them.

    Raises
    ------
    CheckError
        If the module has no such function.
    """
    namespace = load_exact(text, algebra)
    if function not in namespace:
        raise CheckError(f"the kernel has no function {function}")
    return namespace[function](*args)


def load_exact(text: str, algebra: Algebra[Any]) -> dict[str, Any]:
    """Return the names of an emitted module, its functions over the values of an algebra."""
    namespace = carried(text)
    drawn = {"draw": _drawing(namespace["draw"], algebra)} if "draw" in namespace else {}
    namespace.update({**stand_ins(algebra), **drawn})
    return namespace


def objects(values: Any) -> Any:
    """Return nested sequences of exact values as a C-contiguous array of objects."""
    return np.ascontiguousarray(np.array(values, dtype=object))


def _whole(numerator: Any) -> Fraction:
    """Return a number without the type that it has in an array."""
    return numerator if isinstance(numerator, Fraction) else Fraction(int(numerator))


def _drawing(draw: Callable[..., None], algebra: Algebra[Any]) -> Callable[..., None]:
    """Return the emitted `draw` for arrays of exact values."""

    def drawn(numbers: Any, limit: Any, random_state: Any) -> None:
        found = np.empty(numbers.shape)
        draw(found, limit, random_state)
        numbers[...] = objects([algebra.number(int(u)) for u in found.ravel()]).reshape(numbers.shape)

    return drawn


def _plain(value: Any) -> Any:
    """Return the number that an exact value is known to be."""
    match value:
        case Slot(exact=Fraction() as number) | Residue(number=Fraction() as number):
            return number
        case Real(number=Fraction() as number):
            return number
        case _:
            return value


def _quotient(value: Any, by: Any) -> Any:
    one, other = _plain(value), _plain(by)
    if not all(isinstance(u, int | Fraction | np.integer) for u in (one, other)):
        raise ExactError("only the quotient of known numbers is rounded down exactly")
    return one // other


def _raised(base: Any, exponent: Any) -> Any:
    power = _plain(exponent)
    if abs(power) > HIGHEST:
        raise ExactError(f"the power {power} is too high to be taken exactly")
    return base ** (int(power) if isinstance(power, Fraction) and power.denominator == 1 else power)


def stand_ins(algebra: Algebra[Any]) -> Table:
    """Return for the name of every emitted helper what it means in an algebra.

    The rows of the table of activations mean their primals; what else there is, one function each.  An entry
    to which nothing was added is the plain 0 of its array.  Exact sums lose no digits.
    """
    rows = {name: _of_row(row, algebra) for name, row in ROWS.items() if name in PRINTED}
    rows["sigmoid_of_one"] = rows["sigmoid"]
    values = {name: _of_values(function, algebra) for name, function in _elementary(algebra).items()}
    return {**rows, **values, **_of_integers(algebra)}


def _of_values(function: Callable[..., Any], algebra: Algebra[Any]) -> Callable[..., Any]:
    return lambda *given: function(*(algebra.number(u) if isinstance(u, int) else u for u in given))


def _of_row(row: Activation, algebra: Algebra[Any]) -> Callable[[Any], Any]:
    body = expand(primal(row))
    return _of_values(lambda u: translate(body, algebra, {Z: u}), algebra)


def _elementary(algebra: Algebra[Any]) -> Table:
    """Return the functions of values."""
    return {
        "exp": algebra.exp,
        "log": algebra.log,
        "tanh": algebra.tanh,
        "sqrt": algebra.sqrt,
        "sine": algebra.sin,
        "cosine": algebra.cos,
        "erf": algebra.erf,
        "step": algebra.step,
        "reciprocal": lambda u: 1 / u,
        "sign": algebra.sign,
        "absolute": algebra.abs,
        "relu": lambda u: algebra.step(u) * u,
        "larger": algebra.maximum,
        "smaller": algebra.minimum,
        "between": lambda u, low, high: algebra.minimum(algebra.maximum(u, low), high),
        "running_maximum": algebra.shift,
        "greater": lambda u, v: algebra.equal(algebra.step(u - v), algebra.number(1)),
        "masked_exp": lambda m, u: m * algebra.exp(u),
        "candidate": lambda _m, u: u,
    }


def _of_integers(algebra: Algebra[Any]) -> Table:
    """Return the functions of arrays and of integers, and the product."""
    number = algebra.number

    def constant(_array: Any, numerator: Any, denominator: Any) -> Any:
        if isinstance(numerator, float) and numerator in IRRATIONAL:
            return translate(IRRATIONAL[numerator], algebra)
        exact = isinstance(numerator, int | Fraction | np.integer)
        return number(_whole(numerator) / int(denominator)) if exact else numerator / int(denominator)

    def product(left: Any, right: Any) -> Any:
        columns = right.T if right.ndim == 2 else [right]
        rows = left if left.ndim == 2 else [left]
        return objects(
            [[algebra.total(a * b for a, b in zip(r, c, strict=True)) for c in columns] for r in rows]
        )

    def dot(left: Any, right: Any, out: Any) -> None:
        if np.may_share_memory(out, left) or np.may_share_memory(out, right):
            raise CheckError("a product is written over one of its factors")
        out[...] = product(left, right).reshape(out.shape)

    def set_product(out: Any, keep: Any, rate: Any, left: Any, right: Any) -> None:
        before = 0 if isinstance(keep, int) and keep == 0 else keep * out
        out[...] = before + rate * product(left, right).reshape(out.shape)

    return {
        "constant": constant,
        QUOTIENT: _quotient,
        RAISED: _raised,
        DOT: dot,
        "precise": lambda _magnitude, _value, _array: True,
        "set_product": set_product,
        "set_in_tiles": set_product,
        "typed": lambda k, _one: number(int(k)),
        "equal": lambda u, v, _one: number(1 if u == v else 0),
    }
