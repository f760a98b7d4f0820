import numpy as np
import pytest

from symgrad.errors import DataError
from symgrad.train import classes, initial_state, outputs, predictions, score
from symgrad.train.scores import accuracy, r_squared

COLUMN = np.array([[1.0], [2], [3]])


def test_outputs_and_predictions(kernel, classifier, line):
    parameters = {"W": np.array([[2.0, -1]]), "b": np.array([1.0])}
    values = outputs(kernel, line.inputs, parameters)
    assert predictions(kernel, values["y"]) == values["y"].tolist()
    assert score(kernel, values, line.targets) == pytest.approx(1)
    parameters = {"W": np.array([[1.0, 0], [0, 1], [0, 0]]), "b": np.zeros(3)}
    values = outputs(classifier, {"x": np.array([[2.0, 1], [1, 2], [-1, -1]])}, parameters)
    assert predictions(classifier, values["y"]) == [0, 1, 2]
    assert score(classifier, values, {"t": np.array([0, 1, 1])}) == pytest.approx(2 / 3)


def test_outputs_keep_float32(kernel, line):
    parameters = initial_state(kernel, line, dtype=np.float32).parameters
    assert outputs(kernel, line.inputs, parameters)["y"].dtype == np.float32


def test_outputs_check_what_they_get(kernel, line):
    parameters = initial_state(kernel, line).parameters
    with pytest.raises(DataError, match=r"x has the shape \(50, 1\), but the network wants \(N, 2\)"):
        outputs(kernel, {"x": line.x[:, :1]}, parameters)
    with pytest.raises(DataError, match="missing b"):
        outputs(kernel, line.inputs, {"W": parameters["W"]})
    with pytest.raises(DataError, match="not finite"):
        outputs(kernel, line.inputs, {"W": parameters["W"], "b": np.array([np.inf])})


def test_classes():
    assert classes(np.array([[0.5], [0.49]])).tolist() == [1, 0]
    assert classes(np.array([0.9, 0.1])).tolist() == [1, 0]
    assert classes(np.array([[0.2, 0.4, 0.4]])).tolist() == [1]


def test_accuracy_of_every_kind_of_target():
    values = np.array([[0.9, 0.1], [0.2, 0.8]])
    assert accuracy(values, np.array([0, 1])) == 1
    assert accuracy(values, np.eye(2)) == 1
    assert accuracy(np.array([[0.7], [0.6]]), np.array([[1.0], [0.0]])) == 0.5
    assert accuracy(np.array([[0.7], [0.6]]), np.array([1, 0])) == 0.5


def test_r_squared():
    assert r_squared(COLUMN, COLUMN) == 1
    assert r_squared(np.full((3, 1), 2.0), COLUMN) == 0
    assert r_squared(np.hstack([COLUMN, 0 * COLUMN + 2]), np.hstack([COLUMN, COLUMN])) == 0.5
    assert r_squared(COLUMN[:, 0], COLUMN) == 1


def test_constant_targets():
    assert r_squared(np.ones((3, 1)), np.ones((3, 1))) == 1
    assert r_squared(COLUMN, np.ones((3, 1))) == 0
    assert r_squared(COLUMN[:1], COLUMN[:1]) == 1
    assert r_squared(COLUMN, np.full((3, 1), 0.1)) == 0


def test_sizes_must_agree(kernel):
    with pytest.raises(DataError, match="3 rows of outputs, but 2 of targets"):
        score(kernel, {"y": COLUMN}, {"t": COLUMN[:2]})
    with pytest.raises(DataError, match="1 outputs, but 2 targets"):
        r_squared(COLUMN, np.ones((3, 2)))
