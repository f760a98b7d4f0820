"""`cost`: operations of a loss and its gradients, in tables and as JSON."""

from pathlib import Path

import pytest

from symgrad.cli.epilogs import COST
from symgrad.model.zoo import ZOO
from tests.cli.conftest import Command

NO_LOSS = """[network]
name = "mine"
[define]
axes = { n = "N", i = "H", j = "D" }
inputs = { x = "n j" }
parameters = { W = "i j" }
z = "[n,i] sum(j, W[i,j]*x[n,j])"
"""


def test_the_tables_are_for_reading(symgrad: Command) -> None:
    text = symgrad("cost", "worked_2_2_2").out
    assert text.startswith("worked_2_2_2: operations (+ − · ÷, powers, functions) at D, H, K = 2, N = 1\n")
    assert "\n  w1 … w4, each         1       2         115         19\n" in text
    assert "\n  all                  10      18       1,008        140\n" in text
    assert "\n  by deltas, all values known                    30\n" in text
    assert "\nover hidden layers, of width 2\n" in text


def test_open_sizes_give_formulas_and_numbers_give_numbers(symgrad: Command) -> None:
    formulas = symgrad("cost", "mlp", "--json").json
    assert formulas["parameters"][0]["paths"] == "D H1 H2 K"
    assert formulas["growth"] == []
    words = [f"--size={name}={number}" for name, number in {"D": 5, "H1": 4, "H2": 4, "K": 3}.items()]
    numbers = symgrad("cost", "mlp", *words, "--json").json
    assert numbers["parameters"][0]["paths"] == 5 * 4 * 4 * 3
    assert [growth["over"] for growth in numbers["growth"]] == ["hidden layers", "width"]
    assert numbers["growth"][0]["rows"][1]["by_deltas"] == numbers["by_deltas"]


@pytest.mark.parametrize("name", ZOO)
def test_every_network_of_the_zoo_has_a_price(name: str, symgrad: Command) -> None:
    answer = symgrad("cost", name, "--json").json
    assert answer["schema"] == "symgrad/1"
    assert {"loss", "trees", "by_paths", "graph", "by_deltas", "paths", "parameters", "growth"} <= set(answer)
    assert symgrad("cost", name).status == 0


def test_a_file_without_a_loss_is_refused_in_one_line(symgrad: Command, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(NO_LOSS, "utf-8")
    answer = symgrad("cost", "mine.toml")
    assert answer.status == 2
    assert answer.err.startswith("symgrad: mine has no loss; add one")
    assert answer.err.count("\n") == 1


def test_the_examples_of_the_help_run(symgrad: Command) -> None:
    commands = [line.split()[1:] for line in COST.splitlines() if line.startswith("  symgrad ")]
    assert len(commands) == 3
    assert all(symgrad(*words).status == 0 for words in commands)
