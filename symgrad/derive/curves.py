"""The loss while many entries move at once: `sympy.diff` by time, once for all of them.

Along a curve on which every entry w moves with a velocity w′ of its own, dJ/dt = Σ ∂J/∂w · w′.  SymPy
applies its chain rule to the loss as one formula; what a single entry adds is read off where the other
velocities are 0.  Derived by one entry after the other, the same formula is walked through for each.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import sympy as sp

from symgrad.derive.kept import kept
from symgrad.derive.scalars import composite
from symgrad.exact.algebra import Algebra, Value
from symgrad.exact.translate import largest_without, translate
from symgrad.model.expressions import quantity
from symgrad.model.graph import Graph

V = TypeVar("V", bound=Value)

TIME = sp.Dummy("time", real=True)


class Moving(sp.AtomicExpr):
    """An entry at a time (of order 0), or its velocity (of order 1)."""

    __slots__ = ("name", "order")
    is_real = True
    is_commutative = True

    name: str
    order: int

    def __new__(cls, name: str, order: int = 0) -> "Moving":
        self = super().__new__(cls)
        self.name, self.order = name, order
        return self

    def _hashable_content(self) -> tuple[object, ...]:
        return self.name, self.order

    @property
    def free_symbols(self) -> set[sp.Basic]:
        """The time."""
        return {TIME}

    def _eval_derivative(self, s: sp.Expr) -> sp.Expr:
        return Moving(self.name, self.order + 1) if s == TIME else sp.Integer(0)

    _eval_derivative_n_times = sp.Basic._eval_derivative_n_times

    def _sympystr(self, printer: object) -> str:
        return self.name + "'" * self.order


@dataclass(frozen=True)
class Curve:
    """A loss along a curve.

    Attributes
    ----------
    entries
        The leaves that move.
    loss
        The loss as one formula; what moves stands in it as `Moving`, other leaves as `quantity`.
    """

    entries: tuple[str, ...]
    loss: sp.Expr

    @cached_property
    def slope(self) -> sp.Expr:
        """Its derivative by time."""
        return sp.diff(self.loss, TIME)

    @cached_property
    def _still(self) -> tuple[sp.Expr, ...]:
        return largest_without(self.slope, {Moving(entry, 1) for entry in self.entries})

    def along(self, velocity: Mapping[str, V], algebra: Algebra[V], known: dict[sp.Expr, V]) -> V:
        """Return the slope at some velocities, 0 for all others; `known` is extended by what has none."""
        for part in self._still:
            translate(part, algebra, known)
        none = algebra.number(0)
        moves = {Moving(entry, 1): velocity.get(entry, none) for entry in self.entries}
        return translate(self.slope, algebra, known | moves)


def curve(graph: Graph, loss: str, entries: Iterable[str]) -> Curve:
    """Return the loss of a scalar graph along a curve on which some leaves move, written once."""
    moving = tuple(entries)
    return kept(graph, ("curve", loss, moving), lambda: Curve(moving, _written(graph, loss, moving)))


def _written(graph: Graph, loss: str, entries: tuple[str, ...]) -> sp.Expr:
    moving = frozenset(entries)
    return composite(graph, loss, "", lambda name: Moving(name) if name in moving else quantity(name))
