"""One gradient in all its styles, and the paths that it is the sum of."""

from dataclasses import dataclass
from functools import cached_property

from symgrad.derive.formulas import Derivative, Formula, Line
from symgrad.derive.given import Given
from symgrad.derive.largest import largest_products
from symgrad.derive.paths import LIST_LIMIT, Path, paths
from symgrad.derive.styles import each_path, recursion
from symgrad.derive.values import Figures, Product, figures, path_products
from symgrad.derive.views import View
from symgrad.errors import DefinitionError, LimitError, RecurrenceError, unknown
from symgrad.model.model import SAMPLE
from symgrad.model.samples import one_sample
from symgrad.notation.abbreviate import LIMIT, abbreviated, closed_length
from symgrad.notation.display import Shown, shown, shown_matrix
from symgrad.notation.labelled import matrix_block
from symgrad.notation.matrix import matrix_line
from symgrad.notation.roles import Roles

STYLES = ("chain", "local", "closed", "delta", "matrix")
FEW = 12


@dataclass(frozen=True, repr=False)
class ParameterGradient:
    """The gradient with respect to one node.

    Attributes
    ----------
    wrt
        The name of the node.
    limit
        How many paths are listed at the most.
    """

    view: View
    wrt: str
    limit: int = LIST_LIMIT

    def __getitem__(self, style: str) -> Shown:
        if style not in STYLES:
            raise unknown("style", style, STYLES)
        found: Shown = getattr(self, style)
        return found

    @cached_property
    def chain(self) -> Shown:
        """The chain rule along every path, ∂J/∂o1 · ∂o1/∂q1 · …"""
        return self._styled("chain")

    @cached_property
    def local(self) -> Shown:
        """The partials along every path, over named nodes."""
        return self._styled("local")

    @cached_property
    def closed(self) -> Shown:
        """Over parameters, inputs and targets only; a long one names the nodes on the way."""
        formula = self.view.formula(self.wrt, "local", limit=self.limit)
        if closed_length(formula, self.view.graph) > LIMIT:
            short = abbreviated(formula, self.view.graph)
            return shown(short, self.view.graph)
        return self._styled("closed")

    @cached_property
    def delta(self) -> Shown:
        """The δ recursion down to the node."""
        return self._styled("delta")

    @cached_property
    def matrix(self) -> Shown:
        """The δ recursion in matrices; in the neuron view that of the layer, for one sample."""
        neuron = self.view.level == "neuron"
        wrt = self.view.places[self.wrt][0] if neuron else self.wrt
        graph = self.view.model.graph
        graph = one_sample(graph, SAMPLE) if neuron and self.view.model.sample_count == 1 else graph
        rewritten = recursion(graph, wrt, self.view.model.loss)
        nodes = [node for node in rewritten.backward.graph.nodes if node.adjoint is not None]
        roles = Roles.of(rewritten.backward.graph)
        lines = [matrix_line(node, roles) for node in nodes]
        whole = [line for line in lines if line is not None]
        if len(whole) == len(lines):
            return shown_matrix(*whole)
        return Shown(matrix_block(rewritten.backward.graph, [node.name for node in nodes]))

    def _styled(self, style: str) -> Shown:
        formula = self.view.formula(self.wrt, style, limit=self.limit)
        return shown(formula, formula.graph)

    @property
    def best(self) -> Shown:
        """The form for a first look: local while paths are few and through no recurrence, else delta."""
        try:
            return ParameterGradient(self.view, self.wrt, FEW).local
        except (LimitError, RecurrenceError):
            return self.delta

    def __repr__(self) -> str:
        return self.best.unicode

    def _repr_latex_(self) -> str:
        return self.best.display


@dataclass(frozen=True)
class PathOf:
    """One path from the loss to a node.

    Attributes
    ----------
    nodes
        The named nodes, loss first.
    product
        The product of the partials along it.
    value
        Its value, where values were given.
    share
        Its part of the gradient, None where the gradient is 0.
    """

    nodes: tuple[str, ...]
    product: Shown
    value: float | None = None
    share: float | None = None


@dataclass(frozen=True)
class Listing:
    """Which paths are listed.

    Attributes
    ----------
    limit
        How many there may be at the most, where all are listed.
    first
        List only so many, in the order of the graph.
    largest
        List only so many, those whose products are largest in absolute value.
    """

    limit: int = LIST_LIMIT
    first: int | None = None
    largest: int | None = None

    def __post_init__(self) -> None:
        if self.first is not None and self.largest is not None:
            raise DefinitionError("either the first paths are listed or the largest, not both")
        for number in (self.first, self.largest):
            if number is not None and number < 1:
                raise DefinitionError(f"{number} paths cannot be listed; take a number ≥ 1")


def paths_of(view: View, wrt: str, at: Given | None, listing: Listing) -> tuple[PathOf, ...]:
    """Return paths of a view with their products, and their values where `at` is given."""
    if at is None:
        found = _listed(view, wrt, listing)
        shown_ones = _products(view, wrt, found)
        return tuple(PathOf(path.nodes, product) for path, product in zip(found, shown_ones, strict=True))
    if view.level != "neuron":
        raise DefinitionError(
            "the products of paths have values in the neuron view only; take --level neuron"
        )
    figured = _figured(figures(view.model, at), wrt, listing)
    shown_ones = _products(view, wrt, tuple(one.path for one in figured))
    return tuple(
        PathOf(one.path.nodes, product, float(one.value), None if one.share is None else float(one.share))
        for one, product in zip(figured, shown_ones, strict=True)
    )


def _listed(view: View, wrt: str, listing: Listing) -> tuple[Path, ...]:
    if listing.largest is not None:
        raise DefinitionError(
            "which paths are largest depends on the values; give them with --at (at=…), "
            "which alone takes the example's"
        )
    return paths(view.graph, wrt, view.model.loss, limit=listing.limit, first=listing.first)


def _figured(found: Figures, wrt: str, listing: Listing) -> tuple[Product, ...]:
    if listing.largest is not None:
        return largest_products(found, wrt, listing.largest)
    return path_products(found, wrt, limit=listing.limit, first=listing.first)


def _products(view: View, wrt: str, found: tuple[Path, ...]) -> tuple[Shown, ...]:
    left = Derivative(view.graph[view.model.loss].ref, view.graph[wrt].ref)
    summands = each_path(view.graph, found, wrt)
    formulas = (Formula("local", (Line(left, right),), graph=view.graph) for right in summands)
    return tuple(shown(formula, view.graph) for formula in formulas)
