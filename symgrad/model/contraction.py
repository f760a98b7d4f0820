"""When is a term A @ B, an outer product, a row sum?  Decided by its index letters alone.

The factors of a term are a small graph: letters are its corners, a factor with two letters is an edge,
one with one letter a weight on a corner.  Summing over a letter takes a corner away: without edges it
leaves a scalar 1ᵀu, with one edge a vector A u, with two a matrix A diag(u) B; with three it is no
matrix algebra, and the answer is None.  Every tree has rows and columns, so what comes out is
well-shaped by construction; a vector is one column, and where it is repeated along an axis a product
with a vector of ones says so.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import sympy as sp

from symgrad.model.expressions import Ref
from symgrad.model.graph import Axis, Term
from symgrad.model.terms import summed
from symgrad.model.trees import (
    ONE,
    Apply,
    Diagonal,
    Fill,
    Hadamard,
    Leaf,
    MatMul,
    Ones,
    Sum,
    Tree,
    hadamard,
    scale,
    transposed,
)

Reorder: TypeAlias = Callable[[Sequence[sp.Expr]], Sequence[sp.Expr]]
Letters: TypeAlias = tuple[sp.Expr, ...]
Pieces: TypeAlias = dict[frozenset[sp.Expr], tuple[Letters, Tree]]


def contract(term: Term, factors: Reorder = tuple, terms: Reorder = tuple) -> Tree | None:
    """Return a term in gather form as matrix algebra, or None where it is none.

    Parameters
    ----------
    term
        Its landing subscripts are its node's own letters; with more than two there is no matrix.
    factors, terms
        Put the factors of a product and the terms of a sum into the order in which they shall stand.
    """
    axes = {axis.symbol: axis for axis in term.bound}
    if len(term.write) > 2 or not all(w in axes for w in term.write):
        return None
    pieces: Pieces = {}
    for factor in factors(sp.Mul.make_args(term.body)):
        letters = _letters(factor, axes)
        if letters is None or len(letters) > 2:
            return None
        _add(pieces, letters, entrywise(factor, tuple(axes[x] for x in letters), terms))
    return _result(pieces, term.write, axes) if _eliminated(pieces, term, axes) else None


def _letters(factor: sp.Expr, axes: Mapping[sp.Expr, Axis]) -> Letters | None:
    """Return the letters of a factor, its largest access first; None where it is not entrywise."""
    accesses = sorted(factor.atoms(Ref), key=lambda r: (-len(r.index), str(r)))
    found = tuple(dict.fromkeys(i for ref in accesses for i in ref.index))
    plain = all(i in axes for i in found) and all(len(set(r.index)) == len(r.index) for r in accesses)
    return found if plain and not factor.free_symbols & axes.keys() and not factor.has(sp.Piecewise) else None


def entrywise(expression: sp.Expr, axes: tuple[Axis, ...], terms: Reorder = tuple) -> Tree:
    """Return an expression that is pointwise over at most two axes, spread over them."""
    rows, cols = (*axes, None, None)[:2]
    if not expression.atoms(Ref):
        return Fill(expression, rows, cols)
    match expression:
        case Ref():
            return _spread(expression, axes)
        case sp.Add():
            return Sum(tuple(entrywise(t, axes, terms) for t in terms(expression.args)))
        case sp.Mul():
            number, rest = expression.as_independent(Ref)
            factors = sp.Mul.make_args(rest)
            return scale(Fill(number), hadamard(entrywise(f, axes, terms) for f in factors))
        case _:
            return Apply(type(expression), tuple(entrywise(a, axes, terms) for a in expression.args))


def _spread(ref: Ref, axes: tuple[Axis, ...]) -> Tree:
    """Bring a node to the given axes: turned, or repeated along the axis that it has not."""
    by_letter = {axis.symbol: axis for axis in axes}
    own = [by_letter[i] for i in ref.index]
    leaf = Leaf(ref.name, *(*own, None, None)[:2])
    if len(own) == len(axes):
        return leaf if own == list(axes) else transposed(leaf)
    rows, cols = (*axes, None, None)[:2]
    if not own:
        return Fill(ref, rows, cols)
    return MatMul(leaf, Ones(None, cols)) if own == [rows] else MatMul(Ones(rows, None), transposed(leaf))


def _add(pieces: Pieces, letters: Letters, tree: Tree, *, front: bool = False) -> None:
    """Multiply a tree over its letters to what stands there already."""
    key = frozenset(letters)
    if key not in pieces:
        pieces[key] = letters, tree
        return
    order, old = pieces[key]
    turned = tree if order == letters else transposed(tree)
    if not letters:
        pieces[key] = order, scale(old, turned)
    else:
        pieces[key] = order, hadamard((turned, old) if front else (old, turned))


def _eliminated(pieces: Pieces, term: Term, axes: Mapping[sp.Expr, Axis]) -> bool:
    """Sum over the letters, the fewest edges and then the last letter first; say whether that went."""
    waiting = [axis.symbol for axis in summed(term)]
    while waiting:
        letter = min(reversed(waiting), key=lambda x: len(_edges(pieces, x)))
        if len(_edges(pieces, letter)) > 2:
            return False
        waiting.remove(letter)
        _eliminate(pieces, letter, term.write, axes)
    return True


def _edges(pieces: Pieces, letter: sp.Expr) -> list[sp.Expr]:
    """Return the neighbours of a letter."""
    return [x for letters, _ in pieces.values() if letter in letters for x in letters if x != letter]


def _eliminate(pieces: Pieces, letter: sp.Expr, write: Letters, axes: Mapping[sp.Expr, Axis]) -> None:
    neighbours = sorted(_edges(pieces, letter), key=lambda x: (*write, x).index(x))
    edges = [_oriented(pieces, x, letter) for x in neighbours]
    for x in neighbours:
        del pieces[frozenset((x, letter))]
    weight = pieces.pop(frozenset((letter,)), None)
    vector = weight[1] if weight else None
    match edges:
        case [left, right]:
            inner = transposed(right)
            if vector is not None:
                left = MatMul(left, Diagonal(vector))
            made = MatMul(left, inner)
        case [left]:
            made = MatMul(left, vector or Ones(axes[letter], None))
        case _:
            made = _added_up(vector, axes[letter])
    _add(pieces, tuple(neighbours), made, front=True)


def _oriented(pieces: Pieces, rows: sp.Expr, cols: sp.Expr) -> Tree:
    letters, tree = pieces[frozenset((rows, cols))]
    return tree if letters == (rows, cols) else transposed(tree)


def _added_up(vector: Tree | None, axis: Axis) -> Tree:
    """Return 1ᵀu, as uᵀv where the vector is a product; without a vector the size."""
    match vector:
        case None:
            return Fill(axis.size)
        case Hadamard((first, *rest)):
            return MatMul(transposed(first), hadamard(rest))
        case _:
            return MatMul(Ones(None, axis), vector)


def _result(pieces: Pieces, write: Letters, axes: Mapping[sp.Expr, Axis]) -> Tree:
    """Put the remaining pieces together over the node's own letters."""
    scalar = pieces.get(frozenset(), ((), ONE))[1]
    vectors = [pieces[frozenset((w,))][1] if frozenset((w,)) in pieces else None for w in write]
    if not write:
        return scalar
    if len(write) == 1:
        return scale(scalar, vectors[0] or Ones(axes[write[0]], None))
    rows, cols = write
    column, row = vectors[0] or Ones(axes[rows], None), vectors[1] or Ones(axes[cols], None)
    outer = MatMul(column, transposed(row))
    if frozenset(write) not in pieces:
        return scale(scalar, outer)
    matrix = _oriented(pieces, rows, cols)
    return scale(scalar, hadamard((matrix, outer)) if any(vectors) else matrix)
