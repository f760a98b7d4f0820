"""Signs, conditions and their indicators.

Conditions p > c with the same p and several numbers c imply one another.  Each is written between its
neighbours: s = s_lower + (s_upper - s_lower) g with a free indicator g, so that what follows from the
order of the numbers c (as [z > 3] [z > -3] = [z > 3]) holds by the arithmetic of free indicators alone.
"""

from bisect import bisect
from collections.abc import Callable
from fractions import Fraction
from math import gcd, prod
from typing import TYPE_CHECKING

from symgrad.exact.polynomials import Polynomial, divided, exponents, generator
from symgrad.exact.relations import Factor, Powers, add_indicator
from symgrad.exact.ring import Form, branch, indicators_in, zero_on_a_side

if TYPE_CHECKING:
    from symgrad.exact.normalforms import NormalForms

_MOST_BRANCHES = 3


def is_positive(ring: "NormalForms", factor: Factor) -> bool:
    """Whether a factor is positive on its face: non-negative monomials, one of them surely positive."""
    if isinstance(factor, int):
        return bool(ring.positive & generator(factor))
    if min(factor.terms.values()) < 0:
        return False
    signs = [_odd_part(ring, monomial) for monomial in factor.terms]
    return all(odd == 0 for odd, _ in signs) and any(not even for _, even in signs)


def _odd_part(ring: "NormalForms", monomial: int) -> tuple[int, int]:
    free = [(i, exponent) for i, exponent in exponents(monomial) if not ring.positive & generator(i)]
    signed = [exponent % 2 for i, exponent in free if i not in ring.relations.indicators]
    return sum(signed), len(free)


def uncertain(ring: "NormalForms", form: Form) -> Form:
    """The form without the factors that are positive on their face."""
    return Form(ring, form.coefficient, {f: p for f, p in form.powers.items() if not is_positive(ring, f)})


def step(ring: "NormalForms", u: Form) -> Form:
    """The indicator of u > 0, from the signs of the factors of u."""
    if u.is_zero():
        return ring.number(0)
    found = indicators_in(ring.relations, u)
    index = next((i for i in found if zero_on_a_side(u, i) or _decided(ring, u, i)), to_branch(ring, u))
    if index is not None:
        return branched(u, index, ring.step)
    return _of_signs(ring, uncertain(ring, u))


def _decided(ring: "NormalForms", u: Form, index: int) -> bool:
    return all(uncertain(ring, branch(u, index, bit)).number is not None for bit in (0, 1))


def _of_signs(ring: "NormalForms", u: Form) -> Form:
    sides = [_indicator(ring, factor) for factor, power in u.powers.items() if power % 2]
    if len(sides) == 1:
        return sides[0] if u.coefficient > 0 else 1 - sides[0]
    sign = prod((2 * s - 1 for s in sides), start=ring.number(1 if u.coefficient > 0 else -1))
    return (1 + sign) / 2


def _indicator(ring: "NormalForms", factor: Factor) -> Form:
    condition = _as_condition(factor)
    if condition not in ring.conditions:
        ring.conditions[condition] = _between_neighbours(ring, condition)
    return ring.conditions[condition]


def _between_neighbours(ring: "NormalForms", condition: Polynomial) -> Form:
    direction, bound = _direction(condition)
    chain = ring.chains.setdefault(direction, [])
    place = bisect(chain, bound, key=lambda known: known[0])
    weaker = chain[place - 1][1] if place else ring.number(1)
    stronger = chain[place][1] if place < len(chain) else ring.number(0)
    index = ring.new_generator("step")
    add_indicator(ring.relations, index, condition)
    value = stronger + (weaker - stronger) * ring.monomial(index)
    chain.insert(place, (bound, value))
    return value


def _direction(condition: Polynomial) -> tuple[Polynomial, Fraction]:
    """A condition as (p, c), meaning p > c: p has no constant and coprime coefficients."""
    terms = {monomial: c for monomial, c in condition.terms.items() if monomial}
    number = gcd(*terms.values())
    return Polynomial(divided(terms, number, 0)), Fraction(-condition.terms.get(0, 0), number)


def to_branch(ring: "NormalForms", u: Form) -> int | None:
    """An indicator over which exp(u) should be split.

    That is, u = s u1 + (1 - s) u0 with u1 - u0 a multiple of the condition of s (as in max(z, 0) or a
    running maximum), with u1 = -u0 (as in |z|), or with two plain numbers; failing these, with u1 - u0 a
    multiple of a condition in the chain of s, times indicators (as in max(z, -1) beside [z > 3]).
    """
    found = indicators_in(ring.relations, u)
    plain = (i for i in found if _worth_it(ring, u, i))
    return next(plain, next((i for i in found if _in_chain(ring, u, i)), None))


def _worth_it(ring: "NormalForms", u: Form, index: int) -> bool:
    on, off = branch(u, index, 1), branch(u, index, 0)
    if (on.number is not None and off.number is not None) or (on + off).is_zero():
        return True
    return _only(uncertain(ring, on - off).powers) == ring.relations.indicators[index]


def _in_chain(ring: "NormalForms", u: Form, index: int) -> bool:
    direction, _ = _direction(ring.relations.indicators[index])
    if len(ring.chains[direction]) == 1:
        return False
    difference = uncertain(ring, branch(u, index, 1) - branch(u, index, 0))
    found = _only({f: p for f, p in difference.powers.items() if not _only_indicators(ring, f)})
    return found is not None and _direction(found)[0] == direction


def _only(powers: Powers) -> Polynomial | None:
    """The factor of a product of a single one, to the power 1."""
    return _as_condition(next(iter(powers))) if [*powers.values()] == [1] else None


def _only_indicators(ring: "NormalForms", factor: Factor) -> bool:
    support = generator(factor) if isinstance(factor, int) else factor.support
    return not support & ~ring.relations.idempotent


def _as_condition(factor: Factor) -> Polynomial:
    return Polynomial({generator(factor): 1}) if isinstance(factor, int) else factor


def to_branch_fully(ring: "NormalForms", u: Form) -> int | None:
    """An indicator of u, if there are few and u is zero on no side of any."""
    found = indicators_in(ring.relations, u)
    few = 0 < len(found) <= _MOST_BRANCHES and not any(zero_on_a_side(u, index) for index in found)
    return found[0] if few else None


def branched(u: Form, index: int, function: Callable[[Form], Form]) -> Form:
    """f(u) as s f(u with s = 1) + (1 - s) f(u with s = 0)."""
    s = u.ring.monomial(index)
    return s * function(branch(u, index, 1)) + (1 - s) * function(branch(u, index, 0))
