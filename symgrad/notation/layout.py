"""What a formula looks like before it is unicode, LaTeX or MathML: a small tree of layout.

`symgrad.notation.arrange` and its neighbours make these trees, one walk for each kind of object; every
notation is one walk over them.  The closed set of kinds stands here.
"""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Number:
    """A number ≥ 0, in digits."""

    digits: str


@dataclass(frozen=True)
class Glyph:
    """A constant sign: π, e, ∞, the vector of ones."""

    sign: str


@dataclass(frozen=True)
class Name:
    """A node, a size or an index, with subscripts; `whole` says that an array is meant as a whole."""

    name: str
    subscripts: tuple["Layout", ...] = ()
    whole: bool = False


@dataclass(frozen=True)
class Layered:
    """A letter with the number of its layer, W^(l+1)."""

    letter: str
    layer: "Layout"


@dataclass(frozen=True)
class Delta:
    """The delta of a node, δz1."""

    of: Name


@dataclass(frozen=True)
class Partial:
    """A derivative that is named, ∂J/∂o1; of a higher order with several below, ∂²J/∂w∂v."""

    upper: "Layout"
    lower: "Layout"
    more: tuple["Layout", ...] = ()


@dataclass(frozen=True)
class Fraction:
    """A quotient."""

    upper: "Layout"
    lower: "Layout"


@dataclass(frozen=True)
class Power:
    """A power; `entrywise` for a power of every entry of an array."""

    base: "Layout"
    exponent: "Layout"
    entrywise: bool = False


@dataclass(frozen=True)
class Root:
    """A square root."""

    body: "Layout"


@dataclass(frozen=True)
class Bars:
    """An absolute value."""

    body: "Layout"


@dataclass(frozen=True)
class Floor:
    """A number rounded down, ⌊H/2⌋."""

    body: "Layout"


@dataclass(frozen=True)
class Call:
    """A function applied."""

    function: str
    args: tuple["Layout", ...]


@dataclass(frozen=True)
class Relation:
    """``left < right``, or conditions joined by a word."""

    left: "Layout"
    sign: str
    right: "Layout"


@dataclass(frozen=True)
class Indicator:
    """``[condition]``: 1 where it holds, else 0; `kronecker` for two indices, δ_ij in LaTeX."""

    condition: Relation
    kronecker: bool = False


@dataclass(frozen=True)
class Cases:
    """Values with their conditions; a condition None is the rest."""

    cases: tuple[tuple["Layout", "Layout | None"], ...]


@dataclass(frozen=True)
class Transposed:
    """A transpose."""

    body: "Layout"


@dataclass(frozen=True)
class Product:
    """Factors side by side, or joined by ``·`` (of numbers) or ``⊙`` (entry by entry)."""

    factors: tuple["Layout", ...]
    joint: str = ""


@dataclass(frozen=True)
class Minus:
    """A minus sign in front."""

    body: "Layout"


@dataclass(frozen=True)
class Total:
    """A sum; a `Minus` in it is a difference."""

    terms: tuple["Layout", ...]


@dataclass(frozen=True)
class Over:
    """A reduction over index letters: Σ_j body, max_j body."""

    sign: str
    letters: tuple[str, ...]
    body: "Layout"


Layout: TypeAlias = (
    Number
    | Glyph
    | Name
    | Layered
    | Delta
    | Partial
    | Fraction
    | Power
    | Root
    | Bars
    | Floor
    | Call
    | Relation
    | Indicator
    | Cases
    | Transposed
    | Product
    | Minus
    | Total
    | Over
)


@dataclass(frozen=True)
class Equation:
    """``left = term + term + …``, breakable between the terms, with a condition behind it."""

    left: Layout
    right: Layout
    sign: str = "="
    condition: Relation | None = None


@dataclass(frozen=True)
class Block:
    """Equations below each other, and notes with a word before each."""

    equations: tuple[Equation, ...]
    notes: tuple["Equation | str", ...] = ()
    word: str = "used"
