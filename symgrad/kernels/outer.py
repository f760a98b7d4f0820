"""Plain descent for one sample: what a gradient would hold is added to the parameter at once.

A weight changes by an outer product, ``W[i,j] −= u[i] v[j]`` with ``u = η δ`` computed once; written out
over one letter, a loop over the other is all there is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sympy as sp

from symgrad.kernels.in_place import told
from symgrad.kernels.linear import descent_rate
from symgrad.kernels.matrices import MATRIX
from symgrad.kernels.ordering import nest
from symgrad.kernels.pieces import Piece, letters
from symgrad.kernels.plan import Part
from symgrad.kernels.remarks import headed
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Accumulate, Allocate, Assign, Loop, Statement, Statements, read, walk
from symgrad.kernels.turned import turned_name
from symgrad.model.expressions import Ref, refs, reindex
from symgrad.model.graph import Axis

WRITTEN = 32
"""So many summands, or rows that change, are written out."""
NARROW = 4
"""Neighbours that are worth a vector."""


@dataclass(frozen=True)
class Change:
    """How a parameter changes: by `rate` times a value for each of its entries."""

    parameter: str
    piece: Piece
    value: sp.Expr
    rate: sp.Expr

    @property
    def factors(self) -> tuple[Ref, ...]:
        """The factors u[i] and v[j] of an outer product, u[i] of a vector, or nothing."""
        own, parts = self.piece.index, sp.Mul.make_args(self.value)
        found = {s: r for r in parts if isinstance(r, Ref) for s in own if letters(r) == frozenset({s})}
        product = tuple(found[s] for s in own if s in found)
        fits = 0 < len(own) <= MATRIX and len(product) == len(own) and sp.Mul(*product) == self.value
        return product if fits and product[0].index == own[:1] else ()


@dataclass(frozen=True)
class Changes:
    """The parameters that a step changes itself, and the options of the optimizer that it reads for that."""

    by_delta: dict[str, Change]
    settings: tuple[str, ...] = ()

    @property
    def by_name(self) -> dict[str, Change]:
        """The changes by the names of the parameters."""
        return {change.parameter: change for change in self.by_delta.values()}

    @property
    def outer(self) -> set[str]:
        """The parameters that change by an outer product."""
        return {name for name, change in self.by_name.items() if len(change.factors) == MATRIX}

    def of(self, part: Part) -> Change | None:
        """Return the change that stands in the place of a part."""
        return self.by_delta.get(part.made.name) if isinstance(part.made, Piece) else None


def changed(spec: KernelSpec, parts: Sequence[Part]) -> Changes:
    """Return what can change without an array for its gradient: nothing else reads it, nothing is summed."""
    rate = descent_rate(spec)
    if rate is None:
        return Changes({})
    owner = {spec.delta[name]: name for name in spec.updated}
    used = {r.name for part in parts for s in walk(part.statements) for r in read(s)}
    made = [
        change
        for part in parts
        if isinstance(part.made, Piece)
        and part.made.name in owner
        and (change := _change(spec, part.made, owner[part.made.name], rate)) is not None
    ]
    by_delta = {c.piece.name: c for c in made if c.piece.name not in used}
    return Changes(by_delta, tuple(sorted(str(r) for r in refs(rate))) if by_delta else ())


def _change(spec: KernelSpec, piece: Piece, parameter: str, rate: sp.Expr) -> Change | None:
    """Return the change of a parameter, unless sums or other parameters stand in it."""
    if piece.landings or piece.reduce != "sum" or any(s.summed or s.positions for s in piece.summands):
        return None
    value = sp.Add(*(s.factor * s.inner for s in piece.summands))
    others = {r for r in refs(value) if r.name in spec.updated and r != Ref(parameter, piece.index)}
    return None if others else Change(parameter, piece, value, rate)


def steps(change: Change, turns: Sequence[str], begun: set[str]) -> Iterator[Statement]:
    """Yield the statements of a change, of both copies of a matrix; `begun` are the vectors η δ so far."""
    piece, factors = change.piece, change.factors
    place = Ref(change.parameter, piece.index)
    if not factors:
        made = nest(piece.axes, (Accumulate(place, change.rate * change.value),))
        yield from headed(made, told(change.parameter, piece))
        return
    sign = -1 if change.rate.could_extract_minus_sign() else 1
    vector = Ref(f"{factors[0].name}_step", piece.index[:1])
    if vector.name not in begun:
        begun.add(vector.name)
        yield Allocate(vector.name, (piece.axes[0].size,))
        yield from nest(piece.axes[:1], (Assign(vector, sign * change.rate * factors[0]),))
    value = sign * sp.Mul(vector, *factors[1:])
    yield from headed(_rows(piece.axes, place, value), told(change.parameter, piece))
    if change.parameter in turns:
        turned = Ref(turned_name(change.parameter), place.index[::-1])
        yield from headed(_rows(piece.axes[::-1], turned, value), told(turned.name, piece))


def _rows(axes: Sequence[Axis], place: Ref, value: sp.Expr) -> Statements:
    """Change an array in one loop along memory, its first letter written out."""
    if len(axes) != MATRIX or axes[0].size > WRITTEN or axes[1].size < NARROW:
        return nest(axes, (Accumulate(place, value),))
    first, last = axes
    rows = [{first.symbol: sp.Integer(k)} for k in range(int(first.size))]
    body = tuple(Accumulate(place.at(i.xreplace(at) for i in place.index), reindex(value, at)) for at in rows)
    return (Loop(last.letter, last.size, body),)
