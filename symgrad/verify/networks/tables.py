"""The values of what claims speak of: nodes, gradients, sizes, the single steps of the chain rule."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from math import prod
from operator import mul

import numpy as np

from symgrad.derive.paths import Link, links
from symgrad.errors import LimitError, ShapeError
from symgrad.exact.tapes import Slot
from symgrad.exact.translate import translate
from symgrad.model.ends import joined
from symgrad.model.expressions import Ref
from symgrad.model.graph import Graph, Kind
from symgrad.model.instances import entries
from symgrad.verify.formulas.setting import Beyond
from symgrad.verify.networks.posing import Posed, Slots, scalar

MOST_PARTIALS = 1_000_000
NUMBERED = (re.compile(r"(.+?)_?([1-9][0-9]*)_([1-9][0-9]*)"), re.compile(r"(.+?)_?([1-9][0-9]*)"))

Families = Mapping[str, Mapping[tuple[int, ...], str]]


def families(names: Sequence[str]) -> Families:
    """Return the neurons that a stem and subscripts name: ``o`` is o1, o2 and o3, by their places.

    >>> families(["o1", "o2", "w"])
    {'o': {(0,): 'o1', (1,): 'o2'}}
    """
    found: dict[str, dict[tuple[int, ...], str]] = {}
    for pattern in NUMBERED:
        groups: dict[str, dict[tuple[int, ...], str]] = {}
        for name in names:
            if match := pattern.fullmatch(name):
                stem, *numbers = match.groups()
                groups.setdefault(stem, {})[tuple(int(number) - 1 for number in numbers)] = name
        found |= {
            stem: own
            for stem, own in groups.items()
            if stem not in found and stem not in names and len(own) > 1 and _is_whole(own)
        }
    return found


def _is_whole(places: Mapping[tuple[int, ...], str]) -> bool:
    """Whether the places fill an array."""
    return prod(_shape(places)) == len(places)


def _shape(places: Mapping[tuple[int, ...], str]) -> tuple[int, ...]:
    return tuple(max(numbers) + 1 for numbers in zip(*places, strict=True))


def table(posed: Posed, stems: Families) -> dict[str, Slots]:
    """Return the value of every name but single steps of the chain rule."""
    loss, own = posed.view.graph.loss, posed.table
    sizes = {name: scalar(posed.tape.number(number)) for name, number in posed.sizes.items()}
    deltas = {f"∂{loss}/∂{name}": posed.delta(name) for name in own}
    found = {**sizes, **own, **deltas}
    for stem, places in stems.items():
        found[stem] = _gathered(own, places)
        found[f"∂{loss}/∂{stem}"] = _gathered(
            {name: deltas[f"∂{loss}/∂{name}"] for name in places.values()}, places
        )
    return found


def _gathered(values: Mapping[str, Slots], places: Mapping[tuple[int, ...], str]) -> Slots:
    array = np.empty(_shape(places), dtype=object)
    for at, name in places.items():
        array[at] = values[name].item()
    return array


def partial(posed: Posed, child: str, parent: str) -> Slots:
    """Return the derivatives of a node by one that it reads, all else that it reads held fixed.

    Returns
    -------
    numpy.ndarray
        First the axes of the child, then those of the parent.

    Raises
    ------
    ShapeError
        If there would be more than a million of them.
    """
    upper, lower = _scalars(posed, child), _scalars(posed, parent)
    if upper.size * lower.size > MOST_PARTIALS:
        raise ShapeError(f"∂{child}/∂{parent} has {upper.size * lower.size:,} entries; write it out")
    array = np.full((*upper.shape, *lower.shape), posed.tape.number(0), dtype=object)
    places = {str(lower[at]): at for at in entries(lower.shape)}
    for at in entries(upper.shape):
        for link in posed.links.get(str(upper[at]), ()):
            if link.parent in places:
                array[(*at, *places[link.parent])] = _step(posed, link)
    return array


def _scalars(posed: Posed, name: str) -> Slots:
    """Return the names of the scalars that the entries of a node are at any level."""
    if posed.view.level == "layer":
        return posed.scalars[name]
    owner, at = posed.places[name]
    return scalar(posed.scalars[owner][at])


def _step(posed: Posed, link: Link) -> Slot:
    routes = (
        reduce(mul, (translate(edge.partial, posed.tape, dict(posed.known)) for edge in route))
        for route in link.routes
    )
    return posed.tape.total(routes)


def beyond(graph: Graph, values: Mapping[str, Slots]) -> dict[str, Beyond]:
    """Return what recurrences start with: the values that stand beyond the ends of their axes."""
    parameters = graph.names_of(Kind.PARAMETER)
    found: dict[str, Beyond] = {}
    for node in graph.nodes:
        for one in joined(node.terms, node.axes, graph.shapes, parameters) if not node.is_leaf else ():
            for access, value in one.landed.beyond if one.landed else ():
                found[access.name] = _beyond(access, value, values)
    return found


def _beyond(access: Ref, value: Ref, values: Mapping[str, Slots]) -> Beyond:
    axis = next(k for k, at in enumerate(access.index) if not at.is_Symbol)
    others = [at for k, at in enumerate(access.index) if k != axis]
    array, shape = values[value.name], np.delete(values[access.name].shape, axis)
    kept = [at for at in others if at in value.index]
    ordered = array.transpose([list(value.index).index(at) for at in kept])
    wide = ordered.reshape([size if at in kept else 1 for at, size in zip(others, shape, strict=True)])
    at = access.index[axis]
    place = int(at) if at.is_Integer else values[access.name].shape[axis]
    return Beyond(axis, place, np.broadcast_to(wide, tuple(shape)))


def steps_of(graph: Graph) -> Iterator[tuple[str, str]]:
    """Yield the nodes with what they read: the single steps of the chain rule, those of the loss left out."""
    try:
        found = [(link.child, link.parent) for group in links(graph).values() for link in group]
    except LimitError:
        return
    yield from (pair for pair in found if pair[0] != graph.loss)
