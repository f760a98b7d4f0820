"""What assertions of derivations ask for, and what they found: for `symgrad.testing` and a test runner."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from symgrad.verify.asking import check_seconds, check_seed, check_word
from symgrad.verify.verdict import LEVELS

HINTS = ("full", "category", "none")


@dataclass(frozen=True)
class Wanted:
    """What an assertion asks for where it says nothing itself.

    Attributes
    ----------
    evidence
        The least evidence for a right verdict: proved, bounded or held.
    seconds
        The time limit of one claim.
    seed
        Of the points at which anything is evaluated.
    hints
        How much a message says of a mistake: full, category (its kind), none.

    Raises
    ------
    UsageError
        If one of them cannot be; the message names it.
    """

    evidence: str = "held"
    seconds: float = 20.0
    seed: int = 0
    hints: str = "full"

    def __post_init__(self) -> None:
        check_word(self.evidence, LEVELS, f"evidence = {self.evidence!r}")
        check_seconds(self.seconds, f"seconds = {self.seconds!r}")
        check_seed(self.seed, f"seed = {self.seed!r}")
        check_word(self.hints, HINTS, f"hints = {self.hints!r}")


@dataclass
class Asserted:
    """What is wanted now, and verdict and evidence of every claim that was asserted since the last look."""

    wanted: Wanted = field(default_factory=Wanted)
    found: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def drain(self) -> list[tuple[str, str]]:
        """Return what was found since the last call."""
        found, self.found = self.found, []
        return found


ASSERTED = Asserted()


def summary(found: Iterable[tuple[str, str]]) -> str:
    """Return a line on verdicts and their evidence; empty where nothing was asserted.

    Examples
    --------
    >>> summary([("right", "proved"), ("right", "bounded"), ("wrong", "counterexample")])
    'symgrad: 2 derivations right (1 proved, 1 bounded), 1 wrong'
    """
    pairs = Counter(found)
    verdicts = Counter[str]()
    for (verdict, _), number in pairs.items():
        verdicts[verdict] += number
    if not verdicts:
        return ""
    evidence = [f"{pairs['right', word]} {word}" for word in LEVELS if pairs["right", word]]
    right = f"{verdicts['right']} derivation{'s' * (verdicts['right'] != 1)} right"
    right += f" ({', '.join(evidence)})" * bool(evidence)
    others = [f"{verdicts[word]} {word}" for word in ("wrong", "unknown") if verdicts[word]]
    return f"symgrad: {', '.join([right, *others])}"
