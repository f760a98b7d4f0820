"""Places of a claim, edits of them, and the pieces of code that edits are made of."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from symgrad.verify.mistakes.code.case import Case
from symgrad.verify.mistakes.code.listing import Site
from symgrad.verify.mistakes.code.quantities import Quantity, Stock


@dataclass(frozen=True)
class Place:
    """A site with what is known there: the value it had, and the quantities around."""

    site: Site
    value: Any
    case: Case
    stock: Stock
    local: tuple[Quantity, ...] = ()

    @property
    def node(self) -> ast.expr:
        """The expression that stands there."""
        return self.site.node

    @property
    def shape(self) -> tuple[int, ...] | None:
        """The shape of its value."""
        return None if self.value is None else np.shape(self.value)


@dataclass(frozen=True)
class Edit:
    """Another expression for a place.

    Attributes
    ----------
    move
        The row of the catalogue.
    node
        What stands there instead: an expression, or a statement for a statement.
    quantity
        What was brought in, or taken out.
    """

    move: str
    site: Site
    node: Any
    quantity: Quantity | None = None
    part: ast.expr | None = None


def binary(left: ast.expr, operator: ast.operator, right: ast.expr) -> ast.expr:
    """An operation as code."""
    return ast.BinOp(left, operator, right)


def call(function: str, *args: ast.expr) -> ast.expr:
    """A call as code, of a function such as ``np.sum``."""
    return ast.Call(ast.parse(function, mode="eval").body, list(args), [])


def code(text: str, **parts: ast.expr) -> ast.expr:
    """Text as an expression, with other expressions for some of its names."""
    return filled(ast.parse(text, mode="eval").body, parts)


def filled(node: ast.expr, parts: dict[str, ast.expr]) -> ast.expr:
    """An expression with other expressions for some of its names."""
    return _Filled(parts).visit(copy.deepcopy(node))


class _Filled(ast.NodeTransformer):
    def __init__(self, parts: dict[str, ast.expr]) -> None:
        self.parts = parts

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.parts.get(node.id, node)


def put(node: ast.expr, part: ast.expr, other: ast.expr) -> ast.expr:
    """An expression with another one for one of its parts."""
    form = ast.dump(part)
    return _Put(form, other).visit(copy.deepcopy(node))


class _Put(ast.NodeTransformer):
    def __init__(self, form: str, other: ast.expr) -> None:
        self.form, self.other = form, other

    def visit(self, node: ast.AST) -> Any:
        return self.other if ast.dump(node) == self.form else self.generic_visit(node)


def fits(inner: tuple[int, ...], outer: tuple[int, ...]) -> bool:
    """Whether one shape can be broadcast to the other."""
    try:
        return np.broadcast_shapes(inner, outer) == outer
    except ValueError:
        return False


def factors(node: ast.expr) -> list[ast.expr]:
    """The factors of a product of numbers, outermost operations first."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return factors(node.left) + factors(node.right)
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "np.multiply":
        return [f for argument in node.args for f in factors(argument)]
    return [node]


def product(parts: list[ast.expr]) -> ast.expr:
    """A product of factors as code."""
    node = parts[0]
    for part in parts[1:]:
        node = binary(node, ast.Mult(), part)
    return node


def matrix_factors(node: ast.AST) -> tuple[ast.expr, ast.expr] | None:
    """The two factors of a product of matrices, however it is written."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        return node.left, node.right
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("np.dot", "np.matmul", "np.outer"):
        return (node.args[0], node.args[1]) if len(node.args) == 2 else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "dot":
        return (node.func.value, node.args[0]) if len(node.args) == 1 else None
    return None


def windows() -> Iterator[ast.expr]:
    """All windows of an axis with up to six entries."""
    for low in range(6):
        yield ast.Slice(ast.Constant(low), None)
        yield from (
            ast.Slice(ast.Constant(low) if low else None, ast.Constant(high)) for high in range(low + 1, 7)
        )
