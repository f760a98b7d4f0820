"""Labels and ids: integers that are compared with an index, and so lie below its size."""

from collections.abc import Iterator

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.model.expressions import Ref
from symgrad.model.functions import Equal
from symgrad.model.graph import Graph, Term


def one_hot_forms(graph: Graph) -> dict[str, str]:
    """Return for every leaf of labels or ids the name of its one-hot form, where it has one."""
    hot = (node for node in graph.nodes if node.targets == "labels" and not node.is_leaf)
    return {node.terms[0].accesses[0].name: node.name for node in hot}


def class_count(graph: Graph, name: str) -> sp.Expr | None:
    """Return how many values a leaf of labels can take: the size of the index that it is compared with.

    Returns
    -------
    None where it is compared with none.

    Raises
    ------
    DefinitionError
        If it is compared with indices of different sizes.
    """
    sizes = {size for node in graph.nodes for term in node.terms for size in _compared(term, name)}
    if len(sizes) > 1:
        shown = " and ".join(sorted(map(str, sizes)))
        raise DefinitionError(f"the labels {name} are compared with indices of the sizes {shown}; take one")
    return next(iter(sizes), None)


def _compared(term: Term, name: str) -> Iterator[sp.Expr]:
    for indicator in term.body.atoms(Equal):
        one, other = indicator.args
        for label, place in ((one, other), (other, one)):
            if isinstance(label, Ref) and label.name == name and place in term.sizes:
                yield term.sizes[place]
