"""Case files: what is read, what is never read, and what is said of one that is malformed."""

from pathlib import Path

import pytest

from symgrad.errors import DataError
from symgrad.verify.cases.files import Case, read_cases

GOOD = """
[vocabulary]
wrong_sign = "a sign"

[[case]]
id = "square"
vars = { x = ["normal", 3], s = ["const", 0.5], y = ["ids", 4, 3], k = ["keep", 0.5, 2, 2] }
wrt = "x"
forward = "L = s*np.sum(x**2)"
claimed = "G = x"
"""


def file(folder: Path, text: str | bytes) -> Path:
    place = folder / "cases.toml"
    place.write_bytes(text if isinstance(text, bytes) else text.encode())
    return place


def test_a_case_and_the_vocabulary(tmp_path: Path) -> None:
    found = read_cases(file(tmp_path, GOOD))
    arrays = {"x": ["normal", 3], "s": ["const", 0.5], "y": ["ids", 4, 3], "k": ["keep", 0.5, 2, 2]}
    assert found.cases == (Case("square", arrays, "L = s*np.sum(x**2)", "G = x", "x"),)
    assert found.vocabulary == {"wrong_sign"}
    assert read_cases(file(tmp_path, GOOD.replace("vocabulary", "words"))).vocabulary is None


def test_what_was_ruled_is_not_read(tmp_path: Path) -> None:
    plain = read_cases(file(tmp_path, GOOD))
    ruled = "\n".join(
        f"{key} = {value}"
        for key, value in {
            "ruling": "7", "mistake": "[1, 2]", "also": "'x'", "correct": "'while True: pass'", "note": "1.5",
            "correct_text": "false", "correct_latex": "2020-01-01", "thread": "{ a = 1 }",
        }.items()
    )  # fmt: skip
    assert read_cases(file(tmp_path, GOOD + ruled)) == plain


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no cases"),
        ("[case]\nid = 'a'", "no cases"),
        ("case = []", "no cases"),
        ("case = [1]", "no cases"),
        ("[[case]", "no TOML"),
        (b"\x00\xff\xfe", "no text in UTF-8"),
        (b"\x89PNG\r\n\x1a\n", "no text in UTF-8"),
        ("a" + " = [" * 2000, "no TOML"),
        (GOOD.replace('id = "square"', ""), "case 1: the key 'id' is missing"),
        (GOOD.replace('"square"', "5"), "case 1: id is text"),
        (GOOD.replace('"square"', '""'), "case 1: id is text, not empty"),
        (GOOD.replace('claimed = "G = x"', ""), "case 'square': the key 'claimed' is missing"),
        (GOOD.replace('forward = "L', 'forwards = "L'), "case 'square': the key 'forward' is missing"),
        (GOOD.replace('wrt = "x"', "wrt = 1"), "case 'square': wrt is text"),
        (GOOD.replace('wrt = "x"', 'wrt = "X"'), "wrt = 'X' is not in vars"),
        (GOOD.replace("vars", "var"), "case 'square': vars is a table"),
        (GOOD.replace('["normal", 3]', "3"), "case 'square': vars.x is a kind and lengths"),
        (GOOD.replace('["normal", 3]', "[3, 3]"), "case 'square': vars.x is a kind and lengths"),
        (GOOD.replace('["normal", 3]', '["gaussian", 3]'), "vars.x: unknown kind of array 'gaussian'"),
        (GOOD.replace('["normal", 3]', '["normal", -3]'), "case 'square': vars.x"),
        (GOOD.replace('["normal", 3]', '["normal", 2.5]'), "case 'square': vars.x"),
        (GOOD.replace("x = [", "'x y' = ["), "vars.x y: this is no name"),
        (GOOD.replace("x = [", "lambda = ["), "vars.lambda: this is no name"),
        (GOOD.replace("x = [", "np = ["), "vars.np: np is NumPy here; call the array otherwise"),
        (GOOD.replace("x = [", "L = ["), "vars.L: L is the loss here"),
        (GOOD.replace("x = [", "G = ["), "vars.G: G is the gradient here"),
        (GOOD + GOOD.partition("[[case]]")[2].join(["[[case]]", ""]), "two cases with this id"),
        (GOOD.replace("[vocabulary]\nwrong_sign", "vocabulary"), "vocabulary is a table"),
    ],
)
def test_a_malformed_file_is_one_clear_error(tmp_path: Path, text: str | bytes, says: str) -> None:
    with pytest.raises(DataError) as caught:
        read_cases(file(tmp_path, text))
    assert says in str(caught.value)
    assert "cases.toml" in str(caught.value)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    for place in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(DataError, match="cannot read"):
            read_cases(place)
