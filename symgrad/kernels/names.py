"""Names that already mean something in the text of a kernel make way: ``order`` becomes ``order_``.

Only the text changes; what the module says of its parameters keeps the network's names.
"""

import keyword
from collections.abc import Mapping
from dataclasses import replace

from symgrad.kernels.constants import WORDS
from symgrad.kernels.elementary import HELPERS
from symgrad.kernels.spec import KernelSpec
from symgrad.model.expressions import Ref, map_refs
from symgrad.model.graph import Graph, Node, Term

LOCAL = (
    "np", "math", "njit", "range", "min", "type", "rows", "batch", "last", "order", "losses", "stop", "start",
    "epoch", "first", "size", "begin", "shuffle", "drop_last", "random_state", "reorder",
    "i0", "i1", "i2", "i3", "n", "k",
)  # fmt: skip


def with_free_names(spec: KernelSpec) -> KernelSpec:
    """Return the spec with every node renamed whose name a kernel needs for something else."""
    taken = _taken(spec)
    clashing = [node.name for node in spec.graph.nodes if node.name in taken or keyword.iskeyword(node.name)]
    if not clashing:
        return spec
    names = {name: _free(name, taken | set(spec.graph.by_name)) for name in clashing}
    originals = {names.get(node.name, node.name): node for node in spec.graph.nodes}
    write = spec.describe
    return replace(
        spec,
        graph=_renamed(spec.graph, names),
        input=names.get(spec.input, spec.input),
        target=names.get(spec.target, spec.target) if spec.target else None,
        output=names.get(spec.output, spec.output),
        loss=names.get(spec.loss, spec.loss),
        delta={names.get(p, p): names.get(d, d) for p, d in spec.delta.items()},
        trained=None if spec.trained is None else tuple(names.get(p, p) for p in spec.trained),
        describe=None if write is None else lambda node: write(originals[node.name]),
        shown={new: old for old, new in names.items()},
    )


def _taken(spec: KernelSpec) -> set[str]:
    terms = [t for node in spec.graph.nodes for t in node.terms]
    axes = [a for node in spec.graph.nodes for a in node.axes] + [a for t in terms for a in t.bound]
    sizes = {str(s) for axis in axes for s in axis.size.free_symbols}
    rule = {*spec.optimizer.options, *(["step"] if spec.optimizer.counts else [])}
    return {*LOCAL, *HELPERS, *WORDS.values(), *(axis.letter for axis in axes), *sizes, *rule}


def _free(name: str, taken: set[str]) -> str:
    candidate = f"{name}_"
    while candidate in taken:
        candidate += "_"
    return candidate


def _renamed(graph: Graph, names: Mapping[str, str]) -> Graph:
    def term(old: Term) -> Term:
        body = map_refs(old.body, lambda r: Ref(names.get(r.name, r.name), r.index))
        return Term(old.write, old.bound, body)

    def node(old: Node) -> Node:
        return replace(old, name=names.get(old.name, old.name), terms=tuple(map(term, old.terms)))

    return Graph(tuple(map(node, graph.nodes)), names.get(graph.loss or "", graph.loss))
