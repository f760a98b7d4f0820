"""From a formula in local names to definitions of a network."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count

import sympy as sp

from symgrad.errors import DefinitionError, FormulaError
from symgrad.model.definitions import define
from symgrad.model.expressions import Ref, index, map_refs
from symgrad.model.functions import VOCABULARY
from symgrad.model.graph import Axis, Node, Term
from symgrad.model.initial import Initial
from symgrad.model.local import (
    Local,
    Names,
    accesses,
    heading,
    leading,
    letters,
    shown,
    sizes_of,
    stretch,
    value_of,
    written_out,
)
from symgrad.model.model import SAMPLE
from symgrad.model.scope import Scope

BEFORE = "_before"


@dataclass(frozen=True)
class Place:
    """Where a local formula is to stand.

    Attributes
    ----------
    name
        The name of the node.
    local
        What its names stand for.
    taken
        The names of the network, which letters keep away from.
    axes
        Letters and sizes of the node's axes, where they are not those of the head; the dots excepted.
    initial
        Values of nodes outside of their axes, by the names of the network.
    """

    name: str
    local: Local
    taken: Collection[str] = frozenset()
    axes: Mapping[str, sp.Expr] | None = None
    initial: Mapping[str, Initial] = field(default_factory=dict[str, Initial])


def place(spot: Place, *texts: str) -> tuple[Node, ...]:
    """Return the node of some formulas, which are added up, after its auxiliary nodes.

    Raises
    ------
    DefinitionError, FormulaError
        If shapes do not fit, a letter has no size, or a formula cannot be read.
    """
    if not texts or not all(map(_is_formula, texts)):
        raise DefinitionError(f"{spot.name} needs a formula, as in '[...,i] 2*x[...,i]'")
    _check_samples(texts, spot.local)
    front = leading(texts, spot.local)
    names = _names(texts, spot, front)
    axes: tuple[Axis, ...] | None = None
    made: list[Node] = []
    terms: list[Term] = []
    for text in texts:
        landing = _landing(text, spot, axes, front)
        sizes = sizes_of(text, spot.local, landing)
        axes = axes or _own_axes(text, spot, names, front, sizes)
        *auxiliary, node = _read(text, spot, names, {**_plain(front), **_renamed(sizes, names)}, made)
        made += auxiliary
        terms += _landed(node, text, spot.local, names)
    return (*made, Node(spot.name, axes or (), terms=tuple(terms)))


def _is_formula(text: object) -> bool:
    return isinstance(text, str) and bool(text.strip())


def _check_samples(texts: Iterable[str], local: Local) -> None:
    """Refuse to read the samples as if they were channels, steps or features."""
    for text in texts:
        for name, at in accesses(text, local):
            axes = local.axes(name) if name else None
            parts = stretch(axes, at) if axes else None
            if axes and parts and axes[0].letter == SAMPLE and at[0] != SAMPLE and parts[1] == slice(0, 0):
                raise DefinitionError(
                    f"{shown(local, name)} has too few axes to be read as {name}[{', '.join(at)}]"
                )


def _plain(axes: Iterable[Axis]) -> dict[str, sp.Expr]:
    return {axis.letter: axis.size for axis in axes}


def _renamed(sizes: Mapping[str, sp.Expr], names: Names) -> dict[str, sp.Expr]:
    return {names.of(letter): size for letter, size in sizes.items()}


def _names(texts: Iterable[str], spot: Place, front: tuple[Axis, ...]) -> Names:
    """Let every letter keep its name unless it is taken; the same letter always becomes the same other."""
    own = tuple(axis.letter for axis in front)
    local = spot.local
    taken = {*spot.taken, spot.name, *own}
    words = dict.fromkeys(letter for text in texts for letter in letters(text, local))
    changed = {word: apart(word, taken) for word in words}
    avoid = {*own, *changed.values(), *(n.name for n in local.nodes.values() if n)}
    numbers = {word: apart(word, avoid) for word in local.numbers}
    nodes = {word: node.name if node else None for word, node in local.nodes.items()}
    return Names(nodes, {**numbers, **changed}, own)


def apart(word: str, taken: Collection[str]) -> str:
    """Return a letter, with a number behind it where it is taken."""
    return word if word not in taken else next(w for k in count(1) if (w := f"{word}{k}") not in taken)


def _open(head: Iterable[str]) -> tuple[str, ...]:
    """Return the landing subscripts but the dots."""
    return tuple(part for part in head if part not in ("...", "…"))


def _landing(
    text: str, spot: Place, axes: tuple[Axis, ...] | None, front: tuple[Axis, ...]
) -> tuple[tuple[str, Axis], ...]:
    """Pair the landing subscripts with the axes of the node, where these are known before."""
    head, _ = heading(text)
    if spot.axes is not None:
        known = tuple(Axis(letter, size) for letter, size in spot.axes.items())
    else:
        known = tuple(axis for axis in axes or () if axis not in front)
    if known and len(known) != len(_open(head)):
        raise DefinitionError(f"{spot.name} has {len(known)} axes of its own, the formula lands at {text}")
    return tuple(zip(_open(head), known, strict=False))


def _own_axes(
    text: str, spot: Place, names: Names, front: tuple[Axis, ...], sizes: Mapping[str, sp.Expr]
) -> tuple[Axis, ...]:
    head, _ = heading(text)
    given = iter(spot.axes.items() if spot.axes is not None else ((w, sizes.get(w)) for w in _open(head)))
    axes: list[Axis] = []
    for part in head:
        if part in ("...", "…"):
            axes += front
            continue
        letter, size = next(given)
        if size is None:
            raise DefinitionError(f"{spot.name} lands at {part}; give its axes, as in axes={{…}}")
        axes.append(Axis(names.of(letter), size))
    return tuple(axes)


def _bound(text: str, local: Local, names: Names) -> tuple[str, ...]:
    """Return the letters of the head, those under the dots in their place."""
    head, _ = heading(text)
    found: list[str] = []
    for part in head:
        inside = letters(f"[{part}]", local)
        found += names.leading if part in ("...", "…") else map(names.of, inside)
    return tuple(dict.fromkeys(found))


def _read(
    text: str, spot: Place, names: Names, sizes: Mapping[str, sp.Expr], made: Iterable[Node]
) -> tuple[Node, ...]:
    """Read one formula over the letters of its head; a node that reads itself has another name meanwhile."""
    alias = f"{spot.name}{BEFORE}"
    aliased = _renamed_nodes(names, {spot.name: alias})
    known = {n.name if n.name != spot.name else alias: n.axes for n in spot.local.nodes.values() if n}
    known |= {node.name: node.axes for node in made}
    initial = {alias if name == spot.name else name: value for name, value in spot.initial.items()}
    constants = {names.of(word): value for word, value in spot.local.numbers.items()}
    scope = Scope(sizes, known, initial, constants)
    _, body = heading(text)
    whole = f"[{', '.join(_bound(text, spot.local, names))}]" + written_out(
        body, aliased, partial(_dots, spot.local)
    )
    try:
        found = define(spot.name, whole.removeprefix("[]"), scope, VOCABULARY)
    except FormulaError as error:
        raise FormulaError(f"{error}, in {whole}".replace(alias, spot.name)) from None
    return tuple(_unaliased(node, alias, spot.name) for node in found)


def _renamed_nodes(names: Names, changes: Mapping[str, str]) -> Names:
    nodes = {word: changes.get(name, name) if name else None for word, name in names.nodes.items()}
    return replace(names, nodes=nodes)


def _dots(local: Local, name: str, at: tuple[str, ...]) -> int:
    """Return how many axes the dots stand for in an access."""
    axes = local.axes(name) if name in local.nodes else None
    parts = stretch(axes, at) if axes is not None else None
    return 0 if parts is None else parts[1].stop - parts[1].start


def _unaliased(node: Node, alias: str, name: str) -> Node:
    terms = (
        replace(t, body=map_refs(t.body, lambda r: Ref(name, r.index) if r.name == alias else r))
        for t in node.terms
    )
    return replace(node, terms=tuple(terms))


def _landed(node: Node, text: str, local: Local, names: Names) -> Iterator[Term]:
    """Let the terms of a node over the letters of the head land where the head says."""
    head, _ = heading(text)
    table: dict[sp.Expr, sp.Expr] = {index(word): index(names.of(word)) for word in letters(text, local)}
    subscripts: list[sp.Expr] = []
    for part in head:
        if part in ("...", "…"):
            subscripts += map(index, names.leading)
        else:
            subscripts.append(value_of(part, local).xreplace(table))
    for term in node.terms:
        moved: dict[sp.Expr, sp.Expr] = dict(zip(node.index, term.write, strict=True))
        yield replace(term, write=tuple(s.xreplace(moved) for s in subscripts))
