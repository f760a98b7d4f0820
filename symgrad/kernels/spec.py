"""What a kernel is made from: graphs and names, nothing of the model's own objects."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import sympy as sp

from symgrad.errors import DefinitionError, unknown
from symgrad.model.expressions import size
from symgrad.model.graph import Axis, Graph, Kind, Node
from symgrad.model.optimizers import Optimizer


@dataclass(frozen=True)
class KernelSpec:
    """Everything that a kernel's text depends on.

    Attributes
    ----------
    name, title
        The identifier and the first line of the file.
    graph
        The forward nodes and their deltas.
    input, target, output, loss
        Names of nodes; `output` is the prediction. A network may have no target.
    delta
        For every parameter, the name of its delta.
    optimizer
        The update rule.
    trained
        The parameters that `train` changes; None for all.
    samples
        The symbol of the number of samples.
    sizes
        Numbers for symbolic sizes: these become constants in the text.
    mean
        Whether the loss is a mean over samples; then an epoch's loss is weighted by rows.
    maximise
        Whether training ascends.
    target_form
        ``labels``, ``one_hot``, ``distribution`` or ``free``.
    network
        SHA-256 of the network.
    command
        How the file is made again.
    statements
        Lines for the head of the file.
    schedule
        ``node: "loops"`` or ``"blas"`` where the choice is overridden; ``"*"`` may be ``"arrays"`` to
        forbid unrolling.
    rows
        How many samples a batch is taken to have when loops and BLAS are weighed.
    describe
        Writes the formula of a node; without it a plain one is written.
    shown, shown_sizes
        For names that had to make way in the text, the names of the network.
    """

    name: str
    graph: Graph
    input: str
    output: str
    loss: str
    delta: Mapping[str, str]
    optimizer: Optimizer
    target: str | None = None
    title: str = ""
    trained: tuple[str, ...] | None = None
    samples: str = "N"
    sizes: Mapping[str, int] = field(default_factory=dict)
    mean: bool = True
    maximise: bool = False
    task: str = "regression"
    target_form: str = "free"
    network: str = ""
    command: str = ""
    statements: tuple[str, ...] = ()
    schedule: Mapping[str, str] = field(default_factory=dict)
    rows: int = 32
    describe: Callable[[Node], str] | None = None
    shown: Mapping[str, str] = field(default_factory=dict)
    shown_sizes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = (self.input, self.output, self.loss, *([self.target] if self.target else []), *self.updated)
        for name in names:
            if name not in self.graph:
                raise unknown("node", name, self.graph.by_name)
        if self.graph[self.loss].axes:
            raise DefinitionError(f"the loss {self.loss} has axes; a kernel needs one number")
        if refusal := unsupported(self.graph, self.input, self.target, self.samples):
            raise DefinitionError(refusal)
        if self.samples in self.sizes:
            raise DefinitionError(f"the number of samples, {self.samples}, stays open in a kernel")

    @cached_property
    def bound(self) -> Mapping[sp.Expr, sp.Expr]:
        """The numbers of the symbolic sizes."""
        return {size(name): sp.Integer(number) for name, number in self.sizes.items()}

    @property
    def parameters(self) -> tuple[Node, ...]:
        """All parameters, in the order of the graph."""
        return self.graph.parameters

    @property
    def updated(self) -> tuple[str, ...]:
        """The names of the parameters that training changes."""
        chosen = self.trained
        return tuple(p.name for p in self.graph.parameters if chosen is None or p.name in chosen)

    @property
    def row(self) -> sp.Expr:
        """The number of samples as a symbol."""
        return size(self.samples)

    def name_of(self, name: str) -> str:
        """Return the network's own name of a node."""
        return self.shown.get(name, name)

    def axes(self, node: Node) -> tuple[Axis, ...]:
        """Return the axes of a node with the known sizes put in."""
        return self.sized(node.axes)

    def sized(self, axes: tuple[Axis, ...]) -> tuple[Axis, ...]:
        """Return axes with the known sizes put in."""
        return tuple(Axis(a.letter, a.size.xreplace(self.bound)) for a in axes)

    def shape(self, node: Node) -> tuple[int | str, ...]:
        """Return the shape of an array of the kernel, in the network's own sizes."""
        own = {size(new): size(old) for new, old in self.shown_sizes.items()}
        return tuple(int(s) if s.is_Integer else str(s.xreplace(own)) for s in self.extents(node.name))

    def extents(self, name: str) -> tuple[sp.Expr, ...]:
        """Return the sizes of the array of a node: a scalar is an array of one entry."""
        return tuple(axis.size for axis in self.axes(self.graph[name])) or (sp.Integer(1),)


def unsupported(graph: Graph, given: str, target: str | None, samples: str) -> str | None:
    """Return why a kernel cannot take the leaves of a network: one input, one target, samples first."""
    for kind, names in ((Kind.INPUT, {given}), (Kind.TARGET, {target}), (Kind.STATE, set[str]())):
        found = [node.name for node in graph.of_kind(kind)]
        if not set(found) <= names:
            number = "no" if kind is Kind.STATE else "one"
            return f"a kernel takes {number} {kind} array; there are {' and '.join(found)}"
    for name in filter(None, (given, target)):
        if name in graph and graph[name].shape[:1] != (size(samples),):
            return f"a kernel takes samples first; the first index of {name} has not the size {samples}"
    return None
