r"""What is raised and lowered at a name: ``^{(l)}``, ``^{[1]}``, ``^\top``, ``'``, ``_{ij}``, or a power."""

from dataclasses import dataclass, field

from symgrad.model import latex_words as words
from symgrad.model.latex_pieces import Cursor, Pieces, bare
from symgrad.model.lexer import complain

CLOSING = {"(": ")", "[": "]", "langle": "rangle", "<": ">"}
PRIMES = frozenset("'′’ʹ")
LONGEST_INDEX = 12
MOST_SCRIPTS = 8
WHOLE = frozenset({":", "·", r"\cdot", r"\bullet", "*"})


@dataclass
class Scripts:
    """What stands at a name.

    Attributes
    ----------
    above, below
        Indices and words that belong to the name.
    inner
        The name that is lowered at a δ, whose own scripts are those in `above` and `below`.
    signs
        Transposes and primes.
    powers
        What else is raised.
    """

    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    inner: str = ""
    signs: tuple[str, ...] = ()
    powers: tuple[Pieces, ...] = field(default=())


def scripts_of(cursor: Cursor, *, named: bool = True, nested: bool = False) -> Scripts:
    """Take all scripts behind a name, or behind what is none.

    Parameters
    ----------
    nested
        Whether what is lowered may be a name with scripts of its own, as in δ_{z_1}.
    """
    found = Scripts()
    for _ in range(MOST_SCRIPTS):
        here = cursor.here
        if here.kind == "mark" and here.text in PRIMES:
            cursor.take()
            found.signs += ("'",) * len(here.text)
        elif here.kind == "script" and (named or here.text == "^"):
            cursor.take()
            pieces = cursor.argument()
            if here.text == "_":
                _lower(pieces, found, nested)
            else:
                _raise(pieces, found, named)
        else:
            break
    return found


def _lower(pieces: Pieces, found: Scripts, nested: bool) -> None:
    """Sort what is lowered: indices, or a name with scripts of its own."""
    cut = next((k for k, piece in enumerate(pieces) if piece.kind == "script"), 0) if nested else 0
    if not bare(pieces[:cut]).isalnum() or found.inner:
        found.below += _lowered(pieces)
        return
    own = scripts_of(Cursor(pieces[cut:]))
    found.inner = bare(pieces[:cut])
    found.above += own.above
    found.below += own.below


def _lowered(pieces: Pieces) -> tuple[str, ...]:
    parts = tuple(part for part in bare(pieces).split(",") if part)
    for part in parts:
        plain = part.replace("+", "").replace("-", "").replace("−", "")
        if not plain.isalnum() and part not in WHOLE:
            column = pieces[0].column if pieces else 1
            raise complain(
                column, f"found the index {part!r}; an index is letters and numbers, as in _{{ij}}"
            )
    return tuple(":" if part in WHOLE else part.replace("−", "-") for part in parts)


def _raise(pieces: Pieces, found: Scripts, named: bool) -> None:
    """Sort what is raised into indices, transposes, primes and powers."""
    text = bare(pieces)
    if text in words.TRANSPOSES:
        found.signs += ("ᵀ",)
    elif text and not text.replace(r"\prime", "").strip("'′"):
        found.signs += ("'",) * (text.count(r"\prime") + text.count("'") + text.count("′"))
    elif named and _is_word(pieces, text):
        word, *sign = text.split("\\")
        found.above += (word,)
        found.signs += ("ᵀ",) * len(sign)
    elif named and (end := _index_ends(pieces)) and end > 1:
        inside = bare(pieces[1 : end - 1])
        found.above += tuple(part for part in inside.replace("−", "-").split(",") if part)
        rest = pieces[end + 1 :] if end < len(pieces) and pieces[end].text == "," else pieces[end:]
        _rest(rest, found)
    else:
        found.powers += (_power(pieces),)


def _is_word(pieces: Pieces, text: str) -> bool:
    """Whether an upright word is raised, as in o^{exp}."""
    upright = bool(pieces) and pieces[0].kind == "command" and pieces[0].text in words.FONTS
    word, _, sign = text.partition("\\")
    return upright and len(word) > 1 and word.isalpha() and (not sign or f"\\{sign}" in words.TRANSPOSES)


def _rest(pieces: Pieces, found: Scripts) -> None:
    r"""Read what follows the number of a layer: ``(1)\top``, ``(1),c``."""
    text = bare(pieces)
    for sign in sorted(words.TRANSPOSES, key=len, reverse=True):
        if text.endswith(sign):
            found.signs += ("ᵀ",)
            text = text[: -len(sign)]
            break
    if text.endswith((r"\prime", "'")):
        found.signs += ("'",)
        text = text.removesuffix("'").removesuffix(r"\prime")
    words_above = tuple(part for part in text.split(",") if part)
    if not all(part.isalnum() for part in words_above):
        raise complain(pieces[0].column, f"found {text!r} behind the index of a layer; put it into brackets")
    found.above += words_above


def _power(pieces: Pieces) -> Pieces:
    """Leave out the sign of a power that is taken entry by entry."""
    entrywise = bool(pieces) and pieces[0].kind == "command" and pieces[0].text in ("odot", "circ")
    return pieces[1:] if entrywise else pieces


def _index_ends(pieces: Pieces) -> int:
    """Return where an index in brackets, such as ``(l+1)``, ends; 0 where there is none."""
    closing = CLOSING.get(pieces[0].text) if pieces else None
    end = next((k for k, piece in enumerate(pieces, 1) if piece.text == closing), 0)
    inside = bare(pieces[1 : end - 1]) if end else ""
    plain = inside.replace("+", "").replace("-", "").replace(",", "").replace("−", "")
    return end if plain.isalnum() and len(inside) <= LONGEST_INDEX else 0
