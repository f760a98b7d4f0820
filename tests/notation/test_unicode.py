import pytest
import sympy as sp
from hypothesis import given

from symgrad.model.expressions import Ref, index, size
from symgrad.model.formula import parse, to_sympy
from symgrad.model.functions import VOCABULARY, Equal, Step, expand
from symgrad.model.syntax import Name
from symgrad.notation import layout, unicode
from symgrad.notation.arrange import arrange
from symgrad.notation.unicode import write
from tests.notation.expressions import READ_BACK, WRITTEN_ONLY

A, O, T, W, X, Z = (Ref(name) for name in ("a1", "o1", "t1", "w10", "x1", "z1"))
B, C = Ref("b1"), Ref("c")
SIGMA, RELU = VOCABULARY["sigmoid"], VOCABULARY["relu"]
I, J, N = index("i"), index("j"), size("N")


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (O - T, "o1 − t1"),
        (T - O, "t1 − o1"),
        (A * (1 - A), "a1 (1 − a1)"),
        (X * A * (1 - A) * W * (O - T), "(o1 − t1) a1 (1 − a1) w10 x1"),
        ((O - T) ** 2 / 2, "½ (o1 − t1)²"),
        ((O - T) ** 2 / (2 * N), "1/(2 N) · (o1 − t1)²"),
        (-T / O, "−t1/o1"),
        (-T * sp.log(O), "−t1 log(o1)"),
        (sp.Rational(2, 3) * X, "2/3 · x1"),
        (X**-2, "1/x1²"),
        (X / (A * O), "x1/(a1 o1)"),
        ((X + 1) / (A - O), "(x1 + 1)/(a1 − o1)"),
        (1 - A**2, "1 − a1²"),
        (W**2 - 4 * W + 4, "w10² − 4 w10 + 4"),
        (1 + sp.exp(-Z), "1 + exp(−z1)"),
        (W * SIGMA(Z) + B, "w10 σ(z1) + b1"),
        (SIGMA(Z) * (1 - SIGMA(Z)), "σ(z1) (1 − σ(z1))"),
        (RELU(Z), "relu(z1)"),
        (Step(Z), "[z1 > 0]"),
        (X * Step(Z), "[z1 > 0] x1"),
        (sp.Max(Z, 0), "max(z1, 0)"),
        (sp.Abs(O - T), "|o1 − t1|"),
        (sp.sqrt(Z), "√z1"),
        (sp.sqrt(Z + 1), "√(z1 + 1)"),
        (1 / sp.sqrt(Z), "1/√z1"),
        (X ** sp.Rational(3, 2), "x1^(3/2)"),
        (X**C, "x1^c"),
        (2**X, "2^x1"),
        (Equal(I, J), "[i = j]"),
        (Equal(Ref("t", (I,)), J), "[t[i] = j]"),
        (Ref("p", (I,)) * (Equal(I, J) - Ref("p", (J,))), "p[i] ([i = j] − p[j])"),
        (Ref("W", (2 * I + 1, J)), "W[2i+1,j]"),
        (sp.Sum(Ref("W", (I, J)) * Ref("x", (J,)), (J, 0, N - 1)) + B, "Σ_j W[i,j] x[j] + b1"),
        (sp.Piecewise((1, Z > 0), (0, True)), "{1 if z1 > 0, 0 otherwise}"),
        (sp.pi * X, "π x1"),
        (sp.Integer(0), "0"),
    ],
)
def test_people_write_it_so(expression: sp.Expr, text: str) -> None:
    assert write(arrange(expression)) == text


def test_what_is_no_formula_is_refused() -> None:
    with pytest.raises(TypeError, match="Integral has no place"):
        arrange(sp.Integral(X, X))


def read(text: str) -> sp.Expr:
    """Read printed text with the parser of formulas from outside."""
    formula = parse(text, VOCABULARY)
    return to_sympy(formula, looked_up, VOCABULARY)


def looked_up(name: Name) -> sp.Expr:
    if name.name == "N":
        return N
    return Ref(
        name.name, [to_sympy(s, lambda letter: index(letter.name), VOCABULARY) for s in name.subscripts]
    )


def value(expression: sp.Expr) -> sp.Expr:
    """Evaluate at a fixed point, exactly enough to tell formulas apart."""
    places = {r: sp.Rational(hash_of(str(r)), 97) for r in expression.atoms(Ref)}
    return sp.N(expand(expression).xreplace(places | {N: sp.Integer(3)}), 30)


def hash_of(text: str) -> int:
    return 30 + sum(7 * k * ord(c) for k, c in enumerate(text, 1)) % 89


@given(READ_BACK)
def test_the_printed_text_reads_back_to_an_equal_expression(expression: sp.Expr) -> None:
    again = read(write(arrange(expression)))
    assert again == expression or abs(value(again) - value(expression)) <= 1e-15 * abs(value(expression))


@given(WRITTEN_ONLY)
def test_brackets_are_balanced(expression: sp.Expr) -> None:
    text = write(arrange(expression))
    assert text.count("(") == text.count(")")
    assert text.count("[") == text.count("]")
    assert "-" not in text


def test_a_factor_of_many_products_is_written_once(monkeypatch):
    written = []
    monkeypatch.setattr(unicode, "_partial", lambda partial: written.append(partial) or "∂")
    a, *weights = map(layout.Name, "auvw")
    shared = layout.Partial(layout.Name("J"), a)
    products = tuple(layout.Product((shared, layout.Partial(a, w)), "·") for w in weights)
    assert write(layout.Total(products)) == "∂ · ∂ + ∂ · ∂ + ∂ · ∂"
    assert len(written) == 4
