"""Networks from free definitions: formulas instead of layers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

import sympy as sp

from symgrad.errors import DefinitionError, unknown
from symgrad.model.definitions import define_all
from symgrad.model.expressions import size
from symgrad.model.functions import VOCABULARY
from symgrad.model.graph import Axis, Graph, Kind, Node
from symgrad.model.leaves import one_hot
from symgrad.model.ledger import Weight, exact
from symgrad.model.losses import TARGETS
from symgrad.model.model import Model, Numbers
from symgrad.model.names import check_name
from symgrad.model.scope import Scope, check_free, check_letters

Letters = Mapping[str, str]

TASKS = ("regression", "classification")
"""What the outputs of a network are for."""


@dataclass(frozen=True)
class Definitions:
    """A network as formulas.

    Attributes
    ----------
    axes
        The size of every index letter: an integer ≥ 1 or the name of a symbolic size.
    inputs, targets, parameters
        The leaves with their letters, ``{"W": "i j"}``; a scalar has none, ``{"b": ""}``.
    nodes
        The definitions, ``{"z": "[n,i] sum(j, W[i,j]*x[n,j])"}``.
    initial
        For a recurrence, what stands before the beginning: ``{"h": "0"}`` or ``{"h": "[n,i] h0[n,i]"}``.
    loss, output
        Names of nodes; the loss is ``J`` when there is a node of that name, and there may be several outputs.
    samples
        The letter of the sample axis, ``n`` when there is such an axis.
    ids
        Inputs and targets that hold integers below a size, ``{"tokens": "V"}``; they stand in subscripts,
        ``E[tokens[n,t], d]``, and one index letter has that size.
    masks
        Inputs that are drawn from {0, 1}, with the probability of 1: ``{"m": "0.8"}``.
    """

    axes: Mapping[str, int | str] = field(default_factory=dict[str, int | str])
    inputs: Letters = field(default_factory=dict[str, str])
    targets: Letters = field(default_factory=dict[str, str])
    parameters: Letters = field(default_factory=dict[str, str])
    nodes: Mapping[str, str] = field(default_factory=dict[str, str])
    initial: Mapping[str, str] = field(default_factory=dict[str, str])
    loss: str | None = None
    output: str | tuple[str, ...] | None = None
    target_kind: str = "free"
    samples: str = "n"
    ids: Mapping[str, int | str] = field(default_factory=dict[str, int | str])
    masks: Mapping[str, Weight] = field(default_factory=dict[str, Weight])


def define_model(
    name: str,
    spec: Definitions,
    *,
    title: str = "",
    level: str = "layer",
    example: Mapping[str, Numbers] | None = None,
    learning_rate: Fraction = Fraction(1, 10),
    task: str = "regression",
) -> Model:
    """Build a model from free definitions.

    Raises
    ------
    DefinitionError, FormulaError, UnknownNameError
        If a name collides or cannot be used, or a formula cannot be read; with name and column.
    """
    check_name(name, "network")
    if spec.target_kind not in TARGETS:
        raise unknown("kind of targets", spec.target_kind, TARGETS)
    if task not in TASKS:
        raise unknown("task", task, TASKS)
    scope = Scope({letter: size(_possible(letter, extent)) for letter, extent in spec.axes.items()}, {})
    _check_marks(spec)
    leaves: list[Node] = []
    groups = ((Kind.INPUT, spec.inputs), (Kind.PARAMETER, spec.parameters), (Kind.TARGET, spec.targets))
    for kind, group in groups:
        for leaf_name, letters in group.items():
            leaves.append(_leaf(leaf_name, letters, kind, scope, spec))
            scope = scope.plus(leaves)
    hot = [
        one_hot(node, _classes(node, spec.ids[node.name], scope)) for node in leaves if node.name in spec.ids
    ]
    leaves += hot
    scope = replace(scope.plus(hot), hot={node.terms[0].accesses[0].name: node.name for node in hot})
    nodes = (*leaves, *define_all(spec.nodes, scope, VOCABULARY, spec.initial))
    loss = _named("loss", spec.loss or ("J" if "J" in spec.nodes else None), spec)
    samples = scope.axes.get(spec.samples)
    return Model(
        name,
        title or name,
        Graph(nodes, loss),
        sizes={},
        inputs=tuple(spec.inputs),
        targets=tuple(spec.targets),
        outputs=_outputs(spec, nodes, loss),
        task=task,
        level=level,
        samples=None if samples is None else str(samples),
        example=example or {},
        learning_rate=learning_rate,
    )


def _possible(letter: str, extent: int | str) -> int | str:
    if isinstance(extent, str):
        return check_name(extent, "size")
    if isinstance(extent, bool) or extent < 1:
        raise DefinitionError(f"the size of the index {letter} is {extent}; sizes are integers ≥ 1 or names")
    return extent


def _leaf(name: str, letters: str, kind: Kind, scope: Scope, spec: Definitions) -> Node:
    check_free(name, scope, VOCABULARY)
    written = letters.replace(",", " ").split()
    try:
        check_letters(written, scope, 1)
    except DefinitionError as error:
        raise DefinitionError(f"{name}: {error}") from None
    if len(set(written)) < len(written):
        raise DefinitionError(f"{name}: an index letter stands twice in {letters!r}; take two letters")
    axes = tuple(map(scope.axis, written))
    known = "labels" if name in spec.ids else spec.target_kind if kind is Kind.TARGET else None
    return Node(name, axes, kind, targets=known, drawn=_keep(name, spec))


def _check_marks(spec: Definitions) -> None:
    """Refuse ids and masks that are no leaves, or both."""
    for name in spec.ids:
        if name not in {**spec.inputs, **spec.targets}:
            raise unknown("input or target with ids", name, {**spec.inputs, **spec.targets})
    for name in spec.masks:
        if name not in spec.inputs:
            raise unknown("input that is a mask", name, spec.inputs)
        if name in spec.ids:
            raise DefinitionError(f"{name} cannot hold both ids and a mask")


def _keep(name: str, spec: Definitions) -> sp.Rational | None:
    keep = exact(spec.masks[name]) if name in spec.masks else None
    if keep is not None and not 0 < keep <= 1:
        raise DefinitionError(
            f"the mask {name} is 1 with the probability {keep}; it is above 0 and at most 1"
        )
    return keep


def _classes(ids: Node, extent: int | str, scope: Scope) -> Axis:
    """Return the axis of the one-hot form of ids."""
    below = size(_possible(ids.name, extent))
    own = {axis.letter for axis in ids.axes}
    for letter, known in scope.axes.items():
        if known == below and letter not in own:
            return Axis(letter, below)
    raise DefinitionError(
        f"the ids {ids.name} lie below {below}, and no other index letter has that size; "
        f'give one, as in axes = {{v = "{below}"}}'
    )


def _named(what: str, name: str | None, spec: Definitions) -> str | None:
    if name is not None and name not in spec.nodes:
        raise unknown(f"{what} node", name, spec.nodes)
    return name


def _outputs(spec: Definitions, nodes: tuple[Node, ...], loss: str | None) -> tuple[str, ...]:
    """Return the outputs named, or the last defined node before the loss that is no auxiliary."""
    named = (spec.output,) if isinstance(spec.output, str) else spec.output or ()
    for name in named:
        _named("output", name, spec)
    defined = [n.name for n in nodes if not n.is_leaf and not n.auxiliary and n.name != loss]
    return named or tuple(defined[-1:])
