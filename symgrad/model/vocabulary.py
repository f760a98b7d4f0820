"""What a gradient may speak of, and what a name in it stands for, however it is spelled.

``w₁₁``, ``w_{11}``, ``w^{(1)}_1`` and ``w1_1`` are told apart by nothing but signs between letters and
digits.  So a spelling is compared with those signs left out; where nothing fits, what stands below a name
is taken for its subscripts, counted from 1 as in print.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import product

from symgrad.model.functions import VOCABULARY
from symgrad.model.lexer import Token
from symgrad.model.names import GREEK
from symgrad.model.syntax import Chain, Formula, Indicator, Name, Number
from symgrad.model.wide_lexer import hatted

GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta lambda mu xi pi rho sigma tau phi psi omega "
    "Gamma Delta Theta Lambda Xi Phi Psi Omega"
)
GREEK_WORDS: Mapping[str, str] = dict(zip(GREEK_NAMES.split(), GREEK, strict=True))
FUNCTIONS: frozenset[str] = frozenset(
    {*VOCABULARY, "softmax", "log_softmax", "norm", "diag", "shape"} - {"equal"}
)
MOST_MEANINGS = 6

_SIGNS = re.compile(r"[_{}(),\[\] ^]")
_GREEK_FIRST = re.compile(rf"({'|'.join(sorted(GREEK_WORDS, key=len, reverse=True))})(?![a-z])")
_SHIFTED = re.compile(r"([A-Za-z])([+-])([0-9]{1,3})")
_LETTERS = re.compile(r"[^\W\d_]+")
_GRADIENTS = ("d{}", "δ{}", "grad{}", "{}grad")


def plain(*parts: str) -> str:
    """Return a spelling without the signs between its letters and digits; Greek letters as letters."""
    word = _GREEK_FIRST.match(parts[0])
    base = GREEK_WORDS[word[1]] + parts[0][word.end() :] if word else parts[0]
    return _SIGNS.sub("", hatted("".join((base, *parts[1:]))))


@dataclass(frozen=True)
class Vocabulary:
    """What a gradient may speak of.

    Attributes
    ----------
    names
        The number of axes of everything that has a value: nodes, sizes (0), gradients such as ``∂J/∂o1``.
    letters
        The index letters.
    functions
        The functions that may be called.
    aliases
        Other spellings, and the names or functions that each may stand for.
    layers
        Letters that stand for the number of a layer: ``{"l": 1, "L": 3}``.
    """

    names: Mapping[str, int]
    letters: Collection[str] = ()
    functions: Collection[str] = FUNCTIONS
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    layers: Mapping[str, int] = field(default_factory=dict[str, int])

    @cached_property
    def spelled(self) -> Mapping[str, tuple[str, ...]]:
        """The names by their bare spelling, aliases included."""
        pairs = [(plain(name), name) for name in self.names]
        pairs += [(plain(alias), name) for alias, known in self.aliases.items() for name in known]
        return _grouped((spelling, name) for spelling, name in pairs if name in self.names)

    @cached_property
    def unmistakable(self) -> frozenset[str]:
        """The names that stand for nothing else as well."""
        aliased = {plain(alias) for alias in self.aliases}
        return frozenset(name for name in self.names if plain(name) not in aliased)

    @cached_property
    def derived(self) -> Mapping[str, tuple[str, ...]]:
        """The gradients by what they are usually called: ``dz1``, ``δz1``, ``grad_z1``, z̄."""
        lowers = [(name, plain(name.rpartition("∂")[2])) for name in self.names if name.startswith("∂")]
        called = [(form.format(low), name) for name, low in lowers for form in _GRADIENTS]
        barred = [(_LETTERS.sub(r"\g<0>bar", low, count=1), name) for name, low in lowers]
        return _grouped((*called, *barred))

    @cached_property
    def called(self) -> Mapping[str, str]:
        """The functions that an alias stands for."""
        own = ((plain(a), name) for a, known in self.aliases.items() for name in known)
        return {alias: name for alias, name in own if name in self.functions}

    @cached_property
    def partials(self) -> Mapping[str, "Vocabulary"]:
        """For each quantity that has gradients, what it is derived by."""
        by_upper: dict[str, dict[str, int]] = {}
        for name, axes in self.names.items():
            upper, _, lower = name.removeprefix("∂").partition("/∂")
            if lower:
                by_upper.setdefault(upper, {})[lower] = axes
        return {
            upper: Vocabulary(lowers, self.letters, (), self.aliases, self.layers)
            for upper, lowers in by_upper.items()
        }

    def uppers(self, text: str) -> tuple[str, ...]:
        """Return the quantities with gradients that a spelling may stand for."""
        aliased = self.aliases.get(text, ())
        return tuple(upper for upper in self.partials if plain(upper) == plain(text) or upper in aliased)

    def whole(self, text: str, spelling: str) -> tuple[str, ...]:
        """Return the names that a spelling may stand for, a name itself before what sounds like it."""
        found = self.spelled.get(spelling, ())
        if text in self.names:
            aliased = self.aliases.get(text, ())
            found = tuple(dict.fromkeys((text, *(name for name in aliased if name in self.names))))
        return found or self.derived.get(spelling, ())


def _grouped(pairs: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for key, value in pairs:
        found.setdefault(key, {})[value] = None
    return {key: tuple(values) for key, values in found.items()}


def meanings(token: Token, vocabulary: Vocabulary, letters: Collection[str]) -> tuple[Formula, ...]:
    """Return what a name may stand for, likeliest first; nothing if it is unknown.

    Parameters
    ----------
    letters
        The index letters that are known where the name stands.
    """
    if token.text in vocabulary.unmistakable and not (token.above or token.below):
        return (Name(token.text, (), token.column),)
    base, *under = token.text.split("_") if not (token.above or token.below) else [token.text]
    above = tuple(_layer(part, vocabulary.layers) for part in token.above)
    lowered = (*under, *token.below)
    below = tuple(part if part in letters else _layer(part, vocabulary.layers) for part in lowered)
    text = token.text if not (token.above or token.below) else ""
    spellings = (plain(base, *above, *below), plain(base, *below, *above))
    whole = vocabulary.whole(text, spellings[0]) or vocabulary.whole(text, spellings[1])
    names = [Name(name, (), token.column) for name in whole]
    found: list[Formula] = [*(names or _entries(token, base, above, below, vocabulary, letters))]
    if plain(base) == "δ" and not above:
        found += _kronecker(token, below, letters)
    return tuple(dict.fromkeys(found))[:MOST_MEANINGS]


def _layer(part: str, layers: Mapping[str, int]) -> str:
    shifted = _SHIFTED.fullmatch(part)
    if shifted and shifted[1] in layers:
        return str(layers[shifted[1]] + int(shifted[2] + shifted[3]))
    return str(layers.get(part, part))


def _entries(
    token: Token,
    base: str,
    above: tuple[str, ...],
    below: tuple[str, ...],
    vocabulary: Vocabulary,
    letters: Collection[str],
) -> Iterator[Name]:
    for raised in dict.fromkeys((above, ())):
        for cut in range(len(below) - (raised == above), -1, -1):
            parts = (*(above if raised != above else ()), *below[cut:])
            spelling = plain(base, *raised, *below[:cut])
            names = vocabulary.spelled.get(spelling) or vocabulary.derived.get(spelling, ())
            for name, subscripts in product(names, _subscripts(parts, letters, token.column)):
                if 0 < len(subscripts) <= vocabulary.names[name]:
                    yield Name(name, subscripts, token.column)


def _subscripts(
    parts: tuple[str, ...], letters: Collection[str], column: int
) -> Iterator[tuple[Formula, ...]]:
    choices = [[*_read_together(part, letters, column)] for part in parts[:MOST_MEANINGS]]
    for chosen in product(*choices):
        yield tuple(subscript for group in chosen for subscript in group)


def _read_together(part: str, letters: Collection[str], column: int) -> Iterator[tuple[Formula, ...]]:
    """Read ``ij`` as i and j, ``12`` as 12 and as 1 and 2, ``t-1`` as it is."""
    if (one := _subscript(part, letters, column)) is not None:
        yield (one,)
    apart = [_subscript(character, letters, column) for character in part]
    known = tuple(subscript for subscript in apart if subscript is not None)
    if 1 < len(part) == len(known) <= MOST_MEANINGS:
        yield known


def _subscript(part: str, letters: Collection[str], column: int) -> Formula | None:
    if part.isascii() and part.isdigit() and 0 < int(part[:9]) and len(part) < 9:
        return Number(Fraction(int(part) - 1), column)
    if part in letters:
        return Name(part, (), column)
    shifted = _SHIFTED.fullmatch(part)
    if shifted and shifted[1] in letters:
        by = Number(Fraction(int(shifted[3])), column)
        return Chain((shifted[2],), (Name(shifted[1], (), column), by), column)
    return None


def _kronecker(token: Token, below: tuple[str, ...], letters: Collection[str]) -> Iterator[Indicator]:
    for pair in _subscripts(below, letters, token.column):
        if len(pair) == 2 and all(isinstance(index, Name) for index in pair):
            yield Indicator(pair[0], "=", pair[1], token.column)
