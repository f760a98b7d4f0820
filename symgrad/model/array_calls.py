"""What functions of array libraries mean: ``dot(a, b)`` is ``a @ b``, ``square(x)`` is ``x^2``."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TypeAlias

from symgrad.model.lexer import complain
from symgrad.model.syntax import Call, Chain, Constant, Formula, Neg, Number, Power, Transpose

Arguments: TypeAlias = tuple[Formula, ...]

LIBRARIES = frozenset({"np", "numpy", "jnp", "torch", "math", "tf", "sp"})

SYNONYMS: Mapping[str, str] = {
    "σ": "sigmoid",
    "sigma": "sigmoid",
    "sigm": "sigmoid",
    "logistic": "sigmoid",
    "expit": "sigmoid",
    "ReLU": "relu",
    "ln": "log",
    "maximum": "max",
    "minimum": "min",
    "absolute": "abs",
    "sgn": "sign",
    "heaviside": "step",
    "Softmax": "softmax",
}
DERIVATIVES = ("{}_prime", "{}Prime", "{}_derivative", "{}Gradient", "{}_grad", "d_{}", "d{}")
"""How programs call the derivative of a function."""

UNCHANGED = frozenset({"int64", "float64", "float32", "float", "int", "asarray", "array", "copy"})


def _product(args: Arguments, column: int) -> Formula:
    return Chain(("@",), args, column)


def _outer(args: Arguments, column: int) -> Formula:
    return Chain(("@",), (args[0], Transpose(args[1], column)), column)


def _joined(operator: str) -> Callable[[Arguments, int], Formula]:
    return lambda args, column: Chain((operator,), args, column)


def _power(args: Arguments, column: int) -> Formula:
    return Power(args[0], args[1], column)


def _where(args: Arguments, column: int) -> Formula:
    return Call("where", args, column)


def _ones(_args: Arguments, column: int) -> Formula:
    return Constant("ones", column)


def _zeros(_args: Arguments, column: int) -> Formula:
    return Number(Fraction(0), column)


def _length(args: Arguments, column: int) -> Formula:
    return Call("shape", (args[0], Number(Fraction(0), column)), column)


CALLS: Mapping[str, tuple[int, Callable[[Arguments, int], Formula]]] = {
    "dot": (2, _product),
    "matmul": (2, _product),
    "mm": (2, _product),
    "inner": (2, _product),
    "outer": (2, _outer),
    "multiply": (2, _joined("*")),
    "divide": (2, _joined("/")),
    "add": (2, _joined("+")),
    "subtract": (2, _joined("-")),
    "where": (3, _where),
    "ones": (1, _ones),
    "ones_like": (1, _ones),
    "zeros_like": (1, _zeros),
    "eye": (1, lambda _args, column: Constant("eye", column)),
    "identity": (1, lambda _args, column: Constant("eye", column)),
    "len": (1, _length),
    "negative": (1, lambda args, column: Neg(args[0], column)),
    "power": (2, _power),
    "pow": (2, _power),
    "square": (1, lambda args, column: Power(args[0], Number(Fraction(2), column), column)),
    "transpose": (1, lambda args, column: Transpose(args[0], column)),
    "t": (1, lambda args, column: Transpose(args[0], column)),
}


def applied(name: str, args: Arguments, column: int) -> Formula:
    """Return the formula that a call means.

    Raises
    ------
    FormulaError
        If the number of its arguments is wrong.
    """
    if name in UNCHANGED:
        return args[0]
    count, meaning = CALLS[name]
    if len(args) != count:
        raise complain(column, f"{name} takes {count} argument(s), found {len(args)}")
    return meaning(args, column)
