"""Gradients claimed in code: a forward pass and a backward pass, run on exact numbers and compared.

The forward pass is traced, its gradient derived by reverse mode on the tape, and the claim run on the same
tape.  Where code needs a truth value or an index, it is followed at several points: the verdict is the worst.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from symgrad.verify.arrays.programs import Program
from symgrad.verify.arrays.trace import Trace, UndecidedError, UnsupportedError
from symgrad.verify.code.differences import BY_DIFFERENCES, check_by_differences, no_value_in_floats
from symgrad.verify.code.following import CodeCase, Following, NoValueError, case_of, followed
from symgrad.verify.evidence.domain import Domain
from symgrad.verify.evidence.judge import SECONDS, judge
from symgrad.verify.evidence.points import NO_VALUE
from symgrad.verify.evidence.question import Question
from symgrad.verify.verdict import Counterexample, Finding

FEWEST_DRAWS, MOST_DRAWS = 3, 12
# Branches far from 0 are seen too.
SPREADS = (1, 4)
# Of the time there is: when it is spent, three draws are enough.
SHARE = 0.3
# The seconds that the judge has where following took all there were.
SHORTEST = 0.2
_EVIDENCE = ("proved", "bounded", "held")


def check_code(
    forward: Program,
    claimed: Program,
    arrays: Mapping[str, Sequence[Any]],
    wrt: str,
    *,
    seed: int = 0,
    seconds: float = SECONDS,
) -> Finding:
    """Judge a gradient that is claimed in code.

    Parameters
    ----------
    forward
        Statements over the arrays that set the loss ``L``, or a function of them that returns it.
    claimed
        Statements that set the gradient ``G`` and see the names of `forward`, or a function.
    arrays
        The kind and the lengths of each array, as ``{"W": ["normal", 2, 3]}``.
    wrt
        The array to derive by.
    seconds
        How long it may take.

    Raises
    ------
    DataError
        If the forward pass raises or gives no loss.
    UnknownNameError
        If a kind of array is unknown.

    Examples
    --------
    >>> vars = {"X": ["normal", 4, 2], "w": ["normal", 2], "y": ["normal", 4]}
    >>> forward = "L = np.mean((X @ w - y)**2)"
    >>> check_code(forward, "G = 2*X.T @ (X @ w - y)/len(y)", vars, "w").verdict
    'right'
    >>> check_code(forward, "G = 2*X.T @ (X @ w - y)", vars, "w").verdict
    'wrong'
    """
    started = perf_counter()
    case = case_of(forward, claimed, arrays, wrt)
    finding = _checked(case, seed, started + seconds)
    return replace(finding, seconds=perf_counter() - started, seed=seed)


def trace_case(
    forward: Program, claimed: Program, arrays: Mapping[str, Sequence[Any]], wrt: str, seed: int = 0
) -> Question:
    """Run forward pass and claim on exact numbers, at one draw of the discrete arrays, and derive the truth.

    Raises
    ------
    DataError
        If the forward pass raises or gives no loss.
    NoValueError
        If the claim raises or has another shape.
    UnsupportedError
        If the code does what exact numbers cannot follow.
    """
    return _followed(case_of(forward, claimed, arrays, wrt), Following(seed))[0]


def _followed(case: CodeCase, way: Following) -> tuple[Question, Trace]:
    """Follow code on both sides of every condition if that is possible, else where its witness lies."""
    try:
        return followed(case, way)
    except UndecidedError:
        return followed(case, replace(way, sided=True))


@dataclass(frozen=True)
class _Outcome:
    """What was found when a case was followed in one way, and how many conditions were decided."""

    finding: Finding
    decided: int = 0

    @property
    def agreed(self) -> bool:
        """Whether another draw may say more: the claim was right at this one, and exactly compared."""
        return self.finding.verdict == "right" and BY_DIFFERENCES not in self.finding.method


def _checked(case: CodeCase, seed: int, until: float) -> Finding:
    """Judge with discrete arrays as leaves where code can be followed so, else at several draws of them."""
    whole = _as_leaves(case, seed, until)
    if whole is not None:
        return whole
    discrete = Domain(tuple(array for array in case.domain.discrete if array.name != case.wrt))
    everything = discrete.all_chosen(MOST_DRAWS)
    choices = everything or [{}]
    found: list[_Outcome] = []
    begun = perf_counter()
    for k in range(MOST_DRAWS):
        decided = any(one.decided for one in found)
        way = Following(seed + k, sided=decided, spread=SPREADS[k % 2], chosen=choices[k % len(choices)])
        found.append(_drawn(case, way, until - (until - begun) / 2 ** (k + 1)))
        complete = everything is not None and k + 1 >= len(choices) and not (decided or found[-1].decided)
        if complete or not found[-1].agreed or _is_late(begun, until, k + 1):
            return _summary([one.finding for one in found], complete=complete)
    return _summary([one.finding for one in found], complete=False)


def _is_late(begun: float, until: float, draws: int) -> bool:
    """Whether one more draw would take too long, or enough were made for the time they took."""
    spent = (perf_counter() - begun) / (until - begun)
    return (spent > SHARE and draws >= FEWEST_DRAWS) or spent * (draws + 1) / draws > 1


def _as_leaves(case: CodeCase, seed: int, until: float) -> Finding | None:
    """Return the verdict for all values of discrete arrays at once, if it does not depend on theirs."""
    try:
        question, _ = followed(case, Following(seed, drawn=False))
    except (NoValueError, UndecidedError, UnsupportedError):
        return None
    if _conditions_on_discrete(question):
        return None
    finding = judge(question, seed=seed, seconds=(until - perf_counter()) / 2)
    shown = finding.counterexample
    sure = finding.verdict == "right" or (
        shown is not None and NO_VALUE not in (shown.claimed, shown.correct)
    )
    return finding if sure or not question.domain.discrete else None


def _conditions_on_discrete(question: Question) -> bool:
    """Whether a condition depends on a leaf that is drawn from finitely many numbers."""
    drawn = {key for array in question.domain.discrete for key in array.leaves}
    depends: list[bool] = []
    for name, places, rest in question.tape.steps:
        depends.append(any(depends[place] for place in places) or (name == "leaf" and rest[0] in drawn))
    return any(name == "step" and depends[k] for k, (name, _, _) in enumerate(question.tape.steps))


def _drawn(case: CodeCase, way: Following, until: float) -> _Outcome:
    """Judge at one draw of the discrete arrays; if need be on the sides of conditions on which it lies."""
    try:
        question, t = _followed(case, way)
        judged = judge(question, seed=way.seed, seconds=max(until - perf_counter(), SHORTEST))
        finding = _in_full(case, judged, question, t)
        if finding.verdict == "unknown":
            finding = check_by_differences(case, finding.method, way.seed, until)
    except NoValueError as error:
        return _Outcome(_no_value(case, str(error), way.seed, until))
    except UnsupportedError as error:
        return _Outcome(check_by_differences(case, str(error), way.seed, until))
    return _Outcome(finding, len(t.decided))


def _in_full(case: CodeCase, finding: Finding, question: Question, t: Trace) -> Finding:
    """Add to a finding what was drawn and decided before anything was judged."""
    drawn = {key: str(number) for key, number in t.witness.items() if key not in question.domain.leaves}
    shown = finding.counterexample
    if shown is not None:
        finding = replace(finding, counterexample=replace(shown, at={**drawn, **shown.at}))
    count = len(t.decided)
    sides = f"{count} condition{'s' if count > 1 else ''} on the side of the point drawn"
    assumptions = (*case.domain.assumptions, *finding.assumptions, *([sides] if count else []))
    return replace(finding, assumptions=tuple(dict.fromkeys(assumptions)))


def _no_value(case: CodeCase, why: str, seed: int, until: float) -> Finding:
    """A claim without a value is wrong, if it has none in plain NumPy either."""
    if not no_value_in_floats(case, seed):
        return check_by_differences(case, why, seed, until)
    return Finding("wrong", "counterexample", why, counterexample=Counterexample({}, "", NO_VALUE, "a value"))


def _summary(findings: list[Finding], *, complete: bool) -> Finding:
    """The last finding ended the draws, if it is not right; else the weakest evidence counts."""
    last = findings[-1]
    if last.verdict != "right" or (complete and len(findings) == 1):
        return last
    weakest = max(findings, key=lambda finding: _EVIDENCE.index(finding.evidence))
    bounds = [finding.bound for finding in findings if finding.bound is not None]
    draws = f"{len(findings)} draw{'s' if len(findings) > 1 else ''}"
    method = f"{weakest.method}; for {'all ' if complete else ''}{draws}"
    evidence = weakest.evidence if complete else "held"
    return replace(
        weakest, method=method, evidence=evidence, bound=sum(bounds) if complete and bounds else None
    )
