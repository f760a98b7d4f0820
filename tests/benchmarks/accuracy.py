"""How accurate the emitted functions and whole gradients are: ``python -m tests.benchmarks.accuracy``.

Measures everything in one run, writes it to ``accuracy.json`` beside this file, and the tables of the README.
Functions: float64 at a dense sample against 50 digits; float32 at every 61st of its numbers, or at all of
them (``--every 1``), against the float64 function; each with and without fused multiply-add.  61 is prime, so
that all endings of numbers occur.  Gradients: every activation and every loss in both types at
pre-activations up to ±1000, against as many digits as it takes.
"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numba import njit

from symgrad.kernels.elementary import BOUNDS
from symgrad.kernels.files import Kernel
from symgrad.model.activations import ELEMENTWISE
from symgrad.model.losses import LOSSES
from tests.interpreter import DIGITS
from tests.kernels.fifty_digits import EXACT, Floats, applied, errors, module, points
from tests.kernels.rows import JOINED, activations, exact_slope, losses, truth

STORED = Path(__file__).with_suffix(".json")
README = STORED.parents[2] / "README.md"
CHUNK = 1 << 20
Measured = tuple[float, float]
"""The largest error and the argument at which it was found."""

SIZES = (0.001, 0.1, 0.5, 1.25, 2, 3.5, 5, 10, 20, 30, 50, 88, 100, 300, 700, 740, 1000)
AT = tuple(sign * size for size in SIZES for sign in (1, -1))
WEIGHTS = (0.375, -1.625, 8, -8, 100, -100, 1000, -1000)
X = np.array([[0.25, -0.5, 0.75], [1.0, 0.5, -0.125]])
T = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]])
DTYPES = ("float64", "float32")


@njit(cache=True, nogil=True, error_model="numpy")
def off(values: Floats, truths: Floats, errors: Floats) -> None:
    """Write how many units in the last place of float32 values are off float64 truths."""
    for n in range(values.shape[0]):
        value, true = np.float64(values[n]), truths[n]
        size = abs(true)
        exponent = (np.float64(size).view(np.int64) >> 52) - 1023
        unit = 2.0 ** (max(exponent, -126) - 23)
        both_nan = value != value and true != true
        beyond = np.isinf(value) and size > 3.4028235e38 and (value > 0) == (true > 0)
        errors[n] = 0.0 if both_nan or beyond or value == true else abs(value - true) / unit
        if errors[n] != errors[n]:
            errors[n] = np.inf


def every_float32(functions: Any, name: str, every: int) -> Measured:
    """Return the largest error of the float32 function beside its float64 twin, over all bit patterns."""
    worst = (0.0, 0.0)
    found = np.empty(CHUNK)
    for first in range(0, 1 << 32, CHUNK * every):
        patterns = np.arange(first, min(first + CHUNK * every, 1 << 32), every, dtype=np.uint64)
        at = patterns.astype(np.uint32).view(np.float32)
        with np.errstate(invalid="ignore"):
            wide = at.astype(np.float64)
        off(applied(functions, name, at), applied(functions, name, wide), found)
        place = int(found[: at.size].argmax())
        worst = max(worst, (float(found[place]), float(at[place])))
    return worst


def sampled(functions: Any, name: str, count: int) -> Measured:
    """Return the largest error of a float64 function at a sample, against 50 digits."""
    at = points(name, count)
    found = errors(name, at, applied(functions, name, at))
    place = int(found.argmax())
    return float(found[place]), float(at[place])


def function_rows(count: int, every: int) -> dict[str, dict[str, Measured]]:
    """Measure all emitted functions in both types."""
    rows: dict[str, dict[str, Measured]] = {}
    with TemporaryDirectory() as folder:
        made = [module(Path(folder), tuple(BOUNDS), fused=fused) for fused in (True, False)]
        for name in EXACT:
            narrow = (every_float32(functions, name, every) for functions in made)
            wide = (sampled(functions, name, count) for functions in made)
            rows[name] = {"float64": max(wide), "float32": max(narrow)}
            print(name, rows[name], file=sys.stderr, flush=True)
    return rows


def gradient_of(kernel: Kernel, name: str, weight: float, *leaves: Floats) -> float:
    """Return the gradient of the kernel by one of its weights, all of which have one value."""
    dtype = leaves[0].dtype
    _, *found = kernel.gradients(*leaves, *(np.array([weight], dtype) for _ in kernel.PARAMETERS))
    return float(found[list(kernel.PARAMETERS).index(f"w_{name}")].item())


def activation_errors(dtype: str) -> dict[str, Measured]:
    """Return for every activation the largest error of a gradient and where, see `worst`."""
    one = np.ones(1, dtype)
    kernel = activations()
    return {
        name: worst(
            dtype,
            AT,
            lambda z, name=name: float(exact_slope(name, z, 1000).decimal(40)),
            lambda z, name=name: gradient_of(kernel, name, z, one, one),
        )
        for name in ELEMENTWISE
    }


def loss_errors(dtype: str) -> dict[str, Measured]:
    """Return the same for every loss, and for a squared error behind softmax; pre-activations are w·x."""
    _, kernel = losses()
    x, t = X.astype(dtype), T.astype(dtype)
    with DIGITS.workdps(1500):
        return {
            name: worst(
                dtype,
                WEIGHTS,
                lambda w, name=name: truth(name, w, X, T),
                lambda w, name=name: gradient_of(kernel, name, w, x, t),
            )
            for name in (*JOINED, *LOSSES)
        }


def worst(
    dtype: str, at: Iterable[float], true: Callable[[float], float], found: Callable[[float], float]
) -> Measured:
    """Return the largest |found − true| / max(1, |true|) in units of the type's epsilon.

    Where the true value is beyond the range of the type there is nothing to compare.
    """
    largest = (0.0, 0.0)
    for u in (float(np.dtype(dtype).type(u)) for u in at):
        expected = true(u)
        if abs(expected) <= float(np.finfo(dtype).max):
            error = abs(found(u) - expected) / max(1.0, abs(expected)) / float(np.finfo(dtype).eps)
            largest = max(largest, (np.inf if np.isnan(error) else error, u))
    return largest


def gradient_rows() -> dict[str, dict[str, Measured]]:
    """Measure the gradients of all activations and losses in both types."""
    with np.errstate(all="ignore"):
        found = {dtype: {**activation_errors(dtype), **loss_errors(dtype)} for dtype in DTYPES}
    return {name: {dtype: found[dtype][name] for dtype in DTYPES} for name in found["float64"]}


def table(heading: str, rows: Mapping[str, Mapping[str, Measured]], above: float = 0.0) -> str:
    """Write rows as a Markdown table; those that stay below some error in both types share the last row."""
    lines = [f"| {heading} | float64 | at | float32 | at |", "| --- | --- | --- | --- | --- |"]
    small = {name: row for name, row in rows.items() if max(error for error, _ in row.values()) < above}
    for name, row in rows.items():
        if name not in small:
            cells = [f"{error:.2f} | {place:.7g}" for error, place in (row[dtype] for dtype in DTYPES)]
            lines.append(f"| `{name}` | {' | '.join(cells)} |")
    if small:
        cells = [f"{max(row[dtype][0] for row in small.values()):.2f} | " for dtype in DTYPES]
        lines.append(f"| the {len(small)} others | {' | '.join(cells)} |")
    return "\n".join(lines)


def tables() -> dict[str, str]:
    """Return the tables that the README shows, from the stored results."""
    found = stored()
    return {
        "accuracy of functions": table("function, error in ulp", found["functions"]),
        "accuracy of gradients": table("gradient, error in ε", found["gradients"], above=1.05),
    }


def filled(readme: str) -> str:
    """Return the README with the tables of the stored results."""
    for name, text in tables().items():
        before, _, after = readme.partition(f"<!-- {name} -->\n")
        readme = f"{before}<!-- {name} -->\n{text}\n<!-- /{name} -->{after.partition(f'<!-- /{name} -->')[2]}"
    return readme


def stored() -> dict[str, dict[str, dict[str, Measured]]]:
    """Return what was last measured: functions and gradients."""
    return json.loads(STORED.read_text(encoding="utf-8"))


def main() -> None:
    """Measure, store, and fill the tables of the README."""
    options = ArgumentParser(description="the accuracy of emitted functions and of gradients")
    options.add_argument("--count", type=int, default=20_000, help="numbers of each kind in float64")
    options.add_argument("--every", type=int, default=61, help="take each so-manieth float32; 1 takes all")
    given = options.parse_args()
    results = {"functions": function_rows(given.count, given.every), "gradients": gradient_rows()}
    STORED.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
