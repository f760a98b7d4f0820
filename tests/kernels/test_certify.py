"""The third statement: the text of a kernel, executed exactly, is the gradient; a wrong text is refuted."""

import pytest

from symgrad.derive.certificate import WORDS
from symgrad.kernels.build import spec_of
from symgrad.kernels.certify import prove_kernel
from symgrad.kernels.module import generate
from symgrad.model.free import Definitions, define_model
from symgrad.model.layered import Layered, layered
from symgrad.model.model import Model
from symgrad.model.zoo import ZOO, zoo

pytestmark = pytest.mark.uncompiled

RELU = layered("relu", Layered((3, 8, 8, 2), hidden="relu", output="softmax", loss="cross_entropy"))


def text_of(model: Model) -> str:
    return generate(spec_of(model))


@pytest.mark.parametrize("name", ZOO)
def test_every_kernel_of_the_zoo(name: str) -> None:
    for (finding,) in prove_kernel(zoo(name)).values():
        assert finding.right
        assert (finding.evidence == "proved") == (finding.bound is None)


def test_kinks_do_not_weaken_the_evidence() -> None:
    for (finding,) in prove_kernel(RELU).values():
        assert (finding.verdict, finding.evidence) == ("right", "bounded")
        assert finding.bound is not None
        assert finding.bound < 1e-15


@pytest.mark.parametrize(
    ("name", "right", "planted"),
    [
        ("mlp", "np.dot(dz3, W3, dz2)", "np.dot(dz3, W3.T, dz2)"),
        ("mlp", "(one - a1[n, i])", "(one + a1[n, i])"),
        ("adaline", "db[0] += dy[n]", "db[0] = dy[n]"),
        ("classifier_3_3_3_softmax", "dq_1 = per_N*(o_1 - t_1)", "dq_1 = per_N*(o_1 - t_0)"),
        ("classifier_3_3_3", "dW1_01 += dz1_0*x_1", "dW1_01 += dz1_1*x_0"),
        ("logistic_regression", "t[n]*softplus(-z[n])", "t[n]*softplus(z[n])"),
    ],
)
def test_a_planted_fault_is_refuted(name: str, right: str, planted: str) -> None:
    text = text_of(zoo(name))
    assert right in text
    verdicts = {
        finding.verdict for (finding,) in prove_kernel(zoo(name), text.replace(right, planted)).values()
    }
    assert "wrong" in verdicts


def test_a_different_but_equal_text_is_right() -> None:
    text = text_of(zoo("adaline")).replace("(t[n] - y[n])**2", "(y[n] - t[n])*(y[n] - t[n])")
    assert text != text_of(zoo("adaline"))
    assert all(finding.right for (finding,) in prove_kernel(zoo("adaline"), text).values())


def test_a_large_network_is_shown_right_at_small_sizes() -> None:
    wide = layered("wide", Layered((300, 400, 10), output="softmax", loss="cross_entropy"))
    findings = [finding for (finding,) in prove_kernel(wide).values()]
    assert {(f.claim, f.verdict) for f in findings} == {("small kernel", "right")}
    assert set((findings[0].sizes or {}).values()) == {2}
    assert "small kernel" in WORDS


def test_open_sizes_are_raised_until_the_network_fits() -> None:
    axes = {"n": "N", "p": "P", "i": "P", "k": 3}
    leaves = {"x": "n p"}, {}, {"w": "k", "v": "i p"}
    nodes = {"h": "[n,i] sum(p, v[i,p]*x[n,p])", "y": "[n] sum(k, w[k]*h[n,k + 2])", "J": "sum(n, y[n]^2)"}
    model = define_model("windowed", Definitions(axes, *leaves, nodes, output="y"))
    for (finding,) in prove_kernel(model).values():
        assert finding.right
        assert (finding.sizes or {})["P"] == 5
