"""From a draft to a model: its loss, its outputs, and names that do not collide."""

from collections.abc import Iterable
from dataclasses import replace

from symgrad.errors import DefinitionError
from symgrad.model.draft import Draft
from symgrad.model.graph import Graph, Kind, Node
from symgrad.model.model import Model
from symgrad.model.rename import Renaming, letters_apart, renamed

LOSS = "J"
OUTPUT = "y"


def finished(draft: Draft, *outputs: Node, level: str = "layer") -> Model:
    """Return the model of a draft.

    An output without a name of its own is called ``y`` (several ``y1``, ``y2``), the sum of all losses
    and penalties ``J``.

    Raises
    ------
    DefinitionError
        If a node was promised and never defined, or an output is none of the draft's.
    """
    for node in outputs:
        draft.own(node)
    if draft.promised:
        raise DefinitionError(f"{min(draft.promised)} is promised and read, but never defined")
    whole = replace(draft, nodes=dict(draft.nodes), numbered=set(draft.numbered))
    loss = _loss(whole)
    names = _names(whole, outputs, loss)
    kept = tuple(whole.nodes.values())
    letters = letters_apart(kept, {*whole.taken, *names.values()})
    nodes = tuple(renamed(node, Renaming(names, letters)) for node in kept)
    return Model(
        draft.name,
        draft.title or draft.name,
        Graph(nodes, names.get(loss, loss) if loss else None),
        dict(draft.sizes),
        inputs=_of_kind(nodes, Kind.INPUT),
        targets=_of_kind(nodes, Kind.TARGET),
        outputs=tuple(names.get(node.name, node.name) for node in outputs),
        task=draft.task,
        level=level,
        samples=draft.samples,
    )


def _of_kind(nodes: Iterable[Node], kind: Kind) -> tuple[str, ...]:
    return tuple(node.name for node in nodes if node.kind is kind)


def _loss(draft: Draft) -> str | None:
    """Return the name of the loss: the only one, or the weighted sum of several."""
    if not draft.parts or list(draft.parts.values()) == [1]:
        return next(iter(draft.parts), None)
    names = {f"w{k}": weight for k, weight in enumerate(draft.parts.values())}
    names |= {f"p{k}": draft.nodes[part] for k, part in enumerate(draft.parts)}
    text = " + ".join(f"w{k}*p{k}" for k in range(len(draft.parts)))
    return draft.define(LOSS, text, **names).name


def _names(draft: Draft, outputs: tuple[Node, ...], loss: str | None) -> dict[str, str]:
    """Return new names of outputs and of the loss, and of the auxiliary nodes named after them."""
    several = len(outputs) > 1
    wanted = {n.name: f"{OUTPUT}{k + 1}" if several else OUTPUT for k, n in enumerate(outputs)}
    wanted = {old: new for old, new in wanted.items() if old in draft.numbered}
    if loss is not None and loss == f"{LOSS}1":
        wanted[loss] = LOSS
    wanted = {old: new for old, new in wanted.items() if new not in draft.taken}
    more = {
        node.name: new + node.name.removeprefix(old)
        for old, new in wanted.items()
        for node in draft.nodes.values()
        if node.auxiliary and node.name.startswith(f"{old}_")
    }
    return {**wanted, **more}
