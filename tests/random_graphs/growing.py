"""A graph while it grows: leaves, subscripts and definitions are drawn, and each is legal as it is drawn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any, TypeVar

import sympy as sp
from hypothesis import strategies as st

from symgrad.model.expressions import Ref, index, size
from symgrad.model.graph import Axis, Graph, Kind, Node, Term
from tests.interpreter import extent

T = TypeVar("T")

SAMPLES = size("N")
SIZES = (size("D"), size("E"), size(2), SAMPLES)
LETTERS = "ijklpqrsuv"
MANY = 30
LARGE = 100.0


class Growing:
    """The nodes drawn so far, with a bound on the size of their values.

    Bounds keep differences exact: a step that would make values larger than `LARGE` squashes them.
    Choices are in such an order that a counterexample shrinks to few nodes, read plainly.
    """

    def __init__(self, draw: Callable[[Any], Any], numbers: Mapping[str, int]) -> None:
        self.draw, self.numbers = draw, numbers
        self.nodes: dict[str, Node] = {}
        self.bounds: dict[str, float] = {}
        self.positive: set[str] = set()

    def one_of(self, choices: Sequence[T]) -> T:
        return self.draw(st.sampled_from(choices))

    def yes(self) -> bool:
        return self.draw(st.booleans())

    def seldom(self) -> bool:
        return self.draw(st.integers(0, 7)) == 7

    def extent(self, extent_: sp.Expr) -> int:
        return extent(extent_, self.numbers)

    def entries(self, axes: Sequence[Axis]) -> int:
        return prod(self.extent(axis.size) for axis in axes)

    def name(self, prefix: str) -> str:
        return f"{prefix}{1 + sum(name[0] == prefix for name in self.nodes)}"

    def one_more(self, letters: str) -> str:
        """Return the first of some letters that no axis has."""
        taken = {axis.letter for node in self.nodes.values() for axis in node.axes}
        return next(letter for letter in letters if letter not in taken)

    def keep(self, node: Node, bound: float, *, positive: bool = False) -> Node:
        self.nodes[node.name] = node
        self.bounds[node.name] = bound
        if positive:
            self.positive.add(node.name)
        return node

    def define(self, axes: Sequence[Axis], *terms: tuple[Term, float], **marks: Any) -> Node:
        """Keep a definition; each term comes with its bound."""
        node = Node(self.name("h"), tuple(axes), terms=tuple(term for term, _ in terms), **marks)
        return self.keep(node, sum(bound for _, bound in terms))

    def axes(self, shape: Sequence[sp.Expr]) -> tuple[Axis, ...]:
        """Give letters to sizes: n to the samples, i, j, k … to the others."""
        letters = iter(LETTERS)
        named = ("n" if s == SAMPLES and s not in shape[:k] else next(letters) for k, s in enumerate(shape))
        return tuple(Axis(letter, s) for letter, s in zip(named, shape, strict=True))

    def leaf(self, shape: Sequence[sp.Expr], kind: Kind | None = None) -> Node:
        """Draw a leaf: with samples an input, else a parameter or (seldom) an input."""
        if kind is None:
            kind = Kind.INPUT if SAMPLES in shape or self.seldom() else Kind.PARAMETER
        prefix = {Kind.INPUT: "x", Kind.PARAMETER: "w", Kind.TARGET: "t"}[kind]
        return self.keep(Node(self.name(prefix), self.axes(shape), kind), 2.0)

    def shape(self, rank: int) -> tuple[sp.Expr, ...]:
        return tuple(self.one_of(SIZES) for _ in range(rank))

    @property
    def readable(self) -> list[Node]:
        """The nodes that a definition may read: no integers, and no auxiliaries, which serve a function."""
        return [n for n in self.nodes.values() if n.targets is None and not n.auxiliary]

    def quantity(self, fits: Callable[[Node], bool] = lambda node: True, rank: int = 1) -> Node:
        """Draw a node of the graph that fits, the latest first, or a new leaf of that rank or one more."""
        own = [n for n in self.readable if fits(n) and self.entries(n.axes) <= MANY]
        found = self.one_of([*reversed(own), None])
        return found or self.leaf(self.shape(self.one_of([rank, rank + 1])))

    def like(self, shape: Sequence[sp.Expr]) -> Node:
        """Draw a node of that shape, or a new leaf."""
        own = [n for n in self.readable if n.shape == tuple(shape)]
        return self.one_of([*reversed(own), None]) or self.leaf(shape)

    def letter(self, extent_: sp.Expr, bound: list[Axis]) -> sp.Symbol:
        """Bind a new letter that runs to a size."""
        taken = {axis.letter for axis in bound}
        supply = ("n", *LETTERS) if extent_ == SAMPLES else tuple(LETTERS)
        axis = Axis(next(letter for letter in supply if letter not in taken), extent_)
        bound.append(axis)
        return axis.symbol

    def subscript(self, extent_: sp.Expr, bound: list[Axis]) -> sp.Expr:
        """Draw a subscript: a bound letter of that size, a new one, a flipped one or a constant."""
        own = [axis.symbol for axis in bound if axis.size == extent_]
        room = len(bound) < 4 and self.entries(bound) * self.extent(extent_) <= 2 * MANY
        if self.seldom():
            ends = [sp.Integer(0), extent_ - 1, *(extent_ - 1 - letter for letter in own)]
            return self.one_of(ends)
        found = self.one_of([*own, *([None] if room else []), *([] if own or room else [sp.Integer(0)])])
        return self.letter(extent_, bound) if found is None else found

    def read(self, node: Node, bound: list[Axis]) -> Ref:
        return Ref(node.name, [self.subscript(axis.size, bound) for axis in node.axes])

    def graph(self, loss: str) -> Graph:
        return Graph(tuple(self.nodes.values()), loss)


def moved(axes: Sequence[Axis], place: int, axis: Axis) -> tuple[Axis, ...]:
    """Return axes with another one at a place, its letter apart from the others."""
    rest = {a.letter for k, a in enumerate(axes) if k != place}
    letter = next(c for c in (axis.letter, *LETTERS) if c not in rest)
    return (*axes[:place], replace(axis, letter=letter), *axes[place + 1 :])


def landing(axes: Sequence[Axis], place: int, subscript: sp.Expr) -> tuple[sp.Expr, ...]:
    """Return the letters of axes with another subscript at a place."""
    return tuple(subscript if k == place else index(axis.letter) for k, axis in enumerate(axes))
