"""The cursor that turns tokens into a formula: a Pratt parser, one method for each construct."""

from collections.abc import Callable, Collection, Mapping
from keyword import iskeyword
from typing import TypeVar, get_args

from symgrad.errors import FormulaError, unknown
from symgrad.model.lexer import Sort, Token, complain
from symgrad.model.limits import check_size, check_subscript
from symgrad.model.syntax import (
    POWER,
    PRODUCT,
    SIGN,
    SUM,
    Call,
    Chain,
    Constant,
    Formula,
    Kind,
    Name,
    Neg,
    Number,
    Power,
    Reduce,
)

MAX_DEPTH = 80
TIGHT = 25
REDUCTIONS: tuple[Kind, ...] = get_args(Kind)
CONSTANTS = {"e": "e", "pi": "pi", "π": "pi"}
LEVELS = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "^": POWER}
SHORT = {"σ": "sigmoid"}

FLAT = "its derivative is 0 wherever there is one; give what it yields as an input, or leave it out"
POSITION = "it is a position, and its derivative is 0 off ties; {} passes the gradient to the winner"
NOT_DIFFERENTIABLE: Mapping[str, str] = {
    **dict.fromkeys(("floor", "ceil", "ceiling", "round", "trunc", "int"), FLAT),
    "argmax": POSITION.format("max(j, x[j])"),
    "argmin": POSITION.format("-max(j, -x[j])"),
}

T = TypeVar("T")


class Parser:
    """A cursor over tokens; each method reads one construct and leaves the cursor behind it."""

    def __init__(
        self,
        tokens: tuple[Token, ...],
        functions: Collection[str],
        names: Collection[str] | None,
        beside: int = PRODUCT,
        sizes: Collection[str] = (),
    ) -> None:
        self.tokens = tokens
        self.functions = functions
        self.names = names
        self.beside = beside
        self.sizes = sizes
        self.place = 0
        self.depth = 0
        self.in_subscript = False
        self.doubtful: list[Token] = []
        self.subscripted: list[str] = []

    @property
    def here(self) -> Token:
        return self.tokens[self.place]

    def take(self) -> Token:
        token = self.here
        self.place += token.sort is not Sort.END
        return token

    def at(self, mark: str) -> bool:
        return self.here.sort is Sort.MARK and self.here.text == mark

    def accept(self, mark: str) -> bool:
        found = self.at(mark)
        self.place += found
        return found

    def expect(self, mark: str, remedy: str) -> None:
        if not self.accept(mark):
            raise self.unexpected(f"expected {mark!r}; {remedy}")

    def unexpected(self, remedy: str) -> FormulaError:
        found = "the end" if self.here.sort is Sort.END else repr(self.here.text)
        return complain(self.here.column, f"found {found}, {remedy}")

    def heading(self) -> tuple[str, ...]:
        letters = self.listed("]", self.letter) if self.accept("[") else ()
        if len(set(letters)) < len(letters):
            raise complain(1, f"found an axis twice in [{', '.join(letters)}]; each needs its own letter")
        return letters

    def letter(self) -> str:
        if self.here.sort is not Sort.NAME:
            raise self.unexpected("expected an index letter")
        token = self.take()
        if self.names is None and token.text in CONSTANTS:
            raise complain(token.column, f"found {token.text!r}, a constant, as an index; use another letter")
        return self.known(token)

    def whole(self) -> Formula:
        formula = self.expression(0)
        if self.here.sort is not Sort.END:
            raise self.unexpected("expected an operator or the end; check the brackets")
        check_size(formula)
        return formula

    def expression(self, floor: int) -> Formula:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise complain(self.here.column, f"nested deeper than {MAX_DEPTH} levels; name a part of it")
        left = self.prefix()
        while (level := self.level()) >= max(floor, 1):
            left = self.joined(left, level)
        self.depth -= 1
        return left

    def joined(self, left: Formula, level: int) -> Formula:
        return self.power(left) if level == POWER else self.run(left, level)

    def level(self) -> int:
        """Return how tightly the next token joins what stands before it; 0 where it does not."""
        if self.here.sort is Sort.MARK:
            return self.beside if self.here.text == "(" else LEVELS.get(self.here.text, 0)
        return 0 if self.here.sort is Sort.END else self.beside

    def power(self, base: Formula) -> Formula:
        column = self.take().column
        return Power(base, self.expression(SIGN), column)

    def run(self, first: Formula, level: int) -> Formula:
        column, divided = self.here.column, False
        operators: list[str] = []
        operands = [first]
        while self.level() == level:
            operators.append(self.operator(divided))
            divided = operators[-1] == "/"
            operands.append(self.expression(level + 1))
        return Chain(tuple(operators), tuple(operands), column)

    def operator(self, divided: bool) -> str:
        if self.here.sort is Sort.MARK and self.here.text != "(":
            return self.take().text
        if self.here.sort is Sort.NUMBER and self.tokens[self.place - 1].sort is Sort.NUMBER:
            raise self.unexpected("which follows another number; write an operator between them")
        if divided:
            self.doubtful.append(self.here)
        return "*"

    def prefix(self) -> Formula:
        token = self.here
        if token.sort is Sort.NUMBER:
            return Number(self.take().value, token.column)
        if token.sort is Sort.NAME:
            return self.named(self.take())
        if self.accept("("):
            inside = self.expression(0)
            self.expect(")", "close the bracket")
            return inside
        if self.accept("-"):
            return Neg(self.expression(SIGN), token.column)
        if self.accept("+"):
            return self.expression(SIGN)
        raise self.unexpected("expected a number, a name or a bracket")

    def named(self, token: Token) -> Formula:
        name = self.meant(token.text)
        declared = self.names is not None and name in self.names
        if self.in_subscript:
            self.subscripted.append(name)
            return Name(self.known(token), self.subscripts(), token.column)
        if name in REDUCTIONS and not declared:
            return self.reduction(name, token)
        if name in self.functions and not declared:
            return Call(name, self.arguments(name, self.value), token.column)
        if name in CONSTANTS and not declared:
            return Constant(CONSTANTS[name], token.column)
        return Name(self.known(token), self.subscripts(), token.column)

    def meant(self, name: str) -> str:
        """Return the function that a short form stands for, unless the network uses the name itself."""
        long = SHORT.get(name, name)
        return long if long in self.functions and (self.names is None or name not in self.names) else name

    def known(self, token: Token) -> str:
        if iskeyword(token.text) or (self.names is None and token.text in REDUCTIONS):
            raise complain(token.column, f"found {token.text!r}, a reserved word; use another name")
        absent = self.at("(") if self.names is None else token.text not in self.names
        if absent and token.text in NOT_DIFFERENTIABLE:
            reason = NOT_DIFFERENTIABLE[token.text]
            raise complain(token.column, f"found {token.text!r}, which is not differentiable: {reason}")
        if self.names is not None and token.text not in self.names:
            known = [*sorted(self.names), *self.functions, *REDUCTIONS]
            raise complain(token.column, str(unknown("name", token.text, known)))
        return token.text

    def value(self) -> Formula:
        return self.expression(0)

    def listed(self, closing: str, item: Callable[[], T]) -> tuple[T, ...]:
        items = [item()]
        while self.accept(","):
            items.append(item())
        self.expect(closing, "separate by commas and close the bracket")
        return tuple(items)

    def arguments(self, name: str, item: Callable[[], T]) -> tuple[T, ...]:
        if not self.at("("):
            raise self.unexpected(f"expected '(' after the function {name}; write {name}(…)")
        self.take()
        return self.listed(")", item)

    def subscripts(self) -> tuple[Formula, ...]:
        if not self.accept("["):
            return ()
        outer, self.in_subscript = self.in_subscript, True
        subscripts = self.listed("]", self.value)
        self.in_subscript = outer
        for subscript in subscripts:
            check_subscript(subscript, self.sizes)
        return subscripts

    def reduction(self, kind: Kind, token: Token) -> Formula:
        before = len(self.subscripted)
        args = self.arguments(kind, self.value)
        *heads, body = args
        letters = [head.name for head in heads if isinstance(head, Name) and not head.subscripts]
        indexed = set(letters) <= set(self.subscripted[before:])
        whole = len(letters) == len(heads) > 0
        if kind == "max" and not (whole and indexed) and kind in self.functions:
            return Call(kind, args, token.column)
        if not whole or len(set(letters)) < len(letters):
            raise complain(token.column, f"{kind} needs index letters and then a body, as in {kind}(j, x[j])")
        return Reduce(kind, tuple(letters), body, token.column)
