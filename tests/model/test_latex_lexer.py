"""The tokens of LaTeX: those that typed formulas have, at the columns where they stand."""

import pytest

from symgrad.errors import FormulaError
from symgrad.model.latex_lexer import is_latex, lex_latex
from symgrad.model.lexer import Sort, lex
from symgrad.model.wide_lexer import GRADIENTS


def words(tokens):
    return [token.text for token in tokens if token.sort is not Sort.END]


@pytest.mark.parametrize(
    ("latex", "typed"),
    [
        (r"x \cdot y + 2", "x · y + 2"),
        (r"\frac{a}{b}", "((a)/(b))"),
        (r"\frac12", "((1)/(2))"),
        (r"\sqrt{x}", "sqrt(x)"),
        (r"X^\top Y^T Z^{\mathsf{T}}", "XᵀYᵀZᵀ".replace("ᵀ", "ᵀ ")),
        (r"\left( x \right) \bigl[ y \bigr]", "(x)(y)"),
        (r"\left\{ x \right\}", "(x)"),
        (r"\sigma'(z)", "σ'(z)"),
        (r"x^{2}", "x^(2)"),
        (r"x^{\odot 2}", "x^(2)"),
        (r"\text{tanh}(\mathbf{z})", "tanh(z)"),
        (r"\hat{y} \bar{z} \tilde c", "yhat zbar ctilde"),
        (r"x \le y \neq z", "x ≤ y ≠ z"),
        (r"a\,b\;c\!d\quad e~f", "a b c d e f"),
        (r"$\alpha$", "α"),
        (r"\[ \varepsilon + \epsilon \].", "ε + ε"),
        (r"\frac{\partial J}{\partial w}", "(∂J/∂w)"),
        (r"\frac{dJ}{dw}", "(dJ/dw)"),
        (r"\nabla_w J", "∂J/∂w"),
    ],
)
def test_tokens_are_those_of_typed_formulas(latex, typed):
    assert words(lex_latex(latex)) == words(lex(typed, GRADIENTS))


@pytest.mark.parametrize(
    ("latex", "text", "above", "below"),
    [
        (r"w^{(1)}_{11}", "w", ("1",), ("11",)),
        (r"w_{11}^{(1)}", "w", ("1",), ("11",)),
        (r"W^{[l+1]}", "W", ("l+1",), ()),
        (r"c^{\langle t-1 \rangle}", "c", ("t-1",), ()),
        (r"x_{i,j}", "x", (), ("i", "j")),
        (r"\delta_{z^{(2)}_{ni}}", "δz", ("2",), ("ni",)),
        (r"o^{\mathrm{exp}}_{n}", "o", ("exp",), ("n",)),
        (r"\text{error}_{hidden\_out}", "error", (), ("hiddenout",)),
        (r"\mathbf{x_1}", "x", (), ("1",)),
        (r"{w}_{12}", "w", (), ("12",)),
    ],
)
def test_what_is_raised_and_lowered_at_a_name(latex, text, above, below):
    (name, end) = lex_latex(latex)
    assert (name.text, name.above, name.below) == (text, above, below)
    assert end.sort is Sort.END


def test_every_token_knows_its_column():
    tokens = lex_latex(r"\frac{x}{y_1} + \sigma(z)")
    columns = {token.text: token.column for token in tokens}
    assert columns["x"] == 7
    assert columns["y"] == 10
    assert columns["+"] == 15
    assert columns["σ"] == 17


def test_latex_is_known_by_its_signs():
    assert all(map(is_latex, (r"\sigma", "x_{1}", "$x$", "}")))
    assert not any(map(is_latex, ("σ(x_1)^2", "x[1]", "")))


@pytest.mark.parametrize(
    ("latex", "message"),
    [
        (r"\sqrt[3", r"column 1: found a root whose index has no closing bracket"),
        (r"\left. x", None),
        (r"\left x", r"column 1: found \\left before 'x'; brackets stand there"),
        (r"x_{\otimes}", r"found the index"),
        (r"x^", r"expected a group in braces, or one sign"),
        (r"\nabla_W", r"found \\nabla before no name"),
        ("\\" + "a" * 30, r"unknown command"),
        ("x_{" + "1" * 70 + "}", None),
        ("\\text{" + "a" * 70 + "}", r"found a name of 70 characters; at most 60"),
        ("\\", r"column 1: found '\\\\'"),
    ],
)
def test_what_is_refused(latex, message):
    if message is None:
        lex_latex(latex)
    else:
        with pytest.raises(FormulaError, match=message):
            lex_latex(latex)
