"""Exercises: a training step to be computed by hand, with numbers of one's own for everybody.

The numbers are drawn from a seed, a name or a number, so that the key can be made again.  They have few
digits, saturate no activation, stand at no kink, and lead to gradients that one can see.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, islice
from random import Random
from typing import Any, TypeAlias

from symgrad.errors import DataError, DefinitionError
from symgrad.model.graph import Kind, Node
from symgrad.model.instances import entries
from symgrad.model.labels import class_count
from symgrad.model.model import Model
from symgrad.verify.classroom.naming import AFTER
from symgrad.verify.classroom.quantities import Quantities, quantities

TRIES = 100
PROBES = 3
SAMPLES = 3
STEEP = 4
FLAT = Fraction(1, 50)
VISIBLE = Fraction(1, 2_000)
DIGITS = 4

Rows: TypeAlias = Any
"""A number as text, or nested lists of such."""


@dataclass(frozen=True)
class Exercise:
    """One person's exercise.

    Attributes
    ----------
    network
        The name of the network.
    seed
        What its numbers were drawn from.
    sheet
        The quantities at these numbers.
    given
        The numbers, as text, by the names of the view that people see first.
    asked
        The quantities to be filled in, in the order in which a person computes them.
    digits
        How many significant digits each figure is to have.
    """

    network: str
    seed: str
    sheet: Quantities
    given: Mapping[str, Rows]
    asked: tuple[str, ...]
    digits: int = DIGITS

    def figure(self, name: str) -> str:
        """Return the right figure for a quantity, with as many digits as are asked for."""
        value = self.sheet.right[name].decimal(self.digits)
        size = value.adjusted() if value else 0
        places = max(self.digits - 1 - size, 0)
        return f"{value:.{places}f}" if places < 2 * self.digits else f"{value:.{self.digits - 1}e}"


def exercise(model: Model, seed: str, *, digits: int = DIGITS) -> Exercise:
    """Draw an exercise.

    Parameters
    ----------
    seed
        A name or a number; the same one gives the same exercise.
    digits
        How many significant digits the figures are to have.

    Raises
    ------
    DataError
        If the seed is no text.
    DefinitionError
        If no numbers were found at which the network is neither flat nor saturated.
    LimitError
        If it is too large to be computed by hand.
    """
    random = Random(hashlib.sha256(_bytes(f"{model.name}/{seed}")).digest())
    whole = _sized(model)
    drawn = _instances(whole, random)
    first = list(islice(drawn, PROBES))
    flat = [_without_slope(sheet) for sheet, _ in first]
    zero = flat[0].intersection(*flat) if flat else frozenset[str]()
    for sheet, arrays in chain(first, drawn):
        if _is_fair(sheet, zero):
            return Exercise(model.name, seed, sheet, _given(sheet, arrays), asked(sheet), digits)
    raise DefinitionError(
        f"{model.name}: no numbers with few digits were found in {TRIES} tries at which every gradient can "
        "be seen and nothing saturates; take a smaller network"
    )


def _bytes(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise DataError(f"the seed {text!r} is no text in UTF-8; take a name or a number") from None


def _instances(model: Model, random: Random) -> Iterator[tuple[Quantities, Mapping[str, Rows]]]:
    """Yield draws at which every quantity has a value."""
    for _ in range(TRIES):
        arrays = {node.name: _drawn(node, model, random) for node in model.graph.nodes if node.is_leaf}
        sheet = quantities(replace(model, example={}), arrays)
        if _has_values(sheet):
            yield sheet, arrays


def _has_values(sheet: Quantities) -> bool:
    try:
        return bool(sheet.right)
    except DataError:
        return False


def _slopes(sheet: Quantities) -> dict[str, float]:
    """Return the size of the gradient with respect to every parameter that the loss depends on."""
    names = (f"∂{sheet.view.model.loss}/∂{node.name}" for node in sheet.view.graph.parameters)
    return {name: abs(float(sheet.right[name])) for name in names if name in sheet.right}


def _without_slope(sheet: Quantities) -> frozenset[str]:
    return frozenset(name for name, slope in _slopes(sheet).items() if not slope)


def _sized(model: Model) -> Model:
    """Return the model with a number for every size, and few samples."""
    samples = min(model.sample_count, SAMPLES)
    return replace(model, sizes={**model.numbers(samples=samples), **_fewer(model, samples)})


def _fewer(model: Model, samples: int) -> Mapping[str, int]:
    return {model.samples: samples} if model.samples in model.size_names else {}


def _drawn(node: Node, model: Model, random: Random) -> Rows:
    shape = model.neuron_names(model.sizes).shapes[node.name]
    if node.targets in ("one_hot", "distribution") and shape:
        rows = {at: _row(node.targets, shape[-1], random) for at in entries(shape[:-1])}
        return _nested(shape, lambda at: rows[at[:-1]][at[-1]])
    return _nested(shape, lambda at: _number(node, model, random))


def _number(node: Node, model: Model, random: Random) -> str:
    if node.targets == "labels":
        count = class_count(model.graph, node.name)
        table = (
            {symbol: model.sizes[str(symbol)] for symbol in count.free_symbols} if count is not None else {}
        )
        return str(random.randrange(int(count.subs(table)) if count is not None else 2))
    if node.drawn is not None:
        return str(random.randint(0, 1))
    twentieths = random.randint(1, 19)
    sign = 1 if node.kind is Kind.TARGET else random.choice((1, 1, -1))
    return _text(Fraction(sign * twentieths, 20))


def _text(number: Fraction) -> str:
    return f"{float(number):.2f}"


def _row(targets: str, width: int, random: Random) -> list[str]:
    if targets == "one_hot":
        one = random.randrange(width)
        return [str(int(k == one)) for k in range(width)]
    parts = [random.randint(1, 9) for _ in range(width - 1)]
    shares = [Fraction(part, 10 * max(width - 1, 1)) for part in parts]
    rounded = [Fraction(int(share * 100), 100) for share in shares]
    return [*map(_text, rounded), _text(1 - sum(rounded, Fraction(0)))]


def _nested(shape: tuple[int, ...], number: Any, at: tuple[int, ...] = ()) -> Rows:
    if len(at) == len(shape):
        return number(at)
    return [_nested(shape, number, (*at, k)) for k in range(shape[len(at)])]


def _is_fair(sheet: Quantities, zero: frozenset[str]) -> bool:
    """Whether no activation is saturated or at a kink, and every gradient can be seen, but those always 0."""
    graph = sheet.view.graph
    applied = [node for node in graph.nodes if node.function is not None and not node.auxiliary]
    arguments = {ref.name for node in applied for term in node.terms for ref in term.accesses}
    sizes = [abs(float(sheet.right[name])) for name in arguments if not graph[name].auxiliary]
    seen = (slope > VISIBLE for name, slope in _slopes(sheet).items() if name not in zero)
    return all(FLAT < size < STEEP for size in sizes) and all(seen)


def _given(sheet: Quantities, arrays: Mapping[str, Rows]) -> Mapping[str, Rows]:
    """Return the numbers by the names that people see first."""
    if sheet.view.model.level == "layer":
        return arrays
    places = sheet.view.places
    leaves = (node.name for node in sheet.view.graph.nodes if node.is_leaf)
    return {name: _entry(arrays[places[name][0]], places[name][1]) for name in leaves}


def _entry(rows: Rows, at: tuple[int, ...]) -> str:
    for k in at:
        rows = rows[k]
    return str(rows)


def asked(sheet: Quantities) -> tuple[str, ...]:
    """Return what is to be computed: the forward pass, gradients, the update, the loss after it."""
    return tuple(_asked(sheet))


def _asked(sheet: Quantities) -> Iterator[str]:
    loss, graph = sheet.view.model.loss, sheet.view.graph
    slope = f"∂{loss}/∂"
    inner = {node.name for node in graph.nodes if not node.is_leaf and not node.auxiliary}
    parameters = list(sheet.view.parameters)
    yield from (name for name in sheet.names if name[0] != "∂" and not name.endswith(AFTER))
    slopes = [name for name in sheet.names if name.startswith(slope) and name.removeprefix(slope) in inner]
    yield from _by_layer(sheet, slopes)
    yield from (f"{slope}{name}" for name in parameters if f"{slope}{name}" in sheet.graph)
    trained = [name for name in parameters if sheet.view.places[name][0] not in sheet.view.model.fixed]
    yield from (f"{name}{AFTER}" for name in trained if f"{name}{AFTER}" in sheet.graph)
    if f"{loss}{AFTER}" in sheet.graph:
        yield f"{loss}{AFTER}"


def _by_layer(sheet: Quantities, names: list[str]) -> list[str]:
    """Order gradients by array, as they come from the loss, and within each by its entries."""
    places = {name: sheet.view.places[name.rpartition("∂")[2]] for name in names}
    arrays = list(dict.fromkeys(owner for owner, _ in places.values()))
    return sorted(names, key=lambda name: (arrays.index(places[name][0]), places[name][1]))
