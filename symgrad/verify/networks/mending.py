"""The claim as it would be right, in the notation of whoever made it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from symgrad.errors import FormulaError
from symgrad.verify.mistakes.network.bench import same
from symgrad.verify.mistakes.network.diagnose import Diagnosis
from symgrad.verify.mistakes.network.mend import SHAPES, Mend, Transposed
from symgrad.verify.networks.claims import Claim, values_of
from symgrad.verify.networks.subject import Subject
from symgrad.verify.verdict import Mistake

OF_SHAPE = frozenset({"shape_only", "transpose", "bias_not_summed"})


def with_mend(
    about: Subject, wrt: str, mistakes: Sequence[Mistake], found: Diagnosis, claim: Claim
) -> Iterator[Mistake]:
    """Yield the mistakes, the first one with the claim as it would be right, if something mends it."""
    misshapen = not found.mistakes and any(one.kind in OF_SHAPE for one in mistakes)
    mends = SHAPES if misshapen else found.mends
    mend, correct = mended(about, wrt, mends, claim) if isinstance(claim, str) else (None, "")
    words = f"{mend.words}: " if mend is not None and mend.words else ""
    for one in mistakes[:1]:
        kind = "transpose" if isinstance(mend, Transposed) else one.kind
        claimed = str(claim) if correct else ""
        yield replace(one, kind=kind, text=f"{words}{one.text}", claimed=claimed, correct=correct)
    yield from mistakes[1:]


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
