"""The least time that a workload can take on a machine: three limits, the largest of which holds.

Counted are operations that take as long as a multiply-add; what happens beside them is taken to be free.

=============  ==========================================================================================
products       inputs × outputs of a layer and sample, three times: forward, gradient of the weights (which
               are changed in the same pass), δ of the layer before, which the first layer has not
activations    20 for one that takes an exp: 4 to reduce the range, 11 of a polynomial, a scale, a sum, a
               division, 2 of the derivative; 2 for relu
chain          what must wait for one another in a step: 1 + log₂ n for a sum of n products, 10 for an
               activation with an exp (3 to reduce the range, 4 with a table, 3 for the division), 1 for relu,
               1 for every derivative, 2 for the error and the change of the weights
reading        inputs and targets, once an epoch
=============  ==========================================================================================
"""

from itertools import pairwise
from math import ceil, log2

from tests.benchmarks.workloads import Workload

COSTS = {"sigmoid": 20, "tanh": 20, "softmax": 20, "relu": 2, "identity": 0}
DELAYS = {"sigmoid": 10, "tanh": 10, "softmax": 10, "relu": 1, "identity": 0}


def operations(work: Workload, trick: str = "") -> int:
    """Return the multiply-adds of a run; by Gram's matrix half of XᵀX and Xᵀt once."""
    if work.linear:
        columns = work.sizes[0]
        once, again = work.rows * (columns * (columns + 1) // 2 + columns), columns**2
        return once + work.epochs * again if trick else 2 * columns * work.rows * work.epochs
    products = sum((3 if k else 2) * a * b for k, (a, b) in enumerate(pairwise(work.sizes)))
    activations = sum(work.sizes[1:-1]) * COSTS[work.hidden] + work.sizes[-1] * COSTS[work.output]
    return work.steps * work.batch * (products + activations)


def chain(work: Workload, trick: str = "") -> int:
    """Return how many operations of a run wait for one another."""
    if work.linear:
        return work.epochs * (depth(work.sizes[0]) * 2 + 2)
    forward = sum(map(depth, work.sizes[:-1]))
    activations = (len(work.sizes) - 2) * (DELAYS[work.hidden] + 1) + DELAYS[work.output]
    back = sum(map(depth, work.sizes[2:]))
    return work.steps * (forward + activations + back + depth(work.batch) + 2)


def depth(terms: int) -> int:
    """Return the operations in a row of a sum of products that is added up as a tree."""
    return 1 + ceil(log2(terms))


def read(work: Workload, trick: str = "") -> int:
    """Return the bytes that are read."""
    size = 8 if work.dtype == "float64" else 4
    targets = 1 if work.loss == "cross_entropy" else work.sizes[-1]
    return work.rows * (work.sizes[0] + targets) * size * (1 if trick else work.epochs)


def floor(work: Workload, limits: dict[str, float], trick: str = "") -> tuple[float, str]:
    """Return the least seconds of a run, and which of the limits it is."""
    found = {
        "products": operations(work, trick) / limits[work.dtype],
        "chain": chain(work, trick) * limits["latency"],
        "reading": read(work, trick) / limits["bytes"],
    }
    by = max(found, key=found.__getitem__)
    return found[by], by
