"""From ``"[n,i] sum(j, W[i,j]*x[n,j]) + b[i]"`` to nodes and terms.

Sums are distributed over what is added inside them and become the terms of the node.  A reduction that
is not itself added (inside a function, a power, a divisor, or beside another reduction in a product)
becomes an auxiliary node of its own, named after what it does: ``y_sum1``, ``y_max1``.  A maximum has
the node of its position, ``y_max1_arg``, before it, and reads what stands there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import reduce
from itertools import chain, count

import sympy as sp

from symgrad.errors import FormulaError, unknown
from symgrad.model.expressions import index, refs
from symgrad.model.formula import Functions, axes_of, parse_definition, to_sympy
from symgrad.model.functions import Equal
from symgrad.model.gathers import gathered
from symgrad.model.graph import Axis, Node, Term
from symgrad.model.initial import Initial, missing_axis, split
from symgrad.model.lexer import complain
from symgrad.model.names import check_name
from symgrad.model.scope import Scope, check_free, check_letters, check_scope, resolve
from symgrad.model.syntax import Chain, Formula, Name, Neg, Number, Reduce, children, walk, with_children

Letters = tuple[str, ...]


@dataclass(frozen=True)
class Piece:
    """``Σ_letters body``: a summand of a definition."""

    letters: Letters
    body: sp.Expr


@dataclass(frozen=True)
class Work:
    """One definition while it is read, with the auxiliary nodes made so far, and which reduction is which."""

    name: str
    scope: Scope
    functions: Functions
    made: list[Node] = field(default_factory=list[Node])
    lifted: dict[Reduce, Node] = field(default_factory=dict[Reduce, Node])


def define(name: str, text: str, scope: Scope, functions: Functions) -> tuple[Node, ...]:
    """Read one definition.

    Parameters
    ----------
    name
        The name of the node.
    text
        Its formula, its own axes in square brackets in front: ``"[n,i] sum(j, W[i,j]*x[n,j])"``.
    scope
        The index letters with their sizes, and the nodes that may be read.
    functions
        The function table.

    Returns
    -------
    tuple of Node
        The node, last, after the auxiliary nodes that it needs.

    Raises
    ------
    DefinitionError
        If a name cannot be used.
    FormulaError
        If the formula cannot be read; the message has the name and the column.
    """
    check_free(name, scope, functions)
    check_scope(scope)
    return _defined(name, text, scope, functions)


def define_all(
    definitions: Mapping[str, str],
    scope: Scope,
    functions: Functions,
    initial: Mapping[str, str] | None = None,
) -> tuple[Node, ...]:
    """Read several definitions, which may speak of one another in any order.

    Parameters
    ----------
    initial
        For nodes that are read outside of an axis, as a recurrence reads ``h[n,t-1,i]`` at t = 0, the value
        there: ``{"h": "0"}``, or over the other letters, ``{"h": "[n,i] h0[n,i]"}``.

    Raises
    ------
    DefinitionError
        If a name cannot be used.
    FormulaError
        If a formula cannot be read; the message has the name and the column.
    """
    heads: dict[str, tuple[Axis, ...]] = {}
    for name, text in definitions.items():
        check_free(name, scope, functions)
        heads[name] = _heading(name, text, scope)
    whole = replace(scope, nodes={**scope.nodes, **heads})
    check_scope(whole)
    known = {name: _initial(name, text, whole, functions) for name, text in (initial or {}).items()}
    whole = replace(whole, initial={**whole.initial, **known})
    nodes: list[Node] = []
    for name, text in definitions.items():
        made = _defined(name, text, whole, functions)
        whole = whole.plus(made)
        nodes += made
    return tuple(nodes)


def _initial(name: str, text: str, scope: Scope, functions: Functions) -> Initial:
    """Read the value of a node outside of an axis, a formula without reductions."""
    if name not in scope.nodes:
        raise unknown("node", name, scope.nodes)
    try:
        letters, formula = parse_definition(text, functions, scope.names)
        body = to_sympy(formula, lambda part: resolve(part, scope, letters), functions)
    except FormulaError as error:
        raise FormulaError(f"the initial value of {name}: {error}") from None
    axes = scope.nodes[name]
    return Initial(axes, missing_axis(name, axes, letters), body)


def _heading(name: str, text: str, scope: Scope) -> tuple[Axis, ...]:
    try:
        letters = axes_of(text, scope.names)
        check_letters(letters, scope, 1)
    except FormulaError as error:
        raise FormulaError(f"{name}: {error}") from None
    return tuple(map(scope.axis, letters))


def _defined(name: str, text: str, scope: Scope, functions: Functions) -> tuple[Node, ...]:
    work = Work(name, scope, functions)
    try:
        own, formula = parse_definition(text, functions, scope.names, scope.sizes)
        check_letters(own, scope, 1)
        formula, wider = gathered(formula, own, scope)
        nodes = _nodes(replace(work, scope=wider), lambda: name, own, formula)
    except FormulaError as error:
        raise FormulaError(f"{name}: {error}") from None
    return (*work.made, *nodes)


def _nodes(work: Work, named: Callable[[], str], own: Letters, formula: Formula) -> tuple[Node, ...]:
    """Make a node of a formula; a maximum has the node of its position before it.

    The name is asked for last, when the auxiliary nodes inside have theirs.
    """
    axes = tuple(map(work.scope.axis, own))
    if isinstance(formula, Reduce) and formula.kind == "max":
        return _maximum(work, named, axes, formula)
    pieces = _pieces(work, formula, own)
    kept = [piece for piece in pieces if piece.body != 0] or pieces[:1]
    terms = (split(_term(work, axes, piece), work.scope.initial) for piece in kept)
    return (Node(named(), axes, terms=tuple(chain.from_iterable(terms))),)


def _maximum(
    work: Work, named: Callable[[], str], axes: tuple[Axis, ...], formula: Reduce
) -> tuple[Node, Node]:
    """Return ``arg = position of the largest`` and ``max = Σ_k [k = arg] body``."""
    own = tuple(axis.letter for axis in axes)
    body = _value(work, formula.body, _bind(work, formula, own))
    term = _term(work, axes, Piece(formula.letters, body))
    if split(term, work.scope.initial) != (term,):
        raise complain(
            formula.column, "found a maximum that reads outside of an axis; name what it is taken of"
        )
    name = named()
    position = Node(_free_name(work, f"{name}_arg"), axes, terms=(term,), auxiliary=True, reduce="argmax")
    place = reduce(
        lambda at, letter: at * work.scope.axes[letter] + index(letter), formula.letters, sp.S.Zero
    )
    chosen = replace(term, body=Equal(position.ref, place) * body)
    return position, Node(name, axes, terms=(chosen,))


def _term(work: Work, axes: tuple[Axis, ...], piece: Piece) -> Term:
    bound = (*axes, *map(work.scope.axis, piece.letters))
    return Term(tuple(axis.symbol for axis in axes), bound, piece.body)


def _pieces(work: Work, formula: Formula, bound: Letters) -> tuple[Piece, ...]:
    """Return the summands of a formula; the letters of `bound` are bound around it."""
    match formula:
        case Chain() if formula.additive:
            return tuple(p for sign, f in formula.signed for p in _signed(sign, _pieces(work, f, bound)))
        case Neg(operand):
            return _signed("-", _pieces(work, operand, bound))
        case Reduce(kind) if kind != "max":
            body = _pieces(work, formula.body, _bind(work, formula, bound))
            return tuple(_summed(work, formula, piece) for piece in body)
        case Chain() if (place := _factor_with_sum(formula)) is not None:
            scale = _value(work, _without(formula, place), bound)
            body = _pieces(work, formula.operands[place], bound)
            return tuple(Piece(piece.letters, scale * piece.body) for piece in body)
        case _:
            return (Piece((), _value(work, formula, bound)),)


def _signed(sign: str, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    return pieces if sign == "+" else tuple(Piece(piece.letters, -piece.body) for piece in pieces)


def _bind(work: Work, formula: Reduce, bound: Letters) -> Letters:
    check_letters(formula.letters, work.scope, formula.column)
    for letter in formula.letters:
        if letter in bound:
            raise complain(
                formula.column,
                f"the index {letter} is already in use around this {formula.kind}; take another letter",
            )
    return (*bound, *formula.letters)


def _summed(work: Work, formula: Reduce, piece: Piece) -> Piece:
    """Sum a piece over the letters of a reduction; a letter that it does not use counts its size."""
    used = _letters_in(piece.body)
    idle = (work.scope.axes[letter] for letter in formula.letters if letter not in used)
    shares = (1 / work.scope.axes[letter] for letter in formula.letters if formula.kind == "mean")
    letters = (*(letter for letter in formula.letters if letter in used), *piece.letters)
    return Piece(letters, sp.Mul(*idle, *shares) * piece.body)


def _letters_in(body: sp.Expr) -> set[str]:
    subscripts = (subscript for ref in refs(body) for subscript in ref.index)
    return {str(symbol) for part in (body, *subscripts) for symbol in part.free_symbols}


def _factor_with_sum(chain: Chain) -> int | None:
    """Return the place of the one factor that holds a reduction, unless it divides."""
    places = [place for place, factor in enumerate(chain.operands) if _reduces(factor)]
    return places[0] if len(places) == 1 and chain.signed[places[0]][0] == "*" else None


def _reduces(formula: Formula) -> bool:
    return any(isinstance(part, Reduce) for part in walk(formula))


def _without(chain: Chain, place: int) -> Chain:
    one = Number(Fraction(1), chain.column)
    return replace(chain, operands=(*chain.operands[:place], one, *chain.operands[place + 1 :]))


def _value(work: Work, formula: Formula, bound: Letters) -> sp.Expr:
    """Return a formula as one expression, its reductions lifted into auxiliary nodes."""
    plain = _lift(work, formula, bound)
    scope = work.scope.plus(work.made) if work.made else work.scope
    return to_sympy(plain, lambda name: resolve(name, scope, bound), work.functions)


def _lift(work: Work, formula: Formula, bound: Letters) -> Formula:
    if isinstance(formula, Reduce):
        node = _auxiliary(work, formula, bound)
        subscripts = tuple(Name(axis.letter, (), formula.column) for axis in node.axes)
        return Name(node.name, subscripts, formula.column)
    return with_children(formula, tuple(_lift(work, child, bound) for child in children(formula)))


def _auxiliary(work: Work, formula: Reduce, bound: Letters) -> Node:
    if formula not in work.lifted:
        used = {part.name for part in walk(formula) if isinstance(part, Name)}
        own = tuple(letter for letter in bound if letter in used)
        numbered = (f"{work.name}_{formula.kind}{k}" for k in count(1))
        made = _nodes(work, lambda: next(n for n in numbered if n not in _taken(work)), own, formula)
        nodes = tuple(replace(node, name=check_name(node.name, "node"), auxiliary=True) for node in made)
        work.made.extend(nodes)
        work.lifted[formula] = nodes[-1]
    return work.lifted[formula]


def _free_name(work: Work, name: str) -> str:
    """Return a name for an auxiliary node, with underscores behind it where it is taken."""
    return name if name not in _taken(work) else _free_name(work, f"{name}_")


def _taken(work: Work) -> set[str]:
    return {*work.scope.names, *work.functions, *(node.name for node in work.made)}
