"""`prove`: the certificate of a network, or what can be shown of a kernel from its file alone."""

from argparse import Namespace
from pathlib import Path
from time import perf_counter

from symgrad.cli.networks import names_of, network_of
from symgrad.cli.output import Result
from symgrad.derive.agreement import Finding
from symgrad.derive.certificate import Certificate, bound_in_words, evidence, judged, seconds, sizes_in_words
from symgrad.errors import UsageError
from symgrad.kernels.checker import Report, check_file
from symgrad.kernels.claims import DERIVATIVE, Statement
from symgrad.network import Network


def prove(options: Namespace) -> Result:
    """Prove a network's gradients, or check a kernel's file, and print what was shown, line by line."""
    return _of_file(options) if options.network.endswith(".py") else _of_network(options)


def _of_file(options: Namespace) -> Result:
    if names_of(options) or options.size or options.no_kernel or options.level:
        raise UsageError(f"prove {options.network} checks a whole kernel; it takes no further words")
    started = perf_counter()
    report = check_file(Path(options.network))
    data = _file_data(report, perf_counter() - started)
    return Result(data, str(report), 0 if report.verdict == "right" else 1)


def _file_data(report: Report, seconds: float) -> dict[str, object]:
    data = [_file_statement(statement) for statement in report.statements]
    parameters = [one for one in data if one["claim"] == DERIVATIVE and one["name"]]
    return {
        "verdict": report.verdict,
        "parameters": [{**one, "listed": None, "seconds": seconds / len(parameters)} for one in parameters],
        "statements": data,
        "left": list(report.left),
    }


def _file_statement(statement: Statement) -> dict[str, object]:
    found = statement.found
    keys = ("verdict", "evidence", "method", "bound", "where")
    shown = {key: getattr(found, key) for key in keys}
    return {"claim": statement.claim, "name": statement.name, **shown, "sizes": dict(statement.sizes)}


def _of_network(options: Namespace) -> Result:
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
