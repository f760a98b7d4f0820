"""What the edits of the catalogue are called: kinds, what it costs to believe in each, and words.

Costs: 1 is a usual slip of its kind, 2 a rare one, 3 one that is only said when nothing else is left.
"""

import ast
import re
from collections.abc import Callable, Iterator

from symgrad.verify.mistakes.code.facts import Facts, Name
from symgrad.verify.mistakes.code.listing import loaded
from symgrad.verify.mistakes.code.places import Edit
from symgrad.verify.mistakes.code.quantities import Quantity
from symgrad.verify.mistakes.code.row_drops import dropped_part, steps_from
from symgrad.verify.mistakes.code.row_factors import extra_factor, missing_factor, missing_matrix
from symgrad.verify.mistakes.code.row_forms import (
    other_assignment,
    other_brackets,
    other_exponent,
    other_factors,
    other_function,
    other_index,
    other_key,
    other_operator,
    other_whole,
    reversed_pair,
)

DIGITS = re.compile(r"\d+")
Row = Callable[[Facts, Edit], Iterator[Name]]


def _text(node: ast.AST | None) -> str:
    return "" if node is None else ast.unparse(node)


def other_operand(facts: Facts, edit: Edit) -> Iterator[Name]:
    """Another quantity in place of the expression."""
    q, old = edit.quantity, edit.site.node
    assert q is not None
    text = f"{_text(old)} stands where {_text(edit.node)} belongs"
    if _is_update(facts, old, q):
        yield "updated_weight_used", 0.7, f"{_text(old)} is {q.text} after the step; the step comes last"
        return
    if q.role == "label":
        yield "wrong_operand", 1.0, f"labels in another code: {text}"
        yield "other", 1.2, f"labels in another code: {text}"
        return
    if q.role == "gradient":
        if isinstance(old, ast.Name) and old.id in facts.case.arrays:
            yield "forgot_sum_over_paths", 1.8, f"{_text(old)} is not the whole of ∂L/∂{q.of}"
        elif old is not facts.case.claimed.sites[-1].node:
            yield "other", 6.0, f"the mistake is in {_text(old)}, which should be ∂L/∂{q.of}"
        return
    if edit.move == "everywhere" and _are_pair(facts, _text(old), q.text):
        yield "derivative_at_wrong_argument", 1.0, text
    if q.role == "derivative":
        yield "wrong_activation_derivative", 1.4 if facts.is_activation_slope(q) else 1.5, text
        yield "wrong_operand", 1.9, text
        return
    if _text(old) in (q.text, f"{q.text}.T") or _text(edit.node) == f"{_text(old)}.T":
        yield "transpose", 1.2, text
        return
    if edit.move == "everywhere" and _text(old) in facts.deltas:
        yield "other", 1.25, f"{_text(old)} is not {q.text}, as the forward pass has it"
    penalty = {"given": 0.0, "value": 0.2, "sum": 1.0, "size": 1.0, "derivative": 0.6}[q.role]
    penalty += 0.0 if isinstance(q.node, ast.Name) else 0.4
    penalty += 0.0 if isinstance(old, ast.Name | ast.Attribute | ast.Subscript) else 0.5
    layer = 0.0 if _same_role(facts, old, q) else 0.5
    yield "wrong_layer", 1.3 + penalty + layer, text
    yield "wrong_operand", 1.6 + penalty - layer, text


def _is_update(facts: Facts, old: ast.expr, q: Quantity) -> bool:
    """Whether the expression is an array of the forward pass after a step of descent."""
    if not isinstance(q.node, ast.Name) or q.text not in facts.case.arrays:
        return False
    names = {n.id for n in ast.walk(old) if isinstance(n, ast.Name)}
    for statement in facts.case.claimed.statements:
        if isinstance(statement, ast.Assign) and names & loaded(ast.Module([statement], [])) | names:
            target = {n.id for t in statement.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
            if target & names and steps_from(statement.value, q.text):
                return True
        if isinstance(statement, ast.AugAssign) and _text(statement.target) == q.text:
            return True
    return False


def _same_role(facts: Facts, old: ast.expr, q: Quantity) -> bool:
    """Whether two quantities play the same part in different layers."""
    before = _text(old).removesuffix(".T")
    one, other = _part(facts, before), _part(facts, q.text)
    if DIGITS.sub("", before) == DIGITS.sub("", q.text):
        return True
    stem = before[:1].lower() == q.text[:1].lower()
    return one == other and (one in ("activation", "argument") or (one != "" and stem))


def _are_pair(facts: Facts, one: str, other: str) -> bool:
    """Whether two quantities are argument and value of a function, or the other way round."""
    return any({_text(each.z), _text(each.a)} == {one, other} for each in facts.stock.applied)


def _part(facts: Facts, name: str) -> str:
    if any(_text(each.a) == name and each.activation for each in facts.stock.applied):
        return "activation"
    if any(_text(each.z) == name and each.activation for each in facts.stock.applied):
        return "argument"
    if any(name in names for names in facts.weights):
        return "weight"
    if name in facts.deltas:
        return "delta"
    return "activation" if name in facts.inputs else ""


def missing_term(facts: Facts, edit: Edit) -> Iterator[Name]:
    """The expression plus a quantity."""
    q = edit.quantity
    assert q is not None
    mine = q.names and q.names - facts.penalties.scalars <= {facts.case.wrt}
    if mine and q.role != "sum":
        there = any(_text(s.node) == q.text for s in facts.case.claimed.sites) or facts.penalties.in_claim
        yield (
            "missing_regularizer_term",
            2.4 if there or not facts.penalties.in_loss else 1.0,
            f"the term of the penalty, with {q.text}, is missing",
        )
    else:
        yield "forgot_sum_over_paths", 2.2, f"a term with {q.text} is missing"


def other_form(facts: Facts, edit: Edit) -> Iterator[Name]:
    """The expression transposed, turned, summed, inverted."""
    new, old = _text(edit.node), _text(edit.site.node)
    text = f"{old} stands where {new} belongs"
    root = edit.site.line == len(facts.case.claimed.statements) - 1
    if new.count("np.linalg.inv(") > old.count("np.linalg.inv("):
        yield "other", 1.2, f"the inverse is missing: {text}"
        yield "wrong_operand", 1.5, text
    elif "::-1" in new and "::-1" not in old:
        yield "kernel_not_flipped", 1.1, text
    elif new == f"{old}.T" or "swapaxes" in new:
        yield "transpose", 1.2, text
    elif new.startswith("np.sum("):
        yield "bias_not_summed", 1.0 if facts.broadcast or root else 1.5, f"{old} was not summed: {new}"
        yield "wrong_axis", 1.9, text
    elif new.startswith((f"{old} + ", f"({old} + ")):
        yield "transpose", 1.4, text
        yield "forgot_sum_over_paths", 1.5, text
    elif "mean(" in new:
        yield "forgot_sum_over_paths", 2.0, f"the path through the mean is missing: {text}"
    elif ":, None" in new or "None, :" in new:
        yield "shape_only", 2.0, text
    else:
        yield "other", 1.9, text


def _always(*kinds: tuple[str, float], words: str = "") -> Row:
    """A row that says the same of every edit."""

    def row(facts: Facts, edit: Edit) -> Iterator[Name]:
        text = f"{words}{_text(edit.site.node)} should be {_text(edit.node)}"
        yield from ((kind, cost, text) for kind, cost in kinds)

    return row


ROWS: dict[str, Row] = {
    "times": missing_factor,
    "over": extra_factor,
    "through": missing_matrix,
    "instead": other_operand,
    "everywhere": other_operand,
    "plus": missing_term,
    "turned": other_form,
    "dropped": dropped_part,
    "refactored": other_factors,
    "operator": other_operator,
    "swapped": _always(("transpose", 1.2)),
    "reversed": reversed_pair,
    "brackets": other_brackets,
    "axis": _always(("wrong_axis", 1.1)),
    "function": other_function,
    "index": other_index,
    "mirrored": _always(("kernel_not_flipped", 1.1), ("wrong_operand", 1.9)),
    "exponent": other_exponent,
    "scalar product": _always(("other", 1.3), ("transpose", 1.9), words="not differentiated: "),
    "key": other_key,
    "order": _always(("wrong_operand", 1.2), ("wrong_path", 1.5), words="in another order: "),
    "whole": other_whole,
    "term": _always(
        ("forgot_sum_over_paths", 1.0),
        ("missing_shared_weight_term", 1.2),
        words="only one term of a sum is there: ",
    ),
    "weighted": _always(
        ("missing_chain_factor", 1.2), ("other", 1.4), words="the weights of the mean are missing: "
    ),
    "previous": _always(("wrong_layer", 1.2), ("wrong_operand", 1.7), words="the step before: "),
    "shifted": _always(("wrong_operand", 1.3), ("other", 1.5), words="another part: "),
    "assignment": other_assignment,
}
