"""The matrix around an entry: of w1, which is an entry of W1, people also write ∂J/∂W1 = δ xᵀ."""

from dataclasses import dataclass

from symgrad.errors import FormulaError
from symgrad.verify.formulas import Reading
from symgrad.verify.networks.claims import Claim, readings
from symgrad.verify.networks.subject import Subject


@dataclass(frozen=True)
class Matrix:
    """What a claim about a neuron, a weight or a bias is really of.

    Attributes
    ----------
    about
        The layers of the network, for one sample if the neurons are those of one.
    node
        The layer's node.
    note
        In words, how the two belong together.
    """

    about: Subject
    node: str
    note: str


def in_matrices(about: Subject, wrt: str, claim: Claim) -> Matrix | None:
    """Return the matrix that the left side of a claim names; None where it names none."""
    whole = about.matrices
    if whole is None or not isinstance(claim, str):
        return None
    owner = about.view.places[wrt][0]
    if not _is_named(whole, owner, claim):
        return None
    note = f"this is the matrix form, {whole.setting}"
    return Matrix(whole, owner, note if owner == wrt else f"{note}; {wrt} is an entry of {owner}")


def _is_named(whole: Subject, owner: str, claim: str) -> bool:
    try:
        found = readings(whole, owner, claim)
    except FormulaError:
        return False
    return any(isinstance(one, Reading) and one.left is not None for one in found)
