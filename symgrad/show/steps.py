"""The steps of a walk: forward, factors, paths, deltas, gradient, update."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from symgrad.derive.formulas import Delta as DeltaOf
from symgrad.derive.formulas import Line
from symgrad.derive.jacobians import jacobian
from symgrad.derive.paths import links
from symgrad.derive.rewrite import Knowledge
from symgrad.derive.summands import has_summands, summand_names
from symgrad.derive.values import Array, path_products
from symgrad.exact.decimals import Real
from symgrad.model.expressions import Ref
from symgrad.model.graph import Node, Term
from symgrad.notation import latex, unicode
from symgrad.notation.arrange import arrange, listed
from symgrad.notation.compose import product, total
from symgrad.notation.layout import Equation, Glyph, Layout, Minus, Name, Partial, Power
from symgrad.notation.lines import definition_block, line_equation
from symgrad.notation.roles import Roles
from symgrad.show.digits import number_layout, plain, with_numbers
from symgrad.show.scene import Scene


@dataclass(frozen=True)
class Step:
    """One figure and where it comes from.

    Attributes
    ----------
    part
        ``forward``, ``loss``, ``factors``, ``paths``, ``deltas``, ``gradient`` or ``update``.
    name
        What is computed: ``z1``, ``∂J/∂o1``, ``w5⁺``.
    formula
        The formula in symbols, without the left side.
    numbers
        The formula with numbers in place of names; empty where a value is an array.
    value
        The figure.
    equation
        The formula with its left side, for notebooks and pages.
    """

    part: str
    name: str
    formula: str
    numbers: str
    value: Array
    equation: Equation = field(repr=False)
    latex: str = field(repr=False)

    @property
    def data(self) -> dict[str, object]:
        """The step as ``--json`` prints it."""
        return {"name": self.name, "formula": self.formula, "value": plain(self.value), "part": self.part,
                "numbers": self.numbers, "latex": self.latex}  # fmt: skip


def step(
    part: str, left: Layout, right: Layout, value: Array, numbers: Mapping[Layout, Layout], name: str = ""
) -> Step:
    """Write one step: formula, formula with numbers, value."""
    formula = unicode.write(right)
    substituted = with_numbers(right, numbers) if isinstance(value, Real) and numbers else right
    written = "" if substituted == right else unicode.write(substituted)
    chain = [latex.write(left), latex.write(right), *([latex.write(substituted)] if written else [])]
    if isinstance(value, Real) and written:
        chain += [latex.write(number_layout(value))]
    return Step(
        part, name or unicode.write(left), formula, written, value, Equation(left, right), " = ".join(chain)
    )


def forward_steps(scene: Scene) -> Iterator[Step]:
    """Yield every defined node, parents first; the loss with its summands before it."""
    for node in scene.view.graph.nodes:
        if not node.is_leaf and node.name != scene.loss:
            yield _defined(scene, node, "forward")
    loss = scene.node(scene.loss)
    yield from _summands(scene, loss) if scene.neuron else (_defined(scene, loss, "loss"),)


def _defined(scene: Scene, node: Node, part: str) -> Step:
    (equation, *more) = definition_block(node, scene.roles).equations
    right = total((equation.right, *(e.right for e in more)))
    return step(part, equation.left, right, scene.value(node.name), scene.numbers)


def _summands(scene: Scene, loss: Node) -> Iterator[Step]:
    """Yield J_o1, J_o2, … and their sum; a loss of one summand is a step like others."""
    if not has_summands(loss):
        yield _defined(scene, loss, "loss")
        return
    names = summand_names(loss, scene.view.graph)
    parts = [_summand(scene, loss, term, name) for term, name in zip(loss.terms, names, strict=True)]
    yield from parts
    numbers: dict[Layout, Layout] = {
        Name(p.name): number_layout(p.value) for p in parts if isinstance(p.value, Real)
    }
    yield step("loss", Name(loss.name), total(tuple(map(Name, names))), scene.value(loss.name), numbers)


def _summand(scene: Scene, loss: Node, term: Term, name: str) -> Step:
    return step("loss", Name(name), arrange(term.body, scene.roles), scene.found.of(term.body), scene.numbers)


def backward_steps(scene: Scene) -> Iterator[Step]:
    """Yield the factors and the products of the paths, the deltas, and the gradient."""
    if scene.shows_paths:
        yield from _factors(scene)
        yield from _paths(scene)
    yield from _deltas(scene)


def _factors(scene: Scene) -> Iterator[Step]:
    graph = scene.view.graph
    knowledge, table = Knowledge.of(graph.by_name), links(graph, scene.wrt)
    for (child, parent), value in scene.factors.items():
        link = next(link for link in table[child] if link.parent == parent)
        edges = jacobian(graph, link, knowledge)
        right = total(tuple(arrange(edge.partial, scene.roles) for edge in edges))
        yield step("factors", Partial(Name(child), Name(parent)), right, value, scene.numbers)


def _paths(scene: Scene) -> Iterator[Step]:
    products = path_products(scene.found, scene.wrt, limit=scene.limit)
    left = Partial(Name(scene.loss), Name(scene.wrt))
    chains = [_chain(found.path.nodes) for found in products]
    if len(products) == 1:
        yield step("gradient", left, chains[0], products[0].value, scene.factor_numbers)
        return
    names = [f"P{k}" for k in range(1, len(products) + 1)]
    for name, chain, found in zip(names, chains, products, strict=True):
        yield step("paths", Name(name), chain, found.value, scene.factor_numbers)
    numbers: dict[Layout, Layout] = {
        Name(n): number_layout(p.value) for n, p in zip(names, products, strict=True)
    }
    yield step("gradient", left, total(tuple(map(Name, names))), scene.delta(scene.wrt), numbers)


def _chain(nodes: tuple[str, ...]) -> Layout:
    return product(tuple(Partial(Name(c), Name(p)) for c, p in pairwise(nodes)), "·")


def _deltas(scene: Scene) -> Iterator[Step]:
    formula = scene.recursion
    roles = scene.roles if formula.graph is None else Roles.of(formula.graph)
    for line in formula.lines:
        equation = line_equation(line, roles)
        of = _of(line)
        part = "gradient" if of.name == scene.wrt and not scene.shows_paths else "deltas"
        yield step(part, equation.left, equation.right, scene.delta(of.name), scene.numbers)


def _of(line: Line) -> Ref:
    if not isinstance(line.left, DeltaOf):
        raise TypeError(f"a line of the δ recursion says what a delta is, not {line.left}")
    return line.left.of


def update_steps(scene: Scene, new: Mapping[str, Real]) -> Iterator[Step]:
    """Yield the update of every trained parameter, all from the old values."""
    for name in scene.trained(new):
        node = scene.node(name)
        old = Name(name, listed(node.index))
        move = product((Name("η"), Partial(Name(scene.loss), old)))
        right = total((old, move if scene.found.model.maximise else Minus(move)))
        value = scene.arranged(name, new)
        yield step("update", Power(old, Glyph("+")), right, value, scene.numbers, f"{unicode.write(old)}⁺")
