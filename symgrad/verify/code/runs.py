"""How the code of a case is run: here, where its author is trusted, or elsewhere, where nobody is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from symgrad.verify.code.floats import Floats, Place, claimed, losses
from symgrad.verify.code.following import CodeCase, Followed, Following, followed


@dataclass(frozen=True)
class Runs:
    """What may be asked of code.

    Attributes
    ----------
    followed
        Run on exact numbers: see `symgrad.verify.code.following.followed`.
    losses, claimed
        Run in plain NumPy: see `symgrad.verify.code.floats`.
    """

    followed: Callable[[CodeCase, Following], Followed]
    losses: Callable[[CodeCase, Sequence[Place]], list[float]]
    claimed: Callable[[CodeCase, Place], tuple[float, Floats]]


HERE = Runs(followed, losses, claimed)
