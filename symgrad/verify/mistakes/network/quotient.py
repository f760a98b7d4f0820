"""What is between a claim and the gradient of an entry: quantities exchanged, or two that are missing.

The quotient of the two is looked up among the quotients and the products of what the network has: values,
deltas, slopes of activations.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from symgrad.exact.tapes import Slot
from symgrad.verify.mistakes.network.bench import Bench, finite, same
from symgrad.verify.mistakes.network.edits import same_role
from symgrad.verify.mistakes.network.flow import DELTA, Floating
from symgrad.verify.verdict import Mistake

MOST = 120
NEAR = 1e-9


@dataclass(frozen=True)
class Quantity:
    """Something that a network has: a value, or with a delta's sign before it a delta."""

    name: str
    node: str
    at: tuple[int, ...]

    @property
    def is_delta(self) -> bool:
        """Whether it is a delta."""
        return self.name.startswith(DELTA)

    def slot(self, bench: Bench) -> Slot:
        """Return it as a step of the tape."""
        found = (bench.posed.deltas if self.is_delta else bench.posed.values)[self.node]
        return found[self.at]


@dataclass(frozen=True)
class Between:
    """Which quantities a claim has in the place of others: it is the gradient · `has` / `lacks`."""

    kind: str
    text: str
    cost: float
    has: tuple[Quantity, ...]
    lacks: tuple[Quantity, ...]

    def gives(self, bench: Bench, wrt: str) -> Slot:
        """Return the claim as steps of the tape."""
        value: Slot = bench.posed.delta(wrt).item()
        for one in self.has:
            value = value * one.slot(bench)
        for one in self.lacks:
            value = value / one.slot(bench)
        return value


def of_another(bench: Bench, wrt: str, claim: Floating) -> Iterator[tuple[Mistake, str]]:
    """Yield the nodes whose gradient was given in place of that by `wrt`, with the mistake that this is."""
    shape = bench.posed.delta(wrt).shape
    own = bench.place(wrt)[0]
    for other in bench.posed.table:
        node = bench.place(other)[0]
        known = node in bench.flow.above and not bench.scene.graph[node].auxiliary and other != wrt
        if known and bench.posed.delta(other).shape == shape and same(bench.truth(other), claim):
            above = node in bench.scene.upwards(own)
            kind = "missing_chain_factor" if above else "wrong_operand"
            text = f"that is ∂{bench.scene.loss}/∂{other}"
            yield Mistake(kind, "", f"{text}, the rest of the chain is missing" if above else text), other


def between(bench: Bench, wrt: str, claim: Floating) -> Iterator[Between]:
    """Yield what explains the quotient of a claim and the gradient of one entry."""
    truth = bench.truth(wrt)
    kept = finite(claim, truth) & (np.abs(truth[:, 0]) > 0) & (np.abs(claim[:, 0]) > 0)
    if claim.shape[1] != 1 or kept.sum() < 6:
        return
    known, values = _library(bench, wrt)
    if len(known) > MOST:
        return
    quotient = (claim / truth)[kept]
    sizes = values[kept]
    exchanged = ((known[m], known[k]) for k, m in _pairs(quotient, sizes, 1 / sizes))
    yield from (_exchanged(bench, a, b) for a, b in exchanged if a.is_delta == b.is_delta)
    products = [(k, m) for k, m in _pairs(1 / quotient, sizes, sizes) if k <= m]
    yield from (_missing(known[k], known[m]) for k, m in products)


def _pairs(wanted: Floating, ones: Floating, others: Floating) -> list[tuple[int, int]]:
    """Return the pairs whose product is what is wanted at all points."""
    first = ones[0][:, None] * others[0][None, :]
    near = np.argwhere(np.abs(first - wanted[0]) <= NEAR * np.abs(wanted[0]))
    return [
        (int(k), int(m))
        for k, m in near
        if k != m and (np.abs(ones[:, k] * others[:, m] - wanted[:, 0]) <= NEAR * np.abs(wanted[:, 0])).all()
    ]


def _library(bench: Bench, wrt: str) -> tuple[list[Quantity], Floating]:
    graph, posed = bench.scene.graph, bench.posed
    owner, _ = bench.place(wrt)
    nodes = [
        n
        for n in graph.nodes
        if not n.auxiliary and n.name in bench.flow.above and n.name != bench.scene.loss
    ]
    names = [node.name for node in nodes]
    inner = [node.name for node in nodes if not node.is_leaf and node.name != owner]
    keys = [
        Quantity(str(posed.names[n][at]), n, at) for n in names for at in np.ndindex(posed.names[n].shape)
    ]
    keys += [
        Quantity(f"{DELTA}{bench.scene.loss}/{DELTA}{posed.names[n][at]}", n, at)
        for n in inner
        for at in np.ndindex(posed.names[n].shape)
    ]
    columns = [bench.flow.values[n] for n in names] + [bench.flow.values[DELTA + n] for n in inner]
    return keys, np.concatenate(columns, axis=1)


def _exchanged(bench: Bench, right: Quantity, wrong: Quantity) -> Between:
    text = f"{wrong.name} stands where {right.name} belongs"
    cost = 1.8 if right.node == wrong.node and right.is_delta == wrong.is_delta else 2.3
    return Between(_kind(bench, right, wrong), text, cost, (wrong,), (right,))


def _kind(bench: Bench, right: Quantity, wrong: Quantity) -> str:
    alike = same_role(bench.scene.graph, right.node, wrong.node)
    apart = right.node != wrong.node and right.is_delta == wrong.is_delta
    return "wrong_layer" if alike and apart else "wrong_operand"


def _missing(one: Quantity, other: Quantity) -> Between:
    text = f"the factors {one.name} and {other.name} are missing"
    return Between("missing_chain_factor", text, 2.6, (), (one, other))
