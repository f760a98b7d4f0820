"""Slips on the way forward: in weighted sums, in activations, in the loss."""

from collections.abc import Iterator, Mapping

from symgrad.model.activations import IDENTITY
from symgrad.model.expressions import Ref, refs
from symgrad.model.functions import VOCABULARY
from symgrad.model.graph import Graph, Kind, Node
from symgrad.verify.classroom.quantities import Quantities
from symgrad.verify.classroom.slips.slip import USUAL, Site, Slip
from symgrad.verify.classroom.variants import loss_factors

Exchange = Mapping[Ref, Ref]


def of_loss(sheet: Quantities, node: Node) -> Iterator[Slip]:
    """Yield the slips at the loss: a factor, the sign, a summand left out."""
    site = Site(sheet, node, node.name, sheet.view.model.loss)
    for factor in loss_factors(site.model):
        kind, text = site.factor(factor, "the loss")
        yield site.slip(kind, text, site.scaled(factor), f"× {factor}")
    yield site.slip("wrong_sign", "the sign is the other one", site.scaled(-1), "sign")
    yield from _without_one(site)


def of_activation(sheet: Quantities, node: Node) -> Iterator[Slip]:
    """Yield the slips at an activation: none applied, or another one."""
    site = Site(sheet, node, node.name, sheet.view.places[node.name][0])
    argument, *others = refs(node.terms[0].body)
    yield site.slip("other", f"no {node.function} is applied", [argument], IDENTITY)
    for name in USUAL:
        if name != node.function and not others:
            text = f"{name} is applied in place of {node.function}"
            yield site.slip("other", text, [VOCABULARY[name](argument)], name)


def of_sum(sheet: Quantities, node: Node) -> Iterator[Slip]:
    """Yield the slips in a weighted sum: a summand left out, weights of another neuron."""
    site = Site(sheet, node, node.name, sheet.view.places[node.name][0])
    yield from _without_one(site)
    yield from _other_bias(site)
    weights = [ref for body in site.bodies for ref in refs(body) if _is_weight(sheet, ref, site)]
    for words, exchange in _exchanges(sheet, weights):
        bodies = [body.xreplace(dict(exchange)) for body in site.bodies]
        kind = "transpose" if words == "transposed" else "wrong_operand"
        yield site.slip(kind, f"the weights are {words}", bodies, words)


def _other_bias(site: Site) -> Iterator[Slip]:
    """Yield the sum with the bias of another neuron in the place of its own."""
    graph = site.sheet.view.graph
    added = [ref for body in site.bodies for ref in refs(body) if ref == body]
    biases = [ref for ref in added if graph[ref.name].kind is Kind.PARAMETER]
    for ref in biases:
        for other in _biases(graph):
            if other != ref:
                bodies = [other if body == ref else body for body in site.bodies]
                text = f"{other.name} stands for {ref.name}"
                yield site.slip("wrong_operand", text, bodies, f"bias {other.name}")


def _biases(graph: Graph) -> list[Ref]:
    """Return the parameters that stand alone in a sum."""
    bodies = [term.body for node in graph.nodes if len(node.terms) > 1 for term in node.terms]
    found = {body: None for body in bodies if isinstance(body, Ref)}
    return [ref for ref in found if graph[ref.name].kind is Kind.PARAMETER]


def _is_weight(sheet: Quantities, ref: Ref, site: Site) -> bool:
    return sheet.graph[ref.name].kind is Kind.PARAMETER and ref not in site.bodies


def _exchanges(sheet: Quantities, weights: list[Ref]) -> Iterator[tuple[str, Exchange]]:
    """Yield what weights are read as when rows and columns, or two neurons, are mixed up."""
    places = {ref: sheet.view.places[ref.name] for ref in weights}
    if len({owner for owner, _ in places.values()}) != 1:
        return
    names = {place: name for name, place in sheet.view.places.items()}
    across = {ref: names.get((owner, at[::-1])) for ref, (owner, at) in places.items()}
    yield from _whole("transposed", across)
    if len(weights) > 1:
        yield "taken in the opposite order", dict(zip(weights, reversed(weights), strict=True))
    own = {at[:1] for _, at in places.values()}
    owner = places[weights[0]][0]
    rows = {at[:1] for array, at in names if array == owner and len(at) == 2}
    for row in sorted(rows - own):
        other = {ref: names.get((owner, (*row, *at[1:]))) for ref, (_, at) in places.items()}
        yield from _whole(f"those of neuron {row[0] + 1}", other)


def _whole(words: str, table: Mapping[Ref, str | None]) -> Iterator[tuple[str, Exchange]]:
    """Yield an exchange in which everything has something in its place, and something changes."""
    found = {ref: Ref(name) for ref, name in table.items() if name is not None}
    if len(found) == len(table) and any(ref != other for ref, other in found.items()):
        yield words, found


def _without_one(site: Site) -> Iterator[Slip]:
    for k, body in enumerate(site.bodies) if len(site.bodies) > 1 else ():
        read = " ".join(ref.name for ref in refs(body)) or "a number"
        rest = [*site.bodies[:k], *site.bodies[k + 1 :]]
        yield site.slip("other", f"the summand with {read} is left out", rest, f"without {read}")
