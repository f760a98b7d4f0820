"""Random expressions over accesses, sizes and the functions of the vocabulary."""

import sympy as sp
from hypothesis import strategies as st

from symgrad.model.expressions import Ref, index, size
from symgrad.model.functions import VOCABULARY, Equal, Step

I, J, N = index("i"), index("j"), size("N")

SCALARS = [Ref(name) for name in ("x1", "w10", "a1", "b", "θ2", "w1_2_3", "y_exp", "D_")]
INDEXED = [Ref("W1", (I, J)), Ref("z1", (I,)), Ref("z1", (J,)), Ref("W2", (2 * I + 1, J))]
NUMBERS = [sp.Integer(k) for k in (-3, -1, 1, 2, 10)] + [
    sp.Rational(1, 2),
    sp.Rational(-3, 4),
    sp.Rational(2, 7),
]
READABLE = [VOCABULARY[name] for name in ("sigmoid", "tanh", "softplus", "leaky_relu", "exp", "sin")]
LEAVES = st.sampled_from([*SCALARS, *INDEXED, N, *NUMBERS])


def grown(inner: st.SearchStrategy[sp.Expr]) -> st.SearchStrategy[sp.Expr]:
    return st.one_of(
        st.tuples(inner, inner).map(lambda pair: pair[0] + pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] - pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] * pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] / (pair[1] if pair[1] != 0 else 1)),
        st.tuples(inner, st.sampled_from([2, 3, -1, -2])).map(lambda p: p[0] ** p[1] if p[0] != 0 else p[0]),
        inner.map(lambda u: 1 - u),
        st.tuples(st.sampled_from(READABLE), inner).map(lambda pair: applied(*pair)),
        st.tuples(inner, inner).map(lambda pair: larger(*pair)),
    )


def applied(function: type[sp.Function], u: sp.Expr) -> sp.Expr:
    """The parser refuses functions of constants that are functions."""
    return function(u) if u.atoms(Ref) else u


def larger(one: sp.Expr, other: sp.Expr) -> sp.Expr:
    """SymPy wants to know the order of two numbers, and cannot for functions of ours."""
    return sp.Max(one, other) if one.atoms(Ref) and other.atoms(Ref) else one


READ_BACK = st.recursive(LEAVES, grown, max_leaves=8)

WRITTEN_ONLY = st.one_of(
    READ_BACK,
    READ_BACK.map(sp.Abs),
    READ_BACK.map(lambda u: sp.sqrt(1 + u**2) * u),
    READ_BACK.map(lambda u: Step(u) * u),
    READ_BACK.map(lambda u: (Equal(I, J) - u) * u),
    READ_BACK.map(lambda u: sp.Sum(u + Ref("v", (I,)), (I, 0, N - 1)) * u),
    READ_BACK.map(lambda u: sp.Piecewise((u, SCALARS[0] > 0), (1 - u, True))),
)
