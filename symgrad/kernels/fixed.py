"""What is the same in all batches is computed once, before training, by a function of its own.

A node is the same if it reads neither samples, nor their number, nor what `train` draws or changes: a
normalised adjacency matrix, a table of positions, a penalty on weights that are held.
"""

from collections.abc import Sequence

from symgrad.kernels.plan import Part
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import read, walk
from symgrad.kernels.touched import free_letters


def fixed(spec: KernelSpec, parts: Sequence[Part], results: frozenset[str]) -> tuple[Part, ...]:
    """Return the parts that every batch would compute to the same; what is asked for itself is none."""
    given = (*filter(spec.has_samples, spec.leaves), *spec.drawn, *spec.updated)
    varied = spec.graph.descendants(*given)
    return tuple(
        part
        for part in parts
        if not (results | varied) & part.names and spec.samples not in free_letters(part.statements)
    )


def used(inside: Sequence[Part], parts: Sequence[Part]) -> tuple[str, ...]:
    """Return the names in some parts that the others read, in order."""
    own = frozenset(name for part in inside for name in part.names)
    others = (s for part in parts if not part.names & own for s in walk(part.statements))
    found = {r.name for s in others for r in read(s)}
    return tuple(name for part in inside for name in sorted(part.names & found))
