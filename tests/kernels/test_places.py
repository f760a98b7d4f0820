"""Subscripts that few networks have: windows over joined arrays, entries of other samples."""

from dataclasses import replace

import pytest
import sympy as sp

from symgrad.kernels.build import spec_of
from symgrad.kernels.certify import prove_kernel
from symgrad.kernels.plan import schedule, whole
from symgrad.model.expressions import size
from symgrad.model.graph import Node, Term
from symgrad.model.model import Model
from tests.kernels.shapes import N, at, axis, given, model, node, weight

pytestmark = pytest.mark.uncompiled

D, n, i, q = size("D"), N.symbol, axis("i", "D").symbol, axis("q", 2).symbol


def without_target(name: str, *nodes: Node) -> Model:
    """Return a network without targets."""
    return replace(model(name, *nodes), targets=())


def window_over_a_concatenation() -> Model:
    """Return ``Σ_i Σ_q h[i+q] w2[q]`` where h is w1 twice, one behind the other."""
    x, w1, w2 = given("x", N, axis("i", "D")), weight("w1", axis("i", "D")), weight("w2", axis("q", 2))
    wide = axis("i", 2 * D)
    parts = (Term((i + k * D,), (axis("i", "D"),), at(w1, i)) for k in (0, 1))
    h = node("h", (wide,), *parts)
    inner = axis("i", 2 * D - 1)
    y = node("y", (inner,), Term((i,), (inner, axis("q", 2)), at(h, i + q) * at(w2, q)))
    return without_target("joined", x, w1, w2, h, y, node("J", (), Term((), (inner,), at(y, i))))


def other_samples() -> Model:
    """Return a loss that reads the first sample beside each: no loop over samples has it at hand."""
    x, w = given("x", N), weight("w")
    y = node("y", (N,), Term((n,), (N,), at(w) * at(x, n)))
    both = Term((), (N,), at(y, n) ** 2 + at(y, sp.Integer(0)) * at(w))
    return without_target("others", x, w, y, node("J", (), both))


@pytest.mark.parametrize("made", [window_over_a_concatenation, other_samples])
def test_the_kernel_is_right(made: object) -> None:
    assert callable(made)
    assert all(finding.right for (finding,) in prove_kernel(made()).values())


def test_a_window_over_joined_arrays_is_a_loop() -> None:
    assert "loops" in {c.how for c in schedule(spec_of(window_over_a_concatenation()))}


def test_what_reads_other_samples_is_kept_in_arrays() -> None:
    assert whole(spec_of(other_samples())).unrolled is None
