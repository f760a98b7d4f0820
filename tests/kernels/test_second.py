"""Emitted second derivatives against differences of the emitted gradients, and against one another."""

from types import SimpleNamespace

import numpy as np
import pytest

from symgrad.errors import DataError, UnknownNameError
from symgrad.kernels.build import spec_of
from symgrad.kernels.files import load_kernel, write
from symgrad.kernels.module import generate
from symgrad.kernels.second import SECOND
from symgrad.model.layered import Layered, layered
from symgrad.model.zoo import zoo
from tests.kernels.uncompiled import plain

ROWS, STEP = 5, 1e-5


def shapes(table, sizes):
    def number(extent):
        return extent if isinstance(extent, int) else sizes[extent]

    return [tuple(map(number, shape)) for shape in table.values()]


def split(flat, parts):
    ends = np.cumsum([part.size for part in parts])[:-1]
    return [piece.reshape(part.shape) for piece, part in zip(np.split(flat, ends), parts, strict=True)]


def joined(arrays):
    found = arrays if isinstance(arrays, tuple) else (arrays,)
    return np.concatenate([np.ravel(array) for array in found])


def whole(blocks, parts):
    """Put the blocks on and above the diagonal together."""
    ends = np.cumsum([0, *(part.size for part in parts)])
    result = np.zeros((ends[-1], ends[-1]))
    left = iter(blocks if isinstance(blocks, tuple) else (blocks,))
    for a in range(len(parts)):
        for b in range(a, len(parts)):
            block = next(left).reshape(parts[a].size, parts[b].size)
            result[ends[a] : ends[a + 1], ends[b] : ends[b + 1]] = block
            result[ends[b] : ends[b + 1], ends[a] : ends[a + 1]] = block.T
    return result


def differences(function, at):
    steps = STEP * np.eye(at.size)
    return np.array([(function(at + step) - function(at - step)) / (2 * STEP) for step in steps]).T


# In the deep one a matrix product lands on a diagonal: ∂²J/∂W1[k,l]∂a1[n,i] has a term at k = i.
NETWORKS = [
    (zoo("logistic_regression"), {"N": ROWS, "D": 3}),
    (layered("soft", Layered((2, 3, 2), output="softmax", loss="cross_entropy", targets="one_hot")), {}),
    (layered("deep", Layered((3, 4, 3, 2), output="identity", bias="none")), {}),
]


def text_of(model):
    return generate(spec_of(model, also=tuple(SECOND)))


@pytest.mark.parametrize(("model", "sizes"), NETWORKS, ids=lambda part: getattr(part, "name", ""))
def test_second_derivatives_of_a_text(model, sizes):
    made = plain(text_of(model))
    check(model, sizes, SimpleNamespace(**made, also=made))


@pytest.mark.slow
def test_second_derivatives_of_a_compiled_kernel():
    model, sizes = NETWORKS[1]
    check(model, sizes, load_kernel(write(text_of(model))))


@pytest.mark.parametrize("name", ["hessian_vector", "gauss_newton_vector"])
def test_a_direction_has_the_shape_of_its_parameter(name, tmp_path):
    """Nothing is compiled: what does not fit would be read beyond its end."""
    made = load_kernel(write(text_of(zoo("logistic_regression")), tmp_path / "second.py"))
    given = [np.ones(shape) for shape in ((5, 3), 5, 3, 1, 3, 1)]
    with pytest.raises(DataError, match=r"v_w has the shape \(1,\), but the network wants \(3,\)"):
        made.also[name](*given[:4], np.ones(1), np.ones(1))
    with pytest.raises(DataError, match="v_b holds float32"):
        made.also[name](*given[:5], np.ones(1, "float32"))


def check(model, sizes, kernel):
    sizes = {**model.numbers(samples=ROWS), **sizes}
    source = np.random.default_rng(0)
    (x,) = (source.normal(size=shape) for shape in shapes(kernel.INPUTS, sizes))
    (rows,) = shapes(kernel.TARGETS, sizes)
    t = np.eye(2)[source.integers(0, 2, ROWS)] if len(rows) == 2 else source.integers(0, 2, rows) * 1.0
    parts = [source.normal(size=shape) / 2 for shape in shapes(kernel.PARAMETERS, sizes)]
    flat, along = joined(tuple(parts)), source.normal(size=sum(part.size for part in parts))

    full = whole(kernel.also["hessian"](x, t, *parts), parts)
    truth = differences(lambda at: joined(kernel.gradients(x, t, *split(at, parts))[1:]), flat)
    assert np.abs(full - truth).max() < 1e-9 * (1 + np.abs(truth).max())

    product = joined(kernel.also["hessian_vector"](x, t, *parts, *split(along, parts)))
    assert np.allclose(product, full @ along, rtol=1e-12, atol=1e-14)

    found = kernel.also["jacobian"](x, *parts)
    slopes = np.concatenate([j.reshape(-1, part.size) for j, part in zip(found, parts, strict=True)], axis=1)
    outputs = differences(lambda at: np.ravel(kernel.forward(x, *split(at, parts))), flat)
    assert np.abs(slopes - outputs).max() < 1e-9

    curved = joined(kernel.also["gauss_newton_vector"](x, t, *parts, *split(along, parts)))
    assert along @ curved > 0


def test_the_module_says_what_it_has():
    text = generate(spec_of(zoo("linear_regression"), also=("hessian",)))
    assert 'ALSO = ("hessian",)' in text
    assert "∂²J/∂w[i]∂w[j] = 1/N · Σ_n x[n,i] x[n,j]" in text
    assert "ALSO" not in generate(spec_of(zoo("linear_regression")))


def test_an_unknown_function_is_refused():
    with pytest.raises(UnknownNameError, match="hessain"):
        spec_of(zoo("logistic_regression"), also=("hessain",))
