"""Formulas in local names: how a layer speaks of whatever nodes it is given.

A layer writes ``[...,o,i] sum(c, k, W[o,c,k]*x[...,c,s*i + k])`` once, for inputs of any network.  Its
names stand for nodes and numbers, its letters are its own, and ``...`` stands for the leading axes of the
nodes (samples, steps, heads).  A letter runs over the axis where it stands alone; one that stands in
computed subscripts only runs as far as these stay inside: here i runs over ``(I - K)//s + 1`` places.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import sympy as sp

from symgrad.errors import DefinitionError, unknown
from symgrad.model.expressions import index
from symgrad.model.formula import parse, to_sympy
from symgrad.model.graph import Axis, Node
from symgrad.model.shapes import shape_in_words, twins
from symgrad.model.syntax import Name

DOTS = r"(?:\.\.\.|…)"
WORD = r"[^\W\d]\w*"
_ACCESS = re.compile(rf"(?P<name>{WORD})?\s*\[(?P<at>[^\[\]]*)\]")
_PART = re.compile(rf"(?P<access>(?:{WORD})?\s*\[[^\[\]]*\])|(?P<dots>{DOTS}\s*,?)|(?P<word>{WORD})")
_WORDS = re.compile(WORD)
_DOTS = re.compile(DOTS)


@dataclass(frozen=True)
class Local:
    """What the names of a local formula stand for.

    Attributes
    ----------
    nodes
        Nodes by their local names; None for a quantity that is zero here, such as a bias left out.
    numbers
        Numbers and sizes by their local names.
    sizes
        Sizes of letters, where they do not follow from the nodes.
    outside
        Local names of nodes that may be read outside of their axes.
    known
        Numbers of sizes, for messages.
    """

    nodes: Mapping[str, Node | None]
    numbers: Mapping[str, sp.Expr] = field(default_factory=dict[str, sp.Expr])
    sizes: Mapping[str, sp.Expr] = field(default_factory=dict[str, sp.Expr])
    outside: frozenset[str] = frozenset()
    known: Mapping[str, int] = field(default_factory=dict[str, int])

    def axes(self, name: str) -> tuple[Axis, ...] | None:
        """Return the axes of the node of that name, None where it is zero."""
        node = self.nodes[name]
        return None if node is None else node.axes


@dataclass(frozen=True)
class Subscript:
    """One subscript as it is written, the axis where it stands, and the whole access."""

    text: str
    axis: Axis
    access: str


def accesses(text: str, local: Local) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the name and the subscripts of everything with brackets; the head has the name ``""``."""
    for found in _ACCESS.finditer(text):
        name = found["name"] or ""
        if name and name not in local.nodes:
            raise unknown("name", name, local.nodes)
        yield name, _listed(found["at"])


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def heading(text: str) -> tuple[tuple[str, ...], str]:
    """Return the landing subscripts in front of a formula, and the formula."""
    found = re.match(r"\s*\[([^\[\]]*)\]", text)
    return (_listed(found[1]), text[found.end() :]) if found else ((), text)


def _is_dots(text: str) -> bool:
    return _DOTS.fullmatch(text) is not None


def stretch(axes: tuple[Axis, ...], at: tuple[str, ...]) -> tuple[slice, slice, slice] | None:
    """Return which axes stand before, at and behind the dots; None where subscripts do not fit."""
    places = [k for k, part in enumerate(at) if _is_dots(part)]
    if not places:
        return (slice(0, len(at)), slice(0, 0), slice(0, 0)) if len(axes) == len(at) else None
    behind = len(axes) - (len(at) - places[0] - 1)
    return (
        None if behind < places[0] else (slice(0, places[0]), slice(places[0], behind), slice(behind, None))
    )


def leading(texts: Iterable[str], local: Local) -> tuple[Axis, ...]:
    """Return the axes that the dots stand for: the most that any node has there.

    Raises
    ------
    DefinitionError
        If a node has too few axes, or the axes of two nodes have different sizes.
    """
    longest: tuple[Axis, ...] = ()
    owner = ""
    for name, at in (access for text in texts for access in accesses(text, local)):
        axes = local.axes(name) if name else None
        if axes is None:
            continue
        parts = stretch(axes, at)
        if parts is None:
            raise DefinitionError(
                f"{shown(local, name)} is read as {name}[{', '.join(at)}], which has another number of axes"
            )
        here = axes[parts[1]]
        if any(a.size != b.size for a, b in zip(here, longest, strict=False)):
            hint = twins((a.size for a in longest), (a.size for a in here), local.known)
            both = f"{shown(local, owner)} and {shown(local, name)}"
            raise DefinitionError(f"the shapes of {both} do not fit{hint}")
        if len(here) > len(longest):
            longest, owner = here, name
    return longest


def shown(local: Local, *names: str) -> str:
    """Return the shapes of nodes for a message: ``x1 (N, C, H)``."""
    found = dict.fromkeys(node for name in names if (node := local.nodes.get(name)) is not None)
    return " and ".join(f"{node.name} {shape_in_words(node.shape, local.known)}" for node in found)


def subscripts(text: str, local: Local) -> Iterator[Subscript]:
    """Yield the subscripts of a formula with the axes where they stand, those under the dots left out."""
    for name, at in accesses(text, local):
        axes = local.axes(name) if name else None
        parts = stretch(axes, at) if axes is not None else None
        if axes is not None and parts is not None:
            written = [part for part in at if not _is_dots(part)]
            for part, axis in zip(written, (*axes[parts[0]], *axes[parts[2]]), strict=True):
                yield Subscript(part, axis, name)


def letters(text: str, local: Local) -> tuple[str, ...]:
    """Return the letters of a formula: what stands in subscripts and is no number, and what has a size."""
    inside = (word for _, at in accesses(text, local) for part in at for word in _WORDS.findall(part))
    known = (word for word in _WORDS.findall(text) if word in local.sizes)
    return tuple(dict.fromkeys(w for w in (*inside, *known) if w not in local.numbers))


def sizes_of(text: str, local: Local, landing: Iterable[tuple[str, Axis]]) -> dict[str, sp.Expr]:
    """Return how far every letter of a formula runs.

    Parameters
    ----------
    landing
        The landing subscripts with their axes, where the node has its axes already.

    Raises
    ------
    DefinitionError
        If a letter stands at axes of different sizes, or nothing says how far it runs.
    """
    found = dict(local.sizes)
    owner: dict[str, Subscript] = {}
    written = tuple(subscripts(text, local))
    for part in written:
        if _WORDS.fullmatch(part.text) and part.text not in local.numbers and part.text not in local.sizes:
            first = owner.setdefault(part.text, part)
            if first.axis.size != part.axis.size:
                both = shown(local, first.access, part.access)
                hint = twins((first.axis.size,), (part.axis.size,), local.known)
                raise DefinitionError(
                    f"{both}: the axis {part.text} has the size {first.axis.size} in the one place "
                    f"and {part.axis.size} in the other{hint}"
                )
            found[part.text] = part.axis.size
    found = {**_reached(written, found, local), **found}
    for place, axis in landing:
        if _WORDS.fullmatch(place) and place not in local.numbers:
            found.setdefault(place, axis.size)
    if unknown := [letter for letter in letters(text, local) if letter not in found]:
        raise DefinitionError(f"nothing says how far the letter {unknown[0]} runs; give it in sizes")
    return found


def _reached(written: Iterable[Subscript], known: Mapping[str, sp.Expr], local: Local) -> dict[str, sp.Expr]:
    """Return how far letters run so that computed subscripts stay inside, which has to be one answer."""
    found: dict[str, sp.Expr] = {}
    for part in written:
        if part.access in local.outside:
            continue
        more = _reach(part, known, local) or _reach(part, {**found, **known}, local)
        for letter, extent in more.items():
            if found.setdefault(letter, extent) != extent:
                raise DefinitionError(
                    f"the letter {letter} may run over {found[letter]} or over {extent} places; "
                    f"say how far it runs in sizes"
                )
    return found


def _reach(part: Subscript, known: Mapping[str, sp.Expr], local: Local) -> dict[str, sp.Expr]:
    """Return how far the one unknown letter of a computed subscript runs so that it stays inside."""
    value = value_of(part.text, local)
    open_ = [s for s in value.free_symbols if s == index(str(s)) and str(s) not in known]
    if len(open_) != 1:
        return {}
    letter, rest = open_[0], sp.expand(value).coeff(open_[0], 0)
    slope = sp.expand(value).coeff(letter)
    if not slope.is_positive:
        return {}
    ends = ((index(word), extent - 1) for word, extent in known.items())
    table = {s: sp.Integer(0) if rest.coeff(s).is_negative else last for s, last in ends}
    highest = sp.expand(rest.xreplace(table))
    return {str(letter): sp.floor((part.axis.size - 1 - highest) / slope) + 1}


def value_of(text: str, local: Local) -> sp.Expr:
    """Return a subscript over index symbols and numbers."""

    def lookup(name: Name) -> sp.Expr:
        return local.numbers[name.name] if name.name in local.numbers else index(name.name)

    return to_sympy(parse(text, (), _WORDS.findall(text)), lookup, {})


@dataclass(frozen=True)
class Names:
    """The names that a local formula gets in its network."""

    nodes: Mapping[str, str | None]
    letters: Mapping[str, str]
    leading: tuple[str, ...]

    def of(self, word: str) -> str:
        """Return what stands for a word of the formula."""
        return self.nodes.get(word) or self.letters.get(word, word)


def written_out(text: str, names: Names, dots: Callable[[str, tuple[str, ...]], int]) -> str:
    """Return a formula in the names of its network.

    Parameters
    ----------
    dots
        How many axes the dots stand for in an access of that name with these subscripts.
    """

    def change(found: re.Match[str]) -> str:
        if found["access"]:
            return _access(found["access"], names, dots)
        if found["dots"]:
            comma = ", " if found["dots"].endswith(",") and names.leading else ""
            return ", ".join(names.leading) + comma
        return names.of(found["word"])

    if not names.leading:
        text = re.sub(rf",\s*{DOTS}\s*(?=,)", "", text)
    return _PART.sub(change, text)


def _access(text: str, names: Names, dots: Callable[[str, tuple[str, ...]], int]) -> str:
    found = _ACCESS.fullmatch(text)
    if found is None:
        return text
    name, at = found["name"] or "", _listed(found["at"])
    if name in names.nodes and names.nodes[name] is None:
        return "0"
    parts: list[str] = []
    for part in at:
        if _is_dots(part):
            parts += names.leading[: dots(name, at)]
        else:
            parts.append(_WORDS.sub(lambda word: names.of(word[0]), part))
    return names.of(name) + (f"[{', '.join(parts)}]" if parts else "")
