"""The tables of layers, activations, losses and optimizers as Markdown, from the registries themselves."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import sympy as sp

from symgrad.model.activations import ELEMENTWISE, IDENTITY, OUTPUTS, SPECIAL, Activation
from symgrad.model.expressions import size
from symgrad.model.functions import A, Pointwise, Step, Z, derivative, expand, kinks, primal
from symgrad.model.graph import Axis, Kind, Node
from symgrad.model.layers import activate, leaf
from symgrad.model.layers.catalogue import LAYERS, Layer
from symgrad.model.losses import LOSSES, Loss
from symgrad.model.objectives import loss_nodes
from symgrad.model.optimizers import OPTIMIZERS
from symgrad.model.rates import RATES, Rate
from symgrad.model.rules import Optimizer
from symgrad.model.terms import rename
from symgrad.notation.arrange import arrange
from symgrad.notation.layout import Layout, Name
from symgrad.notation.lines import definition_block
from symgrad.notation.unicode import write

Rows = Iterable[tuple[str, ...]]

ENTRIES = Axis("i", size("K"))
NONE = "–"
LONG = 60
NEAR = sp.Rational(1, 1000)


def tables() -> Mapping[str, str]:
    """Return the tables by name: layers, activations, losses, functions, optimizers, schedules."""
    joined = map(_of_a_row, (IDENTITY, *OUTPUTS))
    activations = (*map(_elementwise, ELEMENTWISE.values()), *joined)
    return {
        "layers": markdown(("layer", "what it computes", "call"), map(_layer, LAYERS.values())),
        "activations": markdown(("activation", "a", "da/dz", "kinks: da/dz there"), activations),
        "losses": markdown(("loss", "of one sample", "targets"), map(_loss, LOSSES.values())),
        "functions": markdown(
            ("function", "a", "da/dz", "kinks: da/dz there"), map(_elementwise, SPECIAL.values())
        ),
        "optimizers": markdown(
            ("optimizer", "what a step does", "options"), map(_optimizer, OPTIMIZERS.values())
        ),
        "schedules": markdown(("schedule", "learning rate", "options"), map(_schedule, RATES.values())),
    }


def markdown(head: tuple[str, ...], rows: Rows) -> str:
    """Return a Markdown table."""
    lines = (head, ("---",) * len(head), *rows)
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _layer(row: Layer) -> tuple[str, ...]:
    said = (row.build.__doc__ or "").partition("\n")[0].removeprefix("Add ").removesuffix(".")
    what = f"{row.summary}: {said.replace('``', '`')}" if said else row.summary
    return _code(row.name), what, _code(row.usage)


def _elementwise(row: Activation) -> tuple[str, ...]:
    slope = _text(derivative(row))
    slopes = ", ".join(f"{_text(place)}: {_text(_slope(row, place))}" for place in _kinks(row))
    shown = _code(slope) if len(slope) <= LONG else "as derived"
    return _code(row.name), _code(_text(primal(row))), shown, slopes or NONE


def _kinks(row: Activation) -> list[sp.Expr]:
    """Return the places at which the derivative jumps."""
    slope = _written_out(derivative(row).xreplace({A: primal(row)}))
    found = {place for kink in kinks(primal(row)) for place in sp.solve(kink, Z)}
    return sorted(p for p in found if _beside(slope, p, -NEAR) != _beside(slope, p, NEAR))


def _written_out(expression: sp.Expr) -> sp.Expr:
    while found := expression.atoms(Pointwise):
        expression = expression.xreplace({f: f.primal for f in found})
    return expression


def _beside(slope: sp.Expr, place: sp.Expr, off: sp.Rational) -> sp.Expr:
    """Return the one-sided limit at a place: every maximum, minimum and step as it is beside it."""

    def side(part: sp.Expr) -> sp.Expr:
        values = {u: u.subs(Z, place + off) for u in part.args}
        match part:
            case sp.Max():
                return max(part.args, key=lambda u: values[u])
            case sp.Min():
                return min(part.args, key=lambda u: values[u])
            case sp.Abs():
                return part.args[0] * sp.sign(values[part.args[0]])
            case _:
                return sp.Integer(int(bool(values[part.args[0]] > 0)))

    bent = slope.replace(lambda e: isinstance(e, (sp.Max, sp.Min, sp.Abs, Step)), side)
    return sp.simplify(bent.subs(Z, place))


def _slope(row: Activation, place: sp.Expr) -> sp.Expr:
    """Return the derivative that formulas and kernels take at a place."""
    at = {Z: place, A: primal(row).subs(Z, place)}
    return expand(derivative(row).subs(at)).doit()


def _of_a_row(name: str) -> tuple[str, ...]:
    """Describe an activation that joins the entries of a row, and the identity."""
    z = leaf("z", Kind.INPUT, ENTRIES)
    made = () if name == IDENTITY else activate("a", z, name, ELEMENTWISE)
    return _code(name), _code(_nested(made) if made else "z"), _code("1") if not made else NONE, NONE


def _loss(row: Loss) -> tuple[str, ...]:
    given = [leaf(name, Kind.INPUT, ENTRIES) for name in row.predictions]
    made = loss_nodes("J", row, given, leaf("t", Kind.TARGET, ENTRIES), mean=True, samples=None)
    return _code(row.name), _code(_nested(made)), ", ".join(row.targets)


def _optimizer(row: Optimizer) -> tuple[str, ...]:
    return _code(row.name), "; ".join(map(_code, row.rules)), _options(row.options)


def _schedule(row: Rate) -> tuple[str, ...]:
    return _code(row.name), _code(row.formula), _options(row.options)


def _options(options: Mapping[str, float]) -> str:
    return ", ".join(f"`{name}` {value:g}" for name, value in options.items()) or NONE


def _nested(nodes: tuple[Node, ...]) -> str:
    """Write the last of some definitions, the others put in for their names, their sums over j."""
    known: dict[str, Layout] = {}
    for node in nodes:
        (equation,) = definition_block(node if node is nodes[-1] else _over_j(node)).equations
        known[node.name] = _put_in(equation.right, known)
    return write(known[nodes[-1].name])


def _over_j(node: Node) -> Node:
    own = {axis.letter for axis in node.axes}
    return replace(node, terms=tuple(t if "i" in own else rename(t, {"i": "j"}) for t in node.terms))


def _put_in(layout: Any, known: Mapping[str, Layout]) -> Any:
    """Return a layout with others in the place of names, at the subscripts of these."""
    if isinstance(layout, Name) and layout.name in known:
        at = layout.subscripts
        return _put_in(known[layout.name], {"i": at[0]}) if at else known[layout.name]
    if isinstance(layout, tuple):
        return tuple(_put_in(part, known) for part in layout)
    if not is_dataclass(layout):
        return layout
    return type(layout)(*(_put_in(getattr(layout, field.name), known) for field in fields(layout)))


def _text(expression: sp.Expr) -> str:
    long = [n for n in expression.atoms(sp.Rational) if n.q > 1000]
    rounded = {n: sp.sign(n) * sp.Symbol(f"{abs(float(n)):.6g}") for n in long}
    return write(arrange(expression.xreplace(rounded)))


def _code(text: str) -> str:
    return f"`{text}`"
