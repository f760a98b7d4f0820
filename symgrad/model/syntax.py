"""The terms of a formula as it was written, before it means anything.

A run of one precedence level (``a + b - c``) is one `Chain`, so the depth of a term is bounded by the
depth of its brackets, and every walk may recurse.  Definitions are made of the terms up to `Power`; the
terms behind it stand in gradients only.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["sum", "mean", "max"]
Relation: TypeAlias = Literal["=", "≠", "<", ">", "≤", "≥"]


def _column() -> int:
    return field(default=0, compare=False)


@dataclass(frozen=True)
class Number:
    """An exact number ≥ 0."""

    value: Fraction
    column: int = _column()


@dataclass(frozen=True)
class Constant:
    """Euler's number ``e``, or ``pi``."""

    name: str
    column: int = _column()


@dataclass(frozen=True)
class Name:
    """A name, with its subscripts where it has any: ``W[i, j]``."""

    name: str
    subscripts: tuple["Formula", ...] = ()
    column: int = _column()


@dataclass(frozen=True)
class Call:
    """A function of the table, applied."""

    function: str
    args: tuple["Formula", ...]
    column: int = _column()


@dataclass(frozen=True)
class Reduce:
    """``sum(j, body)``, ``mean(n, body)`` or ``max(j, body)``, over one or several letters."""

    kind: Kind
    letters: tuple[str, ...]
    body: "Formula"
    column: int = _column()


@dataclass(frozen=True)
class Neg:
    """A minus sign in front."""

    operand: "Formula"
    column: int = _column()


@dataclass(frozen=True)
class Chain:
    """Operands joined from the left by operators of one level, ``+ -`` or ``* /``.

    There is one operator less than operands.  In gradients ``@`` is the product of matrices, and ``·`` and
    the space the product that is written by a dot or by nothing: of matrices where their shapes allow it.
    """

    operators: tuple[str, ...]
    operands: tuple["Formula", ...]
    column: int = _column()

    @property
    def additive(self) -> bool:
        """Whether the operators are plus and minus."""
        return self.operators[0] in "+-"

    @property
    def signed(self) -> tuple[tuple[str, "Formula"], ...]:
        """Each operand with the operator before it; ``+`` or ``*`` before the first."""
        return tuple(zip(("+" if self.additive else "*", *self.operators), self.operands, strict=True))


@dataclass(frozen=True)
class Power:
    """``base ^ exponent``."""

    base: "Formula"
    exponent: "Formula"
    column: int = _column()


@dataclass(frozen=True)
class Prime:
    """A derivative of a function of one argument, applied: ``sigmoid'(z)``."""

    function: str
    argument: "Formula"
    order: int = 1
    column: int = _column()


@dataclass(frozen=True)
class Transpose:
    """``x^T``."""

    operand: "Formula"
    column: int = _column()


@dataclass(frozen=True)
class Indicator:
    """``[left relation right]``: 1 where it holds, else 0."""

    left: "Formula"
    relation: Relation
    right: "Formula"
    column: int = _column()


@dataclass(frozen=True)
class Fold:
    """``sum(x)`` or ``sum(x, axis=0)``: over all entries of an array, or along one axis.

    Attributes
    ----------
    keep
        Whether the axis stays, with the size 1.
    """

    kind: Kind
    operand: "Formula"
    axis: int | None = None
    keep: bool = False
    column: int = _column()


@dataclass(frozen=True)
class Span:
    """``sum(k=0:K, body)``: over one letter from `first` to the number before `end`."""

    kind: Kind
    letter: str
    first: "Formula"
    end: "Formula"
    body: "Formula"
    column: int = _column()


@dataclass(frozen=True)
class Slice:
    """A whole axis where a subscript could stand, ``W[:, j]``; with `new` one more, ``y[:, None]``."""

    new: bool = False
    column: int = _column()


Formula: TypeAlias = (
    Number
    | Constant
    | Name
    | Call
    | Reduce
    | Neg
    | Chain
    | Power
    | Prime
    | Transpose
    | Indicator
    | Fold
    | Span
    | Slice
)

SUM, PRODUCT, SIGN, POWER, POSTFIX, ATOM = 10, 20, 27, 30, 35, 40


def children(formula: Formula) -> tuple[Formula, ...]:
    """Return the formulas directly inside one."""
    match formula:
        case Number() | Constant() | Slice():
            return ()
        case Name(_, parts) | Call(_, parts) | Chain(_, parts):
            return parts
        case Reduce() as reduction:
            return (reduction.body,)
        case Neg(operand):
            return (operand,)
        case Power(base, exponent):
            return base, exponent
        case Prime(_, operand) | Transpose(operand) | Fold(_, operand):
            return (operand,)
        case Indicator(left, _, right):
            return left, right
        case Span(_, _, first, end, body):
            return first, end, body


def with_children(formula: Formula, parts: tuple[Formula, ...]) -> Formula:
    """Return a formula with other formulas directly inside it."""
    match formula:
        case Number() | Constant() | Slice():
            return formula
        case Name():
            return replace(formula, subscripts=parts)
        case Call():
            return replace(formula, args=parts)
        case Chain():
            return replace(formula, operands=parts)
        case Reduce():
            return replace(formula, body=parts[0])
        case Neg():
            return replace(formula, operand=parts[0])
        case Power():
            return replace(formula, base=parts[0], exponent=parts[1])
        case Prime():
            return replace(formula, argument=parts[0])
        case Transpose() | Fold():
            return replace(formula, operand=parts[0])
        case Indicator():
            return replace(formula, left=parts[0], right=parts[1])
        case Span():
            return replace(formula, first=parts[0], end=parts[1], body=parts[2])


def walk(formula: Formula) -> Iterator[Formula]:
    """Yield a formula and everything inside it, outermost first, in the order of writing."""
    waiting = [formula]
    while waiting:
        here = waiting.pop()
        yield here
        waiting.extend(reversed(children(here)))
