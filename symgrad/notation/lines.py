"""From definitions and gradients to layout: equations, one for each line."""

import re

import sympy as sp

from symgrad.derive import formulas
from symgrad.derive.formulas import Derivative, Factor, Formula, Line, Summand
from symgrad.model.expressions import Ref
from symgrad.model.graph import Graph, Kind, Node, Term
from symgrad.model.terms import gather, summed
from symgrad.notation.arrange import arrange, listed, split_coefficient
from symgrad.notation.layout import (
    Block,
    Delta,
    Equation,
    Layout,
    Name,
    Number,
    Partial,
    over,
    product,
    total,
)
from symgrad.notation.roles import PLAIN, Roles, named

SIGNS = {"sum": "Σ", "max": "max"}
ASSUMED = re.compile(r"Σ_(\w+) (\w+)\[([\w,]+)\] = 1")


def formula_block(formula: Formula, roles: Roles = PLAIN) -> Block:
    """Return the layout of a gradient, its assumptions as notes."""
    lines = tuple(line_equation(line, roles) for line in formula.lines)
    return Block(lines, tuple(_note(text) for text in formula.assumptions))


def line_equation(line: Line, roles: Roles = PLAIN) -> Equation:
    """Return the layout of one line."""
    return Equation(factor_layout(line.left, roles), total(tuple(summand_layout(s, roles) for s in line.right)))


def summand_layout(summand: Summand, roles: Roles = PLAIN) -> Layout:
    """Return the layout of a sum of products, the factors in the order of the summand."""
    factors = product(tuple(factor_layout(f, roles) for f in summand.factors), "·")
    letters = tuple(axis.letter for axis in summand.sums)
    return _signed(letters, factors)


def _signed(letters: tuple[str, ...], factors: Layout) -> Layout:
    sign, body = _sign(factors)
    return product((sign, over("Σ", letters, body))) if letters else factors


def _sign(layout: Layout) -> tuple[Layout, Layout]:
    bare = product((Number("1"), layout))
    positive = product((MINUS_ONE, bare))
    return (MINUS_ONE, positive) if bare != layout or not _begins_with_minus(bare) else (Number("1"), bare)


def factor_layout(factor: Factor, roles: Roles = PLAIN) -> Layout:
    """Return the layout of a factor: a named derivative, a delta, or an expression."""
    match factor:
        case Derivative(upper, lower):
            return Partial(_access(upper), _access(lower))
        case formulas.Delta(loss, of, leaf):
            return Partial(Name(loss), _access(of)) if leaf else Delta(_access(of))
        case _:
            return arrange(factor, roles)
