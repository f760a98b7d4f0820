import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgrad.errors import DataError
from symgrad.train.tables import read_csv


@pytest.fixture
def csv(tmp_path):
    def write(text, **kwargs):
        path = tmp_path / "data.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_csv(path, **kwargs)

    return write


def test_header_and_numbers(csv):
    cells = csv("x1, x2 ,t\n1,2.5,-3e2\n4,5,6\n")
    assert cells.columns == ("x1", "x2", "t")
    assert cells.values.tolist() == [[1, 2.5, -300], [4, 5, 6]]


def test_one_row_without_header(csv):
    cells = csv("1,2\n", header=False)
    assert cells.columns == ()
    assert cells.values.tolist() == [[1, 2]]


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbfa,b\r\n1,2\r\n3,4\r\n\r\n",
        b'"a","b"\n"1","2"\n3,4\n\n  \n',
        b"a,b\r1,2\r3,4",
        b"\n\na,b\n\n1,2\n\n3,4",
        b"a,b\n 1 ,\t2\n3,4\n",
        b'"a","b"\n1,2\n"3",4',
    ],
)
def test_spellings_of_one_table(csv, text):
    cells = csv(text)
    assert cells.columns == ("a", "b")
    assert cells.values.tolist() == [[1, 2], [3, 4]]


def test_header_over_two_lines_counts_lines_rightly(csv):
    with pytest.raises(DataError, match=r"line 4, column 2 \(b\): 'no' is not a number"):
        csv('"a\nunit",b\n1,2\n1,no\n')


def test_header_of_counted_columns_is_a_header(csv):
    assert csv("0,1,2\n5,6,7\n").values.tolist() == [[5, 6, 7]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("a,b\n", "has a header, but no rows"),
        ("a,b\n\n\n", "has a header, but no rows"),
        ('a,b\n"', "has a header, but no rows"),
        ("0.5,1.5\n1,2\n", "line 1: the header holds numbers.*--no-header"),
        ("a,b\n1,2\n3,word\n", r"line 3, column 2 \(b\): 'word' is not a number$"),
        ("a,b\n1,2\n\n3,word\n", r"line 4, column 2"),
        ("a,b\n1,\n", r"line 2, column 2 \(b\): the cell is empty"),
        ("a,b\n1,nan\n", r"line 2, column 2 \(b\): 'nan' is not a finite number"),
        ("a,b\n-inf,1\n", r"column 1 \(a\): '-inf' is not a finite number"),
        ("a,b\n1e400,1\n", "'1e400' is not a finite number"),
        ("a,b\n1_0,1\n", "'1_0' is not a number"),
        ("a,b\n1,0x10\n", "'0x10' is not a number"),
        ("a,b\n1,2\n1,2,3\n", "line 3: 3 cells, but 2 in the header"),
        ("a,b\n1,2,3\n4,5,6\n", "line 2: 3 cells, but 2 in the header"),
        ("a,b\n1,2\n1\n", "line 3: 1 cells, but 2"),
        ("a,b\n1,2,\n", "line 2: 3 cells, but 2"),
        ("a;b\n1;2\n", "separated by semicolons: separate its cells by commas"),
        ("a\tb\n1\t2\n", "separated by tabs"),
        ("a,b\n1," + "y" * 99 + "\n", "'y{39}…' is not a number"),
        (b"a,b\n1,\xff\n", "is not UTF-8 text"),
        ("a,b\n1,2\x00\n", "is not a number"),
        ("a,b\n1," + "9" * 200_000 + "\n", "line 2: field larger than field limit"),
    ],
)
def test_faults_are_named(csv, text, message):
    with pytest.raises(DataError, match=message) as caught:
        csv(text)
    assert "\n" not in str(caught.value)


def test_first_line_of_words_without_header(csv):
    with pytest.raises(DataError, match=r"line 1, column 1: 'a' is not a number \(if the first line"):
        csv("a,b\n1,2\n", header=False)


def test_ragged_without_header(csv):
    with pytest.raises(DataError, match="line 2: 3 cells, but 2 in the first row"):
        csv("1,2\n1,2,3\n", header=False)


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(DataError, match=r"cannot read .*none\.csv: No such file"):
        read_csv(tmp_path / "none.csv")
    with pytest.raises(DataError, match=r"cannot read .*directory"):
        read_csv(tmp_path)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=9))
def test_numbers_round_trip(tmp_path_factory, numbers):
    path = tmp_path_factory.mktemp("csv") / "data.csv"
    path.write_text("".join(f"{number!r},1\n" for number in numbers))
    assert read_csv(path, header=False).values[:, 0].tolist() == numbers
