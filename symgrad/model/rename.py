"""Other names for nodes and index letters of a whole network."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from symgrad.model.expressions import Ref, map_refs
from symgrad.model.graph import Axis, Node, Term
from symgrad.model.terms import fresh, rename


@dataclass(frozen=True)
class Renaming:
    """New names by the old ones."""

    nodes: Mapping[str, str] = field(default_factory=dict[str, str])
    letters: Mapping[str, str] = field(default_factory=dict[str, str])


def renamed(node: Node, names: Renaming) -> Node:
    """Return a node under its new name, its letters and what it reads renamed too."""
    axes = tuple(Axis(names.letters.get(axis.letter, axis.letter), axis.size) for axis in node.axes)
    terms = tuple(_term(term, names) for term in node.terms)
    return replace(node, name=names.nodes.get(node.name, node.name), axes=axes, terms=terms)


def _term(term: Term, names: Renaming) -> Term:
    moved = rename(term, names.letters)
    return replace(moved, body=map_refs(moved.body, lambda r: Ref(names.nodes.get(r.name, r.name), r.index)))


def letters_apart(nodes: Iterable[Node], taken: Collection[str]) -> dict[str, str]:
    """Return other letters for those that are taken, the same wherever they stand; steps t become s."""
    found = tuple(nodes)
    bound = chain.from_iterable((*n.axes, *(a for t in n.terms for a in t.bound)) for n in found)
    used = dict.fromkeys(axis.letter for axis in bound)
    avoid = {*used, *taken}
    near = {"t": "s"} if "s" not in avoid else {}
    supply = fresh({*avoid, *near.values()})
    return {letter: near.get(letter) or next(supply) for letter in used if letter in taken}
