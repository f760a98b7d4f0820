"""Figures as people print them: a decimal number that stands for all numbers that round to it."""

import re
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

from symgrad.errors import DataError

PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+\.\d*|[+-]?[1-9]\d{0,2}(,\d{3}){2,}")
COMMA = re.compile(r"[+-]?[\d.]*,\d+([eE][+-]?\d{1,3})?")
POWER = re.compile(r"\s*[·×*]\s*10\s*(?:\^|\*\*)?\s*\{?([+-]?[\d⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)\}?")
RAISED = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
LONGEST = 60
WIDE = Context(prec=100)


@dataclass(frozen=True)
class Printed:
    """A figure with its digits.

    Attributes
    ----------
    text
        As it was printed.
    value
        The number with its last digit's place as exponent.
    """

    text: str
    value: Decimal

    @property
    def unit(self) -> Decimal:
        """One unit of the last digit."""
        return Decimal(1).scaleb(_exponent(self.value))

    @property
    def half(self) -> Decimal:
        """Half a unit of the last digit."""
        return self.unit / 2

    @property
    def middle(self) -> Fraction:
        """The number itself."""
        return Fraction(self.value)

    def is_rounded(self, value: Decimal, noise: Decimal = Decimal(0)) -> bool:
        """Whether it is a value, rounded to its digits; the value may be off by some noise."""
        return abs(value - self.value) <= self.half + noise

    def is_cut_off(self, value: Decimal) -> bool:
        """Whether it is a value with the digits behind cut off."""
        return value * self.value >= 0 and 0 <= abs(value) - abs(self.value) < self.unit

    def like(self, value: float | Decimal) -> str:
        """Return another value with the digits of this one."""
        exact = value if isinstance(value, Decimal) else Decimal(repr(value))
        if not exact.is_finite():
            return str(value)
        if exact.adjusted() - _exponent(self.value) > LONGEST:
            return f"{exact:.9e}"
        rounded = exact.quantize(self.unit, context=WIDE)
        return f"{rounded:e}" if "e" in self.text.lower() else f"{rounded:f}"


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise TypeError(f"{value} has no digits")
    return exponent


def read_printed(text: str, where: str) -> Printed:
    """Read a figure: ``0.3775``, ``−1,234.5``, ``3.5e-05``, ``3.5·10⁻⁵``.

    Raises
    ------
    DataError
        If it is no decimal number; the message names `where`, and says so where a comma stands for the
        decimal point.
    """
    bare = _tidied(text)
    if len(bare) > LONGEST:
        raise DataError(
            f"{where} is {bare[:20]}…, a number of {len(bare)} characters; {LONGEST} are the limit"
        )
    if not PLAIN.fullmatch(bare) and not GROUPED.fullmatch(bare):
        raise DataError(f"{where} is {text!r}, {_fault(bare)}")
    return Printed(text.strip(), Decimal(bare.replace(",", "")))


def _tidied(text: str) -> str:
    bare = text.strip().replace("−", "-").replace("\N{NO-BREAK SPACE}", "")
    return POWER.sub(lambda found: f"e{found[1].translate(RAISED)}", bare)


def _fault(bare: str) -> str:
    if not bare:
        return "an empty cell; fill it in"
    if COMMA.fullmatch(bare):
        return f"with a decimal comma; write a point, {bare.replace('.', '').replace(',', '.')}"
    if bare.lower().lstrip("+-") in ("nan", "inf", "infinity"):
        return "no finite number"
    return "no decimal number; write it as it is printed, as in 0.3775 or 3.5e-05"
