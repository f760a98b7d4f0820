import json
from decimal import Decimal
from fractions import Fraction

import pytest

from symgrad.derive.views import View
from symgrad.errors import DataError, UnknownNameError
from symgrad.model.zoo import ZOO, zoo
from symgrad.show.walk import explain

WORKED = zoo("worked_2_2_2")
WITH_EXAMPLE = [
    name for name, make in ZOO.items() if all(n.name in make().example for n in make().graph.parameters)
]

S4_FORWARD = {
    "z1": "0.3775",
    "a1": "0.593269992",
    "a2": "0.596884378",
    "q1": "1.105905967",
    "o1": "0.75136507",
    "o2": "0.772928465",
    "J_o1": "0.274811083",
    "J_o2": "0.023560026",
    "J": "0.298371109",
    "∂J/∂o1": "0.74136507",
    "∂o1/∂q1": "0.186815602",
    "∂q1/∂w5": "0.593269992",
    "∂J/∂w5": "0.082167041",
}
S4_GRADIENTS = {"w1": "0.000438568", "b1": "0.018725609", "b2": "0.100400325"}
S4_UPDATE = {
    "w1": "0.14978072",
    "w2": "0.19956143",
    "w3": "0.24975114",
    "w4": "0.29950229",
    "w5": "0.35891648",
    "w6": "0.40866619",
    "w7": "0.51130127",
    "w8": "0.56137012",
}


def rounded(value, printed):
    """Return a value rounded to the decimals of a printed figure."""
    return Decimal(repr(float(value))).quantize(Decimal(printed).normalize())


@pytest.fixture(scope="module")
def w5():
    return explain(WORKED, "w5")


@pytest.mark.parametrize("name", S4_FORWARD)
def test_s4_every_figure_stands_beside_its_formula(w5, name):
    step = w5[name]
    assert abs(Decimal(repr(float(step.value))) - Decimal(S4_FORWARD[name])) <= Decimal("5.01e-10")
    assert step.formula
    assert step.numbers
    assert step.latex


@pytest.mark.parametrize("name", S4_GRADIENTS)
def test_s4_gradients(name):
    assert rounded(explain(WORKED, name).gradient, "1e-9") == Decimal(S4_GRADIENTS[name])


@pytest.mark.parametrize("name", S4_UPDATE)
def test_s4_updated_weights(w5, name):
    assert rounded(w5.update[name], "1e-8") == Decimal(S4_UPDATE[name])


def test_s4_the_loss_after_one_step(w5):
    assert float(w5.loss_after) == pytest.approx(0.29102777369359933, rel=1e-15)
    assert float(w5.loss_before) == float(w5["J"].value)
    assert sorted(w5.update) == sorted(S4_UPDATE)
    assert w5.fixed == ("b1", "b2")


def test_s4_formulas_and_numbers(w5):
    written = {step.name: (step.formula, step.numbers) for step in w5.steps}
    assert written["z1"] == ("w1 x1 + w2 x2 + b1", "0.15 · 0.05 + 0.2 · 0.1 + 0.35")
    assert written["a1"] == ("σ(z1)", "σ(0.3775)")
    assert written["J_o1"] == ("½ (o1 − t1)²", "½ (0.751365070 − 0.01)²")
    assert written["J"] == ("J_o1 + J_o2", "0.274811083 + 0.0235600256")
    assert written["∂J/∂o1"] == ("o1 − t1", "0.751365070 − 0.01")
    assert written["∂o1/∂q1"][0] == "o1 (1 − o1)"
    assert written["w5⁺"] == ("w5 − η · ∂J/∂w5", "0.4 − 0.5 · 0.0821670406")
    assert w5["∂J/∂o1"].latex == (
        r"\frac{\partial J}{\partial o_{1}} = o_{1} - t_{1} = 0.751365070 - 0.01 = 0.741365070"
    )


def test_s4_the_two_paths_of_w1():
    walk = explain(WORKED, "w1")
    paths = [step for step in walk.steps if step.part == "paths"]
    assert [step.formula for step in paths] == [
        "∂J/∂o1 · ∂o1/∂q1 · ∂q1/∂a1 · ∂a1/∂z1 · ∂z1/∂w1",
        "∂J/∂o2 · ∂o2/∂q2 · ∂q2/∂a1 · ∂a1/∂z1 · ∂z1/∂w1",
    ]
    assert sum(float(step.value) for step in paths) == pytest.approx(float(walk.gradient), rel=1e-15)
    assert walk["δz1"].formula.startswith("(w5 δq1 + w7 δq2)")


def test_the_table_is_aligned(w5):
    lines = [line for line in w5.text.splitlines() if line.startswith("  ")]
    named = [line for line in lines if line[2] != " "]
    start = named[0].index("w1 x1")
    assert all(line[start - 1] == " " and line[start] != " " for line in named)
    assert w5.text.splitlines()[-1] == (
        "loss 0.298371109 → 0.291027774 after one step with η = 1/2; b1, b2 held fixed"
    )
    assert repr(w5) == w5.text


def test_notebooks_get_a_table_and_formulas(w5):
    assert w5._repr_html_().count("<math") == len(w5.steps)
    assert w5._repr_latex_().startswith("$$\n\\begin{aligned}\nz_{1} &= w_{1} x_{1} + w_{2} x_{2} + b_{1}")


def test_json_has_what_the_contract_says(w5):
    data = json.loads(json.dumps(w5.data, allow_nan=False))
    assert data["gradient"] == pytest.approx(0.082167041, abs=1e-9)
    assert {"name", "formula", "value"} <= set(data["steps"][0])
    assert data["update"]["w5"] == pytest.approx(0.35891648, abs=1e-8)
    assert data["loss_after"] < data["loss_before"]


@pytest.mark.parametrize("name", WITH_EXAMPLE)
@pytest.mark.parametrize("level", ["neuron", "layer"])
def test_every_node_of_every_network_can_be_explained(name, level):
    model = zoo(name)
    situated = explain(model, model.loss, level=level)
    assert plain(situated.gradient) == 1
    for node in names(model, level):
        walk = explain(model, node, level=level)
        assert walk.steps[-1].part == "update"
        json.dumps(walk.data, allow_nan=False)
        assert walk.text


def names(model, level):
    """Return the nodes of a view, in the neuron view a few of each letter."""
    known = [node.name for node in View(model, level).graph.nodes if node.name != model.loss]
    if name_is_sized(model):
        known = [name for name in known if name in model.graph]
    return known[::3] if level == "neuron" else known


def name_is_sized(model):
    """Whether sizes come from the example's values only."""
    return bool(set(model.size_names) - set(model.sizes) - {model.samples})


def plain(value):
    return float(value)


def test_a_model_without_values_says_what_it_needs():
    with pytest.raises(DataError, match="xor_2_2_1 has no value for W1, b1, W2, b2; give them"):
        explain(zoo("xor_2_2_1"), "W1")


def test_several_samples_and_values_of_ones_own():
    at = {"W1": "1, -1; 0.5, 0.5", "b1": "0, 0", "W2": "1, -1;", "b2": ["0.1"]}
    whole = explain(zoo("xor_2_2_1"), "W1", at)
    single = explain(zoo("xor_2_2_1"), "w1_1_2", at, level="neuron")
    assert float(whole.gradient[0][1]) == float(single.gradient)
    assert len(whole["z1[n,i]"].value) == 4
    assert next(step.name for step in single.steps if step.part == "loss") == "J_y1_1"


def test_exact_networks_have_exact_figures():
    walk = explain(zoo("line_through_origin"), "w")
    assert (walk.gradient.number, walk.update["w"].number, walk.loss_after.number) == (-56, 1, 14)
    assert walk["∂J/∂y3"].numbers == "2 (0 − 6)"


def test_data_and_step_size_are_nodes_and_options_too():
    assert explain(WORKED, "x1").update.keys() == set(S4_UPDATE)
    small = explain(WORKED, "w5", rate="0.01")
    assert small.rate == Fraction(1, 100)
    assert float(small.update["w5"]) == pytest.approx(0.4 - 0.01 * 0.0821670405)
    with pytest.raises(DataError, match="the rate is 'fast'"):
        explain(WORKED, "w5", rate="fast")


def test_one_ascends_on_a_score():
    net = zoo("line_through_origin")
    score = type(net)(**{**net.__dict__, "maximise": True})
    assert explain(score, "w").update["w"].number == -1


def test_what_the_deltas_use_of_the_data_is_said():
    text = explain(zoo("classifier_3_3_3_softmax"), "w1").text
    assert text.endswith("used: t1 + t2 + t3 = 1")


def test_a_matrix_has_a_line_for_each_row():
    lines = explain(WORKED, "W1", level="layer").text.splitlines()
    start = next(k for k, line in enumerate(lines) if line.startswith("  ∂J/∂W1[i,j]"))
    assert lines[start].endswith("[[0.000438567734, 0.000877135469],")
    assert lines[start + 1].endswith(" [0.000497712735, 0.000995425471]]")


def test_unknown_names_are_refused_with_near_ones():
    with pytest.raises(UnknownNameError, match="did you mean w"):
        explain(WORKED, "w55")
    with pytest.raises(UnknownNameError, match="--level layer"):
        explain(WORKED, "W1")
    with pytest.raises(UnknownNameError, match="unknown step"):
        explain(WORKED, "w5")["w1"]
    with pytest.raises(UnknownNameError, match="unknown level"):
        explain(WORKED, "w1", level="atom")


def test_many_paths_are_left_to_the_deltas():
    walk = explain(WORKED, "w1", limit=1)
    assert {step.part for step in walk.steps} == {"forward", "loss", "deltas", "gradient", "update"}
