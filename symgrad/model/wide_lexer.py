"""The characters of gradients as people type them.

Beside what definitions have there are primes, transposes, products of matrices, ∂, Σ, relations,
lowered numbers, and the ends of lines.
"""

import re
from collections.abc import Iterator, Mapping

from symgrad.model import lexer
from symgrad.model.lexer import Dialect, Reader, Sort, Token
from symgrad.model.names import DIGITS, GREEK, LATIN

ALIASES: Mapping[str, str] = {
    "**": "^",
    "⋅": "·",
    "×": "·",
    "⊙": "*",
    "∘": "*",
    "−": "-",
    "∕": "/",
    "÷": "/",
    "==": "=",
    "!=": "≠",
    "<=": "≤",
    ">=": "≥",
    "∑": "Σ",
    "⊤": "ᵀ",
    ".T": "ᵀ",
    ".*": "*",
    "./": "/",
    "′": "'",
    "’": "'",
    "ʹ": "'",
    "‖": "||",
    "∥": "||",
    "⇒": ";",
}
HINTS: Mapping[str, str] = {
    '"': "a formula holds no quoted text",
    "_": "a name starts with a letter",
    "{": "use round brackets, or write LaTeX",
    "%": "divide by 100 instead",
    "!": "write the factors out",
}
LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789aehijklmnoprstuvx")
OVER: Mapping[str, str] = {
    "\N{COMBINING CIRCUMFLEX ACCENT}": "hat",
    "\N{COMBINING MACRON}": "bar",
    "\N{COMBINING TILDE}": "tilde",
}
HATTED: Mapping[str, str] = {"ŷ": "yhat", "ẑ": "zhat", "â": "ahat", "ô": "ohat", "ȳ": "ybar"}
_HATS = str.maketrans({**OVER, **HATTED})

_GREEK = GREEK + "µϵϕ"
_LOW = "₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"
_OVER = "".join(OVER)
_LETTER = f"[{LATIN}{_GREEK}ŷẑâôȳ]"
_WORDS = re.compile(
    rf"(?P<space>[ \t\r]+)"
    rf"|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    rf"|(?P<name>{_LETTER}(?:{_LETTER}|[{DIGITS}_{_LOW}{_OVER}])*)"
    rf"|(?P<mark>\*\*|==|!=|<=|>=|\.T(?![A-Za-z0-9_])|\.\*|\./|\|\||[-+*/^()\[\],·⋅∗×−∕÷@⊙∘⋆=<>≤≥≠|‖∥√∂∇Σ∑ᵀ⊤'′’ʹ.:_⌊⌋;⇒\n])"
    rf"|(?P<fraction>[½¼¾])"
    rf"|(?P<raised>⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
    rf"|(?P<lowered>[{_LOW}]+)"
)


def hatted(text: str) -> str:
    """Return a name with the signs above its letters as words: ``ŷ`` is ``yhat``."""
    return text.translate(_HATS)


def name(text: str, column: int) -> Iterator[Token]:
    """Read a name: ``δ₁₂`` as ``δ_12``, ``ŷ`` as ``yhat``."""
    spelled = hatted(re.sub(f"[{_LOW}]+", _below, text))
    yield from lexer.name(spelled.rstrip("_"), column)
    if spelled.endswith("_"):
        yield Token(Sort.MARK, "_", column + len(text) - 1)


def _below(found: re.Match[str]) -> str:
    return "_" + found.group().translate(LOWERED)


def mark(text: str, column: int) -> Iterator[Token]:
    """Read an operator, a bracket, a prime."""
    yield Token(Sort.MARK, ALIASES.get(text, text), column)


def lowered(text: str, column: int) -> Iterator[Token]:
    """Read what stands below a sum sign."""
    yield Token(Sort.MARK, "_", column)
    yield Token(Sort.NAME, text.translate(LOWERED), column)


READERS: Mapping[str, Reader] = {
    **lexer.DEFINITIONS.readers,
    "name": name,
    "mark": mark,
    "lowered": lowered,
}

GRADIENTS = Dialect(_WORDS, READERS, HINTS, characters=50_000, tokens=20_000)
