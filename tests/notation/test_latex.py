import re
from xml.etree import ElementTree

import pytest
import sympy as sp
from hypothesis import given

from symgrad.model.expressions import Ref, index, size
from symgrad.model.functions import VOCABULARY, Equal, Step
from symgrad.notation.arrange import arrange
from symgrad.notation.latex import text, write
from symgrad.notation.layout import Block, Equation, Name
from symgrad.notation.mathml import math
from tests.notation.expressions import WRITTEN_ONLY

I, J, N = index("i"), index("j"), size("N")
SIGMA, LEAKY = VOCABULARY["sigmoid"], VOCABULARY["leaky_relu"]


@pytest.mark.parametrize(
    ("expression", "latex"),
    [
        (Ref("w10"), "w_{10}"),
        (Ref("x"), "x"),
        (Ref("z1", (index("n"), I)), "z^{(1)}_{ni}"),
        (Ref("W1", (I, J)), "W^{(1)}_{ij}"),
        (Ref("w1_2_3"), "w^{(1)}_{23}"),
        (Ref("w1_2_13"), "w^{(1)}_{2,13}"),
        (Ref("θ"), r"\theta"),
        (Ref("y_exp", (I,)), r"y^{\mathrm{exp}}_{i}"),
        (Ref("y_exp"), r"y_{\mathrm{exp}}"),
        (Ref("loss"), r"\mathrm{loss}"),
        (Ref("D_"), "D'"),
        (Ref("δz1", (I,)), r"\delta_{z^{(1)}_{i}}"),
        (Ref("W", (2 * I + 1, J)), "W_{2 i + 1,j}"),
        (Ref("a1", (I,)) ** 2, r"\left(a^{(1)}_{i}\right)^{2}"),
        (Ref("a1") ** 2, "a_{1}^{2}"),
        ((Ref("o1") - Ref("t1")) ** 2 / 2, r"\frac{1}{2} (o_{1} - t_{1})^{2}"),
        (SIGMA(Ref("z1")), r"\sigma(z_{1})"),
        (LEAKY(Ref("z1")), r"\operatorname{leaky\,relu}(z_{1})"),
        (sp.tanh(Ref("z1")), r"\tanh(z_{1})"),
        (sp.exp(-Ref("z1")), "e^{-z_{1}}"),
        (sp.exp(Ref("x")) ** 2, "e^{2 x}"),
        (Equal(I, J), r"\delta_{ij}"),
        (Equal(Ref("t"), I), "[t = i]"),
        (Step(Ref("z1")), "[z_{1} > 0]"),
        (sp.sqrt(Ref("x") + 1), r"\sqrt{x + 1}"),
        (sp.Abs(Ref("x")), r"\left|x\right|"),
        (sp.Max(Ref("x"), 0), r"\max(x, 0)"),
        (
            sp.Piecewise((1, Ref("x") >= 0), (0, True)),
            r"\begin{cases} 1 & \text{if } x \ge 0 \\ 0 & \text{otherwise} \end{cases}",
        ),
    ],
)
def test_mathematicians_write_it_so(expression: sp.Expr, latex: str) -> None:
    assert write(arrange(expression)) == latex


def test_an_array_as_a_whole_has_its_layer_above() -> None:
    assert write(Name("W1", whole=True)) == "W^{(1)}"


def test_words_cannot_break_out() -> None:
    assert text(r"\input{x} $a_b$ 5%") == "input x a b 5"


def is_balanced(latex: str) -> bool:
    depth = 0
    for mark in re.findall(r"\\.|[{}]", latex):
        depth += {"{": 1, "}": -1}.get(mark, 0)
        if depth < 0:
            return False
    return depth == 0


def has_double_script(latex: str) -> bool:
    """Whether one base carries two superscripts or two subscripts, which TeX refuses."""
    while "{" in latex:
        latex = re.sub(r"\{[^{}]*\}", "@", latex)
    return re.search(r"\^@(_@)?\^|_@(\^@)?_", latex) is not None


def test_the_tests_see_faults() -> None:
    assert not is_balanced("a}{b")
    assert not is_balanced("{a")
    assert has_double_script("a^{2}^{3}")
    assert has_double_script("a^{(1)}_{i}^{2}")
    assert not has_double_script("a^{2}_{3} b^{2}")


@given(WRITTEN_ONLY)
def test_latex_is_balanced(expression: sp.Expr) -> None:
    latex = write(arrange(expression))
    assert is_balanced(latex)
    assert not has_double_script(latex)
    assert latex.count(r"\left") == latex.count(r"\right")
    assert latex.isascii()


@given(WRITTEN_ONLY)
def test_mathml_is_well_formed(expression: sp.Expr) -> None:
    block = Block((Equation(Name("J"), arrange(expression)),))
    root = ElementTree.fromstring(math(block))
    (annotation,) = root.iter("{http://www.w3.org/1998/Math/MathML}annotation")
    assert annotation.text is not None
    assert write(arrange(expression)).split()[0] in annotation.text
