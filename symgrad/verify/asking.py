"""What may be asked of the judge: names, words, seconds and seeds, refused where they are none."""

from collections.abc import Sequence
from numbers import Integral, Real

from symgrad.errors import UsageError

# Longer than anybody waits, and no longer than every system can measure.
LONGEST = 1_000_000


def check_name(value: object, place: str) -> None:
    """Refuse what is no name; ``place`` is the argument that it was given for."""
    if not isinstance(value, str):
        raise UsageError(f'{place} = {value!r}: a name in quotation marks, as in "w1"')


def check_word(value: object, words: Sequence[str], shown: str) -> None:
    """Refuse what is none of some words; ``shown`` is what messages begin with, ``hints = 'all'``."""
    if value not in words:
        raise UsageError(f"{shown}: one of {', '.join(words)}")


def check_seconds(value: object, shown: str) -> None:
    """Refuse what is no time limit."""
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < float(value) <= LONGEST:
        raise UsageError(f"{shown}: a number of seconds > 0, at most {LONGEST:,}")


def check_seed(value: object, shown: str) -> None:
    """Refuse what is no seed."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 0:
        raise UsageError(f"{shown}: a whole number, 0 or more")
