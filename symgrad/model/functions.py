"""How a row of the activation table becomes a function that SymPy can derive.

Beside SymPy's own elementary functions there are two indicators, `Step` and `Equal`, whose derivative
is zero off their kink, functions that only stable forms use, and one function class for each row.  A
claimed short form is proved against SymPy's derivative of the primal at its first use, and refused when it
is wrong.
"""

from collections.abc import Callable, Mapping
from functools import cache, reduce
from itertools import combinations
from typing import ClassVar

import sympy as sp

from symgrad.errors import CheckError, DefinitionError
from symgrad.exact.proofs import prove_equal
from symgrad.model.activations import NAMES, ROWS, Activation, check_activation
from symgrad.model.expressions import Ref
from symgrad.model.formula import parse, to_sympy
from symgrad.model.names import check_name

Z = sp.Symbol("z", real=True)
A = sp.Symbol("a", real=True)


class Step(sp.Function):
    """The indicator [u > 0]: 1 where u > 0, else 0; at the kink 0."""

    nargs = 1
    is_real = True

    @classmethod
    def eval(cls, u: sp.Expr) -> sp.Expr | None:
        """Decide numbers."""
        return sp.Integer(bool(u > 0)) if u.is_Rational else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return 0, the derivative off the kink."""
        return sp.Integer(0)

    @property
    def primal(self) -> sp.Expr:
        """The indicator in SymPy's own words."""
        return sp.Piecewise((1, self.args[0] > 0), (0, True))


class Reciprocal(sp.Function):
    """1/u, and 0 where u is 0: the inverse of a norm at its kink."""

    nargs = 1
    is_real = True

    @property
    def primal(self) -> sp.Expr:
        """The inverse off the kink."""
        return 1 / self.args[0]

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return −1/u², 0 at the kink."""
        return -(self**2)


class MaskedExp(sp.Function):
    """m·exp(u), and 0 where m is 0, however large u is there."""

    nargs = 2
    is_real = True

    @property
    def primal(self) -> sp.Expr:
        """The product, which it is at every real u."""
        return self.args[0] * sp.exp(self.args[1])

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return exp(u), or the function itself."""
        return sp.exp(self.args[1]) if argindex == 1 else self


class Candidate(sp.Function):
    """u where the mask m is not 0, else minus infinity: a candidate for the shift of a masked softmax.

    Only a shift that cancels may depend on it, so exact arithmetic, which leaves shifts open, takes u.
    """

    nargs = 2
    is_real = True

    @property
    def primal(self) -> sp.Expr:
        """The candidate where the mask lets it through."""
        return self.args[1]


class Equal(sp.Function):
    """The indicator [u = v] of two integers, as in the one-hot form of a label."""

    nargs = 2
    is_real = True

    @classmethod
    def eval(cls, u: sp.Expr, v: sp.Expr) -> sp.Expr | None:
        """Decide equal arguments and two numbers."""
        if u == v:
            return sp.Integer(1)
        if u.is_Integer and v.is_Integer:
            return sp.Integer(0)
        late = isinstance(v, Ref) and not isinstance(u, Ref)
        return cls(v, u) if late or (u.is_Symbol and v.is_Symbol and str(v) < str(u)) else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return 0: the arguments are integers."""
        return sp.Integer(0)


class Pointwise(sp.Function):
    """Base of the activations as functions: the row says what the function is."""

    nargs = 1
    is_real = True
    row: ClassVar[Activation]

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return the derivative, in the proved short form where the row has one."""
        return derivative(self.row).xreplace({Z: self.args[0], A: self})

    def __reduce_ex__(self, protocol: object) -> tuple[object, ...]:
        """Pickle by the row: the class itself is made at run time."""
        return _applied, (self.row, *self.args)

    @property
    def primal(self) -> sp.Expr:
        """The function written out."""
        return primal(self.row).xreplace({Z: self.args[0]})


@cache
def function_of(row: Activation) -> type[Pointwise]:
    """Return the function class of an activation, always the same for the same row."""
    return type(row.name, (Pointwise,), {"row": row, "__module__": __name__})


def _applied(row: Activation, argument: sp.Expr) -> sp.Expr:
    return function_of(row)(argument)


def primal(row: Activation) -> sp.Expr:
    """Return the value of an activation as an expression in `Z`."""
    return read(row.primal)


@cache
def derivative(row: Activation) -> sp.Expr:
    """Return da/dz as an expression in `Z` and `A`; a claimed form is proved first.

    Raises
    ------
    CheckError
        If the row claims a derivative that is not the derivative of its primal.
    """
    derived = slope(primal(row), Z)
    return derived if row.derivative is None else _proved(row, row.derivative, derived)


def slope(expression: sp.Expr, by: sp.Expr) -> sp.Expr:
    """Return ∂expression/∂by off the kinks, in terms of `Step`, whose own derivative is 0.

    Of equal arguments of a maximum one wins, a number before all others: the partials of max(u, v) add up
    to 1 at u = v too, as the derivative of max(u, u) has to.
    """
    pairs = expression.replace(sp.Max, _paired(_Larger)).replace(sp.Min, _paired(_Smaller))
    derived = sp.diff(pairs, by).replace(_Larger, sp.Max).replace(_Smaller, sp.Min)
    steps = {kink: Step(kink.args[0]) for kink in derived.atoms(sp.Heaviside)}
    return derived.xreplace({**steps, **dict.fromkeys(derived.atoms(sp.DiracDelta), sp.Integer(0))})


class _Larger(sp.Function):
    """max(u, v); the second wins where it is larger."""

    nargs = 2
    is_real = True

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        second = Step(self.args[1] - self.args[0])
        return second if argindex == 2 else 1 - second


class _Smaller(sp.Function):
    """min(u, v); the second wins where it is smaller."""

    nargs = 2
    is_real = True

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        second = Step(self.args[0] - self.args[1])
        return second if argindex == 2 else 1 - second


def _paired(pair: type[sp.Function]) -> Callable[..., sp.Expr]:
    """Return what puts any number of arguments into pairs, a number first."""
    return lambda *args: reduce(pair, sorted(args, key=lambda u: not u.is_number))


def kinks(expression: sp.Expr) -> tuple[sp.Expr, ...]:
    """Return what is 0 where an expression may have a kink: the conditions of its max, min, |u| and [u > 0].

    A condition that has kinks itself is given once for each of its branches.
    """
    found = {_sign_free(side) for u in _conditions(expand(expression)) for side in _branches(u)}
    return tuple(sorted((u for u in found if not u.is_number), key=sp.default_sort_key))


def _conditions(expression: sp.Expr) -> set[sp.Expr]:
    extremes = expression.atoms(sp.Max, sp.Min)
    conditions = expression.atoms(sp.StrictGreaterThan, sp.StrictLessThan)
    return {
        *(u - v for extreme in extremes for u, v in combinations(extreme.args, 2)),
        *(f.args[0] for f in expression.atoms(sp.Abs, sp.sign)),
        *(c.lhs - c.rhs for c in conditions),
    }


def _branches(expression: sp.Expr) -> tuple[sp.Expr, ...]:
    for kinked in sorted(expression.atoms(sp.Max, sp.Min, sp.Abs), key=sp.default_sort_key):
        sides = (kinked.args[0], -kinked.args[0]) if isinstance(kinked, sp.Abs) else kinked.args
        return tuple(b for side in sides for b in _branches(expression.xreplace({kinked: side})))
    return (expression,)


def _sign_free(expression: sp.Expr) -> sp.Expr:
    whole = sp.expand(expression)
    return -whole if whole.could_extract_minus_sign() else whole


@cache
def logarithm(row: Activation) -> tuple[sp.Expr | None, ...]:
    """Return the proved stable forms of log(a), log(1 − a) and a′/a, None where the row has none."""
    value = primal(row)
    truths = sp.log(value), sp.log(1 - value), slope(value, Z) / value
    claims = zip((row.log, row.log_complement, row.log_slope), truths, strict=True)
    return tuple(None if claim is None else _proved(row, claim, truth) for claim, truth in claims)


def _proved(row: Activation, claim: str, truth: sp.Expr) -> sp.Expr:
    claimed = read(claim)
    if not prove_equal(expand(claimed.xreplace({A: primal(row)})), expand(truth)).equal:
        raise CheckError(f"activation {row.name!r}: the form {claim!r} is not equal to {truth}")
    return claimed


@cache
def read(text: str) -> sp.Expr:
    """Read a formula in ``z`` and ``a`` over the whole vocabulary."""
    names = {"z": Z, "a": A}
    return to_sympy(parse(text, VOCABULARY, names), lambda name: names[name.name], VOCABULARY)


def expand(expression: sp.Expr) -> sp.Expr:
    """Write every activation out, so that only SymPy's own functions remain."""
    while found := expression.atoms(Pointwise, Step, Reciprocal, MaskedExp, Candidate):
        expression = expression.xreplace({f: f.primal for f in found})
    return expression


ELEMENTARY: Mapping[str, Callable[..., sp.Expr]] = {
    "exp": sp.exp,
    "log": sp.log,
    "sqrt": sp.sqrt,
    "abs": sp.Abs,
    "sign": sp.sign,
    "max": sp.Max,
    "min": sp.Min,
    "sin": sp.sin,
    "cos": sp.cos,
    "erf": sp.erf,
    "step": Step,
    "equal": Equal,
}

VOCABULARY: Mapping[str, Callable[..., sp.Expr]] = {
    **ELEMENTARY,
    **{name: function_of(row) for name, row in ROWS.items()},
}


def activation_name(activation: str | Activation) -> str:
    """Return the name of an activation; a row of one's own must not pass for what has that name already.

    Raises
    ------
    UnknownNameError, DefinitionError
        If the table has no such row, or the name is taken or cannot be one.
    """
    if isinstance(activation, str):
        return check_activation(activation)
    name = check_name(activation.name, "activation")
    if name in (*NAMES, *VOCABULARY) and ROWS.get(name) != activation:
        raise DefinitionError(f"there is a function {name!r} already; give this activation another name")
    return name
