"""Numbers as they stand in formulas and tables: nine significant digits, exact ones as they are."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction as Rational

from symgrad.derive.values import Array
from symgrad.errors import DataError
from symgrad.exact.decimals import Real
from symgrad.notation.layout import Fraction, Layout, Minus, Name, Number, Power, Product

DIGITS = 9
WIDE = Context(prec=60, Emax=MAX_EMAX, Emin=MIN_EMIN)
SMALLEST, LARGEST = -6, 9
SHORT = 12
ENTRIES = 12


def number_layout(value: Real) -> Layout:
    """Return the layout of a number; a short fraction stays one, what is rounded shows nine digits."""
    if value.signum < 0:
        return Minus(number_layout(-value))
    if isinstance(value.number, Rational):
        return _exact(value.number) or _rounded(value)
    return _rounded(value)


def _exact(number: Rational) -> Layout | None:
    digits = terminating(number)
    if digits is not None and len(digits) <= SHORT:
        return Number(digits)
    short = len(str(number)) <= SHORT
    return Fraction(Number(str(number.numerator)), Number(str(number.denominator))) if short else None


def terminating(number: Rational) -> str | None:
    """Return a number as an exact decimal, None where its digits do not end or are very many."""
    places = next((k for k in range(SHORT) if 10**k % number.denominator == 0), None)
    return None if places is None else f"{Decimal(int(number * 10**places)).scaleb(-places):f}"


def _rounded(value: Real) -> Layout:
    if value.is_zero():
        return Number("0")
    rounded = value.decimal(DIGITS)
    size = rounded.adjusted()
    if SMALLEST <= size < LARGEST:
        return Number(f"{rounded:.{DIGITS - 1 - size}f}")
    mantissa = Number(f"{rounded.scaleb(-size, WIDE):.{DIGITS - 1}f}")
    exponent = Number(str(abs(size)))
    return Product((mantissa, Power(Number("10"), Minus(exponent) if size < 0 else exponent)))


def figure(value: Array) -> str:
    """Return a value for a table, rows in brackets; of large arrays the shape."""
    if isinstance(value, Real):
        return _plain(value)
    numbers = list(flat(value))
    if len(numbers) > ENTRIES:
        return f"[{' × '.join(map(str, _shape(value)))} numbers]"
    return f"[{', '.join(figure(part) for part in value)}]"


def figure_lines(value: Array) -> list[str]:
    """Return a value for a table, a matrix with one line for each row."""
    if isinstance(value, Real) or isinstance(value[0], Real) or len(value) == 1:
        return [figure(value)]
    if len(list(flat(value))) > ENTRIES:
        return [figure(value)]
    rows = [figure(row) for row in value]
    return [f"[{rows[0]},", *(f" {row}," for row in rows[1:-1]), f" {rows[-1]}]"]


def _plain(value: Real) -> str:
    layout = number_layout(value)
    sign, body = ("−", layout.body) if isinstance(layout, Minus) else ("", layout)
    match body:
        case Number(digits):
            return sign + digits
        case Fraction(Number(upper), Number(lower)):
            return f"{sign}{upper}/{lower}"
        case _:
            return f"{value.decimal(DIGITS):.{DIGITS - 1}e}".replace("-", "−")


def flat(value: Array) -> Iterable[Real]:
    """Yield the numbers of nested rows."""
    if isinstance(value, Real):
        yield value
    else:
        for part in value:
            yield from flat(part)


def _shape(value: Array) -> tuple[int, ...]:
    return () if isinstance(value, Real) else (len(value), *_shape(value[0]))


def plain(value: Array) -> object:
    """Return a value as floats and lists, for JSON.

    Raises
    ------
    DataError
        If a number is too large for a float.
    """
    if not isinstance(value, Real):
        return [plain(part) for part in value]
    number = float(value)
    if number in (float("inf"), -float("inf")):
        raise DataError(f"the value {figure(value)} is too large for a float; read it off the object")
    return number


def with_numbers(layout: Layout, table: Mapping[Layout, Layout]) -> Layout:
    """Put numbers in the place of names, deltas and derivatives."""
    if layout in table:
        return table[layout]
    if isinstance(layout, Name):
        return layout
    parts = {f.name: getattr(layout, f.name) for f in fields(layout)}
    return replace(layout, **{name: _inside(part, table) for name, part in parts.items()})


def _inside(part: object, table: Mapping[Layout, Layout]) -> object:
    if isinstance(part, tuple):
        return tuple(_inside(p, table) for p in part)
    return with_numbers(part, table) if isinstance(part, Layout) else part
