"""Another place: a step before or behind, subscripts exchanged, a window that moves the other way."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import combinations

from symgrad.model.syntax import Chain, Formula, Name, Number
from symgrad.verify.mistakes.network.slips.terms import ONE, Slip, Terms, joined, said


def other_subscripts(formula: Formula, terms: Terms) -> Iterator[Slip]:
    """A place before or behind, subscripts exchanged, another letter, a sum turned into a difference."""
    if not isinstance(formula, Name) or not formula.subscripts:
        return
    for subscripts, kind, words, cost in _subscripts(formula, terms):
        right = replace(formula, subscripts=subscripts)
        yield Slip(right, kind, f"{said(formula)} stands where {said(right)} belongs{words}", cost)


Subscripts = tuple[Formula, ...]


def _subscripts(name: Name, terms: Terms) -> Iterator[tuple[Subscripts, str, str, float]]:
    given = name.subscripts
    for k, at in enumerate(given):
        kind, words, cost = _off_by_one(name, k, terms)
        moved = () if isinstance(at, Number) else (*(shifted(at, by) for by in (-1, 1)), over(at))
        yield from (_at(given, k, new, kind, words, cost) for new in moved)
        for letter in terms.runs:
            if isinstance(at, Name) and letter != at.name and Name(letter) not in given:
                yield _at(given, k, Name(letter), "wrong_operand", ": another index", 1.8)
        yield from (_at(given, k, new, "wrong_operand", ": the stride is missing", 1.4) for new in _wider(at))
    for k, m in combinations(range(len(given)), 2):
        swapped = [*given]
        swapped[k], swapped[m] = swapped[m], swapped[k]
        yield tuple(swapped), "transpose", ": it is transposed", 1.2
    if turned(given) != given:
        yield turned(given), "kernel_not_flipped", ": the kernel is turned round", 1.0


def _at(
    given: Subscripts, k: int, new: Formula, kind: str, words: str, cost: float
) -> tuple[Subscripts, str, str, float]:
    return (*given[:k], new, *given[k + 1 :]), kind, words, cost


def _off_by_one(name: Name, k: int, terms: Terms) -> tuple[str, str, float]:
    """Return what mistake it is to read a name one place before or behind."""
    if time_axis(name.name, terms) == k:
        return "wrong_layer", ": another time step", 1.1
    return "wrong_operand", ": one place off", 1.5


def time_axis(name: str, terms: Terms) -> int | None:
    """Return the number of the axis along which the node of a name recurs; None without one."""
    owner = terms.owners.get(name, "")
    along = next((group.along for group in terms.graph.groups if owner in group.names), None)
    letters = [axis.letter for axis in terms.graph[owner].axes] if along else []
    return letters.index(along) if along in letters else None


def shifted(at: Formula, by: int) -> Formula:
    """Return a subscript moved by one."""
    sign, back = ("+", "-") if by > 0 else ("-", "+")
    operators, operands = (
        (at.operators, at.operands) if isinstance(at, Chain) and at.additive else ((), (at,))
    )
    if operators and operands[-1] == ONE and operators[-1] == back:
        return joined(tuple(zip(("+", *operators), operands, strict=True))[:-1])
    return Chain((*operators, sign), (*operands, ONE))


def over(at: Formula) -> Formula:
    """Return the subscript on the other side of a letter, s + 1 for s − 1; any other as it is."""
    for by in (-1, 1):
        once = shifted(at, by)
        if isinstance(once, Name):
            return shifted(once, by)
    return at


def _wider(at: Formula) -> Iterator[Formula]:
    """Yield a subscript with the stride 2 or 3 at its first letter."""
    if isinstance(at, Chain) and at.additive and isinstance(at.operands[0], Name):
        for stride in (Number(Fraction(2)), Number(Fraction(3))):
            yield replace(at, operands=(Chain(("*",), (stride, at.operands[0])), *at.operands[1:]))


def turned(given: Subscripts) -> Subscripts:
    """Return subscripts with every sum of two letters as a difference, and every difference as a sum."""
    return tuple(map(_turned, given))


def _turned(at: Formula) -> Formula:
    if isinstance(at, Chain) and at.additive and not any(isinstance(part, Number) for part in at.operands):
        return replace(at, operators=tuple("-" if sign == "+" else "+" for sign in at.operators))
    return at
