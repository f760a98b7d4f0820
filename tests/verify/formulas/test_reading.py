"""Gradients as people write them: what is read, in how many ways, and what is refused."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgrad.errors import FormulaError
from symgrad.model.vocabulary import Vocabulary
from symgrad.verify.formulas import read
from tests.verify.formulas.words import TEX, TEXTS, WORDS
from tests.work import counted


def texts(formula, vocabulary=WORDS):
    return [reading.text for reading in read(formula, vocabulary)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(o1-t1)*o1*(1-o1)*a1", "(o1 - t1)*o1*(1 - o1)*a1"),
        ("((o1-t1) o1(1-o1) w10) a1(1-a1) x1", "((o1 - t1)*o1*(1 - o1)*w10)*a1*(1 - a1)*x1"),
        ("sigma'(z1)", "sigmoid'(z1)"),
        ("σ′(z1) x₁", "sigmoid'(z1)*x1"),
        ("f'(z1) + f''(z1)", "tanh'(z1) + tanh''(z1)"),
        ("sigmoid_prime(z1) dsigmoid(z2) reluGradient(z1)", "sigmoid'(z1)*sigmoid'(z2)*relu'(z1)"),
        ("w₁₀ w_1 δ₁", "w10*w1*δ1"),
        ("dz1 x1", "∂J/∂z1*x1"),
        ("δz1 x1", "∂J/∂z1*x1"),
        ("dJ/do1 ∂a1/∂z1", "∂J/∂o1*∂a1/∂z1"),
        ("dL/do1", "∂J/∂o1"),
        ("X^T", "Xᵀ"),
        ("X.T @ (X @ w - y)/m", "Xᵀ @ (X @ w - y)/m"),
        ("W2.T @ d * σ'(p)", "W2ᵀ @ d*sigmoid'(p)"),
        ("A⊙A ∗ A", "A*A*A"),
        ("np.dot(X.T, y)", "Xᵀ @ y"),
        ("np.outer(y, p)", "y @ pᵀ"),
        ("np.where(A > 0, A, 0)", "where([A > 0], A, 0)"),
        ("A.sum(0) + A.mean()", "sum(A, axis=0) + mean(A)"),
        ("np.maximum(0, A).astype(float)", "max(0, A)"),
        ("torch.mm(X.t(), A)", "Xᵀ @ A"),
        ("(A >= 0) + (A != 1)", "[A ≥ 0] + [A ≠ 1]"),
        ("Σ_k p_k q_k + 1", "sum(k, p[k]*q[k]) + 1"),
        ("sum_i p_i", "sum(i, p[i])"),
        ("max_j p_j", "max(j, p[j])"),
        ("max(z1, 0)", "max(z1, 0)"),
        ("mean(n, p[n])", "mean(n, p[n])"),
        ("p_i ([i=j] - p_j)", "p[i]*([i = j] - p[j])"),
        ("|x1| + √x2", "abs(x1) + sqrt(x2)"),
        ("‖p‖²", "norm(p)^2"),
        ("e^-z1", "e^-z1"),
        ("log p_k", "log(p[k])"),
        ("tanh²(z1)", "tanh(z1)^2"),
        ("1ᵀ A", "onesᵀ A"),
        ("p^T q", "pᵀ q"),
        ("a' x1", "a2*x1"),
        ("(z1>0) x1", "[z1 > 0]*x1"),
        ("1./m * p", "1/m*p"),
        ("ŷ_1", "yhat[0]"),
        ("x1w1", "x1*w1"),
    ],
)
def test_text(text, expected):
    assert texts(text)[0] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"a_1 (1-a_1)", "a1*(1 - a1)"),
        (r"\hat{y}_1 - y_1", "yhat[0] - y[0]"),
        (r"w^{(1)}_{11} + w_{10}", "w1_1_1 + w10"),
        (r"\delta^{(l)}_i", "δ1[i]"),
        (r"W^{[2]} + W^{(2)\top} + (W^{(l+1)})^T", "W2 + W2ᵀ + W2ᵀ"),
        (r"x_i^{(n)} + \mathbf{x}^{(n)}_j", "x[n, i] + x[n, j]"),
        (r"\frac{\partial J}{\partial o_1} \frac{\partial a_1}{\partial z_1}", "∂J/∂o1*∂a1/∂z1"),
        (r"\frac{dJ}{dz_1} + \bar{z}_1 + \nabla_{z_1} J", "∂J/∂z1 + ∂J/∂z1 + ∂J/∂z1"),
        (r"\sigma'(z_1) + \sigma'\left(z_1\right)", "sigmoid'(z1) + sigmoid'(z1)"),
        (r"\frac{\partial f(z_1)}{\partial z_1}", "tanh'(z1)"),
        (r"g^{[1]'}(z_1) + g^{[1]\prime}(z_1)", "relu'(z1) + relu'(z1)"),
        (r"\sum_{k=1}^{K} p_k", "sum(k, p[k])"),
        (r"\sum_{k=1}^{m} p_k", "sum(k=0:m, p[k])"),
        (r"\sum\limits_{k=2}^{m-1} p_k", "sum(k=1:m - 1, p[k])"),
        (r"\sum_{k=0}^{m-1} p_k", "sum(k=0:(m - 1) + 1, p[k])"),
        (r"\sum_{j \neq i} p_j", "sum(j, [j ≠ i]*p[j])"),
        (r"\frac1m X^TXw", "(1/m)*Xᵀ X w"),
        (r"2(y-Xw)", "2*(y - X w)"),
        (r"e^{-z_1} + \exp(-z_1) + \ln z_1", "e^-z1 + exp(-z1) + log(z1)"),
        (r"\sqrt{z_1} + \sqrt[3]{z_1}", "sqrt(z1) + z1^(1/3)"),
        (r"|z_1| + \left|z_1\right|^2 + \| p \|_2^2", "abs(z1) + abs(z1)^2 + norm(p)^2"),
        (r"\mathbb{1}[z_1>0] + \mathbb{1}_{z_1 > 0}", "[z1 > 0] + [z1 > 0]"),
        (r"\mathbf{1}^\top A", "onesᵀ A"),
        (r"\max(0, z_1) + \max_k p_k", "max(0, z1) + max(k, p[k])"),
        (r"p_i(\delta_{ij} - p_j)", "p[i]*(δ[i, j] - p[j])"),
        (r"\operatorname{softmax}(p)\!\text{tanh}(z_1)", "softmax(p)*tanh(z1)"),
        (r"\tfrac{1}{2} \cdot x_1 \times x_2", "(1/2)*x1*x2"),
        (r"$$ x_1^2 $$.", "x1^2"),
        (r"a^L", "a2"),
        (r"\left[\gamma(1-p_i)\right] z_1", "(γ*(1 - p[i]))*z1"),
        (r"W^{(1)}_{1,2} + W^{(1)}_{ij}", "W1[0, 1] + W1[i, j]"),
    ],
)
def test_latex(text, expected):
    assert texts(text)[0] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1/2x1", ["1/2*x1", "1/(2*x1)"]),
        ("sin 2x1 x2", ["sin(2*x1)*x2", "sin(2*x1*x2)"]),
        ("t x1 - t", ["t1*x1 - t1", "t2*x1 - t2"]),
        (r"\delta_{12}", ["δ[11]", "δ[0, 1]"]),
        ("p · q", ["p · q", "p*q"]),
        ("A A", ["A A", "A*A"]),
        ("p q", ["p*q"]),
        ("d ⊙ W w", ["d*W w", "d*(W w)"]),
        ("X 9 w ⊙ y / m", ["X*9 w*y/m", "X*(9*w)*y/m"]),
        ("X w", ["X w"]),
        ("(1/2) x1", ["(1/2)*x1"]),
    ],
)
def test_every_reading_of_what_is_ambiguous(text, expected):
    assert texts(text) == expected


def test_a_delta_and_a_node_of_one_name_are_two_readings():
    words = Vocabulary({"δ1": 0, "∂J/∂z1": 0}, aliases={"δ1": ("∂J/∂z1",)})
    assert texts(r"\delta_1", words) == ["δ1", "∂J/∂z1"]


def test_a_kronecker_delta_needs_no_name():
    words = Vocabulary({"p": 1}, letters="ij")
    assert texts(r"p_i(\delta_{ij} - p_j)", words) == ["p[i]*([i = j] - p[j])"]


def test_declared_names_win_over_constants_and_functions():
    assert texts("e + pi + lambda", Vocabulary({"e": 0, "λ": 0})) == ["e + pi + λ"]
    assert texts("σ(x1)", Vocabulary({"σ": 0, "x1": 0})) == ["σ*x1"]
    assert texts("x1^T", Vocabulary({"x1": 0, "T": 0})) == ["x1^T"]


def test_an_equation_names_what_is_checked():
    for left in ("∂J/∂w1", "dJ/dw1", "dw1", r"\frac{\partial J}{\partial w_1}", r"\nabla_{w_1} J"):
        (reading,) = read(f"{left} = x_1", WORDS, of=["∂J/∂w1"])
        assert (reading.text, reading.left.name) == ("x1", "∂J/∂w1")
    (indexed,) = read("∂J/∂W[i,j] = δ[0,i]*x[0,j]", WORDS)
    assert [subscript.name for subscript in indexed.left.subscripts] == ["i", "j"]
    with pytest.raises(FormulaError, match=r"the left side names ∂J/∂o1; checked is ∂J/∂w1"):
        read("dJ/do1 = x1", WORDS, of=["∂J/∂w1"])
    with pytest.raises(FormulaError, match=r"the left side of the equation is no name of a gradient"):
        read("x1 + x2 = a1", WORDS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"column 1: found the end, expected a number"),
        ("x1 + w11", r"column 6: unknown name 'w11'; did you mean w1"),
        ("sigmod(z1)", r"column 1: unknown name 'sigmod'; did you mean sigmoid"),
        ("x1 + а1", r"column 6: found 'а' \(CYRILLIC SMALL LETTER A\)"),
        ("x1 + \u202ea1", r"column 6: found '\\u202e' \(RIGHT-TO-LEFT OVERRIDE\)"),
        ("x1\0", r"column 3: found '\\x00'"),
        ("x\u0335", r"COMBINING SHORT STROKE OVERLAY"),
        ("__import__('os')", r"column 1: found '_'"),
        ("import x1", r"column 1: unknown name 'import'"),
        ("eval(x1)", r"column 1: unknown name 'eval'"),
        ("x1.__class__", r"column 4: found '_'"),
        ("x1.system()", r"column 4: found the method 'system'; known: \.T"),
        ("w1'", r"column 3: found \"'\", which stands after a function"),
        ("softmax'(p)", r"column 1: softmax has no derivative that is written by 1 prime"),
        ("x1; a1", r"column 5: found a second formula; write an equation that names it"),
        ("floor(x1)", r"found 'floor', which is not differentiable"),
        ("x1[0]", r"where nothing has subscripts; they stand behind the name of an array"),
        ("W[q, 0]", r"column 3: found 'q' where an index letter belongs; known: i, j, k, n"),
        ("W[i*j, 0]", r"column 4: a subscript is a sum of index letters"),
        ("sum(i, i, p[i])", r"after an index letter twice in i, i"),
        ("sigmoid(x1, x2)", r"column 1: sigmoid does not take 2 argument"),
        ("np.dot(X)", r"column 4: dot takes 2 argument\(s\), found 1"),
        ("x1^65", r"column 4: found an exponent beyond ±64"),
        ("9**9**9", r"found an exponent beyond"),
        ("((9^64)^64)^64", r"too large together"),
        ("2 3", r"column 3: found '3', which follows another number"),
        ("x " * 20_001, r"column 40001: the formula has 20001 words; at most 20000"),
        ("(" * 90 + "x1" + ")" * 90, r"nested deeper than 80 levels"),
        ("{" * 9_000, r"column 81: nested deeper than 80 levels"),
        ("{" * 200 + "x_1" + "}" * 200, r"nested deeper than 80 levels"),
        (r"\frac{1}{" * 100 + "2" + "}" * 100, r"nested deeper than 80 levels"),
        (
            r"\begin{pmatrix} a & b \end{pmatrix}",
            r"column 1: found \\begin; a matrix by its entries is not read",
        ),
        (r"\fra{1}{2}", r"column 1: unknown command 'fra'; did you mean frac"),
        (r"\input{/etc/passwd}", r"column 1: unknown command 'input'"),
        (r"x_1 \otimes x_2", r"column 5: found \\otimes; write \\delta x\^\\top for an outer product"),
        (r"\frac{x_1}", r"expected a group in braces"),
        (r"\sum_{k=2}^{K} p_k", r"column 13: unknown name 'K'"),
        (r"\sum_{k=2} p_k", r"expected the end of the sum"),
        (r"\max_{j \ne i} p_j", r"found the index|found a condition below max"),
        (r"x_1}", r"column 4: found '\}' without an opening brace"),
        (r"\left(x_1\right)_2", r"column 17: found '_' behind what is no name"),
        ("dJ/dq7", r"column 4: unknown name 'dq7'"),
        ("∂J/∂q7", r"column 1: found a derivative that has no name here; known: ∂J/∂W"),
        ("x1 " * 17_000, r"at most 50000 are read"),
        (7, r"a formula is a text"),
    ],
)
def test_a_refusal_says_where_what_and_the_remedy(text, message):
    with pytest.raises(FormulaError, match=message):
        read(text, WORDS)


@pytest.mark.parametrize("text", [*TEXTS, *TEX])
def test_every_reading_is_written_so_that_it_is_read_again(text):
    for reading in read(text, WORDS):
        assert read(reading.text, WORDS)[0].formula == reading.formula


SIGNS = [
    *"xyijzopqw()+-*/^,[] '½²σδ·е\0{}_^\\|=<>.:;@ᵀ∂Σ√‖′₁⁻\u202e\u0302\u0304&$#~\"!",
    *(
        "W1[i,j]",
        "**",
        "0.15",
        "9",
        "64",
        "exp(",
        "max(",
        "sum(j,",
        "sum(k=0:m,",
        "pi",
        "1e30",
        "lambda",
        ".T",
    ),
    *(
        "np.",
        "axis=0",
        "∂J/∂",
        "dJ/d",
        r"\frac",
        r"\frac{",
        r"\left(",
        r"\right)",
        r"\sum_{",
        "}^{",
        r"\delta",
    ),
    *(
        "^{(l)}",
        "_{ij}",
        r"\hat{",
        r"\mathbf{1}",
        r"^\top",
        r"\sqrt[",
        r"\nabla_",
        r"\left|",
        r"\right|",
        "''",
    ),
    *(r"\mathbb{1}", r"\text{", r"\begin{", r"\\", "__import__('os')"),
]


def noise(rng):
    kind = rng.randrange(3)
    if kind == 0:
        points = (rng.choice([rng.randrange(128), rng.randrange(0x3000)]) for _ in range(rng.randrange(40)))
        return "".join(map(chr, points))
    if kind == 1:
        return "".join(rng.choice(SIGNS) for _ in range(rng.randrange(25)))
    return "".join(chr(rng.randrange(32, 127)) for _ in range(rng.randrange(60)))


def mutant(rng):
    letters = list(rng.choice(TEXTS + TEX))
    for _ in range(rng.randrange(1, 5)):
        kind, at, other = rng.randrange(4), rng.randrange(len(letters)), rng.randrange(len(letters))
        if kind == 0:
            letters[at] = rng.choice(SIGNS)
        elif kind == 1 and len(letters) > 1:
            del letters[at]
        elif kind == 2:
            letters.insert(at, rng.choice(SIGNS))
        else:
            letters[at:at] = letters[min(at, other) : max(at, other)][:300]
    return "".join(letters)


def refusal(text):
    try:
        read(text, WORDS)
    except FormulaError as error:
        return str(error)
    return ""


def outcome(text):
    """Return whether a text was read, and the work it took."""
    with counted() as work:
        found = is_read(text)
    return found, work.calls


def is_read(text):
    """Whether a text is read; anything but a formula error falls through."""
    message = refusal(text)
    assert not message or message.startswith("column "), (text, message)
    return not message


def hostile_texts(seed, random_ones, mutated_ones):
    rng = random.Random(seed)
    yield from (noise(rng) for _ in range(random_ones))
    yield from (mutant(rng) for _ in range(mutated_ones))


def test_no_text_makes_anything_but_readings_or_a_formula_error():
    assert sum(map(is_read, hostile_texts(17, 14_000, 6_000))) > 300


@pytest.mark.thorough
def test_no_text_of_a_million_does():
    found = [outcome(text) for text in hostile_texts(23, 1_000_000, 100_000)]
    assert sum(read for read, _ in found) > 10_000
    assert max(calls for _, calls in found) < 500_000


@pytest.mark.parametrize(
    "text",
    [
        "sin x1 x2 + " * 330 + "1",
        "1/2x1+" * 700 + "1",
        "x1 " * 1_300,
        "A·" * 1_300 + "A",
        "A" + "ᵀ" * 3_900,
        "A" + "^T" * 1_900,
        "A" + ".sum(0)" * 600,
        "Σ_k " * 700 + "p_k",
        "-" * 3_900 + "x1",
        "|" * 3_900,
        "[" * 3_900 + "x1",
        "σ'" * 1_900,
        "x1^" * 1_300 + "2",
        "log " * 1_000 + "x1",
        "x_{" * 2_400 + "1" + "}" * 2_400,
        "x^{" * 2_400 + "1" + "}" * 2_400,
        "x^{(1)}" * 1_200,
        r"\hat" * 2_000 + "x",
        r"\hat{" * 1_200 + "x" + "}" * 1_200,
        r"\sqrt{" * 1_100 + "x" + "}" * 1_100,
        r"\frac" * 1_900,
        r"\left[" * 1_400,
        r"\nabla_{" * 1_000 + "x" + "}" * 1_000,
        r"\sum_{" * 1_100 + "k" + "}" * 1_100,
        r"\text{" * 1_100 + "x" + "}" * 1_100,
        "[" * 4_900 + r"\," + "]" * 4_900,
        "$" * 9_000,
        "\\" * 9_000,
        " " * 4_000 + r"\alpha" + "." * 4_000,
    ],
)
def test_long_and_deep_texts_end_soon(text):
    _, calls = outcome(text)
    assert calls < 10_000_000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n".join(f"u{k} = x1" for k in range(4_500)), "found 4500 equations; at most 200"),
        (r"\begin{cases}" + r"x_1 & x_1>0 \\ " * 2_800 + r"\end{cases}", "2800 cases; at most 20"),
        ("(" * 24_000 + "x1" + ")" * 24_000, "words|nested"),
        ("+".join(f"name{k}" for k in range(5_000)), "unknown name"),
        ("(x)" + "[" * 9_000, "nested|expected|words"),
        (r"\frac{1}{" * 5_000, "nested|braces"),
        ("∂J" + "(" * 19_000, "no name|words|nested|expected"),
    ],
)
def test_texts_at_the_limits_of_length_are_refused_soon(text, message):
    assert len(text) <= 50_000
    with counted() as work, pytest.raises(FormulaError, match=message):
        read(text, WORDS)
    assert work.calls < 3_000_000


def test_the_longest_sum_is_read_soon():
    _, calls = outcome("x1+" * 9_900 + "x1")
    assert calls < 5_000_000


def test_subscripts_behind_brackets_are_read_and_written():
    for text in ("(x - y)[:, None]", "softmax(W)[i, j]", "(W @ x)[i, j]", "(x - y)[i][j]"):
        reading = read(text, WORDS)[0]
        assert read(reading.text, WORDS)[0].formula == reading.formula
    assert read("[x1 > 0]", WORDS)[0].text == "[x1 > 0]"


@given(st.integers(0, 10**6))
def test_what_mutants_are_read_as_is_read_again(seed):
    text = mutant(random.Random(seed))
    try:
        readings = read(text, WORDS)
    except FormulaError:
        return
    for reading in readings:
        assert read(reading.text, WORDS)[0].formula == reading.formula
