"""A network while it is put together, layer by layer.

::

    draft = Draft("digits")
    x = draft.input("x", 1, 8, 8)
    h = draft.conv2d(x, 8, 3, padding=1, activation="relu")
    y = draft.dense(draft.flatten(draft.max_pool(h, 2)), 10, activation="softmax")
    draft.loss("cross_entropy", y, targets="labels")
    model = finished(draft, y)

Numbers become sizes with names of their own, so that everything is proved at symbolic sizes; kernels,
strides, paddings and dilations stay numbers.  A layer is a function that adds definitions, and each of the
table (`symgrad.model.layers.registry`) is a method here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from typing import Any, TypeAlias

import sympy as sp

from symgrad.errors import DefinitionError, SymgradError, unknown
from symgrad.model.activations import ELEMENTWISE, IDENTITY, NAMES, Activation
from symgrad.model.expressions import Ref
from symgrad.model.functions import activation_name
from symgrad.model.graph import Axis, Node
from symgrad.model.initial import Initial as Outside
from symgrad.model.layers import activate
from symgrad.model.layers.registry import LAYERS, METHODS, Layer, Step, check_call, layer_of, words
from symgrad.model.leaves import Leaves
from symgrad.model.ledger import Frame, Size, Weight, exact, flag
from symgrad.model.local import Local, shown
from symgrad.model.losses import Loss, check_loss, check_targets
from symgrad.model.model import check_scalar
from symgrad.model.objectives import l1, l2, loss_nodes
from symgrad.model.placing import Place, place

Value: TypeAlias = Node | int | float | Fraction | sp.Expr | None
Initial: TypeAlias = Mapping[str, Node | str | None]
Item: TypeAlias = str | Activation | Step | Layer


@dataclass
class Draft(Leaves):
    """A network while it is put together.

    Attributes
    ----------
    parts
        The losses and penalties so far with their weights.
    task
        ``classification`` or ``regression``, as the first loss says.
    """

    parts: dict[str, sp.Expr] = field(default_factory=dict[str, sp.Expr])
    task: str = "regression"

    def __getattr__(self, name: str) -> Callable[..., Node]:
        """Return a layer of the table as a method."""
        if name.startswith("_"):
            raise AttributeError(name)
        return partial(self.apply, layer_of(name))

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *LAYERS})

    # Definitions

    def define(
        self,
        role: str,
        *formulas: str,
        axes: Mapping[str, Size] | None = None,
        sizes: Mapping[str, Size] | None = None,
        initial: Initial | None = None,
        values: Mapping[str, Value] | None = None,
        auxiliary: bool = False,
        function: str | None = None,
        **names: Value,
    ) -> Node:
        """Add a definition, several formulas as one sum.

        Parameters
        ----------
        role
            What the node is called, before the number of its layer.
        formulas
            In local names, ``"[...,i] sum(j, W[i,j]*x[...,j]) + b[i]"``; see `symgrad.model.local`.
        axes
            Letters and sizes of the node, where these are not the letters of the head.
        sizes
            Sizes of letters, where they do not follow from the nodes.
        initial
            What nodes are outside of their axes, by local names: ``"0"`` or None for zero, or a node over
            the other axes, as the state before the first step is.
        auxiliary
            Whether the node only serves others.
        function
            Which function of the table it applies, as ``"softmax"``; its auxiliaries are written by its
            value.
        names, values
            What the names stand for: nodes, numbers and sizes, None for zero.

        Raises
        ------
        DefinitionError, FormulaError
            With the layer, the shapes, and what does not fit.
        """
        promised = role + self.suffix()
        name = promised if promised in self.promised else self.named(role)
        local = self._local({**(values or {}), **names}, sizes, frozenset(initial or ()))
        own = None if axes is None else {letter: self.extent(size) for letter, size in axes.items()}
        beyond = dict(self._outside(local, word, value) for word, value in (initial or {}).items())
        made = place(Place(name, local, self.taken, own, beyond), *formulas)
        self.check_ids(*made)
        self.check_positive(made[-1], shown(local, *local.nodes))
        self._keep(made[-1])
        made = (*made[:-1], replace(made[-1], function=function))
        return self.enter(*(replace(node, auxiliary=auxiliary or node.auxiliary) for node in made))

    def _local(
        self, names: Mapping[str, Value], sizes: Mapping[str, Size] | None, outside: frozenset[str]
    ) -> Local:
        nodes = {w: v and self.own(v) for w, v in names.items() if v is None or isinstance(v, Node)}
        numbers = {
            word: value if isinstance(value, sp.Expr) else exact(value)
            for word, value in names.items()
            if not (value is None or isinstance(value, Node))
        }
        extents = {letter: self.extent(size) for letter, size in (sizes or {}).items()}
        return Local(nodes, numbers, extents, outside, self.sizes)

    def promise(self, role: str, *axes: Axis) -> Node:
        """Return a node that is defined later: a recurrence reads it before."""
        node = self.enter(Node(self.named(role), axes))
        self.promised.add(node.name)
        return node

    def _keep(self, node: Node) -> None:
        """Let a definition keep what was promised of it."""
        if node.name in self.promised:
            self.check_shape(node, self.nodes[node.name].axes)
            self.promised.remove(node.name)

    def _outside(self, local: Local, word: str, value: Node | str | None) -> tuple[str, Outside]:
        """Return what a node is outside of its axes: zero, or outside of one of them another node."""
        node = local.nodes.get(word)
        if node is None:
            raise unknown("node with an initial value", word, local.nodes)
        if value is None or value == "0":
            return node.name, Outside(node.axes, None, sp.Integer(0))
        if isinstance(value, str):
            raise DefinitionError(f"the initial value {value!r} of {node.name} is neither a node nor '0'")
        for k in reversed(range(len(node.axes))):
            rest = (*node.axes[:k], *node.axes[k + 1 :])
            if value.shape == tuple(axis.size for axis in rest):
                return node.name, Outside(node.axes, k, Ref(value.name, (axis.symbol for axis in rest)))
        raise DefinitionError(
            f"{self.shown(value)} is no initial value of {self.shown(node)}; it has all axes of it but one"
        )

    # Layers

    def activate(self, node: Node, activation: str | Activation, *, name: str | None = None) -> Node:
        """Add an activation: ``a1`` behind ``z1``."""
        self.own(node)
        if activation_name(activation) == IDENTITY:
            return node
        chosen = name if name in self.promised else self.free(name) if name else self.behind(node, "a")
        made = activate(chosen, node, activation, ELEMENTWISE)
        self._keep(made[-1])
        return self.enter(*made)

    def apply(
        self,
        row: Layer,
        *args: Any,
        activation: str | Activation = IDENTITY,
        name: str | None = None,
        **options: Any,
    ) -> Node:
        """Add a layer; its `name` stands in the place of a number: ``W_stem``."""
        given = check_call(row, self, *args, **options)
        self.frames.append(Frame(f"_{name}" if name else None))
        try:
            for node in given:
                self.own(node)
            return self.activate(row.build(self, *args, **options), activation)
        except SymgradError as error:
            raise type(error)(f"{row.name}: {error}") from None
        finally:
            self.frames.pop()

    def chain(self, node: Node, items: Iterable[Item]) -> Node:
        """Add layers one behind the other, a step, an activation or a text each: ``"dense 10"``."""
        for number, item in enumerate(items, 1):
            try:
                node = self._item(node, item)
            except SymgradError as error:
                raise type(error)(f"layer {number}: {error}") from None
        return node

    def _item(self, node: Node, item: Item) -> Node:
        match item:
            case Activation():
                return self.activate(node, item)
            case Layer():
                return self.apply(item, node)
            case Step(layer, args, options):
                return self.apply(layer, node, *args, **dict(options))
            case _:
                name, args, options = words(item)
        if name in NAMES:
            return self.activate(node, name)
        if name not in LAYERS:
            raise unknown("layer or activation", name, (*LAYERS, *NAMES))
        return self.apply(LAYERS[name], node, *args, **options)

    # Losses

    def loss(
        self,
        kind: str | Loss,
        output: Node | Sequence[Node],
        target: Node | None = None,
        *,
        targets: str | None = None,
        weight: Weight = 1,
        mean: bool = True,
    ) -> Node:
        """Add a loss; without a `target` one is added, of the kind that `targets` says.

        Parameters
        ----------
        kind
            A row of the table of losses by name, or one's own.
        output
            The prediction, or as many as the loss takes.
        weight
            Its factor in the sum of all losses and penalties.
        mean
            Whether it is a mean over the samples, else their sum.
        """
        row = check_loss(kind)
        outputs = tuple(map(self.own, output if isinstance(output, list | tuple) else (output,)))
        if target is None:
            of_kind = check_targets(targets or row.targets[0], row)
            like = next(iter(outputs), None)
            target = self.target(self.apart("t"), kind=of_kind, like=like)
        samples = self.front[0] if self.samples else None
        part = self._part("J")
        made = loss_nodes(
            part, row, outputs, self.own(target), mean=flag("mean", mean), samples=samples, known=self.sizes
        )
        self.task = row.task if not self.parts else self.task
        self.parts[made[-1].name] = exact(weight)
        return self.enter(*made)

    def minimise(self, node: Node, *, weight: Weight = 1) -> Node:
        """Make a definition of one's own a loss.

        Raises
        ------
        DefinitionError
            If it is not a scalar.
        """
        self.parts[check_scalar(self.own(node)).name] = exact(weight)
        return node

    def l2(self, factor: Weight, *weights: Node) -> Node:
        """Add the penalty ``factor/2 · Σ w²``."""
        return self._penalty(l2, factor, weights)

    def l1(self, factor: Weight, *weights: Node) -> Node:
        """Add the penalty ``factor · Σ |w|``."""
        return self._penalty(l1, factor, weights)

    def _penalty(self, kind: Callable[..., Node], factor: Weight, weights: tuple[Node, ...]) -> Node:
        if not weights:
            raise DefinitionError("a penalty needs weights, as in draft.l2('0.01', draft.nodes['W1'])")
        node = self.enter(kind(self._part("R"), Fraction(str(exact(factor))), map(self.own, weights)))
        self.parts[node.name] = sp.Integer(1)
        return node

    def _part(self, letter: str) -> str:
        """Return the name of the next loss or penalty: ``J2``, ``R1``."""
        return self.apart(f"{letter}{1 + sum(name.startswith(letter) for name in self.parts)}")

    def total(self, weights: Mapping[str, Weight]) -> None:
        """Set the weights of losses and penalties by name, as ``{"J1": 1, "J2": "1/2"}``."""
        for name, weight in weights.items():
            if name not in self.parts:
                raise unknown("loss", name, self.parts)
            self.parts[name] = exact(weight)


METHODS.update(dir(Draft))
