"""What edits are called that leave a part of an expression out."""

import ast
from collections.abc import Iterator
from typing import Any

from symgrad.verify.mistakes.code.facts import Facts, Name
from symgrad.verify.mistakes.code.places import Edit
from symgrad.verify.mistakes.code.quantities import evaluated


def _text(node: ast.AST | None) -> str:
    return "" if node is None else ast.unparse(node)


def dropped_part(facts: Facts, edit: Edit) -> Iterator[Name]:
    """The expression without one of its parts."""
    old, part = edit.site.node, edit.part
    text = f"{_text(part)} does not belong in {_text(old)}"
    if part is None:
        negative = isinstance(old, ast.UnaryOp)
        yield (
            ("wrong_sign", 0.9, "the sign is wrong")
            if negative
            else ("transpose", 1.2, f"{_text(old)} is transposed")
        )
    elif _is_step(facts, edit):
        yield "updated_weight_used", 0.7, f"{_text(old)} is the weight after the step; the step comes last"
    elif isinstance(old, ast.BinOp) and isinstance(old.op, ast.Add | ast.Sub):
        plain = isinstance(part, ast.Constant)
        yield "wrong_path", 1.6 if plain else 1.2, f"the term {_text(part)} does not belong there"
        yield ("other", 1.2, text) if plain else ("extra_chain_factor", 3.0, text)
    elif isinstance(old, ast.Subscript):
        yield ("kernel_not_flipped", 1.2, text) if "::-1" in _text(part) else ("wrong_operand", 2.0, text)
    elif isinstance(old, ast.Call) and part is old:
        yield from _dropped_call(facts, old)
    else:
        yield from _dropped_factor(facts, edit, part, text)


def _dropped_call(facts: Facts, old: ast.Call) -> Iterator[Name]:
    name = _text(old.func).rpartition(".")[2]
    if name in ("sum", "mean", "cumsum"):
        yield "wrong_axis", 1.8, f"{_text(old)} sums too much"
    elif name in ("flip", "flipud", "fliplr", "rot90"):
        yield "kernel_not_flipped", 1.2, f"{_text(old)} turns what should not be turned"
    elif name == "transpose":
        yield "transpose", 1.2, f"{_text(old)} is transposed"
    else:
        yield "extra_chain_factor", 2.2, f"{name} does not belong there"


def _dropped_factor(facts: Facts, edit: Edit, part: ast.expr, text: str) -> Iterator[Name]:
    value: Any = evaluated(part, facts.case.after)
    old = edit.site.node
    if isinstance(old, ast.BinOp) and isinstance(old.op, ast.Div) and not _is_number(value):
        yield "extra_chain_factor", 1.0, f"nothing is to be divided by {_text(part)} here"
        if facts.is_slope(value):
            yield "missing_activation_derivative", 1.5, f"the derivative {_text(part)} was cancelled"
    elif _is_number(value) and value == 0:
        yield "forgot_sum_over_paths", 1.0, f"{_text(old)} is left out: it is multiplied by 0"
    elif _is_number(value):
        factor = 1 / float(value)
        yield from ((m.kind, 0.9 + m.cost, m.text) for m in facts.meanings(factor))
    elif facts.is_slope(value):
        yield "extra_activation_derivative", 0.9, f"the derivative {_text(part)} is too much: {text}"
    else:
        yield "extra_chain_factor", 1.5, text
        if any(_text(part).startswith(f) for f in ("dsigmoid", "1 -", "(1 -")) or "* (1 -" in _text(part):
            yield "extra_activation_derivative", 1.4, text


def _is_step(facts: Facts, edit: Edit) -> bool:
    """Whether a line that makes a weight from itself loses its step."""
    parent = edit.site.parent
    whole = isinstance(parent, ast.Assign) and edit.site.field == "value"
    return whole and _text(edit.node) in facts.case.arrays and steps_from(edit.site.node, _text(edit.node))


def steps_from(value: ast.expr, name: str) -> bool:
    """Whether a value is a named one after a step."""
    if not (isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub | ast.Add)):
        return False
    return name in (_text(value.left), _text(value.right))


def _is_number(value: object) -> bool:
    """Whether it is a plain number."""
    return isinstance(value, int | float)
