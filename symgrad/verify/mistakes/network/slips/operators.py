"""Another sign, a factor too many, a quotient for a product, a sum along another axis."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import permutations

from symgrad.model.syntax import (
    Chain,
    Fold,
    Formula,
    Name,
    Neg,
    Number,
    Power,
    Reduce,
    children,
    with_children,
)
from symgrad.verify.mistakes.network.slips.terms import Slip, Terms, everywhere, joined, said

HALF, TWO = Number(Fraction(1, 2)), Number(Fraction(2))
PRODUCTS = ("*", "·", " ", "@")


def signs(formula: Formula, terms: Terms) -> Iterator[Slip]:
    """A plus for a minus."""
    if isinstance(formula, Chain) and formula.additive:
        for k, sign in enumerate(formula.operators):
            other = "-" if sign == "+" else "+"
            turned = (*formula.operators[:k], other, *formula.operators[k + 1 :])
            right = replace(formula, operators=turned)
            yield Slip(right, "wrong_sign", f"{said(formula)} should be {said(right)}", 1.2)
        if not isinstance(formula.operands[0], Neg):
            right = replace(formula, operands=(Neg(formula.operands[0]), *formula.operands[1:]))
            yield Slip(right, "wrong_sign", f"the sign of {said(formula.operands[0])} is wrong", 1.2)


def factors_too_many(formula: Formula, terms: Terms) -> Iterator[Slip]:
    """A factor, a divisor or a power that should not be there."""
    if isinstance(formula, Chain) and not formula.additive:
        signed = formula.signed
        for k, (_, operand) in enumerate(signed):
            rest = (*signed[:k], *signed[k + 1 :])
            if rest[0][0] in PRODUCTS:
                yield Slip(
                    joined(rest),
                    "extra_chain_factor",
                    f"{said(operand)} does not belong in {said(formula)}",
                    1.6,
                )
    if isinstance(formula, Power) and isinstance(formula.exponent, Number):
        for step in (-1, 1):
            if formula.exponent.value + step > 0:
                right = replace(formula, exponent=Number(formula.exponent.value + step))
                kind = "extra_chain_factor" if step < 0 else "missing_chain_factor"
                yield Slip(right, kind, f"{said(formula)} should be {said(right)}", 1.4)


def divisions(formula: Formula, terms: Terms) -> Iterator[Slip]:
    """Multiplied by what one divides by, or the other way round."""
    if isinstance(formula, Chain) and not formula.additive:
        for k, sign in enumerate(formula.operators):
            if sign in "*/":
                other = (*formula.operators[:k], "*" if sign == "/" else "/", *formula.operators[k + 1 :])
                done, due = ("divided", "multiplied") if sign == "/" else ("multiplied", "divided")
                right = replace(formula, operators=other)
                text = f"{done} by {said(formula.operands[k + 1])}, it has to be {due} by it"
                yield Slip(right, "extra_chain_factor", text, 1.6)


def numbers(formula: Formula, terms: Terms) -> Iterator[Slip]:
    """A summand that counts twice, or half, or was not divided by a size."""
    for operand in formula.operands if isinstance(formula, Chain) and formula.additive else ():
        for by, word in ((HALF, "too large by the factor 2"), (TWO, "too small by the factor 2")):
            right = everywhere(formula, operand, Chain(("*",), (by, operand)))
            yield Slip(right, "factor_2", f"the term {said(operand)} is {word}", 1.3)
        for size in map(Name, terms.sizes):
            for sign, done in (("/", "divided"), ("*", "multiplied")):
                right = everywhere(formula, operand, Chain((sign,), (operand, size)))
                text = f"the term {said(operand)} has to be {done} by {said(size)}"
                yield Slip(right, "constant_factor", text, 1.4)


def summands(formula: Formula, terms: Terms) -> Iterator[Slip]:
    """A term that should not be there, or a value that was not subtracted."""
    if isinstance(formula, Chain) and formula.additive:
        for k, (_, operand) in enumerate(formula.signed):
            rest = (*formula.signed[:k], *formula.signed[k + 1 :])
            right = Neg(joined(rest)) if rest[0][0] == "-" and len(rest) == 1 else joined(rest)
            if rest[0][0] == "+" or len(rest) == 1:
                yield Slip(right, "wrong_path", f"the term {said(operand)} does not belong here", 1.6)
    if isinstance(formula, Name) and formula.name in terms.owners and not terms.is_parameter(formula.name):
        for name in terms.owners:
            if name != formula.name and terms.shapes[name] == terms.shapes[formula.name]:
                right = Chain(("-",), (formula, replace(formula, name=name)))
                yield Slip(right, "other", f"{said(right)} belongs where {said(formula)} stands", 1.7)


def sums(formula: Formula, terms: Terms) -> Iterator[Slip]:
    """A mean for a sum, or a sum along another axis."""
    if isinstance(formula, Reduce | Fold) and formula.kind in ("sum", "mean"):
        other = replace(formula, kind="mean" if formula.kind == "sum" else "sum")
        word = {"sum": "a sum, it is a mean", "mean": "a mean, it is a sum"}[formula.kind]
        kind = "missing_chain_factor" if formula.kind == "sum" else "constant_factor"
        yield Slip(other, kind, f"{said(formula)} is {word}", 1.3)
    if isinstance(formula, Fold) and formula.axis is not None:
        right = replace(formula, axis=1 - formula.axis)
        yield Slip(right, "wrong_axis", f"{said(formula)} runs along the wrong axis", 1.2)
    if isinstance(formula, Reduce) and len(formula.letters) == 1:
        yield from _other_axes(formula, terms)


def _other_axes(formula: Reduce, terms: Terms) -> Iterator[Slip]:
    """Yield a sum along the axis of another letter, with what was summed held fixed."""
    (bound,) = formula.letters
    for free, outer in permutations([x for x in terms.runs if x != bound], 2):
        body = _renamed(formula.body, {bound: outer, free: bound})
        if body != formula.body:
            text = f"{said(formula)} is summed over the wrong index"
            yield Slip(replace(formula, body=body), "wrong_axis", text, 1.2)


def _renamed(formula: Formula, names: Mapping[str, str]) -> Formula:
    if isinstance(formula, Name) and not formula.subscripts:
        return replace(formula, name=names.get(formula.name, formula.name))
    return with_children(formula, tuple(_renamed(part, names) for part in children(formula)))
