"""Mistakes of kinds of layers, which change several edges at once."""

from collections.abc import Callable, Iterator
from math import prod

import sympy as sp

from symgrad.model.expressions import Ref
from symgrad.model.graph import Edge, Kind
from symgrad.verify.mistakes.network.edits import Scene, above, through_time
from symgrad.verify.mistakes.network.slopes import slopes

Changed = tuple[tuple[Edge, sp.Expr], ...]
Structure = Callable[[Scene], Iterator[tuple[str, str, Changed, float]]]

ZERO = sp.Integer(0)


def softmaxes(scene: Scene) -> Iterator[tuple[Edge, Edge]]:
    """Yield for every softmax the edge of its exponential and that of its normaliser."""
    for node in scene.graph.nodes:
        edges = scene.graph.in_edges[node.name]
        if node.function == "softmax" and len(edges) == 2:
            power, whole = sorted(edges, key=lambda edge: -len(edge.read))
            yield power, whole


def softmax_diagonal(scene: Scene) -> Iterator[tuple[str, str, Changed, float]]:
    """Use the diagonal of softmax's Jacobian only: o (1 − o)."""
    for power, whole in softmaxes(scene):
        own = scene.term(power).body
        changed = ((power, power.partial * (1 - own)), (whole, ZERO))
        text = f"only the diagonal of softmax's Jacobian was used, {power.child} (1 - {power.child})"
        yield "softmax_diagonal_only", text, changed, 0.8


def softmax_left_out(scene: Scene) -> Iterator[tuple[str, str, Changed, float]]:
    """Leave softmax's Jacobian out, as if it were the identity."""
    for power, whole in softmaxes(scene):
        value = Ref(power.parent, power.read)
        changed = ((power, 1 / value), (whole, ZERO))
        yield "missing_activation_derivative", "softmax's Jacobian was left out", changed, 0.9


def softmax_cross_terms(scene: Scene) -> Iterator[tuple[str, str, Changed, float]]:
    """Use what lies beside the diagonal only, or with the other sign."""
    for _, whole in softmaxes(scene):
        yield "wrong_sign", "the cross terms of softmax have the other sign", ((whole, -whole.partial),), 1.1


def statistics(scene: Scene) -> list[str]:
    """Return the nodes that sum up what then depends on them: a mean, a variance, a normaliser, a norm."""
    inner = (node.name for node in scene.graph.nodes if not node.is_leaf and node.name != scene.loss)
    return [name for name in inner if _gathers(scene, name) and _spreads(scene, name)]


def _gathers(scene: Scene, name: str) -> bool:
    return any(_size(scene, edge.parent) > _size(scene, name) for edge in scene.graph.in_edges[name])


def _spreads(scene: Scene, name: str) -> bool:
    """Whether more depends on a node than it is, at once or through others of its size."""
    children = {edge.child for edge in scene.graph.out_edges[name]} - {scene.loss, name}
    alike = (child for child in children if scene.shape(child) == scene.shape(name))
    larger = any(_size(scene, child) > _size(scene, name) for child in children)
    return larger or (not scene.graph.recurrent and any(_spreads(scene, child) for child in alike))


def _size(scene: Scene, name: str) -> int:
    return prod(scene.shape(name))


def constants(scene: Scene) -> Iterator[tuple[str, str, Changed, float]]:
    """Treat a mean, a variance or a normaliser as a constant."""
    for name in statistics(scene):
        changed = tuple((edge, ZERO) for edge in scene.edges if edge.child == name)
        if changed:
            yield "forgot_sum_over_paths", f"{_named(scene, name)} was treated as a constant", changed, 0.9


def all_constants(scene: Scene) -> Iterator[tuple[str, str, Changed, float]]:
    """Treat all of them as constants, where there are several."""
    inner = statistics(scene)
    changed = tuple((edge, ZERO) for edge in scene.edges if edge.child in inner)
    if len({edge.child for edge, _ in changed}) > 1:
        text = f"{' and '.join(_named(scene, name) for name in inner)} were treated as constants"
        yield "forgot_sum_over_paths", text, changed, 1.0


def _named(scene: Scene, name: str) -> str:
    """Return a node by its name, an auxiliary by what it serves."""
    if not scene.graph[name].auxiliary:
        return name
    return f"the normaliser of {' and '.join(dict.fromkeys(above(scene.graph, name)))}"


def sums_for_means(scene: Scene) -> Iterator[tuple[str, str, Changed, float]]:
    """Derive the means and variances inside as if they were sums."""
    lengths = {
        edge.key: sp.Mul(*(axis.size for axis in edge.bound if axis.symbol not in _letters(edge)))
        for name in statistics(scene)
        for edge in scene.graph.in_edges[name]
    }
    edges = [edge for edge in scene.edges if edge.key in lengths and edge.partial.has(1 / lengths[edge.key])]
    if edges:
        names = dict.fromkeys(edge.child for edge in edges)
        text = f"{' and '.join(names)} were derived as sums, they are means"
        changed = tuple((edge, edge.partial * lengths[edge.key]) for edge in edges)
        yield "missing_chain_factor", text, changed, 1.1


def _letters(edge: Edge) -> set[sp.Basic]:
    return {letter for subscript in edge.write for letter in subscript.free_symbols}


def squared_error_rule(scene: Scene) -> Iterator[tuple[str, str, Changed, float]]:
    """Derive a cross-entropy as if it were a squared error: y − t at the outputs."""
    for edge in scene.edges:
        target, output = _entropy(scene, edge)
        if target is not None and output is not None:
            binary = edge.partial.has(1 - output)
            share = output * (1 - output) if binary else -output * (output - target) / target
            rule = sp.cancel(edge.partial * share)
            text = f"the squared error's rule, {output.name} - {target.name}, stands for the cross-entropy's"
            yield "extra_activation_derivative", text, ((edge, rule),), 1.0
            for power, whole in softmaxes(scene):
                diagonal = (power, power.partial * (1 - scene.term(power).body))
                both = f"{text}, and only the diagonal of softmax's Jacobian was used"
                yield "extra_activation_derivative", both, ((edge, rule), diagonal, (whole, ZERO)), 1.0


def _entropy(scene: Scene, edge: Edge) -> tuple[Ref | None, Ref | None]:
    """Return target and output where an edge leads from the output of a cross-entropy to the loss."""
    if scene.graph[edge.child].axes or not scene.term(edge).body.has(sp.log):
        return None, None
    accesses = scene.term(edge).accesses
    targets = [ref for ref in accesses if _is_target(scene, ref.name)]
    output = accesses[edge.access]
    return (targets[0] if targets else None), (None if output in targets else output)


def _is_target(scene: Scene, name: str) -> bool:
    node = scene.graph[name]
    return node.kind is Kind.TARGET or node.targets is not None


def swapped_targets(scene: Scene) -> Iterator[tuple[str, str, Changed, float]]:
    """Exchange target and prediction in the loss."""
    for edge in scene.edges:
        accesses = scene.term(edge).accesses
        targets = [ref for ref in accesses if _is_target(scene, ref.name)]
        other = [ref for ref in accesses if ref not in targets]
        if len(targets) == 1 and len(other) == 1 and accesses[edge.access] == other[0]:
            swap = {targets[0]: other[0], other[0]: targets[0]}
            partial = edge.partial.xreplace(swap)
            if partial != edge.partial:
                text = f"{other[0].name} and {targets[0].name} are exchanged"
                yield "wrong_sign", text, ((edge, partial),), 1.1


def all_activations(scene: Scene) -> Iterator[tuple[str, str, Changed, float]]:
    """Leave the derivatives of all activations out."""
    changed = tuple(
        (edge, partial)
        for edge in scene.edges
        if edge.child != scene.loss
        for partial, _ in slopes(lambda z, a, d: sp.Integer(1))(scene, edge)
    )
    if len({edge.key for edge, _ in changed}) > 1:
        yield (
            "missing_activation_derivative",
            "the derivatives of all activations were left out",
            changed,
            1.0,
        )


def only_one_way(scene: Scene) -> Iterator[tuple[str, str, Changed, float]]:
    """Count one way out of a node, where there are three or more."""
    for node in scene.graph.nodes:
        out = [edge for edge in scene.edges if edge.parent == node.name]
        ways = dict.fromkeys(edge.child for edge in out)
        if len(ways) > 2 and not node.auxiliary and node.kind is not Kind.PARAMETER:
            for kept in ways:
                rest = tuple((edge, ZERO) for edge in out if edge.child != kept)
                yield "forgot_sum_over_paths", f"only the way through {kept} was counted", rest, 1.0


def all_the_way_back(scene: Scene) -> Iterator[tuple[str, str, Changed, float]]:
    """Leave every way out that a node has to the next step of time."""
    for name in sorted(scene.graph.recurrent):
        back = [edge for edge in scene.edges if edge.parent == name and through_time(scene.graph, edge)]
        if len(back) > 1:
            text = f"no way back through time to {name} was counted"
            yield "missing_shared_weight_term", text, tuple((edge, ZERO) for edge in back), 0.8


STRUCTURES: tuple[Structure, ...] = (
    softmax_diagonal,
    softmax_left_out,
    softmax_cross_terms,
    constants,
    all_constants,
    sums_for_means,
    squared_error_rule,
    swapped_targets,
    all_activations,
    only_one_way,
    all_the_way_back,
)
