"""What the steps of a walk look at: the figures, the view, the node derived by, names as numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from symgrad.derive.formulas import Formula
from symgrad.derive.paths import count, links
from symgrad.derive.values import Array, Figures, link_value, nested
from symgrad.derive.views import View
from symgrad.exact.decimals import Real
from symgrad.model.graph import Node
from symgrad.notation.layout import Delta, Layout, Name, Partial
from symgrad.notation.roles import Roles
from symgrad.show.digits import number_layout

PATHS = 100


@dataclass(frozen=True)
class Scene:
    """One walk before it is written down.

    Attributes
    ----------
    found
        The values and deltas, of the neuron view.
    view
        The view that is shown.
    wrt
        The node derived by, at that view.
    rate
        The step size.
    limit
        Up to how many paths are shown.
    """

    found: Figures
    view: View
    wrt: str
    rate: Fraction
    limit: int

    @property
    def neuron(self) -> bool:
        """Whether every node is a number of its own."""
        return self.view.level == "neuron"

    @property
    def loss(self) -> str:
        """The name of the loss."""
        return self.found.model.loss

    @cached_property
    def shows_paths(self) -> bool:
        """Whether there are paths of numbers, and few enough."""
        few = self.neuron and 0 < count(self.view.graph, self.wrt, self.loss) <= self.limit
        return few and self.wrt != self.loss

    @cached_property
    def roles(self) -> Roles:
        """The roles of the names at this view."""
        return Roles.of(self.view.graph)

    @cached_property
    def recursion(self) -> Formula:
        """The δ recursion down to the node."""
        return self.view.recursion_formula(self.wrt)

    def value(self, name: str) -> Array:
        """Return the value of a node of this view."""
        return self.found.values[name] if self.neuron else self.found.array(name)

    def delta(self, name: str) -> Array:
        """Return the delta of a node of this view."""
        return self.found.gradient(name) if self.neuron else self.found.array(name, delta=True)

    def node(self, name: str) -> Node:
        """Return a node of this view."""
        return self.view.graph[name]

    def trained(self, new: Mapping[str, Real]) -> list[str]:
        """Return the trained parameters of this view, in the order in which people count them."""
        owners = {self.found.view.places[name][0] for name in new}
        return [name for name in self.view.parameters if name in (new if self.neuron else owners)]

    def arranged(self, name: str, new: Mapping[str, Real]) -> Array:
        """Return new values of the neuron view as those of a node of this view."""
        if self.neuron:
            return new[name]
        places = self.found.view.places
        table = {places[entry][1]: value for entry, value in new.items() if places[entry][0] == name}
        return nested(table, tuple(self.found.model.neuron_names(self.found.view.sizes).shapes[name]))

    @cached_property
    def numbers(self) -> Mapping[Layout, Layout]:
        """Numbers for the values and deltas of the neuron view; none at the layer view."""
        if not self.neuron:
            return {}
        values: dict[Layout, Layout] = {Name(n): number_layout(v) for n, v in self.found.values.items()}
        for name, value in self.found.deltas.items():
            values[Delta(Name(name))] = values[Partial(Name(self.loss), Name(name))] = number_layout(value)
        return {**values, Name("η"): number_layout(self.found.algebra.number(self.rate))}

    @cached_property
    def factors(self) -> Mapping[tuple[str, str], Real]:
        """The values of the links on the paths, child and parent, in the order of the paths."""
        table = links(self.view.graph, self.wrt)
        reaching = self._reaching()
        chosen: dict[tuple[str, str], Real] = {}
        waiting = [self.loss]
        while waiting:
            here = waiting.pop(0)
            for link in table[here] if here != self.wrt else ():
                if link.parent in reaching and (here, link.parent) not in chosen:
                    chosen[here, link.parent] = link_value(self.found, link)
                    waiting.append(link.parent)
        return chosen

    def _reaching(self) -> set[str]:
        """Return the nodes that depend on the node derived by."""
        found = {self.wrt}
        for node in self.view.graph.nodes:
            if any(edge.parent in found for edge in self.view.graph.in_edges[node.name]):
                found.add(node.name)
        return found

    @cached_property
    def factor_numbers(self) -> Mapping[Layout, Layout]:
        """Numbers for the derivatives along the paths."""
        return {Partial(Name(c), Name(p)): number_layout(v) for (c, p), v in self.factors.items()}
