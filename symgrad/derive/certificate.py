"""The certificate of a model: what was shown of each gradient, how, and at which sizes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import ceil, fsum, log10

from symgrad.derive.agreement import (
    Finding,
    Instance,
    against_witness,
    at_sizes,
    expansions,
    induction,
)
from symgrad.derive.deltas import Backward, deltas
from symgrad.derive.kinks import off_kinks
from symgrad.derive.rewrite import simplify
from symgrad.derive.sizes import small_sizes, unequal_sizes
from symgrad.derive.stability import stabilise
from symgrad.derive.unrolled import against_unrolled
from symgrad.derive.witnesses import evaluations, proofs, same_loss
from symgrad.errors import DefinitionError, LimitError
from symgrad.exact.collector import paused
from symgrad.model.instances import number_of_products
from symgrad.model.model import Model

CLAIMS = (
    "paths = deltas", "recurrence = unrolled", "gradient", "rewritten", "kernel", "small kernel", "training",
    "small training",
)  # fmt: skip
WORDS = {
    "paths = deltas": "paths = deltas",
    "recurrence = unrolled": "the recurrence = the network written out",
    "gradient": "gradient = {witness}",
    "rewritten": "simplified, stable form = {witness}",
    "kernel": "this text, executed exactly, = gradient",
    "small kernel": "the text made for smaller sizes, executed exactly, = gradient",
    "training": "train, executed exactly, = {witness}",
    "small training": "train of the text made for smaller sizes, executed exactly, = {witness}",
}
NEGLIGIBLE = 0.99e-20
TWO_SAMPLES = 2_000
# How many products are multiplied out one by one; the paths to the other parameters are summed.
LISTED = 500
# How many products of terms normal forms may take before evaluation modulo primes takes over.
WORK = 250_000
# Above so many products of scalars, the second instance is left out.
MANY = 2_000


@dataclass(frozen=True)
class Certificate:
    """What was shown.

    Attributes
    ----------
    findings
        The statements about each parameter of the layer view.
    assumptions
        What the simplified formulas assume of the targets.
    off
        Where the derivative is not claimed: at kinks and ties.
    """

    network: str
    findings: Mapping[str, tuple[Finding, ...]]
    assumptions: tuple[str, ...] = ()
    off: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """``right`` if every statement was shown, ``wrong`` if one is refuted, else ``unknown``."""
        return worst(judged(found) for found in self.findings.values())

    def __str__(self) -> str:
        return "\n".join((f"{self.network}: {self.verdict}", *head_lines(self)))

    def plus(self, more: Mapping[str, tuple[Finding, ...]]) -> "Certificate":
        """Return the certificate with further statements."""
        both = {name: (*found, *more.get(name, ())) for name, found in self.findings.items()}
        return replace(self, findings=both)


def judged(findings: Iterable[Finding]) -> str:
    """Return the verdict on some statements: each claim must be shown in one way, and refuted in none."""
    found = tuple(findings)
    if any(finding.verdict == "wrong" for finding in found):
        return "wrong"
    shown = {finding.claim for finding in found if finding.right}
    return "right" if found and shown == {finding.claim for finding in found} else "unknown"


def worst(verdicts: Iterable[str]) -> str:
    """Return the worst of some verdicts."""
    found = set(verdicts)
    return "wrong" if "wrong" in found else "unknown" if "unknown" in found else "right"


@paused()
def certify(model: Model, wrt: Iterable[str] = ()) -> Certificate:
    """Prove that paths and deltas agree, and that they are the gradient.

    Parameters
    ----------
    wrt
        Nodes of the layer view; all parameters without any.

    Raises
    ------
    DefinitionError
        If there are neither.
    """
    names = tuple(wrt) or _parameters(model)
    backward = deltas(model.graph, names, model.loss)
    simple = simplify(backward, names)
    general = (induction(model.graph, backward), *against_unrolled(model, backward, names))
    special = _at_small_sizes(model, backward, simple.backward, names)
    findings = {name: (*general, *special[name]) for name in names}
    return Certificate(model.name, findings, simple.assumptions, off_kinks(model.graph))


def certify_symbolically(model: Model, wrt: Iterable[str] = ()) -> Certificate:
    """Prove what holds for all sizes: deltas are the out-edges composed with the deltas of the children.

    Parameters
    ----------
    wrt
        Nodes of the layer view; all parameters without any.

    Raises
    ------
    DefinitionError
        If there are neither.
    """
    names = tuple(wrt) or _parameters(model)
    general = induction(model.graph, deltas(model.graph, names, model.loss))
    return Certificate(model.name, dict.fromkeys(names, (general,)), off=off_kinks(model.graph))


def _parameters(model: Model) -> tuple[str, ...]:
    if not model.graph.parameters:
        raise DefinitionError(f"{model.name} has no parameters; name the nodes to derive by")
    return tuple(node.name for node in model.graph.parameters)


def head_lines(certificate: Certificate) -> tuple[str, ...]:
    """Return the statements of a certificate in words, for the head of a file."""
    found = [f for statements in certificate.findings.values() for f in statements if f.right]
    lines = dict.fromkeys(_in_words(f) for f in sorted(found, key=lambda f: CLAIMS.index(f.claim)))
    return tuple(lines)


def _in_words(finding: Finding) -> str:
    where = "for all sizes" if finding.sizes is None else f"at {sizes_in_words(finding.sizes)}"
    bound = "" if finding.bound is None else f", {bound_in_words(finding.bound)}"
    claim = WORDS[finding.claim].format(witness=finding.witness)
    return f"{finding.evidence.capitalize()}: {claim} {where} ({finding.method}{bound})"


def bound_in_words(bound: float) -> str:
    """Return ``error < 1e-19``, the power of ten above a bound, 1e-20 at the least."""
    return f"error < 1e{ceil(log10(max(bound, NEGLIGIBLE)))}"


def sizes_in_words(sizes: Mapping[str, int]) -> str:
    """Return ``D, H, K = 2, N = 1``."""
    groups: dict[int, list[str]] = {}
    for name, number in sizes.items():
        groups.setdefault(number, []).append(name)
    return ", ".join(f"{', '.join(names)} = {number}" for number, names in groups.items())


def _at_small_sizes(
    model: Model, backward: Backward, simple: Backward, names: tuple[str, ...]
) -> dict[str, tuple[Finding, ...]]:
    """Try what was derived, and what it was simplified to, at sizes at which this can be done."""
    try:
        one = at_sizes(model.graph, backward, small_sizes(model))
    except LimitError as error:
        return {name: (_too_large(error),) for name in names}
    try:
        return _shown_at(one, model, backward, simple, names)
    finally:
        one.runs.forget()


def _shown_at(
    one: Instance, model: Model, backward: Backward, simple: Backward, names: tuple[str, ...]
) -> dict[str, tuple[Finding, ...]]:
    listed, exact = expansions(one, names, limit=LISTED), proofs(one, names, work=WORK)
    # Stable forms are evaluated before plain ones: log Σ exp(z − m) relates the logarithms of all shares.
    rewritten = _rewritten(model, simple, names, one, exact=bool(exact))
    again = _at_unequal_sizes(model, backward, names, one.sizes)
    rest = [name for name in names if name not in exact and not any(f.right for f in again[name])]
    alone = {name: (finding,) for name, finding in (exact | evaluations(one, rest)).items()}
    return {n: (listed[n], *alone.get(n, ()), *again[n], *rewritten[n]) for n in names}


def _at_unequal_sizes(
    model: Model, backward: Backward, names: tuple[str, ...], done: Mapping[str, int]
) -> dict[str, tuple[Finding, ...]]:
    """Try a second instance, two samples and neighbouring sizes that differ: cheap, so mostly bounded."""
    sizes = unequal_sizes(model)
    none: dict[str, tuple[Finding, ...]] = dict.fromkeys(names, ())
    if sizes == done or number_of_products(backward.graph, sizes) > MANY:
        return none
    try:
        two = at_sizes(model.graph, backward, sizes)
    except LimitError:
        return none
    found = against_witness(two, names, limit=TWO_SAMPLES)
    return {name: (found[name],) for name in names}


def _rewritten(
    model: Model, backward: Backward, names: tuple[str, ...], like: Instance, *, exact: bool
) -> dict[str, tuple[Finding, ...]]:
    """Show that the simplified, stable graph, which kernels compute, still has this loss and gradient."""
    try:
        instance = at_sizes(model.graph, stabilise(backward), like.sizes, like)
    except LimitError:
        return dict.fromkeys(names, ())
    proved = proofs(instance, names, assumed=True, work=WORK) if exact else {}
    loss = same_loss(instance, assumed=True, exact=bool(proved))
    if loss == "none":
        method = "the loss in its stable form could not be shown to be the same"
        return dict.fromkeys(names, (Finding("rewritten", "unknown", "none", method, instance.sizes),))
    rest = [name for name in names if name not in proved]
    shown = proved | evaluations(instance, rest, assumed=True)
    return {name: (_of_rewritten(finding, loss),) for name, finding in shown.items()}


def _of_rewritten(finding: Finding, loss: str) -> Finding:
    """Let a proof for the gradient be no more than the evidence for the loss."""
    proved = finding.evidence == "proved" and loss == "proved"
    evidence = finding.evidence if proved or finding.evidence != "proved" else loss
    return replace(finding, claim="rewritten", evidence=evidence)


def _too_large(error: LimitError) -> Finding:
    return Finding("gradient", "unknown", "none", str(error))


def evidence(findings: Iterable[Finding]) -> str:
    """Return the evidence for a gradient: that of the strongest statement that it is right."""
    found = [f.evidence for f in findings if f.claim == "gradient"]
    order = ("counterexample", "proved", "bounded", "none")
    return min(found, key=order.index, default="none")


def seconds(findings: Iterable[Finding]) -> float:
    """Return the time that some statements took."""
    return fsum(f.seconds for f in findings)


__all__ = [
    "Certificate",
    "bound_in_words",
    "certify",
    "certify_symbolically",
    "evidence",
    "head_lines",
    "judged",
    "seconds",
    "sizes_in_words",
    "worst",
]
