"""The field of p**2 elements a + b i with i*i = -1, p = 3 (mod 4), where residues have square roots."""

from math import gcd
from typing import TypeAlias

Pair: TypeAlias = tuple[int, int]


def multiply(a: Pair, b: Pair, prime: int) -> Pair:
    """The product."""
    if not (a[1] or b[1]):
        return a[0] * b[0] % prime, 0
    return (a[0] * b[0] - a[1] * b[1]) % prime, (a[0] * b[1] + a[1] * b[0]) % prime


def power(a: Pair, exponent: int, prime: int) -> Pair:
    """An integer power. ValueError for a negative power of zero."""
    if exponent < 0:
        scale = pow(a[0] * a[0] + a[1] * a[1], -1, prime)
        a, exponent = (a[0] * scale % prime, -a[1] * scale % prime), -exponent
    if not a[1]:
        return pow(a[0], exponent, prime), 0
    result = (1, 0)
    while exponent:
        result = multiply(result, a, prime) if exponent & 1 else result
        a, exponent = multiply(a, a, prime), exponent >> 1
    return result


def root(a: Pair, degree: int, prime: int) -> Pair | None:
    """A root of an element, or None if there is none that is cheap.

    Even degrees are square roots of square roots; odd ones, prime to p - 1, one power in the prime field.
    """
    twos = (degree & -degree).bit_length() - 1
    odd = degree >> twos
    if odd > 1 and (a[1] or gcd(odd, prime - 1) > 1):
        return None
    result: Pair | None = a if odd == 1 else (pow(a[0], pow(odd, -1, prime - 1), prime), 0)
    for _ in range(twos):
        result = None if result is None else _square_root(result, prime)
    return result


def _square_root(a: Pair, prime: int) -> Pair | None:
    real, imaginary = a
    if not imaginary:
        found = _residue_root(real, prime)
        return (0, _residue_root(-real % prime, prime) or 0) if found is None else (found, 0)
    norm = _residue_root((real * real + imaginary * imaginary) % prime, prime)
    if norm is None:
        return None
    halves = ((real + sign * norm) * pow(2, -1, prime) % prime for sign in (1, -1))
    part = next(found for half in halves if (found := _residue_root(half, prime)) is not None)
    return part, imaginary * pow(2 * part, -1, prime) % prime


def _residue_root(number: int, prime: int) -> int | None:
    found = pow(number, (prime + 1) // 4, prime)
    return found if found * found % prime == number % prime else None
