"""Computed landing subscripts solved for print, with zeros outside.

``z[n,t+1,i] += Σ_j U[i,j] h[n,t,j]`` is read by people as ``z[n,t,i] = Σ_j U[i,j] h[n,t−1,j]`` with
h[n,−1,j] = 0, and the scatter of a convolution's delta, ``δx[i+k] += δz[i] W[k]``, as the convolution
``δx[i] = Σ_k δz[i−k] W[k]`` with δz = 0 outside.  A letter is solved for only if accesses leave their
axes exactly where the letter leaves its range, and the term is 0 with them, so that nothing else has to be
said; or if something else is known of what they read there (`symgrad.model.ends`).
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import sympy as sp

from symgrad.model.expressions import Ref, reindex
from symgrad.model.nodes import Axis, Term
from symgrad.model.terms import apart, gather, onto

Shapes = Mapping[str, tuple[sp.Expr, ...]]


@dataclass(frozen=True)
class Landed:
    """A term over its node's own letters, and what has to be known of what it reads outside of axes.

    Attributes
    ----------
    outside
        The names of what counts as 0 there.
    beyond
        What else stands there: an access, and what it is.
    """

    term: Term
    outside: frozenset[str] = frozenset()
    beyond: tuple[tuple[Ref, Ref], ...] = ()


def land(
    term: Term, axes: tuple[Axis, ...], shapes: Shapes, last: Collection[str] = (), *, zero: bool = True
) -> Landed | None:
    """Write a term over its node's own letters; None where its landing subscripts cannot be solved.

    Parameters
    ----------
    shapes
        The sizes of the nodes that are read.
    last
        Names whose subscripts stay as they are where there is a choice: the kernel of a convolution.
    zero
        Whether what is read outside must make the term 0 by being 0.
    """
    if (gathered := gather(term, axes)) is not None:
        return Landed(gathered)
    work, outside = apart(term, (axis.letter for axis in axes)), frozenset[str]()
    for place, axis in enumerate(axes):
        solution = next(_solutions(work, place, axis, _Reading(shapes, last, zero)), None)
        if solution is None:
            return None
        work, outside = solution.term, outside | solution.outside
    covered = work.write == tuple(axis.symbol for axis in axes)
    return Landed(work, outside) if covered else None


def land_or_mark(term: Term, axes: tuple[Axis, ...], shapes: Shapes, last: Collection[str] = ()) -> Landed:
    """Write any term over its node's own letters, with an indicator where nothing else will do."""
    return land(term, axes, shapes, last) or Landed(onto(term, axes))


@dataclass(frozen=True)
class _Reading:
    """The sizes of what is read, which names to solve for last, and whether it must be 0 outside."""

    shapes: Shapes
    last: Collection[str]
    zero: bool


def _solutions(term: Term, place: int, axis: Axis, reading: _Reading) -> Iterator[Landed]:
    """Yield the ways to let one landing subscript be the node's own letter."""
    wanted = term.write[place]
    for letter in _letters(term, wanted, reading.last):
        slope = wanted.coeff(letter)
        rest = sp.expand(wanted - slope * letter)
        if slope not in (1, -1) or letter in rest.free_symbols or not _plain(rest, term):
            continue
        value = sp.expand((axis.symbol - rest) / slope)
        outside = _leaves(term, letter, _range(value, {**term.sizes, axis.symbol: axis.size}), reading)
        if outside is not None:
            yield Landed(_put(term, letter, value, axis), outside)


def _letters(term: Term, wanted: sp.Expr, last: Collection[str]) -> list[sp.Symbol]:
    """Return the letters of a subscript; those that only `last` is read at come last."""
    found = [axis.symbol for axis in term.bound if axis.symbol in wanted.free_symbols]
    used = {s for r in term.accesses if r.name not in last for i in r.index for s in i.free_symbols}
    return sorted(found, key=lambda letter: letter not in used)


def _plain(rest: sp.Expr, term: Term) -> bool:
    """Whether what is added to a letter is whole numbers of letters and sizes, as in 2 i + k, and no more."""
    letters = rest.free_symbols & set(term.sizes)
    linear = sp.Add(*(rest.coeff(letter) * letter for letter in letters))
    return all(rest.coeff(letter).is_Integer for letter in letters) and not (
        sp.expand(rest - linear).free_symbols & letters
    )


def _range(value: sp.Expr, sizes: Mapping[sp.Symbol, sp.Expr]) -> tuple[sp.Expr, sp.Expr]:
    low: dict[sp.Expr, sp.Expr] = {}
    high: dict[sp.Expr, sp.Expr] = {}
    for letter in value.free_symbols & set(sizes):
        ends = (sp.Integer(0), sizes[letter] - 1)
        low[letter], high[letter] = ends if value.coeff(letter) >= 0 else ends[::-1]
    return sp.expand(value.xreplace(low)), sp.expand(value.xreplace(high))


def _leaves(
    term: Term, letter: sp.Symbol, ends: tuple[sp.Expr, sp.Expr], reading: _Reading
) -> frozenset[str] | None:
    """Return what is read outside of axes where the letter leaves its range; None if that is not enough."""
    size = term.sizes[letter]
    below = ends[0].is_nonnegative is not True
    above = sp.expand(ends[1] - size + 1).is_nonpositive is not True
    found = [
        ref
        for ref in term.accesses
        for subscript, extent in zip(ref.index, reading.shapes.get(ref.name, ()), strict=False)
        if (shift := sp.expand(subscript - letter)).is_Integer
        and (not below or shift.is_nonpositive)
        and (not above or sp.expand(size + shift - extent).is_nonnegative)
    ]
    if not (below or above):
        return frozenset()
    return _enough(term.body, found, reading)


def _enough(body: sp.Expr, found: list[Ref], reading: _Reading) -> frozenset[str] | None:
    """Return names that make every product of a term 0 by being 0, one for each; None where none does."""
    names = sorted(dict.fromkeys(ref.name for ref in found), key=lambda name: name in reading.last)
    if not reading.zero:
        return frozenset(names) or None
    parts = (_written_out(body),) if isinstance(body, sp.Tuple) else sp.Add.make_args(body)
    zeros = [dict[sp.Expr, sp.Expr].fromkeys((r for r in found if r.name == n), sp.Integer(0)) for n in names]
    chosen = [
        next((n for n, table in zip(names, zeros, strict=True) if part.xreplace(table) == 0), None)
        for part in parts
    ]
    return None if None in chosen else frozenset(name for name in chosen if name)


def _written_out(factors: sp.Tuple) -> sp.Expr:
    """Return the product of all factors but named derivatives: where these are 0 is not said."""
    return sp.Mul(*(factor for factor in factors if not isinstance(factor, sp.Tuple)))


def _put(term: Term, letter: sp.Symbol, value: sp.Expr, axis: Axis) -> Term:
    table: dict[sp.Expr, sp.Expr] = {letter: value}
    write = tuple(sp.expand(w.xreplace(table)) for w in term.write)
    bound = tuple(axis if a.symbol == letter else a for a in term.bound)
    return Term(write, bound, reindex(term.body, table))


def lands_once(term: Term, axes: tuple[Axis, ...]) -> bool:
    """Whether a term without sums covers every entry of its node once, row by row as in (c H + i) W + j."""
    letters = {axis.symbol for axis in term.bound}
    used: set[sp.Expr] = set()
    for wanted, axis in zip(term.write, axes, strict=True):
        here = wanted.free_symbols & letters
        if here & used or not _row_by_row(sp.expand(wanted), {a: term.sizes[a] for a in here}, axis.size):
            return False
        used |= here
    return used == letters


def _row_by_row(wanted: sp.Expr, sizes: Mapping[sp.Symbol, sp.Expr], whole: sp.Expr) -> bool:
    """Whether a subscript counts its letters like digits, from 0 to the size of the axis."""
    strides = {wanted.coeff(letter): letter for letter in sizes}
    stride: sp.Expr = sp.Integer(1)
    while letter := strides.pop(stride, None):
        wanted -= stride * letter
        stride = sp.expand(stride * sizes[letter])
    return not strides and sp.expand(wanted) == 0 and stride == sp.expand(whole)
