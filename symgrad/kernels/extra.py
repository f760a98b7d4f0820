"""A further function of a kernel's module: some nodes of a graph from some arrays."""

from collections.abc import Callable
from dataclasses import dataclass

from symgrad.model.graph import Graph, Node


@dataclass(frozen=True)
class Extra:
    """One function.

    Attributes
    ----------
    name, summary
        Of the function.
    arguments, results
        Names of leaves, and of the nodes to be returned.
    graph
        Where these nodes are defined; it holds the network's own nodes too.
    directions
        The arguments that are no leaves of the network.
    describe
        Writes the formula of a node of this graph.
    """

    name: str
    arguments: tuple[str, ...]
    results: tuple[str, ...]
    graph: Graph
    directions: tuple[str, ...] = ()
    summary: str = ""
    describe: Callable[[Node], str] | None = None


@dataclass(frozen=True)
class OfMoments:
    """The names in a kernel that trains by moments of the data.

    Attributes
    ----------
    sums
        The moments.
    references
        For every trained parameter its name, and the arrays with its value and gradient at the reference.
    loss_ref
        The array with the loss there.
    proof
        What was shown of loss and gradients, in words.
    """

    sums: tuple[str, ...]
    references: tuple[tuple[str, str, str], ...]
    loss_ref: str
    proof: str
