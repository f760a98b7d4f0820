"""What a certificate is made of: one finding for each statement that was tried."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One statement of a certificate.

    Attributes
    ----------
    claim
        ``paths = deltas``, ``recurrence = unrolled``, ``gradient``, ``kernel`` or ``training``.
    verdict, evidence
        ``right`` | ``wrong`` | ``unknown``, and ``proved`` | ``bounded`` | ``held`` (at the points that the
        method names, with no bound) | ``counterexample`` | ``none``.
    method
        How, in a few words.
    sizes
        At which sizes it was shown; None means for all sizes.
    bound
        For bounded evidence, the probability that a wrong result passes.
    listed
        Whether the paths were listed one by one.
    where
        For a wrong verdict, the place.
    witness
        For the gradient, what the deltas were held against; for training, what the text was held against.
    """

    claim: str
    verdict: str
    evidence: str
    method: str
    sizes: Mapping[str, int] | None = None
    bound: float | None = None
    listed: bool | None = None
    seconds: float = 0.0
    where: str = ""
    witness: str = ""

    @property
    def right(self) -> bool:
        """Whether the statement was shown."""
        return self.verdict == "right"
