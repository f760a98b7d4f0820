"""The claim as it would be right, in the notation of whoever made it."""

from collections.abc import Iterable

import numpy as np

from symgrad.errors import FormulaError
from symgrad.verify.mistakes.network.bench import same
from symgrad.verify.mistakes.network.mend import Mend
from symgrad.verify.networks.claims import values_of
from symgrad.verify.networks.subject import Subject


def mended(about: Subject, wrt: str, mends: Iterable[Mend], claim: str) -> tuple[Mend | None, str]:
    """Return the first mend after which a claim is the gradient, with the claim; without any, no text."""
    for mend in mends:
        for text in mend.put(claim):
            if _is_gradient(about, wrt, text):
                return mend, text
    return None, ""


def _is_gradient(about: Subject, wrt: str, text: str) -> bool:
    """Whether a claim is the gradient in one of its readings, at all points of every bench."""
    try:
        found = list(values_of(about, wrt, text))
    except FormulaError:
        return False
    with np.errstate(all="ignore"):
        return any(
            all(
                value.shape == bench.posed.delta(wrt).shape and same(bench.claimed(value), bench.truth(wrt))
                for bench, value in zip(about.benches, values, strict=True)
            )
            for values in found
        )
