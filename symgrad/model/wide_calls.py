"""Calls in a gradient: functions and their derivatives, sums over letters and over axes, methods."""

from fractions import Fraction

from symgrad.model.array_calls import CALLS, DERIVATIVES, LIBRARIES, SYNONYMS, UNCHANGED, applied
from symgrad.model.formula import takes
from symgrad.model.functions import VOCABULARY
from symgrad.model.lexer import Sort, Token, complain
from symgrad.model.syntax import POWER, SIGN, Call, Chain, Formula, Number, Power, Prime
from symgrad.model.vocabulary import plain
from symgrad.model.wide_sums import SumParser

MOST_PRIMES = 3
VECTORS = frozenset({"softmax", "log_softmax"})


class CallParser(SumParser):
    """A cursor that reads whatever is applied to something."""

    def named(self, token: Token) -> Formula:
        if self.in_subscript:
            return self.subscript(token)
        if token.text in LIBRARIES and self.at(".") and not self.declared(token):
            self.take()
            return self.member(self.here)
        if self.declared(token):
            return self.name(token)
        if (kind := self.reduced_by(token)) is not None:
            return self.reduced(kind, token)
        scripted = bool(token.above or token.below)
        if not scripted and (token.text in CALLS or token.text in UNCHANGED):
            if self.at("("):
                return self.applied(token.text, (), token)
        elif (function := self.function(token)) is not None:
            return self.called(function, token)
        return self.name(token)

    def member(self, token: Token) -> Formula:
        if token.sort is not Sort.NAME:
            raise self.unexpected("expected the name of a function")
        self.take()
        if token.text in CALLS or token.text in UNCHANGED:
            return self.applied(token.text, (), token)
        return self.named(token)

    def function(self, token: Token) -> tuple[str, int] | None:
        """Return the function that a name calls, and how often it is derived."""
        known = self.known_function(token)
        if known is not None:
            return known, 0
        for form in DERIVATIVES:
            before, _, after = form.partition("{}")
            if token.text.startswith(before) and token.text.endswith(after):
                inner = token.text[len(before) : len(token.text) - len(after)]
                known = self.known_function(Token(Sort.NAME, inner, token.column)) if inner else None
                if known is not None and self.at("("):
                    return known, 1
        return None

    def known_function(self, token: Token) -> str | None:
        spelling = plain(token.text, *token.above, *token.below)
        aliased = self.vocabulary.called.get(spelling) or self.vocabulary.called.get(plain(token.text))
        if aliased is not None:
            return aliased
        if token.below or token.above:
            return None
        name = SYNONYMS.get(token.text, token.text)
        return name if name in self.functions else None

    def quotient(self, upper: Token) -> Formula | None:
        """Read a derivative; of a function it is that function's, ``dσ/dz``."""
        start = self.place
        found = super().quotient(upper)
        if found is None:
            self.place = start
            return self.slope(upper)
        return found

    def slope(self, upper: Token) -> Formula | None:
        name = self.known_function(upper)
        if name is None or name not in VOCABULARY or not takes(VOCABULARY[name], 1):
            return None
        given = self.arguments(name, self.value) if self.at("(") else ()
        if not self.accept("/"):
            return None
        lower = self.taken_name() if self.accept("∂") else self.lower()
        if lower is None:
            return None
        by = self.name(lower)
        args = self.arguments(name, self.value) if self.at("(") and not given else given or (by,)
        alike = len(args) == 1 and (not given or by == args[0])
        return Prime(name, args[0], 1, upper.column) if alike else None

    def called(self, function: tuple[str, int], token: Token) -> Formula:
        name, order = function
        while self.accept("'"):
            order += 1
        raised = self.exponent()
        result = self.derived(name, order, token) if order else self.plainly(name, token)
        return result if raised is None else Power(result, raised, token.column)

    def exponent(self) -> Formula | None:
        """Read the exponent of a function, as in ``tanh^2(z)``."""
        if not self.accept("^"):
            return None
        if self.at("-"):
            raise self.unexpected("which may mean an inverse function or a power; write it out")
        return self.expression(POWER + 1)

    def derived(self, name: str, order: int, token: Token) -> Formula:
        if order > MOST_PRIMES or name not in VOCABULARY or not takes(VOCABULARY[name], 1):
            raise complain(
                token.column, f"{name} has no derivative that is written by {order} prime(s); write it out"
            )
        args = self.plain_arguments(name, token)
        if len(args) != 1:
            raise complain(token.column, f"{name}' takes 1 argument, found {len(args)}")
        return Prime(name, args[0], order, token.column)

    def plainly(self, name: str, token: Token) -> Formula:
        args = self.plain_arguments(name, token)
        function = VOCABULARY.get(name)
        wrong = not takes(function, len(args)) if function else len(args) != (2 if name == "shape" else 1)
        if wrong:
            raise complain(token.column, f"{name} does not take {len(args)} argument(s)")
        call = Call(name, args, token.column)
        return Call("entry", (call, self.entry()), token.column) if self.picks(name) else call

    def picks(self, name: str) -> bool:
        return name in VECTORS and self.accept("_")

    def entry(self) -> Formula:
        """Read the subscript of a vector that has no name: ``softmax(q)_k``."""
        bracket = self.accept("(")
        token = self.take()
        found = _counted(token) if token.sort is Sort.NUMBER else self.subscript(token)
        if bracket:
            self.expect(")", "close the subscript")
        return found

    def plain_arguments(self, name: str, token: Token) -> tuple[Formula, ...]:
        if self.at("("):
            return self.arguments(name, self.value)
        return (self.beside_argument(name, token),)

    def beside_argument(self, name: str, token: Token) -> Formula:
        """Read ``log 2x`` and ``exp -z``: a coefficient and a factor, or all that stands beside."""
        if self.level() != self.beside and not self.at("-"):
            raise self.unexpected(f"expected '(' after the function {name}; write {name}(…)")
        column = self.here.column
        factors = [self.expression(SIGN)]
        if isinstance(factors[0], Number) and self.stands_beside():
            factors.append(self.expression(SIGN))
        if self.stands_beside() and self.choose(f"{name} {token.column}", (False, True)):
            while self.stands_beside():
                factors.append(self.expression(SIGN))
        return Chain((" ",) * (len(factors) - 1), tuple(factors), column) if factors[1:] else factors[0]

    def stands_beside(self) -> bool:
        if self.here.sort is Sort.NUMBER:
            return self.ahead(-1).sort is not Sort.NUMBER
        return self.here.sort is Sort.NAME or (self.here.sort is Sort.MARK and self.here.text in "(√∂")

    def applied(self, name: str, before: tuple[Formula, ...], token: Token) -> Formula:
        """Read the arguments of a call of an array library, or of a method of what stands before."""
        self.expect("(", f"write {name}(…)")
        call = self.call_arguments(empty=bool(before))
        return applied(name, (*before, *call.args), token.column)

    def method(self, operand: Formula) -> Formula:
        """Read ``.sum(axis=0)``, ``.dot(b)``, ``.t()``, ``.shape[0]`` behind an array and a point."""
        token = self.here
        if token.sort is not Sort.NAME:
            raise self.unexpected("a point stands inside a number, or before a method such as .sum(axis=0)")
        self.take()
        if token.text == "shape":
            return self.shape(operand, token)
        if token.text == "astype":
            return self.retyped(operand)
        if token.text in CALLS or token.text in UNCHANGED:
            return self.applied(token.text, (operand,), token)
        if (kind := self.reduced_by(token)) is not None and self.accept("("):
            return self.fold(kind, self.call_arguments(empty=True), (operand,), token)
        known = ", ".join(f".{name}()" for name in ("sum", "mean", "dot", "t"))
        raise complain(token.column, f"found the method {token.text!r}; known: .T, {known}, .shape[0]")

    def retyped(self, operand: Formula) -> Formula:
        """Read ``.astype(float)`` and ``.astype(np.int64)``, which change no value."""
        self.expect("(", "write .astype(float)")
        while self.here.sort is Sort.NAME or self.at("."):
            self.take()
        self.expect(")", "write .astype(float)")
        return operand

    def shape(self, operand: Formula, token: Token) -> Formula:
        self.expect("[", "write .shape[0]")
        axis = self.whole_number()
        self.expect("]", "write .shape[0]")
        return Call("shape", (operand, Number(Fraction(axis), token.column)), token.column)


def _counted(token: Token) -> Formula:
    """Return a subscript that is counted from 1."""
    if token.value.denominator != 1 or token.value < 1:
        raise complain(token.column, f"found the subscript {token.text}; entries are counted from 1")
    return Number(token.value - 1, token.column)
