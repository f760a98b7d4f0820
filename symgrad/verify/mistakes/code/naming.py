"""What an edit of the claim is called: kind, place and words."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from symgrad.verify.mistakes.code.case import value_of
from symgrad.verify.mistakes.code.constants import meanings
from symgrad.verify.mistakes.code.facts import Facts, Name
from symgrad.verify.mistakes.code.listing import HOOK, Site, loaded, stored
from symgrad.verify.mistakes.code.places import Edit
from symgrad.verify.mistakes.code.rows import ROWS
from symgrad.verify.mistakes.code.search import Mend, Search
from symgrad.verify.mistakes.ranking import Explanation
from symgrad.verify.verdict import Mistake


@dataclass(frozen=True, eq=False)
class Namer:
    """Names the edits of one case."""

    search: Search
    facts: Facts

    def explanations(self, mend: Mend) -> Iterator[Explanation]:
        """What the edits may be called."""
        together = mend.edits[0].move in ("everywhere", "index")
        lists = (
            [self.names(mend.edits[0], mend.edits)] if together else [self.names(edit) for edit in mend.edits]
        )
        extra = 0.0 if len(lists) == 1 else 1.0
        names = [
            (kind, cost + extra + 0.3 * n, text) for n, each in enumerate(lists) for kind, cost, text in each
        ]
        if len(lists) > 1:
            base = sum(min(cost for _, cost, _ in each) for each in lists)
            names = [(kind, max(cost, base + 0.6), text) for kind, cost, text in names]
        if mend.factor != 1.0:
            worse = 0.9 if abs(mend.factor) in (1.0, 2.0, 0.5) else 1.6
            names = [(kind, cost + worse, text) for kind, cost, text in names]
            base = min(cost for _, cost, _ in names)
            if mend.factor < 0 and mend.edit.move == "instead" and not mend.whole:
                names.append(
                    ("forgot_sum_over_paths", base + 0.1, f"{names[0][2]}, with another sign: another term")
                )
            names += [
                (m.kind, base + 0.3 + m.cost, m.text)
                for m in meanings(self.search.case, mend.factor, self.facts.sizes)
            ]
        for kind, cost, text in names:
            yield Explanation(cost, self._mistake(kind, text, mend))

    def _mistake(self, kind: str, text: str, mend: Mend) -> Mistake:
        listing, pairs = self.search.case.claimed, self.search.replacements(mend)
        lines = sorted({site.line for site, _ in pairs})
        claimed = "\n".join(listing.text(line) for line in lines)
        targets = sorted({n for line in lines for n in stored(listing.statements[line])})
        correct = listing.mended(*pairs)
        if mend.whole:
            correct = f"{correct}; and G times {mend.factor:.6g}"
        return Mistake(kind, ", ".join(targets), text, claimed, correct)

    def names(self, edit: Edit, beside: tuple[Edit, ...] = ()) -> list[Name]:
        """The kinds that one edit may be, each with its cost and words."""
        move = (
            "index"
            if isinstance(edit.site.parent, ast.Subscript) and edit.site.field == "slice"
            else edit.move
        )
        found = list(ROWS[move](self.facts, edit))
        size = len(list(ast.walk(edit.site.node))) if edit.move == "instead" else 0
        found = [(kind, cost + 0.06 * max(size - 3, 0), text) for kind, cost, text in found]
        if edit.move not in ("over", "dropped", "plus", "assignment"):
            found = list(self._as_derivative(edit, beside or (edit,))) + found
        return found

    def _as_derivative(self, edit: Edit, edits: tuple[Edit, ...]) -> Iterator[Name]:
        """An edit that turns a factor into the derivative of an activation."""
        for site in self._around(edit.site):
            before, after = self._value(site), self._value(site, edits)
            if self.facts.is_slope(after) and not self.facts.is_slope(before):
                q = self.facts.slope_like(after)
                right = f"{q.text}" if q else "softmax's Jacobian"
                text = f"{ast.unparse(site.node)} stands where {right} belongs"
                elsewhere = (
                    edit.move == "everywhere"
                    or (edit.move == "instead" and site is not edit.site)
                    or (q is not None and self.facts.slope_elsewhere(before, q.function))
                )
                if elsewhere:
                    yield "derivative_at_wrong_argument", 0.9, f"a derivative at the wrong argument: {text}"
                    return
                yield "wrong_activation_derivative", 0.95, f"{text}"
                if edit.move == "instead" and q and not loaded(site.node) & q.names:
                    yield "wrong_layer", 1.3, text
                yield "missing_activation_derivative", 1.6, f"the derivative {right} does not occur"
                return

    def _around(self, site: Site) -> list[Site]:
        """The site and those around it in its statement, inner ones first."""
        sites = [s for s in self.search.case.claimed.sites if s.line == site.line]
        around = [s for s in sites if any(n is site.node for n in ast.walk(s.node))]
        return sorted(around, key=lambda s: len(list(ast.walk(s.node))))[:5]

    def _value(self, site: Site, edits: tuple[Edit, ...] = ()) -> Any:
        seen: list[Any] = []

        def recorded(value: Any) -> Any:
            seen.append(value)
            return value

        inner = [(e.site, e.node) for e in edits if e.site is not site]
        node = next((e.node for e in edits if e.site is site), site.node)
        outer = (site, ast.Call(ast.Name(HOOK, ast.Load()), [node], []))
        names = {**self.search.case.first.names, HOOK: recorded}
        try:
            value_of(self.search.case.claimed.edited(outer, *inner), names)
            return np.asarray(seen[-1], float) if seen else None
        except (ValueError, TypeError, SyntaxError):
            return None
