import pytest

from symgrad.errors import DataError, UnknownNameError
from symgrad.model.free import Definitions, define_model
from symgrad.model.zoo import zoo
from symgrad.show.walk import explain
from symgrad.verify.classroom.figures import matching, reproduces
from symgrad.verify.classroom.printed import read_printed
from symgrad.verify.classroom.variants import Variant, outcomes, variants

WORKED = zoo("worked_2_2_2")
UPDATED = "hidden weights updated with the already updated output weights"
TRAINED = "the parameters that are held fixed trained too"


@pytest.fixture(scope="module")
def one():
    return by_words(outcomes(WORKED, 1))


@pytest.fixture(scope="module")
def many():
    return by_words(outcomes(WORKED, 10_000))


def by_words(found):
    return {outcome.variant.words: outcome for outcome in found}


def said(found, name, printed):
    return [outcome.variant.words for outcome in matching(found.values(), name, printed)]


def test_s4_the_right_figures(one, many):
    assert one["the simultaneous update"].values["J"] == pytest.approx(0.29102777369359933, rel=1e-15)
    right = many["the simultaneous update"].values
    assert right["J"] == pytest.approx(3.510187782978859e-05, rel=1e-12)
    assert (right["o1"], right["o2"]) == pytest.approx((0.01591362, 0.98406427), abs=5e-9)


def test_s4_biases_trained(one, many):
    assert one[TRAINED].values["J"] == pytest.approx(0.28575, abs=5e-6)
    trained = many[TRAINED].values
    assert trained["J"] == pytest.approx(4.355321066163729e-06, rel=1e-12)
    assert trained["b1"] == pytest.approx(2.3243891629441435, rel=1e-13)
    assert trained["b2"] == pytest.approx(-0.3373733264336138, rel=1e-13)


def test_s4_already_updated_weights(one, many):
    assert one[UPDATED].values["J"] == pytest.approx(0.29102792390544197, rel=1e-15)
    assert many[UPDATED].values["J"] == pytest.approx(3.50848e-05, abs=5e-11)
    assert many[UPDATED].values["o1"] == pytest.approx(0.0159122, abs=5e-8)
    assert many[UPDATED].values["o2"] == pytest.approx(0.98406573, abs=5e-9)


def test_s4_one_step_fewer(many):
    assert many["one step fewer (9,999)"].values["J"] == pytest.approx(3.510855e-05, abs=5e-12)


@pytest.mark.parametrize(
    ("steps", "name", "printed", "words"),
    [
        (1, "J", "0.291027924", UPDATED),
        (1, "J", "0.29102777369359933", "the simultaneous update"),
        (1, "w5", "0.35891648", "the simultaneous update"),
        (10_000, "J", "0.000035085", UPDATED),
        (10_000, "J", "0.0000351085", "one step fewer (9,999)"),
        (10_000, "o1", "0.015912196", UPDATED),
        (10_000, "o2", "0.984065734", UPDATED),
        (10_000, "J", "4.355321066e-06", TRAINED),
        (1, "J", "0.28577447", f"{UPDATED} and {TRAINED}"),
        (1, "J", "0.5672379637", "the loss times 2"),
        (1, "J", "0.147354079", "the loss times 1/2"),
    ],
)
def test_s4_a_printed_figure_selects_its_variant(one, many, steps, name, printed, words):
    assert said(one if steps == 1 else many, name, printed)[0] == words


def test_rounded_intermediate_values_are_found(many):
    assert said(many, "o1", "0.0217") == ["every value rounded to 4 decimals"]


def test_a_figure_that_nobody_computes_has_no_variant(one):
    assert said(one, "J", "0.2910") == [
        words for words in one if reproduces(one[words].values["J"], read_printed("0.2910", "J"))
    ]
    assert said(one, "J", "0.123456789") == []


@pytest.mark.parametrize(
    ("value", "printed", "same"),
    [
        (0.291027774, "0.291028", True),
        (0.291027774, "0.291027", False),
        (3.510854812e-05, "0.0000351085", True),
        (3.510187783e-05, "0.0000351085", False),
        (1234.5, "1,234.5", True),
        (-0.5, "−0.5", True),
        (float("nan"), "0.5", False),
    ],
)
def test_to_all_printed_digits(value, printed, same):
    assert reproduces(value, read_printed(printed, "J")) is same


def test_it_agrees_with_the_exact_walk():
    (right,) = outcomes(zoo("classifier_3_3_3_softmax"), 1, among=[Variant(1)])
    walk = explain(zoo("classifier_3_3_3_softmax"), "w1")
    assert right.values["J"] == pytest.approx(float(walk.loss_after), rel=1e-13)
    assert right.values["w7"] == pytest.approx(float(walk.update["w7"]), rel=1e-13)


def test_several_samples():
    (right,) = outcomes(zoo("line_through_origin"), 6, among=[Variant(6)])
    assert right.values["w"] == 63 / 32


def test_no_step_is_the_start():
    (first, *_) = outcomes(WORKED, 0)
    assert first.values["J"] == pytest.approx(0.298371109, abs=5e-10)
    assert not any(variant.more < 0 for variant in variants(WORKED, 0))


def test_shared_weights_have_no_order_to_update_in():
    spec = Definitions(
        inputs={"x": ""}, targets={"t": ""}, parameters={"w": ""},
        nodes={"a": "tanh(w*x)", "y": "w*a", "J": "(y - t)^2/2"},
    )  # fmt: skip
    found = outcomes(define_model("tied", spec), 2, {"x": 1, "t": "0.5", "w": "0.3"})
    assert found
    assert not any(outcome.variant.updated for outcome in found)


def test_divergence_is_a_figure_that_matches_nothing():
    found = outcomes(zoo("line_through_origin"), 400, rate="10", among=[Variant(400)])
    assert matching(found, "J", "1.0") == ()


def test_mistakes_are_named():
    with pytest.raises(DataError, match="-1 steps"):
        outcomes(WORKED, -1)
    with pytest.raises(DataError, match="no decimal number"):
        matching(outcomes(WORKED, 0), "J", "one")
    with pytest.raises(DataError, match="no finite number"):
        matching(outcomes(WORKED, 0), "J", "NaN")
    with pytest.raises(UnknownNameError, match="J1"):
        matching(outcomes(WORKED, 0), "J1", "0.5")
