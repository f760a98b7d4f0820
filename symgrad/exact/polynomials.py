"""Sparse polynomials over the integers in generators that are numbered on demand.

A monomial is one Python integer: generator i owns bits [24 i, 24 i + 24), so multiplying monomials
is adding integers, comparing them is a lexicographic monomial order, and a new generator costs nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, reduce
from heapq import heapify, heappop, heappush
from math import gcd
from operator import or_
from typing import TypeAlias

from symgrad.exact.values import BudgetError

BITS = 24
FIELD = (1 << BITS) - 1
Terms: TypeAlias = Mapping[int, int]


class Polynomial:
    """A polynomial as {monomial: coefficient}; immutable, hashed once."""

    __slots__ = ("_hash", "support", "terms")

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.support = reduce(or_, terms, 0)
        self._hash = hash(frozenset(terms.items()))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Polynomial) and self.terms == other.terms


def generator(index: int, exponent: int = 1) -> int:
    """The monomial of one generator. BudgetError for an exponent that does not fit."""
    if exponent >> (BITS - 1):
        raise BudgetError(f"an exponent of {exponent}")
    return exponent << (BITS * index)


def degree_in(monomial: int, index: int) -> int:
    """The exponent of a generator in a monomial."""
    return (monomial >> (BITS * index)) & FIELD


@lru_cache(maxsize=1 << 16)
def exponents(monomial: int) -> tuple[tuple[int, int], ...]:
    """The (generator, exponent) pairs of a monomial."""
    return tuple(_exponents(monomial))


def _exponents(monomial: int) -> Iterator[tuple[int, int]]:
    while monomial:
        index = ((monomial & -monomial).bit_length() - 1) // BITS
        exponent = degree_in(monomial, index)
        yield index, exponent
        monomial -= exponent << (BITS * index)


@lru_cache(maxsize=1024)
def _guard(fields: int) -> int:
    return ((1 << (BITS * fields)) - 1) // FIELD << (BITS - 1)


def _check_exponents(support: int) -> None:
    if support & _guard(support.bit_length() // BITS + 1):
        raise BudgetError(f"an exponent above {FIELD >> 1}")


def combine(parts: Iterable[tuple[int, Terms]]) -> dict[int, int]:
    """A sum of integer multiples of polynomials."""
    result: dict[int, int] = {}
    for factor, terms in parts:
        for monomial, coefficient in terms.items():
            result[monomial] = result.get(monomial, 0) + factor * coefficient
    return {monomial: coefficient for monomial, coefficient in result.items() if coefficient}


def multiply(a: Terms, b: Terms, limit: int) -> dict[int, int]:
    """The product. BudgetError if it would take more than `limit` products of terms."""
    if len(a) * len(b) > limit:
        raise BudgetError(f"a product of {len(a)} and {len(b)} terms, limit {limit}")
    if len(a) > len(b):
        a, b = b, a
    result: dict[int, int] = {}
    for left, factor in a.items():
        for right, coefficient in b.items():
            monomial = left + right
            result[monomial] = result.get(monomial, 0) + factor * coefficient
    _check_exponents(reduce(or_, result, 0))
    return {monomial: coefficient for monomial, coefficient in result.items() if coefficient}


def content(terms: Terms) -> tuple[int, int]:
    """The integer content, signed as the leading term, and the common monomial; of a non-zero polynomial."""
    number = gcd(*terms.values())
    return (number if terms[max(terms)] > 0 else -number), _common(terms)


def _common(terms: Terms) -> int:
    if 0 in terms:
        return 0
    found = dict(exponents(min(terms)))
    for monomial in terms:
        found = {i: least for i, e in found.items() if (least := min(e, degree_in(monomial, i)))}
        if not found:
            return 0
    return sum(generator(index, exponent) for index, exponent in found.items())


def divided(terms: Terms, number: int, monomial: int) -> dict[int, int]:
    """A polynomial over a common integer and monomial."""
    return {key - monomial: coefficient // number for key, coefficient in terms.items()}


def substitute(terms: Terms, index: int, bit: int) -> dict[int, int]:
    """The polynomial with one generator, of degree at most 1, set to 0 or 1."""
    mark = generator(index)
    kept = ((m, c) for m, c in terms.items() if bit or not degree_in(m, index))
    return combine((coefficient, {m - mark * degree_in(m, index): 1}) for m, coefficient in kept)


def quotient(a: Terms, b: Terms, spend: Callable[[int], None] | None = None) -> dict[int, int] | None:
    """a/b if b divides a over the integers, else None.

    The leading terms decide one term of the quotient after the other (integer order is a monomial order).
    Each takes as many products of terms as b has, which are told to `spend`.  Most divisions fail, and
    nearly all of these do so at once where the generators that b does not have are 1.
    """
    if not divides(max(b), max(a)) or not divides(min(b), min(a)) or len(b) == 1:
        return None
    image = _where_others_are_one(a, b)
    if len(image) < len(a) and _divided_by(image, b, spend) is None:
        return None
    return _divided_by(a, b, spend)


def _where_others_are_one(a: Terms, b: Terms) -> dict[int, int]:
    """The polynomial a with the generators that b does not have set to 1."""
    fields = sum(generator(index, FIELD >> 1) for index, _ in exponents(reduce(or_, b)))
    image: dict[int, int] = {}
    for monomial, coefficient in a.items():
        here = monomial & fields
        image[here] = image.get(here, 0) + coefficient
    return {monomial: coefficient for monomial, coefficient in image.items() if coefficient}


def _divided_by(a: Terms, b: Terms, spend: Callable[[int], None] | None) -> dict[int, int] | None:
    lead = max(b)
    rest, heap, result = dict(a), [-monomial for monomial in a], dict[int, int]()
    heapify(heap)
    while rest:
        top = -heappop(heap)
        coefficient = rest.get(top, 0)
        if not coefficient:
            continue
        if coefficient % b[lead] or not divides(lead, top):
            return None
        if spend is not None:
            spend(len(b))
        result[top - lead] = coefficient // b[lead]
        _subtract(rest, heap, top - lead, coefficient // b[lead], b)
    return result


def _subtract(rest: dict[int, int], heap: list[int], shift: int, factor: int, b: Terms) -> None:
    for monomial, coefficient in b.items():
        key = monomial + shift
        if key not in rest:
            heappush(heap, -key)
        value = rest.get(key, 0) - factor * coefficient
        if value:
            rest[key] = value
        else:
            rest.pop(key, None)


def divides(a: int, b: int) -> bool:
    """Whether one monomial divides another."""
    guard = _guard(max(a, b).bit_length() // BITS + 1)
    return ((b | guard) - a) & guard == guard
