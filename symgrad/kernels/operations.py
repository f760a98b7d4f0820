"""Counts the operations of emitted statements for one sample, of expressions as `symgrad cost` does."""

from collections import Counter
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

ONCE = sp.Integer(1)


def count(function: Function, sizes: Mapping[sp.Expr, sp.Expr]) -> str:
    """Return the operations of a function at some sizes: a number, or a formula in the open ones."""
    return str(counted(function, sizes)).replace("**", "^").replace("*", "·")


def counted(function: Function, sizes: Mapping[sp.Expr, sp.Expr]) -> sp.Expr:
    """Return the operations of a function at some sizes, the remainder of few samples worked out."""
    read = {size(s.name): s.extent for s in function.body if isinstance(s, Size) and s.extent is not None}
    return sp.expand(operations(function.body).xreplace({**read, **sizes}).replace(Remainder, sp.Mod))


def operations(statements: Statements) -> sp.Expr:
    """Return the number of additions, subtractions, products, quotients, powers and calls of functions."""
    return sp.Add(*(often * number for often, number in _counted(statements).items()))


def _counted(statements: Statements) -> Counter[sp.Expr]:
    """Count operations by how often they are carried out."""
    found: Counter[sp.Expr] = Counter()
    for statement in statements:
        turns, inside = _turns(statement), _of(statement)
        for often, number in inside.items():
            found[often if turns is ONCE else turns * often] += number
    return found


def _turns(statement: Statement) -> sp.Expr:
    match statement:
        case Loop(start=start, stop=stop, step=step):
            return (stop - start) / step
        case When(start=start, stop=stop, size=turns):
            return (stop - start) / turns
        case Apply(size=size):
            return size
        case Product(multiplications=number):
            return number
        case _:
            return ONCE


def _of(statement: Statement) -> Counter[sp.Expr]:
    match statement:
        case Loop(body=body) | When(body=body) | Call(body=body):
            return _counted(body)
        case Assign(value=value):
            return Counter({ONCE: operations_of(value)})
        case Accumulate(value=value):
            return Counter({ONCE: 1 + operations_of(value)})
        case Record() | Apply():
            return Counter({ONCE: 1})
        case Product():
            return Counter({ONCE: 2})
        case _:
            return Counter()
