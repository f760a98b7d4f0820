"""The closed set of statements between a graph and a text.

Expressions are SymPy's, over `Ref` (an entry of an array, or a scalar when it has no subscripts), index
and size symbols, and no number except 0 and ±1: all others are named constants.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import sympy as sp

from symgrad.model.expressions import Ref, refs


@dataclass(frozen=True)
class Size:
    """``name = array.shape[axis]``"""

    name: str
    array: str
    axis: int


@dataclass(frozen=True)
class Constant:
    """``name = numerator/denominator`` in the type of the arrays."""

    name: str
    numerator: sp.Expr
    denominator: sp.Expr


@dataclass(frozen=True)
class Allocate:
    """``name = np.empty(shape)`` in the type of the arrays."""

    name: str
    shape: tuple[sp.Expr, ...]


@dataclass(frozen=True)
class Fill:
    """``name[:] = 0``"""

    name: str
    comment: str = ""


@dataclass(frozen=True)
class Assign:
    """``target = value``"""

    target: Ref
    value: sp.Expr
    comment: str = ""


@dataclass(frozen=True)
class Accumulate:
    """``target += value``"""

    target: Ref
    value: sp.Expr
    comment: str = ""


@dataclass(frozen=True)
class Operand:
    """An array as it stands in a product, transposed or not."""

    name: str
    transposed: bool = False


@dataclass(frozen=True)
class Product:
    """``out = left @ right`` by BLAS; `multiplications` says how many, for the count of operations."""

    out: str
    left: Operand
    right: Operand
    multiplications: sp.Expr
    comment: str = ""


@dataclass(frozen=True)
class Apply:
    """``out = function(source)``, entry by entry along memory, whatever the shape."""

    out: str
    function: str
    source: str
    size: sp.Expr
    comment: str = ""


@dataclass(frozen=True)
class Loop:
    """``for letter in range(start, stop)``"""

    letter: str
    stop: sp.Expr
    body: "tuple[Statement, ...]"
    start: sp.Expr = sp.S.Zero
    comment: str = ""


@dataclass(frozen=True)
class Return:
    """``return names``"""

    names: tuple[str, ...]


Statement: TypeAlias = (
    Size | Constant | Allocate | Fill | Assign | Accumulate | Product | Apply | Loop | Return
)
Commented: TypeAlias = Fill | Assign | Accumulate | Product | Apply | Loop
Statements: TypeAlias = tuple[Statement, ...]


@dataclass(frozen=True)
class Function:
    """A function of the emitted module."""

    name: str
    arguments: tuple[str, ...]
    summary: str
    body: Statements
    workspaces: tuple[Allocate, ...] = ()
    inline: bool = False


def walk(statements: Statements) -> Iterator[Statement]:
    """Yield all statements, those inside loops too, from top to bottom."""
    for statement in statements:
        yield statement
        if isinstance(statement, Loop):
            yield from walk(statement.body)


def expressions(statement: Statement) -> tuple[sp.Expr, ...]:
    """Return the values that a statement computes."""
    return (statement.value,) if isinstance(statement, Assign | Accumulate) else ()


def written(statement: Statement) -> Ref | None:
    """Return the entry that a statement writes, if it writes one."""
    return statement.target if isinstance(statement, Assign | Accumulate) else None


def read(statement: Statement) -> tuple[Ref, ...]:
    """Return the entries that a statement reads."""
    return tuple(r for value in expressions(statement) for r in refs(value))


def map_values(statements: Statements, change: Callable[[sp.Expr], sp.Expr]) -> Statements:
    """Change every value and target, inside loops too."""
    return tuple(_mapped(s, change) for s in statements)


def _mapped(statement: Statement, change: Callable[[sp.Expr], sp.Expr]) -> Statement:
    if isinstance(statement, Loop):
        return replace(statement, body=map_values(statement.body, change))
    if isinstance(statement, Assign | Accumulate):
        target = change(statement.target)
        assert isinstance(target, Ref)
        return replace(statement, target=target, value=change(statement.value))
    return statement
