"""The catalogue of mistaken derivations: each is judged wrong, or shown to change nothing."""

from collections import Counter
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from symgrad.model.zoo import ZOO, zoo
from symgrad.verify.evidence.domain import Domain
from symgrad.verify.evidence.judge import judge
from symgrad.verify.kinds import KINDS
from symgrad.verify.mistakes.network.diagnose import diagnose
from symgrad.verify.mistakes.network.exactly import mutants
from symgrad.verify.networks.explaining import question
from symgrad.verify.networks.posing import Slots
from symgrad.verify.networks.subject import Subject, subject

SMALL = [name for name in ZOO if not name.startswith("digits")]


def about(name: str, level: str = "neuron") -> Subject:
    return subject(zoo(name), level)


def verdicts(net: Subject, wrt: str) -> Counter[str]:
    """Judge every mistake of the catalogue as a claim about one gradient."""
    found: Counter[str] = Counter()
    for _, gives in mutants(net.benches[0], wrt):
        finding = judge(question(net.posed[0], wrt, gives), seconds=60)
        found[f"{finding.verdict} {finding.evidence}"] += 1
    return found


def decided(found: Counter[str]) -> bool:
    return (
        set(found) <= {"wrong counterexample", "right proved", "right bounded"}
        and found["wrong counterexample"] > 0
    )


@pytest.mark.parametrize("name", ["worked_2_2_2", "classifier_3_3_3_softmax", "logistic_regression"])
def test_a_mistake_is_wrong_or_has_no_effect(name: str) -> None:
    net = about(name)
    assert decided(verdicts(net, net.view.parameters[0]))


@pytest.mark.slow
@pytest.mark.parametrize("level", ["neuron", "layer"])
@pytest.mark.parametrize("name", SMALL)
def test_every_mistake_is_wrong_or_has_no_effect(name: str, level: str) -> None:
    net = about(name, level)
    for wrt in net.view.parameters:
        assert decided(verdicts(net, wrt)), wrt


@pytest.mark.parametrize("name", SMALL)
def test_floats_and_exact_arithmetic_make_the_same_mistakes(name: str) -> None:
    bench = about(name).benches[0]
    wrt = bench.posed.view.parameters[0]
    with np.errstate(all="ignore"):
        pairs = zip(bench.mistaken(wrt), mutants(bench, wrt), strict=True)
        for floats, (mutant, slots) in list(pairs)[::5]:
            np.testing.assert_allclose(floats, bench.claimed(slots), 1e-9, 1e-12, err_msg=mutant.text)


@pytest.mark.parametrize("name", SMALL)
def test_kinds_are_words_of_the_vocabulary(name: str) -> None:
    for mutant in about(name).benches[0].mutants:
        assert mutant.kind in KINDS
        assert mutant.text


@pytest.mark.parametrize("name", ["classifier_3_3_3", "classifier_3_3_3_softmax", "xor_2_2_1"])
def test_a_mistake_is_found_again(name: str) -> None:
    """What a mistake gives is explained by that mistake, or by others that give the same."""
    net = about(name)
    wrt = net.view.parameters[0]
    found = explained = 0
    for _, gives in list(mutants(net.benches[0], wrt))[::6]:
        if judge(question(net.posed[0], wrt, gives)).verdict == "wrong":
            confirm = partial(_equal, net, wrt, gives)
            found += 1
            explained += bool(diagnose(net.benches, wrt, [gives], confirm).mistakes)
    assert found > 3
    assert explained == found


def _equal(net: Subject, wrt: str, claim: Slots, k: int, gives: Slots, where: Domain | None) -> bool:
    asked = question(net.posed[k], wrt, claim, gives)
    return judge(replace(asked, domain=where or asked.domain), seconds=60).verdict == "right"
