"""Statements up to the names of what they read and write, and the places there: equal shapes, equal code.

Names stand for themselves in the order of their padded digits, ``h9`` before ``h10``, so that two layers
alike are spelled alike.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from typing import Any

import sympy as sp

from symgrad.kernels.statements import (
    Fill,
    Operand,
    Position,
    Record,
    Statement,
    Statements,
    read,
    walk,
    written,
)
from symgrad.model.expressions import Ref

UNIT = "one"
"""The constant that the text of an indicator names."""


LINE = 6
"""Accesses on a line of text."""

NAMED: Mapping[type, str] = {Fill: "name", Operand: "name", Position: "letter", Record: "place"}
"""The fields that are names themselves."""


@dataclass(frozen=True)
class Shape:
    """A statement up to names.

    Attributes
    ----------
    key
        Its structure, with numbers for names.
    names
        The names in the order of these numbers.
    weight
        How many statements in it compute something.
    """

    key: object
    names: tuple[str, ...]
    weight: int


def shape(statement: Statement, *, long: bool = False) -> Shape:
    """Return the shape of a statement.

    Parameters
    ----------
    long
        Whether sums are written out: then numbers in subscripts are those of their summands, the same in
        every block, and a statement weighs as much as it has lines.
    """
    spelling = _Spelling(set_letters((statement,)), places=not long)
    key = spelling.key(statement)
    computed = [s for s in walk((statement,)) if written(s)]
    weight = sum(1 + len(read(s)) // LINE if long else 1 for s in computed)
    return Shape(key, tuple(spelling.numbers), weight)


def pattern(shapes: Iterable[Shape], fixed: frozenset[str]) -> tuple[object, ...]:
    """Return what statements are up to a renaming of all of them together; some names stay."""
    numbers: dict[str, int] = {}

    def number(name: str) -> object:
        return name if name in fixed else numbers.setdefault(name, len(numbers))

    return tuple((s.key, *map(number, s.names)) for s in shapes)


def is_place(subscript: sp.Basic) -> bool:
    """Whether a subscript is a number that another block may have otherwise: a step that is written out."""
    return isinstance(subscript, sp.Integer) and subscript != 0


def set_letters(statements: Statements) -> frozenset[str]:
    """Return the letters that statements read from arrays, and so name after them."""
    inside = [s for s in walk(statements) if isinstance(s, Position | Record)]
    return frozenset(s.letter if isinstance(s, Position) else s.place for s in inside)


def names(statement: Statement) -> Iterator[str]:
    """Yield what one statement reads and writes."""
    yield from {r.name for r in (*read(statement), *written(statement))}


@dataclass
class _Spelling:
    """Numbers names as they come."""

    letters: frozenset[str]
    places: bool = True

    def __post_init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def key(self, part: object) -> object:
        """Return a statement, or a part of one, without names."""
        if isinstance(part, sp.Basic):
            return self._expression(part)
        if isinstance(part, tuple):
            return tuple(map(self.key, part))
        if not isinstance(part, Statement | Operand):
            return part
        named = NAMED.get(type(part))
        inside = [(name, getattr(part, name)) for name in _field_names(type(part))]
        return type(part).__name__, *(self._field(n, v, named) for n, v in inside)

    def _field(self, name: str, value: Any, named: str | None) -> object:
        if name == "index":
            return tuple(map(self._subscript, value))
        return self._number(value) if name == named else self.key(value)

    def _subscript(self, value: sp.Basic) -> object:
        place = self.places and is_place(value)
        return ("place", self._number(str(value))) if place else self._expression(value)

    def _number(self, name: str) -> int:
        return self.numbers.setdefault(name, len(self.numbers))

    def _expression(self, value: sp.Basic) -> object:
        if isinstance(value, Ref):
            return "Ref", self._number(value.name), *map(self._subscript, value.index)
        if not value.args:
            name = _word(value)
            return ("letter", self._number(name)) if name in self.letters else name
        args = sorted(value.args, key=_spelled) if isinstance(value, sp.Add | sp.Mul) else value.args
        return type(value).__name__, *map(self._expression, args)


@cache
def _field_names(kind: type[Statement | Operand]) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind) if f.name != "comment")


def _spelled(value: sp.Basic) -> str:
    """Write an expression so that the order of its parts does not depend on how many digits a name has."""
    if isinstance(value, Ref):
        return f"{padded(value.name)}[{','.join(map(_spelled, value.index))}]"
    if not value.args:
        return padded(_word(value))
    args = list(map(_spelled, value.args))
    return f"{type(value).__name__}({','.join(sorted(args) if isinstance(value, sp.Add | sp.Mul) else args)})"


def _word(value: sp.Basic) -> str:
    if isinstance(value, sp.Symbol):
        return value.name
    return str(value.p if isinstance(value, sp.Integer) else value)


@lru_cache(maxsize=50_000)
def padded(name: str) -> str:
    """Return a name with numbers of equal length."""
    return re.sub(r"\d+", lambda found: found.group().zfill(6), name)
