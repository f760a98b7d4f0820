"""What the loss and its gradients cost, in operations: written out, shared, by paths, by deltas."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import sympy as sp

from symgrad.derive.operations import (
    Count,
    Tally,
    are_alike,
    backward,
    edges_between_named,
    lead_alike,
    paths_of,
)
from symgrad.derive.views import View
from symgrad.errors import DefinitionError, LimitError
from symgrad.model.graph import Graph
from symgrad.model.instances import entries, instantiate, numbered
from symgrad.model.model import Model


@dataclass(frozen=True)
class ParameterCost:
    """The gradient with respect to a parameter, all of its entries together.

    Attributes
    ----------
    entries
        How many numbers the parameter has.
    paths
        How many paths lead to them from the loss.
    tree
        The operations of the gradients, each written out over the leaves, nothing shared.
    by_paths
        The operations of the sums over all paths, every value being known.
    """

    name: str
    entries: Count
    paths: Count
    tree: Count
    by_paths: Count


@dataclass(frozen=True)
class Cost:
    """Operations of the loss and of the gradients with respect to all parameters.

    Attributes
    ----------
    sizes
        The numbers of the sizes; the counts are formulas in the others.
    loss
        The operations of the loss.
    graph
        Those of all gradients, every value and every delta computed once.
    by_deltas
        Those of the δ recursion, every value being known.
    parameters
        Each parameter for itself.
    """

    sizes: Mapping[str, int]
    loss: Count
    graph: Count
    by_deltas: Count
    parameters: tuple[ParameterCost, ...]

    @property
    def entries(self) -> Count:
        """The number of all parameters."""
        return _sum(row.entries for row in self.parameters)

    @property
    def paths(self) -> Count:
        """The number of paths to all parameters."""
        return _sum(row.paths for row in self.parameters)

    @property
    def trees(self) -> Count:
        """The operations of all gradients written out, nothing shared."""
        return _sum(row.tree for row in self.parameters)

    @property
    def by_paths(self) -> Count:
        """The operations of the sums over all paths, every value being known."""
        return _sum(row.by_paths for row in self.parameters)


def _sum(counts: Iterable[Count]) -> Count:
    return sp.expand(sp.Add(*counts))


def cost(view: View) -> Cost:
    """Count the operations of the loss and of the gradients of a view, for one sample where N is open.

    Raises
    ------
    DefinitionError
        If there is no loss, or no parameter.
    LimitError
        If entries have to be counted one by one, and there are too many.
    """
    model = view.model
    if not model.graph.parameters:
        raise DefinitionError(
            f"{model.name} has no parameters, so it has no gradients that could cost anything"
        )
    derived, delta = backward(model.graph, model.loss)
    if view.level == "layer" and are_alike(derived):
        edges = edges_between_named(model.graph)
        if lead_alike(model.graph, edges):
            return _by_formula(model, derived, delta)
    return _one_by_one(view, derived, delta)


def _by_formula(model: Model, derived: Graph, delta: Mapping[str, str]) -> Cost:
    sample = {model.samples: 1} if model.samples in model.size_names else {}
    sizes = {name: number for name, number in {**sample, **model.sizes}.items() if name in model.size_names}
    whole = {node.name: ((node.name, delta[node.name]),) for node in model.graph.parameters}
    return _counted(model.loss, Tally(model.graph, sizes), Tally(derived, sizes), whole)


def _one_by_one(view: View, derived: Graph, delta: Mapping[str, str]) -> Cost:
    """Count entries as scalars, at numbers for all sizes."""
    model, neuron = view.model, view.level == "neuron"
    sizes = model.numbers(samples=model.sample_count if neuron else 1)
    try:
        forward, both = instantiate(model.graph, sizes), instantiate(derived, sizes)
    except LimitError as problem:
        raise LimitError(f"the entries of {model.name} are counted one by one: {problem}") from problem
    names = model.neuron_names(sizes)
    found: dict[str, list[tuple[str, str]]] = {}
    for node in model.graph.parameters:
        for at in entries(names.shapes[node.name]):
            shown = names(node, at) if neuron else node.name
            pair = numbered(node, at), numbered(derived[delta[node.name]], at)
            found.setdefault(shown, []).append(pair)
    order = view.parameters
    whole = {name: tuple(found[name]) for name in order}
    in_order = {name: sizes[name] for name in (*model.sizes, *sizes) if name in sizes}
    return replace(_counted(forward.loss or "", Tally(forward), Tally(both), whole), sizes=in_order)


def _counted(
    loss: str, forward: Tally, both: Tally, parameters: Mapping[str, tuple[tuple[str, str], ...]]
) -> Cost:
    """Count, given for every parameter the nodes that hold it with those of its delta."""
    made = [delta for pairs in parameters.values() for _, delta in pairs]
    needed = both.graph.ancestors(*made)
    deltas = [name for name in needed if name not in forward.graph]
    return Cost(
        forward.sizes,
        forward.total(forward.graph.ancestors(loss)),
        both.total(needed),
        both.total(deltas),
        tuple(_rows(loss, forward, both, parameters)),
    )


def _rows(
    loss: str, forward: Tally, both: Tally, parameters: Mapping[str, tuple[tuple[str, str], ...]]
) -> Iterator[ParameterCost]:
    paths = paths_of(forward, loss, edges_between_named(forward.graph))
    for name, pairs in parameters.items():
        many = [(forward.extent(forward.graph[own].axes), paths[own], delta) for own, delta in pairs]
        yield ParameterCost(
            name,
            _sum(entries for entries, _, _ in many),
            _sum(entries * found.number for entries, found, _ in many),
            _sum(entries * both.trees[delta] for entries, _, delta in many),
            _sum(entries * found.operations for entries, found, _ in many),
        )
