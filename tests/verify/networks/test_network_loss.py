"""A network's loss as a program: the same number as everywhere else, and arrays of the right kinds."""

from typing import Any

import numpy as np
import pytest

import symgrad as sg
from symgrad.verify.networks.loss import arrays_of, loss_of, parameters_of, sizes_with


def numbers(value: Any) -> Any:
    return np.array([numbers(v) for v in value]) if isinstance(value, tuple) else float(value)


def test_the_loss_of_the_worked_example() -> None:
    model = sg.zoo("worked_2_2_2").model
    found = loss_of(model, sizes_with(model, 1))(**{n: numbers(v) for n, v in model.example.items()})
    assert found == pytest.approx(0.298371109, abs=5e-10)


def classifier(targets: str) -> sg.Network:
    return sg.mlp([2, 3], output="softmax", loss="cross_entropy", targets=targets)


def test_labels_are_ids_and_give_what_their_one_hot_form_gives() -> None:
    x, W, b = np.array([[1.0, 2.0], [0.5, -1.0]]), np.arange(6.0).reshape(3, 2), np.array([0.0, 1.0, 0.0])
    values: list[float] = []
    for targets, t in (("labels", np.array([2, 0])), ("one_hot", np.eye(3)[[2, 0]])):
        model = classifier(targets).model
        values.append(loss_of(model, sizes_with(model, 2))(x=x, W1=W, b1=b, t=t))
    assert values[0] == pytest.approx(values[1], rel=1e-15)
    scores = x @ W.T + b
    expected = np.mean(np.log(np.exp(scores).sum(axis=1)) - scores[[0, 1], [2, 0]])
    assert values[0] == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("targets", "kind"),
    [("labels", ["ids", 3, 2]), ("one_hot", ["onehot", 2, 3]), ("distribution", ["distribution", 2, 3])],
)
def test_targets_have_the_kind_that_is_declared(targets: str, kind: list[object]) -> None:
    model = classifier(targets).model
    arrays = arrays_of(model, sizes_with(model, 2))
    assert arrays["t"] == kind
    assert arrays["x"] == ["normal", 2, 2]
    assert parameters_of(model) == ("W1", "b1")


def test_ids_are_below_the_number_of_rows_they_choose_from() -> None:
    draft = sg.Draft()
    read = draft.dense(draft.embedding(draft.input("i", 3, ids=5), 2), 1)
    draft.loss("squared_error", read)
    net = draft.network(read)
    assert arrays_of(net.model, sizes_with(net.model, 2))["i"] == ["ids", 5, 2, 3]


def test_own_sizes_are_kept_where_they_are_small() -> None:
    model = sg.mlp([3, 500, 2], hidden="relu").model
    sizes = sizes_with(model, 4)
    assert (sizes["D"], sizes["K"], sizes["N"]) == (3, 2, 4)
    assert sizes["H"] < 10
