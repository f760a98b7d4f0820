"""Attacks on the judge: claims that are off by next to nothing, or only where nobody looks."""

from fractions import Fraction
from itertools import accumulate, repeat
from math import prod

import pytest

from symgrad.exact.primefield import rooted_prime
from symgrad.model.zoo import zoo
from symgrad.verify.networks.check import check
from tests.verify.evidence.claims import of_neuron, relu, sigmoid, slope

PRIME = 2**61 - 1


def number(w, value):
    return w.algebra.number(value)


def step(u):
    return u.algebra.step(u)


def equal(a, b):
    return (1 - step(a - b)) * (1 - step(b - a))


def tower(u, height):
    return list(accumulate(repeat(u, height + 1), lambda v, _: v.exp()))[-1]


def log_series(e, count):
    """The first terms of log(1 + e), in the manner of Horner."""
    total = number(e, 0)
    for k in range(count, 0, -1):
        total = Fraction((-1) ** (k + 1), k) + e * total
    return e * total


TINY = {
    "1e-300": lambda w, x, y: Fraction(1, 10**300),
    "1e-3000": lambda w, x, y: x / 10**3000,
    "1e-30000": lambda w, x, y: x / 10**30000,
    "cancelled": lambda w, x, y: (x + 10**400) - 10**400 - x + Fraction(1, 10**250),
    "1 - tanh(1000)": lambda w, x, y: slope(w, x, y) * (number(w, 1000).tanh() - 1),
    "exp(-10^4)": lambda w, x, y: x * number(w, -(10**4)).exp(),
    "exp(-exp(x))": lambda w, x, y: (-x.exp()).exp(),
    "exp(-10^4 x^2)": lambda w, x, y: (-(10**4) * x * x).exp(),
    "1 - erf(30)": lambda w, x, y: 1 - number(w, 30).erf(),
    "log(exp(x) + exp(x - 2000)) - x": lambda w, x, y: (x.exp() + (x - 2000).exp()).log() - x,
    "1 - cos": lambda w, x, y: 1 - (x / 10**200).cos(),
    "sin and its series": lambda w, x, y: (x / 10**300).sin() - x / 10**300 + (x / 10**300) ** 3 / 6,
    "log and its series": lambda w, x, y: (1 + x / 10**18).log() - log_series(x / 10**18, 40),
    "nested roots and 1e-299": lambda w, x, y: (
        (3 + 2 * number(w, 2).sqrt()).sqrt() - 1 - number(w, 2).sqrt() + Fraction(1, 10**299)
    ),
    "tower": lambda w, x, y: tower(x / 10, 4) * Fraction(1, 10**80),
    "sin(2x)": lambda w, x, y: (2 * x).sin() - 2 * x.sin() * x.cos() * (1 + Fraction(1, 10**100)),
}

HUGE = {
    "x^(10^6)": lambda w, x, y: x ** (10**6),
    "(x/10^9)^(10^4)": lambda w, x, y: (x / 10**9) ** (10**4),
    "sigmoid^(10^5)": lambda w, x, y: sigmoid(x) ** (10**5),
    "annulus": lambda w, x, y: relu(x**2 + w**2 - 10**8),
}

FORGED = {
    "2^61 - 1": lambda w, x, y: PRIME * x,
    "the primes of seeds": lambda w, x, y: x * prod(rooted_prime(k) for k in range(24)),
    "Fermat": lambda w, x, y: (x ** (rooted_prime(0) - 1) - 1) / 10**9,
    "zero at small fractions": lambda w, x, y: prod(
        x - Fraction(n, d) for n in range(-5, 6) for d in (1, 2, 3)
    ),
}

HIDDEN = {
    "x > 100": lambda w, x, y: step(x - 100),
    "x > 256": lambda w, x, y: step(x - 256),
    "x > 10^9": lambda w, x, y: step(x - 10**9),
    "x < -10^30": lambda w, x, y: step(-x - 10**30),
    "three corners": lambda w, x, y: step(x - 100) * step(w - 100) * step(-y - 50),
    "min": lambda w, x, y: step(x.algebra.minimum(x - 100, w - 100) - x.algebra.abs(y - 50)),
    "40 to 45": lambda w, x, y: step(x - 40) * step(45 - x),
    "strip": lambda w, x, y: relu(Fraction(1, 10**12) - x.algebra.abs(x - w)),
    "narrow strip": lambda w, x, y: relu(Fraction(1, 10**300) - x.algebra.abs(x - w)),
    "parabola": lambda w, x, y: relu(Fraction(1, 10**40) - (x - w) ** 2),
    "two strips": lambda w, x, y: relu(Fraction(1, 10**12) - x.algebra.abs(x - w) - x.algebra.abs(w - y)),
    "beside what primes do not know": lambda w, x, y: (2 * x).sin() - 2 * x.sin() * x.cos() + step(x - 10**6),
    "x = w": lambda w, x, y: equal(x, w),
    "x = 3": lambda w, x, y: equal(x, number(x, 3)),
    "x y = 3": lambda w, x, y: equal(x * y, number(x, 3)),
    "no value of its own at x = w": lambda w, x, y: slope(w, x, y) * (step(w - x) + step(x - w) - 1),
}

DOMAINS = {
    "0/0": lambda w, x, y: (x - x) / (x - x),
    "|x| for sqrt(x^2)": lambda w, x, y: x - (x**2).sqrt(),
    "log x": lambda w, x, y: x.log() - (x**2).log() / 2,
    "third root": lambda w, x, y: x.algebra.power(x, Fraction(1, 3)) ** 3 - x,
    "only for x > -10^6": lambda w, x, y: (x + 10**6).sqrt() ** 2 - x - 10**6,
    "only for x w > -10^6": lambda w, x, y: (x * w + 10**6).log().exp() - x * w - 10**6,
    "only for x > 0": lambda w, x, y: (x.algebra.abs(x) - x) / 10**200,
}

WRONG = {**TINY, **HUGE, **FORGED, **HIDDEN, **DOMAINS}


@pytest.mark.parametrize("added", WRONG.values(), ids=WRONG)
def test_what_is_off_is_wrong_at_a_point(added):
    found = of_neuron(lambda w, x, y: slope(w, x, y) + added(w, x, y), seconds=60)
    assert (found.verdict, found.evidence) == ("wrong", "counterexample")


BEYOND = {
    "exp(-exp(20))": lambda w, x, y: (-number(w, 20).exp()).exp(),
    "exp(-10^6)": lambda w, x, y: x * number(w, -(10**6)).exp(),
    "exp(-10^9 x^2)": lambda w, x, y: (-(10**9) * x * x).exp(),
    "(x/1000)^(10^6)": lambda w, x, y: (x / 1000) ** (10**6),
    "1 - erf(1000)": lambda w, x, y: 1 - number(w, 1000).erf(),
    "1 / tower": lambda w, x, y: 1 / tower(x * x + 3, 3),
}


@pytest.mark.parametrize("added", BEYOND.values(), ids=BEYOND)
def test_what_is_too_small_to_be_seen_is_unknown_and_never_a_pass(added):
    found = of_neuron(lambda w, x, y: slope(w, x, y) + added(w, x, y), seconds=60)
    assert (found.verdict, found.evidence) == ("unknown", "none")
    assert "too small to be seen" in found.method or "beyond all bounds" in found.method


@pytest.mark.slow
def test_a_side_that_nobody_can_reach_is_said():
    """The condition holds where three sines are 1 to 20 digits at once."""

    def claim(w, x, y):
        near = x.sin() + w.sin() + y.sin() - 3 + Fraction(1, 10**40)
        return slope(w, x, y) + step(near)

    found = of_neuron(claim, seconds=60)
    assert (found.verdict, found.evidence) == ("unknown", "none")
    assert found.method.startswith("undecided where ")


RIGHT = {
    "|x| and sqrt(x^2)": lambda w, x, y: x.algebra.abs(x) - (x**2).sqrt(),
    "log|x|": lambda w, x, y: x.algebra.log(x.algebra.abs(x)) - (x**2).log() / 2,
    "off a kink": lambda w, x, y: relu(x) - x * step(x),
    "sinh": lambda w, x, y: (x.exp() - (-x).exp()) / 2 - x.algebra.sinh(x),
    "sin(2x)": lambda w, x, y: (2 * x).sin() - 2 * x.sin() * x.cos(),
    "nested roots": lambda w, x, y: (3 + 2 * number(w, 2).sqrt()).sqrt() - 1 - number(w, 2).sqrt(),
    "both sides of a tie": lambda w, x, y: x * (step(x - w) + 1 - step(x - w)) - x,
    "sign times itself": lambda w, x, y: x * x.algebra.sign(x) ** 2 - x,
}


@pytest.mark.parametrize("added", RIGHT.values(), ids=RIGHT)
def test_what_is_an_identity_is_right(added):
    assert of_neuron(lambda w, x, y: slope(w, x, y) + added(w, x, y), seconds=60).verdict == "right"


GRADIENT = "(o1-t1)*a1"


@pytest.mark.parametrize(
    "claim",
    [
        "{}*tanh(1000)",
        "{} + relu(1/10^12 - abs(x1-x2))",
        "{} + [x1 > 10^9]",
        "{}*(1 + [x1 > 50])",
        "{} + [x1 = x2]",
    ],
)
def test_in_a_network_too(claim):
    found = check(zoo("classifier_3_3_3_softmax"), "w10", claim.format(GRADIENT), seconds=60, explain=False)
    assert (found.verdict, found.evidence) == ("wrong", "counterexample")


def test_in_a_network_what_cannot_be_seen_is_unknown():
    claim = f"{GRADIENT} + exp(-exp(20))"
    assert check(zoo("classifier_3_3_3_softmax"), "w10", claim, seconds=60).verdict == "unknown"
