"""How far letters run, said where the subscripts do not say it: ``Σ_t h[t] · [t < T − 1]``.

A letter that is summed over runs as far as the axes at which it stands.  Where an initial value was put in,
it may stop before: at ``Σ_t δz[t+1] h[t]`` nobody doubts where, at ``Σ_t h[t]`` nobody would see it.
"""

from collections.abc import Iterable, Iterator

import sympy as sp

from symgrad.model.expressions import Ref
from symgrad.model.graph import Axis, Term
from symgrad.model.landing import Shapes


def untold(sums: Iterable[Axis], accesses: Iterable[Ref], shapes: Shapes) -> tuple[Axis, ...]:
    """Return the summed letters that run over a part of every axis at which they stand."""
    found = tuple(accesses)
    return tuple(axis for axis in sums if not _is_told(axis, found, shapes))


def _is_told(axis: Axis, accesses: tuple[Ref, ...], shapes: Shapes) -> bool:
    """Whether a letter runs over a whole axis; the window of a pooling, x[2i+p], is told by nothing."""
    extents = list(_extents(axis.symbol, accesses, shapes))
    if not extents:
        return not _only_inside(axis.symbol, accesses)
    return any(extent == axis.size or sp.expand(extent - axis.size) == 0 for extent in extents)


def _only_inside(letter: sp.Symbol, accesses: tuple[Ref, ...]) -> bool:
    """Whether a letter stands in subscripts, but nowhere by itself or with a number added."""
    found = [at for ref in accesses for at in ref.index if letter in at.free_symbols]
    return bool(found) and not any(sp.expand(at - letter).is_Integer for at in found)


def _extents(letter: sp.Symbol, accesses: Iterable[Ref], shapes: Shapes) -> Iterator[sp.Expr]:
    """Yield how far a letter may run at each place where it stands, by itself or with a number added."""
    for ref in accesses:
        for at, extent in zip(ref.index, shapes.get(ref.name, ()), strict=False):
            if at == letter:
                yield extent
            elif letter in at.free_symbols and (shift := sp.expand(at - letter)).is_Integer:
                yield extent - shift


def is_whole(term: Term, shapes: Shapes) -> bool:
    """Whether every letter that stands alone in a subscript runs over that whole axis."""
    return all(
        at not in term.sizes or term.sizes[at] == extent
        for ref in term.accesses
        for at, extent in zip(ref.index, shapes.get(ref.name, ()), strict=False)
    )
