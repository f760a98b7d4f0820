"""What the edits of the catalogue are called: kinds, what it costs to believe in each, and words.

Costs: 1 is a usual slip of its kind, 2 a rare one, 3 one that is only said when nothing else is left.
"""

import ast
import re
from collections.abc import Callable, Iterator

from symgrad.verify.mistakes.code.constants import meanings
from symgrad.verify.mistakes.code.facts import Facts, Name
from symgrad.verify.mistakes.code.listing import loaded
from symgrad.verify.mistakes.code.places import Edit, factors
from symgrad.verify.mistakes.code.quantities import Quantity, evaluated
from symgrad.verify.mistakes.code.row_drops import dropped_part, steps_from
from symgrad.verify.mistakes.code.row_forms import (
    mirrored,
    other_assignment,
    other_axis,
    other_brackets,
    other_exponent,
    other_factor,
    other_factors,
    other_function,
    other_index,
    other_operator,
    other_order,
    reversed_pair,
    underived,
)
from symgrad.verify.mistakes.code.row_steps import (
    one_term,
    other_key,
    other_sequence,
    other_whole,
    other_windows,
    step_before,
    unweighted,
)

DIGITS = re.compile(r"\d+")
Row = Callable[[Facts, Edit], Iterator[Name]]


def _text(node: ast.AST | None) -> str:
    return "" if node is None else ast.unparse(node)


def missing_factor(facts: Facts, edit: Edit) -> Iterator[Name]:
    """The expression times a quantity."""
    q = edit.quantity
    assert q is not None
    text = f"the factor {q.text} is missing"
    if q.role == "sign":
        yield "wrong_sign", 1.1, f"the signs {q.text} are missing"
    elif q.role == "derivative" and facts.is_activation_slope(q):
        far = 0.0 if facts.on_path(q) else 1.0
        far += 0.4 if q.function in ("exp", "sin", "cos") else 0.0
        yield "missing_activation_derivative", 1.0 + far, f"the derivative of {q.of}, {q.text}, was left out"
        if far:
            yield "missing_chain_factor", 1.4, text
    elif q.role == "derivative":
        yield "missing_chain_factor", 1.5, f"the inner derivative {q.text} is missing"
    elif q.role == "size":
        size = float(evaluated(q.node, facts.case.first.names))
        yield from ((m.kind, 1.3 + m.cost, m.text) for m in meanings(facts.case, size, facts.sizes))
    elif q.role == "gradient":
        yield "missing_chain_factor", 1.8, f"the upstream gradient ∂L/∂{q.of} is missing"
    else:
        yield "missing_chain_factor", {"given": 1.4, "value": 1.7, "sum": 2.2}[q.role], text


def extra_factor(facts: Facts, edit: Edit) -> Iterator[Name]:
    """The expression divided by a quantity."""
    q = edit.quantity
    assert q is not None
    parts = factors(edit.site.node)
    bases = [f.left for f in parts if isinstance(f, ast.BinOp) and isinstance(f.op, ast.Pow)]
    written = {ast.dump(f) for f in (*parts, *bases)}
    if q.role == "derivative" and facts.is_activation_slope(q):
        yield (
            "extra_activation_derivative",
            1.1 if facts.on_path(q) else 1.6,
            f"the derivative of {q.of} is too much",
        )
        if not facts.on_path(q) or q.function == "exp":
            yield "missing_chain_factor", 1.4, f"the divisor {q.text} is missing"
            yield "extra_chain_factor", 1.3, f"the factor {q.text} is too much"
    elif q.role == "size":
        size = 1 / float(evaluated(q.node, facts.case.first.names))
        yield from ((m.kind, 1.3 + m.cost, m.text) for m in meanings(facts.case, size, facts.sizes))
    elif ast.dump(q.node) in written:
        yield "extra_chain_factor", 1.2, f"the factor {q.text} is there once too often"
    else:
        yield "missing_chain_factor", 1.9, f"the divisor {q.text} is missing"
        yield "extra_chain_factor", 2.2, f"the factor {q.text} is too much"


def missing_matrix(facts: Facts, edit: Edit) -> Iterator[Name]:
    """The expression times a matrix."""
    q = edit.quantity
    assert q is not None
    yield "missing_chain_factor", 1.4 if q.role == "given" else 1.6, f"the factor {q.text} is missing"


def other_operand(facts: Facts, edit: Edit) -> Iterator[Name]:
    """Another quantity in place of the expression."""
    q, old = edit.quantity, edit.site.node
    assert q is not None
    text = f"{_text(old)} stands where {_text(edit.node)} belongs"
    if _is_update(facts, old, q):
        yield "updated_weight_used", 0.7, f"{_text(old)} is {q.text} after the step; the step comes last"
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
    mine = q.names and q.names - facts.scalars <= {facts.case.wrt}
    if mine and q.role != "sum":
        there = any(_text(s.node) == q.text for s in facts.case.claimed.sites) or facts.has_penalty
        yield (
            "missing_regularizer_term",
            2.4 if there or not facts.penalised else 1.0,
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


ROWS: dict[str, Row] = {
    "times": missing_factor,
    "over": extra_factor,
    "through": missing_matrix,
    "instead": other_operand,
    "everywhere": other_operand,
    "plus": missing_term,
    "turned": other_form,
    "dropped": dropped_part,
    "operator": other_operator,
    "swapped": other_order,
    "reversed": reversed_pair,
    "brackets": other_brackets,
    "axis": other_axis,
    "function": other_function,
    "index": other_index,
    "exponent": other_exponent,
    "other factor": other_factor,
    "moved brackets": other_brackets,
    "refactored": other_factors,
    "assignment": other_assignment,
    "mirrored": mirrored,
    "scalar product": underived,
    "key": other_key,
    "order": other_sequence,
    "whole": other_whole,
    "term": one_term,
    "weighted": unweighted,
    "previous": step_before,
    "shifted": other_windows,
}
