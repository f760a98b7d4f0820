"""Values of gradients: against NumPy on floats, exactly on fractions, and in exact algebras."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp

from symgrad.errors import ShapeError
from symgrad.exact.decimals import Decimals, Real
from symgrad.exact.normalforms import NormalForms
from symgrad.exact.tapes import Tape, run
from symgrad.model.activations import ELEMENTWISE
from symgrad.model.functions import VOCABULARY, expand
from symgrad.model.vocabulary import Vocabulary
from symgrad.verify.formulas import Elementary, evaluate, read

RNG = np.random.default_rng(3)


def fractions(*shape):
    array = np.empty(shape, dtype=object)
    for at in np.ndindex(*shape):
        array[at] = Fraction(int(RNG.integers(1, 30)) * (-1) ** int(RNG.integers(2)), 13)
    return array


TABLE = {
    "X": fractions(4, 3),
    "W": fractions(2, 3),
    "A": fractions(4, 2),
    "S": fractions(3, 3),
    "w": fractions(3),
    "v": fractions(3),
    "d": fractions(2),
    "y": fractions(4),
    "b": Fraction(2, 3),
    "N": 4,
}
WORDS = Vocabulary({name: np.ndim(value) for name, value in TABLE.items()}, letters="nijk")
X, W, A, S, w, v, d, y = (np.asarray(TABLE[name], dtype=float) for name in "XWASwvdy")
b = 2 / 3


def value(text, functions=None, table=TABLE, reading=0, **keywords):
    formula = read(text, WORDS)[reading].formula
    return evaluate(formula, table, functions or Elementary(Decimals()), **keywords)


def floats(array):
    numbers = [float(number.number if isinstance(number, Real) else number) for number in array.flat]
    return np.reshape(numbers, array.shape)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X.T @ (X @ w - y)/N", X.T @ (X @ w - y) / 4),
        ("X^T(Xw - y)", X.T @ (X @ w - y)),
        ("W.T @ d * σ'(w)", W.T @ d * sigmoid(w) * (1 - sigmoid(w))),
        ("A.T @ X", A.T @ X),
        ("d w^T", np.outer(d, w)),
        ("np.outer(d, w)", np.outer(d, w)),
        ("w^T v", w @ v),
        ("np.dot(w, v)", w @ v),
        ("w·v", w @ v),
        ("w^T X^T", X @ w),
        ("d @ W", d @ W),
        ("diag(w) - w w^T", np.diag(w) - np.outer(w, w)),
        ("(I - w w^T) v", v - w * (w @ v)),
        ("3 I S - S", 2 * S),
        ("diag(S)", np.diag(S)),
        ("1^T A", A.sum(0)),
        ("W ones", W.sum(1)),
        ("y ones^T - A", y[:, None] - A),
        ("A.sum(axis=0) + np.sum(A, 0)", 2 * A.sum(0)),
        ("np.mean(A, axis=1, keepdims=True)", A.mean(1, keepdims=True)),
        ("A - A.mean(-1, keepdims=True)", A - A.mean(-1, keepdims=True)),
        ("sum(A) + mean(A)", A.sum() + A.mean()),
        ("max(A, 0)", np.maximum(A, 0)),
        ("(A > 0) * A", np.maximum(A, 0)),
        ("max_k w_k", w.max()),
        ("‖w‖²", w @ w),
        ("softmax(A)", np.exp(A) / np.exp(A).sum(-1, keepdims=True)),
        ("log_softmax(w)", w - np.log(np.exp(w).sum())),
        ("X.shape[0] A", 4 * A),
        ("Σ_k w_k v_k", w @ v),
        ("sum(k=1:3, w[k])", w[1:].sum()),
        ("sum(k=0:2, w[k+1] - w[k])", w[2] - w[0]),
        ("sum(k=0:0, w[k])", 0),
        ("mean(n, y[n])", y.mean()),
        ("sum(n, A[n] X[n]^T)", A.T @ X),
        ("sum(k, 2 v[0] + w[k])", 6 * v[0] + w.sum()),
        ("e^b + exp(b) + e", 2 * np.exp(b) + np.e),
        ("b^0.5 + sqrt(b) + b^b + π", 2 * np.sqrt(b) + b**b + np.pi),
        ("|b|^-2 + b^-1", b**-2 + 1 / b),
        ("tanh''(b)", -2 * np.tanh(b) * (1 - np.tanh(b) ** 2)),
        ("np.where(A > 0, A, 2)", np.where(A > 0, A, 2)),
        ("[b ≥ 0] + [b ≤ 0] + [b = 2/3] + [b < 1] + [b ≠ 1]", 4),
        ("W[0, 1] - W[1]", W[0, 1] - W[1]),
    ],
)
def test_values_are_those_of_numpy(text, expected):
    found = value(text)
    assert found.shape == np.shape(expected)
    np.testing.assert_allclose(floats(found), expected, rtol=1e-12, atol=1e-12)


def test_free_letters_are_axes_of_the_result():
    np.testing.assert_allclose(floats(value("sum(n, A[n,i]*X[n,j])", axes="ij")), A.T @ X)
    np.testing.assert_allclose(floats(value("sum(n, A[n,i]*X[n,j])", axes="ji")), X.T @ A)
    np.testing.assert_allclose(floats(value("w_i ([i=j] - w_j)", axes="ij")), np.diag(w) - np.outer(w, w))
    np.testing.assert_allclose(floats(value("b", axes="i", sizes={"i": 3})), np.full(3, b))


def test_fractions_stay_fractions():
    found = value("2/3 X^T (X w - y) + w*b^2", functions={})
    assert all(isinstance(number, Fraction) for number in found.flat)
    exact = TABLE["X"].T @ (TABLE["X"] @ TABLE["w"] - TABLE["y"]) * Fraction(2, 3)
    assert (found == exact + TABLE["w"] * Fraction(4, 9)).all()


def test_floats_need_nothing_but_a_function_table():
    table = {name: np.asarray(number, dtype=float) for name, number in TABLE.items()}
    functions = {"sigmoid'": lambda z: sigmoid(z) * (1 - sigmoid(z)), "step": lambda u: float(u > 0)}
    found = value("W.T @ d * σ'(w) + [w > 0]", functions, table)
    np.testing.assert_allclose(found.astype(float), W.T @ d * sigmoid(w) * (1 - sigmoid(w)) + (w > 0))


def test_two_readings_of_a_dot_have_two_values():
    np.testing.assert_allclose(floats(value("w · v", reading=1)), w * v)
    np.testing.assert_allclose(floats(value("S S")), S @ S)
    np.testing.assert_allclose(floats(value("S S", reading=1)), S * S)


def test_beside_each_other_arrays_of_one_shape_are_multiplied_entry_by_entry():
    np.testing.assert_allclose(floats(value("A (1 - A)")), A * (1 - A))


def test_a_formula_can_be_proved_equal_on_a_tape():
    tape = Tape()
    table = {name: np.array([tape.leaf((name, k)) for k in range(3)], dtype=object) for name in "wv"}
    functions = Elementary(tape)
    one, other = (
        value(text, functions, table) for text in ("σ'(w)*v", "1/(1 + exp(-w))*(1 - 1/(1 + exp(-w)))*v")
    )
    forms = run(tape, NormalForms(), *one, *other)
    assert all((a - b).is_zero() for a, b in zip(forms[:3], forms[3:], strict=True))


def test_sizes_may_be_steps_of_a_tape():
    tape = Tape()
    found = value("sum(k=0:N, y[k])", Elementary(tape), {**TABLE, "N": tape.number(4)})
    assert found.item() == TABLE["y"].sum()


@pytest.mark.parametrize("name", sorted(ELEMENTWISE))
def test_derivatives_are_those_that_sympy_takes_of_the_primal(name):
    algebra = Decimals()
    z = sp.Symbol("z", real=True)
    primal = expand(VOCABULARY[name](z))
    for at in (Fraction(5, 7), Fraction(-9, 4)):
        found = Elementary(algebra)[f"{name}'"](at).decimal(20)
        slope = mpmath.diff(sp.lambdify(z, primal, "mpmath"), mpmath.mpf(at.numerator) / at.denominator)
        assert abs(float(found) - float(slope)) < 1e-9


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("X @ y", r"column 5: X and y: shapes 4×3 and 4 do not fit as a product of matrices"),
        ("W + X", r"column 5: W and X: shapes 2×3 and 4×3 do not fit entry by entry"),
        ("2*(X w) @ (W d)", r"W and d: shapes 2×3 and 2 do not fit"),
        ("w_i", r"column 1: the index i is free; sum over it"),
        ("sum(n, X[n,0]*w[n])", r"the index n stands at axes of 3 and 4 entries"),
        ("sum(k=0:4, w[k])", r"subscript 1 of w\[k\] leaves its axis, which has 3 entries"),
        ("w_4", r"column 1: subscript 1 of w\[3\] leaves its axis, which has 3 entries"),
        ("sum(k, b)", r"nothing tells how far the index k runs"),
        ("sum(k=0:b, w[k])", r"a sum starts and ends at whole numbers, or at sizes"),
        ("sum(k=0:2000, b)", r"a sum over 2000 entries; at most 1000"),
        ("W[b, 0]", r"the subscripts of W are whole numbers, letters and sizes"),
        ("A.sum(axis=2)", r"shape 4×2 has no axis 2"),
        ("softmax(b)", r"softmax is of a vector, found a number"),
        ("diag(W)", r"diag is of a vector or a square matrix, found 2×3"),
        ("I + w", r"nothing tells the size of the identity"),
        ("1^T ones", r"nothing tells the size of the vector of ones"),
    ],
)
def test_what_does_not_fit_is_named(text, message):
    with pytest.raises(ShapeError, match=message):
        value(text)


def test_a_division_by_zero_is_no_value():
    with pytest.raises(ZeroDivisionError):
        value("w/(b - 2/3)", functions={})


def test_what_stands_outside_of_an_axis_counts_nothing_wherever_it_stands():
    table = {"d": fractions(3), "s": fractions(3), "x": fractions(3)}
    words = Vocabulary(dict.fromkeys(table, 1), {"l"})
    for text in ("d[l+1]/s[l+1] + x[l]", "d[l+1]*s[l+1]^(-1) + x[l]", "(1/s[l+1])*d[l+1] + x[l]"):
        found = evaluate(read(text, words)[0].formula, table, {"power": pow}, axes=("l",))
        expected = [d / s + x for d, s, x in zip(table["d"][1:], table["s"][1:], table["x"], strict=False)]
        assert list(found) == [*expected, table["x"][2]]


def test_entries_are_picked_from_values_without_a_name():
    table = {"y": fractions(2), "t": fractions(2), "x": fractions(2, 3)}
    words = Vocabulary({"y": 1, "t": 1, "x": 2}, {"n", "i"})
    found = evaluate(read("(y-t)[:,None]*x", words)[0].formula, table, {})
    assert (found == (table["y"] - table["t"])[:, None] * table["x"]).all()
    with pytest.raises(ShapeError, match="has 1 axes, found 2 subscripts"):
        evaluate(read("(y-t)[0,0]", words)[0].formula, table, {})


def test_relations_of_letters_and_numbers_are_decided():
    found = evaluate(read("sum(l, [l < 2])", Vocabulary({"d": 1}, {"l"}))[0].formula, {}, {}, sizes={"l": 3})
    assert found == 2
