"""What a claim about a network may speak of: its nodes, its deltas, its sizes, and other words for them.

People write X for the inputs, ŷ for the prediction or the target, δ₁ or δ^(l) for what is derived by a
pre-activation, m for the number of samples.  Where a word can mean two things, it is read both ways.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import mul

import sympy as sp

from symgrad.derive.paths import Link, links
from symgrad.derive.views import View
from symgrad.errors import LimitError
from symgrad.exact.translate import translate
from symgrad.model.activations import ELEMENTWISE
from symgrad.model.expressions import Ref
from symgrad.model.functions import Pointwise
from symgrad.model.graph import Graph, Node
from symgrad.model.vocabulary import Vocabulary
from symgrad.verify.networks.posing import Posed, Slots, scalar

LOSSES = ("J", "L", "C", "E", "Loss")
MOST_LINKS = 400


@dataclass(frozen=True)
class Speech:
    """The words of one network at one level."""

    view: View

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The pre-activations with their activations, in the order of the layers."""
        return tuple(_activations(self.view.model.graph))

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """The single steps of the chain rule at the neuron level: what ∂o1/∂q1 may mean."""
        if self.view.level != "neuron":
            return ()
        try:
            found = tuple(link for group in links(self.view.graph).values() for link in group)
        except LimitError:
            return ()
        return found if len(found) <= MOST_LINKS else ()

    def vocabulary(self, wrt: str) -> Vocabulary:
        """Return what a claim about one gradient may speak of."""
        graph = self.view.graph
        names = {size: 0 for size in self.view.model.size_names if size not in graph}
        nodes = [node for node in graph.nodes if not (node.is_leaf and node.targets == "labels")]
        names |= {node.name: len(node.axes) for node in nodes}
        names |= {f"∂{graph.loss}/∂{node.name}": len(node.axes) for node in nodes}
        names |= {f"∂{link.child}/∂{link.parent}": 0 for link in self.links}
        letters = {axis.letter for node in graph.nodes for axis in node.axes}
        aliases = {word: known for word, known in self._aliases().items() if known}
        return Vocabulary(names, letters - set(names), aliases=aliases, layers=self._layers(wrt))

    def table(self, posed: Posed) -> dict[str, Slots]:
        """Return the value of every name of the vocabulary."""
        loss, own = posed.view.graph.loss, posed.table
        sizes = {name: scalar(posed.tape.number(number)) for name, number in posed.sizes.items()}
        deltas = {f"∂{loss}/∂{name}": posed.delta(name) for name in own}
        return {**sizes, **own, **deltas, **dict(self._partials(posed, own))}

    def _partials(self, posed: Posed, own: Mapping[str, Slots]) -> Iterator[tuple[str, Slots]]:
        memo = {Ref(name): array.item() for name, array in own.items()} if self.links else {}
        for link in self.links:
            if link.child != posed.view.graph.loss:
                routes = (
                    reduce(mul, (translate(edge.partial, posed.tape, memo) for edge in route))
                    for route in link.routes
                )
                yield f"∂{link.child}/∂{link.parent}", scalar(posed.tape.total(routes))

    def _layers(self, wrt: str) -> dict[str, int]:
        owner = wrt if self.view.level == "layer" else self.view.places[wrt][0]
        digits = owner[len(owner.rstrip("0123456789")) :]
        last = len(self.pairs)
        return {"L": last, "l": int(digits) if digits else last} if last else {}

    def _aliases(self) -> dict[str, tuple[str, ...]]:
        model, graph = self.view.model, self.view.graph
        loss = graph.loss or ""
        found = {word: (loss,) for word in LOSSES if word not in graph}
        found |= {word: (model.samples or "",) for word in ("m", "n") if word not in graph and model.samples}
        found |= self._functions()
        for alias, owners in self._roles():
            for word, names in self._spelled(alias, owners):
                found[word] = tuple(dict.fromkeys((*found.get(word, ()), *names)))
        return found

    def _functions(self) -> dict[str, tuple[str, ...]]:
        """Return σ, g and f: the activations of the hidden layers and of the outputs."""
        graph = self.view.model.graph
        used = [_function(graph[name]) for _, name in self.pairs]
        known = [name for name in used if name in ELEMENTWISE]
        if not known:
            return {}
        sigma = "sigmoid" if "sigmoid" in known else known[0]
        return {"σ": (sigma,), "g": (known[0],), "f": (known[-1],), "φ": (known[0],), "act": (known[0],)}

    def _roles(self) -> Iterator[tuple[str, Sequence[str]]]:
        """Yield other words for nodes of the layer view, with the nodes that they may mean."""
        model = self.view.model
        outputs, targets = self._outputs(), [self._entries_of_target(name) for name in model.targets]
        inputs = list(model.inputs)
        yield "X", inputs
        yield "A0", inputs
        yield "a0", inputs
        yield "Y", [*targets, *outputs]
        yield "y", [*targets, *outputs]
        yield "t", targets
        for hat in ("ŷ", "yhat", "y_hat"):
            yield hat, [*outputs, *targets]
        yield "p", outputs
        for k, (pre, act) in enumerate(self.pairs, 1):
            yield from ((f"{letter}{k}", [pre]) for letter in ("z", "Z"))
            yield from ((f"{letter}{k}", [act]) for letter in ("a", "A"))
            yield f"δ{k}", [f"∂{pre}"]
            yield f"δ{act}", [f"∂{pre}", f"∂{act}"]
        yield "δ", [f"∂{pre}" for pre, _ in self.pairs]

    def _outputs(self) -> list[str]:
        return [name for name in self.view.model.outputs if name in self.view.model.graph]

    def _entries_of_target(self, name: str) -> str:
        """Return a target, or the one-hot form of its labels."""
        graph = self.view.model.graph
        hot = (node.name for node in graph.nodes if node.targets == "labels" and not node.is_leaf)
        return next(hot, name) if graph[name].targets == "labels" else name

    def _spelled(self, alias: str, owners: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield an alias with what it stands for: at the neuron level once for each entry, by number."""
        if self.view.level == "layer":
            yield alias, tuple(self._named(owner, owner.removeprefix("∂")) for owner in owners)
            return
        own = {owner: self._numbered(owner.removeprefix("∂")) for owner in owners}
        for owner, entries in own.items():
            for number, entry in enumerate(entries, 1):
                numbered = alias if len(entries) == 1 and alias[-1:] != "δ" else f"{alias}{number}"
                yield numbered, (self._named(owner, entry),)

    def _named(self, owner: str, entry: str) -> str:
        return f"∂{self.view.graph.loss}/∂{entry}" if owner.startswith("∂") else entry

    def _numbered(self, owner: str) -> list[str]:
        return [entry for entry, (name, _) in self.view.places.items() if name == owner]


def _activations(graph: Graph) -> Iterator[tuple[str, str]]:
    """Yield what goes into an activation and what comes out, through auxiliaries."""
    for node in graph.nodes:
        if not node.auxiliary and not node.is_leaf and (node.function or _pointwise(node)):
            above = graph.ancestors(node.name)
            parents = [e.parent for e in graph.in_edges[node.name] if not graph[e.parent].auxiliary]
            inner = [e.parent for n in above if graph[n].auxiliary for e in graph.in_edges[n]]
            own = [n for n in (*parents, *inner) if not graph[n].auxiliary and graph[n].shape == node.shape]
            if own:
                yield max(own, key=list(graph.by_name).index), node.name


def _pointwise(node: Node) -> bool:
    return len(node.terms) == 1 and isinstance(node.terms[0].body, Pointwise)


def _function(node: Node) -> str:
    body = node.terms[0].body if node.terms else sp.Integer(0)
    return type(body).row.name if isinstance(body, Pointwise) else node.function or ""
