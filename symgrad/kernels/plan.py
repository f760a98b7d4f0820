"""What a kernel computes, node by node: found once, for all of its functions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from symgrad.kernels.arrangement import steps_first
from symgrad.kernels.nests import statements
from symgrad.kernels.pieces import Piece, pieces
from symgrad.kernels.positions import located
from symgrad.kernels.recurrence import Walk, walked
from symgrad.kernels.schedule import Choice, choices, unrolls
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Allocate, Statement, Statements


@dataclass(frozen=True)
class Part:
    """A node, or the nodes of a recurrence together."""

    spec: KernelSpec
    names: frozenset[str]
    made: Piece | Walk

    @property
    def pieces(self) -> Iterator[Piece]:
        """Everything in it that may be a product."""
        yield from self.made.pieces if isinstance(self.made, Walk) else (self.made,)

    @property
    def choices(self) -> Iterator[Choice]:
        """How each of its sums is computed."""
        spec = self.made.spec if isinstance(self.made, Walk) else self.spec
        for piece in self.pieces:
            yield from choices(spec, located(spec, piece))

    @cached_property
    def statements(self) -> Statements:
        """The statements over arrays; allocations of what they need stand among them."""
        return tuple(self._statements())

    def _statements(self) -> Iterator[Statement]:
        if isinstance(self.made, Walk):
            yield from self.made.statements()
            return
        piece = self.made
        if piece.axes:
            yield Allocate(piece.name, tuple(axis.size for axis in piece.axes), piece.reduce == "argmax")
        yield from statements(self.spec, piece)


@dataclass(frozen=True)
class Plan:
    """What is computed for some nodes, parents first.

    Attributes
    ----------
    spec
        The network, the axes of its recurrences in front.
    """

    spec: KernelSpec
    parts: tuple[Part, ...]

    @classmethod
    def of(cls, spec: KernelSpec, wanted: Iterable[str]) -> "Plan":
        """Plan all that some nodes need; those wanted themselves are stored."""
        results = tuple(wanted)
        ordered = steps_first(spec, results)
        return cls(ordered, tuple(_parts(ordered, results)))

    def needed(self, wanted: Iterable[str]) -> tuple[Part, ...]:
        """Return the parts that some of the nodes need."""
        above = self.spec.graph.ancestors(*wanted)
        return tuple(part for part in self.parts if part.names & above)

    @cached_property
    def unrolled(self) -> str | None:
        """Why the network is written without arrays, when it is."""
        spec, made = self.spec, [part.made for part in self.parts]
        plain = tuple(piece for piece in made if isinstance(piece, Piece))
        return unrolls(spec, plain) if len(plain) == len(made) and _all_samples(spec) else None


def _all_samples(spec: KernelSpec) -> bool:
    """Whether all that is given are samples, none drawn: scalars are loaded from such arrays only."""
    return spec.like in spec.inputs and not spec.drawn and all(map(spec.has_samples, spec.leaves))


def _parts(spec: KernelSpec, wanted: Iterable[str]) -> Iterator[Part]:
    """Yield what has to be computed, the nodes of a recurrence together."""
    groups = {name: group for group in spec.graph.groups if group.along for name in group.names}
    for group, found in groupby(pieces(spec, wanted), lambda piece: groups.get(piece.name)):
        if group:
            yield Part(spec, frozenset(group.names), walked(spec, group, found))
        else:
            yield from (Part(spec, frozenset((piece.name,)), piece) for piece in found)


def whole(spec: KernelSpec) -> Plan:
    """Plan the predictions, the loss and the deltas of all parameters."""
    return Plan.of(spec, (*spec.outputs, spec.loss, *(spec.delta[p.name] for p in spec.parameters)))


def schedule(spec: KernelSpec) -> tuple[Choice, ...]:
    """Return how every sum of a network's kernel is computed; nothing if it is written without arrays."""
    plan = whole(spec)
    return () if plan.unrolled else tuple(choice for part in plan.parts for choice in part.choices)
