"""A scalar that only hands its value on is the one that it is handed to.

A sum is collected in a scalar of its own, because its node may be an array; where that has become a scalar,
too, one of the two is enough.
"""

from collections import Counter
from dataclasses import replace

from symgrad.kernels.accesses import map_accesses
from symgrad.kernels.statements import Assign, Loop, Statement, Statements, When, read, walk, written
from symgrad.model.expressions import Ref


def direct(statements: Statements, keep: frozenset[str]) -> Statements:
    """Return statements without scalars that only hand their value on; what is kept stays."""
    return _direct(statements, _uses(statements), keep)


def _direct(body: Statements, uses: Counter[str], keep: frozenset[str]) -> Statements:
    made = list[Statement]()
    for statement in body:
        if isinstance(statement, Loop | When):
            made.append(replace(statement, body=_direct(statement.body, uses, keep)))
        elif (pair := _handed(statement)) is not None and _idle(pair, tuple(made), uses, keep):
            made = list(_renamed(tuple(made), *pair))
            uses[pair[1]] += uses.pop(pair[0]) - 2
        else:
            made.append(statement)
    return tuple(made)


def _handed(statement: Statement) -> tuple[str, str] | None:
    """Return the scalar that is read and the one that is set, where a statement does no more."""
    match statement:
        case Assign(Ref(name=new, index=()), Ref(name=old, index=())):
            return old, new
        case _:
            return None


def _idle(pair: tuple[str, str], before: Statements, uses: Counter[str], keep: frozenset[str]) -> bool:
    """Whether all that is done with the one was done before, and nothing with the other."""
    (old, new), here = pair, _uses(before)
    return new not in keep and not here[new] and 0 < here[old] == uses[old] - 1


def _renamed(made: Statements, old: str, new: str) -> Statements:
    return map_accesses(made, lambda ref: Ref(new, ref.index) if ref.name == old else ref, str)


def _uses(statements: Statements) -> Counter[str]:
    """Count how often every name is read or written."""
    return Counter(r.name for s in walk(statements) for r in (*written(s), *read(s)))
