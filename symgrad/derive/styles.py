"""A gradient at three zoom levels and as a recursion: chain, local, closed, delta.

- chain: ∂J/∂o1 · ∂o1/∂q1 · …, one summand for each path;
- local: the same with every partial written over named nodes, (o1 − t1) · o1 (1 − o1) · …;
- closed: over parameters and inputs only;
- delta: the δ recursion, one line for each delta.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import reduce

import sympy as sp

from symgrad.derive.chained import Rewrite, chained, products_along
from symgrad.derive.compact import compact
from symgrad.derive.deltas import deltas
from symgrad.derive.formulas import Delta, Derivative, Factor, Formula, Line, Summand
from symgrad.derive.kept import kept
from symgrad.derive.paths import LIST_LIMIT, Path
from symgrad.derive.rewrite import Rewritten, simplify
from symgrad.model.ends import joined
from symgrad.model.expressions import Ref, map_refs, reindex
from symgrad.model.functions import Equal
from symgrad.model.graph import Axis, Edge, Graph, Kind, Node, Term
from symgrad.model.landing import Landed, land_or_mark
from symgrad.model.terms import fresh, letters, onto, rename, summed

Solve = Callable[[Term, tuple[Axis, ...], Graph], Landed]


def chain(graph: Graph, wrt: str, loss: str | None = None, *, limit: int = LIST_LIMIT) -> Formula:
    """Return the chain rule as people write it: named derivatives along every path."""
    summands = _over_paths(graph, wrt, loss, limit, _zero_outside, _unwritten)
    line = Line(_left(graph, wrt, loss), _derivatives(graph, summands))
    return Formula("chain", (line,), graph=graph)


def local(graph: Graph, wrt: str, loss: str | None = None, *, limit: int = LIST_LIMIT) -> Formula:
    """Return the products of the partials along every path, over named nodes."""
    summands = _over_paths(graph, wrt, loss, limit, _zero_outside)
    return Formula("local", (Line(_left(graph, wrt, loss), summands),), graph=graph)


def closed(graph: Graph, wrt: str, loss: str | None = None, *, limit: int = LIST_LIMIT) -> Formula:
    """Return the gradient over parameters, inputs and targets only.

    What a value is outside of its axes does not follow from its formula, so indicators say where it is read.
    """
    summands = _over_paths(graph, wrt, loss, limit, _marked)
    written = _Closed(graph, {letter for s in summands for letter in _letters(s.factors)})
    line = Line(_left(graph, wrt, loss), tuple(written.summand(s) for s in summands))
    return Formula("closed", (line,), graph=graph)


def delta(graph: Graph, wrt: str, loss: str | None = None) -> Formula:
    """Return the δ recursion from the loss down to a node, simplified, with the assumptions used."""
    rewritten = recursion(graph, wrt, loss)
    return delta_lines(rewritten, wrt, rewritten.assumptions)


def recursion(graph: Graph, wrt: str, loss: str | None = None) -> Rewritten:
    """Return the simplified backward graph of one node."""
    return simplify(deltas(graph, [wrt], loss), [wrt])


def delta_lines(rewritten: Rewritten, wrt: str, assumptions: tuple[str, ...]) -> Formula:
    """Write the deltas of a simplified backward graph as lines, the one of `wrt` last."""
    backward = rewritten.backward
    own = frozenset(backward.delta.values())
    made = {node.name: node for node in backward.graph.nodes if node.name in own}
    lines = tuple(_line_of(backward.graph, node, made) for node in made.values())
    last = backward.delta[wrt]
    ordered = sorted(zip(made, lines, strict=True), key=lambda pair: pair[0] == last)
    return Formula("delta", tuple(line for _, line in ordered), assumptions, backward.graph)


def each_path(graph: Graph, found: tuple[Path, ...], wrt: str) -> tuple[tuple[Summand, ...], ...]:
    """Return the local summands of every path."""
    return tuple(_summands(graph, products_along(graph, path), wrt, _zero_outside) for path in found)


def _left(graph: Graph, wrt: str, loss: str | None) -> Derivative:
    return Derivative(graph[loss or graph.loss or ""].ref, graph[wrt].ref)


def _over_paths(
    graph: Graph, wrt: str, loss: str | None, limit: int, solve: Solve, change: Rewrite | None = None
) -> tuple[Summand, ...]:
    found = chained(graph, wrt, loss or graph.loss or "", limit, change)
    return _summands(graph, found, wrt, solve)


def _summands(graph: Graph, products: Iterable[Term], wrt: str, solve: Solve) -> tuple[Summand, ...]:
    landed = (solve(product, graph[wrt].axes, graph) for product in products)
    return tuple(Summand(summed(one.term), one.term.body.args, one.outside) for one in landed)


def _zero_outside(term: Term, axes: tuple[Axis, ...], graph: Graph) -> Landed:
    """Solve landing subscripts, with zeros outside of axes where that does it."""
    return land_or_mark(term, axes, graph.shapes, graph.names_of(Kind.PARAMETER))


def _marked(term: Term, axes: tuple[Axis, ...], graph: Graph) -> Landed:
    """Solve landing subscripts, with indicators where they are computed."""
    return Landed(onto(term, axes))


def _unwritten(graph: Graph, group: tuple[Edge, ...]) -> Edge:
    """Let the derivative stand as it is: the pair of what is derived and by what.

    What the partial itself sums over is hidden in it.  Where several edges together make the partial,
    it is the one between any two entries.
    """
    edge = group[0] if len(group) == 1 else _between_entries(graph, group[0])
    shown = {letter for subscript in (*edge.write, *edge.read) for letter in subscript.free_symbols}
    bound = tuple(axis for axis in edge.bound if axis.symbol in shown)
    pair = sp.Tuple(Ref(edge.child, edge.write), Ref(edge.parent, edge.read))
    return replace(edge, bound=bound, partial=pair)


def _between_entries(graph: Graph, edge: Edge) -> Edge:
    child, parent = graph[edge.child], graph[edge.parent]
    supply = fresh({*graph.by_name, *(axis.letter for axis in child.axes)})
    apart = tuple(Axis(letter, axis.size) for letter, axis in zip(supply, parent.axes, strict=False))
    read = tuple(axis.symbol for axis in apart)
    return replace(edge, read=read, write=child.index, bound=(*child.axes, *apart))


def _derivatives(graph: Graph, summands: tuple[Summand, ...]) -> tuple[Summand, ...]:
    """Name the pairs that stand for derivatives, each pair once for all formulas of a graph."""
    table = kept(graph, "derivatives", dict[Factor, Factor])
    for factor in {factor for summand in summands for factor in summand.factors} - table.keys():
        table[factor] = _derivative(factor)
    return tuple(Summand(s.sums, tuple(table[f] for f in s.factors), s.outside) for s in summands)


def _derivative(factor: Factor) -> Factor:
    named = isinstance(factor, Derivative | Delta)
    return factor if named or not isinstance(factor, sp.Tuple) else Derivative(*factor)


def _letters(factors: Iterable[Factor]) -> set[str]:
    written = [factor for factor in factors if not isinstance(factor, Derivative | Delta)]
    subscripts = [i for factor in written for ref in factor.atoms(Ref) for i in ref.index]
    return {str(symbol) for part in (*written, *subscripts) for symbol in part.free_symbols}


class _Closed:
    """Writes expressions over the leaves, with fresh letters for every inner sum."""

    def __init__(self, graph: Graph, taken: set[str]) -> None:
        self.graph = graph
        own = {axis.letter for node in graph.nodes for axis in node.axes}
        bound = {axis.letter for node in graph.nodes for term in node.terms for axis in term.bound}
        self.supply = fresh({*taken, *own, *bound, *graph.by_name})
        self.scalars: dict[str, sp.Expr] = {}
        self.named = graph.recurrent

    def summand(self, summand: Summand) -> Summand:
        factors = tuple(self._factor(factor) for factor in summand.factors)
        return Summand(summand.sums, factors, summand.outside)

    def _factor(self, factor: Factor) -> Factor:
        return factor if isinstance(factor, Derivative | Delta) else map_refs(factor, self.value)

    def value(self, ref: Ref) -> sp.Expr:
        node = self.graph[ref.name]
        if node.is_leaf or node.reduce != "sum" or node.name in self.named:
            return ref
        if not node.axes and node.name in self.scalars:
            return self.scalars[node.name]
        value = sp.Add(*(self._term(term, node, ref) for term in node.terms))
        if not node.axes:
            self.scalars[node.name] = value
        return value

    def _term(self, term: Term, node: Node, ref: Ref) -> sp.Expr:
        solved = onto(term, node.axes)
        own = rename(solved, {axis.letter: next(self.supply) for axis in summed(solved)})
        body = map_refs(reindex(own.body, dict(zip(node.index, ref.index, strict=True))), self.value)
        limits = [(axis.symbol, 0, axis.size - 1) for axis in summed(own)]
        return sp.Sum(body, *limits) if limits else body


def _line_of(graph: Graph, node: Node, made: Mapping[str, Node]) -> Line:
    """Return the line of a delta, written once for all recursions that it stands in."""
    read = {name: made[name] for term in node.terms for r in term.accesses if (name := r.name) in made}
    return kept(graph, ("delta line", node.name, *read), lambda: _delta_line(graph, node, read))


def _delta_line(graph: Graph, node: Node, made: Mapping[str, Node]) -> Line:
    of = graph[node.adjoint.of] if node.adjoint else node
    loss = node.adjoint.loss if node.adjoint else ""
    index = node.index[len(node.axes) - len(of.axes) :]
    left = Delta(loss, of.ref.at(index), of.is_leaf)
    found = joined(_compacted(node), node.axes, graph.shapes, graph.names_of(Kind.PARAMETER))
    landed = (one.landed or _marked(one.term, node.axes, graph) for one in found)
    return Line(left, tuple(_delta_summand(one, graph, made) for one in landed))


def _compacted(node: Node) -> tuple[Term, ...]:
    """Add up the terms of a scalar delta, common factors outside: a1 (1 − a1) (w10 δq1 + w11 δq2)."""
    if node.axes or any(term.bound for term in node.terms) or len(node.terms) < 2:
        return node.terms
    return (Term((), (), compact(sp.Add(*(term.body for term in node.terms)))),)


def _delta_summand(landed: Landed, graph: Graph, made: Mapping[str, Node]) -> Summand:
    ranked: dict[int, list[sp.Expr]] = {}
    for factor in sp.Mul.make_args(landed.term.body):
        ranked.setdefault(_rank(factor, graph, made), []).append(factor)
    factors = (sp.Mul(*ranked[rank]) for rank in sorted(ranked))
    shown = tuple(_factor(factor, made) for factor in factors if factor != 1)
    return Summand(summed(landed.term), shown, landed.outside, landed.beyond)


def _rank(factor: sp.Expr, graph: Graph, made: Mapping[str, Node]) -> int:
    """Numbers first, then deltas, parameters, values, inputs, and indicators last."""
    if isinstance(factor, Equal):
        return 5
    names = {ref.name for ref in factor.atoms(Ref)}
    kinds = {graph[name].kind for name in names}
    if not names or not names.isdisjoint(made):
        return 1 if names else 0
    return 2 if kinds == {Kind.PARAMETER} else 4 if kinds == {Kind.INPUT} else 3


def _factor(factor: sp.Expr, made: Mapping[str, Node]) -> Factor:
    adjoint = made[factor.name].adjoint if isinstance(factor, Ref) and factor.name in made else None
    return Delta(adjoint.loss, Ref(adjoint.of, factor.index), leaf=False) if adjoint else factor


def times(factors: tuple[sp.Expr, ...]) -> sp.Expr:
    """Return the product of the factors of a summand."""
    return reduce(sp.Mul, factors, sp.Integer(1))


__all__ = ["chain", "closed", "delta", "delta_lines", "each_path", "letters", "local", "recursion", "times"]
