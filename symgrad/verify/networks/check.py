"""Is a claim about a network right: the gradient by any node, judged, and what went wrong if it is wrong."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from time import perf_counter

import sympy as sp

from symgrad.errors import FormulaError, ShapeError
from symgrad.exact.algebra import ExactError
from symgrad.model.latex_lexer import is_latex
from symgrad.model.model import Model
from symgrad.verify.evidence.judge import judge
from symgrad.verify.formulas import Reading
from symgrad.verify.message import command
from symgrad.verify.mistakes.network.diagnose import Diagnosis
from symgrad.verify.mistakes.network.mend import SHAPES, Transposed
from symgrad.verify.mistakes.network.slips.search import Spelled
from symgrad.verify.networks.claims import Claim, names_in, readings, values_at
from symgrad.verify.networks.explaining import explained, question
from symgrad.verify.networks.mending import mended
from symgrad.verify.networks.posing import Slots
from symgrad.verify.networks.shapes import misshapen, without_value
from symgrad.verify.networks.spelling import spelled
from symgrad.verify.networks.subject import Seen, Subject, subject
from symgrad.verify.networks.updates import about_updates, hinted, inside, updated
from symgrad.verify.verdict import NO_TIME, Check, Evidence, Finding, Mistake

SECONDS = 5.0
OF_SHAPE = frozenset({"shape_only", "transpose", "bias_not_summed"})
RANKS: tuple[Evidence, ...] = ("counterexample", "mismatch", "none", "held", "bounded", "proved")

# The steps of the tapes that a claim is, entry by entry, at every choice of sizes.
Values = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Judged:
    """One reading of a claim.

    Attributes
    ----------
    about
        What it was held against: the network, or the network for one sample.
    values
        Its values at every choice of sizes; none where it has none, or none of the right shape.
    spelled
        The formula with what could stand in it, if it is one.
    """

    about: Subject
    text: str
    values: tuple[Slots, ...]
    finding: Finding
    mistakes: tuple[Mistake, ...] = ()
    spelled: Spelled | None = None


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
        What is derived by: any node of the network at that level, or the name of its delta, ``δz1``.  Of
        ``w+`` (``w⁺``, ``w_new``) the claim is an update, ``w - α * gradient``, and the gradient is judged.
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
    parameter = updated(wrt)
    if parameter and wrt not in about.view.graph:
        return _update(about, parameter, claim, level=level, seed=seed, seconds=seconds, explain=explain)
    with about.scratch():
        try:
            return _checked(about, wrt, claim, level=level, seed=seed, seconds=seconds, explain=explain)
        except FormulaError as error:
            raise hinted(error, wrt, claim) from None


def _update(
    about: Subject, wrt: str, claim: Claim, *, level: str | None, seed: int, seconds: float, explain: bool
) -> Check:
    """Judge an update by the gradient in it."""
    gradient, node = inside(about.node(wrt), claim), about.node(wrt)
    with about.scratch():
        found = _checked(about, node, gradient, level=level, seed=seed, seconds=seconds, explain=explain)
    again = command(about.view.model.name, f"{wrt}+", str(claim), seed, _own_level(about, level))
    return replace(found, of=f"the update of {wrt}, by {found.of} = {gradient},", again=again)


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
    mistakes = (*best.mistakes, *diagnosis.mistakes)
    late = started < until < perf_counter() and best.finding.verdict == "wrong" and not mistakes
    return Check(
        f"∂{about.view.graph.loss}/∂{wrt}",
        replace(best.finding, seconds=perf_counter() - started, seed=seed),
        str(claim),
        about.correct(wrt) if best.finding.verdict == "wrong" else _if_right(claim, best.finding),
        tuple(_mended(best.about, wrt, mistakes, diagnosis, claim)),
        best.text if len(found) > 1 else "",
        (*diagnosis.notes, *_others(found, best, bool(mistakes)), *about_updates(wrt, claim, best.finding)),
        again=command(about.view.model.name, wrt, str(claim), seed, _own_level(about, level)),
        unexplained=NO_TIME if late else "",
    )


def _if_right(claim: Claim, finding: Finding) -> str:
    """Return a claim that is right as the right formula; of an undecided one that is not known to be it."""
    return str(claim) if finding.verdict == "right" else ""


def _own_level(about: Subject, level: str | None) -> str:
    """Return the level that has to be said, because it is not that of the network."""
    return "" if level is None or level == about.view.model.level else level


def _mended(
    about: Subject, wrt: str, mistakes: Sequence[Mistake], found: Diagnosis, claim: Claim
) -> Iterator[Mistake]:
    """Yield the mistakes, the first one with the claim as it would be right, if something mends it."""
    misshapen = not found.mistakes and any(one.kind in OF_SHAPE for one in mistakes)
    mends = SHAPES if misshapen else found.mends
    mend, correct = mended(about, wrt, mends, claim) if isinstance(claim, str) else (None, "")
    words = f"{mend.words}: " if mend is not None and mend.words else ""
    for one in mistakes[:1]:
        kind = "transpose" if isinstance(mend, Transposed) else one.kind
        claimed = str(claim) if correct else ""
        yield replace(one, kind=kind, text=f"{words}{one.text}", claimed=claimed, correct=correct)
    yield from mistakes[1:]


def _others(found: Sequence[Judged], best: Judged, explained: bool) -> Iterator[str]:
    """Say of an ambiguous claim that is wrong what its readings are, or which of them is explained."""
    readings = list(dict.fromkeys(one.text for one in found))
    if best.finding.verdict == "wrong" and len(readings) > 1:
        if not explained:
            yield f"wrong in every reading: {'; '.join(readings)}"
        elif best.text != readings[0]:
            yield f"this is said of the reading {best.text}"


def _judged(about: Subject, wrt: str, claim: Claim, seed: int, until: float) -> Iterator[Judged]:
    """Judge the readings of a claim until one is right; those that come to the same are one."""
    given = readings(about, wrt, claim)
    seen: set[Values] = set()
    for number, reading in enumerate(given):
        if number and perf_counter() > until:
            return
        judged = _sides(about, wrt, reading, seed, until, seen)
        if judged is not None:
            yield judged
            if judged.finding.verdict == "right":
                return


def _sides(
    about: Subject, wrt: str, reading: Reading | sp.Expr, seed: int, until: float, seen: set[Values]
) -> Judged | None:
    """Judge the right sides of one reading of an equation, up to the first that is not right."""
    if isinstance(reading, sp.Expr) or not reading.before:
        return _reading(about, wrt, reading, seed, until, seen)
    judged = None
    for side in reading.sides:
        judged = _reading(about, wrt, side, seed, until, set())
        if judged is None or judged.finding.verdict != "right":
            return judged
    return judged


def _reading(
    about: Subject, wrt: str, reading: Reading | sp.Expr, seed: int, until: float, seen: set[Values]
) -> Judged | None:
    """Judge one reading; None where one with the same values was seen before."""
    text = str(reading) if isinstance(reading, sp.Expr) else reading.text
    text = f"{text} ({about.setting})" if about.setting else text
    try:
        values = tuple(values_at(about, k, wrt, reading) for k in range(len(about.posed)))
    except (ShapeError, ZeroDivisionError, ExactError) as error:
        return Judged(about, text, (), *without_value(error))
    wrong = misshapen(about.posed, wrt, values)
    if wrong is not None:
        return Judged(about, text, (), *wrong)
    mark = tuple(tuple(slot.place for slot in value.flat) for value in values)
    if mark in seen:
        return None
    seen.add(mark)
    written = spelled(about, wrt, reading) if isinstance(reading, Reading) else None
    return Judged(about, text, values, findings(about, wrt, values, seed, until), spelled=written)


def findings(about: Subject, wrt: str, values: Sequence[Slots], seed: int, until: float) -> Finding:
    """Judge values of a claim at every choice of sizes; the weakest finding is that of all."""
    found: list[Finding] = []
    for one, value in zip(about.posed, values, strict=True):
        asked = question(one, wrt, value)
        found.append(judge(asked, seed=seed, seconds=until - perf_counter()))
        if found[-1].verdict == "wrong":
            return found[-1]
    weakest = min(found, key=lambda finding: RANKS.index(finding.evidence))
    return replace(weakest, method=f"{weakest.method}{_sizes(about)}")


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
            diagnosis = explained(one.about.benches, wrt, one.values, seed, until, one.spelled)
            if diagnosis.mistakes:
                return diagnosis, one
    return Diagnosis(), best
