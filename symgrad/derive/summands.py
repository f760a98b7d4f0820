"""The summands of a loss, each with a name: J_o1, J_o2."""

from symgrad.model.graph import Graph, Node


def summand_names(loss: Node, graph: Graph) -> list[str]:
    """Name the summands of a loss after the one node that each reads, else by number."""
    read = [[r.name for r in term.accesses if not graph[r.name].is_leaf] for term in loss.terms]
    named = [f"{loss.name}_{names[0]}" for names in read if len(names) == 1]
    apart = len(set(named)) == len(loss.terms)
    return named if apart else [f"{loss.name}_{k}" for k in range(1, len(loss.terms) + 1)]


def has_summands(loss: Node) -> bool:
    """Whether a loss is a sum of several parts."""
    return len(loss.terms) > 1 and loss.reduce == "sum"
