"""Layered networks: any number of layers, sizes as numbers or as names."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar, cast

from symgrad.errors import DefinitionError
from symgrad.model.activations import ELEMENTWISE, IDENTITY, OUTPUTS, Activation
from symgrad.model.expressions import size
from symgrad.model.functions import activation_name
from symgrad.model.graph import Axis, Graph, Kind, Node
from symgrad.model.layers import activate, dense, leaf
from symgrad.model.losses import Loss, check_loss, check_targets
from symgrad.model.model import SAMPLE, Family, Model
from symgrad.model.names import check_name
from symgrad.model.naming import Entry, Naming
from symgrad.model.objectives import loss_nodes

T = TypeVar("T")

BIASES = ("neuron", "layer", "none")


@dataclass(frozen=True)
class Layered:
    """The description of a layered network.

    Attributes
    ----------
    sizes
        Of every layer from the input to the output: integers ≥ 1 or names of symbolic sizes.
    hidden
        The activation of the hidden layers, one for all or one for each.
    output
        The activation of the output layer.
    loss, targets
        A row of the table of losses, by name, or one's own, and what is known of the targets.
    bias
        ``neuron`` (one for each neuron), ``layer`` (one shared by a layer), ``none``; one word for all
        layers or one for each.
    mean
        Whether the loss is a mean over the samples, else their sum.
    samples
        The name of the number of samples; None for the loss of one sample without a sample axis.
    """

    sizes: tuple[int | str, ...]
    hidden: str | Activation | tuple[str | Activation, ...] = "sigmoid"
    output: str | Activation = "sigmoid"
    loss: str | Loss = "squared_error"
    targets: str | None = None
    bias: str | tuple[str, ...] = "neuron"
    naming: Naming = field(default_factory=Naming)
    mean: bool = True
    samples: str | None = "N"

    @property
    def depth(self) -> int:
        """The number of layers with weights."""
        return len(self.sizes) - 1


def layered(name: str, spec: Layered, *, title: str = "", level: str = "layer") -> Model:
    """Build the model of a layered network.

    Raises
    ------
    DefinitionError, UnknownNameError
        If a size, a name, an activation, a loss, a kind of targets or of biases is not possible.
    """
    check_name(name, "network")
    row = check_loss(spec.loss)
    targets = check_targets(spec.targets or row.targets[0], row)
    sizes = _size_names(spec.sizes, spec.samples)
    if targets == "labels" and spec.sizes[-1] == 1:
        raise DefinitionError("labels need at least two classes; the output size is 1")
    nodes, entries, output = _nodes(spec, sizes)
    samples = Axis(SAMPLE, size(spec.samples)) if spec.samples else None
    target = _target(spec, output, targets)
    loss = loss_nodes(spec.naming.letter("loss"), row, output, target, mean=spec.mean, samples=samples)
    entries[target.name] = Entry(spec.naming.template("target"))
    return Model(
        name,
        title or name,
        Graph((*nodes, target, *loss), loss[-1].name),
        {n: s for n, s in zip(sizes, spec.sizes, strict=True) if isinstance(s, int)},
        (nodes[0].name,),
        (target.name,),
        (output.name,),
        row.task,
        level,
        spec.samples,
        entries,
        family=Family(sizes, partial(_member, name, spec), _is_stack(spec)),
    )


def _is_stack(spec: Layered) -> bool:
    """Whether all hidden layers are alike but for their widths."""
    hidden, bias = spec.hidden, spec.bias
    alike = not isinstance(hidden, tuple) or len(set(hidden)) <= 1
    return alike and (not isinstance(bias, tuple) or len(set(bias[:-1])) <= 1)


def _member(name: str, spec: Layered, sizes: tuple[int | str, ...]) -> Model:
    """Build the network with other sizes; where their number differs, hidden layers are as the first."""
    if len(sizes) != len(spec.sizes):
        hidden = spec.hidden[0] if isinstance(spec.hidden, tuple) else spec.hidden
        inner = (spec.bias[0],) * (len(sizes) - 2) if isinstance(spec.bias, tuple) else ()
        bias = (*inner, spec.bias[-1]) if isinstance(spec.bias, tuple) else spec.bias
        spec = replace(spec, hidden=hidden, bias=bias)
    return layered(name, replace(spec, sizes=sizes))


def _size_names(sizes: tuple[int | str, ...], samples: str | None) -> tuple[str, ...]:
    """Name every size: a name stays, a number is called D, H1, H2, …, K."""
    if len(sizes) < 2:
        raise DefinitionError(f"a network needs at least an input and an output size; sizes is {list(sizes)}")
    last = len(sizes) - 1
    usual = ["D", *(f"H{k}" if last > 2 else "H" for k in range(1, last)), "K"]
    for given in sizes:
        possible = isinstance(given, str) or (type(given) is int and given >= 1)
        if not possible:
            raise DefinitionError(f"the size {given} is not possible; sizes are integers ≥ 1 or names")
        if isinstance(given, str):
            check_name(given, "size")
        if given == samples:
            raise DefinitionError(
                f"{given} is the number of samples; take another name for the size of a layer"
            )
    taken = {s for s in (*sizes, samples) if isinstance(s, str)}
    return tuple(s if isinstance(s, str) else _apart(u, taken) for s, u in zip(sizes, usual, strict=True))


def _apart(name: str, taken: set[str]) -> str:
    return name if name not in taken else _apart(name + "_", taken)


def _per_layer(given: T | tuple[T, ...], count: int, what: str) -> tuple[T, ...]:
    if not isinstance(given, tuple):
        return (cast("T", given),) * count
    if len(given) != count:
        raise DefinitionError(
            f"{what}: {len(given)} were given for {count} layers; give one, or one for each layer"
        )
    return given


def _nodes(spec: Layered, sizes: Sequence[str]) -> tuple[list[Node], dict[str, Entry], Node]:
    naming, front = spec.naming, ((Axis(SAMPLE, size(spec.samples)),) if spec.samples else ())
    activations = (*_per_layer(spec.hidden, spec.depth - 1, "hidden"), spec.output)
    biases = _per_layer(spec.bias, spec.depth, "bias")
    below = leaf(naming.layer("input", 0), Kind.INPUT, *front, Axis("i", size(sizes[0])))
    nodes, entries = [below], {below.name: Entry(naming.template("input"))}
    book = _Book(naming, entries)
    for layer in range(1, spec.depth + 1):
        out = Axis("i", size(sizes[layer]))
        weight = leaf(naming.layer("weight", layer), Kind.PARAMETER, out, Axis("j", size(sizes[layer - 1])))
        bias = _bias(naming.layer("bias", layer), biases[layer - 1], out)
        book.enter("weight", layer, weight)
        if bias:
            book.enter("bias", layer, bias)
        made = _layer(spec, layer, below, weight, bias, activations[layer - 1], book)
        nodes += [weight, *([bias] if bias else []), *made]
        below = made[-1]
    return nodes, entries, below


@dataclass(frozen=True)
class _Book:
    """Keeps the names of the neuron view, with what stands before under the same template."""

    naming: Naming
    entries: dict[str, Entry]

    def enter(self, role: str, layer: int, node: Node) -> None:
        template = self.naming.template(role)
        before = tuple(
            name for name, entry in self.entries.items() if "{k}" in template and entry.template == template
        )
        self.entries[node.name] = Entry(template, layer, before, self.naming.numbering == "source")


def _bias(name: str, kind: str, out: Axis) -> Node | None:
    if kind not in BIASES:
        raise DefinitionError(f"unknown kind of bias {kind!r}; known: {', '.join(BIASES)}")
    if kind == "none":
        return None
    return leaf(name, Kind.PARAMETER, *((out,) if kind == "neuron" else ()))


def _layer(
    spec: Layered,
    layer: int,
    below: Node,
    weight: Node,
    bias: Node | None,
    activation: str | Activation,
    book: _Book,
) -> tuple[Node, ...]:
    last = layer == spec.depth
    pre_role, role = ("output_pre", "output") if last else ("pre", "activation")
    name = activation_name(activation)
    if name in OUTPUTS and not last:
        raise DefinitionError(
            f"{name} stands at the output here; hidden layers take an elementwise activation"
        )
    if name == IDENTITY:
        only = dense(spec.naming.layer(role, layer), below, weight, bias)
        book.enter(role, layer, only)
        return (only,)
    pre = dense(spec.naming.layer(pre_role, layer), below, weight, bias)
    made = activate(spec.naming.layer(role, layer), pre, activation, ELEMENTWISE)
    book.enter(pre_role, layer, pre)
    book.enter(role, layer, made[-1])
    return (pre, *made)


def _target(spec: Layered, output: Node, targets: str) -> Node:
    axes = output.axes[:-1] if targets == "labels" else output.axes
    return leaf(spec.naming.layer("target", 0), Kind.TARGET, *axes, targets=targets)
