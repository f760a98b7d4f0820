"""Jacobians, Hessians and their products with directions, as objects that print, prove and evaluate."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial

import numpy as np
import sympy as sp

from symgrad.derive.agreement import induction
from symgrad.derive.certificate import Certificate
from symgrad.derive.formulas import Formula, Line, Summand
from symgrad.derive.given import Given, situated
from symgrad.derive.second import (
    Derived,
    gauss_newton_vector,
    hessian,
    hessian_vector,
    jacobian,
    matching,
)
from symgrad.derive.second_witness import (
    Question,
    Witness,
    first_derivatives,
    gauss_newton_products,
    hessian_products,
    prove,
    second_derivatives,
)
from symgrad.derive.sizes import small_sizes
from symgrad.derive.values import leaf_values, nested, run
from symgrad.derive.views import View
from symgrad.derive.written import entry
from symgrad.errors import DefinitionError
from symgrad.exact.decimals import Decimals, Real
from symgrad.model.graph import Graph, Node
from symgrad.model.instances import entries, instantiate, numbered
from symgrad.model.model import Model
from symgrad.model.terms import onto, summed
from symgrad.notation.display import Shown
from symgrad.notation.labelled import matrix_block
from symgrad.notation.layout import Block
from symgrad.notation.lines import definition_block
from symgrad.notation.roles import Roles
from symgrad.notation.sympy_form import formula_sympy


@dataclass(frozen=True, repr=False)
class Derivation:
    """Something derived of a network that is more than a gradient.

    Attributes
    ----------
    view
        The network at the level at which it was asked.
    asked
        What is derived by what.
    derived
        The graph, and the nodes that were asked for.
    """

    view: View
    asked: Question
    derived: Derived
    witness: Witness

    @property
    def graph(self) -> Graph:
        """The network with what was derived, a graph like any other."""
        return self.derived.graph

    @property
    def directions(self) -> dict[str, str]:
        """For each node derived by, the leaf that holds its direction, if there are directions."""
        return dict(self.derived.directions)

    @cached_property
    def index(self) -> Shown:
        """The definitions with their indices, the result last."""
        roles = Roles.of(self.graph)
        equations = (e for node in self._lines for e in definition_block(node, roles).equations)
        formula = Formula("index", tuple(map(_line, self._lines)), graph=self.graph)
        return Shown(Block(tuple(equations), self.derived.assumptions), partial(formula_sympy, formula))

    @cached_property
    def matrix(self) -> Shown:
        """The definitions as matrix algebra, with letters where they are none."""
        block = matrix_block(self.graph, [node.name for node in self._lines])
        return Shown(Block(block.equations, self.derived.assumptions))

    @property
    def _lines(self) -> list[Node]:
        """What was derived, as far as the results read it, in the order of the graph."""
        wanted = self.graph.restricted(self.derived.results.values())
        return [node for node in wanted.nodes if node.name not in self.asked.graph and not node.is_leaf]

    def prove(self, sizes: dict[str, int] | None = None) -> Certificate:
        """Prove for all sizes that each δ recursion is its edges, and entries against `sympy.diff` at some.

        Parameters
        ----------
        sizes
            A number for each symbolic size; 2 or less without.
        """
        general = tuple(induction(step.graph, step) for step in self.derived.steps)
        chosen = sizes or (small_sizes(self.view.model) if self.view.level == "layer" else {})
        found = prove(self.asked, self.derived, self.witness, chosen)
        findings = {name: (*general, finding) for name, finding in found.items()}
        return Certificate(self.view.model.name, findings, self.derived.assumptions)

    def at(self, values: Given) -> dict[str, np.ndarray]:
        """Return the results at given values by the node they belong to: 50 digits, rounded once.

        Raises
        ------
        DataError
            If a value is missing or does not fit.
        """
        filled = _situated(self.view, self.derived, values)
        sizes = {name: filled.sizes[name] for name in filled.size_names}
        scalars = instantiate(self.graph, sizes)
        found = run(scalars, _leaves(filled, sizes), Decimals())
        return {
            name: _array(self.graph[result], sizes, found) for name, result in self.derived.results.items()
        }

    def __repr__(self) -> str:
        return self.index.unicode

    def _repr_latex_(self) -> str:
        return self.index.display


def _line(node: Node) -> Line:
    solved = [onto(term, node.axes) for term in node.terms]
    return Line(node.ref, tuple(Summand(summed(term), (term.body,)) for term in solved))


def _situated(view: View, derived: Derived, values: Given) -> Model:
    """Return the derived graph as a model, with a value for every leaf."""
    own = {name: value for name, value in values.items() if name in view.graph}
    more = {name: value for name, value in values.items() if name not in own}
    if view.level == "layer":
        model = replace(view.model, graph=derived.graph)
        return situated(model, values, "layer")
    example = leaf_values(View(situated(view.model, own), "neuron"))
    return situated(replace(view.model, graph=derived.graph, sizes={}, samples=None, example=example), more)


def _leaves(model: Model, sizes: dict[str, int]) -> dict[str, Fraction]:
    """Return the value of every entry of every leaf."""
    leaves = (node for node in model.graph.nodes if node.is_leaf)
    return {numbered(n, at): entry(model.example[n.name], at) for n in leaves for at in _places(n, sizes)}


def _places(node: Node, sizes: dict[str, int]) -> Iterator[tuple[int, ...]]:
    return entries(_shape(node, sizes))


def _shape(node: Node, sizes: dict[str, int]) -> tuple[int, ...]:
    table = {sp.Symbol(k, integer=True, positive=True): sp.Integer(v) for k, v in sizes.items()}
    return tuple(int(extent.xreplace(table)) for extent in node.shape)


def _array(node: Node, sizes: dict[str, int], found: Mapping[str, Real]) -> np.ndarray:
    shape = _shape(node, sizes)
    rows = nested({at: found[numbered(node, at)] for at in entries(shape)}, shape)
    return np.array(rows, dtype=float)


def jacobian_of(view: View, of: str, wrt: str) -> Derivation:
    """Return the Jacobian of a node, as a derivation."""
    names = view.check(of), view.check(wrt)
    question = Question(view.graph, names[0], names[1:])
    return Derivation(view, question, jacobian(view.graph, *names), first_derivatives)


def hessian_of(view: View, first: str, second: str | None) -> Derivation:
    """Return the Hessian of the loss by two nodes, as a derivation."""
    names = view.check(first), view.check(second or first)
    question = Question(view.graph, view.model.loss, names)
    return Derivation(view, question, hessian(view.graph, *names), second_derivatives)


def hessian_vector_of(view: View, wrt: Iterable[str]) -> Derivation:
    """Return the products of the Hessian with directions, as a derivation."""
    names = _wanted(view, wrt)
    question = Question(view.graph, view.model.loss, names)
    return Derivation(view, question, hessian_vector(view.graph, names), hessian_products)


def gauss_newton_vector_of(view: View, wrt: Iterable[str], ends: Iterable[str]) -> Derivation:
    """Return the products of the Gauss–Newton matrix with directions, as a derivation."""
    names = _wanted(view, wrt)
    chosen = tuple(map(view.check, ends)) or _ends(view)
    question = Question(view.graph, view.model.loss, names, chosen)
    return Derivation(view, question, gauss_newton_vector(view.graph, names, chosen), gauss_newton_products)


def _wanted(view: View, wrt: Iterable[str]) -> tuple[str, ...]:
    names = tuple(map(view.check, wrt)) or view.parameters
    if not names:
        raise DefinitionError(f"{view.model.name} has no parameters; name the nodes to derive by")
    return names


def _ends(view: View) -> tuple[str, ...]:
    outputs = tuple(matching(view.model.graph, name) for name in view.model.outputs)
    if not outputs:
        raise DefinitionError(f'{view.model.name} has no prediction; say where it ends, as in at=["z"]')
    if view.level == "layer":
        return outputs
    return tuple(name for name, (owner, _) in view.places.items() if owner in outputs)
