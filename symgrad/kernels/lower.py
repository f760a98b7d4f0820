"""Graph → statements: the functions of a kernel."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.kernels.constants import named
from symgrad.kernels.fusion import contract, fuse
from symgrad.kernels.hoist import hoist
from symgrad.kernels.nests import statements
from symgrad.kernels.pieces import Piece, pieces
from symgrad.kernels.schedule import Choice, choose, unrolls
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import (
    Accumulate,
    Allocate,
    Assign,
    Function,
    Loop,
    Return,
    Size,
    Statement,
    Statements,
    map_values,
    walk,
)
from symgrad.kernels.unroll import scalars, unrolled
from symgrad.model.expressions import Ref, map_refs, refs


@dataclass(frozen=True)
class Program:
    """The functions of a kernel and how they were scheduled.

    Attributes
    ----------
    step
        Loss and gradients of the trained parameters: over workspaces that the caller owns, or over scalars.
    full
        The same for all parameters.
    columns
        The arrays that `step` and `full` read with samples last; without any, samples stand first.
    reason
        Why the network is written without arrays, when it is.
    """

    spec: KernelSpec
    forward: Function
    loss: Function
    full: Function
    step: Function
    columns: frozenset[str]
    reason: str | None
    choices: tuple[Choice, ...]


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
    parts = pieces(spec, (spec.loss, *(spec.delta[n] for n in every)))
    reason = unrolls(spec, parts)
    columns = frozenset(_leaves(spec)) if reason else frozenset[str]()
    lowering = Lowering(spec, reason is not None, columns)
    full = lowering.gradients("_gradients", every)
    trained = lowering.gradients("_trained_gradients", spec.updated) if spec.updated != every else full
    choices = tuple(choose(spec, p, s) for p in parts for s in p.summands if s.summed and not reason)
    return Program(spec, lowering.forward(), lowering.loss(), full, trained, columns, reason, choices)


def _leaves(spec: KernelSpec) -> tuple[str, ...]:
    return (spec.input, *([spec.target] if spec.target else []))


@dataclass(frozen=True)
class Lowering:
    """Lowers the functions of one kernel, with arrays or without."""

    spec: KernelSpec
    scalars: bool
    columns: frozenset[str]

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names of all parameters."""
        return tuple(p.name for p in self.spec.parameters)

    def forward(self) -> Function:
        """Return the function that computes the prediction."""
        output = self.spec.output
        arguments = (self.spec.input, *self.parameters)
        made = self._statements((output,), (output,), frozenset())
        result = Allocate(output, self.spec.extents(output))
        own = tuple(s for s in made if isinstance(s, Allocate) and s.name != output)
        body = self._sized(arguments, (result, *own, *_without_allocations(made), Return((output,))))
        return Function(
            "forward", arguments, f"Return {output} for the inputs {self.spec.input}.", _constants_up(body)
        )

    def loss(self) -> Function:
        """Return the function that computes the loss."""
        arguments = (*_leaves(self.spec), *self.parameters)
        made = self._statements((self.spec.loss,), (), frozenset())
        body = self._sized(arguments, (*_allocations_first(made), Return((self.spec.loss,))))
        return Function("loss", arguments, f"Return the loss {self.spec.loss}.", _constants_up(body))

    def gradients(self, name: str, wanted: Iterable[str]) -> Function:
        """Return the function that computes the loss and the gradients of some parameters."""
        deltas = tuple(self.spec.delta[n] for n in wanted)
        made = self._statements((self.spec.loss, *deltas), deltas, self.columns)
        return (
            self._over_scalars(name, deltas, made) if self.scalars else self._over_arrays(name, deltas, made)
        )

    def _over_arrays(self, name: str, deltas: tuple[str, ...], made: Statements) -> Function:
        work = tuple(s for s in made if isinstance(s, Allocate) and s.name not in deltas)
        filled = tuple(Allocate(d, self.spec.extents(d)) for d in deltas)
        arguments = (*_leaves(self.spec), *self.parameters, *(w.name for w in work), *deltas)
        body = self._sized(arguments, (*_without_allocations(made), Return((self.spec.loss,))))
        summary = f"Return the loss {self.spec.loss} and fill in the gradients."
        return Function(name, arguments, summary, _constants_up(body), (*work, *filled), inline=True)

    def _over_scalars(self, name: str, deltas: tuple[str, ...], made: Statements) -> Function:
        graph = self.spec.graph
        given = [s.name for p in self.spec.parameters for s in scalars(self.spec, p).values()]
        found = [s.name for d in deltas for s in scalars(self.spec, graph[d]).values()]
        arguments = (*_leaves(self.spec), *given, "start", "stop")
        count = (Assign(Ref(self.spec.samples), Ref("stop") - Ref("start")),)
        used = self.spec.row in open_sizes(made)
        body = (*(count if used else ()), *made, Return((self.spec.loss, *found)))
        summary = f"Return the loss {self.spec.loss} and the gradients; samples stand last."
        return Function(name, arguments, summary, _constants_up(body), inline=True)

    def _statements(
        self, wanted: tuple[str, ...], results: tuple[str, ...], columns: frozenset[str]
    ) -> Statements:
        parts = pieces(self.spec, wanted)
        if self.scalars:
            return unrolled(self.spec, parts, results, columns)
        made = tuple(s for piece in parts for s in self._arrays(piece))
        tight = hoist(contract(fuse(_allocations_first(made)), frozenset(results)))
        single = {n for n in (*self.parameters, *results) if not self.spec.graph[n].axes}
        return map_values(tight, lambda e: map_refs(e, lambda r: r.at([0]) if r.name in single else r))

    def _arrays(self, piece: Piece) -> Iterator[Statement]:
        if piece.axes:
            yield Allocate(piece.name, tuple(axis.size for axis in piece.axes))
        yield from statements(self.spec, piece)

    def _sized(self, arguments: Iterable[str], made: Statements) -> Statements:
        """Put before statements what reads the open sizes that they use from the shapes of arguments."""
        needed = {str(s) for s in open_sizes(made)}
        found: dict[str, Size] = {}
        for name in arguments:
            node = self.spec.graph.by_name.get(name)
            for k, axis in enumerate(self.spec.axes(node) if node else ()):
                if axis.size.is_Symbol and str(axis.size) in needed:
                    found.setdefault(str(axis.size), Size(str(axis.size), name, k))
        return (*(found[n] for n in sorted(needed) if n in found), *made)


def open_sizes(made: Statements) -> set[sp.Basic]:
    """Return the symbols of the sizes that the text of some statements names."""
    return {s for statement in walk(made) for s in _open_sizes(statement)}


def _open_sizes(statement: Statement) -> set[sp.Basic]:
    shown = _shown(statement)
    inside = [i for value in shown for r in refs(value) for i in r.index]
    return {s for value in (*shown, *inside) for s in value.atoms(sp.Symbol) if s.is_positive}


def _shown(statement: Statement) -> tuple[sp.Expr, ...]:
    """Return the expressions that the text of a statement shows; a product names its arrays only."""
    match statement:
        case Assign(target, value) | Accumulate(target, value):
            return target, value
        case Allocate(_, shape):
            return shape
        case Loop(_, stop, _, start):
            return start, stop
        case _:
            return ()


def _without_allocations(made: Statements) -> Statements:
    return tuple(s for s in made if not isinstance(s, Allocate))


def _allocations_first(made: Statements) -> Statements:
    return (*(s for s in made if isinstance(s, Allocate)), *_without_allocations(made))


def _constants_up(body: Statements) -> Statements:
    """Name the numbers of a body, and compute the constants behind the sizes and arrays."""
    head = tuple(s for s in body if isinstance(s, Size | Allocate))
    start = tuple(s for s in body if isinstance(s, Assign) and s.value == Ref("stop") - Ref("start"))
    constants, rest = named(tuple(s for s in body if s not in head and s not in start))
    return (*head, *start, *constants, *rest)
