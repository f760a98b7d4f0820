"""How long formulas take, without kernels: ``python -m tests.benchmarks.derivation``.

Neuron view: derive all gradients (chain, local, delta), print them, certify them.  Layer view: derive, prove
for all sizes, and emit, over widths and over depths.  Every figure is CPU time, the least of some fresh
processes, the imports aside, and the collection of what they left.
"""

import gc
import json
import subprocess
import sys
from itertools import pairwise
from time import process_time

from symgrad.derive.paths import LIST_LIMIT
from symgrad.network import Network, mlp
from symgrad.notation.display import shown

STYLES = ("chain", "local", "delta")
RUNS = 5
NEURONS = tuple(
    f"{sizes} {output}" for sizes in ("8-8-8", "3-3-3-3-3", "16-16-16") for output in ("sigmoid", "softmax")
)
LAYERS = tuple(
    f"{sizes} softmax"
    for sizes in (
        "784-512-512-10",
        "78-51-51-10",
        "D-H1-H2-K",
        *("-".join("H" * n) for n in (4, 11, 21, 51, 101)),
    )
)
HEADS = ("description", *STYLES, *(f"print {style}" for style in STYLES), "certify")


def network(what: str, level: str) -> Network:
    """Return a net of dense layers, ``8-8-8 softmax``."""
    widths, output = what.split()
    sizes = [int(width) if width.isdigit() else width for width in widths.split("-")]
    loss = "cross_entropy" if output == "softmax" else "squared_error"
    return mlp(sizes, hidden="sigmoid", output=output, loss=loss).at_level(level)


def neurons(what: str) -> list[float]:
    """Return the seconds of each step at the neuron view."""
    clock = [process_time()]
    net = network(what, "neuron")
    names = net.parameters
    clock.append(process_time())
    formulas = []
    for style in STYLES:
        formulas.append([net.view.formula(name, style, limit=LIST_LIMIT) for name in names])
        clock.append(process_time())
    for group in formulas:
        assert all(shown(formula, formula.graph).unicode for formula in group)
        clock.append(process_time())
    assert net.prove(kernel=False).verdict == "right"
    clock.append(process_time())
    return [after - before for before, after in pairwise(clock)]


def layers(what: str) -> list[float]:
    """Return the seconds from a description to the text of a kernel."""
    gc.collect()
    start = process_time()
    network(what, "layer").kernel_text(proofs=False)
    return [process_time() - start]


KINDS = {"neuron": neurons, "layer": layers}


def least(kind: str, what: str, runs: int = RUNS) -> list[float]:
    """Return the least time of each step in some fresh processes."""
    command = [sys.executable, "-m", "tests.benchmarks.derivation", kind, what]
    found = (subprocess.run(command, check=True, capture_output=True, text=True) for _ in range(runs))
    return [min(times) for times in zip(*(json.loads(run.stdout) for run in found), strict=True)]


def main() -> None:
    """Print two tables, or the seconds of one net where it is named."""
    if sys.argv[1:]:
        kind, what = sys.argv[1:]
        print(json.dumps(KINDS[kind](what)))
        return
    print(f"imports: {process_time():.2f} s")
    print("".join(f"{head:>13}" for head in ("neuron view", "", *HEADS, "together")))
    for what in NEURONS:
        times = least("neuron", what)
        print("".join(f"{cell:>13}" for cell in what.split()), end="")
        print("".join(f"{seconds:13.2f}" for seconds in (*times, sum(times))))
    print("layer view: derive, prove for all sizes, emit")
    for what in LAYERS:
        depth = len(what.split("-")) - 1
        title = f"{depth} layers of H" if what.startswith("H-H") else what
        print(f"{title:>40} {least('layer', what)[0] * 1000:8.0f} ms")


if __name__ == "__main__":
    main()
