"""A bracket that closes too early or too late: a factor of one summand belongs to all, or the reverse."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from itertools import product as product_of

from symgrad.model.syntax import Chain, Formula, Neg
from symgrad.verify.mistakes.network.slips.terms import ONE, Slip, Terms, joined, said

COST = 1.25

Signed = tuple[tuple[str, Formula], ...]


def brackets(formula: Formula, terms: Terms) -> Iterator[Slip]:
    """A factor of one summand that belongs to the whole sum, or of the sum that belongs to one summand."""
    if isinstance(formula, Chain) and formula.additive:
        yield from _too_early(formula)
    elif isinstance(formula, Chain):
        yield from _too_late(formula)


def _too_early(formula: Chain) -> Iterator[Slip]:
    for k, operand in enumerate(formula.operands):
        left = "the other term" if len(formula.operands) == 2 else "the other terms"
        for factors, rest in _runs(operand):
            each = (one if m == k else _times(one, factors) for m, one in enumerate(formula.operands))
            words = f"{_named(factors)} multiplies only {said(rest)}, it belongs to {left} too"
            right = replace(formula, operands=tuple(each))
            yield Slip(right, "misplaced_parenthesis", f"a bracket is missing: {words}", COST)


def _too_late(formula: Chain) -> Iterator[Slip]:
    signed = formula.signed
    for k, m in permutations(range(len(signed)), 2):
        (sign, total), factor = signed[k], signed[m]
        rest = (*signed[:m], *signed[m + 1 :])
        if "@" in (sign, factor[0]) or rest[0][0] == "/" or not (isinstance(total, Chain) and total.additive):
            continue
        for n, kept in enumerate(total.operands):
            each = (_times(one, (factor,)) if j == n else one for j, one in enumerate(total.operands))
            one_only = replace(total, operands=tuple(each))
            right = joined(tuple((sign, one_only if one is total else one) for sign, one in rest))
            words = f"{_named((factor,))} belongs to {said(kept)} only"
            yield Slip(right, "misplaced_parenthesis", f"a bracket too many: {words}", COST + 0.2)


def _runs(operand: Formula) -> Iterator[tuple[Signed, Formula]]:
    """Yield the factors that stand side by side in a product, the fewest first, with the rest of it."""
    product = operand.operand if isinstance(operand, Neg) else operand
    if isinstance(product, Chain) and not product.additive and "@" not in product.operators:
        signed = product.signed
        for count, start in product_of(range(1, len(signed)), range(len(signed))):
            rest = (*signed[:start], *signed[start + count :])
            if start + count <= len(signed) and rest[0][0] != "/" and rest[0][1] != ONE:
                yield signed[start : start + count], joined(rest)


def _times(formula: Formula, factors: Signed) -> Formula:
    """Return a formula with factors before it, or behind it where the first of them is a divisor."""
    if factors[0][0] == "/" or isinstance(formula, Neg):
        return joined((("*", formula), *factors))
    return joined((("*", factors[0][1]), *factors[1:], ("*", formula)))


def _named(factors: Signed) -> str:
    (sign, first), *rest = factors
    return f"1/{said(joined((('*', first), *rest)))}" if sign == "/" else said(joined(factors))
