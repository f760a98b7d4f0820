"""Scalars that only hand their value on: gone where nothing else needs them, and only there."""

import pytest

import symgrad as sg
from symgrad.kernels.build import spec_of
from symgrad.kernels.handed import direct
from symgrad.kernels.module import generate
from symgrad.kernels.statements import Accumulate, Assign, Loop, Statement, Statements
from symgrad.model.expressions import Ref, index, size

pytestmark = pytest.mark.uncompiled

ENTRY = Ref("x", (index("n"),))


def sums(name: str) -> tuple[Statement, ...]:
    return Assign(Ref(name), Ref("zero")), Accumulate(Ref(name), ENTRY)


def handed(old: str, new: str) -> Assign:
    return Assign(Ref(new), Ref(old))


def reads(name: str) -> Assign:
    return Assign(Ref("y", (index("n"),)), Ref(name) ** 2)


def in_loop(*statements: Statement) -> Statements:
    return (Loop("n", size("N"), statements),)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((*sums("s"), handed("s", "z"), reads("z")), (*sums("z"), reads("z"))),
        ((*sums("s"), handed("s", "m"), handed("m", "z"), reads("z")), (*sums("z"), reads("z"))),
    ],
)
def test_one_of_two_is_enough(before: Statements, after: Statements) -> None:
    assert direct(before, frozenset()) == after
    assert direct(in_loop(*before), frozenset()) == in_loop(*after)


@pytest.mark.parametrize(
    "statements",
    [
        (*sums("s"), handed("s", "z"), reads("z"), reads("s")),
        (reads("z"), *sums("s"), handed("s", "z")),
        (*sums("s"), handed("s", "kept"), reads("kept")),
        (handed("learning_rate", "z"), reads("z")),
    ],
)
def test_both_stay_where_both_are_needed(statements: Statements) -> None:
    assert direct(statements, frozenset({"kept"})) == statements


def test_what_is_read_later_stays_behind_a_chain() -> None:
    chain = (*sums("s"), handed("s", "m"), handed("m", "z"), reads("z"), reads("m"))
    assert direct(chain, frozenset()) == (*sums("m"), handed("m", "z"), reads("z"), reads("m"))


def test_a_softmax_has_one_scalar_for_its_largest_entry_and_one_for_its_sum() -> None:
    model = sg.mlp((4, 3), output="softmax", loss="cross_entropy").model
    text = generate(spec_of(model, schedule={"*": "arrays"}))
    assert "y_max = running_maximum(y_max, " in text
    assert "y_sum += y_exp" in text
    assert "_sum_sum" not in text
