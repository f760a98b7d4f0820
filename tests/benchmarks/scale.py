"""How time and memory grow with depth: ``python -m tests.benchmarks.scale [residual …]``.

Each row is one network in a process of its own: definitions, seconds for each phase, memory.  What grows
linearly has a constant number in the last column, milliseconds for each definition.
"""

import sys
from collections.abc import Callable, Mapping
from itertools import pairwise
from multiprocessing import get_context
from resource import RUSAGE_SELF, getrusage
from time import process_time

from symgrad.derive.agreement import induction
from symgrad.derive.certificate import certify
from symgrad.derive.deltas import deltas
from symgrad.derive.rewrite import simplify
from symgrad.derive.stability import stabilise
from symgrad.kernels.build import spec_of
from symgrad.kernels.module import generate
from symgrad.model.graph import Graph
from symgrad.model.model import Model
from tests.benchmarks.deep import convolutional, lstm, residual, transformer

NETWORKS: Mapping[str, tuple[Callable[[int], Graph], tuple[int, ...]]] = {
    "residual": (residual, (10, 20, 50, 100, 200)),
    "convolutional": (convolutional, (5, 10, 25, 50)),
    "transformer": (transformer, (1, 2, 4, 8, 12)),
    "lstm": (lstm, (10, 20, 50, 100, 200)),
}
PHASES = ("graph", "deltas", "simplify", "stabilise", "induction", "emission", "certificate")


def phases(name: str, depth: int) -> tuple[int, list[float], int]:
    """Return the number of definitions, the seconds of every phase, and megabytes."""
    clock = [process_time()]
    graph = NETWORKS[name][0](depth)
    clock.append(process_time())
    names = [node.name for node in graph.parameters]
    backward = deltas(graph, names)
    clock.append(process_time())
    simple = simplify(backward, names).backward
    clock.append(process_time())
    stabilise(simple)
    clock.append(process_time())
    assert induction(graph, backward).right
    clock.append(process_time())
    output = next(r.name for r in graph["J"].terms[0].accesses if r.name != "t")
    model = Model(name, name, graph, {}, ("x",), ("t",), (output,))
    generate(spec_of(model))
    clock.append(process_time())
    assert certify(model).verdict == "right"
    clock.append(process_time())
    memory = getrusage(RUSAGE_SELF).ru_maxrss // 1024
    return len(graph.nodes), [b - a for a, b in pairwise(clock)], memory


def main() -> None:
    """Print a table for every network asked for."""
    print(f"{'':20} {'nodes':>6} {' '.join(f'{phase:>11}' for phase in PHASES)} {'MB':>5} {'ms each':>8}")
    for name in sys.argv[1:] or NETWORKS:
        for depth in NETWORKS[name][1]:
            with get_context("spawn").Pool(1) as pool:
                number, seconds, memory = pool.apply(phases, (name, depth))
            times = " ".join(f"{second:11.2f}" for second in seconds)
            print(f"{name:14} {depth:5} {number:6} {times} {memory:5} {1000 * sum(seconds) / number:8.1f}")


if __name__ == "__main__":
    main()
