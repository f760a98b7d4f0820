"""Edits at several places at once, and edits of assignments."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from symgrad.verify.mistakes.code.indices import index
from symgrad.verify.mistakes.code.listing import Site
from symgrad.verify.mistakes.code.places import Edit, Place
from symgrad.verify.mistakes.code.quantities import Quantity
from symgrad.verify.mistakes.code.search import Mend, Search
from symgrad.verify.mistakes.code.steps import key


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
            if q.shape == shape and q.role in ("given", "value") and q.text != ast.unparse(sites[0].node):
                edits = tuple(Edit("everywhere", site, q.node, q) for site in sites)
                value = search.attempt(*((e.site, e.node) for e in edits))
                mend = search.matched(edits, value)
                if mend is not None and search.holds(mend):
                    yield mend


def statements(search: Search) -> Iterator[Mend]:
    """Assignments that should add up, or add up with another sign."""
    for site in search.case.claimed.assignments:
        for node in _other_assignments(site, search.case.arrays):
            mend = search.matched((Edit("assignment", site, node),), search.attempt((site, node)))
            if mend is not None and search.holds(mend):
                yield mend


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


def _other_assignments(site: Site, weights: Mapping[str, Any]) -> Iterator[ast.stmt]:
    node = site.node
    if isinstance(node, ast.AugAssign) and ast.unparse(node.target) in weights:
        yield ast.Pass()
    if not site.loops:
        return
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name | ast.Subscript):
        yield ast.AugAssign(node.targets[0], ast.Add(), node.value)
    elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
        other = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        yield ast.AugAssign(node.target, other, node.value)
        yield ast.Assign([node.target], node.value)
