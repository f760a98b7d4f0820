"""Where a mistake is, by the names that people use: auxiliaries are passed over."""

from collections.abc import Iterable, Iterator

from symgrad.derive.paths import Path, count, paths
from symgrad.model.graph import Edge, Graph
from symgrad.verify.mistakes.network.bench import Bench
from symgrad.verify.mistakes.network.catalogue import Mutant
from symgrad.verify.mistakes.network.edits import above

MOST_PATHS = 64


def ends_in_sight(bench: Bench, wrt: str, edge: Edge) -> tuple[str, str]:
    """Return parent and child of an edge, by entries where it joins two on all ways to `wrt`."""
    return shown_ends(bench, edge, bench.ways(wrt, edge))


def shown_ends(bench: Bench, edge: Edge, places: Iterable[int]) -> tuple[str, str]:
    """Return the names of the entries that an edge joins at some places, else of the nodes."""
    pairs = {bench.ends(edge, number) for number in places}
    if bench.posed.view.level == "neuron":
        pairs = {named for pair in pairs for named in _named(bench.posed.view.graph, *pair)}
    return next(iter(pairs)) if len(pairs) == 1 else next(_named(bench.scene.graph, edge.parent, edge.child))


def _named(graph: Graph, parent: str, child: str) -> Iterator[tuple[str, str]]:
    """Yield the ends of an edge, and in the place of auxiliaries what they are made of and go into."""
    for one in _below(graph, parent):
        yield from ((one, other) for other in above(graph, child))


def _below(graph: Graph, name: str) -> list[str]:
    if not graph[name].auxiliary:
        return [name]
    parents = dict.fromkeys(edge.parent for edge in graph.in_edges[name])
    return list(dict.fromkeys(found for parent in parents for found in _below(graph, parent)))


def edges_in_sight(bench: Bench, wrt: str, edges: Iterable[Edge]) -> list[str]:
    """Return some edges by their ends, those that are one for people once."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for edge in edges:
        whole = next(_named(bench.scene.graph, edge.parent, edge.child))
        found.setdefault(whole, []).append(ends_in_sight(bench, wrt, edge))
    return [" -> ".join(own[0] if len(set(own)) == 1 else whole) for whole, own in found.items()]


def paths_through(bench: Bench, wrt: str, mutant: Mutant) -> str:
    """Say how many of the paths to the loss are left where a mistake loses some."""
    view = bench.posed.view
    lost = {(edit.edge.parent, edit.edge.child) for edit in mutant.edits if edit.partial == 0}
    if not lost or view.level != "neuron" or not 1 < count(view.graph, wrt, view.model.loss) <= MOST_PATHS:
        return ""
    listed = paths(view.graph, wrt, view.model.loss)
    kept = sum(_is_open(bench, path, lost) for path in listed)
    words = f": only {kept} of {len(listed)} paths to the loss" if kept else ": no path to the loss is left"
    return words if kept < len(listed) else ""


def _is_open(bench: Bench, path: Path, lost: set[tuple[str, str]]) -> bool:
    """Whether every link of a path has a route that does not take a lost edge."""
    owner = {entry: name for entry, (name, _) in bench.posed.places.items()}
    return all(
        any(
            all((owner[edge.parent], owner[edge.child]) not in lost for edge in route)
            for route in link.routes
        )
        for link in path.links
    )
