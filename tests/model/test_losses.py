"""The rows of the table of losses."""

from fractions import Fraction

import numpy as np
import pytest

from symgrad.derive.deltas import deltas
from symgrad.errors import DefinitionError, SymgradError
from symgrad.model.expressions import Ref, size
from symgrad.model.functions import Equal
from symgrad.model.graph import Axis, Graph, Kind
from symgrad.model.layered import Layered, layered
from symgrad.model.layers import leaf, pointwise
from symgrad.model.losses import LOSSES, Loss, huber
from symgrad.model.objectives import l1, l2, loss_nodes
from tests.interpreter import DECIMALS, DIGITS, run
from tests.points import differences, distance, random_leaves

HALF = Fraction(1, 2)

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
    "negative_log_likelihood": lambda y, t: -sum(b * a for a, b in zip(y, t, strict=True)),
    "kl_divergence": lambda y, t: sum(b * DIGITS.log(b / a) for a, b in zip(y, t, strict=True) if b),
    "huber": lambda y, t: sum(
        (a - b) ** 2 / 2 if abs(a - b) < 1 else abs(a - b) - DIGITS.mpf(1) / 2
        for a, b in zip(y, t, strict=True)
    ),
    "log_cosh": lambda y, t: sum(DIGITS.log(DIGITS.cosh(a - b)) for a, b in zip(y, t, strict=True)),
    "cosine": lambda y, t: (
        1
        - sum(a * b for a, b in zip(y, t, strict=True))
        / DIGITS.sqrt(sum(a * a for a in y) * sum(b * b for b in t))
    ),
    "poisson_nll": lambda y, t: sum(a - b * DIGITS.log(a) for a, b in zip(y, t, strict=True)),
    "poisson_nll_log": lambda y, t: sum(DIGITS.exp(a) - b * a for a, b in zip(y, t, strict=True)),
    "hinge": lambda y, t: sum(max(1 - a * b, 0) for a, b in zip(y, t, strict=True)),
    "squared_hinge": lambda y, t: sum(max(1 - a * b, 0) ** 2 for a, b in zip(y, t, strict=True)),
    "multiclass_hinge": lambda y, t: sum(
        max(0, 1 + a - y[list(t).index(1)]) for a, b in zip(y, t, strict=True) if b == 0
    ),
    "gaussian_nll": lambda y, t: sum(
        (DIGITS.log(SPREAD * a) + (a - b) ** 2 / (SPREAD * a)) / 2 for a, b in zip(y, t, strict=True)
    ),
}
SPREAD = 3  # the second prediction of the tests is this many times the first
ROWS = [(name, kind) for name, row in LOSSES.items() for kind in row.targets]


def graph(loss, targets="free", mean=True, samples=True):
    front = (N,) if samples else ()
    y = leaf("y", Kind.INPUT, *front, K)
    t = leaf("t", Kind.TARGET, *front, *([] if targets == "labels" else [K]), targets=targets)
    row = LOSSES[loss]
    more = [pointwise("v", y.axes, SPREAD * y.ref)] if len(row.predictions) == 2 else []
    nodes = loss_nodes("J", row, [y, *more], t, mean=mean, samples=N if samples else None)
    return Graph((y, t, *more, *nodes), "J")


def values(made):
    leaves = random_leaves(made, SIZES, 5)
    return leaves | {"y": abs(leaves["y"]) / 3}


def hot(label):
    return [DECIMALS.number(Fraction(label == k)) for k in range(2)]


@pytest.mark.parametrize(("name", "targets"), ROWS)
@pytest.mark.parametrize("mean", [True, False])
def test_the_loss_is_the_one_written_by_hand(name, targets, mean):
    made = graph(name, targets, mean)
    leaves = values(made)
    target = [hot(int(label)) for label in leaves["t"]] if targets == "labels" else leaves["t"]
    each = [BY_HAND[name](y, t) for y, t in zip(leaves["y"], target, strict=True)]
    expected = sum(each) / (3 if mean else 1)
    assert distance(run(made, leaves, SIZES)["J"], np.array(expected, object)) < 1e-50


@pytest.mark.parametrize(("name", "targets"), ROWS)
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


def test_targets_that_a_loss_cannot_do_with():
    limited = Loss("only_free", "(y - t)^2", targets=("free",))
    with pytest.raises(DefinitionError, match="only_free cannot do with labels targets; it takes free"):
        layered("net", Layered((2, 2), loss=limited, targets="labels"))


def over_time(name, target_letters="nti"):
    """Return a loss of a sequence of outputs y[n,t,i]."""
    axes = {"n": N, "t": Axis("t", size("T")), "i": K}
    y = leaf("y", Kind.INPUT, *axes.values())
    labels = "i" not in target_letters
    t = leaf("target", Kind.TARGET, *map(axes.get, target_letters), targets="labels" if labels else "free")
    return Graph((y, t, *loss_nodes("J", LOSSES[name], y, t, mean=True, samples=N)), "J")


@pytest.mark.parametrize("name", ["squared_error", "cosine", "euclidean_error"])
def test_a_loss_of_a_sequence_is_the_mean_over_samples_and_steps(name):
    made, sizes = over_time(name), {**SIZES, "T": 4}
    leaves = random_leaves(made, sizes, 2)
    pairs = [(leaves["y"][place], leaves["target"][place]) for place in np.ndindex(3, 4)]
    expected = sum(BY_HAND[name](y, t) for y, t in pairs) / 12
    assert distance(run(made, leaves, sizes)["J"], np.array(expected, object)) < 1e-50
    derived = run(deltas(made, ["y"]).graph, leaves, sizes)["dy"]
    assert distance(derived, differences(made, "y", leaves, sizes, "J")) < 1e-35


def test_labels_of_a_sequence():
    made = over_time("multiclass_hinge", "nt")
    assert made["target_hot"].axes == made["y"].axes
    assert made["J_right"].axes == made["y"].axes[:2]


def test_the_letters_of_a_row_keep_out_of_the_way():
    axes = (N, Axis("i", size("A")), Axis("j", size("B")))
    y, t = leaf("y", Kind.INPUT, *axes), leaf("t", Kind.TARGET, *axes, targets="free")
    row = Loss("spread", "sum(i, j, (y[i] - y[j])^2*t[i])", "row")
    made = Graph((y, t, *loss_nodes("J", row, y, t, mean=False, samples=N)), "J")
    sizes = {"N": 2, "A": 2, "B": 3}
    leaves = random_leaves(made, sizes, 7)
    expected = sum(
        (leaves["y"][n, a, i] - leaves["y"][n, a, j]) ** 2 * leaves["t"][n, a, i]
        for n, a, i, j in np.ndindex(2, 2, 3, 3)
    )
    assert distance(run(made, leaves, sizes)["J"], np.array(expected, object)) < 1e-50


@pytest.mark.parametrize("delta", [HALF, "0.5", 2])
def test_huber_with_its_edge_elsewhere(delta):
    edge = Fraction(delta)
    y, t = leaf("y", Kind.INPUT, K), leaf("t", Kind.TARGET, K, targets="free")
    made = Graph((y, t, *loss_nodes("J", huber(delta), y, t, mean=True, samples=None)), "J")
    leaves = {"y": np.array([DIGITS.mpf(1) / 4, DIGITS.mpf(-7)], object), "t": np.array([0, 0], object)}
    inner, outer = Fraction(1, 32), edge * (7 - edge / 2)
    assert abs(run(made, leaves, SIZES)["J"][()] - DECIMALS.number(inner + outer)) < 1e-50
    slope = run(deltas(made, ["y"]).graph, leaves, SIZES)["dy"]
    assert [float(s) for s in slope] == [0.25, -float(edge)]


@pytest.mark.parametrize("name", ["cosine", "euclidean_error"])
def test_row_losses_need_a_row(name):
    y, t = leaf("y", Kind.INPUT, N), leaf("t", Kind.TARGET, N, targets="free")
    with pytest.raises(DefinitionError, match=f"{name} needs an axis of entries in the prediction y"):
        loss_nodes("J", LOSSES[name], y, t, mean=True, samples=N)


def test_what_does_not_fit():
    y, t = leaf("y", Kind.INPUT, N, K), leaf("t", Kind.TARGET, N, Axis("i", size(3)), targets="free")
    with pytest.raises(DefinitionError, match=r"y has the shape \(N, K\), but t \(N, 3\)"):
        loss_nodes("J", LOSSES["huber"], y, t, mean=True, samples=N)
    with pytest.raises(DefinitionError, match=r"gaussian_nll takes 2 prediction\(s\) \(y, v\), 1 given: y"):
        loss_nodes("J", LOSSES["gaussian_nll"], y, t, mean=True, samples=N)
    with pytest.raises(DefinitionError, match="delta of a Huber loss is a number > 0, not 0"):
        huber(0)


OWN = {
    "parts without a row": (Loss("own", "y - t", parts={"a": "y"}), 'say over="row"'),
    "a name of the table": (Loss("cosine", "y - t"), "there is a loss 'cosine' already"),
    "an unknown way": (Loss("own", "y - t", "product"), "unknown way to put entries together 'product'"),
    "an unknown symbol": (Loss("own", "y - q"), "unknown name 'q'"),
    "floor": (Loss("own", "floor(y) - t"), "'floor', which is not differentiable"),
}


@pytest.mark.parametrize(("row", "message"), OWN.values(), ids=OWN)
def test_a_loss_of_ones_own_that_cannot_be(row, message):
    with pytest.raises(SymgradError, match=message):
        layered("net", Layered((2, 2), loss=row))


def test_penalties():
    w, b = leaf("W", Kind.PARAMETER, K, Axis("j", size("N"))), leaf("b", Kind.PARAMETER, K)
    made = Graph((w, b, l1("P", HALF, [w, b]), l2("Q", 3, [w])), "P")
    leaves = random_leaves(made, SIZES, 3)
    arrays = run(made, leaves, SIZES)
    absolute = sum(abs(v) for name in "Wb" for v in leaves[name].ravel()) / 2
    assert distance(arrays["P"], np.array(absolute, object)) < 1e-50
    assert distance(arrays["Q"], np.array(sum(v**2 for v in leaves["W"].ravel()) * 3 / 2, object)) < 1e-50
    decay = deltas(made, ["W"], "Q")
    assert distance(run(decay.graph, leaves, SIZES)[decay.delta["W"]], 3 * leaves["W"]) < 1e-50
