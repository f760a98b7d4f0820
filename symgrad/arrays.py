"""Shapes as kernels write them, and whether arrays fit: numbers, names, and ``(H - 3)//2 + 1``."""

import ast
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import TypeAlias

from symgrad.errors import DataError

Shape: TypeAlias = tuple[int | str, ...]

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
    if size in sizes:
        return sizes[size]
    return int(_value(_parsed(size), sizes)) if sizes.keys() >= set(names_in(size)) else None


@cache
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


def spelled(shape: tuple[object, ...]) -> str:
    """Write a shape as people do: (32, D), and (32,) for one axis."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def bind(name: str, shape: Shape, actual: tuple[int, ...], sizes: Mapping[str, int]) -> dict[str, int]:
    """Return the sizes with those that an array shows added; refuse an array that does not fit."""
    if len(shape) != len(actual):
        raise _misfit(name, shape, actual, sizes)
    known = dict(sizes)
    for size, length in zip(shape, actual, strict=True):
        if isinstance(size, str) and size.isidentifier():
            known.setdefault(size, length)
        if extent(size, known) not in (None, length):
            raise _misfit(name, shape, actual, sizes)
    return known


def _misfit(name: str, shape: Shape, actual: tuple[int, ...], sizes: Mapping[str, int]) -> DataError:
    wanted = tuple(extent(size, sizes) or size for size in shape)
    return DataError(f"{name} has the shape {spelled(actual)}, but the network wants {spelled(wanted)}")
