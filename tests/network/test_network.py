"""The face: what a person types first."""

import numpy as np
import pytest

import symgrad as sg
from symgrad.errors import DefinitionError, LimitError, UnknownNameError
from symgrad.model.zoo import ZOO
from tests.kernels.uncompiled import plain_kernel


def test_the_gradients_of_the_classifier_are_those_of_the_source() -> None:
    net = sg.zoo("classifier_3_3_3")
    assert net.parameters == (*(f"w{k}" for k in range(1, 19)), "b1", "b2", "b3", "b4")
    assert len(net.gradients()) == 22
    assert net.gradient("w10").chain.unicode == "∂J/∂w10 = ∂J/∂o1 · ∂o1/∂q1 · ∂q1/∂w10"
    assert net.gradient("w1").local.unicode.splitlines() == [
        "∂J/∂w1 = (o1 − t1) · o1 (1 − o1) · w10 · a1 (1 − a1) · x1",
        "       + (o2 − t2) · o2 (1 − o2) · w11 · a1 (1 − a1) · x1",
        "       + (o3 − t3) · o3 (1 − o3) · w12 · a1 (1 − a1) · x1",
    ]


def test_softmax_with_cross_entropy_names_its_assumption() -> None:
    shown = sg.zoo("classifier_3_3_3_softmax").gradient("w10").delta.unicode
    assert shown.splitlines() == ["δq1 = o1 − t1", "∂J/∂w10 = δq1 · a1", "  used: t1 + t2 + t3 = 1"]


def test_nothing_is_assumed_of_free_targets() -> None:
    net = sg.mlp([2, 3], output="softmax", loss="cross_entropy", targets="free", level="layer")
    assert "used" not in net.gradient("W1").delta.unicode


def test_nested_form_and_generic_recursion() -> None:
    net = sg.zoo("mlp")
    assert net.nested().unicode == "y = σ(W3 σ(W2 σ(W1 x + b1) + b2) + b3)"
    assert "for l < L" in net.recursion().unicode
    with pytest.raises(DefinitionError):
        sg.zoo("skip").nested()


def test_hidden_layers_that_differ_have_no_generic_line() -> None:
    net = sg.mlp(["D", "H1", "H2", "K"], hidden=("tanh", "sigmoid"))
    with pytest.raises(DefinitionError, match="not alike"):
        net.recursion()


def test_any_node_may_be_derived_by() -> None:
    net = sg.zoo("worked_2_2_2")
    assert net.gradient("x1").local.unicode.count("\n") == 3
    assert net.gradient("a1").local.unicode.startswith("∂J/∂a1")
    assert net.gradient("J").local.unicode == "∂J/∂J = 1"
    assert net.step().at_level("layer").gradient("learning_rate").delta.unicode.startswith("δq_new")


def test_what_does_not_reach_the_loss_has_the_gradient_zero() -> None:
    net = sg.zoo("mlp").define({"k": "K"}, score="sum(n, k, t[n,k])").minimise("score")
    assert net.gradient("W1").local.unicode == "∂score/∂W1[i,j] = 0"
    assert net.gradient("W1").delta.unicode == "∂score/∂W1[i,j] = 0"
    assert net.prove(["W1"], kernel=False).verdict == "right"


def test_a_penalty_is_another_definition() -> None:
    net = sg.zoo("mlp").define({"p": "H1", "q": "D"}, total="J + sum(p, q, W1[p,q]^2)/2").minimise("total")
    assert "W1[i,j]" in net.gradient("W1").delta.unicode.splitlines()[-1]
    assert net.prove(["W1"], kernel=False).verdict == "right"


def test_to_maximise_is_to_ascend() -> None:
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(8, 3)), rng.normal(size=(8, 2))
    for net, rises in (
        (sg.mlp([3, 2], level="layer"), False),
        (sg.mlp([3, 2], level="layer").maximise("J"), True),
    ):
        kernel = plain_kernel(net.kernel_text(proofs=False))
        parameters = [rng.normal(size=shape) for shape in kernel.PARAMETERS.values()]
        before = kernel.loss(x, t, *parameters)
        flags = (False, False, np.ones(1, np.uint64), np.zeros(1, np.uint8), np.empty(1))
        kernel.train(x, t, *parameters, 0.01, 8, *flags)
        assert bool(kernel.loss(x, t, *parameters) > before) == rises


def test_tracing_ordinary_python() -> None:
    square = sg.trace(lambda x: x**2)
    assert square.gradient("x").local.unicode == "∂f/∂x = 2 x"
    assert (
        square.explain("x", at={"x": 1}).gradient == 2
        or float(square.explain("x", at={"x": 1}).gradient) == 2
    )

    def score(w1, w2, w3):
        return w1 * w2 + np.exp(w3) * w1

    assert list(sg.trace(score).gradients()) == ["w1", "w2", "w3"]
    assert sg.trace(score).prove().verdict == "right"


def test_notebooks_get_latex() -> None:
    net = sg.zoo("classifier_3_3_3")
    assert net.gradient("w10")._repr_latex_().startswith("$$")
    assert net.gradients()._repr_latex_().count(r"\begin{aligned}") == 1
    assert r"\frac{\partial J}{\partial w_{10}}" in net.gradient("w10").chain.latex


def test_a_closed_form_that_is_too_long_names_the_nodes() -> None:
    net = sg.mlp([3, 3, 3, 3], output="softmax", loss="cross_entropy", naming=sg.Naming("source"))
    shown = net.gradient("w1").closed.unicode
    assert len(shown) < 20_000
    assert "a1 = σ(z1)" in shown


def test_too_many_paths_are_refused_with_their_number() -> None:
    net = sg.mlp([3, *[8] * 9, 2], level="neuron")
    count = net.count_paths("w1_1_1")
    assert count > 10**7
    with pytest.raises(LimitError, match=f"{count:,}"):
        net.paths("w1_1_1")


def test_an_activation_of_ones_own_is_derived_proved_and_compiled() -> None:
    own = sg.Activation("soft_root", "z/(1 + abs(z)/2)")
    net = sg.mlp([2, 2, 1], hidden=own, output="identity", level="layer")
    assert net.prove().verdict == "right"
    wrong = sg.mlp([2, 2], output=sg.Activation("wrong", "z^3", derivative="z^2"))
    with pytest.raises(sg.SymgradError, match="not equal"):
        print(wrong.gradient("w1_1_1").local)


def test_unknown_names_are_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean w10"):
        sg.zoo("classifier_3_3_3").gradient("W10")
    with pytest.raises(AttributeError):
        print(sg.nonsense)
    assert set(ZOO) == {name for name in ZOO if sg.zoo(name)}


def test_the_head_of_a_kernel_speaks_of_that_very_text() -> None:
    net = sg.zoo("xor_2_2_1")
    for words in ({"optimizer": "adam"}, {"trained": ("W1",)}):
        text = net.kernel_text(**words)
        assert "Proved: this text, executed exactly, = gradient" in text


def test_two_activations_of_one_name_make_two_networks() -> None:
    own = (sg.Activation("own", formula) for formula in ("z^2", "z^3"))
    ones = [sg.mlp([2, 2, 1], hidden=row, name="n", level="layer") for row in own]
    first, second = (net.kernel_text(proofs=False).split("NETWORK = ")[1].split("\n")[0] for net in ones)
    assert first != second


def test_the_epoch_loss_of_a_sum_is_the_sum() -> None:
    summed, mean = (sg.mlp([2, 1], mean=mean, level="layer") for mean in (False, True))
    assert not summed.model.mean
    assert mean.model.mean
    assert not sg.zoo("adaline").model.mean
    assert sg.zoo("linear_regression").model.mean


def test_descent_leaves_alone_what_does_not_reach_the_loss() -> None:
    net = sg.zoo("linear_regression").define({"m": "N"}, only="sum(m, (t[m] - b)^2)").minimise("only")
    assert "b = 3" in str(net.descend())


def test_a_loss_of_ones_own_as_one_formula():
    cubic = sg.Loss("cubic", "abs(y - t)^3")
    net = sg.mlp([1, 1], output="identity", loss=cubic, bias="none")
    assert net.prove().verdict == "right"


def test_a_loss_of_ones_own_as_a_few_definitions():
    parts = {"centre": "mean(j, y[j] - t[j])", "spread": "sum(i, (y[i] - t[i] - centre)^2)"}
    variance = sg.Loss("variance", "spread + centre^2", "row", parts=parts)
    net = sg.mlp([2, 2], output="identity", loss=variance, bias="none", level="layer")
    assert net.prove().verdict == "right"
