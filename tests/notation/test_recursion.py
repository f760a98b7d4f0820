import pytest

from symgrad.model.zoo import skip
from symgrad.notation import latex, unicode
from symgrad.notation.layout import Block, Equation
from symgrad.notation.recursion import generic_recursion, nested
from symgrad.notation.stack import Refusal
from tests.notation.networks import classifier, deep


@pytest.mark.parametrize("samples", ["N", None])
@pytest.mark.parametrize(
    ("sizes", "text"),
    [
        (("D", "K"), "y = σ(W1 x + b1)"),
        (("D", "H", "K"), "y = σ(W2 σ(W1 x + b1) + b2)"),
        (("D", "H", "G", "F", "K"), "y = σ(W4 σ(W3 σ(W2 σ(W1 x + b1) + b2) + b3) + b4)"),
    ],
)
def test_the_nested_form(sizes: tuple[str, ...], text: str, samples: str | None) -> None:
    found = nested(deep(*sizes, samples=samples).graph)
    assert isinstance(found, Equation)
    assert unicode.write_equation(found) == text


def test_the_nested_form_with_other_functions_and_biases() -> None:
    def text(**more: object) -> str:
        found = nested(deep("D", "H", "K", **more).graph)
        assert isinstance(found, Equation)
        return unicode.write_equation(found)

    assert (
        text(output="softmax", hidden="relu", loss="cross_entropy") == "y = softmax(W2 relu(W1 x + b1) + b2)"
    )
    assert text(output="identity", bias="none") == "y = W2 σ(W1 x)"
    assert text(hidden="identity", output="tanh") == "y = tanh(W2 (W1 x + b1) + b2)"
    assert text(bias=("neuron", "layer")) == "y = σ(W2 σ(W1 x + b1) + b2 1)"


def test_the_recursion() -> None:
    found = generic_recursion(deep().graph)
    assert isinstance(found, Block)
    assert unicode.write_block(found).split("\n") == [
        "δ^L = σ′(z3) ⊙ ∇J(y)",
        "δ^l = ((W^(l+1))ᵀ δ^(l+1)) ⊙ σ′(z^l)  for l < L",
        "∂J/∂W^l = δ^l (a^(l−1))ᵀ",
        "∂J/∂b^l = δ^l",
        "  where: L = 3",
        "  where: a^0 = x",
    ]
    assert latex.write_block(found).split("\n")[2] == (
        r"\delta^{(l)} &= \left(W^{(l + 1)\top} \delta^{(l + 1)}\right) \odot \sigma'\left(z^{(l)}\right)"
        r" \qquad (l < L) \\"
    )


def test_softmax_has_a_full_jacobian_and_the_lines_say_so() -> None:
    found = generic_recursion(deep(output="softmax", loss="cross_entropy").graph)
    assert isinstance(found, Block)
    assert unicode.write_equation(found.equations[0]) == "δ^L = (∂y/∂z3)ᵀ ∇J(y)"
    assert "softmax has a full Jacobian" in unicode.write_block(found)


def test_biases_of_two_kinds_have_two_lines() -> None:
    found = generic_recursion(classifier().graph)
    assert isinstance(found, Block)
    assert unicode.write_block(found).split("\n")[3:5] == ["∂J/∂b^l = δ^l  for l < L", "∂J/∂b^L = 1ᵀ δ^L"]


@pytest.mark.parametrize(
    ("graph", "reason"),
    [
        (deep(hidden=("tanh", "relu")).graph, "the hidden layers a1 and a2 are not alike"),
        (skip().graph, None),
        (classifier().neurons(), "there is no layer of the form W a + b"),
    ],
)
def test_networks_without_a_template_are_refused_with_a_reason(graph: object, reason: str | None) -> None:
    found = generic_recursion(graph)
    assert isinstance(found, Refusal)
    assert reason is None or found.reason == reason
