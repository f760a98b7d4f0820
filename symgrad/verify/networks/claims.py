"""The values of a claim about a network, in every reading, as steps of its tapes."""

from collections.abc import Iterator, Mapping
from contextlib import suppress

import sympy as sp

from symgrad.errors import FormulaError, ShapeError, unknown
from symgrad.exact.algebra import ExactError
from symgrad.exact.tapes import Slot
from symgrad.exact.translate import translate
from symgrad.model.syntax import Name, walk
from symgrad.verify.formulas import Reading, read
from symgrad.verify.formulas.elementary import Elementary
from symgrad.verify.formulas.evaluation import evaluate
from symgrad.verify.networks.posing import Posed, Slots, entrywise, scalar
from symgrad.verify.networks.subject import Subject

Claim = str | sp.Expr


def readings(about: Subject, wrt: str, claim: Claim) -> list[Reading | sp.Expr]:
    """Return a claim in all the ways in which it can be read.

    Raises
    ------
    FormulaError
        If it is no formula, or says no more than that the gradient is the gradient.
    """
    if isinstance(claim, sp.Expr):
        return [claim]
    asked = f"∂{about.view.graph.loss}/∂{wrt}"
    found = read(claim, about.speech.vocabulary(wrt), of=(asked,))
    if any(_is_circular(reading, asked) for reading in found):
        raise FormulaError(f"the claim is made of {asked}, which is what is asked for; write it out")
    return list(found)


def _is_circular(reading: Reading, asked: str) -> bool:
    """Whether a claim uses what is asked for; at another step, as in a recurrence, it may."""
    uses = (part for part in walk(reading.formula) if isinstance(part, Name) and part.name == asked)
    return any(all(isinstance(subscript, Name) for subscript in use.subscripts) for use in uses)


def names_in(about: Subject, wrt: str, claim: Claim) -> Iterator[str]:
    """Yield the names that a claim speaks of, in any of its readings."""
    for reading in readings(about, wrt, claim):
        if isinstance(reading, Reading):
            yield from (part.name for part in walk(reading.formula) if isinstance(part, Name))
        else:
            yield from map(str, reading.free_symbols)


def values_of(about: Subject, wrt: str, claim: Claim) -> Iterator[tuple[Slots, ...]]:
    """Yield the values of a claim in every reading in which it has some, at every choice of sizes."""
    for reading in readings(about, wrt, claim):
        with suppress(ShapeError, ZeroDivisionError, ExactError):
            yield tuple(values_at(about, k, wrt, reading) for k in range(len(about.posed)))


def values_at(about: Subject, k: int, wrt: str, reading: Reading | sp.Expr) -> Slots:
    """Return the value of one reading of a claim at one choice of sizes."""
    one, table = about.posed[k], about.tables[k]
    if isinstance(reading, sp.Expr):
        return _of_sympy(one, table, reading)
    axes = _letters(about, wrt, reading)
    sizes = dict(zip(axes, one.delta(wrt).shape, strict=False))
    value = evaluate(reading.formula, table, Elementary(one.tape), axes=axes, sizes=sizes)
    return entrywise(lambda number: number if isinstance(number, Slot) else one.tape.number(number), value)


def _letters(about: Subject, wrt: str, reading: Reading) -> tuple[str, ...]:
    """Return the index letters that a claim leaves free: those of its left side, else those of the node."""
    subscripts = reading.left.subscripts if reading.left else ()
    given = tuple(part.name for part in subscripts if isinstance(part, Name))
    own = tuple(axis.letter for axis in about.view.graph[wrt].axes)
    used = {part.name for part in walk(reading.formula) if isinstance(part, Name)}
    return given or (own if used.intersection(own) else ())


def _of_sympy(one: Posed, table: Mapping[str, Slots], claim: sp.Expr) -> Slots:
    """Return the value of a SymPy expression; its symbols are looked up by their names, as text is."""
    memo: dict[sp.Basic, Slot] = {}
    for symbol in sorted(claim.free_symbols, key=str):
        name = str(symbol)
        if name not in table:
            raise FormulaError(str(unknown("name", name, table)))
        if table[name].shape:
            raise FormulaError(f"{name} is an array; write the claim as text, or use the neuron level")
        memo[symbol] = table[name].item()
    try:
        return scalar(translate(claim, one.tape, memo))
    except ExactError as error:
        raise FormulaError(str(error)) from None
