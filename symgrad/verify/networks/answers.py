"""The right gradient as text, and its summands."""

from symgrad.derive.views import View
from symgrad.errors import DefinitionError, LimitError
from symgrad.notation.display import shown
from symgrad.notation.unicode import write

MOST_PATHS = 12
SIGNS = {" + ": "", " − ": "−"}


def answer(view: View, wrt: str) -> str:
    """Return the gradient by a node as text: over its paths, or as the δ recursion where these are many."""
    try:
        formula = view.formula(wrt, "local", limit=MOST_PATHS)
    except (DefinitionError, LimitError):
        formula = view.formula(wrt, "delta", limit=MOST_PATHS)
    lines = shown(formula, formula.graph).block.equations
    return write(lines[0].right) if len(lines) == 1 else shown(formula, formula.graph).unicode


def summands(text: str) -> list[str]:
    """Return the summands of a formula, each with its minus.

    >>> summands("a · (b − c) − d + e")
    ['a · (b − c)', '−d', 'e']
    """
    found, start, depth, sign = list[str](), 0, 0, ""
    for k, letter in enumerate(text):
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 0 and (between := text[k : k + 3]) in SIGNS:
            found.append(sign + text[start:k])
            start, sign = k + 3, SIGNS[between]
    return [*found, sign + text[start:]]
