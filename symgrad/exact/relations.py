"""Rules g**degree = polynomial between generators, and expanding products modulo them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from symgrad.exact.polynomials import FIELD, Polynomial, Terms, combine, exponents, generator, multiply
from symgrad.exact.values import BudgetError

Factor: TypeAlias = int | Polynomial
Powers: TypeAlias = Mapping[Factor, int]


@dataclass
class Relations:
    """What is known of the generators of one algebra: rules g**degree = polynomial, and the budget.

    Attributes
    ----------
    rules
        generator -> (degree, polynomial).
    indicators
        The generators with s*s = s, each with the polynomial whose positivity it tells.
    limit
        Most products of terms in one multiplication.
    work
        Most products of terms in all multiplications and divisions together; None for any number.
    watch
        Told of products of terms before they are taken; what it raises ends the computation.
    """

    limit: int
    work: int | None = None
    watch: Callable[[int], None] | None = None
    rules: dict[Factor, tuple[int, Terms]] = field(default_factory=dict)
    indicators: dict[Factor, Polynomial] = field(default_factory=dict)
    special: int = 0
    idempotent: int = 0
    spent: int = 0
    tried: dict[tuple[Polynomial, Polynomial], Polynomial | None] = field(default_factory=dict)

    def spend(self, products: int) -> None:
        """Count products of terms. BudgetError when there were too many."""
        self.spent += products
        if self.work is not None and self.spent > self.work:
            raise BudgetError(f"more than {self.work} products of terms")
        if self.watch is not None:
            self.watch(products)


def add_rule(relations: Relations, index: int, degree: int, terms: Terms) -> None:
    """Let generator**degree be a polynomial."""
    relations.rules[index] = degree, terms
    relations.special |= generator(index, FIELD >> 1)


def add_indicator(relations: Relations, index: int, condition: Polynomial) -> None:
    """Let a generator be the indicator of condition > 0."""
    add_rule(relations, index, 2, {generator(index): 1})
    relations.indicators[index] = condition
    relations.idempotent |= generator(index, FIELD >> 1)


def reduced(relations: Relations, terms: Terms) -> Terms:
    """A polynomial with every generator below the degree of its rule."""
    if not any(monomial & relations.special for monomial in terms):
        return terms
    plain: dict[int, int] = {}
    parts: list[tuple[int, Terms]] = [(1, plain)]
    for monomial, coefficient in terms.items():
        if monomial & relations.special:
            parts.append((coefficient, _rewritten(relations, monomial)))
        else:
            plain[monomial] = coefficient
    return combine(parts)


def _rewritten(relations: Relations, monomial: int) -> Terms:
    for index, exponent in exponents(monomial):
        degree, terms = relations.rules.get(index, (exponent + 1, {}))
        if exponent >= degree:
            times, rest = divmod(exponent, degree)
            free = monomial - generator(index, exponent) + generator(index, rest)
            return times_power(relations, {free: 1}, terms, times)
    return {monomial: 1}


def times_power(relations: Relations, terms: Terms, base: Terms, exponent: int) -> Terms:
    """terms * base**exponent, reduced. BudgetError beyond the limit."""
    if exponent > relations.limit:
        raise BudgetError(f"a power of {exponent}")
    for _ in range(exponent):
        relations.spend(len(terms) * len(base))
        terms = reduced(relations, multiply(terms, base, relations.limit))
    return terms


def expand(relations: Relations, powers: Powers, sign: int = 1) -> Terms:
    """The product of the factors of positive (or, with sign -1, negative) power, multiplied out."""
    monomial = sum(generator(f, sign * p) for f, p in powers.items() if isinstance(f, int) and sign * p > 0)
    polynomials = [(f, sign * p) for f, p in powers.items() if isinstance(f, Polynomial) and sign * p > 0]
    terms = reduced(relations, {monomial: 1})
    for factor, power in sorted(polynomials, key=lambda pair: len(pair[0].terms)):
        terms = times_power(relations, terms, factor.terms, power)
    return terms
