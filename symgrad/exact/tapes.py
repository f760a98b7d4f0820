"""A computation written down once, to be run over many algebras.

An evaluation modulo primes is made at several points, and once more for its degrees.  What is computed
is the same each time: `Tape` is the algebra whose values are the steps of a computation, equal steps written
once, and `run` carries them out over another algebra.
"""

from collections.abc import Callable, Container, Generator, Hashable, Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, Generic, TypeVar

from symgrad.exact.algebra import Algebra
from symgrad.exact.values import ExactError, Number, Value, is_short

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
    checks
        Which of the steps only check a value.
    """

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.checks: list[int] = []
        self._slots: list[Slot] = []
        self._known: dict[Step, Slot] = {}
        self._numbers: dict[Number, Slot] = {}
        self._defined: dict[Hashable, Slot] = {}
        self._orders: dict[tuple[int, ...], list[int]] = {}

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
        if a.exact is not None and b.exact is not None and is_short(a.exact) and is_short(b.exact):
            return self.number(a.exact * b.exact)
        if a.exact == 1 or b.exact == 0:
            return b
        if a.exact == 0 or b.exact == 1:
            return a
        return self._step("times", a, b) if a.place <= b.place else self._step("times", b, a)

    def raised(self, a: Slot, exponent: int) -> Slot:
        if a.exact and is_short(a.exact, exponent):
            return self.number(a.exact**exponent)
        return a if exponent == 1 else self._written(("raised", (a.place,), (exponent,)))

    def leaf(self, key: Hashable, *, positive: bool = False) -> Slot:
        return self._defined[key] if key in self._defined else self._written(("leaf", (), (key, positive)))

    def define(self, key: Hashable, value: Slot) -> None:
        if any(("leaf", (), (key, positive)) in self._known for positive in (False, True)):
            raise ExactError(f"{key!r} is defined after its first use")
        self._defined[key] = value

    def shift(self, a: Slot, b: Slot) -> Slot:
        return self._appended(("shift", (a.place, b.place), ()))

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
        return self._step("step", u) if u.exact is None else self.number(int(u.exact > 0))

    def held(self, u: Slot) -> Slot:
        """The value of u, which does not move: a derivative ends here."""
        return u if u.exact is not None else self._step("held", u)

    def check_zero(self, value: Slot, message: str) -> None:
        if not value.is_zero():
            self.checks.append(self._appended(("check_zero", (value.place,), (message,))).place)

    def _step(self, operation: str, *taken: Slot) -> Slot:
        return self._written((operation, tuple(slot.place for slot in taken), ()))

    def _written(self, step: Step, exact: Fraction | None = None) -> Slot:
        if step not in self._known:
            self._known[step] = self._appended(step, exact)
        return self._known[step]

    def _appended(self, step: Step, exact: Fraction | None = None) -> Slot:
        self.steps.append(step)
        self._slots.append(Slot(self, len(self.steps) - 1, exact))
        return self._slots[-1]

    def order(self, wanted: Iterable[Slot]) -> list[int]:
        """Return the places of the steps that some values are computed by, checks left out, found once."""
        places = tuple(slot.place for slot in wanted)
        if places not in self._orders:
            marked = [False] * len(self.steps)
            _mark(self, marked, places)
            self._orders[places] = [place for place, mark in enumerate(marked) if mark]
        return self._orders[places]

    @contextmanager
    def scratch(self) -> Generator[None]:
        """Forget what is written within a block: values of these steps are of no use after it."""
        length, checks = len(self.steps), len(self.checks)
        known, numbers, defined = dict(self._known), dict(self._numbers), dict(self._defined)
        try:
            yield
        finally:
            del self.steps[length:], self._slots[length:], self.checks[checks:]
            self._known, self._numbers, self._defined = known, numbers, defined
            self._orders.clear()

    def forget(self) -> None:
        """Let go of all steps, when no value is asked for any more: a tape and its values hold each other."""
        for held in (self.steps, self.checks, self._slots):
            held.clear()
        for table in (self._known, self._numbers, self._defined, self._orders):
            table.clear()

    def slot(self, place: int) -> Slot:
        """Return the value that a step computes."""
        return self._slots[place]


def _place(slot: Slot) -> int:
    return slot.place


class Course(Generic[V]):
    """A tape carried out over an algebra as far as values are asked for; no step is done twice.

    Parameters
    ----------
    watch
        Called before each step; what it raises ends the run.
    """

    def __init__(self, tape: Tape, algebra: Algebra[V], watch: Callable[[], None] | None = None) -> None:
        self.tape, self.algebra, self._watch = tape, algebra, watch
        self._values: list[Any] = []
        self._done: list[bool] = []
        self._operations: dict[str, Callable[..., Any]] = {}

    def values(self, *wanted: Slot) -> tuple[V, ...]:
        """Return the values of some steps, after carrying out what they need."""
        steps, values, done = self.tape.steps, self._values, self._done
        new = len(steps) - len(values)
        values.extend([None] * new)
        done.extend([False] * new)
        for place in self._waiting(wanted):
            if self._watch is not None:
                self._watch()
            name, places, rest = steps[place]
            values[place] = self._operation(name)(*[values[p] for p in places], *rest)
            done[place] = True
        return tuple(values[slot.place] for slot in wanted)

    def _waiting(self, wanted: tuple[Slot, ...]) -> list[int]:
        """Return the places of the steps still to be done; without checks, what was done adds none."""
        if self.tape.checks:
            return _needed(self.tape, wanted, self._done)
        return [place for place in self.tape.order(wanted) if not self._done[place]]

    def _operation(self, name: str) -> Callable[..., Any]:
        if name not in self._operations:
            self._operations[name] = operation(name, self.algebra)
        return self._operations[name]


def run(
    tape: Tape, algebra: Algebra[V], *wanted: Slot, watch: Callable[[], None] | None = None
) -> tuple[V, ...]:
    """Carry out the steps that some values need over an algebra, and return these values."""
    return Course(tape, algebra, watch).values(*wanted)


def needed(tape: Tape, wanted: Iterable[Slot]) -> list[int]:
    """Return the places of the steps that some values need, in order.

    A check is needed with the conditions that it is about.
    """
    return _needed(tape, wanted, [False] * len(tape.steps))


def missing(tape: Tape, place: int, known: Container[int]) -> Iterator[int]:
    """Yield the steps that a value needs and that are not known, each behind those that it needs itself.

    Whoever takes one makes it known before the next.
    """
    waiting = [place]
    while waiting:
        last = waiting[-1]
        before = [p for p in tape.steps[last][1] if p not in known]
        waiting.extend(before)
        if not before:
            waiting.pop()
            if last not in known:
                yield last


def _needed(tape: Tape, wanted: Iterable[Slot], done: list[bool]) -> list[int]:
    marked = list(done)
    _mark(tape, marked, [slot.place for slot in wanted])
    for place in tape.checks:
        if all(marked[p] for p in _conditions(tape, place)):
            _mark(tape, marked, [place])
    return [place for place, mark in enumerate(marked) if mark and not done[place]]


def _mark(tape: Tape, marked: list[bool], wanted: Iterable[int]) -> None:
    steps, waiting = tape.steps, list(wanted)
    while waiting:
        place = waiting.pop()
        if not marked[place]:
            marked[place] = True
            waiting.extend(steps[place][1])


def _conditions(tape: Tape, check: int) -> set[int]:
    found: set[int] = set()
    waiting = [check]
    while waiting:
        place = waiting.pop()
        name, places, _ = tape.steps[place]
        if name == "step":
            found.add(place)
        else:
            waiting.extend(places)
    return found


def operation(name: str, algebra: Algebra[Any]) -> Callable[..., Any]:
    """Return what carries out the steps of a name over an algebra."""
    if name == "total":
        return lambda *values: algebra.total(values)
    if name == "leaf":
        return lambda key, positive: algebra.leaf(key, positive=positive)
    return _same if name == "held" else getattr(algebra, name)


def _same(value: Any) -> Any:
    return value
