"""scipy.signal's convolutions and correlations, of any number of axes."""

from collections.abc import Callable
from typing import Any

import numpy as np

from symgrad.verify.arrays.conversions import array
from symgrad.verify.arrays.creation import constant
from symgrad.verify.arrays.trace import Trace, UnsupportedError
from symgrad.verify.arrays.traced import Traced


def convolve(t: Trace, a: Any, b: Any, mode: str = "full", *rest: Any, **options: Any) -> Traced:
    """Return the convolution of two arrays."""
    boundary = options.get("boundary", rest[0] if rest else "fill")
    if boundary not in ("fill", "auto", "direct", "fft") or options.get("fillvalue", 0):
        raise UnsupportedError(f"a convolution with the boundary {boundary!r}; pad the array")
    a, b = array(t, a), array(t, b)
    if mode == "valid" and all(m < n for m, n in zip(a.shape, b.shape, strict=True)):
        a, b = b, a
    whole = constant(0)(t, [m + n - 1 for m, n in zip(a.shape, b.shape, strict=True)])
    for place in np.ndindex(b.shape):
        window = tuple(slice(k, k + n) for k, n in zip(place, a.shape, strict=True))
        whole[window] = whole[window] + a * b[place]
    return whole[tuple(map(_kept(mode), a.shape, b.shape))]


def _kept(mode: str) -> Callable[[int, int], slice]:
    def part(m: int, n: int) -> slice:
        if mode == "valid":
            return slice(min(m, n) - 1, max(m, n))
        return slice((n - 1) // 2, (n - 1) // 2 + m) if mode == "same" else slice(None)

    return part


def correlate(t: Trace, a: Any, b: Any, mode: str = "full", *rest: Any, **options: Any) -> Traced:
    """Return the correlation of two arrays: the convolution with the second turned around."""
    second = array(t, b)
    turned = second[tuple(slice(None, None, -1) for _ in second.shape)]
    return convolve(t, a, turned, mode, *rest, **options)


TABLE = {
    "convolve": convolve,
    "convolve2d": convolve,
    "correlate": correlate,
    "correlate2d": correlate,
    "fftconvolve": convolve,
}
