"""The pytest plugin: settings of assertions in the ini file, and a line on derivations in the summary.

It is loaded by every run of pytest in an environment that has symgrad, so it loads nothing else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

import pytest

from symgrad.asserted import ASSERTED, HINTS, Wanted, summary
from symgrad.errors import UsageError
from symgrad.verify.asking import check_seconds, check_seed, check_word
from symgrad.verify.verdict import LEVELS

PROPERTY = "symgrad"


@dataclass(eq=False)  # pytest keeps plugins in sets
class Tally:
    """Collects verdicts from the reports of tests, those of other processes too."""

    found: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the verdicts that a test's last report brings."""
        for name, value in report.user_properties:
            if name == PROPERTY and report.when == "teardown":
                words = cast("Sequence[str]", value)
                self.found += [cast("tuple[str, str]", tuple(word.split())) for word in words]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write the line, if anything was asserted."""
        line = summary(self.found)
        if line:
            terminalreporter.write_line(line)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the settings to the ini file."""
    default = Wanted()
    parser.addini("symgrad_evidence", "least evidence: proved, bounded or held", default=default.evidence)
    parser.addini("symgrad_timeout", "seconds for one claim", default=str(default.seconds))
    parser.addini("symgrad_seed", "seed of the points of evaluation", default=str(default.seed))
    parser.addini("symgrad_hints", "what messages say: full, category or none", default=default.hints)


def pytest_configure(config: pytest.Config) -> None:
    """Read the settings, and begin to count."""
    try:
        ASSERTED.wanted = _wanted(config)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(Tally(), "symgrad-tally")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Give a test's verdicts to its last report, which travels between processes."""
    if call.when == "teardown" and (found := ASSERTED.drain()):
        item.user_properties.append((PROPERTY, [" ".join(pair) for pair in found]))


def _wanted(config: pytest.Config) -> Wanted:
    evidence, hints = (str(config.getini(f"symgrad_{name}")) for name in ("evidence", "hints"))
    timeout, seed = (str(config.getini(f"symgrad_{name}")) for name in ("timeout", "seed"))
    seconds, number = _number(timeout, float), _number(seed, int)
    check_word(evidence, LEVELS, f"symgrad_evidence = {evidence}")
    check_word(hints, HINTS, f"symgrad_hints = {hints}")
    check_seconds(seconds, f"symgrad_timeout = {timeout}")
    check_seed(number, f"symgrad_seed = {seed}")
    return Wanted(evidence, cast("float", seconds), cast("int", number), hints)


def _number(text: str, kind: Callable[[str], float]) -> float | None:
    try:
        return kind(text)
    except ValueError:
        return None
