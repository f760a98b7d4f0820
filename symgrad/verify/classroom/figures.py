"""Which way of computing prints this figure?

A printed figure is held against the run as it should be; where it disagrees, it selects those of the other
ways to train that reproduce it to all of its digits.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from symgrad.derive.given import Given
from symgrad.errors import unknown
from symgrad.model.model import Model
from symgrad.verify.classroom.printed import Printed, read_printed
from symgrad.verify.classroom.quantities import canonical
from symgrad.verify.classroom.variants import Outcome, Variant, outcomes, variants
from symgrad.verify.verdict import Check, Counterexample, Finding, Mistake

NOISE = Decimal("1e-11")
SHOWN = 3
METHOD = "float64, against the run carried out"


@dataclass(frozen=True)
class Explained:
    """A printed figure, and the ways of computing that print it.

    Attributes
    ----------
    quantity
        What the figure is said to be.
    printed
        The figure.
    right
        What it should be.
    found
        The outcomes that reproduce it, the right run first if it does, then the likeliest.
    """

    quantity: str
    printed: Printed
    right: Outcome
    found: tuple[Outcome, ...]

    @property
    def is_right(self) -> bool:
        """Whether the run as it should be prints this figure, rounded or, if nothing else does, cut off."""
        return self.right in self.found or self.cut_off

    @property
    def cut_off(self) -> bool:
        """Whether nothing prints it, and it is the right value with the digits behind cut off."""
        value = Decimal(repr(self.right.values[self.quantity]))
        return not self.found and value.is_finite() and self.printed.is_cut_off(value)

    @cached_property
    def check(self) -> Check:
        """The same as a judgement, with the variants as mistakes."""
        should = self.printed.like(self.right.values[self.quantity])
        after = f" after {self.right.variant.steps:,} step{'s' * (self.right.variant.steps != 1)}"
        wrong = Counterexample({}, "", self.printed.text, should)
        finding = (
            Finding("right", "held", METHOD, points=1)
            if self.is_right
            else Finding("wrong", "mismatch", METHOD, counterexample=wrong)
        )
        mistakes = () if self.is_right else tuple(_mistake(self, found) for found in self.found[:SHOWN])
        of = self.quantity + after * (self.right.variant.steps > 0)
        return Check(of, finding, self.printed.text, should, mistakes, notes=self._notes)

    @property
    def _notes(self) -> tuple[str, ...]:
        if self.cut_off:
            return ("its last digit is cut off, not rounded",)
        return () if self.found else ("none of the usual ways to compute prints this figure",)


def _mistake(of: Explained, found: Outcome) -> Mistake:
    text = f"this is the figure of {found.variant.words}"
    value = f"{found.values[of.quantity]:.12g}"
    return Mistake(kind_of(found.variant), "", f"{text}: {value}", of.printed.text, "")


def kind_of(variant: Variant) -> str:
    """Return the kind of mistake that a variant is, by its first deviation."""
    factor = variant.factor * variant.shown
    if variant.updated:
        return "updated_weight_used"
    if factor in (2, Fraction(1, 2)):
        return "factor_2"
    return "other" if factor == 1 else "constant_factor"


def explain(
    model: Model,
    quantity: str,
    figure: str,
    *,
    steps: int = 0,
    at: Given | None = None,
    rate: object = None,
) -> Explained:
    """Find the way of computing that prints a figure.

    Parameters
    ----------
    quantity
        A node of the neuron view, ``J``, ``o1``, ``w5``, or a gradient, ``∂J/∂w5`` or ``dJ/dw5``.
    figure
        The figure as it is printed; all of its digits count.
    steps
        After how many steps of gradient descent.
    at, rate
        Values of leaves and step size, the model's own by default.

    Raises
    ------
    DataError
        If the figure is no decimal number.
    UnknownNameError
        If there is no such quantity.
    """
    printed = read_printed(figure, quantity)
    every = variants(model, steps)
    plain = outcomes(model, steps, at, rate=rate, among=[v for v in every if v.decimals is None])
    name = canonical(quantity, plain[0].values, model.loss)
    found = matching(plain, name, printed)
    if not found:
        rounded = [v for v in every if v.decimals is not None]
        found = matching(outcomes(model, steps, at, rate=rate, among=rounded), name, printed)
    return Explained(name, printed, plain[0], found)


def matching(found: Iterable[Outcome], name: str, printed: Printed | str) -> tuple[Outcome, ...]:
    """Return the outcomes that reproduce a printed figure to all of its digits, in their order.

    Parameters
    ----------
    name
        The quantity that the figure is said to be: ``J``, ``o1``, ``∂J/∂w5``.

    Raises
    ------
    UnknownNameError
        If there is no such quantity.
    """
    known = tuple(found)
    figure = read_printed(printed, name) if isinstance(printed, str) else printed
    if known and name not in known[0].values:
        raise unknown("quantity", name, known[0].values)
    return tuple(outcome for outcome in known if reproduces(outcome.values[name], figure))


def reproduces(value: float, printed: Printed) -> bool:
    """Whether a value, rounded to the digits of a printed figure, is that figure."""
    found = Decimal(repr(float(value)))
    return found.is_finite() and printed.is_rounded(found, NOISE * abs(found))
