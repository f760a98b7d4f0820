"""Code in unusual styles is followed on exact numbers, judged right, and wrong with its slip."""

from fractions import Fraction

import numpy as np
import pytest

from symgrad.exact.decimals import Decimals
from symgrad.exact.tapes import run
from symgrad.verify.arrays.helpers import helpers
from symgrad.verify.code.check import check_code
from symgrad.verify.code.following import Following, case_of, followed
from tests.verify.arrays.styles import STYLES, Style

ENOUGH = 60  # seconds, on a machine that has much else to do
EACH = pytest.mark.parametrize("style", STYLES.values(), ids=STYLES.keys())


@EACH
def test_the_right_gradient_is_right(style: Style) -> None:
    found = check_code(style.forward, style.claimed, style.arrays, style.wrt, seconds=ENOUGH)
    assert (found.verdict, "floats" in found.method) == ("right", False), found


@EACH
def test_with_its_slip_it_is_wrong(style: Style) -> None:
    found = check_code(style.forward, style.wrong, style.arrays, style.wrt, seconds=ENOUGH)
    assert (found.verdict, found.evidence) == ("wrong", "counterexample"), found


@EACH
def test_the_claim_has_the_values_that_numpy_gives(style: Style) -> None:
    case = case_of(style.forward, style.claimed, style.arrays, style.wrt)
    found = followed(case, Following(seed=3, sided=True))
    question, t = found.question, found.t
    decimals = Decimals()
    for key, number in t.witness.items():
        decimals.define(key, decimals.number(number))
    exact = [float(value) for value in run(question.tape, decimals, *question.claim)]
    names = {"np": np, "__name__": "snippet", **helpers(np), **_floats(case, t.witness)}
    with np.errstate(all="ignore"):
        exec(style.forward, names)
        exec(style.claimed, names)
    np.testing.assert_allclose(exact, np.ravel(names["G"]), rtol=1e-9, atol=1e-12)


def _floats(case, witness: dict[str, Fraction]):
    return {
        a.name: np.array([float(witness[key]) for key in a.leaves])
        .reshape(a.shape)
        .astype(int if a.kind == "ids" else float)
        for a in case.domain.arrays
    }
