"""The ways in which people carry out a training run, and where each of them arrives.

Copies of a worked example often disagree, and rounding is blamed.  Here a run is carried out as it should
be, and as people get it different: hidden weights updated with the already updated output weights, one
step fewer or more, fixed parameters trained too or biases held fixed, another factor of the loss, rounded
intermediate values.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from math import inf, prod
from numbers import Integral
from time import perf_counter
from typing import cast

from symgrad.derive.given import Given, situated
from symgrad.derive.values import leaf_values
from symgrad.derive.views import View
from symgrad.derive.written import exact_number
from symgrad.errors import DataError, DefinitionError
from symgrad.model.graph import Graph
from symgrad.model.model import Model
from symgrad.verify.classroom.one_step import Way, reading_graph, step_graph
from symgrad.verify.classroom.program import Program, compiled

DECIMALS = range(2, 9)
LONGEST = 1_000_000
STRIDE = 64
"""After so many steps one looks at the clock."""


@dataclass(frozen=True)
class Variant:
    """One way to train; without any deviation it is the right one.

    Attributes
    ----------
    steps
        How many steps were asked for.
    updated
        Whether the hidden weights are updated with the already updated output weights.
    more
        How many steps are done beyond those, −1 for one fewer.
    all_trained
        Whether parameters are trained that the model holds fixed.
    held
        Parameters held fixed that the model trains, by their names in the layer view.
    factor
        By what the loss is multiplied.
    shown
        By what the loss is multiplied only where it is printed, the gradients being the right ones.
    decimals
        To how many decimals every intermediate value is rounded; None for not at all.
    """

    steps: int
    updated: bool = False
    more: int = 0
    all_trained: bool = False
    held: tuple[str, ...] = ()
    factor: Fraction = Fraction(1)
    shown: Fraction = Fraction(1)
    decimals: int | None = None

    @property
    def deviations(self) -> tuple[str, ...]:
        """In what the variant is different, in words."""
        said = {
            "hidden weights updated with the already updated output weights": self.updated,
            f"one step fewer ({self.done:,})": self.more < 0,
            f"one step more ({self.done:,})": self.more > 0,
            "the parameters that are held fixed trained too": self.all_trained,
            f"{', '.join(self.held)} held fixed": bool(self.held),
            f"the loss times {self.factor}": self.factor != 1,
            f"the loss printed times {self.shown}, its gradient being the right one": self.shown != 1,
            f"every value rounded to {self.decimals} decimals": self.decimals is not None,
        }
        return tuple(words for words, applies in said.items() if applies)

    @property
    def words(self) -> str:
        """The variant in words."""
        return " and ".join(self.deviations) or "the simultaneous update"

    @property
    def done(self) -> int:
        """How many steps are done."""
        return self.steps + self.more

    @property
    def run(self) -> "Variant":
        """The run that it is an end of: what is printed, and after which step, makes no other one."""
        return replace(self, steps=0, more=0, shown=Fraction(1))


@dataclass(frozen=True)
class Outcome:
    """Where a variant arrives.

    Attributes
    ----------
    values
        Every node of the neuron view after the steps, and every ``∂J/∂w1``; with the variant's factor.
    """

    variant: Variant
    values: Mapping[str, float]


def variants(model: Model, steps: int) -> tuple[Variant, ...]:
    """Return the ways in which a run may be done, the right one first, then by number of deviations."""
    right = Variant(steps)
    moves = (0, -1, 1) if steps else (0, 1)
    flags = [
        Variant(steps, updated, more, trained)
        for updated in (False, True)
        for more in moves
        for trained in ((False, True) if model.fixed else (False,))
    ]
    biases = tuple(name for name in _additive(model.graph) if name not in model.fixed)
    held = [replace(right, held=biases)] if biases else []
    factors = [replace(right, factor=factor) for factor in loss_factors(model)]
    shown = [replace(right, shown=factor) for factor in loss_factors(model)] if steps else []
    rounded = [replace(right, decimals=decimals) for decimals in reversed(DECIMALS)]
    return tuple(sorted((*flags, *held, *factors, *shown, *rounded), key=lambda v: len(v.deviations)))


def _additive(graph: Graph) -> Iterator[str]:
    """Yield the parameters that are only added to something, as biases are."""
    for node in graph.parameters:
        edges = graph.out_edges[node.name]
        if edges and all(edge.partial == 1 for edge in edges):
            yield node.name


def loss_factors(model: Model) -> tuple[Fraction, ...]:
    """Return the factors that people give a loss: 2, the number of samples, that of targets; and 1 by it."""
    sizes = model.numbers(samples=model.sample_count)
    shapes = model.neuron_names(sizes).shapes
    counts = {2, model.sample_count, *(prod(shapes[name]) // model.sample_count for name in model.targets)}
    several = sorted(count for count in counts if count > 1)
    return tuple(Fraction(f) for count in several for f in (count, Fraction(1, count)))


def outcomes(
    model: Model,
    steps: int,
    at: Given | None = None,
    *,
    rate: object = None,
    among: Iterable[Variant] | None = None,
    until: float = inf,
) -> tuple[Outcome, ...]:
    """Train a model in every variant, as far as the time suffices.

    Where a weight is used in several layers there is no order in which one could use updated weights; such
    variants are left out.

    Parameters
    ----------
    steps
        How many steps of gradient descent, on all samples at once.
    at
        Values of leaves at the start; what is left out comes from the example.
    rate
        The step size, the model's own by default.
    among
        The variants wanted, all by default.
    until
        When to stop, by the clock of `perf_counter`; variants that are not done by then are left out.

    Raises
    ------
    DataError
        If the number of steps is negative or above a million, or a value does not fit; see `situated`.
    """
    if isinstance(steps, bool) or not isinstance(cast("object", steps), Integral):
        raise DataError(f"{steps!r} steps cannot be done; give a whole number")
    if not 0 <= steps <= LONGEST:
        raise DataError(f"{steps:,} steps cannot be done; give between 0 and {LONGEST:,}")
    view = View(situated(model, at), "neuron")
    eta = model.learning_rate if rate is None else exact_number(rate, "the rate")
    wanted = variants(view.model, steps) if among is None else tuple(among)
    possible = [variant for variant in wanted if not variant.updated or _ordered(view)]
    runs = list(dict.fromkeys(variant.run for variant in possible))
    found = chain.from_iterable(
        _run(view, eta, run, [variant for variant in possible if variant.run == run], until) for run in runs
    )
    return tuple(sorted(found, key=lambda outcome: possible.index(outcome.variant)))


def _ordered(view: View) -> bool:
    """Whether one can go from the output back and use every updated parameter: no circle."""
    try:
        step_graph(
            view, Way(Fraction(1), tuple(node.name for node in view.model.graph.parameters), updated=True)
        )
    except DefinitionError:
        return False
    return True


def _way(model: Model, rate: Fraction, run: Variant) -> Way:
    held = {*run.held, *(() if run.all_trained else model.fixed)}
    trained = tuple(node.name for node in model.graph.parameters if node.name not in held)
    return Way(rate * run.factor, trained, run.updated)


def _run(
    view: View, rate: Fraction, run: Variant, ends: Iterable[Variant], until: float
) -> Iterator[Outcome]:
    """Yield where the variants of one run arrive, in the order of their steps, those done in time."""
    if perf_counter() > until:
        return
    way = _way(view.model, rate, run)
    graph, carried = step_graph(view, way)
    program = compiled(graph.restricted(carried.values()), run.decimals)
    reading = compiled(reading_graph(view, way), run.decimals)
    moves = [(program.registers[new], program.registers[old]) for old, new in carried.items()]
    leaves = {name: float(value) for name, value in leaf_values(view).items()}
    memory = program.memory({name: value for name, value in leaves.items() if name in program.registers})
    done = 0
    for end in sorted(ends, key=lambda variant: variant.done):
        if not _advance(program, memory, moves, end.done - done, until):
            return
        done = end.done
        now = leaves | {old: memory[program.registers[old]] for old in carried}
        yield Outcome(end, _read(view, reading, now, end))


def _advance(
    program: Program, memory: list[float], moves: list[tuple[int, int]], steps: int, until: float
) -> bool:
    """Do some steps, and return whether there was time; a step that changes nothing is the last needed."""
    for step in range(steps):
        program.run(memory)
        if all(memory[old] == memory[new] for new, old in moves):
            return True
        for new, old in moves:
            memory[old] = memory[new]
        if step % STRIDE == STRIDE - 1 and perf_counter() > until:
            return False
    return True


def _read(view: View, program: Program, leaves: Mapping[str, float], end: Variant) -> Mapping[str, float]:
    memory = program.memory(leaves)
    program.run(memory)
    loss = view.model.loss
    values = {node.name: memory[program.registers[node.name]] for node in view.graph.nodes}
    slopes = {name: memory[k] * float(end.factor) for name, k in program.registers.items() if name[0] == "∂"}
    return {**values, **slopes, loss: values[loss] * float(end.factor * end.shown)}
