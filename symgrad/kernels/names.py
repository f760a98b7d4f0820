"""Names that already mean something in the text of a kernel make way: ``order`` becomes ``order_``.

Which names those are is read off the text itself: it is written once with a code in place of every name
of the network, so that what is left is the emitter's own, and ``Ω0003Ω_now`` shows what it is made of.
Where two different words of a function would read the same, the network's word makes way.  Only the text
changes; what the module says of its parameters and sizes keeps the network's names.
"""

import ast
import keyword
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from symgrad.errors import DefinitionError
from symgrad.kernels.extra import Extra
from symgrad.kernels.pieces import SAMPLE
from symgrad.kernels.spec import KernelSpec
from symgrad.model.expressions import Ref, index, map_refs, reindex, size
from symgrad.model.graph import Axis, Graph, Node, Term
from symgrad.model.names import LONGEST

CODE = re.compile("Ω[0-9]{4}Ω")
ROUNDS = 100

Describe = Callable[[Node], str]

Word = tuple[str, str]
"""A kind, ``node``, ``letter`` or ``size`` (the order in which they make way), and a name."""


@dataclass(frozen=True)
class Renaming:
    """New names for nodes, for the letters of indices, and for symbolic sizes."""

    node: Mapping[str, str] = field(default_factory=dict[str, str])
    letter: Mapping[str, str] = field(default_factory=dict[str, str])
    size: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def of(cls, words: Mapping[Word, str]) -> "Renaming":
        """Return the renaming of some words."""
        kinds = ("node", "letter", "size")
        return cls(*({name: new for (kind, name), new in words.items() if kind == own} for own in kinds))

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
            describe=self._describe(spec.describe, spec.graph),
            extra=tuple(map(self._extra, spec.extra)),
            shown={new: spec.name_of(old) for old, new in self.node.items()} | _kept(spec.shown, self.node),
            shown_sizes={new: spec.shown_sizes.get(old, old) for old, new in self.size.items()}
            | _kept(spec.shown_sizes, self.size),
        )

    def _describe(self, write: Describe | None, graph: Graph) -> Describe | None:
        """Let formulas be written with the names that the nodes had before."""
        originals = {self._name(node.name): node for node in graph.nodes}
        return None if write is None else lambda node: write(originals[node.name])

    def _extra(self, extra: Extra) -> Extra:
        return replace(
            extra,
            arguments=self._names(extra.arguments),
            results=self._names(extra.results),
            directions=self._names(extra.directions),
            graph=self._graph(extra.graph),
            describe=self._describe(extra.describe, extra.graph),
        )

    def _name(self, name: str) -> str:
        return self.node.get(name, name)

    def _names(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(self._name, names))

    def _graph(self, graph: Graph) -> Graph:
        return Graph(tuple(map(self._node, graph.nodes)), graph.loss and self._name(graph.loss))

    def _node(self, old: Node) -> Node:
        terms = tuple(map(self._term, old.terms))
        return replace(old, name=self._name(old.name), axes=self._axes(old.axes), terms=terms)

    def _term(self, old: Term) -> Term:
        symbols = {index(a): index(b) for a, b in self.letter.items()}
        symbols |= {size(a): size(b) for a, b in self.size.items()}
        body = map_refs(reindex(old.body, symbols), lambda r: Ref(self._name(r.name), r.index))
        return Term(tuple(w.xreplace(symbols) for w in old.write), self._axes(old.bound), body)

    def _axes(self, axes: tuple[Axis, ...]) -> tuple[Axis, ...]:
        symbols = {size(a): size(b) for a, b in self.size.items()}
        return tuple(Axis(self.letter.get(a.letter, a.letter), a.size.xreplace(symbols)) for a in axes)


def _kept(shown: Mapping[str, str], changed: Mapping[str, str]) -> dict[str, str]:
    return {new: old for new, old in shown.items() if new not in changed}


def with_free_names(spec: KernelSpec, write: Callable[[KernelSpec], str]) -> KernelSpec:
    """Return the spec with everything renamed whose name a kernel needs for something else.

    Parameters
    ----------
    write
        Writes the text of a kernel.

    Raises
    ------
    DefinitionError
        If no names can be found.
    """
    for _ in range(ROUNDS):
        words = _words(spec)
        coded = {f"Ω{k:04}Ω": word for k, word in enumerate(words)}
        text = write(Renaming.of({word: code for code, word in coded.items()}).spec(spec))
        found = [_decoded(group, coded) for group in _identifiers(text)]
        clashing = set(_clashes(found, coded))
        if not clashing:
            return spec
        taken = {name for _, name in words} | {reading for group in found for reading in group}
        spec = Renaming.of({word: _free(word[1], taken) for word in sorted(clashing)}).spec(spec)
    raise DefinitionError(f"the names of {spec.name} cannot be told apart from the words of a kernel")


def _words(spec: KernelSpec) -> list[Word]:
    """Return everything that the network names, in an order that keeps the names sorted."""
    nodes = [node for graph in (spec.graph, *(e.graph for e in spec.extra)) for node in graph.nodes]
    terms = [t for node in nodes for t in node.terms]
    axes = [a for node in nodes for a in node.axes] + [a for t in terms for a in t.bound]
    symbols = {str(s) for axis in axes for s in axis.size.free_symbols}
    symbols |= {str(s) for t in terms for s in t.body.free_symbols if s.is_positive}
    found = {("node", node.name) for node in nodes}
    found |= {("size", name) for name in {*symbols, *spec.sizes, spec.samples}}
    found |= {("letter", axis.letter) for axis in axes if axis.letter != SAMPLE}
    return sorted(found, key=lambda word: (word[1], word[0]))


def _identifiers(text: str) -> Iterator[set[str]]:
    """Yield the identifiers of every function of a text."""
    for function in _functions(text):
        inside = list(ast.walk(function))
        yield {n.id for n in inside if isinstance(n, ast.Name)} | {
            n.arg for n in inside if isinstance(n, ast.arg)
        }


def _functions(text: str) -> list[ast.FunctionDef]:
    return [s for s in ast.parse(text).body if isinstance(s, ast.FunctionDef)]


def _decoded(identifiers: Iterable[str], coded: Mapping[str, Word]) -> dict[str, list[str]]:
    """Return the identifiers of a function by how they read."""
    readings: dict[str, list[str]] = defaultdict(list)
    for identifier in sorted(identifiers):
        readings[CODE.sub(lambda m: coded[m.group()][1], identifier)].append(identifier)
    return readings


def _clashes(found: Iterable[Mapping[str, list[str]]], coded: Mapping[str, Word]) -> Iterator[Word]:
    """Yield a word of the network for every reading of different identifiers."""
    for group in found:
        for reading, identifiers in group.items():
            if len(identifiers) > 1 or keyword.iskeyword(reading):
                yield _maker(identifiers, coded)


def _maker(identifiers: list[str], coded: Mapping[str, Word]) -> Word:
    """Return the word that makes way: one that is an identifier as it stands, a node before a size."""
    codes = [i for i in identifiers if CODE.fullmatch(i)] or CODE.findall(" ".join(identifiers))
    kinds = ("node", "letter", "size")
    return min((coded[code] for code in codes), key=lambda word: (kinds.index(word[0]), word))


def _free(name: str, taken: set[str]) -> str:
    """Return a new name, and take it."""
    candidate = f"{name[: LONGEST - 1]}_"
    for k in range(1, len(taken) + 2):
        if candidate not in taken:
            break
        candidate = f"{name[: LONGEST - 8]}_{k}_"
    taken.add(candidate)
    return candidate


def check_bindings(text: str, scalars: Iterable[str]) -> None:
    """Refuse a text in which a function has an argument twice, or binds one anew that is no number.

    Parameters
    ----------
    scalars
        The arguments that are numbers: a function may convert them.

    Raises
    ------
    DefinitionError
        With the function and the name.
    """
    for function in _functions(text):
        arguments = [a.arg for a in function.args.args]
        twice = {a for a in arguments if arguments.count(a) > 1}
        stores = {
            n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        wrong = sorted(twice | (stores & set(arguments)) - set(scalars))
        if wrong:
            raise DefinitionError(
                f"{wrong[0]} would mean two things in {function.name}; rename the node {wrong[0]}"
            )
