"""Gradients that are affine in the trained parameters: the proof is that their definitions multiply out.

A loss that is quadratic in some parameters has a gradient ``c + A·w`` in them, whose coefficients c and A
depend on nothing that training changes.  Definitions are put in for the nodes that depend on the
parameters until only the parameters and other nodes are left; that holds for all sizes.  What does not
come out linear is refused, with the term that is in the way.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.model.expressions import Ref, refs
from symgrad.model.graph import Axis, Graph, Kind, Node, Term
from symgrad.model.terms import substitute

LIMIT = 200
"""How many terms a gradient may have when it is multiplied out."""


@dataclass(frozen=True)
class Linear:
    """``node[write] += Σ_bound coefficient · Π data · of``: a term with one access of a trained parameter.

    Attributes
    ----------
    coefficient
        Numbers and sizes.
    data
        Factors that depend on no trained parameter.
    of
        The access of the trained parameter.
    """

    write: tuple[sp.Expr, ...]
    bound: tuple[Axis, ...]
    coefficient: sp.Expr
    data: tuple[sp.Expr, ...]
    of: Ref

    @property
    def outer(self) -> frozenset[sp.Basic]:
        """The letters that say where the term lands and which entry of the parameter it reads."""
        return frozenset(s for w in (*self.write, *self.of.index) for s in w.free_symbols)


def dependants(graph: Graph, names: Iterable[str]) -> frozenset[str]:
    """Return the nodes that depend on some nodes, those included; around a recurrence, all of it."""
    found, before = set(names), 0
    while before < len(found):
        before = len(found)
        found |= {node.name for node in graph.nodes if found.intersection(_reads(node))}
    return frozenset(found)


def _reads(node: Node) -> set[str]:
    return {ref.name for term in node.terms for ref in term.accesses}


def linear_terms(graph: Graph, node: Node, trained: Collection[str]) -> tuple[Linear, ...]:
    """Return the linear part of a node that is affine in some parameters.

    Raises
    ------
    DefinitionError
        If it is not affine in them, with the term that is in the way.
    """
    moved = dependants(graph, trained)
    found = (part for term in _expanded(graph, node, moved) for part in _products(term))
    return tuple(linear for part in found for linear in _linear(part, node, trained))


def _expanded(graph: Graph, node: Node, moved: frozenset[str]) -> Iterator[Term]:
    """Yield the terms of a node with definitions in place of everything that moves."""
    waiting, count = list(node.terms), 0
    while waiting:
        term, count = waiting.pop(0), count + 1
        if count > LIMIT:
            raise _refused(node, f"it has more than {LIMIT} terms when it is multiplied out")
        name = next((r.name for r in term.accesses if r.name in moved and not graph[r.name].is_leaf), None)
        if name is None:
            yield term
        else:
            waiting = [*_put_in(graph, node, term, name), *waiting]


def _put_in(graph: Graph, node: Node, term: Term, name: str) -> tuple[Term, ...]:
    if name in graph.recurrent:
        raise _refused(node, f"{name} belongs to a recurrence")
    try:
        return substitute(term, name, graph[name])
    except ValueError as problem:
        raise _refused(node, str(problem)) from None


def _products(term: Term) -> Iterator[Term]:
    """Split a term into products."""
    for part in sp.Add.make_args(sp.expand(term.body)):
        yield Term(term.write, term.bound, part)


def _linear(term: Term, node: Node, trained: Collection[str]) -> Iterator[Linear]:
    """Yield a product that reads one trained parameter once; one that reads none is constant."""
    factors = sp.Mul.make_args(term.body)
    moving = [factor for factor in factors if any(r.name in trained for r in refs(factor))]
    if not moving:
        return
    if len(moving) > 1 or not isinstance(moving[0], Ref):
        raise _refused(node, f"the term {term.body} is not linear in {', '.join(trained)}")
    if any(r in trained for i in moving[0].index for r in (x.name for x in refs(i))) or _computed(moving[0]):
        raise _refused(node, f"{moving[0]} is read at places that the data say")
    numbers = [factor for factor in factors if not refs(factor)]
    data = tuple(factor for factor in factors if refs(factor) and factor != moving[0])
    if letters := {s for n in numbers for s in n.free_symbols} & set(term.sizes):
        raise _refused(node, f"{term.body} depends on the subscript {min(map(str, letters))} itself")
    yield Linear(term.write, term.bound, sp.Mul(*numbers), data, moving[0])


def _computed(access: Ref) -> bool:
    return any(i.atoms(Ref) for i in access.index)


def _refused(node: Node, reason: str) -> DefinitionError:
    of = node.adjoint.of if node.adjoint else node.name
    loss = node.adjoint.loss if node.adjoint else ""
    return DefinitionError(f"∂{loss}/∂{of} is not affine in the trained parameters: {reason}")


def check_constant(graph: Graph, names: Iterable[str]) -> None:
    """Refuse data that are drawn anew for every batch.

    Raises
    ------
    DefinitionError
        With the name of the input.
    """
    above = graph.ancestors(*names)
    drawn = sorted(n.name for n in graph.of_kind(Kind.INPUT) if n.drawn is not None and n.name in above)
    if drawn:
        raise DefinitionError(f"{drawn[0]} is drawn anew for every batch; second moments need constant data")
