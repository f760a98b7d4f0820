"""A graph with further definitions, in the formula grammar."""

from collections.abc import Mapping
from dataclasses import replace

import sympy as sp

from symgrad.model.definitions import define_all
from symgrad.model.expressions import size
from symgrad.model.functions import VOCABULARY
from symgrad.model.graph import Graph
from symgrad.model.labels import one_hot_forms
from symgrad.model.scope import Scope


def extended(graph: Graph, axes: Mapping[str, int | str], definitions: Mapping[str, str]) -> Graph:
    """Return a graph with further nodes.

    Parameters
    ----------
    axes
        Sizes of index letters; a letter that has one size in the whole graph is known already.
    definitions
        Formulas by name.
    """
    new = {letter: size(extent) for letter, extent in axes.items()}
    scope = Scope({**_plain_letters(graph), **new}, {}, hot=one_hot_forms(graph)).plus(graph.nodes)
    nodes = define_all(definitions, scope, VOCABULARY)
    return replace(graph, nodes=(*graph.nodes, *nodes))


def _plain_letters(graph: Graph) -> dict[str, sp.Expr]:
    """Return the index letters that have one size wherever they are used."""
    sizes: dict[str, set[sp.Expr]] = {}
    for axis in (axis for node in graph.nodes for axis in node.axes):
        sizes.setdefault(axis.letter, set()).add(axis.size)
    return {letter: next(iter(found)) for letter, found in sizes.items() if len(found) == 1}
