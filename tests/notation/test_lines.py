from symgrad.derive.deltas import deltas
from symgrad.derive.formulas import Delta, Derivative, Formula, Line, Summand
from symgrad.derive.rewrite import simplify
from symgrad.derive.styles import chain, local
from symgrad.model.expressions import Ref, index, size
from symgrad.model.graph import Axis, Graph, Kind, Node, Term
from symgrad.notation import latex, unicode
from symgrad.notation.layout import Block
from symgrad.notation.lines import definition_block, formula_block
from symgrad.notation.roles import Roles
from tests.notation.networks import classifier, deep, softmax_classifier


def graph_block(graph: Graph) -> Block:
    """Return the layouts of all definitions of a graph, parents first."""
    roles = Roles.of(graph)
    return Block(tuple(e for node in graph.nodes for e in definition_block(node, roles).equations))


def text(block: Block) -> list[str]:
    return unicode.write_block(block).split("\n")


def test_s1_local_form_has_one_path_a_line() -> None:
    graph = classifier().neurons()
    assert text(formula_block(local(graph, "w1"), Roles.of(graph))) == [
        "∂J/∂w1 = (o1 − t1) · o1 (1 − o1) · w10 · a1 (1 − a1) · x1",
        "       + (o2 − t2) · o2 (1 − o2) · w11 · a1 (1 − a1) · x1",
        "       + (o3 − t3) · o3 (1 − o3) · w12 · a1 (1 − a1) · x1",
    ]


def test_s1_chain_form() -> None:
    graph = classifier().neurons()
    assert text(formula_block(chain(graph, "w10"))) == ["∂J/∂w10 = ∂J/∂o1 · ∂o1/∂q1 · ∂q1/∂w10"]
    assert (
        text(formula_block(chain(graph, "w1")))[1]
        == "       + ∂J/∂o2 · ∂o2/∂q2 · ∂q2/∂a1 · ∂a1/∂z1 · ∂z1/∂w1"
    )


def test_s1_in_latex() -> None:
    graph = classifier().neurons()
    assert latex.write_block(formula_block(local(graph, "w10"))) == (
        r"\frac{\partial J}{\partial w_{10}} = (o_{1} - t_{1}) \cdot o_{1} (1 - o_{1}) \cdot a_{1}"
    )
    rows = latex.write_block(formula_block(local(graph, "w1"))).split("\n")
    assert (rows[0], rows[-1]) == (r"\begin{aligned}", r"\end{aligned}")
    assert rows[2] == (
        r"&\quad + (o_{2} - t_{2}) \cdot o_{2} (1 - o_{2})"
        r" \cdot w_{11} \cdot a_{1} (1 - a_{1}) \cdot x_{1} \\"
    )


def test_s1_softmax_has_nine_paths() -> None:
    graph = softmax_classifier().neurons()
    lines = text(formula_block(local(graph, "w1"), Roles.of(graph)))
    assert len(lines) == 9
    assert lines[0] == "∂J/∂w1 = −t1/o1 · o1 (1 − o1) · w10 · a1 (1 − a1) · x1"
    assert lines[4] == "       − t2/o2 · o2 (1 − o2) · w11 · a1 (1 − a1) · x1"


def test_s1_definitions() -> None:
    lines = text(graph_block(classifier().neurons()))
    assert lines[0] == "z1 = w1 x1 + w4 x2 + w7 x3 + b1"
    assert lines[3] == "a1 = σ(z1)"
    assert lines[6] == "q1 = w10 a1 + w13 a2 + w16 a3 + b4"
    assert lines[-1] == "J = ½ (o1 − t1)² + ½ (o2 − t2)² + ½ (o3 − t3)²"


def test_layer_view_definitions() -> None:
    assert text(graph_block(softmax_classifier().graph)) == [
        "z1[n,i] = Σ_j W1[i,j] x[n,j] + b1[i]",
        "a1[n,i] = σ(z1[n,i])",
        "q[n,i] = Σ_j W2[i,j] a1[n,j] + b2",
        "o_exp[n,i] = exp(q[n,i])",
        "o_sum[n] = Σ_i o_exp[n,i]",
        "o[n,i] = o_exp[n,i]/o_sum[n]",
        "J = −1/N · Σ_n,i t[n,i] log(o[n,i])",
    ]


def test_deltas_print_as_deltas() -> None:
    model = deep("D", "H", "K")
    backward = simplify(deltas(model.graph), [p.name for p in model.graph.parameters]).backward
    made = Graph(tuple(n for n in backward.graph.nodes), backward.graph.loss)
    lines = text(graph_block(made))[5:]
    assert "δz2[n,i] = 1/N · (y[n,i] − t[n,i]) y[n,i] (1 − y[n,i])" in lines
    assert "δz1[n,i] = Σ_j W2[j,i] δz2[n,j] · a1[n,i] (1 − a1[n,i])" in lines
    assert "∂J/∂W1[i,j] = Σ_n δz1[n,i] x[n,j]" in lines
    assert r"\frac{\partial J}{\partial b^{(1)}_{i}} &= \sum_{n} \delta_{z^{(1)}_{ni}}" in latex.write_block(
        graph_block(made)
    )


def test_numbers_and_sizes_stand_before_the_sum() -> None:
    graph = deep("D", "K").graph
    (line,) = text(formula_block(local(graph, "b1")))
    assert line == "∂J/∂b1[i] = 1/N · Σ_n (y[n,i] − t[n,i]) · y[n,i] (1 − y[n,i])"


def test_a_formula_names_its_own_deltas_inside_expressions() -> None:
    z, q = Ref("z1"), Ref("q1")
    formula = Formula(
        "delta",
        (
            Line(Delta("J", q, leaf=False), (Summand((), (Ref("o1") - Ref("t1"),)),)),
            Line(Delta("J", z, leaf=False), (Summand((), (Ref("w10") * Ref("dq1") + 1, Ref("a1"))),)),
            Line(Derivative(Ref("J"), Ref("w1")), (Summand((), (Delta("J", z, leaf=False), Ref("x1"))),)),
        ),
        ("Σ_i t[n,i] = 1", "t1 + t2 = 1", "the targets are fixed"),
    )
    block = formula_block(formula)
    assert text(block) == [
        "δq1 = o1 − t1",
        "δz1 = (w10 δq1 + 1) · a1",
        "∂J/∂w1 = δz1 · x1",
        "  used: Σ_i t[n,i] = 1",
        "  used: t1 + t2 = 1",
        "  used: the targets are fixed",
    ]
    assert latex.write_block(block).split("\n")[4:7] == [
        r"&\text{used: } \sum_{i} t_{ni} = 1 \\",
        r"&\text{used: } t_{1} + t_{2} = 1 \\",
        r"&\text{used: } \text{the targets are fixed}",
    ]


def test_the_target_stands_last_where_the_sign_is_free() -> None:
    for loss, text_of_loss in (
        ("absolute_error", "|y[n,i] − t[n,i]|"),
        ("sum_of_squares", "(y[n,i] − t[n,i])²"),
    ):
        model = deep("D", "K", output="identity", loss=loss)
        assert text(graph_block(model.graph))[-1] == f"J = 1/N · Σ_n,i {text_of_loss}"


def test_no_summand_is_zero() -> None:
    assert text(formula_block(Formula("local", (Line(Derivative(Ref("J"), Ref("w")), ()),)))) == ["∂J/∂w = 0"]


def test_a_scatter_that_cannot_be_solved_is_added_up() -> None:
    i, k = Axis("i", size("N")), Axis("k", size(3))
    landing = 2 * index("i") + index("k")
    node = Node("z", (Axis("p", size("M")),), terms=(Term((landing,), (i, k), Ref("x", (index("i"),))),))
    assert text(definition_block(node)) == ["z[2i+k] += x[i]"]
    assert latex.write_block(definition_block(node)) == r"z_{2 i + k} \mathrel{+}= x_{i}"


def test_a_maximum_and_a_leaf() -> None:
    n, i = Axis("n", size("N")), Axis("i", size("K"))
    node = Node("m", (n,), terms=(Term((n.symbol,), (n, i), Ref("z", (n.symbol, i.symbol))),), reduce="max")
    assert text(definition_block(node)) == ["m[n] = max_i z[n,i]"]
    assert definition_block(Node("x", kind=Kind.INPUT)).equations == ()
