"""Formulas as plain text for terminals: ``∂J/∂w1 = (o1 − t1) · o1 (1 − o1) · w10 · …``."""

from symgrad.derive.kept import kept
from symgrad.notation.compose import ATOM, OVER, POWER, PRODUCT, TOTAL, factor_floors, level, repeated
from symgrad.notation.layout import (
    Bars,
    Block,
    Call,
    Cases,
    Delta,
    Equation,
    Floor,
    Fraction,
    Glyph,
    Indicator,
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
    Root,
    Total,
    Transposed,
)

WIDTH = 100
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
VULGAR = {("1", "2"): "½", ("1", "4"): "¼", ("3", "4"): "¾"}


def write(layout: Layout) -> str:
    """Return a layout as text."""
    match layout:
        case Number(text) | Glyph(text):
            return text
        case Name(name, subscripts):
            return name + (f"[{','.join(map(_subscript, subscripts))}]" if subscripts else "")
        case Layered(letter, layer):
            return f"{letter}^{_in(layer, ATOM).replace(' ', '')}"
        case Delta(of):
            return f"δ{write(of)}"
        case Partial():
            return _partial(layout)
        case Fraction():
            return _fraction(layout)
        case Power():
            return _power(layout)
        case Root(body):
            return f"√{_in(body, ATOM)}"
        case Bars(body):
            return f"|{write(body)}|"
        case Floor(body):
            return f"⌊{write(body)}⌋"
        case Call(function, args):
            return f"{function}({', '.join(map(write, args))})"
        case Relation(left, sign, right):
            return f"{write(left)} {sign} {write(right)}"
        case Indicator(condition, _):
            return f"[{write(condition)}]"
        case Cases(cases):
            return "{" + ", ".join(_case(value, condition) for value, condition in cases) + "}"
        case Transposed(body):
            return f"{_in(body, ATOM)}ᵀ"
        case Product():
            return _product(layout)
        case Minus(body):
            return f"−{_in(body, OVER)}"
        case Total():
            return "".join(addends(layout))
        case Over(sign, letters, body):
            return f"{sign}_{','.join(letters)} {_in(body, OVER)}"


def _partial(partial: Partial) -> str:
    order = len(partial.more) + 1
    raised = str(order).translate(RAISED) if order > 1 else ""
    upper = _in(partial.upper, POWER)
    if square := repeated(partial):
        return f"∂{raised}{upper}/∂{_in(square, POWER)}{raised}"
    return f"∂{raised}{upper}/" + "".join(f"∂{_in(lower, POWER)}" for lower in (partial.lower, *partial.more))


def columns(equation: Equation) -> int:
    """Return the width of an equation on one line."""
    return len(f"{write(equation.left)} {equation.sign} {write(equation.right)}")


def write_equation(equation: Equation, width: int = WIDTH) -> str:
    """Return an equation as text, one summand a line where it is wider than `width` columns."""
    left = f"{write(equation.left)} {equation.sign} "
    first, *rest = addends(equation.right)
    if not rest or len(left) + len(first) + sum(map(len, rest)) <= width:
        condition = f"  for {write(equation.condition)}" if equation.condition else ""
        return "".join((left, first, *rest, condition))
    margin = " " * (len(left) - len(equation.sign) - 2)
    return "\n".join([left + first, *(margin + part for part in rest)])


def write_block(block: Block, width: int = WIDTH) -> str:
    """Return equations below each other as text."""
    lines = [write_equation(equation, width) for equation in block.equations]
    notes = [note if isinstance(note, str) else write_equation(note) for note in block.notes]
    return "\n".join([*lines, *(f"  {block.word}: {note}" for note in notes)])


def addends(layout: Layout) -> list[str]:
    """Return the addends of a layout as text, with the signs between them."""
    if not isinstance(layout, Total):
        return [write(layout)]
    first, *rest = layout.terms
    return [_in(first, TOTAL if isinstance(first, Minus) else OVER), *map(_joined, rest)]


def _joined(term: Layout) -> str:
    sign, body = ("−", term.body) if isinstance(term, Minus) else ("+", term)
    return f" {sign} {_in(body, OVER)}"


def _subscript(layout: Layout) -> str:
    return write(layout).replace(" ", "")


def _in(layout: Layout, floor: int) -> str:
    text = write(layout)
    return text if _level(layout) >= floor else f"({text})"


def _level(layout: Layout) -> int:
    return ATOM if _is_vulgar(layout) else level(layout)


def _is_vulgar(layout: Layout) -> bool:
    return isinstance(layout, Fraction) and _vulgar(layout) is not None


def _vulgar(fraction: Fraction) -> str | None:
    match fraction:
        case Fraction(Number(upper), Number(lower)):
            return VULGAR.get((upper, lower))
        case _:
            return None


def _fraction(fraction: Fraction) -> str:
    return _vulgar(fraction) or f"{_in(fraction.upper, PRODUCT)}/{_in(fraction.lower, POWER)}"


def _power(power: Power) -> str:
    base = _in(power.base, ATOM)
    mark = "⊙" if power.entrywise else ""
    match power.exponent:
        case Number(digits) if digits.isdigit() and not mark:
            return base + digits.translate(RAISED)
        case exponent:
            return f"{base}^{mark}{_in(exponent, ATOM)}"


def _product(product: Product) -> str:
    parts = [_factor(f, floor) for f, floor in zip(product.factors, factor_floors(product), strict=True)]
    if product.joint:
        return f" {product.joint} ".join(parts)
    text = parts[0]
    for before, here, part in zip(product.factors, product.factors[1:], parts[1:], strict=False):
        text += (" · " if _touches(before, here) else " ") + part
    return text


def _factor(factor: Layout, floor: int) -> str:
    """Return a factor as text, which is written once: the same one stands in many products."""
    text, held = kept(factor, "text", lambda: (write(factor), _level(factor)))
    return text if held >= floor else f"({text})"


def _touches(before: Layout, here: Layout) -> bool:
    """Whether two factors side by side would be read as something else."""
    quotient = isinstance(before, Fraction | Partial) and not _is_vulgar(before)
    return quotient or isinstance(here, Indicator | Number | Fraction | Partial)


def _case(value: Layout, condition: Layout | None) -> str:
    return f"{write(value)} {'otherwise' if condition is None else f'if {write(condition)}'}"
