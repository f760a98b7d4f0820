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
    """A derivative that is named, ∂J/∂o1."""

    upper: Name
    lower: "Layout"


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


RELATION, TOTAL, OVER, ENTRYWISE, DOTTED, PRODUCT, POWER, ATOM = range(8)
JOINTS = {"": PRODUCT, "·": DOTTED, "⊙": ENTRYWISE}


def level(layout: Layout) -> int:
    """Return how tightly a layout holds together."""
    match layout:
        case Relation():
            return RELATION
        case Total() | Minus():
            return TOTAL
        case Over():
            return OVER
        case Product(_, joint):
            return JOINTS[joint]
        case Fraction() | Partial():
            return PRODUCT
        case Power() | Transposed() | Layered():
            return POWER
        case _:
            return ATOM


def terms(layout: Layout) -> tuple[Layout, ...]:
    """Return the addends of a layout."""
    return layout.terms if isinstance(layout, Total) else (layout,)


def product(factors: tuple[Layout, ...], joint: str = "") -> Layout:
    """Join factors; signs go in front, ones are left out, one factor stays alone."""
    flat = [f for factor in factors for f in _flat(factor, joint)]
    signs = sum(isinstance(f, Minus) for f in flat)
    bare = [f.body if isinstance(f, Minus) else f for f in flat]
    kept = tuple(f for f in bare if f != Number("1")) or (Number("1"),)
    whole = kept[0] if len(kept) == 1 else Product(kept, joint)
    return Minus(whole) if signs % 2 else whole


def _flat(factor: Layout, joint: str) -> tuple[Layout, ...]:
    return factor.factors if isinstance(factor, Product) and factor.joint == joint else (factor,)


def factor_floors(joined: Product) -> tuple[int, ...]:
    """Return how tightly each factor of a product must hold together to stand without brackets."""
    floor = POWER if joined.joint == "⊙" else level(joined)
    *front, last = joined.factors
    return (*(floor for _ in front), min(floor, _last_floor(joined.joint, last)))


def _last_floor(joint: str, last: Layout) -> int:
    """A sum sign, or a product entry by entry behind a number, may stand open at the end."""
    match last:
        case Over():
            return ATOM if joint == "⊙" else OVER
        case Product(_, "⊙") if joint == "·":
            return ENTRYWISE
        case _:
            return ATOM


def over(sign: str, letters: tuple[str, ...], body: Layout) -> Layout:
    """Reduce a layout over letters; without letters it stays."""
    return Over(sign, letters, body) if letters else body


def total(parts: tuple[Layout, ...]) -> Layout:
    """Add layouts; nothing is 0."""
    flat = tuple(t for part in parts for t in terms(part))
    return Number("0") if not flat else flat[0] if len(flat) == 1 else Total(flat)
