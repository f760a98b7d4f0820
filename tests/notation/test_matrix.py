import re

import pytest
import sympy as sp

from symgrad.derive.deltas import deltas
from symgrad.derive.rewrite import simplify
from symgrad.model.graph import Graph
from symgrad.model.model import Model
from symgrad.notation import latex, unicode
from symgrad.notation.labelled import matrix_block
from symgrad.notation.matrix import matrix_line
from symgrad.notation.roles import Roles
from symgrad.notation.sympy_form import srepr, tree_sympy
from tests.notation.networks import deep

SAMPLES = [
    ("z1", "z1 = x W1ᵀ + 1 b1ᵀ", "(N, 32) = (N, D)·(D, 32) + (N, 1)·(1, 32)"),
    ("a1", "a1 = σ(z1)", "(N, 32) = (N, 32)"),
    ("J", "J = 1/(2 N) · 1ᵀ (y − t)^⊙2 1", "(1, 1) = (1, N)·(N, 10)·(10, 1)"),
    ("dz2", "δz2 = 1/N · (y − t) ⊙ y ⊙ (1 − y)", "(N, 10) = (N, 10) ⊙ (N, 10) ⊙ (N, 10)"),
    ("dz1", "δz1 = (δz2 W2) ⊙ a1 ⊙ (1 − a1)", "(N, 32) = (N, 10)·(10, 32) ⊙ (N, 32) ⊙ (N, 32)"),
    ("dW1", "∂J/∂W1 = δz1ᵀ x", "(32, D) = (32, N)·(N, D)"),
    ("db1", "∂J/∂b1 = δz1ᵀ 1", "(32, 1) = (32, N)·(N, 1)"),
]
COLUMNS = [
    ("z1", "z1 = W1 x + b1", "(32, 1) = (32, D)·(D, 1) + (32, 1)"),
    ("dz1", "δz1 = (W2ᵀ δz2) ⊙ a1 ⊙ (1 − a1)", "(32, 1) = (32, 10)·(10, 1) ⊙ (32, 1) ⊙ (32, 1)"),
    ("dW1", "∂J/∂W1 = δz1 xᵀ", "(32, D) = (32, 1)·(1, D)"),
    ("db1", "∂J/∂b1 = δz1", "(32, 1) = (32, 1)"),
]


def backward(model: Model) -> Graph:
    return simplify(deltas(model.graph), [p.name for p in model.graph.parameters]).backward.graph


@pytest.mark.parametrize(
    ("samples", "name", "text", "shapes"),
    [*(("N", *case) for case in SAMPLES), *((None, *case) for case in COLUMNS)],
)
def test_matrix_style(samples: str | None, name: str, text: str, shapes: str) -> None:
    model = deep("D", 32, 10, samples=samples)
    graph = backward(model)
    line = matrix_line(graph[name], Roles.of(graph))
    assert line is not None
    assert unicode.write_equation(line.equation) == text
    assert line.shapes(model.sizes) == shapes


def test_matrix_style_in_latex() -> None:
    graph = backward(deep("D", "H", "K"))
    rows = latex.write_block(matrix_block(graph, ["z1", "dz1", "dW1"])).split("\n")
    assert rows[1:-1] == [
        r"z^{(1)} &= x W^{(1)\top} + \mathbf{1} b^{(1)\top} \\",
        (
            r"\delta_{z^{(1)}} &= \left(\delta_{z^{(2)}} W^{(2)}\right)"
            r" \odot a^{(1)} \odot \left(1 - a^{(1)}\right) \\"
        ),
        r"\frac{\partial J}{\partial W^{(1)}} &= \delta_{z^{(1)}}^{\top} x",
    ]


def test_a_shared_bias_is_repeated_over_samples_and_neurons() -> None:
    text = unicode.write_block(matrix_block(deep("D", "H", bias="layer").graph, ["z1"]))
    assert text == "z1 = x W1ᵀ + b1 1 1ᵀ"


def test_what_is_no_matrix_algebra_keeps_its_letters() -> None:
    text = unicode.write_block(matrix_block(deep("D", "H", targets="labels", loss="cross_entropy").graph))
    assert "t_hot[n,i] = [t[n] = i]" in text.split("\n")
    assert "J = −1/N · 1ᵀ (t_hot ⊙ log(y)) 1" in text.split("\n")


@pytest.mark.parametrize("output", ["sigmoid", "softmax", "relu", "leaky_relu"])
@pytest.mark.parametrize("samples", ["N", None])
def test_the_sympy_form_has_the_shape_of_the_node_and_reads_back(output: str, samples: str | None) -> None:
    graph = backward(deep("D", "H", "K", output=output, samples=samples))
    for node in graph.nodes:
        line = matrix_line(node, Roles.of(graph))
        if line is not None:
            value = tree_sympy(line.tree)
            rows_cols = (*node.shape, 1, 1)[:2] if node.axes else ()
            assert getattr(value, "shape", ()) == tuple(map(sp.sympify, rows_cols))
            assert read_back(srepr(value)) == srepr(value)


def read_back(text: str) -> str:
    assert not re.search(r"Ref|Pointwise|sigmoid", text)
    return srepr(eval(text, dict(vars(sp))))
