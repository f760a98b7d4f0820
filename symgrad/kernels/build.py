"""From a model to a kernel: derive, simplify, stabilise, describe."""

from collections.abc import Mapping
from dataclasses import replace

import sympy as sp

from symgrad.derive.deltas import deltas
from symgrad.derive.rewrite import simplify
from symgrad.derive.stability import stabilise
from symgrad.errors import DefinitionError, unknown
from symgrad.kernels.spec import KernelSpec, unsupported
from symgrad.model.activations import ELEMENTWISE
from symgrad.model.functions import Pointwise
from symgrad.model.graph import Graph, Node, Term
from symgrad.model.identity import fingerprint
from symgrad.model.model import Model
from symgrad.model.optimizers import optimizer
from symgrad.notation.lines import definition_block
from symgrad.notation.roles import Roles
from symgrad.notation.unicode import write_block

WIDE = 10_000


def spec_of(
    model: Model,
    rule: str = "sgd",
    *,
    trained: tuple[str, ...] | None = None,
    sizes: Mapping[str, int] | None = None,
    command: str = "",
    schedule: Mapping[str, str] | None = None,
) -> KernelSpec:
    """Return everything that the text of a model's kernel depends on.

    Parameters
    ----------
    rule
        The optimizer.
    trained
        The parameters that `train` changes; all without.
    sizes
        Numbers for symbolic sizes, in place of the model's own.
    command
        How the kernel is made again, for its head.

    Raises
    ------
    DefinitionError
        If the model has no input, no prediction, no loss or no sample axis.
    """
    if model.input is None or model.output is None or model.samples not in model.size_names:
        raise DefinitionError(
            f"{model.name} has no input with a sample axis and a prediction; a kernel needs them"
        )
    if refusal := unsupported(model.graph, model.input, model.target, model.samples):
        raise DefinitionError(f"{model.name}: {refusal}")
    names = [node.name for node in model.graph.parameters]
    for name in trained or ():
        if name not in names:
            raise unknown("parameter", name, names)
    backward = stabilise(simplify(deltas(model.graph, names, model.loss), names).backward)
    graph = written_out(backward.graph)
    target = model.graph[model.target] if model.target else None
    return KernelSpec(
        name=model.name,
        title=model.title,
        graph=graph,
        input=model.input,
        output=model.output,
        loss=model.loss,
        target=model.target,
        delta={name: backward.delta[name] for name in names},
        optimizer=optimizer(rule),
        trained=trained,
        samples=model.samples,
        sizes=model.sizes if sizes is None else sizes,
        mean=model.mean,
        maximise=model.maximise,
        task=model.task,
        target_form=target.targets or "free" if target else "free",
        network=fingerprint(model),
        command=command,
        schedule=schedule or {},
        describe=describer(backward.graph),
    )


def can_compile(model: Model) -> bool:
    """Whether a model has what a kernel needs: one input, samples first, a prediction and a loss."""
    if model.input is None or model.output is None or model.graph.loss is None:
        return False
    if model.samples is None or model.samples not in model.size_names:
        return False
    return unsupported(model.graph, model.input, model.target, model.samples) is None


def written_out(graph: Graph) -> Graph:
    """Write out the activations that are no rows of the table: kernels have no helpers for them."""
    return replace(graph, nodes=tuple(_plain(node) for node in graph.nodes))


def _plain(node: Node) -> Node:
    return replace(node, terms=tuple(Term(t.write, t.bound, _without_own(t.body)) for t in node.terms))


def _without_own(body: sp.Expr) -> sp.Expr:
    own = {f: f.primal for f in body.atoms(Pointwise) if ELEMENTWISE.get(f.row.name) != f.row}
    return _without_own(body.xreplace(own)) if own else body


def describer(graph: Graph) -> "Describer":
    """Return what writes the formula above each statement."""
    return Describer(Roles.of(graph))


class Describer:
    """Writes the definition of a node on one line, deltas as δz1 and ∂J/∂W1."""

    def __init__(self, roles: Roles) -> None:
        self.roles = roles

    def __call__(self, node: Node) -> str:
        return write_block(definition_block(node, self.roles), WIDE)
