"""Gradient descent on a quadratic loss, written down: polynomial, trace, closed form, proof, limit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from symgrad.derive.descent import (
    RATE,
    Landscape,
    Stationary,
    factored,
    landscape,
    stationary_points,
    update_rule,
)
from symgrad.derive.given import Given
from symgrad.derive.recurrence import (
    Induction,
    Recurrence,
    iterates,
    largest_rate,
    prove,
    recurrence,
)
from symgrad.model.model import Model
from symgrad.notation import latex, unicode
from symgrad.notation.arrange import arrange, number
from symgrad.notation.compose import product, total
from symgrad.notation.layout import Block, Equation, Fraction, Layout, Minus, Name, Number, Partial, Power

STEPS = 7
DIGITS = 9
LONG = 16
N = Name("n")


@dataclass(frozen=True, repr=False)
class Descent:
    """What can be said exactly of gradient descent on a network; it shows itself as text and as LaTeX.

    Attributes
    ----------
    found
        The loss as a polynomial.
    points
        Its stationary points.
    solved
        The descent as an affine recurrence with its closed form.
    proof
        The induction that proves the closed form, for every start and every step size.
    trace
        w_0, w_1, … as exact rational numbers.
    bound
        Every positive step size below it converges; None where there is none such.
    """

    found: Landscape
    points: tuple[Stationary, ...]
    solved: Recurrence
    proof: Induction
    trace: tuple[tuple[sp.Rational, ...], ...]
    bound: sp.Expr | None

    @cached_property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """Captions and what stands beside them."""
        return tuple(_lines(self))

    @property
    def text(self) -> str:
        """The whole as text for terminals."""
        width = max(len(caption) for caption, _ in self.lines)
        return "\n".join(f"{caption:<{width}}  {line}" for caption, line in self.lines)

    @property
    def block(self) -> Block:
        """The loss, its derivatives and the closed form as equations."""
        loss = Equation(Name(self.found.model.loss), arrange(factored(self.found.loss)))
        closed = [closed_equation(self.solved)] if len(self.found.names) == 1 else []
        return Block((loss, *_derivatives(self.found), *closed))

    def __repr__(self) -> str:
        return self.text

    def _repr_latex_(self) -> str:
        return f"$$\n{latex.write_block(self.block)}\n$$"


def descent(
    model: Model, at: Given | None = None, *, rate: object | None = None, steps: int = STEPS
) -> Descent:
    """Say everything exact about gradient descent on a model with a quadratic loss.

    Parameters
    ----------
    at
        Values of leaves; those of the parameters are the start.  What is left out comes from the example.
    rate
        The step size η, the model's own by default.
    steps
        How many steps of the trace are carried out.

    Raises
    ------
    DefinitionError
        If the loss is no polynomial of degree 2 in the trained parameters.
    """
    found = landscape(model, at)
    general = [sp.Symbol(f"{name}_0", real=True) for name in found.names]
    proof = prove(recurrence(found, RATE, general))
    solved = recurrence(found, rate)
    trace = iterates(found, steps, rate)
    return Descent(found, stationary_points(found), solved, proof, trace, largest_rate(found))


def _lines(shown: Descent) -> Iterator[tuple[str, str]]:
    found, solved = shown.found, shown.solved
    yield "loss", _written(Equation(Name(found.model.loss), arrange(factored(found.loss))))
    yield from (("derivative", _written(equation)) for equation in _derivatives(found))
    yield from (("stationary", _stationary(found, point)) for point in shown.points)
    yield from (("update", f"{n} ← {unicode.write(arrange(rule))}") for n, rule in update_rule(found))
    yield f"with η = {solved.rate}", _affine(solved)
    yield from (("trace", line) for line in _traces(found.names, shown.trace))
    yield "closed form", _closed(solved)
    yield "", "proved by induction on n for every start and step size" if shown.proof.holds else "not proved"
    limit = solved.limit
    yield "limit", "none: the descent does not converge" if limit is None else _point(found.names, limit)
    yield "converges", "for no step size" if shown.bound is None else f"for 0 < η < {_number(shown.bound)}"


def _derivatives(found: Landscape) -> Iterator[Equation]:
    for name, gradient in zip(found.names, found.gradient, strict=True):
        yield Equation(Partial(Name(found.model.loss), Name(name)), arrange(factored(gradient)))


def _written(equation: Equation) -> str:
    return f"{unicode.write(equation.left)} = {unicode.write(equation.right)}"


def _number(value: sp.Expr) -> str:
    text = unicode.write(arrange(sp.N(value, DIGITS) if value.has(sp.CRootOf) else value))
    if value.is_Rational:
        return str(value).replace("-", "−") if len(text) <= LONG else str(sp.N(value, DIGITS))
    return text if value.has(sp.CRootOf) else f"{text} ≈ {sp.N(value, DIGITS)}"


def _point(names: Sequence[str], point: Sequence[sp.Expr]) -> str:
    return ", ".join(f"{name} = {_number(value)}" for name, value in zip(names, point, strict=True))


def _stationary(found: Landscape, point: Stationary) -> str:
    kind = point.kind + (", not the only one" if point.flat else "")
    second = (
        f", second derivative {found.hessian[0, 0]}" if len(found.names) == 1 and found.degree == 2 else ""
    )
    return f"{_point(found.names, point.point)} ({kind}{second})"


def _affine(solved: Recurrence) -> str:
    rows = (solved.matrix * sp.Matrix([sp.Symbol(n) for n in solved.names]) + solved.offset).applyfunc(
        sp.expand
    )
    return "; ".join(
        f"{n} ← {unicode.write(arrange(row))}" for n, row in zip(solved.names, rows, strict=True)
    )


def _traces(names: Sequence[str], trace: Sequence[Sequence[sp.Rational]]) -> Iterator[str]:
    for k, name in enumerate(names):
        yield f"{name}: {', '.join(_number(point[k]) for point in trace)}, …"


def _closed(solved: Recurrence) -> str:
    if len(solved.names) == 1:
        return _written(closed_equation(solved))
    rows = "; ".join(" ".join(map(_number, solved.matrix.row(k))) for k in range(solved.matrix.rows))
    return f"w_n = w* + Aⁿ (w_0 − w*), A = [{rows}], w* = ({', '.join(map(_number, solved.fixed))})"


def closed_equation(solved: Recurrence) -> Equation:
    """Return ``w_n = 2 − 1/2^(n − 1)`` for a single parameter."""
    error, ratio = solved.start[0] - solved.fixed[0], solved.matrix[0, 0]
    left = Name(f"{solved.names[0]}_n")
    if not (error.is_Rational and ratio.is_Rational):
        return Equation(left, arrange(solved.closed))
    sign, body = (Minus, -error) if error < 0 else (lambda term: term, error)
    moving = (sign(_decay(body, ratio)),) if error != 0 else ()
    still = (number(solved.fixed[0]),) if solved.fixed[0] != 0 or not moving else ()
    return Equation(left, total((*still, *moving)))


def _decay(error: sp.Rational, ratio: sp.Rational) -> Layout:
    """Return error · ratio^n, as 1/q^(n − m) where the error is q^m and the ratio ±1/q."""
    base = ratio.q
    shift = next((m for m in range(-64, 65) if sp.Integer(base) ** m == error), None)
    if abs(ratio.p) != 1 or base == 1 or shift is None:
        return product((number(error), Power(number(ratio), N)))
    power = Fraction(Number("1"), Power(Number(str(base)), _shifted(shift)))
    turning = Power(Minus(Number("1")), N)
    return product((turning, power)) if ratio < 0 else power


def _shifted(shift: int) -> Layout:
    if shift == 0:
        return N
    return total((N, Minus(Number(str(shift))) if shift > 0 else Number(str(-shift))))
