"""What a loop would compute anew in every turn stands before it, named after what it is."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import sympy as sp

from symgrad.kernels.mapping import map_values, with_body
from symgrad.kernels.printer import NAMES
from symgrad.kernels.statements import (
    Assign,
    Loop,
    Position,
    Statement,
    Statements,
    When,
    expressions,
    walk,
    written,
)
from symgrad.model.expressions import Ref, refs


@dataclass
class _Hoisted:
    """The scalars made so far: by value, their names."""

    names: dict[sp.Expr, str] = field(default_factory=dict)

    def name(self, value: sp.Expr) -> Ref:
        """Return the scalar that holds a value: ``log_s`` for log s, ``per_s`` for 1/s."""
        word = "per" if value.is_Pow else NAMES.get(type(value).__name__, "value")
        numbers = [str(a) for a in value.args if a.is_Integer and not value.is_Pow]
        wish = "_".join([word, *dict.fromkeys(r.name for r in refs(value)), *numbers])
        while wish in self.names.values() and self.names.get(value) != wish:
            wish += "_"
        return Ref(self.names.setdefault(value, wish))


def shared(statements: Statements) -> Statements:
    """Compute calls and reciprocals that straight-line statements repeat once, before their first use."""
    found = _Hoisted()
    uses = Counter(e for s in statements for value in expressions(s) for e in _costly(value))
    repeated = {e for e, count in uses.items() if count > 1}
    return tuple(made for s in statements for made in _shared(s, repeated, found))


def _shared(statement: Statement, repeated: set[sp.Expr], found: _Hoisted) -> Iterator[Statement]:
    before = set(found.names)
    (changed,) = map_values((statement,), lambda e: _replaced(e, repeated, found))
    yield from (Assign(Ref(name), value) for value, name in found.names.items() if value not in before)
    yield changed


def _costly(value: sp.Expr) -> list[sp.Expr]:
    """Return the costly parts of a value, each as often as it stands there."""
    return [e for e in sp.preorder_traversal(value) if isinstance(e, sp.Expr) and _is_costly(e)]


def _replaced(value: sp.Expr, repeated: set[sp.Expr], found: _Hoisted) -> sp.Expr:
    if value in repeated:
        return found.name(value)
    if isinstance(value, Ref) or not value.args:
        return value
    return _rebuilt(value, [_replaced(a, repeated, found) for a in value.args])


def hoist(statements: Statements) -> Statements:
    """Move calls and divisions out of the innermost loops that they do not depend on."""
    return tuple(_hoisted(statements))


def _hoisted(statements: Statements) -> Iterator[Statement]:
    for statement in statements:
        if not isinstance(statement, Loop | When):
            yield statement
        elif isinstance(statement, When) or any(isinstance(s, Loop) for s in walk(statement.body)):
            yield with_body(statement, hoist(statement.body))
        else:
            yield from _innermost(statement)


def _innermost(loop: Loop) -> Iterator[Statement]:
    """Yield a loop without loops in it, what stays the same before it; a condition keeps what it guards."""
    inside = {r.name for s in walk(loop.body) for r in written(s)}
    letters = {loop.letter, *(s.letter for s in loop.body if isinstance(s, Position))}
    found = _Hoisted()
    always = tuple(s for s in loop.body if not isinstance(s, When))
    free = iter(map_values(always, lambda e: _without(e, letters, inside, found)))
    changed = tuple(s if isinstance(s, When) else next(free) for s in loop.body)
    if not found.names:
        yield with_body(loop, changed)
        return
    starts = [Assign(Ref(name), value) for value, name in found.names.items()]
    for k, start in enumerate(starts):
        yield replace(start, comment=loop.comment) if k == 0 else start
    yield replace(loop, body=changed, comment="")


def _without(value: sp.Expr, letters: set[str], inside: set[str], found: _Hoisted) -> sp.Expr:
    """Replace the largest calls and reciprocals that stay the same during the loop."""
    if isinstance(value, Ref) or not value.args:
        return value
    if _is_costly(value) and not _varies(value, letters, inside):
        return found.name(value)
    return _rebuilt(value, [_without(a, letters, inside, found) for a in value.args])


def _rebuilt(value: sp.Expr, args: list[sp.Expr]) -> sp.Expr:
    """Return an expression with other arguments, itself where they are its own."""
    same = all(new is old for new, old in zip(args, value.args, strict=True))
    return value if same else value.func(*args)


def _is_costly(value: sp.Expr) -> bool:
    call = isinstance(value, sp.Function) or (value.is_Pow and value.exp.is_negative is True)
    return bool(call and refs(value))


def _varies(value: sp.Expr, letters: set[str], inside: set[str]) -> bool:
    subscripts = {str(s) for r in refs(value) for i in r.index for s in i.free_symbols}
    plain = {str(s) for s in value.free_symbols}
    return bool(letters & (subscripts | plain)) or any(r.name in inside for r in refs(value))
