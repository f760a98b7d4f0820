"""Formulas as presentation MathML for pages, their LaTeX beside them for copying."""

from html import escape

from symgrad.notation import latex
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
from symgrad.notation.unicode import WIDTH, columns

APPLY = "<mo>\u2061</mo>"
TIMES = "<mo>\u2062</mo>"


def math(block: Block) -> str:
    """Return equations as one ``<math>`` element with its LaTeX as an annotation."""
    rows = [row for equation in block.equations for row in _rows(equation)]
    rows += [_row([f"<mtext>{block.word}: </mtext>{_note(note)}"]) for note in block.notes]
    table = f'<mtable displaystyle="true">{"".join(rows)}</mtable>'
    source = escape(latex.write_block(block), quote=False)
    annotation = f'<annotation encoding="application/x-tex">{source}</annotation>'
    return (
        '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">'
        f"<semantics>{table}{annotation}</semantics></math>"
    )


def write(layout: Layout) -> str:
    """Return a layout as one element of presentation MathML."""
    match layout:
        case Number(digits):
            return f"<mn>{escape(digits)}</mn>"
        case Glyph(sign):
            return f'<mn mathvariant="bold">{sign}</mn>' if sign == "1" else f"<mi>{escape(sign)}</mi>"
        case Name():
            return _name(layout)
        case Layered(letter, layer):
            return f"<msup>{_letter(letter)}{_bracketed(write(layer))}</msup>"
        case Delta(of):
            return f"<msub><mi>δ</mi>{write(of)}</msub>"
        case Partial():
            return _partial(layout)
        case Fraction(upper, lower):
            return f"<mfrac>{write(upper)}{write(lower)}</mfrac>"
        case Power(base, exponent, entrywise):
            raised = _row_of("<mo>⊙</mo>", write(exponent)) if entrywise else write(exponent)
            return f"<msup>{_in(base, ATOM)}{raised}</msup>"
        case Root(body):
            return f"<msqrt>{write(body)}</msqrt>"
        case Bars(body):
            return _row_of("<mo>|</mo>", write(body), "<mo>|</mo>")
        case Floor(body):
            return _row_of("<mo>⌊</mo>", write(body), "<mo>⌋</mo>")
        case Call(function, args):
            return _row_of(_letter(function), APPLY, _bracketed("<mo>,</mo>".join(map(write, args))))
        case Relation(left, sign, right):
            return _row_of(write(left), _sign(sign), write(right))
        case Indicator(Relation(left, _, right), True):
            return f"<msub><mi>δ</mi>{_row_of(write(left), '<mo>,</mo>', write(right))}</msub>"
        case Indicator(condition, _):
            return _row_of("<mo>[</mo>", write(condition), "<mo>]</mo>")
        case Cases(cases):
            return _row_of("<mo>{</mo>", f"<mtable>{''.join(_case(v, c) for v, c in cases)}</mtable>")
        case Transposed(body):
            return f"<msup>{_in(body, ATOM)}<mo>⊤</mo></msup>"
        case Product():
            return _product(layout)
        case Minus(body):
            return _row_of("<mo>−</mo>", _in(body, OVER))
        case Total(addends):
            return _row_of(_signed(addends[0]), *map(_joined, addends[1:]))
        case Over(sign, letters, body):
            below = _row_of("<mo>,</mo>".join(map(_letter, letters)))
            return _row_of(
                f"<munder><mo>{escape(sign.replace('Σ', '∑'))}</mo>{below}</munder>", _in(body, OVER)
            )


def _partial(partial: Partial) -> str:
    order = len(partial.more) + 1
    sign = "<mo>∂</mo>" if order == 1 else f"<msup><mo>∂</mo><mn>{order}</mn></msup>"
    if square := repeated(partial):
        lowers = [f"<msup>{_in(square, POWER)}<mn>{order}</mn></msup>"]
    else:
        lowers = [write(lower) for lower in (partial.lower, *partial.more)]
    below = "".join(f"<mo>∂</mo>{lower}" for lower in lowers)
    return f"<mfrac>{_row_of(sign, _in(partial.upper, POWER))}{_row_of(below)}</mfrac>"


def _rows(equation: Equation) -> list[str]:
    left, sign = write(equation.left), f"<mo>{equation.sign}</mo>"
    if columns(equation) <= WIDTH:
        when = f"<mspace width='2em'/>{_bracketed(write(equation.condition))}" if equation.condition else ""
        return [_row([left, sign, write(equation.right) + when])]
    first, *rest = terms(equation.right)
    return [_row([left, sign, _signed(first)]), *(_row(["", "", _row_of(_joined(t))]) for t in rest)]


def _row(cells: list[str]) -> str:
    sides = ("right", "center", "left") if len(cells) == 3 else ("left",)
    span = "" if len(cells) == 3 else ' columnspan="3"'
    return f"<mtr>{''.join(_cell(c, side, span) for c, side in zip(cells, sides, strict=True))}</mtr>"


def _cell(content: str, side: str, span: str) -> str:
    return f'<mtd{span} style="text-align: {side}">{content}</mtd>'


def _note(note: Equation | str) -> str:
    if isinstance(note, str):
        return f"<mtext>{escape(note)}</mtext>"
    return _row_of(write(note.left), f"<mo>{note.sign}</mo>", write(note.right))


def _row_of(*parts: str) -> str:
    return f"<mrow>{''.join(parts)}</mrow>"


def _bracketed(body: str) -> str:
    return _row_of("<mo>(</mo>", body, "<mo>)</mo>")


def _in(layout: Layout, floor: int) -> str:
    body = write(layout)
    return body if level(layout) >= floor or isinstance(layout, Fraction | Partial) else _bracketed(body)


def _letter(letters: str) -> str:
    return f"<mi>{escape(letters)}</mi>"


def _sign(sign: str) -> str:
    return f"<mtext> {sign} </mtext>" if sign.isalpha() else f"<mo>{escape(sign)}</mo>"


def _name(name: Name) -> str:
    parts = split(name.name)
    indexed = bool(name.subscripts) or name.whole
    words = [_letter(p) for p in parts.below if indexed and not p.isdigit()]
    below = [_letter(p) for p in parts.below if p.isdigit() or not indexed]
    layer = bool(parts.above) and (indexed or bool(parts.below))
    above = [_bracketed(f"<mn>{parts.above}</mn>")] * layer + words
    below = [
        *([] if layer or not parts.above else [f"<mn>{parts.above}</mn>"]),
        *below,
        *map(write, name.subscripts),
    ]
    base = _letter(parts.letter + "′" * parts.primes)
    match above, below:
        case [], []:
            return base
        case [], _:
            return f"<msub>{base}{_row_of(*below)}</msub>"
        case _, []:
            return f"<msup>{base}{_row_of(*above)}</msup>"
        case _:
            return f"<msubsup>{base}{_row_of(*below)}{_row_of(*above)}</msubsup>"


def _product(product: Product) -> str:
    parts = [_in(f, floor) for f, floor in zip(product.factors, factor_floors(product), strict=True)]
    joint = f"<mo>{product.joint}</mo>" if product.joint else TIMES
    return _row_of(joint.join(parts))


def _signed(term: Layout) -> str:
    return _in(term, TOTAL if isinstance(term, Minus) else OVER)


def _joined(term: Layout) -> str:
    sign, body = ("−", term.body) if isinstance(term, Minus) else ("+", term)
    return f"<mo>{sign}</mo>{_in(body, OVER)}"


def _case(value: Layout, condition: Layout | None) -> str:
    when = "<mtext>otherwise</mtext>" if condition is None else f"<mtext>if </mtext>{write(condition)}"
    return f"<mtr><mtd>{write(value)}</mtd><mtd>{when}</mtd></mtr>"
