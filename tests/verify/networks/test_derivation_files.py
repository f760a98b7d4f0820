"""Files of derivations: what they may say, and what is said of one that says something else."""

from pathlib import Path

import pytest

from symgrad.errors import DataError, DefinitionError, FormulaError, SymgradError, UnknownNameError
from symgrad.model.zoo import zoo
from symgrad.verify.networks.chain import Steps
from symgrad.verify.networks.derivations import check_derivations, derivations_of, read_derivations

GOOD = """
network = "worked_2_2_2"
level = "neuron"

[claims]
w5 = "(o1 - t1) o1 (1 - o1) a1"
w1 = ["δz1 x1", "(δq1 w5 + δq2 w7) x1"]
"""


def test_a_file_is_judged_claim_by_claim(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD, "utf-8")
    found = dict(check_derivations(read_derivations(path)))
    assert found["w5"].verdict == "right"
    assert isinstance(found["w1"], Steps)
    assert [link.holds for link in found["w1"].links] == ["right", "wrong"]


def test_another_network_may_be_given() -> None:
    given = derivations_of({"claims": {"w10": "(o1 - t1) a1"}})
    assert dict(check_derivations(given, zoo("classifier_3_3_3")))["w10"].verdict == "wrong"
    assert dict(check_derivations(given, zoo("classifier_3_3_3_softmax")))["w10"].verdict == "right"


@pytest.mark.parametrize(
    ("tables", "error", "said"),
    [
        ({"claim": {}}, UnknownNameError, "did you mean claims"),
        ({"network": "worked_2_2_2"}, DefinitionError, r"\[claims\] is missing"),
        ({"claims": {"w1": 3}}, DefinitionError, "claims.w1 is a formula"),
        ({"claims": {"w1": []}}, DefinitionError, "claims.w1 is a formula"),
        ({"claims": {"w1": "x1"}, "level": 2}, DefinitionError, "level is"),
        ({"claims": {"w1": "x1"}, "network": "worked_2_2"}, UnknownNameError, "worked_2_2_2"),
    ],
)
def test_what_is_no_derivation_is_refused(
    tables: dict[str, object], error: type[SymgradError], said: str
) -> None:
    with pytest.raises(error, match=said):
        derivations_of(tables)


def test_a_file_names_itself_in_its_errors(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    with pytest.raises(DataError, match=r"mine\.toml"):
        read_derivations(path)
    path.write_text("claims = [", "utf-8")
    with pytest.raises(DefinitionError, match=r"mine\.toml is no TOML"):
        read_derivations(path)


def test_a_claim_that_cannot_be_read_is_named() -> None:
    given = derivations_of({"network": "worked_2_2_2", "claims": {"w5": "(o1"}})
    with pytest.raises(FormulaError, match=r"claims\.w5: column"):
        list(check_derivations(given))
    nameless = derivations_of({"claims": {"w5": "x1"}})
    with pytest.raises(DefinitionError, match="names no network"):
        list(check_derivations(nameless))
