"""Sizes as kernels write them: numbers, names, and what follows from names, ``(H - 3)//2 + 1``."""

import ast
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction

from symgrad.errors import DataError

OPERATIONS: Mapping[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: lambda one, other: Fraction(one // other),
}


def names_in(size: int | str) -> tuple[str, ...]:
    """Return the names that a size depends on."""
    return (
        ()
        if isinstance(size, int)
        else tuple(n.id for n in ast.walk(_parsed(size)) if isinstance(n, ast.Name))
    )


def extent(size: int | str, sizes: Mapping[str, int]) -> int | None:
    """Return a size as a number, None while a name in it has none.

    Raises
    ------
    DataError
        If it is no arithmetic over names and integers.
    """
    if isinstance(size, int):
        return size
    return int(_value(_parsed(size), sizes)) if sizes.keys() >= set(names_in(size)) else None


def _parsed(size: str) -> ast.expr:
    try:
        return ast.parse(size, mode="eval").body
    except SyntaxError:
        raise _unreadable(size) from None


def _unreadable(size: str) -> DataError:
    return DataError(
        f"the kernel has the size {size!r}, which cannot be read: make it again (symgrad generate)"
    )


def _value(tree: ast.expr, sizes: Mapping[str, int]) -> Fraction:
    match tree:
        case ast.Constant(value=int(number)):
            return Fraction(number)
        case ast.Name(id=name):
            return Fraction(sizes[name])
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner, sizes)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATIONS:
            return OPERATIONS[type(op)](_value(left, sizes), _value(right, sizes))
        case _:
            raise _unreadable(ast.unparse(tree))
