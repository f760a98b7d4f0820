"""Counts the operations of emitted statements for one sample, of expressions as `symgrad cost` does."""

from collections.abc import Mapping

import sympy as sp

from symgrad.derive.operations import operations as operations_of
from symgrad.kernels.positions import Remainder
from symgrad.kernels.statements import (
    Accumulate,
    Apply,
    Assign,
    Call,
    Function,
    Loop,
    Product,
    Record,
    Size,
    Statement,
    Statements,
    When,
)
from symgrad.model.expressions import size


def count(function: Function, sizes: Mapping[sp.Expr, sp.Expr]) -> str:
    """Return the operations of a function at some sizes: a number, or a formula in the open ones."""
    return str(counted(function, sizes)).replace("**", "^").replace("*", "·")


def counted(function: Function, sizes: Mapping[sp.Expr, sp.Expr]) -> sp.Expr:
    """Return the operations of a function at some sizes, the remainder of few samples worked out."""
    read = {size(s.name): s.extent for s in function.body if isinstance(s, Size) and s.extent is not None}
    return sp.expand(operations(function.body).xreplace({**read, **sizes}).replace(Remainder, sp.Mod))


def operations(statements: Statements) -> sp.Expr:
    """Return the number of additions, subtractions, products, quotients, powers and calls of functions."""
    return sp.Add(*(_of(s) for s in statements))


def _of(statement: Statement) -> sp.Expr:
    match statement:
        case Loop(start=start, stop=stop, body=body, step=step):
            return (stop - start) / step * operations(body)
        case Call(body=body):
            return operations(body)
        case When(start=start, stop=stop, size=turns, body=body):
            return (stop - start) / turns * operations(body)
        case Assign(value=value):
            return sp.Integer(operations_of(value))
        case Accumulate(value=value):
            return sp.Integer(1 + operations_of(value))
        case Record():
            return sp.Integer(1)
        case Apply(size=size):
            return size
        case Product(multiplications=number):
            return 2 * number
        case _:
            return sp.Integer(0)
