"""Every relation, in both algebras."""

from fractions import Fraction

import pytest

from symgrad.exact import ExactError, NormalForms, Residues

THIRD = Fraction(1, 3)


def softplus(A, u):
    return A.log(1 + A.exp(u))


def largest(A, *values):
    result = values[0]
    for value in values[1:]:
        result = A.maximum(result, value)
    return result


def log_sum_exp(A, shift, *values):
    return shift + A.log(A.total(A.exp(v - shift) for v in values))


def first_share(A, m, x, y):
    return A.exp(x - m) / (A.exp(x - m) + A.exp(y - m))


def running_log_sum(A, old, new, x, y):
    return new + A.log(A.exp(x - old) * A.exp(old - new) + A.exp(y - new))


EQUAL = {
    "exp of a sum": lambda A, x, y, z: (A.exp(x) * A.exp(y), A.exp(x + y)),
    "exp of a difference first": lambda A, x, y, z: (A.exp(x - y) * A.exp(y), A.exp(x)),
    "exp of a negative": lambda A, x, y, z: (A.exp(-x), 1 / A.exp(x)),
    "exp of zero": lambda A, x, y, z: (A.exp(x - x), A.number(1)),
    "half after whole": lambda A, x, y, z: (A.exp(x), A.exp(x / 2) ** 2),
    "whole after half": lambda A, x, y, z: (A.exp(x / 2) ** 2, A.exp(x)),
    "exp(1) of numbers": lambda A, x, y, z: (A.exp(A.number(2)), A.exp(A.number(1)) ** 2),
    "exp of log": lambda A, x, y, z: (A.exp(A.log(x * y)), x * y),
    "exp of log of a negative leading term": lambda A, x, y, z: (A.exp(A.log(1 - x)), 1 - x),
    "exp of a multiple of log": lambda A, x, y, z: (A.exp(-2 * A.log(x)), x**-2),
    "log of exp": lambda A, x, y, z: (A.log(A.exp(x * y)), x * y),
    "log of a quotient": lambda A, x, y, z: (A.log(A.exp(x) / (1 + A.exp(x))), x - A.log(1 + A.exp(x))),
    "log of a reciprocal": lambda A, x, y, z: (A.log(1 / (1 + A.exp(x))), -A.log(1 + A.exp(x))),
    "tanh after exp": lambda A, x, y, z: ((A.exp(2 * x) - 1) / (A.exp(2 * x) + 1), A.tanh(x)),
    "tanh of a half": lambda A, x, y, z: (A.tanh(x / 2), 2 / (1 + A.exp(-x)) - 1),
    "tanh doubled": lambda A, x, y, z: (A.tanh(2 * x), 2 * A.tanh(x) / (1 + A.tanh(x) ** 2)),
    "tanh is odd": lambda A, x, y, z: (A.tanh(-x), -A.tanh(x)),
    "tanh from sinh and cosh": lambda A, x, y, z: (A.tanh(x), A.sinh(x) / A.cosh(x)),
    "cosh and sinh": lambda A, x, y, z: (A.cosh(x) ** 2 - A.sinh(x) ** 2, A.number(1)),
    "square of a root": lambda A, x, y, z: (A.sqrt(x + y) ** 2, x + y),
    "root of a square": lambda A, x, y, z: (A.sqrt(x**2), abs(x)),
    "root under a fraction": lambda A, x, y, z: ((x * x + 1) / A.sqrt(x * x + 1) ** 3, 1 / A.sqrt(x * x + 1)),
    "root of a number": lambda A, x, y, z: (A.sqrt(A.number(8)), 2 * A.sqrt(A.number(2))),
    "root of an exp": lambda A, x, y, z: (A.sqrt(A.exp(x)), A.exp(x / 2)),
    "cube root": lambda A, x, y, z: (A.power(x, THIRD) ** 3, x),
    "negative rational power": lambda A, x, y, z: (A.power(x, Fraction(-3, 2)) * A.sqrt(x), 1 / x),
    "steps complement": lambda A, x, y, z: (A.step(x - y) + A.step(y - x), A.number(1)),
    "step is idempotent": lambda A, x, y, z: (A.step(x) ** 2, A.step(x)),
    "step ignores positive numbers": lambda A, x, y, z: (A.step(3 * x - 6 * y), A.step(x / 2 - y)),
    "step of a number": lambda A, x, y, z: (A.step(A.number(-2)) + A.step(x - x + 2), A.number(1)),
    "relu": lambda A, x, y, z: (A.maximum(x, A.number(0)), A.step(x) * x),
    "leaky relu": lambda A, x, y, z: (A.maximum(x, x / 100), A.step(x) * x + A.step(-x) * x / 100),
    "leaky relu backwards": lambda A, x, y, z: (A.step(A.maximum(x, x / 100)), A.step(x)),
    "relu of relu": lambda A, x, y, z: (A.step(A.step(x) * x), A.step(x)),
    "relu of minus relu": lambda A, x, y, z: (A.step(-A.step(x) * x), A.number(0)),
    "abs": lambda A, x, y, z: (abs(x) * abs(y), abs(x * y)),
    "abs squared": lambda A, x, y, z: (abs(x) ** 2, x**2),
    "sign": lambda A, x, y, z: (A.sign(x) * x, abs(x)),
    "maximum commutes": lambda A, x, y, z: (A.maximum(x, y), A.maximum(y, x)),
    "maximum and minimum": lambda A, x, y, z: (A.maximum(x, y) + A.minimum(x, y), x + y),
    "circle": lambda A, x, y, z: (A.sin(x * y) ** 2 + A.cos(x * y) ** 2, A.number(1)),
    "sin is odd": lambda A, x, y, z: (A.sin(x - y), -A.sin(y - x)),
    "cos is even": lambda A, x, y, z: (A.cos(x - y), A.cos(y - x)),
    "sin and cos of zero": lambda A, x, y, z: (A.sin(x - x) + A.cos(x - x), A.number(1)),
    "erf is odd": lambda A, x, y, z: (A.erf(x - y), -A.erf(y - x)),
    "shifted softmax": lambda A, x, y, z: (
        A.exp(x) / (A.exp(x) + A.exp(y)),
        first_share(A, A.shift(x, y), x, y),
    ),
    "shifted log-sum-exp": lambda A, x, y, z: (
        log_sum_exp(A, A.number(0), x, y, z),
        log_sum_exp(A, A.shift(A.shift(x, y), z), x, y, z),
    ),
    "shifted log-sum-exp first": lambda A, x, y, z: (
        log_sum_exp(A, A.shift(A.shift(x, y), z), x, y, z),
        log_sum_exp(A, A.number(0), x, y, z),
    ),
    "rescaled running sum": lambda A, x, y, z: (
        A.log(A.exp(x) + A.exp(y)),
        running_log_sum(A, A.shift(x, x), A.shift(x, y), x, y),
    ),
    "sigmoid of a hidden sigmoid": lambda A, x, y, z: (
        A.exp(x / (1 + A.exp(-z)) + y),
        A.exp(x * A.exp(z) / (1 + A.exp(z))) * A.exp(y),
    ),
    "gelu derivative": lambda A, x, y, z: (A.exp(-x * x / 2), A.exp(x * x / 2) ** -1),
}

# Needs more of exp, log or positivity than residues abstract.
PROVED_ONLY = {
    "third and half": lambda A, x, y, z: (A.power(x, Fraction(1, 6)) * A.power(x, THIRD), A.sqrt(x)),
    "seventh": lambda A, x, y, z: (A.exp(x / 7) ** 7 * A.exp(y), A.exp(x + y)),
    "odd combination": lambda A, x, y, z: (A.exp(2 * x - y / 3) * A.exp(z + x), A.exp(3 * x + z - y / 3)),
    "stable softplus": lambda A, x, y, z: (
        A.maximum(x * y, A.number(0)) + A.log(1 + A.exp(-abs(x * y))),
        softplus(A, x * y),
    ),
    "log-sum-exp with a maximum": lambda A, x, y, z: (
        log_sum_exp(A, largest(A, x, y, z), x, y, z),
        log_sum_exp(A, A.number(0), x, y, z),
    ),
    "conditions with the same left side imply one another": lambda A, x, y, z: (
        A.step(x - y + 3) * A.step(x - y - 3) * A.step(x - y),
        A.step(2 * x - 2 * y - 6),
    ),
    "conditions between two known ones": lambda A, x, y, z: (
        (A.step(x - 5) + A.step(x + 5)) * A.step(x - 1) - A.step(1 - x) * A.step(x + 1),
        A.step(x - 5) + A.step(x - 1) - A.step(x + 1) + A.step(x - 1),
    ),
    "exp of a clipped value": lambda A, x, y, z: (
        A.exp(A.minimum(A.maximum(x, A.number(-1)), A.number(1))),
        A.step(x - 1) * A.exp(A.number(1))
        + (A.step(x + 1) - A.step(x - 1)) * A.exp(x)
        + A.step(-1 - x) / A.exp(A.number(1)),
    ),
    "step ignores positive factors": lambda A, x, y, z: (A.step(x / (1 + A.exp(y))), A.step(x)),
    "log of a product of sums": lambda A, x, y, z: (
        A.log((1 + A.exp(x)) * (1 + A.exp(y))),
        softplus(A, x) + softplus(A, y),
    ),
    "log of numbers": lambda A, x, y, z: (A.log(A.number(12)), 2 * A.log(A.number(2)) + A.log(A.number(3))),
    "log of a root": lambda A, x, y, z: (A.log(A.sqrt(1 + x * x)), A.log(1 + x * x) / 2),
    "root of a product": lambda A, x, y, z: (
        A.sqrt((1 + x * x) * (1 + y * y)),
        A.sqrt(1 + x * x) * A.sqrt(1 + y * y),
    ),
    "root with a full power": lambda A, x, y, z: (A.sqrt(x**2 * y), abs(x) * A.sqrt(y)),
    "root of a quotient": lambda A, x, y, z: (A.sqrt(x / y) ** 2 * y, x),
    "exp of an indicator": lambda A, x, y, z: (
        A.exp(A.maximum(x, y)),
        A.step(x - y) * (A.exp(x) - A.exp(y)) + A.exp(y),
    ),
    "exp of an absolute value is positive": lambda A, x, y, z: (abs(A.exp(abs(x))), A.exp(abs(x))),
    "root of relu": lambda A, x, y, z: (A.step(A.sqrt(A.maximum(x, A.number(0)))), A.step(x)),
    "exp through a root": lambda A, x, y, z: (
        A.exp(x / A.sqrt(1 + y * y)),
        A.exp(x * A.sqrt(1 + y * y) / (2 + 2 * y * y)) ** 2,
    ),
}

DIFFERENT = {
    "factor": lambda A, x, y, z: (A.exp(x), 2 * A.exp(x)),
    "sign": lambda A, x, y, z: (A.tanh(x), -A.tanh(x)),
    "multiple of a Mersenne prime": lambda A, x, y, z: (x + y, x + y + (2**61 - 1) * x),
    "exp is not linear": lambda A, x, y, z: (A.exp(x + y), A.exp(x) + A.exp(y)),
    "relu is not the identity": lambda A, x, y, z: (A.maximum(x, A.number(0)), x),
    "root of a square": lambda A, x, y, z: (A.sqrt(x**2), x),
    "a step is not one half": lambda A, x, y, z: (A.step(x), A.number(Fraction(1, 2))),
    "two conditions": lambda A, x, y, z: (A.step(x), A.step(x - y)),
    "sin is not cos": lambda A, x, y, z: (A.sin(x), A.cos(x)),
    "erf is not linear": lambda A, x, y, z: (A.erf(2 * x), 2 * A.erf(x)),
    "a shift that does not cancel": lambda A, x, y, z: (A.exp(x - A.shift(x, y)), A.exp(x)),
    "half a shift": lambda A, x, y, z: (A.exp(x - A.shift(x, y) / 2), A.exp(x)),
}


def leaves(algebra):
    return [algebra.leaf(name) for name in "xyz"]


@pytest.mark.parametrize("identity", [*EQUAL.values(), *PROVED_ONLY.values()], ids=[*EQUAL, *PROVED_ONLY])
def test_proved(identity):
    A = NormalForms()
    assert A.equal(*identity(A, *leaves(A)))


@pytest.mark.parametrize("identity", EQUAL.values(), ids=EQUAL)
def test_equal_residues(identity):
    for seed in range(5):
        A = Residues(seed)
        assert A.equal(*identity(A, *leaves(A)))


@pytest.mark.parametrize("pair", DIFFERENT.values(), ids=DIFFERENT)
def test_not_proved(pair):
    A = NormalForms()
    assert not A.equal(*pair(A, *leaves(A)))


@pytest.mark.parametrize("pair", DIFFERENT.values(), ids=DIFFERENT)
def test_different_residues(pair):
    points = [Residues(seed) for seed in range(12)]
    assert not all(A.equal(*pair(A, *leaves(A))) for A in points)


def test_a_known_prime_lets_a_false_formula_through_and_a_random_one_does_not():
    def claim(A):
        return A.leaf("x"), A.leaf("x") + (2**61 - 1) * A.leaf("y")

    fixed = Residues(1, prime=2**61 - 1)
    assert fixed.equal(*claim(fixed))
    assert not any(A.equal(*claim(A)) for A in (Residues(seed) for seed in range(5)))


def test_choices_are_counted_once_for_each_condition():
    A = Residues(1)
    x, y = A.leaf("x"), A.leaf("y")
    A.maximum(x, y)
    A.maximum(y, x)
    A.sqrt(x)
    A.step(A.number(3))
    assert A.choices == 2


@pytest.mark.parametrize("prime", [2**61 - 3, 13])
def test_only_suitable_primes(prime):
    with pytest.raises(ExactError, match="prime"):
        Residues(1, prime=prime)


def test_products_of_terms_are_told_before_they_are_taken():
    told = []
    forms = NormalForms(watch=told.append)
    x, y = forms.leaf("x"), forms.leaf("y")
    assert forms.equal((x + y) ** 3, x**3 + 3 * x**2 * y + 3 * x * y**2 + y**3)
    assert sum(told) == forms.relations.spent > 0
