"""Which way of computing prints this figure?

A printed figure is held against the run as it should be; where it disagrees, it selects those of the other
ways to train that reproduce it to all of its digits.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from time import perf_counter

from symgrad.derive.given import Given
from symgrad.errors import unknown
from symgrad.model.model import Model
from symgrad.verify.asking import check_seconds
from symgrad.verify.classroom.naming import canonical
from symgrad.verify.classroom.printed import Printed, read_printed
from symgrad.verify.classroom.variants import Outcome, Variant, outcomes, variants
from symgrad.verify.verdict import Check, Counterexample, Finding, Mistake

NOISE = Decimal("1e-11")
SHOWN = 3
SECONDS = 20.0
FEWEST = 3
"""A figure with fewer digits tells no ways of computing apart."""
CHANCE = Fraction(1, 10)
"""A variant is named if a figure as far from the right one is met by some variant no more often than this."""
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
    steps
        After how many steps.
    right
        Where the run arrives as it should be; None where it was not done in time.
    tried
        The outcomes that the figure was held against, the likeliest first; beside the right one they are
        looked for only where that does not print the figure, and those that round only where no other does.
    late
        Whether some ways of computing were not carried out for want of time.
    """

    quantity: str
    printed: Printed
    steps: int
    right: Outcome | None
    tried: tuple[Outcome, ...]
    late: bool = False

    @cached_property
    def found(self) -> tuple[Outcome, ...]:
        """The outcomes that reproduce it, the likeliest first."""
        return matching(self.tried, self.quantity, self.printed)

    @cached_property
    def value(self) -> Decimal:
        """What the figure should be, with all digits of float64; not a number where that is not known."""
        return Decimal("NaN") if self.right is None else Decimal(repr(self.right.values[self.quantity]))

    @property
    def is_right(self) -> bool:
        """Whether the run as it should be prints this figure, rounded or, if nothing else does, cut off."""
        return self.right in self.found or self.cut_off

    @property
    def cut_off(self) -> bool:
        """Whether nothing prints it, and it is the right value with the digits behind cut off."""
        return not self.found and self.value.is_finite() and self.printed.is_cut_off(self.value)

    @cached_property
    def chance(self) -> Fraction:
        """Which share of the figures that are no farther from the right one a variant as simple prints."""
        if not self.found or not self.value.is_finite():
            return Fraction(1)
        far = abs(self.printed.value - self.value)
        simple = len(self.found[0].variant.deviations)
        others = [one for one in self.tried if 0 < len(one.variant.deviations) <= simple]
        values = (Decimal(repr(one.values[self.quantity])) for one in others)
        near = (v for v in values if v.is_finite() and abs(v - self.value) <= far + self.printed.half)
        met = {self.printed.like(value) for value in near} - {self.printed.like(self.value)}
        return Fraction(len(met)) / (2 * Fraction(far / self.printed.unit) + 1)

    @property
    def is_telling(self) -> bool:
        """Whether the figure has digits enough for a variant that prints it to be no chance."""
        return self.printed.digits >= FEWEST and self.chance <= CHANCE

    @cached_property
    def check(self) -> Check:
        """The same as a judgement, with the variants as mistakes."""
        after = f" after {self.steps:,} step{'s' * (self.steps != 1)}" * (self.steps > 0)
        of = f"{self.quantity}{after}"
        if self.right is None:
            method = f"the {self.steps:,} steps were not done in the time given"
            return Check(of, Finding("unknown", "none", method), self.printed.text)
        should = self.printed.like(self.value)
        wrong = Counterexample({}, "", self.printed.text, should)
        finding = (
            Finding("right", "held", METHOD, points=1)
            if self.is_right
            else Finding("wrong", "mismatch", METHOD, counterexample=wrong)
        )
        named = self.found[:SHOWN] if self.is_telling and not self.is_right else ()
        mistakes = tuple(_mistake(self, found) for found in named)
        return Check(of, finding, self.printed.text, should, mistakes, notes=tuple(self._notes()))

    def _notes(self) -> Iterator[str]:
        if self.cut_off:
            yield "its last digit is cut off, not rounded"
        elif not self.found:
            yield "none of the usual ways to compute prints this figure"
        elif not self.is_right and not self.is_telling:
            ways = f"{len(self.found)} of {len(self.tried)} ways to compute"
            words = " or ".join(one.variant.words for one in self.found[:SHOWN])
            yield f"{ways} print this figure, perhaps by chance: {words}; more digits would tell"
        if self.late:
            yield "some ways to compute were not tried for want of time"


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
    seconds: float = SECONDS,
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
    seconds
        How long it may take.

    Raises
    ------
    DataError
        If the figure is no decimal number, or so many steps cannot be done.
    UnknownNameError
        If there is no such quantity.
    UsageError
        If the seconds are no time limit.
    """
    (found,) = explain_all(model, [(quantity, figure)], steps=steps, at=at, rate=rate, seconds=seconds)
    return found


def explain_all(
    model: Model,
    figures: Iterable[tuple[str, str]],
    *,
    steps: int = 0,
    at: Given | None = None,
    rate: object = None,
    seconds: float = SECONDS,
) -> tuple[Explained, ...]:
    """Find the ways of computing that print figures of one run; see `explain`.

    Every way is carried out once for all of them.  `seconds` is how long each figure may take.
    """
    check_seconds(seconds, f"seconds = {seconds!r}")
    given = list(figures)
    until = perf_counter() + seconds * len(given)

    def arrived(among: Sequence[Variant]) -> tuple[Outcome, ...]:
        return outcomes(model, steps, at, rate=rate, among=among, until=until)

    (start,) = outcomes(model, 0, at, rate=rate, among=[Variant(0)])
    named = [(canonical(name, start.values, model.loss), text) for name, text in given]
    printed = [(name, read_printed(text, name)) for name, text in named]
    right = next(iter(arrived([Variant(steps)])), None)
    alone = [
        Explained(name, figure, steps, right, () if right is None else (right,)) for name, figure in printed
    ]
    if right is None or all(one.is_right and not one.cut_off for one in alone):
        return tuple(alone)
    others = [variant for variant in variants(model, steps) if variant.deviations]
    tried = (right, *arrived([variant for variant in others if variant.decimals is None]))
    held = [one if right in one.found else replace(one, tried=tried) for one in alone]
    if not all(one.found for one in held):
        rounded = arrived([variant for variant in others if variant.decimals is not None])
        held = [one if one.found else replace(one, tried=(*tried, *rounded)) for one in held]
    late = perf_counter() > until
    return tuple(one if right in one.found else replace(one, late=late) for one in held)


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
