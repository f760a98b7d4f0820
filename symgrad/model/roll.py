"""Steps that are alike as one recurrence: ``h_1``, ``h_2``, … become ``h[t]``, whoever wrote them out.

The inverse of `symgrad.model.unroll`.  The numbers at the end of names only suggest what belongs together:
definitions are rolled up if they are equal but for subscripts and numbers that count on with the steps.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, count

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.model.expressions import Ref, map_refs, refs
from symgrad.model.graph import Axis, Graph, Node, Term
from symgrad.model.runs import joined
from symgrad.model.terms import fresh, merged

STEPS = 4
"""So many definitions that are alike make a recurrence."""


@dataclass(frozen=True)
class _Family:
    """Nodes that may be the steps of one: its name, and at which step which stands."""

    name: str
    members: Mapping[int, Node]

    @property
    def first(self) -> Node:
        """The node of the first step."""
        return self.members[self.begin]

    @property
    def begin(self) -> int:
        """The first step."""
        return min(self.members)

    @property
    def end(self) -> int:
        """The last step."""
        return max(self.members)


@dataclass(frozen=True)
class _Steps:
    """Families along one axis: every member's family and step."""

    axis: Axis
    families: tuple[_Family, ...]

    @cached_property
    def places(self) -> Mapping[str, tuple[str, int]]:
        """The family and the step of every node in one."""
        return {node.name: (f.name, k) for f in self.families for k, node in f.members.items()}

    @property
    def names(self) -> frozenset[str]:
        """The names of the families."""
        return frozenset(family.name for family in self.families)

    def placed(self, term: Term) -> Term:
        """Return a term that reads families at their steps."""
        return replace(term, body=map_refs(term.body, self._placed))

    def _placed(self, ref: Ref) -> Ref:
        if ref.name not in self.places:
            return ref
        name, step = self.places[ref.name]
        return Ref(name, (step, *ref.index))


def roll(graph: Graph, keep: Collection[str] = ()) -> Graph:
    """Return the same graph with steps that are alike as recurrences; others stay as they are.

    Parameters
    ----------
    keep
        Nodes that must keep their names: those of them that belong to a recurrence read its steps.
    """
    kept = {*keep, *([graph.loss] if graph.loss else [])}
    while (rolled := _rolled(graph, kept)) is not None:
        graph = rolled
    return graph


def _rolled(graph: Graph, keep: Collection[str]) -> Graph | None:
    """Return a graph with the longest recurrences that its names suggest; None if there are none."""
    waiting = sorted(_families(graph), key=lambda family: -len(family.members))
    while waiting:
        tried = _together(waiting)
        steps, made = _alike(graph, tried)
        rolled = _graph(graph, steps, made, keep) if made else None
        if rolled is not None:
            return rolled
        waiting = [family for family in waiting if family not in tried]
    return None


def _together(families: list[_Family]) -> tuple[_Family, ...]:
    """Return families of about the steps of the first, no node in two of them."""
    first = families[0]
    chosen: list[_Family] = []
    taken: set[str] = set()
    for family in families:
        names = {node.name for node in family.members.values()}
        if not names & taken and family.begin >= first.begin - 1 and family.end <= first.end + 1:
            chosen.append(family)
            taken |= names
    return tuple(f for f in chosen if 2 * len(f.members) > len(first.members))


def _alike(graph: Graph, families: tuple[_Family, ...]) -> tuple[_Steps, dict[str, Node]]:
    """Return those of some families whose members are alike, each as one node."""
    while families:
        steps = _steps(graph, families)
        made = {family.name: _family(family, steps) for family in steps.families}
        good = [_is_shorter(made[f.name], f) for f in steps.families]
        if all(good):
            return steps, {name: node for name, node in made.items() if node}
        families = tuple(f for f, is_good in zip(families, good, strict=True) if is_good)
    return _Steps(Axis("t", sp.Integer(1)), ()), {}


def _is_shorter(node: Node | None, family: _Family) -> bool:
    """Whether a node has few terms compared with the members of its family."""
    return node is not None and 2 * len(node.terms) <= sum(len(n.terms) for n in family.members.values())


def _families(graph: Graph) -> Iterator[_Family]:
    """Yield nodes that are called alike but for a number and are put together alike."""
    found: dict[tuple[object, ...], dict[int, Node]] = {}
    for node in graph.nodes:
        for match in re.finditer(r"_?(\d+)", node.name) if not node.is_leaf else ():
            rest = node.name[: match.start()] + node.name[match.end() :]
            kind = (rest, match.start(), node.axes, node.reduce, node.function, node.auxiliary)
            found.setdefault(kind, {}).setdefault(int(match[1]), node)
    taken = {*graph.by_name, ""}
    for (name, *_), members in found.items():
        if len(members) >= STEPS:
            words = chain((f"{name}",), (f"{name or 'h'}_{k}" for k in count(1)))
            free = next(word for word in words if word not in taken)
            taken.add(free)
            yield _Family(free, members)


def _steps(graph: Graph, families: tuple[_Family, ...]) -> _Steps:
    """Number the steps of families from 0."""
    begin, end = min(f.begin for f in families), max(f.end for f in families)
    moved = tuple(replace(f, members={k - begin: n for k, n in f.members.items()}) for f in families)
    size = end - begin + 1
    return _Steps(Axis(_letter(graph, moved, size), sp.Integer(size)), moved)


def _letter(graph: Graph, families: tuple[_Family, ...], size: int) -> str:
    """Return a letter for steps: that of what is given for each of them, else one that means nothing."""
    own = {axis.letter for family in families for axis in family.first.axes}
    given = (axis for node in graph.nodes if node.is_leaf for axis in node.axes if axis.size == size)
    axes = (axis for node in graph.nodes for part in (node, *node.terms) for axis in _axes(part))
    taken = {word for a in dict.fromkeys(axes) for word in (a.letter, *map(str, a.size.free_symbols))}
    free = (letter for letter in "tsl" if letter not in {*taken, *graph.by_name})
    letters = (*(axis.letter for axis in given if axis.letter not in own), *free)
    return letters[0] if letters else next(fresh({*taken, *graph.by_name}))


def _axes(part: Node | Term) -> tuple[Axis, ...]:
    return part.axes if isinstance(part, Node) else part.bound


def _family(family: _Family, steps: _Steps) -> Node | None:
    """Return the steps of a family as one node; None where it has many terms, or would lose their order."""
    if 2 * _alone(family, steps) > sum(len(node.terms) for node in family.members.values()):
        return None
    terms = (
        Term((sp.Integer(k), *term.write), term.bound, term.body)
        for k, node in family.members.items()
        for term in _summands(node)
    )
    first = family.first
    axes = (steps.axis, *first.axes)
    made = tuple(joined(map(steps.placed, terms), axes, steps.axis.letter, steps.names))
    if first.reduce != "sum" and len(made) != max(len(node.terms) for node in family.members.values()):
        return None
    return replace(first, name=family.name, axes=axes, terms=made if first.reduce != "sum" else merged(made))


def _alone(family: _Family, steps: _Steps) -> int:
    """Count the terms that stay those of one step, because no other step reads the same nodes."""
    found: dict[frozenset[str], set[tuple[object, ...]]] = {}
    for k, node in family.members.items():
        for term in _summands(node):
            read = frozenset(steps.places.get(r.name, (r.name,))[0] for r in refs(term.body))
            found.setdefault(read, set()).add((k, term.write, frozenset(term.bound)))
    single = (places for places in found.values() if len({k for k, *_ in places}) == 1)
    return len(set[tuple[object, ...]]().union(*single))


def _summands(node: Node) -> Iterator[Term]:
    for term in node.terms:
        parts = sp.Add.make_args(term.body) if node.reduce == "sum" else (term.body,)
        yield from (replace(term, body=part) for part in parts)


def _graph(graph: Graph, steps: _Steps, made: Mapping[str, Node], keep: Collection[str]) -> Graph | None:
    """Return the graph with the families for their members; None where they form another circle."""
    rest = [node for node in graph.nodes if node.name not in steps.places]
    nodes = (
        *(node for node in rest if node.is_leaf),
        *made.values(),
        *(_rest(node, steps) for node in rest if not node.is_leaf),
        *(_copy(graph[name], steps) for name in steps.places if name in keep),
    )
    try:
        return Graph(nodes, graph.loss)
    except DefinitionError:
        return None


def _rest(node: Node, steps: _Steps) -> Node:
    """Return a node that reads steps; sums over many of them become sums over a letter."""
    plain = tuple(map(steps.placed, node.terms))
    if node.reduce != "sum":
        return replace(node, terms=plain)
    parts = map(steps.placed, _summands(node))
    short = merged(joined(parts, node.axes, steps.axis.letter, steps.names))
    return replace(node, terms=short if len(short) < len(plain) else plain)


def _copy(node: Node, steps: _Steps) -> Node:
    return replace(node, terms=(steps.placed(Term(node.index, node.axes, node.ref)),), function=None)
