"""The term at one end of an axis and the terms of the rest, put into one: what stands beyond that end.

A recurrence with an initial value has two terms, ``z[0] += W[0] x`` and ``z[l+1] += W[l+1] a[l]``.  People
write one, ``z[l] = W[l] a[l−1]``, and say that a[−1] = x.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import permutations

import sympy as sp

from symgrad.model.expressions import Ref, reindex
from symgrad.model.functions import Equal
from symgrad.model.landing import Landed, Shapes, land
from symgrad.model.nodes import Axis, Term
from symgrad.model.terms import onto, rename, summed

MOST_SUMS = 4


@dataclass(frozen=True)
class Joined:
    """A term, how it lands, and the terms at an end of an axis that it says too."""

    term: Term
    landed: Landed | None
    ends: tuple[Term, ...] = ()


def joined(
    terms: Iterable[Term], axes: tuple[Axis, ...], shapes: Shapes, last: frozenset[str] = frozenset()
) -> tuple[Joined, ...]:
    """Land the terms of a node, those at an end of an axis within the others where that is possible."""
    left = tuple(terms)
    found = {term: one for term in left if (one := _with_end(term, left, axes, shapes, last))}
    said = [end for one in found.values() for end in one.ends]
    rest = (term for term in left if term not in said)
    return tuple(found.get(term) or Joined(term, land(term, axes, shapes, last)) for term in rest)


def _with_end(
    term: Term, terms: Iterable[Term], axes: tuple[Axis, ...], shapes: Shapes, last: frozenset[str]
) -> Joined | None:
    at = _end(term, axes)
    landed = None if at is None else land(term, axes, shapes, last, zero=False)
    if at is None or landed is None:
        return None
    place, end = at
    for other in (other for other in terms if other.write[place] == end):
        beyond = _beyond(landed.term, _alone(other, axes, place), Axis(axes[place].letter, end), shapes)
        if beyond is not None:
            outside = landed.outside - {beyond[0].name}
            return Joined(term, Landed(landed.term, outside & _zero(term, axes, shapes, last), (beyond,)), (other,))
    return None
