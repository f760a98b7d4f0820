"""Gradients of small networks against the formulas on paper."""

import pytest
import sympy

from symgrad.exact import Residues, prove_equal, translate

MERSENNE = 2**61 - 1


def sigmoid(u):
    return 1 / (1 + sympy.exp(-u))


def refuted(truth, formula, define=None):
    wrong = [2 * formula, formula / 2, -formula, formula + MERSENNE * sympy.Symbol("x1"), formula + 1]
    return not any(prove_equal(truth, claim, define=define) for claim in wrong)


def agree(a, b, define, seed):
    field, memo = Residues(seed), {}
    for key, value in define.items():
        field.define(key, translate(value, field))
    return field.equal(translate(a, field, memo), translate(b, field, memo))


def test_activations():
    x = sympy.Symbol("x", real=True)
    a, t = sigmoid(x), sympy.tanh(x)
    assert prove_equal(a.diff(x), a * (1 - a))
    assert prove_equal(t.diff(x), 1 - t**2)
    assert prove_equal(sympy.log(1 + sympy.exp(x)).diff(x), a)
    assert prove_equal((x * a).diff(x), a + x * a * (1 - a))
    assert prove_equal(a.diff(x, 2), a * (1 - a) * (1 - 2 * a))
    assert prove_equal(sympy.Max(x, 0).diff(x) * sympy.Max(x, 0), sympy.Max(x, 0))
    leaky = sympy.Piecewise((x, x > 0), (x / 100, True))
    assert prove_equal(leaky.diff(x), sympy.Heaviside(x) + sympy.Heaviside(-x) / 100)
    assert not prove_equal(leaky.diff(x), sympy.Heaviside(x))
    stable = sympy.Piecewise((1 / (1 + sympy.exp(-x)), x >= 0), (sympy.exp(x) / (1 + sympy.exp(x)), True))
    assert prove_equal(stable, a)
    gelu = x * (1 + sympy.erf(x / sympy.sqrt(2))) / 2
    density = sympy.exp(-(x**2) / 2) / sympy.sqrt(2 * sympy.pi)
    assert prove_equal(gelu.diff(x), (1 + sympy.erf(x / sympy.sqrt(2))) / 2 + x * density)


def test_softmax_jacobian():
    z = sympy.symbols("z1:4", real=True)
    p = [sympy.exp(u) / sum(map(sympy.exp, z)) for u in z]
    for i in range(3):
        for j in range(3):
            truth = p[i].diff(z[j])
            assert prove_equal(truth, p[i] * (int(i == j) - p[j]))
            assert not prove_equal(truth, p[i] * (1 - p[j] if i != j else -p[j]))


def test_softmax_cross_entropy_needs_targets_that_sum_to_one():
    z, y = sympy.symbols("z1:4", real=True), sympy.symbols("y1:4", real=True)
    p = [sympy.exp(u) / sum(map(sympy.exp, z)) for u in z]
    loss = -sum(t * sympy.log(q) for t, q in zip(y, p, strict=True))
    one = {y[2]: 1 - y[0] - y[1]}
    for k in range(3):
        assert prove_equal(loss.diff(z[k]), p[k] - y[k], define=one)
        assert not prove_equal(loss.diff(z[k]), p[k] - y[k])
        assert prove_equal(loss.diff(z[k]), p[k] * sum(y) - y[k])
        assert all(agree(loss.diff(z[k]), p[k] - y[k], one, seed) for seed in range(3))
        assert not any(agree(loss.diff(z[k]), p[k] - y[k], {}, seed) for seed in range(3))


def sigmoid_network():
    x, t = sympy.symbols("x1:3", real=True), sympy.symbols("t1:3", real=True)
    w, v = (sympy.Matrix(2, 2, sympy.symbols(f"{name}1:5", real=True)) for name in "wv")
    b, c = (sympy.Matrix(sympy.symbols(f"{name}1:3", real=True)) for name in "bc")
    a = (w * sympy.Matrix(x) + b).applyfunc(sigmoid)
    o = (v * a + c).applyfunc(sigmoid)
    return x, t, w, v, b, a, o


@pytest.mark.parametrize("h", [0, 1])
def test_sigmoid_network_2_2_2(h):
    x, t, w, v, b, a, o = sigmoid_network()
    loss = sum((o[k] - t[k]) ** 2 for k in range(2)) / 2
    delta = [(o[k] - t[k]) * o[k] * (1 - o[k]) for k in range(2)]
    hidden = sum(delta[k] * v[k, h] for k in range(2)) * a[h] * (1 - a[h])
    pairs = [(w[h, 0], hidden * x[0]), (w[h, 1], hidden * x[1]), (b[h], hidden), (v[h, 1], delta[h] * a[1])]
    for parameter, formula in pairs:
        truth = loss.diff(parameter)
        found = prove_equal(truth, formula)
        assert found
        assert refuted(truth, formula)
        assert all(agree(truth, formula, {}, seed) for seed in range(2))
        assert not any(agree(truth, formula + MERSENNE * x[0], {}, seed) for seed in range(2))
    assert not prove_equal(loss.diff(w[h, 0]), hidden / a[h] / (1 - a[h]) * x[0])


@pytest.mark.parametrize("activation", [sigmoid, sympy.tanh, lambda u: sympy.Max(u, 0)])
def test_softmax_network_3_3_3(activation):
    x, y = sympy.symbols("x1:4", real=True), sympy.symbols("y1:4", real=True)
    w, v = (sympy.Matrix(3, 3, sympy.symbols(f"{name}1:10", real=True)) for name in "wv")
    s = w * sympy.Matrix(x)
    scores = v * s.applyfunc(activation)
    p = [sympy.exp(u) / sum(map(sympy.exp, scores)) for u in scores]
    loss = -sum(t * sympy.log(q) for t, q in zip(y, p, strict=True))
    one = {y[2]: 1 - y[0] - y[1]}
    u = sympy.Symbol("u", real=True)
    slope = activation(u).diff(u).subs(u, s[1])
    formula = sum((p[k] - y[k]) * v[k, 1] for k in range(3)) * slope * x[0]
    truth = loss.diff(w[1, 0])
    found = prove_equal(truth, formula, define=one)
    assert found
    assert not prove_equal(truth, formula)
    assert refuted(truth, formula, one)


def test_layer_normalisation():
    x, y = sympy.symbols("x1:4", real=True), sympy.symbols("y1:4", real=True)
    mean = sum(x) / 3
    root = sympy.sqrt(sum((v - mean) ** 2 for v in x) / 3 + sympy.Rational(1, 1000))
    normal = [(v - mean) / root for v in x]
    loss = sum(a * b for a, b in zip(normal, y, strict=True))
    middle = sum(y) / 3
    along = sum(a * b for a, b in zip(normal, y, strict=True)) / 3
    for i in range(3):
        formula = (y[i] - middle - normal[i] * along) / root
        assert prove_equal(loss.diff(x[i]), formula)
        assert not prove_equal(loss.diff(x[i]), y[i] / root)
        assert all(agree(loss.diff(x[i]), formula, {}, seed) for seed in range(3))
