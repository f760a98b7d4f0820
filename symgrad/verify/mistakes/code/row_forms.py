"""What edits of the form of an expression are called: operators, brackets, axes, indices, functions."""

import ast
import re
from collections.abc import Iterator

import numpy as np

from symgrad.verify.mistakes.code.facts import Facts, Name
from symgrad.verify.mistakes.code.listing import loaded
from symgrad.verify.mistakes.code.places import Edit, factors
from symgrad.verify.mistakes.code.quantities import evaluated

STEM = re.compile(r"[A-Za-z_]+")


def _text(node: ast.AST) -> str:
    return ast.unparse(node)


def other_operator(facts: Facts, edit: Edit) -> Iterator[Name]:
    """Another operator."""
    old, new = edit.site.node, edit.node
    text = f"{_text(old)} should be {_text(new)}"
    if isinstance(old, ast.BinOp) and isinstance(new, ast.BinOp):
        kinds = {type(old.op), type(new.op)}
        if kinds == {ast.Add, ast.Sub}:
            yield "wrong_sign", 0.9, f"the sign before {_text(old.right)} is wrong"
        elif ast.MatMult in kinds:
            yield "transpose", 2.0, text
        else:
            yield "other", 1.5, text
    else:
        yield "wrong_activation_derivative", 1.6, f"the condition {_text(old)} should be {_text(new)}"
        yield "wrong_path", 1.9, text


def reversed_pair(facts: Facts, edit: Edit) -> Iterator[Name]:
    """A difference or a quotient the other way round."""
    old = edit.site.node
    text = f"{_text(old)} should be {_text(edit.node)}"
    if isinstance(old, ast.BinOp) and isinstance(old.op, ast.Sub):
        yield "wrong_sign", 0.9, text
    else:
        yield "other", 1.6, text


def other_brackets(facts: Facts, edit: Edit) -> Iterator[Name]:
    """Another bracket."""
    text = _change(edit)
    yield "misplaced_parenthesis", _cost_of_bracket(edit), text


def _cost_of_bracket(edit: Edit) -> float:
    """Little where a pair of brackets alone is missing; more where a factor left out explains it as well."""
    old, new = (re.sub(r"\s", "", _text(node)) for node in (edit.site.node, edit.node))
    if re.sub("[()]", "", old) != re.sub("[()]", "", new):
        return 2.0
    at = next((k for k, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), 0)
    spread = new[at : at + 1] == "(" and old[at - 1 : at] in "*/@"
    return 1.2 if spread or len(new) < len(old) or ")[" in new else 0.85


def other_function(facts: Facts, edit: Edit) -> Iterator[Name]:
    """Another function."""
    old, new = _text(edit.site.node), _text(edit.node)
    text = f"{old} should be {new}"
    averages = ("mean" in old) != ("mean" in new)
    if averages and "sum" in (old + new):
        if "mean" in old:
            again = isinstance(getattr(edit.site.parent, "op", None), ast.Div)
            cost = 1.6 if not facts.broadcast else 1.2 if again else 0.4
            yield "bias_not_summed", cost, f"averaged where a sum belongs: {text}"
            yield "constant_factor", 1.0, text
        else:
            yield "missing_batch_mean", 0.9, f"summed where a mean belongs: {text}"
    elif "dot" in old or "outer" in old or "multiply" in old:
        yield "transpose", 1.4, text
    else:
        yield "other", 1.8, text
        if "maximum" in old or "max" in old or "min" in old:
            yield "wrong_path", 1.9, text


def other_index(facts: Facts, edit: Edit) -> Iterator[Name]:
    """Another index or slice."""
    old, new = _text(edit.site.node), _text(edit.node)
    text = f"{old} should be {new}"
    if "::-1" in old + new:
        yield "kernel_not_flipped", 1.1, text
    elif _is_step(edit):
        yield "wrong_layer", 1.3, f"another step: {text}"
        yield "wrong_operand", 1.7, text
    else:
        yield "wrong_operand", 1.5, f"another entry: {text}"
        yield "wrong_layer", 1.9, text


def _is_step(edit: Edit) -> bool:
    """Whether an index that counts steps is another one."""
    old, new, loops = edit.site.node, edit.node, set(edit.site.loops)
    if edit.site.indexes:
        return bool(loops & (loaded(old) | loaded(new)))
    if not loops or not (isinstance(old, ast.Subscript) and isinstance(new, ast.Subscript)):
        return False
    kept = {ast.dump(part) for part in _positions(new)}
    changed = [part for part in _positions(old) if ast.dump(part) not in kept]
    return not any(isinstance(part, ast.Slice) for part in changed)


def _positions(node: ast.Subscript) -> list[ast.expr]:
    return node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]


def other_exponent(facts: Facts, edit: Edit) -> Iterator[Name]:
    """Another exponent."""
    text = _change(edit)
    yield "missing_chain_factor", 1.1, text
    yield "other", 1.3, text
    yield "extra_chain_factor", 1.5, text
    if "arange" in text:
        yield "wrong_layer", 1.0, f"counted one step off: {text}"


def other_factors(facts: Facts, edit: Edit) -> Iterator[Name]:
    """Two factors that together should be a derivative."""
    q = edit.quantity
    assert q is not None
    old = [f for f in factors(edit.site.node) if _text(f) not in [_text(g) for g in factors(edit.node)]]
    written = " * ".join(f"({_text(f)})" for f in old)
    text = f"{written} stands where the derivative {q.text} belongs"
    value = evaluated(ast.parse(written, mode="eval").body, facts.case.after) if written else None
    if facts.slope_elsewhere(value, q.function):
        yield "derivative_at_wrong_argument", 0.9, text
    near = 0.0 if facts.is_activation_slope(q) and facts.on_path(q) else 0.8
    yield "wrong_activation_derivative", 1.0 + near, text


def other_assignment(facts: Facts, edit: Edit) -> Iterator[Name]:
    """A loop that keeps only its last pass, a line that adds up what it should not, or one too many."""
    old, new = edit.site.node, edit.node
    text = f"{_text(old)} should be {_text(new)}"
    if isinstance(new, ast.Pass):
        yield from _one_too_many(facts, old)
    elif isinstance(new, ast.Expr):
        text = f"an entry that is used several times counts once: {text}"
        yield "forgot_sum_over_paths", 1.0, text
        yield "missing_shared_weight_term", 1.1, text
        yield "bias_not_summed", 1.2, text
    elif isinstance(old, ast.Assign):
        text = f"only the last pass is kept: {text}"
        if facts.is_reused or facts.broadcast:
            yield "bias_not_summed", 1.0, text
            yield "missing_shared_weight_term", 1.1, text
        yield "forgot_sum_over_paths", 1.3, text
    elif isinstance(new, ast.Assign):
        yield "wrong_path", 1.8, text
        yield "other", 2.0, text
    else:
        yield "wrong_sign", 0.9, text


def _one_too_many(facts: Facts, old: ast.AugAssign) -> Iterator[Name]:
    value = evaluated(old.value, facts.case.after)
    if _text(old.target) in facts.case.arrays:
        yield "updated_weight_used", 0.7, f"{_text(old)} changes the weight too early; the step comes last"
    elif isinstance(old.op, ast.Mult | ast.Div) and np.ndim(value) == 0 and value:
        factor = float(value) if isinstance(old.op, ast.Div) else 1 / float(value)
        for m in facts.meanings(factor):
            yield m.kind, 1.1 + m.cost, f"{_text(old)} does not belong there: {m.text}"
    else:
        yield "wrong_path", 1.3, f"{_text(old)} does not belong there"
        yield "extra_chain_factor", 1.6, f"{_text(old)} does not belong there"


def other_key(facts: Facts, edit: Edit) -> Iterator[Name]:
    """Another key of a dictionary."""
    layer = _stem(edit.site.node.slice) == _stem(edit.node.slice)
    yield "wrong_layer", 1.2 if layer else 1.6, _change(edit)
    yield "wrong_operand", 1.6 if layer else 1.2, _change(edit)


def _stem(node: ast.expr) -> str:
    texts = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    found = STEM.match(texts[0])
    return found.group() if found else ""


def other_whole(facts: Facts, edit: Edit) -> Iterator[Name]:
    """Another whole number where a call shifts or counts."""
    parent = edit.site.parent
    if isinstance(parent, ast.Call) and ast.unparse(parent.func).endswith("roll"):
        yield "transpose", 1.2, f"the adjoint of a shift goes the other way: {_change(edit)}"
        yield "wrong_path", 1.5, _change(edit)
    else:
        yield "wrong_layer", 1.1, f"counted one step off: {_change(edit)}"
        if isinstance(parent, ast.Call) and ast.unparse(parent.func) == "range":
            yield "forgot_sum_over_paths", 1.0, f"a pass of the loop is left out: {_change(edit)}"
        yield "other", 1.6, _change(edit)


def _change(edit: Edit) -> str:
    return f"{_text(edit.site.node)} should be {_text(edit.node)}"
