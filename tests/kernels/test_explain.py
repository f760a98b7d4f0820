"""What `--explain` says, and that what it says can be asked for otherwise."""

import pytest

import symgrad as sg
from symgrad.kernels.build import spec_of
from symgrad.kernels.explain import explained
from symgrad.kernels.lower import lower
from symgrad.kernels.module import generate
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
