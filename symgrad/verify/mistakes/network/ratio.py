"""Claims that are a multiple of the gradient, or the gradient and a multiple of the parameter."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from symgrad.model.graph import Kind
from symgrad.verify.mistakes.network.bench import Bench, constant
from symgrad.verify.mistakes.network.flow import Floating

DENOMINATOR = 1000
NEAR = 1e-9


@dataclass(frozen=True)
class Constant:
    """A number, or a number times a power of a size: what a claim is too large by."""

    number: Fraction
    size: str = ""
    power: int = 0

    def at(self, sizes: Mapping[str, int]) -> Fraction:
        """Return its value at some sizes."""
        return self.number * Fraction(sizes[self.size]) ** self.power if self.size else self.number

    @property
    def kind(self) -> str:
        """The word for a claim that is too large by it."""
        if self.size:
            return "missing_batch_mean" if self.power > 0 else "constant_factor"
        if self.number == -1:
            return "wrong_sign"
        return "factor_2" if abs(self.number) in (2, Fraction(1, 2)) else "constant_factor"

    @property
    def text(self) -> str:
        """What happened, one clause."""
        if not self.size:
            return _by_number(self.number)
        if self.power < 0:
            by = f"divided by {self.size} once too often"
            return by if self.number == 1 else f"{by}, and {_by_number(self.number)}"
        if self.number.numerator == 1 and self.number.denominator > 1:
            return f"divided by {self.number.denominator}, not by {self.size}"
        by = f"not divided by {self.size}"
        return by if self.number == 1 else f"{by}, and {_by_number(self.number)}"


def _by_number(number: Fraction) -> str:
    """Say what a claim is that has so many times the gradient."""
    if number == -1:
        return "the sign is wrong"
    size = (
        f"too small by the factor {1 / abs(number)}"
        if abs(number) < 1
        else f"too large by the factor {abs(number)}"
    )
    return f"the sign is wrong, and it is {size}" if number < 0 else size


def constant_of(values: Sequence[float | None], benches: Sequence[Bench]) -> Constant | None:
    """Return the constant that has these values at the sizes of these networks."""
    if any(value is None for value in values):
        return None
    numbers = [value for value in values if value is not None]
    for candidate in _candidates(numbers[0], benches[0]):
        if all(_near(v, candidate.at(b.posed.sizes)) for v, b in zip(numbers, benches, strict=True)):
            return candidate
    return None


def _candidates(value: float, bench: Bench) -> Iterator[Constant]:
    plain = rational(value)
    sizes = {name: count for name, count in bench.posed.sizes.items() if count > 1}
    batch = bench.posed.model.samples
    if plain is not None and abs(plain) in (1, 2, Fraction(1, 2)):
        yield Constant(plain)
    for name in sorted(sizes, key=lambda name: name != batch):
        for power in (1, -1):
            rest = rational(value / float(sizes[name]) ** power)
            if rest is not None and abs(rest) in (1, 2, Fraction(1, 2)) and name == batch:
                yield Constant(rest, name, power)
    if plain is not None:
        yield Constant(plain)


def rational(value: float) -> Fraction | None:
    """Return the simple fraction that a float is, None if it is none."""
    if not np.isfinite(value):
        return None
    found = Fraction(value).limit_denominator(DENOMINATOR)
    return found if _near(value, found) and abs(found) < 10**6 else None


def _near(value: float, number: Fraction) -> bool:
    return abs(value - float(number)) <= NEAR * max(abs(value), 1e-6)


def ratio(benches: Sequence[Bench], wrt: str, claims: Sequence[Floating]) -> Constant | None:
    """Return the constant that a claim is too large by, None if there is none."""
    values = [constant(claim, bench.truth(wrt)) for bench, claim in zip(benches, claims, strict=True)]
    found = constant_of(values, benches)
    return found if (found is not None and found.number not in (0, 1)) or (found and found.size) else None


def penalty(benches: Sequence[Bench], wrt: str, claims: Sequence[Floating]) -> Fraction | None:
    """Return λ if a claim is the gradient and λ times the parameter."""
    found: set[Fraction | None] = set()
    for bench, claim in zip(benches, claims, strict=True):
        owner, _ = bench.place(wrt)
        if bench.scene.graph[owner].kind is not Kind.PARAMETER:
            return None
        value = bench.of(wrt, bench.flow.values[owner])
        times = constant(claim - bench.truth(wrt), value)
        found.add(None if times is None else rational(times))
    (number, *others) = found
    return None if others or number is None or number == 0 else number
