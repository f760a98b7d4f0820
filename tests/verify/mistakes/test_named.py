"""Slips that people make, and what a teacher calls them; what is no slip stays without a name."""

import pytest

from symgrad.verify.networks.check import check
from tests.verify.mistakes.networks import net

C3, S3 = "classifier_3_3_3", "classifier_3_3_3_softmax"
D1, D2, D3 = (f"(o{k}-t{k})*o{k}*(1-o{k})" for k in (1, 2, 3))
SLOPE = "a1*(1-a1)"
DELTA = f"({D1}*w10 + {D2}*w11 + {D3}*w12)"
OUTPUT = "(y[n,s,i]-t[n,s,i])/(N*T)"
CELL = "dy[n,s,i]*o1[n,s,i]*(1-tanh(c1[n,s,i])^2)"

NAMED = [
    (C3, "w1", f"((o1-t1)*w10+(o2-t2)*w11+(o3-t3)*w12)*{SLOPE}*x1", "missing_activation_derivative"),
    (C3, "w1", f"({D1}*w10+{D2}*w11+(o3-t3)*w12)*{SLOPE}*x1", "missing_activation_derivative"),
    (C3, "w1", f"{DELTA}*a2*(1-a2)*x1", "wrong_operand"),
    (C3, "w1", f"({D1}*w10+(o2-t2)*o2*(1-o1)*w11+{D3}*w12)*{SLOPE}*x1", "wrong_operand"),
    (C3, "w1", f"({D1}+{D2}+{D3})*{SLOPE}*x1", "missing_chain_factor"),
    (C3, "w10", "(o1-t1)*q1*(1-q1)*a1", "derivative_at_wrong_argument"),
    (C3, "w10", "(o1-t1)^2*o1*(1-o1)*a1", "extra_chain_factor"),
    (C3, "w10", f"{D1}*x1", "wrong_operand"),
    (S3, "w10", "(o1-t1)*o1*(1-o1)*a1", "extra_activation_derivative"),
    (S3, "q1", "-t1*(1-o1)", "softmax_diagonal_only"),
    ("mlp", "W3", "((y-t)*y*(1-y)).T@a2", "missing_batch_mean"),
    ("logistic_regression", "w", "x.T@(z-t)/N", "wrong_operand"),
    ("logistic_regression", "b", "sum(y)/N", "other"),
    ("linear_regression", "w", "x.T@(x@w-t)/N", "other"),
    ("residual", "x", "dy+dz1", "missing_chain_factor"),
    ("residual", "x", "dz1@W1", "forgot_sum_over_paths"),
    ("conv2d", "b1", "mean(n, mean(i, mean(j, dy[n,o,i,j])))", "constant_factor"),
    ("conv2d", "W1", "sum(n, sum(i, sum(j, dy[n,o,i,j]*x[n,c,i-k,j-l])))", "kernel_not_flipped"),
    ("conv2d", "x", "sum(k, sum(l, dy[n,0,i-k,j-l]*W1[0,c,k,l]))", "forgot_sum_over_paths"),
    ("layer_norm", "std1", "-sum(i, dh1[n,i]*(x[n,i]-mean1[n]))/std1[n]", "missing_chain_factor"),
    ("layer_norm", "var1", "dstd1/(2*var1)", "wrong_operand"),
    ("batch_norm", "x", "(dh1 - mean(dh1, 0) - h1*mean(dh1*h1, 0))", "missing_chain_factor"),
    ("rms_norm", "x", "g1[i]*dy[n,i]/rms1[n]", "forgot_sum_over_paths"),
    ("attention", "s", "A[n,j,u]*(dA[n,j,u] - sum(i, A[n,i,u]*dA[n,i,u]))", "wrong_axis"),
    ("attention", "s", "A[n,j,u]*(dA[n,j,u] - sum(i, dA[n,j,i]))", "missing_chain_factor"),
    ("attention", "k", "dk[n,u,i] = sum(j, ds[n,j,u]*q[n,j,i])", "missing_chain_factor"),
    ("dropout", "W1", "sum(n, dy[n,i]*x[n,j])", "missing_chain_factor"),
    ("tied", "W1", "dz1.T@x", "missing_shared_weight_term"),
    ("rnn", "y", f"{OUTPUT}+sum(k,dz1[n,s+1,k]*U1[i,k])", "transpose"),
    ("rnn", "y", f"{OUTPUT}+sum(k,dz1[n,s,k]*U1[k,i])", "wrong_layer"),
    ("rnn", "U1", "sum(n,sum(s,dy[n,s+1,i]*y[n,s,k]))", "missing_activation_derivative"),
    ("rnn", "b1", "sum(n,dz1[n,0,i])", "bias_not_summed"),
    ("embedding", "E1", "sum(n, sum(i, ids_hot[n,i,v]*y[n,i,d]))", "wrong_operand"),
]

SLOWER = [
    ("conv2d", "x", "sum(o, sum(k, sum(l, dy[n,o,i+k,j+l]*W1[o,c,k,l])))", "kernel_not_flipped"),
    ("conv1d", "W1", "sum(n, sum(i, dy[n,o,i]*u1[n,c,i+k]))", "wrong_operand"),
    ("conv1d", "W1", "sum(n, sum(i, dy[n,o,i]*x[n,c,2*i+k]))", "wrong_operand"),
    (
        "layer_norm",
        "x",
        "(dh1[n,i] - sum(j, dh1[n,j])/(H-1) - h1[n,i]*sum(j, dh1[n,j]*h1[n,j])/(H-1))/std1[n]",
        "constant_factor",
    ),
    ("conv1d", "W1", "sum(n, sum(i, dy[n,o,i]*u1[n,c,2*i-k]))", "kernel_not_flipped"),
    ("rnn", "y", "(y[n,s,i]-t[n,s,i])/N+sum(k,dz1[n,s+1,k]*U1[k,i])", "constant_factor"),
    ("gru", "u1", "dy[n,s,i]*(y[n,s+1,i]-c1[n,s,i])", "wrong_layer"),
    ("heads", "v1", "sum(u, A1[n,m,s,u]*do1[n,m,u,d])", "transpose"),
    ("heads", "x", "dx[n,s,j] = sum(m, sum(d, dq1[n,m,s,d]*WQ1[m,d,j]))", "forgot_sum_over_paths"),
    ("rnn", "y", f"{OUTPUT}+sum(k,dz1[n,s-1,k]*U1[k,i])", "wrong_layer"),
    ("gru", "u1", "dy[n,s,i]*(y[n,s,i]-c1[n,s,i])", "wrong_layer"),
    ("gru", "c1", "dy*u1", "wrong_operand"),
    ("lstm", "o1", "dy*c1", "wrong_operand"),
    ("lstm", "f1", "dc1*c1", "wrong_layer"),
    ("lstm", "i1", "dc1*f1", "wrong_layer"),
    ("lstm", "c1", f"{CELL}+dc1[n,s+1,i]*f1[n,s,i]", "wrong_layer"),
    ("lstm", "c1", f"{CELL}+dc1[n,s+1,i]*i1[n,s+1,i]", "wrong_layer"),
    ("lstm", "c1", "dy[n,s,i]*o1[n,s,i]+dc1[n,s+1,i]*f1[n,s+1,i]", "missing_activation_derivative"),
    ("lstm", "Uf1", "sum(n,sum(s,dzf1[n,s,i]*y[n,s,k]))", "wrong_layer"),
    ("lstm", "y", OUTPUT, "missing_shared_weight_term"),
]

TWO = [
    (C3, "w1", f"-{DELTA}*x1", "∂a1/∂z1 was left out", "the sign is wrong"),
    (C3, "w1", f"2*({D1}*w10+{D2}*w11)*{SLOPE}*x1", "only 2 of the 3 paths", "too large by the factor 2"),
    (C3, "w1", f"({D1}*w10+{D2}*w13+{D3}*w16)*x1", "∂a1/∂z1 was left out", "W2 was transposed"),
    ("mlp", "z2", "(((y-t)/N)@W3)*a2", "∂y/∂z3 was left out", "a2 itself stands for its derivative"),
    ("skip", "x", "-dz1@W1", "the way through o was left out", "the sign is wrong"),
]

JUNK = [
    (C3, "w1", "x1*w10"),
    (C3, "w1", "(o1-t1)*(o2-t2)*a1*(1-a1)*x1"),
    (C3, "w1", "((o1-t1)*w10+3*(o2+t2)*w11)*a1^3*x1"),
    (C3, "w1", "log(a1)*x1*w10"),
    (C3, "w1", "((o1-t1)+(o2-t2)+(o3-t3))*w10*o1*(1-o1)*a1*(1-a1)*x1"),
    (S3, "w10", "(o1-t2)*a2*w1"),
    ("mlp", "z1", "(dz2@W2)*z1*a1*z1"),
    ("layer_norm", "x", "dh1*x*x + h1"),
    ("rnn", "z1", "dy*z1*y*y"),
    ("attention", "s", "s*dA"),
]

Claim = tuple[str, str, str]


def slow(rows: list[tuple[str, ...]]) -> list[object]:
    return [pytest.param(*row, marks=pytest.mark.slow) for row in rows]


@pytest.mark.parametrize(("name", "wrt", "claim", "kind"), [*NAMED, *slow(SLOWER)])
def test_a_slip_is_named_first(name: str, wrt: str, claim: str, kind: str) -> None:
    found = check(net(name), wrt, claim, seconds=60)
    assert found.verdict == "wrong"
    assert found.kinds[:1] == (kind,)
    assert len(found.mistakes) <= 3


@pytest.mark.parametrize(("name", "wrt", "claim", "one", "other"), TWO)
def test_two_slips_are_named_as_two(name: str, wrt: str, claim: str, one: str, other: str) -> None:
    (best, *_) = check(net(name), wrt, claim, seconds=60).mistakes
    assert best.text.startswith("two slips: ")
    assert one in best.text
    assert other in best.text


@pytest.mark.parametrize(("name", "wrt", "claim"), JUNK)
def test_junk_has_no_name(name: str, wrt: str, claim: str) -> None:
    found = check(net(name), wrt, claim, seconds=60)
    assert found.verdict == "wrong"
    assert found.mistakes == ()


def test_a_place_on_the_way_is_told() -> None:
    (best, *_) = check(net("attention"), "s", "A[n,j,u]*(dA[n,j,u] - sum(i, dA[n,j,i]))", seconds=60).mistakes
    assert best.text == "the factor A[n, j, i] is missing at δA[n, j, i]"
