"""What `--explain` says, and that what it says can be asked for otherwise."""

import pytest

import symgrad as sg
from symgrad.kernels.build import spec_of
from symgrad.kernels.explain import explained
from symgrad.kernels.lower import lower
from symgrad.kernels.module import generate
from symgrad.kernels.spec import KernelSpec
from symgrad.model.model import Model


@pytest.fixture(scope="module")
def digits() -> Model:
    return sg.zoo("digits_64_32_10").model


def passes(model: Model, **asked: str) -> list[str]:
    told = explained(spec_of(model, schedule=asked))
    return [line.split(": ", 1)[1] for line in told if line.startswith("pass ")]


def test_nodes_that_share_a_pass_are_told_together(digits: Model) -> None:
    told = passes(digits)
    assert told[:2] == ["z1, a product by BLAS", "z1, a1, loops over n, i"]
    assert "y_sum, y, J, dz2, db2, loops over n, i" in told
    assert told[-1] == "dW1, a product by BLAS"


def test_a_node_can_have_a_pass_of_its_own(digits: Model) -> None:
    told = passes(digits, a1="apart", dz2="apart")
    assert told[1:3] == ["z1, loops over n, i", "a1, loops over n, i"]
    assert "dz2, loops over n, i" in told
    assert "a1[n, i] = tanh(z1[n, i])" in generate(spec_of(digits, schedule={"a1": "apart"}))


def test_a_sum_that_stays_apart_is_computed_as_it_pays(digits: Model) -> None:
    assert "z1: blas, 65536 multiplications" in explained(spec_of(digits, schedule={"z1": "apart"}))


def test_scalars_can_be_asked_for_and_forbidden(digits: Model) -> None:
    (asked,) = explained(spec_of(digits, schedule={"*": "scalars"}))
    assert asked.endswith("5232 scalar statements, as asked for")
    assert not lower(spec_of(digits)).columns
    assert lower(spec_of(digits, schedule={"*": "scalars"})).columns


RECURRENT = sg.sequential((6, 12), ["rnn 16", "dense 10"], loss="squared_error").model


def told(spec: KernelSpec) -> list[str]:
    return [line for line in explained(spec) if not line.startswith("pass ")]


def test_what_is_named_can_be_asked_for_in_a_recurrence_too() -> None:
    """Arrays of its steps, and results in another order of axes, go by the names of their nodes."""
    default = spec_of(RECURRENT)
    assert "z1 (z1_carried): blas, 8192 multiplications" in told(default)
    assert "y (y_s): blas, 30720 multiplications" in told(default)
    for node, lines in {"z1": 2, "dh1": 2, "y": 1, "dU1": 1}.items():
        asked = spec_of(RECURRENT, schedule={node: "loops"})
        now = [line for line in told(asked) if line.endswith("loops, as asked for")]
        assert len(now) == lines
        assert all(line.startswith(node) for line in now)
        assert generate(asked).split('"""', 2)[2] != generate(default).split('"""', 2)[2]


@pytest.mark.parametrize(
    ("name", "way", "options", "said"),
    [
        ("worked_2_2_2", {"z1": "loops"}, {}, "z1: worked_2_2_2 is written in scalars, .* add [*]=arrays"),
        ("worked_2_2_2", {"a1": "apart"}, {}, "a1: worked_2_2_2 is written in scalars"),
        (
            "digits_64_32_10",
            {"a1": "blas"},
            {},
            "a1: it sums no product of two matrices; known: loops, apart",
        ),
        ("digits_64_32_10", {"J": "blas"}, {}, "J: it sums no product"),
        ("digits_64_32_10", {"db1": "tiles"}, {"fast": True}, "db1: it sums no product"),
        ("digits_64_32_10", {"dW1": "tiles"}, {}, "tiles are text for speed alone; add fast=True"),
        (
            "logistic_regression",
            {"y": "apart", "z": "tiles"},
            {"fast": True},
            "z: tiles .* known: loops, blas",
        ),
    ],
)
def test_a_wish_that_cannot_be_is_refused(
    name: str, way: dict[str, str], options: dict[str, bool], said: str
) -> None:
    with pytest.raises(sg.SymgradError, match=said):
        spec_of(sg.zoo(name).model, schedule=way, fast=options.get("fast", False))


def test_a_node_that_is_put_into_another_has_no_loops_of_its_own() -> None:
    labels = sg.mlp([20, 30, 10], output="softmax", loss="cross_entropy", targets="labels").model
    with pytest.raises(sg.SymgradError, match="t_hot: it has no array, and is computed where it is read"):
        spec_of(labels, schedule={"t_hot": "apart"})


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("linear_regression", {}, "linear_regression cannot be written in scalars: for these every size"),
        ("line_through_origin", {"rewrite": "moments"}, "the rewriting moments works on arrays; leave out"),
    ],
)
def test_scalars_that_cannot_be_are_refused(name: str, options: dict[str, str], said: str) -> None:
    with pytest.raises(sg.SymgradError, match=said):
        spec_of(sg.zoo(name).model, schedule={"*": "scalars"}, rewrite=options.get("rewrite"))
