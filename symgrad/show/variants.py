"""Which way of computing prints this figure?

Copies of a worked example often disagree, and rounding is blamed.  Here a training run is carried out in
the ways in which people get it different, and a printed figure selects those that reproduce it to all of
its digits: hidden weights updated with the already updated output weights, one step fewer, fixed
parameters trained too, another factor of the loss, rounded intermediate values.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction

import sympy as sp

from symgrad.derive.deltas import deltas
from symgrad.derive.given import Given, situated
from symgrad.derive.rewrite import simplify
from symgrad.derive.values import leaf_values
from symgrad.derive.views import View
from symgrad.derive.written import exact_number
from symgrad.errors import DataError, DefinitionError, unknown
from symgrad.model.expressions import Ref, map_refs
from symgrad.model.graph import Graph, Kind, Node, Term
from symgrad.model.instances import instantiate, numbered
from symgrad.model.model import Model
from symgrad.show.program import Program, compiled

FACTORS = (Fraction(2), Fraction(1, 2))
DECIMALS = range(2, 9)
NOISE = Decimal("1e-11")


@dataclass(frozen=True)
class Variant:
    """One way to train; without any deviation it is the right one.

    Attributes
    ----------
    steps
        How many steps were asked for.
    updated
        Whether the hidden weights are updated with the already updated output weights.
    fewer
        Whether one step fewer is done.
    all_trained
        Whether parameters are trained that the model holds fixed.
    factor
        By what the loss is multiplied.
    decimals
        To how many decimals every intermediate value is rounded; None for not at all.
    """

    steps: int
    updated: bool = False
    fewer: bool = False
    all_trained: bool = False
    factor: Fraction = Fraction(1)
    decimals: int | None = None

    @property
    def deviations(self) -> tuple[str, ...]:
        """In what the variant is different, in words."""
        said = {
            "hidden weights updated with the already updated output weights": self.updated,
            f"one step fewer ({self.steps - 1:,})": self.fewer,
            "the parameters that are held fixed trained too": self.all_trained,
            f"the loss times {self.factor}": self.factor != 1,
            f"every value rounded to {self.decimals} decimals": self.decimals is not None,
        }
        return tuple(words for words, applies in said.items() if applies)

    @property
    def words(self) -> str:
        """The variant in words."""
        return " and ".join(self.deviations) or "the simultaneous update"


@dataclass(frozen=True)
class Outcome:
    """Where a variant arrives.

    Attributes
    ----------
    values
        Every node of the neuron view, after the steps; the loss with the variant's factor.
    """

    variant: Variant
    values: Mapping[str, float]


def variants(model: Model, steps: int) -> tuple[Variant, ...]:
    """Return the ways in which a run may be done, the right one first, then by number of deviations."""
    right = Variant(steps)
    flags = [
        Variant(steps, updated, fewer, trained)
        for updated in (False, True)
        for fewer in ((False, True) if steps else (False,))
        for trained in ((False, True) if model.fixed else (False,))
    ]
    factors = [replace(right, factor=factor) for factor in FACTORS]
    rounded = [replace(right, decimals=decimals) for decimals in reversed(DECIMALS)]
    return tuple(sorted((*flags, *factors, *rounded), key=lambda variant: len(variant.deviations)))


def outcomes(
    model: Model,
    steps: int,
    at: Given | None = None,
    *,
    rate: object = None,
    among: Iterable[Variant] | None = None,
) -> tuple[Outcome, ...]:
    """Train a model in every variant.

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
    """
    if steps < 0:
        raise DataError(f"{steps} steps cannot be done; give 0 or more")
    view = View(situated(model, at), "neuron")
    eta = model.learning_rate if rate is None else exact_number(rate, "the rate")
    wanted = variants(model, steps) if among is None else tuple(among)
    possible = [variant for variant in wanted if not variant.updated or _ordered(view)]
    return tuple(_outcome(view, eta, variant) for variant in possible)


def _ordered(view: View) -> bool:
    """Whether one can go from the output back and use every updated parameter: no circle."""
    try:
        step_graph(view, Fraction(1), Variant(1, updated=True, all_trained=True))
    except DefinitionError:
        return False
    return True


def _outcome(view: View, rate: Fraction, variant: Variant) -> Outcome:
    graph, carried = step_graph(view, rate * variant.factor, variant)
    program = compiled(graph, variant.decimals)
    memory = program.memory({name: float(value) for name, value in leaf_values(view).items()})
    moves = [(program.registers[new], program.registers[old]) for old, new in carried.items()]
    for _ in range(variant.steps - variant.fewer):
        program.run(memory)
        for new, old in moves:
            memory[old] = memory[new]
    program.run(memory)
    return Outcome(variant, _read(view, program, memory, variant.factor))


def _read(view: View, program: Program, memory: list[float], factor: Fraction) -> Mapping[str, float]:
    values = {node.name: memory[program.registers[node.name]] for node in view.graph.nodes}
    return {**values, view.model.loss: values[view.model.loss] * float(factor)}


def step_graph(view: View, rate: Fraction, variant: Variant) -> tuple[Graph, Mapping[str, str]]:
    """Return one training step as a scalar graph, and the name of the new value of each parameter."""
    model = view.model
    trained = [n.name for n in model.graph.parameters if variant.all_trained or n.name not in model.fixed]
    step = rate if model.maximise else -rate
    backward = simplify(deltas(model.graph, trained, model.loss), trained).backward
    new = {name: f"{name}_next" for name in trained}
    updates = [_update(model.graph[name], new[name], backward.delta[name], step) for name in trained]
    nodes = [_reading_new(node, new) if variant.updated else node for node in backward.graph.nodes]
    layer = Graph((*nodes, *updates), model.loss)
    names = view.model.neuron_names(view.sizes)

    def name_of(node: Node, at: tuple[int, ...]) -> str:
        return names(node, at) if node.name in model.graph else numbered(node, at)

    carried = {
        names(model.graph[node], at): numbered(layer[new[node]], at)
        for node, at in view.places.values()
        if node in new
    }
    return instantiate(layer, view.sizes, name_of), carried


def _update(node: Node, name: str, delta: str, step: Fraction) -> Node:
    old, gradient = node.ref, Ref(delta, node.index)
    body = old + sp.Rational(step.numerator, step.denominator) * gradient
    return Node(name, node.axes, terms=(Term(node.index, node.axes, body),))


def _reading_new(node: Node, new: Mapping[str, str]) -> Node:
    """Let a delta read the already updated parameters."""
    if node.adjoint is None or node.kind is not Kind.DEFINED:
        return node

    def moved(ref: Ref) -> sp.Expr:
        return Ref(new[ref.name], ref.index) if ref.name in new else ref

    terms = tuple(Term(t.write, t.bound, map_refs(t.body, moved)) for t in node.terms)
    return replace(node, terms=terms)


def reproduces(value: float, printed: str) -> bool:
    """Whether a value, rounded to the digits of a printed figure, is that figure.

    Raises
    ------
    DataError
        If `printed` is no decimal number.
    """
    try:
        figure = Decimal(printed.replace("−", "-").replace(",", ""))
    except InvalidOperation as error:
        raise DataError(f"{printed!r} is no decimal number; write it as it is printed") from error
    exponent = figure.as_tuple().exponent
    if not isinstance(exponent, int):
        raise DataError(f"{printed!r} is no finite number")
    found = Decimal(repr(float(value)))
    return found.is_finite() and abs(found - figure) <= Decimal(5).scaleb(exponent - 1) + NOISE * abs(found)


def matching(found: Iterable[Outcome], name: str, printed: str) -> tuple[Outcome, ...]:
    """Return the outcomes that reproduce a printed figure to all of its digits, the likeliest first.

    Parameters
    ----------
    name
        The node of the neuron view that the figure is said to be: ``J``, ``o1``, ``w5``.

    Raises
    ------
    UnknownNameError
        If there is no such node.
    """
    known = tuple(found)
    if known and name not in known[0].values:
        raise unknown("node", name, known[0].values)
    return tuple(outcome for outcome in known if reproduces(outcome.values[name], printed))
