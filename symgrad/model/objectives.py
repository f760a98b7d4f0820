"""What is minimised: the definitions of a loss over predictions and targets, and penalties of parameters."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import sympy as sp

from symgrad.errors import DefinitionError, FormulaError
from symgrad.model.definitions import define, define_all
from symgrad.model.expressions import Ref, map_refs
from symgrad.model.formula import parse, to_sympy
from symgrad.model.functions import VOCABULARY, Equal
from symgrad.model.graph import Axis, Node, Term
from symgrad.model.layers import pointwise
from symgrad.model.losses import Loss
from symgrad.model.scope import Scope
from symgrad.model.shapes import shape_in_words, twins
from symgrad.model.terms import fresh, rename

NOTHING: Mapping[str, int] = {}


def loss_nodes(
    name: str,
    row: Loss,
    output: Node | Sequence[Node],
    target: Node,
    *,
    mean: bool,
    samples: Axis | None,
    known: Mapping[str, int] = NOTHING,
) -> tuple[Node, ...]:
    """Return the definitions of a loss, the loss itself last.

    The last axis of the prediction is its row of entries, unless it is the sample axis; over all axes in
    front of it (samples, steps of time) the loss is a mean or a sum.

    Parameters
    ----------
    name
        The name of the loss; what it needs is called ``name_part``.
    output
        The prediction, or as many as the row has names for.
    target
        The target, of the shape of the prediction; labels have no axis of classes.
    known
        Numbers of sizes, for messages.

    Raises
    ------
    DefinitionError
        If predictions and target do not fit the row or one another.
    FormulaError
        If the formula of the row cannot be read.
    """
    outputs = (output,) if isinstance(output, Node) else tuple(output)
    if len(outputs) != len(row.predictions):
        raise DefinitionError(
            f"{row.name} takes {len(row.predictions)} prediction(s) ({', '.join(row.predictions)}), "
            f"{len(outputs)} given: {', '.join(node.name for node in outputs)}"
        )
    hot = _one_hot(target, outputs[0])
    read = dict(zip((*row.predictions, "t"), (*outputs, hot[-1] if hot else target), strict=True))
    _check_shapes(row, read, known)
    axes = outputs[0].axes
    front = axes if axes and axes[-1] == samples else axes[:-1]
    weight = sp.prod([1 / axis.size for axis in front]) if mean else sp.Integer(1)
    share = sp.prod([1 / axis.size for axis in axes[len(front) :]]) if row.over == "mean" else 1
    try:
        if row.over == "row":
            return (*hot, *_of_rows(name, row, read, front, weight))
        return (*hot, Node(name, terms=(Term((), axes, weight * share * _entry(row, read)),)))
    except FormulaError as error:
        raise FormulaError(f"the loss {row.name}: {error}") from None


def l1(name: str, weight: Fraction | int, parameters: Iterable[Node]) -> Node:
    """Return the penalty ``weight · Σ |w|`` over all entries of some parameters; at 0 its gradient is 0."""
    return _penalty(name, weight, parameters, sp.Abs)


def l2(name: str, weight: Fraction | int, parameters: Iterable[Node]) -> Node:
    """Return the penalty ``weight/2 · Σ w²``, whose gradient is ``weight · w``: weight decay."""
    return _penalty(name, weight, parameters, lambda w: w**2 / 2)


def _penalty(name: str, weight: Fraction | int, parameters: Iterable[Node], of: sp.Function) -> Node:
    scale = sp.Rational(Fraction(weight).numerator, Fraction(weight).denominator)
    return Node(name, terms=tuple(Term((), node.axes, scale * of(node.ref)) for node in parameters))


def _check_shapes(row: Loss, read: Mapping[str, Node], known: Mapping[str, int]) -> None:
    first, *others = read.values()
    if row.over == "row" and not first.axes:
        raise DefinitionError(f"{row.name} needs an axis of entries in the prediction {first.name}")
    for other in others:
        if other.shape != first.shape:
            one, two = (shape_in_words(node.shape, known) for node in (first, other))
            hint = twins(first.shape, other.shape, known)
            raise DefinitionError(
                f"{row.name}: {first.name} has the shape {one}, but {other.name} {two}{hint}"
            )


def _entry(row: Loss, read: Mapping[str, Node]) -> sp.Expr:
    letters = next(iter(read.values())).index
    names = {name: Ref(node.name, letters) for name, node in read.items()}
    return to_sympy(parse(row.formula, VOCABULARY, names), lambda name: names[name.name], VOCABULARY)


def _one_hot(target: Node, output: Node) -> tuple[Node, ...]:
    """Return the one-hot form of integer labels, ``hot[n,i] = [t[n] = i]``."""
    if target.targets != "labels":
        return ()
    if len(output.axes) != len(target.axes) + 1:
        raise DefinitionError(f"labels need an axis of classes in the prediction {output.name}")
    label = Ref(target.name, output.index[:-1])
    hot = pointwise(f"{target.name}_hot", output.axes, Equal(label, output.axes[-1].symbol), auxiliary=True)
    return (replace(hot, targets="labels"),)


def _of_rows(
    name: str, row: Loss, read: Mapping[str, Node], front: tuple[Axis, ...], weight: sp.Expr
) -> tuple[Node, ...]:
    """Return the parts of a row for every place in front of it, and their total."""
    first = next(iter(read.values()))
    if first.axes == front:
        raise DefinitionError(f"{row.name} needs an axis of entries in the prediction {first.name}")
    entries = (Axis("i", first.axes[-1].size),)
    scope = Scope({"i": entries[0].size, "j": entries[0].size}, dict.fromkeys(read, entries))
    parts = define_all(row.parts, scope, VOCABULARY)
    made = (*parts, *define("loss", row.formula, scope.plus(parts), VOCABULARY))
    place = _Place(name, {key: node.name for key, node in read.items()}, front, first.axes[-1].letter)
    *inner, total = (place.put(node) for node in made)
    terms = tuple(Term((), term.bound, weight * term.body) for term in total.terms)
    return (*inner, Node(name, terms=terms))


@dataclass(frozen=True)
class _Place:
    """Where the definitions of one row are put: behind the axes in front, under the name of the loss."""

    name: str
    given: Mapping[str, str]
    front: tuple[Axis, ...]
    letter: str

    def put(self, node: Node) -> Node:
        terms = tuple(map(self._term, node.terms))
        axes = (*self.front, *(replace(axis, letter=self._letters[axis.letter]) for axis in node.axes))
        norm = len(terms) == 1 and any(node.terms[0].body == sp.sqrt(r) for r in node.terms[0].accesses)
        function = "norm" if norm else None
        return replace(
            node, name=self._named(node.name), axes=axes, terms=terms, auxiliary=True, function=function
        )

    @property
    def _letters(self) -> Mapping[str, str]:
        supply = fresh({self.letter, *(axis.letter for axis in self.front)})
        return {"i": self.letter, "j": next(supply)}

    def _term(self, term: Term) -> Term:
        moved = rename(term, self._letters)
        letters = tuple(axis.symbol for axis in self.front)
        body = map_refs(moved.body, lambda ref: Ref(self._named(ref.name), (*letters, *ref.index)))
        return Term((*letters, *moved.write), (*self.front, *moved.bound), body)

    def _named(self, name: str) -> str:
        return self.given.get(name, f"{self.name}_{name}")
