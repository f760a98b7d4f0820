"""The sizes at which a model is instantiated to be proved: as small as its definitions allow.

Two are enough to tell most things apart, and the sizes of a model need not be 2 to be independent: an axis
may have a size that follows from others, (H + 2P − K)//s + 1, or D/A for the width of a head; and a step
may be named by its number, h[3].  So sizes are raised until every axis has at least one entry and all that
are named, and a recurrence has a step between its first and last.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.model.expressions import size
from symgrad.model.graph import Graph
from symgrad.model.model import Model

SMALL = 2
STEPS = 3
LARGEST = 64

Sizes = dict[str, int]


def small_sizes(model: Model, samples: int = 1) -> Sizes:
    """Return the smallest sizes, 2 where nothing asks for more, and less where the model itself is smaller.

    Raises
    ------
    DefinitionError
        If no sizes up to 64 give every axis an entry; the message names the axis.
    """
    return _raised(model, _started(model, samples, dict.fromkeys(model.size_names, SMALL)))


def unequal_sizes(model: Model, samples: int = 2) -> Sizes:
    """Return small sizes of which neighbours differ, 2 and 3 in turn, where the model's own allow it."""
    turns = {name: SMALL + k % 2 for k, name in enumerate(n for n in model.size_names if n != model.samples)}
    return _raised(model, _started(model, samples, turns))


def different_sizes(model: Model, turn: int = 0) -> Sizes:
    """Return small sizes of which neighbours differ, the number of samples first, where the model allows it.

    Parameters
    ----------
    turn
        0 or 1: any two sizes differ in one of the turns, and the number of samples differs between them.
    """
    names = sorted(model.size_names, key=lambda name: name != model.samples)
    wanted = {name: SMALL + (k + 2 * turn) % (3 + turn) for k, name in enumerate(names)}
    known = {name: min(number, model.sizes.get(name, number)) for name, number in wanted.items()}
    return _raised(model, known)


def _started(model: Model, samples: int, wanted: Mapping[str, int]) -> Sizes:
    known = {name: min(number, model.sizes.get(name, number)) for name, number in wanted.items()}
    return {**known, **({model.samples: samples} if model.samples in model.size_names else {})}


@dataclass(frozen=True)
class _Axis:
    """A size that an axis of a node has, and the least that it must be."""

    node: str
    size: sp.Expr
    least: int

    def lacks(self, sizes: Mapping[str, int]) -> sp.Expr:
        """Return how much is missing at some sizes, 0 where nothing is."""
        value = _at(self.size, sizes)
        whole = sp.ceiling(value)
        return sp.Max(self.least - value, whole - value)


def _at(extent: sp.Expr, sizes: Mapping[str, int]) -> sp.Expr:
    return extent.xreplace({size(name): sp.Integer(number) for name, number in sizes.items()})


def _axes(model: Model) -> Iterator[_Axis]:
    """Yield the axes whose size follows from others, of which entries are named, or that are walked."""
    graph = model.graph
    for node in graph.nodes:
        computed = {a.size for a in (*node.axes, *(b for t in node.terms for b in t.bound))}
        yield from (_Axis(node.name, extent, 1) for extent in computed if not extent.is_Atom)
    yield from (_Axis(name, extent, int(at) + 1) for name, at, extent in _numbered(graph))
    for group in graph.groups:
        own = graph[group.names[0]].axes if group.along is not None else ()
        for axis in (a for a in own if a.letter == group.along):
            yield _Axis(group.names[0], axis.size, _steps(_at(axis.size, model.sizes)))


def _steps(extent: sp.Expr) -> int:
    """Return how many steps a recurrence should have: no more than the model has itself."""
    return min(STEPS, int(extent)) if extent.is_Integer else STEPS


def _numbered(graph: Graph) -> Iterator[tuple[str, sp.Integer, sp.Expr]]:
    """Yield the numbers that stand as subscripts, with the axis at which each stands."""
    for node in graph.nodes:
        for term in node.terms:
            for name, subscripts in ((node.name, term.write), *((r.name, r.index) for r in term.accesses)):
                pairs = zip(subscripts, graph[name].shape, strict=True)
                yield from ((name, at, extent) for at, extent in pairs if at.is_Integer)


def are_possible(graph: Graph, sizes: Mapping[str, int]) -> bool:
    """Whether every axis has an entry and all that are named, and no letter less than no places."""
    letters = (axis.size for node in graph.nodes for term in node.terms for axis in term.bound)
    return (
        all(_at(extent, sizes) >= 1 for node in graph.nodes for extent in node.shape)
        and all(_at(extent, sizes) >= 0 for extent in letters)
        and all(at < _at(extent, sizes) for _, at, extent in _numbered(graph))
    )


def _raised(model: Model, sizes: Sizes) -> Sizes:
    """Raise sizes, one at a time, until no axis lacks anything."""
    most = {name: model.sizes.get(name, LARGEST) for name in sizes}
    axes = list(dict.fromkeys(_axes(model)))
    while short := next((axis for axis in axes if axis.lacks(sizes) > 0), None):
        sizes = _helped(short, sizes, most)
    return sizes


def _helped(axis: _Axis, sizes: Sizes, most: Mapping[str, int]) -> Sizes:
    """Raise that size by which the axis gains soonest."""
    names = sorted(name for name in sizes if size(name) in axis.size.free_symbols)
    for step in range(1, LARGEST):
        for name in names:
            tried = {**sizes, name: sizes[name] + step}
            if tried[name] <= most[name] and axis.lacks(tried) < axis.lacks(sizes):
                return tried
    raise DefinitionError(
        f"{axis.node} has an axis of size {axis.size}, which is {_at(axis.size, sizes)} at "
        f"{', '.join(f'{n} = {sizes[n]}' for n in names)}; enlarge the input, or shrink what reads it"
    )
