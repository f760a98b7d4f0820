"""Products in tiles of the kernel's own: every edge, both layouts, both types; and where they are chosen."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

import symgrad as sg
from symgrad.kernels.build import spec_of
from symgrad.kernels.checker import check_file
from symgrad.kernels.explain import explained
from symgrad.kernels.files import load_kernel, write
from symgrad.kernels.module import generate
from symgrad.kernels.spec import KernelSpec

BESIDE = 24
"""Columns beside a matrix that a product must leave alone."""


def network(*sizes: int) -> sg.Network:
    return sg.mlp(sizes, hidden="tanh", output="softmax", loss="cross_entropy", targets="labels")


def tiled() -> KernelSpec:
    """Describe a small kernel, all of whose products are in tiles that can be."""
    spec = spec_of(network(12, 9, 4).model, fast=True, schedule={"*": "arrays"})
    ways = dict.fromkeys((node.name for node in spec.graph.nodes), "tiles")
    return replace(spec, schedule={"*": "arrays", **ways})


def compiled(text: str) -> Any:
    """Return the product of a kernel as a function that Python may call."""
    set_in_tiles = load_kernel(write(text)).module.set_in_tiles

    @njit(error_model="numpy")
    def product(out: Any, keep: Any, rate: Any, left: Any, right: Any) -> None:
        set_in_tiles(out, keep, rate, left, right)

    return product


@pytest.fixture(scope="module")
def product() -> Any:
    return compiled(generate(tiled()))


def surrounded(matrix: Any) -> tuple[Any, Any]:
    """Return an array of NaN with a matrix inside, and that part of it."""
    rows, columns = matrix.shape
    around = np.full((rows + 2, columns + 2 * BESIDE), np.nan, matrix.dtype)
    inside = around[1:-1, BESIDE:-BESIDE]
    inside[:] = matrix
    return around, inside


@pytest.mark.parametrize("kind", ["float32", pytest.param("float64", marks=pytest.mark.slow)])
@given(
    rows=st.integers(1, 20),
    inner=st.sampled_from([1, 2, 31, 255, 256, 257, 513]),
    columns=st.integers(1, 140) | st.sampled_from([15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129]),
    keep=st.sampled_from([0, 1, -2]),
    rate=st.sampled_from([1, 3]),
    turned=st.booleans(),
)
def test_every_edge_is_right(
    product: Any, kind: str, rows: int, inner: int, columns: int, keep: int, rate: int, turned: bool
) -> None:
    """Of small integers products are exact; what stands beside a matrix is neither read nor written."""
    random = np.random.default_rng((rows, inner, columns))
    shapes = (inner, rows) if turned else (rows, inner), (inner, columns), (rows, columns)
    left, right, before = (random.integers(-3, 4, shape).astype(kind) for shape in shapes)
    (_, one), (_, other) = surrounded(left), surrounded(right)
    around, out = surrounded(before if keep else np.full_like(before, np.nan))
    product(out, keep, rate, one.T if turned else one, other)
    np.testing.assert_array_equal(out, keep * before + rate * ((left.T if turned else left) @ right))
    assert np.isnan(around).sum() == around.size - out.size


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_the_width_of_tiles_changes_no_bit(product: Any, kind: str) -> None:
    """Processors without AVX-512 end where others do."""
    text, wide = generate(tiled()), '256 if "+avx512f" in get_host_cpu_features() else 64'
    assert wide in text
    random = np.random.default_rng(2)
    (_, left), (_, right) = (
        surrounded(random.standard_normal(shape).astype(kind)) for shape in ((13, 300), (300, 150))
    )
    ends = [surrounded(np.ones((13, 150), kind))[1] for _ in range(2)]
    for out, multiply in zip(ends, (product, compiled(text.replace(wide, "64"))), strict=True):
        multiply(out, 1, -0.1, left, right)
    np.testing.assert_array_equal(*ends)


def chosen(*sizes: int, rows: int = 64, fast: bool = True) -> set[str]:
    """Return what is computed in tiles."""
    told = explained(spec_of(network(*sizes).model, fast=fast, batch=rows))
    return {line.partition(":")[0] for line in told if ": tiles, " in line}


def test_large_products_of_rows_are_in_tiles() -> None:
    assert chosen(784, 128, 10) == {"z1", "dW1"}
    assert chosen(784, 512, 512, 10) == {"z1", "dW1", "dz1", "dW2"}


@pytest.mark.parametrize(
    ("sizes", "rows"),
    [
        pytest.param((64, 32, 10), 32, id="BLAS has kernels for small ones"),
        pytest.param((784, 100, 10), 64, id="a third of the columns is beyond full tiles"),
        pytest.param((784, 128, 10), 1, id="single samples"),
    ],
)
def test_others_are_not(sizes: tuple[int, ...], rows: int) -> None:
    assert chosen(*sizes, rows=rows) == set()


def test_a_left_factor_that_leaves_the_cache_is_better_copied() -> None:
    assert chosen(1024, 128, 10, rows=512) == {"z1"}


def test_a_plain_kernel_has_no_tiles() -> None:
    assert chosen(784, 128, 10, fast=False) == set()
    assert "llvmlite" not in generate(spec_of(network(784, 128, 10).model))


def test_the_file_alone_is_checked(tmp_path: Path) -> None:
    """Its tiles have to be, word for word, those that kernels are given."""
    text = generate(spec_of(network(3, 4, 2).model, fast=True, schedule={"*": "arrays", "dW1": "tiles"}))
    path = tmp_path / "kernel.py"
    path.write_text(text)
    assert check_file(path).verdict == "right"
    path.write_text(text.replace("top + 2 <= rows", "top + 3 <= rows"))
    with pytest.raises(sg.SymgradError, match="set_strip is not the function that kernels are given"):
        check_file(path)
