"""One derivative along a curve holds the derivatives by all entries that move."""

import pytest
import sympy as sp

import symgrad.derive.curves
from symgrad.derive.agreement import against_witness, at_sizes
from symgrad.derive.curves import TIME, Curve, Moving, curve
from symgrad.derive.deltas import deltas
from symgrad.derive.scalars import composite, witness
from symgrad.exact.algebra import Algebra
from symgrad.exact.normalforms import NormalForms
from symgrad.model.expressions import quantity
from symgrad.model.layered import Layered, layered
from tests.examples import graph


def net(hidden="tanh", output="softmax", loss="cross_entropy"):
    return layered("net", Layered((2, 2, 2), hidden=hidden, output=output, loss=loss)).graph


def instance_of(whole, *names):
    return at_sizes(whole, deltas(whole, names), {"N": 1, "D": 2, "H": 2, "K": 2})


def entry_of(found: Curve, entry: str, algebra: Algebra, known):
    return found.along({entry: algebra.number(1)}, algebra, known)


def test_time_moves_an_entry_with_its_velocity():
    w = Moving("w")
    assert sp.diff(w**2, TIME) == 2 * w * Moving("w", 1)
    assert sp.diff(w**2, quantity("w")) == 0
    assert (str(w), str(Moving("w", 1))) == ("w", "w'")


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu", "softplus"])
def test_every_entry_has_the_derivative_that_it_has_alone(hidden):
    instance = instance_of(net(hidden), "W1", "b2")
    algebra = NormalForms()
    leaves = {n.name: algebra.leaf(n.name) for n in instance.forward.nodes if n.is_leaf}
    known = {quantity(name): value for name, value in leaves.items()}
    known |= {Moving(name): value for name, value in leaves.items()}
    for entry in (*instance.entries["W1"], *instance.entries["b2"]):
        found = entry_of(instance.curve, entry, algebra, known)
        alone = witness(instance.forward, entry, instance.loss)
        wanted = symgrad.derive.curves.translate(alone, algebra, dict(known))
        assert algebra.equal(found, wanted), entry


def test_what_has_no_velocity_stands_still():
    whole = graph({}, ["x"], ["u", "v"], {"a": "u^2*x", "J": "a*v"})
    found = curve(whole, "J", ["v"])
    algebra = NormalForms()
    known = {quantity(n): algebra.leaf(n) for n in ("x", "u")} | {Moving("v"): algebra.leaf("v")}
    product = known[quantity("u")] ** 2 * known[quantity("x")]
    assert algebra.equal(entry_of(found, "v", algebra, known), product)
    assert found.along({}, algebra, known).is_zero()


def test_the_loss_is_written_and_derived_once_for_all_entries(monkeypatch):
    written, derived = [], []
    slope = Curve.slope.func
    monkeypatch.setattr(Curve.slope, "func", lambda self: derived.append(self) or slope(self))
    monkeypatch.setattr(
        symgrad.derive.curves, "composite", lambda *args: written.append(args) or composite(*args)
    )
    instance = instance_of(net(), "W1", "W2", "b1", "b2")
    found = against_witness(instance, ["W1", "W2", "b1", "b2"])
    assert {f.evidence for f in found.values()} == {"proved"}
    assert (len(written), len(derived)) == (1, 1)
