"""Test vectors as files: JSON for any language, NPZ for those that read NumPy's archives."""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from symgrad.verify.vectors.separate import TOLERANCE, VISIBLE, Separating

Floating = npt.NDArray[np.float64]

FORMAT = (
    "Every vector gives exact inputs (binary fractions), and the loss, outputs and gradients that follow: "
    "each number is the float64 next to a value enclosed in a ball of 128 bits. Arrays are nested lists, row "
    "by row (C order), their axes as in `axes`. A gradient passes if every entry is within its `tolerance` "
    f"of `value`, which is {TOLERANCE:g} of the largest entry; every mistake listed is off by more than "
    f"{VISIBLE:g} of it at the vectors in `caught_by`, counted from 0."
)


def as_json(found: Separating) -> dict[str, Any]:
    """Return test vectors as the object of a JSON file."""
    return {
        "network": found.network,
        "loss": found.loss,
        "format": FORMAT,
        "sizes": dict(found.sizes),
        "axes": {name: list(axes) for name, axes in found.axes.items()},
        "tolerance": TOLERANCE,
        "vectors": [
            {
                "given": {name: _listed(array, name in found.whole) for name, array in vector.leaves.items()},
                "loss": vector.loss,
                "outputs": {name: array.tolist() for name, array in vector.outputs.items()},
                "gradients": {
                    name: {"value": array.tolist(), "tolerance": vector.tolerances[name]}
                    for name, array in vector.gradients.items()
                },
            }
            for vector in found.vectors
        ],
        "mistakes": [
            {
                "kind": c.kind,
                "text": c.text,
                "wrt": c.wrt,
                "caught_by": list(c.by),
                "difference": c.difference,
            }
            for c in found.caught
        ],
        "without_effect": list(found.without_effect),
    }


def _listed(array: Floating, whole: bool) -> Any:
    return array.astype(np.int64).tolist() if whole else array.tolist()


def as_npz(found: Separating) -> bytes:
    """Return test vectors as a NumPy archive without pickles, the vectors along the first axis of each array.

    Leaves, outputs and the loss stand under their names, ∂loss/∂W1 and its tolerances under ``grad_W1`` and
    ``tolerance_W1``, what the file is under ``format``.
    """
    first = found.vectors[0]
    arrays: dict[str, npt.NDArray[Any]] = {"format": np.array(FORMAT)}
    for name in first.leaves:
        stacked = np.stack([vector.leaves[name] for vector in found.vectors])
        arrays[name] = stacked.astype(np.int64) if name in found.whole else stacked
    arrays |= {name: np.stack([vector.outputs[name] for vector in found.vectors]) for name in first.outputs}
    arrays[found.loss] = np.array([vector.loss for vector in found.vectors])
    for name in first.gradients:
        arrays[f"grad_{name}"] = np.stack([vector.gradients[name] for vector in found.vectors])
        arrays[f"tolerance_{name}"] = np.array([vector.tolerances[name] for vector in found.vectors])
    return _archive(arrays)


def _archive(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **dict(arrays))
    return file.getvalue()


def summary(found: Separating) -> str:
    """Return what the vectors are and show, for a reader."""
    sizes = ", ".join(f"{name} = {number}" for name, number in found.sizes.items())
    lines = [
        f"{found.network}: {len(found.vectors)} test vectors at {sizes}",
        f"{len(found.caught)} mistakes in gradients, each off by more than {VISIBLE:g} at a vector",
    ]
    for number in range(len(found.vectors)):
        caught = sum(number in c.by for c in found.caught)
        lines.append(f"  vector {number} catches {caught} of {len(found.caught)}")
    lines += [f"  without effect: {text}" for text in found.without_effect]
    return "\n".join(lines)
