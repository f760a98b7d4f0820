"""The terms of a formula as it was written, before it means anything, and how they are printed.

A run of one precedence level (``a + b - c``) is one `Chain`, so the depth of a term is bounded by the
depth of its brackets, and every walk may recurse.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["sum", "mean", "max"]


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

    There is one operator less than operands.
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


Formula: TypeAlias = Number | Constant | Name | Call | Reduce | Neg | Chain | Power

SUM, PRODUCT, SIGN, POWER, ATOM = 10, 20, 27, 30, 40


def children(formula: Formula) -> tuple[Formula, ...]:
    """Return the formulas directly inside one."""
    match formula:
        case Number() | Constant():
            return ()
        case Name(_, parts) | Call(_, parts) | Chain(_, parts):
            return parts
        case Reduce() as reduction:
            return (reduction.body,)
        case Neg(operand):
            return (operand,)
        case Power(base, exponent):
            return base, exponent


def with_children(formula: Formula, parts: tuple[Formula, ...]) -> Formula:
    """Return a formula with other formulas directly inside it."""
    match formula:
        case Number() | Constant():
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


def walk(formula: Formula) -> Iterator[Formula]:
    """Yield a formula and everything inside it, outermost first, in the order of writing."""
    waiting = [formula]
    while waiting:
        here = waiting.pop()
        yield here
        waiting.extend(reversed(children(here)))


def write(formula: Formula) -> str:
    """Return the text of a formula; reading it gives the same formula again."""
    match formula:
        case Number(value):
            return _decimal(value)
        case Constant(name):
            return name
        case Name(name, subscripts):
            return f"{name}[{_listed(subscripts)}]" if subscripts else name
        case Call(function, args):
            return f"{function}({_listed(args)})"
        case Reduce(kind, letters, body):
            return f"{kind}({', '.join(letters)}, {write(body)})"
        case Neg(operand):
            return f"-{_in(operand, SIGN)}"
        case Power(base, exponent):
            return f"{_in(base, POWER + 1)}^{_in(exponent, SIGN)}"
        case Chain():
            return _written_chain(formula)


def _listed(formulas: tuple[Formula, ...]) -> str:
    return ", ".join(map(write, formulas))


def _written_chain(chain: Chain) -> str:
    tight = _level(chain) + 1
    joint = " {} " if chain.additive else "{}"
    first, *rest = chain.operands
    signs = (joint.format(operator) for operator in chain.operators)
    return _in(first, tight) + "".join(s + _in(r, tight) for s, r in zip(signs, rest, strict=True))


def _in(formula: Formula, level: int) -> str:
    text = write(formula)
    return text if _level(formula) >= level else f"({text})"


def _level(formula: Formula) -> int:
    match formula:
        case Chain():
            return SUM if formula.additive else PRODUCT
        case Neg():
            return SIGN
        case Power():
            return POWER
        case _:
            return ATOM


def _decimal(value: Fraction) -> str:
    """Write a fraction whose denominator divides a power of ten."""
    scale = 0
    while value.denominator != 1:
        value, scale = value * 10, scale + 1
    digits = str(value.numerator)
    if scale == 0 and len(digits) <= 30:
        return digits
    if 0 < scale <= 30:
        return f"{digits.zfill(scale + 1)[:-scale]}.{digits.zfill(scale + 1)[-scale:]}"
    mantissa = digits.rstrip("0")
    return f"{mantissa}e{len(digits) - len(mantissa) - scale}"
