from collections import Counter

import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from symgrad.model.expressions import Ref
from symgrad.model.graph import Adjoint, Kind
from symgrad.notation.order import natural, ordered_factors, ordered_terms
from symgrad.notation.roles import PLAIN, Roles
from tests.notation.expressions import WRITTEN_ONLY

PARTS = st.lists(WRITTEN_ONLY, max_size=6)


@given(PARTS)
def test_nothing_is_lost_and_nothing_added(parts: list[sp.Expr]) -> None:
    assert Counter(ordered_factors(parts, PLAIN)) == Counter(parts)
    if parts:
        assert Counter(ordered_terms(parts)) == Counter(parts)


@given(PARTS.filter(lambda parts: len(set(parts)) == len(parts)), st.randoms())
def test_the_order_does_not_depend_on_sympys(parts: list[sp.Expr], random: object) -> None:
    mixed = list(parts)
    random.shuffle(mixed)
    assert ordered_factors(mixed, PLAIN) == ordered_factors(parts, PLAIN)


def test_numbers_in_names_count() -> None:
    assert sorted(["w10", "w2", "w1", "b1"], key=natural) == ["b1", "w1", "w2", "w10"]


def test_parameters_stand_before_inputs_and_weights_before_deltas() -> None:
    roles = Roles({"v": Kind.PARAMETER, "x": Kind.INPUT}, {"dz": Adjoint("J", "z")})
    v, x, dz, t = (Ref(name) for name in ("v", "x", "dz", "a"))
    assert ordered_factors([x, v], roles) == [v, x]
    assert ordered_factors([t, dz], roles) == [dz, t]
    assert ordered_factors([t, dz, v], roles) == [v, dz, t]
