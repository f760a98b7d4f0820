"""Another name, another function, a factor that is missing."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations, product

from symgrad.model.syntax import Call, Chain, Formula, Name, Number, Prime, Reduce, Transpose, walk
from symgrad.verify.mistakes.network.edits import same_role
from symgrad.verify.mistakes.network.slips.terms import ONE, Slip, Terms, said

MOST_LETTERS = 6


def other_names(formula: Formula, terms: Terms) -> Iterator[Slip]:
    """Another value, or another delta, of the same shape."""
    if not isinstance(formula, Name) or formula.name not in terms.owners:
        return
    for name in terms.owners:
        if name != formula.name and _alike(formula.name, name, terms):
            right = replace(formula, name=name)
            kind, words = _of_names(formula.name, name, terms)
            yield Slip(right, kind, f"{said(formula)} stands where {said(right)} belongs{words}")


def _alike(one: str, other: str, terms: Terms) -> bool:
    if terms.owners[one] == terms.owners[other] and terms.is_delta(one) != terms.is_delta(other):
        return other != terms.asked and terms.shapes[one] == terms.shapes[other]
    kinds = (terms.is_delta(one), terms.is_parameter(one)) == (
        terms.is_delta(other),
        terms.is_parameter(other),
    )
    hidden = terms.graph[terms.owners[other]].auxiliary or terms.owners[other] == terms.graph.loss
    near = terms.owners[one] == terms.owners[other] or terms.places.get(one) == terms.places.get(other)
    return kinds and near and not hidden and other != terms.asked and terms.shapes[one] == terms.shapes[other]


def _of_names(wrong: str, right: str, terms: Terms) -> tuple[str, str]:
    """Return what mistake it is that one name stands for another, and more words."""
    one, other = terms.owners[wrong], terms.owners[right]
    if terms.is_delta(wrong) and terms.activation(other, one):
        return "missing_activation_derivative", f": the derivative of {one} is missing"
    if terms.is_delta(wrong) and terms.activation(one, other):
        return "extra_activation_derivative", f": the derivative of {other} is one too many"
    if one == other:
        return "wrong_operand", ""
    if same_role(terms.graph, one, other):
        return "wrong_layer", ""
    if terms.is_delta(wrong) and any(edge.child == one for edge in terms.graph.out_edges[other]):
        return "missing_chain_factor", f": ∂{one}/∂{other} is missing"
    return "wrong_operand", ""


def factors_missing(formula: Formula, terms: Terms) -> Iterator[Slip]:
    """A value, or the derivative of an activation, by which a summand has to be multiplied or divided."""
    if isinstance(formula, Number):
        return
    whole = not any(isinstance(part, Name) and part.subscripts for part in walk(formula))
    for name, owner in terms.owners.items():
        if terms.is_delta(name) or terms.graph[owner].auxiliary or owner == terms.graph.loss:
            continue
        for factor in _factors(name, terms, whole=whole):
            yield Slip(_times(formula, "*", factor), "missing_chain_factor", _lost(factor, formula), 1.6)
            yield Slip(
                _times(formula, "/", factor), "missing_chain_factor", _lost(factor, formula, "1/"), 1.7
            )
            for inner in _arguments(owner, terms):
                slope = Prime(inner[0], replace(factor, name=inner[1]))
                text = f"∂{owner}/∂{inner[1]} is missing at {said(formula)}"
                yield Slip(_times(formula, "*", slope), "missing_activation_derivative", text, 1.3)


def _lost(factor: Formula, formula: Formula, before: str = "") -> str:
    return f"the factor {before}{said(factor)} is missing at {said(formula)}"


def _arguments(owner: str, terms: Terms) -> Iterator[tuple[str, str]]:
    """Yield the function of which a node is the value, with the node that it is applied to."""
    for edge in terms.graph.in_edges[owner]:
        function = terms.activation(edge.parent, owner)
        if function and edge.parent in terms.owners:
            yield function, edge.parent


def _times(formula: Formula, sign: str, factor: Formula) -> Formula:
    return Chain((sign,), (formula, factor), getattr(formula, "column", 0))


def _factors(name: str, terms: Terms, *, whole: bool) -> Iterator[Name]:
    """Yield a value as it may stand in the claim: whole, or with letters that run as far as its axes."""
    shape = terms.shapes[name]
    if whole or not shape:
        yield Name(name)
        return
    if len(terms.runs) <= MOST_LETTERS:
        fitting = [[x for x, n in terms.runs.items() if n == length] for length in shape]
        yield from (Name(name, tuple(map(Name, at))) for at in product(*fitting) if len(set(at)) == len(at))


def chained(formula: Formula, terms: Terms) -> Iterator[Slip]:
    """A delta that has to go through a matrix first."""
    if not isinstance(formula, Name) or not terms.is_delta(formula.name):
        return
    matrices = [name for name in terms.owners if terms.is_parameter(name) and len(terms.shapes[name]) == 2]
    for name in matrices:
        text = f"{said(formula)} has to be multiplied by {name}"
        for right in _through(formula, name, terms):
            yield Slip(right, "missing_chain_factor", text, 1.4)


def _through(delta: Name, matrix: str, terms: Terms) -> Iterator[Formula]:
    if not delta.subscripts:
        yield Chain(("@",), (delta, Name(matrix)))
        yield Chain(("@",), (delta, Transpose(Name(matrix))))
    elif isinstance(delta.subscripts[-1], Name):
        last, inner = delta.subscripts[-1], Name(terms.fresh)
        moved = replace(delta, subscripts=(*delta.subscripts[:-1], inner))
        for at in permutations((inner, last)):
            yield Reduce("sum", (terms.fresh,), Chain(("*",), (moved, Name(matrix, at))))


def functions(formula: Formula, terms: Terms) -> Iterator[Slip]:
    """A function that was not applied, or 1 − x for x; of a size the root."""
    if isinstance(formula, Name) and formula.name in terms.sizes:
        root = Call("sqrt", (formula,))
        yield Slip(root, "constant_factor", f"{said(root)} belongs where {said(formula)} stands", 1.2)
    if isinstance(formula, Name) and formula.name in terms.owners and not terms.is_delta(formula.name):
        rest = Chain(("-",), (ONE, formula))
        for right in (rest, *(Call(name, (formula,)) for name in terms.functions)):
            text = f"{said(right)} belongs where {said(formula)} stands"
            yield Slip(right, "wrong_operand", text, 1.4)
