"""What the sums of a line have in common: ``δs = A · (δA − Σ_i δA A)``, the Jacobian of softmax."""

from collections import Counter
from dataclasses import replace

import sympy as sp

from symgrad.derive.formulas import Delta, Derivative, Factor, Summand
from symgrad.model.expressions import Ref
from symgrad.notation.compose import product, total
from symgrad.notation.layout import Layout, Minus, Product


def common_factors(summands: tuple[Summand, ...]) -> tuple[tuple[Factor, ...], tuple[Summand, ...]]:
    """Return the factors that all summands share outside of their sums, and the summands without them.

    Only where one of them sums and another does not: else a factor may as well stand where it is.
    """
    if len({bool(summand.sums) for summand in summands}) < 2:
        return (), summands
    shared = _shared(summands)
    front = tuple(shared.elements())
    return front, tuple(
        _without(summand, shared) for summand in _positive_first(summands)
    ) if front else summands


def _shared(summands: tuple[Summand, ...]) -> "Counter[Factor]":
    found = [Counter(f for f in _factors(s) if _outside(f, s)) for s in summands]
    shared = found[0]
    for more in found[1:]:
        shared &= more
    return shared


def _factors(summand: Summand) -> list[Factor]:
    parts: list[Factor] = []
    for factor in summand.factors:
        named = isinstance(factor, Derivative | Delta)
        parts += [factor] if named else list(sp.Mul.make_args(factor))
    return parts


def _outside(factor: Factor, summand: Summand) -> bool:
    """Whether a factor names something, and nothing that is summed over."""
    summed = {axis.symbol for axis in summand.sums}
    return bool(accesses_of(factor)) and not any(
        i.free_symbols & summed for ref in accesses_of(factor) for i in ref.index
    )


def accesses_of(factor: Factor) -> tuple[Ref, ...]:
    """Return what a factor reads, or names in a derivative."""
    match factor:
        case Derivative(upper, lower):
            return upper, lower
        case Delta(_, of, _):
            return (of,)
        case _:
            return tuple(factor.atoms(Ref))


def _without(summand: Summand, shared: "Counter[Factor]") -> Summand:
    left = Counter(shared)
    kept: list[Factor] = []
    for factor in _factors(summand):
        if left[factor] > 0:
            left[factor] -= 1
        else:
            kept.append(factor)
    return replace(summand, factors=tuple(kept) or (sp.Integer(1),))


def _positive_first(summands: tuple[Summand, ...]) -> list[Summand]:
    return sorted(summands, key=_is_negative)


def _is_negative(summand: Summand) -> bool:
    named = (Derivative, Delta)
    return any(not isinstance(f, named) and f.could_extract_minus_sign() for f in summand.factors)


def entrywise_total(parts: tuple[Layout, ...]) -> Layout:
    """Add matrices, in front what all of them are multiplied by entry by entry: ``A ⊙ (δA − …)``."""
    ordered = sorted(parts, key=lambda part: isinstance(part, Minus))
    products = [part.body if isinstance(part, Minus) else part for part in ordered]
    if len(parts) < 2 or not all(isinstance(p, Product) and p.joint == "⊙" for p in products):
        return total(tuple(ordered))
    factors = [list(p.factors) for p in products if isinstance(p, Product)]
    shared = tuple(f for f in factors[0] if all(f in others for others in factors[1:]))
    if not shared or any(len(own) == len(shared) for own in factors):
        return total(tuple(ordered))
    rests = (product(tuple(f for f in own if f not in shared), "⊙") for own in factors)
    signed = (
        Minus(rest) if isinstance(part, Minus) else rest for part, rest in zip(ordered, rests, strict=True)
    )
    return product((*shared, total(tuple(signed))), "⊙")
