"""The value of a formula about single numbers, in floats: thousands of them are tried."""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import add, mul, sub, truediv

from symgrad.model.syntax import Call, Chain, Formula, Name, Neg, Number, Power, Prime

Functions = Mapping[str, Callable[..., float]]

OPERATIONS: Mapping[str, Callable[[float, float], float]] = {
    "+": add,
    "-": sub,
    "/": truediv,
    **dict.fromkeys(("*", "·", " ", "@"), mul),
}


def value(formula: Formula, table: Mapping[str, float], functions: Functions) -> float:
    """Return the value of a formula in which everything is one number.

    Raises
    ------
    KeyError
        If it holds what is no number.
    ArithmeticError
        If there is no value.
    """
    match formula:
        case Number(number):
            return float(number)
        case Name(name, ()):
            return table[name]
        case Neg(operand):
            return -value(operand, table, functions)
        case Power(base, exponent):
            return _power(value(base, table, functions), value(exponent, table, functions))
        case Chain(operators, (first, *rest)):
            steps = zip(operators, rest, strict=True)
            start = value(first, table, functions)
            return reduce(lambda sofar, step: _step(sofar, *step, table, functions), steps, start)
        case Call(function, args):
            return functions[function](*(value(arg, table, functions) for arg in args))
        case Prime(function, argument, order):
            return functions[function + "'" * order](value(argument, table, functions))
        case _:
            raise KeyError(type(formula).__name__)


def _step(
    sofar: float,
    operator: str,
    operand: Formula,
    table: Mapping[str, float],
    functions: Functions,
) -> float:
    return OPERATIONS[operator](sofar, value(operand, table, functions))


def _power(base: float, exponent: float) -> float:
    found = base**exponent
    if isinstance(found, complex):
        raise ArithmeticError("a root of a negative number")
    return found
