"""Graph → statements: the functions of a kernel."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from symgrad.errors import DefinitionError
from symgrad.kernels.extra import Extra
from symgrad.kernels.fixed import fixed, used
from symgrad.kernels.heads import allocations_first, constants_up, without_allocations
from symgrad.kernels.in_place import Descent, descent
from symgrad.kernels.jam import jammed
from symgrad.kernels.leaves import expected
from symgrad.kernels.online import online
from symgrad.kernels.phases import Phases, halves, pays, phased
from symgrad.kernels.pieces import Piece
from symgrad.kernels.plan import Part, Plan, whole
from symgrad.kernels.program import Program
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Allocate, Function, Return, Statements
from symgrad.kernels.streams import one_pass
from symgrad.kernels.tight import sized, tight
from symgrad.kernels.touched import names
from symgrad.kernels.turned import turnable, turned
from symgrad.kernels.unroll import scalars, unrolled
from symgrad.kernels.updates import updates


def lower(spec: KernelSpec) -> Program:
    """Return the functions that a network's kernel consists of.

    Raises
    ------
    DefinitionError
        If a node cannot be computed by a kernel, or a parameter has no delta.
    """
    every = tuple(p.name for p in spec.parameters)
    absent = [name for name in every if name not in spec.delta]
    if absent:
        raise DefinitionError(f"the parameter {absent[0]} has no delta; derive the loss with respect to it")
    plan = whole(spec)
    columns = frozenset(spec.leaves) if plan.unrolled else frozenset[str]()
    lowering = Lowering(spec, plan, plan.unrolled is not None, columns)
    full = lowering.gradients("_gradients", every)
    step = lowering.step(full)
    extra = tuple(map(lowering.extra, spec.extra))
    beside = updates(spec, step.left, unrolled=plan.unrolled is not None)
    made = (lowering.forward(), lowering.loss(), full, step.function)
    single = online(spec, unrolled=plan.unrolled is not None)
    return Program(
        spec,
        *made,
        columns,
        plan.unrolled,
        extra,
        beside,
        turned=step.turned,
        once=step.once,
        online=single,
        phases=lowering.phases() if spec.threads and not lowering.scalars else None,
    )


@dataclass(frozen=True)
class Step:
    """What `train` does for a batch, the parameters left to the optimizer, and those it is given turned.

    `once` is what it does before the first batch.
    """

    function: Function
    left: tuple[str, ...]
    turned: tuple[str, ...] = ()
    once: Function | None = None


@dataclass(frozen=True)
class Lowering:
    """Lowers the functions of one kernel, with arrays or without."""

    spec: KernelSpec
    plan: Plan
    scalars: bool
    columns: frozenset[str]
    fixed: tuple[Part, ...] = ()

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names of all parameters."""
        return tuple(p.name for p in self.spec.parameters)

    def forward(self) -> Function:
        """Return the function that computes the predictions, with the means of what `train` draws."""
        spec = self.spec
        outputs, arguments = spec.outputs, (*spec.given, *self.parameters)
        made = self._of_means()._statements(outputs, outputs, frozenset())
        results = tuple(Allocate(name, spec.extents(name)) for name in outputs)
        own = tuple(s for s in made if isinstance(s, Allocate) and s.name not in outputs)
        body = self._sized(arguments, (*results, *own, *without_allocations(made), Return(outputs)))
        summary = f"Return {' and '.join(outputs)} for the inputs {' and '.join(spec.given)}."
        return Function("forward", arguments, summary, constants_up(body))

    def _of_means(self) -> "Lowering":
        """Return the lowering of the network with the mean of everything that is drawn in its place."""
        if not self.spec.drawn:
            return self
        spec = replace(self.spec, graph=expected(self.spec.graph))
        return replace(self, spec=spec, plan=Plan.of(spec, spec.outputs))

    def loss(self) -> Function:
        """Return the function that computes the loss."""
        arguments = (*self.spec.leaves, *self.parameters)
        made = self._statements((self.spec.loss,), (), frozenset())
        body = self._sized(arguments, (*allocations_first(made), Return((self.spec.loss,))))
        return Function("loss", arguments, f"Return the loss {self.spec.loss}.", constants_up(body))

    def extra(self, asked: Extra) -> Function:
        """Return a further function, over a graph of its own."""
        inputs = (*self.spec.inputs, *asked.directions)
        spec = replace(self.spec, graph=asked.graph, inputs=inputs, describe=asked.describe, extra=())
        own = Lowering(spec, Plan.of(spec, asked.results), scalars=False, columns=frozenset())
        made = own._statements(asked.results, asked.results, frozenset())
        results = tuple(Allocate(name, spec.extents(name)) for name in asked.results)
        work = tuple(s for s in made if isinstance(s, Allocate) and s.name not in asked.results)
        body = (*results, *work, *without_allocations(made), Return(asked.results))
        sized = own._sized(asked.arguments, body)
        return Function(asked.name, asked.arguments, asked.summary, constants_up(sized))

    def gradients(self, name: str, wanted: Iterable[str]) -> Function:
        """Return the function that computes the loss and the gradients of some parameters."""
        deltas = tuple(self.spec.delta[n] for n in wanted)
        made = self._statements((self.spec.loss, *deltas), deltas, self.columns)
        return (
            self._over_scalars(name, deltas, made) if self.scalars else self._over_arrays(name, deltas, made)
        )

    def step(self, full: Function) -> Step:
        """Return what `train` does for every batch."""
        updated = self.spec.updated
        in_place = self.spec.fast and not self.scalars and self.spec.moments is None
        if in_place and not one_pass(self.spec, full.body) and (changed := self._descent().changed):
            turns = turnable(self.plan.spec, self.plan.parts, changed)
            made = self._turned(turns)._settled()
            left = tuple(n for n in updated if n not in changed)
            return Step(made._descending(), left, turns, made.once())
        made = self._settled()
        if updated == self.parameters and not made.fixed:
            return Step(full, updated)
        return Step(made.gradients("_trained_gradients", updated), updated, once=made.once())

    def phases(self) -> Phases | None:
        """Return a step in two phases, where it has them and they cost less than blocks."""
        own = self._settled()
        found = halves(own.plan.spec, own._parts(own._wanted))
        if isinstance(found, str) or not pays(found):
            return None
        turns = turnable(self.plan.spec, self.plan.parts, found.changed) if self.spec.fast else ()
        made = self._turned(turns)._settled()
        rooms = tuple(room.name for room in made._held)
        parts = halves(made.plan.spec, made._parts(made._wanted))
        return None if isinstance(parts, str) else phased(parts, rooms, turns)

    def _settled(self) -> "Lowering":
        """Return the lowering that computes what is the same in all batches once."""
        found = fixed(self.plan.spec, self.plan.needed(self._wanted), frozenset(self._wanted))
        return replace(self, fixed=() if self.scalars else found)

    @property
    def _wanted(self) -> tuple[str, ...]:
        """What a step of `train` needs."""
        return (self.spec.loss, *(self.spec.delta[n] for n in self.spec.updated))

    @cached_property
    def _held(self) -> tuple[Allocate, ...]:
        """The arrays that are computed once and read by every step."""
        if not self.fixed:
            return ()
        made = {s.name: s for part in self.fixed for s in part.statements if isinstance(s, Allocate)}
        names = used(self.fixed, self.plan.needed(self._wanted))
        return tuple(made.get(name) or Allocate(name, self.spec.extents(name)) for name in names)

    def once(self) -> Function | None:
        """Return the function that computes what is the same in all batches."""
        if not self.fixed:
            return None
        held = tuple(room.name for room in self._held)
        made = self._tight(tuple(s for part in self.fixed for s in part.statements), held)
        work = tuple(s for s in made if isinstance(s, Allocate) and s.name not in held)
        read = {self.spec.like, *names(made)}
        given = tuple(n for n in (*self.spec.leaves, *self.parameters) if n in read)
        body = self._sized(given, without_allocations(made))
        arguments = (*given, *(w.name for w in work), *held)
        summary = f"Fill in {', '.join(held)}, the same for all batches."
        return Function("_once", arguments, summary, constants_up(body), work)

    def _turned(self, names: tuple[str, ...]) -> "Lowering":
        spec = turned(self.spec, names)
        return replace(self, spec=spec, plan=whole(spec)) if names else self

    def _descent(self) -> Descent:
        return descent(self.plan.spec, self._parts(self._wanted))

    def _descending(self) -> Function:
        """Return the function that changes some parameters and computes the gradients of the others."""
        spec, found = self.spec, self._descent()
        deltas = tuple(spec.delta[n] for n in spec.updated if n not in found.changed)
        made = self._tight(found.statements, (*deltas, *found.changed, *(room.name for room in self._held)))
        summary = f"Return the loss {spec.loss}; change {', '.join(found.changed)}"
        summary += f"; fill in {', '.join(deltas)}." if deltas else "."
        function = replace(self._over_arrays("_descend", deltas, made), summary=summary)
        return replace(function, arguments=(*function.arguments, *found.settings))

    def _over_arrays(self, name: str, deltas: tuple[str, ...], made: Statements) -> Function:
        work = tuple(s for s in made if isinstance(s, Allocate) and s.name not in deltas)
        filled = (*self._held, *(Allocate(d, self.spec.extents(d)) for d in deltas))
        arguments = (*self.spec.leaves, *self.parameters, *(w.name for w in (*work, *filled)))
        made = jammed(self.spec, made)
        body = self._sized(arguments, (*without_allocations(made), Return((self.spec.loss,))))
        summary = f"Return the loss {self.spec.loss} and fill in the gradients."
        return Function(
            name, arguments, summary, constants_up(body), (*work, *filled), inner=True, inline=True
        )

    def _over_scalars(self, name: str, deltas: tuple[str, ...], made: Statements) -> Function:
        graph = self.spec.graph
        given = [s.name for p in self.spec.parameters for s in scalars(self.spec, p).values()]
        found = [s.name for d in deltas for s in scalars(self.spec, graph[d]).values()]
        arguments = (*self.spec.leaves, *given, self.spec.samples)
        body = (*made, Return((self.spec.loss, *found)))
        summary = f"Return the loss {self.spec.loss} and the gradients; samples stand last."
        return Function(name, arguments, summary, constants_up(body), inner=True, inline=True)

    def _statements(
        self, wanted: tuple[str, ...], results: tuple[str, ...], columns: frozenset[str]
    ) -> Statements:
        parts = self._parts(wanted)
        if self.scalars:
            pieces = tuple(part.made for part in parts if isinstance(part.made, Piece))
            return unrolled(self.spec, pieces, results, columns)
        kept = (*results, *(room.name for room in self._held))
        return self._tight(tuple(s for part in parts for s in part.statements), kept)

    def _parts(self, wanted: tuple[str, ...]) -> tuple[Part, ...]:
        """Return what has to be computed for some nodes, and is not computed once for all batches."""
        once = frozenset(name for part in self.fixed for name in part.names)
        return tuple(part for part in self.plan.needed(wanted) if not part.names & once)

    def _tight(self, made: Statements, results: tuple[str, ...]) -> Statements:
        return tight(self.spec, made, results)

    def _sized(self, arguments: Iterable[str], made: Statements) -> Statements:
        return sized(self.spec, arguments, made)
