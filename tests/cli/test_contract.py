"""The keys, names and exit statuses that outside programs rely on."""

import sympy as sp

from symgrad.cli.arguments import STYLES
from symgrad.model.zoo import ZOO
from tests.cli.conftest import Command

CONTRACT_ZOO = {
    "classifier_3_3_3", "classifier_3_3_3_softmax", "worked_2_2_2", "logistic_regression", "adaline",
    "linear_regression", "line_through_origin", "xor_2_2_1", "digits_64_32_10", "skip", "mlp",
}  # fmt: skip


def test_zoo(symgrad: Command) -> None:
    answer = symgrad("zoo", "--json").json
    assert answer["schema"] == "symgrad/1"
    assert {n["name"] for n in answer["networks"]} >= CONTRACT_ZOO
    first = answer["networks"][0]
    assert first["level"] == "neuron"
    assert first["parameters"] == [*(f"w{k}" for k in range(1, 19)), "b1", "b2", "b3", "b4"]


def test_derive_gives_every_style_in_three_notations(symgrad: Command) -> None:
    answer = symgrad("derive", "classifier_3_3_3", "w1", "w10", "--json").json["gradients"]
    assert list(answer) == ["w1", "w10"]
    for styles in answer.values():
        assert set(styles) == set(STYLES)
        for notations in styles.values():
            assert set(notations) == {"unicode", "latex", "sympy"}
    assert answer["w10"]["chain"]["unicode"] == "∂J/∂w10 = ∂J/∂o1 · ∂o1/∂q1 · ∂q1/∂w10"
    assert answer["w10"]["local"]["unicode"] == "∂J/∂w10 = (o1 − t1) · o1 (1 − o1) · a1"


def test_srepr_reads_back_into_plain_sympy(symgrad: Command) -> None:
    text = symgrad("derive", "classifier_3_3_3", "w10", "--json").json["gradients"]["w10"]["local"]["sympy"]
    names = {name: getattr(sp, name) for name in ("Add", "Mul", "Symbol", "Integer", "Rational", "Pow")}
    o1, t1, a1 = sp.symbols("o1 t1 a1", real=True)
    assert sp.expand(eval(text, names) - (o1 - t1) * o1 * (1 - o1) * a1) == 0


def test_paths(symgrad: Command) -> None:
    answer = symgrad("paths", "classifier_3_3_3", "w10", "--json").json
    assert answer["count"] == 1
    assert answer["paths"] == [["J", "o1", "q1", "w10"]]
    assert symgrad("paths", "classifier_3_3_3", "w1", "--json").json["count"] == 3
    assert symgrad("paths", "classifier_3_3_3_softmax", "w10", "--json").json["count"] == 3
    assert symgrad("paths", "classifier_3_3_3_softmax", "w1", "--json").json["count"] == 9


def test_paths_with_values_add_up_to_the_gradient(symgrad: Command) -> None:
    answer = symgrad("paths", "worked_2_2_2", "w5", "--at", "--json").json
    assert abs(sum(answer["products"]) - 0.082167041) < 5e-10


def test_prove(symgrad: Command) -> None:
    run = symgrad("prove", "worked_2_2_2", "--json")
    assert run.status == 0
    assert run.json["verdict"] == "right"
    keys = {"name", "verdict", "evidence", "method", "bound", "sizes", "listed", "seconds"}
    for row in run.json["parameters"]:
        assert keys <= set(row)
        assert (row["verdict"], row["evidence"], row["listed"]) == ("right", "proved", True)


def test_explain(symgrad: Command) -> None:
    answer = symgrad("explain", "worked_2_2_2", "w5", "--json").json
    assert abs(answer["gradient"] - 0.082167041) < 5e-10
    assert {"name", "formula", "value"} <= set(answer["steps"][0])
    assert abs(answer["update"]["w5"] - 0.35891648) < 5e-9
    assert abs(answer["loss_before"] - 0.298371109) < 5e-10
    assert abs(answer["loss_after"] - 0.29102777369359933) < 1e-12


def test_info(symgrad: Command) -> None:
    answer = symgrad("info", "--json").json
    assert {"versions", "layers", "activations", "losses", "optimizers"} <= set(answer)
    assert {"sgd", "momentum", "adam"} <= set(answer["optimizers"])


def test_every_network_of_the_zoo_derives_at_its_level(symgrad: Command) -> None:
    for name in ZOO:
        run = symgrad("derive", name, "--style", "delta")
        assert run.status == 0, run.err
        assert "∂J/∂" in run.out
