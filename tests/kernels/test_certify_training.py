"""The emitted `train`, executed exactly, is the optimizer at the derived gradients; faults are refuted."""

from dataclasses import replace
from typing import Any

import pytest

import symgrad as sg
from symgrad.derive.agreement import Finding
from symgrad.derive.certificate import WORDS
from symgrad.kernels.build import spec_of
from symgrad.kernels.certify_training import prove_training
from symgrad.kernels.module import generate
from symgrad.kernels.spec import KernelSpec
from symgrad.model.model import Model
from symgrad.model.optimizers import OPTIMIZERS, optimizer
from symgrad.model.rates import RATES
from symgrad.model.rules import Optimizer
from symgrad.model.zoo import ZOO, zoo
from tests.kernels.leaves import everything
from tests.kernels.networks import model_of
from tests.kernels.recurrences import recurrence
from tests.kernels.test_fast import NETWORKS, fast

pytestmark = pytest.mark.uncompiled

FORMS: dict[str, dict[str, str]] = {"scalars": {}, "arrays": {"*": "arrays"}}
ADDED = {"clip_norm": 1.0, "clip_value": 2.0, "weight_decay": 0.1}


def shown(spec: KernelSpec, model: Model, text: str | None = None) -> Finding:
    """Return what is said of every parameter."""
    found = [f for (f,) in prove_training(model, spec, generate(spec) if text is None else text).values()]
    assert all(finding == found[0] for finding in found)
    return found[0]


def proved(model: Model, rule: str | Optimizer = "sgd", **options: Any) -> Finding:
    return shown(spec_of(model, rule, **options), model)


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow) if n.startswith("digits") else n for n in ZOO]
)
def test_every_kernel_of_the_zoo(name: str) -> None:
    finding = proved(zoo(name))
    assert (finding.claim, finding.verdict, finding.evidence) == ("training", "right", "bounded")
    assert finding.bound is not None
    assert finding.bound < 1e-18
    assert finding.witness == "sgd at the gradients"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("rule", OPTIMIZERS)
def test_every_rule_with_all_that_may_be_asked_of_it(rule: str, form: str) -> None:
    assert proved(zoo("xor_2_2_1"), optimizer(rule, **ADDED), schedule=FORMS[form]).right


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("warmup", [{}, {"warmup": 2.0}], ids=["", "warm"])
def test_every_course_of_the_learning_rate(rate: str, warmup: dict[str, float]) -> None:
    assert proved(zoo("adaline"), optimizer("momentum", rate=rate, **warmup)).right


@pytest.mark.parametrize("rule", ["sgd", pytest.param("adam", marks=pytest.mark.slow)])
@pytest.mark.parametrize(("batch", "how"), [(32, "blas"), (32, "tiles"), (1, "loops")])
@pytest.mark.parametrize("name", NETWORKS)
def test_fast_kernels(name: str, batch: int, how: str, rule: str) -> None:
    assert shown(fast(name, batch, rule, how), NETWORKS[name]()).right


@pytest.mark.parametrize(("name", "how"), [("digits", "blas"), ("deep", "tiles")])
def test_weights_that_decay_as_their_products_change_them(name: str, how: str) -> None:
    spec = fast(name, how=how, decay=0.1)
    text = generate(spec)
    assert "1 - learning_rate*weight_decay, -learning_rate, " in text
    assert shown(spec, NETWORKS[name](), text).right
    planted = text.replace("1 - learning_rate*weight_decay", "1")
    assert shown(spec, NETWORKS[name](), planted).verdict == "wrong"


@pytest.mark.parametrize("name", ["many_to_one", "two_steps_back", "stack", "largest", "embedded"])
def test_recurrences(name: str) -> None:
    finding = proved(recurrence(name), "momentum")
    assert (finding.verdict, finding.evidence) == ("right", "held" if name == "largest" else "bounded")


@pytest.mark.parametrize("name", ["one_hot", "binary", "clash", "norm", "skip"])
def test_every_kind_of_network(name: str) -> None:
    assert proved(model_of(name)).right


def test_what_is_drawn_and_what_has_no_samples() -> None:
    assert proved(everything(), "nesterov").right


def test_what_is_held_fixed_stays() -> None:
    model = sg.mlp([2, 3, 2]).model
    spec = spec_of(model, trained=("W1", "b2"))
    text = generate(spec)
    assert shown(spec, model, text).right
    fewer = text.replace('TRAINED = ("W1", "b2")', 'TRAINED = ("W1",)')
    assert fewer != text
    assert shown(spec, model, fewer).verdict == "wrong"


def test_ascent() -> None:
    model = sg.mlp([2, 3, 2], output="identity").maximise("J").model
    spec = spec_of(model, optimizer("momentum", weight_decay=0.1))
    assert shown(spec, model).right
    assert shown(replace(spec, maximise=False), model, generate(spec)).verdict == "wrong"


def test_a_rule_of_ones_own() -> None:
    own = Optimizer("signs", (), {"learning_rate": 0.01}, ("w = w - learning_rate*sign(g)",))
    assert proved(zoo("adaline"), own).right


def test_blocks_that_are_outlined() -> None:
    model = sg.sequential(3, ["dense 3", "tanh"] * 6 + ["dense 2"]).model
    spec = spec_of(model, "adam", schedule={"*": "arrays"})
    assert "def _update_" in generate(spec)
    assert shown(spec, model).right


def test_a_large_network_is_shown_right_at_small_sizes() -> None:
    net = sg.mlp((300, 400, 10), output="softmax", loss="cross_entropy")
    spec = spec_of(net.model, fast=True, batch=128)
    finding = shown(spec, net.model)
    assert (finding.claim, finding.verdict) == ("small training", "right")
    assert set((finding.sizes or {}).values()) == {2, 3}
    assert finding.claim in WORDS


FAULTS = [
    ("mlp", "sgd", "W1[i, j] -= dW1[i, j]*learning_rate", "W1[i, j] -= dW1[i, j]*learning_rate*one_"),
    ("mlp", "sgd", "for first in range(0, last, batch)", "for first in range(0, last - 1, batch)"),
    ("mlp", "sgd", "losses[epoch] += J*size", "losses[epoch] += J"),
    ("xor_2_2_1", "adam", "step[0] += 1", "step[0] += 2"),
    ("xor_2_2_1", "adam", "beta2_to_the_step = beta2**step[0]", "beta2_to_the_step = beta1**step[0]"),
    ("xor_2_2_1", "nesterov", "v_b2_0 = db2_0 + momentum*v_b2_0", "v_b2_0 = db2_0 - momentum*v_b2_0"),
    ("xor_2_2_1", "adagrad", "s_b2_0 += db2_0**2", "s_b2_0 += db1_0**2"),
    ("xor_2_2_1", "momentum", "v_W1[1, 0] = v_W1_10", "v_W1[1, 0] = v_W1_01"),
]


@pytest.mark.parametrize(("name", "rule", "right", "planted"), FAULTS)
def test_a_planted_fault_is_refuted(name: str, rule: str, right: str, planted: str) -> None:
    model = zoo(name)
    spec = spec_of(model, rule)
    text = generate(spec)
    assert right in text
    assert (
        shown(spec, model, text.replace(right, planted.replace("one_", "learning_rate"))).verdict == "wrong"
    )


def test_the_head_of_a_file_says_so() -> None:
    text = sg.zoo("adaline").kernel_text(optimizer("adamw"))
    assert (
        "Bounded: train, executed exactly, = adamw at the gradients at D = 2, N = 3 (batches of 2 and 1"
        in text
    )
