"""What may have happened where a figure of a worksheet is wrong: slips that reproduce it.

Every definition between the figure and those before it is put wrong in the ways in which people do so, one at
a time or in a whole layer at once, and the figure computed again.
"""

from collections.abc import Iterator
from fractions import Fraction

from symgrad.model.graph import Node
from symgrad.verify.classroom.carried import Carried
from symgrad.verify.classroom.naming import AFTER
from symgrad.verify.classroom.quantities import Quantities
from symgrad.verify.classroom.slips.backward import of_factor, of_gradient, of_update
from symgrad.verify.classroom.slips.forward import of_activation, of_loss, of_sum
from symgrad.verify.classroom.slips.slip import Slip
from symgrad.verify.verdict import Mistake

MOST = 3
TRIED = 600
TELLING = 3
GENERAL = ("forgot_sum_over_paths", "bias_not_summed")
"""What many a more telling slip comes to as well."""
WIDEST = 10
"""By how much wider than a figure the numbers may be that a slip leads to; wider ones explain anything."""
Reach = tuple[Fraction, Fraction]


def explained(sheet: Quantities, name: str, reach: Reach, way: Carried) -> tuple[Mistake, ...]:
    """Return up to three slips that give a figure, the nearest to it first.

    Parameters
    ----------
    name
        The quantity.
    reach
        The numbers that the figure may stand for.
    way
        What follows from the person's figures.
    """
    wanted = way.algebra.between(*reach)
    found: dict[str, Mistake] = {}
    among = way.open_to(name)
    for slip in _tried(sheet, name, among):
        value = way.with_changes(slip.changes, name, among)
        if value is not None and value.meets(wanted) and value.width <= WIDEST * wanted.width:
            found.setdefault(slip.text, Mistake(slip.kind, slip.place, slip.text))
        if len(found) == MOST:
            break
    return tuple([*found.values(), *_copied(sheet, name, reach)][:MOST])


def _tried(sheet: Quantities, name: str, among: tuple[Node, ...]) -> Iterator[Slip]:
    """Yield slips, the likely ones first: those at the figure, then those of whole layers, then others."""
    single = [slip for node in reversed(among) for slip in slips_of(sheet, node)]
    groups: dict[tuple[str, str], list[Slip]] = {}
    for slip in single:
        groups.setdefault((slip.tag, slip.layer), []).append(slip)
    near = [slip for slip in single if name in slip.changes and slip.kind not in GENERAL]
    ways = [slip for slip in single if name in slip.changes and slip.kind in GENERAL]
    joint = [first.joined(rest) for first, *rest in groups.values() if rest]
    far = [slip for slip in single if name not in slip.changes]
    yield from [*near, *joint, *ways, *far][:TRIED]


def slips_of(sheet: Quantities, node: Node) -> Iterator[Slip]:
    """Return the slips that are usual at one quantity, the likeliest first."""
    name, loss = node.name, sheet.view.model.loss
    if name.startswith(f"∂{loss}/∂"):
        return of_gradient(sheet, node)
    if name.startswith("∂"):
        return of_factor(sheet, node)
    if name.endswith(AFTER):
        return of_update(sheet, node)
    if name == loss or name not in sheet.view.graph:
        return of_loss(sheet, node)
    applied = len(node.terms) == 1 and node.function is not None
    return of_activation(sheet, node) if applied else of_sum(sheet, node)


def _copied(sheet: Quantities, name: str, reach: Reach) -> Iterator[Mistake]:
    """Yield the other quantity of which this is the right figure, if it has digits enough to say so."""
    low, high = reach
    if low * high <= 0 or (high - low) * 10**TELLING > abs(low + high) / 2:
        return
    for other in sheet.names:
        value = Fraction(sheet.right[other].decimal(30))
        if other != name and low <= value <= high:
            yield Mistake("wrong_operand", other, f"this is the figure of {other}")
            return
