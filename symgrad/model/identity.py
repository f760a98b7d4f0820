"""What makes two networks the same: a hash of the definitions and of the known sizes."""

import hashlib

from symgrad.model.expressions import spelled
from symgrad.model.functions import Pointwise
from symgrad.model.graph import Node, Term
from symgrad.model.model import Model


def fingerprint(model: Model) -> str:
    """Return the SHA-256 of a model's definitions and sizes; titles and example values do not count."""
    lines = [*map(_node, model.graph.nodes), *(f"{k}={v}" for k, v in sorted(model.sizes.items()))]
    lines.append(f"loss {model.graph.loss} output {' '.join(model.outputs)} maximise {model.maximise}")
    bodies = (term.body for node in model.graph.nodes for term in node.terms)
    rows = {function.row for body in bodies for function in body.atoms(Pointwise)}
    lines += sorted(f"{row.name} := {row.primal}" for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _node(node: Node) -> str:
    axes = ",".join(f"{axis.letter}:{spelled(axis.size)}" for axis in node.axes)
    terms = " + ".join(map(_term, node.terms))
    further = (("drawn", node.drawn), ("start", node.start))
    given = "".join(f" {word} {value}" for word, value in further if value)
    return f"{node.kind} {node.name}[{axes}] {node.targets or ''} {node.reduce} {terms}{given}"


def _term(term: Term) -> str:
    bound = ",".join(f"{axis.letter}:{spelled(axis.size)}" for axis in term.bound)
    return f"({','.join(map(spelled, term.write))}) <{bound}> {term.body}"
