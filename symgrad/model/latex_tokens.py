r"""Tokens of LaTeX but for its commands: names with their scripts, groups, brackets."""

from abc import ABC, abstractmethod

from symgrad.model import latex_words as words
from symgrad.model.latex_pieces import MAX_DEPTH, Cursor, Piece, Pieces, bare
from symgrad.model.latex_scripts import Scripts, scripts_of
from symgrad.model.lexer import Sort, Token, complain
from symgrad.model.names import LONGEST
from symgrad.model.wide_lexer import READERS

FAR = 200
OPEN = frozenset({"(", "["})
CLOSE = frozenset({")", "]"})
NESTING = frozenset({"δ", "d", "Δ"})
NORMS = frozenset({"2", "F"})


def mark(text: str, column: int) -> Token:
    """Return the token of a sign."""
    return Token(Sort.MARK, text, column)


class TokenLexer(ABC):
    """A cursor over pieces; each method reads one construct into tokens."""

    def __init__(self, pieces: Pieces, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise complain(pieces[0].column if pieces else 1, f"nested deeper than {MAX_DEPTH} levels")
        self.cursor = Cursor(pieces)
        self.depth = depth
        self.out: list[Token] = []
        self.opened: list[str] = []
        self.points: list[int] = []

    def all(self) -> list[Token]:
        """Return the tokens of all pieces."""
        while self.cursor.here.kind != "end":
            self.item()
        return self.out

    def inner(self, pieces: Pieces) -> list[Token]:
        """Return the tokens of a group."""
        return type(self)(pieces, self.depth + 1).all()

    def put(self, text: str, column: int) -> None:
        self.out.append(mark(text, column))

    def bracketed(self, tokens: list[Token], column: int) -> None:
        self.put("(", column)
        self.out += tokens
        self.put(")", column)

    def item(self) -> None:
        """Read one construct."""
        piece = self.cursor.take()
        match piece.kind:
            case "command":
                self.command(piece)
            case "letters":
                self.name(piece.text, piece.column)
            case "number":
                self.out += READERS["number"](piece.text, piece.column)
            case "brace":
                self.group(piece)
            case "script":
                self.script(piece)
            case "align":
                pass
            case _:
                self.typed(piece)

    def script(self, piece: Piece) -> None:
        """Read what is raised at something that is no name; nothing but the kind of a norm is lowered."""
        if piece.text == "_" and self.behind_vector():
            self.put("_", piece.column)
            self.bracketed(self.inner(self.cursor.argument()), piece.column)
            return
        if piece.text == "_":
            if not (bare(self.cursor.argument()) in NORMS and self.normed()):
                raise complain(piece.column, "found '_' behind what is no name; put the index at the names")
            return
        self.cursor.place -= 1
        self.behind(scripts_of(self.cursor, named=False), piece.column)

    def behind_vector(self) -> bool:
        """Whether a softmax was just closed."""
        depth = 0
        for token in reversed(self.out):
            depth += (token.text == ")") - (token.text == "(")
            if not depth and token.text != "(":
                return token.text in ("softmax", "log_softmax")
        return False

    def normed(self) -> bool:
        """Whether a norm was just closed."""
        pieces = self.cursor.pieces[max(0, self.cursor.place - 6) : self.cursor.place]
        return any(p.text in ("||", "‖") or (p.kind == "command" and p.text in words.BARS) for p in pieces)

    def group(self, piece: Piece) -> None:
        """Read what stands in braces; a name in braces takes the scripts behind them."""
        if piece.text == "}":
            raise complain(piece.column, "found '}' without an opening brace")
        self.cursor.place -= 1
        tokens = self.inner(self.cursor.argument())
        if len(tokens) == 1 and tokens[0].sort is Sort.NAME:
            self.name(tokens[0].text, tokens[0].column, tokens[0])
        elif tokens:
            self.bracketed(tokens, piece.column)

    def typed(self, piece: Piece) -> None:
        """Read signs as they are typed in text."""
        if piece.text == "[":
            self.open_square(piece, fenced=False)
        elif piece.text == "]":
            self.put(")" if self.opened and self.opened.pop() == "(" else "]", piece.column)
        else:
            tokens = list(READERS[piece.kind](piece.text, piece.column))
            if tokens and tokens[0].sort is Sort.NAME:
                self.name(tokens[0].text, piece.column)
            else:
                self.out += tokens

    def open_square(self, piece: Piece, *, fenced: bool) -> None:
        """Read ``[`` as subscripts directly behind a name, as an indicator, or as a bracket."""
        before = self.cursor.ahead(-2) if self.cursor.place > 1 else piece
        behind_name = bool(self.out) and self.out[-1].sort is Sort.NAME and before.end == piece.column
        square = (behind_name and not fenced) or self.relation_ahead()
        self.opened.append("[" if square else "(")
        self.put(self.opened[-1], piece.column)

    def relation_ahead(self) -> bool:
        """Whether a relation stands in the bracket that was just opened."""
        depth = 0
        for piece in self.cursor.pieces[self.cursor.place : self.cursor.place + FAR]:
            sign = words.MARKS.get(piece.text, "") if piece.kind == "command" else piece.text
            depth += (sign in OPEN) - (sign in CLOSE)
            if depth < 0:
                return False
            if depth == 0 and sign in words.RELATIONS:
                return True
        return False

    def name(self, text: str, column: int, within: Token | None = None) -> None:
        """Read a name with its scripts; `within` is the name that stood in braces."""
        if len(text) > LONGEST:
            raise complain(column, f"found a name of {len(text)} characters; at most {LONGEST} are allowed")
        scripts = scripts_of(self.cursor, nested=text in NESTING)
        above, below = (within.above, within.below) if within else ((), ())
        above, below = (*above, *scripts.above), (*below, *scripts.below)
        self.out.append(Token(Sort.NAME, text + scripts.inner, column, above=above, below=below))
        self.behind(scripts, column)

    def behind(self, scripts: Scripts, column: int) -> None:
        for sign in scripts.signs:
            self.put(sign, column)
        for power in scripts.powers:
            self.put("^", column)
            self.bracketed(self.inner(power), column)

    @abstractmethod
    def command(self, piece: Piece) -> None:
        """Read a command with its arguments."""
