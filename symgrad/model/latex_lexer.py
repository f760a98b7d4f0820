r"""From the LaTeX of a gradient to the tokens that typed formulas have.

``\frac{a}{b}`` becomes ``(a/b)``, ``w^{(1)}_{11}`` a name with what is raised and lowered at it,
``a_1 (1-a_1)`` stays the product that it is.  What stands above a name belongs to it if it looks like an
index: a layer in brackets, a transpose, a prime; anything else that is raised is a power.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from symgrad.errors import FormulaError, unknown
from symgrad.model import latex_words as words
from symgrad.model.latex_pieces import Cursor, Piece, bare, pieces_of
from symgrad.model.latex_scripts import scripts_of
from symgrad.model.latex_tokens import OPEN, TokenLexer, mark
from symgrad.model.lexer import Sort, Token, check_count, check_text, complain


def is_latex(text: str) -> bool:
    """Whether a formula is written in LaTeX: it has a backslash, or braces."""
    return bool(set("\\{}$") & set(text))


def lex_latex(text: object) -> tuple[Token, ...]:
    """Return the tokens of a formula in LaTeX, an end token last.

    Raises
    ------
    FormulaError
        If it is no text, too long, or has a command that no gradient has.
    """
    checked = check_text(text)
    tokens = LatexLexer(pieces_of(checked), 0).all()
    return check_count([*tokens, Token(Sort.END, "", len(checked) + 1)])


class LatexLexer(TokenLexer):
    """A cursor that reads the commands of LaTeX."""

    def command(self, piece: Piece) -> None:
        text = piece.text
        if text in words.LETTERS:
            self.name(words.LETTERS[text], piece.column)
        elif text in words.FUNCTIONS:
            self.name(text, piece.column)
        elif text in words.MARKS:
            self.put(words.MARKS[text], piece.column)
        elif text in words.FONTS or text in words.ACCENTS:
            self.styled(piece)
        elif text in words.FRACTIONS:
            self.fraction(piece)
        elif text in CONSTRUCTS:
            CONSTRUCTS[text](self, piece)
        elif text not in words.SPACES:
            raise _unknown(piece)

    def styled(self, piece: Piece) -> None:
        r"""Read ``\hat{y}``, ``\mathbf{W}``, ``\operatorname{softmax}``."""
        content = Cursor(self.cursor.argument())
        parts: list[Piece] = []
        while content.here.kind not in ("end", "script"):
            parts.append(content.take())
        accents = [words.ACCENTS.get(p.text, "") for p in (*parts, piece) if p.kind == "command"]
        text = bare(parts) + "".join(accents)
        if bare(parts) == "1":
            self.ones(piece)
        elif not text.isalnum():
            self.bracketed(self.inner(content.pieces), piece.column)
        else:
            inside = scripts_of(content)
            token = Token(Sort.NAME, text, piece.column, above=inside.above, below=inside.below)
            self.name(text, piece.column, token)

    def ones(self, piece: Piece) -> None:
        r"""Read ``\mathbb{1}[z>0]`` and ``\mathbb{1}_{z>0}`` as indicators, ``\mathbf{1}`` as ones."""
        if self.cursor.at("script", "_"):
            self.cursor.take()
            self.put("[", piece.column)
            self.out += self.inner(self.cursor.argument())
            self.put("]", piece.column)
        elif not self.bracket_ahead():
            self.name("ones", piece.column)

    def bracket_ahead(self) -> bool:
        """Whether a bracket with a relation comes next."""
        fenced = self.cursor.at("command", "left") or self.cursor.at("command", "big")
        opening = self.cursor.ahead(int(fenced))
        sign = words.MARKS.get(opening.text, "") if opening.kind == "command" else opening.text
        if sign not in OPEN:
            return False
        self.cursor.place += 1 + fenced
        found = self.relation_ahead()
        self.cursor.place -= 1 + fenced
        return found

    def fraction(self, piece: Piece) -> None:
        above, below = (self.inner(self.cursor.argument(digit=True)) for _ in range(2))
        if _is_derived_function(above, below):
            self.out += [above[1], mark("'", piece.column), *above[2:]]
            return
        self.put("(", piece.column)
        derivative = _is_differential(above) and _is_differential(below)
        for tokens, sign in ((above, "/"), (below, ")")):
            if derivative:
                self.out += tokens
            else:
                self.bracketed(tokens, piece.column)
            self.put(sign, piece.column)

    def root(self, piece: Piece) -> None:
        index: list[Piece] = []
        if self.cursor.at("mark", "["):
            self.cursor.take()
            while not self.cursor.at("mark", "]"):
                index.append(self.cursor.take())
                if index[-1].kind == "end":
                    raise complain(piece.column, "found a root whose index has no closing bracket")
            self.cursor.take()
        if not index:
            self.out.append(Token(Sort.NAME, "sqrt", piece.column))
        self.bracketed(self.inner(self.cursor.argument(digit=True)), piece.column)
        if index:
            self.put("^", piece.column)
            one = Token(Sort.NUMBER, "1", piece.column, Fraction(1))
            self.bracketed([one, mark("/", piece.column), *self.inner(index)], piece.column)

    def total(self, piece: Piece) -> None:
        """Read a sum sign with what stands below and above it."""
        ends: dict[str, list[Token]] = {}
        while self.cursor.here.kind == "script" or self.cursor.here.text in ("limits", "nolimits"):
            sign = self.cursor.take()
            if sign.kind == "script":
                ends[sign.text] = self.inner(self.cursor.argument())
        self.put("Σ", piece.column)
        for sign in ("_", "^"):
            if sign in ends:
                self.put(sign, piece.column)
                self.bracketed(ends[sign], piece.column)

    def nabla(self, piece: Piece) -> None:
        r"""Read ``\nabla_W J`` as ∂J/∂W, ``\nabla W`` as the gradient by W."""
        if not self.cursor.accept("script", "_"):
            self.out.append(Token(Sort.NAME, "grad", piece.column))
            return
        lower = self.inner(self.cursor.argument())
        if self.cursor.here.kind not in ("letters", "command"):
            raise complain(piece.column, r"found \nabla before no name; write \nabla_W J")
        self.put("∂", piece.column)
        self.item()
        self.put("/", piece.column)
        self.put("∂", piece.column)
        self.out += lower

    def left(self, piece: Piece) -> None:
        r"""Read what stands behind ``\left``: bars open here, and a point is nothing."""
        self.fence(piece, {"|": ("abs", "("), "||": ("norm", "(")})

    def right(self, piece: Piece) -> None:
        r"""Read what stands behind ``\right``."""
        self.fence(piece, {"|": (")",), "||": (")",)})

    def fence(self, piece: Piece, bars: Mapping[str, tuple[str, ...]]) -> None:
        delimiter = self.cursor.take()
        sign = words.MARKS.get(delimiter.text, "") if delimiter.kind == "command" else delimiter.text
        if sign in bars:
            for text in bars[sign]:
                sort = Sort.MARK if text in "()" else Sort.NAME
                self.out.append(Token(sort, text, delimiter.column))
        elif sign == "[":
            self.open_square(delimiter, fenced=True)
        elif sign in ("(", ")", "]"):
            self.typed(replace(delimiter, kind="mark", text=sign))
        elif sign != ".":
            raise complain(
                piece.column, f"found \\{piece.text} before {delimiter.text!r}; brackets stand there"
            )

    def prime(self, piece: Piece) -> None:
        """Read a prime that is not raised."""
        self.put("'", piece.column)


CONSTRUCTS: Mapping[str, Callable[[LatexLexer, Piece], None]] = {
    "sqrt": LatexLexer.root,
    "sum": LatexLexer.total,
    "nabla": LatexLexer.nabla,
    "left": LatexLexer.left,
    "right": LatexLexer.right,
    "prime": LatexLexer.prime,
}


def _unknown(piece: Piece) -> FormulaError:
    if piece.text in words.HINTS:
        return complain(piece.column, f"found \\{piece.text}; {words.HINTS[piece.text]}")
    known = [*words.LETTERS, *words.FUNCTIONS, *words.MARKS, *words.FONTS, *words.ACCENTS, *CONSTRUCTS]
    near = unknown("command", piece.text, [*known, *words.FRACTIONS])
    return complain(piece.column, str(near) if piece.text.isalpha() else f"found \\{piece.text}; remove it")


def _is_differential(tokens: list[Token]) -> bool:
    """Whether tokens are ∂J, dJ or d J."""
    names = [token for token in tokens if token.sort is Sort.NAME]
    first = tokens[0].text if tokens else ""
    return (len(tokens) == 2 and len(names) == 2 - (first == "∂") and first in ("∂", "d")) or (
        len(tokens) == len(names) == 1 and first.startswith("d") and len(first) > 1
    )


def _is_derived_function(above: list[Token], below: list[Token]) -> bool:
    """Whether tokens are ∂f(a) over ∂a."""
    if len(above) != 5 or len(below) != 2 or [above[0].text, above[2].text, above[4].text] != ["∂", "(", ")"]:
        return False
    return below[0].text == "∂" and replace(above[3], column=0) == replace(below[1], column=0)
