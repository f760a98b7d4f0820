"""The mistakes that explain a wrong gradient in code."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np

from symgrad.verify.evidence.domain import Array
from symgrad.verify.mistakes.code.backwards import Backwards
from symgrad.verify.mistakes.code.blaming import Blamer
from symgrad.verify.mistakes.code.case import Case, Point, case_of
from symgrad.verify.mistakes.code.deadline import Deadline, deadline
from symgrad.verify.mistakes.code.facts import Facts
from symgrad.verify.mistakes.code.naming import Namer
from symgrad.verify.mistakes.code.others import other_gradients
from symgrad.verify.mistakes.code.pairs import pairs
from symgrad.verify.mistakes.code.repeated import repeated
from symgrad.verify.mistakes.code.search import Search
from symgrad.verify.mistakes.code.slopes import FAULTS, safely
from symgrad.verify.mistakes.code.stocking import stock
from symgrad.verify.mistakes.ranking import Explanation, constant_between, ranked, rounded
from symgrad.verify.verdict import Mistake

ENOUGH = 2.5
PATIENCE = 12_000
FAR = 9.0
USUAL = 1.0
SAME = 1e-6


def explain_code(
    forward: str, claimed: str, arrays: Sequence[Array], wrt: str, *, seed: int = 0, seconds: float = 8.0
) -> tuple[Mistake, ...]:
    """Explain why a claimed gradient is wrong.

    Parameters
    ----------
    forward
        NumPy statements that set the loss ``L``; what the loss does not need counts as part of the claim.
    claimed
        Statements that set the claimed gradient ``G``.
    arrays
        The arrays that the code is given.
    wrt
        The array whose gradient it is.
    seconds
        When the search stops with what it has found.

    Returns
    -------
    tuple of Mistake
        At most three, each of another kind, best first.  Each alone turns the claim into the gradient, or the
        gradient into the claim, at three points; an empty tuple says that no small slip does, or that the
        code cannot be followed on plain numbers.
    """
    until = deadline(seconds)
    case = case_of(forward, claimed, arrays, wrt, seed)
    with np.errstate(all="ignore"), catch_warnings(), suppress(*FAULTS):
        simplefilter("ignore")
        return ranked(_weighed(_explanations(case, until)))
    return ()


def _explanations(case: Case, until: Deadline) -> list[Explanation]:
    things = stock(case)
    facts = Facts(case, things)
    search, blamer = Search(case, things, until), Blamer(facts)
    backwards, namer = Backwards(case, things, until), Namer(search, facts)
    places = search.places()
    found = [*safely(_whole(case, facts)), *safely(other_gradients(case))]
    if _is_shaped(case):
        found += _named(blamer, backwards.single())
    for mends in (repeated(search), search.mends(places)):
        found += _named(namer, mends)
    if _is_shaped(case) and _is_open(found):
        found += _named(blamer, backwards.pairs())
    if _is_open(found):
        short = Search(case, things, until.within(PATIENCE))
        found += _named(namer, pairs(short, places))
    return found


def _weighed(found: Sequence[Explanation]) -> list[Explanation]:
    """A bracket that does no more than change a sign is a wrong sign first."""
    sign = any(each.mistake.kind == "wrong_sign" and each.cost <= USUAL for each in found)
    lost = USUAL if sign else 0.0
    return [
        replace(each, cost=max(each.cost, lost)) if each.mistake.kind == "misplaced_parenthesis" else each
        for each in found
    ]


def _named(by: Any, found: Iterable[Any]) -> list[Explanation]:
    """What the repairs that were found are called; one that cannot be named is passed over."""
    return [explanation for each in safely(found) for explanation in safely(by.explanations(each))]


def _is_shaped(case: Case) -> bool:
    """Whether the claim has the shape of the gradient and is not nothing at all."""
    claim: Any = case.first.claim
    if claim is None or claim.shape != case.shape:
        return False
    return bool(np.max(np.abs(claim), initial=0) > case.first.tolerance)


def _is_open(found: Sequence[Explanation]) -> bool:
    """Whether nothing convincing has been found."""
    return min((each.cost for each in found), default=FAR) > ENOUGH


def _whole(case: Case, facts: Facts) -> Iterator[Explanation]:
    claim: Any = case.first.claim
    if claim is None or claim.shape != case.shape:
        return
    factors = [_ratio(point) for point in case.points]
    if factors[0] is None or any(f is None or abs(f - factors[0]) > 1e-9 * abs(factors[0]) for f in factors):
        return
    if abs(factors[0] - 1) < SAME:
        return
    text = ast.unparse(case.claimed.statements[max(len(case.claimed.statements) - 2, 0)])
    for m in facts.meanings(factors[0]):
        yield Explanation(0.5 + m.cost, Mistake(m.kind, "G", m.text, text, f"{text}; times {factors[0]:.6g}"))


def _ratio(point: Point) -> float | None:
    if point.claim is None or point.claim.shape != point.truth.shape:
        return None
    if np.size(point.claim) == 1 and np.any(point.claim):
        return rounded(float(np.sum(point.truth) / np.sum(point.claim)))
    return constant_between(point.claim, point.truth, point.tolerance)
