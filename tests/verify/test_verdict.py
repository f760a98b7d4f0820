"""No verdict without a reason, and none on evidence for another one."""

from typing import Any

import pytest

from symgrad.verify.verdict import Counterexample, Finding

SHOWN = Counterexample({"x": "1"}, "", "2", "3")
NOWHERE = Counterexample({}, "", "no value", "a value")


@pytest.mark.parametrize(
    ("verdict", "evidence", "method", "shown"),
    [
        ("right", "proved", "", None),
        ("wrong", "counterexample", "", SHOWN),
        ("wrong", "mismatch", "the claim raises", NOWHERE),
        ("unknown", "none", "the time was up", None),
    ],
)
def test_what_can_be_found(verdict: Any, evidence: Any, method: str, shown: Any) -> None:
    assert Finding(verdict, evidence, method, counterexample=shown).verdict == verdict


@pytest.mark.parametrize(
    ("verdict", "evidence", "method", "shown"),
    [
        ("right", "counterexample", "balls", None),
        ("right", "proved", "balls", SHOWN),
        ("wrong", "proved", "balls", SHOWN),
        ("wrong", "counterexample", "balls", None),
        ("wrong", "counterexample", "", NOWHERE),
        ("unknown", "held", "the time was up", None),
        ("unknown", "none", "", None),
        ("fine", "none", "balls", None),
        ("right", "bounded", "modulo primes", None),
        ("right", "held", "at points", None),
    ],
)
def test_what_cannot_be_found(verdict: Any, evidence: Any, method: str, shown: Any) -> None:
    with pytest.raises(ValueError, match="claim"):
        Finding(verdict, evidence, method, counterexample=shown)
