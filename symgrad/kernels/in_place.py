"""Plain descent without arrays for gradients: what a gradient adds up is added to its parameter at once.

Where an optimizer says w ← b·w + c·g and nothing else reads the sum g = Σ u v, then w = b·w + c·u v does what
it says, in one call that reads and writes w once.  Parameters change behind everything that reads them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from symgrad.kernels.linear import Linear, linear
from symgrad.kernels.matrices import MATRIX
from symgrad.kernels.pieces import Piece
from symgrad.kernels.plan import Part
from symgrad.kernels.remarks import headed
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
from symgrad.model.expressions import Ref
from symgrad.model.graph import Node


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
    made = [part.statements for part in parts]
    changes, rule = changes_of(spec, parts), linear(spec)
    if isinstance(rule, str):
        return Descent(tuple(s for statements in made for s in statements))
    before = tuple(s for k, statements in enumerate(made) if k not in changes for s in statements)
    body = before + tuple(s for change in changes.values() for s in change.statements)
    changed = tuple(change.parameter for change in changes.values())
    return Descent(body, changed, rule.names if changed else ())


@dataclass(frozen=True)
class Change:
    """How a parameter is changed."""

    parameter: str
    statements: Statements


def changes_of(spec: KernelSpec, parts: Sequence[Part]) -> dict[int, Change]:
    """Return, by their number, the parts that change a parameter in place of its gradient, and how."""
    rule = linear(spec)
    if isinstance(rule, str):
        return {}
    owner = {spec.delta[name]: name for name in spec.updated}
    return {k: c for k, c in enumerate(_changes(spec, parts, owner, rule)) if c is not None}


def _changes(
    spec: KernelSpec, parts: Sequence[Part], owner: dict[str, str], rule: Linear
) -> Iterator[Change | None]:
    for part in parts:
        piece = part.made if isinstance(part.made, Piece) else None
        name = owner.get(piece.name) if piece else None
        read_elsewhere = any(_reads(other.statements, part) for other in parts if other is not part)
        if piece is None or name is None or read_elsewhere:
            yield None
        else:
            loops = spec.rows == 1
            found = _added(part.statements, spec.delta[name], spec.graph[name], rule, loops=loops)
            yield None if found is None else Change(name, tuple(headed(found, told(name, piece))))


def told(parameter: str, gradient: Piece) -> str:
    """Say that a parameter is changed, and by what."""
    return f"change {parameter}: {gradient.comment}"


def _reads(statements: Statements, part: Part) -> bool:
    return any(ref.name in part.names for s in walk(statements) for ref in read(s))


def _added(
    statements: Statements, gradient: str, parameter: Node, rule: Linear, *, loops: bool
) -> Statements | None:
    """Return statements that add to a parameter what they did add up; None where that is not all they do.

    Where only a part of a parameter is kept, it has to be changed in one product.
    """
    mine = [s for s in walk(statements) if any(ref.name == gradient for ref in written(s))]
    sums = all(_is_product(s, parameter) or (loops and isinstance(s, Fill | Accumulate)) for s in mine)
    at_once = rule.keep == 1 or (len(mine) == 1 and mine[0] in statements and isinstance(mine[0], Product))
    if not (sums and at_once) or any(ref.name == gradient for s in walk(statements) for ref in read(s)):
        return None
    return tuple(_turned(statements, gradient, parameter.name, rule))


def _is_product(statement: Statement, parameter: Node) -> bool:
    """Whether a statement is a product of two matrices that fills a matrix."""
    if not isinstance(statement, Product):
        return False
    out = statement.out
    return len(out.shape or parameter.axes[len(out.index) :]) == MATRIX


def _turned(statements: Statements, gradient: str, parameter: str, rule: Linear) -> Iterator[Statement]:
    """Yield statements with the parameter in place of its gradient, which needs no array and no zeros."""
    for statement in statements:
        match statement:
            case Loop(body=body):
                yield replace(statement, body=tuple(_turned(body, gradient, parameter, rule)))
            case Allocate(name) | Fill(name) if name == gradient:
                continue
            case Product(out) if out.name == gradient:
                yield replace(statement, out=replace(out, name=parameter), rate=rule.rate, keep=rule.keep)
            case Accumulate(target, value) if target.name == gradient:
                yield replace(statement, target=Ref(parameter, target.index), value=rule.rate * value)
            case _:
                yield statement
