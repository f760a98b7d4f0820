"""What edits of loops, sums and containers are called."""

import ast
import re
from collections.abc import Iterator

from symgrad.verify.mistakes.code.facts import Facts, Name
from symgrad.verify.mistakes.code.places import Edit

STEM = re.compile(r"[A-Za-z_]+")


def _text(edit: Edit) -> str:
    return f"{ast.unparse(edit.site.node)} should be {ast.unparse(edit.node)}"


def other_key(facts: Facts, edit: Edit) -> Iterator[Name]:
    """Another key of a dictionary."""
    layer = _stem(edit.site.node.slice) == _stem(edit.node.slice)
    yield "wrong_layer", 1.2 if layer else 1.6, _text(edit)
    yield "wrong_operand", 1.6 if layer else 1.2, _text(edit)


def _stem(node: ast.expr) -> str:
    texts = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    found = STEM.match(texts[0])
    return found.group() if found else ""


def other_sequence(facts: Facts, edit: Edit) -> Iterator[Name]:
    """Two elements of a list the other way round."""
    yield "wrong_operand", 1.2, f"in another order: {_text(edit)}"
    yield "wrong_path", 1.5, _text(edit)


def other_whole(facts: Facts, edit: Edit) -> Iterator[Name]:
    """Another whole number where a call shifts or counts."""
    parent = edit.site.parent
    if isinstance(parent, ast.Call) and ast.unparse(parent.func).endswith("roll"):
        yield "transpose", 1.2, f"the adjoint of a shift goes the other way: {_text(edit)}"
        yield "wrong_path", 1.5, _text(edit)
    else:
        yield "wrong_layer", 1.1, f"counted one step off: {_text(edit)}"
        yield "other", 1.6, _text(edit)


def one_term(facts: Facts, edit: Edit) -> Iterator[Name]:
    """One term of a sum."""
    text = f"only one term of a sum is there: {_text(edit)}"
    yield "forgot_sum_over_paths", 1.0, text
    yield "missing_shared_weight_term", 1.2, text


def unweighted(facts: Facts, edit: Edit) -> Iterator[Name]:
    """A plain mean for a weighted one."""
    yield "missing_chain_factor", 1.2, f"the weights of the mean are missing: {_text(edit)}"
    yield "other", 1.4, _text(edit)


def step_before(facts: Facts, edit: Edit) -> Iterator[Name]:
    """Another step."""
    yield "wrong_layer", 1.2, f"the step before: {_text(edit)}"
    yield "wrong_operand", 1.7, _text(edit)


def other_windows(facts: Facts, edit: Edit) -> Iterator[Name]:
    """Windows that begin elsewhere."""
    yield "wrong_operand", 1.3, f"another part: {_text(edit)}"
    yield "other", 1.5, _text(edit)
