"""What a diagnosis needs of a network, computed once: its values at points, and what every mistake gives."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt

from symgrad.model.graph import Edge
from symgrad.verify.evidence.domain import Domain
from symgrad.verify.mistakes.network.catalogue import Mutant, mutants_of
from symgrad.verify.mistakes.network.edits import Scene
from symgrad.verify.mistakes.network.flow import (
    DELTA,
    POINTS,
    Floating,
    Flow,
    flow,
    pulled_once,
    rounds,
    sampled,
)
from symgrad.verify.networks.posing import Posed, Slots

TOLERANCE = 1e-9
ENOUGH = 6
SIDES, RANGE = (-1, 1), (0.2, 1.8)
TINY = 1e-300

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Bench:
    """A network at random points, and its mistaken derivations there.

    Attributes
    ----------
    posed
        The network.
    gradients, tangents
        What the mistakes give, and ∂node/∂entry, by what is derived by; filled as they are asked for.
    """

    posed: Posed
    gradients: dict[str, tuple[Floating, ...]] = field(default_factory=dict[str, tuple[Floating, ...]])
    tangents: dict[str, Mapping[str, Floating]] = field(default_factory=dict[str, Mapping[str, Floating]])

    @cached_property
    def points(self) -> list[Mapping[str, Any]]:
        """The points, in the domain of the network; of free leaves any floats will do."""
        return [self._point(Random(seed)) for seed in range(POINTS)]

    def _point(self, source: Random) -> Mapping[str, Any]:
        arrays = self.posed.domain.arrays
        known = Domain(tuple(array for array in arrays if array.kind != "free")).point(source)
        free = (key for array in arrays if array.kind == "free" for key in array.leaves)
        return {**{key: source.choice(SIDES) * source.uniform(*RANGE) for key in free}, **known}

    @cached_property
    def flow(self) -> Flow:
        """Values and deltas at the points."""
        return flow(self.posed, self.points)

    @cached_property
    def scene(self) -> Scene:
        """The network as mistakes see it."""
        return Scene(self.posed)

    @cached_property
    def mutants(self) -> tuple[Mutant, ...]:
        """The mistakes of the catalogue that can be made here."""
        return tuple(mutants_of(self.scene))

    def place(self, wrt: str) -> tuple[str, tuple[int, ...] | None]:
        """Return the node of the layer view, and for an entry of it the place among its entries."""
        if self.posed.view.level == "layer":
            return wrt, None
        owner, at = self.posed.places[wrt]
        return owner, at

    def of(self, wrt: str, whole: Floating) -> Floating:
        """Return what belongs to `wrt` of the entries of its node: points × entries."""
        owner, at = self.place(wrt)
        if at is None:
            return whole
        shape = self.posed.values[owner].shape
        place = int(np.ravel_multi_index(at, shape)) if shape else 0
        return whole[:, place : place + 1]

    def truth(self, wrt: str) -> Floating:
        """Return the gradient at the points."""
        return self.of(wrt, self.flow.values[DELTA + self.place(wrt)[0]])

    def claimed(self, claim: Slots) -> Floating:
        """Return a claim at the points."""
        return sampled(self.posed, self.points, {"claim": claim})["claim"]

    def mistaken(self, wrt: str) -> tuple[Floating, ...]:
        """Return what every mistake of the catalogue gives for a gradient."""
        if wrt not in self.gradients:
            with np.errstate(all="ignore"):
                self.gradients[wrt] = tuple(self.gradient(mutant, wrt) for mutant in self.mutants)
        return self.gradients[wrt]

    def gradient(self, mutant: Mutant, wrt: str) -> Floating:
        """Return the gradient of a mistaken derivation at the points."""
        owner, _ = self.place(wrt)
        truth = self.flow.values[DELTA + owner]
        if owner not in self.within(mutant):
            return self.of(wrt, truth)
        channels = self.flow.channels
        changed = {
            edit.edge.key: self.flow.evaluated(edit.partial, channels[edit.edge.key]) for edit in mutant.edits
        }
        if not self.is_last_step(owner, [edit.edge for edit in mutant.edits]):
            return self.of(wrt, self.flow.deltas(changed, [owner])[owner])
        known = {name: self.flow.values[DELTA + name] for name in self.flow.above}
        return self.of(wrt, pulled_once(self.flow, owner, self.flow.label, known, changed))

    def is_last_step(self, owner: str, edges: Sequence[Edge]) -> bool:
        """Whether a mistake is in the last step to a node of a recurrence: deltas are then right on the way.

        A claim for such a node speaks of the deltas that follow it.
        """
        return owner in self.scene.graph.recurrent and all(edge.parent == owner for edge in edges)

    def ways(self, wrt: str, edge: Edge) -> list[int]:
        """Return the places of an edge that lie on a way to `wrt`."""
        tangent = self.tangent(wrt)
        if edge.parent not in tangent:
            return []
        moved = np.asarray(tangent[edge.parent].any(axis=(0, 1)))
        return [int(k) for k in np.flatnonzero(moved[self.flow.channels[edge.key].read.places])]

    def ends(self, edge: Edge, number: int) -> tuple[str, str]:
        """Return the names of the entries, parent and child, that an edge joins at one place."""
        here = self.flow.channels[edge.key]
        parent = self.posed.names[edge.parent].reshape(-1)[here.read.places[number]]
        child = self.posed.names[edge.child].reshape(-1)[here.write.places[number]]
        return str(parent), str(child)

    def within(self, mutant: Mutant) -> frozenset[str]:
        """Return the nodes whose deltas a mistake can touch."""
        return self.scene.below(tuple(edit.edge.parent for edit in mutant.edits))

    def tangent(self, wrt: str) -> Mapping[str, Floating]:
        """Return ∂node/∂entry for every node above: points × entries of `wrt` × entries of the node."""
        if wrt not in self.tangents:
            self.tangents[wrt] = self._tangent(wrt)
        return self.tangents[wrt]

    def _tangent(self, wrt: str) -> Mapping[str, Floating]:
        owner, at = self.place(wrt)
        count = self.flow.values[owner].shape[1]
        seed = np.broadcast_to(np.eye(count), (self.flow.points, count, count))
        if at is not None:
            shape = self.posed.values[owner].shape
            place = int(np.ravel_multi_index(at, shape)) if shape else 0
            seed = seed[:, place : place + 1]
        return pushed_forward(self.flow, owner, seed)


def pushed_forward(flow: Flow, owner: str, seed: Floating) -> dict[str, Floating]:
    """Carry a tangent from a node up to the loss."""
    found = {owner: seed}
    for group in flow.graph.groups:
        names = [name for name in group.names if name in flow.above]
        for _ in range(rounds(flow.posed, group)):
            for name in names:
                found[name] = _pushed(flow, name, found, owner, seed)
    return found


def _pushed(flow: Flow, name: str, found: Mapping[str, Floating], owner: str, seed: Floating) -> Floating:
    width = flow.values[name].shape[1]
    whole = seed.copy() if name == owner else np.zeros((*seed.shape[:2], width))
    for edge in flow.graph.in_edges[name]:
        if edge.parent in found:
            whole = whole + flow.channels[edge.key].pushed(flow.label(edge)[:, None, :], found[edge.parent])
    return whole


def finite(*arrays: Floating) -> Mask:
    """Return the points at which everything is a number."""
    return np.asarray(np.stack([np.isfinite(array).all(axis=1) for array in arrays]).all(axis=0))


def same(one: Floating, other: Floating, size: Floating | None = None) -> bool:
    """Whether two gradients are equal at all points at which both are numbers, and these are enough."""
    kept = finite(one, other)
    if kept.sum() < ENOUGH:
        return False
    scale = np.maximum(np.abs(one), np.abs(other)) if size is None else np.abs(size)
    allowed = TOLERANCE * scale[kept].max(axis=1, keepdims=True) + TINY
    return bool((np.abs(one - other)[kept] <= allowed).all())


def constant(above: Floating, below: Floating) -> float | None:
    """Return c if above = c · below at all points and entries, None if there is no such number."""
    kept = finite(above, below)
    if kept.sum() < ENOUGH or not below[kept].any():
        return None
    a, b = above[kept], below[kept]
    place = np.unravel_index(np.abs(b).argmax(), b.shape)
    c = float(a[place] / b[place])
    return c if np.isfinite(c) and same(a, c * b) else None


def effective(bench: Bench, wrt: str) -> Iterator[tuple[Mutant, Floating]]:
    """Yield the mistakes that change a gradient, with what they give."""
    truth = bench.truth(wrt)
    for mutant, found in zip(bench.mutants, bench.mistaken(wrt), strict=True):
        if not same(found, truth) and finite(found).sum() >= ENOUGH:
            yield mutant, found
