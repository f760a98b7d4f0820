"""A claim as it was written down, so that one thing in it can be written otherwise."""

from dataclasses import replace

from symgrad.model.syntax import Formula
from symgrad.verify.formulas import Reading
from symgrad.verify.mistakes.network.slips.search import Spelled
from symgrad.verify.networks.claims import letters_of, values_at
from symgrad.verify.networks.posing import Slots
from symgrad.verify.networks.subject import Subject


def spelled(about: Subject, wrt: str, reading: Reading) -> Spelled:
    """Return a reading of a claim with the values of what could stand in its place."""

    def value(k: int, formula: Formula) -> Slots:
        return values_at(about, k, wrt, replace(reading, formula=formula, before=()))

    own = tuple(axis.letter for axis in about.view.graph[wrt].axes)
    letters = letters_of(reading.left, reading.formula, own)
    beyond = [about.speech.beyond(one) for one in about.posed]
    return Spelled(reading.formula, own, letters, about.tables, beyond, value)
