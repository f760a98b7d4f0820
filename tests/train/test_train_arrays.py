"""Several named arrays: in archives, in tables, in training and in predictions."""

from functools import cache

import numpy as np
import pytest

from symgrad.arrays import extent, names_in
from symgrad.errors import DataError, DefinitionError
from symgrad.kernels.build import spec_of
from symgrad.kernels.module import generate
from symgrad.train import (
    Checkpoint,
    Field,
    Fields,
    can_score,
    fields,
    fit,
    fit_scalings,
    initial_state,
    load_checkpoint,
    make_inputs,
    make_table,
    outputs,
    read_inputs,
    read_table,
    save_checkpoint,
    scaled_inputs,
    score,
    split,
)
from symgrad.train.layout import bind, bind_all
from tests.kernels.leaves import arrays, everything
from tests.kernels.uncompiled import plain_kernel

SIZES = {"V": 5, "H": 4}
IMAGE = Fields((Field("x", (1, 8, 8)),), (Field("t", (), "labels", 10),))


@cache
def made():
    """Return the kernel of a network with every kind of leaf, as plain Python."""
    return plain_kernel(generate(spec_of(everything())))


@pytest.fixture
def data():
    values = arrays(everything(), 12)
    return {name: values[name] for name in ("x", "mu", "u", "ids", "t", "s")}


def archive(path, data, **changes):
    np.savez(path, **{name: a for name, a in {**data, **changes}.items() if a is not None})
    return path


def test_what_a_kernel_expects():
    expected = fields(made(), SIZES)
    assert [field.name for field in expected] == ["x", "mu", "u", "ids", "t", "s"]
    x, mu, _, ids, _, s = expected
    assert (x.sample, mu.sample, s.sample) == ((None,), (None,), (4,))
    assert (mu.batched, ids.batched) == (False, True)
    assert (ids.kind, ids.classes) == ("labels", 5)


def test_an_archive_holds_the_arrays_by_name(data, tmp_path):
    path = archive(tmp_path / "data.npz", data, more=np.eye(2))
    samples = read_table(path, fields(made(), SIZES))
    assert list(samples.inputs) == ["x", "mu", "u", "ids"]
    assert list(samples.targets) == ["t", "s"]
    assert samples.inputs["ids"].dtype == np.int64
    assert (len(samples), samples.whole) == (12, {"mu"})
    assert list(read_inputs(path, fields(made(), SIZES)).arrays) == ["x", "mu", "u", "ids"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"u": None}, "has no array 'u', only: x, mu, ids, t, s"),
        ({"u": np.ones((11, 2))}, "12 rows of x, but 11 of u"),
        ({"mu": np.ones((1, 3))}, r"mu has the shape \(1, 3\), but the network wants \(3,\)"),
        ({"s": np.ones((12, 3))}, r"s has the shape \(12, 3\), but the network wants \(12, 4\)"),
        ({"ids": np.arange(12)}, "ids, row 6: 5 is not one of the labels 0 to 4"),
        ({"ids": np.full(12, 0.5)}, "ids, row 1: 0.5 is not one of the labels 0 to 4"),
    ],
)
def test_faults_of_an_archive(data, tmp_path, changes, message):
    with pytest.raises(DataError, match=message):
        read_table(archive(tmp_path / "data.npz", data, **changes), fields(made(), {**SIZES, "D": 3}))


def test_a_table_of_columns_is_too_little(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("a,b\n1,2\n")
    for read in (read_table, read_inputs):
        with pytest.raises(DataError, match=r"takes the arrays x, mu, u, ids, t, s: give them in an \.npz"):
            read(path, fields(made(), SIZES))


def test_columns_become_images(tmp_path):
    path = tmp_path / "digits.csv"
    path.write_text("\n".join(",".join(map(str, [*range(64), k])) for k in range(3)))
    samples = read_table(path, IMAGE, header=False)
    assert samples.x.shape == (3, 1, 8, 8)
    assert samples.x[1, 0, 2, 3] == 19
    assert read_inputs(path, IMAGE, header=False).x.shape == (3, 1, 8, 8)
    with pytest.raises(DataError, match=r"x has the shape \(2, 8, 8\), but the network wants \(2, 1, 8, 8\)"):
        make_inputs(np.ones((2, 8, 8)), IMAGE)


def test_every_row_of_one_hot_targets_is_checked():
    steps = Fields((Field("x", (2,)),), (Field("t", (2, 3), "one_hot", 3),))
    hot = np.eye(3)[[[0, 1], [2, 2], [1, 0]]]
    assert make_table(np.ones((3, 2)), hot, steps).t.shape == (3, 2, 3)
    hot[1, 1, 0] = 1
    with pytest.raises(DataError, match="t, row 2: a target of kind one_hot has one 1"):
        make_table(np.ones((3, 2)), hot, steps)


def test_labels_of_several_steps():
    steps = Fields((Field("x", (2,)),), (Field("t", (2,), "labels", 3),))
    assert make_table(np.ones((2, 2)), np.array([[0, 1], [2, 2]]), steps).t.tolist() == [[0, 1], [2, 2]]
    with pytest.raises(DataError, match="t, row 2: 3 is not one of the labels 0 to 2"):
        make_table(np.ones((2, 2)), np.array([[0, 1], [2, 3]]), steps)


def test_split_and_scaling_leave_whole_arrays_and_ids_alone(data):
    samples = make_table(data, data, fields(made(), SIZES))
    training, held = split(samples, 0.25, 0)
    assert (len(training), len(held)) == (9, 3)
    assert np.array_equal(training.inputs["mu"], data["mu"])
    scalings = fit_scalings(training)
    assert sorted(scalings) == ["u", "x"]
    scaled = scaled_inputs(training, scalings)
    assert np.allclose(scaled.inputs["u"].mean(axis=0), 0)
    assert scaled.inputs["ids"] is training.inputs["ids"]


def test_training_predicting_and_going_on(data, tmp_path):
    samples = make_table(data, data, fields(made(), SIZES))
    state = initial_state(made(), samples, sizes={"V": 5})
    assert state.parameters["L"].shape == (5, 4)
    history = fit(made(), samples, state, {"learning_rate": 0.05}, epochs=8, batch=4)
    assert history.losses[-1] < history.losses[0]
    path, scalings = tmp_path / "net.npz", fit_scalings(samples)
    saved = Checkpoint(made().NETWORK, "sgd", state, dict(made().OPTIONS), scalings)
    save_checkpoint(path, saved)
    loaded = load_checkpoint(path, made(), resume=True)
    assert sorted(loaded.scalings) == ["u", "x"]
    found = outputs(made(), samples.inputs, loaded.state.parameters)
    assert {name: values.shape for name, values in found.items()} == {"y": (12,), "h": (12, 4)}
    assert can_score(made())
    assert score(made(), {**found, "h": data["s"]}, {**samples.targets, "t": found["y"]}) == 1
    for one in (state, loaded.state):
        fit(made(), samples, one, epochs=1)
    assert np.array_equal(state.parameters["W"], loaded.state.parameters["W"])


def test_arrays_are_checked_again_before_the_compiled_call(data):
    samples = make_table(data, data, fields(made(), SIZES))
    state = initial_state(made(), samples, sizes={"V": 4})
    row = int(np.argmax(samples.inputs["ids"] == 4)) + 1
    with pytest.raises(DataError, match=f"^ids, row {row}: 4 is not one of the labels 0 to 3"):
        fit(made(), samples, state, epochs=1)
    with pytest.raises(DataError, match=f"^ids, row {row}: 4 is not one of the labels 0 to 3"):
        outputs(made(), samples.inputs, state.parameters)
    with pytest.raises(DataError, match="missing u; not wanted none"):
        outputs(made(), {n: a for n, a in samples.inputs.items() if n != "u"}, state.parameters)
    with pytest.raises(DataError, match=r"mu has the shape \(2,\), but the network wants \(3,\)"):
        outputs(made(), {**samples.inputs, "mu": np.ones(2)}, state.parameters)
    with pytest.raises(DefinitionError, match="the size V of L does not follow from the data"):
        initial_state(made(), samples)


def test_a_prediction_checks_sizes_that_follow_from_the_inputs(kernel, variant, line):
    halved = variant(kernel, PARAMETERS={"W": (1, "2*(D//2)"), "b": (1,)})
    parameters = {"W": np.ones((1, 2)), "b": np.zeros(1)}
    assert outputs(halved, line.inputs, parameters)["y"].shape == (50, 1)
    with pytest.raises(DataError, match=r"W has the shape \(1, 2\), but the network wants \(1, 4\)"):
        outputs(halved, {"x": np.ones((3, 4))}, parameters)


def test_sizes_that_follow_from_others():
    size = "(H - K + 2*P)//2 + 1"
    assert set(names_in(size)) == {"H", "K", "P"}
    assert extent(size, {"H": 8, "K": 3}) is None
    assert extent(size, {"H": 8, "K": 3, "P": 1}) == 4
    assert bind("f", (size,), (4,), {}) == {}
    shapes = {"W": ("O", size), "x": ("N", "H"), "w": ("K", "P")}
    good = {"W": np.ones((2, 4)), "x": np.ones((5, 8)), "w": np.ones((3, 1))}
    assert bind_all(shapes, good, {})["H"] == 8
    with pytest.raises(DataError, match=r"W has the shape \(2, 5\), but the network wants \(2, 4\)"):
        bind_all(shapes, {**good, "W": np.ones((2, 5))}, {})
    for wrong in ("H.real", "H +"):
        with pytest.raises(DataError, match="cannot be read: make it again"):
            extent(wrong, {"H": 1})
