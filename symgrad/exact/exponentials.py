"""exp and log: a basis of arguments over Q, one generator for each of its elements.

A new argument is written as a rational combination of the known ones if it is one (candidates from
fingerprints, decided by an exact zero test), so exp(u + v) = exp(u) exp(v) holds in whatever order the
arguments arrive. A generator stands for exp(u/60): halves, thirds, quarters and fifths need no root.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from math import gcd
from typing import TYPE_CHECKING

from symgrad.exact.fingerprints import Span, combination, fingerprint, insert
from symgrad.exact.indicators import branched, is_positive, to_branch, to_branch_fully
from symgrad.exact.polynomials import FIELD, Terms, degree_in, exponents, generator
from symgrad.exact.relations import Factor, expand
from symgrad.exact.ring import Form, from_terms
from symgrad.exact.values import ExactError

if TYPE_CHECKING:
    from symgrad.exact.normalforms import NormalForms

_PARTS = 60
_SPARE_LANES = 8
_TRIAL_DIVISORS = 1 << 12


@dataclass
class Exponentials:
    """The arguments of exp met so far.

    Attributes
    ----------
    arguments
        (u, generator of exp(u/60)).
    splitting
        Generator g -> exp(g), for shifts and logarithms, which leave every argument linear in them.
    logarithms
        Generator of a positive value -> its logarithm.
    """

    arguments: list[tuple[Form, int]] = field(default_factory=list)
    span: Span = field(default_factory=Span)
    splitting: dict[int, Form] = field(default_factory=dict)
    splitting_bits: int = 0
    logarithms: dict[Factor, Form] = field(default_factory=dict)


def add_splitting(ring: "NormalForms", index: int, value: Form) -> None:
    """Let exp(generator) be a value, to be split off from arguments linear in the generator."""
    ring.exponentials.splitting[index] = value
    ring.exponentials.splitting_bits |= generator(index)


def exp(ring: "NormalForms", u: Form) -> Form:
    """exp(u)."""
    if u.is_zero():
        return ring.number(1)
    index = to_branch(ring, u)
    if index is not None:
        return branched(u, index, ring.exp)
    split, rest = _split(ring, u)
    return split * _of_basis(ring, rest)


def _split(ring: "NormalForms", u: Form) -> tuple[Form, Form]:
    table, prefix = ring.exponentials, ring.number(1)
    for index, _ in exponents(u.support & (table.splitting_bits * FIELD)):
        if index in table.splitting and (slope := _slope(ring, u, index)):
            prefix = prefix * ring.power(table.splitting[index], slope)
            u = u - slope * ring.monomial(index)
    return prefix, u


def _slope(ring: "NormalForms", u: Form, index: int) -> Fraction | None:
    numerator = expand(ring.relations, u.powers)
    if any(degree_in(monomial, index) > 1 for monomial in numerator):
        return None
    mark = generator(index)
    slope = {monomial - mark: c for monomial, c in numerator.items() if degree_in(monomial, index)}
    ratio = _ratio(slope, expand(ring.relations, u.powers, -1)) if slope else None
    return None if ratio is None else ratio * u.coefficient


def _ratio(a: Terms, b: Terms) -> Fraction | None:
    if a.keys() != b.keys():
        return None
    key = next(iter(a))
    ratio = Fraction(a[key], b[key])
    return ratio if all(a[m] == ratio * b[m] for m in a) else None


def _of_basis(ring: "NormalForms", u: Form) -> Form:
    if u.is_zero():
        return ring.number(1)
    parts = _combination(ring, u)
    if parts is None:
        return ring.monomial(_new_argument(ring, u)).raised(_PARTS)
    result = ring.number(1)
    for index, coefficient in parts.items():
        root = ring.monomial(ring.exponentials.arguments[index][1])
        result = result * ring.power(root, _PARTS * coefficient)
    return result


def _combination(ring: "NormalForms", u: Form) -> dict[int, Fraction] | None:
    table = ring.exponentials
    parts = combination(table.span, fingerprint(ring.lanes, u))
    if parts is None:
        return None
    total = ring.total(coefficient * table.arguments[index][0] for index, coefficient in parts.items())
    return parts if ring.equal(u, total) else None


def _new_argument(ring: "NormalForms", u: Form) -> int:
    table, index = ring.exponentials, ring.new_generator("exp", positive=True)
    table.arguments.append((u, index))
    table.logarithms[index] = u / _PARTS
    if len(table.arguments) + _SPARE_LANES > ring.lanes.count:
        ring.lanes.count *= 2
        table.span = Span()
    for known, _ in table.arguments[table.span.size :]:
        insert(table.span, fingerprint(ring.lanes, known))
    return index


def log(ring: "NormalForms", u: Form) -> Form:
    """log(u) for u > 0. ExactError for a number that is not positive."""
    if u.is_zero() or (u.number is not None and u.number < 0):
        raise ExactError("the logarithm of a number that is not positive")
    index = to_branch_fully(ring, u)
    if index is not None:
        return branched(u, index, ring.log)
    sure = {f: p for f, p in u.powers.items() if is_positive(ring, f)}
    rest = {f: p for f, p in u.powers.items() if f not in sure}
    parts = [power * _log_of_factor(ring, Form(ring, Fraction(1), {f: 1})) for f, power in sure.items()]
    parts += [power * _opaque(ring, ring.number(prime)) for prime, power in factored(abs(u.coefficient))]
    if rest:
        parts.append(_log_of_rest(ring, Form(ring, Fraction(1 if u.coefficient > 0 else -1), rest)))
    elif u.coefficient < 0:
        raise ExactError("the logarithm of what is negative everywhere")
    return ring.total(parts)


def _log_of_factor(ring: "NormalForms", factor: Form) -> Form:
    (key,) = factor.powers
    if key in ring.radicands:
        base, exponent = ring.radicands[key]
        return exponent * ring.log(from_terms(ring, base.terms))
    known = ring.exponentials.logarithms.get(key)
    return _opaque(ring, factor) if known is None else known


def _log_of_rest(ring: "NormalForms", rest: Form) -> Form:
    """log(sign * q**n) as n log(sign * q), or n/2 log(q**2) for even n, with one of q and 1/q chosen."""
    times = reduce(gcd, rest.powers.values())
    times = times // 2 if times % 2 == 0 else times
    if sum(rest.powers.values()) < 0:
        times = -times
    powers = {factor: power // times for factor, power in rest.powers.items()}
    return times * _opaque(ring, Form(ring, rest.coefficient, powers))


def _opaque(ring: "NormalForms", u: Form) -> Form:
    known = ring.logs.find(fingerprint(ring.lanes, u), u)
    if known is None:
        index = ring.new_generator("log")
        known = ring.logs.insert(fingerprint(ring.lanes, u), u, ring.monomial(index))
        add_splitting(ring, index, u)
    return known


def factored(number: Fraction) -> Iterator[tuple[int, int]]:
    """The (factor, power) pairs of a positive fraction; what small primes leave over counts as one factor."""
    yield from _factors(number.numerator, 1)
    yield from _factors(number.denominator, -1)


def _factors(number: int, sign: int) -> Iterator[tuple[int, int]]:
    for divisor in range(2, _TRIAL_DIVISORS):
        if divisor * divisor > number:
            break
        power = 0
        while number % divisor == 0:
            number, power = number // divisor, power + sign
        if power:
            yield divisor, power
    if number > 1:
        yield number, sign
