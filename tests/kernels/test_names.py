"""No name of a network, whatever it is, means two things in the text of its kernel."""

from typing import Any

import numpy as np
import pytest

from symgrad.errors import DefinitionError
from symgrad.kernels.bindings import check_bindings
from symgrad.kernels.build import can_compile, spec_of
from symgrad.kernels.certify import prove_kernel
from symgrad.kernels.module import generate
from symgrad.model.free import Definitions, define_model
from symgrad.model.model import Model
from tests.kernels.uncompiled import plain

pytestmark = pytest.mark.uncompiled

SCALARS = {"n": "N", "i": 2, "j": 2}
ARRAYS = {"n": "N", "i": "D", "j": "H"}
NAMES = (
    "x_now", "t_now", "x_batch", "x_columns", "rows", "order", "batch", "stop", "last", "first", "size",
    "epoch", "used", "losses", "shuffle", "drop_last", "random_state", "learning_rate", "begin", "start",
    "one", "zero", "half", "per_N", "k", "i0", "constant", "reorder", "forward", "loss", "gradients",
    "train", "W_00", "c_0", "dW", "v_W", "m_W", "beta1", "beta1_to_the_step", "z_sum", "x_n", "y_flat",
    "per_y", "x_batches", "batches", "place",
)  # fmt: skip


def network(name: str, axes: dict[str, int | str]) -> Model:
    """Return a network with a parameter of that name."""
    nodes = {
        "z": f"[n,j] sum(i, W[j,i]*x[n,i]) + c[j] + {name}[j]",
        "y": "[n,j] sigmoid(z[n,j])",
        "J": "sum(n, sum(j, (y[n,j] - t[n,j])^2))/N",
    }
    leaves = {"x": "n i"}, {"t": "n j"}, {"W": "j i", "c": "j", name: "j"}
    return define_model("awkward", Definitions(axes, *leaves, nodes, output="y"))


def trained(model: Model, rule: str) -> list[Any]:
    """Return all arrays after some training, the caller's data among them."""
    made = plain(generate(spec_of(model, rule)))
    rng, sizes = np.random.default_rng(4), {"N": 5, "D": 2, "H": 2}

    def array(shape: tuple[int | str, ...]) -> Any:
        return rng.normal(size=[sizes[s] if isinstance(s, str) else s for s in shape])

    tables = (made["INPUTS"], made["TARGETS"], made["PARAMETERS"])
    given = [array(shape) for table in tables for shape in table.values()]
    states = [np.zeros_like(array(shape)) for shape in made["STATES"].values()]
    tail = (2, True, False, np.ones(1, np.uint64), np.zeros(1, np.uint8), np.empty(3))
    assert made["train"](*given, *states, *made["OPTIONS"].values(), *tail) == 3
    return [*given, *states, tail[-1]]


@pytest.mark.parametrize("axes", [SCALARS, ARRAYS], ids=["scalars", "arrays"])
@pytest.mark.parametrize("rule", [pytest.param("sgd", marks=pytest.mark.slow), "adam"])
def test_training_does_not_depend_on_a_name(axes: dict[str, int | str], rule: str) -> None:
    expected = trained(network("plain", axes), rule)
    for name in NAMES:
        for one, other in zip(trained(network(name, axes), rule), expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12, err_msg=name)


@pytest.mark.parametrize("name", ["x_now", "one", "order", "W_00"])
def test_the_module_tells_the_names_of_the_network(name: str) -> None:
    made = plain(generate(spec_of(network(name, SCALARS), "adam")))
    assert list(made["PARAMETERS"]) == ["W", "c", name]
    assert made["TRAINED"] == ("W", "c", name)
    assert f"m_{name}" in made["STATES"]


def test_only_what_clashes_makes_way() -> None:
    text = generate(spec_of(network("order", ARRAYS)))
    assert "def gradients(x, t, W, c, order_):" in text
    assert "def gradients(x, t, W, c, plain):" in generate(spec_of(network("plain", ARRAYS)))


@pytest.mark.parametrize("name", ["one", "batch", "rows", "half", "constant", "x_now"])
def test_sizes_and_letters_make_way(name: str) -> None:
    for axes, letter in (
        ({"n": "N", "i": name}, "i"),
        ({"n": name, "i": "D"}, "i"),
        ({"n": "N", name: "D"}, name),
    ):
        nodes = {
            "y": f"[n] sum({letter}, w[{letter}]*x[n,{letter}])",
            "J": f"sum(n, (y[n] - t[n])^2)/2 + sum({letter}, w[{letter}]^2)",
        }
        leaves = {"x": f"n {letter}"}, {"t": "n"}, {"w": letter}
        model = define_model("awkward", Definitions(axes, *leaves, nodes, output="y"))
        text = generate(spec_of(model))
        made = plain(text)
        assert made["INPUTS"] == {"x": (axes["n"], axes[letter])}
        assert made["SAMPLES"] == axes["n"]
        assert all(finding.right for (finding,) in prove_kernel(model, text).values())
        x, w = np.ones((3, 2)), np.zeros(2)
        tail = (2, True, False, np.ones(1, np.uint64), np.zeros(1, np.uint8), np.empty(2))
        assert made["train"](x, np.ones(3), w, 0.05, *tail) == 2
        np.testing.assert_array_equal(x, 1)


def test_an_override_of_the_schedule_follows_its_node() -> None:
    text = generate(spec_of(network("order", ARRAYS), schedule={"dorder": "loops", "z": "loops"}))
    assert "np.dot(x, W.T, z)" not in text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("def f(a, b, a):\n    return b", "a"),
        ("def f(x, rate):\n    rate = 1\n    x = rate", "x"),
        ("def f(x):\n    for x in range(3):\n        x[0] = 1", "x"),
    ],
)
def test_a_text_that_binds_an_argument_anew_is_refused(text: str, name: str) -> None:
    with pytest.raises(DefinitionError, match=f"^{name} would mean two things in f; rename"):
        check_bindings(text, ("rate",))


def test_numbers_may_be_converted() -> None:
    check_bindings("def f(x, rate):\n    rate = 1\n    x[0] = rate", ("rate",))


BOTH = {"n": "N", "i": "D"}
SUM = "sum(n, (y[n] - t[n])^2)"


@pytest.mark.parametrize(
    ("leaves", "nodes", "message"),
    [
        (
            ({"x": "n i"}, {"t": "n", "s": "n"}, {"w": "i"}),
            {"y": "[n] sum(i, w[i]*x[n,i]) + s[n]", "J": SUM},
            "the output y needs the target s, which a prediction has not",
        ),
        (
            ({"x": "i n"}, {"t": "n"}, {"w": "i"}),
            {"y": "[n] sum(i, w[i]*x[i,n])", "J": SUM},
            "samples first; of x another index than the first has the size N",
        ),
        (
            ({"x": "i"}, {}, {"w": "i", "v": "n"}),
            {"y": "[n] sum(i, w[i]*x[i]) + v[n]", "J": "sum(n, y[n]^2)"},
            "samples first; no first index of x has the size N",
        ),
    ],
)
def test_leaves_that_a_kernel_cannot_take(leaves: Any, nodes: dict[str, str], message: str) -> None:
    model = define_model("several", Definitions(BOTH, *leaves, nodes, output="y"))
    assert not can_compile(model)
    with pytest.raises(DefinitionError, match=message):
        spec_of(model)
