"""Constants stand for what was meant; decisions are made where they must be; the rest stays open."""

import copy
import math
from fractions import Fraction
from random import Random

import numpy as np
import pytest

from symgrad.exact.tapes import Tape
from symgrad.verify.arrays.constants import constant, fraction_of
from symgrad.verify.arrays.regions import Region, region
from symgrad.verify.arrays.trace import UndecidedError, UnsupportedError
from symgrad.verify.arrays.traced import Scalar
from symgrad.verify.code.following import Following, case_of, followed
from symgrad.verify.evidence.domain import Domain, array_of
from tests.verify.arrays.exactly import Run

N = 7


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (0.1, Fraction(1, 10)),
        (1 / 6, Fraction(1, 6)),
        (-2 / 3, Fraction(-2, 3)),
        (0.1 + 0.2, Fraction(3, 10)),
        (1 / 3 + 1 / 3, Fraction(2, 3)),
        (1e-8, Fraction(1, 10**8)),
        (1e-20, Fraction(1, 10**20)),
        (1e300, Fraction(10**300)),
        (1e-8 / 3, Fraction(1, 3 * 10**8)),
        (0.0, Fraction(0)),
        (1 / N / 11, Fraction(1, 77)),
        (math.pi, None),
        (math.sqrt(2), None),
        (0.1234567890123456, None),
    ],
)
def test_a_float_is_the_fraction_that_was_meant(value: float, meant: Fraction | None) -> None:
    assert fraction_of(value) == meant


@pytest.mark.parametrize(
    "value",
    [
        math.pi,
        -2 * math.pi / 3,
        1 / math.pi,
        math.sqrt(2),
        -math.sqrt(0.5),
        math.sqrt(2 / math.pi),
        1 / math.sqrt(2 * math.pi),
        -math.sqrt(math.pi),
        math.e,
        -math.exp(-0.5),
        math.log(2),
        math.log(0.5),
    ],
)
def test_roots_logarithms_and_multiples_of_pi_are_known(value: float) -> None:
    run = Run()
    run.trace.tape = Tape()
    found = constant(run.trace.tape, value)
    assert found is not None
    assert run.trace.approximately(found) == pytest.approx(value, rel=1e-15)


def test_what_is_nothing_simple_is_marked() -> None:
    run = Run()
    run.trace.element(0.5)
    assert not run.trace.numerical
    assert constant(Tape(), 0.1234567890123456) is None
    run.trace.element(0.1234567890123456)
    assert run.trace.numerical


def test_known_numbers_decide_and_nothing_is_kept() -> None:
    run = Run()
    a = run.np.array([3, 1, 2])
    assert [int(k) for k in a.argsort()] == [1, 2, 0]
    assert bool(a[0] > a[1])
    assert run.trace.decided == {}


def test_unknown_numbers_are_decided_at_the_witness_and_kept() -> None:
    run = Run()
    x = run.leaves([0.5, -2.0, 1.5])
    assert int(x.argmax()) == 2
    assert set(run.trace.decided.values()) <= {0, 1}
    assert len(run.trace.decided) >= 2


def test_masks_stay_open() -> None:
    run = Run()
    x = run.leaves([0.5, -2.0, 1.5])
    y = run.np.maximum(x, 0) + abs(x) * (x > 0) + run.np.where(x < 0, 1, x)
    y[x > 1] = 0
    y[x < 0] *= 2
    (x > 0).astype(float).sum()
    assert run.trace.decided == {}


def test_a_run_that_decides_nothing_says_so() -> None:
    case = case_of("L = x if x > 0 else -x", "G = 1", {"x": ["normal"]}, "x")
    with pytest.raises(UndecidedError):
        followed(case, Following())
    found = followed(case, Following(sided=True))
    question, t = found.question, found.t
    assert len(t.decided) >= 1
    assert isinstance(question.domain, Region)


def test_points_of_a_region_lie_on_the_sides_of_the_witness() -> None:
    arrays = {"x": ["normal", 3], "p": ["prob", 3]}
    case = case_of("L = np.max(x) + np.sum(np.sort(p)*x)", "G = x", arrays, "x")
    found = followed(case, Following(sided=True))
    question, t = found.question, found.t
    top = max(range(3), key=lambda k: t.witness[f"x[{k}]"])
    for seed in range(20):
        point = question.domain.point(Random(seed))
        assert max(range(3), key=lambda k: point[f"x[{k}]"]) == top
        assert sum(point[f"p[{k}]"] for k in range(3)) == 1


def test_where_nothing_was_decided_the_region_is_the_domain() -> None:
    domain = Domain((array_of("x", ["normal", 2]),))
    assert region(Run().trace, domain) is domain


def test_equal_computations_are_one_value() -> None:
    run = Run()
    x, y = run.leaves(np.ones((3, 2))), run.leaves(np.ones((3, 2)))
    ways = [x.T @ y, run.np.einsum("ij,ik->jk", x, y), run.np.dot(x.T, y), run.np.tensordot(x, y, ([0], [0]))]
    first, *others = (list(way.values.flat) for way in ways)
    assert all(one is other for way in others for one, other in zip(first, way, strict=True))


def test_copies_are_apart_and_scalars_do_not_change() -> None:
    run = Run()
    x = run.leaves([1.0, 2.0])
    other = copy.deepcopy(x)
    other[0] = 5
    assert run.trace.approximately(x.values[0]) == 1
    s = x[0]
    assert isinstance(s, Scalar)
    s += 1
    assert run.trace.approximately(x.values[0]) == 1
    with pytest.raises(TypeError, match="item assignment"):
        s[()] = 1


def test_nothing_becomes_a_float_unnoticed() -> None:
    run = Run()
    x = run.leaves([1.0, 2.0])
    with pytest.raises(UnsupportedError):
        float(x[0])
    with pytest.raises(UnsupportedError):
        np.zeros(2)[:] = x
    with pytest.raises(UnsupportedError, match="eigh"):
        run.np.linalg.eigh(x)
    with pytest.raises(UnsupportedError, match="must be given"):
        run.np.random.rand(3)
    with pytest.raises(AttributeError, match="no attribute 'banana'"):
        _ = run.np.banana
    with pytest.raises(TypeError, match="same_kind"):
        run.np.array([1, 2]).__iadd__(0.5)


def test_numpys_own_functions_find_their_way() -> None:
    run = Run()
    x = run.leaves(np.ones((2, 2)))
    for found in (
        np.exp(x),
        np.ones((2, 2)) * x,
        np.concatenate([x, x]),
        np.linalg.inv(x),
        np.eye(2) @ x,
    ):
        assert isinstance(found, type(x))
    with pytest.raises(UnsupportedError, match="arctan"):
        np.arctan(x)
