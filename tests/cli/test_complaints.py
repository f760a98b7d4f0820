"""Bad input: one clear line, the right exit status, nothing half written."""

from pathlib import Path

import pytest

from tests.cli.conftest import Command


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["derive", "clasifier_3_3_3", "w1"], 2, "did you mean classifier_3_3_3"),
        (["derive", "classifier_3_3_3", "w19"], 2, "unknown node 'w19'"),
        (["derive", "classifier_3_3_3", "W1"], 2, "--level layer"),
        (["paths", "mlp", "w1"], 2, "unknown node 'w1'"),
        (["paths", "classifier_3_3_3_softmax", "w1", "--limit", "5"], 2, "9 paths from J to w1"),
        (["paths", "classifier_3_3_3"], 2, "needs one node"),
        (["frobnicate"], 2, "invalid choice"),
        (["derive"], 2, "required"),
        (["derive", "missing.toml"], 3, "missing.toml"),
        (["train", "digits_64_32_10", "missing.csv"], 3, "missing.csv"),
        (["explain", "worked_2_2_2", "w5", "--at", "w1"], 2, "NAME=NUMBER"),
        (["explain", "worked_2_2_2", "w5", "--at", "w99=1"], 2, "w99"),
        (["generate"], 2, "a network or --all"),
        (["generate", "mlp", "--optimizer", "adem"], 2, "did you mean adam"),
        (["derive", "mlp", "--size", "H1=0"], 2, "integers ≥ 1"),
        (["derive", "mlp", "--size", "Q=3"], 2, "unknown size 'Q'"),
    ],
)
def test_one_line_and_a_status(symgrad: Command, words: list[str], status: int, says: str) -> None:
    answer = symgrad(*words)
    assert answer.status == status
    assert answer.err.count("\n") == 1
    assert answer.err.startswith("symgrad: ")
    assert says in answer.err
    assert "Traceback" not in answer.err
    assert answer.out == ""


def test_an_error_is_json_when_json_is_asked_for(symgrad: Command) -> None:
    answer = symgrad("derive", "nonsense", "--json")
    assert answer.status == 2
    assert set(answer.json) == {"schema", "error"}
    assert answer.json["error"]["code"] == "unknown_name"


NETWORK = '[network]\nname = "my_net"\nsizes = {sizes}\n{more}'


@pytest.mark.parametrize(
    ("sizes", "more", "says"),
    [
        ("[3, 0, 3]", "", "the size 0 is not possible"),
        ("[3, -1]", "", "the size -1 is not possible"),
        ("[3]", "", "at least an input and an output size"),
        ("[]", "", "at least an input and an output size"),
        ("[3, 3.5]", "", "3.5 is no size"),
        ("3", "", "sizes is a list"),
        ('["D", "x; import os"]', "", "x; import os"),
        ('["D", "lambda"]', "", "lambda"),
        ('["D", "np"]', "", "np"),
        ('["x", "K"]', "", "'x' names both"),
        ("[3, 3]", 'output = "sigmoyd"', "did you mean sigmoid"),
        ("[3, 3]", 'loss = "squared"', "squared_error or sum_of_squares"),
        ("[3, 3]", 'bias = ["neuron", "layer"]', "2 were given for 1 layers"),
        ("[3, 3]", 'numbering = "sauce"', "did you mean source"),
        ("[3, 3]", 'colour = "red"', "unknown key"),
        ("[3, 3]", 'targets = "on_hot"', "did you mean one_hot"),
    ],
)
def test_network_files(symgrad: Command, tmp_path: Path, sizes: str, more: str, says: str) -> None:
    (tmp_path / "net.toml").write_text(NETWORK.format(sizes=sizes, more=more))
    answer = symgrad("derive", "net.toml")
    assert answer.status == 2, answer.out
    assert says in answer.err
    assert "net.toml" in answer.err
    assert answer.err.count("\n") == 1


DEFINE = """[network]
name = "mine"
[define]
axes = {{ n = "N", i = "H", j = "D" }}
inputs = {{ x = "n j" }}
parameters = {{ W = "i j" }}
{definitions}
"""


@pytest.mark.parametrize(
    ("definitions", "says"),
    [
        ('z = "[n,i] W[i,j]*x[n,j]"', "free"),
        ('z = "[n,i] sum(j, W[i]*x[n,j])"', "write W[i, j]"),
        ('z = "[n,i] sum(j, V[i,j]*x[n,j])"', "V"),
        ('z = "[n,i] y[n,i]"\ny = "[n,i] z[n,i]"', "cycle"),
        ('z = "[n,i] sum(j, W[i,j]*x[n,j]"', "column"),
        ('W = "[n,i] 1"', "W"),
        ('N = "[n,i] 1"', "N"),
        ('lambda = "1"', "lambda"),
        ('z = "__import__(1)"', "column"),
        ('z = "9^9^9"', "column"),
    ],
)
def test_free_definitions(symgrad: Command, tmp_path: Path, definitions: str, says: str) -> None:
    (tmp_path / "net.toml").write_text(DEFINE.format(definitions=definitions))
    answer = symgrad("derive", "net.toml")
    assert answer.status == 2, answer.out
    assert says in answer.err
    assert answer.err.count("\n") == 1


def test_what_outputs_are_for_is_one_of_two_words(symgrad: Command, tmp_path: Path) -> None:
    wrong = DEFINE.format(definitions='J = "W[0,0]"').replace("[define]", 'task = "clasification"\n[define]')
    (tmp_path / "net.toml").write_text(wrong)
    answer = symgrad("derive", "net.toml")
    assert answer.status == 2, answer.out
    assert "unknown task 'clasification'; did you mean classification" in answer.err


def test_a_file_that_cannot_be_written_is_named_and_nothing_is_left(symgrad: Command, tmp_path: Path) -> None:
    answer = symgrad("generate", "adaline", "-o", "no/such/folder/adaline.py")
    assert answer.status == 3
    assert "no/such/folder/adaline.py" in answer.err
    assert list(tmp_path.iterdir()) == []


def test_a_network_without_a_loss_says_so(symgrad: Command, tmp_path: Path) -> None:
    (tmp_path / "net.toml").write_text(DEFINE.format(definitions='z = "[n,i] sum(j, W[i,j]*x[n,j])"'))
    answer = symgrad("derive", "net.toml", "W")
    assert answer.status == 2
    assert "no loss" in answer.err
