"""What an edit of the claim is called: kind, place and words."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from symgrad.verify.mistakes.code.facts import Facts, Name
from symgrad.verify.mistakes.code.listing import Site, loaded, stored
from symgrad.verify.mistakes.code.places import Edit
from symgrad.verify.mistakes.code.rows import ROWS
from symgrad.verify.mistakes.code.search import Mend, Search
from symgrad.verify.mistakes.code.slopes import safely
from symgrad.verify.mistakes.code.steps import is_shift
from symgrad.verify.mistakes.ranking import Explanation
from symgrad.verify.verdict import Mistake

# A factor nearer to 1 explains nothing that anyone would write.
SAME = 1e-6


@dataclass(frozen=True, eq=False)
class Namer:
    """Names the edits of one case."""

    search: Search
    facts: Facts

    def explanations(self, mend: Mend) -> Iterator[Explanation]:
        """What the edits may be called."""
        if 0 < abs(mend.factor - 1) < SAME:
            return
        together = mend.edits[0].move in ("everywhere", "index", "key")
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
            names += [(m.kind, base + 0.3 + m.cost, m.text) for m in self.facts.meanings(mend.factor)]
        for kind, cost, text in names:
            if kind == "kernel_not_flipped" and not self.facts.has_kernel:
                kind = "wrong_layer" if "arange" in text else "wrong_operand"
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
        within = edit.site.indexes and edit.move not in ("whole", "key")
        move = "whole" if is_shift(edit.site) else "index" if within else edit.move
        found = list(safely(ROWS[move](self.facts, edit)))
        size = len(list(ast.walk(edit.site.node))) if edit.move == "instead" else 0
        size += 12 if move == "whole" != edit.move else 0
        found = [(kind, cost + 0.06 * max(size - 3, 0), text) for kind, cost, text in found]
        if edit.move not in ("over", "dropped", "plus", "assignment"):
            found = [*self._as_derivative(edit, beside or (edit,)), *found]
        if edit.move in ("instead", "index"):
            found = [*self._as_count(edit), *found]
        return found

    def _as_count(self, edit: Edit) -> Iterator[Name]:
        """An edit of the number by which a mean divides."""
        parent, before, after = (
            edit.site.parent,
            self.search.value(edit.site),
            self.search.value(edit.site, (edit,)),
        )
        divides = (
            isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Div) and edit.site.field == "right"
        )
        if divides and _is_whole(before) and _is_whole(after):
            text = f"divided by {ast.unparse(edit.site.node)}, not by {ast.unparse(edit.node)}"
            if float(after) in self.facts.constants.sizes:
                yield "missing_batch_mean", 1.0, f"the mean is over {int(after)}: {text}"
            yield "constant_factor", 1.2, text

    def _as_derivative(self, edit: Edit, edits: tuple[Edit, ...]) -> Iterator[Name]:
        """An edit that turns a factor into the derivative of an activation."""
        for site in self._around(edit.site):
            before, after = self.search.value(site), self.search.value(site, edits)
            if site.divides and before is not None and after is not None:
                before, after = 1 / before, 1 / after
            if self.facts.is_slope(after) and before is not None and np.all(before == 1):
                yield "missing_activation_derivative", 0.8, f"{ast.unparse(site.node)} is no derivative"
                return
            one, other = self.facts.slope_like(before), self.facts.slope_like(after)
            if one and other and one.of != other.of and edit.move in ("instead", "everywhere"):
                text = f"{ast.unparse(site.node)} is the derivative of {one.of}, not of {other.of}"
                yield "wrong_layer", 0.9, text
                yield "derivative_at_wrong_argument", 1.0, text
                return
            if self.facts.is_slope(after) and not self.facts.is_slope(before):
                q = self.facts.slope_like(after)
                right = f"{q.text}" if q else "softmax's Jacobian"
                text = f"{ast.unparse(site.node)} stands where {right} belongs"
                if q and q.function == "exp" and self._is_argument(edit):
                    yield "wrong_operand", 0.9, text
                elsewhere = (
                    edit.move in ("everywhere", "index", "key", "previous")
                    or (edit.move == "instead" and site is not edit.site)
                    or (q is not None and self.facts.slope_elsewhere(before, q.function))
                )
                if elsewhere:
                    yield "derivative_at_wrong_argument", 0.9, f"a derivative at the wrong argument: {text}"
                    return
                yield "wrong_activation_derivative", 0.85 if edit.move == "operator" else 0.95, text
                if edit.move == "instead" and q and q.names and not loaded(site.node) & q.names:
                    yield "wrong_layer", 1.3, text
                yield "missing_activation_derivative", 1.2, f"the derivative {right} does not occur"
                return

    def _is_argument(self, edit: Edit) -> bool:
        """Whether the argument of a function stands where its value belongs."""
        texts = (ast.unparse(edit.site.node), ast.unparse(edit.node))
        pairs = ((ast.unparse(each.z), ast.unparse(each.a)) for each in self.facts.stock.applied)
        return texts in pairs

    def _around(self, site: Site) -> list[Site]:
        """The site and those around it in its statement, inner ones first."""
        sites = [s for s in self.search.case.claimed.sites if s.line == site.line]
        around = [s for s in sites if any(n is site.node for n in ast.walk(s.node))]
        return sorted(around, key=lambda s: len(list(ast.walk(s.node))))[:5]


def _is_whole(value: Any) -> bool:
    """Whether it is a number of things."""
    return value is not None and np.shape(value) == () and float(value) > 1 and float(value) == int(value)
