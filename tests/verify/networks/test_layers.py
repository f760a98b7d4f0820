"""Claims about attention, norms, convolutions and recurrent cells, layer by layer: right ones and slips."""

from functools import cache

import pytest

import symgrad as sg
from symgrad.verify.networks.check import check


@cache
def net(name: str) -> sg.Network:
    draft = sg.Draft()
    if name == "attention":
        q, k, v = draft.input("q", "T", "D"), draft.input("k", "U", "D"), draft.input("v", "U", "D")
        output = draft.attention(q, k, v)
    elif name == "conv2d":
        output = draft.conv2d(draft.input("x", "C", 4, 5), 2, (2, 3))
    elif name == "lstm":
        output = draft.lstm(draft.input("x", "T", "D"), "H")
    else:
        output = draft.chain(draft.input("x", "H"), [name])
    draft.loss("squared_error", output)
    return draft.network(output)


RIGHT = [
    ("attention", "A", "sum(d, dy[n,j,d]*v[n,u,d])"),
    ("attention", "s", "A[n,j,u]*(dA[n,j,u] - sum(i, A[n,j,i]*dA[n,j,i]))"),
    ("attention", "q", "sum(u, ds[n,j,u]*k[n,u,i])/sqrt(D)"),
    ("layer_norm", "x", "(dh1[n,i] - mean(j, dh1[n,j]) - h1[n,i]*mean(j, dh1[n,j]*h1[n,j]))/std1[n]"),
    ("layer_norm", "g1", "sum(n, dy[n,i]*h1[n,i])"),
    ("batch_norm", "x", "(dh1 - mean(dh1, 0) - h1*mean(dh1*h1, 0))/std1"),
    ("conv2d", "b1", "sum(n, sum(i, sum(j, dy[n,o,i,j])))"),
    ("conv2d", "x", "sum(o, sum(k, sum(l, dy[n,o,i-k,j-l]*W1[o,c,k,l])))"),
    pytest.param("lstm", "zi1", "dc1*g1*i1*(1-i1)", marks=pytest.mark.slow),
    pytest.param("lstm", "zo1", "do1*o1*(1-o1)", marks=pytest.mark.slow),
    pytest.param("lstm", "Ui1", "sum(n, sum(s, dzi1[n,s+1,i]*y[n,s,k]))", marks=pytest.mark.slow),
]

SLIPS = [
    ("attention", "q", "sum(u, ds[n,j,u]*k[n,u,i])", "missing_chain_factor"),
    ("attention", "s", "A*(1-A)*dA", "softmax_diagonal_only"),
    ("attention", "s", "A*dA", "forgot_sum_over_paths"),
    ("layer_norm", "x", "dh1[n,i]/std1[n]", "forgot_sum_over_paths"),
    ("layer_norm", "x", "(dh1[n,i] - mean(j, dh1[n,j]))/std1[n]", "forgot_sum_over_paths"),
    ("layer_norm", "g1", "dy*h1", "bias_not_summed"),
    ("batch_norm", "x", "dh1/std1", "forgot_sum_over_paths"),
    ("batch_norm", "x", "(dh1 - sum(dh1, 0) - h1*sum(dh1*h1, 0))/std1", "missing_chain_factor"),
    ("batch_norm", "g1", "sum(dy, 0)", "missing_chain_factor"),
    ("conv2d", "W1", "sum(n, sum(i, sum(j, dy[n,o,i,j]*x[n,c,i+1-k,j+2-l])))", "kernel_not_flipped"),
    ("conv2d", "b1", "sum(n, sum(i, dy[n,o,i,0]))", "bias_not_summed"),
    ("conv2d", "W1", "mean(n, sum(i, sum(j, dy[n,o,i,j]*x[n,c,i+k,j+l])))", "constant_factor"),
    pytest.param("lstm", "zo1", "do1", "missing_activation_derivative", marks=pytest.mark.slow),
    pytest.param("lstm", "zg1", "dc1*i1*(1-g1)", "wrong_activation_derivative", marks=pytest.mark.slow),
    pytest.param("lstm", "bf1", "sum(n, dzf1[n,0,i])", "bias_not_summed", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("name", "wrt", "claim"), RIGHT)
def test_what_is_right_is_proved(name: str, wrt: str, claim: str) -> None:
    found = check(net(name), wrt, claim, seconds=60)
    assert (found.verdict, found.evidence) == ("right", "proved")


@pytest.mark.parametrize(("name", "wrt", "claim", "kind"), SLIPS)
def test_a_slip_is_named(name: str, wrt: str, claim: str, kind: str) -> None:
    found = check(net(name), wrt, claim, seconds=60)
    assert found.verdict == "wrong"
    assert kind in found.kinds


def test_no_auxiliary_is_named() -> None:
    (best, *_) = check(net("attention"), "s", "A*dA").mistakes
    assert best.text == "the normaliser of A was treated as a constant"
