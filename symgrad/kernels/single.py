"""A network of one sample: the axis of samples is gone, and so are the sums over it.

Where every batch is one sample, N is 1 and every letter that runs over samples stays 0.
"""

from collections.abc import Callable
from dataclasses import replace

import sympy as sp

from symgrad.kernels.accesses import map_accesses
from symgrad.kernels.pieces import SAMPLE, letters, plain
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Statements
from symgrad.model.expressions import Ref, index, map_refs, reindex
from symgrad.model.graph import Graph, Node, Term


def of_one_sample(spec: KernelSpec) -> KernelSpec | None:
    """Return the spec of a network at one sample; None if samples are more than an axis to it.

    Leaves keep their samples and are read at the first one; `read_at_sample` puts the number of any
    other in its place.
    """
    if not all(_is_plain(spec, node, term) for node in spec.graph.nodes for term in node.terms):
        return None
    if any(group.along for group in spec.graph.groups):
        return None
    graph = Graph(tuple(_node(spec, node) for node in spec.graph.nodes), spec.graph.loss)
    return replace(spec, graph=graph, describe=_describer(spec), extra=())


def read_at_sample(spec: KernelSpec, made: Statements) -> Statements:
    """Return statements of one sample that read the given samples at number `n`; what is drawn has one."""
    samples = {n for n in spec.leaves if spec.has_samples(n) and n not in spec.drawn}

    def access(ref: Ref) -> Ref:
        inside = tuple(map_refs(i, access) for i in ref.index)
        at_sample = ref.name in samples and inside
        return ref.at((index(SAMPLE), *inside[1:]) if at_sample else inside)

    return map_accesses(made, access, str)


def _is_plain(spec: KernelSpec, node: Node, term: Term) -> bool:
    """Whether samples are counted by letters that stand alone in subscripts and mean nothing else."""
    sizes = [axis.size for axis in (*node.axes, *term.bound)]
    if any(spec.row in s.free_symbols and s != spec.row for s in sizes):
        return False
    rows = {axis.symbol for axis in term.bound if axis.size == spec.row}
    if node.reduce != "sum" and rows - set(term.write):
        return False
    inside = {s for r in term.accesses for i in r.index if i not in rows for s in letters(i)}
    landing = {s for w in term.write if w not in rows for s in letters(w)}
    return not rows & (inside | landing | term.body.free_symbols)


def _node(spec: KernelSpec, node: Node) -> Node:
    if node.is_leaf:
        return node
    axes = tuple(axis for axis in node.axes if axis.size != spec.row)
    return replace(node, axes=axes, terms=tuple(_term(spec, node, term) for term in node.terms))


def _term(spec: KernelSpec, node: Node, term: Term) -> Term:
    rows = {axis.symbol: sp.Integer(0) for axis in term.bound if axis.size == spec.row}

    def change(ref: Ref) -> Ref:
        read = spec.graph[ref.name]
        kept = zip(ref.index, read.axes, strict=True)
        return Ref(ref.name, [i for i, a in kept if read.is_leaf or a.size != spec.row])

    write = tuple(w for w, axis in zip(term.write, node.axes, strict=True) if axis.size != spec.row)
    bound = tuple(axis for axis in term.bound if axis.size != spec.row)
    body = reindex(map_refs(term.body, change), {**rows, spec.row: sp.Integer(1)})
    return Term(write, bound, body)


def _describer(spec: KernelSpec) -> Callable[[Node], str]:
    """Return what writes the formulas as they were."""
    write = spec.describe or plain
    return lambda node: write(spec.graph.by_name.get(node.name, node))
