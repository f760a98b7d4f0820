"""What a mistaken derivation gives, as steps of the tape: floats propose, exact arithmetic confirms."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from operator import mul
from typing import Any

import numpy as np
import sympy as sp

from symgrad.derive.paths import Path
from symgrad.exact.tapes import Slot
from symgrad.exact.translate import translate
from symgrad.model.expressions import Ref, reindex, size
from symgrad.model.functions import Equal
from symgrad.model.graph import Edge
from symgrad.verify.mistakes.network.bench import Bench
from symgrad.verify.mistakes.network.catalogue import Edit, Mutant
from symgrad.verify.mistakes.network.channels import Channel
from symgrad.verify.mistakes.network.flow import DELTA, pulled_back, pulled_once
from symgrad.verify.networks.posing import Posed, Slots, scalar


def gradient(bench: Bench, wrt: str, edits: Sequence[Edit]) -> Slots:
    """Return the gradient of a mistaken derivation as steps of the tape."""
    posed = bench.posed
    owner, at = bench.place(wrt)
    changed = {e.edge.key: label(posed, bench.flow.channels[e.edge.key], e.partial) for e in edits}

    def right(edge: Edge) -> Slots:
        return label(posed, bench.flow.channels[edge.key], edge.partial)

    last = bench.is_last_step(owner, [edit.edge for edit in edits])
    kept = bench.flow.above if last else bench.flow.kept(changed)
    known = {name: _row(list(posed.deltas[name].flat)) for name in kept}
    found = (
        pulled_once(bench.flow, owner, right, known, changed)
        if last
        else pulled_back(bench.flow, right, known, changed, [owner])[owner]
    )
    whole = _row([_slot(posed, value) for value in found.flat]).reshape(posed.values[owner].shape)
    return whole if at is None else scalar(whole[at])


def label(posed: Posed, channel: Channel, partial: sp.Expr) -> Slots:
    """Return a partial for all values of its letters, as steps of the tape."""
    rows = [
        {symbol: sp.Integer(int(values[k])) for symbol, values in channel.letters.items()}
        for k in range(len(channel))
    ]
    return _row([_value(posed, reindex(partial, row)) for row in rows])


def _value(posed: Posed, expression: sp.Expr) -> Slot:
    numbers = {size(name): sp.Integer(number) for name, number in posed.sizes.items()}
    given = expression.xreplace(numbers)
    memo: dict[sp.Expr, Slot] = {ref: _read(posed, ref) for ref in given.atoms(Ref)}
    memo |= {one: _indicator(posed, one) for one in given.atoms(Equal)}
    return translate(given, posed.tape, memo)


def _read(posed: Posed, ref: Ref) -> Slot:
    name = ref.name.removeprefix(DELTA)
    array = (posed.deltas if ref.name != name else posed.values)[name]
    at = tuple(int(i) for i in ref.index)
    inside = all(0 <= i < n for i, n in zip(at, array.shape, strict=True))
    return array[at] if inside else posed.tape.number(0)


def _indicator(posed: Posed, one: sp.Expr) -> Slot:
    """Return [u = v] where both are numbers, else as far as steps of the tape can say it."""
    sides = [_value(posed, side) for side in one.args]
    exact = [side.exact for side in sides]
    if None in exact:
        difference = sides[0] - sides[1]
        return (1 - posed.tape.step(difference)) * (1 - posed.tape.step(-difference))
    return posed.tape.number(int(exact[0] == exact[1]))


def _slot(posed: Posed, value: Any) -> Slot:
    return value if isinstance(value, Slot) else posed.tape.number(int(value))


def _row(values: Sequence[Slot]) -> Slots:
    array = np.empty((1, len(values)), dtype=object)
    array[0] = values
    return array


def path_sum(posed: Posed, listed: Mapping[Path, Fraction]) -> Slots:
    """Return a sum of path products, each so often, as steps of the tape."""
    table = posed.table
    memo: dict[sp.Expr, Slot] = {Ref(name): array.item() for name, array in table.items()}
    total = posed.tape.total(
        posed.tape.number(times) * _product(posed, path, memo) for path, times in listed.items()
    )
    return scalar(total)


def _product(posed: Posed, path: Path, memo: dict[sp.Expr, Slot]) -> Slot:
    links = (
        posed.tape.total(
            reduce(mul, (translate(edge.partial, posed.tape, memo) for edge in route))
            for route in link.routes
        )
        for link in path.links
    )
    return reduce(mul, links)


def mutants(bench: Bench, wrt: str) -> Iterator[tuple[Mutant, Slots]]:
    """Yield every mistake of the catalogue with the gradient that it gives, those without effect included."""
    owner, _ = bench.place(wrt)
    for mutant in bench.mutants:
        touched = owner in bench.within(mutant)
        yield mutant, gradient(bench, wrt, mutant.edits) if touched else bench.posed.delta(wrt)
