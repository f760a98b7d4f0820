import pytest
import sympy as sp

from symgrad.derive.formulas import Formula, Line, Summand
from symgrad.derive.scalars import composite
from symgrad.derive.styles import chain, closed, delta, local
from symgrad.model.expressions import Ref
from symgrad.model.graph import Graph
from symgrad.model.model import Model
from symgrad.notation.abbreviate import LIMIT, abbreviated, closed_length
from symgrad.notation.display import Gradient, Shown, shown, shown_matrix
from symgrad.notation.matrix import matrix_line
from tests.notation.networks import classifier, deep, softmax_classifier

STYLES = {"chain": chain, "local": local, "closed": closed, "delta": delta}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("model", [classifier(), softmax_classifier()], ids=["sigmoid", "softmax"])
@pytest.mark.parametrize("level", ["neuron", "layer"])
def test_every_style_is_shown_in_every_notation(style: str, model: Model, level: str) -> None:
    graph, wrt = (model.neurons(), "w10") if level == "neuron" else (model.graph, "W2")
    one = shown(STYLES[style](graph, wrt), graph)
    assert one.unicode == str(one) == repr(one)
    assert one._repr_latex_() == f"$$\n{one.latex}\n$$"
    assert one.mathml.startswith("<math ")
    assert one.srepr is not None
    assert sp.srepr(eval(one.srepr, dict(vars(sp)))) == one.srepr


def test_the_sympy_form_of_the_neuron_view_is_the_derivative() -> None:
    graph = classifier().neurons()
    value = shown(closed(graph, "w10")).sympy
    loss = shown(closed_loss(graph)).sympy
    assert isinstance(value, sp.Expr)
    w10 = sp.Symbol("w10", real=True)
    at = {s: sp.Rational(k, 7) for k, s in enumerate(sorted(value.free_symbols | {w10}, key=str), 1)}
    assert abs(sp.N((sp.diff(loss, w10) - value).subs(at), 30)) < 1e-25


def closed_loss(graph: Graph) -> Formula:
    return Formula("closed", (Line(Ref("J"), (Summand((), (composite(graph, "J"),)),)),))


def test_the_layer_view_is_a_sum_over_indexed_entries() -> None:
    value = shown(local(deep("D", "K").graph, "b1")).sympy
    assert isinstance(value, sp.Sum)
    assert {str(base) for base in value.atoms(sp.IndexedBase)} == {"y", "t"}
    n = sp.Symbol("n", integer=True, nonnegative=True)
    assert value.limits == (sp.Tuple(n, 0, sp.Symbol("N", integer=True, positive=True) - 1),)


def test_equal_indices_are_kronecker_deltas() -> None:
    value = shown(local(softmax_classifier().graph, "b2")).sympy
    assert value is not None
    assert value.has(sp.KroneckerDelta)


def test_a_gradient_is_a_mapping_that_shows_one_block() -> None:
    graph = classifier().neurons()
    gradient = Gradient({name: shown(local(graph, name), graph) for name in ("w10", "w11")})
    assert list(gradient) == ["w10", "w11"]
    assert len(gradient) == 2
    assert isinstance(gradient["w10"], Shown)
    assert repr(gradient).split("\n") == [
        "∂J/∂w10 = (o1 − t1) · o1 (1 − o1) · a1",
        "∂J/∂w11 = (o2 − t2) · o2 (1 − o2) · a1",
    ]
    assert gradient._repr_latex_().count("aligned") == 2
    assert gradient.mathml.count("<mtr>") == 2


def test_matrix_lines_are_shown_too() -> None:
    graph = deep("D", "H").graph
    line = matrix_line(graph["z1"])
    assert line is not None
    assert str(shown_matrix(line)) == "z1 = x W1ᵀ + 1 b1ᵀ"
    assert str(shown_matrix(line).sympy) == "x*W1.T + 1*b1.T"


def test_a_closed_form_can_be_given_with_the_nodes_as_names() -> None:
    graph = classifier().neurons()
    lines = str(shown(abbreviated(local(graph, "w10"), graph), graph)).split("\n")
    assert lines[0] == "z1 = w1 x1 + w4 x2 + w7 x3 + b1"
    assert lines[-1] == "∂J/∂w10 = (o1 − t1) · o1 (1 − o1) · a1"
    assert "q2 = w11 a1 + w14 a2 + w17 a3 + b4" not in lines


def test_the_length_of_a_closed_form_is_known_before_it_is_built() -> None:
    graph = softmax_classifier().neurons()
    real = len(str(shown(closed(graph, "w10"))))
    assert real / 2 < closed_length(local(graph, "w10"), graph) < 3 * real
    wide = deep(*[4] * 12).neurons()
    assert closed_length(local(wide, "w11_1_1"), wide) > LIMIT
