"""Right formulas, written in many ways: expanded, factored, by exp, by tanh of half the angle, reordered."""

from functools import cache
from random import Random

import pytest
import sympy as sp

from symgrad.model.layered import Layered, layered
from symgrad.model.model import Model
from symgrad.model.zoo import zoo
from symgrad.network.network import Network
from symgrad.verify.networks.check import check

SHAPES: dict[str, tuple[tuple[int, ...], str, str, str]] = {
    "3-3-3 tanh": ((3, 3, 3), "tanh", "sigmoid", "squared_error"),
    "3-3-3-3-3": ((3, 3, 3, 3, 3), "sigmoid", "sigmoid", "squared_error"),
    "8-8-8": ((8, 8, 8), "sigmoid", "softmax", "cross_entropy"),
}
SIGMOIDS = (
    lambda z: 1 / (1 + sp.exp(-z)),
    lambda z: sp.exp(z) / (1 + sp.exp(z)),
    lambda z: (1 + sp.tanh(z / 2)) / 2,
)
TANHS = (
    lambda z: (sp.exp(2 * z) - 1) / (sp.exp(2 * z) + 1),
    lambda z: 1 - 2 / (1 + sp.exp(2 * z)),
    lambda z: 2 / (1 + sp.exp(-2 * z)) - 1,
)
FORMS = {"sigmoid": SIGMOIDS, "tanh": TANHS}


@cache
def model(name: str) -> Model:
    if name not in SHAPES:
        return zoo(name)
    sizes, hidden, output, loss = SHAPES[name]
    return layered("net", Layered(sizes, hidden=hidden, output=output, loss=loss), level="neuron")


@cache
def right(name: str, wrt: str) -> sp.Expr:
    """The gradient over named nodes, as SymPy; its symbols bear the names of nodes."""
    found = Network(model(name), "neuron").gradient(wrt)["local"].sympy
    assert isinstance(found, sp.Expr)
    return found


def by_functions(name: str, formula: sp.Expr, source: Random) -> sp.Expr:
    """Write some activations as functions of their arguments, each in one of its forms."""
    graph = model(name).neurons()
    forms = {}
    for symbol in sorted(formula.free_symbols, key=str):
        node = graph[str(symbol)]
        if node.function in FORMS and source.random() < 0.6:
            (argument,) = node.terms[0].accesses
            forms[symbol] = source.choice(FORMS[node.function])(sp.Symbol(argument.name))
    return formula.xreplace(forms)


def expanded(formula: sp.Expr) -> sp.Expr:
    return sp.expand(formula, deep=False)


def factored(formula: sp.Expr) -> sp.Expr:
    return sp.factor_terms(formula)


def split(formula: sp.Expr) -> sp.Expr:
    """Write the formula as two halves, and what is between them twice."""
    parts = sp.Add.make_args(formula)
    half = sp.Add(*parts[::2])
    return (2 * formula - half) - (formula - half)


def shuffled(formula: sp.Expr, source: Random) -> str:
    """Print a formula with the operands of sums and products in any order."""
    if isinstance(formula, sp.Add | sp.Mul):
        parts = [f"({shuffled(part, source)})" for part in formula.args]
        source.shuffle(parts)
        return (" + " if isinstance(formula, sp.Add) else source.choice(["*", " "])).join(parts)
    if isinstance(formula, sp.Pow):
        return f"({shuffled(formula.base, source)})^({shuffled(formula.exp, source)})"
    if isinstance(formula, sp.exp | sp.tanh):
        return f"{type(formula).__name__}({shuffled(formula.args[0], source)})"
    return str(formula)


REWRITINGS = (expanded, factored, split)
LONGEST = 3000


def rewritings(name: str, wrt: str, count: int) -> list[str | sp.Expr]:
    """Rewrite a right formula; as text where that is no longer than formulas may be."""
    source = Random(f"{name} {wrt}")
    found: list[str | sp.Expr] = []
    for k in range(count):
        formula = by_functions(name, right(name, wrt), source)
        for rewrite in source.sample(REWRITINGS, source.randint(0, 2)):
            formula = rewrite(formula)
        text = shuffled(formula, source) if k else str(formula)
        found.append(text if len(text) < LONGEST else formula)
    return found


CASES = [
    ("classifier_3_3_3", "w10"),
    ("classifier_3_3_3", "w1"),
    ("classifier_3_3_3_softmax", "w1"),
    ("worked_2_2_2", "b1"),
    ("3-3-3 tanh", "w1_1_2"),
    ("3-3-3-3-3", "w2_1_1"),
    ("8-8-8", "w2_3_4"),
]


def judged(name: str, wrt: str, count: int) -> None:
    for claim in rewritings(name, wrt, count):
        found = check(model(name), wrt, claim, seconds=60)
        assert found.verdict == "right", claim
        assert found.evidence in ("proved", "bounded"), (claim, found.finding)


@pytest.mark.parametrize(("name", "wrt"), CASES)
def test_rewritings_of_a_right_formula_are_right(name: str, wrt: str) -> None:
    judged(name, wrt, 2)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "wrt"), [*CASES, ("3-3-3-3-3", "w1_1_1"), ("8-8-8", "w1_2_3")])
def test_many_rewritings_of_a_right_formula_are_right(name: str, wrt: str) -> None:
    judged(name, wrt, 12)
