"""The rows of the table of losses."""

from fractions import Fraction

import numpy as np
import pytest

from symgrad.derive.deltas import deltas
from symgrad.errors import DefinitionError
from symgrad.model.expressions import Ref, size
from symgrad.model.functions import Equal
from symgrad.model.graph import Axis, Graph, Kind
from symgrad.model.layered import Layered, layered
from symgrad.model.layers import leaf
from symgrad.model.losses import LOSSES, TARGETS, loss_nodes
from tests.interpreter import DECIMALS, DIGITS, run
from tests.points import differences, distance, random_leaves

SIZES = {"N": 3, "K": 2}
N, K = Axis("n", size("N")), Axis("i", size("K"))

# Written out by hand, the loss of one sample.
BY_HAND = {
    "squared_error": lambda y, t: sum((a - b) ** 2 for a, b in zip(y, t, strict=True)) / 2,
    "sum_of_squares": lambda y, t: sum((a - b) ** 2 for a, b in zip(y, t, strict=True)),
    "mean_squared_error": lambda y, t: sum((a - b) ** 2 for a, b in zip(y, t, strict=True)) / len(y),
    "absolute_error": lambda y, t: sum(abs(a - b) for a, b in zip(y, t, strict=True)),
    "euclidean_error": lambda y, t: DIGITS.sqrt(sum((a - b) ** 2 for a, b in zip(y, t, strict=True))),
    "binary_cross_entropy": lambda y, t: (
        -sum(b * DIGITS.log(a) + (1 - b) * DIGITS.log(1 - a) for a, b in zip(y, t, strict=True))
    ),
    "cross_entropy": lambda y, t: -sum(b * DIGITS.log(a) for a, b in zip(y, t, strict=True)),
}


def graph(loss, targets="free", mean=True, samples=True):
    front = (N,) if samples else ()
    y = leaf("y", Kind.INPUT, *front, K)
    t = leaf("t", Kind.TARGET, *front, *([] if targets == "labels" else [K]), targets=targets)
    nodes = loss_nodes("J", LOSSES[loss], y, t, mean=mean, samples=N if samples else None)
    return Graph((y, t, *nodes), "J")


def values(made):
    leaves = random_leaves(made, SIZES, 5)
    return leaves | {"y": abs(leaves["y"]) / 3}


def hot(label):
    return [DECIMALS.number(Fraction(label == k)) for k in range(2)]


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("targets", TARGETS)
@pytest.mark.parametrize("mean", [True, False])
def test_the_loss_is_the_one_written_by_hand(name, targets, mean):
    made = graph(name, targets, mean)
    leaves = values(made)
    target = [hot(int(label)) for label in leaves["t"]] if targets == "labels" else leaves["t"]
    each = [BY_HAND[name](y, t) for y, t in zip(leaves["y"], target, strict=True)]
    expected = sum(each) / (3 if mean else 1)
    assert distance(run(made, leaves, SIZES)["J"], np.array(expected, object)) < 1e-50


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("targets", TARGETS)
@pytest.mark.parametrize("samples", [True, False])
def test_its_derivative_is_that_of_differences(name, targets, samples):
    made = graph(name, targets, samples=samples)
    leaves = values(made)
    derived = run(deltas(made, ["y"]).graph, leaves, SIZES)["dy"]
    assert distance(derived, differences(made, "y", leaves, SIZES, "J")) < 1e-35


def test_labels_become_one_hot():
    (term,) = graph("cross_entropy", "labels")["t_hot"].terms
    assert term.body == Equal(Ref("t", [N.symbol]), K.symbol)
    y, t = leaf("y", Kind.INPUT, N), leaf("t", Kind.TARGET, N, targets="labels")
    with pytest.raises(DefinitionError, match="labels need an axis of classes in the prediction y"):
        loss_nodes("J", LOSSES["squared_error"], y, t, mean=True, samples=N)


def test_the_usual_targets():
    assert (
        layered("net", Layered((2, 2), output="softmax", loss="cross_entropy")).graph["t"].targets
        == "one_hot"
    )
    assert layered("net", Layered((2, 2))).graph["t"].targets == "free"


def test_targets_that_a_loss_cannot_do_with(monkeypatch):
    row = LOSSES["squared_error"]
    limited = type(row)("only_free", row.entry, targets=("free",))
    monkeypatch.setattr("symgrad.model.losses.LOSSES", {"only_free": limited})
    with pytest.raises(DefinitionError, match="only_free cannot do with labels targets; it takes free"):
        layered("net", Layered((2, 2), loss="only_free", targets="labels"))
