"""Products of a matrix and a vector as one loop over the result, the sum written out.

::

    z[i] = Σ_j W[i,j] x[j]        for i: z[i] = W_turned[0, i]*x[0] + W_turned[1, i]*x[1] + …
"""

from collections.abc import Iterable, Iterator, Sequence

import sympy as sp

from symgrad.kernels.matrices import MATRIX
from symgrad.kernels.nests import settle
from symgrad.kernels.ordering import nest
from symgrad.kernels.outer import NARROW, WRITTEN, Changes
from symgrad.kernels.pieces import Piece, Summand, entry
from symgrad.kernels.plan import Part
from symgrad.kernels.positions import located
from symgrad.kernels.remarks import headed
from symgrad.kernels.schedule import own_axes
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Allocate, Assign, Statements
from symgrad.kernels.turned import turned_name
from symgrad.model.expressions import Ref, map_refs, reindex

PARTS, SHORT = 4, 4
"""A sum is added up in so many parts, none shorter than this: additions wait for one another."""


def copies(spec: KernelSpec, parts: Iterable[Part], found: Changes) -> tuple[str, ...]:
    """Return the parameters that sums want turned; those that change must change as an outer product."""
    wanted = {
        ref.name
        for part in parts
        if not found.of(part) and isinstance(part.made, Piece)
        for summand in part.made.summands
        if _fits(spec, part.made, summand)
        for ref in _against(part.made, summand)
    }
    fixed = {p.name for p in spec.parameters} - set(spec.updated)
    return tuple(p.name for p in spec.parameters if p.name in wanted & (fixed | found.outer))


def written_out(spec: KernelSpec, piece: Piece, turns: Sequence[str]) -> Statements | None:
    """Return a node as one loop over its entries, sums written out; None where there is no such sum."""
    piece = located(spec, piece)
    if not any(s.summed for s in piece.summands) or piece.landings or piece.reduce != "sum":
        return None
    sums = [s for s in piece.summands if s.summed]
    if not all(_fits(spec, piece, s) and _runs_along(piece, s, turns) for s in sums):
        return None
    parts: list[Assign] = []
    values = [_value(piece, s, parts) for s in piece.summands]
    positions = dict.fromkeys(p for s in piece.summands for p in s.positions)
    target = entry(piece.name, piece.index)
    made = nest(piece.axes, (*parts, settle(target, sp.Add(*values))), positions)
    room = (Allocate(piece.name, tuple(axis.size for axis in piece.axes)),) if piece.axes else ()
    return (*room, *headed(made, piece.comment))


def _fits(spec: KernelSpec, piece: Piece, summand: Summand) -> bool:
    """Whether a sum of a vector is short, of products, and not asked to be something else."""
    if len(piece.axes) > 1 or len(summand.summed) != 1 or summand.positions or piece.reduce != "sum":
        return False
    few = summand.summed[0].size.is_Integer and summand.summed[0].size <= WRITTEN
    own = own_axes(piece, summand) == piece.axes
    return bool(few and own and spec.asked(piece.name) is None)


def _against(piece: Piece, summand: Summand) -> Iterator[Ref]:
    """Yield the matrices that a sum reads against their memory."""
    if not piece.axes or piece.axes[0].size < NARROW:
        return
    against = (piece.axes[0].symbol, summand.summed[0].symbol)
    for ref in summand.inner.atoms(Ref):
        if len(ref.index) == MATRIX and ref.index == against:
            yield ref


def _runs_along(piece: Piece, summand: Summand, turns: Sequence[str]) -> bool:
    return all(ref.name in turns for ref in _against(piece, summand))


def _value(piece: Piece, summand: Summand, parts: list[Assign]) -> sp.Expr:
    """Return the value of a summand; a sum that is long, or multiplied by something, is added up before."""
    if not summand.summed:
        return summand.factor * summand.inner
    totals = _totals(piece, summand)
    if not piece.axes or (len(totals) == 1 and summand.factor == 1):
        return summand.factor * sp.Add(*totals)
    number = len(parts) + 1 if parts else ""
    letters = [""] if len(totals) == 1 else [f"_{letter}" for letter in "abcd"]
    named = [Ref(f"{piece.name}_sum{number}{letter}") for letter in letters[: len(totals)]]
    parts += map(Assign, named, totals)
    return summand.factor * sp.Add(*named)


def _totals(piece: Piece, summand: Summand) -> list[sp.Expr]:
    """Return a sum written out, in parts that can be added up at the same time."""
    against = set(_against(piece, summand))

    def turn(ref: Ref) -> Ref:
        return Ref(turned_name(ref.name), ref.index[::-1]) if ref in against else ref

    (axis,) = summand.summed
    inner, count = map_refs(summand.inner, turn), int(axis.size)
    terms = [reindex(inner, {axis.symbol: sp.Integer(k)}) for k in range(count)]
    length = -(-count // min(PARTS, max(1, count // SHORT)))
    return [sp.Add(*terms[k : k + length]) for k in range(0, count, length)]
