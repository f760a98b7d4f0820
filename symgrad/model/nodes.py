"""Nodes: named quantities with axes, and the terms that define them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import sympy as sp

from symgrad.model.expressions import Ref, index, refs


class Kind(StrEnum):
    """What a node is: a leaf of one of four kinds, or defined by terms."""

    INPUT = "input"
    TARGET = "target"
    PARAMETER = "parameter"
    STATE = "state"
    DEFINED = "defined"


@dataclass(frozen=True)
class Axis:
    """An index letter and its size, a number or a symbol such as ``N``."""

    letter: str
    size: sp.Expr

    @property
    def symbol(self) -> sp.Symbol:
        """The index as a symbol."""
        return index(self.letter)


@dataclass(frozen=True)
class Term:
    """``node[write] += Σ_bound body``: one summand of a definition."""

    write: tuple[sp.Expr, ...]
    bound: tuple[Axis, ...]
    body: sp.Expr

    @cached_property
    def accesses(self) -> tuple[Ref, ...]:
        """The accesses of the body, each once, in a fixed order."""
        return refs(self.body)

    @cached_property
    def sizes(self) -> Mapping[sp.Symbol, sp.Expr]:
        """The size of every bound index."""
        return {axis.symbol: axis.size for axis in self.bound}


@dataclass(frozen=True)
class Adjoint:
    """Says of a node that it is the delta ∂`loss`/∂`of`: identity by structure, not by name."""

    loss: str
    of: str


@dataclass(frozen=True)
class Node:
    """A named quantity with axes; how its terms are put together is `reduce`.

    Attributes
    ----------
    auxiliary
        Whether the node only serves a function, as the normaliser serves softmax.
    reduce
        ``sum``; ``argmax``, the position of the largest summand, counted over the terms and their summed
        letters in the order in which they are bound (the first of equals), an integer; or ``max``, which
        only a shift that cancels may be.
    function
        The activation that this node applies, when it applies one (``"sigmoid"``, ``"softmax"``).
    targets
        For a leaf, what is known of its values: ``labels`` (integers), ``one_hot``, ``distribution`` or
        ``free``.
    drawn
        For an input, the probability of 1 with which each entry is drawn from {0, 1}: a dropout mask.
    start
        For a parameter, how it begins: ``zeros``, ``ones``, ``normal``; None leaves it to its shape.
    """

    name: str
    axes: tuple[Axis, ...] = ()
    kind: Kind = Kind.DEFINED
    terms: tuple[Term, ...] = ()
    auxiliary: bool = False
    reduce: str = "sum"
    function: str | None = None
    targets: str | None = None
    adjoint: Adjoint | None = None
    drawn: sp.Rational | None = None
    start: str | None = None

    @property
    def index(self) -> tuple[sp.Symbol, ...]:
        """The node's own index symbols."""
        return tuple(axis.symbol for axis in self.axes)

    @property
    def shape(self) -> tuple[sp.Expr, ...]:
        """The sizes of the axes."""
        return tuple(axis.size for axis in self.axes)

    @property
    def ref(self) -> Ref:
        """The node read at its own indices."""
        return Ref(self.name, self.index)

    @property
    def is_leaf(self) -> bool:
        """Whether the node is given rather than defined."""
        return self.kind is not Kind.DEFINED
