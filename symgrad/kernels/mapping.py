"""Statements with other values in them."""

from collections.abc import Callable
from dataclasses import replace
from operator import is_

import sympy as sp

from symgrad.kernels.statements import (
    Accumulate,
    Assign,
    Loop,
    Position,
    Record,
    Statement,
    Statements,
    When,
)
from symgrad.model.expressions import Ref, map_refs


def map_values(statements: Statements, change: Callable[[sp.Expr], sp.Expr]) -> Statements:
    """Change every value and target, inside loops too; of integer values their accesses."""
    return tuple(_mapped(s, change) for s in statements)


def with_body(statement: Loop | When, body: Statements) -> Loop | When:
    """Return a loop or a condition around another body, itself where the body is its own."""
    same = len(body) == len(statement.body) and all(map(is_, body, statement.body))
    return statement if same else replace(statement, body=body)


def _mapped(statement: Statement, change: Callable[[sp.Expr], sp.Expr]) -> Statement:
    match statement:
        case Loop(body=body) | When(body=body):
            return with_body(statement, map_values(body, change))
        case Assign(target, value) | Accumulate(target, value):
            new = _access(change(target)), change(value)
            return statement if new == (target, value) else replace(statement, target=new[0], value=new[1])
        case Position(letter, value):
            return Position(letter, map_refs(value, change))
        case Record(best, value):
            return replace(statement, best=_access(change(best)), value=_access(change(value)))
        case _:
            return statement


def _access(changed: sp.Expr) -> Ref:
    assert isinstance(changed, Ref)
    return changed
