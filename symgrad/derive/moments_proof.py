"""That loss and gradient from moments are those of the network: both are evaluated, over exact numbers.

The reference point is a second copy of the network, at parameters of its own: nothing is assumed of it.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from symgrad.derive.affine import dependants
from symgrad.derive.deltas import Backward
from symgrad.derive.directional import free_names
from symgrad.derive.findings import Finding
from symgrad.derive.instancing import names_of
from symgrad.derive.moments import Moments
from symgrad.derive.scalars import evaluate
from symgrad.exact.algebra import Algebra, BudgetError
from symgrad.exact.normalforms import NormalForms
from symgrad.exact.residues import Residues
from symgrad.model.expressions import Ref, map_refs
from symgrad.model.graph import Graph, Node, Term
from symgrad.model.instances import instantiate
from symgrad.model.layers import pointwise

CLAIM = "rewritten"
MONOMIALS = 4_000
POINTS = 3


def proved(backward: Backward, made: Moments, sizes: Mapping[str, int]) -> Finding:
    """Show that loss and gradient from moments equal those of the network, at given sizes.

    Returns
    -------
    Finding
        ``proved`` by normal forms, or ``held`` at points modulo random primes where these grow too large;
        ``wrong`` with the entry where they differ.
    """
    graph = _with_reference(backward, made)
    pairs = [(made.loss, backward.loss)]
    pairs += [(own.moved, backward.delta[name]) for name, own in made.references.items()]
    scalar = instantiate(graph.restricted(name for pair in pairs for name in pair), sizes)
    entries = [
        both for pair in pairs for both in zip(*(names_of(graph[name], sizes) for name in pair), strict=True)
    ]
    with suppress(BudgetError):
        return _compared(scalar, entries, [NormalForms(limit=MONOMIALS)], "exact normal forms", sizes)
    method = f"modulo random 61-bit primes, {POINTS} points"
    return _compared(scalar, entries, [Residues(seed) for seed in range(POINTS)], method, sizes)


def _compared(
    graph: Graph,
    entries: Iterable[tuple[str, str]],
    algebras: Iterable[Algebra[Any]],
    method: str,
    sizes: Mapping[str, int],
) -> Finding:
    pairs = tuple(entries)
    for algebra in algebras:
        values = evaluate(graph, algebra)
        for one, other in pairs:
            if not algebra.equal(values[one], values[other]):
                return Finding(CLAIM, "wrong", "counterexample", method, sizes, where=other)
    evidence = "proved" if method == "exact normal forms" else "held"
    return Finding(CLAIM, "right", evidence, method, sizes)


def _with_reference(backward: Backward, made: Moments) -> Graph:
    """Return the graph with the values at w_ref computed there, by a copy of the network."""
    graph = backward.graph
    moved = sorted(dependants(graph, made.references) - {*made.references})
    copies = dict(zip(moved, free_names(made.graph, (f"{name}_there" for name in moved)), strict=True))
    copies |= {name: own.value for name, own in made.references.items()}
    own = {o.gradient: backward.delta[name] for name, o in made.references.items()}
    own[made.loss_ref] = backward.loss
    nodes = (_node(node, own, copies) for node in made.graph.nodes)
    return Graph((*nodes, *(_copy(graph[name], copies) for name in moved)), graph.loss)


def _node(node: Node, own: Mapping[str, str], copies: Mapping[str, str]) -> Node:
    if node.name not in own:
        return node
    of = own[node.name]
    return pointwise(node.name, node.axes, Ref(copies.get(of, of), node.index))


def _copy(node: Node, copies: Mapping[str, str]) -> Node:
    def there(ref: Ref) -> Ref:
        return Ref(copies.get(ref.name, ref.name), ref.index)

    terms = tuple(Term(t.write, t.bound, map_refs(t.body, there)) for t in node.terms)
    return replace(node, name=copies[node.name], terms=terms, adjoint=None)
