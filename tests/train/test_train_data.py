import numpy as np
import pytest

from symgrad.errors import DataError, DefinitionError, SymgradError, UnknownNameError
from symgrad.train import Field, Fields, fields, make_inputs, make_table, read_inputs, read_table, split
from symgrad.train.layout import bind


def pair(inputs, targets, kind, classes):
    """Return what a network of one input and one target expects."""
    return Fields((Field("x", inputs),), (Field("t", targets, kind, classes),))


XOR = pair((2,), (1,), "free", 1)
LABELS = pair((2,), (), "labels", 3)
ONE_HOT = pair((2,), (3,), "one_hot", 3)
MIXED = pair((2,), (3,), "distribution", 3)


@pytest.fixture
def write(tmp_path):
    def save(text, name="data.csv"):
        path = tmp_path / name
        path.write_text(text)
        return path

    return save


def test_fields_of_kernels(kernel, classifier, variant):
    assert fields(kernel) == pair((None,), (None,), "free", None)
    assert fields(kernel, {"D": 4, "K": 2}) == pair((4,), (2,), "free", None)
    assert fields(classifier) == pair((2,), (), "labels", 3)
    symbolic = variant(classifier, PARAMETERS={"W": ("K", 2), "b": ("K",)}, LABELS={"t": "K"})
    assert fields(symbolic).targets[0].classes is None
    assert fields(symbolic, {"K": 5}).targets[0].classes == 5


def test_fields_refuses_wrong_sizes_and_formats(kernel, variant):
    with pytest.raises(UnknownNameError, match="unknown size 'H'"):
        fields(kernel, {"H": 4})
    with pytest.raises(DefinitionError, match="size D is 0"):
        fields(kernel, {"D": 0})
    with pytest.raises(DataError, match="format 1, not 2"):
        fields(variant(kernel, FORMAT=1))


def test_last_columns_are_targets(write):
    samples = read_table(write("a,b,y\n0,1,1\n1,1,0\n"), XOR)
    assert (samples.x.tolist(), samples.t.tolist()) == ([[0, 1], [1, 1]], [[1], [0]])
    assert samples.columns == ("a", "b")
    assert samples.x.flags.c_contiguous
    assert len(samples) == 2


def test_named_targets(write):
    path = write("y,a,b\n1,2,3\n")
    samples = read_table(path, XOR, targets=["y"])
    assert (samples.x.tolist(), samples.t.tolist(), samples.columns) == ([[2, 3]], [[1]], ("a", "b"))
    with pytest.raises(DataError, match=r"unknown column 'z'; known: y, a, b"):
        read_table(path, XOR, targets=["z"])
    with pytest.raises(
        DataError, match=r"3 columns, 2 of them for targets; the network wants 2 inputs and 1"
    ):
        read_table(path, XOR, targets=["y", "a"])
    with pytest.raises(DataError, match="has no header"):
        read_table(write("1,2,3\n"), XOR, targets=["y"], header=False)
    with pytest.raises(DataError, match="two columns are called 'y'"):
        read_table(write("y,y,b\n1,2,3\n"), XOR, targets=["y"])


def test_column_count_is_explained(write):
    with pytest.raises(DataError, match="has 5 columns, 1 of them for targets; the network wants 2 inputs"):
        read_table(write("a,b,c,d,e\n1,2,3,4,5\n"), XOR)
    with pytest.raises(DataError, match=r"wants 2 inputs and 3 targets \(or one column of classes\)"):
        read_table(write("a,b,c,d\n1,2,3,4\n"), ONE_HOT)


def test_symbolic_widths(write):
    path = write("a,b,c,y\n1,2,3,4\n")
    assert read_table(path, pair((None,), (1,), "free", 1)).x.shape == (1, 3)
    assert read_table(path, pair((3,), (None,), "free", None)).t.shape == (1, 1)
    assert read_table(path, pair((None,), (None,), "free", None), targets=["y", "a"]).t.tolist() == [[4, 1]]
    with pytest.raises(DataError, match="name them"):
        read_table(path, pair((None,), (None,), "free", None))


def test_labels(write):
    samples = read_table(write("a,b,c\n1,2,0\n3,4,2\n"), LABELS)
    assert samples.t.tolist() == [0, 2]
    assert samples.t.dtype == np.int64
    for value in ("3", "-1", "0.5"):
        with pytest.raises(DataError, match=rf"t, row 2: {value} is not one of the labels 0 to 2"):
            read_table(write(f"a,b,c\n1,2,0\n3,4,{value}\n"), LABELS)


def test_one_class_column_becomes_one_hot(write):
    for expected in (ONE_HOT, MIXED):
        samples = read_table(write("a,b,c\n1,2,0\n3,4,2\n"), expected)
        assert samples.t.tolist() == [[1, 0, 0], [0, 0, 1]]
    with pytest.raises(DataError, match="row 1: 7 is not one of the labels 0 to 2"):
        read_table(write("a,b,c\n1,2,7\n"), ONE_HOT)
    with pytest.raises(DefinitionError, match="number of classes is not known"):
        read_table(write("a,b,c\n1,2,1\n"), pair((2,), (None,), "one_hot", None), targets=["c"])


def test_target_rows_are_checked(write):
    header = "a,b,p,q,r\n"
    assert read_table(write(header + "1,2,0.25,0.25,0.5\n"), MIXED).t.tolist() == [[0.25, 0.25, 0.5]]
    assert read_table(write(header + "1,2,0.333333,0.333333,0.333334\n"), MIXED).t.shape == (1, 3)
    with pytest.raises(DataError, match="row 1: a target of kind one_hot has one 1 and zeros"):
        read_table(write(header + "1,2,0.25,0.25,0.5\n"), ONE_HOT)
    with pytest.raises(DataError, match="row 2: a target of kind distribution sums to 1"):
        read_table(write(header + "1,2,0.5,0.5,0\n1,2,0.5,0.5,0.1\n"), MIXED)
    with pytest.raises(DataError, match="row 1: a target of kind distribution"):
        read_table(write(header + "1,2,1.5,-0.5,0\n"), MIXED)


def test_single_probability():
    single = pair((2,), (1,), "distribution", 1)
    assert make_table(np.ones((2, 2)), np.array([0.2, 1]), single).t.tolist() == [[0.2], [1]]
    with pytest.raises(DataError, match="lies between 0 and 1"):
        make_table(np.ones((1, 2)), np.array([1.2]), single)
    with pytest.raises(DataError, match="is 0 or 1"):
        make_table(np.ones((1, 2)), np.array([0.5]), pair((2,), (1,), "one_hot", 1))


def test_npz(tmp_path):
    path = tmp_path / "data.npz"
    np.savez(path, x=np.eye(2, dtype=np.float32), t=np.array([2, 0], np.uint8))
    samples = read_table(path, LABELS)
    assert samples.x.dtype == np.float64
    assert samples.t.tolist() == [2, 0]
    assert read_table(path, ONE_HOT).t.tolist() == [[0, 0, 1], [1, 0, 0]]
    assert read_inputs(path, LABELS).x.tolist() == [[1, 0], [0, 1]]
    with pytest.raises(DataError, match="leave the target names out"):
        read_table(path, LABELS, targets=["t"])
    with pytest.raises(DataError, match=r"x has the shape \(2, 2\), but the network wants \(2, 3\)"):
        read_table(path, pair((3,), (), "labels", 3))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.eye(2)}, "has no array 't', only: x"),
        ({"x": np.array([["a", "b"]]), "t": np.zeros(1)}, "x holds <U1, not real numbers"),
        ({"x": np.eye(2) * 1j, "t": np.zeros(2)}, "x holds complex128"),
        ({"x": np.array([[1, np.nan]]), "t": np.zeros(1)}, "x is not finite at row, column 1, 2"),
        ({"x": np.eye(2), "t": np.zeros(3)}, "2 rows of x, but 3 of t"),
        ({"x": np.zeros((0, 2)), "t": np.zeros(0)}, "x is empty"),
        ({"x": np.array([[{}, {}]], object), "t": np.zeros(1)}, "something other than plain arrays"),
    ],
)
def test_npz_faults(tmp_path, arrays, message):
    path = tmp_path / "data.npz"
    np.savez(path, **arrays)
    with pytest.raises(DataError, match=message):
        read_table(path, LABELS)


def test_images_and_scalars_per_row():
    image = pair((1, 2, 2), (), "labels", 3)
    assert make_inputs(np.arange(8).reshape(2, 4), image).x.shape == (2, 1, 2, 2)
    assert make_inputs(np.arange(8).reshape(2, 1, 2, 2), image).x.shape == (2, 1, 2, 2)
    assert make_inputs(np.arange(3), pair((1,), (1,), "free", 1)).x.shape == (3, 1)
    assert make_inputs(np.arange(3)[:, None], pair((), (), "free", None)).x.shape == (3,)
    with pytest.raises(DefinitionError, match="open"):
        make_inputs(np.ones((2, 8)), pair((None, 2), (), "labels", 3))


def test_inputs_for_predictions(write):
    path = write("y,b,a\n9,2,1\n")
    assert read_inputs(path, XOR, columns=("a", "b")).x.tolist() == [[1, 2]]
    with pytest.raises(DataError, match="the column 'c' of the training data is not there"):
        read_inputs(path, XOR, columns=("a", "c"))
    assert read_inputs(write("1,2\n"), XOR, header=False).x.tolist() == [[1, 2]]
    assert read_inputs(write("1,2,9\n"), XOR, header=False).x.tolist() == [[1, 2]]
    assert read_inputs(write("1,2,1\n"), ONE_HOT, header=False).x.tolist() == [[1, 2]]
    with pytest.raises(DataError, match="has 4 columns; the network wants 2 inputs and 1 target"):
        read_inputs(write("1,2,3,4\n"), XOR, header=False)


def test_split_is_a_partition_that_depends_on_the_seed_alone(line):
    training, held_out = split(line, 0.2, seed=3)
    again, _ = split(line, 0.2, seed=3)
    assert (len(training), len(held_out)) == (40, 10)
    assert (training.x == again.x).all()
    assert not np.array_equal(training.x, split(line, 0.2, seed=4)[0].x)
    assert sorted(map(tuple, [*training.x, *held_out.x])) == sorted(map(tuple, line.x))
    assert np.allclose(held_out.t, held_out.x @ [[2], [-1]] + 1)


def test_split_leaves_a_row_on_each_side(line):
    two = make_table(np.eye(2), np.zeros(2), LABELS)
    assert [len(part) for part in split(two, 0.01, 0)] == [1, 1]
    assert [len(part) for part in split(two, 0.99, 0)] == [1, 1]
    assert split(two, 0, 0) == (two, None)
    one = make_table(np.eye(2)[:1], np.zeros(1), LABELS)
    with pytest.raises(DataError, match="only one row"):
        split(one, 0.2, 0)
    with pytest.raises(SymgradError, match="held-out share"):
        split(line, 1.0, 0)
    with pytest.raises(SymgradError, match="seed is -1"):
        split(line, 0.5, -1)


def test_bind_names_what_does_not_fit():
    assert bind("W", ("H", 3), (4, 3), {"H": 4}) == {"H": 4}
    with pytest.raises(DataError, match=r"W has the shape \(5, 3\), but the network wants \(4, 3\)"):
        bind("W", ("H", 3), (5, 3), {"H": 4})
    with pytest.raises(DataError, match=r"b has the shape \(5, 1\), but the network wants \(H,\)"):
        bind("b", ("H",), (5, 1), {})
