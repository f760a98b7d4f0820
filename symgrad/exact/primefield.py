"""Prime numbers and arithmetic modulo a prime."""

from fractions import Fraction
from functools import cache
from math import isqrt, prod
from random import Random

MERSENNE61 = 2**61 - 1
_SMALL_NUMBER = 1 << 12
_SMALL = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)


def is_prime(number: int) -> bool:
    """Whether a number is prime, by Miller and Rabin.

    Exact below 3.3e24 (Sorenson and Webster, *Strong pseudoprimes to twelve prime bases*, 2015);
    above, 40 further bases bound the error by 4**-40.
    """
    if number < 2:
        return False
    if any(number % prime == 0 for prime in _SMALL):
        return number in _SMALL
    return all(_passes(number, base) for base in _bases(number))


def _bases(number: int) -> list[int]:
    if number < 3_317_044_064_679_887_385_961_981:
        return [*_SMALL, 41]
    source = Random(number)
    return [source.randrange(2, number - 1) for _ in range(40)]


def _passes(number: int, base: int) -> bool:
    twos = ((number - 1) & (1 - number)).bit_length() - 1
    power = pow(base, (number - 1) >> twos, number)
    if power in (0, 1, number - 1):
        return True
    return any((power := power * power % number) == number - 1 for _ in range(twos - 1))


def random_prime(bits: int, source: Random, *, rooted: bool = False) -> int:
    """A random prime of exactly `bits` bits.

    Parameters
    ----------
    bits
        At least 5; at least 20 for `rooted`.
    source
        Where the randomness comes from.
    rooted
        Ask for p = 3 (mod 4), so that a square root costs one power and -1 is no square; for 2, 3, 5, 7, 11
        and 13 to be squares; and for third, fifth and seventh roots to exist.

    Raises
    ------
    ValueError
        Too few bits.
    """
    if bits < (20 if rooted else 5):
        raise ValueError(f"too few bits for such a prime: {bits}")
    modulus = _ROOTED if rooted else 2
    while True:
        candidate = source.getrandbits(bits) | (1 << (bits - 1))
        candidate += (_with_roots(source) if rooted else 1) - candidate % modulus
        if candidate.bit_length() == bits and is_prime(candidate):
            return candidate


@cache
def rooted_prime(seed: int) -> int:
    """The random prime of 61 bits that belongs to a seed, with roots as in `random_prime`."""
    return random_prime(61, Random(f"prime {seed}"), rooted=True)


def _with_roots(source: Random) -> int:
    """Draw a remainder that primes with roots have, modulo `_ROOTED` (Chinese remainder theorem)."""
    drawn = ((q, source.choice(remainders)) for q, remainders in _REMAINDERS.items())
    return sum(r * (_ROOTED // q) * pow(_ROOTED // q, -1, q) for q, r in drawn) % _ROOTED


def _squares_at(q: int) -> tuple[int, ...]:
    """Return the p modulo q, p = 3 (mod 4), for which q is a square; for 3, 5 and 7 that are not 1."""
    # (q/p) by quadratic reciprocity
    sign = 1 if q % 4 == 1 else q - 1
    return tuple(r for r in range(1, q) if pow(r, (q - 1) // 2, q) == sign and (r != 1 or q > 7))


_REMAINDERS = {8: (7,), **{q: _squares_at(q) for q in (3, 5, 7, 11, 13)}}
_ROOTED = prod(_REMAINDERS)


def is_square(number: int, prime: int) -> bool:
    """Whether a number is a non-zero square modulo an odd prime (Euler's criterion)."""
    return pow(number, (prime - 1) // 2, prime) == 1


def residue(number: Fraction | int, prime: int) -> int:
    """A rational number modulo a prime; ZeroDivisionError if the prime divides its denominator."""
    if number.denominator % prime == 0:
        raise ZeroDivisionError(f"{number} has no residue modulo {prime}")
    return number.numerator * pow(number.denominator, -1, prime) % prime


def reconstruct(value: int, prime: int) -> Fraction | None:
    """The fraction n/d = value (mod prime) with |n|, d <= sqrt(prime/2), or None.

    Half-extended Euclid (Wang, Guy and Davenport, *P-adic reconstruction of rational numbers*, 1982).
    """
    bound = isqrt(prime // 2)
    previous, current, before, factor = prime, value % prime, 0, 1
    while current > bound:
        quotient = previous // current
        previous, current = current, previous - quotient * current
        before, factor = factor, before - quotient * factor
    return Fraction(current, factor) if 0 < abs(factor) <= bound else None


def small_fraction(value: int, prime: int) -> Fraction | None:
    """The fraction n/d = value (mod prime) with |n|, d < 4096, or None: a random value is one by chance."""
    found = reconstruct(value, prime)
    small = found is not None and max(abs(found.numerator), found.denominator) < _SMALL_NUMBER
    return found if small else None


def error_bound(degree: int, prime: int, points: int = 1, choices: int = 0) -> Fraction:
    """The chance that two different values agree at all of `points` random points.

    Parameters
    ----------
    degree
        Total degree of the numerator of the difference, counted in leaves and abstracted functions.
    prime
        Size of the field.
    points
        Independent points (seeds).
    choices
        Sides of conditions and signs of roots drawn at one point (`Residues.choices`); only one of
        2**choices combinations may tell the values apart.

    Returns
    -------
    Fraction
        min(1, (1 - 2**-choices) + degree/prime)**points (Schwartz 1980, Zippel 1979).
    """
    return min(Fraction(1), 1 - Fraction(1, 2**choices) + Fraction(degree, prime)) ** points
