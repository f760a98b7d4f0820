"""The values of a claim about a network, in every reading, as steps of its tapes."""

import re
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import sympy as sp

from symgrad.errors import FormulaError, ShapeError, unknown
from symgrad.exact.algebra import ExactError
from symgrad.exact.tapes import Slot
from symgrad.exact.translate import translate
from symgrad.model.syntax import Formula, Name, Reduce, Slice, Span, children, walk
from symgrad.verify.formulas import Reading, read
from symgrad.verify.formulas.elementary import Elementary
from symgrad.verify.formulas.evaluation import evaluate
from symgrad.verify.formulas.systems import Definition
from symgrad.verify.networks.posing import Posed, Slots, entrywise, scalar
from symgrad.verify.networks.subject import Subject

Claim = str | sp.Expr
WORD = re.compile(r"\\?[^\W\d_]*(?:\{[^{}]*\})?")
HAT = re.compile(r"ŷ|\\(?:wide)?hat|[yY]_?hat")


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
    told = [reading for reading in _telling_apart(about, found, claim) if not _is_circular(reading, asked)]
    if not told:
        raise FormulaError(f"the claim is made of {asked}, which is what is asked for; write it out")
    used = [len(_needed(about, reading)) for reading in told]
    return [reading for reading, count in zip(told, used, strict=True) if count == max(used)]


def _telling_apart(about: Subject, found: Sequence[Reading], claim: str) -> list[Reading]:
    """Leave out a reading that takes two words for one value where another does not: t - t for y - t."""
    found = [one for one in found if not _exchanged(about, one, claim)] or found
    names = [[part for part in _names(one) if part.name in about.values] for one in found]
    merged = [_merged(own, claim) for own in names]
    least: dict[int, int] = {}
    for own, count in zip(names, merged, strict=True):
        least[len(own)] = min(least.get(len(own), count), count)
    each = zip(found, names, merged, strict=True)
    return [one for one, own, count in each if count == least[len(own)]]


def _exchanged(about: Subject, reading: Reading, claim: str) -> bool:
    """Whether ŷ is taken for the target and y for the prediction: beside y, ŷ is the prediction."""
    own = [part for part in _names(reading) if part.column]
    hats = {part.name for part in own if HAT.match(claim, part.column - 1)}
    plain = {part.name for part in own if claim[part.column - 1] in "yY"} - hats
    outputs = set(about.view.model.outputs)
    return bool(hats) and not hats & outputs and bool(plain & outputs)


def _merged(names: Sequence[Name], claim: str) -> int:
    """Count the words that stand for a value for which another word stands too."""
    words = [(WORD.match(claim, part.column - 1), part.name) for part in names if part.column]
    pairs = {(word.group(), name) for word, name in words if word}
    return len(pairs) - len({name for _, name in pairs})


def is_only_named(about: Subject, wrt: str, side: str) -> bool:
    """Whether the first side of an equation is no more than the name of the gradient, or unreadable.

    Raises
    ------
    FormulaError
        If it is the name of another gradient.
    """
    try:
        found = read(side, about.speech.vocabulary(wrt))
    except FormulaError:
        return True
    asked = f"∂{about.view.graph.loss}/∂{wrt}"
    named = [one.formula.name for one in found if isinstance(one.formula, Name)]
    if asked not in named and named and named[0].startswith("∂"):
        raise FormulaError(f"the chain begins with {named[0]}; checked is {asked}")
    return asked in named


def _is_circular(reading: Reading, asked: str) -> bool:
    """Whether a claim, written out, uses what is asked for; at another step, as in a recurrence, it may."""
    defined = {one.left.name: one.right for one in reading.where}
    waiting, seen = [reading.formula, *reading.before], set[str]()
    while waiting:
        here = {part.name for part in walk(waiting.pop()) if isinstance(part, Name) and _is_here(part)}
        waiting += [defined[name] for name in here - seen if name in defined and name != asked]
        seen |= here
    return asked in seen


def _is_here(name: Name) -> bool:
    return all(isinstance(subscript, Name | Slice) for subscript in name.subscripts)


def _names(reading: Reading) -> Iterator[Name]:
    parts = (part for formula in reading.formulas for part in walk(formula))
    return (part for part in parts if isinstance(part, Name))


def names_in(about: Subject, wrt: str, claim: Claim) -> Iterator[str]:
    """Yield the names that a claim speaks of, in any of its readings."""
    for reading in readings(about, wrt, claim):
        if isinstance(reading, Reading):
            yield from (part.name for part in _names(reading))
        else:
            yield from map(str, reading.free_symbols)


def of_parameters(about: Subject, wrt: str, claim: Claim) -> bool:
    """Whether a claim speaks of parameters and numbers only: the data may stand in it as numbers."""
    names = set(names_in(about, wrt, claim))
    return bool(names) and names <= set(about.view.parameters)


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
    scene = _Scene(about, k, ChainMap(_partials(about, one, reading), dict(table)))
    for definition in _needed(about, reading):
        scene.define(definition)
    return _fitted(scene.value(reading.left, reading.formula, wrt), one.delta(wrt).shape)


def _partials(about: Subject, one: Posed, reading: Reading) -> dict[str, Slots]:
    """Return the steps of the chain rule that a claim speaks of."""
    known = {f"∂{upper}/∂{lower}" for upper, lower in (*about.speech.steps, *about.speech.totals)}
    return {name: about.speech.partial(one, name) for name in {part.name for part in _names(reading)} & known}


@dataclass(frozen=True)
class _Scene:
    """The names of a network at given sizes, and those that a derivation defines."""

    about: Subject
    k: int
    table: ChainMap[str, Slots]

    @property
    def posed(self) -> Posed:
        return self.about.posed[self.k]

    def value(self, left: Name | None, formula: Formula, node: str) -> Slots:
        """Return the value of a formula, its free letters in front."""
        own = self._own(node)
        axes = letters_of(left, formula, own)
        shape = np.shape(self.table.get(node, ()))
        value = evaluate(
            formula,
            self.table,
            Elementary(self.posed.tape),
            axes=axes,
            sizes=dict(zip(own, shape, strict=False)),
            own=_own_sizes(axes, shape),
            beyond=self.about.beyond[self.k],
        )
        return _placed(entrywise(self._slot, value), _places(left, axes, own), len(own))

    def define(self, one: Definition) -> None:
        """Let a name mean from now on what stands on the right side of an equation."""
        name = one.left.name
        self.table[name] = found = self.value(one.left, one.right, name.rpartition("/∂")[2])
        for at, entry in _members(self.about, name).items():
            self.table[entry] = scalar(found[at])

    def _own(self, node: str) -> tuple[str, ...]:
        graph = self.about.view.graph
        return tuple(axis.letter for axis in graph[node].axes) if node in graph else ()

    def _slot(self, number: Slot | Fraction) -> Slot:
        return number if isinstance(number, Slot) else self.posed.tape.number(number)


def _own_sizes(letters: tuple[str, ...], shape: tuple[int, ...]) -> dict[str, int]:
    """Return how far the letters of a node run, where there is one for every axis."""
    return dict(zip(letters, shape, strict=True)) if len(letters) == len(shape) else {}


def _places(left: Name | None, axes: tuple[str, ...], own: tuple[str, ...]) -> list[int]:
    """Return which axes of a node the letters of a left side are: ``δ[s] = …`` is of all samples."""
    subscripts = left.subscripts if left else ()
    if any(isinstance(part, Slice) for part in subscripts):
        return [k for k, part in enumerate(subscripts) if isinstance(part, Name)]
    return [own.index(letter) for letter in axes] if len(axes) < len(own) and set(axes) <= set(own) else []


def _placed(value: Slots, places: list[int], rank: int) -> Slots:
    return np.moveaxis(value, range(len(places)), places) if value.ndim == rank else value


def _members(about: Subject, name: str) -> Mapping[tuple[int, ...], str]:
    """Return the neurons that a letter is the letter of, or their gradients, by their places."""
    before, _, stem = name.rpartition("/∂")
    places = about.speech.families.get(stem, {})
    return {at: f"{before}/∂{entry}" if before else entry for at, entry in places.items()}


def _needed(about: Subject, reading: Reading) -> list[Definition]:
    """Return the definitions that a claim uses, those before them that they use included."""
    asked = {part.name for part in walk(reading.formula) if isinstance(part, Name)}
    found: list[Definition] = []
    for one in reversed(reading.where):
        if asked.intersection((one.left.name, *_members(about, one.left.name).values())):
            found.append(one)
            asked |= {part.name for part in walk(one.right) if isinstance(part, Name)}
    return found[::-1]


def _fitted(value: Slots, shape: tuple[int, ...]) -> Slots:
    """Leave out axes of size 1 where that is all that a claim has too many, as with ``keepdims``."""
    kept = tuple(size for size in value.shape if size != 1)
    return value.reshape(shape) if value.shape != shape == kept else value


def letters_of(left: Name | None, formula: Formula, own: tuple[str, ...]) -> tuple[str, ...]:
    """Return the index letters that a claim leaves free: those of its left side, else those of the node.

    One of the node's may have another name, as in δ[n,k] where the network has q[n,i].
    """
    given = tuple(part.name for part in left.subscripts if isinstance(part, Name)) if left else ()
    if given:
        return given
    used = {part.name for part in walk(formula) if isinstance(part, Name)}
    others = [letter for letter in dict.fromkeys(_free(formula)) if letter not in own]
    absent = [letter for letter in own if letter not in used]
    if len(others) == len(absent) == 1:
        return tuple(others[0] if letter == absent[0] else letter for letter in own)
    return own if used.intersection(own) else ()


def _free(formula: Formula) -> Iterator[str]:
    """Yield the letters that are subscripts where no sum binds them."""
    bound: tuple[str, ...] = ()
    match formula:
        case Name(_, subscripts):
            yield from (part.name for part in subscripts if isinstance(part, Name))
        case Reduce(_, letters):
            bound = letters
        case Span(_, letter):
            bound = (letter,)
        case _:
            pass
    for child in children(formula):
        yield from (letter for letter in _free(child) if letter not in bound)


def _of_sympy(one: Posed, table: Mapping[str, Slots], claim: sp.Expr) -> Slots:
    """Return the value of a SymPy expression; its symbols are looked up by their names, as text is."""
    claim = claim.xreplace({number: sp.Rational(str(number)) for number in claim.atoms(sp.Float)})
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
