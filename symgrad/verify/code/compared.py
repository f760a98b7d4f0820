"""What code compares with a number, as it is written: p of ``np.clip(p, 1e-12, 1)``, of ``p < 1e-12``."""

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from symgrad.verify.arrays.programs import Program
from symgrad.verify.code.surroundings import UnwritableError, written_as_tree

# What folds a constant such as 1 - 1e-12, and what may stand beside one in a call that compares.
_OPERATIONS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_CUTS = frozenset({"clip", "maximum", "minimum", "max", "min"})


def compared_with(number: float, *programs: Program) -> str:
    """Return the one expression that programs compare with a number; empty where there is none, or two.

    Examples
    --------
    >>> compared_with(1e-12, "q = np.clip(p, 1e-12, 1 - 1e-12)")
    'p'
    """
    found = {text for program in programs for text in _in(program, number)}
    return found.pop() if len(found) == 1 else ""


def _in(program: Program, number: float) -> Iterator[str]:
    with suppress(UnwritableError, SyntaxError):
        tree = ast.parse(program) if isinstance(program, str) else written_as_tree(program)
        for node in ast.walk(tree):
            values = _compared(node)
            if any(_constant(value) == number for value in values):
                yield from (ast.unparse(value) for value in values if _constant(value) is None)


def _compared(node: ast.AST) -> list[ast.expr]:
    """Return the values that a comparison, or a function that cuts off, holds against each other."""
    match node:
        case ast.Compare(left=left, comparators=others):
            return [left, *others]
        case ast.Call(func=ast.Attribute(value=owner, attr="clip"), args=values, keywords=named) if (
            len(values) + len(named) == 2
        ):
            return [owner, *values, *(keyword.value for keyword in named)]
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=values) if name in _CUTS:
            return [*values, *(keyword.value for keyword in node.keywords if keyword.arg != "axis")]
        case _:
            return []


def _constant(node: ast.expr) -> float | None:
    match node:
        case ast.Constant(value=int() | float() as value):
            with suppress(OverflowError):
                return float(value)
            return None
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            value = _constant(inner)
            return None if value is None else -value
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            one, other = _constant(left), _constant(right)
            with suppress(ArithmeticError):
                return None if one is None or other is None else _OPERATIONS[type(op)](one, other)
            return None
        case _:
            return None
