"""Loops over the same letter become one loop; an array that lives for one turn becomes a scalar."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import sympy as sp

from symgrad.kernels.mapping import map_values, with_body
from symgrad.kernels.remarks import headed
from symgrad.kernels.statements import (
    Accumulate,
    Allocate,
    Apply,
    Assign,
    Fill,
    Loop,
    Product,
    Statement,
    Statements,
    When,
    read,
    walk,
    written,
)
from symgrad.kernels.touched import ByName, Touched, names
from symgrad.model.expressions import Ref, map_refs

WHOLE = Fill | Apply | Product
"""Statements that touch many entries of an array at once."""

CHECKS = 8
"""LLVM vectorises a loop only if this many comparisons tell all its arrays apart."""


def fuse(statements: Statements, apart: frozenset[str] = frozenset()) -> Statements:
    """Join loops over the same letter wherever the later one reads only what is ready.

    Loops that write a node of `apart` stay alone.
    """
    done = _Joined(apart)
    for statement in statements:
        _put(done, statement)
    together = _together(done.statements)
    return tuple(with_body(s, fuse(s.body, apart)) if isinstance(s, Loop | When) else s for s in together)


@dataclass
class _Joined:
    """Statements with their loops joined so far, and what the last of the loops touches."""

    apart: frozenset[str]
    statements: list[Statement] = field(default_factory=list[Statement])
    last: int | None = None
    touched: Touched | None = None


def _put(done: _Joined, statement: Statement) -> None:
    """Put a statement behind the others; a loop is joined to the last one where it can be."""
    if isinstance(statement, Loop):
        touched = Touched.of(statement.body)
        if _join(done, statement, touched):
            return
        done.last, done.touched = len(done.statements), touched
    done.statements.append(statement)


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


def _join(done: _Joined, loop: Loop, touched: Touched) -> bool:
    """Join a loop to the last one if it can be; zeros set in between move up, the rest stays behind."""
    if done.last is None or done.touched is None:
        return False
    last, between = done.statements[done.last], done.statements[done.last + 1 :]
    if not isinstance(last, Loop) or not _joinable(last, done.touched, loop, touched):
        return False
    if not done.apart.isdisjoint({*done.touched.written, *touched.written}):
        return False
    starts = [s for s in between if _is_start(s) and not any(map(done.touched.touches, names((s,))))]
    rest = [s for s in between if s not in starts]
    if any(_touch(s, touched) for s in rest):
        return False
    one, other = _open(last), _open(loop)
    done.statements[done.last :] = [*starts, replace(one, body=(*one.body, *other.body)), *rest]
    done.last += len(starts)
    done.touched.add(touched)
    return True


def _is_start(statement: Statement) -> bool:
    """Whether a statement only sets zeros, so that it may stand earlier."""
    return isinstance(statement, Fill | Allocate) or (isinstance(statement, Assign) and statement.value == 0)


def _touch(statement: Statement, touched: Touched) -> bool:
    """Whether a statement has to stay before a loop."""
    return not isinstance(statement, Assign | Accumulate) or any(map(touched.touches, names((statement,))))


def _open(loop: Loop) -> Loop:
    """Move the comment of a loop to what it computes first."""
    return replace(loop, comment="", body=tuple(headed(loop.body, loop.comment))) if loop.comment else loop


def _joinable(one: Loop, first: Touched, other: Loop, second: Touched) -> bool:
    return _turns(one) == _turns(other) and _ready(first, second, one.letter) and _few_arrays(first, second)


def _turns(loop: Loop) -> tuple[object, ...]:
    return loop.letter, loop.start, loop.stop, loop.down


def _ready(one: Touched, other: Touched, letter: str) -> bool:
    """Whether two loops touch what either writes in the same turn only, and bind no letter of each other."""
    return (
        _in_turn(one, other, letter)
        and _in_turn(other, one, letter)
        and other.bound.isdisjoint(one.free)
        and one.bound.isdisjoint(other.free)
    )


def _in_turn(writer: Touched, other: Touched, letter: str) -> bool:
    """Whether of what one loop writes the other touches only what the same turn has written."""
    shared = (writer.written.keys() & other.written.keys()) | (writer.written.keys() & other.seen.keys())
    return all(
        _same_turn(access, slot, letter)
        for name in shared
        for slot in {_slot(target, letter) for target in writer.written[name]}
        for access in other.places(name)
    )


def _slot(target: Ref, letter: str) -> int | None:
    """Return the first subscript that is the letter of a loop."""
    return next((k for k, subscript in enumerate(target.index) if _is_letter(subscript, letter)), None)


def _same_turn(access: Ref, slot: int | None, letter: str) -> bool:
    return slot is not None and len(access.index) > slot and _is_letter(access.index[slot], letter)


def _is_letter(subscript: sp.Expr, letter: str) -> bool:
    return isinstance(subscript, sp.Symbol) and subscript.name == letter


def _few_arrays(one: Touched, other: Touched) -> bool:
    """Whether the joined loop still vectorises; a loop around loops always may be joined."""
    if one.nested or other.nested:
        return True
    out = _arrays(one.written) | _arrays(other.written)
    seen = (_arrays(one.seen) | _arrays(other.seen)) - out
    return len(out) * len(seen) + len(out) * (len(out) - 1) // 2 <= CHECKS


def _arrays(accesses: ByName) -> set[str]:
    return {name for name, places in accesses.items() if any(place.index for place in places)}


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
    if not local:
        return statements
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
