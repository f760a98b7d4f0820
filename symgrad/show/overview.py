"""A network as its definitions: what is given, what is computed from it, and the shapes."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import sympy as sp

from symgrad.derive.views import View
from symgrad.model.graph import Kind, Node
from symgrad.notation import unicode
from symgrad.notation.arrange import arrange, listed
from symgrad.notation.display import Shown
from symgrad.notation.layout import Block
from symgrad.notation.lines import definition_block
from symgrad.notation.roles import Roles, named

RUN = 4
WIDEST = 64
GIVEN: Mapping[Kind, str] = {
    Kind.INPUT: "inputs",
    Kind.TARGET: "targets",
    Kind.PARAMETER: "parameters",
    Kind.STATE: "states",
}


@dataclass(frozen=True)
class Entry:
    """A node of an overview.

    Attributes
    ----------
    name
        Its name.
    kind
        ``input``, ``target``, ``parameter``, ``state`` or ``defined``.
    written
        The name with its indices, ``W1[i,j]``.
    shape
        The sizes of its axes, numbers or symbols.
    targets
        What is known of the values of a target: ``labels``, ``one_hot``, ``distribution``, ``free``.
    formula
        Its definition; None for what is given.
    """

    name: str
    kind: Kind
    written: str
    shape: tuple[sp.Expr, ...]
    targets: str | None = None
    formula: Shown | None = None

    @property
    def dimensions(self) -> str:
        """The shape in brackets, empty for a number."""
        lengths = (unicode.write(arrange(length)) for length in self.shape)
        return f"({', '.join(lengths)})" if self.shape else ""

    @property
    def data(self) -> dict[str, object]:
        """The entry as ``--json`` prints it."""
        formula = self.formula
        written = None if formula is None else {"unicode": formula.unicode, "latex": formula.latex}
        shape = [str(length) for length in self.shape]
        return {"name": self.name, "kind": str(self.kind), "shape": shape, "targets": self.targets,
                "formula": written}  # fmt: skip


@dataclass(frozen=True, repr=False)
class Overview:
    """The definitions of a network at one level; it shows itself in terminals and notebooks.

    Attributes
    ----------
    title
        The name of the network and what it is.
    entries
        What is given and what is computed, parents first.
    sizes
        The numbers of those sizes that are known.
    """

    title: str
    entries: tuple[Entry, ...]
    sizes: Mapping[str, int]

    @cached_property
    def formulas(self) -> Shown:
        """The definitions alone, as one block of equations."""
        blocks = [entry.formula.block for entry in self.entries if entry.formula is not None]
        notes = dict.fromkeys(note for block in blocks for note in block.notes)
        return Shown(Block(tuple(e for block in blocks for e in block.equations), tuple(notes)))

    @property
    def text(self) -> str:
        """The overview for a terminal: what is given by kind, then a definition on each line."""
        return "\n".join([self.title, *_given(self), *_defined(self.entries)])

    def __repr__(self) -> str:
        return self.text

    def _repr_latex_(self) -> str:
        return self.formulas.display


def overview(view: View, names: Sequence[str] = ()) -> Overview:
    """Return the definitions of a network at one level, the loss last.

    Parameters
    ----------
    names
        Only these nodes; all without.

    Raises
    ------
    UnknownNameError
        If there is no such node at this level.
    """
    for name in names:
        if name not in view.graph:
            view.check(name)
    roles, model = Roles.of(view.graph), view.model
    entries = tuple(_entry(node, roles) for node in _counted(view) if not names or node.name in names)
    sizes = model.sizes if view.level == "layer" else view.sizes
    title = f"{model.name}: {model.title}" if model.title not in ("", model.name) else model.name
    return Overview(title, entries, {name: sizes[name] for name in model.size_names if name in sizes})


def _counted(view: View) -> Iterator[Node]:
    """Yield the nodes, parents first, the parameters among them in the order in which people count them."""
    parameters = iter(view.parameters)
    for node in view.graph.nodes:
        yield view.graph[next(parameters)] if node.kind is Kind.PARAMETER else node


def _entry(node: Node, roles: Roles) -> Entry:
    written = unicode.write(named(node.name, listed(node.index), roles))
    formula = None if node.is_leaf else Shown(definition_block(node, roles))
    return Entry(node.name, node.kind, written, node.shape, node.targets, formula)


def _given(found: Overview) -> Iterator[str]:
    rows = {word: list(_leaves(found.entries, kind)) for kind, word in GIVEN.items()}
    rows["sizes"] = [f"{name} = {number}" for name, number in found.sizes.items()]
    width = max(map(len, rows))
    yield from (f"  {word:{width}}  {', '.join(row)}" for word, row in rows.items() if row)


def _leaves(entries: Iterable[Entry], kind: Kind) -> Iterator[str]:
    """Yield what is given of one kind, equal neighbours without axes as one run."""
    found = [entry for entry in entries if entry.kind is kind]
    for said, group in groupby(found, key=_said):
        members = list(group)
        alone = members[0].shape or len(members) == 1
        names = [entry.written for entry in members] if alone else [runs(entry.name for entry in members)]
        yield from (f"{name} {said}".rstrip() for name in names)


def _said(entry: Entry) -> str:
    """Return the shape, and what is known of targets."""
    known = entry.targets if entry.targets not in (None, "free") else ""
    return " ".join(filter(None, (entry.dimensions, known)))


def _defined(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield definitions, the shapes in a column of their own beside their first lines."""
    rows = [(entry.formula.unicode.split("\n"), entry) for entry in entries if entry.formula is not None]
    width = max((len(first) for (first, *_), _ in rows if len(first) <= WIDEST), default=0)
    for (first, *more), entry in rows:
        yield f"{first:{width}}   {entry.dimensions}".rstrip()
        yield from more


def runs(names: Iterable[str]) -> str:
    """Write names in a row, numbered ones from the first to the last: ``w1 … w18, b1, b2``."""
    return ", ".join(_runs(list(names)))


def _runs(names: list[str]) -> Iterator[str]:
    pairs = [_split(name) for name in names]
    keys = ((letter, number - place) for place, (letter, number) in enumerate(pairs))
    for _, group in groupby(zip(names, keys, strict=True), key=lambda pair: pair[1]):
        run = [name for name, _ in group]
        yield from [f"{run[0]} … {run[-1]}"] if len(run) >= RUN else run


def _split(name: str) -> tuple[str, int]:
    found = re.fullmatch(r"(.*?)(\d{1,9})", name)
    return (found[1], int(found[2])) if found else (name, 0)
