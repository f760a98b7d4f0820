"""Notations that people use in lecture notes, in NumPy and in answers, read and judged."""

import pytest

from symgrad.network.build import zoo
from symgrad.network.network import Network
from symgrad.verify.networks.check import check
from tests.layer_examples import EXAMPLES, model_of

WITH = r"\delta_1+\delta_2 \quad\text{with}\quad \delta_k = (o_k-t_k) o_k"
HIDDEN = r"\frac{1}{N}\sum_{n,k} (y_{nk} - t_{nk}) W^{(2)}_{ki} (1 - a_{ni})(1 + a_{ni}) x_{nj}"
THETA = (
    r"\frac{1}{m}\sum_{i=1}^m (h_\theta(x^{(i)}) - y^{(i)}) \frac{\partial}{\partial w_j} h_\theta(x^{(i)})"
)


@pytest.mark.parametrize(
    ("name", "level", "wrt", "claim"),
    [
        ("classifier_3_3_3", "layer", "q", r"\delta^L = \nabla_a C \odot \sigma'(z^L)"),
        ("adaline", "layer", "w", "((y-t)[:,None]*x).sum(axis=0)"),
        ("linear_regression", "layer", "w", "1/N*sum((y-t)[:,None]*x, axis=0)"),
        ("digits_64_32_10", "layer", "z2", "(softmax(z2)[n,i] - [t[n] = i])/N"),
        ("digits_64_32_10", "layer", "z2", r"\frac{1}{N}(y_{n,k} - \mathbb{1}[t_n = k])"),
        ("digits_64_32_10", "layer", "z2", r"\frac{1}{N}(y - \mathbb{1}[t = k])"),
        ("worked_2_2_2", "neuron", "b2", f"{WITH} (1-o_k)"),
        ("linear_regression", "layer", "w", THETA),
        ("xor_2_2_1", "layer", "W1", HIDDEN),
        ("linear_regression", "layer", "w", r"\frac{1}{n}\sum_{i}(\hat{y}_i - y_i)\,x_{ij}"),
    ],
)
def test_what_people_write_is_right(name: str, level: str, wrt: str, claim: str) -> None:
    assert check(zoo(name), wrt, claim, level=level, seconds=60).verdict == "right"


@pytest.mark.parametrize(
    ("name", "level", "wrt", "claim"),
    [
        ("classifier_3_3_3", "layer", "q", r"\delta^L = \nabla_a C"),
        ("adaline", "layer", "w", "((t-y)[:,None]*x).sum(axis=0)"),
        ("digits_64_32_10", "layer", "z2", r"\frac{1}{N}(y - \mathbb{1}[t \neq k])"),
        ("worked_2_2_2", "neuron", "b2", WITH),
        ("logistic_regression", "layer", "w", THETA),
        ("linear_regression", "layer", "w", r"\frac{1}{n}\sum_{i}(y_i - \hat{y}_i)\,x_{ij}"),
        ("linear_regression", "layer", "w", "mean(n, (y[n] - yhat[n])*x[n,j])"),
    ],
)
def test_the_same_with_a_mistake_is_wrong(name: str, level: str, wrt: str, claim: str) -> None:
    assert check(zoo(name), wrt, claim, level=level, seconds=60).verdict == "wrong"


def test_a_derivative_by_parameters_behind_other_nodes_is_along_all_paths() -> None:
    assert check(
        zoo("logistic_regression"), "w", "mean(n, (y[n]-t[n])/(y[n]*(1-y[n])) * ∂y[n]/∂w[j])"
    ).verdict == ("right")


def test_letters_run_over_the_axes_of_what_is_asked_for() -> None:
    net = Network(model_of(next(one for one in EXAMPLES if one.layer == "conv2d")), "layer")
    found = check(net, "W1", "sum(n, dy[n,o,0,0]*x[n,c,k,l])", seconds=60)
    assert found.verdict == "wrong"
    assert "shape" not in found.finding.method
