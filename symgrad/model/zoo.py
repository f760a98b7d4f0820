"""The named networks, one function each, with the example values of their sources.

Decimals are written as strings and read as exact rationals.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from symgrad.errors import unknown
from symgrad.model.free import Definitions, define_model
from symgrad.model.layered import Layered, layered
from symgrad.model.layers import dense, leaf
from symgrad.model.model import Model, Numbers
from symgrad.model.naming import Naming

SOURCE = Naming("source", letters={"output_pre": "q", "output": "o"})
TARGET = Naming("target", letters={"output_pre": "q", "output": "o"})


def exact(text: str) -> Numbers:
    """Read rows of decimals: commas between numbers, semicolons between rows."""
    rows = tuple(tuple(Fraction(number) for number in row.split(",")) for row in text.split(";"))
    return rows if ";" in text else rows[0]


CLASSIFIER_EXAMPLE: Mapping[str, Numbers] = {
    "x": (exact("0.5, -0.2, 0.8"),),
    "t": (exact("1, 0, 0"),),
    "W1": exact("0.1, 0.4, 0.7; -0.2, 0.5, -0.8; 0.3, -0.6, 0.9"),
    "b1": exact("0.1, 0.2, 0.3"),
    "W2": exact("0.2, -0.5, 0.8; 0.3, 0.6, -0.9; -0.4, 0.7, 0.1"),
    "b2": Fraction("0.1"),
}


def classifier_3_3_3() -> Model:
    """S1: three inputs, three hidden neurons, three outputs, weights numbered by source neuron."""
    spec = Layered((3, 3, 3), bias=("neuron", "layer"), naming=SOURCE)
    model = layered(
        "classifier_3_3_3", spec, title="3-3-3 classifier, sigmoid and squared error", level="neuron"
    )
    return replace(model, example=CLASSIFIER_EXAMPLE, task="classification")


def classifier_3_3_3_softmax() -> Model:
    """S1 with softmax outputs and cross-entropy, targets one-hot."""
    spec = Layered((3, 3, 3), output="softmax", loss="cross_entropy", bias=("neuron", "layer"), naming=SOURCE)
    title = "3-3-3 classifier, softmax and cross-entropy"
    return replace(
        layered("classifier_3_3_3_softmax", spec, title=title, level="neuron"), example=CLASSIFIER_EXAMPLE
    )


def worked_2_2_2() -> Model:
    """S4: the best-known worked example of backpropagation."""
    spec = Layered((2, 2, 2), bias="layer", naming=TARGET)
    model = layered("worked_2_2_2", spec, title="2-2-2 worked example", level="neuron")
    example: Mapping[str, Numbers] = {
        "x": (exact("0.05, 0.10"),),
        "t": (exact("0.01, 0.99"),),
        "W1": exact("0.15, 0.20; 0.25, 0.30"),
        "b1": Fraction("0.35"),
        "W2": exact("0.40, 0.45; 0.50, 0.55"),
        "b2": Fraction("0.60"),
    }
    return replace(model, example=example, fixed=("b1", "b2"), learning_rate=Fraction(1, 2))


def logistic_regression() -> Model:
    """S1: the network with one layer, a sigmoid and binary cross-entropy."""
    spec = Definitions(
        axes={"n": "N", "j": "D"},
        inputs={"x": "n j"},
        targets={"t": "n"},
        parameters={"w": "j", "b": ""},
        nodes={
            "z": "[n] sum(j, w[j]*x[n,j]) + b",
            "y": "[n] sigmoid(z[n])",
            "J": "mean(n, -(t[n]*log(y[n]) + (1 - t[n])*log(1 - y[n])))",
        },
    )
    return define_model("logistic_regression", spec, title="logistic regression", task="classification")


def adaline() -> Model:
    """S4: the adaptive linear unit, a single neuron with its direct derivative."""
    spec = Definitions(
        axes={"n": "N", "j": "D"},
        inputs={"x": "n j"},
        targets={"t": "n"},
        parameters={"w": "j", "b": ""},
        nodes={"y": "[n] sum(j, w[j]*x[n,j]) + b", "J": "sum(n, (t[n] - y[n])^2)/2"},
    )
    return define_model("adaline", spec, title="Adaline, ½ Σ (t − y)²")


def linear_regression() -> Model:
    """S5: linear regression with the loss SSE/(2m); the example is the source's."""
    spec = Definitions(
        axes={"n": "N", "j": "D"},
        inputs={"x": "n j"},
        targets={"t": "n"},
        parameters={"w": "j", "b": ""},
        nodes={"y": "[n] sum(j, w[j]*x[n,j]) + b", "J": "mean(n, (y[n] - t[n])^2)/2"},
    )
    example: Mapping[str, Numbers] = {
        "x": exact("1; 3"),
        "t": exact("2, 4"),
        "w": exact("0"),
        "b": Fraction(0),
    }
    rate = Fraction(1, 100)
    return define_model(
        "linear_regression", spec, title="linear regression, SSE/(2m)", example=example, learning_rate=rate
    )


def line_through_origin() -> Model:
    """S5: y = w x through (1, 2), (2, 4), (3, 6), loss SSE; the gradient scaled by 1/28, step 1/2."""
    spec = Definitions(
        axes={"n": "N"},
        inputs={"x": "n"},
        targets={"t": "n"},
        parameters={"w": ""},
        nodes={"y": "[n] w*x[n]", "J": "sum(n, (t[n] - y[n])^2)"},
    )
    example: Mapping[str, Numbers] = {"x": exact("1, 2, 3"), "t": exact("2, 4, 6"), "w": Fraction(0)}
    model = define_model(
        "line_through_origin", spec, title="y = w x, sum of squared errors", level="neuron", example=example
    )
    return replace(model, learning_rate=Fraction(1, 56))


def xor_2_2_1() -> Model:
    """XOR: two inputs, two hidden neurons, one output."""
    spec = Layered((2, 2, 1), hidden="tanh", output="sigmoid", loss="binary_cross_entropy")
    model = layered("xor_2_2_1", spec, title="XOR, tanh and sigmoid")
    return replace(model, example={"x": exact("0, 0; 0, 1; 1, 0; 1, 1"), "t": exact("0; 1; 1; 0")})


def digits_64_32_10() -> Model:
    """Handwritten digits: 64 pixels, 32 hidden neurons, 10 classes given as labels."""
    spec = Layered((64, 32, 10), hidden="tanh", output="softmax", loss="cross_entropy", targets="labels")
    return layered("digits_64_32_10", spec, title="handwritten digits, tanh and softmax")


def skip() -> Model:
    """A dense net whose output layer sees the input directly as well."""
    spec = Layered(("D", "H", "K"), hidden="tanh", output="identity", naming=SOURCE)
    plain = layered("skip", spec, title="dense net with a skip connection")
    graph = plain.graph
    from_input = leaf("W3", graph["W1"].kind, graph["W2"].axes[0], graph["W1"].axes[1])
    output = dense("o", graph["a1"], graph["W2"], graph["b2"], (graph["x"], from_input))
    nodes = [from_input if n.name == "b2" else n for n in graph.nodes]
    nodes = [output if n.name == "o" else n for n in (*nodes, graph["b2"])]
    return replace(plain, graph=replace(graph, nodes=tuple(nodes)))


def mlp() -> Model:
    """A multi-layer perceptron with two hidden layers, all widths symbolic."""
    return layered("mlp", Layered(("D", "H1", "H2", "K")), title="two hidden layers, symbolic widths")


ZOO: Mapping[str, Callable[[], Model]] = {
    make.__name__: make
    for make in (
        classifier_3_3_3,
        classifier_3_3_3_softmax,
        worked_2_2_2,
        logistic_regression,
        adaline,
        linear_regression,
        line_through_origin,
        xor_2_2_1,
        digits_64_32_10,
        skip,
        mlp,
    )
}


def zoo(name: str) -> Model:
    """Return a named network.

    Raises
    ------
    UnknownNameError
        If there is none of that name; the message has the nearest ones.
    """
    if name not in ZOO:
        raise unknown("network", name, ZOO)
    return ZOO[name]()
