"""How the nodes of a layered network are called, in the layer view and in the neuron view.

Authors number weights by source neuron, by target neuron or by layer, and use letters of their own.
All of that is a `Naming`: a letter for each role, and templates over ``{l}`` (layer), ``{i}`` (target
neuron), ``{j}`` (source neuron) and ``{k}`` (running number over the whole network).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from math import prod
from string import Formatter

from symgrad.errors import DefinitionError, unknown
from symgrad.model.graph import Node

FIELDS = ("l", "i", "j", "k")
NUMBERINGS = ("source", "target", "layered")
LETTERS: Mapping[str, str] = {
    "input": "x",
    "target": "t",
    "weight": "w",
    "bias": "b",
    "pre": "z",
    "activation": "a",
    "output_pre": "z",
    "output": "y",
    "loss": "J",
}


@dataclass(frozen=True)
class Naming:
    """The names of a layered network.

    Attributes
    ----------
    numbering
        ``source``: w1, w2, w3 leave x1; ``target``: w1, w2 enter the first neuron; ``layered``: w1_2_3
        goes from neuron 3 to neuron 2 of layer 1.
    letters
        Letters for some roles, in place of the usual ones: input, target, weight, bias, pre,
        activation, output_pre, output, loss.
    templates
        Templates for the neuron view of some roles, ``{"weight": "w{i}{j}"}``.

    Raises
    ------
    UnknownNameError, DefinitionError
        If the numbering, a role or a field of a template does not exist.
    """

    numbering: str = "layered"
    letters: Mapping[str, str] = field(default_factory=dict[str, str])
    templates: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        if self.numbering not in NUMBERINGS:
            raise unknown("numbering", self.numbering, NUMBERINGS)
        for role in (*self.letters, *self.templates):
            if role not in LETTERS:
                raise unknown("role of a name", role, LETTERS)
        for template in self.templates.values():
            _check_template(template)

    def letter(self, role: str) -> str:
        """Return the letter of a role."""
        return self.letters.get(role, LETTERS[role])

    def layer(self, role: str, number: int) -> str:
        """Return the name in the layer view: ``z1``, ``W2``; ``q`` where outputs have their own letters."""
        own = role in ("output_pre", "output") and role in self.letters
        bare = own or role in ("input", "target", "loss", "output")
        letter = self.letter(role).upper() if role == "weight" else self.letter(role)
        return letter if bare else f"{letter}{number}"

    def template(self, role: str) -> str:
        """Return the template of the neuron view."""
        if role in self.templates:
            return self.templates[role]
        letter = self.letter(role)
        if self.numbering != "layered" or role in ("input", "target", "output"):
            return letter + "{k}"
        return letter + ("{l}_{i}_{j}" if role == "weight" else "{l}_{i}")


def _check_template(template: str) -> None:
    """Allow plain fields only: a format or a conversion could make a name of any length."""
    try:
        parts = [part for part in Formatter().parse(template) if part[1] is not None]
    except ValueError as error:
        raise DefinitionError(f"the template {template!r} cannot be read: {error}") from None
    for _, name, form, conversion in parts:
        if name not in FIELDS or form or conversion:
            raise DefinitionError(
                f"the template {template!r} uses {{{name}}}; known are {{l}}, {{i}}, {{j}}, {{k}}, plain"
            )


@dataclass(frozen=True)
class Entry:
    """How the entries of one node are named in the neuron view.

    Attributes
    ----------
    template
        Over ``{l}``, ``{i}``, ``{j}``, ``{k}``.
    layer
        The number of the layer.
    before
        The nodes of the same role in earlier layers; ``{k}`` goes on after their entries.
    by_source
        Whether ``{k}`` runs over the target neurons of one source first.
    """

    template: str
    layer: int = 0
    before: tuple[str, ...] = ()
    by_source: bool = False

    def name(self, at: tuple[int, ...], shape: tuple[int, ...], offset: int) -> str:
        """Return the name of the entry at those subscripts (from 0) of an array of that shape."""
        order = (at[::-1], shape[::-1]) if self.by_source else (at, shape)
        i, j = (*(k + 1 for k in at), 0, 0)[:2]
        return self.template.format(l=self.layer, i=i, j=j, k=offset + _rank(*order) + 1)


def _rank(at: tuple[int, ...], shape: tuple[int, ...]) -> int:
    strides = [*accumulate(reversed(shape[1:]), lambda a, b: a * b, initial=1)][::-1]
    return sum(k * stride for k, stride in zip(at, strides, strict=True)) if at else 0


def _plain(name: str, at: tuple[int, ...]) -> str:
    """Number one subscript directly, ``x2``, unless the name ends in a digit; several by underscores."""
    direct = len(at) == 1 and not name[-1].isdigit()
    return f"{name}{at[0] + 1}" if direct else "_".join([name, *(str(k + 1) for k in at)])


@dataclass(frozen=True)
class NeuronNames:
    """Names the entries of nodes.

    Attributes
    ----------
    shapes
        The shape of every node, the sample axis included.
    samples
        For every node with a sample axis, the place of that axis.
    alone
        Whether there is one sample; then names do without it, else its number stands last: ``z1_2_4``.
    """

    entries: Mapping[str, Entry]
    shapes: Mapping[str, tuple[int, ...]]
    samples: Mapping[str, int] = field(default_factory=dict[str, int])
    alone: bool = True

    def __call__(self, node: Node, at: tuple[int, ...]) -> str:
        """Return the name of one entry of a node."""
        place, inner = self.samples.get(node.name), self._inner(node.name, at)
        name = self._within_sample(node, inner)
        if place is None or self.alone:
            return name
        return f"{name}_{at[place] + 1}" if inner or node.name in self.entries else _plain(name, at)

    def _within_sample(self, node: Node, at: tuple[int, ...]) -> str:
        entry = self.entries.get(node.name)
        if entry is None:
            return _plain(node.name, at)
        offset = sum(prod(self._inner(name, self.shapes[name])) for name in entry.before)
        return entry.name(at, self._inner(node.name, self.shapes[node.name]), offset)

    def _inner(self, name: str, per_axis: tuple[int, ...]) -> tuple[int, ...]:
        place = self.samples.get(name, len(per_axis))
        return per_axis[:place] + per_axis[place + 1 :]
