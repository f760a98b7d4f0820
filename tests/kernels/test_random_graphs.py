"""Kernels of random graphs: the emitted text, run without JIT in 50 digits, computes the deltas."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from symgrad.derive.deltas import deltas
from symgrad.errors import DefinitionError
from symgrad.exact.decimals import Decimals, Real
from symgrad.kernels.build import spec_of
from symgrad.kernels.execute import objects, run_exact
from symgrad.kernels.module import generate
from symgrad.model.graph import Kind
from symgrad.model.model import Model
from tests.interpreter import DECIMALS, DIGITS, FRACTIONS, run
from tests.points import distance
from tests.random_graphs.strategy import graphs

pytestmark = pytest.mark.uncompiled

REFUSED = 0.25
"""The share of graphs for which there may be no kernel."""
REFUSALS = (
    "has no input with a sample axis and a prediction",
    "which no array shows that a kernel is given",
    "has no kernel",
    "a kernel takes",
)


def as_model(drawn, *, known):
    """Return a drawn graph as a model: its last definition the prediction, its sizes known or open."""
    graph = drawn.graph
    by_kind = {k: tuple(n.name for n in graph.of_kind(k)) for k in (Kind.INPUT, Kind.TARGET)}
    last = [n.name for n in graph.nodes if not n.is_leaf and not n.auxiliary and n.name != "J"]
    sizes = {name: number for name, number in drawn.sizes.items() if known and name != "N"}
    return Model(
        "random",
        "random",
        graph,
        sizes,
        inputs=by_kind[Kind.INPUT],
        targets=by_kind[Kind.TARGET],
        outputs=tuple(last[-1:]),
    )


@pytest.mark.slow
def test_the_text_computes_the_deltas():
    compiled = list[bool]()

    @given(graphs(most=4, samples=True), st.booleans())
    def check(drawn, known):
        model = as_model(drawn, known=known)
        text = kernel_of(model)
        compiled.append(text is not None)
        if text is not None:
            assert_computes_the_deltas(model, drawn, text)

    check()
    assert compiled.count(False) <= REFUSED * len(compiled)


def kernel_of(model):
    """Return the text of a kernel; None where it is said why there is none."""
    try:
        return generate(spec_of(model))
    except DefinitionError as refusal:
        if not any(reason in str(refusal) for reason in REFUSALS):
            raise
        event(f"refused: {refusal}")
        return None


def assert_computes_the_deltas(model, drawn, text):
    """Run a text in many digits, and the deltas as they were derived."""
    leaves, algebra = drawn.leaves(FRACTIONS), Decimals()
    parameters = [node.name for node in model.graph.parameters]
    order = (*model.inputs, *model.targets, *parameters)
    arguments = [argument(model.graph[name], leaves[name], algebra) for name in order]
    found = run_exact(text, algebra, "gradients", arguments)
    loss, *gradients = found if parameters else (found,)
    backward = deltas(model.graph, parameters) if parameters else None
    arrays = run(backward.graph if backward else model.graph, drawn.leaves(DECIMALS), drawn.sizes)
    assert distance(rounded(algebra, loss), arrays["J"]) < 1e-40, text
    for name, gradient in zip(parameters, gradients, strict=True):
        exact = np.array([rounded(algebra, v) for v in gradient.ravel()], dtype=object)
        truth = np.asarray(arrays[backward.delta[name]], dtype=object).ravel()
        assert distance(exact, truth) < 1e-40, f"{name}\n{text}"


def rounded(algebra, value):
    """Return a number of the kernel; where nothing was added to an entry, it is the plain 0 of its array."""
    return DIGITS.mpf(algebra.rounded(value) if isinstance(value, Real) else value)


def argument(node, array, algebra):
    """Return a leaf as a kernel takes it: labels are integers, a scalar an array of one entry."""
    if node.targets == "labels":
        return np.array([int(v) for v in array.ravel()]).reshape(array.shape)
    return objects([algebra.number(Fraction(v)) for v in array.ravel()]).reshape(array.shape or (1,))
