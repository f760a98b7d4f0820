"""What a definition may speak of, and what a name in it stands for."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.model.expressions import Ref, index
from symgrad.model.formula import to_sympy
from symgrad.model.graph import Axis, Node
from symgrad.model.initial import Initial, offset
from symgrad.model.lexer import complain
from symgrad.model.names import check_name
from symgrad.model.syntax import Formula, Name


@dataclass(frozen=True)
class Scope:
    """What a definition may speak of.

    Attributes
    ----------
    axes
        The size of every index letter.
    nodes
        The axes of every node that may be read.
    initial
        The values of nodes outside of an axis.
    constants
        Numbers, and expressions in sizes, with names of their own.
    hot
        For leaves that hold ids, the names of their one-hot forms.
    """

    axes: Mapping[str, sp.Expr]
    nodes: Mapping[str, tuple[Axis, ...]]
    initial: Mapping[str, Initial] = field(default_factory=dict[str, Initial])
    constants: Mapping[str, sp.Expr] = field(default_factory=dict[str, sp.Expr])
    hot: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def sizes(self) -> Mapping[str, sp.Expr]:
        """The symbolic sizes and the constants, by name."""
        found = {str(symbol): symbol for size in self.axes.values() for symbol in size.free_symbols}
        return dict(sorted({**found, **self.constants}.items()))

    @property
    def names(self) -> frozenset[str]:
        """Every name that a formula may use."""
        return frozenset(self.axes) | frozenset(self.nodes) | frozenset(self.sizes)

    def axis(self, letter: str) -> Axis:
        """Return the axis of a letter."""
        return Axis(letter, self.axes[letter])

    def plus(self, nodes: Iterable[Node]) -> "Scope":
        """Return the scope with more nodes."""
        return replace(self, nodes={**self.nodes, **{node.name: node.axes for node in nodes}})


def check_scope(scope: Scope) -> None:
    """Refuse names that cannot be used, and one name for two things."""
    seen: dict[str, str] = {}
    for what, names in (("an index", scope.axes), ("a size", scope.sizes), ("a node", scope.nodes)):
        for name in names:
            check_name(name, what.split()[1])
            if name in seen:
                raise DefinitionError(f"{name!r} names both {seen[name]} and {what}; rename one of the two")
            seen[name] = what


def check_free(name: str, scope: Scope, functions: Collection[str]) -> None:
    """Refuse a name for a new node that cannot be used or is taken."""
    check_name(name, "node")
    tables: tuple[tuple[str, Collection[str]], ...] = (
        ("a node", scope.nodes),
        ("an index", scope.axes),
        ("a size", scope.sizes),
        ("a function", functions),
    )
    for what, taken in tables:
        if name in taken:
            raise DefinitionError(f"the node name {name!r} is already the name of {what}; choose another")


def check_letters(letters: Iterable[str], scope: Scope, column: int) -> None:
    """Refuse an index letter that has no size."""
    for letter in letters:
        if letter not in scope.axes:
            known = ", ".join(scope.axes) or "none"
            raise complain(column, f"found {letter!r} where an index letter belongs; known: {known}")


def resolve(name: Name, scope: Scope, bound: Collection[str]) -> sp.Expr:
    """Return what a name stands for where the letters of `bound` are bound.

    Raises
    ------
    FormulaError
        If an index is free, or a node is read with wrong subscripts; the message has the column.
    """
    if name.name in scope.nodes:
        return _access(name, scope, bound)
    if name.subscripts:
        raise complain(name.column, f"{name.name} is a number and takes no subscripts")
    if name.name in scope.axes and name.name not in bound:
        raise complain(
            name.column, f"the index {name.name} is free; sum over it or put it into the brackets in front"
        )
    return index(name.name) if name.name in scope.axes else scope.sizes[name.name]


def _access(name: Name, scope: Scope, bound: Collection[str]) -> sp.Expr:
    axes = scope.nodes[name.name]
    if name.name in scope.hot:
        raise complain(
            name.column, f"{name.name} holds ids; they stand alone in a subscript, as in E[{name.name}[…], d]"
        )
    if len(axes) != len(name.subscripts):
        shown = f"{name.name}[{', '.join(axis.letter for axis in axes)}]" if axes else name.name
        raise complain(
            name.column,
            f"{name.name} has {len(axes)} subscript(s), found {len(name.subscripts)}; write {shown}",
        )
    values = [_subscript(subscript, scope, bound) for subscript in name.subscripts]
    for place, (subscript, value) in enumerate(zip(name.subscripts, values, strict=True)):
        if not _may_leave(name.name, place, value, scope):
            _check_range(name, subscript, value, axes[place], scope)
    return Ref(name.name, values)


def _subscript(subscript: Formula, scope: Scope, bound: Collection[str]) -> sp.Expr:
    def letter_or_size(name: Name) -> sp.Expr:
        if name.name in scope.nodes and name.name not in scope.hot:
            raise complain(name.column, f"found the node {name.name} as a subscript; use an index letter")
        return resolve(name, scope, bound)

    return to_sympy(subscript, letter_or_size, {})


def _may_leave(name: str, place: int, value: sp.Expr, scope: Scope) -> bool:
    """Whether a subscript ``t + step`` may leave this axis, because the value there is known."""
    known = scope.initial.get(name)
    sizes = {index(letter): size for letter, size in scope.axes.items()}
    return known is not None and known.place in (None, place) and offset(value, sizes) is not None


def _check_range(name: Name, subscript: Formula, value: sp.Expr, axis: Axis, scope: Scope) -> None:
    """Refuse a subscript that leaves its axis at all sizes from 2 on; symbolic sizes may leave it open."""
    if isinstance(subscript, Name) and subscript.name in scope.axes:
        if scope.axes[subscript.name] != axis.size:
            raise complain(
                subscript.column,
                f"the index {subscript.name} runs to {scope.axes[subscript.name]}, "
                f"but that axis of {name.name} has the size {axis.size}",
            )
        return
    lowest, highest = _bounds(value, scope)
    if _at_two(lowest).is_negative or _at_two(highest - axis.size).is_nonnegative:
        raise complain(
            subscript.column,
            f"the subscript {value} runs from {lowest} to {highest}, "
            f"outside the axis of {name.name}, which runs from 0 to {axis.size - 1}; for a recurrence "
            f'say what stands there, as in initial = {{"{name.name}": "0"}}',
        )


def _at_two(bound: sp.Expr) -> sp.Expr:
    """Return a bound over sizes that are one larger: 1 − K is negative from K = 2 on."""
    larger: dict[sp.Expr, sp.Expr] = {symbol: symbol + 1 for symbol in bound.free_symbols}
    return sp.expand(bound.xreplace(larger))


def _bounds(value: sp.Expr, scope: Scope) -> tuple[sp.Expr, sp.Expr]:
    low: dict[sp.Expr, sp.Expr] = {}
    high: dict[sp.Expr, sp.Expr] = {}
    affine = sp.expand(value)
    for letter, size in scope.axes.items():
        symbol, ends = index(letter), (sp.Integer(0), size - 1)
        low[symbol], high[symbol] = ends[::-1] if affine.coeff(symbol).is_negative else ends
    return value.xreplace(low), value.xreplace(high)
