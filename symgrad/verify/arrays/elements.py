"""Functions of single elements: what NumPy's elementwise functions do to one entry.

The primitives follow infinities and NaN as floating point does; everything else is composed of them.
A condition is an indicator, 0 or 1: of u > 0 where u is not known, a number where it is.
"""

import math
from collections.abc import Callable
from fractions import Fraction

import sympy

from symgrad.exact.tapes import Slot
from symgrad.verify.arrays.trace import Element, Trace, UnsupportedError

Function = Callable[..., Element]
LARGEST_POWER = 4096


def plus(t: Trace, a: Element, b: Element) -> Element:
    """a + b."""
    if isinstance(a, Slot) and isinstance(b, Slot):
        return t.tape.plus(a, b)
    return a + b if isinstance(a, float) and isinstance(b, float) else _rest(a, b)


def _rest(a: Element, b: Element) -> Element:
    """The one of two elements that is an infinity or NaN."""
    return a if not isinstance(a, Slot) else b


def negative(t: Trace, a: Element) -> Element:
    """−a."""
    return t.tape.times(a, t.tape.number(-1)) if isinstance(a, Slot) else -a


def minus(t: Trace, a: Element, b: Element) -> Element:
    """a − b."""
    return plus(t, a, negative(t, b))


def times(t: Trace, a: Element, b: Element) -> Element:
    """a·b."""
    if isinstance(a, Slot) and isinstance(b, Slot):
        return _whole_power(t, a, 2) if a is b else t.tape.times(a, b)
    return _signed(t, a) * _signed(t, b)


def _signed(t: Trace, a: Element) -> float:
    return a if not isinstance(a, Slot) else float(t.sign(a))


def reciprocal(t: Trace, a: Element) -> Element:
    """1/a."""
    if not isinstance(a, Slot):
        return math.nan if math.isnan(a) else t.tape.number(0)
    return math.inf if a.exact == 0 else t.tape.raised(a, -1)


def over(t: Trace, a: Element, b: Element) -> Element:
    """a/b."""
    return times(t, a, reciprocal(t, b))


def exp(t: Trace, a: Element) -> Element:
    """exp(a)."""
    if not isinstance(a, Slot):
        return t.tape.number(0) if a == -math.inf else a
    if a.exact == 0 or t.underflows(a):
        return t.tape.number(int(a.exact == 0))
    return t.tape.exp(a)


def log(t: Trace, a: Element) -> Element:
    """log(a)."""
    if not isinstance(a, Slot):
        return a if a > 0 else math.nan
    if a.exact is None:
        return _log(t, a)
    if a.exact <= 0:
        return math.nan if a.exact else -math.inf
    return t.tape.number(0) if a.exact == 1 else t.tape.log(a)


def _log(t: Trace, a: Slot) -> Slot:
    """log(exp(u)) is u."""
    name, places, _ = t.tape.steps[a.place]
    return t.tape.slot(places[0]) if name == "exp" else t.tape.log(a)


def power(t: Trace, a: Element, b: Element) -> Element:
    """a**b."""
    if not (isinstance(a, Slot) and isinstance(b, Slot)):
        return t.element(_float_power(t.approximately(a), t.approximately(b)))
    if b.exact is None:
        return _general_power(t, a, b)
    if b.exact.denominator == 1:
        return _whole_power(t, a, b.exact.numerator)
    if a.exact is None:
        return t.tape.power(a, b.exact)
    return _number_power(t, a, a.exact, b.exact)


def _float_power(a: float, b: float) -> float:
    try:
        return math.pow(a, b)
    except (ValueError, ZeroDivisionError):
        return math.nan


def _whole_power(t: Trace, a: Slot, exponent: int) -> Element:
    if a.exact == 0 and exponent < 0:
        return math.inf
    if exponent == 0:
        return t.tape.number(1)
    if abs(exponent) > LARGEST_POWER and a.exact not in (0, 1, -1):
        raise UnsupportedError(f"the power {exponent}: exponents up to {LARGEST_POWER} are followed")
    name, places, rest = t.tape.steps[a.place]
    if name == "power":
        return power(t, t.tape.slot(places[0]), t.tape.number(rest[0] * exponent))
    return t.tape.raised(a, exponent)


def _general_power(t: Trace, a: Slot, b: Slot) -> Element:
    logarithm = log(t, a)
    return t.tape.exp(b * logarithm) if isinstance(logarithm, Slot) else t.tape.number(0)


def _number_power(t: Trace, a: Slot, base: Fraction, exponent: Fraction) -> Element:
    if base <= 0:
        return math.nan if base < 0 else t.tape.number(0) if exponent > 0 else math.inf
    above, whole = sympy.integer_nthroot(base.numerator, exponent.denominator)
    below, whole_below = sympy.integer_nthroot(base.denominator, exponent.denominator)
    if whole and whole_below:
        return t.tape.number(Fraction(int(above), int(below)) ** exponent.numerator)
    return t.tape.power(a, exponent)


def sqrt(t: Trace, a: Element) -> Element:
    """√a."""
    return power(t, a, t.tape.number(Fraction(1, 2)))


def positive(t: Trace, a: Element) -> Element:
    """The indicator of a > 0."""
    if not isinstance(a, Slot):
        return t.tape.number(int(a > 0))
    if a.exact is not None or t.sided:
        return t.tape.number(int(t.sign(a) > 0))
    return _step(t, a)


def _step(t: Trace, a: Slot) -> Slot:
    """The indicator of u > 0 is that of s·u where s is the indicator itself, and 0 for −s·u."""
    name, places, _ = t.tape.steps[a.place]
    if name == "exp":
        return t.tape.number(1)
    if name == "times":
        left, right = (t.tape.slot(place) for place in places)
        for factor, rest in ((left, right), (right, left)):
            if factor.exact is not None and factor.exact > 0:
                return _step(t, rest)
            if t.tape.steps[factor.place] == ("step", (rest.place,), ()):
                return factor
    return t.tape.step(a)


def greater(t: Trace, a: Element, b: Element) -> Element:
    """The indicator of a > b."""
    if not (isinstance(a, Slot) and isinstance(b, Slot)):
        return t.tape.number(int(_compared(t, a, b) > 0))
    return t.tape.number(0) if a is b else positive(t, a - b)


def _compared(t: Trace, a: Element, b: Element) -> float:
    """Something with the sign of a − b, one of which is no number; NaN where they have no order."""
    if not isinstance(a, Slot) and not isinstance(b, Slot):
        return math.nan if math.isnan(a) or math.isnan(b) else float(a > b) - float(a < b)
    return t.approximately(a) if not isinstance(a, Slot) else -t.approximately(b)


def less(t: Trace, a: Element, b: Element) -> Element:
    """The indicator of a < b."""
    return greater(t, b, a)


def _no_nan(t: Trace, a: Element, b: Element) -> Element:
    return t.tape.number(int(not any(isinstance(x, float) and math.isnan(x) for x in (a, b))))


def greater_equal(t: Trace, a: Element, b: Element) -> Element:
    """The indicator of a ≥ b."""
    return times(t, complement(t, greater(t, b, a)), _no_nan(t, a, b))


def less_equal(t: Trace, a: Element, b: Element) -> Element:
    """The indicator of a ≤ b."""
    return greater_equal(t, b, a)


def equal(t: Trace, a: Element, b: Element) -> Element:
    """The indicator of a = b: neither is greater."""
    return complement(t, not_equal(t, a, b))


def not_equal(t: Trace, a: Element, b: Element) -> Element:
    """The indicator of a ≠ b."""
    sides = plus(t, greater(t, a, b), greater(t, b, a))
    return plus(t, sides, complement(t, _no_nan(t, a, b)))


def complement(t: Trace, a: Element) -> Element:
    """1 − a, the opposite of a condition."""
    return minus(t, t.tape.number(1), a)


def indicator(t: Trace, a: Element) -> Element:
    """The indicator of a ≠ 0, which a condition is itself."""
    if isinstance(a, Slot) and t.tape.steps[a.place][0] == "step":
        return a
    return not_equal(t, a, t.tape.number(0))


def chosen(t: Trace, condition: Element, a: Element, b: Element) -> Element:
    """a where a condition holds, else b."""
    if a is b:
        return a
    if isinstance(a, Slot) and isinstance(b, Slot) and isinstance(condition, Slot):
        return a if condition.exact == 1 else b if condition.exact == 0 else _between(condition, a, b)
    return a if t.truth(condition) else b


def _between(condition: Slot, a: Slot, b: Slot) -> Slot:
    if a.exact == 0:
        return b * (1 - condition)
    return b + condition * (a - b)


def maximum(t: Trace, a: Element, b: Element) -> Element:
    """The larger of two."""
    if any(isinstance(x, float) and math.isnan(x) for x in (a, b)):
        return math.nan
    if isinstance(a, Slot) and a.exact is not None:
        a, b = b, a
    return chosen(t, greater(t, a, b), a, b)


def minimum(t: Trace, a: Element, b: Element) -> Element:
    """The smaller of two."""
    return negative(t, maximum(t, negative(t, a), negative(t, b)))


def sign(t: Trace, a: Element) -> Element:
    """−1, 0 or 1."""
    return minus(t, positive(t, a), positive(t, negative(t, a)))


def absolute(t: Trace, a: Element) -> Element:
    """|a|."""
    return abs(a) if not isinstance(a, Slot) else times(t, sign(t, a), a)


def both(t: Trace, a: Element, b: Element) -> Element:
    """The conjunction of two conditions."""
    return times(t, indicator(t, a), indicator(t, b))


def either(t: Trace, a: Element, b: Element) -> Element:
    """The disjunction of two conditions."""
    return complement(t, times(t, complement(t, indicator(t, a)), complement(t, indicator(t, b))))


def one_of(t: Trace, a: Element, b: Element) -> Element:
    """The condition that just one of two holds."""
    a, b = indicator(t, a), indicator(t, b)
    return plus(t, times(t, a, complement(t, b)), times(t, b, complement(t, a)))


def neither(t: Trace, a: Element) -> Element:
    """The negation of a condition."""
    return complement(t, indicator(t, a))
