"""SymPy expressions as values of an algebra."""

from collections.abc import Callable, Container, Iterable, Iterator
from fractions import Fraction
from functools import cache, reduce
from operator import mul
from typing import Any

import sympy
from sympy.core.expr import AtomicExpr
from sympy.logic.boolalg import BooleanFalse, BooleanTrue

from symgrad.exact.algebra import Algebra, ExactError

Node = Any  # SymPy is untyped

_FUNCTIONS: dict[type, str] = {
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.tanh: "tanh",
    sympy.sinh: "sinh",
    sympy.cosh: "cosh",
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.erf: "erf",
    sympy.Abs: "abs",
    sympy.sign: "sign",
}


def translate(expr: Node, algebra: Algebra[Any], memo: dict[Node, Any] | None = None) -> Any:
    """The value of a SymPy expression.

    Takes time linear in the number of distinct subexpressions, and no recursion.

    Parameters
    ----------
    expr
        Rational numbers, symbols and other atomic expressions (leaves, keyed by themselves; a leaf that
        SymPy knows to be positive is one), sums, products, powers, exp, log, tanh, sinh, cosh, sin, cos,
        erf, Abs, sign, Heaviside, Max, Min, Piecewise over inequalities that cover everything, and functions
        that say by a property `primal` how they are written in these.
    algebra
        Normal forms or residues.
    memo
        Values of expressions already translated into this algebra; extended.

    Raises
    ------
    ExactError
        A float, an infinity, an unknown function, a condition that is no inequality, a division by zero.
    """
    known = {} if memo is None else memo
    for node in _inside_out(expr, known):
        known[node] = _value(node, algebra, known)
    return known[expr]


def largest_without(expr: Node, atoms: Container[Node]) -> tuple[Node, ...]:
    """The largest subexpressions of an expression in which none of some atoms stands."""
    held: dict[Node, bool] = {}
    for node in _inside_out(expr, held):
        held[node] = node in atoms or any(held[child] for child in _children(node))
    below = (child for node, holds in held.items() if holds for child in _children(node))
    return tuple(dict.fromkeys(child for child in below if not held[child])) if held[expr] else (expr,)


def _inside_out(expr: Node, known: Container[Node]) -> Iterator[Node]:
    """Yield what is not known of an expression, parts first; whoever takes one makes it known."""
    stack = [expr]
    while stack:
        node = stack[-1]
        waiting = [] if node in known else [child for child in _children(node) if child not in known]
        stack.extend(waiting)
        if not waiting:
            stack.pop()
            if node not in known:
                yield node


def _children(node: Node) -> tuple[Node, ...]:
    if isinstance(node, sympy.Piecewise):
        return tuple(part for pair in node.args for part in (pair.expr, pair.cond))
    if isinstance(node, sympy.Pow) and node.exp.is_Rational:
        return (node.base,)
    return node.args[:1] if isinstance(node, sympy.Heaviside) else node.args


def _value(node: Node, algebra: Algebra[Any], known: dict[Node, Any]) -> Any:
    if not node.args:
        return _atom(node, algebra)
    function = _head(type(node))
    if function is None and hasattr(type(node), "primal"):
        slots, written = _template(type(node), len(node.args))
        return translate(written, algebra, dict(zip(slots, (known[arg] for arg in node.args), strict=True)))
    if function is None:
        raise ExactError(f"no exact rule for {type(node).__name__}")
    return function(node, algebra, [known[child] for child in _children(node)])


@cache
def _head(kind: type) -> Callable[[Node, Algebra[Any], list[Any]], Any] | None:
    return next((_HEADS[base] for base in kind.__mro__ if base in _HEADS), None)


@cache
def _template(kind: Any, count: int) -> tuple[tuple[Node, ...], Node]:
    """Write a function out once, over slots for its arguments."""
    slots = tuple(sympy.Dummy(f"slot{k}", real=True) for k in range(count))
    return slots, kind(*slots).primal


def _atom(node: Node, algebra: Algebra[Any]) -> Any:
    if isinstance(node, (BooleanTrue, BooleanFalse)):
        return algebra.number(int(bool(node)))
    if node is sympy.S.Exp1:
        return algebra.exp(algebra.number(1))
    if isinstance(node, sympy.Rational):
        return algebra.number(_fraction(node))
    unreal = node.is_Number or node.is_finite is False or node.is_extended_real is False
    if not isinstance(node, AtomicExpr) or unreal:
        raise ExactError(f"{node} is no exact real number; write decimals as fractions")
    return algebra.leaf(node, positive=node.is_positive is True)


def _fraction(number: Node) -> Fraction:
    return Fraction(int(number.p), int(number.q))


def _add(node: Node, algebra: Algebra[Any], values: list[Any]) -> Any:
    return algebra.total(values)


def _mul(node: Node, algebra: Algebra[Any], values: list[Any]) -> Any:
    return reduce(mul, values)


def _pow(node: Node, algebra: Algebra[Any], values: list[Any]) -> Any:
    if node.exp.is_Rational:
        return values[0] ** _fraction(node.exp)
    base, exponent = values
    return algebra.exp(exponent) if node.base is sympy.S.Exp1 else algebra.exp(exponent * algebra.log(base))


def _named(name: str) -> Callable[[Node, Algebra[Any], list[Any]], Any]:
    return lambda node, algebra, values: getattr(algebra, name)(*values)


def _folded(name: str) -> Callable[[Node, Algebra[Any], list[Any]], Any]:
    return lambda node, algebra, values: reduce(getattr(algebra, name), values)


def _greater(node: Node, algebra: Algebra[Any], values: list[Any]) -> Any:
    return algebra.step(values[0] - values[1])


def _less(node: Node, algebra: Algebra[Any], values: list[Any]) -> Any:
    return algebra.step(values[1] - values[0])


def _none_of(algebra: Algebra[Any], conditions: Iterable[Any]) -> Any:
    return reduce(mul, (1 - condition for condition in conditions), algebra.number(1))


def _or(node: Node, algebra: Algebra[Any], values: list[Any]) -> Any:
    return 1 - _none_of(algebra, values)


def _not(node: Node, algebra: Algebra[Any], values: list[Any]) -> Any:
    return 1 - values[0]


def _piecewise(node: Node, algebra: Algebra[Any], values: list[Any]) -> Any:
    branches, conditions = values[::2], values[1::2]
    otherwise = node.args[-1].args[1] == sympy.true
    if not otherwise:
        uncovered = _none_of(algebra, conditions)
        algebra.check_zero(uncovered, "the conditions of a Piecewise do not cover everything")
    chosen = (condition * _none_of(algebra, conditions[:i]) for i, condition in enumerate(conditions))
    return algebra.total(side * branch for side, branch in zip(chosen, branches, strict=True))


_HEADS: dict[type, Callable[[Node, Algebra[Any], list[Any]], Any]] = {
    sympy.Add: _add,
    sympy.Mul: _mul,
    sympy.Pow: _pow,
    sympy.Heaviside: _named("step"),
    sympy.Max: _folded("maximum"),
    sympy.Min: _folded("minimum"),
    sympy.StrictGreaterThan: _greater,
    sympy.GreaterThan: _greater,
    sympy.StrictLessThan: _less,
    sympy.LessThan: _less,
    sympy.And: _mul,
    sympy.Or: _or,
    sympy.Not: _not,
    sympy.Piecewise: _piecewise,
    **{kind: _named(name) for kind, name in _FUNCTIONS.items()},
}
