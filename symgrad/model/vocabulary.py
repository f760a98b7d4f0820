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
from symgrad.model.syntax import Chain, Formula, Indicator, Name, Neg, Number, Slice
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
_TERM = re.compile(r"([+-]?)([0-9]{0,3})([^\W\d_][0-9]*)?")
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
    axes
        The index letters of names, where they are known.
    samples
        The letters of the samples.
    maps
        The names that may be written as functions of others, ``h(x)``, with these others.
    hot
        The integers that only comparisons may hold, with the arrays that hold 1 where they are equal.
    sizes
        The names that subscripts may hold beside letters.
    """

    names: Mapping[str, int]
    letters: Collection[str] = ()
    functions: Collection[str] = FUNCTIONS
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    layers: Mapping[str, int] = field(default_factory=dict[str, int])
    axes: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    samples: Collection[str] = ()
    maps: Mapping[str, Collection[str]] = field(default_factory=dict[str, Collection[str]])
    hot: Mapping[str, str] = field(default_factory=dict[str, str])
    sizes: Collection[str] = ()

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
        found = _grouped((*called, *barred))
        return {
            word: tuple(n for n in names if _upper(n) == _upper(names[0])) for word, names in found.items()
        }

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
                by_upper.setdefault(upper, {})[lower] = axes - self.names.get(upper, 0)
        return {
            upper: Vocabulary(lowers, self.letters, (), self.aliases, self.layers, sizes=self.sizes)
            for upper, lowers in by_upper.items()
        }

    @cached_property
    def derivable(self) -> "Vocabulary":
        """The quantities that have gradients, and the functions."""
        uppers = {upper: self.names.get(upper, 0) for upper in self.partials}
        return Vocabulary(uppers, self.letters, (), self.aliases, self.layers, sizes=self.sizes)

    def whole(self, text: str, spelling: str) -> tuple[str, ...]:
        """Return the names that a spelling may stand for, a name itself before what sounds like it."""
        found = self.spelled.get(spelling, ())
        if text in self.names:
            aliased = self.aliases.get(text, ())
            known = [name for name in aliased if name in self.names]
            found = tuple(dict.fromkeys((*known, text) if text in self.hot else (text, *known)))
        return found or self.derived.get(spelling, ())


def _upper(name: str) -> str:
    return name.partition("/∂")[0]


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
        found += _kronecker(token, below, letters, vocabulary.sizes)
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
            for name, subscripts in product(
                names, _subscripts(parts, letters, vocabulary.sizes, token.column)
            ):
                if 0 < len(subscripts) <= vocabulary.names[name]:
                    yield Name(name, subscripts, token.column)


def _subscripts(
    parts: tuple[str, ...], letters: Collection[str], sizes: Collection[str], column: int
) -> Iterator[tuple[Formula, ...]]:
    choices = [[*_read_together(part, letters, sizes, column)] for part in parts[:MOST_MEANINGS]]
    for chosen in product(*choices):
        yield tuple(subscript for group in chosen for subscript in group)


def _read_together(
    part: str, letters: Collection[str], sizes: Collection[str], column: int
) -> Iterator[tuple[Formula, ...]]:
    """Read ``ij`` as i and j, ``12`` as 12 and as 1 and 2, ``t-1`` as it is."""
    if (one := _subscript(part, letters, sizes, column)) is not None:
        yield (one,)
    apart = [_subscript(character, letters, (), column) for character in part]
    known = tuple(subscript for subscript in apart if subscript is not None)
    if 1 < len(part) == len(known) <= MOST_MEANINGS:
        yield known


def _subscript(part: str, letters: Collection[str], sizes: Collection[str], column: int) -> Formula | None:
    """Return a subscript: a number counted from 1, a letter, a sum of letters as in ``2i+k-1``."""
    if part == ":":
        return Slice(column=column)
    if part.isascii() and part.isdigit() and 0 < int(part[:9]) and len(part) < 9:
        return Number(Fraction(int(part) - 1), column)
    if part in letters:
        return Name(part, (), column)
    terms = [term for term in _TERM.finditer(part) if term[0]]
    if "".join(term[0] for term in terms) != part or not 0 < len(terms) <= MOST_MEANINGS:
        return None
    found = [_multiple(term, {*letters, *sizes}, column) for term in terms]
    if None in found or not (all(term[1] for term in terms[1:]) and any(term[3] for term in terms)):
        return None
    if len(terms) == 1 and not (terms[0][2] and terms[0][3] in letters):
        return None
    first, *rest = (one for one in found if one is not None)
    start = Neg(first, column) if terms[0][1] == "-" else first
    return Chain(tuple(term[1] for term in terms[1:]), (start, *rest), column) if rest else start


def _multiple(term: re.Match[str], known: Collection[str], column: int) -> Formula | None:
    """Return ``2``, ``i`` or ``2i``."""
    number = Number(Fraction(int(term[2] or 1)), column)
    if not term[3]:
        return number if term[2] else None
    if term[3] not in known:
        return None
    letter = Name(term[3], (), column)
    return Chain(("*",), (number, letter), column) if term[2] else letter


def _kronecker(
    token: Token, below: tuple[str, ...], letters: Collection[str], sizes: Collection[str]
) -> Iterator[Indicator]:
    for pair in _subscripts(below, letters, sizes, token.column):
        plain = [isinstance(index, Number | Slice) for index in pair]
        if len(pair) == 2 and not all(plain) and not any(isinstance(index, Slice) for index in pair):
            yield Indicator(pair[0], "=", pair[1], token.column)
