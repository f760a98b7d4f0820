"""From the text of a definition to nodes and terms."""

import pytest
import sympy as sp

from symgrad.errors import DefinitionError, FormulaError
from symgrad.model.definitions import define, define_all
from symgrad.model.expressions import Ref, index, size
from symgrad.model.functions import Equal
from symgrad.model.graph import Axis, Graph, Kind, Node
from symgrad.model.scope import Scope, check_scope

FUNCTIONS = {"exp": sp.exp, "log": sp.log, "sqrt": sp.sqrt, "max": sp.Max}
AXES = {"n": size("N"), "i": size("H"), "j": size("D"), "k": size(3), "c": size("H")}
N, H, D = AXES["n"], AXES["i"], AXES["j"]


def axes(letters):
    return tuple(Axis(letter, AXES[letter]) for letter in letters)


LEAVES = tuple(
    Node(name, axes(letters), Kind.INPUT)
    for name, letters in {"x": "nj", "W": "ij", "b": "i", "t": "ni", "s": "", "v": "k"}.items()
)
SCOPE = Scope(AXES, {}).plus(LEAVES)


def ref(name, letters=""):
    return Ref(name, map(index, letters))


X, W, B, T, S = ref("x", "nj"), ref("W", "ij"), ref("b", "i"), ref("t", "ni"), ref("s")


def terms(text):
    *auxiliaries, node = define("y", text, SCOPE, FUNCTIONS)
    Graph((*LEAVES, *auxiliaries, node))
    return [("".join(axis.letter for axis in term.bound), term.body) for term in node.terms]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[n,i] sum(j, W[i,j]*x[n,j]) + b[i]", [("nij", W * X), ("ni", B)]),
        ("mean(n, sum(i, 1/2*(b[i]-t[n,i])^2))", [("ni", (B - T) ** 2 / (2 * N))]),
        ("mean(n, i, t[n,i])", [("ni", T / (N * H))]),
        ("1/N*sum(n, i, t[n,i])", [("ni", T / N)]),
        ("2*(sum(i, b[i]*s - 3) - mean(n, s))", [("i", 2 * B * S), ("", -6 * H), ("", -2 * S)]),
        ("-(sum(i, b[i]) - s)/2", [("i", -B / 2), ("", S / 2)]),
        ("sum(i, s*sum(j, W[i,j] + 1))", [("ij", S * W), ("", S * H * D)]),
        ("[n,i] t[n,i] - b[i]", [("ni", T), ("ni", -B)]),
        ("2*(s + 1)^2", [("", 2 * (S + 1) ** 2)]),
        ("[k] v[2-k]", [("k", Ref("v", [2 - index("k")]))]),
        ("[n] x[n,0]*N", [("n", Ref("x", [index("n"), 0]) * N)]),
        ("[n] n", [("n", index("n"))]),
        ("s - s + 0", [("", S), ("", -S)]),
        ("0", [("", 0)]),
    ],
)
def test_summands_become_terms(text, expected):
    assert terms(text) == expected


def test_write_is_the_node_s_own_index():
    (node,) = define("z", "[n,i] sum(j, W[i,j]*x[n,j]) + b[i]", SCOPE, FUNCTIONS)
    assert node.axes == axes("ni")
    assert {term.write for term in node.terms} == {node.index}


def shape(node):
    return node.name, "".join(axis.letter for axis in node.axes), node.reduce, node.auxiliary


def test_a_sum_in_a_divisor_is_lifted():
    total, y = define("y", "[n,i] exp(t[n,i])/sum(c, exp(t[n,c]))", SCOPE, FUNCTIONS)
    assert shape(total) == ("y_sum1", "n", "sum", True)
    assert [term.body for term in total.terms] == [sp.exp(ref("t", "nc"))]
    assert y.terms[0].body == sp.exp(T) / ref("y_sum1", "n")


def test_a_maximum_alone_is_the_node_and_elsewhere_lifted():
    position, alone = define("m", "[n] max(i, t[n,i])", SCOPE, FUNCTIONS)
    assert shape(position) == ("m_arg", "n", "argmax", True)
    assert shape(alone) == ("m", "n", "sum", False)
    assert position.terms[0].bound == alone.terms[0].bound == axes("ni")
    assert position.terms[0].body == T
    assert alone.terms[0].body == Equal(ref("m_arg", "n"), index("i")) * T
    position, lifted, y = define("y", "[n,i] t[n,i] - max(c, t[n,c])", SCOPE, FUNCTIONS)
    assert shape(position) == ("y_max1_arg", "n", "argmax", True)
    assert shape(lifted) == ("y_max1", "n", "sum", True)
    assert [term.body for term in y.terms] == [T, -ref("y_max1", "n")]


def test_a_maximum_over_two_letters_counts_row_by_row():
    _, alone = define("m", "[n] max(i, j, t[n,i]*W[i,j])", SCOPE, FUNCTIONS)
    place = index("i") * SCOPE.axes["j"] + index("j")
    assert alone.terms[0].body == Equal(ref("m_arg", "n"), place) * T * ref("W", "ij")


def test_lifting_is_by_structure_and_inside_out():
    total, y = define("y", "sqrt(sum(i, b[i]^2)) + log(sum(i, b[i]^2))", SCOPE, FUNCTIONS)
    assert [term.body for term in y.terms] == [sp.sqrt(ref("y_sum1")), sp.log(ref("y_sum1"))]
    assert shape(total) == ("y_sum1", "", "sum", True)
    inner, outer, y = define("y", "exp(sum(i, log(sum(j, W[i,j]))))", SCOPE, FUNCTIONS)
    assert (shape(inner), shape(outer)) == (("y_sum1", "i", "sum", True), ("y_sum2", "", "sum", True))
    *_, y = define("y", "sum(i, b[i])*mean(k, v[k])", SCOPE, FUNCTIONS)
    assert y.terms[0].body == ref("y_sum1") * ref("y_mean1")


def test_lifted_names_avoid_what_is_taken():
    scope = SCOPE.plus([Node("y_sum1", (), Kind.INPUT)])
    assert define("y", "exp(sum(i, b[i]))", scope, FUNCTIONS)[0].name == "y_sum2"


def test_definitions_may_come_in_any_order():
    texts = {
        "J": "mean(n, sum(i, a[n,i]))",
        "a": "[n,i] exp(z[n,i])/sum(c, exp(z[n,c]))",
        "z": "[n,i] t[n,i]",
    }
    graph = Graph((*LEAVES, *define_all(texts, SCOPE, FUNCTIONS)), loss="J")
    assert [node.name for node in graph.nodes if not node.is_leaf] == ["z", "a_sum1", "a", "J"]


def test_a_cycle_is_named_by_the_graph():
    with pytest.raises(DefinitionError, match="the definitions form a cycle: p → q → p"):
        Graph(define_all({"p": "q + 1", "q": "p"}, SCOPE, FUNCTIONS))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("b[i]", "y: column 3: the index i is free; sum over it or put it into the brackets in front"),
        ("i", "y: column 1: the index i is free"),
        ("b", r"y: column 1: b has 1 subscript\(s\), found 0; write b\[i\]"),
        ("sum(j, W[j])", r"column 8: W has 2 subscript\(s\), found 1; write W\[i, j\]"),
        ("[n] b[n]", "column 7: the index n runs to N, but that axis of b has the size H"),
        ("v[3]", "column 3: the subscript 3 runs from 3 to 3, outside the axis of v, which runs from 0 to 2"),
        ("[k] v[k-1]", "column 8: the subscript k - 1 runs from -1 to 1, outside"),
        ("[i] sum(i, b[i])", "column 5: the index i is already in use around this sum"),
        ("sum(i, b[i]*sum(i, b[i]))", "column 13: the index i is already in use"),
        ("sum(i, b[i])*b[i]", "column 16: the index i is free"),
        ("[q] 1", "column 2: unknown name 'q'"),
        ("[N] 1", "column 1: found 'N' where an index letter belongs; known: n, i, j, k, c"),
        ("[n,n] 1", "found an axis twice"),
        ("sum(s, 1)", "found 's' where an index letter belongs"),
        ("[i] b[s]", "column 7: found the node s as a subscript"),
        ("N[i]", "N is a number and takes no subscripts"),
        ("y + 1", "column 1: unknown name 'y'"),
        ("1/2 s", "column 5: found 's' beside a divisor"),
        ("s/0", "column 3: found a division by zero"),
        ("x[n", "column 4: found the end"),
    ],
)
def test_a_refusal_has_the_name_and_the_column(text, message):
    with pytest.raises(FormulaError, match=message):
        define("y", text, SCOPE, FUNCTIONS)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("x", "the node name 'x' is already the name of a node"),
        ("N", "the node name 'N' is already the name of a size"),
        ("n", "the node name 'n' is already the name of an index"),
        ("exp", "the node name 'exp' is already the name of a function"),
        ("for", "reserved word"),
        ("y'", "column 2"),
    ],
)
def test_a_name_is_used_once(name, message):
    with pytest.raises(DefinitionError, match=message):
        define(name, "1", SCOPE, FUNCTIONS)


def test_a_scope_keeps_its_names_apart():
    with pytest.raises(DefinitionError, match="'N' names both an index and a size; rename one of the two"):
        check_scope(Scope({"N": size("N")}, {}))
    with pytest.raises(DefinitionError, match="'D' names both a size and a node"):
        check_scope(SCOPE.plus([Node("D", (), Kind.INPUT)]))
