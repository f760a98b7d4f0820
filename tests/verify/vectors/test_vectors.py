"""Test vectors: the right gradient passes, every mistake that has an effect does not."""

import io
import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from symgrad.derive.values import figures
from symgrad.derive.views import View
from symgrad.exact.decimals import Real
from symgrad.model.model import Model
from symgrad.model.zoo import zoo
from symgrad.network import Draft, mlp
from symgrad.verify.mistakes.network.catalogue import Mutant, mutants_of
from symgrad.verify.mistakes.network.edits import Scene
from symgrad.verify.mistakes.network.flow import Flow, flow, pulled_back
from symgrad.verify.networks.posing import posed
from symgrad.verify.vectors.files import as_json, as_npz, summary
from symgrad.verify.vectors.separate import separating
from symgrad.verify.vectors.trial import points_of

FEW = ["worked_2_2_2", "linear_regression", "line_through_origin", "classifier_3_3_3_softmax"]
OTHERS = ["classifier_3_3_3", "logistic_regression", "adaline", "xor_2_2_1", "digits_64_32_10", "skip", "mlp"]
NETS = [*FEW, *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS)]


def written(name: str) -> dict[str, Any]:
    """Return the file as another program reads it."""
    return json.loads(json.dumps(as_json(separating(zoo(name))), allow_nan=True))


def off(value: Any, gradient: dict[str, Any]) -> bool:
    difference = np.abs(np.asarray(value, dtype=np.float64) - np.asarray(gradient["value"]))
    return bool(np.isnan(difference).any() or difference.max() > gradient["tolerance"])


def floats(value: Any) -> Any:
    return float(value) if isinstance(value, Real) else [floats(part) for part in value]


@pytest.mark.parametrize("name", NETS)
def test_the_right_gradient_passes(name: str) -> None:
    """Evaluated to 50 digits, by another algebra."""
    for vector in written(name)["vectors"]:
        found = figures(zoo(name), vector["given"], level="layer")
        assert float(found.loss) == pytest.approx(vector["loss"], rel=1e-15)
        for parameter, gradient in vector["gradients"].items():
            right = floats(found.array(parameter, delta=True))
            np.testing.assert_allclose(right, gradient["value"], rtol=1e-14, atol=1e-30)


@pytest.mark.parametrize("name", NETS)
def test_every_mistake_that_has_an_effect_is_caught(name: str) -> None:
    """Every mistaken derivation is carried out again, at the inputs of the file and at others."""
    file = written(name)
    here = next(posed(View(replace(zoo(name), sizes=file["sizes"]), "neuron")))
    given = flow(here, [point_of(here, vector["given"]) for vector in file["vectors"]])
    names = [node.name for node in here.model.graph.parameters]
    pairs = [(mutant, wrt) for mutant in mutants_of(Scene(here)) for wrt in names]
    with np.errstate(all="ignore"):
        elsewhere = flow(here, list(points_of(here, 99, 6)))
        effective = [pair for pair in pairs if has_effect(elsewhere, *pair, names)]
        missed = [pair for pair in effective if not is_caught(given, *pair, file["vectors"])]
    assert len(effective) >= len(file["mistakes"]) > 0
    assert missed == []
    assert all(mistake["caught_by"] for mistake in file["mistakes"])


def recurrent(cell: str) -> Model:
    draft = Draft(cell)
    output = getattr(draft, cell)(draft.input("x", "T", "D"), "H")
    draft.loss("squared_error", output)
    return draft.network(output).model


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_every_mistake_in_a_recurrence_is_caught(cell: str) -> None:
    found = separating(recurrent(cell))
    assert len(found.caught) > 100
    assert all(mistake.by and mistake.difference > 1e-6 for mistake in found.caught)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_deltas_of_a_recurrence_settle(cell: str) -> None:
    """The recursion, carried out again from the loss, gives the deltas that were derived."""
    here = next(posed(View(recurrent(cell), "layer")))
    at = flow(here, list(points_of(here, 3, 4)))
    names = [node.name for node in here.model.graph.parameters]
    again = pulled_back(at, at.label, {here.model.loss: at.values[f"∂{here.model.loss}"]}, {}, names)
    for name in names:
        np.testing.assert_allclose(again[name], at.values[f"∂{name}"], rtol=1e-9, atol=1e-12)


def has_effect(at: Flow, mutant: Mutant, wrt: str, names: list[str]) -> bool:
    """Whether a mistake changes a gradient at other points, by more than rounding."""
    scale = np.max([np.abs(at.values[f"∂{name}"]).max(axis=1) for name in names], axis=0)
    off_by = np.abs(gradient(at, mutant, wrt) - at.values[f"∂{wrt}"]).max(axis=1) / scale
    return bool((np.isnan(off_by) | (off_by > 1e-9)).any())


def is_caught(at: Flow, mutant: Mutant, wrt: str, vectors: list[Any]) -> bool:
    """Whether a mistake is off by more than the tolerance of some vector."""
    rows = np.broadcast_to(gradient(at, mutant, wrt), at.values[f"∂{wrt}"].shape)
    pairs = [(row, vector["gradients"][wrt]) for row, vector in zip(rows, vectors, strict=True)]
    return any(off(row.reshape(np.shape(right["value"])), right) for row, right in pairs)


def gradient(at: Flow, mutant: Mutant, name: str) -> Any:
    changed = {e.edge.key: at.evaluated(e.partial, at.channels[e.edge.key]) for e in mutant.edits}
    return at.deltas(changed, [name])[name]


def point_of(here: Any, given: dict[str, Any]) -> dict[str, Fraction]:
    """Return the inputs of a file by the keys of the network's leaves; labels in their one-hot form."""
    point: dict[str, Fraction] = {}
    for array in here.domain.arrays:
        values = np.asarray(given.get(array.name, 0), dtype=np.float64)
        if array.name == "t_hot":
            values = np.eye(array.shape[-1])[np.asarray(given["t"])]
        point |= dict(zip(array.leaves, map(Fraction, values.ravel().tolist()), strict=True))
    return point


def test_the_archive_has_the_same_numbers_and_no_pickle() -> None:
    found = separating(zoo("linear_regression"))
    with np.load(io.BytesIO(as_npz(found)), allow_pickle=False) as archive:
        assert "ball of 128 bits" in str(archive["format"])
        for k, vector in enumerate(found.vectors):
            assert archive["J"][k] == vector.loss
            np.testing.assert_array_equal(archive["x"][k], vector.leaves["x"])
            np.testing.assert_array_equal(archive["grad_w"][k], vector.gradients["w"])
            assert archive["tolerance_w"][k] == vector.tolerances["w"]


def test_labels_are_integers() -> None:
    net = mlp(("D", "H", "K"), output="softmax", loss="cross_entropy", targets="labels")
    file = as_json(separating(net.model))
    assert all(isinstance(label, int) for label in file["vectors"][0]["given"]["t"])
    assert file["axes"]["t"] == ["N"]


def test_inputs_are_exact_in_binary() -> None:
    for vector in separating(zoo("worked_2_2_2")).vectors:
        assert all(
            number * 64 == round(number * 64) for array in vector.leaves.values() for number in array.flat
        )


def test_distributions_add_up_to_one() -> None:
    net = mlp(("D", "H", "K"), output="softmax", loss="cross_entropy", targets="distribution")
    for vector in separating(net.model).vectors:
        np.testing.assert_array_equal(vector.leaves["t"].sum(axis=-1), 1)


def test_ids_are_integers_that_the_figures_belong_to() -> None:
    draft = Draft("words")
    y = draft.dense(draft.embedding(draft.input("ids", "T=2", ids="V=3"), 2), 2)
    draft.loss("squared_error", y)
    model = draft.network(y).model
    for vector in as_json(separating(model))["vectors"]:
        assert {type(k) for row in vector["given"]["ids"] for k in row} == {int}
        assert float(figures(model, vector["given"], level="layer").loss) == pytest.approx(
            vector["loss"], 1e-15
        )


def test_another_seed_gives_other_vectors_and_a_summary_counts() -> None:
    one, other = (separating(zoo("line_through_origin"), seed=seed) for seed in (0, 1))
    assert one.vectors[0].loss != other.vectors[0].loss
    assert f"{len(one.caught)} mistakes" in summary(one)
