"""Gradient descent on a quadratic loss as an affine recurrence, solved and proved by induction.

::

    w ← w − η (H w + g)      that is      w_(n+1) = A w_n + b   with   A = I − η H,  b = −η g
    w_n = w* + A^n (w_0 − w*)             where   A w* + b = w*

The descent converges for every start if and only if the eigenvalues of A other than 1 lie between −1 and
1: 0 < η < 2/λ for the largest eigenvalue λ of H (for one parameter |1 − η h| < 1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import sympy as sp
from sympy.polys.matrices import DomainMatrix

from symgrad.derive.descent import RATE, Landscape
from symgrad.errors import DefinitionError, LimitError
from symgrad.exact.proofs import prove_equal

STEPS = sp.Symbol("n", integer=True, nonnegative=True)
LONGEST = 200_000


@dataclass(frozen=True)
class Recurrence:
    """``w_(n+1) = A w_n + b`` with its solution.

    Attributes
    ----------
    names
        The parameters.
    rate
        The step size, a number or the symbol η.
    matrix, offset
        A and b.
    start
        w_0, numbers or symbols.
    fixed
        The stationary point that the solution is written around; where there are many, the one that
        differs from the start only in directions in which the loss changes.
    """

    names: tuple[str, ...]
    rate: sp.Expr
    matrix: sp.Matrix
    offset: sp.Matrix
    start: sp.Matrix
    fixed: sp.Matrix

    @property
    def closed(self) -> sp.Expr:
        """w_n = w* + c^n (w_0 − w*) of a single parameter."""
        if len(self.names) != 1:
            raise DefinitionError("w_n is one expression for one parameter; for several it is `at`")
        return self.fixed[0] + self.matrix[0, 0] ** STEPS * (self.start[0] - self.fixed[0])

    @cached_property
    def converges(self) -> bool:
        """Whether the descent converges for every start. DefinitionError for a symbolic rate."""
        if self.rate.free_symbols:
            raise DefinitionError("whether the descent converges depends on η; see `largest_rate`")
        rest = _characteristic(self.matrix)
        while rest.degree() > 0 and rest.eval(1) == 0:
            rest = rest.quo(sp.Poly(rest.gen - 1, rest.gen))
        if rest.degree() <= 0:
            return True
        inside = rest.count_roots(-1, 1) - (rest.eval(-1) == 0)
        return inside == rest.count_roots()

    @property
    def limit(self) -> sp.Matrix | None:
        """What w_n tends to, None where it does not converge."""
        still = self.start == self.fixed
        return self.fixed if still or self.converges else None

    def at(self, steps: int) -> tuple[sp.Rational, ...]:
        """Return w_n by the closed form, exactly."""
        power = DomainMatrix.from_Matrix(self.matrix).to_field() ** steps
        return tuple(self.fixed + power.to_Matrix() * (self.start - self.fixed))


@dataclass(frozen=True)
class Induction:
    """The proof of a closed form: it is right at 0, and a step leads from n to n + 1."""

    base: bool
    step: bool

    @property
    def holds(self) -> bool:
        """Whether both parts were proved."""
        return self.base and self.step


def recurrence(
    found: Landscape, rate: object | None = None, start: Sequence[object] | None = None
) -> Recurrence:
    """Write gradient descent as an affine recurrence and solve it.

    Parameters
    ----------
    rate
        The step size: a number, or an expression such as the symbol `RATE`; the model's by default.
    start
        w_0, numbers or symbols; the model's values by default.

    Raises
    ------
    DefinitionError
        If the loss is not quadratic, or has no stationary point.
    """
    if found.degree > 2:
        raise DefinitionError(
            f"the loss has degree {found.degree}; a descent has a closed form up to degree 2"
        )
    step = _expression(found.model.learning_rate if rate is None else rate)
    begin = found.start if start is None else sp.Matrix([_expression(s) for s in start])
    if begin.rows != len(found.names):
        raise DefinitionError(
            f"the start has {begin.rows} values; the parameters are {', '.join(found.names)}"
        )
    sign = 1 if found.model.maximise else -1
    matrix = sp.eye(begin.rows) + sign * step * found.hessian
    return Recurrence(found.names, step, matrix, sign * step * found.slope, begin, _fixed(found, begin))


def _expression(value: object) -> sp.Expr:
    return value if isinstance(value, sp.Expr) else sp.Rational(str(value))


def _fixed(found: Landscape, start: sp.Matrix) -> sp.Matrix:
    """Return the stationary point nearest to the start: the start minus H⁺ times its gradient."""
    hessian = found.hessian
    fixed = (start - hessian.pinv() * (hessian * start + found.slope)).applyfunc(sp.expand)
    if not (hessian * fixed + found.slope).applyfunc(sp.expand).is_zero_matrix:
        raise DefinitionError(
            f"{found.model.loss} has no stationary point: it changes at the same rate for ever"
        )
    return fixed


def prove(found: Recurrence) -> Induction:
    """Prove the closed form by induction, by exact normal forms.

    With v_n = A^n (w_0 − w*): w* + v_0 = w_0, and A (w* + v) + b = w* + A v for every v.
    """
    v = sp.Matrix([sp.Symbol(f"v{k}", real=True) for k in range(len(found.names))])
    base = _equal(found.fixed + (found.start - found.fixed), found.start)
    step = _equal(found.matrix * (found.fixed + v) + found.offset, found.fixed + found.matrix * v)
    return Induction(base, step)


def _equal(one: sp.Matrix, other: sp.Matrix) -> bool:
    return all(prove_equal(a, b).equal for a, b in zip(one, other, strict=True))


def largest_rate(found: Landscape) -> sp.Expr | None:
    """Return the bound below which every positive step size converges: 2/λ; None where there is none.

    λ is the largest eigenvalue of the Hessian, an exact algebraic number.
    """
    hessian = -found.hessian if found.model.maximise else found.hessian
    roots = _characteristic(hessian).real_roots()
    if min(roots, key=sp.N) < 0 or max(roots, key=sp.N) == 0:
        return None
    return sp.radsimp(2 / max(roots, key=sp.N))


def _characteristic(matrix: sp.Matrix) -> sp.Poly:
    return matrix.charpoly(sp.Dummy("λ"))


def iterates(
    found: Landscape, steps: int, rate: object | None = None, start: Sequence[object] | None = None
) -> tuple[tuple[sp.Rational, ...], ...]:
    """Carry out gradient descent exactly: w_0, w_1, …, each a tuple of rational numbers.

    Raises
    ------
    LimitError
        If the numbers grow past 200,000 bits, as they do for losses of higher degree.
    """
    step = sp.Rational(str(found.model.learning_rate if rate is None else rate))
    sign = step if found.model.maximise else -step
    here = tuple(found.start) if start is None else tuple(sp.Rational(str(s)) for s in start)
    trace = [here]
    for n in range(1, steps + 1):
        here = tuple(w + sign * g.eval(here) for w, g in zip(here, found.gradient, strict=True))
        if any(w.q.bit_length() > LONGEST for w in here):
            raise LimitError(f"w_{n} has more than {LONGEST:,} bits; ask for fewer steps")
        trace.append(here)
    return tuple(trace)


__all__ = ["RATE", "Induction", "Recurrence", "iterates", "largest_rate", "prove", "recurrence"]
