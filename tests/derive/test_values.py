from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from symgrad.derive.given import situated
from symgrad.derive.values import figures, path_products
from symgrad.derive.views import View
from symgrad.derive.written import exact_number
from symgrad.errors import DataError, LimitError, UnknownNameError
from symgrad.model.finish import finished
from symgrad.model.layered import Layered, layered
from symgrad.model.zoo import ZOO, zoo
from symgrad.network import Draft

WORKED = zoo("worked_2_2_2")
WITH_EXAMPLE = [
    "classifier_3_3_3",
    "classifier_3_3_3_softmax",
    "worked_2_2_2",
    "linear_regression",
    "line_through_origin",
]
WITHOUT = sorted(set(ZOO) - set(WITH_EXAMPLE))


@pytest.mark.parametrize(
    ("written", "exact"),
    [
        ("0.15", Fraction(3, 20)),
        ("−1/3", Fraction(-1, 3)),
        ("1e-3", Fraction(1, 1000)),
        (".5", Fraction(1, 2)),
        (7, Fraction(7)),
        (0.1, Fraction(1, 10)),
        (np.float32(0.1), Fraction(1, 10)),
        (np.int64(-2), Fraction(-2)),
        (Decimal("0.20"), Fraction(1, 5)),
        (Fraction(2, 7), Fraction(2, 7)),
    ],
)
def test_numbers_are_read_as_they_were_written(written, exact):
    assert exact_number(written, "w1") == exact


@pytest.mark.parametrize(
    "written",
    [
        "",
        "x",
        "1/0",
        "nan",
        "1e9999999",
        "1" * 2000,
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        True,
        None,
        1j,
    ],
)
def test_what_is_no_number_is_refused_with_its_place(written):
    with pytest.raises(DataError, match="w1"):
        exact_number(written, "w1")


@pytest.mark.parametrize(
    ("at", "error", "words"),
    [
        ({"w11": "1"}, UnknownNameError, "w11.*did you mean w1"),
        ({"zz": "1", "w1": "1"}, UnknownNameError, "zz"),
        ({"J": "1"}, DataError, "J is computed"),
        ({"a1": "1"}, DataError, "a1 is computed"),
        ({"w1": [1, 2]}, DataError, "w1 is a single number"),
        ({"w1": "1", "W2": [[1, 2], [3, 4]]}, DataError, "w1 .*neuron view.*W2 .*layer view"),
        ({"W1": [[1, 2], [3]]}, DataError, "W1.*different lengths"),
        ({"W1": [[1, 2, 3], [3, 4, 5]]}, DataError, "W1 has 3 entries where D is 2"),
        ({"W1": [1, 2]}, DataError, r"W1 has the shape \(H, D\).*\(2\)"),
        ({"x": [[0.1, 0.2], [0.3, 0.4]]}, DataError, "t has 1 entries where N is 2 by x"),
        ({"w1": float("nan")}, DataError, "w1 is nan"),
        ({"W1": [[1, 2], [3, "four"]]}, DataError, r"W1\[2\]\[2\] is 'four'"),
    ],
)
def test_values_that_do_not_fit_are_refused(at, error, words):
    with pytest.raises(error, match=words):
        situated(WORKED, at)


def test_one_value_of_the_neuron_view_takes_the_others_from_the_example():
    changed = figures(WORKED, {"w5": "0.41"})
    assert changed.values["w5"].number == Fraction(41, 100)
    assert changed.values["w6"].number == Fraction(45, 100)


def test_both_views_give_the_same_figures():
    rows = {"W1": "0.15, 0.2; 0.25, 0.3", "x": [[0.05, 0.1]], "b1": np.float64(0.35)}
    single = {"w1": "0.15", "w2": 0.2, "w3": "1/4", "w4": "3e-1", "b1": "0.35", "x1": "0.05", "x2": "0.1"}
    one, other = figures(WORKED, rows), figures(WORKED, single)
    assert {k: str(v) for k, v in one.values.items()} == {k: str(v) for k, v in other.values.items()}


def test_a_name_of_both_views_is_read_at_the_level_asked_for():
    net = zoo("classifier_3_3_3")
    assert figures(net, {"b2": 5}, level="layer").values["b4"].number == 5
    assert figures(net, {"b2": 5}, level="neuron").values["b2"].number == 5


@pytest.mark.parametrize("name", WITHOUT)
def test_without_example_values_the_message_lists_what_is_missing(name):
    with pytest.raises(DataError, match=r"has no value for .*give them"):
        figures(zoo(name))


def test_sizes_are_read_off_the_values():
    at = {"x": [[1, 2, 3]] * 2, "t": [1, 0], "w": ["0.1", "0.2", "0.3"], "b": 0}
    found = figures(zoo("logistic_regression"), at)
    assert len(found.view.parameters) == 4
    assert found.model.sizes == {"N": 2, "D": 3}


@pytest.mark.parametrize(
    ("targets", "t", "words"),
    [
        ("one_hot", [["0.5", "0.5"]], "one_hot"),
        ("distribution", [["0.5", "0.4"]], "sum must be 1"),
        ("labels", [2], "from 0 to 1"),
        ("labels", ["0.5"], "label 1/2"),
    ],
)
def test_targets_must_be_what_they_are_declared(targets, t, words):
    net = layered("net", Layered((1, 2), output="softmax", loss="cross_entropy", targets=targets))
    rest = {"x": [[1]], "W1": [[1], ["-0.5"]], "b1": [0, 0]}
    with pytest.raises(DataError, match=words):
        figures(net, {**rest, "t": t}, level="layer")


def test_labels_select_their_class():
    spec = {"output": "softmax", "loss": "cross_entropy"}
    rest = {"x": [[1]], "W1": [[1], ["-0.5"]], "b1": [0, 0]}
    labels = figures(
        layered("net", Layered((1, 2), targets="labels", **spec)), {**rest, "t": [1]}, level="layer"
    )
    hot = figures(
        layered("net", Layered((1, 2), targets="one_hot", **spec)), {**rest, "t": [[0, 1]]}, level="layer"
    )
    assert str(labels.loss) == str(hot.loss)
    assert [str(v) for v in labels.array("W1", delta=True)[1]] == [
        str(v) for v in hot.array("W1", delta=True)[1]
    ]


def test_a_value_that_is_not_defined_is_named():
    net = layered("net", Layered((1, 1), output="identity", loss="binary_cross_entropy"))
    with pytest.raises(DataError, match="J has no value here: log of -2"):
        figures(net, {"x": [[-2]], "t": [[1]], "W1": [[1]], "b1": [0]}, level="layer")


@pytest.mark.parametrize("name", WITH_EXAMPLE)
def test_path_products_add_up_to_the_delta(name):
    found = figures(zoo(name))
    tiny = Fraction(1, 10**45)
    for wrt in found.view.parameters:
        products = path_products(found, wrt)
        whole = found.algebra.total(p.value for p in products)
        assert found.algebra.abs(whole - found.gradient(wrt)) < tiny
        if not whole.is_zero():
            assert found.algebra.abs(found.algebra.total(p.share for p in products) - 1) < tiny


def test_a_gradient_that_cancels_is_zero_and_has_no_shares():
    found = figures(zoo("classifier_3_3_3_softmax"))
    assert found.gradient("b4").is_zero()
    assert {p.share for p in path_products(found, "b4")} == {None}


def test_deltas_are_the_slope_of_the_loss():
    step = Fraction(1, 10**15)
    found = figures(WORKED)
    for name in (*found.view.parameters, "x1", "t2"):
        there = found.values[name].number
        above, below = (Fraction(str(figures(WORKED, {name: there + side * step}).loss)) for side in (1, -1))
        slope = (above - below) / (2 * step)
        assert abs(slope - Fraction(str(found.gradient(name)))) < Fraction(1, 10**25)


def test_too_many_paths_are_refused():
    with pytest.raises(LimitError, match="2 paths"):
        path_products(figures(WORKED), "w1", limit=1)


def test_rational_networks_stay_exact():
    found = figures(zoo("line_through_origin"), {"w": "1/3"})
    assert found.loss.number == Fraction(350, 9)
    assert found.gradient("w").number == 28 * (Fraction(1, 3) - 2)
    assert [p.value.exact for p in path_products(found, "w")] == [True] * 3


def test_the_gradient_of_a_node_that_does_not_reach_the_loss_is_zero():
    view = View(WORKED, "neuron")
    assert figures(WORKED).gradient(view.check("J")).number == 1


def test_the_winner_of_a_maximum_is_decided_by_the_values():
    draft = Draft("pooled")
    y = draft.max_pool(draft.input("x", 1, 2, 2), 2)
    draft.loss("squared_error", y)
    found = figures(finished(draft, y), {"x": [[[["1", "2"], ["4", "3"]]]], "t": [[[["1"]]]]}, level="layer")
    slopes = [float(value) for name, value in found.deltas.items() if name.startswith("x")]
    assert found.loss.number == Fraction(9, 2)
    assert sorted(slopes) == [0, 0, 0, 3]
