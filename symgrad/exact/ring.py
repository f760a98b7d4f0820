"""Fractions of sparse polynomials over Q with factored numerators and denominators, modulo relations.

A form is a rational number times a product of powers (of either sign) of generators and of primitive
polynomials. Products only merge the factors; sums pull the common factors out and expand the rest, so
no multivariate gcd is ever taken. Expanded polynomials are kept reduced by the relations g**d = polynomial.
"""

from collections.abc import Iterable
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm
from typing import TYPE_CHECKING

from symgrad.exact.polynomials import (
    FIELD,
    Polynomial,
    Terms,
    combine,
    content,
    divided,
    exponents,
    generator,
    quotient,
    substitute,
)
from symgrad.exact.relations import Factor, Powers, Relations, expand
from symgrad.exact.values import BudgetError, ExactError, Value

if TYPE_CHECKING:
    from symgrad.exact.normalforms import NormalForms

_LONGEST_NUMBER = 1 << 20


class Form(Value):
    """A value of `NormalForms`: coefficient * product of factor**power; immutable."""

    def __init__(self, ring: "NormalForms", coefficient: Fraction, powers: Powers) -> None:
        self.ring, self.coefficient, self.powers = ring, coefficient, powers

    @property
    def algebra(self) -> "NormalForms":
        return self.ring

    @cached_property
    def key(self) -> tuple[Fraction, frozenset[tuple[Factor, int]]]:
        """Structural identity: equal keys are equal values, not conversely."""
        return self.coefficient, frozenset(self.powers.items())

    @cached_property
    def number(self) -> Fraction | None:
        """The rational number this form is, if it is one on its face."""
        return None if self.powers else self.coefficient

    @cached_property
    def support(self) -> int:
        """The bits of all generators."""
        bits = 0
        for factor in self.powers:
            bits |= generator(factor) if isinstance(factor, int) else factor.support
        return bits

    def is_zero(self) -> bool:
        return vanishes(self.ring.relations, self)

    def __repr__(self) -> str:
        return f"<normal form of {len(self.powers)} factors>"


def from_terms(
    ring: "NormalForms", terms: Terms, scale: Fraction = Fraction(1), powers: Powers | None = None
) -> Form:
    """The form scale * powers * terms, with the content of the (reduced) terms pulled out."""
    if not terms:
        return Form(ring, Fraction(0), {})
    number, monomial = content(terms)
    result = dict(powers or {})
    for index, exponent in exponents(monomial):
        result[index] = result.get(index, 0) + exponent
    if len(terms) > 1:
        rest = Polynomial(divided(terms, number, monomial))
        rest = _cancelled(ring.relations, rest, result)
        if len(rest.terms) > 1:
            result[rest] = result.get(rest, 0) + 1
        elif rest.terms != {0: 1}:
            outside = Form(ring, scale * number, _tidy(ring.relations, result))
            return multiply(outside, from_terms(ring, rest.terms))
    return Form(ring, scale * number, _tidy(ring.relations, result))


def _tidy(relations: Relations, powers: Powers) -> Powers:
    return {
        factor: min(power, 1) if factor in relations.indicators else power
        for factor, power in powers.items()
        if power
    }


def _cancelled(relations: Relations, terms: Polynomial, powers: dict[Factor, int]) -> Polynomial:
    for factor in [f for f, p in powers.items() if p < 0 and isinstance(f, Polynomial)]:
        while powers[factor] < 0 and (smaller := _quotient(relations, terms, factor)) is not None:
            terms = smaller
            powers[factor] += 1
    return terms


def _quotient(relations: Relations, a: Polynomial, b: Polynomial) -> Polynomial | None:
    if b.support & ~_spread(a.support):
        return None
    found = relations.tried.get((a, b), a)
    if found is a:
        terms = quotient(a.terms, b.terms, relations.spend)
        found = relations.tried[a, b] = None if terms is None else Polynomial(terms)
    return found


def _spread(support: int) -> int:
    return sum(generator(index, FIELD >> 1) for index, _ in exponents(support))


def add(relations: Relations, values: Iterable[Form]) -> Form:
    """The sum: common factors pulled out, the rest expanded. At least one value."""
    given = list(values)
    addends = [value for value in given if value.coefficient]
    if len(addends) < 2:
        return (addends or given)[0]
    common = _common_powers(addends)
    scale = Fraction(
        gcd(*(a.coefficient.numerator for a in addends)), lcm(*(a.coefficient.denominator for a in addends))
    )
    parts = [(int(a.coefficient / scale), expand(relations, _over(a.powers, common))) for a in addends]
    return from_terms(given[0].ring, combine(parts), scale, common)


def _common_powers(addends: list[Form]) -> dict[Factor, int]:
    factors = dict.fromkeys(factor for addend in addends for factor in addend.powers)
    return {
        factor: least
        for factor in factors
        if (least := min(addend.powers.get(factor, 0) for addend in addends))
    }


def _over(powers: Powers, common: Powers) -> dict[Factor, int]:
    factors = dict.fromkeys([*powers, *common])
    return {factor: powers.get(factor, 0) - common.get(factor, 0) for factor in factors}


def multiply(a: Form, b: Form) -> Form:
    """The product: the powers of equal factors are added."""
    if not (a.coefficient and b.coefficient):
        return a if not a.coefficient else b
    powers = dict(a.powers)
    for factor, power in b.powers.items():
        powers[factor] = powers.get(factor, 0) + power
    coefficient = a.coefficient * b.coefficient
    if max(coefficient.numerator.bit_length(), coefficient.denominator.bit_length()) > _LONGEST_NUMBER:
        raise BudgetError(f"a number of more than {_LONGEST_NUMBER} bits")
    return Form(a.ring, coefficient, _tidy(a.ring.relations, powers))


def raise_to(a: Form, exponent: int) -> Form:
    """An integer power. ExactError for a negative power of what is zero somewhere off the kinks."""
    if exponent < 0:
        _check_invertible(a)
    size = max(a.coefficient.numerator.bit_length(), a.coefficient.denominator.bit_length()) - 1
    if size * abs(exponent) > _LONGEST_NUMBER or abs(exponent) > FIELD >> 1:
        raise BudgetError(f"a power of {exponent}")
    powers = {factor: power * exponent for factor, power in a.powers.items()}
    return Form(a.ring, a.coefficient**exponent, _tidy(a.ring.relations, powers) if exponent else {})


def _check_invertible(a: Form) -> None:
    relations = a.ring.relations
    if vanishes(relations, a):
        raise ExactError("division by zero")
    if any(zero_on_a_side(a, index) for index in indicators_in(relations, a)):
        raise ExactError("division by what is zero on one side of a condition")


def zero_on_a_side(a: Form, index: int) -> bool:
    """Whether a form has a factor that is zero where an indicator is 0, or where it is 1."""
    return any(_zero_at(factor, index, bit) for factor in a.powers for bit in (0, 1))


def _zero_at(factor: Factor, index: int, bit: int) -> bool:
    if isinstance(factor, int):
        return factor == index and not bit
    return not substitute(factor.terms, index, bit)


def indicators_in(relations: Relations, a: Form) -> list[int]:
    """The indicators that occur in a form."""
    return [i for i, _ in exponents(a.support & relations.idempotent)]


def branch(a: Form, index: int, bit: int) -> Form:
    """The form with one indicator set to 0 or 1. ExactError if a denominator becomes zero."""
    result = a.ring.number(a.coefficient)
    for factor, power in a.powers.items():
        terms = {generator(factor): 1} if isinstance(factor, int) else factor.terms
        result = multiply(result, raise_to(from_terms(a.ring, substitute(terms, index, bit)), power))
    return result


def vanishes(relations: Relations, a: Form) -> bool:
    """Whether the numerator is the zero polynomial; only factors under relations can multiply to zero."""
    if not a.coefficient:
        return True
    special = {
        factor: power
        for factor, power in a.powers.items()
        if power > 0
        and relations.special & (generator(factor) if isinstance(factor, int) else factor.support)
    }
    return len(special) > 1 and not expand(relations, special)
