"""Which names a network may use: one alphabet, one list of reserved words, one check.

Names travel into generated source, so only ASCII letters, digits, the underscore and a list of Greek
letters are allowed.  Greek letters that look like Latin ones (ι, κ, ν, ο, υ, χ, most capitals) are not
in the list: two different names never look the same.
"""

import keyword
import unicodedata

from symgrad.errors import DefinitionError

GREEK = "αβγδεζηθλμξπρστφψωΓΔΘΛΞΦΨΩ"
LATIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
LETTERS = frozenset(LATIN + GREEK)
ALPHABET = LETTERS | frozenset(DIGITS + "_")
LONGEST = 60

KERNEL_WORDS = frozenset(
    {"np", "njit", "numba", "numpy", "math", "range", "len", "float", "int", "bool", "abs", "max", "min"}
    | {"sum", "mean", "print", "type", "pi"}
)
RESERVED = frozenset(keyword.kwlist) | frozenset(keyword.softkwlist) | KERNEL_WORDS


def check_name(name: object, what: str) -> str:
    """Return the name if a network may use it.

    Parameters
    ----------
    name
        The name to check.
    what
        What is named, for the message: ``"node"``, ``"size"``, ``"index"`` …

    Raises
    ------
    DefinitionError
        If the name is no text, empty, too long, reserved, or uses a character outside the alphabet.
    """
    if not isinstance(name, str):
        raise DefinitionError(f"the {what} name {name!r} is no text; write it in quotation marks")
    if len(name) > LONGEST:
        raise DefinitionError(
            f"the {what} name {name[:20]!r}… has {len(name)} characters; at most {LONGEST} are allowed"
        )
    for column, character in enumerate(name, 1):
        if character not in ALPHABET:
            raise DefinitionError(
                f"the {what} name {name!r} has {describe(character)} at column {column}; "
                "use ASCII letters, digits, _ and listed Greek letters"
            )
    if not name or name[0] not in LETTERS or not name.isidentifier():
        raise DefinitionError(f"the {what} name {name!r} does not start with a letter")
    if name in RESERVED:
        raise DefinitionError(
            f"the {what} name {name!r} is a reserved word; choose another, such as {name}_1"
        )
    return name


def describe(character: str) -> str:
    """Return a character as it is shown in messages: ASCII as it is, others with their Unicode name."""
    if " " < character <= "~":
        return repr(character)
    return f"{character!r} ({unicodedata.name(character, f'U+{ord(character):04X}')})"
