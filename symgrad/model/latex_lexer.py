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
from symgrad.model.latex_groups import (
    cells_of,
    chosen,
    first_word,
    is_differential,
    is_operator,
    is_prose,
    put_in,
)
from symgrad.model.latex_pieces import Cursor, Piece, bare, pieces_of
from symgrad.model.latex_scripts import scripts_of
from symgrad.model.latex_tokens import NESTING, OPEN, TokenLexer, mark
from symgrad.model.lexer import Sort, Token, check_count, check_text, complain
from symgrad.model.wide_lexer import GRADIENTS


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
    checked = check_text(text, GRADIENTS.characters)
    tokens = LatexLexer(pieces_of(checked), 0).all()
    return check_count([*tokens, Token(Sort.END, "", len(checked) + 1)], GRADIENTS.tokens)


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
        elif text in words.DROPPED:
            self.cursor.argument()
        elif text not in words.SPACES:
            raise _unknown(piece)

    def styled(self, piece: Piece) -> None:
        r"""Read ``\hat{y}``, ``\mathbf{W}``, ``\operatorname{softmax}``."""
        content = Cursor(self.cursor.argument())
        if piece.text in words.WRITTEN and is_prose(content.pieces):
            self.out.append(Token(Sort.NAME, first_word(content.pieces), piece.column))
            return
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
            inside = scripts_of(content, nested=text in NESTING)
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
        derivative = is_differential(below) and (is_differential(above) or is_operator(above))
        if derivative and is_operator(above):
            above += self.operand(piece)
        self.put("(", piece.column)
        for tokens, sign in ((above, "/"), (below, ")")):
            if derivative:
                self.out += tokens
            else:
                self.bracketed(tokens, piece.column)
            self.put(sign, piece.column)

    def operand(self, piece: Piece) -> list[Token]:
        r"""Take the tokens of what is derived behind ``\frac{\partial}{\partial w}``."""
        if self.cursor.here.kind not in ("letters", "command", "brace"):
            raise complain(
                piece.column, "found a derivative of nothing; write what is derived above the line"
            )
        start = len(self.out)
        self.item()
        depth = self.cursor.at("mark", "(") or self.cursor.at("command", "left")
        while depth and not self.cursor.is_over:
            self.item()
            marks = [token.text for token in self.out[start:] if token.sort is Sort.MARK]
            depth = marks.count("(") > marks.count(")")
        taken = self.out[start:]
        del self.out[start:]
        return taken

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
        self.out += self.operand(piece)
        self.put("/", piece.column)
        self.put("∂", piece.column)
        self.out += lower

    def left(self, piece: Piece) -> None:
        r"""Read what stands behind ``\left``: bars open here, and a point is nothing."""
        self.fence(piece, {"|": ("abs", "("), "||": ("norm", "(")})

    def right(self, piece: Piece) -> None:
        r"""Read what stands behind ``\right``."""
        if self.points and self.cursor.at("mark", "|"):
            self.evaluated(self.points.pop(), piece)
        else:
            self.fence(piece, {"|": (")",), "||": (")",)})

    def evaluated(self, start: int, piece: Piece) -> None:
        r"""Read ``\left. f'(q) \right|_{q = z_1}``: what is said to stand for a name stands there."""
        self.cursor.take()
        if self.cursor.accept("script", "_"):
            lower = self.inner(self.cursor.argument())
            self.out[start:] = put_in(self.out[start:], lower, piece.column)

    def fence(self, piece: Piece, bars: Mapping[str, tuple[str, ...]]) -> None:
        delimiter = self.cursor.take()
        sign = words.MARKS.get(delimiter.text, "") if delimiter.kind == "command" else delimiter.text
        if sign in bars:
            for text in bars[sign]:
                sort = Sort.MARK if text in "()" else Sort.NAME
                self.out.append(Token(sort, text, delimiter.column))
        elif sign == "[":
            self.open_square(delimiter, fenced=True)
        elif sign in ("⌊", "⌋"):
            self.put(sign, delimiter.column)
        elif sign in ("(", ")", "]"):
            self.typed(replace(delimiter, kind="mark", text=sign))
        elif sign == "." and piece.text == "left":
            self.points.append(len(self.out))
        elif sign != ".":
            raise complain(
                piece.column, f"found \\{piece.text} before {delimiter.text!r}; brackets stand there"
            )

    def line(self, piece: Piece) -> None:
        r"""Read ``\\`` and ``\\[2pt]`` as the end of a line."""
        if (
            self.cursor.at("mark", "[")
            and self.cursor.ahead(1).kind == "number"
            and self.cursor.ahead(3).text == "]"
        ):
            self.cursor.place += 4
        self.put("\n", piece.column)

    def environment(self, piece: Piece) -> None:
        r"""Step over ``\begin{aligned}`` and ``\end{aligned}``; cases are values with conditions."""
        name = bare(self.cursor.argument())
        if piece.text == "begin" and name == "cases":
            self.cases(piece)
        elif name not in words.ENVIRONMENTS:
            raise complain(piece.column, f"found \\{piece.text}; {words.HINTS['begin']}")
        elif name.startswith("alignat") and piece.text == "begin":
            self.cursor.argument()

    def cases(self, piece: Piece) -> None:
        r"""Read ``\begin{cases} a & z > 0 \\ b & \text{otherwise} \end{cases}`` as where does."""
        start = self.cursor.place
        while not self.cursor.at("command", "end"):
            if self.cursor.take().kind == "end":
                raise complain(piece.column, r"found \begin{cases} without \end{cases}")
        inside = self.cursor.pieces[start : self.cursor.place]
        self.cursor.take()
        self.cursor.argument()
        self.out += chosen([[self.inner(cell) for cell in row] for row in cells_of(inside)], piece.column)

    def braced(self, piece: Piece) -> None:
        r"""Read ``\underbrace{a}_{why}`` as a."""
        self.bracketed(self.inner(self.cursor.argument()), piece.column)
        if self.cursor.here.kind == "script":
            self.cursor.take()
            self.cursor.argument()

    def boxed(self, piece: Piece) -> None:
        r"""Read ``\boxed{a}`` as a."""
        self.out += self.inner(self.cursor.argument())

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
    "\\": LatexLexer.line,
    "newline": LatexLexer.line,
    "begin": LatexLexer.environment,
    "end": LatexLexer.environment,
    "underbrace": LatexLexer.braced,
    "overbrace": LatexLexer.braced,
    "boxed": LatexLexer.boxed,
}


def _unknown(piece: Piece) -> FormulaError:
    if piece.text in words.HINTS:
        return complain(piece.column, f"found \\{piece.text}; {words.HINTS[piece.text]}")
    known = [*words.LETTERS, *words.FUNCTIONS, *words.MARKS, *words.FONTS, *words.ACCENTS, *CONSTRUCTS]
    near = unknown("command", piece.text, [*known, *words.FRACTIONS])
    return complain(piece.column, str(near) if piece.text.isalpha() else f"found \\{piece.text}; remove it")
