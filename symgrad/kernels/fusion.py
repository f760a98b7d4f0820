"""Loops over the same letter become one loop; an array that lives for one turn becomes a scalar."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

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
    map_values,
    read,
    walk,
    written,
)
from symgrad.model.expressions import Ref, map_refs

CHECKS = 8
"""LLVM vectorises a loop only if this many comparisons tell all its arrays apart."""


def fuse(statements: Statements) -> Statements:
    """Join loops over the same letter wherever the later one reads only what is ready."""
    done: list[Statement] = []
    for statement in statements:
        joined = _join(done, statement) if isinstance(statement, Loop) else None
        if joined is None:
            done.append(statement)
    return tuple(replace(s, body=fuse(s.body)) if isinstance(s, Loop) else s for s in done)


def _join(done: list[Statement], loop: Loop) -> Loop | None:
    """Join a loop into an earlier one; zeros set in between move up, the rest stays behind."""
    at = next((k for k in range(len(done) - 1, -1, -1) if isinstance(done[k], Loop)), None)
    if at is None:
        return None
    last, between = done[at], done[at + 1 :]
    starts = [s for s in between if _is_start(s)]
    rest = [s for s in between if not _is_start(s)]
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
    names = {r.name for s in walk((statement,)) for r in (*read(s), *filter(None, [written(s)]))}
    used = {r.name for s in walk((loop,)) for r in (*read(s), *filter(None, [written(s)]))}
    return not isinstance(statement, Assign | Accumulate) or bool(names & used)


def _open(loop: Loop) -> Loop:
    """Move the comment of a loop to the first statement inside."""
    if not loop.comment:
        return loop
    first = loop.body[0]
    told = (
        replace(first, comment=loop.comment)
        if isinstance(first, Fill | Assign | Accumulate | Loop)
        else first
    )
    return replace(loop, comment="", body=(told, *loop.body[1:]))


def _joinable(one: Loop, other: Loop) -> bool:
    alike = (one.letter, one.stop, one.start) == (other.letter, other.stop, other.start)
    return alike and _ready(one, other) and _few_arrays(one, other)


def _ready(one: Loop, other: Loop) -> bool:
    """Whether the second loop reads of the first only what the same turn has written."""
    places: dict[str, set[int | None]] = defaultdict(set)
    for target in filter(None, map(written, walk(one.body))):
        slots = [k for k, i in enumerate(target.index) if str(i) == one.letter]
        places[target.name].add(slots[0] if slots else None)
    seen = [r for s in walk(other.body) for r in (*read(s), *filter(None, [written(s)]))]
    return all(_same_turn(r, slot, one.letter) for r in seen for slot in places.get(r.name, ()))


def _same_turn(access: Ref, slot: int | None, letter: str) -> bool:
    return slot is not None and str(access.index[slot]) == letter


def _few_arrays(one: Loop, other: Loop) -> bool:
    """Whether the joined loop still vectorises; a loop around loops always may be joined."""
    body = (*one.body, *other.body)
    if any(isinstance(s, Loop) for s in body):
        return True
    out = {r.name for s in body for r in filter(None, [written(s)]) if r.index}
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
    whole = {s.name for s in walk(statements) if isinstance(s, Fill)}
    whole |= {n for s in walk(statements) if isinstance(s, Apply) for n in (s.out, s.source)}
    whole |= {
        n for s in walk(statements) if isinstance(s, Product) for n in (s.out, s.left.name, s.right.name)
    }
    made = {r.name for s in walk(statements) for r in filter(None, [written(s)])}
    local = {n for n in made - whole - keep if uses[n][0].ref.index and _local(uses[n])}
    scalars = map_values(statements, lambda e: map_refs(e, lambda r: Ref(r.name) if r.name in local else r))
    return tuple(s for s in scalars if not (isinstance(s, Allocate) and s.name in local))


def _uses(statements: Statements, loops: tuple[int, ...], letters: tuple[str, ...]) -> Iterator[_Use]:
    for number, statement in enumerate(statements):
        if isinstance(statement, Loop):
            yield from _uses(statement.body, (*loops, number), (*letters, statement.letter))
        for ref in (*filter(None, [written(statement)]), *read(statement)):
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
