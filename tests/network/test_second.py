"""Second derivatives at the face: what is printed, proved, evaluated."""

import numpy as np
import pytest

import symgrad as sg
from symgrad.cli import main
from symgrad.errors import DefinitionError, UnknownNameError

LOGISTIC = sg.zoo("logistic_regression").at_level("layer")
POINT = {"x": [[1, 2], [3, -1]], "t": [1, 0], "w": ["1/2", "1/4"], "b": 0}


def network(axes, inputs, parameters, nodes):
    spec = sg.Definitions(axes, inputs=inputs, targets={}, parameters=parameters, nodes=nodes)
    return sg.define(spec)


QUADRATIC = network({"i": "D", "j": "D"}, {"A": "i j"}, {"x": "i"}, {"J": "sum(i, sum(j, x[i]*A[i,j]*x[j]))"})
LOG_SUM_EXP = network({"i": "K"}, {}, {"z": "i"}, {"e": "[i] exp(z[i])", "S": "sum(i, e[i])", "J": "log(S)"})
NORM = network({"i": "D"}, {}, {"x": "i"}, {"s": "sum(i, x[i]^2)", "J": "sqrt(s)"})
SQUARES = network(
    {"n": "N", "i": "D"},
    {"X": "n i", "y": "n"},
    {"w": "i"},
    {"r": "[n] sum(i, X[n,i]*w[i]) - y[n]", "J": "sum(n, r[n]^2)/2"},
)


def last(shown):
    return shown.unicode.splitlines()[-1]


@pytest.mark.parametrize(
    ("derivation", "text"),
    [
        (LOGISTIC.hessian("w"), "∂²J/∂w² = 1/N · xᵀ diag(y ⊙ (1 − y)) x"),
        (LOGISTIC.hessian("w", "b"), "∂²J/∂w∂b = 1/N · xᵀ (y ⊙ (1 − y))"),
        (LOGISTIC.jacobian("y", "z"), "∂y/∂z = diag(y ⊙ (1 − y))"),
        (QUADRATIC.hessian("x"), "∂²J/∂x² = A + Aᵀ"),
        (SQUARES.hessian("w"), "∂²J/∂w² = Xᵀ X"),
        (LOG_SUM_EXP.hessian("z"), "∂²J/∂z² = diag(∂J/∂z) − ∂J/∂z · (∂J/∂z)ᵀ"),
    ],
)
def test_closed_forms_are_those_of_the_textbooks(derivation, text):
    assert last(derivation.matrix) == text
    assert derivation.prove().verdict == "right"


def test_the_gradient_of_a_quadratic_form():
    assert last(QUADRATIC.gradient("x").matrix) == "∂J/∂x = (A + Aᵀ) x"


def test_softmax_has_the_jacobian_of_the_textbooks():
    net = sg.mlp(["D", "K"], output="softmax", loss="cross_entropy", name="soft")
    assert (
        last(net.jacobian("y", "z1").index)
        == "∂y[m,i]/∂z1[n,l] = y[m,i] · [i = l] · [m = n] − y[m,i] y[m,l] · [m = n]"
    )


def test_the_hessian_of_a_norm_is_proved():
    assert NORM.hessian("x").prove().verdict == "right"


def test_notations():
    found = LOGISTIC.hessian("w", "b").index
    assert found.latex.startswith(r"\frac{\partial^{2} J}{\partial w_{i} \, \partial b} = ")
    assert "<msup><mo>∂</mo><mn>2</mn></msup>" in found.mathml
    assert found.srepr is not None


def test_values():
    x, p = np.array(POINT["x"], dtype=float), 1 / (1 + np.exp(-np.array([1.0, 1.25])))
    expected = x.T @ np.diag(p * (1 - p) / 2) @ x
    assert np.allclose(LOGISTIC.hessian("w").at(POINT)["w"], expected, rtol=1e-15)
    along = {**POINT, "v_w": [1, 0], "v_b": 0}
    assert np.allclose(LOGISTIC.hvp().at(along)["w"], expected[:, 0], rtol=1e-15)
    assert np.allclose(LOGISTIC.ggn().at(along)["w"], expected[:, 0], rtol=1e-15)


def test_neurons_have_second_derivatives_too():
    net = sg.zoo("worked_2_2_2")
    one, other = (net.hessian(*pair).at({}) for pair in (("w1", "w5"), ("w5", "w1")))
    assert one["w5"] == other["w1"] != 0
    assert net.hvp("w1", "w5").prove().verdict == "right"


def test_what_is_asked_must_exist_and_make_sense():
    with pytest.raises(UnknownNameError, match="W"):
        LOGISTIC.hessian("W")
    with pytest.raises(DefinitionError, match="z depends on w; derive by one of the two"):
        LOGISTIC.hessian("w", "z")


def test_the_command_line(capsys):
    assert (
        main(
            ["derive", "logistic_regression", "--level", "layer", "--hessian", "w", "w", "--style", "matrix"]
        )
        == 0
    )
    assert capsys.readouterr().out == "∂²J/∂w² = 1/N · xᵀ diag(y ⊙ (1 − y)) x\n"
    assert main(["derive", "logistic_regression", "--level", "layer", "--hvp", "--json"]) == 0
    assert "Hv_w" in capsys.readouterr().out
    assert main(["generate", "logistic_regression", "--also", "hessian", "jacobian"]) == 0
    text = capsys.readouterr().out
    assert "def hessian(x, t, w, b):" in text
    assert "--also hessian jacobian" in text


def test_without_parameters_there_is_nothing_to_derive_by():
    draft = sg.Draft("plain")
    y = draft.activate(draft.input("x", 3), "tanh")
    draft.loss("squared_error", y)
    net = draft.network(y)
    for derived in (net.step, net.hvp, net.ggn, net.prove):
        with pytest.raises(DefinitionError, match="plain has no parameters"):
            derived()
    kernel = net.compile()
    assert kernel.forward(np.zeros((2, 3))).tolist() == [[0] * 3] * 2
