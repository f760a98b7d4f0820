"""What edits are called that bring in a factor or a divisor."""

import ast
from collections.abc import Iterator

from symgrad.verify.mistakes.code.facts import Facts, Name
from symgrad.verify.mistakes.code.places import Edit, factors
from symgrad.verify.mistakes.code.quantities import evaluated


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
        yield from ((m.kind, 1.3 + m.cost, m.text) for m in facts.meanings(size))
    elif q.role == "gradient":
        yield "missing_chain_factor", 1.8, f"the upstream gradient ∂L/∂{q.of} is missing"
    else:
        yield "missing_chain_factor", {"given": 1.4, "value": 1.7}.get(q.role, 2.2), text


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
        yield from ((m.kind, 1.3 + m.cost, m.text) for m in facts.meanings(size))
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
