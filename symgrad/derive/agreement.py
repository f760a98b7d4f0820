"""Do the two derivations agree, and are they right?  Each finding names its method and what it covers.

1. `induction`: every delta, as built, equals its out-edges composed with its children's deltas.  Local,
   linear in the graph, and true for all sizes.
2. `expansion`: the listed paths, multiplied out independently, against the deltas, as polynomials in
   the partials.  Too many paths are summed from the parameter upwards in a prime field instead.
3. `against_witness`: the deltas against `sympy.diff` of the instantiated loss, which knows no edges, or
   the loss over dual numbers where it is too long to be written as one formula; by exact normal forms,
   or by evaluation modulo random primes where these grow too large.

Paths and deltas share their edges, so a wrong partial passes 1 and 2; it cannot pass 3.  A difference of
forms is called wrong only when a point at which the numbers differ confirms it.
"""

from time import perf_counter

import sympy as sp

from symgrad.derive.deltas import Backward, pull
from symgrad.derive.expansions import expansion, expansions
from symgrad.derive.findings import Finding
from symgrad.derive.instancing import Instance, at_sizes
from symgrad.derive.witnesses import MONOMIALS, against_witness
from symgrad.model.expressions import spelled
from symgrad.model.graph import Graph, Term, edges_into
from symgrad.model.terms import same


def induction(graph: Graph, backward: Backward) -> Finding:
    """Show for all sizes that every delta equals its out-edges composed with its children's deltas.

    The edges are taken afresh from the definitions of `graph`, and each term is compared by its landing
    subscripts, its bound indices and its body.
    """
    started = perf_counter()
    expected = _composed(graph, backward)
    verdicts = {name: _same_terms(terms, backward.of(name).terms) for name, terms in expected.items()}
    wrong = [name for name, equal in verdicts.items() if equal is False]
    unknown = [name for name, equal in verdicts.items() if equal is None]
    verdict = "wrong" if wrong else "unknown" if unknown else "right"
    evidence = {"wrong": "counterexample", "unknown": "none", "right": "proved"}[verdict]
    return Finding(
        "paths = deltas",
        verdict,
        evidence,
        "local induction over the graph",
        seconds=perf_counter() - started,
        where=", ".join(wrong or unknown),
    )


def _composed(graph: Graph, backward: Backward) -> dict[str, list[Term] | None]:
    """Compose every out-edge towards the loss with its child's delta; None where that delta is missing."""
    target = graph[backward.loss]
    seed = backward.of(next(iter(backward.delta))).axes[: len(target.axes)] if backward.delta else ()
    above = graph.ancestors(target.name)
    expected: dict[str, list[Term] | None] = {name: [] for name in backward.delta}
    if target.name in backward.delta:
        expected[target.name] = [Term((*target.index, *target.index), target.axes, sp.Integer(1))]
    for edge in (edge for node in graph.nodes if node.name in above for edge in edges_into(node)):
        terms = expected.get(edge.parent)
        if terms is not None and edge.child in backward.delta:
            terms.append(pull(edge, backward.delta[edge.child], seed))
        elif edge.parent in expected:
            expected[edge.parent] = None
    return expected


def _same_terms(expected: list[Term] | None, built: tuple[Term, ...]) -> bool | None:
    """Match terms one to one up to renaming; None where renaming has too many ways."""
    if expected is None:
        return False
    left: dict[object, list[Term]] = {}
    for term in built:
        left.setdefault(_outline(term), []).append(term)
    unsure = False
    for term in expected:
        candidates = left.get(_outline(term), [])
        answers = [same(term, other) for other in candidates]
        unsure = unsure or None in answers
        if True not in answers:
            return None if unsure else False
        candidates.pop(answers.index(True))
    return not any(left.values())


def _outline(term: Term) -> object:
    """Return what renaming does not change: what is bound, and which nodes are read how often."""
    extents = sorted(spelled(axis.size) for axis in term.bound)
    return len(term.write), tuple(extents), tuple(access.name for access in term.accesses)


__all__ = [
    "MONOMIALS",
    "Finding",
    "Instance",
    "against_witness",
    "at_sizes",
    "expansion",
    "expansions",
    "induction",
]
