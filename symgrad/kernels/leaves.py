"""What a kernel is given, what a prediction puts for what is drawn, and how parameters start."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace

import sympy as sp

from symgrad.errors import unknown
from symgrad.model.expressions import map_refs, size
from symgrad.model.graph import Graph, Kind, Node, Term

STARTS = ("zeros", "ones", "normal")


@dataclass(frozen=True)
class Start:
    """How a parameter starts: ``normal`` has the deviation 1/√fan_in, fan_in the product of some sizes."""

    word: str
    fan_in: tuple[sp.Expr, ...] = ()


def unsupported(
    graph: Graph, inputs: tuple[str, ...], targets: tuple[str, ...], outputs: tuple[str, ...], samples: str
) -> str | None:
    """Return why a kernel cannot take the leaves of a network, or give its outputs; None if it can."""
    return next(_refusals(graph, inputs, targets, outputs, samples), None)


def _refusals(
    graph: Graph, inputs: tuple[str, ...], targets: tuple[str, ...], outputs: tuple[str, ...], samples: str
) -> Iterator[str]:
    number, given = size(samples), (*inputs, *targets)
    for kind, names in ((Kind.INPUT, inputs), (Kind.TARGET, targets), (Kind.STATE, ())):
        strange = (node.name for node in graph.of_kind(kind) if node.name not in names)
        yield from (f"a kernel is not given the {kind} {name}; name it among its {kind}s" for name in strange)
    if not any(graph[name].shape[:1] == (number,) and graph[name].drawn is None for name in given):
        shown = " or ".join(given) or "an array"
        yield f"a kernel takes samples first; no first index of {shown} has the size {samples}"
    for name in given:
        if number in graph[name].shape[1:]:
            shown = f"of {name} another index than the first has the size {samples}"
            yield f"a kernel takes samples first; {shown}"
        keep = graph[name].drawn
        if keep is not None and not 0 < keep <= 1:
            yield f"{name} is drawn with the probability {keep}; it must be above 0 and at most 1"
    for name in outputs:
        yield from _unpredictable(graph, name)


def _unpredictable(graph: Graph, output: str) -> Iterator[str]:
    if graph[output].is_leaf:
        yield f"the output {output} is given, not computed; name a node that has a definition"
    above = graph.ancestors(output)
    seen = (node.name for node in graph.of_kind(Kind.TARGET) if node.name in above)
    yield from (f"the output {output} needs the target {name}, which a prediction has not" for name in seen)


def unread_size(graph: Graph, name: str, arrays: tuple[str, ...], known: Iterable[str]) -> str | None:
    """Return a size that a node needs and no array shows: one that is no axis of any, and has no number."""
    nodes = [graph[above] for above in graph.ancestors(name)]
    axes = [axis for node in nodes for group in (node.axes, *(t.bound for t in node.terms)) for axis in group]
    values = [axis.size for axis in axes] + [term.body for node in nodes for term in node.terms]
    used = {symbol for value in dict.fromkeys(values) for symbol in value.free_symbols}
    needed = {symbol for symbol in used if symbol.is_positive}
    shown = {extent for array in arrays for extent in graph[array].shape}
    return next(iter(sorted({*map(str, needed - shown)} - set(known))), None)


def expected(graph: Graph) -> Graph:
    """Put the mean of every drawn leaf in its place: what a prediction computes."""
    means: dict[str, sp.Expr] = {n.name: n.drawn for n in graph.nodes if n.drawn is not None}
    return replace(graph, nodes=tuple(_with_means(node, means) for node in graph.nodes)) if means else graph


def _with_means(node: Node, means: dict[str, sp.Expr]) -> Node:
    def change(term: Term) -> Term:
        return replace(term, body=map_refs(term.body, lambda r: means.get(r.name, r)))

    return replace(node, terms=tuple(map(change, node.terms)))


def starts(graph: Graph, parameters: tuple[Node, ...]) -> dict[str, Start]:
    """Return how parameters start: as they say themselves, else by their shapes and their uses in a graph.

    A vector or a scalar starts at zero, a weight by 1/√fan_in: the sizes of those of its axes that its
    first use sums over.  One that is only looked up, as an embedding, starts with the deviation 1.

    Raises
    ------
    UnknownNameError
        If one names a start that there is not.
    """
    weights = {p.name: list[Use]() for p in parameters if p.start is None and len(p.axes) > 1}
    for node in graph.nodes:
        for term in node.terms:
            for use in _uses(graph, term, weights):
                weights[use.parameter].append(use)
    fan_in = {name: Start("normal", _summed(uses)) for name, uses in weights.items()}
    return {p.name: fan_in.get(p.name) or Start(_word(p)) for p in parameters}


def _word(parameter: Node) -> str:
    word = parameter.start or "zeros"
    if word not in STARTS:
        raise unknown(f"start of {parameter.name}", word, STARTS)
    return word


@dataclass(frozen=True)
class Use:
    """One access of a parameter: the sizes of its axes that are summed over, and how many axes it has."""

    parameter: str
    summed: tuple[sp.Expr, ...]
    axes: int


def _uses(graph: Graph, term: Term, parameters: Container[str]) -> Iterator[Use]:
    """Yield the uses of a term; a penalty, which reads nothing else, is none, and neither is a look-up."""
    names = {access.name for access in term.accesses}
    if len(names) < 2 or any(graph[name].targets == "labels" for name in names):
        return
    landing = {symbol for subscript in term.write for symbol in subscript.free_symbols}
    for access in term.accesses:
        if access.name in parameters:
            letters = [i for at in access.index for i in term.sizes if i in at.free_symbols]
            summed = tuple(term.sizes[i] for i in letters if i not in landing)
            yield Use(access.name, summed, len(letters))


def _summed(uses: list[Use]) -> tuple[sp.Expr, ...]:
    """Return what the first use sums over; one that sums over every axis counts if there is no other."""
    some = (use.summed for use in uses if 0 < len(use.summed) < use.axes)
    return next(some, uses[0].summed if uses else ())
