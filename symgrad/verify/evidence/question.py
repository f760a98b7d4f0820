"""What the judge is asked: two lists of values on one tape, and the domain of their leaves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from hashlib import sha256

from symgrad.exact.tapes import Slot, Tape, needed
from symgrad.exact.values import ExactError
from symgrad.verify.evidence.domain import Domain

Pair = tuple[str, Slot, Slot]

PARTIAL = frozenset({"log", "power"})


@dataclass(frozen=True)
class Question:
    """Whether a claim is the gradient, entry by entry.

    Attributes
    ----------
    truth, claim
        The gradient and what is claimed, on one tape.
    entries
        What the entries are called; an empty name for a scalar.
    domain
        Every leaf of the tape, and what is known of it.
    numerical
        Whether constants occurred that are no simple fractions: then differences below
        `symgrad.verify.evidence.points.NEGLIGIBLE` are none.
    """

    tape: Tape
    truth: tuple[Slot, ...]
    claim: tuple[Slot, ...]
    entries: tuple[str, ...]
    domain: Domain
    numerical: bool = False

    def __post_init__(self) -> None:
        if not len(self.truth) == len(self.claim) == len(self.entries):
            counts = f"{len(self.truth)} of the gradient, {len(self.claim)} of the claim"
            raise ExactError(f"the entries do not match: {counts}, {len(self.entries)} names")

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """The entries that are not the same computation: name, gradient, claim."""
        found = zip(self.entries, self.truth, self.claim, strict=True)
        return tuple((name, one, other) for name, one, other in found if one is not other)

    @cached_property
    def steps(self) -> list[int]:
        """The places of the steps that the entries need."""
        return needed(self.tape, both(self.pairs))

    @cached_property
    def partial(self) -> tuple[int, ...]:
        """What the claim takes logarithms or roots of and the gradient does not: it may lack a value."""
        truth, claim = (set(needed(self.tape, side)) for side in sides(self.pairs))
        own = (self.tape.steps[place] for place in sorted(claim - truth))
        return tuple(dict.fromkeys(taken[0] for name, taken, _ in own if name in PARTIAL))

    @cached_property
    def leaves(self) -> frozenset[object]:
        """The keys of the leaves that are read."""
        steps = (self.tape.steps[place] for place in self.steps)
        return frozenset(rest[0] for name, _, rest in steps if name == "leaf")

    def seed(self, seed: int) -> int:
        """Return a seed that nobody can know before the claim is written.

        It is long, so that nobody finds a claim that suits the primes of its own seed by trying.
        """
        mark = sha256(str(seed).encode())
        for place in self.steps:
            name, places, rest = self.tape.steps[place]
            mark.update(f"{name} {places} {' '.join(map(_name, rest))};".encode())
        return int.from_bytes(mark.digest()[:16], "big")


def sides(pairs: Sequence[Pair]) -> tuple[list[Slot], list[Slot]]:
    """Return the gradient and the claim of some entries apart."""
    return [one for _, one, _ in pairs], [other for _, _, other in pairs]


def both(pairs: Iterable[Pair]) -> list[Slot]:
    """Return the gradient and the claim of some entries, in turn."""
    return [slot for _, one, other in pairs for slot in (one, other)]


def _name(value: object) -> str:
    """Name a value; hexadecimal numbers may have any length."""
    if isinstance(value, int | Fraction):
        return f"{value.numerator:x}/{value.denominator:x}"
    return repr(value)
