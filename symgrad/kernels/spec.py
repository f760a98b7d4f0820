"""What a kernel is made from: graphs and names, nothing of the model's own objects."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import sympy as sp

from symgrad.errors import DefinitionError, unknown
from symgrad.kernels.extra import Extra, OfMoments
from symgrad.kernels.leaves import unread_size, unsupported
from symgrad.kernels.printer import text
from symgrad.model.expressions import size
from symgrad.model.fits import conditions
from symgrad.model.graph import Axis, Graph, Node
from symgrad.model.labels import class_count
from symgrad.model.rules import Optimizer

ROWS = 32
"""How many samples a batch is taken to have."""


@dataclass(frozen=True)
class KernelSpec:
    """Everything that a kernel's text depends on.

    Attributes
    ----------
    name, title
        The identifier and the first line of the file.
    graph
        The forward nodes and their deltas.
    inputs, targets, outputs, loss
        Names of nodes; the outputs are the predictions. There may be no targets.
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
    network
        SHA-256 of the network.
    command
        How the file is made again.
    statements
        Lines for the head of the file.
    schedule
        ``node: "loops"``, ``"blas"`` or ``"tiles"`` where the choice is overridden, ``"apart"`` where its
        loops are not to be joined with others; ``"*"`` may be ``"scalars"`` or ``"arrays"`` to ask for one
        variable for every entry or to forbid it, or ``"batches"`` to forbid a step of its own for single
        samples.
    rows
        How many samples a batch is taken to have when loops and BLAS are weighed.
    fast
        Whether speed goes before a plain text: then `train` changes parameters without arrays for their
        gradients, where the optimizer allows it.
    threads
        Whether there shall be a function that several threads train with.
    describe
        Writes the formula of a node; without it a plain one is written.
    extra
        Further functions of the module.
    moments
        How `train` computes loss and gradients from moments of the data, where it does.
    shown, shown_sizes
        For names that had to make way in the text, the names of the network.
    """

    name: str
    graph: Graph
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    loss: str
    delta: Mapping[str, str]
    optimizer: Optimizer
    targets: tuple[str, ...] = ()
    title: str = ""
    trained: tuple[str, ...] | None = None
    samples: str = "N"
    sizes: Mapping[str, int] = field(default_factory=dict)
    mean: bool = True
    maximise: bool = False
    task: str = "regression"
    network: str = ""
    command: str = ""
    statements: tuple[str, ...] = ()
    schedule: Mapping[str, str] = field(default_factory=dict)
    rows: int = ROWS
    fast: bool = False
    threads: bool = False
    describe: Callable[[Node], str] | None = None
    extra: tuple[Extra, ...] = ()
    moments: OfMoments | None = None
    shown: Mapping[str, str] = field(default_factory=dict)
    shown_sizes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in (*self.leaves, *self.outputs, self.loss, *self.updated):
            if name not in self.graph:
                raise unknown("node", name, self.graph.by_name)
        if self.graph[self.loss].axes:
            raise DefinitionError(f"the loss {self.loss} has axes; a kernel needs one number")
        if refusal := unsupported(self.graph, self.inputs, self.targets, self.outputs, self.samples):
            raise DefinitionError(refusal)
        self._check_sizes()
        if self.samples in self.sizes:
            raise DefinitionError(f"the number of samples, {self.samples}, stays open in a kernel")

    def _check_sizes(self) -> None:
        parameters = tuple(p.name for p in self.parameters)
        given = (*self.given, *parameters)
        for name in (*self.outputs, self.loss):
            arrays = (*given, *self.targets) if name == self.loss else given
            unread = unread_size(self.graph, name, arrays, self.sizes)
            if unread:
                reason = "which no array shows that a kernel is given; give its number"
                raise DefinitionError(f"{name} needs the size {unread}, {reason}")

    @cached_property
    def bound(self) -> Mapping[sp.Expr, sp.Expr]:
        """The numbers of the symbolic sizes."""
        return {size(name): sp.Integer(number) for name, number in self.sizes.items()}

    @property
    def apart(self) -> frozenset[str]:
        """The nodes whose loops are not to be joined with others."""
        return frozenset(name for name, way in self.schedule.items() if way == "apart")

    def asked(self, name: str) -> str | None:
        """Return how a sum is to be computed, where that was asked for."""
        return None if name in self.apart else self.schedule.get(name)

    @property
    def leaves(self) -> tuple[str, ...]:
        """The names of the inputs and targets, as `loss` and `gradients` take them."""
        return (*self.inputs, *self.targets)

    @property
    def drawn(self) -> tuple[str, ...]:
        """The names of the inputs that `train` draws."""
        return tuple(name for name in self.inputs if self.graph[name].drawn is not None)

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the inputs that a caller has: those that are not drawn."""
        return tuple(name for name in self.inputs if self.graph[name].drawn is None)

    @property
    def like(self) -> str:
        """The argument of every function whose type is that of its numbers."""
        arrays = (*self.given, *(p.name for p in self.parameters))
        return next(name for name in arrays if not self.is_integer(name))

    def has_samples(self, name: str) -> bool:
        """Whether the first axis of a node are the samples."""
        return self.graph[name].shape[:1] == (self.row,)

    def is_integer(self, name: str) -> bool:
        """Whether an array holds labels or ids."""
        node = self.graph.by_name.get(name)
        return node is not None and node.is_leaf and node.targets == "labels"

    @cached_property
    def classes(self) -> Mapping[str, sp.Expr]:
        """How many values every array of integers can take, as far as that matters."""
        counts = {name: class_count(self.graph, name) for name in self.leaves if self.is_integer(name)}
        return {name: count.xreplace(self.bound) for name, count in counts.items() if count is not None}

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """What must not be negative for every definition to stay inside of its arrays.

        Raises
        ------
        DefinitionError
            If the sizes that are known forbid it.
        """
        open_ = dict.fromkeys(value.xreplace(self.bound) for value in conditions(self.graph))
        if any(value.is_negative for value in open_):
            raise DefinitionError(f"{self.name}: a definition reads outside of an array at the sizes given")
        return tuple(str(self.shown_size(value)) for value in open_ if value.free_symbols)

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
        return tuple(Axis(a.letter, a.size.xreplace(self.bound)) for a in axes) if self.bound else axes

    def shape(self, node: Node) -> tuple[int | str, ...]:
        """Return the shape of an array of the kernel, in the network's own sizes."""
        return tuple(map(self.shown_size, self.extents(node.name)))

    def shown_size(self, extent: sp.Expr) -> int | str:
        """Return a size as a number, or as Python writes it in the network's own names."""
        own = {size(new): size(old) for new, old in self.shown_sizes.items()}
        number = extent.xreplace(self.bound)
        return int(number) if number.is_Integer else text(number.xreplace(own))

    def extents(self, name: str) -> tuple[sp.Expr, ...]:
        """Return the sizes of the array of a node: a scalar is an array of one entry."""
        return tuple(axis.size for axis in self.axes(self.graph[name])) or (sp.Integer(1),)
