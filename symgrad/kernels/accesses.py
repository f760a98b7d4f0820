"""Statements over other names and slices than those they were written with."""

from collections.abc import Callable
from dataclasses import replace

import sympy as sp

from symgrad.kernels.statements import (
    Accumulate,
    Allocate,
    Apply,
    Assign,
    Fill,
    Loop,
    Operand,
    Position,
    Product,
    Record,
    Statement,
    Statements,
    When,
)
from symgrad.model.expressions import Ref, index, map_refs, refs, reindex


def map_accesses(
    statements: Statements, access: Callable[[Ref], Ref], letter: Callable[[str], str]
) -> Statements:
    """Change every access, of slices and whole arrays too, and the letters that positions set."""
    return tuple(_moved(s, access, letter) for s in statements)


def _moved(statement: Statement, access: Callable[[Ref], Ref], letter: Callable[[str], str]) -> Statement:
    def change(value: sp.Expr) -> sp.Expr:
        table = {s: index(letter(s.name)) for s in _letters(value)}
        return map_refs(reindex(value, {old: new for old, new in table.items() if old != new}), access)

    def change_ref(ref: Ref) -> Ref:
        table = {s: index(letter(s.name)) for s in _letters(ref)}
        return access(ref.at(i.xreplace(table) for i in ref.index))

    def change_operand(old: Operand) -> Operand:
        new = change_ref(old.ref)
        return replace(old, name=new.name, index=new.index)

    match statement:
        case Loop(body=body) | When(body=body):
            return replace(statement, body=map_accesses(body, access, letter))
        case Assign(target, value) | Accumulate(target, value):
            return replace(statement, target=change_ref(target), value=change(value))
        case Position(name, value):
            return Position(letter(name), change(value))
        case Record(best, value, place, position):
            return Record(change_ref(best), change_ref(value), letter(place), change(position))
        case Product(out, left, right):
            made = map(change_operand, (out, left, right))
            rate = None if statement.rate is None else change(statement.rate)
            return replace(statement, **dict(zip(("out", "left", "right"), made, strict=True)), rate=rate)
        case Apply(out, _, source):
            return replace(statement, out=change_ref(out), source=change_ref(source))
        case Fill(name, _, at):
            ref = change_ref(Ref(name, at))
            return replace(statement, name=ref.name, index=ref.index)
        case Allocate(name):
            return replace(statement, name=access(Ref(name)).name)
        case _:
            return statement


def _letters(value: sp.Expr) -> set[sp.Symbol]:
    inside = (i for r in refs(value) for i in r.index)
    symbols = {s for e in (value, *inside) for s in e.free_symbols if isinstance(s, sp.Symbol)}
    return {s for s in symbols if not s.is_positive}
