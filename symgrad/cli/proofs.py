"""`prove`: the certificate of a network."""

from argparse import Namespace

from symgrad.cli.networks import names_of, network_of
from symgrad.cli.output import Result
from symgrad.derive.agreement import Finding
from symgrad.derive.certificate import Certificate, bound_in_words, evidence, judged, seconds, sizes_in_words
from symgrad.network import Network


def prove(options: Namespace) -> Result:
    """Prove a network's gradients and print what was shown, line by line."""
    network = network_of(options)
    names = names_of(options) or list(network.parameters)
    certificate = network.prove(names, kernel=not options.no_kernel)
    data = {
        "verdict": certificate.verdict,
        "parameters": [_parameter(network, certificate, name) for name in names],
        "assumptions": list(certificate.assumptions),
        "off": list(certificate.off),
    }
    return Result(data, _text(network, certificate), 0 if certificate.verdict == "right" else 1)


def _findings(network: Network, certificate: Certificate, name: str) -> tuple[Finding, ...]:
    owner = name if network.level == "layer" else network.view.places[name][0]
    return certificate.findings[owner]


def _parameter(network: Network, certificate: Certificate, name: str) -> dict[str, object]:
    found = _findings(network, certificate, name)
    main = next((f for f in found if f.claim == "gradient"), found[0])
    return {
        "name": name,
        "verdict": judged(found),
        "evidence": evidence(found),
        "method": main.method,
        "bound": main.bound,
        "sizes": main.sizes,
        "listed": next((f.listed for f in found if f.listed is not None), None),
        "seconds": seconds(found),
        "statements": [_statement(f) for f in found],
    }


def _statement(finding: Finding) -> dict[str, object]:
    keys = (
        "claim",
        "verdict",
        "evidence",
        "method",
        "witness",
        "sizes",
        "bound",
        "listed",
        "seconds",
        "where",
    )
    return {key: getattr(finding, key) for key in keys}


def _text(network: Network, certificate: Certificate) -> str:
    lines = [f"{network.model.name}: {certificate.verdict}"]
    for name, found in certificate.findings.items():
        lines.append(f"  ∂{network.model.loss}/∂{name}")
        lines += [f"    {_line(finding)}" for finding in found]
    lines += [
        f"  assumed of the targets, in the simplified forms: {text}" for text in certificate.assumptions
    ]
    lines += [f"  off {text}" for text in certificate.off]
    return "\n".join(lines)


def _line(finding: Finding) -> str:
    where = f", wrong at {finding.where}" if finding.verdict == "wrong" and finding.where else ""
    sizes = "for all sizes" if finding.sizes is None else f"at {sizes_in_words(finding.sizes)}"
    bound = "" if finding.bound is None else f", {bound_in_words(finding.bound)}"
    shown = f"{finding.verdict}, {finding.evidence}"
    against = f"{finding.witness}, " if finding.witness else ""
    how = f"{against}{finding.method}{bound}{where} ({finding.seconds:.2f} s)"
    return f"{finding.claim:21} {shown:18} {sizes}: {how}"
