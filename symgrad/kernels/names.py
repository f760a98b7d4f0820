"""Names that already mean something in the text of a kernel make way: ``order`` becomes ``order_``.

Which names those are is read off the text itself: the network is lowered with a code in place of every name,
so that what is left is the emitter's own, and ``Ω000003Ω_now`` shows what it is made of.  Where two different
words of a function would read the same, the network's word makes way.  Only the text changes; what the
module says of its parameters and sizes keeps the network's names.
"""

import keyword
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.kernels.extra import Extra, OfMoments
from symgrad.kernels.pieces import SAMPLE
from symgrad.kernels.spec import KernelSpec
from symgrad.model.expressions import Ref, index, size
from symgrad.model.graph import Axis, Graph, Node, Term
from symgrad.model.names import LONGEST

CODE = re.compile("Ω[0-9]{6}Ω")
IDENTIFIER = re.compile(r"(?<![\w.])[^\W\d]\w*")
KINDS = ("node", "letter", "size")
"""What has a name, in the order in which it makes way."""
ROUNDS = 100

Describe = Callable[[Node], str]

Word = tuple[str, str]
"""A kind and a name."""


@dataclass(frozen=True)
class Renaming:
    """New names for nodes, for the letters of indices, and for symbolic sizes."""

    node: Mapping[str, str] = field(default_factory=dict[str, str])
    letter: Mapping[str, str] = field(default_factory=dict[str, str])
    size: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def of(cls, words: Mapping[Word, str]) -> "Renaming":
        """Return the renaming of some words."""
        return cls(*({name: new for (kind, name), new in words.items() if kind == own} for own in KINDS))

    def spec(self, spec: KernelSpec) -> KernelSpec:
        """Return a spec with its words renamed."""
        graph = self._graph(spec.graph)
        return replace(
            spec,
            graph=graph,
            inputs=self._names(spec.inputs),
            targets=self._names(spec.targets),
            outputs=self._names(spec.outputs),
            loss=self._name(spec.loss),
            delta={self._name(p): self._name(d) for p, d in spec.delta.items()},
            trained=None if spec.trained is None else self._names(spec.trained),
            samples=self.size.get(spec.samples, spec.samples),
            sizes={self.size.get(name, name): number for name, number in spec.sizes.items()},
            schedule={self._name(name): choice for name, choice in spec.schedule.items()},
            describe=self._describe(spec.describe, spec.graph, graph),
            extra=tuple(map(self._extra, spec.extra)),
            moments=spec.moments and self._moments(spec.moments),
            shown={new: spec.name_of(old) for old, new in self.node.items()} | _kept(spec.shown, self.node),
            shown_sizes={new: spec.shown_sizes.get(old, old) for old, new in self.size.items()}
            | _kept(spec.shown_sizes, self.size),
        )

    def _describe(self, write: Describe | None, graph: Graph, renamed: Graph) -> Describe | None:
        """Let formulas be written with the names that the nodes had before."""
        known, before = dict(zip(renamed.nodes, graph.nodes, strict=True)), self.inverse
        return None if write is None else lambda node: write(known.get(node) or before._node(node))

    @property
    def inverse(self) -> "Renaming":
        """The renaming back."""
        tables = (self.node, self.letter, self.size)
        return Renaming(*({new: old for old, new in table.items()} for table in tables))

    def _extra(self, extra: Extra) -> Extra:
        graph = self._graph(extra.graph)
        return replace(
            extra,
            arguments=self._names(extra.arguments),
            results=self._names(extra.results),
            directions=self._names(extra.directions),
            graph=graph,
            describe=self._describe(extra.describe, extra.graph, graph),
        )

    def _moments(self, of: OfMoments) -> OfMoments:
        references = tuple((self._name(p), self._name(v), self._name(g)) for p, v, g in of.references)
        return replace(of, sums=self._names(of.sums), references=references, loss_ref=self._name(of.loss_ref))

    def _name(self, name: str) -> str:
        return self.node.get(name, name)

    def _names(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(self._name, names))

    def _graph(self, graph: Graph) -> Graph:
        return Graph.of_legal(map(self._node, graph.nodes), graph.loss and self._name(graph.loss))

    def _node(self, old: Node) -> Node:
        terms = tuple(map(self._term, old.terms))
        return replace(old, name=self._name(old.name), axes=self._axes(old.axes), terms=terms)

    def _term(self, old: Term) -> Term:
        body = old.body.xreplace({**self._symbols, **{ref: self._ref(ref) for ref in old.accesses}})
        return Term(self._subscripts(old.write), self._axes(old.bound), body)

    def _ref(self, old: Ref) -> Ref:
        return Ref(self._name(old.name), self._subscripts(old.index))

    def _subscripts(self, old: tuple[sp.Expr, ...]) -> tuple[sp.Expr, ...]:
        return tuple(subscript.xreplace(self._symbols) for subscript in old)

    def _axes(self, axes: tuple[Axis, ...]) -> tuple[Axis, ...]:
        return tuple(map(self._axis, axes))

    def _axis(self, old: Axis) -> Axis:
        return Axis(self.letter.get(old.letter, old.letter), old.size.xreplace(self._sizes))

    @cached_property
    def _sizes(self) -> Mapping[sp.Expr, sp.Expr]:
        return {size(old): size(new) for old, new in self.size.items()}

    @cached_property
    def _symbols(self) -> Mapping[sp.Expr, sp.Expr]:
        letters = {index(old): index(new) for old, new in self.letter.items()}
        return {**letters, **self._sizes}


def _kept(shown: Mapping[str, str], changed: Mapping[str, str]) -> dict[str, str]:
    return {new: old for new, old in shown.items() if new not in changed}


@dataclass(frozen=True)
class Codes:
    """A network that is written in codes.

    Attributes
    ----------
    spec
        The network under its own names.
    words
        For every code, what it stands for, in an order that keeps the names sorted.
    """

    spec: KernelSpec
    words: Mapping[str, Word]

    @classmethod
    def of(cls, spec: KernelSpec) -> "Codes":
        """Give everything that the network names a code."""
        return cls(spec, {f"Ω{k:06}Ω": word for k, word in enumerate(_words(spec))})

    @property
    def coded(self) -> KernelSpec:
        """The network with codes for names."""
        return Renaming.of({word: code for code, word in self.words.items()}).spec(self.spec)

    def readable(self, names: Mapping[str, str]) -> KernelSpec:
        """Return the network with names for codes; those that are its own stay."""
        changed = {word: names[code] for code, word in self.words.items() if names[code] != word[1]}
        return Renaming.of(changed).spec(self.spec) if changed else self.spec

    def read(self, text: str) -> str:
        """Return a text with the network's own names for codes."""
        return decoded(text, {code: name for code, (_, name) in self.words.items()})

    def names(self, texts: Iterable[str]) -> dict[str, str]:
        """Return a name for every code, none of which a function in codes needs for something else.

        Parameters
        ----------
        texts
            The functions: arguments and statements, without remarks.

        Raises
        ------
        DefinitionError
            If no names can be found.
        """
        functions = [{*IDENTIFIER.findall(text)} - {*keyword.kwlist} for text in texts]
        names = {code: name for code, (_, name) in self.words.items()}
        for _ in range(ROUNDS):
            found = [_decoded(group, names) for group in functions]
            clashing = {self._maker(identifiers, names) for identifiers in _clashes(found)}
            if not clashing:
                return names
            taken = {*names.values(), *(reading for group in found for reading in group)}
            names |= {code: _free(names[code], taken) for code in sorted(clashing)}
        raise DefinitionError(
            f"the names of {self.spec.name} cannot be told apart from the words of a kernel"
        )

    def _maker(self, identifiers: list[str], names: Mapping[str, str]) -> str:
        """Return the code that makes way: one that is an identifier as it stands, a node before a size."""
        codes = [i for i in identifiers if CODE.fullmatch(i)] or CODE.findall(" ".join(identifiers))
        return min(codes, key=lambda code: (KINDS.index(self.words[code][0]), names[code]))


def _words(spec: KernelSpec) -> list[Word]:
    """Return everything that the network names, in an order that keeps the names sorted."""
    nodes = [node for graph in (spec.graph, *(e.graph for e in spec.extra)) for node in graph.nodes]
    terms = [t for node in nodes for t in node.terms]
    axes = [a for node in nodes for a in node.axes] + [a for t in terms for a in t.bound]
    symbols = {s for axis in axes for s in axis.size.free_symbols}
    symbols |= {s for t in terms for s in t.body.free_symbols if s.is_positive}
    found = {("node", node.name) for node in nodes}
    found |= {("size", name) for name in {*map(str, symbols), *spec.sizes, spec.samples}}
    found |= {("letter", axis.letter) for axis in axes if axis.letter != SAMPLE}
    return sorted(found, key=lambda word: (word[1], word[0]))


def decoded(text: str, names: Mapping[str, str]) -> str:
    """Return a text with names for codes."""
    return CODE.sub(lambda found: names[found.group()], text) if "Ω" in text else text


def _decoded(identifiers: Iterable[str], names: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the identifiers of a function by how they read."""
    readings: dict[str, list[str]] = defaultdict(list)
    for identifier in sorted(identifiers):
        readings[decoded(identifier, names)].append(identifier)
    return readings


def _clashes(found: Iterable[Mapping[str, list[str]]]) -> Iterator[list[str]]:
    """Yield different identifiers that read the same, or as a word of Python."""
    for group in found:
        for reading, identifiers in group.items():
            if len(identifiers) > 1 or keyword.iskeyword(reading):
                yield identifiers


def _free(name: str, taken: set[str]) -> str:
    """Return a new name, and take it."""
    candidate = f"{name[: LONGEST - 1]}_"
    for k in range(1, len(taken) + 2):
        if candidate not in taken:
            break
        candidate = f"{name[: LONGEST - 8]}_{k}_"
    taken.add(candidate)
    return candidate
