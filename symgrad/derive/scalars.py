"""Scalar graphs: evaluation over any algebra, closed forms, and the witness that uses no edges."""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import TypeVar

import sympy as sp

from symgrad.derive.kept import kept
from symgrad.exact.algebra import Algebra, Value
from symgrad.exact.translate import translate
from symgrad.model.expressions import Ref, quantity, refs
from symgrad.model.functions import Equal, Step, expand
from symgrad.model.graph import Graph, Node

V = TypeVar("V", bound=Value)


def evaluate(
    graph: Graph,
    algebra: Algebra[V],
    given: Mapping[str, V] | None = None,
    memo: dict[sp.Expr, V] | None = None,
) -> dict[str, V]:
    """Evaluate every node of a scalar graph, parents first.

    Parameters
    ----------
    algebra
        What the values are: normal forms, residues, decimals, rationals.
    given
        Values of leaves; a leaf without one becomes a generator of the algebra.
    memo
        Values of expressions; extended by all accesses, and by ``[k = arg]`` for every position of a
        maximum.
    """
    values: dict[str, V] = {}
    known: dict[sp.Expr, V] = {} if memo is None else memo
    for node in graph.nodes:
        if node.is_leaf:
            value = given[node.name] if given and node.name in given else algebra.leaf(node.name)
        else:
            value = defined(node, algebra, known)
        values[node.name] = known[node.ref] = value
    return values


def defined(node: Node, algebra: Algebra[V], known: dict[sp.Expr, V]) -> V:
    """Return the value of a definition, from the values of what it reads; `known` is extended."""
    parts = _parts(node, algebra, known)
    if node.reduce != "argmax":
        return reduce(algebra.shift, parts) if node.reduce == "max" else algebra.total(parts)
    wins = winners(parts, algebra)
    known.update({Equal(node.ref, sp.Integer(k)): win for k, win in enumerate(wins)})
    return algebra.total(win * algebra.number(k) for k, win in enumerate(wins))


def winners(values: Sequence[V], algebra: Algebra[V]) -> list[V]:
    """Return for each value the indicator that it is the largest; the first of equals is.

    A value wins if it is above the best before it, and none after it is above it.
    """
    wins, best = [algebra.number(1)], values[0]
    for value in values[1:]:
        above = algebra.step(value - best)
        wins = [*(win * (1 - above) for win in wins), above]
        best = best + above * (value - best)
    return wins


def _parts(node: Node, algebra: Algebra[V], memo: dict[sp.Expr, V]) -> list[V]:
    return [translate(term.body, algebra, memo) for term in node.terms]


def composite(graph: Graph, name: str, free: str = "", given: Callable[[str], sp.Expr] = Ref) -> sp.Expr:
    """Return a node of a scalar graph as one expression over the leaves, every function written out.

    The node `free` is cut: it stands in the expression as if it were a leaf.  The position of a maximum
    stands as it is: it is constant off ties.  What stands for a leaf is `given` by its name.
    """
    closed: dict[sp.Expr, sp.Expr] = {}
    above = graph.ancestors(name)
    for node in (node for node in graph.nodes if node.name in above):
        if node.is_leaf or node.reduce == "argmax" or node.name == free:
            closed[node.ref] = given(node.name)
        else:
            whole = sp.Max if node.reduce == "max" else sp.Add
            body = whole(*(_in_pieces(expand(term.body)) for term in node.terms))
            closed[node.ref] = body.xreplace({r: closed[r] for r in refs(body)})
    return closed[Ref(name)]


def _in_pieces(body: sp.Expr) -> sp.Expr:
    """Write |u|, sign(u) and the larger or smaller of values in pieces.

    Where it cannot see that u is real, SymPy derives re and im of |u|; and it compares the arguments of a
    maximum again and again.
    """
    absolute = {f: sp.Piecewise((f.args[0], f.args[0] > 0), (-f.args[0], True)) for f in body.atoms(sp.Abs)}
    signs = {f: sp.Piecewise((1, f.args[0] > 0), (-1, True)) for f in body.atoms(sp.sign)}
    largest = {f: reduce(_larger, sp.ordered(f.args)) for f in body.atoms(sp.Max)}
    least = {f: reduce(_smaller, sp.ordered(f.args)) for f in body.atoms(sp.Min)}
    pieces = {**absolute, **signs, **largest, **least}
    return _in_pieces(body.xreplace(pieces)) if pieces else body


def _larger(one: sp.Expr, other: sp.Expr) -> sp.Expr:
    return other + Step(one - other) * (one - other)


def _smaller(one: sp.Expr, other: sp.Expr) -> sp.Expr:
    return one - Step(one - other) * (one - other)


def formula(graph: Graph, name: str, free: str = "") -> sp.Expr:
    """Return the composite expression of a node over real symbols, written once for all that ask for it."""
    cut = "" if not free or graph[free].is_leaf else free
    return kept(graph, ("formula", name, cut), lambda: composite(graph, name, cut, quantity))


def witness(graph: Graph, wrt: str, loss: str) -> sp.Expr:
    """Return ∂loss/∂wrt as `sympy.diff` of the composite loss: it knows nothing of edges.

    It stands over the symbols of `quantity`.  By what is no symbol, SymPy would derive in copies of the loss,
    a new one for every entry, of which it has to find out everything anew.
    """
    return sp.diff(formula(graph, loss, wrt), quantity(wrt))
