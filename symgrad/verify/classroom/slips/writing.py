"""Slips of the pen: a figure that was computed well and written down wrong."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from symgrad.verify.classroom.printed import Printed
from symgrad.verify.verdict import Mistake

SHIFTS = (1, -1, 2, -2, 3, -3)
FEWEST = 3
"""So many digits must agree before a shifted point or exchanged digits are no chance."""


def last_digit(printed: Printed, right: Decimal) -> tuple[Mistake, ...]:
    """Say so where a figure of enough digits is off by no more than one unit of its last digit."""
    if printed.digits <= FEWEST or abs(printed.value - right) > printed.unit + printed.half:
        return ()
    return (Mistake("other", "", "it is off by one in its last digit"),)


def miswritten(printed: Printed, right: Decimal) -> tuple[Mistake, ...]:
    """Return what mends a figure without any computing: the point elsewhere, two digits exchanged."""
    if printed.digits < FEWEST:
        return ()
    mended = ((text, one) for text, one in _mended(printed) if one.is_rounded(right) or one.is_cut_off(right))
    return tuple(Mistake("other", "", text) for text, _ in mended)[:1]


def _mended(printed: Printed) -> Iterator[tuple[str, Printed]]:
    for places in SHIFTS:
        words = f"the decimal point stands {abs(places)} place{'s' * (abs(places) > 1)} too far"
        side = "left" if places > 0 else "right"
        yield f"{words} to the {side}", replace(printed, value=printed.value.scaleb(places))
    sign, digits, _ = printed.value.as_tuple()
    for k in range(len(digits) - 1):
        one, other = digits[k : k + 2]
        if one != other:
            changed = (*digits[:k], other, one, *digits[k + 2 :])
            yield (
                f"the digits {one} and {other} are exchanged",
                replace(printed, value=Decimal((sign, changed, 0)) * printed.unit),
            )
