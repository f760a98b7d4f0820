"""What is said of a derivation: the verdict, the evidence for it, and the mistakes that explain it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Verdict: TypeAlias = Literal["right", "wrong", "unknown"]
Evidence: TypeAlias = Literal["proved", "bounded", "held", "counterexample", "mismatch", "none"]

# What a right verdict can rest on, the strongest first.
LEVELS: tuple[Evidence, ...] = ("proved", "bounded", "held")
EVIDENCE: Mapping[str, tuple[Evidence, ...]] = {
    "right": LEVELS,
    "wrong": ("counterexample", "mismatch"),
    "unknown": ("none",),
}
# What a counterexample shows of a claim that is not defined there.
NO_VALUE = "no value"
# Why no mistake is named where none was looked for to the end.
NO_TIME = "the time was up before its mistake was found"


@dataclass(frozen=True)
class Counterexample:
    """A point at which a claim and the gradient differ.

    Attributes
    ----------
    at
        The exact values of the leaves, by name; those of arrays entry by entry.
    entry
        The entry of the gradient that differs, empty for a scalar.
    claimed, correct
        The two values as decimals, with the radius of the ball after ``±``; ``no value`` where the claim is
        not defined.
    ratio
        claimed / correct as a decimal, empty where it says nothing.
    """

    at: Mapping[str, str]
    entry: str
    claimed: str
    correct: str
    ratio: str = ""


@dataclass(frozen=True)
class Mistake:
    """One explanation of a wrong claim.

    Attributes
    ----------
    kind
        A word of `symgrad.verify.kinds.KINDS`.
    place
        Where: an edge ``z1 -> a1``, a layer, a sample, a line of code; empty for the whole.
    text
        What happened there, one clause without a full stop.
    claimed, correct
        The claim, and the claim with this one mistake mended, in the notation of whoever wrote it; empty
        where there is no such text.
    """

    kind: str
    place: str = ""
    text: str = ""
    claimed: str = ""
    correct: str = ""


@dataclass(frozen=True)
class Finding:
    """What the judge found of one claim.

    Attributes
    ----------
    verdict, evidence
        Two fields everywhere; see the table of evidence in the README.
    method
        How it was found, in a few words; for ``unknown``, which rung of the ladder gave up, and why.
    bound
        For bounded evidence, the probability that a wrong claim passes.
    points
        At how many points the claim was held against the gradient.
    assumptions
        What was used: relations of the targets, positive quantities, the kinks that are left out.
    counterexample
        For a wrong claim, and for no other.

    Raises
    ------
    ValueError
        Where verdict and evidence do not go together, or nothing is said for a verdict that is not right: a
        wrong claim has a point at which it is seen or a method that says why, an undecided one a reason.
        Bounded evidence has its bound, and what was held its points.
    """

    verdict: Verdict
    evidence: Evidence
    method: str
    bound: float | None = None
    points: int | None = None
    assumptions: tuple[str, ...] = ()
    counterexample: Counterexample | None = None
    seconds: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.evidence not in EVIDENCE.get(self.verdict, ()):
            raise ValueError(f"a claim is not {self.verdict} on the evidence {self.evidence}")
        if (self.verdict == "wrong") != (self.counterexample is not None):
            raise ValueError("a wrong claim has a counterexample, and no other")
        needed = {"bounded": self.bound, "held": self.points}
        if needed.get(self.evidence, 0) is None:
            raise ValueError(f"a claim that is {self.evidence}, without its bound or its points")
        if not (self.verdict == "right" or self.method or (self.counterexample and self.counterexample.at)):
            raise ValueError(f"a claim that is {self.verdict} for no reason")


@dataclass(frozen=True)
class Check:
    """A claim judged: the finding, what explains it, and the right formula.

    Attributes
    ----------
    of
        The gradient that was claimed, such as ``∂J/∂w1``.
    claimed, correct
        The claim and the right formula as text; of a right claim these are the same.
    mistakes
        Up to three, best first; empty for a right claim and for one that nothing explains.
    reading
        Which reading of an ambiguous formula was judged; empty where there is one.
    notes
        What remains to be said, a sentence each: what would tell two explanations apart, and the like.
    again
        The command that judges the claim again; empty where there is none.
    unexplained
        Why no mistake is named, where that is not because nothing explains the claim: no time was left, say.
    """

    of: str
    finding: Finding
    claimed: str = ""
    correct: str = ""
    mistakes: tuple[Mistake, ...] = ()
    reading: str = ""
    notes: tuple[str, ...] = ()
    example: Mapping[str, str] = field(default_factory=dict[str, str])
    again: str = ""
    unexplained: str = ""

    @property
    def verdict(self) -> Verdict:
        """``right``, ``wrong`` or ``unknown``."""
        return self.finding.verdict

    @property
    def evidence(self) -> Evidence:
        """What the verdict rests on."""
        return self.finding.evidence

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of the mistakes, best first, each once."""
        return tuple(dict.fromkeys(mistake.kind for mistake in self.mistakes))


def enough(finding: Finding, level: str) -> bool:
    """Whether a claim is right, on evidence at least as strong as a word of `LEVELS`."""
    return finding.verdict == "right" and LEVELS.index(finding.evidence) <= LEVELS.index(level)
