"""Gradients as lecture notes and textbooks write them: text, LaTeX, matrices; read, and judged."""

import pytest

from symgrad.errors import FormulaError
from symgrad.model.zoo import zoo
from symgrad.verify.networks.chain import check_steps
from symgrad.verify.networks.check import check

DELTAS = "(δ1 w10 + δ2 w11 + δ3 w12) a1 (1 - a1) x1"

RIGHT = [
    (
        "linear_regression",
        "w",
        (
            r"\frac{\partial}{\partial w_j} J = \frac{1}{m}\sum_{i=1}^{m} \left(h_\theta(x^{(i)}) - "
            r"y^{(i)}\right) x_j^{(i)}"
        ),
    ),
    ("linear_regression", "w", r"\frac{1}{m}\sum_{i=1}^{m} \left(h_w(x^{(i)}) - y^{(i)}\right) x_j^{(i)}"),
    ("linear_regression", "w", r"\frac{1}{m} X^T (X\theta + b - \vec{y})"),
    ("linear_regression", "w", "X.T.dot(X.dot(w) + b - y)/len(y)"),
    ("linear_regression", "b", r"\frac{1}{m}\sum_{i=1}^{m}\left(h_\theta(x^{(i)})-y^{(i)}\right)."),
    ("linear_regression", "b", "np.mean(X @ w + b - t)"),
    (
        "logistic_regression",
        "w",
        r"\begin{equation}\nabla_w J = \frac{1}{m} X^\top\left(\sigma(Xw+b)-y\right)\end{equation}",
    ),
    ("logistic_regression", "w", r"\nabla_\theta J(\theta) = \frac{1}{m} X^T (h_\theta(X) - y)"),
    ("logistic_regression", "w", r"-\frac{1}{m}\sum_{i=1}^m\Big[ t_i (1-y_i) - (1-t_i) y_i \Big] x_{ij}"),
    ("logistic_regression", "b", "np.sum(y - t, axis=0, keepdims=True)/m"),
    ("mlp", "z3", r"\delta^{L} = \frac{1}{N}(a^L - y) \odot \sigma'(z^L)"),
    ("mlp", "z2", r"\delta^l = ((w^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)"),
    ("mlp", "b2", r"\frac{\partial C}{\partial b^l_j} = \sum_n \delta^l_j"),
    ("mlp", "W2", r"\frac{\partial C}{\partial w^l_{jk}} = \sum_n a^{l-1}_k \delta^l_j"),
    ("mlp", "W2", r"\sum_{n} \delta^{(2)}_{i} a^{(1)}_j"),
    ("mlp", "W1", r"\sum_{n} \delta^{(1)}_{i} x_j"),
    ("mlp", "W2", r"\delta^{(2)\top} a^{(1)}"),
    ("mlp", "W2", r"(\delta^{(2)})^T \mathbf{a}^{(1)}"),
    ("digits_64_32_10", "W2", "dscores = (y - t)/N; dW2 = np.dot(dscores.T, a1)"),
    ("digits_64_32_10", "b2", "dscores = (y - t)/N\ndb2 = np.sum(dscores, axis=0, keepdims=True)"),
    (
        "digits_64_32_10",
        "W1",
        "dscores = (y - t)/N\ndhidden = np.dot(dscores, W2) * (1 - a1**2)\ndW1 = np.dot(dhidden.T, x)",
    ),
    ("digits_64_32_10", "z2", "∂J/∂z2[n,i] = (y[n,i] - [t[n] = i])/N"),
    ("line_through_origin", "w", r"2\sum_k (w x_k - t_k) x_k"),
    ("line_through_origin", "w", r"\sum_k \delta_{k} x_k"),
    ("classifier_3_3_3_softmax", "q1", r"\frac{e^{q_1}}{\sum_j e^{q_j}} - t_1"),
    ("classifier_3_3_3_softmax", "q1", "softmax(q)_1 - t_1"),
    ("classifier_3_3_3_softmax", "q1", r"\operatorname{softmax}(q)_1 - t_1"),
    ("classifier_3_3_3_softmax", "w10", r"\Big( \underbrace{o_1 - t_1}_{\delta_1} \Big) a_1."),
    (
        "classifier_3_3_3",
        "w10",
        (
            r"\frac{\partial J}{\partial w_{10}} = \frac{\partial J}{\partial o_1}\,\frac{\partial "
            r"o_1}{\partial q_1}\,\frac{\partial q_1}{\partial w_{10}} = (o_1-t_1)\,o_1(1-o_1)\,a_1"
        ),
    ),
    ("classifier_3_3_3", "w10", r"(o_1-t_1) \frac{d\sigma}{dq_1} a_1"),
    ("classifier_3_3_3", "w10", r"(o_1-t_1) \left.\frac{d\sigma}{dz}\right|_{z=q_1} a_1"),
    ("classifier_3_3_3", "w10", "(o1-t1)*dσ/dq1*a1;"),
    (
        "classifier_3_3_3",
        "w1",
        (
            r"\begin{aligned} \delta_k &= (o_k - t_k) o_k (1-o_k), \\ \frac{\partial J}{\partial w_1} "
            r"&= (w_{10}\delta_1 + w_{11}\delta_2 + w_{12}\delta_3)\, a_1 (1-a_1)\, x_1 \end{aligned}"
        ),
    ),
    (
        "classifier_3_3_3",
        "w1",
        "(δ1 w10 + δ2 w11 + δ3 w12) a1 (1-a1) x1 where δ_k = (o_k - t_k) o_k (1 - o_k)",
    ),
    ("classifier_3_3_3", "w1", r"a_1(1-a_1)x_1\sum_{k=1}^{3} \delta_{q_k} w_{k+9}"),
    ("classifier_3_3_3", "b4", r"\sum_k (o_k - t_k) o_k (1-o_k)"),
    (
        "worked_2_2_2",
        "w5",
        r"\frac{\partial E_{total}}{\partial w_5} = -(t_1 - o_1) \cdot o_1 (1 - o_1) \cdot a_1",
    ),
    ("worked_2_2_2", "w5", r"\frac{\partial E}{\partial w_5} = -(t_{1} - o_{1}) * o_{1}(1 - o_{1}) * a_1"),
    ("skip", "W3", "((o - t).T @ x)/N"),
    ("mlp", "b1", "dz1.T @ ones(N)"),
    ("mlp", "b1", "dz1ᵀ 1"),
    ("linear_regression", "w", "sum(y[:,None]*x - t[:,None]*x, axis=0)/N"),
]
WRONG = [
    ("linear_regression", "w", r"\frac{2}{m}\sum_{i=1}^{m} (h_\theta(x^{(i)}) - y^{(i)}) x_j^{(i)}"),
    ("linear_regression", "w", "(1/m)*np.dot(X.T, y - np.dot(X, w) - b)"),
    ("logistic_regression", "w", r"\frac{1}{m}\sum_{i=1}^m (y_i - t_i)\, y_i (1-y_i)\, x_{ij}"),
    ("mlp", "z2", r"\delta^{2} = \delta^{3} W^{3} \odot \sigma'(a^2)"),
    ("mlp", "W1", r"\sum_{n} \delta^{(1)}_{j} x_i"),
    ("mlp", "W2", r"\nabla_{W^{(l)}} J(W,b;x,y) = \delta^{(l+1)} (a^{(l)})^T"),
    (
        "digits_64_32_10",
        "W1",
        "dscores = (y - t)/N\ndhidden = np.dot(dscores, W2) * a1 * (1 - a1)\ndW1 = np.dot(dhidden.T, x)",
    ),
    ("line_through_origin", "w", r"\sum_k (w x_k - t_k) x_k"),
    (
        "classifier_3_3_3",
        "w10",
        r"\frac{\partial J}{\partial w_{10}} = (o_1-t_1)\,o_1\,a_1 = (o_1-t_1)\,o_1(1-o_1)\,a_1",
    ),
    (
        "classifier_3_3_3",
        "w1",
        "(δ1 w10 + δ2 w11 + δ3 w12) a1 (1-a1) x1 where δ_k = (t_k - o_k) o_k (1 - o_k)",
    ),
]


@pytest.mark.parametrize(("net", "wrt", "claim"), RIGHT)
def test_what_is_right_in_notes_is_right(net: str, wrt: str, claim: str) -> None:
    assert check(zoo(net), wrt, claim, seconds=60).verdict == "right"


@pytest.mark.parametrize(("net", "wrt", "claim"), WRONG)
def test_what_is_wrong_in_notes_is_wrong(net: str, wrt: str, claim: str) -> None:
    assert check(zoo(net), wrt, claim, seconds=60).verdict == "wrong"


def test_every_side_of_an_equation_is_judged() -> None:
    net = zoo("classifier_3_3_3")
    wrong = check(net, "w10", "dJ/dw10 = (o1 - t1) o1 a1 = (o1 - t1) o1 (1 - o1) a1")
    assert wrong.verdict == "wrong"
    assert "wrong_activation_derivative" in wrong.kinds


def test_a_definition_that_is_wrong_is_used() -> None:
    net = zoo("classifier_3_3_3")
    for error, verdict in (("o_k - t_k", "right"), ("t_k - o_k", "wrong")):
        claim = f"{DELTAS} where δ_k = ({error}) o_k (1 - o_k)"
        assert check(net, "w1", claim, seconds=60).verdict == verdict


def test_equals_signs_in_brackets_and_below_sums_are_no_links() -> None:
    steps = check_steps(zoo("digits_64_32_10"), "z2", [r"\frac{1}{N}(y_{ni} - [t_n = i])", "(y - t_hot)/N"])
    assert steps.verdict == "right"
    assert len(steps.links) == 2


@pytest.mark.parametrize("claim", [r"\left. x_1 \right|_{y = 2}", "δ = x1; a1; x1", r"\begin{x} a \end{x}"])
def test_what_says_too_little_is_refused(claim: str) -> None:
    with pytest.raises(FormulaError):
        check(zoo("classifier_3_3_3"), "w10", claim)
