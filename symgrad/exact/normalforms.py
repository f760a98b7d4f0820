"""Exact normal forms: values that are equal by proof."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random

from symgrad.exact import exponentials, indicators, radicals
from symgrad.exact.algebra import Algebra
from symgrad.exact.exponentials import Exponentials, add_splitting
from symgrad.exact.fingerprints import Fingerprints, Vector, fingerprint
from symgrad.exact.polynomials import Polynomial, generator
from symgrad.exact.relations import Factor, Relations, add_rule
from symgrad.exact.ring import Form, add, multiply, raise_to
from symgrad.exact.values import ExactError, Number


@dataclass
class Known:
    """Function values by argument: fingerprints propose, the exact zero test decides."""

    entries: dict[tuple[int, ...], list[tuple[Form, Form]]] = field(default_factory=dict)

    def find(self, mark: Vector, u: Form) -> Form | None:
        """The value stored for an argument equal to u."""
        entries = self.entries.get(tuple(mark[:8]), [])
        return next((value for argument, value in entries if (argument - u).is_zero()), None)

    def insert(self, mark: Vector, u: Form, value: Form) -> Form:
        """Store the value of a new argument and return it."""
        self.entries.setdefault(tuple(mark[:8]), []).append((u, value))
        return value


class NormalForms(Algebra[Form]):
    """Fractions of polynomials in leaves and elementary functions, modulo the functions' relations.

    Two values are equal if `equal` says so: that is a proof, wherever every division is defined, the
    arguments of log and of rational powers are positive, and no condition is exactly zero. Otherwise
    they merely have different forms.

    Parameters
    ----------
    limit
        Most products of terms in one multiplication; beyond it `BudgetError` is raised.
    work
        Most products of terms in all multiplications together; unlimited without.
    watch
        Told of products of terms before they are taken; what it raises ends the computation.
    seed
        Of the fingerprints, which find candidates and decide nothing.
    """

    def __init__(
        self,
        *,
        limit: int = 2_000_000,
        work: int | None = None,
        watch: Callable[[int], None] | None = None,
        seed: int = 0,
    ) -> None:
        self.relations = Relations(limit, work, watch)
        self.lanes = Fingerprints(self.relations, Random(seed))
        self.exponentials = Exponentials()
        self.conditions: dict[Polynomial, Form] = {}
        self.chains: dict[Polynomial, list[tuple[Fraction, Form]]] = {}
        self.roots: dict[tuple[Polynomial, int, int], int] = {}
        self.radicands: dict[Factor, tuple[Polynomial, Fraction]] = {}
        self.logs, self._sines, self._erfs = Known(), Known(), Known()
        self.kinds: list[str] = []
        self.positive = 0
        self._leaves: dict[Hashable, Form] = {}
        self._memo: dict[tuple[object, ...], Form] = {}

    def new_generator(self, kind: str, *, positive: bool = False) -> int:
        """The number of a new generator of some kind ("leaf", "exp", "log", ...)."""
        self.kinds.append(kind)
        index = len(self.kinds) - 1
        self.positive |= generator(index) if positive else 0
        return index

    def monomial(self, index: int) -> Form:
        """The value of a generator."""
        return Form(self, Fraction(1), {index: 1})

    def number(self, number: Number) -> Form:
        return Form(self, Fraction(number), {})

    def plus(self, a: Form, b: Form) -> Form:
        return add(self.relations, [a, b])

    def times(self, a: Form, b: Form) -> Form:
        return multiply(a, b)

    def raised(self, a: Form, exponent: int) -> Form:
        return raise_to(a, exponent)

    def leaf(self, key: Hashable, *, positive: bool = False) -> Form:
        if key not in self._leaves:
            self._leaves[key] = self.monomial(self.new_generator("leaf", positive=positive))
        return self._leaves[key]

    def define(self, key: Hashable, value: Form) -> None:
        if key in self._leaves:
            raise ExactError(f"{key!r} is defined after its first use")
        self._leaves[key] = value

    def shift(self, a: Form, b: Form) -> Form:
        index, e = self.new_generator("shift"), self.new_generator("exp", positive=True)
        add_splitting(self, index, self.monomial(e))
        self.exponentials.logarithms[e] = self.monomial(index)
        return self.monomial(index)

    def total(self, values: Iterable[Form]) -> Form:
        given = list(values)
        return add(self.relations, given) if given else self.number(0)

    def exp(self, u: Form) -> Form:
        return self._once("exp", u, exponentials.exp)

    def log(self, u: Form) -> Form:
        return self._once("log", u, exponentials.log)

    def power(self, base: Form, exponent: Fraction) -> Form:
        return radicals.power(self, base, exponent)

    def step(self, u: Form) -> Form:
        return self._once("step", u, indicators.step)

    def sin(self, u: Form) -> Form:
        return self.number(0) if u.is_zero() else self._odd(self._sines, u, self._new_sine)

    def cos(self, u: Form) -> Form:
        if u.is_zero():
            return self.number(1)
        (sine,) = self.sin(u).powers
        return self.monomial(self.lanes.circles[sine]) if isinstance(sine, int) else self.number(0)

    def erf(self, u: Form) -> Form:
        return self.number(0) if u.is_zero() else self._odd(self._erfs, u, lambda: self.new_generator("erf"))

    def _once(self, name: str, u: Form, function: Callable[["NormalForms", Form], Form]) -> Form:
        key = name, u.key
        if key not in self._memo:
            self._memo[key] = function(self, u)
        return self._memo[key]

    def _odd(self, known: Known, u: Form, create: Callable[[], int]) -> Form:
        value = known.find(fingerprint(self.lanes, u), u)
        if value is not None:
            return value
        value = known.find(fingerprint(self.lanes, -u), -u)
        if value is not None:
            return -value
        return known.insert(fingerprint(self.lanes, u), u, self.monomial(create()))

    def _new_sine(self) -> int:
        sine, cosine = self.new_generator("sin"), self.new_generator("cos")
        self.lanes.circles[sine], self.lanes.sines[cosine] = cosine, sine
        add_rule(self.relations, cosine, 2, {0: 1, generator(sine, 2): -1})
        return sine
