"""The pytest plugin: settings of assertions in the ini file, and a line on derivations in the summary.

It is loaded by every run of pytest in an environment that has symgrad, so it loads nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import cast

import pytest

from symgrad.asserted import ASSERTED, HINTS, Wanted, summary
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
    ASSERTED.wanted = Wanted(
        _word(config, "symgrad_evidence", LEVELS),
        _seconds(config),
        _seed(config),
        _word(config, "symgrad_hints", HINTS),
    )
    config.pluginmanager.register(Tally(), "symgrad-tally")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Give a test's verdicts to its last report, which travels between processes."""
    if call.when == "teardown" and (found := ASSERTED.drain()):
        item.user_properties.append((PROPERTY, [" ".join(pair) for pair in found]))


def _word(config: pytest.Config, name: str, words: Sequence[str]) -> str:
    word = str(config.getini(name))
    if word not in words:
        raise pytest.UsageError(f"{name} = {word}: one of {', '.join(words)}")
    return word


def _seconds(config: pytest.Config) -> float:
    text = str(config.getini("symgrad_timeout"))
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not (isfinite(seconds) and seconds > 0):
        raise pytest.UsageError(f"symgrad_timeout = {text}: a number of seconds > 0")
    return seconds


def _seed(config: pytest.Config) -> int:
    text = str(config.getini("symgrad_seed"))
    if not text.isdecimal():
        raise pytest.UsageError(f"symgrad_seed = {text}: a whole number")
    return int(text)
