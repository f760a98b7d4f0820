"""Edits at several places at once, and edits of assignments."""

import ast
from collections.abc import Iterator
from typing import Any

import numpy as np

from symgrad.verify.mistakes.code.case import Case
from symgrad.verify.mistakes.code.indices import index
from symgrad.verify.mistakes.code.listing import Site
from symgrad.verify.mistakes.code.places import Edit, Place, code
from symgrad.verify.mistakes.code.quantities import Quantity, evaluated
from symgrad.verify.mistakes.code.search import Mend, Search
from symgrad.verify.mistakes.code.steps import key

OPPOSITE = {ast.Add: ast.Sub, ast.Sub: ast.Add}


def repeated(search: Search) -> Iterator[Mend]:
    """All such edits that make the claim right."""
    yield from everywhere(search)
    yield from statements(search)
    yield from windows(search)


def everywhere(search: Search) -> Iterator[Mend]:
    """One name read as another quantity wherever it stands: in a line, or in all of the claim."""
    for sites in _repeated(search):
        shape = np.shape(search.value(sites[0]))
        for q in _standing(search, sites[0]):
            if search.late:
                return
            for node in _standing_as(q, shape) if q.text != ast.unparse(sites[0].node) else ():
                edits = tuple(Edit("everywhere", site, node, q) for site in sites)
                value = search.attempt(*((e.site, e.node) for e in edits))
                mend = search.matched(edits, value)
                if mend is not None and search.holds(mend):
                    yield mend


def _standing_as(q: Quantity, shape: tuple[int, ...]) -> Iterator[ast.expr]:
    if q.role in ("given", "value"):
        if q.shape == shape:
            yield q.node
        if len(shape) == 2 and q.shape == shape[::-1]:
            yield ast.Attribute(q.node, "T", ast.Load())


def statements(search: Search) -> Iterator[Mend]:
    """Assignments that should add up, or add up with another sign."""
    for edit in assigned(search):
        mend = search.matched((edit,), search.attempt((edit.site, edit.node)))
        if mend is not None and search.holds(mend):
            yield mend


def assigned(search: Search) -> Iterator[Edit]:
    """Other assignments in place of those of the claim."""
    for site in search.case.claimed.assignments:
        yield from (Edit("assignment", site, node) for node in _other_assignments(site, search.case))


def windows(search: Search) -> Iterator[Mend]:
    """Another index at all places of a line that have the same one."""
    groups: dict[Any, list[Site]] = {}
    for site in search.case.claimed.sites:
        if isinstance(site.node, ast.Subscript):
            groups.setdefault((site.line, ast.dump(site.node.slice)), []).append(site)
            groups.setdefault(ast.dump(site.node.slice), []).append(site)
    for group in (g for g in groups.values() if len(g) > 1 and not search.late):
        place = Place(group[0], None, search.case, search.stock)
        others = [("index", other) for other, _ in index(place)] + [("key", other) for other, _ in key(place)]
        for move, other in others:
            choice = other.slice if isinstance(other, ast.Subscript) else other
            nodes = [ast.Subscript(site.node.value, choice, ast.Load()) for site in group]
            edits = tuple(Edit(move, site, node) for site, node in zip(group, nodes, strict=True))
            mend = search.matched(edits, search.attempt(*((e.site, e.node) for e in edits)))
            if mend is not None and search.holds(mend):
                yield mend


def _repeated(search: Search) -> list[list[Site]]:
    groups: dict[Any, list[Site]] = {}
    for site in search.case.claimed.sites:
        if isinstance(site.node, ast.Name):
            groups.setdefault((site.node.id, site.line), []).append(site)
            groups.setdefault(site.node.id, []).append(site)
    return [group for group in groups.values() if len(group) > 1]


def _standing(search: Search, site: Site) -> tuple[Quantity, ...]:
    """The quantities that could stand at a site."""
    return (*search.stock.quantities, *search.claimed_names, *search.local(site))


def _other_assignments(site: Site, case: Case) -> Iterator[ast.stmt]:
    node = site.node
    target = node.target if isinstance(node, ast.AugAssign) else node.targets[0]
    if isinstance(node, ast.AugAssign):
        yield ast.Pass()
        if isinstance(node.op, ast.Add | ast.Sub):
            yield ast.AugAssign(target, OPPOSITE[type(node.op)](), node.value)
    if site.loops and isinstance(target, ast.Name | ast.Subscript):
        if isinstance(node, ast.AugAssign):
            yield ast.Assign([target], node.value)
        else:
            yield ast.AugAssign(target, ast.Add(), node.value)
    if isinstance(target, ast.Subscript) and _is_lookup(evaluated(target.slice, case.after)):
        at = "np.subtract.at" if isinstance(getattr(node, "op", None), ast.Sub) else "np.add.at"
        yield ast.Expr(code(f"{at}(a, i, e)", a=_read(target.value), i=_read(target.slice), e=node.value))


def _read(node: ast.expr) -> ast.expr:
    """What is assigned to, as something that is read."""
    return ast.parse(ast.unparse(node), mode="eval").body


def _is_lookup(index: Any) -> bool:
    """Whether an index may name the same entries more than once."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(part, np.ndarray | list) and np.asarray(part).dtype.kind == "i" for part in parts)
