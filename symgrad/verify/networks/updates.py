"""An update as a claim, w − α · gradient: the gradient inside it is what is judged."""

import re
from collections.abc import Iterator

from symgrad.errors import FormulaError
from symgrad.verify.networks.claims import Claim
from symgrad.verify.verdict import Finding

MARKS = ("⁺", "+", "_new", "^+")
STEP = re.compile(
    r"\s*(?P<sign>[-−+])\s*(?:\\?(?:alpha|eta|gamma)|[αηγ]|lr|learning_rate|\d*\.\d+|\d+)(?![^\W_])\s*(?P<below>/)?\s*[*·]?"
    r"|\s*(?P<other>[-−+])\s*\\frac\{\\(?:alpha|eta|gamma)\}\{(?P<divisor>[^{}]*)\}"
)


def updated(wrt: str) -> str:
    """Return the parameter of which an update is claimed: w of ``w+``, ``w⁺``, ``w_new``; else no text."""
    return next((wrt.removesuffix(mark) for mark in MARKS if wrt.endswith(mark) and wrt != mark), "")


def gradient_inside(wrt: str, claim: Claim) -> str:
    r"""Return the gradient of an update rule; no text where the claim is none.

    >>> gradient_inside("w", "w - α/m X.T @ d")
    '1/m X.T @ d'
    >>> gradient_inside("w", r"w := w - \alpha (a + b)")
    '(a + b)'
    >>> gradient_inside("w", "x1 - w")
    ''
    """
    if not isinstance(claim, str):
        return ""
    right = re.split(r":=|=|←|\\leftarrow|\\gets", claim)[-1]
    own = re.match(rf"\s*{_spelled(wrt)}(?![\w^'])", right)
    step = STEP.match(right, own.end()) if own else None
    if step is None:
        return ""
    rest = right[step.end() :].strip()
    if step["divisor"]:
        rest = rf"\frac{{1}}{{{step['divisor']}}} {rest}"
    found = f"1/{rest}" if step["below"] else rest
    return f"-({found})" if "+" in (step["sign"], step["other"]) else found


def _spelled(wrt: str) -> str:
    letters = wrt.rstrip("0123456789")
    number = wrt[len(letters) :]
    return rf"{re.escape(letters)}_?\{{?{number}\}}?" if number else re.escape(wrt)


def inside(wrt: str, claim: Claim) -> str:
    """Return the gradient of a claimed update.

    Raises
    ------
    FormulaError
        If the claim is no update.
    """
    found = gradient_inside(wrt, claim)
    if not found:
        raise FormulaError(
            f"an update of {wrt} has the form {wrt} - α * gradient; to judge a gradient alone, check {wrt}"
        )
    return found


def hinted(error: FormulaError, wrt: str, claim: Claim) -> FormulaError:
    """Return an error about a claim, and what to do where the claim is an update."""
    return type(error)(_hint(wrt)) if gradient_inside(wrt, claim) else error


def about_updates(wrt: str, claim: Claim, finding: Finding) -> Iterator[str]:
    """Say of a wrong claim that it is an update, and how that is judged."""
    if finding.verdict == "wrong" and gradient_inside(wrt, claim):
        yield _hint(wrt)


def _hint(wrt: str) -> str:
    return f"this is an update of {wrt}, not its gradient; check {wrt}+ to judge the gradient in it"
