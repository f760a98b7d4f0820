"""A computation written down once, to be run over many algebras.

An evaluation modulo primes is made at several points, and once more for its degrees.  What is computed
is the same each time: `Tape` is the algebra whose values are the steps of a computation, equal steps written
once, and `run` carries them out over another algebra.
"""

from collections.abc import Callable, Hashable, Iterable
from fractions import Fraction
from typing import Any, TypeVar

from symgrad.exact.algebra import Algebra
from symgrad.exact.values import ExactError, Number, Value

V = TypeVar("V", bound=Value)

Step = tuple[str, tuple[int, ...], tuple[Any, ...]]


class Slot(Value):
    """A value that is computed by a step of a tape, and the number it is, if that is known."""

    __slots__ = ("exact", "place", "tape")

    def __init__(self, tape: "Tape", place: int, exact: Fraction | None = None) -> None:
        self.tape, self.place, self.exact = tape, place, exact

    @property
    def algebra(self) -> "Tape":
        return self.tape

    def is_zero(self) -> bool:
        return self.exact == 0

    def __repr__(self) -> str:
        return f"<step {self.place} of a tape>"


class Tape(Algebra[Slot]):
    """The steps of a computation, in order.

    Attributes
    ----------
    steps
        For each, the name of an operation of an algebra, the steps whose values it takes, and what else.
    """

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._known: dict[Step, Slot] = {}
        self._numbers: dict[Number, Slot] = {}
        self._defined: dict[Hashable, Slot] = {}

    def number(self, number: Number) -> Slot:
        if number not in self._numbers:
            exact = Fraction(number)
            self._numbers[number] = self._written(("number", (), (exact,)), exact)
        return self._numbers[number]

    def plus(self, a: Slot, b: Slot) -> Slot:
        return self.total((a, b))

    def total(self, values: Iterable[Slot]) -> Slot:
        given = [value for value in values if value.exact != 0]
        if len(given) < 2:
            return given[0] if given else self.number(0)
        numbers = [value.exact for value in given if value.exact is not None]
        if len(numbers) == len(given):
            return self.number(sum(numbers, Fraction(0)))
        return self._step("total", *sorted(given, key=_place))

    def times(self, a: Slot, b: Slot) -> Slot:
        if a.exact is not None and b.exact is not None:
            return self.number(a.exact * b.exact)
        if a.exact == 1 or b.exact == 0:
            return b
        if a.exact == 0 or b.exact == 1:
            return a
        return self._step("times", a, b) if a.place <= b.place else self._step("times", b, a)

    def raised(self, a: Slot, exponent: int) -> Slot:
        if a.exact:
            return self.number(a.exact**exponent)
        return a if exponent == 1 else self._written(("raised", (a.place,), (exponent,)))

    def leaf(self, key: Hashable, *, positive: bool = False) -> Slot:
        return self._defined[key] if key in self._defined else self._written(("leaf", (), (key, positive)))

    def define(self, key: Hashable, value: Slot) -> None:
        if any(("leaf", (), (key, positive)) in self._known for positive in (False, True)):
            raise ExactError(f"{key!r} is defined after its first use")
        self._defined[key] = value

    def shift(self, a: Slot, b: Slot) -> Slot:
        self.steps.append(("shift", (a.place, b.place), ()))
        return Slot(self, len(self.steps) - 1)

    def exp(self, u: Slot) -> Slot:
        return self._step("exp", u)

    def log(self, u: Slot) -> Slot:
        return self._step("log", u)

    def power(self, base: Slot, exponent: Fraction) -> Slot:
        return self._written(("power", (base.place,), (exponent,)))

    def sin(self, u: Slot) -> Slot:
        return self._step("sin", u)

    def cos(self, u: Slot) -> Slot:
        return self._step("cos", u)

    def erf(self, u: Slot) -> Slot:
        return self._step("erf", u)

    def step(self, u: Slot) -> Slot:
        return self._step("step", u)

    def check_zero(self, value: Slot, message: str) -> None:
        if not value.is_zero():
            self.steps.append(("check_zero", (value.place,), (message,)))

    def _step(self, operation: str, *taken: Slot) -> Slot:
        return self._written((operation, tuple(slot.place for slot in taken), ()))

    def _written(self, step: Step, exact: Fraction | None = None) -> Slot:
        if step not in self._known:
            self.steps.append(step)
            self._known[step] = Slot(self, len(self.steps) - 1, exact)
        return self._known[step]


def _place(slot: Slot) -> int:
    return slot.place


def run(tape: Tape, algebra: Algebra[V], *wanted: Slot) -> tuple[V, ...]:
    """Carry out the steps of a tape over an algebra, and return the values of some."""
    operations = {name: _operation(name, algebra) for name in {name for name, _, _ in tape.steps}}
    values: list[Any] = []
    for name, places, rest in tape.steps:
        values.append(operations[name](*[values[place] for place in places], *rest))
    return tuple(values[slot.place] for slot in wanted)


def _operation(name: str, algebra: Algebra[Any]) -> Callable[..., Any]:
    if name == "total":
        return lambda *values: algebra.total(values)
    if name == "leaf":
        return lambda key, positive: algebra.leaf(key, positive=positive)
    return getattr(algebra, name)
