"""What a team of threads shares and what each has for itself, and the changes of parameters in pieces.

Each block of rows has room of its own for its gradients; they are added up in the order of the blocks.
Parameters are changed in pieces whose bounds are fixed: whoever does it, the same instructions run over the
same entries.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

import sympy as sp

from symgrad.kernels.accesses import map_accesses
from symgrad.kernels.batches import given
from symgrad.kernels.driver import TAIL, of_batch
from symgrad.kernels.fusion import fuse
from symgrad.kernels.heads import open_sizes
from symgrad.kernels.ordering import nest
from symgrad.kernels.phases import PIECE, PIECES
from symgrad.kernels.program import Program
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import (
    Accumulate,
    Allocate,
    Assign,
    Function,
    Loop,
    Size,
    Statement,
    Statements,
    When,
    walk,
    written,
)
from symgrad.kernels.touched import names
from symgrad.kernels.updates import EPOCHS, STEP, entries_of, states
from symgrad.model.expressions import Ref, index

BLOCKS = index("blocks")


@dataclass(frozen=True)
class Team:
    """The arrays of a program by who owns them, and what is done piece by piece."""

    program: Program

    @property
    def spec(self) -> KernelSpec:
        """The network."""
        return self.program.spec

    @cached_property
    def gradients(self) -> tuple[str, ...]:
        """The gradients of what is trained."""
        return tuple(self.spec.delta[name] for name in self.spec.updated)

    @cached_property
    def held(self) -> tuple[str, ...]:
        """What is computed once and read by all."""
        once = self.program.once
        own = {w.name for w in self.program.step.workspaces}
        return tuple(name for name in once.arguments if name in own) if once else ()

    @cached_property
    def private(self) -> tuple[Allocate, ...]:
        """The workspaces of one thread, for one block."""
        made = self.program.step.workspaces
        own = (w for w in made if w.name not in (*self.gradients, *self.held))
        return tuple(of_batch(self.program, w, "BLOCK") for w in own)

    @cached_property
    def rooms(self) -> tuple[Allocate, ...]:
        """What all threads write to: the losses and gradients of blocks, and the gradients."""
        extents = {d: self.spec.extents(d) for d in self.gradients}
        blocks = [Allocate(blocks_of(d), (BLOCKS, *shape)) for d, shape in extents.items()]
        whole = [Allocate(d, shape) for d, shape in extents.items()]
        return Allocate(blocks_of(self.spec.loss), (BLOCKS,)), *blocks, *whole

    @cached_property
    def own(self) -> Mapping[str, str]:
        """For what every thread has for itself, of what it is a copy: counters, and the order of rows."""
        counters = (name for name in states(self.spec) if name in (STEP.name, EPOCHS.name))
        return {f"own_{name}": name for name in (*counters, "random_state")}

    def name_of(self, shared: str) -> str:
        """Return what a thread calls its own copy."""
        return f"own_{shared}"

    def mine(self, made: Statements) -> Statements:
        """Return statements that count in a thread's own copies."""

        def access(ref: Ref) -> Ref:
            return Ref(f"own_{ref.name}", ref.index) if f"own_{ref.name}" in self.own else ref

        return map_accesses(made, access, str)

    @property
    def passed(self) -> tuple[str, ...]:
        """What a member is given."""
        shared = (*(room.name for room in self.rooms), *self.held)
        return ("board", "helper", *self.arguments, *shared, *self.own)

    @cached_property
    def arguments(self) -> tuple[str, ...]:
        """What `train` takes."""
        names_ = tuple(p.name for p in self.spec.parameters)
        return (*given(self.program), *names_, *states(self.spec), *self.spec.optimizer.options, *TAIL)

    @cached_property
    def piecewise(self) -> tuple[Function, ...]:
        """The functions that add up blocks and change parameters: one, or two around the norm."""
        updates = self.program.updates
        sums = {name: _sum(self.spec, name) for name in self.spec.updated}
        if not updates.norm:
            summary = "Add up the gradients of the blocks and change the parameters, one piece of them."
            both = (s for name in sums for s in (*sums[name], *entries_of(self.spec, updates, name)))
            return (_piece(self, "_change", summary, tuple(both)),)
        added = tuple(s for made in sums.values() for s in made)
        first = _piece(self, "_add_up", "Add up the gradients of the blocks, one piece of them.", added)
        return first, _piece(self, "_change", "Change the parameters, one piece of them.", updates.entries)


def blocks_of(name: str) -> str:
    """Return what the losses or gradients of all blocks are called."""
    return f"{name}_blocks"


def _sum(spec: KernelSpec, name: str) -> Statements:
    """Return the statements that add up the gradients of the blocks of a parameter, row by row."""
    node, gradient, number = spec.graph[name], spec.delta[name], index("block")
    axes, place = spec.axes(node), node.index or (sp.Integer(0),)

    def part(number: sp.Expr) -> sp.Expr:
        return Ref("shares", (number,)) * Ref(blocks_of(gradient), (number, *place))

    first = nest(axes[1:], (Assign(Ref(gradient, place), part(sp.Integer(0))),))
    more = nest(axes[1:], (Accumulate(Ref(gradient, place), part(number)),))
    made = (*first, Loop("block", BLOCKS, more, start=sp.Integer(1)))
    return (Loop(axes[0].letter, axes[0].size, made),) if axes else made


def _piece(team: Team, name: str, summary: str, body: Statements) -> Function:
    """Return a function that does what some statements do for one piece of the parameters."""
    spec, found = team.spec, names(body)
    constants = tuple(c for c in team.program.updates.constants if c.name in found)
    arrays = (*spec.updated, *team.gradients, *map(blocks_of, team.gradients), *states(spec))
    own = {r.name for s in walk(body) for r in written(s) if not r.index}
    others = sorted(found - {*arrays, *own, "shares", *(c.name for c in constants)})
    lead = ("piece", "blocks", "shares") if "shares" in found else ("piece",)
    arguments = (*lead, *(a for a in arrays if a in found), *others)
    made = (*constants, *_pieces(fuse(body)))
    return Function(name, arguments, summary, (*_open(spec, made), *made), inner=True)


def _open(spec: KernelSpec, made: Statements) -> Iterator[Size]:
    """Read the open sizes of statements from the shapes of parameters."""
    for extent in sorted(open_sizes(made), key=str):
        places = (
            (n, k) for n in spec.updated for k, a in enumerate(spec.axes(spec.graph[n])) if a.size == extent
        )
        yield Size(str(extent), *next(places))


def _pieces(body: Statements) -> Iterator[Statement]:
    """Cut loops over the first axis into pieces; what is no such loop belongs to the first piece."""
    for cut, group in groupby(body, lambda s: isinstance(s, Loop) and s.letter != "block"):
        if cut:
            yield from (_cut(loop) for loop in group if isinstance(loop, Loop))
        else:
            yield When("piece", sp.Integer(0), sp.Integer(1), sp.Integer(PIECES), tuple(group))


def _cut(loop: Loop) -> Loop:
    start, stop = (sp.floor(loop.stop * end / PIECES) for end in (PIECE, PIECE + 1))
    return replace(loop, start=start, stop=stop)
