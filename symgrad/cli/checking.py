"""`check`: gradients that somebody derived, of a network, of NumPy code, or of a file of cases."""

from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from math import isfinite
from pathlib import Path

from symgrad.cli.arguments import UsageError
from symgrad.cli.figures import figures
from symgrad.cli.networks import network_of, pairs
from symgrad.cli.output import Result
from symgrad.verify.cases.codefiles import cases_of_code, spec_of
from symgrad.verify.cases.files import Case, read_cases
from symgrad.verify.cases.rows import Row, Settings, crew, judge_cases
from symgrad.verify.message import Hints, message
from symgrad.verify.networks.chain import Steps, steps_message
from symgrad.verify.networks.check import check as check_formula
from symgrad.verify.networks.derivations import check_derivations, read_derivations
from symgrad.verify.verdict import Check, Counterexample, Finding, Mistake, enough

GIB = 1 << 30
LEAST_MEMORY = 0.25
WORST_FIRST = ("counterexample", "mismatch", "none", "held", "bounded", "proved")


def check(options: Namespace) -> Result:
    """Judge what was claimed: exit status 0 where all of it is right, on the evidence that was asked for."""
    _check_numbers(options)
    if options.figure:
        return figures(options)
    ways = {"NET": options.network or options.file, "--numpy": options.numpy, "--cases": options.cases}
    given = [way for way, value in ways.items() if value is not None]
    if len(given) != 1:
        raise UsageError("check takes a network, --numpy FORWARD CLAIMED, or --cases FILE: one of them")
    return {"NET": _network, "--numpy": _numpy, "--cases": _cases}[given[0]](options)


def _network(options: Namespace) -> Result:
    """Judge a formula for a node of a network, or a file of them."""
    if options.file is not None:
        return _derivations(options)
    if options.node is None or options.formula is None:
        example = f"symgrad check {options.network} w1 'FORMULA'"
        raise UsageError(f"check needs a node and a formula, as in: {example}; or --file FILE")
    found = check_formula(
        network_of(options),
        options.node,
        options.formula.strip(),
        seed=options.seed,
        seconds=options.timeout,
        explain=options.hints != "none",
    )
    text = message(found, options.hints)
    return Result(_claim(found, options), text, _status([found.finding], options))


def _derivations(options: Namespace) -> Result:
    """Judge the claims of a file, single formulas and chains of equalities."""
    given = read_derivations(Path(options.file))
    network = network_of(options) if options.network is not None else None
    judged = dict(
        check_derivations(given, network, level=options.level, seed=options.seed, seconds=options.timeout)
    )
    checks = {node: one.check if isinstance(one, Steps) else one for node, one in judged.items()}
    worst = min(checks.values(), key=lambda one: WORST_FIRST.index(one.evidence))
    claims = [{"wrt": node, **_claim(checks[node], options), **_links(one)} for node, one in judged.items()]
    data = {"verdict": worst.verdict, "evidence": worst.evidence, "claims": claims}
    text = "\n".join(_told(one, options.hints) for one in judged.values())
    return Result(data, text, _status([one.finding for one in checks.values()], options))


def _told(judged: Check | Steps, hints: Hints) -> str:
    if not isinstance(judged, Steps):
        return message(judged, hints)
    text = steps_message(judged)
    return text if hints == "full" else text.partition("\n")[0]


def _links(judged: Check | Steps) -> dict[str, object]:
    """Return the keys of a chain: which of its equalities hold."""
    if not isinstance(judged, Steps):
        return {}
    return {"links": [{"number": link.number, "verdict": link.holds} for link in judged.links]}


def _claim(found: Check, options: Namespace) -> dict[str, object]:
    """Return the keys of a judged formula; the right one only with full hints."""
    correct = found.correct if options.hints == "full" else None
    reading = {"reading": found.reading} if found.reading else {}
    rest = {"correct": correct, "seconds": round(found.finding.seconds, 3), "method": found.finding.method}
    notes = {"notes": found.notes} if options.hints == "full" else {}
    return {"of": found.of, **_found(found.finding, found.mistakes, options), **rest, **reading, **notes}


def _cases(options: Namespace) -> Result:
    """Judge the cases of a file."""
    file = read_cases(Path(options.cases))
    rows, limits = _judged(file.cases, options)
    rows = [row.within(file.vocabulary) for row in rows]
    data = {"cases": [_row(row, options) for row in rows], "limits": limits}
    lines = [*_table(rows, options), *_unlimited(limits)]
    return Result(data, "\n".join(lines), _status([row.finding for row in rows], options))


def _numpy(options: Namespace) -> Result:
    """Judge the gradients that one file claims for the code of another."""
    given = {name: spec_of(text) for name, text in pairs(options.var, "--var")}
    forward, claimed = map(Path, options.numpy)
    rows, limits = _judged(cases_of_code(forward, claimed, given, options.wrt), options)
    worst = min(rows, key=lambda row: WORST_FIRST.index(row.finding.evidence))
    data = {**_row(worst, options), "correct": None, "limits": limits}
    data["gradients"] = [{"wrt": row.id, **_row(row, options)} for row in rows]
    text = "\n".join(message(_check_of(row), options.hints) for row in rows)
    return Result(data, text, _status([row.finding for row in rows], options))


def _judged(cases: Sequence[Case], options: Namespace) -> tuple[list[Row], tuple[str, ...]]:
    settings = _settings(options)
    with crew(settings.memory) as workers:
        return list(judge_cases(cases, settings, workers)), workers.limits


def _unlimited(limits: Sequence[str]) -> Iterator[str]:
    """Say so where a system cannot limit what foreign code uses."""
    missing = [name for name in ("memory", "processor time") if name not in limits]
    if missing:
        yield f"this system does not limit {' and '.join(missing)}; only wall-clock time was limited"


def _settings(options: Namespace) -> Settings:
    explain = options.hints != "none"
    return Settings(options.timeout, round(options.memory * GIB), options.seed, explain)


def _check_numbers(options: Namespace) -> None:
    if not (isfinite(options.timeout) and options.timeout > 0):
        raise UsageError(f"--timeout {options.timeout:g}: a number of seconds > 0")
    if not (isfinite(options.memory) and options.memory >= LEAST_MEMORY):
        raise UsageError(f"--memory {options.memory:g}: a number of GiB, at least {LEAST_MEMORY}")


def _status(findings: Iterable[Finding], options: Namespace) -> int:
    return 0 if all(enough(finding, options.evidence) for finding in findings) else 1


def _row(row: Row, options: Namespace) -> dict[str, object]:
    """Return the keys of a row; what would help too much is left out."""
    found: dict[str, object] = {"id": row.id, **_found(row.finding, row.mistakes, options)}
    return found | {"seconds": round(row.seconds, 3), "reason": row.reason}


def _found(finding: Finding, mistakes: Sequence[Mistake], options: Namespace) -> dict[str, object]:
    kinds = list(dict.fromkeys(m.kind for m in mistakes))[:3]
    found: dict[str, object] = {
        "verdict": finding.verdict,
        "evidence": finding.evidence,
        "kinds": [] if options.hints == "none" else kinds,
        "counterexample": _example(finding.counterexample) if options.hints == "full" else None,
        "assumptions": finding.assumptions,
    }
    if finding.bound is not None:
        found["bound"] = finding.bound
    if finding.points is not None:
        found["points"] = finding.points
    if options.hints == "full":
        found["mistakes"] = [asdict(mistake) for mistake in mistakes]
    return found


def _example(example: Counterexample | None) -> Mapping[str, object] | None:
    return None if example is None else asdict(example)


def _table(rows: Sequence[Row], options: Namespace) -> Iterator[str]:
    width = max(len(row.id) for row in rows)
    for row in rows:
        finding = row.finding
        said = ", ".join(row.kinds) if options.hints != "none" else ""
        said = row.reason if finding.verdict == "unknown" else said
        line = f"{row.id:{width}}  {finding.verdict:7}  {finding.evidence:14}  {row.seconds:6.2f} s  {said}"
        yield line.rstrip()
    count = {word: sum(row.finding.verdict == word for row in rows) for word in ("right", "wrong", "unknown")}
    yield f"{len(rows)} cases: " + ", ".join(f"{number} {word}" for word, number in count.items())


def _check_of(row: Row) -> Check:
    finding = replace(row.finding, method=row.reason or row.finding.method)
    claimed = row.mistakes[0].claimed if row.mistakes else ""
    return Check(f"∂L/∂{row.id}", finding, claimed, mistakes=row.mistakes)
