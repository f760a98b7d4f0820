"""Backpropagation step by step: every figure of a gradient beside its formula.

Forward pass, loss, the factors along the paths, their products, the deltas, the gradient, the update
of all trained parameters from the old values, the loss after it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symgrad.derive.given import Given
from symgrad.derive.values import Array, Figures, figures, leaf_values, run
from symgrad.derive.views import View
from symgrad.derive.written import exact_number
from symgrad.errors import unknown
from symgrad.exact.decimals import DIGITS, Real
from symgrad.model.graph import Kind
from symgrad.model.model import Model
from symgrad.notation.layout import Block
from symgrad.show import render
from symgrad.show.digits import plain
from symgrad.show.scene import PATHS, Scene
from symgrad.show.steps import Step, backward_steps, forward_steps, update_steps

Values = Given


@dataclass(frozen=True, repr=False)
class Walk:
    """The way to a gradient in numbers; it shows itself as a table in terminals and notebooks.

    Attributes
    ----------
    network
        The name of the network.
    wrt
        The node that the loss is derived by.
    steps
        Every figure with its formula, in the order in which a person computes them.
    gradient
        ∂loss/∂wrt, nested rows where `wrt` has axes.
    rate
        The step size of the update.
    update
        The new value of every trained parameter; all are updated at once from the old values.
    loss_before, loss_after
        The loss at the old and at the new parameters.
    fixed
        Parameters that were held fixed, by their names in the layer view.
    assumptions
        What the formulas of the deltas use of the data; the values given have been checked for it.
    """

    network: str
    wrt: str
    steps: tuple[Step, ...]
    gradient: Array
    rate: Fraction
    update: Mapping[str, Array]
    loss_before: Real
    loss_after: Real
    fixed: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Step:
        """Return the first step of that name, such as ``∂J/∂w5``; UnknownNameError if there is none."""
        found = next((step for step in self.steps if step.name == name), None)
        if found is None:
            raise unknown("step", name, [step.name for step in self.steps])
        return found

    @property
    def data(self) -> dict[str, Any]:
        """The walk as floats, lists and text, as ``--json`` prints it."""
        return {
            "gradient": plain(self.gradient),
            "steps": [step.data for step in self.steps],
            "update": {name: plain(value) for name, value in self.update.items()},
            "loss_before": plain(self.loss_before),
            "loss_after": plain(self.loss_after),
        }

    @property
    def text(self) -> str:
        """The walk as an aligned table for terminals."""
        return render.table(self.steps, self.closing)

    @property
    def closing(self) -> str:
        """What the step did to the loss, in one line."""
        held = f"; {', '.join(self.fixed)} held fixed" if self.fixed else ""
        used = "".join(f"\nused: {assumption}" for assumption in self.assumptions)
        return render.closing(self.rate, self.loss_before, self.loss_after) + held + used

    @property
    def block(self) -> Block:
        """All formulas with their numbers, as one block of equations."""
        return Block(tuple(step.equation for step in self.steps))

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return render.html(self.steps, self.closing)

    def _repr_latex_(self) -> str:
        return render.latex_block(self.block)


def explain(
    model: Model,
    wrt: str,
    at: Values | None = None,
    *,
    level: str | None = None,
    rate: object = None,
    limit: int = PATHS,
    digits: int = DIGITS,
) -> Walk:
    """Compute a gradient step by step, every figure with its formula.

    Parameters
    ----------
    wrt
        Any node at that level.
    at
        Values of leaves, at either view; what they leave out comes from the model's example.
    level
        ``neuron`` or ``layer``; the model's own by default.
    rate
        The step size η of the update, the model's own by default.
    limit
        Up to how many paths the factors and products are listed; above, the deltas say it all.
    digits
        With how many digits is computed where a value is not exact.

    Raises
    ------
    DataError
        If a value is missing or does not fit; the message says which.
    UnknownNameError
        If there is no node `wrt` at that level.
    """
    chosen = level or model.level
    View(model, chosen)
    found = figures(model, at, level=chosen, digits=digits)
    view = View(found.model, chosen)
    scene = Scene(found, view, view.check(wrt), _rate(model, rate), limit)
    new = updated(scene)
    steps = (*forward_steps(scene), *backward_steps(scene), *update_steps(scene, new))
    return Walk(
        model.name,
        wrt,
        steps,
        scene.delta(wrt),
        scene.rate,
        _rows(scene, new),
        found.loss,
        loss_at(found, new),
        model.fixed,
        scene.recursion.assumptions,
    )


def _rate(model: Model, rate: object) -> Fraction:
    return model.learning_rate if rate is None else exact_number(rate, "the rate")


def updated(scene: Scene) -> dict[str, Real]:
    """Return the new values of all trained parameters of the neuron view, from the old values."""
    found, model = scene.found, scene.found.model
    step = scene.rate if model.maximise else -scene.rate
    trained = (n.name for n in found.view.graph.nodes if n.kind is Kind.PARAMETER)
    names = [name for name in trained if found.view.places[name][0] not in model.fixed]
    return {name: found.values[name] + step * found.gradient(name) for name in names}


def loss_at(found: Figures, new: Mapping[str, Real]) -> Real:
    """Return the loss with other values of some parameters."""
    leaves = {**leaf_values(found.view), **new}
    return run(found.view.graph, leaves, found.algebra)[found.model.loss]


def _rows(scene: Scene, new: Mapping[str, Real]) -> Mapping[str, Array]:
    return {name: scene.arranged(name, new) for name in scene.trained(new)}
