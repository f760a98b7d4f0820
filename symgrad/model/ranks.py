"""How many axes the value of a gradient's formula has, as far as that follows from how it is written."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from operator import and_

from symgrad.model.syntax import (
    Chain,
    Constant,
    Fold,
    Formula,
    Indicator,
    Name,
    Number,
    Slice,
    Transpose,
    children,
    with_children,
)

ROW = -1
_PRODUCTS: Mapping[tuple[int, int], int] = {(1, ROW): 2, (2, 1): 1, (1, 2): 1, (ROW, 2): ROW, (2, ROW): 2}
_DOTS = frozenset({(ROW, 1), (1, 1), (ROW, ROW)})


def rank(formula: Formula, names: Mapping[str, int]) -> int:
    """Return the number of axes; −1 for a vector that was transposed."""
    match formula:
        case Number():
            return 0
        case Constant(name):
            return {"ones": 1, "eye": 2}.get(name, 0)
        case Name(name, subscripts):
            return max(0, names.get(name, 0) - sum(map(_taken, subscripts)))
        case Transpose(operand):
            below = rank(operand, names)
            return -below if abs(below) == 1 else below
        case Fold(_, operand, axis, keep):
            below = abs(rank(operand, names))
            return 0 if axis is None else below if keep else max(0, below - 1)
        case Indicator(left, _, right):
            return joined((rank(left, names), rank(right, names)))
        case Chain():
            return _chained(formula, names)
        case _:
            return joined(rank(child, names) for child in children(formula))


def _taken(subscript: Formula) -> int:
    """Return how many axes a subscript takes away: a whole one leaves its own, a new one adds one."""
    return 1 if not isinstance(subscript, Slice) else -1 if subscript.new else 0


def joined(ranks: Iterable[int]) -> int:
    """Return the number of axes of values that are joined entry by entry."""
    return reduce(lambda a, b: a if abs(a) >= abs(b) else b, ranks, 0)


def product(left: int, right: int) -> int:
    """Return the number of axes of a product of matrices; a scalar multiplies anything."""
    if not left or not right:
        return left or right
    return 0 if (left, right) in _DOTS else _PRODUCTS.get((left, right), max(abs(left), abs(right)))


def _chained(chain: Chain, names: Mapping[str, int]) -> int:
    first, *rest = (rank(operand, names) for operand in chain.operands)
    for operator, right in zip(chain.operators, rest, strict=True):
        first = product(first, right) if operator in "@· " else joined((first, right))
    return first


def plain_products(formula: Formula, names: Mapping[str, int]) -> Formula:
    """Write the products of numbers, and of a number and an array, by a star.

    What is left written by a dot or by a space are products of two arrays.  Nobody multiplies an array by the
    number 1: where it stands beside one, it is the vector of ones.
    """
    return _starred(_with_ones(formula, names), names, _are_vectors)


def _are_vectors(operator: str, left: int, right: int) -> bool:
    return operator == " " and left == right == 1


def _with_ones(formula: Formula, names: Mapping[str, int]) -> Formula:
    given = children(formula)
    parts = tuple(_with_ones(child, names) for child in given)
    if any(new is not old for new, old in zip(parts, given, strict=True)):
        formula = with_children(formula, parts)
    if not isinstance(formula, Chain) or " " not in formula.operators:
        return formula
    number = [part == Number(Fraction(1)) for part in formula.operands]
    beside = [" " in pair for pair in zip((*formula.operators, ""), ("", *formula.operators), strict=True)]
    if not any(map(and_, number, beside)) or not rank(formula, names):
        return formula
    ones = (
        Constant("ones", part.column) if one and near else part
        for part, one, near in zip(formula.operands, number, beside, strict=True)
    )
    return replace(formula, operands=tuple(ones))


def entrywise(formula: Formula, names: Mapping[str, int]) -> Formula:
    """Take products of alike arrays that are written by a dot or by nothing entry by entry."""
    return _starred(formula, names, lambda _, left, right: left == right != ROW)


def matrices_first(formula: Formula) -> Formula:
    """Take products of matrices that are written by nothing before those entry by entry: ``a ⊙ (Wᵀ δ)``."""
    given = children(formula)
    parts = tuple(map(matrices_first, given))
    if any(new is not old for new, old in zip(parts, given, strict=True)):
        formula = with_children(formula, parts)
    if not isinstance(formula, Chain) or "*" not in formula.operators:
        return formula
    if not {"·", " "} & set(formula.operators):
        return formula
    runs: list[list[tuple[str, Formula]]] = [[formula.signed[0]]]
    for operator, operand in formula.signed[1:]:
        if operator in "· " and runs[-1][0][0] != "/":
            runs[-1].append((operator, operand))
        else:
            runs.append([(operator, operand)])
    factors = tuple(_run(run) for run in runs)
    return Chain(tuple(run[0][0] for run in runs[1:]), factors, formula.column)


def _run(run: list[tuple[str, Formula]]) -> Formula:
    first = run[0][1]
    if len(run) == 1:
        return first
    return Chain(
        tuple(operator for operator, _ in run[1:]), tuple(operand for _, operand in run), first.column
    )


def _starred(formula: Formula, names: Mapping[str, int], entries: Callable[[str, int, int], bool]) -> Formula:
    given = children(formula)
    parts = tuple(_starred(child, names, entries) for child in given)
    if any(new is not old for new, old in zip(parts, given, strict=True)):
        formula = with_children(formula, parts)
    if not isinstance(formula, Chain) or not {"·", " "} & set(formula.operators):
        return formula
    left, *rest = (rank(operand, names) for operand in formula.operands)
    operators: list[str] = []
    for operator, right in zip(formula.operators, rest, strict=True):
        star = operator in "· " and (not left or not right or entries(operator, left, right))
        operators.append("*" if star else operator)
        left = product(left, right) if operators[-1] in "@· " else joined((left, right))
    return Chain(tuple(operators), formula.operands, formula.column)
