"""The shortest of a few equal forms of a body: as it is, cancelled, with common factors outside."""

from functools import lru_cache

import sympy as sp

from symgrad.model.expressions import Ref, is_product, refs


def cancelled(body: sp.Expr) -> sp.Expr:
    """Cancel common factors where the body divides by an access, if that makes it shorter."""
    if not any(_divides(power) for power in body.atoms(sp.Pow)):
        return body
    _, denominator = sp.fraction(sp.together(body))
    if not denominator.atoms(Ref):
        return body
    short = sp.cancel(body)
    return min(sp.factor(short), short, body, key=sp.count_ops)


def _divides(power: sp.Pow) -> bool:
    return power.exp.could_extract_minus_sign() and bool(power.base.atoms(Ref))


def compact(body: sp.Expr) -> sp.Expr:
    """Return the shortest of a few equal forms: as it is, cancelled, with common factors outside.

    Bodies that are equal up to the names of their accesses are made short once.
    """
    if is_product(body):
        return body
    slots = {ref: Ref(f"slot{k:04}") for k, ref in enumerate(refs(body))}
    short = _compact(body.xreplace(slots))
    named = short.xreplace({slot: ref for ref, slot in slots.items()})
    multiplied_out = named.is_Add and not short.is_Add
    return sp.factor_terms(named) if multiplied_out else named


@lru_cache(maxsize=10_000)
def _compact(body: sp.Expr) -> sp.Expr:
    short = cancelled(body)
    return signed(min(sp.factor_terms(short), short, key=sp.count_ops))


def signed(body: sp.Expr) -> sp.Expr:
    """Take a minus sign in front of a product into one of its sums: 1 − o rather than −(o − 1)."""
    number, rest = body.as_coeff_Mul()
    sums = [factor for factor in sp.Mul.make_args(rest) if factor.is_Add]
    if number >= 0 or not sums:
        return body
    return sp.Mul(-number, *(-f if f is sums[0] else f for f in sp.Mul.make_args(rest)))
