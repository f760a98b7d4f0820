"""Every number that a person writes down on the way through one training step, by name.

The values of the nodes, the summands of the loss, the local derivatives ``∂o1/∂q1``, the gradients
``∂J/∂w5``, the updated parameters ``w5⁺``, and the forward pass after the update, ``J⁺``: one scalar graph,
in which each quantity is defined by those that stand before it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import prod

import sympy as sp

from symgrad.derive.given import Given, situated
from symgrad.derive.jacobians import jacobian
from symgrad.derive.paths import Link, links
from symgrad.derive.rewrite import Knowledge
from symgrad.derive.summands import has_summands, summand_names
from symgrad.derive.values import labels_decided, leaf_values, run
from symgrad.derive.views import View
from symgrad.derive.written import exact_number
from symgrad.errors import LimitError
from symgrad.exact.decimals import Decimals, Real
from symgrad.model.expressions import Ref, map_refs
from symgrad.model.graph import Graph, Kind, Node, Term
from symgrad.model.model import Model
from symgrad.verify.classroom.naming import AFTER, canonical
from symgrad.verify.classroom.one_step import Way, step_graph

LARGEST = 2_000


@dataclass(frozen=True)
class Quantities:
    """The quantities of one training step.

    Attributes
    ----------
    view
        The neuron view of the network with all of its values.
    rate
        The step size.
    graph
        A definition of every quantity, those that it reads before it.
    others
        Other ways in which people compute some of them: a derivative over z in place of a, a simplified δ.
    """

    view: View
    rate: Fraction
    graph: Graph
    others: tuple[Mapping[str, Node], ...]

    @cached_property
    def leaves(self) -> Mapping[str, Fraction]:
        """The exact values of what is given."""
        return leaf_values(self.view)

    @cached_property
    def right(self) -> Mapping[str, Real]:
        """The value of every quantity."""
        return run(self.graph, self.leaves, Decimals())

    @cached_property
    def ways(self) -> tuple[Graph, ...]:
        """The graph, and the graph with each set of other definitions."""
        changed = (
            [other.get(node.name, node) for node in self.graph.nodes] for other in self.others if other
        )
        return (self.graph, *(Graph.of_legal(nodes, self.graph.loss) for nodes in changed))

    @property
    def names(self) -> tuple[str, ...]:
        """The quantities that are computed, in the order of the computation; auxiliaries are none."""
        return tuple(n.name for n in self.graph.nodes if not n.is_leaf and not n.auxiliary)

    def named(self, text: str) -> str:
        """Return the quantity that a person means; UnknownNameError with the nearest ones."""
        return canonical(text, self.graph.by_name, self.view.model.loss)


def quantities(model: Model, at: Given | None = None, *, rate: object = None) -> Quantities:
    """Return all quantities of one step of a network at given values.

    Parameters
    ----------
    at, rate
        Values of leaves and step size, the model's own by default.

    Raises
    ------
    DataError
        If a value is missing or does not fit; see `situated`.
    LimitError
        If the network is too large for numbers to be written by hand.
    """
    view = View(situated(model, at), "neuron")
    count = sum(map(prod, view.model.neuron_names(view.sizes).shapes.values()))
    if count > LARGEST:
        raise LimitError(
            f"{model.name} has {count:,} numbers in the neuron view; worksheets are for up to {LARGEST:,}: "
            "take smaller sizes"
        )
    eta = model.learning_rate if rate is None else exact_number(rate, "the rate")
    return _quantities(view, eta)


def _quantities(view: View, rate: Fraction) -> Quantities:
    forward, loss = view.graph, view.graph[view.model.loss]
    table = {child: found for child, found in links(forward).items() if child in forward.ancestors(loss.name)}
    tidy = _slopes(forward, table, Knowledge.of(forward.by_name))
    backward = _backward(forward, loss.name, table, tidy)
    trained = [node for node in forward.parameters if f"∂{loss.name}/∂{node.name}" in backward]
    updates = [_update(node, view, rate) for node in trained]
    after = _again(forward, {node.name for node in trained})
    nodes = (*_with_summands(forward), *backward.values(), *updates, *after)
    given = {name: Decimals().number(value) for name, value in leaf_values(view).items()}
    graph = labels_decided(Graph.of_legal(nodes, loss.name), given)
    raw = _backward(forward, loss.name, table, _slopes(forward, table, None))
    others = (_different(graph, raw.values()), _different(graph, _simplified(view)))
    return Quantities(view, rate, graph, others)


def _with_summands(forward: Graph) -> Iterator[Node]:
    """Yield the forward pass, the summands of the loss as quantities of their own."""
    for node in forward.nodes:
        if node.name != forward.loss or not has_summands(node):
            yield node
            continue
        names = summand_names(node, forward)
        yield from (Node(name, terms=(term,)) for name, term in zip(names, node.terms, strict=True))
        yield replace(node, terms=tuple(_reading(Ref(name)) for name in names))


def _reading(body: sp.Expr) -> Term:
    return Term((), (), body)


Slopes = Mapping[tuple[str, str], sp.Expr]


def _slopes(graph: Graph, table: Mapping[str, tuple[Link, ...]], knowledge: Knowledge | None) -> Slopes:
    """Return ∂child/∂parent of every link, written over the values that nodes hold where they are known."""
    return {(link.child, link.parent): _slope(graph, link, knowledge) for ls in table.values() for link in ls}


def _slope(graph: Graph, link: Link, knowledge: Knowledge | None) -> sp.Expr:
    if knowledge is not None:
        return sp.Add(*(edge.partial for edge in jacobian(graph, link, knowledge)))
    return sp.Add(*(sp.Mul(*(edge.partial for edge in route)) for route in link.routes))


def _backward(
    forward: Graph, loss: str, table: Mapping[str, tuple[Link, ...]], slopes: Slopes
) -> dict[str, Node]:
    """Return local derivatives and gradients as nodes, from the loss down.

    δ_parent = Σ_child δ_child · ∂child/∂parent; what reads only the loss's own derivative has no other name.
    """
    children: dict[str, list[str]] = {}
    for child, parent in slopes:
        children.setdefault(parent, []).append(child)
    found: dict[str, Node] = {}
    for node in reversed(forward.nodes):
        reached = [c for c in children.get(node.name, ()) if c == loss or f"∂{loss}/∂{c}" in found]
        if not reached or node.targets == "labels" or node.name == loss:
            continue
        for child in reached:
            if child != loss:
                name = f"∂{child}/∂{node.name}"
                found[name] = Node(name, terms=(_reading(slopes[child, node.name]),))
        terms = tuple(_reading(_through(loss, child, node.name, slopes)) for child in reached)
        found[f"∂{loss}/∂{node.name}"] = Node(f"∂{loss}/∂{node.name}", terms=terms)
    return found


def _through(loss: str, child: str, parent: str, slopes: Slopes) -> sp.Expr:
    if child == loss:
        return slopes[child, parent]
    return sp.Mul(Ref(f"∂{loss}/∂{child}"), Ref(f"∂{child}/∂{parent}"))


def _update(node: Node, view: View, rate: Fraction) -> Node:
    held = view.places[node.name][0] in view.model.fixed
    return Node(f"{node.name}{AFTER}", terms=(_reading(node.ref if held else moved(node, view.model, rate)),))


def moved(node: Node, model: Model, rate: Fraction) -> sp.Expr:
    """Return w − η ∂J/∂w, with a plus where one ascends."""
    step = rate if model.maximise else -rate
    return node.ref + sp.Rational(step.numerator, step.denominator) * Ref(f"∂{model.loss}/∂{node.name}")


def _again(forward: Graph, new: set[str]) -> Iterator[Node]:
    """Yield the forward pass at the new parameters, as far as these reach."""

    def shifted(ref: Ref) -> sp.Expr:
        return Ref(f"{ref.name}{AFTER}", ref.index) if ref.name in new else ref

    for node in forward.nodes:
        if node.kind is Kind.DEFINED and any(r.name in new for t in node.terms for r in t.accesses):
            new.add(node.name)
            terms = tuple(Term(t.write, t.bound, map_refs(t.body, shifted)) for t in node.terms)
            yield replace(node, name=f"{node.name}{AFTER}", terms=terms)


def _simplified(view: View) -> tuple[Node, ...]:
    """Return the gradients as the δ recursion has them in its shortest form."""
    every = tuple(node.name for node in view.model.graph.parameters)
    return step_graph(view, Way(Fraction(1), every))[0].nodes


def _different(graph: Graph, nodes: Iterable[Node]) -> Mapping[str, Node]:
    """Return those definitions that are other ones than a graph's."""
    known = (node for node in nodes if node.name in graph and not node.is_leaf)
    derived = (node for node in known if node.name.startswith("∂") and _is_over(graph, node))
    return {
        node.name: replace(node, adjoint=None)
        for node in derived
        if node.terms and [t.body for t in node.terms] != [t.body for t in graph[node.name].terms]
    }


def _is_over(graph: Graph, node: Node) -> bool:
    """Whether a definition reads quantities of a graph only; deltas of auxiliaries are none."""
    return all(ref.name in graph for term in node.terms for ref in term.accesses)
