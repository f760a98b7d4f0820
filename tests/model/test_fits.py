"""What sizes must satisfy for definitions to stay inside of their arrays."""

import numpy as np
import pytest

import symgrad as sg
from symgrad.errors import DataError
from symgrad.model.expressions import Ref, index, size
from symgrad.model.fits import conditions, ends
from symgrad.model.graph import Axis, Term
from symgrad.model.zoo import ZOO


@pytest.mark.parametrize("name", ZOO)
def test_dense_networks_need_nothing(name: str) -> None:
    assert conditions(ZOO[name]().graph) == ()


def test_a_window_needs_its_image() -> None:
    net = sg.sequential((1, "H", "W"), ["conv2d 2 3"], loss="squared_error")
    assert set(map(str, conditions(net.model.graph))) == {"H - 3", "W - 3"}


def test_a_lag_needs_its_steps() -> None:
    nodes = {"s": "[t] x1[t] + s[t-2]/2", "J": "sum(t, s[t])"}
    spec = sg.Definitions({"t": "T"}, {"x1": "t"}, {}, {}, nodes, initial={"s": "1"})
    assert "T - 2" in map(str, conditions(sg.define(spec).model.graph))


def test_the_ends_of_a_subscript() -> None:
    i, k, K = index("i"), index("k"), size("K")
    term = Term((), (Axis("i", size(4)), Axis("k", K)), Ref("x", (i - k,)))
    assert ends(2 * i - k + 1, term) == (2 - K, 7)


def test_arrays_are_checked_before_the_compiled_call(tmp_path) -> None:
    net = sg.sequential((1, "H", "W"), ["conv2d 2 3", "relu"], loss="squared_error")
    kernel = net.compile(path=tmp_path / "small.py")
    weights = np.zeros((2, 1, 3, 3)), np.zeros(2)
    with pytest.raises(DataError, match="H = 2 is too small for this network: H - 3 is -1"):
        kernel.forward(np.zeros((2, 1, 2, 4)), *weights)
    with pytest.raises(
        DataError, match=r"x has the shape \(2, 2, 5, 5\), but the network wants \(N, 1, H, W\)"
    ):
        kernel.forward(np.zeros((2, 2, 5, 5)), *weights)
