"""A run on exact numbers as plain data: what a process sends in which somebody's code ran, read strictly.

A record holds the steps of a tape, what was asked for, and the conditions that were decided.  Whoever reads
one writes the steps anew and decides the conditions himself: a record can say nothing that code could not
have computed.
"""

import re
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias, TypeGuard, cast

import sympy

from symgrad.exact.tapes import Slot, Step, needed
from symgrad.exact.values import ExactError
from symgrad.verify.arrays.constants import pi
from symgrad.verify.arrays.trace import Trace

Record: TypeAlias = dict[str, Any]

# How many values a step takes that takes nothing else.
TAKEN = {"times": 2, "exp": 1, "log": 1, "sin": 1, "cos": 1, "erf": 1, "step": 1, "held": 1}
NUMBER = re.compile(r"-?[0-9a-f]+(?:/[0-9a-f]+)?")
KEYS = {"steps", "wanted", "decided", "numerical"}


class RecordError(ExactError):
    """Data that is no record of a run."""


def recorded(t: Trace, wanted: Sequence[Slot]) -> Record:
    """Return a run as data: the steps that some values and the decisions need."""
    asked = [t.tape.slot(t.tape.steps[slot.place][1][0]) for slot in t.decided if slot.exact is None]
    places = needed(t.tape, [*wanted, *asked])
    number = {place: k for k, place in enumerate(places)}
    return {
        "steps": [_written(t.tape.steps[place], number) for place in places],
        "wanted": [number[slot.place] for slot in wanted],
        "decided": [number[slot.place] for slot in asked],
        "numerical": t.numerical,
    }


def read(record: object, t: Trace, keys: Container[str]) -> list[Slot]:
    """Write a record onto the tape of a run, decide its conditions there, and return what was wanted.

    Parameters
    ----------
    keys
        The leaves that there are.

    Raises
    ------
    RecordError
        If it is none.
    """
    if not _is_table(record) or set(record) != KEYS:
        raise RecordError("the process of the code sent no record of a run")
    reader = _Reader(t, keys, [])
    for step in _list(record["steps"]):
        reader.slots.append(reader.step(_list(step)))
    for slot in reader.all(record["decided"]):
        t.sign(slot)
    t.numerical |= record["numerical"] is True
    return reader.all(record["wanted"])


def _written(step: Step, number: dict[int, int]) -> list[object]:
    name, places, rest = step
    if name == "number":
        return [name, _hexadecimal(rest[0])]
    if name == "leaf":
        return ["pi"] if rest[0] is sympy.pi else [name, rest[0]]
    if name == "power":
        rest = (_hexadecimal(rest[0]),)
    return [name, [number[place] for place in places], *rest]


def _hexadecimal(value: Fraction) -> str:
    return f"{value.numerator:x}/{value.denominator:x}"


@dataclass(frozen=True)
class _Reader:
    """Where steps are written, and those that were."""

    t: Trace
    keys: Container[str]
    slots: list[Slot]

    def step(self, step: Sequence[object]) -> Slot:
        """Write one step."""
        match step:
            case ["pi"]:
                return pi(self.t.tape)
            case ["number", str() as text]:
                return self.t.tape.number(_fraction(text))
            case ["leaf", str() as key] if key in self.keys:
                return self.t.tape.leaf(key)
            case ["total", places]:
                return self.t.tape.total(self.all(places))
            case ["raised", places, int() as exponent] if type(exponent) is int:
                return self.t.tape.raised(self.some(places, 1)[0], exponent)
            case ["power", places, str() as text]:
                return self.t.tape.power(self.some(places, 1)[0], _fraction(text))
            case [str() as name, places] if name in TAKEN:
                return self._operation(name)(*self.some(places, TAKEN[name]))
            case _:
                raise RecordError(f"the process of the code sent a step that there is not: {str(step)[:80]}")

    def some(self, places: object, count: int) -> list[Slot]:
        """Return the values that a step takes, in the right number."""
        found = self.all(places)
        if len(found) != count:
            raise RecordError(f"the process of the code sent a step of {len(found)} values, not {count}")
        return found

    def all(self, places: object) -> list[Slot]:
        """Return the values of steps that stand before."""
        return [self.slots[place] for place in self._checked(_list(places))]

    def _checked(self, places: Iterable[object]) -> Iterable[int]:
        for place in places:
            if type(place) is not int or not 0 <= place < len(self.slots):
                raise RecordError(f"the process of the code sent a place that there is not: {place!r:.80}")
            yield place

    def _operation(self, name: str) -> Callable[..., Slot]:
        return getattr(self.t.tape, name)


def _fraction(text: str) -> Fraction:
    if not NUMBER.fullmatch(text):
        raise RecordError(f"the process of the code sent a number that is none: {text[:80]!r}")
    above, _, below = text.partition("/")
    if below and not int(below, 16):
        raise RecordError("the process of the code sent a number over 0")
    return Fraction(int(above, 16), int(below, 16) if below else 1)


def _is_table(value: object) -> TypeGuard[Record]:
    return isinstance(value, dict)


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise RecordError("the process of the code sent no record of a run")
    return cast("list[object]", value)
