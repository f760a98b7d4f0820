"""The order of definitions: parents first, and recurrences walked along their axis.

Nodes that depend on one another in a circle are a recurrence if there is one axis along which every step
of the circle moves by a constant, always the same way: h[t] reads h[t−1], and δh[t] reads δh[t+1].
Circles are found as strongly connected components (Tarjan 1972).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.model.nodes import Node


@dataclass(frozen=True)
class Group:
    """Nodes that are computed together: one, or those of a recurrence.

    Attributes
    ----------
    names
        The nodes; in a recurrence, in the order of one step of it.
    along
        The letter of the axis of a recurrence, None for a node that does not depend on itself.
    step
        The direction in which that axis is walked: +1 or −1, and 0 without one.
    """

    names: tuple[str, ...]
    along: str | None = None
    step: int = 0


@dataclass(frozen=True)
class _Step:
    """One access inside a circle: by how much the axis moves from the parent to the child."""

    parent: str
    child: str
    shift: sp.Expr


def groups(nodes: tuple[Node, ...], table: Mapping[str, Node]) -> tuple[Group, ...]:
    """Sort nodes parents first, else in the order given; those of a recurrence stand together.

    Raises
    ------
    DefinitionError
        If nodes depend on one another in a circle that is no recurrence; the message names the circle.
    """
    if _is_sorted(nodes):
        return tuple(Group((node.name,)) for node in nodes)
    parents = {node.name: _parents(node) for node in nodes}
    found = _components([node.name for node in nodes], parents)
    return tuple(_group(names, parents, table) for names in found)


def _is_sorted(nodes: tuple[Node, ...]) -> bool:
    """Whether every node reads only what stands before it."""
    before: set[str] = set()
    for node in nodes:
        if any(r.name not in before for term in node.terms for r in term.accesses):
            return False
        before.add(node.name)
    return True


def _parents(node: Node) -> tuple[str, ...]:
    return tuple(sorted({r.name for term in node.terms for r in term.accesses}))


@dataclass
class _Search:
    """The state of a depth-first search: numbers in order of discovery, and what is still open."""

    number: dict[str, int] = field(default_factory=dict[str, int])
    lowest: dict[str, int] = field(default_factory=dict[str, int])
    open: list[str] = field(default_factory=list[str])
    inside: set[str] = field(default_factory=set[str])

    def enter(self, name: str) -> None:
        self.number[name] = self.lowest[name] = len(self.number)
        self.open.append(name)
        self.inside.add(name)

    def leave(self, name: str) -> tuple[str, ...]:
        """Return the component that is complete with this node; nothing if a later one completes it."""
        if self.lowest[name] != self.number[name]:
            return ()
        found = [self.open.pop()]
        while found[-1] != name:
            found.append(self.open.pop())
        self.inside.difference_update(found)
        return tuple(reversed(found))


def _components(names: list[str], parents: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Yield the strongly connected components, parents first, without recursion."""
    search = _Search()
    for root in names:
        if root in search.number:
            continue
        search.enter(root)
        stack = [(root, iter(parents[root]))]
        while stack:
            name, rest = stack[-1]
            step = next(rest, None)
            if step is None:
                stack.pop()
                if stack:
                    above = stack[-1][0]
                    search.lowest[above] = min(search.lowest[above], search.lowest[name])
                if found := search.leave(name):
                    yield found
            elif step not in search.number:
                search.enter(step)
                stack.append((step, iter(parents[step])))
            elif step in search.inside:
                search.lowest[name] = min(search.lowest[name], search.number[step])


def _group(
    names: tuple[str, ...], parents: Mapping[str, tuple[str, ...]], table: Mapping[str, Node]
) -> Group:
    if len(names) == 1 and names[0] not in parents[names[0]]:
        return Group(names)
    for letter in _common_letters(names, table):
        steps = _steps(names, letter, table)
        direction = _direction(steps)
        order = _within(names, steps) if direction else None
        if order:
            return Group(order, letter, direction)
    raise DefinitionError(f"the definitions form a cycle: {_circle(names, parents)}; {_reason(names, table)}")


def _reason(names: tuple[str, ...], table: Mapping[str, Node]) -> str:
    """Return why a circle is no recurrence."""
    walked = [letter for letter in _common_letters(names, table) if _walks(_steps(names, letter, table))]
    if len(walked) > 1:
        return (
            f"it goes back along {' and along '.join(walked)}, but a recurrence walks along one axis: every "
            f"circle moves on along that one; write the other axis out, in a definition for each place"
        )
    return "a recurrence goes back by a constant along one axis that all of them have, as from h[t] to h[t-1]"


def _common_letters(names: tuple[str, ...], table: Mapping[str, Node]) -> tuple[str, ...]:
    owned = [{axis.letter for axis in table[name].axes} for name in names]
    shared = owned[0].intersection(*owned)
    return tuple(axis.letter for axis in table[names[0]].axes if axis.letter in shared)


def _steps(names: tuple[str, ...], letter: str, table: Mapping[str, Node]) -> tuple[_Step, ...]:
    place = {n: [axis.letter for axis in table[n].axes].index(letter) for n in names}
    return tuple(
        _Step(r.name, name, sp.expand(term.write[place[name]] - r.index[place[r.name]]))
        for name in names
        for term in table[name].terms
        for r in term.accesses
        if r.name in place
    )


def _walks(steps: tuple[_Step, ...]) -> bool:
    shifts = {step.shift for step in steps}
    return all(shift.is_Integer for shift in shifts) and shifts != {sp.Integer(0)}


def _direction(steps: tuple[_Step, ...]) -> int:
    """Return +1 or −1 if all steps move that way or not at all, 0 if they do not agree."""
    shifts = {step.shift for step in steps}
    if not all(isinstance(shift, sp.Integer) for shift in shifts):
        return 0
    signs = {int(sp.sign(shift)) for shift in shifts} - {0}
    return signs.pop() if len(signs) == 1 else 0


def _within(names: tuple[str, ...], steps: tuple[_Step, ...]) -> tuple[str, ...] | None:
    """Sort the nodes by what they read at the same place of the axis; None where that is a circle too."""
    here = {n: tuple(sorted({s.parent for s in steps if s.child == n and s.shift == 0})) for n in names}
    found = list(_components(sorted(names), here))
    alone = all(len(part) == 1 and part[0] not in here[part[0]] for part in found)
    return tuple(part[0] for part in found) if alone else None


def _circle(names: tuple[str, ...], parents: Mapping[str, tuple[str, ...]]) -> str:
    """Walk from parent to parent inside a component until a node comes again."""
    walked = [names[0]]
    while walked.count(walked[-1]) == 1:
        walked.append(next(p for p in parents[walked[-1]] if p in names))
    return " → ".join(walked[walked.index(walked[-1]) :])
