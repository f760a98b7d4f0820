"""Every layer against an implementation in NumPy, entry by entry."""

import numpy as np
import pytest

from symgrad.derive.certificate import certify_symbolically
from symgrad.model.graph import Kind
from symgrad.model.layers.catalogue import LAYERS
from tests.layer_examples import EXAMPLES, evaluated, model_of, random_leaves


def test_every_layer_has_an_example():
    assert {example.layer for example in EXAMPLES} == set(LAYERS)


@pytest.mark.parametrize("number", range(len(EXAMPLES)), ids=lambda k: f"{EXAMPLES[k].layer}-{k}")
def test_forward_values(number):
    model = model_of(EXAMPLES[number])
    sizes = model.numbers(samples=2)
    leaves = random_leaves(model, sizes)
    found = evaluated(model, leaves, sizes)
    given = {name: v for name, v in leaves.items() if model.graph[name].kind is not Kind.TARGET}
    expected = EXAMPLES[number].reference(**given)
    (output,) = model.outputs
    assert found[output].shape == expected.shape
    assert np.abs(found[output] - expected).max() < 1e-12


@pytest.mark.parametrize("number", range(len(EXAMPLES)), ids=lambda k: f"{EXAMPLES[k].layer}-{k}")
def test_the_derivation_holds_for_all_sizes(number):
    model = model_of(EXAMPLES[number])
    names = [node.name for node in model.graph.parameters] or model.inputs
    assert certify_symbolically(model, names).verdict == "right"
