"""Every activation and every loss in a small network: proved, or bounded; and so is the kernel."""

import pytest

from symgrad.derive.certificate import certify
from symgrad.kernels.certify import prove_kernel
from symgrad.model.activations import ELEMENTWISE
from symgrad.model.layered import Layered, layered
from symgrad.model.losses import LOSSES

OUTPUTS = {
    "binary_cross_entropy": "sigmoid",
    "cross_entropy": "softmax",
    "negative_log_likelihood": "log_softmax",
    "kl_divergence": "softmax",
    "poisson_nll": "softplus",
}
NETS = {
    **{name: Layered((2, 1), output=name) for name in ELEMENTWISE},
    **{
        name: Layered((2, 2), output=OUTPUTS.get(name, "identity"), loss=name)
        for name, row in LOSSES.items()
        if len(row.predictions) == 1
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("name", NETS)
def test_a_row_is_proved(name):
    model = layered("net", NETS[name])
    certificate = certify(model)
    assert certificate.verdict == "right"
    findings = {**certificate.plus(prove_kernel(model)).findings}
    assert {finding.evidence for found in findings.values() for finding in found} == {"proved"}
