"""Values modulo a random prime: fast evidence with a bound instead of a proof."""

from collections.abc import Hashable, Iterable, Sequence
from fractions import Fraction
from functools import reduce
from random import Random

from symgrad.exact.algebra import Algebra
from symgrad.exact.extension import Pair, multiply, power, root
from symgrad.exact.primefield import is_prime, is_square, residue, rooted_prime, small_fraction
from symgrad.exact.residue import Residue, merged, product, scaled
from symgrad.exact.values import ExactError, Number, is_short

_PARTS = 60
_MULTIPLES = sorted({Fraction(n, d) for n in range(1, 5) for d in range(1, 7)})
_REMEMBERED = 100


class Residues(Algebra[Residue]):
    """One random point of a prime field; elementary functions are random but consistent.

    Leaves have random values. exp of a new argument is random, and related to earlier ones if the
    argument is a small rational multiple of one of them or the sum or difference of two late ones. "Positive"
    means being a square modulo the prime: such signs are random, multiply, and change with -1; a root is
    the positive one. Only one side of every condition is seen, so values that differ agree with a
    probability of at most (1 - 2**-choices) + degree/prime for one seed (see `error_bound`). Identities
    that need more than these relations are missed: unequal residues refute nothing.

    Parameters
    ----------
    seed
        Of everything random here.
    prime
        A prime p = 3 (mod 4), by default a random one of 61 bits. A prime that is known beforehand
        lets through formulas made to vanish modulo it.
    open_sides
        Whether the indicator of a condition is a random value instead of 0 or 1, and a root of what is no
        number a random value instead of an element of the field. What is equal then is equal on both
        sides of every condition and for every sign of a root, and nothing was chosen; what is not may
        need s² = s, or that the square of a root is its radicand.
    sides
        The sides that conditions take, 0 or 1, in the order in which they are met; 0 for further ones.
        Nothing is chosen by chance then, and combinations that contradict each other are possible.

    Attributes
    ----------
    choices
        How many sides of conditions and signs of roots were drawn.
    sides_taken, conditions
        The sides that were taken where these were given, and what was said to be above 0 or below.

    Raises
    ------
    ExactError
        `prime` is not such a prime.
    """

    def __init__(
        self,
        seed: int,
        prime: int | None = None,
        *,
        open_sides: bool = False,
        sides: Sequence[int] | None = None,
    ) -> None:
        self.source = Random(seed)
        self.open_sides, self.sides = open_sides, sides
        self.prime = prime or rooted_prime(seed)
        if prime and (prime % 4 != 3 or not is_prime(prime)):
            raise ExactError(f"{prime} is not a prime of the form 4n + 3")
        self.choices = 0
        self.sides_taken: tuple[int, ...] = ()
        self.conditions: tuple[int, ...] = ()
        self._numbers: dict[Number, Residue] = {}
        self._leaves: dict[Hashable, Residue] = {}
        self._shifts: list[tuple[Residue, Residue]] = []
        self._multiples = [(residue(m, self.prime), int(_PARTS * m)) for m in _MULTIPLES]
        # the exponential of an argument is a power of a value; powers are taken when they are asked for
        self._exps: dict[Pair, tuple[Residue, int]] = {}
        self._logs: dict[Pair, Residue] = {}
        self._without_logs: list[tuple[Residue, Residue]] = []
        self._paired: list[tuple[Residue, Residue]] = []
        self._named: dict[tuple[str, Pair], Residue] = {}
        self._chosen: set[Pair] = set()

    def number(self, number: Number) -> Residue:
        if number not in self._numbers:
            exact = Fraction(number)
            self._numbers[number] = Residue(self, (residue(exact, self.prime), 0), exact)
        return self._numbers[number]

    def forget(self) -> None:
        """Let go of what is known, when nothing more is computed: values and field hold each other."""
        for known in (self._numbers, self._leaves, self._exps, self._logs, self._named, self._paired):
            known.clear()

    def plus(self, a: Residue, b: Residue) -> Residue:
        return self.total((a, b))

    def total(self, values: Iterable[Residue]) -> Residue:
        p, given = self.prime, tuple(values)
        pair = sum([v.pair[0] for v in given]) % p, sum([v.pair[1] for v in given]) % p
        numbers = [v.number for v in given if v.number is not None]
        number = sum(numbers, Fraction(0)) if len(numbers) == len(given) else None
        return Residue(self, pair, number, reduce(merged, [v.shifts for v in given if v.shifts], ()))

    def times(self, a: Residue, b: Residue) -> Residue:
        pair = multiply(a.pair, b.pair, self.prime)
        if a.number is None and b.number is None:
            return Residue(self, pair)
        shifts = scaled(a.shifts, b.number) or scaled(b.shifts, a.number)
        return Residue(self, pair, product(a.number, b.number), shifts)

    def raised(self, a: Residue, exponent: int) -> Residue:
        if exponent < 0 and a.is_zero():
            raise ExactError("division by zero (or a very unlucky point: try another seed)")
        known = a.number is not None and is_short(a.number, exponent)
        number = a.number**exponent if a.number is not None and known else None
        return Residue(self, power(a.pair, exponent, self.prime), number, a.shifts if exponent == 1 else ())

    def leaf(self, key: Hashable, *, positive: bool = False) -> Residue:
        if key not in self._leaves:
            self._leaves[key] = self._random()
        return self._leaves[key]

    def define(self, key: Hashable, value: Residue) -> None:
        if key in self._leaves:
            raise ExactError(f"{key!r} is defined after its first use")
        self._leaves[key] = value

    def shift(self, a: Residue, b: Residue) -> Residue:
        key = f"running maximum of {a.pair}", b.pair
        if key not in self._named:
            value = Residue(self, self._random().pair, None, ((len(self._shifts), Fraction(1)),))
            self._shifts.append((Residue(self, value.pair), self._random()))
            self._paired.append((value, self._shifts[-1][1]))
            self._logs[self._shifts[-1][1].pair] = self._named[key] = value
        return self._named[key]

    def exp(self, u: Residue) -> Residue:
        if not u.shifts:
            return self._unshifted_exp(u)
        split, rest = self.number(1), u
        for index, times in u.shifts:
            stand_in, e = self._shifts[index]
            split, rest = split * e**times, rest - times * stand_in
        value = split * self._unshifted_exp(rest)
        self._logs[value.pair] = u
        self._paired.append((u, value))
        return value

    def _unshifted_exp(self, u: Residue) -> Residue:
        if u.is_zero():
            return self.number(1)
        found = self._known_exp(u.pair)
        if found is None:
            found = self._exp_of_sum(u)
        return self._new_exp(Residue(self, u.pair)) if found is None else found

    def _known_exp(self, argument: Pair) -> Residue | None:
        base, exponent = self._exps.get(argument, (None, 1))
        if base is not None and exponent != 1:
            base = base.raised(exponent)
            self._exps[argument] = base, 1
        return base

    def _exp_of_sum(self, u: Residue) -> Residue | None:
        """Return exp(u) where u is the sum or difference of two known arguments, one of them a late one."""
        p, exps, (real, imaginary) = self.prime, self._exps, u.pair
        for argument, e in self._paired[-_REMEMBERED:]:
            a, b = argument.pair
            less, more = ((real - a) % p, (imaginary - b) % p), ((real + a) % p, (imaginary + b) % p)
            if less in exps or more in exps:
                known = self._known_exp(less)
                return self._known_exp(more) / e if known is None else known * e
        return None

    def _new_exp(self, u: Residue) -> Residue:
        base = self._random() ** 2
        p, (real, imaginary) = self.prime, u.pair
        for multiple, exponent in self._multiples:
            a, b = real * multiple % p, imaginary * multiple % p
            self._exps[a, b] = base, exponent
            self._exps[-a % p, -b % p] = base, -exponent
        self._without_logs.append((u, base))
        value = base**_PARTS
        self._paired.append((u, value))
        return value

    def _relate(self, u: Residue, e: Residue) -> None:
        for argument, value in ((u, e), (-u, 1 / e)):
            self._exps[argument.pair] = value, 1
            self._logs[value.pair] = argument

    def log(self, u: Residue) -> Residue:
        if u.is_zero() or (u.number is not None and u.number < 0):
            raise ExactError("the logarithm of a number that is not positive")
        if u.pair == (1, 0):
            return self.number(0)
        self._write_logs()
        found = self._logs.get(u.pair)
        for argument, e in self._paired[-_REMEMBERED:] if found is None else ():
            if (found := self._logs.get((u * e).pair)) is not None:
                return found - argument
            if (found := self._logs.get((u / e).pair)) is not None:
                return found + argument
        return self._new_log(u) if found is None else found

    def _write_logs(self) -> None:
        """Note the logarithms of the exponentials so far: few computations ask for any."""
        for u, base in self._without_logs:
            for multiple in _MULTIPLES:
                self._relate(multiple * u, base ** int(_PARTS * multiple))
        self._without_logs.clear()

    def _new_log(self, u: Residue) -> Residue:
        value = self._random()
        for multiple in range(1, 4):
            self._relate(multiple * value, u**multiple)
        self._paired.append((value, u))
        return value

    def power(self, base: Residue, exponent: Fraction) -> Residue:
        if exponent.denominator == 1 or base.is_zero():
            return base.raised(-1 if exponent < 0 and base.is_zero() else exponent.numerator)
        if base.number is None:
            if self.open_sides:
                return self._open_root(base, exponent.denominator).raised(exponent.numerator)
            self._choose(base.pair)
        found = root(base.pair, exponent.denominator, self.prime)
        if found is None:
            raise ExactError("no root at this point: try another seed")
        return Residue(self, found).raised(exponent.numerator)

    def _open_root(self, base: Residue, degree: int) -> Residue:
        key = (f"root of degree {degree}", base.pair)
        if key not in self._named:
            self._named[key] = self._random()
        return self._named[key]

    def sin(self, u: Residue) -> Residue:
        return self._circle(u)[0]

    def cos(self, u: Residue) -> Residue:
        return self._circle(u)[1]

    def _circle(self, u: Residue) -> tuple[Residue, Residue]:
        t = self._odd("tan(u/2)", u)
        return 2 * t / (1 + t * t), (1 - t * t) / (1 + t * t)

    def erf(self, u: Residue) -> Residue:
        return self._odd("erf", u)

    def _odd(self, name: str, u: Residue) -> Residue:
        if u.is_zero():
            return self.number(0)
        if (name, u.pair) not in self._named:
            self._named[name, u.pair] = self._random()
            self._named[name, (-u).pair] = -self._named[name, u.pair]
        return self._named[name, u.pair]

    def step(self, u: Residue) -> Residue:
        known = self._constant(u)
        if known is not None:
            return self.number(int(known > 0))
        if u.pair[1]:
            raise ExactError("no sign at this point: try another seed")
        if self.open_sides or self.sides is not None:
            return self._named_side(u)
        self._choose(u.pair)
        return self.number(int(is_square(u.pair[0], self.prime)))

    def _named_side(self, u: Residue) -> Residue:
        if ("step", u.pair) not in self._named:
            side = self._given_side(u) if self.sides is not None else self._random()
            none = self.number(0)
            kept, left = side * u, (1 - side) * u
            known = ((u, side), (-u, 1 - side), (kept, side), (-kept, none), (left, none), (-left, 1 - side))
            for value, indicator in known:
                self._named.setdefault(("step", value.pair), indicator)
        return self._named["step", u.pair]

    def _given_side(self, u: Residue) -> Residue:
        place, given = len(self.sides_taken), self.sides or ()
        self.sides_taken += (given[place] if place < len(given) else 0,)
        self.conditions += (u.pair[0],)
        return self.number(self.sides_taken[-1])

    def _choose(self, pair: Pair) -> None:
        self.choices += pair not in self._chosen
        self._chosen |= {pair, multiply(pair, (-1, 0), self.prime)}

    def _constant(self, u: Residue) -> Fraction | None:
        return u.number if u.number is not None or u.pair[1] else small_fraction(u.pair[0], self.prime)

    def _random(self) -> Residue:
        return Residue(self, (self.source.randrange(1, self.prime), 0))


__all__ = ["Residue", "Residues"]
