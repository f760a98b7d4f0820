"""What statements read, write and bind, by name: what decides whether two loops may be one."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

from symgrad.kernels.statements import (
    Loop,
    Position,
    Record,
    Statements,
    When,
    read,
    shown,
    walk,
    written,
)
from symgrad.model.expressions import Ref, refs

ByName = defaultdict[str, set[Ref]]


@dataclass
class Touched:
    """What the body of a loop touches; what is joined to it is added, so that nothing is walked twice.

    Attributes
    ----------
    written, seen
        The entries and slices that are written, and those that are read.
    bound
        The letters that are set.
    free
        The letters and sizes that are used and not set before, that of the loop among them.
    nested
        Whether there are loops in it.
    """

    written: ByName
    seen: ByName
    bound: set[str]
    free: set[str]
    nested: bool

    @classmethod
    def of(cls, body: Statements) -> "Touched":
        """Walk through the body of a loop."""
        inside = tuple(walk(body))
        bound = {s.letter for s in inside if isinstance(s, Loop | Position)}
        return cls(
            _by_name(r for s in inside for r in written(s)),
            _by_name(r for s in inside for r in read(s)),
            bound | {s.place for s in inside if isinstance(s, Record)},
            free_letters(body),
            any(isinstance(s, Loop) for s in inside),
        )

    def add(self, other: "Touched") -> None:
        """Add what a body touches that is put behind this one, and of which no letter is bound here."""
        for own, more in ((self.written, other.written), (self.seen, other.seen)):
            for name, accesses in more.items():
                own[name] |= accesses
        self.bound |= other.bound
        self.free |= other.free
        self.nested |= other.nested

    def touches(self, name: str) -> bool:
        """Whether an array is read or written."""
        return name in self.written or name in self.seen

    def places(self, name: str) -> Iterable[Ref]:
        """Return where an array is read or written."""
        return (*self.written.get(name, ()), *self.seen.get(name, ()))


def _by_name(accesses: Iterable[Ref]) -> ByName:
    found: ByName = defaultdict(set)
    for access in accesses:
        found[access.name].add(access)
    return found


def names(statements: Statements) -> set[str]:
    """Return the names of all that statements read and write."""
    return {r.name for s in walk(statements) for r in (*read(s), *written(s))}


def free_letters(statements: Statements) -> set[str]:
    """Return the letters and sizes that statements use and do not set before."""
    return _unset(statements, frozenset())


def _unset(statements: Statements, known: frozenset[str]) -> set[str]:
    found: set[str] = set()
    for statement in statements:
        found |= {name for e in shown(statement) for name in _symbols(e)} - known
        if isinstance(statement, When):
            found |= _unset(statement.body, known)
        elif isinstance(statement, Loop):
            found |= _unset(statement.body, known | {statement.letter})
        elif isinstance(statement, Position):
            known |= {statement.letter}
    return found


@lru_cache(maxsize=50_000)
def _symbols(value: sp.Expr) -> frozenset[str]:
    inside = (i for r in refs(value) for i in r.index)
    return frozenset(s.name for e in (value, *inside) for s in e.free_symbols if isinstance(s, sp.Symbol))
