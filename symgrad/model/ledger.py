"""What a draft has so far: nodes, sizes and the names in use."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, count
from operator import index as index_of
from typing import Any, TypeAlias, cast

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.model.expressions import size as symbol_of
from symgrad.model.formula import parse, to_sympy
from symgrad.model.graph import Axis, Node
from symgrad.model.model import SAMPLE
from symgrad.model.names import check_name
from symgrad.model.placing import apart
from symgrad.model.shapes import in_numbers, shape_in_words

Size: TypeAlias = int | str | sp.Expr
Weight: TypeAlias = int | str | float | Fraction

USUAL_SIZES: Mapping[int, str] = {1: "D", 2: "TD", 3: "CHW", 4: "TCHW"}
USUAL_LETTERS: Mapping[int, str] = {1: "i", 2: "ti", 3: "cij", 4: "tcij"}
_NAMED = re.compile(r"\s*([^\W\d]\w*)\s*=\s*(\d+)\s*")
_SUFFIX = re.compile(r"[^\W\d_]+(.*)")


@dataclass
class Frame:
    """One call of a layer: what stands behind the names of its definitions."""

    suffix: str | None = None


@dataclass
class Ledger:
    """Nodes, sizes and names of a network while it is put together.

    Attributes
    ----------
    name, title
        Of the network.
    samples
        The name of the number of samples; None for the loss of one sample without a sample axis.
    """

    name: str = "network"
    title: str = ""
    samples: str | None = "N"
    nodes: dict[str, Node] = field(default_factory=dict[str, Node])
    sizes: dict[str, int] = field(default_factory=dict[str, int])
    promised: set[str] = field(default_factory=set[str])
    numbered: set[str] = field(default_factory=set[str])
    frames: list[Frame] = field(default_factory=list[Frame])
    symbols: set[str] = field(default_factory=set[str])
    layers: int = 0

    def __post_init__(self) -> None:
        check_name(self.name, "network")
        if self.samples is not None:
            check_name(self.samples, "size")

    @property
    def front(self) -> tuple[Axis, ...]:
        """The sample axis."""
        return () if self.samples is None else (Axis(SAMPLE, symbol_of(self.samples)),)

    def front_of(self, node: Node) -> tuple[Axis, ...]:
        """Return the sample axis of a node, nothing where it has none."""
        return node.axes[:1] if node.axes and node.axes[0].letter == SAMPLE else ()

    def enter(self, *nodes: Node) -> Node:
        """Enter nodes and return the last of them."""
        self.nodes.update({node.name: node for node in nodes})
        return nodes[-1]

    # Names

    def suffix(self, *, counts: bool = False) -> str:
        """Return the number of the layer that is being added; one with parameters counts."""
        if not self.frames:
            return ""
        frame = self.frames[-1]
        if frame.suffix is None:
            self.layers += counts
            frame.suffix = str(self.layers or "")
        return frame.suffix

    def named(self, role: str, *, counts: bool = False) -> str:
        """Return the name of a definition of this layer: its role and the number of the layer."""
        name = self.apart(role + self.suffix(counts=counts))
        if self.frames:
            self.numbered.add(name)
        return check_name(self._beside_samples(name), "node")

    def behind(self, node: Node, role: str) -> str:
        """Return a name with the number of another node: ``a1`` behind ``z1``."""
        found = _SUFFIX.fullmatch(node.name)
        name = self.apart(role + (found[1] if found else ""))
        self.numbered.add(name)
        return name

    def free(self, name: str) -> str:
        """Return a name chosen by the user, or refuse one that is taken."""
        check_name(self._beside_samples(name), "node")
        if name in self.taken:
            raise DefinitionError(f"the node name {name!r} is taken already; choose another")
        return name

    def _beside_samples(self, name: str) -> str:
        """Return a name, or refuse the letter by which layers know the axis of samples."""
        if name == SAMPLE and self.samples is not None:
            raise DefinitionError(f"{name} is the index letter of the samples; choose another name")
        return name

    def apart(self, name: str) -> str:
        """Return the name, with a letter behind it where it is taken: ``p1``, ``p1b``, ``p1c``."""
        more = chain("bcdefghij", (f"b{k}" for k in count(2)))
        return name if name not in self.taken else next(n for c in more if (n := name + c) not in self.taken)

    @property
    def taken(self) -> set[str]:
        """The names of nodes and sizes."""
        return {*self.nodes, *self.symbols, *([self.samples] if self.samples else [])}

    # Sizes

    def extent(self, size: Size, name: str | None = None) -> sp.Expr:
        """Return a size: a number is one with a `name`, where there is one, and else stays a number.

        Raises
        ------
        DefinitionError
            If it is not positive, or no name, number, ``"T=5"`` or expression such as ``"2*H"``.
        """
        if isinstance(size, str):
            found = _NAMED.fullmatch(size)
            return self._known(found[1], int(found[2])) if found else self._written(size, name)
        if _is_symbolic(size):
            return cast("sp.Expr", size)
        number = _whole(size)
        if name is not None:
            return self._known(name if self.sizes.get(name) == number else self.apart(name), number)
        return sp.Integer(number)

    def _known(self, name: str, number: int) -> sp.Expr:
        if number < 1:
            raise DefinitionError(f"the size {name} = {number} is not possible; sizes are ≥ 1")
        if self.sizes.setdefault(name, number) != number:
            raise DefinitionError(f"the size {name} is {self.sizes[name]} already; it cannot be {number} too")
        return self._symbol(name)

    def _written(self, text: str, name: str | None) -> sp.Expr:
        found = to_sympy(parse(text, ()), lambda name: self._symbol(name.name), {})
        if found.is_integer is not True:
            raise DefinitionError(f"the size {text!r} is no integer; write a number, a name or '2*H'")
        return self.extent(int(found) if found.is_Integer else found, name)

    def _symbol(self, name: str) -> sp.Expr:
        if name == self.samples:
            raise DefinitionError(f"{name} is the number of samples; take another name for this size")
        if name in self.nodes:
            raise DefinitionError(f"the size name {name!r} is already the name of a node; choose another")
        self.symbols.add(check_name(self._beside_samples(name), "size"))
        return symbol_of(name)

    def axes(self, sizes: tuple[Size, ...], letters: str | None) -> tuple[Axis, ...]:
        """Return the axes of a leaf, numbers under their usual names."""
        usual = USUAL_SIZES.get(len(sizes)) or tuple(f"D{k + 1}" for k in range(len(sizes)))
        own = str(letters or "") or USUAL_LETTERS.get(len(sizes)) or "ijklpqrsuv"
        if letters is not None and (len({*str(letters)}) != len(sizes) or SAMPLE in str(letters)):
            raise DefinitionError(
                f"{len(sizes)} axes need as many different letters, none {SAMPLE}: {letters!r}"
            )
        return tuple(
            Axis(check_name(letter, "index"), self.extent(size, name))
            for letter, size, name in zip(own, sizes, usual, strict=False)
        )

    def numbers_of(self, shape: Iterable[sp.Expr]) -> tuple[sp.Expr, ...]:
        """Return a shape with the known sizes put in."""
        return in_numbers(shape, self.sizes)

    def shown(self, *nodes: Node) -> str:
        """Return names and shapes for a message: ``x (N, C, H) and a1 (N, C1, H - 2)``."""
        return " and ".join(f"{node.name} {shape_in_words(node.shape, self.sizes)}" for node in nodes)

    def own(self, node: object) -> Node:
        """Return a node of this draft, or refuse what is none.

        Raises
        ------
        DefinitionError
            If it is no node, or one of another draft or from inside a repeated block.
        """
        if not isinstance(node, Node):
            raise DefinitionError(f"{node!r} is no node; give what draft.input or a layer returned")
        mine = self.nodes.get(node.name)
        if mine is not node and (mine is None or node.is_leaf or mine.shape != node.shape):
            here = "" if mine is None else f"; the {node.name} here is {self.shown(mine)}"
            raise DefinitionError(f"{self.shown(node)} is no node of this draft{here}")
        return node

    def letters(self, wanted: Iterable[str], beside: Iterable[Axis]) -> tuple[str, ...]:
        """Return index letters, apart from names that are taken and from the axes beside them."""
        taken = {*self.taken, *(axis.letter for axis in beside)}
        return tuple(apart(letter, taken) for letter in wanted)

    def check_positive(self, node: Node, read: str) -> None:
        """Refuse a definition with an axis that has no place, as a kernel larger than its input gives."""
        numbers = self.numbers_of(node.shape)
        if any(size.is_Integer and size < 1 for size in numbers):
            raise DefinitionError(f"{self.shown(node)} has an axis without entries; too small for it: {read}")


def _is_symbolic(size: Any) -> bool:
    return isinstance(size, sp.Expr) and size.is_integer is True and not size.is_nonpositive


def _whole(size: Any) -> int:
    """Return a size that is a number, of Python, NumPy or SymPy."""
    try:
        number = 0 if isinstance(size, bool) else index_of(size)
    except TypeError:
        number = 0
    if number < 1:
        raise DefinitionError(f"the size {size!r} is not possible; sizes are integers ≥ 1 or names")
    return number


def flag(what: str, value: object) -> bool:
    """Return an option that is true or false, or refuse another thing."""
    if not isinstance(value, bool):
        raise DefinitionError(f"{what} is true or false, not {value!r}")
    return value


def exact(value: object) -> sp.Rational:
    """Return a number exactly: an integer, a fraction, or a text such as ``"1/2"`` or ``"0.001"``."""
    try:
        number = Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        shown = value.name if isinstance(value, Node) else repr(value)
        raise DefinitionError(f"{shown} is no number; write it as 2, 1/2 or 0.5") from None
    return sp.Rational(number.numerator, number.denominator)
