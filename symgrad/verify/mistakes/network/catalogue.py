"""The mistakes that people make in deriving a network: a table, one row each.

A row says on which edges a mistake can be made, what stands there then, and in which words it is told.  A
mistake of a kind of layer is a row of `STRUCTURES`: it changes several edges at once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sympy as sp

from symgrad.model.functions import Pointwise
from symgrad.model.graph import Edge, Kind
from symgrad.verify.mistakes.network import edits
from symgrad.verify.mistakes.network.edits import Changes, Scene
from symgrad.verify.mistakes.network.slopes import misplaced_slopes, rival_slopes, slope_parts, slopes
from symgrad.verify.mistakes.network.structures import STRUCTURES

Where = Callable[[Scene, Edge], bool]


@dataclass(frozen=True)
class Edit:
    """Another partial on an edge."""

    edge: Edge
    partial: sp.Expr


@dataclass(frozen=True)
class Mutant:
    """A mistaken derivation: the δ recursion with other partials on some edges.

    Attributes
    ----------
    kind
        A word of `symgrad.verify.kinds.KINDS`.
    text
        What happened, one clause; ``{child}`` and ``{parent}`` are the ends of the edge, ``{detail}`` is what
        is different there.
    detail
        In words, or an expression in the letters of the edge.
    cost
        How far-fetched it is; the most usual mistakes cost 1.
    open
        Whether the size of the change is left open, as that of a step is.
    """

    kind: str
    text: str
    edits: tuple[Edit, ...]
    cost: float = 1.0
    open: bool = False
    detail: str | sp.Expr = ""


@dataclass(frozen=True)
class Row:
    """One mistake that can be made on one edge."""

    kind: str
    text: str
    changes: Changes
    where: Where
    cost: float = 1.0
    open: bool = False

    def mutants(self, scene: Scene) -> Iterator[Mutant]:
        """Yield the mistake on every edge on which it can be made."""
        for edge in scene.edges:
            if self.where(scene, edge):
                for partial, detail in self.changes(scene, edge):
                    if partial != edge.partial:
                        edit = Edit(edge, partial)
                        yield Mutant(self.kind, self.text, (edit,), self.cost, self.open, detail)


def bent(scene: Scene, edge: Edge) -> bool:
    """Whether an activation stands on the edge."""
    return bool(scene.term(edge).body.atoms(Pointwise)) and edge.child != scene.loss


def anywhere(scene: Scene, edge: Edge) -> bool:
    """Every edge but the whole loss."""
    return True


def plain(scene: Scene, edge: Edge) -> bool:
    """No auxiliary at either end, and no activation."""
    ends = (scene.graph[edge.parent], scene.graph[edge.child])
    return not any(node.auxiliary for node in ends) and not bent(scene, edge)


def shared(scene: Scene, edge: Edge) -> bool:
    """An edge of a parameter that is used more than once."""
    parameter = scene.graph[edge.parent].kind is Kind.PARAMETER
    return parameter and len(scene.graph.out_edges[edge.parent]) > 1


def of_the_loss(scene: Scene, edge: Edge) -> bool:
    """An edge of a parameter straight into the loss, or what is summed up to it."""
    return scene.graph[edge.parent].kind is Kind.PARAMETER and not scene.graph[edge.child].axes


def into_parameters(scene: Scene, edge: Edge) -> bool:
    """An edge of a parameter."""
    return scene.graph[edge.parent].kind is Kind.PARAMETER


def recurrent(scene: Scene, edge: Edge) -> bool:
    """An edge from one step of a recurrence to another."""
    return edits.through_time(scene.graph, edge)


def among_nodes(scene: Scene, edge: Edge) -> bool:
    """An edge between two values of one step, neither of them an auxiliary."""
    ways = plain(scene, edge) and not into_parameters(scene, edge)
    return ways and not recurrent(scene, edge)


ONE, HALF = sp.Integer(1), sp.Rational(1, 2)
SLOPE = "∂{child}/∂{parent}"

ROWS: tuple[Row, ...] = (
    Row("missing_activation_derivative", f"{SLOPE} was left out", slopes(lambda z, a, d: ONE), bent, 0.8),
    Row(
        "extra_activation_derivative", f"{SLOPE} was multiplied in twice", slopes(lambda z, a, d: d**2), bent
    ),
    Row(
        "wrong_activation_derivative",
        "{child} itself stands for its derivative",
        slopes(lambda z, a, d: a),
        bent,
    ),
    Row("wrong_activation_derivative", "the derivative is that of {detail}", rival_slopes, bent),
    Row("derivative_at_wrong_argument", f"{SLOPE} was taken at {{detail}}", misplaced_slopes, bent),
    Row("wrong_activation_derivative", "{detail} stands for " + SLOPE, slope_parts, bent, 1.2),
    Row("missing_regularizer_term", "the penalty's term was left out", edits.nothing, of_the_loss, 0.8),
    Row("missing_shared_weight_term", "the use in {child} was left out", edits.nothing, shared, 0.9),
    Row(
        "missing_shared_weight_term", "the way back through time was left out", edits.nothing, recurrent, 0.9
    ),
    Row("forgot_sum_over_paths", "the way through {child} was left out", edits.nothing, among_nodes),
    Row(
        "bias_not_summed",
        "only the term of {detail} was counted, they have to be summed",
        edits.one_of_a_sum,
        into_parameters,
        0.9,
    ),
    Row("wrong_sign", f"{SLOPE} has the other sign", edits.turned, anywhere, 1.1),
    Row("wrong_sign", "the sign in {detail} is turned", edits.signs_inside, plain, 1.2),
    Row("factor_2", f"{SLOPE} was counted twice", edits.times(sp.Integer(2)), anywhere, 1.2),
    Row("factor_2", f"{SLOPE} was halved", edits.times(HALF), anywhere, 1.3),
    Row("transpose", "{detail} was transposed", edits.transposed, plain),
    Row("kernel_not_flipped", "the kernel {detail} was turned round", edits.flipped, plain, 0.9),
    Row("kernel_not_flipped", "the window was read from its other end", edits.window_flipped, plain),
    Row("missing_chain_factor", "the factor {detail} was left out", edits.factors_lost, plain),
    Row(
        "extra_chain_factor", "the factor {detail} was multiplied in twice", edits.factors_doubled, plain, 1.3
    ),
    Row("wrong_layer", "{detail}: another layer or gate", edits.other_layers, plain, 1.1),
    Row("wrong_operand", "{detail}", edits.other_operands, plain, 1.3),
    Row("wrong_operand", "{detail}: another index", edits.other_letters, plain, 1.3),
    Row("updated_weight_used", "{detail} was used after its update", edits.updated, plain, 1.2, open=True),
)


def mutants_of(scene: Scene) -> Iterator[Mutant]:
    """Yield every mistake of the catalogue that can be made in a network."""
    for row in ROWS:
        yield from row.mutants(scene)
    for structure in STRUCTURES:
        for kind, text, changed, cost in structure(scene):
            yield Mutant(kind, text, tuple(Edit(edge, partial) for edge, partial in changed), cost)
