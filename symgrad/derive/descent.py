"""Losses that are polynomials in their parameters: gradient, stationary points, update rule, all exact.

With the data given as rational numbers, a least-squares loss is such a polynomial, and everything that
one says of gradient descent on it is a statement about rational numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import sympy as sp

from symgrad.derive.given import Given, situated
from symgrad.derive.scalars import composite
from symgrad.derive.values import backward, leaf_values
from symgrad.derive.views import View
from symgrad.errors import CheckError, DefinitionError, LimitError
from symgrad.model.expressions import Ref
from symgrad.model.graph import Graph
from symgrad.model.model import Model

RATE = sp.Symbol("η", positive=True)


@dataclass(frozen=True)
class Landscape:
    """A loss as a polynomial in its parameters.

    Attributes
    ----------
    model
        The model with its data; the values of its parameters are the start of a descent.
    names
        The trained parameters of the neuron view.
    loss
        The polynomial, over the accesses of the parameters.
    gradient
        Its derivatives, from the δ recursion.
    """

    model: Model
    names: tuple[str, ...]
    loss: sp.Poly
    gradient: tuple[sp.Poly, ...]

    @property
    def symbols(self) -> tuple[Ref, ...]:
        """The parameters as they stand in the polynomials."""
        return tuple(map(Ref, self.names))

    @property
    def degree(self) -> int:
        """The total degree of the loss."""
        return self.loss.total_degree()

    @cached_property
    def start(self) -> sp.Matrix:
        """The values of the parameters in the model, as a column."""
        leaves = leaf_values(View(self.model, "neuron"))
        return sp.Matrix([rational(leaves[name]) for name in self.names])

    @cached_property
    def hessian(self) -> sp.Matrix:
        """The second derivatives, constant for a quadratic loss."""
        return sp.Matrix([[g.diff(s).as_expr() for s in self.symbols] for g in self.gradient])

    @cached_property
    def slope(self) -> sp.Matrix:
        """The gradient at 0: ∂J/∂w = hessian · w + slope for a quadratic loss."""
        origin = (0,) * len(self.names)
        return sp.Matrix([g.eval(origin) for g in self.gradient])


@dataclass(frozen=True)
class Stationary:
    """A point at which the gradient is 0, or a flat of them.

    Attributes
    ----------
    point
        The values of the parameters.
    kind
        ``minimum``, ``maximum``, ``saddle``, or ``undecided`` by the second derivatives.
    flat
        Directions in which one can go on from the point without leaving the stationary points.
    """

    point: sp.Matrix
    kind: str
    flat: tuple[sp.Matrix, ...] = ()


def rational(number: object) -> sp.Rational:
    """Return a fraction as SymPy's."""
    return sp.Rational(str(number))


def landscape(model: Model, at: Given | None = None) -> Landscape:
    """Return the loss of a model as a polynomial in its trained parameters.

    Parameters
    ----------
    at
        Values of leaves, exact; the others come from the model's example.

    Raises
    ------
    DefinitionError
        If the loss is no polynomial in them.
    CheckError
        If the δ recursion and the polynomial's own derivative differ.
    """
    view = View(situated(model, at), "neuron")
    trained = tuple(n for n in view.parameters if view.places[n][0] not in model.fixed)
    if not trained:
        raise DefinitionError(f"{model.name} trains no parameter; descent needs one")
    graph, delta = backward(view)
    leaves = {Ref(k): rational(v) for k, v in leaf_values(view).items() if k not in trained}
    loss = _polynomial(graph, model.loss, trained, leaves)
    nothing = sp.Poly(0, *map(Ref, trained), domain=sp.QQ)
    gradient = tuple(
        _polynomial(graph, delta[name], trained, leaves) if name in delta else nothing for name in trained
    )
    if gradient != tuple(loss.diff(Ref(name)) for name in trained):
        raise CheckError(f"{model.name}: the δ recursion is not the derivative of {model.loss}")
    return Landscape(view.model, trained, loss, gradient)


def _polynomial(graph: Graph, name: str, trained: Sequence[str], leaves: dict[Ref, sp.Rational]) -> sp.Poly:
    expression = composite(graph, name).xreplace(leaves)
    gens = tuple(map(Ref, trained))
    try:
        return sp.Poly(expression, *gens, domain=sp.QQ)
    except (sp.PolynomialError, sp.polys.polyerrors.CoercionFailed) as error:
        raise DefinitionError(
            f"{graph.loss} is not a polynomial in {', '.join(trained)}: exact descent is for losses such as "
            "squared errors of linear models; for others see `explain` and `train`"
        ) from error


def stationary_points(found: Landscape) -> tuple[Stationary, ...]:
    """Solve gradient = 0 exactly, with the second-derivative test.

    Raises
    ------
    LimitError
        If the loss has a degree above 2 in several parameters.
    """
    if found.degree <= 2:
        return _of_quadratic(found)
    if len(found.names) > 1:
        raise LimitError(
            f"the loss has degree {found.degree} in {len(found.names)} parameters; stationary points are "
            "solved exactly up to degree 2, or for one parameter"
        )
    parts = found.gradient[0].sqf_list()[1]
    points = (_of_root(found, root, multiple > 1) for part, multiple in parts for root in part.real_roots())
    return tuple(sorted(points, key=lambda p: sp.N(p.point[0])))


def _of_root(found: Landscape, root: sp.Expr, multiple: bool) -> Stationary:
    """Test a root of the gradient; at a multiple one the second derivative is 0 and decides nothing."""
    curvature = found.gradient[0].diff().as_expr().xreplace({found.symbols[0]: root})
    kind = "undecided" if multiple else "minimum" if sp.N(curvature) > 0 else "maximum"
    return Stationary(sp.Matrix([root]), kind)


def _of_quadratic(found: Landscape) -> tuple[Stationary, ...]:
    """Solve the normal equations hessian · w = −slope."""
    hessian = found.hessian
    if hessian.rank() < hessian.row_join(-found.slope).rank():
        return ()
    point = -hessian.pinv() * found.slope
    return (Stationary(point, _kind(hessian), tuple(hessian.nullspace())),)


def _kind(hessian: sp.Matrix) -> str:
    if hessian.is_positive_semidefinite:
        return "minimum"
    return "maximum" if hessian.is_negative_semidefinite else "saddle"


def update_rule(found: Landscape, rate: sp.Expr = RATE) -> tuple[tuple[str, sp.Expr], ...]:
    """Return w ← w − η ∂J/∂w for every parameter, the gradient with common factors outside."""
    sign = 1 if found.model.maximise else -1
    return tuple(
        (name, Ref(name) + sign * rate * factored(gradient))
        for name, gradient in zip(found.names, found.gradient, strict=True)
    )


def factored(polynomial: sp.Poly) -> sp.Expr:
    """Return a polynomial with its content outside: 14 (w² − 4 w + 4)."""
    content, primitive = polynomial.primitive()
    if polynomial.is_zero or content == 1 or len(primitive.terms()) < 2:
        return polynomial.as_expr()
    return sp.Mul(content, primitive.as_expr(), evaluate=False)
