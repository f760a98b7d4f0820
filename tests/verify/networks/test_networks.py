"""Claims about networks: judged right or wrong, at either level, in every way in which they are written."""

import pytest
import sympy as sp

from symgrad.errors import FormulaError, UnknownNameError
from symgrad.model.layered import Layered, layered
from symgrad.model.model import Model
from symgrad.model.zoo import zoo
from symgrad.network.build import zoo as zoo_network
from symgrad.verify.networks.check import check
from symgrad.verify.networks.subject import subject
from tests.work import clocked

CLASSIFIER = zoo("classifier_3_3_3")
SOFTMAX = zoo("classifier_3_3_3_softmax")
WORKED = zoo("worked_2_2_2")
MLP = zoo("mlp")
REGRESSION = zoo("linear_regression")
LOGISTIC = zoo("logistic_regression")
DIGITS = zoo("digits_64_32_10")

W1 = "((o1-t1) o1(1-o1) w10 + (o2-t2) o2(1-o2) w11 + (o3-t3) o3(1-o3) w12) a1(1-a1) x1"

RIGHT = [
    (CLASSIFIER, "w10", "(o1-t1)*o1*(1-o1)*a1"),
    (CLASSIFIER, "w10", "∂J/∂w10 = ∂J/∂o1 · ∂o1/∂q1 · ∂q1/∂w10"),
    (CLASSIFIER, "w10", r"\frac{\partial J}{\partial w_{10}} = (o_1 - t_1)\, o_1 (1 - o_1)\, a_1"),
    (CLASSIFIER, "w10", r"(o_1 - t_1) \sigma'(q_1) a_1"),
    (CLASSIFIER, "w10", r"\delta_1 a_1"),
    (WORKED, "w5", r"\delta_{o1} a_1"),
    (MLP, "z1", r"\delta^{(l+1)} W^{(l+1)} \odot \sigma'(z^{(l)})"),
    (CLASSIFIER, "w1", W1),
    (CLASSIFIER, "w1", "δz1 x1"),
    (CLASSIFIER, "w1", "dz1*x1"),
    (CLASSIFIER, "x1", "δz1 w1 + δz2 w2 + δz3 w3"),
    (CLASSIFIER, "b4", "δq1 + δq2 + δq3"),
    (CLASSIFIER, "δz1", "(δq1 w10 + δq2 w11 + δq3 w12) a1 (1 - a1)"),
    (SOFTMAX, "q2", "o2 - t2"),
    (SOFTMAX, "w10", "(exp(q1)/(exp(q1) + exp(q2) + exp(q3)) - t1) a1"),
    (WORKED, "w5", "(o1-t1)/(1 + exp(-q1)) (1 - 1/(1 + exp(-q1))) a1"),
    (MLP, "z3", r"(y - t) \odot \sigma'(z^{(L)}) / N"),
    (MLP, "b2", "sum(dz2, 0)"),
    (REGRESSION, "w", "X.T @ (X @ w + b - y)/m"),
    (REGRESSION, "w", r"\frac{1}{m} X^\top (X w + b - y)"),
    (REGRESSION, "w", "sum(n, (y[n] - t[n])*x[n,j])/N"),
    (LOGISTIC, "w", "X.T @ (sigmoid(z) - t)/m"),
    (DIGITS, "W2", "(y - t).T @ a1 / N"),
]

WRONG = [
    (CLASSIFIER, "w10", "2*(o1-t1)*o1*(1-o1)*a1", "factor_2"),
    (CLASSIFIER, "w10", "(t1-o1)*o1*(1-o1)*a1", "wrong_sign"),
    (CLASSIFIER, "w10", "(o1-t1)*a1", "missing_activation_derivative"),
    (CLASSIFIER, "w10", r"(o_1 - t_1) \sigma'(o_1) a_1", "derivative_at_wrong_argument"),
    (CLASSIFIER, "w10", "(o1-t1)*(1-o1^2)*a1", "wrong_activation_derivative"),
    (CLASSIFIER, "w10", "(o1-t1)*o1*(1-o1)", "missing_chain_factor"),
    (CLASSIFIER, "w10", "(o1-t1)*o1*(1-o1)*a2", "wrong_operand"),
    (CLASSIFIER, "w1", W1.replace(" + (o3-t3) o3(1-o3) w12", ""), "forgot_sum_over_paths"),
    (CLASSIFIER, "w1", W1.replace("w11", "w13").replace("w12", "w16"), "transpose"),
    (CLASSIFIER, "w1", W1.replace("w12", "2 w12"), "factor_2"),
    (CLASSIFIER, "w1", W1 + " + w1/10", "other"),
    (CLASSIFIER, "w1", "δz2 x1", "wrong_operand"),
    (CLASSIFIER, "w1", "δa1 x1", "missing_activation_derivative"),
    (CLASSIFIER, "b4", "δq1 + δq2", "bias_not_summed"),
    (SOFTMAX, "w10", "-t1*(1-o1)*a1", "softmax_diagonal_only"),
    (SOFTMAX, "w10", "(o1-t1)*o1*(1-o1)*a1", "extra_activation_derivative"),
    (
        WORKED,
        "w1",
        "(δq1 (w5 - 0.5 δq1 a1) + δq2 (w7 - 0.5 δq2 a1)) a1 (1 - a1) x1",
        "updated_weight_used",
    ),
    (MLP, "W2", "dz2.T @ z1", "wrong_operand"),
    (MLP, "b2", "dz2", "bias_not_summed"),
    (MLP, "b2", "mean(dz2, 0)", "constant_factor"),
    (REGRESSION, "w", "X.T @ (X @ w + b - t)", "missing_batch_mean"),
    (REGRESSION, "w", "X.T @ (X @ w + b - t)/2", "missing_batch_mean"),
    (REGRESSION, "w", "X @ (X @ w + b - t)/m", "transpose"),
    (LOGISTIC, "w", "X.T @ ((y - t)*y*(1 - y))/m", "extra_activation_derivative"),
    (DIGITS, "W1", "(((y - t) @ W2)*(1 - a1)).T @ x / N", "wrong_activation_derivative"),
]


@pytest.mark.parametrize(("model", "wrt", "claim"), RIGHT)
def test_what_is_right_is_proved(model: Model, wrt: str, claim: str) -> None:
    found = check(model, wrt, claim)
    assert found.verdict == "right"
    assert found.evidence == "proved" or (model in (MLP, DIGITS) and found.evidence == "bounded")
    assert not found.mistakes


@pytest.mark.parametrize(("model", "wrt", "claim", "kind"), WRONG)
def test_what_is_wrong_has_a_name(model: Model, wrt: str, claim: str, kind: str) -> None:
    found = check(model, wrt, claim)
    assert found.verdict == "wrong"
    assert found.evidence == "counterexample"
    assert kind in found.kinds
    assert len(found.mistakes) <= 3


def test_a_batch_is_read_as_a_sample_where_only_that_fits() -> None:
    claim = r"\delta^{(l)} = (W^{(l+1)})^\top \delta^{(l+1)} \odot \sigma'(z^{(l)})"
    found = check(MLP, "z1", claim)
    assert found.verdict == "right"
    assert "one sample" in found.reading


def test_a_mean_is_not_lost_in_a_sample() -> None:
    assert check(REGRESSION, "w", "X.T @ (X @ w + b - t)").verdict == "wrong"


@pytest.mark.parametrize("targets", ["one_hot", "distribution"])
def test_declared_targets_are_used_and_listed(targets: str) -> None:
    spec = Layered((3, 3, 3), output="softmax", loss="cross_entropy", targets=targets)
    found = check(layered("net", spec, level="neuron"), "z2_1", "y1 - t1")
    assert found.verdict == "right"
    assert any("adds up to 1" in used for used in found.finding.assumptions)


def test_free_targets_need_the_whole_formula() -> None:
    spec = Layered((2, 2, 2), output="softmax", loss="cross_entropy", targets="free")
    net = layered("net", spec, level="neuron")
    assert check(net, "z2_1", "y1 - t1").verdict == "wrong"
    assert check(net, "z2_1", "y1 (t1 + t2) - t1").verdict == "right"


@pytest.mark.parametrize(
    "extra", ["(2^61-1)*x1", "x1/10^30", "w1^2 - w1^2 + x1*x2/10^12"], ids=["prime", "tiny", "cancels"]
)
def test_a_difference_of_any_size_is_one(extra: str) -> None:
    assert check(CLASSIFIER, "w1", f"{W1} + {extra}").verdict == "wrong"


def test_junk_stays_without_a_diagnosis() -> None:
    found = check(CLASSIFIER, "w1", "x1*x2*x3 + exp(w7) - 5 t2")
    assert found.verdict == "wrong"
    assert found.mistakes == ()


def test_sympy_expressions_are_claims() -> None:
    o1, t1, a1 = sp.symbols("o1 t1 a1")
    assert check(CLASSIFIER, "w10", (o1 - t1) * o1 * (1 - o1) * a1).verdict == "right"
    assert check(CLASSIFIER, "w10", (o1 - t1) * a1).kinds[0] == "missing_activation_derivative"


def test_a_symbol_named_like_code_is_an_unknown_name() -> None:
    with pytest.raises(FormulaError, match="unknown name"):
        check(CLASSIFIER, "w10", sp.Symbol("__import__('os').getpid()"))


@pytest.mark.parametrize("claim", ["∂q1/∂x10", "(o1 - t1", "o9 - t1", "", "a1 ** 9 ** 9 ** 9"])
def test_what_cannot_be_read_is_refused(claim: str) -> None:
    with pytest.raises(FormulaError):
        check(CLASSIFIER, "w10", claim)


def test_an_unknown_node_is_refused_with_its_level() -> None:
    with pytest.raises(UnknownNameError, match="layer view"):
        check(CLASSIFIER, "W1", "x1")
    assert check(CLASSIFIER, "W1", "dz1.T @ x", level="layer").verdict == "right"


def test_a_network_checks_itself_at_its_level() -> None:
    net = zoo_network("classifier_3_3_3")
    assert net.check("w10", "(o1-t1)*o1*(1-o1)*a1").verdict == "right"
    assert net.at_level("layer").check("W2", "dq.T @ a1").verdict == "right"


def test_explanations_that_agree_are_told_apart_by_another_gradient() -> None:
    found = check(WORKED, "w1", "(δq1 w5 + δq2 w6) a1 (1 - a1) x1")
    assert set(found.kinds) == {"transpose", "wrong_operand"}
    assert any("would tell" in note for note in found.notes)


def test_data_may_stand_in_a_claim_as_numbers() -> None:
    found = check(zoo("line_through_origin"), "w", "28 (w - 2)")
    assert found.verdict == "right"
    assert "data of the example" in found.reading
    wrong = check(zoo("line_through_origin"), "w", "14 (w - 2)")
    assert wrong.kinds == ("factor_2",)
    assert "data of the example" in wrong.reading


def test_a_claim_without_a_value_is_wrong() -> None:
    assert check(CLASSIFIER, "w10", "a1/(o1 - o1)").verdict == "wrong"


@pytest.mark.parametrize("seconds", [0.0, 0.05])
def test_the_time_given_is_kept(seconds: float) -> None:
    check(CLASSIFIER, "w1", W1)
    with clocked() as work:
        found = check(CLASSIFIER, "w1", W1.replace("a1(1-a1) x1", "x1^2"), seconds=seconds)
    assert work.seconds < seconds + 0.5
    assert found.verdict != "right"


def test_claims_leave_nothing_behind() -> None:

    tape = subject(CLASSIFIER).posed[0].tape
    check(CLASSIFIER, "w1", W1)
    before = len(tape.steps)
    for k in range(3):
        check(CLASSIFIER, "w1", f"{W1} + {k + 7} x2")
    assert len(tape.steps) == before


@pytest.mark.parametrize("claim", ["dJ/dw7", "dw7", "2 dw7 - dw7"])
def test_a_claim_that_is_the_question_is_refused(claim: str) -> None:
    with pytest.raises(FormulaError, match="∂J/∂w7, which is what is asked for"):
        check(zoo("worked_2_2_2"), "w7", claim)


@pytest.mark.parametrize(("name", "wrt"), [("skip", "b1"), ("xor_2_2_1", "b1")])
def test_what_is_printed_as_latex_is_right(name: str, wrt: str) -> None:
    net = zoo_network(name).at_level("layer")
    assert check(net, wrt, net.gradient(wrt).closed.latex, seconds=60).verdict == "right"


def test_a_claim_without_a_value_at_a_point_has_no_slip():
    net = zoo_network("classifier_3_3_3")
    found = net.check("w10", "(o1-t1)*o1*(1-o1)*a1*exp(log(x1))/x1", seconds=60)
    assert (found.verdict, found.mistakes) == ("wrong", ())
    assert net.check("w10", "(o1-t1)*o1*(1-o1)*abs(a1)", seconds=60).verdict == "right"
    assert "divides by 0" in str(net.check("w10", "1/0", seconds=60))


def test_more_subscripts_than_axes_are_no_value():
    assert zoo_network("logistic_regression").check("w", "x[5,7]", seconds=60).verdict == "wrong"
