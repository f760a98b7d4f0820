"""What a claim about a network may speak of: its nodes, its deltas, its sizes, and other words for them.

People write X for the inputs, ŷ for the prediction or the target, δ₁ or δ^(l) for what is derived by a
pre-activation, m for the number of samples.  Where a word can mean two things, it is read both ways.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import sympy as sp

from symgrad.derive.views import View
from symgrad.model.activations import ELEMENTWISE
from symgrad.model.functions import Pointwise
from symgrad.model.graph import Graph, Node
from symgrad.model.labels import one_hot_forms
from symgrad.model.model import SAMPLE
from symgrad.model.vocabulary import Vocabulary
from symgrad.verify.formulas.setting import Beyond
from symgrad.verify.networks.posing import Posed, Slots
from symgrad.verify.networks.tables import Families, beyond, families, partial, steps_of, table, total

LOSSES = ("J", "L", "C", "E", "Loss", "Etotal", "Jtotal", "Ltotal", "loss")
LETTERS = "ijk"
HYPOTHESES = ("hθ", "hw", "hW", "fθ", "fw")


@dataclass(frozen=True)
class Speech:
    """The words of one network at one level."""

    view: View

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The pre-activations with their activations, in the order of the layers."""
        return tuple(_activations(self.view.model.graph))

    @cached_property
    def steps(self) -> tuple[tuple[str, str], ...]:
        """The single steps of the chain rule: what ∂o1/∂q1 may mean."""
        return tuple(steps_of(self.view.graph))

    @cached_property
    def totals(self) -> tuple[tuple[str, str], ...]:
        """The predictions with the parameters that they depend on through other nodes: ∂h/∂w."""
        if self.view.level == "neuron":
            return ()
        graph = self.view.graph
        found = (
            (out, p) for out in self._outputs() for p in self.view.parameters if p in graph.ancestors(out)
        )
        return tuple(pair for pair in found if pair not in self.steps)

    @cached_property
    def families(self) -> Families:
        """At the neuron level, the neurons that a letter with a subscript means, as in Σ_k o_k."""
        if self.view.level == "layer":
            return {}
        return families([node.name for node in self.view.graph.nodes])

    def vocabulary(self, wrt: str) -> Vocabulary:
        """Return what a claim about one gradient may speak of."""
        return replace(self._words, layers=self._layers(wrt))

    @cached_property
    def _words(self) -> Vocabulary:
        graph, loss = self.view.graph, self.view.graph.loss
        axes = {node.name: tuple(axis.letter for axis in node.axes) for node in graph.nodes}
        hot = one_hot_forms(graph)
        ranks = {name: len(own) for name, own in axes.items()}
        ranks |= {stem: len(next(iter(places))) for stem, places in self.families.items()}
        names = {size: 0 for size in self.view.model.size_names if size not in graph}
        names |= ranks | {f"∂{loss}/∂{name}": rank for name, rank in ranks.items() if name not in hot}
        names |= {
            f"∂{upper}/∂{lower}": ranks[upper] + ranks[lower] for upper, lower in (*self.steps, *self.totals)
        }
        letters = {letter for own in axes.values() for letter in own} | set(LETTERS)
        aliases = {word: known for word, known in self._aliases().items() if known}
        return Vocabulary(
            names,
            letters - set(names),
            aliases=aliases,
            axes={**axes, **{f"∂{loss}/∂{name}": own for name, own in axes.items()}},
            samples=frozenset([SAMPLE]) if self.view.model.samples else frozenset(),
            maps=dict.fromkeys(self._outputs(), self.view.model.inputs),
            hot=hot,
            sizes=self.view.model.size_names,
        )

    def table(self, posed: Posed) -> dict[str, Slots]:
        """Return the value of every name of the vocabulary but single steps of the chain rule."""
        found = table(posed, self.families)
        for labels in one_hot_forms(self.view.graph):
            found.pop(labels, None)
        return found

    def partial(self, posed: Posed, name: str) -> Slots:
        """Return the value of a single step of the chain rule, or of all steps from a prediction on."""
        upper, _, lower = name.removeprefix("∂").partition("/∂")
        return (total if (upper, lower) in self.totals else partial)(posed, upper, lower)

    def beyond(self, posed: Posed) -> Mapping[str, Beyond]:
        """Return what recurrences start with."""
        return {} if self.view.level == "neuron" else beyond(posed.view.model.graph, posed.values)

    @cached_property
    def _sizes_and_letters(self) -> frozenset[str]:
        own = {axis.letter for node in self.view.model.graph.nodes for axis in node.axes}
        return frozenset({*own, *self.view.model.size_names} if self.view.level == "layer" else ())

    def _layers(self, wrt: str) -> dict[str, int]:
        owner = wrt if self.view.level == "layer" else self.view.places[wrt][0]
        digits = owner[len(owner.rstrip("0123456789")) :]
        last = len(self.pairs)
        found = {"L": last, "l": int(digits) if digits else last} if last else {}
        return {letter: number for letter, number in found.items() if letter not in self._sizes_and_letters}

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
        yield from ((word, outputs) for word in HYPOTHESES)
        yield "θ", [name for name in ("w",) if name in self.view.graph]
        yield "A0", inputs
        yield "a0", inputs
        yield "Y", [*targets, *outputs]
        yield "y", [*targets, *outputs]
        yield "t", targets
        for hat in ("ŷ", "yhat", "y_hat"):
            yield hat, [*outputs, *targets]
        yield "p", outputs
        if self.view.level == "layer" and "a" not in self.view.graph:
            yield "a", [act for _, act in reversed(self.pairs)]
        for k, (pre, act) in enumerate(self.pairs, 1):
            yield from ((f"{letter}{k}", [pre]) for letter in ("z", "Z"))
            yield from ((f"{letter}{k}", [act]) for letter in ("a", "A"))
            yield f"δ{k}", [f"∂{pre}"]
            yield f"δ{act}", [f"∂{pre}", f"∂{act}"]
            yield from self._weights(k)
        yield "δ", [f"∂{pre}" for pre, _ in self.pairs] or [f"∂{name}" for name in outputs]

    def _weights(self, layer: int) -> Iterator[tuple[str, Sequence[str]]]:
        """Yield the small letter for the weights of a layer, where nothing else is called so."""
        if self.view.level == "layer" and f"W{layer}" in self.view.graph:
            yield f"w{layer}", [f"W{layer}"]

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
            stem = next((stem for stem, own in self.families.items() if [*own.values()] == entries), "")
            if stem and not alias[-1].isdigit() and alias not in self.view.graph:
                yield alias, (self._named(owner, stem),)

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
