"""How layouts are put together, and how tightly they hold: signs in front, ones left out, brackets."""

from symgrad.notation.layout import (
    Fraction,
    Layered,
    Layout,
    Minus,
    Name,
    Number,
    Over,
    Partial,
    Power,
    Product,
    Relation,
    Total,
    Transposed,
)

RELATION, TOTAL, OVER, ENTRYWISE, DOTTED, PRODUCT, POWER, ATOM = range(8)
ONE = Number("1")
JOINTS = {"": PRODUCT, "·": DOTTED, "⊙": ENTRYWISE, "⋆": ENTRYWISE, "∗": ENTRYWISE}


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


def repeated(partial: Partial) -> Layout | None:
    """Return what a derivative of a higher order is by, where that is one array again and again: ∂²J/∂w²."""
    lowers = {partial.lower, *partial.more}
    whole = isinstance(partial.lower, Name) and not partial.lower.subscripts
    return partial.lower if partial.more and whole and len(lowers) == 1 else None


def terms(layout: Layout) -> tuple[Layout, ...]:
    """Return the addends of a layout."""
    return layout.terms if isinstance(layout, Total) else (layout,)


def product(factors: tuple[Layout, ...], joint: str = "") -> Layout:
    """Join factors; signs go in front, ones are left out, one factor stays alone."""
    flat = [f for factor in factors for f in _flat(factor, joint)]
    signs = sum(isinstance(f, Minus) for f in flat)
    bare = [f.body if isinstance(f, Minus) else f for f in flat] if signs else flat
    kept = tuple(f for f in bare if not (isinstance(f, Number) and f == ONE)) or (ONE,)
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
