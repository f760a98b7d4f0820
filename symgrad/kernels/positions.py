"""Sums over an indicator: ``Σ_v [ids[n] = v] E[v,d]`` reads one entry, ``E[v,d]`` with ``v = ids[n]``.

The same holds for the position of a maximum, ``[2 k + l = arg[n]]`` with ``k = arg[n] // 2`` and
``l = arg[n] % 2``; and where such a letter stands on the left, the term lands there: a scatter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import sympy as sp

from symgrad.kernels.pieces import Landing, Piece, Summand, summand
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Position
from symgrad.kernels.strides import digits
from symgrad.model.expressions import Ref, index, reindex
from symgrad.model.functions import Equal
from symgrad.model.graph import Axis, Term


class Quotient(sp.Function):
    """``u // v`` of two integers ≥ 0."""

    nargs = 2
    is_integer = True
    is_nonnegative = True


class Remainder(sp.Function):
    """``u % v`` of two integers ≥ 0."""

    nargs = 2
    is_integer = True
    is_nonnegative = True


@dataclass(frozen=True)
class _Solved:
    """A term and the letters in it that are read from arrays of integers."""

    term: Term
    positions: tuple[Position, ...] = ()


@dataclass
class _Letters:
    """The names of the letters of a piece that are read: the same for the same value."""

    made: dict[str, sp.Expr] = field(default_factory=dict[str, sp.Expr])

    def name(self, letter: str, source: str, value: sp.Expr) -> str:
        """Return a name such as ``v_ids``."""
        wish = f"{letter}_{source}"
        while self.made.setdefault(wish, value) != value:
            wish += "_"
        return wish


def located(spec: KernelSpec, piece: Piece) -> Piece:
    """Return a piece with the letters of its indicators read from the arrays that hold them."""
    if piece.reduce != "sum" or not _compares(piece):
        return piece
    names = _Letters()
    found = [_solved(spec, _term(piece, s), names) for s in piece.summands]
    lands = [_solved(spec, Term(t.write, t.bound, t.body), names) for t in piece.landings]
    stays = [piece.index == solved.term.write for solved in found]
    kept = (
        summand(f.term, piece.axes, f.positions) if f.positions else old
        for f, old, stay in zip(found, piece.summands, stays, strict=True)
        if stay
    )
    moved = (f for f, stay in zip(found, stays, strict=True) if not stay)
    return replace(piece, summands=tuple(kept), landings=tuple(_landing(f) for f in (*moved, *lands)))


def _compares(piece: Piece) -> bool:
    """Whether an indicator stands in a piece."""
    values = (*(e for s in piece.summands for e in (s.factor, s.inner)), *(t.body for t in piece.landings))
    return any(value.has(Equal) for value in values)


def _term(piece: Piece, given: Summand) -> Term:
    return Term(piece.index, (*piece.axes, *given.summed), given.factor * given.inner)


def _landing(solved: _Solved) -> Landing:
    return Landing(solved.term.write, solved.term.bound, solved.term.body, solved.positions)


def _solved(spec: KernelSpec, term: Term, names: _Letters) -> _Solved:
    """Solve one indicator after the other."""
    solved = _Solved(term)
    while (further := _step(spec, solved, names)) is not None:
        solved = further
    return solved


def _step(spec: KernelSpec, solved: _Solved, names: _Letters) -> _Solved | None:
    term = solved.term
    if not term.body.is_Mul:
        return None
    for factor in term.body.args:
        if isinstance(factor, Equal):
            for held, place in (factor.args, factor.args[::-1]):
                if isinstance(held, Ref) and (values := _digits(spec, held, place, term.sizes)):
                    return _applied(solved, factor, held, values, names)
    return None


def _applied(
    solved: _Solved, factor: sp.Expr, held: Ref, values: Mapping[sp.Symbol, sp.Expr], names: _Letters
) -> _Solved:
    new = {old: names.name(str(old), held.name, value) for old, value in values.items()}
    table = {old: index(name) for old, name in new.items()}
    term = solved.term
    bound = tuple(axis for axis in term.bound if axis.symbol not in table)
    write = tuple(w.xreplace(table) for w in term.write)
    body = reindex(term.body.xreplace({factor: sp.Integer(1)}), table)
    earlier = tuple(Position(p.letter, reindex(p.value, table)) for p in solved.positions)
    made = tuple(Position(name, values[old]) for old, name in new.items())
    return _Solved(Term(write, bound, body), (*made, *earlier))


def _digits(
    spec: KernelSpec, held: Ref, place: sp.Expr, sizes: Mapping[sp.Symbol, sp.Expr]
) -> dict[sp.Symbol, sp.Expr] | None:
    """Return the letters of ``k K + l`` by the integer that it equals; None where it may be another one."""
    letters = [symbol for symbol in sizes if symbol in place.free_symbols]
    inside = {s for i in held.index for s in i.free_symbols}
    found = digits(place, letters, sizes)
    if found is None or not letters or inside & set(letters) or found.start != 0:
        return None
    if not _all_positions(spec, held.name, found.count):
        return None
    top = found.strides[-1][0]
    return {s: _digit(held, n, None if s == top else sizes[s]) for s, n in reversed(found.strides)}


def _digit(held: Ref, stride: sp.Expr, size: sp.Expr | None) -> sp.Expr:
    value = held if stride == 1 else Quotient(held, stride)
    return value if size is None else Remainder(value, size)


def _all_positions(spec: KernelSpec, name: str, count: sp.Expr) -> bool:
    """Whether the values of an array of integers are just those below a count."""
    if spec.is_integer(name):
        return name in spec.classes and sp.expand(spec.classes[name] - count) == 0
    node = spec.graph.by_name.get(name)
    if node is None or node.reduce != "argmax":
        return False
    return count == positions_of(spec, node.axes, node.terms)


def positions_of(spec: KernelSpec, axes: tuple[Axis, ...], terms: tuple[Term, ...]) -> sp.Expr:
    """Return how many summands a maximum is taken over."""
    own = {axis.symbol for axis in axes}
    counts = []
    for term in terms:
        landing = {w for w in term.write if w in term.sizes} | own.intersection(term.write)
        counts.append(sp.prod([a.size for a in spec.sized(term.bound) if a.symbol not in landing]))
    return sp.expand(sp.Add(*counts))
