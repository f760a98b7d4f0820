"""Signs, conditions and their indicators."""

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING

from symgrad.exact.polynomials import Polynomial, exponents, generator
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
    condition = Polynomial({generator(factor): 1}) if isinstance(factor, int) else factor
    if condition not in ring.conditions:
        index = ring.new_generator("step")
        add_indicator(ring.relations, index, condition)
        ring.conditions[condition] = index
    return ring.monomial(ring.conditions[condition])


def to_branch(ring: "NormalForms", u: Form) -> int | None:
    """An indicator over which exp(u) should be split.

    That is, u = s u1 + (1 - s) u0 with u1 - u0 a multiple of the condition of s (as in max(z, 0) or a
    running maximum), with u1 = -u0 (as in |z|), or with two plain numbers.
    """
    return next((i for i in indicators_in(ring.relations, u) if _worth_it(ring, u, i)), None)


def _worth_it(ring: "NormalForms", u: Form, index: int) -> bool:
    on, off = branch(u, index, 1), branch(u, index, 0)
    if (on.number is not None and off.number is not None) or (on + off).is_zero():
        return True
    condition = ring.relations.indicators[index]
    return _is(uncertain(ring, on - off).powers, condition)


def _is(powers: Powers, condition: Polynomial) -> bool:
    if len(powers) != 1 or [*powers.values()] != [1]:
        return False
    factor = next(iter(powers))
    return (Polynomial({generator(factor): 1}) if isinstance(factor, int) else factor) == condition


def to_branch_fully(ring: "NormalForms", u: Form) -> int | None:
    """An indicator of u, if there are few and u is zero on no side of any."""
    found = indicators_in(ring.relations, u)
    few = 0 < len(found) <= _MOST_BRANCHES and not any(zero_on_a_side(u, index) for index in found)
    return found[0] if few else None


def branched(u: Form, index: int, function: Callable[[Form], Form]) -> Form:
    """f(u) as s f(u with s = 1) + (1 - s) f(u with s = 0)."""
    s = u.ring.monomial(index)
    return s * function(branch(u, index, 1)) + (1 - s) * function(branch(u, index, 0))
