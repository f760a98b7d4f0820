"""A backward pass in NumPy for a network: what it returns, carried out on the tapes of the network."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from time import perf_counter
from typing import Any

import numpy as np

from symgrad.derive.views import View
from symgrad.exact.algebra import ExactError
from symgrad.exact.tapes import Slot
from symgrad.model.model import Model
from symgrad.verify.arrays.conversions import array
from symgrad.verify.arrays.programs import GRADIENT, ProgramError, carried_out, exact_names
from symgrad.verify.arrays.tables import FUNCTIONS
from symgrad.verify.arrays.trace import Trace
from symgrad.verify.arrays.traced import Traced
from symgrad.verify.mistakes.network.bench import Bench
from symgrad.verify.networks.explaining import explained
from symgrad.verify.networks.posing import Posed, Slots, drawn_id, posed_at
from symgrad.verify.networks.shapes import misshapen
from symgrad.verify.verdict import Mistake

NOT_FOLLOWED = "its mistake was not looked for: exact numbers cannot follow the function"


def explain_gradient(
    model: Model, sizes: Mapping[str, int], claim: Callable[..., Any], wrt: str, *, seed: int, seconds: float
) -> tuple[tuple[Mistake, ...], str]:
    """Name the mistake in a wrong gradient of a parameter that a function of a network's arrays returns.

    Parameters
    ----------
    sizes
        Numbers for all sizes; where the function can be called with one sample more, it is.
    claim
        Called with the leaves of the network by name; returns one gradient.

    Returns
    -------
    tuple
        The mistakes as for a formula, best first, and why none was looked for; empty where that was done.
    """
    until = perf_counter() + seconds
    view = View(model, "layer")
    found = list(_values(view, sizes, claim))
    if not found:
        return (), NOT_FOLLOWED
    posed, values = [one for one, _ in found], [value for _, value in found]
    wrong = misshapen(posed, wrt, values)
    if wrong is not None:
        return wrong[1], ""
    return explained([Bench(one) for one in posed], wrt, values, seed, until).mistakes, ""


def _values(view: View, sizes: Mapping[str, int], claim: Callable[..., Any]) -> Iterator[tuple[Posed, Slots]]:
    """Yield the network with the claim on its tape, for the samples given and for one more."""
    samples = view.model.samples
    more = [{**sizes, samples: sizes[samples] + 1}] if samples else []
    for chosen in (sizes, *more):
        with suppress(ExactError, ProgramError, ValueError):
            one = posed_at(view, chosen)
            yield one, _carried(one, claim)


def _carried(one: Posed, claim: Callable[..., Any]) -> Slots:
    t = Trace(one.tape, {}, FUNCTIONS, decides=False)
    leaves = {node.name: node for node in one.model.graph.nodes if node.is_leaf}
    given = {name: _leaf(t, one, name, ids=node.targets == "labels") for name, node in leaves.items()}
    found = array(t, carried_out(claim, {**exact_names(t), **given}, GRADIENT, t)).values
    if not all(isinstance(slot, Slot) for slot in found.flat):
        raise ExactError("the gradient is infinite or NaN")
    return found


def _leaf(t: Trace, one: Posed, name: str, *, ids: bool) -> Traced:
    """Return a leaf as an array; ids are the numbers that they are on the tape."""
    if not ids:
        return Traced(t, one.values[name])
    drawn = [t.tape.number(drawn_id(str(entry))) for entry in one.names[name].flat]
    values = np.empty(len(drawn), dtype=object)
    values[:] = drawn
    return Traced(t, values.reshape(one.names[name].shape), "i")
