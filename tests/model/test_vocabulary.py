"""Names however they are spelled: what each may stand for."""

import pytest

from symgrad.model.lexer import Sort, Token
from symgrad.model.vocabulary import Vocabulary, meanings, plain
from symgrad.model.writing import write

WORDS = Vocabulary(
    {"w1_1": 0, "w11": 0, "W1": 2, "x": 2, "p": 1, "y_hat": 1, "delta2": 1, "θ1": 0, "∂J/∂z1": 1, "h_o": 2},
    letters="nijt",
    aliases={"ŷ": ("p",), "W_hidden": ("W1",)},
    layers={"l": 1},
)


def stands_for(text, above=(), below=()):
    token = Token(Sort.NAME, text, 1, above=above, below=below)
    return [write(meaning) for meaning in meanings(token, WORDS, set(WORDS.letters))]


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        (("w1_1",), ["w1_1"]),
        (("w11",), ["w11"]),
        (("w", ("1",), ("1",)), ["w1_1", "w11"]),
        (("W", ("l",)), ["W1"]),
        (("W", ("l",), ("ij",)), ["W1[i, j]"]),
        (("W", ("l",), ("12",)), ["W1[11]", "W1[0, 1]"]),
        (("W", (), ("hidden",)), ["W1"]),
        (("x", ("n",), ("i",)), ["x[n, i]"]),
        (("x", (), ("n", "i")), ["x[n, i]"]),
        (("x_ni",), ["x[n, i]"]),
        (("x", (), ("t-1",)), ["x[t - 1]"]),
        (("x_n",), ["x[n]"]),
        (("p_2",), ["p[1]"]),
        (("p_0",), []),
        (("yhat",), ["y_hat", "p"]),
        (("δ_2",), ["delta2"]),
        (("delta_2",), ["delta2"]),
        (("theta1",), ["θ1"]),
        (("dz1",), ["∂J/∂z1"]),
        (("δz", ("1",)), ["∂J/∂z1"]),
        (("zbar", ("1",)), ["∂J/∂z1"]),
        (("zbar_1",), ["∂J/∂z1"]),
        (("δ_ij",), ["[i = j]"]),
        (("h", ("o",)), ["h_o"]),
        (("q",), []),
        (("δ", (), ("i", "j")), ["[i = j]"]),
    ],
)
def test_spellings(spelling, expected):
    assert stands_for(*spelling) == expected


def test_a_delta_with_two_letters_may_be_kronecker_s():
    words = Vocabulary({"δ": 2, "∂J/∂z": 2}, letters="ij", aliases={"δ": ("∂J/∂z",)})
    found = meanings(Token(Sort.NAME, "δ", 1, below=("ij",)), words, {"i", "j"})
    assert [write(meaning) for meaning in found] == ["δ[i, j]", "∂J/∂z[i, j]", "[i = j]"]


def test_signs_between_letters_make_no_difference():
    assert plain("w", "1", "1,2") == plain("w_1_12") == "w112"
    assert plain("delta_1") == plain("δ", "1") == "δ1"
    assert plain("ŷ_1") == "yhat1"
    assert plain("x_i") == "xi"
