"""What a gradient is, before anybody writes it down: lines of sums of products.

These are the data that `symgrad.notation` prints.  Derivation knows nothing of notation.
"""

from dataclasses import dataclass, field

import sympy as sp

from symgrad.model.expressions import Ref
from symgrad.model.graph import Axis, Graph


@dataclass(frozen=True)
class Derivative:
    """``∂upper/∂lower``, a factor that is named and not computed."""

    upper: Ref
    lower: Ref


@dataclass(frozen=True)
class Delta:
    """``δz1[n,i]``, or ``∂J/∂W1[i,j]`` where the node is a leaf: the delta of a node, named."""

    loss: str
    of: Ref
    leaf: bool


Factor = Derivative | Delta | sp.Expr


@dataclass(frozen=True)
class Summand:
    """``Σ_sums factor · factor · …``; a minus sign or a number is a factor.

    `outside` names the nodes that count as 0 where a subscript leaves their axes, `beyond` has what else
    stands there: an access and its value.
    """

    sums: tuple[Axis, ...]
    factors: tuple[Factor, ...]
    outside: frozenset[str] = frozenset()
    beyond: tuple[tuple[Ref, Ref], ...] = ()


@dataclass(frozen=True)
class Line:
    """``left = summand + summand + …``; no summand means 0."""

    left: Factor
    right: tuple[Summand, ...]


@dataclass(frozen=True)
class Formula:
    """A gradient in one style.

    Attributes
    ----------
    style
        ``chain``, ``local``, ``closed``, ``delta`` or ``matrix``.
    lines
        The last line is the gradient; the lines before it say what its letters mean.
    assumptions
        What was used of the data, such as ``Σ_i t[n,i] = 1``.
    graph
        The graph whose names the lines use, deltas included.
    """

    style: str
    lines: tuple[Line, ...]
    assumptions: tuple[str, ...] = ()
    graph: Graph | None = field(default=None, repr=False, compare=False)

    @property
    def outside(self) -> tuple[str, ...]:
        """The nodes that count as 0 where a subscript leaves their axes."""
        return tuple(sorted({name for line in self.lines for s in line.right for name in s.outside}))

    @property
    def beyond(self) -> tuple[tuple[Ref, Ref], ...]:
        """What stands beyond the ends of axes, each node once."""
        pairs = (pair for line in self.lines for s in line.right for pair in s.beyond)
        return tuple({access.name: (access, value) for access, value in pairs}.values())
