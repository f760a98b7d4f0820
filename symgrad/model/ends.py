"""The term at one end of an axis put into the term of the rest, with a word on what stands beyond that end.

A recurrence with an initial value has two terms, ``z[0] += W[0] x`` and ``z[l+1] += W[l+1] a[l]``.  People
write one, ``z[l] = W[l] a[l−1]``, and say that a[−1] = x.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import permutations

import sympy as sp

from symgrad.model.expressions import Ref, reindex
from symgrad.model.landing import Landed, Shapes, land
from symgrad.model.nodes import Axis, Term
from symgrad.model.terms import apart, gather, rename, summed

MOST_SUMS = 4


@dataclass(frozen=True)
class Joined:
    """A term, how it lands, and the term at the end of an axis that it says too."""

    term: Term
    landed: Landed | None
    end: Term | None = None


@dataclass(frozen=True)
class _End:
    """The one place of an axis that a term does not land at."""

    place: int
    axis: Axis
    at: sp.Expr


def joined(
    terms: Iterable[Term], axes: tuple[Axis, ...], shapes: Shapes, last: Collection[str] = ()
) -> tuple[Joined, ...]:
    """Land the terms of a node, one at an end of an axis within that of the rest where they are alike."""
    given = tuple(terms)
    found = {term: one for term in given if (one := _with_end(term, given, axes, shapes))}
    said = [one.end for one in found.values()]
    rest = (term for term in given if term not in said)
    return tuple(found.get(term) or Joined(term, land(term, axes, shapes, last)) for term in rest)


def _with_end(term: Term, terms: Iterable[Term], axes: tuple[Axis, ...], shapes: Shapes) -> Joined | None:
    end = _missing_end(term, axes)
    landed = None if end is None else land(term, axes, shapes, zero=False)
    if end is None or landed is None:
        return None
    for other in terms:
        alone = _alone(other, axes, end) if other.write[end.place] == end.at else None
        beyond = None if alone is None else _beyond(landed.term, alone, end, shapes)
        if beyond is not None:
            return Joined(term, Landed(landed.term, beyond=(beyond,)), other)
    return None


def _missing_end(term: Term, axes: tuple[Axis, ...]) -> _End | None:
    """Return the end of an axis that a term leaves out, if that is all that it leaves out."""
    short = [k for k, axis in enumerate(axes) if term.sizes.get(term.write[k]) != axis.size]
    letters = term.write[short[0]].free_symbols & set(term.sizes) if len(short) == 1 else set[sp.Basic]()
    if len(letters) != 1:
        return None
    place, letter = short[0], next(iter(letters))
    axis = axes[place]
    shift = sp.expand(term.write[place] - letter)
    if sp.expand(axis.size - term.sizes[letter]) != 1 or shift not in (0, 1):
        return None
    return _End(place, axis, sp.Integer(0) if shift == 1 else axis.size - 1)


def _alone(term: Term, axes: tuple[Axis, ...], end: _End) -> Term | None:
    """Return a term at an end over the letters of the other axes."""
    others = tuple(axis for axis in axes if axis != end.axis)
    write = (*term.write[: end.place], *term.write[end.place + 1 :])
    return gather(apart(replace(term, write=write), end.axis.letter), others, (end.axis.letter,))


def _beyond(whole: Term, alone: Term, end: _End, shapes: Shapes) -> tuple[Ref, Ref] | None:
    """Return what must stand beyond the end for the whole to be the other term there, None if nothing."""
    there = reindex(whole.body, {end.axis.symbol: end.at})
    outside = [ref for ref in there.atoms(Ref) if _is_outside(ref, shapes)]
    if len({ref.name for ref in outside}) != 1:
        return None
    for body in _renamed(alone, summed(whole)):
        for value in sorted(body.atoms(Ref) - there.atoms(Ref), key=str):
            table = {ref: read for ref in outside if (read := _read_like(outside[0], value, ref, shapes))}
            if len(table) == len(outside) and sp.expand(there.xreplace(table) - body) == 0:
                return outside[0], table[outside[0]]
    return None


def _is_outside(ref: Ref, shapes: Shapes) -> bool:
    return _place_outside(ref, shapes) is not None


def _place_outside(ref: Ref, shapes: Shapes) -> int | None:
    """Return the place of a subscript that is no subscript of its axis."""
    for place, (at, extent) in enumerate(zip(ref.index, shapes.get(ref.name, ()), strict=False)):
        if at.is_negative or sp.expand(at - extent).is_nonnegative:
            return place
    return None


def _read_like(first: Ref, value: Ref, ref: Ref, shapes: Shapes) -> Ref | None:
    """Return what stands for `ref` if `value` stands for `first`: the same, at the other subscripts."""
    old, new = (_rest(r, shapes) for r in (first, ref))
    if any(at not in old for at in value.index):
        return None
    return value.at(new[old.index(at)] for at in value.index)


def _rest(ref: Ref, shapes: Shapes) -> tuple[sp.Expr, ...]:
    place = _place_outside(ref, shapes)
    return tuple(at for k, at in enumerate(ref.index) if k != place)


def _renamed(term: Term, axes: tuple[Axis, ...]) -> Iterator[sp.Expr]:
    """Yield the body of a term with its summed letters under the names of others, in every way."""
    own = summed(term)
    if len(own) != len(axes) or len(own) > MOST_SUMS:
        return
    for order in permutations(axes):
        if all(mine.size == axis.size for mine, axis in zip(own, order, strict=True)):
            names = {mine.letter: axis.letter for mine, axis in zip(own, order, strict=True)}
            yield rename(term, names).body
