import numpy as np
import pytest

from symgrad.errors import DataError, DefinitionError, SymgradError, UnknownNameError
from symgrad.train import Table, initial_state, parameter_sizes
from symgrad.train.initial import initial_order, initial_parameter


def test_shapes_come_from_the_data(kernel, line):
    state = initial_state(kernel, line)
    assert {n: a.shape for n, a in state.parameters.items()} == {"W": (1, 2), "b": (1,)}
    assert {n: a.shape for n, a in state.states.items()} == {"mW": (1, 2), "mb": (1,)}
    assert not any(a.any() for a in state.states.values())
    assert state.random_state.dtype == np.uint64
    assert parameter_sizes(kernel, state.parameters) == {"D": 2, "K": 1}


def test_a_seed_decides_everything(kernel, line):
    first, again, other = (initial_state(kernel, line, seed=s) for s in (1, 1, 2))
    assert (first.parameters["W"] == again.parameters["W"]).all()
    assert (first.random_state == again.random_state).all()
    assert (first.parameters["W"] != other.parameters["W"]).all()
    assert (first.random_state != other.random_state).all()
    assert all(initial_order(seed)[0] for seed in range(100))


def test_float32(kernel, line):
    state = initial_state(kernel, line, dtype=np.float32)
    assert {a.dtype for a in [*state.parameters.values(), *state.states.values()]} == {np.dtype(np.float32)}
    with pytest.raises(SymgradError, match="float16"):
        initial_state(kernel, line, dtype=np.float16)


def test_weights_have_deviation_of_one_over_root_fan_in(kernel, variant, line):
    draw = np.random.default_rng(0)
    assert initial_parameter("normal", (300, 100), 100, draw, np.float64).std() == pytest.approx(
        0.1, rel=0.02
    )
    assert initial_parameter("normal", (50, 4, 5, 5), 100, draw, np.float32).std() == pytest.approx(
        0.1, rel=0.02
    )
    assert not initial_parameter("zeros", (9,), 1, draw, np.float64).any()
    assert (initial_parameter("ones", (9,), 1, draw, np.float32) == 1).all()
    start = initial_state(kernel, line).parameters["W"]
    four = variant(kernel, STARTS={"W": ("normal", ("D", 2)), "b": ("ones", ())})
    assert np.allclose(initial_state(four, line).parameters["W"], start / np.sqrt(2))
    assert initial_state(four, line).parameters["b"].tolist() == [1]


def test_hidden_sizes_must_be_given(kernel, variant, line):
    deep = variant(kernel, PARAMETERS={"W": ("H", "D")}, STATES={"step": (1,)})
    with pytest.raises(DefinitionError, match="size H of W does not follow from the data: give it"):
        initial_state(deep, line)
    assert initial_state(deep, line, sizes={"H": 7}).parameters["W"].shape == (7, 2)
    with pytest.raises(UnknownNameError, match="unknown size 'h'"):
        initial_state(deep, line, sizes={"h": 7})


def test_data_that_do_not_fit(classifier):
    with pytest.raises(DataError, match=r"x has the shape \(4, 3\), but the network wants \(4, 2\)|\(N, 2\)"):
        initial_state(classifier, Table({"x": np.ones((4, 3))}, {"t": np.zeros(4, np.int64)}))
    with pytest.raises(DataError, match=r"t has the shape \(5,\), but the network wants \(4,\)"):
        initial_state(classifier, Table({"x": np.ones((4, 2))}, {"t": np.zeros(5, np.int64)}))
