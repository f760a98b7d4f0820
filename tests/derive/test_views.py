"""The two views of a model."""

from dataclasses import replace

import pytest

from symgrad.derive.formulas import Delta
from symgrad.derive.views import STYLES, View
from symgrad.errors import UnknownNameError
from symgrad.model.zoo import ZOO, zoo

LIMIT = 10_000


@pytest.fixture(scope="module")
def classifier():
    return View(zoo("classifier_3_3_3"), "neuron")


def test_parameters_are_counted_as_people_do(classifier):
    assert classifier.parameters == (*(f"w{k}" for k in range(1, 19)), *(f"b{k}" for k in range(1, 5)))
    assert View(zoo("mlp"), "layer").parameters == ("W1", "b1", "W2", "b2", "W3", "b3")


def test_entries_know_their_place(classifier):
    assert classifier.places["w2"] == ("W1", (1, 0))
    assert classifier.places["w10"] == ("W2", (0, 0))
    assert classifier.places["b4"] == ("b2", ())
    assert classifier.places["o3"] == ("o", (0, 2))
    assert set(classifier.places) == set(classifier.graph.by_name)


def test_names_of_the_other_view(classifier):
    assert classifier.check("w18") == "w18"
    with pytest.raises(UnknownNameError, match="W1 is a node of the layer view: --level layer"):
        classifier.check("W1")
    with pytest.raises(UnknownNameError, match="unknown node 'w19'; did you mean"):
        classifier.check("w19")
    with pytest.raises(UnknownNameError, match="unknown node 'w1'"):
        View(classifier.model, "layer").check("w1")
    with pytest.raises(UnknownNameError, match="unknown level 'neurons'; did you mean neuron"):
        View(classifier.model, "neurons")
    with pytest.raises(UnknownNameError, match="unknown style 'close'; did you mean closed"):
        classifier.formula("w1", "close", limit=LIMIT)


def test_the_recursion_of_an_entry_is_that_of_its_layer():
    view = View(zoo("classifier_3_3_3_softmax"), "neuron")
    formula = view.formula("w1", "delta", limit=LIMIT)
    assert formula.assumptions == ("t1 + t2 + t3 = 1",)
    lefts = [line.left for line in formula.lines]
    assert all(isinstance(left, Delta) for left in lefts)
    assert [str(left.of) for left in lefts][-2:] == ["z1", "w1"]
    assert {str(left.of) for left in lefts[:3]} == {"q1", "q2", "q3"}
    layer = View(view.model, "layer").formula("W1", "delta", limit=LIMIT)
    assert layer.assumptions == ("Σ_i t[n,i] = 1",)


@pytest.mark.parametrize("name", ZOO)
@pytest.mark.parametrize("style", STYLES)
def test_every_network_has_every_style(name, style):
    model = zoo(name)
    if name == "digits_64_32_10":
        model = replace(model, sizes={"D": 2, "H": 2, "K": 2})
    for level in ("layer", "neuron"):
        view = View(model, level)
        wanted = view.parameters[0]
        formula = view.formula(wanted, style, limit=LIMIT)
        assert formula.style == style
        last = formula.lines[-1].left
        assert str(last.of.name if isinstance(last, Delta) else last.lower.name) == wanted
