"""A graph on a few lines, for people who look at a counterexample."""

from collections.abc import Mapping

import sympy as sp

from symgrad.model.graph import Axis, Graph, Node, Term


def show(graph: Graph, sizes: Mapping[str, int] | None = None) -> str:
    """Write a graph as its definitions, one line for each node."""
    head = [", ".join(f"{name} = {number}" for name, number in sizes.items())] if sizes else []
    return "\n".join([*head, *(line(node) for node in graph.nodes)])


def line(node: Node) -> str:
    """Write one definition: ``h1[i:D] = Σ_j:E w1[i, j]*x1[j]``."""
    notes = [node.targets or "", node.reduce if node.reduce != "sum" else "", node.function or ""]
    marks = "".join(f"  ({note})" for note in notes if note)
    if node.is_leaf:
        return f"{node.name}{_ranges(node.axes)} {node.kind.value}{marks}"
    right = "  +  ".join(_term(term, node) for term in node.terms) or "0"
    return f"{node.name}{_ranges(node.axes)} = {right}{marks}"


def _ranges(axes: tuple[Axis, ...]) -> str:
    return f"[{', '.join(f'{axis.letter}:{axis.size}' for axis in axes)}]" if axes else ""


def _term(term: Term, node: Node) -> str:
    """Write a term; one that does not land at the node's own letters says where."""
    if term.write == node.index and set(node.axes) <= set(term.bound):
        return f"{_sum(tuple(a for a in term.bound if a not in node.axes))}{_body(term)}"
    return f"{{at [{', '.join(map(str, term.write))}]: {_sum(term.bound)}{_body(term)}}}"


def _sum(axes: tuple[Axis, ...]) -> str:
    return f"Σ_{','.join(f'{axis.letter}:{axis.size}' for axis in axes)} " if axes else ""


def _body(term: Term) -> str:
    return f"({term.body})" if isinstance(term.body, sp.Add) else str(term.body)
