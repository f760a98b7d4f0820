"""The statements of a function: loops joined, arrays of one turn as scalars, open sizes read first."""

from collections.abc import Iterable

from symgrad.kernels.fusion import contract, fuse
from symgrad.kernels.handed import direct
from symgrad.kernels.heads import allocations_first, open_sizes
from symgrad.kernels.hoist import hoist
from symgrad.kernels.mapping import map_values
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Size, Statements
from symgrad.model.expressions import map_refs


def tight(spec: KernelSpec, made: Statements, results: tuple[str, ...]) -> Statements:
    """Return statements with loops joined and arrays of one turn as scalars; some arrays are kept."""
    return stored(spec, joined(spec, made, frozenset(results)), results)


def joined(spec: KernelSpec, made: Statements, kept: frozenset[str]) -> Statements:
    """Return statements with loops joined, arrays of one turn as scalars, nothing computed twice."""
    short = contract(fuse(allocations_first(made), spec.apart), kept)
    return hoist(direct(short, kept))


def stored(spec: KernelSpec, made: Statements, results: Iterable[str]) -> Statements:
    """Return statements in which what is given or kept stands in arrays, a scalar in one of one entry."""
    arrays = (*spec.leaves, *(p.name for p in spec.parameters), *results)
    single = {n for n in arrays if not spec.graph[n].axes}
    if not single:
        return made
    return map_values(made, lambda e: map_refs(e, lambda r: r.at([0]) if r.name in single else r))


def sized(spec: KernelSpec, arguments: Iterable[str], made: Statements) -> Statements:
    """Put before statements what reads the open sizes that they use from the shapes of arguments."""
    needed = open_sizes(made)
    found: dict[str, Size] = {}
    for name in arguments:
        node = spec.graph.by_name.get(name)
        for k, axis in enumerate(spec.axes(node) if node else ()):
            if axis.size in needed:
                found.setdefault(str(axis.size), Size(str(axis.size), name, k))
    return (*(found[n] for n in sorted(found)), *made)
