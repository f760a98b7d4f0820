"""The networks that the tests of this room print."""

from symgrad.model.layered import Layered, layered
from symgrad.model.model import Model
from symgrad.model.naming import Naming

SOURCE = Naming("source", letters={"output_pre": "q", "output": "o"})


def classifier(**more: str) -> Model:
    """S1: the 3-3-3 classifier, weights numbered by source, b4 shared by the outputs."""
    return layered("s1", Layered((3, 3, 3), bias=("neuron", "layer"), naming=SOURCE, **more))


def softmax_classifier() -> Model:
    return classifier(output="softmax", loss="cross_entropy")


def deep(*sizes: int | str, **more: object) -> Model:
    return layered("deep", Layered(sizes or ("D", "H", "G", "K"), **more))
