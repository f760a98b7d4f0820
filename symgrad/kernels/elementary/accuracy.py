"""How far the emitted elementary functions are from the true values.

Measured over the whole domain, every number of float32 and a dense sample of float64, against 50 digits,
with and without fused multiply-add; ``python -m tests.benchmarks.accuracy`` repeats it.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Bound:
    """The largest error in units in the last place of the true value, for each type."""

    float64: float
    float32: float

    def __str__(self) -> str:
        return f"within {self.float64:g} ulp (float32: {self.float32:g})"


BOUNDS: Mapping[str, Bound] = {
    "exp": Bound(1.0, 1.1),
    "sigmoid": Bound(2.5, 2.5),
    "tanh": Bound(2.1, 2.1),
    "elu": Bound(1.1, 1.1),
    "selu": Bound(1.7, 2.0),
    "selu_slope": Bound(1.5, 1.5),
    "log": Bound(0.9, 0.9),
    "softplus": Bound(1.5, 1.6),
    "log_cosh": Bound(1.9, 0.5),
    "xlogx": Bound(1.6, 0.5),
    "erf": Bound(1.6, 0.5),
    "normal_cdf": Bound(3.5, 0.5),
    "normal_pdf": Bound(1.3, 0.5),
    "sqrt": Bound(0.5, 0.5),
    "reciprocal": Bound(0.5, 0.5),
}
