"""A piece of code as statements that can be edited one expression at a time."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from types import CodeType
from typing import Any

from symgrad.verify.code.snippets import compiled

HOOK = "_hook"
MODULES = ("np", "numpy", "math")


@dataclass(frozen=True)
class Site:
    """A place in a listing where an expression stands.

    Attributes
    ----------
    line
        The number of its statement.
    parent, field, index
        Where the expression hangs in the tree.
    node
        The expression.
    loops
        The variables of the loops and comprehensions around it.
    indexes
        Whether it stands inside an index.
    """

    line: int
    parent: ast.AST
    field: str
    index: int | None
    node: Any
    loops: tuple[str, ...] = ()
    indexes: bool = False

    @property
    def divides(self) -> bool:
        """Whether it is a divisor."""
        return isinstance(getattr(self.parent, "op", None), ast.Div) and self.field == "right"

    def put(self, node: ast.AST) -> None:
        """Hang another expression in its place."""
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


@dataclass(frozen=True, eq=False)
class Listing:
    """Statements, each compiled once; an edit compiles only the one that it changes.

    Attributes
    ----------
    statements
        In their order.
    active
        The numbers of those that the result depends on; all of them without it.
    """

    statements: tuple[ast.stmt, ...]
    active: frozenset[int] | None = None

    @cached_property
    def codes(self) -> tuple[CodeType, ...]:
        """The statements as code."""
        return tuple(map(compiled, self.statements))

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """All places of expressions that are read, outer ones before inner ones."""
        lines = (n for n in range(len(self.statements)) if self.active is None or n in self.active)
        return tuple(site for n in lines for site in _sites(n, self.statements[n], ()))

    @cached_property
    def assignments(self) -> tuple[Site, ...]:
        """The places of assignments inside loops, and of those that change what is there."""
        whole = ast.Module(list(self.statements), [])
        tops = [Site(n, whole, "body", n, each) for n, each in enumerate(self.statements)]
        top = [site for site in tops if _changes(site.node)]
        inner = (site for n, each in enumerate(self.statements) for site in _assignments(n, each, ()))
        return (*top, *inner)

    def edited(self, *edits: tuple[Site, Any]) -> tuple[CodeType, ...]:
        """The code with other expressions at some sites."""
        codes = list(self.codes)
        for site, node in edits:
            site.put(ast.fix_missing_locations(ast.copy_location(node, site.node)))
        try:
            for line in {site.line for site, _ in edits}:
                codes[line] = compiled(self._statement(line, edits))
        finally:
            for site, _ in reversed(edits):
                site.put(site.node)
        return tuple(codes)

    def mended(self, *edits: tuple[Site, Any]) -> str:
        """The statements that the edits change, as text after them."""
        for site, node in edits:
            site.put(node)
        try:
            lines = sorted({site.line for site, _ in edits})
            return "\n".join(ast.unparse(self._statement(line, edits)) for line in lines)
        finally:
            for site, _ in reversed(edits):
                site.put(site.node)

    def _statement(self, line: int, edits: tuple[tuple[Site, Any], ...]) -> ast.stmt:
        whole = (node for site, node in edits if site.line == line and site.node is self.statements[line])
        return next(whole, self.statements[line])

    def text(self, line: int) -> str:
        """One statement as text."""
        return ast.unparse(self.statements[line])


def listing(text: str) -> Listing:
    """Read code; raises SyntaxError as Python does."""
    return Listing(tuple(ast.parse(text).body))


def _sites(line: int, node: ast.AST, loops: tuple[str, ...], indexes: bool = False) -> Iterator[Site]:
    loops = loops + tuple(_loop_names(node))
    for name, value in ast.iter_fields(node):
        children: Iterable[tuple[int | None, Any]]
        children = enumerate(value) if isinstance(value, list) else [(None, value)]
        within = indexes or (isinstance(node, ast.Subscript) and name == "slice")
        for index, child in children:
            if isinstance(child, ast.expr) and _is_read(node, name, child):
                yield Site(line, node, name, index, child, loops, within)
            if isinstance(child, ast.AST):
                yield from _sites(line, child, loops, within)


def _assignments(line: int, node: ast.stmt, loops: tuple[str, ...]) -> Iterator[Site]:
    loops = loops + tuple(_loop_names(node))
    for name in ("body", "orelse"):
        inner: list[ast.stmt] = getattr(node, name, [])
        for index, child in enumerate(inner):
            if isinstance(child, ast.Assign | ast.AugAssign) and loops:
                yield Site(line, node, name, index, child, loops)
            else:
                yield from _assignments(line, child, loops)


def _changes(node: ast.stmt) -> bool:
    """Whether a statement changes what is there, or a part of it."""
    part = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript)
    return part or isinstance(node, ast.AugAssign)


def _is_read(parent: ast.AST, field: str, child: ast.expr) -> bool:
    if isinstance(child, ast.Starred | ast.Slice | ast.Lambda):
        return False
    if isinstance(parent, ast.Slice) and isinstance(child, ast.Constant | ast.UnaryOp):
        return False
    if isinstance(getattr(child, "ctx", None), ast.Store | ast.Del):
        return False
    if isinstance(parent, ast.Call) and field == "func":
        return False
    if isinstance(getattr(parent, "ctx", None), ast.Store) and field == "value":
        return False
    if isinstance(parent, ast.Attribute) and parent.attr == "shape":
        return False
    return not (_is_module(child) or (isinstance(child, ast.Attribute) and child.attr == "shape"))


def _is_module(node: ast.expr) -> bool:
    """Whether it is a module, or a part of one such as ``np.c_``."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in MODULES


def _loop_names(node: ast.AST) -> list[str]:
    targets: list[ast.expr] = []
    if isinstance(node, ast.For):
        targets = [node.target]
    elif isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp):
        targets = [generator.target for generator in node.generators]
    elif isinstance(node, ast.FunctionDef | ast.Lambda):
        return [argument.arg for argument in node.args.args]
    return [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]


def loaded(node: ast.AST) -> set[str]:
    """The names that are read in it."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def stored(node: ast.AST) -> set[str]:
    """The names that a statement may change: assigned, assigned into, or called a method of."""
    names: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            names.add(part.id)
        elif isinstance(part, ast.Subscript | ast.Attribute) and isinstance(part.ctx, ast.Store):
            names |= _base(part.value)
        elif isinstance(part, ast.FunctionDef | ast.ClassDef):
            names.add(part.name)
        elif isinstance(part, ast.Expr) and isinstance(part.value, ast.Call):
            call = part.value
            names |= _base(call.func) if isinstance(call.func, ast.Attribute) else set()
            names |= {name for argument in call.args[:1] for name in _base(argument)}
    return names


def _base(node: ast.AST) -> set[str]:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def is_name(node: ast.expr, name: str) -> bool:
    """Whether an expression is this name alone."""
    return isinstance(node, ast.Name) and node.id == name


def holds(outer: ast.AST, inner: ast.AST) -> bool:
    """Whether one tree is a part of the other."""
    return any(node is inner for node in ast.walk(outer))
