"""Derivations by hand, one file for each subject: what is claimed there is right, and its slips are found.

A file is one for ``symgrad check --file``, and beside it says which slips are made with the subject, and of
which kind each is.
"""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from symgrad.verify.networks.chain import Steps
from symgrad.verify.networks.check import check
from symgrad.verify.networks.derivations import Derivations, check_derivations, derivations_of

FILES = sorted(Path(__file__).parent.glob("*.toml"))


def read(path: Path) -> tuple[Derivations, list[dict[str, Any]]]:
    tables = tomllib.loads(path.read_text("utf-8"))
    slips = tables.pop("slips")
    return derivations_of(tables), slips


SLIPS = [(path, slip) for path in FILES for slip in read(path)[1]]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_derivation_is_right(path: Path) -> None:
    given, _ = read(path)
    for node, found in check_derivations(given, seconds=60):
        assert found.verdict == "right", (node, found)
        assert found.evidence in ("proved", "bounded"), node


def test_chains_are_judged_link_by_link() -> None:
    given, _ = read(FILES[0].with_name("s1_classifier.toml"))
    found = dict(check_derivations(given))
    assert isinstance(found["w1"], Steps)
    assert len(found["w1"].links) == 2


@pytest.mark.parametrize(("path", "slip"), SLIPS, ids=[f"{p.stem} {s['of']} {s['kind']}" for p, s in SLIPS])
def test_the_slip_is_named(path: Path, slip: dict[str, str]) -> None:
    given, _ = read(path)
    assert given.model is not None
    found = check(given.model, slip["of"], slip["claim"], level=given.level or None)
    assert found.verdict == "wrong"
    assert slip["kind"] in found.kinds, found.mistakes
