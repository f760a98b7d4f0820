"""Is a claim about a network right: the gradient by any node, judged, and what went wrong if it is wrong."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
import sympy as sp

from symgrad.errors import FormulaError, ShapeError
from symgrad.exact.algebra import ExactError
from symgrad.model.latex_lexer import is_latex
from symgrad.model.model import Model
from symgrad.verify.evidence.judge import judge
from symgrad.verify.evidence.likeness import agrees
from symgrad.verify.evidence.question import Deadline, Question
from symgrad.verify.formulas import Reading
from symgrad.verify.message import command
from symgrad.verify.mistakes.network.diagnose import Diagnosis, diagnose
from symgrad.verify.networks.claims import Claim, names_in, readings, values_at
from symgrad.verify.networks.posing import Posed, Slots
from symgrad.verify.networks.shapes import misshapen, without_value
from symgrad.verify.networks.subject import Seen, Subject, subject
from symgrad.verify.verdict import Check, Evidence, Finding, Mistake

SECONDS = 5.0
CONFIRMED = 2.0
RANKS: tuple[Evidence, ...] = ("counterexample", "mismatch", "none", "held", "bounded", "proved")


@dataclass(frozen=True)
class Judged:
    """One reading of a claim.

    Attributes
    ----------
    about
        What it was held against: the network, or the network for one sample.
    values
        Its values at every choice of sizes; none where it has none, or none of the right shape.
    """

    about: Subject
    text: str
    values: tuple[Slots, ...]
    finding: Finding
    mistakes: tuple[Mistake, ...] = ()


def check(
    network: Model | Seen,
    wrt: str,
    claim: Claim,
    *,
    level: str | None = None,
    seed: int = 0,
    seconds: float = SECONDS,
    explain: bool = True,
) -> Check:
    """Judge a claimed gradient of a network.

    Parameters
    ----------
    network
        A model, or a network.
    wrt
        What is derived by: any node of the network at that level, or the name of its delta, ``δz1``.
    claim
        A formula as text or as LaTeX, with or without ``∂J/∂w1 =`` before it, or a SymPy expression whose
        symbols bear the names of nodes.
    level
        ``neuron`` or ``layer``; the network's own without it.
    seconds
        How long it may take altogether.
    explain
        Whether mistakes are looked for.

    Raises
    ------
    UnknownNameError
        If there is no such node.
    FormulaError
        If the claim is no formula, or speaks of what the network has not.
    """
    about = subject(network, level)
    with about.scratch():
        return _checked(about, wrt, claim, level=level, seed=seed, seconds=seconds, explain=explain)


def _checked(
    about: Subject, wrt: str, claim: Claim, *, level: str | None, seed: int, seconds: float, explain: bool
) -> Check:
    started = perf_counter()
    node, until = about.node(wrt), started + seconds
    found = list(_judged(about, node, claim, seed, until))
    other = _otherwise(about, node, claim, found)
    if other is not None:
        with other.scratch(), suppress(FormulaError):
            found += _judged(other, node, claim, seed, until)
            return _told(about, node, claim, found, level, seed, started, until if explain else started)
    return _told(about, node, claim, found, level, seed, started, until if explain else started)


def _otherwise(about: Subject, wrt: str, claim: Claim, found: Sequence[Judged]) -> Subject | None:
    """Return the narrower setting in which a claim may be meant that is not right in general."""
    if any(one.finding.verdict == "right" for one in found):
        return None
    if about.situated is not None and _of_parameters(about, wrt, claim):
        return about.situated
    return about.single if _in_columns(claim, found) else None


def _of_parameters(about: Subject, wrt: str, claim: Claim) -> bool:
    """Whether a claim speaks of parameters and numbers only: the data may stand in it as numbers."""
    names = set(names_in(about, wrt, claim))
    return bool(names) and names <= set(about.view.parameters)


def _in_columns(claim: Claim, found: Sequence[Judged]) -> bool:
    """Whether a claim that does not fit a batch may be one for a sample, its values written as columns."""
    if not isinstance(claim, str) or any(one.values or one.finding.verdict != "wrong" for one in found):
        return False
    kinds = {mistake.kind for one in found for mistake in one.mistakes}
    return is_latex(claim) or "bias_not_summed" not in kinds


def _told(
    about: Subject,
    wrt: str,
    claim: Claim,
    found: Sequence[Judged],
    level: str | None,
    seed: int,
    started: float,
    until: float,
) -> Check:
    best = max(found, key=lambda one: (RANKS.index(one.finding.evidence), bool(one.values)))
    diagnosis, best = _explained(wrt, found, best, seed, until)
    own = "" if level is None or level == about.view.model.level else level
    return Check(
        f"∂{about.view.graph.loss}/∂{wrt}",
        replace(best.finding, seconds=perf_counter() - started, seed=seed),
        str(claim),
        about.correct(wrt),
        tuple(_mended((*best.mistakes, *diagnosis.mistakes), diagnosis, claim)),
        best.text if len(found) > 1 else "",
        (*diagnosis.notes, *_others(found, best)),
        again=command(about.view.model.name, wrt, str(claim), seed, own),
    )


def _mended(mistakes: Sequence[Mistake], found: Diagnosis, claim: Claim) -> Iterator[Mistake]:
    """Yield the mistakes, the first one with the claim as it would be right, if a factor mends it."""
    mended = found.mend.put(claim) if found.mend and isinstance(claim, str) else ""
    yield from (replace(one, claimed=str(claim) if mended else "", correct=mended) for one in mistakes[:1])
    yield from mistakes[1:]


def _others(found: Sequence[Judged], best: Judged) -> Iterator[str]:
    """Say of an ambiguous claim that is wrong in every reading what these are."""
    if len(found) > 1 and best.finding.verdict != "right":
        for one in found:
            yield f"read as {one.text}: {one.finding.verdict}"


def _judged(about: Subject, wrt: str, claim: Claim, seed: int, until: float) -> Iterator[Judged]:
    given = readings(about, wrt, claim)
    for number, reading in enumerate(given):
        share = (until - perf_counter()) / (len(given) - number)
        judged = _reading(about, wrt, reading, seed, share)
        yield judged
        if judged.finding.verdict == "right":
            return


def _reading(about: Subject, wrt: str, reading: Reading | sp.Expr, seed: int, seconds: float) -> Judged:
    text = str(reading) if isinstance(reading, sp.Expr) else reading.text
    text = f"{text} ({about.setting})" if about.setting else text
    try:
        values = tuple(values_at(about, k, wrt, reading) for k in range(len(about.posed)))
    except (ShapeError, ZeroDivisionError, ExactError) as error:
        return Judged(about, text, (), *without_value(error))
    wrong = misshapen(about.posed, wrt, values)
    if wrong is not None:
        return Judged(about, text, (), *wrong)
    return Judged(about, text, values, findings(about, wrt, values, seed, seconds))


def findings(about: Subject, wrt: str, values: Sequence[Slots], seed: int, seconds: float) -> Finding:
    """Judge values of a claim at every choice of sizes; the weakest finding is that of all."""
    until = perf_counter() + seconds
    found: list[Finding] = []
    for k, (one, value) in enumerate(zip(about.posed, values, strict=True)):
        share = (until - perf_counter()) / (len(values) - k)
        found.append(judge(question(one, wrt, value), seed=seed, seconds=share))
        if found[-1].verdict == "wrong":
            return found[-1]
    weakest = min(found, key=lambda finding: RANKS.index(finding.evidence))
    return replace(weakest, method=f"{weakest.method}{_sizes(about)}")


def question(one: Posed, wrt: str, value: Slots, truth: Slots | None = None) -> Question:
    """Return the question whether a value is the gradient, or another value."""
    right = one.delta(wrt) if truth is None else truth
    entries = one.entries(wrt) if right.shape else ("",)
    return Question(one.tape, tuple(right.flat), tuple(value.flat), entries, one.domain)


def _sizes(about: Subject) -> str:
    if about.view.level == "neuron":
        return ""
    each = (", ".join(f"{name}={number}" for name, number in one.sizes.items()) for one in about.posed)
    return f", at {' and at '.join(each)}"


def _explained(
    wrt: str, found: Sequence[Judged], best: Judged, seed: int, until: float
) -> tuple[Diagnosis, Judged]:
    """Explain the first reading of a wrong claim that can be explained, and say which it is."""
    if best.finding.verdict != "wrong":
        return Diagnosis(), best
    for one in (best, *(other for other in found if other is not best)):
        if one.values and perf_counter() < until:
            diagnosis = _diagnosed(one, wrt, seed, until)
            if diagnosis.mistakes:
                return diagnosis, one
    return Diagnosis(), best


def _diagnosed(one: Judged, wrt: str, seed: int, until: float) -> Diagnosis:
    def confirm(k: int, gives: Slots) -> bool:
        deadline = Deadline(min(perf_counter() + CONFIRMED, until))
        return agrees(question(one.about.posed[k], wrt, one.values[k], gives), seed, deadline)

    try:
        return diagnose(one.about.benches, wrt, one.values, confirm)
    except (ExactError, np.linalg.LinAlgError):
        return Diagnosis()
