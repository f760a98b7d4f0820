r"""Formulas for MathJax and KaTeX: ``\frac{\partial J}{\partial w_{1}} = …``."""

from symgrad.notation.compose import ATOM, OVER, POWER, TOTAL, factor_floors, level, repeated, terms
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
from symgrad.notation.letters import split
from symgrad.notation.unicode import columns

NAMES = """
    alpha beta gamma delta varepsilon zeta eta theta lambda mu xi pi rho sigma tau varphi psi omega
    Gamma Delta Theta Lambda Xi Phi Psi Omega
"""
GREEK = dict(zip("αβγδεζηθλμξπρστφψωΓΔΘΛΞΦΨΩ", NAMES.split(), strict=True))
SIGNS = {
    "≤": r"\le",
    "≥": r"\ge",
    "≠": r"\ne",
    "and": r"\text{ and }",
    "or": r"\text{ or }",
    "Σ": r"\sum",
    "max": r"\max",
}
GLYPHS = {"·": r"\cdot", "π": r"\pi", "∞": r"\infty", "e": r"\mathrm{e}", "1": r"\mathbf{1}"}
KNOWN = frozenset({"tanh", "log", "exp", "sin", "cos", "max", "min"})
WORDS = str.maketrans(dict.fromkeys("\\{}$&#%^~_", " "))
WIDTH = 70
JOINTS = {"·": r" \cdot ", "⊙": r" \odot ", "⋆": r" \star ", "∗": r" \ast "}


def write(layout: Layout) -> str:
    """Return a layout as LaTeX for mathematics mode."""
    match layout:
        case Number(digits):
            return digits
        case Glyph(sign):
            return GLYPHS.get(sign, sign)
        case Name():
            return _name(layout)
        case Layered(letter, layer):
            return rf"{_letter(letter)}^{{({write(layer)})}}"
        case Delta(of):
            return rf"\delta_{{{write(of)}}}"
        case Partial():
            return _partial(layout)
        case Fraction(upper, lower):
            return rf"\frac{{{write(upper)}}}{{{write(lower)}}}"
        case Power():
            return _power(layout)
        case Root(body):
            return rf"\sqrt{{{write(body)}}}"
        case Bars(body):
            return rf"\left|{write(body)}\right|"
        case Floor(body):
            return rf"\left\lfloor {write(body)}\right\rfloor"
        case Call():
            return _call(layout)
        case Relation(left, sign, right):
            return f"{write(left)} {SIGNS.get(sign, sign)} {write(right)}"
        case Indicator(Relation(left, _, right), True):
            return rf"\delta_{{{_side_by_side([write(left), write(right)])}}}"
        case Indicator(condition, _):
            return f"[{write(condition)}]"
        case Cases(cases):
            rows = r" \\ ".join(_case(value, condition) for value, condition in cases)
            return rf"\begin{{cases}} {rows} \end{{cases}}"
        case Transposed(body):
            return _transposed(body)
        case Product():
            return _product(layout)
        case Minus(body):
            return f"-{_in(body, OVER)}"
        case Total(addends):
            return _signed(addends[0]) + "".join(_joined(t) for t in addends[1:])
        case Over(sign, letters, body):
            return f"{SIGNS[sign]}_{{{','.join(map(_letter, letters))}}} {_in(body, OVER)}"


def _partial(partial: Partial) -> str:
    order = len(partial.more) + 1
    raised = f"^{{{order}}}" if order > 1 else ""
    if square := repeated(partial):
        lowers = rf"\partial {_in(square, POWER)}{raised}"
    else:
        lowers = r" \, ".join(rf"\partial {write(lower)}" for lower in (partial.lower, *partial.more))
    return rf"\frac{{\partial{raised} {_in(partial.upper, POWER)}}}{{{lowers}}}"


def write_equation(equation: Equation) -> str:
    """Return an equation on one line."""
    return f"{write(equation.left)} {_sign(equation)} {write(equation.right)}"


def write_block(block: Block) -> str:
    """Return equations as one ``aligned`` block; a sum of several terms has one line for each."""
    rows = [row for equation in block.equations for row in _rows(equation)]
    rows += [rf"&\text{{{block.word}: }} {_note(note)}" for note in block.notes]
    if len(rows) == 1:
        return rows[0].replace("&", "", 1)
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def text(words: str) -> str:
    """Return words without the signs that have a meaning in LaTeX."""
    return " ".join(words.translate(WORDS).split())


def _rows(equation: Equation) -> list[str]:
    left, sign, (first, *rest) = write(equation.left), _sign(equation), terms(equation.right)
    if columns(equation) <= WIDTH:
        condition = rf" \qquad ({write(equation.condition)})" if equation.condition else ""
        return [f"{left} &{sign} {write(equation.right)}{condition}"]
    return [f"{left} &{sign} {_signed(first)}", *(f"&\\quad {_joined(t).strip()}" for t in rest)]


def _sign(equation: Equation) -> str:
    return r"\mathrel{+}=" if equation.sign == "+=" else equation.sign


def _note(note: Equation | str) -> str:
    return rf"\text{{{text(note)}}}" if isinstance(note, str) else write_equation(note)


def _name(name: Name, raised: str = "") -> str:
    parts = split(name.name)
    indexed = bool(name.subscripts) or name.whole
    words = [_letter(p) for p in parts.below if indexed and not p.isdigit()]
    below = [_letter(p) for p in parts.below if p.isdigit() or not indexed]
    layer = parts.above and (indexed or parts.layered)
    above = [f"({parts.above})"] * bool(layer) + words
    below = [*([] if layer or not parts.above else [parts.above]), *below, *map(write, name.subscripts)]
    base = _letter(parts.letter) + "'" * parts.primes
    return base + _script("^", ",".join(above) + raised) + _script("_", _side_by_side(below))


def _script(mark: str, body: str) -> str:
    return f"{mark}{{{body}}}" if body else ""


def _side_by_side(subscripts: list[str]) -> str:
    return ("" if all(len(s) == 1 for s in subscripts) else ",").join(subscripts)


def _letter(letters: str) -> str:
    """Return a letter in italics, a word upright, Greek letters by name."""
    if letters.isdigit():
        return letters
    bare, digits = letters.rstrip("0123456789"), letters[len(letters.rstrip("0123456789")) :]
    signs = " ".join(f"\\{GREEK[c]}" if c in GREEK else c for c in bare) if set(bare) & GREEK.keys() else bare
    base = signs if len(bare) == 1 else rf"\mathrm{{{signs}}}"
    return f"{base}_{{{digits}}}" if digits else base


def _in(layout: Layout, floor: int) -> str:
    body = write(layout)
    return body if level(layout) >= floor or isinstance(layout, Fraction | Partial) else bracket(body)


def bracket(body: str) -> str:
    """Put brackets around LaTeX, tall ones around tall formulas."""
    tall = any(mark in body for mark in (r"\frac", r"\sum", r"\left", r"\begin", "^"))
    return rf"\left({body}\right)" if tall else f"({body})"


def _raised(base: Layout, exponent: str) -> str:
    body = write(base)
    simple = level(base) >= ATOM and "^" not in body and r"\frac" not in body
    return f"{body if simple or isinstance(base, Delta) else bracket(body)}^{{{exponent}}}"


def _power(power: Power) -> str:
    return _raised(power.base, (r"\odot " if power.entrywise else "") + write(power.exponent))


def _transposed(body: Layout) -> str:
    """Write the sign of the transpose beside the number of the layer."""
    match body:
        case Name():
            return _name(body, r"\top")
        case Layered(letter, layer):
            return rf"{_letter(letter)}^{{({write(layer)})\top}}"
        case _:
            return _raised(body, r"\top")


def _call(call: Call) -> str:
    args = ", ".join(map(write, call.args))
    if call.function == "exp" and r"\frac" not in args:
        return f"e^{{{args}}}"
    return _function(call.function) + bracket(args)


def _function(name: str) -> str:
    if name.endswith("′"):
        return _function(name[:-1]) + "'"
    if name.startswith("∇"):
        return rf"\nabla {_letter(name[1:])}"
    if len(name) == 1 and name in GREEK:
        return f"\\{GREEK[name]}"
    if name in KNOWN:
        return f"\\{name}"
    plain = "".join(f"\\{GREEK[c]} " if c in GREEK else c for c in name.replace("_", r"\,"))
    return plain if len(name) == 1 else rf"\operatorname{{{plain}}}"


def _product(product: Product) -> str:
    parts = [_in(f, floor) for f, floor in zip(product.factors, factor_floors(product), strict=True)]
    if product.joint:
        return JOINTS[product.joint].join(parts)
    body = parts[0]
    for here, part in zip(product.factors[1:], parts[1:], strict=True):
        body += (r" \cdot " if isinstance(here, Number | Fraction | Partial | Indicator) else " ") + part
    return body


def _signed(term: Layout) -> str:
    return _in(term, TOTAL if isinstance(term, Minus) else OVER)


def _joined(term: Layout) -> str:
    sign, body = ("-", term.body) if isinstance(term, Minus) else ("+", term)
    return f" {sign} {_in(body, OVER)}"


def _case(value: Layout, condition: Layout | None) -> str:
    return f"{write(value)} & " + (
        r"\text{otherwise}" if condition is None else rf"\text{{if }} {write(condition)}"
    )
