"""Sums in a gradient: over index letters, with a sign or by name, with ends or without, and over axes."""

from dataclasses import dataclass

from symgrad.model.lexer import Sort, Token, complain
from symgrad.model.parser import REDUCTIONS
from symgrad.model.syntax import SUM, Call, Chain, Fold, Formula, Kind, Neg, Number, Reduce, Span
from symgrad.model.wide_headings import MOST_LETTERS, Heading, HeadingParser

AXES = frozenset({"axis", "dim"})
KEPT = frozenset({"keepdims", "keepdim"})


@dataclass(frozen=True)
class Arguments:
    """The arguments of a call of an array library."""

    args: tuple[Formula, ...]
    axis: int | None = None
    keep: bool = False


class SumParser(HeadingParser):
    """A cursor that reads sums, means and maxima."""

    def reduced_by(self, token: Token) -> Kind | None:
        """Return the kind of sum that a word starts: ``sum(``, ``sum_i``, ``max_j``."""
        word = token.text.partition("_")[0]
        return None if token.above else next((kind for kind in REDUCTIONS if kind == word), None)

    def reduced(self, kind: Kind, token: Token) -> Formula:
        below = token.below or tuple(part for part in token.text.split("_")[1:] if part)
        if below:
            return self.signed(kind, token, Heading(self.letters_of(below, token.column)))
        if self.at("_"):
            return self.signed(kind, token, self.heading_of_sum())
        self.expect("(", f"write {kind}(…)")
        if self.here.sort is Sort.NAME and self.ahead(1).text == "=" and self.ahead(1).sort is Sort.MARK:
            return self.span(kind, token)
        letters = self.heads()
        call = self.within(letters, self.call_arguments)
        if letters:
            return self.over(kind, letters, call, token)
        plain_maximum = kind == "max" and len(call.args) > 1
        return Call(kind, call.args, token.column) if plain_maximum else self.fold(kind, call, (), token)

    def over(self, kind: Kind, letters: tuple[str, ...], call: Arguments, token: Token) -> Formula:
        if len(call.args) != 1 or call.axis is not None or call.keep:
            raise complain(token.column, f"{kind} needs index letters and then a body, as in {kind}(j, x[j])")
        return Reduce(kind, letters, call.args[0], token.column)

    def heads(self) -> tuple[str, ...]:
        """Read the letters in front of a body: ``n, i,``."""
        letters: list[str] = []
        while self.is_head() and len(letters) < MOST_LETTERS:
            letters.append(self.take().text)
            self.take()
        if len(set(letters)) < len(letters):
            raise self.unexpected(f"after an index letter twice in {', '.join(letters)}")
        return tuple(letters)

    def is_head(self) -> bool:
        comma = self.ahead(1)
        if self.here.sort is not Sort.NAME or comma.sort is not Sort.MARK or comma.text != ",":
            return False
        known = self.here.text in self.letters
        return known or (self.may_be_letter(self.here.text) and not self.known_alone(self.here))

    def span(self, kind: Kind, token: Token) -> Formula:
        """Read ``k=0:K, body)``."""
        letter = self.here.text
        if letter not in self.letters and not self.may_be_letter(letter):
            raise self.unexpected("expected an index letter")
        self.place += 2
        first = self.expression(0)
        self.expect(":", f"write {kind}(k=0:K, …), the end left out")
        end = self.expression(0)
        self.expect(",", f"write {kind}(k=0:K, …)")
        body = self.within((letter,), self.value)
        self.expect(")", "close the bracket")
        return Span(kind, letter, first, end, body, token.column)

    def call_arguments(self, *, empty: bool = False) -> Arguments:
        """Read arguments up to the closing bracket, ``axis=0`` and ``keepdims=True`` among them."""
        args: list[Formula] = []
        axis, keep = None, False
        while not (empty and not args and self.at(")")):
            word = self.keyword()
            if word in AXES:
                axis = self.whole_number()
            elif word in KEPT:
                keep = self.truth()
            else:
                args.append(self.value())
            if not self.accept(","):
                break
            empty = False
        self.expect(")", "separate by commas and close the bracket")
        return Arguments(tuple(args), axis, keep)

    def keyword(self) -> str:
        """Take ``axis =`` where it stands, and return the word."""
        sign = self.ahead(1)
        equals = sign.sort is Sort.MARK and sign.text == "="
        if self.here.sort is not Sort.NAME or not equals or self.here.text not in AXES | KEPT:
            return ""
        word = self.take().text
        self.take()
        return word

    def whole_number(self) -> int:
        sign = -1 if self.accept("-") else 1
        token = self.here
        if token.sort is not Sort.NUMBER or token.value.denominator != 1 or token.value > MOST_LETTERS:
            raise self.unexpected("expected the number of an axis")
        return sign * int(self.take().value)

    def truth(self) -> bool:
        if self.here.text not in ("True", "False"):
            raise self.unexpected("expected True or False")
        return self.take().text == "True"

    def fold(self, kind: Kind, call: Arguments, before: tuple[Formula, ...], token: Token) -> Formula:
        args = (*before, *call.args)
        axis = call.axis
        if len(args) == 2 and axis is None:
            axis, args = self.as_axis(args[1]), args[:1]
        if len(args) != 1:
            raise complain(token.column, f"{kind} takes an array and an axis, or index letters and a body")
        return Fold(kind, args[0], axis, call.keep, token.column)

    def as_axis(self, formula: Formula) -> int:
        match formula:
            case Number(value) if value.denominator == 1 and value < MOST_LETTERS:
                return int(value)
            case Neg(Number(value)) if value.denominator == 1 and value < MOST_LETTERS:
                return -int(value)
            case _:
                raise complain(formula.column, "found this where the number of an axis belongs")

    def signed(self, kind: Kind, token: Token, heading: Heading) -> Formula:
        """Read what a sum sign sums: all that is multiplied behind it."""
        body = self.within(heading.letters, lambda: self.expression(SUM + 1))
        if heading.conditions and kind != "sum":
            raise complain(token.column, f"found a condition below {kind}; only a sum has conditions")
        if heading.conditions:
            body = Chain(("*",) * len(heading.conditions), (*heading.conditions, body), token.column)
        if not heading.letters:
            return Fold(kind, body, None, False, token.column)
        if heading.first is None or heading.end is None:
            return Reduce(kind, heading.letters, body, token.column)
        return Span(kind, heading.letters[0], heading.first, heading.end, body, token.column)
