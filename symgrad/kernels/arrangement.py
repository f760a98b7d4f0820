"""The axis of a recurrence stands first in memory: one step then is one slice, ``h[t]``, that BLAS can read.

What a kernel is given and gives keeps its own order: leaves that products read are copied, and so are
results at the end.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from symgrad.kernels.pieces import plain
from symgrad.kernels.spec import KernelSpec
from symgrad.model.expressions import Ref, map_refs
from symgrad.model.graph import Graph, Node, Term

Item = TypeVar("Item")


@dataclass(frozen=True)
class _Moved:
    """A node whose axes stand in another order, under this name; the old name may stay as a copy."""

    name: str
    order: tuple[int, ...]
    copy: bool

    def at(self, items: tuple[Item, ...]) -> tuple[Item, ...]:
        """Return what belongs to the axes in their new order."""
        return tuple(items[k] for k in self.order)


def steps_first(spec: KernelSpec, results: Iterable[str]) -> KernelSpec:
    """Return the spec of the same network with the axes of its recurrences in front.

    Parameters
    ----------
    results
        The nodes that a caller gets, in the order of axes that they have.
    """
    letters = along(spec.graph)
    if not letters:
        return spec
    kept = frozenset(results)
    found = {n.name: m for n in spec.graph.nodes if (m := _moved(spec, n, letters, kept)) is not None}
    graph = Graph(tuple(new for node in spec.graph.nodes for new in _changed(node, found)), spec.graph.loss)
    wishes = {moved.name: spec.schedule[name] for name, moved in found.items() if name in spec.schedule}
    schedule = {**spec.schedule, **wishes}
    return replace(spec, graph=graph, describe=_describer(spec, found), schedule=schedule)


def along(graph: Graph) -> tuple[str, ...]:
    """Return the letters along which a graph has recurrences, in the order of their first one."""
    return tuple(dict.fromkeys(group.along for group in graph.groups if group.along))


def _moved(spec: KernelSpec, node: Node, letters: tuple[str, ...], kept: frozenset[str]) -> _Moved | None:
    own = next((g.along for g in spec.graph.groups if node.name in g.names and g.along), None)
    wanted = [own, *letters] if own else letters
    places = {axis.letter: k for k, axis in enumerate(node.axes)}
    first = [places[letter] for letter in dict.fromkeys(wanted) if letter in places]
    order = (*first, *(k for k in range(len(node.axes)) if k not in first))
    if order == tuple(range(len(node.axes))) or (node.is_leaf and not _multiplied(spec, node)):
        return None
    copy = node.is_leaf or node.name in kept
    return _Moved(f"{node.name}_{node.axes[first[0]].letter}" if copy else node.name, order, copy)


def _multiplied(spec: KernelSpec, leaf: Node) -> bool:
    """Whether a leaf of numbers is a factor in a sum."""
    if spec.is_integer(leaf.name):
        return False
    terms = (term for node in spec.graph.nodes for term in node.terms)
    return any(
        term.body.is_Mul and len(term.accesses) == 2 and leaf.name in {r.name for r in term.accesses}
        for term in terms
        if {axis.symbol for axis in term.bound} - {s for w in term.write for s in w.free_symbols}
    )


def _changed(node: Node, found: Mapping[str, _Moved]) -> Iterator[Node]:
    """Yield a node in its new order, and the copy that comes before or after it."""
    moved = found.get(node.name)
    terms = tuple(_term(term, found) for term in node.terms)
    if moved is None:
        yield replace(node, terms=terms)
        return
    if node.is_leaf:
        yield node
        index = moved.at(node.index)
        yield Node(moved.name, moved.at(node.axes), terms=(Term(index, node.axes, node.ref),), auxiliary=True)
        return
    terms = tuple(replace(term, write=moved.at(term.write)) for term in terms)
    yield replace(node, name=moved.name, axes=moved.at(node.axes), terms=terms)
    if moved.copy:
        yield replace(node, terms=(_copied(node, moved),))


def _copied(node: Node, moved: _Moved) -> Term:
    return Term(node.index, node.axes, Ref(moved.name, moved.at(node.index)))


def _term(term: Term, found: Mapping[str, _Moved]) -> Term:
    def change(ref: Ref) -> Ref:
        moved = found.get(ref.name)
        return Ref(moved.name, moved.at(ref.index)) if moved else ref

    return replace(term, body=map_refs(term.body, change))


def _describer(spec: KernelSpec, found: Mapping[str, _Moved]) -> Callable[[Node], str]:
    """Return what writes the formulas as they were, and plainly those of copies."""
    write = spec.describe or plain
    originals = {n.name: n for n in spec.graph.nodes if n.name not in found or not found[n.name].copy}
    originals |= {m.name: spec.graph[n] for n, m in found.items() if not spec.graph[n].is_leaf}
    return lambda node: write(originals[node.name]) if node.name in originals else plain(node)
