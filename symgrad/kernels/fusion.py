"""Loops over the same letter become one loop; an array that lives for one turn becomes a scalar."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import sympy as sp

from symgrad.kernels.statements import (
    Accumulate,
    Allocate,
    Apply,
    Assign,
    Fill,
    Loop,
    Position,
    Product,
    Record,
    Statement,
    Statements,
    When,
    map_values,
    read,
    shown,
    walk,
    written,
)
from symgrad.model.expressions import Ref, map_refs, refs

WHOLE = Fill | Apply | Product
"""Statements that touch many entries of an array at once."""

CHECKS = 8
"""LLVM vectorises a loop only if this many comparisons tell all its arrays apart."""


def fuse(statements: Statements) -> Statements:
    """Join loops over the same letter wherever the later one reads only what is ready."""
    done: list[Statement] = []
    for statement in statements:
        joined = _join(done, statement) if isinstance(statement, Loop) else None
        if joined is None:
            done.append(statement)
    return tuple(replace(s, body=fuse(s.body)) if isinstance(s, Loop | When) else s for s in _together(done))


def _together(statements: list[Statement]) -> Iterator[Statement]:
    """Join neighbours under the same condition."""
    waiting: When | None = None
    for statement in statements:
        if isinstance(statement, When) and waiting and _condition(statement) == _condition(waiting):
            waiting = replace(waiting, body=(*waiting.body, *statement.body))
            continue
        if waiting:
            yield waiting
        waiting = statement if isinstance(statement, When) else None
        if waiting is None:
            yield statement
    if waiting:
        yield waiting


def _condition(when: When) -> tuple[str, sp.Expr, sp.Expr]:
    return when.letter, when.start, when.stop


def _join(done: list[Statement], loop: Loop) -> Loop | None:
    """Join a loop into an earlier one; zeros set in between move up, the rest stays behind."""
    at = next((k for k in range(len(done) - 1, -1, -1) if isinstance(done[k], Loop)), None)
    if at is None:
        return None
    last, between = done[at], done[at + 1 :]
    touched = _names((last,))
    starts = [s for s in between if _is_start(s) and not _names((s,)) & touched]
    rest = [s for s in between if s not in starts]
    if not isinstance(last, Loop) or not _joinable(last, loop) or any(_touch(s, loop) for s in rest):
        return None
    one, other = _open(last), _open(loop)
    done[at:] = [*starts, replace(one, body=(*one.body, *other.body)), *rest]
    return loop


def _is_start(statement: Statement) -> bool:
    """Whether a statement only sets zeros, so that it may stand earlier."""
    return isinstance(statement, Fill | Allocate) or (isinstance(statement, Assign) and statement.value == 0)


def _touch(statement: Statement, loop: Loop) -> bool:
    """Whether a statement has to stay before a loop."""
    return not isinstance(statement, Assign | Accumulate) or bool(_names((statement,)) & _names((loop,)))


def _names(statements: Statements) -> set[str]:
    return {r.name for s in walk(statements) for r in (*read(s), *written(s))}


def _open(loop: Loop) -> Loop:
    """Move the comment of a loop to the first statement inside."""
    if not loop.comment:
        return loop
    first = loop.body[0]
    told = (
        replace(first, comment=loop.comment)
        if isinstance(first, Fill | Assign | Accumulate | Loop | When)
        else first
    )
    return replace(loop, comment="", body=(told, *loop.body[1:]))


def _joinable(one: Loop, other: Loop) -> bool:
    return _turns(one) == _turns(other) and _ready(one, other) and _few_arrays(one, other)


def _turns(loop: Loop) -> tuple[object, ...]:
    return loop.letter, loop.start, loop.stop, loop.down


def _ready(one: Loop, other: Loop) -> bool:
    """Whether the loops touch what either writes in the same turn only, and bind no letter of each other."""
    return (
        _in_turn(one, other)
        and _in_turn(other, one)
        and not _bound(other) & _free(one)
        and not _bound(one) & _free(other)
    )


def _in_turn(writer: Loop, other: Loop) -> bool:
    """Whether of what one loop writes the other touches only what the same turn has written."""
    places: dict[str, set[int | None]] = defaultdict(set)
    for target in (r for s in walk(writer.body) for r in written(s)):
        slots = [k for k, i in enumerate(target.index) if _is_letter(i, writer.letter)]
        places[target.name].add(slots[0] if slots else None)
    seen = [r for s in walk(other.body) for r in (*read(s), *written(s))]
    return all(_same_turn(r, slot, writer.letter) for r in seen for slot in places.get(r.name, ()))


def _bound(loop: Loop) -> set[str]:
    """Return the letters that the body of a loop sets."""
    found = {s.letter for s in walk(loop.body) if isinstance(s, Loop | Position)}
    return found | {s.place for s in walk(loop.body) if isinstance(s, Record)}


def free_letters(statements: Statements) -> set[str]:
    """Return the letters and sizes that statements use and do not set."""
    return _unset(statements, frozenset())


def _free(loop: Loop) -> set[str]:
    """Return the letters that the body of a loop uses and does not set before, its own among them."""
    return _unset(loop.body, frozenset())


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


def _same_turn(access: Ref, slot: int | None, letter: str) -> bool:
    return slot is not None and len(access.index) > slot and _is_letter(access.index[slot], letter)


def _is_letter(subscript: sp.Expr, letter: str) -> bool:
    return isinstance(subscript, sp.Symbol) and subscript.name == letter


def _few_arrays(one: Loop, other: Loop) -> bool:
    """Whether the joined loop still vectorises; a loop around loops always may be joined."""
    body = tuple(walk((*one.body, *other.body)))
    if any(isinstance(s, Loop) for s in body):
        return True
    out = {r.name for s in body for r in written(s) if r.index}
    seen = {r.name for s in body for r in read(s) if r.index} - out
    return len(out) * len(seen) + len(out) * (len(out) - 1) // 2 <= CHECKS


@dataclass(frozen=True)
class _Use:
    """One access with the loops around it."""

    ref: Ref
    loops: tuple[int, ...]
    letters: tuple[str, ...]


def contract(statements: Statements, keep: frozenset[str]) -> Statements:
    """Turn every array that is written and read in the same turn of the same loops into a scalar."""
    uses: dict[str, list[_Use]] = defaultdict(list)
    for use in _uses(statements, (), ()):
        uses[use.ref.name].append(use)
    whole = {r.name for s in walk(statements) if isinstance(s, WHOLE) for r in (*read(s), *written(s))}
    made = {r.name for s in walk(statements) for r in written(s)}
    local = {n for n in made - whole - keep if uses[n][0].ref.index and _local(uses[n])}
    scalars = map_values(statements, lambda e: map_refs(e, lambda r: Ref(r.name) if r.name in local else r))
    return tuple(s for s in scalars if not (isinstance(s, Allocate) and s.name in local))


def _uses(statements: Statements, loops: tuple[int, ...], letters: tuple[str, ...]) -> Iterator[_Use]:
    for number, statement in enumerate(statements):
        if isinstance(statement, Loop):
            yield from _uses(statement.body, (*loops, number), (*letters, statement.letter))
        if isinstance(statement, When):
            yield from _uses(statement.body, (*loops, number), (*letters, ""))
        for ref in (*written(statement), *read(statement)):
            yield _Use(ref, loops, letters)


def _local(uses: list[_Use]) -> bool:
    """Whether all accesses are the same entry, in one turn of the loops that they share."""
    first = uses[0]
    common = len(first.loops)
    for use in uses:
        if use.ref != first.ref:
            return False
        common = min(
            common,
            next(
                (k for k, (a, b) in enumerate(zip(use.loops, first.loops, strict=False)) if a != b),
                min(len(use.loops), len(first.loops)),
            ),
        )
    around = set(first.letters[:common])
    return {str(s) for i in first.ref.index for s in i.free_symbols if not s.is_positive} <= around
