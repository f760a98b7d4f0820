"""What can be read in several ways: how many there are, and which of them is the literal one."""

from collections.abc import Sequence
from dataclasses import dataclass

from symgrad.model.syntax import Indicator, Name
from symgrad.model.vocabulary import GRADIENT_FORMS, plain

KRONECKER = "δ_"


@dataclass(frozen=True)
class Doubt:
    """Something with several meanings.

    Attributes
    ----------
    count
        How many there are.
    own
        Which of them the words say literally: of δh1 the gradient by h1, although people also write it
        for the gradient by what goes into h1.
    """

    count: int
    own: int = 0


def doubt_of(spelling: str, options: Sequence[object]) -> Doubt:
    """Return the doubt that a spelling is with these meanings."""
    scores = [_likeness(option, spelling) for option in options]
    return Doubt(len(options), scores.index(max(scores)))


def _likeness(option: object, spelling: str) -> int:
    """Return how many characters of a spelling a meaning accounts for."""
    if isinstance(option, Indicator):
        return len(spelling) if spelling.startswith(KRONECKER) else 0
    if not isinstance(option, Name):
        return 0
    lower, word = plain(option.name.rpartition("∂")[2]), plain(spelling)
    called = [form.format(lower) for form in GRADIENT_FORMS] if option.name.startswith("∂") else [lower]
    return max((len(form) for form in called if word.startswith(form)), default=0)
