"""Plain descent without arrays for gradients: what a gradient adds up is added to its parameter at once.

Where an optimizer says w ← w + c·g and nothing else reads the sum g = Σ u v, then w += c·u v does what it
says, by BLAS in one call that reads and writes w once.  Parameters change behind everything that reads them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from symgrad.kernels.matrices import MATRIX
from symgrad.kernels.pieces import Piece
from symgrad.kernels.plan import Part
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import (
    Accumulate,
    Allocate,
    Fill,
    Loop,
    Product,
    Statement,
    Statements,
    read,
    walk,
    written,
)
from symgrad.kernels.updates import named_numbers
from symgrad.model.expressions import Ref, refs
from symgrad.model.graph import Node
from symgrad.model.rules import symbol


@dataclass(frozen=True)
class Descent:
    """The statements of a step, and which parameters they change.

    Attributes
    ----------
    settings
        The options of the optimizer, and what else all entries share, that they read.
    """

    statements: Statements
    changed: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()


def descent(spec: KernelSpec, parts: Sequence[Part]) -> Descent:
    """Return the statements of some parts, with updates in place of gradients wherever that is the same."""
    rate = descent_rate(spec)
    made = [part.statements for part in parts]
    if rate is None:
        return Descent(tuple(s for statements in made for s in statements))
    owner = {spec.delta[name]: name for name in spec.updated}
    changes = {k: c for k, c in enumerate(_changes(spec, parts, owner, rate)) if c is not None}
    before = tuple(s for k, statements in enumerate(made) if k not in changes for s in statements)
    body = before + tuple(s for change in changes.values() for s in change.statements)
    changed = tuple(change.parameter for change in changes.values())
    return Descent(body, changed, tuple(sorted(str(r) for r in refs(rate))) if changed else ())


@dataclass(frozen=True)
class _Change:
    """How a parameter is changed."""

    parameter: str
    statements: Statements


def descent_rate(spec: KernelSpec) -> sp.Expr | None:
    """Return c if the rule is w ← w + c·g, c an option or shared number known before the gradients."""
    rules = spec.optimizer.updates
    w, g = symbol("w"), symbol("g")
    if len(rules) != 1 or spec.optimizer.states or spec.optimizer.reads("norm"):
        return None
    change = sp.expand(rules[0][1] - w)
    rate = change.coeff(g)
    if sp.expand(change - rate * g) != 0 or {w, g} & rate.free_symbols or not _has_a_name(rate):
        return None
    return (-rate if spec.maximise else rate).xreplace(named_numbers(spec))


def _has_a_name(rate: sp.Expr) -> bool:
    """Whether a rate is a name or its negative: it is computed anew for every entry."""
    counted = (symbol("step"), symbol("epoch"))
    return any(sign * rate not in counted and (sign * rate).is_Symbol for sign in (1, -1))


def _changes(
    spec: KernelSpec, parts: Sequence[Part], owner: dict[str, str], rate: sp.Expr
) -> Iterator[_Change | None]:
    for part in parts:
        piece = part.made
        name = owner.get(piece.name) if isinstance(piece, Piece) else None
        if name is None or any(_reads(other.statements, part) for other in parts if other is not part):
            yield None
        else:
            loops = spec.rows == 1
            statements = _added(part.statements, spec.delta[name], spec.graph[name], rate, loops=loops)
            yield None if statements is None else _Change(name, statements)


def _reads(statements: Statements, part: Part) -> bool:
    return any(ref.name in part.names for s in walk(statements) for ref in read(s))


def _added(
    statements: Statements, gradient: str, parameter: Node, rate: sp.Expr, *, loops: bool
) -> Statements | None:
    """Return statements that add to a parameter what they did add up; None where that is not all they do."""
    mine = [s for s in walk(statements) if any(ref.name == gradient for ref in written(s))]
    sums = all(_is_product(s, parameter) or (loops and isinstance(s, Fill | Accumulate)) for s in mine)
    if not sums or any(ref.name == gradient for s in walk(statements) for ref in read(s)):
        return None
    return tuple(_turned(statements, gradient, parameter.name, rate))


def _is_product(statement: Statement, parameter: Node) -> bool:
    """Whether a statement is a product of two matrices that fills a matrix."""
    if not isinstance(statement, Product):
        return False
    out = statement.out
    return len(out.shape or parameter.axes[len(out.index) :]) == MATRIX


def _turned(statements: Statements, gradient: str, parameter: str, rate: sp.Expr) -> Iterator[Statement]:
    """Yield statements with the parameter in place of its gradient, which needs no array and no zeros."""
    for statement in statements:
        match statement:
            case Loop(body=body):
                yield replace(statement, body=tuple(_turned(body, gradient, parameter, rate)))
            case Allocate(name) | Fill(name) if name == gradient:
                continue
            case Product(out) if out.name == gradient:
                yield replace(statement, out=replace(out, name=parameter), rate=rate)
            case Accumulate(target, value) if target.name == gradient:
                yield replace(statement, target=Ref(parameter, target.index), value=rate * value)
            case _:
                yield statement
