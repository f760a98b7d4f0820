"""Whether a batch may be cut: whether its loss is the mean, or the sum, of the losses of its parts.

A node has samples, or it has none.  The entries for a sample may read that sample only.  What sums over the
samples must reach the loss as it is: multiplied by what is the same for all samples, and added up.  Then the
gradient of a batch is the mean, or the sum, of the gradients of its blocks of rows, whatever their sizes.
"""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import sympy as sp

from symgrad.kernels.spec import KernelSpec
from symgrad.model.expressions import Ref, refs
from symgrad.model.graph import Node, Term

Kind: TypeAlias = Literal["same", "row", "mean", "sum", "other"]
"""What a node is: the same for all samples, one entry for each, a mean or sum over them, or neither."""


def separable(spec: KernelSpec) -> Literal["mean", "sum"] | None:
    """Return what the loss of a batch is of the losses of its parts; None if it cannot be told apart so.

    The nodes of a recurrence read each other: they are taken to have a kind, and must turn out to have it.
    """
    kinds = _Kinds(spec)
    for group in spec.graph.groups:
        if group.along:
            kinds.known.update((name, kinds.taken(spec.graph[name])) for name in group.names)
    for node in spec.graph.restricted((spec.loss,)).nodes:
        found = kinds.of(node)
        if kinds.known.setdefault(node.name, found) != found:
            return None
    loss = kinds.known[spec.loss]
    return loss if loss == "mean" or loss == "sum" else None


@dataclass(frozen=True)
class _Kinds:
    """The kinds of the nodes of a network, parents first."""

    spec: KernelSpec
    known: dict[str, Kind] = field(default_factory=dict[str, Kind])

    def of(self, node: Node) -> Kind:
        """Return the kind of a node; those of its parents are known."""
        place = self._place(node)
        if self._samples(node) > 1 or (node.is_leaf and place):
            return "other"
        if node.is_leaf:
            return "same" if place is None else "row"
        if place is not None:
            return _added({self._row(term, place) for term in node.terms})
        found = _added({kind for term in node.terms for kind in self._total(term)})
        return found if node.reduce == "sum" or found == "same" else "other"

    def taken(self, node: Node) -> Kind:
        """Return what a node of a recurrence is taken to be."""
        return "same" if self._place(node) is None else "row"

    def _samples(self, node: Node) -> int:
        return node.shape.count(self.spec.row)

    def _place(self, node: Node) -> int | None:
        """Return which axis of a node are the samples."""
        return node.shape.index(self.spec.row) if self._samples(node) else None

    def _letters(self, term: Term) -> set[sp.Symbol]:
        return {axis.symbol for axis in term.bound if axis.size == self.spec.row}

    def _row(self, term: Term, place: int) -> Kind:
        """Return the kind of what a term adds to the entries of the samples."""
        own = term.write[place]
        elsewhere = {s for k, w in enumerate(term.write) if k != place for s in w.free_symbols}
        alone = self._letters(term) == {own} and own not in elsewhere
        return "row" if alone and self._reads(term, own) and self.spec.row not in _values(term) else "other"

    def _reads(self, term: Term, own: sp.Expr | None) -> bool:
        """Whether a term reads one sample only, and computes nothing from its number."""
        return own not in _values(term) and all(self._is_read(ref, own) for ref in term.accesses)

    def _is_read(self, ref: Ref, own: sp.Expr | None) -> bool:
        place, kind = self._place(self.spec.graph[ref.name]), self.known[ref.name]
        others = {s for k, i in enumerate(ref.index) if k != place for s in i.free_symbols}
        fits = kind == "same" or (kind == "row" and place is not None and ref.index[place] == own)
        return fits and own not in others

    def _total(self, term: Term) -> set[Kind]:
        """Return the kinds of what a term adds to an entry that no sample owns."""
        letters = self._letters(term)
        if len(letters) > 1 or letters & {s for w in term.write for s in w.free_symbols}:
            return {"other"}
        if letters:
            return {self._sum(term) if self._reads(term, *letters) else "other"}
        return {self._part(part) for part in sp.Add.make_args(sp.expand(term.body))}

    def _sum(self, term: Term) -> Kind:
        """Return the kind of a sum over samples: a mean if it is divided by their number."""
        row = self.spec.row
        if row not in term.body.free_symbols:
            return "sum"
        return "other" if row in sp.expand(term.body * row).free_symbols else "mean"

    def _part(self, part: sp.Expr) -> Kind:
        """Return the kind of a product: of what is the same, and at most one mean or sum."""
        factors = [r.name for f in sp.Mul.make_args(part) for r in refs(f) if self.known[r.name] != "same"]
        plain = [f.name for f in sp.Mul.make_args(part) if isinstance(f, Ref) and f.name in factors]
        if self.spec.row in part.free_symbols or len(factors) > 1 or plain != factors:
            return "other"
        return self.known[factors[0]] if factors else "same"


def _values(term: Term) -> set[sp.Basic]:
    """Return the letters and sizes that a term computes with."""
    return term.body.free_symbols


def _added(found: set[Kind]) -> Kind:
    """Return the kind of a sum; what is the same for all samples may be added to a mean, not to a sum."""
    if len(found) < 2:
        return found.pop() if found else "same"
    return "mean" if found == {"mean", "same"} else "other"
