"""Gradients claimed in code: a forward pass and a backward pass, run on exact numbers and compared.

The forward pass is traced, its gradient derived by reverse mode on the tape, and the claim run on the same
tape.  Where code needs a truth value or an index, it is followed at several points, on both sides of its
conditions where the domain has them: the verdict is the worst.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from symgrad.verify.arrays.programs import Program
from symgrad.verify.arrays.trace import UndecidedError, UnsupportedError
from symgrad.verify.code.agreement import confirmed
from symgrad.verify.code.differences import check_by_differences, without_value
from symgrad.verify.code.following import CodeCase, Followed, Following, NoValueError, case_of, kept_by
from symgrad.verify.code.runs import HERE, Runs
from symgrad.verify.code.sides import Condition, conditions, elsewhere, said, unseen
from symgrad.verify.evidence.budget import Deadline
from symgrad.verify.evidence.domain import Domain
from symgrad.verify.evidence.judge import SECONDS, judge
from symgrad.verify.evidence.question import Question
from symgrad.verify.verdict import LEVELS, NO_VALUE, Finding

FEWEST_DRAWS, MOST_DRAWS = 3, 12
# Branches far from 0 are seen too.
SPREADS = (1, 4)
# Of the time there is: when it is spent, three draws are enough.
SHARE = 0.3
# The seconds that the judge has where following took all there were.
SHORTEST = 0.2


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
    found = check_case(case_of(forward, claimed, arrays, wrt), seed=seed, seconds=seconds)
    return replace(found, seconds=perf_counter() - started)


def check_case(case: CodeCase, *, seed: int = 0, seconds: float = SECONDS, runs: Runs = HERE) -> Finding:
    """Judge a case; see `check_code`.

    Parameters
    ----------
    runs
        How its code is run.
    """
    started = perf_counter()
    finding = _checked(_Task(case, runs, seed, started + seconds))
    return replace(finding, seconds=perf_counter() - started, seed=seed)


@dataclass(frozen=True)
class _Task:
    """A case, how its code is run, the seed, and when to stop."""

    case: CodeCase
    runs: Runs
    seed: int
    until: float

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return self.until - perf_counter()


@dataclass(frozen=True)
class _Outcome:
    """What was found when a case was followed in one way; nothing was followed where differences decided."""

    finding: Finding
    followed: Followed | None = None
    conditions: tuple[Condition, ...] = ()

    @property
    def agreed(self) -> bool:
        """Whether another draw may say more: the claim was right at this one, and exactly compared."""
        return self.finding.verdict == "right" and self.followed is not None


def _checked(task: _Task) -> Finding:
    """Judge, and hold what is right against plain NumPy."""
    found = _as_leaves(task) or _by_draws(task)
    if not found.agreed or found.followed is None:
        return found.finding
    return confirmed(task.case, task.runs, found.finding, found.followed, task.seed)


def _by_draws(task: _Task) -> _Outcome:
    """Judge at several draws of discrete arrays, and on the sides of conditions that the domain has."""
    discrete = Domain(tuple(array for array in task.case.domain.discrete if array.name != task.case.wrt))
    everything = discrete.all_chosen(MOST_DRAWS)
    choices = everything or [{}]
    found: list[_Outcome] = []
    tried: set[str] = set()
    begun = perf_counter()
    for k in range(MOST_DRAWS):
        way = _way(
            task,
            Following(task.seed + k, spread=SPREADS[k % 2], chosen=choices[k % len(choices)]),
            found,
            tried,
        )
        found.append(_drawn(task, way, task.until - (task.until - begun) / 2 ** (k + 1)))
        decided = any(one.conditions for one in found)
        if everything is not None and k + 1 >= len(choices) and not decided:
            return _summary(found, complete=True)
        if not found[-1].agreed or _is_late(begun, task.until, k + 1):
            break
    return _summary(found, complete=False)


def _way(task: _Task, way: Following, found: list[_Outcome], tried: set[str]) -> Following:
    """Return how to follow next: from a side of a condition that was not seen, where a point lies there.

    What was tried in vain is not tried again.
    """
    way = replace(way, sided=any(one.conditions for one in found))
    seen, domain = [one.conditions for one in found], kept_by(task.case, way)
    for one in reversed(found):
        if one.followed is not None and one.conditions:
            t = one.followed.t
            wanted = [c for c in unseen(t, one.conditions, seen) if c.mark not in tried]
            point = elsewhere(t, wanted, domain, way.seed, Deadline(task.until)) if wanted else None
            if point is not None:
                return replace(way, moved=point)
            tried |= {condition.mark for condition in wanted}
    return way


def _is_late(begun: float, until: float, draws: int) -> bool:
    """Whether one more draw would take too long, or enough were made for the time they took."""
    spent = (perf_counter() - begun) / (until - begun)
    return (spent > SHARE and draws >= FEWEST_DRAWS) or spent * (draws + 1) / draws > 1


def _as_leaves(task: _Task) -> _Outcome | None:
    """Return what is found for all values of discrete arrays at once, if it does not depend on theirs."""
    try:
        followed = task.runs.followed(task.case, Following(task.seed, drawn=False))
    except (NoValueError, UndecidedError, UnsupportedError):
        return None
    question = followed.question
    if _conditions_on_discrete(question):
        return None
    finding = judge(question, seed=task.seed, seconds=task.left / 2)
    shown = finding.counterexample
    sure = finding.verdict == "right" or (
        shown is not None and NO_VALUE not in (shown.claimed, shown.correct)
    )
    return _Outcome(finding, followed) if sure or not question.domain.discrete else None


def _conditions_on_discrete(question: Question) -> bool:
    """Whether a condition depends on a leaf that is drawn from finitely many numbers."""
    drawn = {key for array in question.domain.discrete for key in array.leaves}
    depends: list[bool] = []
    for name, places, rest in question.tape.steps:
        depends.append(any(depends[place] for place in places) or (name == "leaf" and rest[0] in drawn))
    return any(name == "step" and depends[k] for k, (name, _, _) in enumerate(question.tape.steps))


def _drawn(task: _Task, way: Following, until: float) -> _Outcome:
    """Judge at one draw of the discrete arrays; if need be on the sides of conditions on which it lies."""
    case, runs = task.case, task.runs
    try:
        followed = _followed(task, way)
    except NoValueError as error:
        found = without_value(case, runs, way.seed)
        return _Outcome(found or check_by_differences(case, runs, str(error), way.seed, until))
    except UnsupportedError as error:
        return _Outcome(check_by_differences(case, runs, str(error), way.seed, until))
    judged = judge(followed.question, seed=way.seed, seconds=max(until - perf_counter(), SHORTEST))
    if judged.verdict == "unknown":
        return _Outcome(check_by_differences(case, runs, judged.method, way.seed, until))
    return _Outcome(_in_full(case, judged, followed), followed, tuple(conditions(followed.t)))


def _followed(task: _Task, way: Following) -> Followed:
    """Follow code on both sides of every condition if that is possible, else where its witness lies."""
    try:
        return task.runs.followed(task.case, way)
    except UndecidedError:
        return task.runs.followed(task.case, replace(way, sided=True))


def _in_full(case: CodeCase, finding: Finding, followed: Followed) -> Finding:
    """Add to a finding what was drawn before anything was judged."""
    kept = followed.question.domain.leaves
    drawn = {key: str(number) for key, number in followed.t.witness.items() if key not in kept}
    shown = finding.counterexample
    if shown is not None:
        finding = replace(finding, counterexample=replace(shown, at={**drawn, **shown.at}))
    assumptions = (*case.domain.assumptions, *finding.assumptions)
    return replace(finding, assumptions=tuple(dict.fromkeys(assumptions)))


def _summary(found: list[_Outcome], *, complete: bool) -> _Outcome:
    """The last finding ended the draws, if it is not right; else the weakest evidence counts."""
    last = found[-1]
    if not last.agreed or (complete and len(found) == 1):
        return replace(last, finding=_under(last.finding, [last]))
    findings = [one.finding for one in found]
    weakest = max(findings, key=lambda finding: LEVELS.index(finding.evidence))
    bounds = [finding.bound for finding in findings if finding.bound is not None]
    draws = f"{len(findings)} draw{'s' if len(findings) > 1 else ''}"
    method = f"{weakest.method}; for {'all ' if complete else ''}{draws}"
    evidence = weakest.evidence if complete else "held"
    bound = sum(bounds) if complete and bounds else None
    points = weakest.points or len(findings)
    told = replace(weakest, method=method, evidence=evidence, bound=bound, points=points)
    return replace(found[0], finding=_under(told, found))


def _under(finding: Finding, found: list[_Outcome]) -> Finding:
    """Add to a finding the conditions of the code under which it was found."""
    words = said([one.conditions for one in found])
    return replace(finding, assumptions=tuple(dict.fromkeys((*finding.assumptions, *words))))
