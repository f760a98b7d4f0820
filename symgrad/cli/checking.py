"""`check`: gradients that somebody derived, of a network, of NumPy code, or of a file of cases."""

import shlex
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TypeVar

from symgrad.cli.figures import figures
from symgrad.cli.networks import network_of, pairs
from symgrad.cli.output import INTERRUPTED, Result
from symgrad.cli.ways import way_of
from symgrad.errors import SymgradError, UsageError
from symgrad.verify.asking import check_seconds, check_seed
from symgrad.verify.cases.codefiles import cases_of_code, spec_of
from symgrad.verify.cases.files import Case, read_cases
from symgrad.verify.cases.limits import APART
from symgrad.verify.cases.rows import Row, Settings, crew, judge_cases
from symgrad.verify.evidence.domain import array_of
from symgrad.verify.message import message
from symgrad.verify.networks.chain import Steps, steps_message
from symgrad.verify.networks.check import check as check_formula
from symgrad.verify.networks.derivations import check_derivations, read_derivations
from symgrad.verify.verdict import Check, Counterexample, Finding, Mistake, enough

GIB = 1 << 30
LEAST_MEMORY, MOST_MEMORY = 0.25, 1 << 20
WORST_FIRST = ("counterexample", "mismatch", "none", "held", "bounded", "proved")

T = TypeVar("T")


def check(options: Namespace) -> Result:
    """Judge what was claimed: exit status 0 where all of it is right, on the evidence that was asked for."""
    way = way_of(options)
    check_seconds(options.timeout, f"--timeout {options.timeout:g}")
    check_seed(options.seed, f"--seed {options.seed}")
    if not LEAST_MEMORY <= options.memory <= MOST_MEMORY:
        raise UsageError(
            f"--memory {options.memory:g}: a number of GiB from {LEAST_MEMORY} to {MOST_MEMORY:,}"
        )
    return WAYS[way](options)


def _formula(options: Namespace) -> Result:
    """Judge a formula for a node of a network."""
    found = check_formula(
        network_of(options),
        options.node,
        options.formula.strip(),
        seed=options.seed,
        seconds=options.timeout,
        explain=options.hints != "none",
    )
    again = _again(options, options.node, options.formula.strip())
    text = message(replace(found, again=again), options.hints)
    return Result(_claim(found, options), text, _status([found.finding], options))


def _again(options: Namespace, *claim: str) -> str:
    """Return the command that judges a claim again."""
    given = {"--level": options.level, "--seed": options.seed}
    words = [f"{name} {value}" for name, value in given.items() if value is not None]
    words += [f"--size {shlex.quote(size)}" for size in options.size]
    node, formula = claim
    return " ".join(["symgrad check", shlex.quote(options.network), node, *words, shlex.quote(formula)])


def _derivations(options: Namespace) -> Result:
    """Judge the claims of a file, single formulas and chains of equalities."""
    given = read_derivations(Path(options.file))
    network = network_of(options) if options.network is not None else None
    if network is None and options.size:
        raise UsageError("--size is for a network that is named before --file")
    found = check_derivations(given, network, level=options.level, seed=options.seed, seconds=options.timeout)
    try:
        listed, stopped = _until_interrupted(found)
    except SymgradError as error:
        raise type(error)(f"{options.file}: {error}") from None
    judged = dict(listed)
    checks = {node: one.check if isinstance(one, Steps) else one for node, one in judged.items()}
    worst = min(checks.values(), key=lambda one: WORST_FIRST.index(one.evidence))
    claims = [{"wrt": node, **_claim(checks[node], options), **_links(one)} for node, one in judged.items()]
    data = {"verdict": worst.verdict, "evidence": worst.evidence, "claims": claims}
    lines = [_told(one, node, options) for node, one in judged.items()]
    return _partly(data, lines, [one.finding for one in checks.values()], options, stopped=stopped)


def _until_interrupted(found: Iterable[T]) -> tuple[list[T], bool]:
    """Return what is found until somebody stops it, and whether somebody did; nothing at all is no result."""
    listed: list[T] = []
    try:
        listed.extend(found)
    except KeyboardInterrupt:
        if not listed:
            raise
        return listed, True
    return listed, False


def _partly(
    data: Mapping[str, object],
    lines: Iterable[str],
    findings: Iterable[Finding],
    options: Namespace,
    *,
    stopped: bool,
) -> Result:
    """Return what was found, and say so if that is not all that was asked for."""
    if not stopped:
        return Result(data, "\n".join(lines), _status(findings, options))
    text = "\n".join([*lines, "interrupted: what follows was not judged"])
    return Result({**data, "interrupted": True}, text, INTERRUPTED)


def _told(judged: Check | Steps, node: str, options: Namespace) -> str:
    if isinstance(judged, Steps):
        text = steps_message(judged)
        return text if options.hints == "full" else text.partition("\n")[0]
    named = options.network is not None
    again = _again(options, node, judged.claimed) if named else f"symgrad check --file {options.file}"
    return message(replace(judged, again=again), options.hints)


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
    unexplained = {"unexplained": found.unexplained} if found.unexplained else {}
    told = _found(found.finding, found.mistakes, options)
    return {"of": found.of, **told, **rest, **reading, **notes, **unexplained}


def _cases(options: Namespace) -> Result:
    """Judge the cases of a file."""
    file = read_cases(Path(options.cases))
    rows, limits, stopped = _judged(file.cases, options)
    rows = [row.within(file.vocabulary) for row in rows]
    data = {"cases": [_row(row, options) for row in rows], "limits": limits}
    lines = [*_table(rows, options), *_unlimited(limits)]
    return _partly(data, lines, [row.finding for row in rows], options, stopped=stopped)


def _numpy(options: Namespace) -> Result:
    """Judge the gradients that one file claims for the code of another."""
    forward, claimed = map(Path, options.numpy)
    cases = cases_of_code(forward, claimed, _arrays(options.var), options.wrt)
    rows, limits, stopped = _judged(cases, options)
    worst = min(rows, key=lambda row: WORST_FIRST.index(row.finding.evidence))
    data = {**_row(worst, options), "correct": None, "limits": limits}
    data["gradients"] = [{"wrt": row.id, **_row(row, options)} for row in rows]
    lines = [message(_check_of(row), options.hints) for row in rows]
    return _partly(data, lines, [row.finding for row in rows], options, stopped=stopped)


def _arrays(words: Iterable[str]) -> dict[str, list[object]]:
    """Read the arrays of ``--var``."""
    found: dict[str, list[object]] = {}
    for name, text in pairs(words, "--var", "NAME=KIND,LENGTHS, as in x=4,3 or y=onehot,4,3"):
        if name in found:
            raise UsageError(f"--var {name} is given twice")
        found[name] = spec_of(text)
        try:
            array_of(name, found[name])
        except SymgradError as error:
            raise UsageError(f"--var {name}={text}: {error}") from None
    return found


def _judged(cases: Sequence[Case], options: Namespace) -> tuple[list[Row], tuple[str, ...], bool]:
    settings = _settings(options)
    with crew(settings.memory) as workers:
        rows, stopped = _until_interrupted(judge_cases(cases, settings, workers))
        return rows, workers.limits, stopped


def _unlimited(limits: Sequence[str]) -> Iterator[str]:
    """Say so where a system cannot limit what foreign code uses."""
    missing = [name for name in ("memory", "processor time") if name not in limits]
    if missing:
        yield f"this system does not limit {' and '.join(missing)}; only wall-clock time was limited"
    if APART not in limits:
        yield "this system does not keep the judge apart from the code: what means to forge a verdict can"


def _settings(options: Namespace) -> Settings:
    explain = options.hints != "none"
    return Settings(options.timeout, round(options.memory * GIB), options.seed, explain)


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
    yield f"{len(rows)} case{'s' * (len(rows) != 1)}: " + ", ".join(
        f"{number} {word}" for word, number in count.items()
    )


def _check_of(row: Row) -> Check:
    claimed = row.mistakes[0].claimed if row.mistakes else ""
    return Check(f"∂L/∂{row.id}", row.finding, claimed, mistakes=row.mistakes, unexplained=row.reason)


WAYS: Mapping[str, Callable[[Namespace], Result]] = {
    "NET W FORMULA": _formula,
    "--file": _derivations,
    "--figure": figures,
    "--numpy": _numpy,
    "--cases": _cases,
}
