"""Elementwise functions that are composed of the primitives of `elements`."""

import math
from collections.abc import Callable
from fractions import Fraction

from symgrad.exact.tapes import Slot
from symgrad.verify.arrays.constants import pi
from symgrad.verify.arrays.elements import (
    Function,
    absolute,
    exp,
    log,
    maximum,
    minimum,
    minus,
    negative,
    over,
    plus,
    positive,
    power,
    reciprocal,
    sign,
    sqrt,
    times,
)
from symgrad.verify.arrays.trace import Element, Trace


def floor(t: Trace, a: Element) -> Element:
    """The largest integer ≤ a."""
    return a if not isinstance(a, Slot) else t.tape.number(t.whole(a))


def ceil(t: Trace, a: Element) -> Element:
    """The smallest integer ≥ a."""
    return negative(t, floor(t, negative(t, a)))


def trunc(t: Trace, a: Element) -> Element:
    """The integer part of a."""
    return floor(t, a) if not isinstance(a, Slot) or t.sign(a) >= 0 else ceil(t, a)


def rint(t: Trace, a: Element) -> Element:
    """The nearest integer, the even one of two."""
    if isinstance(a, Slot) and a.exact is not None:
        return t.tape.number(round(a.exact))
    return floor(t, plus(t, a, t.tape.number(Fraction(1, 2))))


def floor_divide(t: Trace, a: Element, b: Element) -> Element:
    """The floor of a/b."""
    return floor(t, over(t, a, b))


def remainder(t: Trace, a: Element, b: Element) -> Element:
    """What a // b leaves."""
    return minus(t, a, times(t, b, floor_divide(t, a, b)))


def expm1(t: Trace, a: Element) -> Element:
    """exp(a) − 1."""
    return minus(t, exp(t, a), t.tape.number(1))


def log1p(t: Trace, a: Element) -> Element:
    """log(1 + a)."""
    return log(t, plus(t, t.tape.number(1), a))


def exp2(t: Trace, a: Element) -> Element:
    """2**a."""
    return power(t, t.tape.number(2), a)


def log_to(base: int) -> Function:
    """Return the logarithm to a base."""
    return lambda t, a: over(t, log(t, a), t.tape.log(t.tape.number(base)))


def logaddexp(t: Trace, a: Element, b: Element) -> Element:
    """log(exp(a) + exp(b))."""
    return log(t, plus(t, exp(t, a), exp(t, b)))


def tanh(t: Trace, a: Element) -> Element:
    """tanh(a)."""
    if not isinstance(a, Slot):
        return t.element(math.tanh(a))
    return a if a.exact == 0 else t.tape.tanh(a)


def sigmoid(t: Trace, a: Element) -> Element:
    """1/(1 + exp(−a))."""
    return reciprocal(t, plus(t, t.tape.number(1), exp(t, negative(t, a))))


def half_sum(sign_of_second: int) -> Function:
    """Return cosh or sinh: half the sum or difference of exp(a) and exp(−a)."""

    def function(t: Trace, a: Element) -> Element:
        second = times(t, t.tape.number(sign_of_second), exp(t, negative(t, a)))
        return times(t, plus(t, exp(t, a), second), t.tape.number(Fraction(1, 2)))

    return function


def odd(name: str, at_zero: int = 0) -> Function:
    """Return a function of the tape that has a known value at 0 and none at infinity."""

    def function(t: Trace, a: Element) -> Element:
        if not isinstance(a, Slot):
            return t.element(math.erf(a)) if name == "erf" else math.nan
        return t.tape.number(at_zero) if a.exact == 0 else getattr(t.tape, name)(a)

    return function


sin, cos, erf = odd("sin"), odd("cos", 1), odd("erf")


def tan(t: Trace, a: Element) -> Element:
    """sin(a)/cos(a)."""
    return over(t, sin(t, a), cos(t, a))


def arsinh(t: Trace, a: Element) -> Element:
    """log(a + √(a² + 1))."""
    return log(t, plus(t, a, sqrt(t, plus(t, times(t, a, a), t.tape.number(1)))))


def arcosh(t: Trace, a: Element) -> Element:
    """log(a + √(a² − 1))."""
    return log(t, plus(t, a, sqrt(t, minus(t, times(t, a, a), t.tape.number(1)))))


def artanh(t: Trace, a: Element) -> Element:
    """½ log((1 + a)/(1 − a))."""
    one = t.tape.number(1)
    return times(t, log(t, over(t, plus(t, one, a), minus(t, one, a))), t.tape.number(Fraction(1, 2)))


def cbrt(t: Trace, a: Element) -> Element:
    """The cube root, of negative numbers too."""
    return times(t, sign(t, a), power(t, absolute(t, a), t.tape.number(Fraction(1, 3))))


def xlogy(t: Trace, a: Element, b: Element) -> Element:
    """a log(b), and 0 where a is 0."""
    return a if isinstance(a, Slot) and a.exact == 0 else times(t, a, log(t, b))


def heaviside(t: Trace, a: Element, at_zero: Element) -> Element:
    """The indicator of a > 0, with a value of its own at 0."""
    return at_zero if isinstance(a, Slot) and a.exact == 0 else positive(t, a)


def to_radians(t: Trace, a: Element) -> Element:
    """a·π/180."""
    return times(t, a, pi(t.tape) / 180)


def to_degrees(t: Trace, a: Element) -> Element:
    """a·180/π."""
    return times(t, a, 180 / pi(t.tape))


def clip(t: Trace, a: Element, low: Element, high: Element) -> Element:
    """The element, at least `low` and at most `high`."""
    return minimum(t, maximum(t, a, low), high)


def fmod(t: Trace, a: Element, b: Element) -> Element:
    """What is left of a after as many b as go into it, with the sign of a."""
    return minus(t, a, times(t, b, trunc(t, over(t, a, b))))


def hypot(t: Trace, a: Element, b: Element) -> Element:
    """√(a² + b²)."""
    return sqrt(t, plus(t, times(t, a, a), times(t, b, b)))


def logaddexp2(t: Trace, a: Element, b: Element) -> Element:
    """The logarithm to the base 2 of 2**a + 2**b."""
    return log_to(2)(t, plus(t, exp2(t, a), exp2(t, b)))


def sinc(t: Trace, a: Element) -> Element:
    """sin(πa)/(πa)."""
    if isinstance(a, Slot) and a.exact == 0:
        return t.tape.number(1)
    return over(t, sin(t, times(t, pi(t.tape), a)), times(t, pi(t.tape), a))


def normal_distribution(t: Trace, a: Element) -> Element:
    """The distribution function of the standard normal distribution."""
    inner = erf(t, over(t, a, sqrt(t, t.tape.number(2))))
    return times(t, plus(t, inner, t.tape.number(1)), t.tape.number(Fraction(1, 2)))


def tested(test: Callable[[float], bool]) -> Function:
    """Return what asks whether an element is an infinity, NaN, or a number."""
    return lambda t, a: t.tape.number(int(test(a if not isinstance(a, Slot) else 0.0)))
