"""Matrix style: ``z1 = x W1ᵀ + 1 b1ᵀ``, ``δz1 = (δz2 W2) ⊙ a1 ⊙ (1 − a1)``, ``∂J/∂W1 = δz1ᵀ x``.

Samples are rows where a graph has a sample axis; without one a vector is a column, ``z1 = W1 x + b1``.
Which products these are is decided by index letters, in `symgrad.model.contraction`; **1** is a column
of ones and says where a vector is repeated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from symgrad.model.contraction import Reorder, contract
from symgrad.model.graph import Axis, Node, Term
from symgrad.model.terms import gather
from symgrad.model.trees import (
    Apply,
    Diagonal,
    Fill,
    Hadamard,
    Leaf,
    MatMul,
    Ones,
    Scale,
    Side,
    Sum,
    Transpose,
    Tree,
    shape,
)
from symgrad.notation.arrange import arrange, call, split_coefficient
from symgrad.notation.compose import product, total
from symgrad.notation.layout import Call, Equation, Glyph, Layout, Power, Product, Transposed
from symgrad.notation.order import ordered_factors, ordered_terms
from symgrad.notation.ranges import is_whole
from symgrad.notation.roles import PLAIN, Roles, named


@dataclass(frozen=True)
class MatrixLine:
    """A definition as matrix algebra.

    Attributes
    ----------
    equation
        Its layout.
    tree
        The right side.
    """

    equation: Equation
    tree: Tree

    def shapes(self, sizes: Mapping[str, int] | None = None) -> str:
        """Return the shapes of the line, ``(N, 32) = (N, 10)·(10, 32)``."""
        numbers = sizes or {}
        return f"{_pair(self.tree, numbers)} = {shape_text(self.tree, numbers)}"


def matrix_line(node: Node, roles: Roles = PLAIN) -> MatrixLine | None:
    """Return a node's definition as matrix algebra, None if it is none (a leaf is none either)."""
    roles = roles.of_node(node)
    tree = matrix_tree(node, roles)
    if tree is None:
        return None
    return MatrixLine(
        Equation(named(node.name, (), roles, whole=bool(node.axes)), tree_layout(tree, roles)), tree
    )


def matrix_tree(node: Node, roles: Roles = PLAIN) -> Tree | None:
    """Return the right side of a definition as a tree, in the order in which people write."""

    def factors(parts: Sequence[sp.Expr]) -> list[sp.Expr]:
        front, rest = split_coefficient(sp.Mul(*parts))
        return [front, *ordered_factors(sp.Mul.make_args(rest), roles)]

    if node.reduce != "sum" or not node.terms:
        return None
    whole = all(is_whole(term, roles.shapes) for term in node.terms)
    trees = [_term_tree(term, node.axes, factors) if whole else None for term in node.terms]
    found = tuple(tree for tree in trees if tree is not None)
    if len(found) < len(trees):
        return None
    return found[0] if len(found) == 1 else Sum(found)


def _term_tree(term: Term, axes: tuple[Axis, ...], factors: Reorder) -> Tree | None:
    """Return one term as a tree; one that lands on the diagonal of a square matrix by what it lands there."""
    square = len(axes) == 2 and axes[0].size == axes[1].size and term.write[0] == term.write[1]
    own, landing = (axes[:1], term.write[:1]) if square else (axes, term.write)
    gathered = gather(Term(landing, term.bound, term.body), own)
    tree = None if gathered is None else contract(gathered, factors, ordered_terms)
    return tree if tree is None or not square else _diagonal(tree)


def _diagonal(tree: Tree) -> Tree:
    """Return a column as a diagonal matrix, its number in front."""
    match tree:
        case Scale(by, body):
            return Scale(by, Diagonal(body))
        case _:
            return Diagonal(tree)


def tree_layout(tree: Tree, roles: Roles = PLAIN) -> Layout:
    """Return the layout of matrix algebra."""
    match tree:
        case Leaf(name, rows, cols):
            return named(name, (), roles, whole=(rows, cols) != (None, None))
        case Ones(rows, _):
            return Glyph("1") if rows else Transposed(Glyph("1"))
        case Fill(value):
            return arrange(value, roles)
        case Transpose(body):
            return Transposed(tree_layout(body, roles))
        case Diagonal(Ones()):
            return Glyph("I")
        case Diagonal(body):
            return Call("diag", (tree_layout(body, roles),))
        case MatMul(left, right):
            return product((tree_layout(left, roles), tree_layout(right, roles)))
        case Hadamard(factors):
            return product(tuple(tree_layout(f, roles) for f in factors), "⊙")
        case Scale(by, body):
            return _scaled(tree_layout(by, roles), tree_layout(body, roles))
        case Sum(terms):
            return total(tuple(tree_layout(t, roles) for t in terms))
        case Apply(head, args):
            return _applied(tree, head, tuple(tree_layout(a, roles) for a in args))


def _scaled(by: Layout, body: Layout) -> Layout:
    entrywise = isinstance(body, Product) and body.joint == "⊙"
    return product((by, body), "·" if entrywise else "")


def _applied(tree: Tree, head: type[sp.Basic], args: tuple[Layout, ...]) -> Layout:
    if issubclass(head, sp.Pow):
        return Power(args[0], args[1], entrywise=shape(tree) != (None, None))
    return call(head, args)


def shape_text(tree: Tree, sizes: Mapping[str, int]) -> str:
    """Return the shapes of the parts of a tree, joined as the parts are."""
    match tree:
        case MatMul(left, right):
            return f"{_guarded(left, sizes)}·{_guarded(right, sizes)}"
        case Hadamard(factors):
            return " ⊙ ".join(_guarded(f, sizes) for f in factors)
        case Scale(_, body):
            return shape_text(body, sizes)
        case Sum(terms):
            parts = [shape_text(t, sizes) for t in terms if not isinstance(t, Fill)]
            return parts[0] if len(set(parts)) == 1 else " + ".join(parts)
        case _:
            return _pair(tree, sizes)


def _guarded(tree: Tree, sizes: Mapping[str, int]) -> str:
    text = shape_text(tree, sizes)
    return text if text == _pair(tree, sizes) or isinstance(tree, MatMul) else f"({text})"


def _pair(tree: Tree, sizes: Mapping[str, int]) -> str:
    rows, cols = (_extent(side, sizes) for side in shape(tree))
    return f"({rows}, {cols})"


def _extent(side: Side, sizes: Mapping[str, int]) -> str:
    return "1" if side is None else str(sizes.get(str(side.size), side.size))
