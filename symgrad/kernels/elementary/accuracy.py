"""How far the emitted elementary functions are from the true values.

Measured over the whole domain against 50 digits, with and without fused multiply-add, and rounded up;
``python -m tests.benchmarks.accuracy`` repeats it, and the tests compare samples with these numbers.  The
worst places: sigmoid below 0, most of all from −38.2 to −36.4, where 1 is half a unit of e^-u; tanh from 0.1
to 0.5; erf just below 1; normal_cdf below −0.67.
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
    "sigmoid": Bound(2.3, 2.6),
    "sigmoid_of_one": Bound(3.3, 0.5),
    "tanh": Bound(2.1, 2.1),
    "elu": Bound(1.3, 1.0),
    "selu": Bound(2.1, 2.0),
    "selu_slope": Bound(1.3, 1.3),
    "log": Bound(0.9, 0.9),
    "softplus": Bound(1.5, 1.7),
    "softplus_ratio": Bound(2.4, 2.5),
    "log_cosh": Bound(1.9, 0.5),
    "xlogx": Bound(1.7, 0.5),
    "erf": Bound(2.0, 0.5),
    "normal_cdf": Bound(4.0, 0.5),
    "normal_pdf": Bound(1.5, 0.5),
    "sqrt": Bound(0.5, 0.5),
    "reciprocal": Bound(0.5, 0.5),
}
