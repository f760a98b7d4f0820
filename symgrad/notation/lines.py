"""From definitions and gradients to layout: equations, one for each line."""

import re
from collections.abc import Iterable, Set
from dataclasses import replace

import sympy as sp

from symgrad.derive import formulas
from symgrad.derive.formulas import Derivative, Factor, Formula, Line, Summand
from symgrad.derive.kept import kept
from symgrad.model.ends import Joined, joined
from symgrad.model.expressions import Ref, refs
from symgrad.model.graph import Adjoint, Axis, Node, Term
from symgrad.model.landing import Landed, lands_once
from symgrad.model.terms import onto, summed
from symgrad.notation.arrange import arrange, limits, listed, split_coefficient
from symgrad.notation.common import accesses_of, common_factors
from symgrad.notation.compose import over, product, total
from symgrad.notation.layout import (
    Block,
    Delta,
    Equation,
    Layout,
    Minus,
    Name,
    Number,
    Partial,
)
from symgrad.notation.picks import largest_of, read_at_integers, summand_at_integers
from symgrad.notation.roles import PLAIN, Roles, named

SIGNS = {"sum": "Σ", "max": "max", "argmax": "argmax"}
SUM_IS_ONE = re.compile(r"Σ_(\w+) (\w+)\[([\w,]+)\] = 1")
NAMES_ARE_ONE = re.compile(r"\w+(?: \+ \w+)* = 1")


def formula_block(formula: Formula, roles: Roles = PLAIN) -> Block:
    """Return the layout of a gradient, its assumptions as notes."""
    lefts = [line.left for line in formula.lines if isinstance(line.left, formulas.Delta)]
    roles = roles.with_deltas({f"d{left.of.name}": Adjoint(left.loss, left.of.name) for left in lefts})
    lines = tuple(line_equation(line, roles) for line in formula.lines)
    notes = (*zero_outside(formula.outside, roles), *(beyond(pair, roles) for pair in formula.beyond))
    return Block(lines, (*map(_note, formula.assumptions), *notes))


def line_equation(line: Line, roles: Roles = PLAIN) -> Equation:
    """Return the layout of one line, in front what all of its sums have in common."""
    front, summands = common_factors(line.right)
    right = total(tuple(summand_layout(s, roles) for s in summands))
    whole = product((*(factor_layout(f, roles) for f in front), right), "·") if front else right
    return Equation(factor_layout(line.left, roles), whole)


def summand_layout(summand: Summand, roles: Roles = PLAIN) -> Layout:
    """Return the layout of a sum of products, the factors in the order of the summand."""
    summand = summand_at_integers(summand, roles.integers, roles.shapes) if roles.integers else summand
    if not summand.sums:
        return product(tuple(factor_layout(f, roles) for f in summand.factors), "·")
    front, factors = _coefficient_in_front(summand)
    told = limits(summand.sums, (ref for factor in factors for ref in accesses_of(factor)), roles)
    body = product((*(factor_layout(f, roles) for f in factors), *told), "·")
    return product((arrange(front, roles), _over("Σ", summand.sums, body)))


def _coefficient_in_front(summand: Summand) -> tuple[sp.Expr, tuple[Factor, ...]]:
    """Take numbers and sizes out of the factors, to stand before the sum."""
    split = [_split(factor) for factor in summand.factors]
    kept = tuple(rest for front, rest in split if front == 1 or rest != 1)
    return sp.Mul(*(front for front, _ in split)), kept


def _split(factor: Factor) -> tuple[sp.Expr, Factor]:
    named_only = isinstance(factor, Derivative | formulas.Delta)
    return (sp.Integer(1), factor) if named_only else split_coefficient(factor)


def factor_layout(factor: Factor, roles: Roles = PLAIN) -> Layout:
    """Return the layout of a factor, found once: a named derivative, a delta, or an expression."""
    return kept(roles, ("factor", factor), lambda: _factor_layout(factor, roles))


def _factor_layout(factor: Factor, roles: Roles) -> Layout:
    match factor:
        case Derivative(upper, lower):
            return Partial(_access(upper), _access(lower))
        case formulas.Delta(loss, of, leaf):
            return Partial(Name(loss), _access(of)) if leaf else Delta(_access(of))
        case _:
            return arrange(factor, roles)


def definition_block(node: Node, roles: Roles = PLAIN) -> Block:
    """Return the layout of a node's definition, ``z1[n,i] = Σ_j W1[i,j] x[n,j] + b1[i]``.

    Terms whose landing subscripts cannot be solved stand on lines of their own, ``z[2 i + k] += …``.
    A leaf has no equation.
    """
    if node.is_leaf:
        return Block(())
    roles = roles.of_node(node)
    found = [(one.term, one.landed) for one in solved(node, roles)]
    gathered = tuple(_term(landed.term, node, roles) for _, landed in found if landed is not None)
    scattered = [term for term, landed in found if landed is None]
    first = Equation(named(node.name, listed(node.index), roles), total(gathered))
    whole = (first,) if gathered or not scattered else ()
    outside = {name for _, landed in found if landed for name in landed.outside}
    lines = (*whole, *(_scatter(term, node, roles) for term in scattered))
    more = [pair for _, landed in found if landed for pair in landed.beyond]
    return Block(lines, (*zero_outside(sorted(outside), roles), *(beyond(pair, roles) for pair in more)))


def zero_outside(names: Iterable[str], roles: Roles) -> tuple[str, ...]:
    """Say of what subscripts may leave the axes, in one line."""
    shown = [unicode_name(name, roles) for name in names]
    return (
        (f"{', '.join(shown)} = 0 outside of {'its' if len(shown) == 1 else 'their'} axes",) if shown else ()
    )


def beyond(pair: tuple[Ref, Ref], roles: Roles) -> Equation:
    """Say what stands beyond the end of an axis: ``a[−1,n,i] = x[n,i]``."""
    access, value = (named(ref.name, listed(ref.index), roles) for ref in pair)
    return Equation(access, value)


def unicode_name(name: str, roles: Roles) -> str:
    """Return a name, that of a delta with its δ."""
    adjoint = roles.deltas.get(name)
    return name if adjoint is None else f"δ{adjoint.of}"


def solved(node: Node, roles: Roles) -> tuple[Joined, ...]:
    """Return terms over their node's letters, with [i = j] where they land on a diagonal or at one place."""
    return tuple(
        _marked(one, node.axes) for one in joined(node.terms, node.axes, roles.shapes, roles.parameters)
    )


def _marked(one: Joined, axes: tuple[Axis, ...]) -> Joined:
    letters = set(one.term.sizes)
    plain = all(w in letters or not w.free_symbols & letters for w in one.term.write)
    return replace(one, landed=Landed(onto(one.term, axes))) if one.landed is None and plain else one


def _term(term: Term, node: Node, roles: Roles) -> Layout:
    largest = largest_of(node, term, roles.positions)
    if largest is not None:
        letters, body = largest
        return over("max", tuple(axis.letter for axis in letters), arrange(body, roles))
    return term_layout(SIGNS[node.reduce], summed(term), term, roles)


def _scatter(term: Term, node: Node, roles: Roles) -> Equation:
    left = named(node.name, listed(term.write), roles)
    if len(node.terms) == 1 and lands_once(term, node.axes):
        return Equation(left, term_layout(SIGNS[node.reduce], (), term, roles))
    landing = {letter for subscript in term.write for letter in subscript.free_symbols}
    sums = tuple(axis for axis in term.bound if axis.symbol not in landing)
    return Equation(left, term_layout(SIGNS[node.reduce], sums, term, roles), "+=")


def term_layout(sign: str, sums: tuple[Axis, ...], term: Term, roles: Roles) -> Layout:
    """Return the layout of one term, numbers and sizes in front of its sum."""
    if roles.integers:
        term = read_at_integers(term, roles.integers, roles.shapes)
        sums = tuple(axis for axis in sums if axis in term.bound)
    if not sums or sign != "Σ":
        return over(sign, tuple(a.letter for a in sums), arrange(term.body, roles))
    front, rest = split_coefficient(term.body)
    inner, outer = _split_by_letters(rest, {axis.symbol for axis in sums})
    body = product((arrange(inner, roles), arrange(outer, roles), *limits(sums, term.accesses, roles)), "·")
    return product((arrange(front, roles), _over(sign, sums, body)))


def _split_by_letters(body: sp.Expr, letters: Set[sp.Expr]) -> tuple[sp.Expr, sp.Expr]:
    """Return the factors that depend on summed letters, and the others."""
    factors = sp.Mul.make_args(body)
    inner = [f for f in factors if _letters(f) & letters]
    if len(inner) in (0, len(factors)):
        return body, sp.Integer(1)
    return sp.Mul(*inner), sp.Mul(*(f for f in factors if f not in inner))


def _letters(expression: sp.Expr) -> set[sp.Expr]:
    subscripts = [i for ref in refs(expression) for i in ref.index]
    return set(expression.free_symbols).union(*(i.free_symbols for i in subscripts))


def _over(sign: str, sums: tuple[Axis, ...], body: Layout) -> Layout:
    letters = tuple(axis.letter for axis in sums)
    if letters and isinstance(body, Minus):
        return Minus(over(sign, letters, body.body))
    return over(sign, letters, body)


def _access(ref: Ref) -> Name:
    return Name(ref.name, listed(ref.index))


def _note(assumption: str) -> Equation | str:
    """Return an assumption as an equation where it is one that we know."""
    match = SUM_IS_ONE.fullmatch(assumption)
    if match is not None:
        letter, name, subscripts = match.groups()
        body = Name(name, tuple(Name(s) for s in subscripts.split(",")))
        return Equation(over("Σ", (letter,), body), Number("1"))
    if NAMES_ARE_ONE.fullmatch(assumption):
        names = assumption.removesuffix(" = 1").split(" + ")
        return Equation(total(tuple(map(Name, names))), Number("1"))
    return assumption
