"""Jacobians, Hessians, Hessian–vector and Gauss–Newton–vector products, each a graph like any other.

Nothing is derived here that `deltas` and `tangents` do not derive::

    Jacobian      ∂y/∂x       the deltas of a node with axes: its axes stand in front
    Hessian       ∂²J/∂w∂v    the deltas of ∂J/∂w
    H v           the tangent of ∂J/∂w along v: no Hessian is formed, the cost is that of two gradients
    G v = Jᵀ H_L J v          the tangent of y along v, the tangent of ∂J/∂y along that, pulled back to w

(R operator: Pearlmutter 1994.  Gauss–Newton products, and where a network is cut into y and its loss:
Schraudolph 2002.)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import sympy as sp

from symgrad.derive.deltas import Backward, deltas
from symgrad.derive.directional import free_names, tangents, with_directions
from symgrad.derive.rewrite import simplify
from symgrad.derive.shorten import shorten
from symgrad.errors import DefinitionError
from symgrad.model.expressions import Ref, map_refs
from symgrad.model.graph import Axis, Graph, Kind, Node, Term
from symgrad.model.model import SAMPLE
from symgrad.model.terms import summed

SECOND_SAMPLE = "m"


@dataclass(frozen=True)
class Derived:
    """A graph, and the nodes of it that were asked for.

    Attributes
    ----------
    results
        For the name of a node, the name of what was derived for it.
    directions
        For the name of a node, the leaf that holds its direction.
    assumptions
        What the simplification assumed of the targets.
    steps
        The δ recursions on the way, as built, before anything was simplified.
    """

    graph: Graph
    results: Mapping[str, str]
    directions: Mapping[str, str] = field(default_factory=dict[str, str])
    assumptions: tuple[str, ...] = ()
    steps: tuple[Backward, ...] = ()

    def of(self, name: str) -> Node:
        """Return the node that was derived for a node."""
        return self.graph[self.results[name]]


def jacobian(graph: Graph, of: str, wrt: str) -> Derived:
    """Return ∂of/∂wrt, the axes of `of` in front.

    Raises
    ------
    UnknownNameError
        If a name is not a node of the graph.
    """
    found = jacobians(graph, [(of, wrt)])
    return replace(found, results={wrt: found.results[pair(of, wrt)]})


def jacobians(graph: Graph, pairs: Iterable[tuple[str, str]]) -> Derived:
    """Return the Jacobians of several pairs in one graph; the results are keyed by `pair`."""
    wanted: dict[str, list[str]] = {}
    for of, wrt in pairs:
        wanted.setdefault(of, []).append(wrt)
    whole, steps, results = graph, list[Backward](), dict[str, str]()
    for of, names in wanted.items():
        backward = deltas(whole, names, of)
        whole = backward.graph
        steps.append(backward)
        results |= {pair(of, name): backward.delta[name] for name in names}
    own = [node.name for node in whole.nodes if node.name not in graph]
    short = shorten(whole, own, results.values())
    kept = set(results.values())
    nodes = tuple(
        _lettered(node, graph, ascending=node.name in kept) if node.name not in graph else node
        for node in short.graph.nodes
    )
    return Derived(Graph(nodes, graph.loss), results, {}, short.assumptions, tuple(steps))


def pair(of: str, wrt: str) -> str:
    """Return the key of a result that belongs to two nodes."""
    return f"{of} {wrt}"


def _lettered(node: Node, graph: Graph, *, ascending: bool) -> Node:
    """Call an axis of samples n, a second one m; let the other letters ascend, ∂²J/∂w[i]∂w[j]."""
    rows = {axis.size for given in graph.nodes for axis in given.axes if axis.letter == SAMPLE}
    samples = [axis.letter for axis in node.axes if axis.size in rows]
    wanted = [SAMPLE] if len(samples) == 1 else [SECOND_SAMPLE, SAMPLE] if len(samples) == 2 else samples
    names = dict(zip(samples, samples if set(wanted) & set(graph.by_name) else wanted, strict=True))
    others = [axis.letter for axis in node.axes if axis.letter not in names]
    names |= dict(zip(others, sorted(others) if ascending else others, strict=True))
    return replace(node, axes=tuple(Axis(names[axis.letter], axis.size) for axis in node.axes))


def hessian(graph: Graph, first: str, second: str, loss: str | None = None) -> Derived:
    """Return ∂²loss/∂first∂second, the axes of `first` in front.

    Raises
    ------
    UnknownNameError
        If a name is not a node of the graph.
    DefinitionError
        If the loss has axes, or one of the two nodes depends on the other.
    """
    _independent(graph, [first, second])
    found = _second(graph, [first], [(first, second)], loss)
    return replace(found, results={second: found.results[pair(first, second)]})


def hessian_blocks(graph: Graph, wrt: Iterable[str], loss: str | None = None) -> Derived:
    """Return the blocks of the Hessian on and above its diagonal in one graph; keyed by `pair`."""
    names = _independent(graph, wrt)
    blocks = [(one, other) for k, one in enumerate(names) for other in names[k:]]
    return _second(graph, names, blocks, loss)


def _second(graph: Graph, names: Iterable[str], blocks: list[tuple[str, str]], loss: str | None) -> Derived:
    gradient = _gradient(graph, names, loss)
    again = jacobians(gradient.graph, [(gradient.results[one], other) for one, other in blocks])
    results = {pair(*block): again.results[pair(gradient.results[block[0]], block[1])] for block in blocks}
    assumptions = _both(gradient.assumptions, again.assumptions)
    return Derived(again.graph, results, {}, assumptions, (*gradient.steps, *again.steps))


def hessian_vector(graph: Graph, wrt: Iterable[str], loss: str | None = None) -> Derived:
    """Return H v for some nodes together: ``Hv_w`` for each, along a leaf ``v_w`` for each.

    Raises
    ------
    UnknownNameError
        If a name is not a node of the graph.
    DefinitionError
        If the loss has axes, or a node depends on another of them.
    """
    names = _independent(graph, wrt)
    gradient = _gradient(graph, names, loss)
    steered, directions = with_directions(gradient.graph, names)
    pushed = tangents(steered, directions)
    made = set(pushed.tangent.values()) - set(directions.values())
    products = {name: pushed.tangent.get(gradient.results[name]) for name in names}
    named, results = _named(pushed.graph, products, "Hv")
    short = shorten(named, {*made, *results.values()}, results.values())
    assumptions = _both(gradient.assumptions, short.assumptions)
    return Derived(short.graph, results, directions, assumptions, gradient.steps)


def gauss_newton_vector(
    graph: Graph, wrt: Iterable[str], at: Iterable[str], loss: str | None = None
) -> Derived:
    """Return G v = Jᵀ H_L J v for some nodes together: ``Gv_w`` for each, along a leaf ``v_w`` for each.

    Parameters
    ----------
    at
        The nodes at which the network ends and the loss begins: J is their Jacobian, H_L the Hessian of the
        loss by them.  G is positive semidefinite where the loss is convex in them.

    Raises
    ------
    UnknownNameError
        If a name is not a node of the graph.
    DefinitionError
        If the loss has axes, or a node depends on another of those derived by, or of `at`.
    """
    names, ends = _independent(graph, wrt), _independent(graph, at)
    gradient = _gradient(graph, ends, loss)
    steered, directions = with_directions(gradient.graph, names)
    down = tangents(steered, directions)
    moved = {end: down.tangent[end] for end in ends if end in down.tangent}
    across = tangents(down.graph.restricted({*(n.name for n in steered.nodes), *moved.values()}), moved)
    curved = {end: across.tangent.get(gradient.results[end]) for end in ends}
    pulled, products = _pulled(across.graph, names, {end: node for end, node in curved.items() if node})
    named, results = _named(pulled, products, "Gv")
    made = {node.name for node in named.nodes} - {node.name for node in steered.nodes}
    short = shorten(named, made, results.values())
    assumptions = _both(gradient.assumptions, short.assumptions)
    return Derived(short.graph, results, directions, assumptions, gradient.steps)


def matching(graph: Graph, output: str, loss: str | None = None) -> str:
    """Return where to cut a network: before the output's function if the loss matches it, else at the output.

    The loss matches a function y = f(z) if ∂J/∂z is linear in y, as for the logistic function and softmax
    with cross-entropy; then the loss is convex in z (Schraudolph 2002).
    """
    node = graph[output]
    if len(node.terms) != 1 or summed(node.terms[0]):
        return output
    below = _argument(graph, node)
    if below is None:
        return output
    bodies = [term.body for term in _gradient(graph, [below], loss).of(below).terms]
    linear = all(sp.diff(body, ref, 2) == 0 for body in bodies for ref in body.atoms(Ref))
    named = {ref.name for body in bodies for ref in body.atoms(Ref)}
    kinds = {graph[name].kind for name in named - {output} if name in graph}
    return below if linear and output in named and kinds <= {Kind.TARGET} else output


def _argument(graph: Graph, node: Node) -> str | None:
    """Return the one named node that a function is applied to, behind its auxiliaries."""
    names = {ref.name for term in node.terms for ref in term.accesses}
    while auxiliary := next((name for name in sorted(names) if graph[name].auxiliary), None):
        names |= {ref.name for term in graph[auxiliary].terms for ref in term.accesses}
        names.remove(auxiliary)
    return names.pop() if len(names) == 1 else None


def _gradient(graph: Graph, names: Iterable[str], loss: str | None) -> Derived:
    """Return the simplified backward graph."""
    wanted = tuple(names)
    target = loss or graph.loss or ""
    if target in graph and graph[target].axes:
        raise DefinitionError(f"{target} has axes; a second derivative is that of one number")
    built = deltas(graph, wanted, loss)
    simple = simplify(built, wanted)
    backward = simple.backward
    results = {name: backward.delta[name] for name in wanted}
    short = shorten(backward.graph, backward.delta.values(), results.values())
    assumptions = _both(simple.assumptions, short.assumptions)
    return Derived(short.graph, results, assumptions=assumptions, steps=(built,))


def _independent(graph: Graph, names: Iterable[str]) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(names))
    for name in chosen:
        for other in chosen:
            if name in graph and other in graph and name != other and other in graph.ancestors(name):
                raise DefinitionError(f"{name} depends on {other}; derive by one of the two")
    return chosen


def _named(graph: Graph, products: Mapping[str, str | None], prefix: str) -> tuple[Graph, dict[str, str]]:
    """Name what was derived for each node; what is not reached is zero."""
    chosen = dict(zip(products, free_names(graph, (f"{prefix}_{n}" for n in products)), strict=True))
    nodes = [_alias(graph[name], chosen[name], product) for name, product in products.items()]
    return Graph((*graph.nodes, *nodes), graph.loss), chosen


def _alias(of: Node, name: str, product: str | None) -> Node:
    terms = (Term(of.index, of.axes, Ref(product, of.index)),) if product else ()
    return Node(name, of.axes, terms=terms)


def _pulled(
    graph: Graph, names: tuple[str, ...], seeds: Mapping[str, str]
) -> tuple[Graph, dict[str, str | None]]:
    """Pull some nodes, as they are, back through others: Σ seed · ∂end/∂w.

    That is the gradient of Σ seed · end with the seeds held fixed, so they are leaves while it is derived.
    """
    if not seeds:
        return graph, dict.fromkeys(names)
    fixed = [Node(seed, graph[seed].axes, Kind.INPUT) for seed in seeds.values()]
    forward = graph.restricted(seeds)
    (pairing,) = free_names(graph, ["pairing"])
    terms = tuple(Term((), graph[e].axes, graph[e].ref * graph[s].ref) for e, s in seeds.items())
    scalar = Node(pairing, terms=terms)
    kept = tuple(node for node in forward.nodes if node.name not in seeds.values())
    backward = deltas(Graph((*kept, *fixed, scalar)), [n for n in names if n in forward], pairing)
    made = [node for node in backward.graph.nodes if node.name in backward.delta.values()]
    chosen = dict(
        zip(backward.delta.values(), free_names(graph, (f"u_{n}" for n in backward.delta)), strict=True)
    )
    pulled = tuple(_renamed(node, chosen) for node in made)
    results = {name: chosen.get(backward.delta.get(name, "")) for name in names}
    return Graph((*graph.nodes, *pulled), graph.loss), results


def _renamed(node: Node, names: Mapping[str, str]) -> Node:
    """Give a node of a chain another name, there and where the chain reads it; it is no delta any more."""

    def moved(ref: Ref) -> Ref:
        return Ref(names.get(ref.name, ref.name), ref.index)

    terms = tuple(Term(t.write, t.bound, map_refs(t.body, moved)) for t in node.terms)
    return replace(node, name=names[node.name], terms=terms, adjoint=None)


def _both(one: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))
