"""The order in which people write: (o − t) before a (1 − a) before weights before inputs.

SymPy's own order is alphabetical; these are stable orders for the factors of a product and the terms
of a sum.
"""

import re
from collections.abc import Sequence

import sympy as sp

from symgrad.model.expressions import Ref
from symgrad.model.functions import Equal, Pointwise, Step
from symgrad.model.graph import Kind
from symgrad.notation.roles import Roles, is_delta

SIZE, WEIGHT_OF_DELTA, DELTA, ERROR, SLOPE, WEIGHT, VALUE, FUNCTION = range(8)

Key = tuple[object, ...]


def ordered_factors(factors: Sequence[sp.Expr], roles: Roles) -> list[sp.Expr]:
    """Sort the factors of a product, ``a`` and ``1 − a`` side by side."""
    sums = {1 - f: f for f in factors if f.is_Add}
    pairs = {f: sums[f] for f in factors if f in sums and not (f.is_Add or f.is_number)}
    complements = set(pairs.values())
    adjoint = any(isinstance(f, Ref) and is_delta(f, roles) for f in factors)
    free = sorted((f for f in factors if f not in complements), key=lambda f: _key(f, pairs, roles, adjoint))
    return [part for f in free for part in ((f, pairs[f]) if f in pairs else (f,))]


def _key(factor: sp.Expr, pairs: dict[sp.Expr, sp.Expr], roles: Roles, adjoint: bool) -> Key:
    rank = SLOPE if factor in pairs else _rank(factor, roles)
    if adjoint and rank == WEIGHT:
        rank = WEIGHT_OF_DELTA
    return rank, isinstance(factor, sp.Pow), natural(str(factor))


def _rank(factor: sp.Expr, roles: Roles) -> int:
    base = factor.base if isinstance(factor, sp.Pow) else factor
    if isinstance(base, sp.Symbol):
        return SIZE
    if isinstance(base, Ref):
        return DELTA if is_delta(base, roles) else WEIGHT if _is_weight(base, roles) else VALUE
    if isinstance(base, sp.Add):
        return FUNCTION if base.has(Equal) else SLOPE if base.as_coeff_Add()[0] != 0 else ERROR
    return SLOPE if isinstance(base, Step) else FUNCTION


def _is_weight(ref: Ref, roles: Roles) -> bool:
    kind = roles.kinds.get(ref.name)
    return ref.name[0] in "wW" if kind is None else kind is Kind.PARAMETER


def ordered_terms(terms: Sequence[sp.Expr]) -> list[sp.Expr]:
    """Sort the terms of a sum by falling degree, or with the positive ones first if that began with −."""
    falling = sorted(terms, key=lambda t: (-_degree(t), not t.is_number, natural(str(t))))
    negative = [t.could_extract_minus_sign() for t in falling]
    if not negative[0]:
        return falling
    return sorted(falling, key=lambda t: t.could_extract_minus_sign())


def _degree(term: sp.Expr) -> int:
    return sum(_degree_of(f) for f in sp.Mul.make_args(term))


def _degree_of(factor: sp.Expr) -> int:
    base, exponent = factor.as_base_exp()
    plain = isinstance(base, Ref | sp.Symbol | Pointwise | sp.Sum) and exponent.is_Integer
    return max(int(exponent), 0) if plain else 0


def natural(text: str) -> Key:
    """Return a key that sorts w2 before w10."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"([0-9]+)", text))
