"""What every node, every delta and every path comes to at given values, exactly or to 50 digits."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, reduce
from operator import mul

import sympy as sp

from symgrad.derive.deltas import deltas
from symgrad.derive.given import Given, situated
from symgrad.derive.paths import Link, Path, paths
from symgrad.derive.scalars import evaluate
from symgrad.derive.views import View
from symgrad.derive.written import entry
from symgrad.errors import DataError
from symgrad.exact.algebra import ExactError
from symgrad.exact.decimals import DIGITS, Decimals, Real
from symgrad.exact.translate import translate
from symgrad.model.expressions import Ref
from symgrad.model.functions import Equal
from symgrad.model.graph import Graph, Node, Term
from symgrad.model.instances import instantiate
from symgrad.model.model import Model

PATHS = 200

Array = Real | tuple["Array", ...]


@dataclass(frozen=True)
class Product:
    """The product along one path, in numbers.

    Attributes
    ----------
    path
        The path, loss first.
    factors
        The value of every link.
    value
        Their product.
    share
        Its part of the whole gradient, None where that is 0.
    """

    path: Path
    factors: tuple[Real, ...]
    value: Real
    share: Real | None


@dataclass(frozen=True)
class Figures:
    """A network at given values.

    Attributes
    ----------
    model
        The model with all values and sizes.
    algebra
        What the values are numbers of.
    values
        The value of every node of the neuron view.
    deltas
        ∂loss/∂node for every node of the neuron view that the loss depends on.
    """

    model: Model
    algebra: Decimals
    values: Mapping[str, Real]
    deltas: Mapping[str, Real]

    @cached_property
    def view(self) -> View:
        """The neuron view."""
        return View(self.model, "neuron")

    @cached_property
    def known(self) -> dict[sp.Expr, Real]:
        """The values by access, and of expressions already evaluated."""
        return {Ref(name): value for name, value in self.values.items()}

    @property
    def loss(self) -> Real:
        """The value of the loss."""
        return self.values[self.model.loss]

    def array(self, owner: str, *, delta: bool = False) -> Array:
        """Return the values, or the deltas, of a node of the layer view as nested rows."""
        shape = self.model.neuron_names(self.view.sizes).shapes[owner]
        names = {at: name for name, (node, at) in self.view.places.items() if node == owner}
        table = {at: self.gradient(name) if delta else self.values[name] for at, name in names.items()}
        return nested(table, shape)

    def of(self, expression: sp.Expr) -> Real:
        """Return the value of an expression over nodes of the neuron view."""
        return translate(_with_labels(expression, self.known), self.algebra, self.known)

    def gradient(self, name: str) -> Real:
        """Return ∂loss/∂name, 0 for what the loss does not depend on."""
        return self.deltas.get(self.view.check(name), self.algebra.number(0))


def figures(model: Model, at: Given | None = None, *, level: str = "neuron", digits: int = DIGITS) -> Figures:
    """Evaluate every node and every delta of a network.

    Parameters
    ----------
    at
        Values of leaves at either view; the others come from the model's example.
    level
        The view that is meant where a name exists in both.
    digits
        Significant digits, where a value is not exact anyhow.

    Raises
    ------
    DataError
        If a value is missing or does not fit, or a node is not defined there; see `situated`.
    """
    filled = situated(model, at, level)
    algebra = Decimals(digits)
    view = View(filled, "neuron")
    graph, delta = backward(view)
    found = run(graph, leaf_values(view), algebra)
    values = {node.name: found[node.name] for node in view.graph.nodes}
    return Figures(filled, algebra, values, {of: found[name] for of, name in delta.items()})


def nested(table: Mapping[tuple[int, ...], Real], shape: tuple[int, ...], at: tuple[int, ...] = ()) -> Array:
    """Arrange numbers by their subscripts into rows."""
    if not shape:
        return table[at]
    return tuple(nested(table, shape[1:], (*at, k)) for k in range(shape[0]))


def leaf_values(view: View) -> dict[str, Fraction]:
    """Return the example's value of every leaf of the neuron view."""
    example = view.model.example
    leaves = (node.name for node in view.graph.nodes if node.is_leaf)
    return {name: entry(example[view.places[name][0]], view.places[name][1]) for name in leaves}


def backward(view: View) -> tuple[Graph, Mapping[str, str]]:
    """Return the neuron view with the deltas of all its nodes, and the name of every delta.

    The layer view is derived and made into neurons then: the deltas are the unsimplified ones, which
    assume nothing of the data.
    """
    layer = deltas(view.model.graph, (), view.model.loss).graph
    names = view.model.neuron_names(view.sizes)

    def name_of(node: Node, at: tuple[int, ...]) -> str:
        if node.adjoint is None or node.name in view.model.graph:
            return names(node, at)
        return f"δ{names(layer[node.adjoint.of], at)}"

    graph = instantiate(layer, view.sizes, name_of)
    made = (node for node in graph.nodes if node.adjoint is not None and node.adjoint.loss == view.model.loss)
    return graph, {node.adjoint.of: node.name for node in made if node.adjoint is not None}


def run(graph: Graph, leaves: Mapping[str, Fraction | Real], algebra: Decimals) -> dict[str, Real]:
    """Evaluate a scalar graph. DataError where a node is not defined at these values."""
    given = {k: v if isinstance(v, Real) else algebra.number(v) for k, v in leaves.items()}
    decided = labels_decided(graph, given)
    try:
        return evaluate(decided, algebra, given)
    except ExactError as error:
        raise DataError(f"{_culprit(decided, algebra, given)} has no value here: {error}") from error


def _culprit(graph: Graph, algebra: Decimals, given: Mapping[str, Real]) -> str:
    for node in graph.nodes:
        try:
            evaluate(graph.restricted([node.name]), algebra, given)
        except ExactError:
            return node.name
    return "the network"


def labels_decided(graph: Graph, given: Mapping[str, Real]) -> Graph:
    """Decide the indicators [t = k] of labels, whose values are given."""
    labelled = {n.name for n in graph.nodes if any(t.body.has(Equal) for t in n.terms)}
    if not labelled:
        return graph
    known: dict[sp.Expr, Real] = {Ref(name): value for name, value in given.items()}
    nodes = (_decided_node(n, known) if n.name in labelled else n for n in graph.nodes)
    return Graph.of_legal(nodes, graph.loss)


def _decided_node(node: Node, known: Mapping[sp.Expr, Real]) -> Node:
    return replace(node, terms=tuple(Term(t.write, t.bound, _with_labels(t.body, known)) for t in node.terms))


def _with_labels(body: sp.Expr, known: Mapping[sp.Expr, Real]) -> sp.Expr:
    given = (e for e in body.atoms(Equal) if all(ref in known for ref in e.atoms(Ref)))
    table = {e: sp.Integer(int(_same(e.args, known))) for e in given}
    return body.xreplace(table) if table else body


def _same(pair: tuple[sp.Expr, ...], known: Mapping[sp.Expr, Real]) -> bool:
    """Whether two labels are equal: each a number, or a node whose value is known."""
    one, other = (known[label].number if label in known else Fraction(str(label)) for label in pair)
    return one == other


def link_value(found: Figures, link: Link) -> Real:
    """Return the value of a link: the sum over its routes of the products of their partials."""
    routes = (reduce(mul, (found.of(edge.partial) for edge in route)) for route in link.routes)
    return found.algebra.total(routes)


def path_products(
    found: Figures, wrt: str, *, limit: int = PATHS, first: int | None = None
) -> tuple[Product, ...]:
    """Return the product along every path to a node, or the first ones, with its share of the gradient.

    Raises
    ------
    LimitError
        If there are more than `limit` paths.
    """
    whole = found.gradient(wrt)
    listed = paths(found.view.graph, wrt, found.model.loss, limit=limit, first=first)
    return tuple(_product(found, path, whole) for path in listed)


def _product(found: Figures, path: Path, whole: Real) -> Product:
    factors = tuple(link_value(found, link) for link in path.links)
    value = reduce(mul, factors, found.algebra.number(1))
    return Product(path, factors, value, None if whole.is_zero() else value / whole)
