"""Names in a gradient: several spellings, several meanings, gradients by ∂, letters run together."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from symgrad.errors import FormulaError, unknown
from symgrad.model.lexer import Sort, Token, complain
from symgrad.model.parser import CONSTANTS, NOT_DIFFERENTIABLE, TIGHT, Parser
from symgrad.model.syntax import PRODUCT, Constant, Formula, Name, Slice
from symgrad.model.vocabulary import Vocabulary, meanings

GRADIENT_SIGNS = frozenset({"d", "δ", "grad"})
MOST_PIECES = 6
SHORT_SCRIPT = 5
WRITTEN_CONSTANTS: Mapping[str, str] = {**CONSTANTS, "ones": "ones", "eye": "eye", "I": "eye"}

_PIECES = re.compile(r"[^\W\d_][0-9]*")

T = TypeVar("T")


class NameParser(Parser):
    """A cursor that knows a vocabulary.

    Attributes
    ----------
    chosen
        Which of several meanings to take, by what is doubtful; the first where nothing is said.
    doubts
        How many meanings there were.
    letters
        The index letters, those of the sums around included.
    """

    def __init__(
        self, tokens: tuple[Token, ...], vocabulary: Vocabulary, chosen: Mapping[str, int] | None = None
    ) -> None:
        self.chosen = dict(chosen or {})
        beside = TIGHT if self.chosen.get("/") else PRODUCT
        super().__init__(tokens, vocabulary.functions, vocabulary.names, beside)
        self.vocabulary = vocabulary
        self.doubts: dict[str, int] = {}
        self.letters = set(vocabulary.letters)
        self.bound: list[str] = []

    def choose(self, doubt: str, options: tuple[T, ...]) -> T:
        if len(options) > 1:
            self.doubts[doubt] = len(options)
        return options[self.chosen.get(doubt, 0) % len(options)]

    def declared(self, token: Token) -> bool:
        bare = not (token.above or token.below)
        return bare and token.text in self.vocabulary.names and token.text not in self.bound

    def meant_by(self, token: Token) -> Formula | None:
        """Return what a name stands for; None if it is unknown."""
        if token.text in self.bound and not (token.above or token.below):
            return Name(token.text, (), token.column)
        found = meanings(token, self.vocabulary, self.letters)
        return self.choose(spelled(token), found) if found else None

    def name(self, token: Token) -> Formula:
        """Read a name that is no function, with what follows it."""
        found = self.gradient(token) or self.primed(token) or self.raised_name(token) or self.meant_by(token)
        if found is None:
            return self.other(token)
        return self.with_subscripts(found)

    def primed(self, token: Token) -> Formula | None:
        """Read ``y'`` where that is what something is called."""
        if not self.at("'"):
            return None
        found = meanings(replace(token, text=f"{token.text}'"), self.vocabulary, self.letters)
        self.place += bool(found)
        return self.choose(f"{spelled(token)}'", found) if found else None

    def other(self, token: Token) -> Formula:
        if token.text in WRITTEN_CONSTANTS and not (token.above or token.below):
            return Constant(WRITTEN_CONSTANTS[token.text], token.column)
        if token.text in self.letters:
            return Name(token.text, (), token.column)
        if pieces := tuple(self.pieces(token)):
            self.tokens = (*self.tokens[: self.place], *pieces, *self.tokens[self.place :])
            return self.name(self.take())
        raise self.unknown_name(token)

    def unknown_name(self, token: Token) -> FormulaError:
        shown = spelled(token)
        if shown in NOT_DIFFERENTIABLE:
            reason = NOT_DIFFERENTIABLE[shown]
            return complain(token.column, f"found {shown!r}, which is not differentiable: {reason}")
        known = [*sorted(self.vocabulary.names), *sorted(self.functions)]
        return complain(token.column, str(unknown("name", shown, known)))

    def with_subscripts(self, found: Formula) -> Formula:
        """Read the brackets behind a name that has axes left."""
        if not isinstance(found, Name):
            return found
        left = self.vocabulary.names.get(found.name, 0) - len(found.subscripts)
        if self.at("(") and found.name in self.vocabulary.maps and not found.subscripts:
            return self.mapped(found)
        if not self.at("[") or left <= 0:
            return found
        return replace(found, subscripts=(*found.subscripts, *self.subscripts()))

    def mapped(self, found: Name) -> Name:
        """Read ``h(x[n])`` as the entries that it means; leave brackets that hold something else."""
        start = self.place
        self.take()
        given = self.expression(0)
        inside = isinstance(given, Name) and given.name in self.vocabulary.maps[found.name]
        if isinstance(given, Name) and inside and self.accept(")"):
            return replace(found, subscripts=given.subscripts)
        self.place = start
        return found

    def subscript(self, token: Token) -> Formula:
        """Read a name inside a subscript: an index letter, or a size."""
        if token.text == "None" and token.text not in self.letters:
            return Slice(new=True, column=token.column)
        found = token.text in self.letters or token.text in self.bound
        if found or self.vocabulary.names.get(token.text) == 0:
            return Name(token.text, (), token.column)
        known = ", ".join(sorted(self.letters)) or "none"
        raise complain(
            token.column, f"found {spelled(token)!r} where an index letter belongs; known: {known}"
        )

    def pieces(self, token: Token) -> Iterator[Token]:
        """Yield the known letters that an unknown word is made of: ``Xw`` is X and w."""
        base, *under = token.text.split("_")
        parts = list(_PIECES.finditer(base))
        if "".join(part.group() for part in parts) != base or not 1 < len(parts) <= MOST_PIECES:
            return
        last = len(parts) - 1
        found = [
            Token(
                Sort.NAME,
                "_".join((part.group(), *under)) if k == last else part.group(),
                token.column + part.start(),
                above=token.above if k == last else (),
                below=token.below if k == last else (),
            )
            for k, part in enumerate(parts)
        ]
        if all(meanings(piece, self.vocabulary, self.letters) for piece in found):
            yield from found

    def raised_name(self, token: Token) -> Formula | None:
        """Read a raised layer or word as part of a name: ``a^L``, ``W^(l+1)``."""
        if not self.at("^") or token.above:
            return None
        script, length = self.script()
        layer = bool(script) and script.rstrip("0123456789").rstrip("+-") in self.vocabulary.layers
        known = token.text != "δ" and self.known_alone(token)
        if not script or (not layer and known):
            return None
        found = meanings(replace(token, above=(script,)), self.vocabulary, self.letters)
        if not found:
            return None
        self.place += length
        return self.choose(f"{spelled(token)}^{script}", found)

    def known_alone(self, token: Token) -> bool:
        return bool(meanings(token, self.vocabulary, self.letters))

    def script(self) -> tuple[str, int]:
        """Return what is raised here, if it is short, and how many tokens it takes."""
        first = self.ahead(1)
        if not (first.sort is Sort.MARK and first.text == "("):
            return (first.text, 2) if first.sort in (Sort.NAME, Sort.NUMBER) else ("", 0)
        words: list[str] = []
        for k in range(2, SHORT_SCRIPT + 2):
            token = self.ahead(k)
            if token.sort is Sort.MARK and token.text == ")":
                return "".join(words), k + 1
            words.append(token.text)
        return "", 0

    def ahead(self, steps: int) -> Token:
        return self.tokens[min(self.place + steps, len(self.tokens) - 1)]

    def gradient(self, token: Token) -> Formula | None:
        """Read ``dJ/dw1``, whose first word was just taken; None if it is something else."""
        if token.text[0] not in "dδg" or self.declared(token):
            return None
        start = self.place
        upper = self.taken_name() if token.text == "d" else replace(token, text=token.text[1:])
        found = self.quotient(upper) if upper is not None and token.text[0] == "d" else None
        if found is None:
            self.place = start
        return found or self.apart(token)

    def apart(self, token: Token) -> Formula | None:
        """Read ``d z1`` as dz1, ``δ 9`` as δ9."""
        scripted = token.above or token.below
        if scripted or token.text not in GRADIENT_SIGNS or self.here.sort not in (Sort.NAME, Sort.NUMBER):
            return None
        together = replace(self.here, sort=Sort.NAME, text=token.text + self.here.text, column=token.column)
        found = meanings(together, self.vocabulary, self.letters)
        self.place += bool(found)
        return self.choose(spelled(together), found) if found else None

    def partial(self, column: int) -> Formula:
        """Read ``∂J/∂w1``, whose first sign was just taken."""
        upper = self.taken_name()
        found = self.quotient(upper) if upper is not None else None
        if found is None:
            known = ", ".join(sorted(n for n in self.vocabulary.names if n.startswith("∂"))[:8]) or "none"
            raise complain(column, f"found a derivative that has no name here; known: {known}")
        return self.with_subscripts(replace(found, column=column))

    def quotient(self, upper: Token) -> Formula | None:
        tops = self.tops(upper)
        if not self.accept("/"):
            return None
        lower = self.taken_name() if self.accept("∂") else self.lower()
        if lower is None:
            return None
        options = tuple(self.partials(tops, lower))
        if not options and self.at("^"):
            script, length = self.script()
            lower = replace(lower, above=(*lower.above, script))
            options = tuple(self.partials(tops, lower)) if script else ()
            self.place += length if options else 0
        return self.choose(f"∂{spelled(upper)}/∂{spelled(lower)}", options) if options else None

    def tops(self, upper: Token) -> tuple[Name, ...]:
        """Return what a derivative may be of, with its subscripts."""
        found = meanings(upper, self.vocabulary.derivable, self.letters)
        names = tuple(one for one in found if isinstance(one, Name))
        given = self.subscripts() if names and self.at("[") else ()
        if names and self.at("("):
            self.step_over_arguments()
        return tuple(replace(one, subscripts=(*one.subscripts, *given)) for one in names)

    def step_over_arguments(self) -> None:
        """Leave out what a quantity depends on: ``∂J(W, b)/∂W``."""
        depth, place = 0, self.place
        for place in range(self.place, len(self.tokens)):
            text = self.tokens[place].text if self.tokens[place].sort is Sort.MARK else ""
            depth += (text == "(") - (text == ")")
            if not depth:
                break
        behind = self.tokens[min(place + 1, len(self.tokens) - 1)]
        if behind.sort is Sort.MARK and behind.text == "/":
            self.place = place + 1

    def lower(self) -> Token | None:
        token = self.taken_name()
        if token is None or not token.text.startswith("d"):
            return None
        return self.taken_name() if token.text == "d" else replace(token, text=token.text[1:])

    def taken_name(self) -> Token | None:
        return self.take() if self.here.sort is Sort.NAME else None

    def partials(self, tops: tuple[Name, ...], lower: Token) -> Iterator[Name]:
        for top in tops:
            for found in meanings(lower, self.vocabulary.partials[top.name], self.letters):
                if isinstance(found, Name):
                    subscripts = (*top.subscripts, *found.subscripts)
                    yield replace(found, name=f"∂{top.name}/∂{found.name}", subscripts=subscripts)


def spelled(token: Token) -> str:
    """Return a name as it may be shown: ``W^(1)_ij``."""
    above = f"^({','.join(token.above)})" if token.above else ""
    below = f"_{','.join(token.below)}" if token.below else ""
    return token.text + above + below
