"""A step in two phases for threads: what every sample has for itself, then what sums over all of them.

The first is shared by rows of the batch, the second by rows of the parameters.  Every entry is computed by
one thread, from the first summand to the last: nothing is added up behind, and no gradient is written twice.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import sympy as sp

from symgrad.kernels.costs import width
from symgrad.kernels.cuts import Cut, cut
from symgrad.kernels.fusion import fuse
from symgrad.kernels.heads import constants_up, without_allocations
from symgrad.kernels.in_place import changes_of
from symgrad.kernels.linear import linear
from symgrad.kernels.mapping import map_values
from symgrad.kernels.plan import Part
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import (
    Allocate,
    Constant,
    Function,
    Return,
    Size,
    Statements,
    When,
    read,
    walk,
    written,
)
from symgrad.kernels.tight import sized, stored, tight
from symgrad.kernels.touched import names
from symgrad.kernels.updates import Updates, entries_of, states, updates
from symgrad.model.expressions import index, size

PIECES = 4
"""In so many pieces parameters are changed, whatever the number of threads."""
BLOCKS = 2
"""So many blocks of rows a batch has at least."""
PIECE = index("piece")
COUNT = size("count")
"""The rows of a batch, where a function is given a block of them."""


@dataclass(frozen=True)
class Phases:
    """The functions of a step in two phases.

    Attributes
    ----------
    samples
        Fills in what the rows of a block have for themselves.
    loss
        Returns the loss of a batch from that.
    change
        Changes the parameters, one piece of them.
    updates
        What the optimizer does behind the gradients that are arrays.
    shared
        The arrays that the first phase leaves to the second.
    left
        The parameters that the optimizer changes, from arrays of gradients.
    turned
        The parameters that are kept turned.
    """

    samples: Function
    loss: Function
    change: Function
    updates: Updates = field(default_factory=Updates)
    shared: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    turned: tuple[str, ...] = ()

    @property
    def functions(self) -> tuple[Function, ...]:
        """All of them."""
        return self.samples, self.loss, self.change


@dataclass(frozen=True)
class Halves:
    """The parts of a step: what samples have for themselves, the loss, and the gradients."""

    spec: KernelSpec
    early: tuple[Part, ...]
    loss: tuple[Part, ...]
    gradients: tuple[Part, ...]

    @property
    def shared(self) -> tuple[str, ...]:
        """What the second phase reads of the first."""
        late = {name for part in (*self.loss, *self.gradients) for name in _reads(part)}
        made = {name for part in self.early for name in part.names}
        return tuple(node.name for node in self.spec.graph.nodes if node.name in late & made)

    @property
    def changed(self) -> tuple[str, ...]:
        """The parameters that change in place of their gradients."""
        return tuple(change.parameter for change in changes_of(self.spec, self.gradients).values())


def halves(spec: KernelSpec, parts: Sequence[Part]) -> Halves | str:
    """Return the parts of a step by phases, or why it has not two."""
    if spec.optimizer.reads("norm"):
        return "the norm of all gradients comes before the changes"
    early, late, summed = list[Part](), list[Part](), set[str]()
    for part in parts:
        first = all(map(spec.has_samples, part.names))
        if not first and any(spec.row in spec.graph[name].shape for name in part.names):
            return f"the samples of {', '.join(sorted(part.names))} do not stand first"
        over = any(n in summed or _has_samples(spec, n) for n in _reads(part))
        if first and summed & _reads(part):
            return f"{', '.join(sorted(part.names))} needs a sum over samples"
        (late if over and not first else early).append(part)
        summed |= part.names if over and not first else set()
    return _halves(spec, early, late)


def _has_samples(spec: KernelSpec, name: str) -> bool:
    return name in spec.graph and spec.has_samples(name)


def _halves(spec: KernelSpec, early: list[Part], late: list[Part]) -> Halves | str:
    owner = {spec.delta[name] for name in spec.updated}
    loss = tuple(part for part in late if part.names == frozenset((spec.loss,)))
    gradients = tuple(part for part in late if part.names <= owner)
    if len(loss) + len(gradients) < len(late) or not loss:
        return "sums over samples are summed once more"
    if any(name in part.names for part in early for name in owner):
        return "a gradient is the same for all samples"
    alone = {n for part in early for n in part.names if not spec.has_samples(n)}
    for part in late:
        if alone & _reads(part) or {*spec.updated} & _reads(part):
            return f"{next(iter(part.names))} reads parameters that change at that time"
        if any(isinstance(s, Allocate) and s.name not in part.names for s in part.statements):
            return f"{next(iter(part.names))} needs arrays of its own"
    return Halves(spec, tuple(early), loss, gradients)


def _reads(part: Part) -> set[str]:
    return {ref.name for s in walk(part.statements) for ref in read(s)}


def of_batch(spec: KernelSpec, made: Statements) -> Statements:
    """Return statements over a block that divide by the rows of the batch."""
    return map_values(made, lambda value: value.xreplace({spec.row: COUNT}))


@dataclass(frozen=True)
class Changes:
    """The statements that change one piece of all parameters."""

    statements: Statements
    updates: Updates
    left: tuple[str, ...]
    settings: tuple[str, ...]


def changes(found: Halves) -> Changes:
    """Return how the parameters are changed, piece by piece."""
    spec = found.spec
    in_place = changes_of(spec, found.gradients)
    left = tuple(n for n in spec.updated if n not in {c.parameter for c in in_place.values()})
    beside = updates(spec, left, unrolled=False)
    rule = linear(spec)
    settings = rule.names if in_place and not isinstance(rule, str) else ()
    owner = {spec.delta[name]: name for name in spec.updated}
    made = list[Statements]()
    for number, part in enumerate(found.gradients):
        (delta,) = part.names
        if number in in_place:
            made.append(_piece(spec, owner[delta], [(in_place[number].statements, owner[delta])]))
        else:
            own = entries_of(spec, beside, owner[delta])
            made.append(_piece(spec, owner[delta], [(part.statements, delta), (own, owner[delta])]))
    return Changes(tuple(s for group in made for s in group), beside, left, settings)


def _piece(spec: KernelSpec, name: str, groups: Iterable[tuple[Statements, str]]) -> Statements:
    """Return the statements for one piece of a parameter; all are of the first where it cannot be cut."""
    groups = [(tuple(s for s in made if not isinstance(s, Allocate)), target) for made, target in groups]
    parts = [_rows(spec, made, name, target) for made, target in groups]
    if all(part is not None for part in parts):
        return tuple(s for part in parts if part for s in part)
    whole = tuple(s for made, _ in groups for s in made)
    return (When("piece", sp.Integer(0), sp.Integer(1), sp.Integer(PIECES), whole),)


def _rows(spec: KernelSpec, made: Statements, name: str, target: str) -> Statements | None:
    """Return statements over one piece of the rows of a parameter."""
    axes = spec.axes(spec.graph[target])
    if not axes:
        return None
    bounds = tuple(sp.floor(axes[0].size * end / PIECES) for end in (PIECE, PIECE + 1))
    states = (f"{s}_{name}" for s in spec.optimizer.states)
    return cut(made, Cut((target, *(states if target == name else ())), axes, (bounds[0], bounds[1])))


def phased(found: Halves, held: tuple[str, ...], turned: tuple[str, ...]) -> Phases:
    """Return the functions of a step.

    Parameters
    ----------
    held
        The arrays that are computed once, before training.
    turned
        The parameters that are kept turned.
    """
    made = changes(found)
    functions = _samples(found, held), _loss(found), _change(found.spec, made)
    return Phases(*functions, made.updates, found.shared, made.left, turned)


def _samples(found: Halves, held: tuple[str, ...]) -> Function:
    spec = found.spec
    first = tuple(s for part in found.early for s in part.statements)
    made = of_batch(spec, tight(spec, first, (*found.shared, *held)))
    rooms = tuple(s for s in made if isinstance(s, Allocate))
    parameters = tuple(p.name for p in spec.parameters)
    given = (*spec.leaves, *parameters, *(w.name for w in rooms), *held)
    body = sized(spec, given, constants_up(without_allocations(made)))
    counted = any(COUNT in s.denominator.free_symbols for s in body if isinstance(s, Constant))
    used = (*given, str(COUNT)) if counted else given
    summary = f"Fill in {', '.join(found.shared)} for some rows of a batch."
    return Function("_samples", used, summary, body, rooms, inner=True, inline=True)


def _loss(found: Halves) -> Function:
    spec = found.spec
    made = tight(spec, tuple(s for part in found.loss for s in part.statements), ())
    known = (*spec.leaves, *found.shared)
    given = tuple(n for n in known if n in names(made) or n == spec.like)
    body = sized(spec, given, constants_up((*made, Return((spec.loss,)))))
    summary = f"Return the loss {spec.loss} of a batch."
    return Function("_loss_of_batch", given, summary, body, inner=True, inline=True)


def _change(spec: KernelSpec, made: Changes) -> Function:
    body = stored(spec, fuse(made.statements, spec.apart), (spec.delta[name] for name in made.left))
    found = names(body)
    own = {r.name for s in walk(body) for r in written(s) if not r.index and r.name not in spec.graph}
    nodes = (*spec.leaves, *found_nodes(spec, found), *states(spec))
    arrays = tuple(dict.fromkeys(n for n in nodes if n in found))
    constants = tuple(c for c in made.updates.constants if c.name in found)
    others = sorted({*found, *made.settings} - {*arrays, *own, *(c.name for c in constants)})
    whole = sized(spec, arrays, constants_up(body))
    head = tuple(s for s in whole if isinstance(s, Size))
    numbers = dict.fromkeys((*constants, *(s for s in whole if isinstance(s, Constant))))
    rest = tuple(s for s in whole if not isinstance(s, Size | Constant))
    summary = "Change the parameters, one piece of them."
    arguments = ("piece", *arrays, *others)
    return Function("_change", arguments, summary, (*head, *numbers, *rest), inner=True, inline=True)


def found_nodes(spec: KernelSpec, found: Iterable[str]) -> Iterator[str]:
    """Yield the nodes among some names, in the order of the graph."""
    return (node.name for node in spec.graph.nodes if node.name in found)


def pays(found: Halves) -> bool:
    """Whether two phases cost less than blocks.

    What the first phase hands over is written once and read once; every block would write gradients of all
    parameters, which are read to be added up.
    """
    return _handed(found) < BLOCKS * _trained(found.spec)


def told(spec: KernelSpec, parts: Sequence[Part]) -> str:
    """Say how threads share a batch, and why so."""
    found = halves(spec, parts)
    if isinstance(found, str):
        return f"blocks of rows, each with gradients of its own: {found}"
    counts = f"{_handed(found)} numbers are handed over, and there are {_trained(spec)} gradients"
    if pays(found):
        return f"two phases, rows of the batch, then {PIECES} pieces of the parameters: {counts}"
    return f"blocks of rows, each with gradients of its own: {counts}"


def _handed(found: Halves) -> int:
    """Return how many numbers the first phase leaves to the second."""
    return sum(_entries_of(found.spec, name) for name in found.shared)


def _trained(spec: KernelSpec) -> int:
    """Return how many gradients there are."""
    return sum(_entries_of(spec, name) for name in spec.updated)


def _entries_of(spec: KernelSpec, name: str) -> int:
    return width(spec, spec.axes(spec.graph[name]))
