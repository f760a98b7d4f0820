"""A network of every kind that kernels are made of, small enough to be carried out exactly."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

import symgrad as sg
from symgrad.model.model import Model
from tests.kernels import networks, test_online
from tests.kernels.recurrences import DEFINITIONS
from tests.oracles.recipes import layer_model


def linear() -> Model:
    return replace(sg.zoo("linear_regression").model, sizes={"D": 9})


def lstm() -> Model:
    return replace(sg.define(DEFINITIONS["lstm"]).model, sizes={"T": 2, "H": 2, "D": 3})


def several_outputs() -> Model:
    return sg.mlp((9, 3), output="identity", loss="squared_error").model


NETWORKS: Mapping[str, Callable[[], Model]] = {
    "scalars": networks.NETWORKS["sigmoid"],
    "labels": networks.NETWORKS["softmax"],
    "one hot": networks.NETWORKS["one_hot"],
    "skip": networks.NETWORKS["skip"],
    "strided": networks.NETWORKS["tied"],
    "linear": linear,
    "no hidden layer": several_outputs,
    "one neuron": test_online.NETWORKS["one neuron"],
    "deep": lambda: test_online.mlp(3, 4, 4, 2),
    "tied": test_online.NETWORKS["tied"],
    "several inputs": test_online.NETWORKS["two inputs"],
    "convolution": test_online.NETWORKS["convolution"],
    "attention": lambda: layer_model("multi_head_attention causal"),
    "lstm": lstm,
}


@cache
def model_of(name: str) -> Model:
    """Return a network of the table."""
    return NETWORKS[name]()
