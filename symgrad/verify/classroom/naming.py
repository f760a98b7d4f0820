r"""What people call a quantity, and what it is called here.

``dJ/dw5``, ``∂E/∂w_5``, ``dJ_dw5``, ``dw5``, ``δw5`` and ``\frac{\partial J}{\partial w_5}`` are
``∂J/∂w5``; ``w5+``, ``w5_new``, ``w_5^{new}`` and ``w5'`` are ``w5⁺``; ``Z₁`` is ``z1``.
"""

import re
from collections.abc import Iterable, Iterator

from symgrad.errors import unknown

AFTER = "⁺"
LOSSES = frozenset({"J", "L", "C", "E", "Loss", "loss"})
LONGEST = 200
LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊𝜕", "0123456789+∂")
FRACTION = re.compile(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}")
QUOTIENT = re.compile(r"[d∂](\w+?⁺?)/[d∂](\w+)")
CODE = re.compile(r"d([^\W_]+)_d(\w+)")
DELTA = re.compile(r"(?:δ|delta|grad|d)_?(\w+)")
NEW = re.compile(r"(?:new_?)?(\w+?)(?:\^?(?:⁺|\+|new|next|neu)|_?(?:new|next|neu)|')?")


def canonical(text: str, known: Iterable[str], loss: str) -> str:
    """Return the name of a quantity as it is written here.

    Raises
    ------
    UnknownNameError
        If there is no such quantity, or there are several; the message names the nearest ones.
    """
    names = list(known)
    found = meant(text, names, loss)
    if found is None:
        raise unknown("quantity", text if len(text) <= LONGEST else f"{text[:LONGEST]}…", sorted(names))
    return found


def gradient(text: str, nodes: Iterable[str], loss: str) -> str:
    """Return what a formula is given for: ``∂J/∂w5``, ``w5⁺``, a node; the text itself where it is none."""
    known = list(nodes)
    every = [*known, *(f"∂{loss}/∂{node}" for node in known), *(f"{node}{AFTER}" for node in known)]
    return meant(text, every, loss) or text


def meant(text: str, known: Iterable[str], loss: str) -> str | None:
    """Return the name of a quantity as it is written here; None where there is none."""
    names = set(known)
    if len(text) > LONGEST:
        return None
    candidates = list(_candidates(text, loss))
    exact = next((name for name in candidates if name in names), None)
    return exact or _but_for_case(candidates, names)


def _but_for_case(candidates: Iterable[str], names: Iterable[str]) -> str | None:
    """Return the name that a candidate is but for upper and lower case, if it is the only one."""
    lowered: dict[str, list[str]] = {}
    for name in names:
        lowered.setdefault(name.lower(), []).append(name)
    found = next((lowered[one.lower()] for one in candidates if one.lower() in lowered), [])
    return found[0] if len(found) == 1 else None


def _candidates(text: str, loss: str) -> Iterator[str]:
    """Yield what a text may stand for, the most literal first."""
    bare = re.sub(r"\s+", "", text)
    plain = bare.translate(LOWERED)
    for spelled in dict.fromkeys((bare, plain, _of_latex(plain), _without_underscores(_of_latex(plain)))):
        yield from _meanings(spelled, loss)


def _of_latex(text: str) -> str:
    """Return the name in a piece of LaTeX, its braces and commands resolved."""
    flat = re.sub(r"_\{(\w+)\}", r"_\1", text.strip("$"))
    quotient = FRACTION.sub(r"\1/\2", flat)
    for command, letter in ((r"\partial", "∂"), (r"\delta", "δ"), (r"\nabla", "grad"), (r"\mathrm", "")):
        quotient = quotient.replace(command, letter)
    return re.sub(r"[{}\\]", "", quotient)


def _without_underscores(text: str) -> str:
    return re.sub(r"_(?=\d|[^\W\d_]\d*$)", "", text)


def _meanings(bare: str, loss: str) -> Iterator[str]:
    yield bare
    if quotient := QUOTIENT.fullmatch(bare) or CODE.fullmatch(bare):
        yield f"∂{quotient[1]}/∂{quotient[2]}"
        if quotient[1] in LOSSES:
            yield f"∂{loss}/∂{quotient[2]}"
    if delta := DELTA.fullmatch(bare):
        yield f"∂{loss}/∂{delta[1]}"
    if new := NEW.fullmatch(bare):
        yield f"{new[1]}{AFTER}"
    if bare in LOSSES:
        yield loss
