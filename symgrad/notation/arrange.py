"""From an expression to its layout, in the order in which people write."""

from collections.abc import Iterable
from functools import reduce

import sympy as sp
from sympy.core.relational import Relational

from symgrad.model.expressions import Ref
from symgrad.model.functions import Equal, MaskedExp, Pointwise, Reciprocal, Step
from symgrad.model.graph import Axis, Kind
from symgrad.notation.compose import over, product, total
from symgrad.notation.layout import (
    Bars,
    Call,
    Cases,
    Floor,
    Fraction,
    Glyph,
    Indicator,
    Layout,
    Minus,
    Name,
    Number,
    Power,
    Relation,
    Root,
)
from symgrad.notation.order import ordered_factors, ordered_terms
from symgrad.notation.ranges import untold
from symgrad.notation.roles import PLAIN, Roles, named

GLYPHS = {sp.E: "e", sp.pi: "π", sp.oo: "∞"}
SIGNS = {"<": "<", ">": ">", "<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}
SHORT = {"Max": "max", "Min": "min"}


def arrange(expression: sp.Basic, roles: Roles = PLAIN) -> Layout:
    """Return the layout of an expression over accesses, sizes and index letters.

    Raises
    ------
    TypeError
        If the expression has something that no formula of the program has, such as an integral.
    """
    match expression:
        case Ref():
            return named(expression.name, listed(expression.index, roles), roles)
        case sp.Rational() | sp.Float():
            return number(expression)
        case sp.Symbol():
            return Name(expression.name)
        case sp.Add():
            return total(listed(ordered_terms(expression.args), roles))
        case sp.Mul():
            return _product(expression, roles)
        case sp.Pow():
            return _power(expression, roles)
        case _ if expression in GLYPHS:
            return Glyph(GLYPHS[expression])
        case _ if expression == -sp.oo:
            return Minus(Glyph("∞"))
        case _:
            return _function(expression, roles)


def listed(expressions: Iterable[sp.Basic], roles: Roles = PLAIN) -> tuple[Layout, ...]:
    """Return the layouts of several expressions."""
    return tuple(arrange(e, roles) for e in expressions)


def number(value: sp.Number) -> Layout:
    """Return the layout of a number."""
    if value.is_negative:
        return Minus(number(-value))
    if isinstance(value, sp.Rational):
        upper = Number(str(value.p))
        return upper if value.q == 1 else Fraction(upper, Number(str(value.q)))
    return Number(str(value))


def is_coefficient(factor: sp.Expr) -> bool:
    """Whether a factor is made of numbers and sizes only, such as 1/(2 N)."""
    if isinstance(factor, Ref):
        return False
    return not factor.atoms(Ref) and all(s.is_positive and s.is_integer for s in factor.free_symbols)


def split_coefficient(expression: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Return the factors made of numbers and sizes, and the other factors."""
    factors = sp.Mul.make_args(expression)
    front = [f for f in factors if is_coefficient(f)]
    if not front:
        return sp.Integer(1), expression
    return sp.Mul(*front), sp.Mul(*(f for f in factors if f not in front))


def _product(expression: sp.Expr, roles: Roles) -> Layout:
    coefficient, rest = split_coefficient(expression)
    below = [f for f in sp.Mul.make_args(rest) if _divides(f)]
    if below or rest == 1:
        return _quotient(expression, roles)
    front = number(coefficient) if coefficient.is_Rational else _quotient(coefficient, roles)
    return product((front, _side_by_side(sp.Mul.make_args(rest), roles)))


def _quotient(expression: sp.Expr, roles: Roles) -> Layout:
    """Write one fraction, with everything that divides below the line."""
    sign, expression = (-1, -expression) if expression.could_extract_minus_sign() else (1, expression)
    coefficient, factors = expression.as_coeff_mul()
    above = [sp.Integer(abs(coefficient.p)), *(f for f in factors if not _divides(f))]
    below = [sp.Integer(coefficient.q), *(1 / f for f in factors if _divides(f))]
    upper, lower = _side_by_side(above, roles), _side_by_side(below, roles)
    whole = upper if lower == Number("1") else Fraction(upper, lower)
    return Minus(whole) if sign * coefficient.p < 0 else whole


def _divides(factor: sp.Expr) -> bool:
    if not isinstance(factor, sp.Pow):
        return False
    _, exponent = factor.as_base_exp()
    return exponent.is_Rational and bool(exponent < 0)


def _side_by_side(factors: Iterable[sp.Expr], roles: Roles) -> Layout:
    numbers = [f for f in factors if f.is_Rational]
    others = ordered_factors([f for f in factors if not f.is_Rational], roles)
    return product((number(sp.Mul(*numbers)), *listed(others, roles)))


def _power(power: sp.Pow, roles: Roles) -> Layout:
    base, exponent = power.args
    if _divides(power):
        return Fraction(Number("1"), arrange(1 / power, roles))
    if exponent == sp.Rational(1, 2):
        return Root(arrange(base, roles))
    inside = _target_last(base, roles) if exponent.is_even else arrange(base, roles)
    return Power(inside, arrange(exponent, roles))


def _function(expression: sp.Basic, roles: Roles) -> Layout:
    match expression:
        case Equal():
            left, right = listed(expression.args, roles)
            return Indicator(Relation(left, "=", right), kronecker=not expression.atoms(Ref))
        case Step() if not expression.atoms(Ref):
            return Indicator(_order(expression.args[0], roles))
        case sp.Abs():
            return Bars(_target_last(expression.args[0], roles))
        case sp.floor():
            return Floor(arrange(expression.args[0], roles))
        case sp.Max() | sp.Min():
            return call(type(expression), listed(ordered_terms(expression.args), roles))
        case sp.Piecewise():
            return Cases(tuple(_case(value, condition, roles) for value, condition in expression.args))
        case Relational():
            left, right = listed(expression.args, roles)
            return Relation(left, SIGNS[expression.rel_op], right)
        case sp.And() | sp.Or():
            word = "and" if isinstance(expression, sp.And) else "or"
            return reduce(lambda one, other: Relation(one, word, other), listed(expression.args, roles))
        case sp.Sum():
            return _over(expression, roles)
        case Reciprocal() | MaskedExp():
            return arrange(expression.primal, roles)
        case sp.Function():
            return call(type(expression), listed(expression.args, roles))
        case _:
            raise TypeError(f"{type(expression).__name__} has no place in a formula: {expression}")


def _order(positive: sp.Expr, roles: Roles) -> Relation:
    """Write what is positive as an order of integers: t − u + ½ > 0 is u ≤ t, t − u − ½ > 0 is u < t."""
    half, rest = positive.as_coeff_Add()
    parts = sp.Add.make_args(rest)
    lower = sp.Add(*(-part for part in parts if part.could_extract_minus_sign()))
    upper = sp.Add(*(part for part in parts if not part.could_extract_minus_sign()))
    if half not in (sp.Rational(1, 2), sp.Rational(-1, 2)):
        return Relation(arrange(positive, roles), ">", Number("0"))
    return Relation(arrange(lower, roles), "≤" if half > 0 else "<", arrange(upper, roles))


def _over(reduction: sp.Sum, roles: Roles) -> Layout:
    """Write Σ_j body, numbers and sizes in front."""
    front, rest = split_coefficient(reduction.function)
    sums = tuple(Axis(str(letter), last - first + 1) for letter, first, last in reduction.limits)
    body = product((arrange(rest, roles), *limits(sums, rest.atoms(Ref), roles)), "·")
    return product((arrange(front, roles), over("Σ", tuple(axis.letter for axis in sums), body)))


def limits(sums: tuple[Axis, ...], accesses: Iterable[Ref], roles: Roles) -> tuple[Layout, ...]:
    """Say where letters stop that run over a part of an axis, ``[t < T − 1]``, if nothing else says it."""
    letters = untold(sums, accesses, roles.shapes)
    return tuple(Indicator(Relation(arrange(a.symbol), "<", arrange(a.size))) for a in letters)


def call(head: type[sp.Basic], args: tuple[Layout, ...]) -> Layout:
    """Return the layout of a function of the vocabulary, applied."""
    if issubclass(head, Step):
        return Indicator(Relation(args[0], ">", Number("0")))
    if issubclass(head, Equal):
        return Indicator(Relation(args[0], "=", args[1]))
    if issubclass(head, sp.Abs):
        return Bars(args[0])
    return Call(function_name(head), args)


def function_name(head: type[sp.Basic]) -> str:
    """Return how a function is called in print: σ, tanh, max."""
    if issubclass(head, Pointwise):
        return head.row.symbol or head.row.name
    return SHORT.get(head.__name__, head.__name__)


def _target_last(inside: sp.Expr, roles: Roles) -> Layout:
    """Write y − t rather than t − y, inside |…| and (…)², where the sign is free."""
    first = ordered_terms(sp.Add.make_args(inside))[0]
    turned = isinstance(first, Ref) and roles.kinds.get(first.name) is Kind.TARGET
    return arrange(sp.expand(-inside) if turned else inside, roles)


def _case(value: sp.Expr, condition: sp.Basic, roles: Roles) -> tuple[Layout, Layout | None]:
    return arrange(value, roles), None if condition == sp.true else arrange(condition, roles)
