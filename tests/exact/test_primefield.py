from fractions import Fraction
from random import Random

import pytest
from sympy import isprime

from symgrad.exact.extension import multiply, power, root
from symgrad.exact.primefield import (
    MERSENNE61,
    error_bound,
    is_prime,
    is_square,
    random_prime,
    reconstruct,
    residue,
)


def test_small_numbers_are_classified_as_by_sympy():
    assert [n for n in range(-3, 3000) if is_prime(n)] == [n for n in range(3000) if isprime(n)]


@pytest.mark.parametrize("number", [561, 3215031751, 3825123056546413051, 318665857834031151167461])
def test_strong_pseudoprimes_are_composite(number):
    assert not is_prime(number)


def test_large_primes():
    assert is_prime(MERSENNE61)
    assert is_prime(2**127 - 1)
    assert not is_prime((2**61 - 1) * (2**89 - 1))


def test_random_prime_has_the_bits_and_the_roots_asked_for():
    source = Random(1)
    for _ in range(5):
        prime = random_prime(61, source, rooted=True)
        assert prime.bit_length() == 61
        assert isprime(prime)
        assert prime % 4 == 3
        assert all(is_square(q, prime) for q in (2, 3, 5, 7, 11, 13))
        assert not is_square(-1, prime)
        assert all((prime - 1) % degree for degree in (3, 5, 7))
    assert random_prime(8, source).bit_length() == 8
    with pytest.raises(ValueError, match="bits"):
        random_prime(4, source)


@pytest.mark.parametrize("number", [Fraction(0), Fraction(-7, 3), Fraction(123456, 98765)])
def test_fractions_come_back_from_their_residues(number):
    assert reconstruct(residue(number, MERSENNE61), MERSENNE61) == number


def test_no_residue_of_a_multiple_of_the_prime_below():
    with pytest.raises(ZeroDivisionError):
        residue(Fraction(1, MERSENNE61), MERSENNE61)


def test_roots_in_the_quadratic_extension():
    prime = random_prime(61, Random(2), rooted=True)
    for number in range(2, 30):
        for degree in (2, 3, 5, 6):
            found = root((number, 0), degree, prime)
            assert found is not None
            assert power(found, degree, prime) == (number, 0)
    a = 17, 23
    assert multiply(power(a, -3, prime), power(a, 3, prime), prime) == (1, 0)
    square = root(multiply(a, a, prime), 2, prime)
    assert square in (a, (prime - 17, prime - 23))


def test_error_bound():
    assert error_bound(10, 1000, 2) == Fraction(1, 10000)
    assert error_bound(2000, 1000) == 1
    assert error_bound(0, 1000, 3, choices=1) == Fraction(1, 8)
