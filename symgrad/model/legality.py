"""What makes a graph legal: names that mean one thing, and subscripts that are bound and fit."""

from collections.abc import Iterable, Mapping

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.model.expressions import Ref
from symgrad.model.names import check_name
from symgrad.model.nodes import Axis, Node, Term


def check_names(nodes: tuple[Node, ...]) -> None:
    """Refuse a name that is no identifier, or that is used for two things.

    Raises
    ------
    DefinitionError
        With the name, and what it names twice.
    """
    seen: dict[str, str] = {}
    for axis in dict.fromkeys(_axes(nodes)):
        seen[axis.letter] = "an index"
        seen.update((str(symbol), "a size") for symbol in axis.size.free_symbols)
    for node in nodes:
        if node.adjoint is None:
            check_name(node.name, "node")
        if node.name in seen:
            raise DefinitionError(
                f"{node.name!r} names both a node and {seen[node.name]}; rename one of the two"
            )
        seen[node.name] = "another node"


def check_node(node: Node, table: Mapping[str, Node]) -> None:
    """Refuse a definition with a term that is not legal.

    A node is in many graphs; where what it reads has the axes that it was found legal with, it is legal.

    Raises
    ------
    DefinitionError
        With the node, and what is wrong with its term.
    """
    names = {r.name for term in node.terms for r in term.accesses}
    read = {name: table[name].axes for name in names if name in table}
    if len(read) == len(names) and vars(node).get("_legal_with") == read:
        return
    for term in node.terms:
        _check_term(node, term, table)
    vars(node)["_legal_with"] = read


def _check_term(node: Node, term: Term, table: Mapping[str, Node]) -> None:
    """Refuse a term with an unknown node, a free index, or subscripts that do not fit."""
    if len(term.sizes) != len(term.bound):
        raise DefinitionError(f"{node.name}: an index is bound twice in one term")
    _check_subscripts(node, node, term.write, term)
    for access in term.accesses:
        if access.name not in table:
            raise DefinitionError(f"{node.name} uses {access.name!r}, which is not defined")
        _check_subscripts(node, table[access.name], access.index, term)
    _check_symbols(node, term.body, term)
    if term.body.atoms(sp.Float):
        raise DefinitionError(f"{node.name}: numbers are exact here; write {_float(term.body)} as a fraction")


def _axes(nodes: tuple[Node, ...]) -> Iterable[Axis]:
    for node in nodes:
        yield from node.axes
        for term in node.terms:
            yield from term.bound


def _float(body: sp.Expr) -> str:
    return f"{float(min(body.atoms(sp.Float), key=str)):g}"


def _check_symbols(node: Node, expression: sp.Expr, term: Term) -> None:
    """Every symbol is a bound index or a size; what is read of nodes is read through accesses."""
    for symbol in sorted(expression.free_symbols - set(term.sizes), key=str):
        if not symbol.is_integer:
            raise DefinitionError(f"{node.name}: {symbol} is a bare symbol, neither an access nor an index")
        if not symbol.is_positive:
            raise DefinitionError(f"{node.name}: the index {symbol} is free; sum over it or make it an axis")


def _check_subscripts(node: Node, read: Node, subscripts: tuple[sp.Expr, ...], term: Term) -> None:
    if len(subscripts) != len(read.axes):
        raise DefinitionError(
            f"{node.name}: {read.name} has {len(read.axes)} subscripts, {len(subscripts)} were written"
        )
    for subscript, axis in zip(subscripts, read.axes, strict=True):
        extent = term.sizes.get(subscript)
        if extent is not None and not _fits(extent, axis.size):
            raise DefinitionError(
                f"{node.name}: the index {subscript} runs to {extent}, "
                f"but that axis of {read.name} has the size {axis.size}"
            )
        if extent is None:
            _check_computed(node, read, subscript, axis, term)


def _check_computed(node: Node, read: Node, subscript: sp.Expr, axis: Axis, term: Term) -> None:
    """Refuse a subscript that is no index of its own, if it reads a node, is free, or is a number outside."""
    if subscript.atoms(Ref):
        raise DefinitionError(f"{node.name}: the subscript {subscript} of {read.name} reads a node")
    _check_symbols(node, subscript, term)
    if subscript.is_Integer and _outside(subscript, axis.size):
        raise DefinitionError(
            f"{node.name}: the subscript {subscript} of {read.name} is outside its size {axis.size}"
        )


def _fits(extent: sp.Expr, size: sp.Expr) -> bool:
    """Whether an index runs over an axis, or for certain over a part of it, as t over T − 1 of T."""
    return extent == size or (size - extent).is_nonnegative is True


def _outside(subscript: sp.Expr, size: sp.Expr) -> bool:
    return bool(subscript < 0) or (size.is_Integer and bool(subscript >= size))
