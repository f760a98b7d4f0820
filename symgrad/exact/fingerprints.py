"""Random values of forms modulo a prime: a hash that finds candidates, never a decision.

Every generator gets a random residue in each of several lanes, in keeping with the relations that a
prime field allows (indicators are 0 or 1, sine and cosine lie on the circle). Radicals are taken
as free, which can only hide a candidate.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random

from symgrad.exact.polynomials import Polynomial, exponents
from symgrad.exact.primefield import MERSENNE61, reconstruct
from symgrad.exact.relations import Factor, Relations
from symgrad.exact.ring import Form

_PRIME = MERSENNE61
Vector = list[int]


@dataclass
class Fingerprints:
    """The lanes drawn so far.

    Attributes
    ----------
    circles
        Sine generator -> its cosine generator.
    sines
        Cosine generator -> its sine generator.
    count
        Number of lanes.
    """

    relations: Relations
    source: Random
    count: int = 16
    circles: dict[int, int] = field(default_factory=dict)
    sines: dict[int, int] = field(default_factory=dict)
    drawn: dict[int, Vector] = field(default_factory=dict)
    polynomials: dict[Polynomial, Vector] = field(default_factory=dict)
    raised: dict[tuple[int, int], Vector] = field(default_factory=dict)


def fingerprint(lanes: Fingerprints, form: Form) -> Vector:
    """The value of a form in every lane; 0 where a denominator vanishes."""
    number = form.coefficient
    result = [number.numerator * pow(number.denominator, -1, _PRIME) % _PRIME] * lanes.count
    for factor, power in _without_radical_powers(lanes.relations, form):
        values = _generator(lanes, factor) if isinstance(factor, int) else _polynomial(lanes, factor)
        result = [a * _power(b, power) % _PRIME for a, b in zip(result, values, strict=False)]
    return result


def _without_radical_powers(relations: Relations, form: Form) -> Iterator[tuple[Factor, int]]:
    for factor, power in form.powers.items():
        if factor in relations.rules and factor not in relations.indicators:
            degree, terms = relations.rules[factor]
            yield Polynomial(terms), power // degree
            yield factor, power % degree
        else:
            yield factor, power


def _power(value: int, exponent: int) -> int:
    return pow(value, exponent, _PRIME) if value or exponent > 0 else 0


def _polynomial(lanes: Fingerprints, polynomial: Polynomial) -> Vector:
    known = lanes.polynomials.get(polynomial)
    if known is None or len(known) < lanes.count:
        known = lanes.polynomials[polynomial] = _evaluated(lanes, polynomial)
    return known


def _evaluated(lanes: Fingerprints, polynomial: Polynomial) -> Vector:
    total = [0] * lanes.count
    for monomial, coefficient in polynomial.terms.items():
        values = [coefficient] * lanes.count
        for index, exponent in exponents(monomial):
            column = _raised(lanes, index, exponent)
            values = [a * b % _PRIME for a, b in zip(values, column, strict=False)]
        total = [a + b for a, b in zip(total, values, strict=True)]
    return [value % _PRIME for value in total]


def _raised(lanes: Fingerprints, index: int, exponent: int) -> Vector:
    column = _generator(lanes, index)
    if exponent == 1:
        return column
    known = lanes.raised.get((index, exponent), [])
    if len(known) < lanes.count:
        known = [pow(x, exponent, _PRIME) for x in column[: lanes.count]]
        lanes.raised[index, exponent] = known
    return known


def _generator(lanes: Fingerprints, index: int) -> Vector:
    if index in lanes.sines:
        _generator(lanes, lanes.sines[index])
    values = lanes.drawn.setdefault(index, [])
    while len(values) < lanes.count:
        values.append(_draw(lanes, index, len(values)))
    return values


def _draw(lanes: Fingerprints, index: int, lane: int) -> int:
    if index in lanes.relations.indicators:
        return lanes.source.getrandbits(1)
    if index not in lanes.circles:
        return lanes.source.randrange(_PRIME)
    cosine, t = lanes.circles[index], lanes.source.randrange(_PRIME)
    scale = pow(1 + t * t, -1, _PRIME)
    lanes.drawn.setdefault(cosine, [])[lane:] = [(1 - t * t) * scale % _PRIME]
    return 2 * t * scale % _PRIME


@dataclass
class Span:
    """Vectors over the prime field in echelon form.

    Attributes
    ----------
    rows
        (pivot lane, vector with 1 there, its combination of the inserted vectors).
    size
        How many vectors were inserted.
    """

    rows: list[tuple[int, Vector, dict[int, int]]] = field(default_factory=list)
    size: int = 0


def insert(span: Span, vector: Vector) -> None:
    """Add a vector; a dependent one is counted but adds no row."""
    rest, used = _eliminated(span, vector)
    pivot = next((lane for lane, value in enumerate(rest) if value), None)
    if pivot is not None:
        inverse = pow(rest[pivot], -1, _PRIME)
        combination = {index: -value * inverse % _PRIME for index, value in used.items()}
        combination[span.size] = inverse
        span.rows.append((pivot, [value * inverse % _PRIME for value in rest], combination))
    span.size += 1


def combination(span: Span, vector: Vector) -> dict[int, Fraction] | None:
    """Small rational coefficients that give the vector from the inserted ones, or None."""
    rest, used = _eliminated(span, vector)
    if any(rest):
        return None
    found = {index: reconstruct(value, _PRIME) for index, value in used.items() if value}
    small = {index: value for index, value in found.items() if value is not None}
    return small if len(small) == len(found) else None


def _eliminated(span: Span, vector: Vector) -> tuple[Vector, dict[int, int]]:
    rest, used = vector, dict[int, int]()
    for pivot, row, parts in span.rows:
        if factor := rest[pivot]:
            rest = [(a - factor * b) % _PRIME for a, b in zip(rest, row, strict=True)]
            for index, value in parts.items():
                used[index] = (used.get(index, 0) + factor * value) % _PRIME
    return rest, used
