"""What float32 makes of the end weights of a workload, and why: ``python -m tests.benchmarks.kinks [W5]``.

One epoch of a relu network is trained in float32 and in float64 side by side, in plain NumPy, batch by batch.
A third run in float64 takes over which entries of z the float32 run finds above 0.  Prints how often the two
first runs decide otherwise, and how far float32 is from each of the others, which differ in nothing else.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from tests.benchmarks.workloads import WORKLOADS, Array, Data, Workload


@dataclass(frozen=True)
class Run:
    """The weights of a run, changed as it goes."""

    weights: list[Array]
    biases: list[Array]

    @classmethod
    def of(cls, data: Data, dtype: type) -> "Run":
        return cls([w.astype(dtype) for w in data.weights], [b.astype(dtype) for b in data.biases])

    def named(self) -> dict[str, Array]:
        """Return weights and biases by the names that kernels give them."""
        pairs = (("W", self.weights), ("b", self.biases))
        return {f"{kind}{k + 1}": array for kind, arrays in pairs for k, array in enumerate(arrays)}


def step(run: Run, x: Array, t: Array, rate: float, above: Sequence[Array] | None = None) -> list[Array]:
    """Descend on one batch by softmax cross-entropy; return which z are above 0, or take that over."""
    dtype = run.weights[0].dtype.type
    a, found = [x.astype(dtype)], list[Array]()
    for k, (w, b) in enumerate(zip(run.weights[:-1], run.biases[:-1], strict=True)):
        z = a[-1] @ w + b
        found.append(z > 0 if above is None else above[k])
        a.append(z * found[-1])
    z = a[-1] @ run.weights[-1] + run.biases[-1]
    e = np.exp(z - z.max(axis=1, keepdims=True))
    dz = e / e.sum(axis=1, keepdims=True)
    dz[np.arange(len(t)), t] -= dtype(1)
    dz *= dtype(1 / len(t))
    for k in reversed(range(len(a))):
        dw, db = a[k].T @ dz, dz.sum(axis=0)
        dz = dz @ run.weights[k].T * found[k - 1] if k else dz
        run.weights[k][:] -= dtype(rate) * dw
        run.biases[k][:] -= dtype(rate) * db
    return found


def far(one: Run, other: Run) -> dict[str, float]:
    """Return how far the weights of one run are from those of another, relative to their norms."""
    pairs = zip(one.named().items(), other.named().values(), strict=True)
    return {name: float(np.linalg.norm(a - b) / np.linalg.norm(b)) for (name, a), b in pairs}


def batches(work: Workload, data: Data) -> Iterable[tuple[Array, Array]]:
    """Yield the batches of one epoch."""
    for first in range(0, work.rows, work.batch):
        yield data.x[first : first + work.batch], data.t[first : first + work.batch]


def main() -> None:
    """Train, count and print."""
    work = WORKLOADS[sys.argv[1] if len(sys.argv) > 1 else "W5"]
    data = work.draw(work)
    narrow, wide, told = Run.of(data, np.float32), Run.of(data, np.float64), Run.of(data, np.float64)
    otherwise = count = 0
    for x, t in batches(work, data):
        one, other = step(narrow, x, t, work.rate), step(wide, x, t, work.rate)
        step(told, x, t, work.rate, one)
        otherwise += sum(int((u != v).sum()) for u, v in zip(one, other, strict=True))
        count += sum(u.size for u in one)
    print(f"float32 and float64 decide {otherwise} of {count:,} times otherwise whether z > 0")
    for words, run in (("float64", wide), ("float64 with the decisions of float32", told)):
        print(f"float32 beside {words}:", ", ".join(f"{n} {d:.1e}" for n, d in far(narrow, run).items()))


if __name__ == "__main__":
    main()
