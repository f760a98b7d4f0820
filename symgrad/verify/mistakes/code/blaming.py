"""What a mistaken derivation is called: kind, place and words."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from symgrad.verify.mistakes.code.backwards import Derived
from symgrad.verify.mistakes.code.derivations import Slip
from symgrad.verify.mistakes.code.facts import Facts, Name
from symgrad.verify.mistakes.code.listing import loaded, stored
from symgrad.verify.mistakes.ranking import Explanation
from symgrad.verify.verdict import Mistake


@dataclass(frozen=True, eq=False)
class Blamer:
    """Names the slips of one case."""

    facts: Facts

    def explanations(self, found: Derived) -> Iterator[Explanation]:
        """What the slips may be called."""
        if found.share != 0.0:
            names = list(self._shares(found))
        else:
            names = [name for slip in found.slips for name in BLAMES[slip.row](self.facts, slip)]
        many = len(found.slips) > 1 and len({slip.row for slip in found.slips}) > 1
        base = min((cost for _, cost, _ in names), default=9.0)
        if many:
            paths = sum(0.4 for slip in found.slips if slip.row == "stopped")
            names = [(kind, cost + 1.0 + paths, text) for kind, cost, text in names]
        elif len(found.slips) > 1:
            names = [(kind, cost + 0.4, text) for kind, cost, text in names]
        if found.whole != 1.0:
            names = [(kind, cost + 0.9, text) for kind, cost, text in names]
            constants = self.facts.meanings(1 / found.whole)
            names += [(m.kind, base + 1.2 + m.cost, m.text) for m in constants]
        place = ", ".join(dict.fromkeys(self._place(slip) for slip in found.slips))
        for kind, cost, text in names:
            yield Explanation(cost, Mistake(kind, place, text))

    def _place(self, slip: Slip) -> str:
        statement = self.facts.case.forward.statements[slip.site.line]
        return f"{', '.join(sorted(stored(statement)))} = … {ast.unparse(slip.site.node)}"

    def _shares(self, found: Derived) -> Iterator[Name]:
        slip, share = found.slips[0], found.share
        what = _words(slip)
        if slip.row != "stopped":
            return
        usual = abs(share) in (1.0, 2.0, 0.5) or abs(share * 2) in (1.0, 4.0)
        for m in self.facts.meanings(1 / share):
            known = usual or m.kind == "missing_batch_mean"
            yield m.kind, (1.2 if known else 2.6) + m.cost, f"on the path through {what}, {m.text}"


def _words(slip: Slip) -> str:
    when = "" if slip.calls is None else f" (step {slip.calls + 1})"
    return f"{ast.unparse(slip.site.node)}{when}"


def left_out(facts: Facts, slip: Slip) -> Iterator[Name]:
    """A path that was left out."""
    node, wrt = slip.site.node, facts.case.wrt
    what, names = _words(slip), facts.case.ancestors(loaded(node)) & set(facts.case.arrays)
    size = 0.02 * len(list(ast.walk(node))) + (0.1 if slip.calls is not None else 0.0)
    alone = names - facts.penalties.scalars <= {wrt} and wrt in names
    direct = wrt in loaded(node)
    if alone and facts.penalties.is_one(slip.site):
        cost = (1.6 if facts.penalties.in_claim else 0.9) + size
        yield "missing_regularizer_term", cost, f"the term of the penalty with {what} is missing"
    elif direct and facts.is_shared_weight(slip.site):
        yield "missing_shared_weight_term", 1.0 + size, f"the use of {wrt} in {_context(slip)} was left out"
        yield "forgot_sum_over_paths", 1.5 + size, f"the path through {what} in {_context(slip)} was left out"
    elif direct:
        yield "forgot_sum_over_paths", 1.1 + size, f"{what} was taken for a constant"
        yield "missing_shared_weight_term", 1.6 + size, f"the use of {wrt} in {what} was left out"
    else:
        yield "forgot_sum_over_paths", 1.0 + size, f"the path through {what} was left out"


def _context(slip: Slip) -> str:
    parent = slip.site.parent
    when = "" if slip.calls is None else f", step {slip.calls + 1}"
    return f"{ast.unparse(parent)}{when}"


def _function(kind: str, cost: float, words: str) -> Callable[[Facts, Slip], Iterator[Name]]:
    def blame(facts: Facts, slip: Slip) -> Iterator[Name]:
        each = slip.applied
        assert each is not None
        text = words.format(a=each.text, f=each.function, z=ast.unparse(each.z))
        if each.activation:
            if kind == "wrong_activation_derivative":
                yield "missing_activation_derivative", cost + 0.4, text
            yield kind, cost + (0.3 if each.function in ("exp", "sin", "cos") else 0.0), text
        if not each.activation or each.function in ("exp", "sin", "cos"):
            yield "missing_chain_factor", cost + 0.5, text

    return blame


def _fixed(kind: str, cost: float, words: str) -> Callable[[Facts, Slip], Iterator[Name]]:
    def blame(facts: Facts, slip: Slip) -> Iterator[Name]:
        yield kind, cost, words.format(about=slip.about, node=_words(slip))

    return blame


BLAMES: dict[str, Callable[[Facts, Slip], Iterator[Name]]] = {
    "stopped": left_out,
    "derivative missing": _function(
        "missing_activation_derivative", 0.9, "the derivative of {a} was left out"
    ),
    "function for its derivative": _function(
        "wrong_activation_derivative", 0.9, "the value of {a} stands where its derivative belongs"
    ),
    "derivative at the value": _function(
        "derivative_at_wrong_argument", 0.9, "the derivative of {a} was taken at the value, not at {z}"
    ),
    "softmax missing": _function("missing_activation_derivative", 1.0, "the Jacobian of {a} was left out"),
    "softmax diagonal": _function(
        "softmax_diagonal_only", 0.6, "only the diagonal of the Jacobian of {a} was used"
    ),
    "softmax normaliser fixed": _function(
        "forgot_sum_over_paths",
        1.2,
        "the sum in the Jacobian of {a} is missing: its normaliser is no constant",
    ),
    "softmax other sign": _function("wrong_sign", 1.1, "a sign in the Jacobian of {a} is wrong"),
    "factor missing": _fixed("missing_chain_factor", 1.3, "the factor {about} of {node} was left out"),
    "quotient rule": _fixed(
        "missing_chain_factor", 1.5, "one {about} of the quotient rule in {node} is missing"
    ),
    "power missing": _fixed("missing_chain_factor", 1.6, "the inner derivative of {about} was left out"),
    "other matrix": _fixed("transpose", 1.1, "{about} has to be transposed for the way back through {node}"),
    "other entries": _fixed(
        "wrong_path", 1.0, "the gradient of {node} was sent to entries that it does not depend on"
    ),
}
