"""A slip: a definition put wrong, in one of the ways in which people do so."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import sympy as sp

from symgrad.model.graph import Node, Term
from symgrad.model.model import Model
from symgrad.verify.classroom.quantities import Quantities

USUAL = ("sigmoid", "tanh", "relu")


@dataclass(frozen=True)
class Slip:
    """A definition put wrong.

    Attributes
    ----------
    kind
        A word of `symgrad.verify.kinds.KINDS`.
    text
        What happened, one clause.
    place
        The edge or the node.
    changes
        The definitions that take the place of the right ones.
    tag, layer
        Slips that agree in both are made together, in a whole layer.
    everywhere
        What happened where the slip is made in the whole layer.
    """

    kind: str
    text: str
    place: str
    changes: Mapping[str, Node]
    tag: str
    layer: str
    everywhere: str

    def joined(self, others: list["Slip"]) -> "Slip":
        """Return the same slip made in the whole layer."""
        changes = {name: node for slip in (self, *others) for name, node in slip.changes.items()}
        return replace(self, text=self.everywhere, place=self.layer or self.place, changes=changes)


@dataclass(frozen=True)
class Site:
    """A definition at which slips are made.

    Attributes
    ----------
    sheet
        All quantities.
    node
        The definition.
    place
        The edge or the node, as it is told.
    layer
        What it shares with others of its layer.
    """

    sheet: Quantities
    node: Node
    place: str
    layer: str

    @property
    def model(self) -> Model:
        """The network."""
        return self.sheet.view.model

    @property
    def bodies(self) -> list[sp.Expr]:
        """The summands of the definition."""
        return [term.body for term in self.node.terms]

    def slip(self, kind: str, text: str, bodies: list[sp.Expr], tag: str, everywhere: str = "") -> Slip:
        """Return the slip that puts other summands in the place of these."""
        node = replace(self.node, terms=tuple(Term((), (), body) for body in bodies))
        return Slip(kind, text, self.place, {node.name: node}, tag, self.layer, everywhere or text)

    def scaled(self, factor: Fraction | int) -> list[sp.Expr]:
        """Return the summands times a number."""
        number = sp.Rational(Fraction(factor).numerator, Fraction(factor).denominator)
        return [number * body for body in self.bodies]

    def owner(self, name: str) -> str:
        """Return the array that an entry belongs to."""
        return self.sheet.view.places[name][0] if name in self.sheet.view.places else name

    def factor(self, factor: Fraction, what: str) -> tuple[str, str]:
        """Return the kind and the words of a constant factor."""
        if factor in (2, Fraction(1, 2)):
            return "factor_2", f"{what} is taken times {factor}"
        if factor == self.model.sample_count and self.model.mean:
            return "missing_batch_mean", f"{what} is summed over the samples, and no mean taken"
        return "constant_factor", f"{what} is taken times {factor}"
