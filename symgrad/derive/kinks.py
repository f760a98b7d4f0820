"""Where a derivative is not claimed: at the kinks of functions, and where a maximum is a tie."""

import sympy as sp

from symgrad.model.expressions import Ref
from symgrad.model.functions import Pointwise, Step, primal
from symgrad.model.graph import Graph, Node

BENT = (sp.Abs, sp.sign, sp.Max, sp.Min, sp.Heaviside, sp.Piecewise, sp.floor, Step)
FEW = 4


def off_kinks(graph: Graph) -> tuple[str, ...]:
    """Return the places that the statements about a graph leave out, in words.

    ``the kink of relu (a1, a2)``, ``ties of m_arg``: off these, the gradient is what is shown; at them, the
    kernel takes the side that the definition takes.
    """
    places: dict[str, list[str]] = {}
    for node in graph.nodes:
        for place in _places(node):
            places.setdefault(place, []).append(node.name)
    return tuple(f"{place} ({_listed(names)})" for place, names in places.items())


def _listed(names: list[str]) -> str:
    return ", ".join(names if len(names) <= FEW else [*names[: FEW - 1], "…", names[-1]])


def _places(node: Node) -> list[str]:
    if node.reduce == "argmax":
        return ["ties of the maximum"]
    found = [_kinks(function) for term in node.terms for function in _functions(term.body)]
    roots = ["the zero of the norm"] if node.function == "norm" else []
    return [*dict.fromkeys([*(place for place in found if place), *roots])]


def _functions(body: sp.Expr) -> list[sp.Expr]:
    return sorted(body.atoms(Pointwise, *BENT), key=lambda f: type(f).__name__)


def _kinks(function: sp.Expr) -> str:
    """Name the kinks of a function; nothing where it is smooth, or no value of a node stands in it."""
    if not function.atoms(Ref):
        return ""
    if isinstance(function, Pointwise):
        bent = primal(function.row).atoms(*BENT) and function.primal.atoms(*BENT)
        return f"the kinks of {function.row.name}" if bent else ""
    return f"the kinks of {type(function).__name__.lower()}"
