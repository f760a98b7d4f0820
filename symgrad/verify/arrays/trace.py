"""One run of somebody's code on exact numbers: the tape that it writes, and what had to be decided.

Where code asks for a truth value, an order or a whole number, what is known exactly decides, else a
*witness*: a point of the domain.  What was decided there is kept: the run stands for the points where all
that is decided alike.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from numbers import Rational
from typing import Any, TypeAlias

import numpy as np

from symgrad.exact.decimals import Decimals, Real
from symgrad.exact.tapes import Slot, Tape, missing
from symgrad.exact.values import ExactError
from symgrad.verify.arrays.constants import constant

# What an array holds: a value of the tape, or an infinity or NaN.
Element: TypeAlias = Slot | float
Objects: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"

# exp(−x) of larger x is 0 in floats, by far.
LARGEST_EXPONENT = 10_000


class UnsupportedError(ExactError):
    """Something that code may do and exact arithmetic cannot follow."""


class UndecidedError(ExactError):
    """Code asks for a truth value, an order or a whole number that is not known."""


@dataclass
class Trace:
    """A run on exact numbers.

    Attributes
    ----------
    tape
        What is computed.
    witness
        The point that decides where a decision is needed: numbers for all leaves.
    functions
        What NumPy's functions do here, by their names.
    sided
        Whether every condition is decided at the witness; else masks are indicators, right on both sides.
    decides
        Whether anything is decided at the witness; else code that needs it cannot be followed.
    decided
        The conditions that were decided, 0 or 1 each.
    numerical
        Whether a float occurred that stands for nothing simple.
    extreme
        Whether a number occurred so large that its exponential may underflow in floats.
    """

    tape: Tape
    witness: Mapping[str, Fraction]
    functions: Mapping[str, Callable[..., Any]]
    sided: bool = False
    decides: bool = True
    decided: dict[Slot, int] = field(default_factory=dict[Slot, int])
    numerical: bool = False
    extreme: bool = False

    def __post_init__(self) -> None:
        self._decimals = Decimals()
        for key, number in self.witness.items():
            self._decimals.define(key, self._decimals.number(number))
        self._values: dict[int, Real] = {}

    def __deepcopy__(self, _memo: object) -> "Trace":
        return self

    def element(self, value: object) -> Element:
        """Return a plain number as an element: exact, an infinity or NaN."""
        if isinstance(value, Slot):
            return value
        if isinstance(value, (bool, np.bool_)):
            return self.tape.number(int(value))
        if isinstance(value, Rational):
            return self.tape.number(Fraction(int(value.numerator), int(value.denominator)))
        if isinstance(value, (float, np.floating)):
            return self._float(float(value))
        raise UnsupportedError(
            f"{type(value).__name__} has no exact counterpart; arrays of real numbers are followed"
        )

    def _float(self, value: float) -> Element:
        if not math.isfinite(value):
            return value
        self.extreme |= abs(value) > LARGEST_EXPONENT
        found = constant(self.tape, value)
        self.numerical |= found is None
        return self.tape.number(Fraction(value)) if found is None else found

    def value(self, element: Element) -> Real:
        """Return what an element is at the witness, to 50 digits."""
        if not isinstance(element, Slot):
            raise UnsupportedError("an infinity or NaN has no exact value")
        if element.place not in self._values:
            self._values[element.place] = _evaluated(self.tape, self._decimals, element, self._values)
        return self._values[element.place]

    def approximately(self, element: Element) -> float:
        """Return what an element is at the witness, as a float."""
        return element if not isinstance(element, Slot) else float(self.value(element))

    def sign(self, element: Slot) -> int:
        """Return −1, 0 or 1, decided at the witness where it is not known; the side is kept."""
        if element.exact is not None:
            return (element.exact > 0) - (element.exact < 0)
        if not self.decides:
            raise UndecidedError("a condition is not known")
        sign = self.value(element).signum
        self.decided[self.tape.step(element)] = int(sign > 0)
        if sign <= 0:
            self.decided[self.tape.step(-element)] = int(sign < 0)
        return sign

    def underflows(self, exponent: Slot) -> bool:
        """Return whether the exponential of a masked score, as −10⁹, is 0 in floats; that is decided."""
        return self.extreme and self.sign(exponent + LARGEST_EXPONENT) < 0

    def is_underflow(self, value: Slot) -> bool:
        """Return whether a value, of which the sign was asked, is that of `underflows`."""
        name, places, _ = self.tape.steps[value.place]
        return name == "total" and any(self.tape.slot(p).exact == LARGEST_EXPONENT for p in places)

    def truth(self, element: Element) -> bool:
        """Return whether an element is not 0."""
        if not isinstance(element, Slot):
            return True
        name, places, _ = self.tape.steps[element.place]
        if name == "step":
            return self.sign(self.tape.slot(places[0])) > 0
        return self.sign(element) != 0

    def whole(self, element: Element) -> int:
        """Return the floor of an element, decided at the witness where it is not known."""
        if not isinstance(element, Slot):
            raise (ValueError if math.isnan(element) else OverflowError)(
                f"cannot convert float {element} to integer"
            )
        if element.exact is not None:
            return math.floor(element.exact)
        if not self.decides:
            raise UndecidedError("a whole number is not known")
        found = self._floor(element)
        self.sign(element - found)
        self.sign(element - (found + 1))
        return found

    def _floor(self, element: Slot) -> int:
        number = self.value(element).number
        return (
            math.floor(number) if isinstance(number, Fraction) else int(self._decimals.context.floor(number))
        )

    def total(self, elements: Sequence[Element]) -> Element:
        """Return the sum of elements."""
        slots = [element for element in elements if isinstance(element, Slot)]
        if len(slots) == len(elements):
            return self.tape.total(slots)
        return float(np.sum([element for element in elements if not isinstance(element, Slot)]))


def _evaluated(tape: Tape, decimals: Decimals, wanted: Slot, known: dict[int, Real]) -> Real:
    """Carry out the steps that a value needs and that were not carried out before."""
    for place in missing(tape, wanted.place, known):
        name, places, rest = tape.steps[place]
        known[place] = _carried_out(decimals, name, [known[p] for p in places], rest)
    return known[wanted.place]


def _carried_out(decimals: Decimals, name: str, values: list[Real], rest: tuple[Any, ...]) -> Real:
    if name == "total":
        return decimals.total(values)
    if name == "leaf":
        key, positive = rest
        return decimals.leaf(key, positive=positive)
    if name == "held":
        return values[0]
    return getattr(decimals, name)(*values, *rest)
