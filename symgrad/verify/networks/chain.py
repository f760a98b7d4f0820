"""A derivation by hand as a chain of equalities, ∂J/∂w = step 1 = step 2 = …; a wrong link has a number.

Link 1 says that the gradient is the first step, link k that step k − 1 is step k.  Every step is judged
against the gradient too: a later step may be right although a link on the way is not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from symgrad.errors import FormulaError
from symgrad.model.model import Model
from symgrad.verify.evidence.judge import judge
from symgrad.verify.formulas.reading import split_sides
from symgrad.verify.networks.check import SECONDS, check
from symgrad.verify.networks.claims import Claim, values_of
from symgrad.verify.networks.explaining import question
from symgrad.verify.networks.posing import Slots
from symgrad.verify.networks.subject import Seen, Subject, subject
from symgrad.verify.verdict import Check, Evidence, Finding, Verdict

WEAKEST_FIRST: tuple[Evidence, ...] = ("held", "bounded", "proved")
OPEN = Finding("unknown", "none", "neither of its sides was decided against the gradient")
LEFT = ("∂", "d", "\\frac", "\\dfrac", "\\delta", "δ")


@dataclass(frozen=True)
class Link:
    """One equality of a chain.

    Attributes
    ----------
    number
        Counted from 1.
    left, right
        The two sides as they were written; the left one of the first link is the gradient.
    holds
        Whether the two sides are equal; ``unknown`` where that was not decided.
    step
        The right side, judged against the gradient.
    """

    number: int
    left: str
    right: str
    holds: Verdict
    step: Check


@dataclass(frozen=True)
class Steps:
    """A chain of equalities, judged.

    Attributes
    ----------
    of
        The gradient at its beginning.
    links
        The equalities in their order.
    """

    of: str
    links: tuple[Link, ...]

    @property
    def wrong(self) -> tuple[Link, ...]:
        """The links that do not hold."""
        return tuple(link for link in self.links if link.holds == "wrong")

    @property
    def verdict(self) -> Verdict:
        """``wrong`` if a link is, ``unknown`` if one is undecided, else ``right``."""
        found = {link.holds for link in self.links}
        return "wrong" if "wrong" in found else "unknown" if "unknown" in found else "right"

    @property
    def evidence(self) -> Evidence:
        """What the verdict rests on: for a right chain the weakest evidence of its steps."""
        if self.verdict == "right":
            found = {link.step.evidence for link in self.links}
            return next(evidence for evidence in WEAKEST_FIRST if evidence in found)
        return self.check.evidence

    @property
    def check(self) -> Check:
        """The verdict on the whole as on one claim: that of the first wrong or undecided link."""
        if self.verdict == "right":
            weakest = next(link.step for link in self.links if link.step.evidence == self.evidence)
            return replace(self.links[-1].step, finding=weakest.finding)
        bad = next(link for link in self.links if link.holds == self.verdict)
        of = f"link {bad.number} of {len(self.links)}, {bad.left} = {bad.right},"
        if bad.step.verdict == self.verdict:
            return replace(bad.step, of=of)
        # One side of it is right, so the other one is wrong, or undecided.
        before = next((link.step for link in self.links if link.step.verdict == self.verdict), None)
        return replace(before, of=of) if before else Check(of, OPEN, bad.right, again=bad.step.again)


def check_steps(
    network: Model | Seen,
    wrt: str,
    steps: str | Sequence[Claim],
    *,
    level: str | None = None,
    seed: int = 0,
    seconds: float = SECONDS,
) -> Steps:
    """Judge a numbered chain of equalities that begins with a gradient.

    Parameters
    ----------
    steps
        The right sides, one after the other; a text may hold several, ``"∂J/∂w1 = δ1 x1 = …"``, and be all.
    network, wrt, level, seed, seconds
        As for `symgrad.verify.networks.check.check`; the time is for all of the chain.

    Raises
    ------
    FormulaError
        If a step is no formula, with its number; or if there is none.
    """
    until = perf_counter() + seconds
    about = subject(network, level)
    node = about.node(wrt)
    given = [part for step in ([steps] if isinstance(steps, str) else steps) for part in _parts(step)]
    if not given:
        raise FormulaError("a chain of equalities needs at least one step")
    with about.scratch():
        return _chain(network, about, node, given, level, seed, until)


def _chain(
    network: Model | Seen,
    about: Subject,
    node: str,
    given: Sequence[Claim],
    level: str | None,
    seed: int,
    until: float,
) -> Steps:
    checks = [
        _step(network, node, claim, level, seed, (until - perf_counter()) / (len(given) - number + 1), number)
        for number, claim in enumerate(given, 1)
    ]
    return Steps(checks[0].of, tuple(_links(about, node, given, checks, seed, until)))


def _parts(step: Claim) -> Iterator[Claim]:
    """Yield the right sides of a step; a gradient at its beginning is only a name."""
    if not isinstance(step, str):
        yield step
        return
    first, *rest = split_sides(step)
    if not (rest and first.startswith(LEFT)):
        yield first
    yield from rest


def _step(
    network: Model | Seen, wrt: str, claim: Claim, level: str | None, seed: int, seconds: float, number: int
) -> Check:
    try:
        return check(network, wrt, claim, level=level, seed=seed, seconds=seconds)
    except FormulaError as error:
        raise type(error)(f"step {number}: {error}") from None


def _links(
    about: Subject, wrt: str, given: Sequence[Claim], checks: Sequence[Check], seed: int, until: float
) -> Iterator[Link]:
    left = checks[0].of
    for number, (claim, found) in enumerate(zip(given, checks, strict=True), 1):
        holds = found.verdict if number == 1 else _holds(about, wrt, given, checks, number, seed, until)
        yield Link(number, left, str(claim), holds, found)
        left = str(claim)


def _holds(
    about: Subject,
    wrt: str,
    given: Sequence[Claim],
    checks: Sequence[Check],
    number: int,
    seed: int,
    until: float,
) -> Verdict:
    """Whether a step equals the one before it; two wrong ones may be equal all the same."""
    one, other = checks[number - 2].verdict, checks[number - 1].verdict
    if one == other == "right":
        return "right"
    if {one, other} == {"right", "wrong"}:
        return "wrong"
    return _equal(about, wrt, given[number - 2], given[number - 1], seed, until)


def _equal(about: Subject, wrt: str, left: Claim, right: Claim, seed: int, until: float) -> Verdict:
    """Whether two claims are equal in some of their readings."""
    found: set[Verdict] = set()
    for one in values_of(about, wrt, left):
        for other in values_of(about, wrt, right):
            found.add(_same(about, wrt, one, other, seed, until))
    return "right" if "right" in found else "unknown" if "unknown" in found or not found else "wrong"


def _same(
    about: Subject, wrt: str, left: Sequence[Slots], right: Sequence[Slots], seed: int, until: float
) -> Verdict:
    findings: list[Finding] = []
    for one, a, b in zip(about.posed, left, right, strict=True):
        if a.shape != b.shape:
            return "wrong"
        findings.append(judge(question(one, wrt, b, a), seed=seed, seconds=until - perf_counter()))
    verdicts = {finding.verdict for finding in findings}
    return "wrong" if "wrong" in verdicts else "unknown" if "unknown" in verdicts else "right"


def steps_message(steps: Steps) -> str:
    """Return what is said of a chain: its verdict, and every link with its number."""
    words = {"right": "holds", "wrong": "is wrong", "unknown": "is undecided"}
    bad = [str(link.number) for link in steps.links if link.holds == steps.verdict]
    head = f"{steps.of}: all {len(steps.links)} links hold ({steps.evidence})"
    if steps.verdict != "right":
        word = words[steps.verdict] if len(bad) == 1 else words[steps.verdict].replace("is ", "are ")
        head = f"{steps.of}: {_numbered(bad)} of {len(steps.links)} {word}"
    return "\n".join([head, *(_told(link, words[link.holds]) for link in steps.links)])


def _numbered(numbers: Sequence[str]) -> str:
    *most, last = numbers
    return f"links {', '.join(most)} and {last}" if most else f"link {last}"


def _told(link: Link, word: str) -> str:
    why = f": {link.step.mistakes[0].text}" if link.holds == "wrong" and link.step.mistakes else ""
    return f"  {link.number}  {link.left} = {link.right}   {word}{why}"
