"""Workspaces share memory: what is written only after another one was read for the last time moves in there.

The statements of a function are its points in time; a loop nest, a product, a call of a block is one of
them.  Two arrays that are touched in the same statement never share, so that a compiler may go on telling
them apart there.  The largest are placed first, each in the room that fits best ("greedy by size":
Pisarchyk and Lee 2020, arXiv:2001.03288).
"""

from bisect import bisect, insort
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import sympy as sp

from symgrad.kernels.statements import Allocate, Call, Function, Return, Statement, walk
from symgrad.kernels.touched import names

WORTH = sp.Rational(1, 2)
"""A part of a room is taken by what needs at least this share of it; less would save little."""


@dataclass(frozen=True)
class Share(Allocate):
    """``name = room``, an array that is not read any more, or the first part of it in another shape."""

    room: str = ""
    part: bool = False


@dataclass(frozen=True)
class Life:
    """An array, from the statement that first touches it to the last one."""

    made: Allocate
    first: int
    last: int

    @cached_property
    def entries(self) -> tuple[sp.Expr, sp.Expr]:
        """How many there are: a number, and the open sizes that it is multiplied by."""
        return sp.Mul(*self.made.shape).as_coeff_Mul()


@dataclass
class Room:
    """The memory of one array, and who lives there."""

    owner: Life
    tenants: list[Life] = field(default_factory=list[Life])

    def takes(self, life: Life) -> bool:
        """Whether an array fits in, needs more than a corner, and lives when none of the others does."""
        return self._is_free(life) and self._is_alike(life) and self._fits(life)

    def _is_free(self, life: Life) -> bool:
        before = self._before(life)
        behind = self.tenants[before : before + 1]
        left = before > 0 and self.tenants[before - 1].last < life.first
        return left and self.owner.last < life.first and all(life.last < other.first for other in behind)

    def _before(self, life: Life) -> int:
        """Count the tenants that come before an array."""
        return bisect(self.tenants, life.first, key=_first)

    def admit(self, life: Life) -> None:
        """Take an array in; the tenants stand in the order of their lives, of which no two overlap."""
        insort(self.tenants, life, key=_first)

    def _is_alike(self, life: Life) -> bool:
        own = self.owner
        return life.entries[1] == own.entries[1] and life.made.integer == own.made.integer

    def _fits(self, life: Life) -> bool:
        number, own = life.entries[0], self.owner.entries[0]
        return number == own or bool(own * WORTH <= number <= own)

    def previous(self, life: Life) -> Life:
        """Return the last one of the same shape that lived here before, or the owner."""
        before = reversed(self.tenants[: self._before(life)])
        return next((tenant for tenant in before if tenant.made.shape == life.made.shape), self.owner)

    def distance(self, life: Life) -> tuple[bool, sp.Expr, int]:
        """Say how badly an array fits in: its own shape is best, then its size, then what was read last."""
        before = self.previous(life)
        return before.made.shape != life.made.shape, self.owner.entries[0], -before.last


def _first(life: Life) -> int:
    return life.first


def sharing(function: Function, kept: frozenset[str]) -> Function:
    """Return a function whose workspaces share memory, those that it allocates and those that it is given.

    Parameters
    ----------
    kept
        Arrays that keep their memory to themselves, because the caller reads them; those that are returned
        do so anyway.
    """
    kept |= {name for s in function.body if isinstance(s, Return) for name in s.names}
    lives = _lives(function, kept)
    own = _placed(tuple(s for s in function.body if isinstance(s, Allocate)), lives)
    first = next((k for k, s in enumerate(function.body) if isinstance(s, Allocate)), 0)
    rest = tuple(s for s in function.body if not isinstance(s, Allocate))
    body = (*rest[:first], *own, *rest[first:])
    return replace(function, body=body, workspaces=_placed(function.workspaces, lives))


def _lives(function: Function, kept: frozenset[str]) -> dict[str, Life]:
    """Return when the arrays are needed that may share."""
    times: dict[str, list[int]] = {}
    for time, statement in enumerate(function.body):
        for name in _touched(statement):
            times.setdefault(name, []).append(time)
    made = (*function.workspaces, *(s for s in function.body if isinstance(s, Allocate)))
    known = {name: (found[0], found[-1]) for name, found in times.items() if name not in kept}
    return {a.name: Life(a, *known[a.name]) for a in made if a.name in known}


def _touched(statement: Statement) -> set[str]:
    """Return what a statement, and everything in it, reads and writes."""
    calls = (s for s in walk((statement,)) if isinstance(s, Call))
    return names((statement,)).union(*(call.arguments for call in calls))


def _placed(made: tuple[Allocate, ...], lives: dict[str, Life]) -> tuple[Allocate, ...]:
    """Return arrays with memory of their own, then those that take the memory of others."""
    shared = tuple(_shared([lives[a.name] for a in made if a.name in lives]))
    moved = {share.name for share in shared}
    return (*(a for a in made if a.name not in moved), *shared)


def _shared(lives: list[Life]) -> Iterator[Share]:
    """Find room for arrays, the largest first, and yield those that need none of their own."""
    rooms: list[Room] = []
    for life in sorted(lives, key=lambda life: (-life.entries[0], life.first)):
        room = min((r for r in rooms if r.takes(life)), key=lambda r: r.distance(life), default=None)
        if room is None:
            room = Room(life)
            rooms.append(room)
        else:
            before, made = room.previous(life).made, life.made
            yield Share(made.name, made.shape, made.integer, before.name, made.shape != before.shape)
        room.admit(life)
