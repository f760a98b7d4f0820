"""Quadratic losses by second moments: sums over the data once, in place of a pass over them for each step.

If the gradient is affine in the trained parameters (`symgrad.derive.affine`), then for any w and w_ref::

    ∂J/∂w = ∂J/∂w_ref + A·(w − w_ref)        J = J_ref + ½ (∂J/∂w_ref + ∂J/∂w)·(w − w_ref)

Both are exact over the reals, and A consists of sums over samples, as Σ_n x[n,j] x[n,k]: the *moments*.
The point w_ref is where an ordinary pass was made last.  In floats the terms of the gradient may cancel
as it becomes small, so the magnitude of the terms is computed beside their sum: who trains compares the two
and makes an ordinary pass where too few digits are left, after which w − w_ref begins from 0 again.
(Normal equations, and that they square the condition number: Golub, Van Loan 2013, section 5.3.)
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import permutations

import sympy as sp

from symgrad.derive.affine import Linear, check_constant, linear_terms
from symgrad.derive.deltas import Backward
from symgrad.derive.directional import free_names
from symgrad.errors import DefinitionError
from symgrad.model.expressions import Ref, map_refs, refs
from symgrad.model.graph import Axis, Graph, Kind, Node, Term
from symgrad.model.layers import pointwise
from symgrad.model.terms import same


@dataclass(frozen=True)
class Reference:
    """A trained parameter: the leaves with its value and gradient at w_ref, and the nodes made of them."""

    value: str
    gradient: str
    step: str
    moved: str


@dataclass(frozen=True)
class Moments:
    """A graph in which the loss and its gradient are computed from moments of the data.

    Attributes
    ----------
    graph
        The nodes of the network, the moments, and what is computed from them.
    sums
        The moments: sums over samples that no trained parameter changes.
    references
        What belongs to every trained parameter.
    loss, loss_ref
        The loss, and the leaf with its value at w_ref.
    magnitude, rest
        The sum of the magnitudes of all terms of the gradient, and of those of its entries.
    loss_magnitude
        The sum of the magnitudes of the terms of the loss.
    """

    graph: Graph
    sums: tuple[str, ...]
    references: Mapping[str, Reference]
    loss: str
    loss_ref: str
    magnitude: str
    rest: str
    loss_magnitude: str


def moments(backward: Backward, trained: Iterable[str], row: sp.Expr) -> Moments:
    """Return the graph that computes loss and gradient from moments.

    Parameters
    ----------
    trained
        The parameters that change; the loss must be quadratic in them together.
    row
        The number of samples.

    Raises
    ------
    DefinitionError
        If there are none, the loss is not quadratic in them, or a coefficient is no sum over single samples;
        with the term that is in the way.
    """
    graph, names = backward.graph, tuple(trained)
    if not names:
        raise DefinitionError("nothing is trained: there are no moments to take gradients from")
    check_constant(graph, (backward.loss,))
    linear = {name: linear_terms(graph, backward.of(name), names) for name in names}
    found = _Sums(graph, row)
    parts = {name: tuple(found.term(part) for part in linear[name]) for name in names}
    return _assembled(backward, found, parts, row)


@dataclass
class _Sums:
    """Collects the coefficients of linear terms, equal ones once."""

    graph: Graph
    row: sp.Expr
    made: list[Node] = field(default_factory=list[Node])

    def term(self, linear: Linear) -> Term:
        """Return a linear term with sums in place of the data."""
        factors, free = list[sp.Expr](), set(linear.data)
        inner = [axis for axis in linear.bound if axis.symbol not in linear.outer]
        coefficient = linear.coefficient * sp.Mul(*(a.size for a in inner if not _used(a, linear.data)))
        while free:
            group = _connected(free, inner)
            free -= group
            factors.append(self._sum(linear, tuple(sorted(group, key=str)), inner))
        bound = tuple(axis for axis in linear.bound if axis not in inner)
        return Term(linear.write, bound, coefficient * sp.Mul(*factors) * linear.of)

    def _sum(self, linear: Linear, group: tuple[sp.Expr, ...], inner: list[Axis]) -> sp.Expr:
        """Return the access of the node that holds the sum of a product, or the product if there is none."""
        own = [axis for axis in inner if _used(axis, group)]
        samples = any(self._has_samples(r) for factor in group for r in refs(factor))
        if not own and not samples:
            return sp.Mul(*group)
        outer = tuple(axis for axis in linear.bound if axis not in inner and _used(axis, group))
        place = tuple(axis.symbol for axis in outer)
        term = Term(place, (*outer, *own), sp.Mul(*group))
        if samples:
            self._check(term)
        return self._known(term) or self._new(term, outer)

    def _known(self, term: Term) -> Ref | None:
        for node in self.made:
            for order in permutations(range(len(term.write))):
                turned = tuple(term.write[k] for k in order)
                if len(turned) == len(node.axes) and same(node.terms[0], replace(term, write=turned)):
                    return Ref(node.name, turned)
        return None

    def _new(self, term: Term, axes: tuple[Axis, ...]) -> Ref:
        names = [r.name for f in sp.Mul.make_args(term.body) for r in _repeated(f)]
        wish = "".join(names) if len(names) > 1 else f"{names[0]}_sum"
        taken = Graph((*self.graph.nodes, *self.made), self.graph.loss)
        (name,) = free_names(taken, [wish])
        self.made.append(Node(name, axes, terms=(term,)))
        return Ref(name, term.write)

    def _has_samples(self, ref: Ref) -> bool:
        return self.graph[ref.name].shape[:1] == (self.row,)

    def _check(self, term: Term) -> None:
        """Refuse what is no sum over single samples: it could not be added up block by block."""
        rows = [axis.symbol for axis in term.bound if axis.size == self.row]
        accesses = refs(term.body)
        first = {r.index[0] for r in accesses if self._has_samples(r)}
        others = {s for r in accesses for i in r.index[self._has_samples(r) :] for s in i.free_symbols}
        others |= term.body.free_symbols
        if len(rows) != 1 or first != set(rows) or others & set(rows):
            raise DefinitionError(f"{term.body} is no sum over single samples")
        for name in sorted({r.name for r in accesses}):
            self._check_single(name)

    def _check_single(self, name: str) -> None:
        """Refuse a node that belongs to more than its own sample."""
        for above in sorted(self.graph.ancestors(name)):
            node = self.graph[above]
            for term in node.terms:
                summed = [a for a in term.bound if a.size == self.row and a.symbol not in term.write]
                rows = {r.index[0] for r in term.accesses if self._has_samples(r)}
                if summed or len(rows) > 1 or (rows and term.write[:1] != tuple(rows)):
                    raise DefinitionError(f"{above} is computed from several samples; moments are added up")


def _used(axis: Axis, factors: Iterable[sp.Expr]) -> bool:
    return any(axis.symbol in _letters(factor) for factor in factors)


def _letters(factor: sp.Expr) -> set[sp.Basic]:
    return {s for r in refs(factor) for i in r.index for s in i.free_symbols} | factor.free_symbols


def _connected(factors: set[sp.Expr], inner: list[Axis]) -> set[sp.Expr]:
    """Return factors that summed letters tie together, beginning anywhere."""
    summed = {axis.symbol for axis in inner}
    group, before = {min(factors, key=str)}, 0
    while before < len(group):
        before = len(group)
        letters = {s for factor in group for s in _letters(factor)} & summed
        group |= {factor for factor in factors if _letters(factor) & letters}
    return group


def _repeated(factor: sp.Expr) -> list[Ref]:
    """Return the accesses of a factor, that of a power as often as it counts."""
    if isinstance(factor, sp.Pow) and isinstance(factor.base, Ref) and factor.exp.is_Integer:
        return [factor.base] * max(int(factor.exp), 1)
    return list(refs(factor))


def _assembled(
    backward: Backward, found: _Sums, parts: Mapping[str, tuple[Term, ...]], row: sp.Expr
) -> Moments:
    """Put the graph together from the sums and the terms that read them."""
    graph = Graph((*backward.graph.nodes, *found.made), backward.graph.loss)
    loss = backward.loss
    wanted = [f"{loss}_ref", f"{loss}_now", "magnitude", "rest", f"{loss}_magnitude"]
    wanted += [word for name in parts for word in _words(name, backward.delta[name])]
    ref, now, magnitude, rest, loss_magnitude, *own = free_names(graph, wanted)
    table = {name: Reference(*own[4 * k : 4 * k + 4]) for k, name in enumerate(parts)}
    steps = {name: reference.step for name, reference in table.items()}
    linear = {name: tuple(_along(term, steps) for term in terms) for name, terms in parts.items()}
    halves = [_half(graph[name], reference) for name, reference in table.items()]
    starts = [_all(graph[name], reference.gradient) for name, reference in table.items()]
    ends = [_all(graph[name], reference.moved) for name, reference in table.items()]
    terms = [term for some in linear.values() for term in some]
    start = Term((), (), Ref(ref))
    nodes = (
        Node(ref, kind=Kind.INPUT),
        *(node for name, own in table.items() for node in _around(graph[name], own, linear[name])),
        Node(now, terms=(start, *halves)),
        Node(magnitude, terms=tuple(map(_magnitude, (*starts, *terms)))),
        Node(rest, terms=tuple(map(_magnitude, ends))),
        Node(loss_magnitude, terms=tuple(map(_magnitude, (start, *halves)))),
    )
    sums = tuple(n.name for n in found.made if any(a.size == row for a in n.terms[0].bound))
    whole = Graph((*graph.nodes, *nodes), graph.loss)
    return Moments(whole, sums, table, now, ref, magnitude, rest, loss_magnitude)


def _words(name: str, delta: str) -> tuple[str, ...]:
    return f"{name}_ref", f"{delta}_ref", f"{name}_step", f"{delta}_now"


def _around(node: Node, own: Reference, linear: tuple[Term, ...]) -> Iterator[Node]:
    """Yield what belongs to a parameter: two leaves, its step from w_ref, its gradient."""
    yield Node(own.value, node.axes, Kind.INPUT)
    yield Node(own.gradient, node.axes, Kind.INPUT)
    yield pointwise(own.step, node.axes, node.ref - Ref(own.value, node.index))
    start = Term(node.index, node.axes, Ref(own.gradient, node.index))
    yield Node(own.moved, node.axes, terms=(start, *linear))


def _half(node: Node, own: Reference) -> Term:
    """Return ½ Σ (∂J/∂w_ref + ∂J/∂w) · (w − w_ref)."""
    both = Ref(own.gradient, node.index) + Ref(own.moved, node.index)
    return Term((), node.axes, both * Ref(own.step, node.index) / 2)


def _all(node: Node, name: str) -> Term:
    return Term((), node.axes, Ref(name, node.index))


def _along(term: Term, steps: Mapping[str, str]) -> Term:
    """Return a linear term with the step of its parameter in place of the parameter."""
    body = map_refs(term.body, lambda r: Ref(steps[r.name], r.index) if r.name in steps else r)
    return replace(term, body=body)


def _magnitude(term: Term) -> Term:
    return Term((), term.bound, sp.Abs(term.body))
