from random import Random

import pytest
import sympy

from symgrad.exact import BudgetError
from symgrad.exact.polynomials import (
    combine,
    content,
    divided,
    divides,
    exponents,
    generator,
    multiply,
    quotient,
    substitute,
)

WIDTH = 5


def random_terms(source, size=8):
    terms = {}
    for _ in range(size):
        monomial = sum(generator(i, source.randrange(3)) for i in range(WIDTH))
        terms[monomial] = source.choice([-3, -1, 1, 2, 5])
    return terms


def powers(monomial):
    known = dict(exponents(monomial))
    return tuple(known.get(i, 0) for i in range(WIDTH))


def in_sympy(terms):
    ring = sympy.ring([f"g{i}" for i in range(WIDTH)], sympy.ZZ)[0]
    return ring.from_dict({powers(monomial): coefficient for monomial, coefficient in terms.items()})


def in_flint(terms):
    flint = pytest.importorskip("flint")
    context = flint.fmpz_mpoly_ctx.get([f"g{i}" for i in range(WIDTH)], "lex")
    return context.from_dict({powers(monomial): coefficient for monomial, coefficient in terms.items()})


@pytest.mark.parametrize("oracle", [in_sympy, in_flint])
def test_products_and_sums_as_in_other_systems(oracle):
    source = Random(1)
    for _ in range(30):
        a, b = random_terms(source), random_terms(source)
        assert oracle(multiply(a, b, 1000)) == oracle(a) * oracle(b)
        assert oracle(combine([(2, a), (-3, b)])) == 2 * oracle(a) - 3 * oracle(b)


def test_exact_division_undoes_multiplication():
    source = Random(2)
    for _ in range(50):
        a, b = random_terms(source), random_terms(source, 3)
        if len(b) > 1:
            assert quotient(multiply(a, b, 1000), b) == a
            assert quotient(combine([(1, multiply(a, b, 1000)), (1, {generator(7): 1})]), b) is None


def test_content_is_signed_and_leaves_a_primitive_polynomial():
    terms = {generator(0, 2) + generator(1): -6, generator(0, 3): 4}
    number, monomial = content(terms)
    assert (number, monomial) == (-2, generator(0, 2))
    assert divided(terms, number, monomial) == {generator(1): 3, generator(0): -2}


def test_divisibility_of_monomials():
    assert divides(generator(1, 2), generator(1, 2) + generator(3))
    assert not divides(generator(1, 3), generator(1, 2) + generator(3))
    assert not divides(generator(2), generator(3))


def test_setting_a_generator_to_a_bit():
    terms = {generator(0): 1, generator(0) + generator(1): 2, 0: 3}
    assert substitute(terms, 0, 0) == {0: 3}
    assert substitute(terms, 0, 1) == {0: 4, generator(1): 2}


def test_budgets():
    many = {generator(0, i): 1 for i in range(100)}
    with pytest.raises(BudgetError):
        multiply(many, many, 9999)
    half = {generator(0, (1 << 22) + 1): 1}
    with pytest.raises(BudgetError):
        multiply(half, half, 10)
    with pytest.raises(BudgetError):
        generator(0, 1 << 23)


def test_a_division_that_fails_is_seen_to_fail_early():
    factor = {generator(0): 1, 0: 1}
    wide = {generator(0, k) + generator(1, j): 1 + k * j for k in range(8) for j in range(40)}
    product = multiply(wide, factor, 10_000)
    spent = []
    assert quotient({**product, 0: product[0] + 1}, factor, spent.append) is None
    assert sum(spent) < 40
    assert quotient(product, factor) == wide
