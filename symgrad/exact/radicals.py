"""Rational powers: generators r with r**prime = radicand, one chain of roots for every prime."""

from fractions import Fraction
from functools import reduce
from math import gcd
from typing import TYPE_CHECKING

from symgrad.exact.exponentials import factored
from symgrad.exact.indicators import branched, is_positive, to_branch_fully
from symgrad.exact.polynomials import Polynomial, generator
from symgrad.exact.relations import add_rule, expand
from symgrad.exact.ring import Form, from_terms, indicators_in, zero_on_a_side
from symgrad.exact.values import ExactError

if TYPE_CHECKING:
    from symgrad.exact.normalforms import NormalForms


def power(ring: "NormalForms", base: Form, exponent: Fraction) -> Form:
    """base**exponent for base >= 0 (> 0 if the exponent is negative), or an integer exponent.

    Raises
    ------
    ExactError
        A negative power of zero, or a fractional power of a negative number.
    """
    if exponent.denominator == 1:
        return base.raised(exponent.numerator)
    if base.is_zero():
        return base.raised(-1) if exponent < 0 else base
    if exponent < 0:
        return ring.power(base, -exponent).raised(-1)
    found = indicators_in(ring.relations, base)
    index = next((i for i in found if zero_on_a_side(base, i)), to_branch_fully(ring, base))
    if index is not None:
        return branched(base, index, lambda side: ring.power(side, exponent))
    return _of_factors(ring, base, exponent)


def _of_factors(ring: "NormalForms", base: Form, exponent: Fraction) -> Form:
    sure = {f: p for f, p in base.powers.items() if is_positive(ring, f)}
    result = ring.number(1)
    for factor, times in sure.items():
        result = result * _root(ring, _as_polynomial(factor), times * exponent)
    for prime, times in factored(abs(base.coefficient)):
        result = result * _root(ring, Polynomial({0: prime}), times * exponent)
    rest = {f: p for f, p in base.powers.items() if f not in sure}
    if not rest and base.coefficient < 0:
        raise ExactError("a fractional power of what is negative everywhere")
    sign = Fraction(1 if base.coefficient > 0 else -1)
    return result * _of_rest(ring, Form(ring, sign, rest), exponent) if rest else result


def _as_polynomial(factor: int | Polynomial) -> Polynomial:
    return Polynomial({generator(factor): 1}) if isinstance(factor, int) else factor


def _of_rest(ring: "NormalForms", rest: Form, exponent: Fraction) -> Form:
    if exponent.denominator % 2 == 0 and reduce(gcd, rest.powers.values()) % 2 == 0 and rest.coefficient > 0:
        half = Form(ring, Fraction(1), {f: p // 2 for f, p in rest.powers.items()})
        return ring.power(ring.abs(half), 2 * exponent)
    if len(rest.powers) == 1:
        ((factor, times),) = rest.powers.items()
        if times % 2:
            return _root(ring, _times(_as_polynomial(factor), rest.coefficient.numerator), times * exponent)
    return _opaque(ring, rest, exponent.denominator).raised(exponent.numerator)


def _times(base: Polynomial, sign: int) -> Polynomial:
    return Polynomial({monomial: sign * coefficient for monomial, coefficient in base.terms.items()})


def _opaque(ring: "NormalForms", rest: Form, degree: int) -> Form:
    """The root of what has several factors of unknown sign; full powers come out, if need be as |f|."""
    inside = {f: p % degree for f, p in rest.powers.items()}
    radicand = Polynomial(expand(ring.relations, inside))
    result = _root(ring, _times(radicand, rest.coefficient.numerator), Fraction(1, degree))
    for factor, times in rest.powers.items():
        outside = Form(ring, Fraction(1), {factor: 1})
        result = result * (outside if degree % 2 else ring.abs(outside)).raised(times // degree)
    return result


def _root(ring: "NormalForms", base: Polynomial, exponent: Fraction) -> Form:
    """base**exponent through one chain of roots for every prime power in the denominator."""
    result, left = ring.number(1), exponent
    for prime, times in factored(Fraction(exponent.denominator)):
        full = prime**times
        other = exponent.denominator // full
        share = exponent.numerator * pow(other, -1, full) % full
        result = result * _chain(ring, base, prime, times).raised(share)
        left -= Fraction(share, full)
    return result * from_terms(ring, base.terms).raised(int(left))


def _chain(ring: "NormalForms", base: Polynomial, prime: int, level: int) -> Form:
    if level == 0:
        return from_terms(ring, base.terms)
    key = base, prime, level
    if key not in ring.roots:
        below = _chain(ring, base, prime, level - 1)
        # a root of relu(z) is zero on half the space
        surely = is_positive(ring, base) or (prime == 2 and not base.support & ring.relations.idempotent)
        index = ring.new_generator("root", positive=surely)
        radicand = expand(ring.relations, below.powers) if level > 1 else base.terms
        add_rule(ring.relations, index, prime, radicand)
        ring.roots[key] = index
        ring.radicands[index] = base, Fraction(1, prime**level)
    return ring.monomial(ring.roots[key])
