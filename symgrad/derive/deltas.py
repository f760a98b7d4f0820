"""The δ recursion of backpropagation, Graph → Graph.

The adjoint of an edge ``x[read] → z[write]`` is the same edge with read and write exchanged::

    δx[read] += Σ_B δz[write] · ∂body/∂x[read]

so every delta is an ordinary definition, and deriving once more is deriving again.
(Rumelhart, Hinton, Williams 1986; as vector–Jacobian products: Griewank, Walther 2008, chapter 3.)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sympy as sp

from symgrad.derive.kept import kept
from symgrad.errors import unknown
from symgrad.model.expressions import Ref
from symgrad.model.graph import Adjoint, Axis, Edge, Graph, Node, Term
from symgrad.model.terms import fresh


@dataclass(frozen=True)
class Backward:
    """A graph with its deltas.

    Attributes
    ----------
    graph
        The forward nodes and, behind them, one delta for each node on a way to the loss.
    loss
        What is derived.
    delta
        For the name of a node, the name of its delta.
    """

    graph: Graph
    loss: str
    delta: Mapping[str, str]

    def of(self, name: str) -> Node:
        """Return the delta of a node."""
        return self.graph[self.delta[name]]


def deltas(graph: Graph, wrt: Iterable[str] = (), loss: str | None = None) -> Backward:
    """Derive a node with respect to others by the δ recursion.

    Parameters
    ----------
    graph
        Any graph, derived ones too.
    wrt
        The nodes wanted; without any, every node that the loss depends on.
    loss
        What to derive, the graph's loss by default.  With axes of its own, every delta carries these
        axes in front (one delta for each component): a Jacobian.

    Raises
    ------
    UnknownNameError
        If a name is not a node of the graph.
    """
    target = _known(graph, loss or graph.loss or "")
    wanted = tuple(dict.fromkeys(_known(graph, name).name for name in wrt))
    return kept(graph, ("deltas", target.name, wanted), lambda: _derived(graph, target, wanted))


def _derived(graph: Graph, target: Node, wanted: tuple[str, ...]) -> Backward:
    above = graph.ancestors(target.name)
    needed = _between(graph, above, wanted) if wanted else above
    absent = [name for name in wanted if name not in needed]
    names = _delta_names(graph, [*(n.name for n in graph.nodes if n.name in needed), *absent], target.name)
    seed = _seed_axes(graph, target)
    made = [_delta(graph, node, target, names, seed) for node in reversed(graph.nodes) if node.name in needed]
    zero = [_delta(graph, graph[name], target, names, seed) for name in absent]
    return Backward(Graph((*graph.nodes, *made, *zero), graph.loss), target.name, names)


def _delta_names(graph: Graph, wanted: Iterable[str], loss: str) -> dict[str, str]:
    """Name the deltas: ``dz1``, or apart from what the graph has already by underscores."""
    taken = {*graph.by_name, *map(str, letters_and_sizes(graph))}
    names: dict[str, str] = {}
    for name in wanted:
        candidate = f"d{name}" if loss == graph.loss else f"d{loss}_d{name}"
        while candidate in taken:
            candidate += "_"
        names[name] = candidate
        taken.add(candidate)
    return names


def letters_and_sizes(graph: Graph) -> set[sp.Symbol]:
    """Return the symbols of a graph: the letters of its indices, the names of its sizes."""
    axes = [axis for node in graph.nodes for axis in (*node.axes, *(a for t in node.terms for a in t.bound))]
    return {axis.symbol for axis in axes}.union(*(axis.size.free_symbols for axis in axes))


def _known(graph: Graph, name: str) -> Node:
    if name not in graph:
        raise unknown("node", name, graph.by_name)
    return graph[name]


def _between(graph: Graph, above: frozenset[str], wanted: Iterable[str]) -> set[str]:
    """Return the nodes on a way from a wanted node to the loss; all of a recurrence, or none."""
    found = {name for name in wanted if name in above}
    for group in graph.groups:
        edges = (edge for name in group.names if name in above for edge in graph.in_edges[name])
        if (group.along and found.intersection(group.names)) or any(edge.parent in found for edge in edges):
            found.update(group.names)
    return found


def _seed_axes(graph: Graph, target: Node) -> tuple[Axis, ...]:
    taken = {*graph.by_name, *map(str, letters_and_sizes(graph))}
    return tuple(Axis(letter, axis.size) for letter, axis in zip(fresh(taken), target.axes, strict=False))


def _delta(graph: Graph, node: Node, target: Node, names: Mapping[str, str], seed: tuple[Axis, ...]) -> Node:
    outward = (edge for edge in graph.out_edges[node.name] if edge.child in names)
    terms = tuple(pull(edge, names[edge.child], seed) for edge in outward)
    if node.name == target.name:
        terms = (_seed(target), *terms)
    return Node(
        names[node.name],
        (*seed, *node.axes),
        terms=terms,
        auxiliary=node.auxiliary,
        adjoint=Adjoint(target.name, node.name),
    )


def pull(edge: Edge, delta: str, seed: tuple[Axis, ...] = ()) -> Term:
    """Return the term that an edge adds to its parent's delta: the vjp through this edge."""
    front = tuple(axis.symbol for axis in seed)
    return Term((*front, *edge.read), (*seed, *edge.bound), Ref(delta, (*front, *edge.write)) * edge.partial)


def _seed(target: Node) -> Term:
    """Return ∂J/∂J = 1, for a vector the identity."""
    return Term((*target.index, *target.index), target.axes, sp.Integer(1))
