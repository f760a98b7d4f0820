"""The text of a network's kernel module, with what was proved in its head."""

from dataclasses import replace
from typing import Unpack

from symgrad.derive.certificate import certify, certify_symbolically, head_lines
from symgrad.errors import CheckError
from symgrad.exact.collector import paused
from symgrad.kernels.build import Options, spec_of
from symgrad.kernels.certify import prove_kernel
from symgrad.kernels.certify_training import prove_training
from symgrad.kernels.module import generate
from symgrad.model.model import Model
from symgrad.model.rules import Optimizer


@paused()
def kernel_text(
    model: Model, rule: str | Optimizer, *, proofs: bool, command: str, **options: Unpack[Options]
) -> str:
    """Return the text of a kernel module.

    Parameters
    ----------
    rule
        The optimizer.
    proofs
        Whether to prove the gradient and the text by execution, or to state what holds for all sizes; a
        model without parameters has no gradients to speak of.
    command
        How the text is made again, for its head.
    **options
        What else may be asked of a kernel: see `symgrad.kernels.build.Options`.

    Raises
    ------
    CheckError
        If a proof fails.
    DefinitionError
        If there is no kernel for the model, or none as asked for.
    """
    spec = spec_of(model, rule, command=command, **options)
    if not model.graph.parameters:
        return generate(spec)
    if not proofs:
        return generate(replace(spec, statements=head_lines(certify_symbolically(model))))
    text = generate(spec)
    shown = certify(model).plus(prove_kernel(model, text, spec))
    certificate = shown.plus(prove_training(model, spec, text))
    if certificate.verdict == "wrong":
        raise CheckError(f"{model.name}: a proof failed; see symgrad prove {model.name}")
    return generate(replace(spec, statements=head_lines(certificate)))
