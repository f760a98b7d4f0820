"""One value modulo a prime, and what is known of it beside its residue."""

from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from symgrad.exact.extension import Pair
from symgrad.exact.values import Value, is_short

if TYPE_CHECKING:
    from symgrad.exact.residues import Residues

Shifts: TypeAlias = tuple[tuple[int, Fraction], ...]


class Residue(Value):
    """An element of the field with p**2 elements (of the prime field until a root asks for more).

    Attributes
    ----------
    pair
        The parts of a + b i.
    number
        The rational number it is, if that is known.
    shifts
        The shifts that it is known to contain linearly, with their coefficients.
    """

    __slots__ = ("field", "number", "pair", "shifts")

    def __init__(
        self, field: "Residues", pair: Pair, number: Fraction | None = None, shifts: Shifts = ()
    ) -> None:
        self.field, self.pair, self.number, self.shifts = field, pair, number, shifts

    @property
    def algebra(self) -> "Residues":
        return self.field

    def is_zero(self) -> bool:
        return self.pair == (0, 0)

    def __repr__(self) -> str:
        return f"<residue modulo {self.field.prime}>"


def merged(a: Shifts, b: Shifts) -> Shifts:
    """Return the shifts of a sum."""
    if not (a and b):
        return a or b
    total = dict(a)
    for index, coefficient in b:
        total[index] = total.get(index, Fraction(0)) + coefficient
    return tuple((index, coefficient) for index, coefficient in sorted(total.items()) if coefficient)


def scaled(shifts: Shifts, number: Fraction | None) -> Shifts:
    """Return the shifts of a multiple."""
    if not (shifts and number):
        return ()
    return tuple((index, coefficient * number) for index, coefficient in shifts)


def product(a: Fraction | None, b: Fraction | None) -> Fraction | None:
    """Return the product of known numbers, unless it is long."""
    if a is None or b is None or not (is_short(a) and is_short(b)):
        return None
    return a * b
