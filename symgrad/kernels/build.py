"""From a model to a kernel: derive, simplify, stabilise, describe."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypedDict, Unpack

import sympy as sp

from symgrad.derive.deltas import Backward, deltas
from symgrad.derive.rewrite import simplify
from symgrad.derive.stability import stabilise
from symgrad.errors import DefinitionError, unknown
from symgrad.kernels.leaves import unsupported
from symgrad.kernels.moments import rewritten
from symgrad.kernels.plan import whole
from symgrad.kernels.printer import has_helper
from symgrad.kernels.second import extras
from symgrad.kernels.spec import ROWS, KernelSpec
from symgrad.kernels.wishes import check_wishes
from symgrad.model.functions import Pointwise
from symgrad.model.graph import Graph, Node, Term
from symgrad.model.identity import fingerprint
from symgrad.model.model import Model
from symgrad.model.optimizers import optimizer
from symgrad.model.rates import Rate
from symgrad.model.roll import roll
from symgrad.model.rules import Optimizer
from symgrad.notation.layout import Block
from symgrad.notation.lines import definition_block
from symgrad.notation.roles import Roles
from symgrad.notation.unicode import write_block

WIDE = 10_000
WAYS = ("loops", "blas", "tiles", "apart")
FORMS = ("scalars", "arrays", "batches")
MOMENTS = "moments"
REWRITES = (MOMENTS,)


class Options(TypedDict, total=False):
    """What may be asked of a kernel besides its optimizer.

    Attributes
    ----------
    trained
        The parameters that `train` changes; all without.
    also
        Further functions of the module, from `symgrad.kernels.second.SECOND`.
    fast
        Whether speed goes before a plain text: `train` then changes weights without arrays for their
        gradients where the optimizer allows it, keeps those turned that are read so, and the kernel computes
        large products in tiles of its own.
    team
        Whether the module shall have a function that several threads train with, where it pays.
    batch
        How many samples a batch is taken to have when loops and BLAS are weighed; any number can be trained.
    schedule
        ``node: "loops"``, ``"blas"`` or, with `fast`, ``"tiles"`` where the choice is overridden, ``"apart"``
        where the loops of a node are not to be joined with others; ``"*": "scalars"`` asks for a variable for
        every entry, ``"arrays"`` forbids them, ``"batches"`` forbids a step of its own for single samples.
    rewrite
        ``"moments"``: `train` on one batch of all rows computes loss and gradients from second moments of
        the data, in place of a pass over them for every epoch; the loss must be quadratic in what is trained.
        Such a batch is not shuffled: the order of a sum does not matter.
    rate, epochs, warmup
        The course of the learning rate, how many epochs it takes, and in how many of these it rises first.
    weight_decay, clip_norm, clip_value
        What the optimizer adds to gradients, and to which norm, or size of each entry, it cuts them before.
    """

    trained: tuple[str, ...] | None
    also: Iterable[str]
    fast: bool
    team: bool
    batch: int
    schedule: Mapping[str, str] | None
    rewrite: str | None
    rate: str | Rate
    epochs: float | None
    warmup: float | None
    weight_decay: float | None
    clip_norm: float | None
    clip_value: float | None


def spec_of(
    model: Model,
    rule: str | Optimizer = "sgd",
    *,
    sizes: Mapping[str, int] | None = None,
    command: str = "",
    **options: Unpack[Options],
) -> KernelSpec:
    """Return everything that the text of a model's kernel depends on.

    Steps that are written out become loops again: fifty equal ones need no fifty workspaces.

    Parameters
    ----------
    rule
        The optimizer: a name, or what `symgrad.model.optimizers.optimizer` made of it.
    sizes
        Numbers for symbolic sizes, in place of the model's own.
    command
        How the kernel is made again, for its head.
    **options
        See `Options`.

    Raises
    ------
    DefinitionError
        If the model has no input, no prediction, no loss or no sample axis.
    """
    if not model.inputs or not model.outputs or model.samples not in model.size_names:
        raise DefinitionError(
            f"{model.name} has no input with a sample axis and a prediction; a kernel needs them"
        )
    if refusal := unsupported(model.graph, model.inputs, model.targets, model.outputs, model.samples):
        raise DefinitionError(f"{model.name}: {refusal}")
    trained = options.get("trained")
    rolled = roll(model.graph, model.outputs)
    names = [node.name for node in rolled.parameters]
    for name in trained or ():
        if name not in names:
            raise unknown("parameter", name, names)
    backward = stabilise(simplify(deltas(rolled, names, model.loss), names).backward)
    graph = written_out(backward.graph)
    _check(options, graph)
    spec = KernelSpec(
        name=model.name,
        title=model.title,
        graph=graph,
        inputs=model.inputs,
        outputs=model.outputs,
        loss=model.loss,
        targets=model.targets,
        delta={name: backward.delta[name] for name in names},
        optimizer=_rule(rule, options),
        trained=trained,
        samples=model.samples,
        sizes=model.sizes if sizes is None else sizes,
        mean=model.mean,
        maximise=model.maximise,
        task=model.task,
        network=fingerprint(model),
        command=command,
        schedule=options.get("schedule") or {},
        rows=options.get("batch", ROWS),
        fast=options.get("fast", False),
        threads=options.get("team", False),
        describe=describer(backward.graph),
        extra=extras(model, options.get("also", ()), describer, written_out),
    )
    asked = options.get("rewrite")
    made = _possible(spec) if asked is None else _by_moments(spec, model, backward, asked)
    check_wishes(made)
    return made


def _possible(spec: KernelSpec) -> KernelSpec:
    """Return a specification, unless it asks for scalars where these cannot be."""
    if spec.schedule.get("*") == "scalars" and whole(spec).unrolled is None:
        raise DefinitionError(
            f"schedule of *: {spec.name} cannot be written in scalars: for these every size but that of the "
            "samples is a number, no sample waits for a sum over all samples, nothing recurs, and all that "
            "is given are samples; give the sizes, or leave it out"
        )
    return spec


def _by_moments(spec: KernelSpec, model: Model, backward: Backward, asked: str) -> KernelSpec:
    """Let `train` compute loss and gradients from moments; these are arrays, as all else is then."""
    if asked not in REWRITES:
        raise unknown("rewriting", asked, REWRITES)
    if spec.schedule.get("*") == "scalars":
        raise DefinitionError(f"schedule of *: the rewriting {asked} works on arrays; leave out scalars")
    found = rewritten(model, backward, spec.updated, describer, written_out)
    schedule, extra = {**spec.schedule, "*": "arrays"}, (*spec.extra, *found.extra)
    return replace(spec, schedule=schedule, extra=extra, moments=found.names)


def _rule(rule: str | Optimizer, options: Options) -> Optimizer:
    asked = {
        "epochs": options.get("epochs"),
        "warmup": options.get("warmup"),
        "weight_decay": options.get("weight_decay"),
        "clip_norm": options.get("clip_norm"),
        "clip_value": options.get("clip_value"),
    }
    numbers = {name: value for name, value in asked.items() if value is not None}
    return optimizer(rule, rate=options.get("rate", "constant"), **numbers)


def _check(options: Options, graph: Graph) -> None:
    """Refuse a batch without samples and choices that cannot be read."""
    if options.get("batch", 1) < 1:
        raise DefinitionError(f"a batch of {options.get('batch')} samples: there must be at least one")
    for name, way in (options.get("schedule") or {}).items():
        known = FORMS if name == "*" else WAYS
        if way not in known:
            raise DefinitionError(f"schedule of {name}: found {way!r}; known: {', '.join(known)}")
        if way == "tiles" and not options.get("fast"):
            raise DefinitionError(
                f"schedule of {name}: tiles are text for speed alone; add fast=True (--fast)"
            )
        if name != "*" and name not in graph:
            raise unknown("node", name, graph.by_name)
        if name != "*" and graph[name].is_leaf:
            raise DefinitionError(f"schedule of {name}: it is given, not computed; name a node with a sum")


def can_compile(model: Model) -> bool:
    """Whether a model has what a kernel needs: inputs, samples first, a prediction and a loss."""
    if not model.inputs or not model.outputs or model.graph.loss is None:
        return False
    if model.samples is None or model.samples not in model.size_names:
        return False
    return unsupported(model.graph, model.inputs, model.targets, model.outputs, model.samples) is None


def written_out(graph: Graph) -> Graph:
    """Write out the functions for which kernels have no helper."""
    plain = tuple(map(_plain, graph.nodes))
    same = all(new is old for new, old in zip(plain, graph.nodes, strict=True))
    return graph if same else replace(graph, nodes=plain)


def _plain(node: Node) -> Node:
    bodies = tuple(_without_own(term.body) for term in node.terms)
    if all(new is term.body for new, term in zip(bodies, node.terms, strict=True)):
        return node
    changed = (Term(t.write, t.bound, body) for t, body in zip(node.terms, bodies, strict=True))
    return replace(node, terms=tuple(changed))


def _without_own(body: sp.Expr) -> sp.Expr:
    own = {f: f.primal for f in body.atoms(Pointwise) if not has_helper(f.row)}
    return _without_own(body.xreplace(own)) if own else body


def describer(graph: Graph) -> "Describer":
    """Return what writes the formula above each statement."""
    return Describer(Roles.of(graph))


class Describer:
    """Writes the definition of a node on one line, deltas as δz1 and ∂J/∂W1."""

    def __init__(self, roles: Roles) -> None:
        self.roles = roles

    def __call__(self, node: Node) -> str:
        return write_block(Block(definition_block(node, self.roles).equations), WIDE)
