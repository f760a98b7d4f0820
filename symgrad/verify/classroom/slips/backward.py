"""Slips on the way back: in gradients, in local derivatives, in updates."""

from collections.abc import Iterator
from fractions import Fraction

import sympy as sp

from symgrad.model.expressions import Ref, refs
from symgrad.model.functions import VOCABULARY, slope
from symgrad.model.graph import Kind, Node
from symgrad.verify.classroom.naming import AFTER
from symgrad.verify.classroom.quantities import Quantities, moved
from symgrad.verify.classroom.slips.slip import USUAL, Site, Slip
from symgrad.verify.classroom.variants import loss_factors


def of_gradient(sheet: Quantities, node: Node) -> Iterator[Slip]:
    """Yield the slips at ∂J/∂w: the sign, a way left out, a factor."""
    site = Site(sheet, node, node.name, node.name)
    yield site.slip("wrong_sign", "the sign is the other one", site.scaled(-1), "sign")
    if len(node.terms) > 1:
        yield from _of_ways(site)
    for factor in loss_factors(site.model):
        kind, text = site.factor(factor, "the gradient")
        yield site.slip(kind, text, site.scaled(factor), f"× {factor}")


def _of_ways(site: Site) -> Iterator[Slip]:
    """Yield the gradient with one of its summands left out, or one alone."""
    parent = site.node.name.rpartition("∂")[2]
    shared = site.sheet.view.graph[parent].kind is Kind.PARAMETER
    kind = "bias_not_summed" if shared else "forgot_sum_over_paths"
    for k, body in enumerate(site.bodies):
        through = _child(body)
        rest = [*site.bodies[:k], *site.bodies[k + 1 :]]
        yield site.slip(kind, f"the way through {through} is left out", rest, f"without {k}")
        if len(rest) > 1:
            yield site.slip(kind, f"only the way through {through} is taken", [body], f"only {k}")


def _child(body: sp.Expr) -> str:
    """Return the node that a summand of a gradient comes through."""
    names = [ref.name for ref in refs(body) if ref.name.startswith("∂")]
    return names[-1][1:].partition("/")[0] if len(names) > 1 else "the loss"


def of_factor(sheet: Quantities, node: Node) -> Iterator[Slip]:
    """Yield the slips at ∂a/∂z: another number read, another derivative taken."""
    child, _, parent = node.name[1:].partition("/∂")
    layer = " -> ".join(sheet.view.places[name][0] for name in (parent, child))
    site = Site(sheet, node, f"{parent} -> {child}", layer)
    (body,) = site.bodies
    if isinstance(body, Ref):
        yield from _of_operand(site, body)
    elif sheet.view.graph[child].function == "softmax" and not _aligned(sheet, child, parent):
        yield site.slip(
            "softmax_diagonal_only", f"{node.name} is taken for 0", [sp.Integer(0)], "diagonal",
            "only the diagonal of softmax's Jacobian is used",
        )  # fmt: skip
    elif not body.is_number:
        yield from _of_derivative(site, Ref(child), Ref(parent))


def _aligned(sheet: Quantities, child: str, parent: str) -> bool:
    return sheet.view.places[child][1] == sheet.view.places[parent][1]


def _of_operand(site: Site, ref: Ref) -> Iterator[Slip]:
    """Yield other numbers in the place of a weight or of an activation."""
    own, after = site.owner(ref.name), f"{ref.name}{AFTER}"
    if after in site.sheet.graph and site.sheet.graph[ref.name].is_leaf:
        words = "the already updated {} is used"
        yield site.slip(
            "updated_weight_used", words.format(ref.name), [Ref(after)], "updated", words.format(own)
        )
    for other, words in _neighbours(site.sheet, ref.name):
        kind = "transpose" if words == "transposed" else "wrong_operand"
        yield site.slip(kind, f"{other} stands for {ref.name}", [Ref(other)], words, f"{own} is {words}")


def _neighbours(sheet: Quantities, name: str) -> Iterator[tuple[str, str]]:
    """Yield the other entries of an array: the one across the diagonal first."""
    owner, at = sheet.view.places[name]
    entries = {place: entry for entry, (array, place) in sheet.view.places.items() if array == owner}
    across = entries.get(at[::-1]) if len(at) == 2 and at[0] != at[1] else None
    if across is not None:
        yield across, "transposed"
    others = (entry for entry in entries.values() if entry not in (name, across))
    yield from ((entry, f"read as {entry}") for entry in others)


def _of_derivative(site: Site, a: Ref, z: Ref) -> Iterator[Slip]:
    """Yield what people put for the derivative of an activation, of the value a at the argument z."""
    what, (body,) = site.node.name, site.bodies
    missing, wrong = "missing_activation_derivative", "wrong_activation_derivative"
    whole = f"the derivative of {site.owner(a.name)}"
    yield site.slip(missing, f"{what} is left out", [sp.Integer(1)], "missing", f"{whole} is left out")
    for found, at, instead in _misplaced(site, a, z):
        text = "{} is taken at {} in place of {}"
        everywhere = text.format(whole, site.owner(at.name), site.owner(instead.name))
        words = text.format(what, at.name, instead.name)
        yield site.slip("derivative_at_wrong_argument", words, [found], f"at {at.name == z.name}", everywhere)
    yield site.slip(wrong, f"{a.name} itself stands for {what}", [a], "value")
    yield site.slip(wrong, f"1 - {a.name} stands for {what}", [1 - a], "complement")
    yield site.slip("extra_activation_derivative", f"{what} is multiplied in twice", [body**2], "twice")
    for name in USUAL:
        if name != site.sheet.view.graph[a.name].function:
            other = slope(VOCABULARY[name](z), z)
            yield site.slip(wrong, f"the derivative of {name} stands for {what}", [other], name)


def _misplaced(site: Site, a: Ref, z: Ref) -> Iterator[tuple[sp.Expr, Ref, Ref]]:
    """Yield the derivative written over a, taken at z, and the other way round."""
    (body,) = site.bodies
    if body.has(a):
        yield body.xreplace({a: z}), z, a
    written = site.sheet.others[0].get(site.node.name, site.node).terms[0].body
    if written.has(z):
        yield written.xreplace({z: a}), a, z


def of_update(sheet: Quantities, node: Node) -> Iterator[Slip]:
    """Yield the slips at w⁺: direction, step size, no step at all, a step of what is held fixed."""
    name = node.name.removesuffix(AFTER)
    parameter = sheet.view.graph[name]
    site = Site(sheet, node, name, "")
    if parameter.kind is not Kind.PARAMETER:
        return
    if site.owner(name) in site.model.fixed:
        trained = moved(parameter, site.model, sheet.rate)
        text = f"{name} is held fixed, and is trained here"
        everywhere = "the parameters that are held fixed are trained too"
        yield site.slip("other", text, [trained], "trained", everywhere)
        return
    for kind, text, rate, tag in _rates(site):
        yield site.slip(kind, text, [moved(parameter, site.model, rate)], tag)


def _rates(site: Site) -> Iterator[tuple[str, str, Fraction, str]]:
    yield "wrong_sign", "the step is made in the wrong direction", -site.sheet.rate, "ascent"
    yield "constant_factor", "the step size is left out", Fraction(1), "rate"
    yield "other", "the step is not made", Fraction(0), "held"
    for factor in loss_factors(site.model):
        yield *site.factor(factor, "the gradient"), site.sheet.rate * factor, f"× {factor}"
