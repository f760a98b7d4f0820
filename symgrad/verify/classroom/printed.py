"""Figures as people print them: a decimal number that stands for all numbers that round to it."""

import re
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction

from symgrad.errors import DataError

PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+\.\d*|[+-]?[1-9]\d{0,2}(,\d{3}){2,}")
COMMA = re.compile(r"[+-]?[\d.]*,\d+([eE][+-]?\d{1,3})?")
SPACED = re.compile(
    r"[+-]?\d{1,3}(?: \d{3})+(?:[.,].*)?|[+-]?\d*[.,]\d{3}(?: \d{3})*(?: \d{1,3})?(?:[eE%].*)?"
)
SIGNS_BEFORE = "=≈≃~"
DOTS_BEHIND = ("…", "...")
FRACTION = re.compile(r"[+-]?\d+\s*/\s*\d+")
POWER = re.compile(r"\s*(?:[·×*]|\\cdot|\\times)\s*10\s*(?:\^|\*\*)?\s*\{?([+-]?[\d⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)\}?")
RAISED = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
LONGEST = 60
EMPTY = "an empty cell; fill it in"
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
    def digits(self) -> int:
        """How many significant digits it has."""
        return len(self.value.as_tuple().digits)

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


def read_printed(text: str, where: str, *, comma: bool = False) -> Printed:
    """Read a figure: ``0.3775``, ``−1,234.5``, ``3.5e-05``, ``3.5·10⁻⁵``, ``37.75 %``, ``0.377 512``.

    Parameters
    ----------
    comma
        Whether a comma stands for the decimal point, and points group the digits.

    Raises
    ------
    DataError
        If it is no decimal number; the message names `where`, and says so where a comma stands for the
        decimal point.
    """
    written = text.strip()
    if len(written) > LONGEST:
        raise DataError(
            f"{where} is {written[:20]}…, a number of {len(written)} characters; {LONGEST} are the limit"
        )
    bare = _tidied(written)
    if comma and COMMA.fullmatch(bare.removesuffix("%").rstrip()):
        bare = _with_point(bare)
    number = bare.removesuffix("%").rstrip()
    if not PLAIN.fullmatch(number) and not GROUPED.fullmatch(number):
        raise DataError(f"{where} is {text!r}, {_fault(bare)}" if bare else f"{where} is {EMPTY}")
    value = Decimal(number.replace(",", ""))
    return Printed(written, value.scaleb(-2) if bare.endswith("%") else value)


def _tidied(text: str) -> str:
    """Return a figure without what people write around it: ``= ``, ``≈``, ``…``, spaces between digits."""
    bare = text.lstrip(SIGNS_BEFORE).strip().replace("−", "-")
    bare = next((bare.removesuffix(dots) for dots in DOTS_BEHIND if bare.endswith(dots)), bare)
    bare = re.sub(r"[\u00a0\u2009\u202f]", " ", bare)
    if SPACED.fullmatch(bare):
        bare = bare.replace(" ", "")
    return POWER.sub(lambda found: f"e{found[1].translate(RAISED)}", bare)


def _with_point(bare: str) -> str:
    return bare.replace(".", "").replace(",", ".")


def _fault(bare: str) -> str:
    if COMMA.fullmatch(bare):
        return f"with a decimal comma; write a point, {_with_point(bare)}"
    if FRACTION.fullmatch(bare):
        return "a fraction; write it as a decimal number, rounded"
    if bare.lower().lstrip("+-") in ("nan", "inf", "infinity"):
        return "no finite number"
    return "no decimal number; write it as it is printed, as in 0.3775 or 3.5e-05"
