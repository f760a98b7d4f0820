"""The wider grammar of gradients, on top of that of definitions.

Primes after functions, transposes, products of matrices, ∂, sums with a sign, relations in brackets, the
calls and methods of array libraries.  Whatever can be read in several ways is a doubt: the parser takes
the reading that it was told to, and says how many there are.
"""

from symgrad.model.lexer import Sort, Token
from symgrad.model.parser import LEVELS
from symgrad.model.ranks import rank
from symgrad.model.syntax import (
    POSTFIX,
    POWER,
    PRODUCT,
    SIGN,
    Call,
    Constant,
    Formula,
    Indicator,
    Neg,
    Number,
    Power,
    Slice,
    Transpose,
)
from symgrad.model.wide_calls import CallParser

WIDE_LEVELS = {
    **LEVELS,
    **dict.fromkeys("@·⋆∗", PRODUCT),
    **dict.fromkeys("ᵀ'.", POSTFIX),
}
OPENING = frozenset("([√∂Σ⌊")
MOST_POSTFIXES = 8
BARS = frozenset({"|", "||"})


class WideParser(CallParser):
    """A cursor that reads gradients."""

    bars = 0

    def level(self) -> int:
        if self.here.sort is not Sort.MARK:
            return super().level()
        text = self.here.text
        if text in BARS:
            return 0 if self.bars else self.beside
        return self.beside if text in OPENING else WIDE_LEVELS.get(text, 0)

    def operator(self, divided: bool) -> str:
        if self.here.sort is Sort.MARK and self.here.text in WIDE_LEVELS:
            mark = self.take().text
            return self.choose("∗", ("*", mark)) if mark == "∗" else mark
        if self.at_ones():
            return " "
        if divided:
            self.choose("/", (False, True))
        if self.here.sort is not Sort.MARK:
            super().operator(divided)
        return " "

    def at_ones(self) -> bool:
        """Whether a vector of ones comes next, as in ``1 1ᵀ``."""
        behind = self.ahead(1)
        return self.here.text == "1" and behind.sort is Sort.MARK and behind.text == "ᵀ"

    def value(self) -> Formula:
        """Read an argument; as a subscript ``:`` or a dot is a whole axis."""
        behind = self.ahead(1)
        if self.in_subscript and (self.at(":") or self.at("·")) and behind.text in (",", "]"):
            return Slice(column=self.take().column)
        return super().value()

    def joined(self, left: Formula, level: int) -> Formula:
        if level != POSTFIX:
            return super().joined(left, level)
        for _ in range(MOST_POSTFIXES):
            left = self.postfix(left)
            if self.level() != POSTFIX:
                return left
        raise self.unexpected(f"the one after {MOST_POSTFIXES} transposes and methods; name a part of it")

    def postfix(self, operand: Formula) -> Formula:
        token = self.take()
        if token.text == ".":
            return self.method(operand)
        if token.text == "'" and rank(operand, self.vocabulary.names) == 0:
            self.place -= 1
            raise self.unexpected("which stands after a function, as in sigmoid'(z1), or after an array")
        return self.transposed(operand, token)

    def transposed(self, operand: Formula, token: Token) -> Formula:
        if isinstance(operand, Transpose):
            return operand.operand
        ones = isinstance(operand, Number) and operand.value == 1
        return Transpose(Constant("ones", operand.column) if ones else operand, token.column)

    def power(self, base: Formula) -> Formula:
        if self.raised_transpose(base):
            return self.transposed(base, self.tokens[self.place - 1])
        column = self.take().column
        self.accept("*")
        return Power(base, self.expression(SIGN), column)

    def raised_transpose(self, base: Formula) -> bool:
        """Take ``^T``, which is a transpose unless the base is a number and T has a meaning."""
        sign = self.ahead(1)
        letter = sign.sort is Sort.NAME and sign.text == "T"
        if letter and self.declared(sign) and rank(base, self.vocabulary.names) == 0:
            return False
        if not letter and not (sign.sort is Sort.MARK and sign.text == "ᵀ"):
            return False
        self.place += 2
        return True

    def prefix(self) -> Formula:
        token = self.here
        if token.sort is not Sort.MARK:
            return super().prefix()
        if self.accept("("):
            return self.closed(")")
        if self.accept("["):
            return self.bracketed(token)
        if self.accept("-"):
            return Neg(self.expression(SIGN), token.column)
        return self.signed_prefix(token)

    def signed_prefix(self, token: Token) -> Formula:
        if self.accept("∂"):
            return self.partial(token.column)
        if self.accept("√"):
            return Call("sqrt", (self.expression(POWER + 1),), token.column)
        if self.accept("⌊"):
            return Call("floor", (self.closed("⌋"),), token.column)
        if self.accept("Σ"):
            return self.signed("sum", token, self.heading_of_sum())
        if token.text in BARS:
            return self.between_bars(self.take())
        return super().prefix()

    def closed(self, mark: str) -> Formula:
        outer, self.bars = self.bars, 0
        inside = self.value()
        self.bars = outer
        self.expect(mark, "close the bracket")
        return inside

    def bracketed(self, token: Token) -> Formula:
        """Read ``[i = j]``, or a bracket like any other."""
        before = self.tokens[self.place - 2] if self.place > 1 else None
        inside = self.closed("]")
        behind = before is not None and (before.sort is Sort.NAME or before.text in (")", "]"))
        if behind and not isinstance(inside, Indicator):
            self.place = self.tokens.index(token)
            raise self.unexpected("where nothing has subscripts; they stand behind the name of an array")
        return inside

    def between_bars(self, token: Token) -> Formula:
        self.bars += 1
        inside = self.expression(0)
        self.bars -= 1
        self.expect(token.text, "close the bars")
        return Call("norm" if token.text == "||" else "abs", (inside,), token.column)
