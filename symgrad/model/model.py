"""A model: a graph together with what people need to speak about it — sizes, names, example values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.model.expressions import size
from symgrad.model.graph import Graph, Node
from symgrad.model.instances import instantiate, size_symbols
from symgrad.model.naming import Entry, NeuronNames

SAMPLE = "n"

Numbers = Fraction | tuple["Numbers", ...]


@dataclass(frozen=True)
class Family:
    """Networks that differ in depth and widths only.

    Attributes
    ----------
    sizes
        The names of the sizes of this one, from the input to the output.
    make
        Makes a member from sizes, numbers or names.
    stacks
        Whether there may be any number of hidden layers: all of them are alike.
    """

    sizes: tuple[str, ...]
    make: "Callable[[tuple[int | str, ...]], Model]"
    stacks: bool

    def member(self, sizes: tuple[int | str, ...]) -> "Model":
        """Return the network of that family with other sizes."""
        return self.make(sizes)


@dataclass(frozen=True)
class Model:
    """A network as the rest of the program meets it.

    Attributes
    ----------
    graph
        The layer view; all sizes are symbols there.
    sizes
        The numbers of those sizes that are known.
    inputs, targets, outputs
        The names of the nodes that a kernel takes and returns.
    level
        ``neuron`` or ``layer``: which view people see first.
    samples
        The size symbol of the sample axis, None for a graph without one.
    entries
        Names of the neuron view, by node of the layer view.
    example
        Example values of leaves, exact.
    fixed
        Parameters held fixed in the update that `explain` shows.
    learning_rate
        The step size of the example.
    maximise
        Whether one ascends.
    family
        The networks like the one that it was made as; further definitions may have changed it since.
    """

    name: str
    title: str
    graph: Graph
    sizes: Mapping[str, int] = field(default_factory=dict[str, int])
    inputs: tuple[str, ...] = ("x",)
    targets: tuple[str, ...] = ("t",)
    outputs: tuple[str, ...] = ("y",)
    task: str = "regression"
    level: str = "layer"
    samples: str | None = "N"
    entries: Mapping[str, Entry] = field(default_factory=dict[str, Entry])
    example: Mapping[str, Numbers] = field(default_factory=dict[str, Numbers])
    fixed: tuple[str, ...] = ()
    learning_rate: Fraction = Fraction(1, 10)
    maximise: bool = False
    family: Family | None = field(default=None, compare=False, repr=False)

    @property
    def loss(self) -> str:
        """The name of the loss; one with axes is none."""
        if self.graph.loss is None:
            remedy = 'add one, as in draft.loss("squared_error", y) or loss="J"'
            raise DefinitionError(f"{self.name} has no loss; {remedy}")
        return check_scalar(self.graph[self.graph.loss]).name

    @property
    def mean(self) -> bool:
        """Whether the loss is a mean over the samples: its sum over them is divided by their number."""
        if self.samples is None or self.graph.loss is None:
            return False
        number = size(self.samples)
        above = (self.graph[name] for name in self.graph.ancestors(self.graph.loss))
        sums = (term for node in above for term in node.terms if number not in node.shape)
        return any(number in term.body.free_symbols and number in term.sizes.values() for term in sums)

    @cached_property
    def size_names(self) -> tuple[str, ...]:
        """The symbolic sizes, by name."""
        return tuple(map(str, size_symbols(self.graph)))

    def numbers(self, unknown: int = 2, samples: int = 1) -> dict[str, int]:
        """Return a number for every size: the known ones, `unknown` for the others."""
        free = dict.fromkeys(self.size_names, unknown)
        sample = {self.samples: samples} if self.samples else {}
        return {k: v for k, v in {**free, **sample, **self.sizes}.items() if k in free}

    def neurons(self, sizes: Mapping[str, int] | None = None, samples: int | None = None) -> Graph:
        """Return the neuron view at the model's sizes (or others), one sample unless the example has more."""
        chosen = {**self.numbers(samples=samples or self.sample_count), **(sizes or {})}
        return instantiate(self.graph, chosen, self.neuron_names(chosen))

    def neuron_names(self, sizes: Mapping[str, int]) -> NeuronNames:
        """Return the naming of the neuron view at given sizes."""
        table = {size(name): sp.Integer(value) for name, value in sizes.items()}
        shapes = {n.name: tuple(int(s.xreplace(table)) for s in n.shape) for n in self.graph.nodes}
        alone = self.samples is None or sizes.get(self.samples) == 1
        return NeuronNames(self.entries, shapes, self._sample_axes, alone)

    @property
    def _sample_axes(self) -> dict[str, int]:
        """The place of the sample axis of every node that has one."""
        if self.samples is None:
            return {}
        letters = {node.name: [axis.letter for axis in node.axes] for node in self.graph.nodes}
        return {name: own.index(SAMPLE) for name, own in letters.items() if SAMPLE in own}

    @cached_property
    def sample_count(self) -> int:
        """The number of samples of the example, 1 without one."""
        number = None if self.samples is None else size(self.samples)
        batched = (name for name in self.inputs if self.graph[name].shape[:1] == (number,))
        rows = next((self.example[name] for name in batched if name in self.example), None)
        return len(rows) if isinstance(rows, tuple) else 1

    def node(self, name: str) -> Node:
        """Return a node of the layer view."""
        return self.graph[name]


def check_scalar(node: Node) -> Node:
    """Return a node that can be a loss, or refuse one with axes."""
    if node.axes:
        own = ", ".join(axis.letter for axis in node.axes)
        raise DefinitionError(f"the loss {node.name}[{own}] is not a scalar; take its sum or mean over {own}")
    return node
