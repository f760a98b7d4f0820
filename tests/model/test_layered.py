"""What a description of a layered network may say."""

import pytest

from symgrad.errors import DefinitionError, UnknownNameError
from symgrad.model.activations import SIGMOID, Activation
from symgrad.model.layered import Layered, layered


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (Layered((3,)), "at least an input and an output size"),
        (Layered((3, 0)), "the size 0 is not possible"),
        (Layered((3, True)), "the size True is not possible"),
        (Layered((3, "len")), "reserved word"),
        (Layered((3, 3, 3), hidden=("tanh", "relu")), "hidden: 2 were given for 1 layers"),
        (Layered((3, 3), bias=("none", "none")), "bias: 2 were given for 1 layers"),
        (Layered((3, 3), bias="shared"), "unknown kind of bias 'shared'; known: neuron, layer, none"),
        (Layered((3, 3, 3), hidden="softmax"), "softmax stands at the output here"),
        (Layered((3, 1), targets="labels"), "labels need at least two classes; the output size is 1"),
        (Layered((3, 2, 2), hidden=Activation("softmax", "z")), "there is a function 'softmax' already"),
        (Layered((3, 2), output=Activation("sigmoid", "z^2")), "there is a function 'sigmoid' already"),
        (Layered((3, 2), output=Activation("my act", "z^2")), "the activation name 'my act'"),
    ],
)
def test_what_is_not_possible(spec, message):
    with pytest.raises(DefinitionError, match=message):
        layered("net", spec)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (Layered((3, 3), output="sigmiod"), "unknown activation 'sigmiod'; did you mean sigmoid"),
        (Layered((3, 3), loss="cross"), "unknown loss 'cross'"),
        (Layered((3, 3), targets="hot"), "unknown kind of targets 'hot'; did you mean one_hot"),
    ],
)
def test_unknown_names(spec, message):
    with pytest.raises(UnknownNameError, match=message):
        layered("net", spec)


def test_activations_of_ones_own():
    swish = Activation("swish", "z/(1 + exp(-z))")
    graph = layered("net", Layered((2, 2, 2), hidden=(swish,), output=SIGMOID)).graph
    assert graph["a1"].function == "swish"
    assert graph["y"].function == "sigmoid"
