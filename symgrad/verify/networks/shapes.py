"""Claims of the wrong shape: which shapes, and whether a transpose or a sum would mend it."""

from collections.abc import Sequence

from symgrad.errors import ShapeError
from symgrad.verify.networks.posing import Posed, Slots
from symgrad.verify.verdict import Counterexample, Finding, Mistake


def misshapen(
    posed: Sequence[Posed], wrt: str, values: Sequence[Slots]
) -> tuple[Finding, tuple[Mistake, ...]] | None:
    """Return the finding and the mistake of a claim whose shape is not that of the gradient; else None."""
    for one, value in zip(posed, values, strict=True):
        right = one.delta(wrt).shape
        if value.shape != right:
            return _told(one, wrt, right, value.shape)
    return None


def without_value(error: Exception) -> tuple[Finding, tuple[Mistake, ...]]:
    """Return what is said of a claim without a value: its shapes do not fit, or it divides by 0."""
    kind = "shape_only" if isinstance(error, ShapeError) else "other"
    why = "it divides by 0" if isinstance(error, ZeroDivisionError) else str(error)
    text = f"the claim has no value: {why}"
    example = Counterexample({}, "", "no value", "a value")
    return Finding("wrong", "counterexample", text, counterexample=example), (Mistake(kind, "", text),)


def _told(
    one: Posed, wrt: str, right: tuple[int, ...], given: tuple[int, ...]
) -> tuple[Finding, tuple[Mistake, ...]]:
    sizes = ", ".join(f"{name} = {number}" for name, number in one.sizes.items())
    text = f"the gradient has the shape {_shape(right)}, the claim {_shape(given)} (at {sizes})"
    kind = (
        "transpose" if given == right[::-1] else "bias_not_summed" if _ends_in(given, right) else "shape_only"
    )
    example = Counterexample({}, "", f"shape {_shape(given)}", f"shape {_shape(right)}")
    finding = Finding("wrong", "counterexample", "the shapes differ", counterexample=example)
    return finding, (Mistake(kind, "", text),)


def _ends_in(given: tuple[int, ...], right: tuple[int, ...]) -> bool:
    """Whether a claim has axes in front that should have been summed."""
    return len(given) > len(right) and given[len(given) - len(right) :] == right


def _shape(shape: tuple[int, ...]) -> str:
    return str(shape) if shape else "()"
