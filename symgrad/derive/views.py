"""The two views of a model: the layer view, and the neuron view with its own names."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from symgrad.derive.deltas import Backward, deltas
from symgrad.derive.formulas import Formula
from symgrad.derive.kept import kept
from symgrad.derive.rewrite import Rewritten, simplify
from symgrad.derive.styles import chain, closed, delta_lines, local
from symgrad.errors import DefinitionError, unknown
from symgrad.model.graph import Graph, Node
from symgrad.model.instances import entries, instantiate
from symgrad.model.model import Model

LEVELS = ("neuron", "layer")
STYLES = ("chain", "local", "closed", "delta")


@dataclass(frozen=True)
class View:
    """A model seen at one level.

    Attributes
    ----------
    level
        ``neuron`` or ``layer``.
    """

    model: Model
    level: str

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise unknown("level", self.level, LEVELS)

    @cached_property
    def graph(self) -> Graph:
        """The graph at this level."""
        return self.model.neurons() if self.level == "neuron" else self.model.graph

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters at this level, in the order in which people count them."""
        return tuple(sorted((node.name for node in self.graph.parameters), key=self._counted))

    @cached_property
    def sizes(self) -> Mapping[str, int]:
        """The number of every size in the neuron view."""
        return self.model.numbers(samples=self.model.sample_count)

    @cached_property
    def places(self) -> Mapping[str, tuple[str, tuple[int, ...]]]:
        """For every entry of the neuron view, its node in the layer view and its subscripts."""
        names = self.model.neuron_names(self.sizes)
        found = (
            (names(node, at), (node.name, at)) for node in self.model.graph.nodes for at in self._at(node)
        )
        return dict(found)

    def check(self, name: str) -> str:
        """Return the name if it is a node at this level.

        Raises
        ------
        UnknownNameError
            If it is none; the message names the nearest ones, or the level at which it is one.
        """
        if name in self.graph:
            if self.graph[name].is_leaf and self.graph[name].targets == "labels":
                raise DefinitionError(f"{name} holds integer labels; there is no derivative by it")
            return name
        other = self.model.graph if self.level == "neuron" else None
        if other is not None and name in other:
            error = unknown("node", name, self.graph.by_name)
            raise type(error)(f"{error}; {name} is a node of the layer view: --level layer")
        raise unknown("node", name, self.graph.by_name)

    def formula(self, wrt: str, style: str, *, limit: int) -> Formula:
        """Return the gradient with respect to a node in one of the four styles of formulas.

        Raises
        ------
        UnknownNameError
            If there is no such node or no such style.
        """
        self.check(wrt)
        if style == "delta":
            return self.recursion_formula(wrt)
        over_paths = {"chain": chain, "local": local, "closed": closed}
        if style not in over_paths:
            raise unknown("style", style, STYLES)
        return over_paths[style](self.graph, wrt, self.model.loss, limit=limit)

    def recursion_formula(self, wrt: str) -> Formula:
        """Return the δ recursion of a node; in the neuron view it is the layer view's, entry by entry."""
        rewritten = self.recursion(wrt)
        assumptions = rewritten.assumptions if self.level == "layer" else self._ones(rewritten.ones)
        return delta_lines(rewritten, wrt, assumptions)

    def recursion(self, wrt: str) -> Rewritten:
        """Return the simplified backward graph of a node at this level."""
        owner = wrt if self.level == "layer" else self.places[wrt][0]
        rewritten = simplify(deltas(self.model.graph, [owner], self.model.loss), [owner])
        return rewritten if self.level == "layer" else self._entry(rewritten, wrt)

    def _entry(self, rewritten: Rewritten, wrt: str) -> Rewritten:
        owner, loss = self.places[wrt][0], self.model.loss
        whole = kept(self, ("entries", owner), lambda: self._entries(rewritten.backward.graph))
        made = kept(whole, ("deltas of", loss), lambda: _deltas_of(whole, loss))
        read = whole.ancestors(self._prefix + wrt, loss)
        wanted = read | whole.ancestors(*(made[name] for name in read & made.keys()))
        delta = {of: name for name, of in made.items() if name in wanted}
        return Rewritten(Backward(whole, loss, delta), rewritten.ones)

    @property
    def _prefix(self) -> str:
        return "d" if self.model.graph.is_forward else f"d{self.model.loss}_d"

    def _entries(self, layer: Graph) -> Graph:
        """Write out a backward graph of the layer view under the names of this one."""
        names, prefix = self.model.neuron_names(self.sizes), self._prefix

        def name_of(node: Node, at: tuple[int, ...]) -> str:
            if node.adjoint is None or node.name in self.model.graph:
                return names(node, at)
            return prefix + names(layer[node.adjoint.of], at)

        alike = {name for name, node in self.model.graph.by_name.items() if layer.by_name.get(name) == node}
        done = (self.graph[names(layer[name], at)] for name in alike for at in self._at(layer[name]))
        return instantiate(layer, self.sizes, name_of, done)

    def _ones(self, ones: tuple[str, ...]) -> tuple[str, ...]:
        groups: dict[tuple[str, tuple[int, ...]], list[str]] = {}
        for entry, (owner, at) in self.places.items():
            if owner in ones:
                groups.setdefault((owner, at[:-1]), []).append(entry)
        return tuple(f"{' + '.join(group)} = 1" for group in groups.values())

    def _at(self, node: Node) -> list[tuple[int, ...]]:
        table = self.model.neuron_names(self.sizes).shapes[node.name]
        return list(entries(table))

    def _counted(self, name: str) -> tuple[int, int]:
        """Sort by letter in the order of the graph, then by number: w1 … w18, b1 … b4."""
        if self.level == "layer":
            return list(self.graph.by_name).index(name), 0
        letter = _letter(name)
        return self._letters.index(letter), int(name[len(letter) :] or 0)

    @cached_property
    def _letters(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_letter(node.name) for node in self.graph.parameters))


def _deltas_of(graph: Graph, loss: str) -> Mapping[str, str]:
    """Return the deltas of a loss by name, each with the entry that it is the delta of."""
    own = ((node.name, node.adjoint) for node in graph.nodes if node.adjoint is not None)
    return {name: adjoint.of for name, adjoint in own if adjoint.loss == loss}


def _letter(name: str) -> str:
    return name.rstrip("0123456789")
