"""Matrix algebra as a tree: leaves, products, sums; every tree has rows and columns."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import sympy as sp

from symgrad.model.graph import Axis

Side: TypeAlias = Axis | None


@dataclass(frozen=True)
class Leaf:
    """A node as a whole, in the order of its own axes; a vector is a column."""

    name: str
    rows: Side
    cols: Side


@dataclass(frozen=True)
class Ones:
    """A vector of ones, a column or a row."""

    rows: Side
    cols: Side


@dataclass(frozen=True)
class Fill:
    """The same number everywhere; a single number without axes."""

    value: sp.Expr
    rows: Side = None
    cols: Side = None


@dataclass(frozen=True)
class Transpose:
    """The transpose of a leaf."""

    body: "Leaf"


@dataclass(frozen=True)
class Diagonal:
    """The square matrix with a column on its diagonal; of ones, the identity."""

    body: "Tree"


@dataclass(frozen=True)
class MatMul:
    """A product of matrices; an outer product when the inner side is a single column."""

    left: "Tree"
    right: "Tree"


@dataclass(frozen=True)
class Hadamard:
    """A product entry by entry."""

    factors: tuple["Tree", ...]


@dataclass(frozen=True)
class Scale:
    """A number times a matrix."""

    by: "Tree"
    body: "Tree"


@dataclass(frozen=True)
class Sum:
    """A sum of matrices of one shape."""

    terms: tuple["Tree", ...]


@dataclass(frozen=True)
class Apply:
    """A function of every entry; `head` is SymPy's class, `sp.Pow` for a power."""

    head: type[sp.Basic]
    args: tuple["Tree", ...]


Tree: TypeAlias = Leaf | Ones | Fill | Transpose | Diagonal | MatMul | Hadamard | Scale | Sum | Apply
Shape: TypeAlias = tuple[Side, Side]

ONE = Fill(sp.Integer(1))


def shape(tree: Tree) -> Shape:
    """Return the axes of the rows and of the columns; None is a single one."""
    match tree:
        case Leaf(_, rows, cols) | Ones(rows, cols) | Fill(_, rows, cols):
            return rows, cols
        case Transpose(body):
            rows, cols = shape(body)
            return cols, rows
        case Diagonal(body):
            return shape(body)[0], shape(body)[0]
        case MatMul(left, right):
            return shape(left)[0], shape(right)[1]
        case Scale(_, body):
            return shape(body)
        case Hadamard(parts) | Sum(parts) | Apply(_, parts):
            return shape(parts[0])


def transposed(tree: Tree) -> Tree:
    """Return the transpose, pushed down to the leaves."""
    match tree:
        case Leaf():
            return tree if shape(tree) == (None, None) else Transpose(tree)
        case Ones(rows, cols):
            return Ones(cols, rows)
        case Fill(value, rows, cols):
            return Fill(value, cols, rows)
        case Transpose(body):
            return body
        case Diagonal():
            return tree
        case MatMul(left, right):
            return MatMul(transposed(right), transposed(left))
        case Hadamard(factors):
            return Hadamard(tuple(map(transposed, factors)))
        case Scale(by, body):
            return Scale(by, transposed(body))
        case Sum(terms):
            return Sum(tuple(map(transposed, terms)))
        case Apply(head, args):
            return Apply(head, tuple(map(transposed, args)))


def hadamard(factors: Iterable[Tree]) -> Tree:
    """Multiply entry by entry; one factor stays alone."""
    flat = tuple(p for f in factors for p in (f.factors if isinstance(f, Hadamard) else (f,)))
    return flat[0] if len(flat) == 1 else Hadamard(flat)


def scale(by: Tree, body: Tree) -> Tree:
    """Multiply by a number; 1 is left out."""
    return body if by == ONE else by if body == ONE else Scale(by, body)
