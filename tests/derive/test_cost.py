"""Operations counted without writing anything out are those of what is written out."""

import ast
import re
from collections.abc import Mapping
from dataclasses import replace

import pytest
import sympy as sp

import symgrad as sg
from symgrad.derive.cost import Cost, cost
from symgrad.derive.growth import growth
from symgrad.derive.operations import backward, operations
from symgrad.derive.paths import paths
from symgrad.derive.styles import each_path
from symgrad.derive.views import View
from symgrad.errors import DefinitionError, LimitError
from symgrad.model.expressions import Ref, size
from symgrad.model.free import Definitions
from symgrad.model.graph import Graph
from symgrad.model.instances import instantiate
from symgrad.model.model import Model
from symgrad.network import Network

x, y, z, n = Ref("x"), Ref("y"), Ref("z"), size("N")


@pytest.mark.parametrize(
    ("body", "number"),
    [
        (x, 0), (-x, 0), (1 / x, 1), (x - y, 1), (x + y + z, 2), (-x * y, 1), (2 * x, 1), (x / y, 1),
        (x * y / (2 * n), 2), (1 / (x * y), 2), (x / y**2, 2), (x**-2, 2), ((x - y) ** 2 / 2, 3),
        (sp.exp(-x), 1), (sp.exp(x + y) / z, 3), (x * (1 - x), 2), (sp.Max(x, 0), 1), (sp.sqrt(x), 1),
        (sp.Integer(3) / n, 0),
    ],
)  # fmt: skip
def test_operations_are_counted_as_people_count_them(body: sp.Expr, number: int) -> None:
    assert operations(body) == number


def written(body: object) -> int:
    """Count operators and calls in a text, as Python reads it."""
    return sum(isinstance(part, ast.BinOp | ast.Call) for part in ast.walk(ast.parse(str(body), mode="eval")))


def definitions(graph: Graph) -> Mapping[str, str]:
    return {
        node.name: " + ".join(f"({term.body})" for term in node.terms) or "0"
        for node in graph.nodes
        if not node.is_leaf
    }


def opened(text: str, table: Mapping[str, str]) -> int:
    """Count what a text takes with every definition in the place of its name, again and again."""
    names = [part.id for part in ast.walk(ast.parse(text, mode="eval")) if isinstance(part, ast.Name)]
    return written(text) + sum(opened(table[name], table) for name in names if name in table)


SMALL: Mapping[str, Network] = {
    "3-2-2": sg.mlp([3, 2, 2], output="identity"),
    "2-3-2-2": sg.mlp([2, 3, 2, 2], hidden="tanh", bias="layer"),
    "2-3-3 softmax": sg.mlp([2, 3, 3], output="softmax", loss="cross_entropy", targets="one_hot"),
    "softmax, squared error": sg.mlp([2, 2, 3], output="softmax"),
}


@pytest.mark.parametrize("name", SMALL)
def test_trees_and_totals_are_those_of_the_texts(name: str) -> None:
    net = SMALL[name]
    model = net.model
    sizes = model.numbers()
    derived, delta = backward(model.graph, model.loss)
    whole, forward = instantiate(derived, sizes), instantiate(model.graph, sizes)
    table, found = definitions(whole), cost(View(model, "neuron"))
    assert found.loss == sum(map(written, definitions(forward).values()))
    assert found.by_deltas == sum(written(table[n]) for n in table if n not in forward)
    made = [n for n in table for d in delta.values() if n == d or n.startswith(f"{d}_")]
    assert found.trees == sum(opened(table[n], table) for n in made)
    assert found.entries == len(made)


@pytest.mark.parametrize("name", SMALL)
def test_paths_are_those_that_are_listed_and_multiplied_out(name: str) -> None:
    view = SMALL[name].at_level("neuron").view
    found = {row.name: row for row in cost(view).parameters}
    for parameter in view.parameters:
        listed = each_path(view.graph, paths(view.graph, parameter), parameter)
        products = [[f for s in summands for f in s.factors if f not in (1, -1)] for summands in listed]
        inside = sum(written(factor) for factors in products for factor in factors)
        joints = sum(max(len(factors) - 1, 0) for factors in products)
        assert (
            found[parameter].paths == len(products) == SMALL[name].at_level("neuron").count_paths(parameter)
        )
        assert found[parameter].by_paths == inside + joints + len(products) - 1


def in_print(formula: str) -> int:
    """Count the operations of a printed formula: signs between operands, and operands side by side."""
    found, operand = 0, False
    for part in re.findall(r"[a-zδ][a-z0-9_]*|[0-9]+|[²()+−·/]", formula):
        joins = part in "+−·/"
        found += part == "²" or (operand and (joins or part != ")"))
        operand = not joins and part != "("
    return found


@pytest.mark.parametrize(("formula", "number"), [("(w5 δq1 + δq2) · a1 (1 − a1²)", 6), ("−x_1 y / (2 z)", 3)])
def test_what_is_printed_is_counted_as_people_do(formula: str, number: int) -> None:
    assert in_print(formula) == number


PRINTED: Mapping[str, Network] = {
    **{name: sg.zoo(name) for name in ("worked_2_2_2", "classifier_3_3_3", "classifier_3_3_3_softmax")},
    **{name: SMALL[name] for name in ("3-2-2", "2-3-2-2", "2-3-3 softmax")},
}


@pytest.mark.parametrize("name", PRINTED)
def test_deltas_cost_what_is_printed(name: str) -> None:
    neurons = PRINTED[name].at_level("neuron")
    texts = (neurons.gradient(name)["delta"].unicode for name in neurons.view.parameters)
    lines = {line.partition("=")[2] for text in texts for line in text.splitlines() if line[0] in "δ∂"}
    assert cost(neurons.view).by_deltas == sum(map(in_print, lines))


def totals(found: Cost) -> list[sp.Expr]:
    return [found.loss, found.trees, found.by_paths, found.graph, found.by_deltas, found.paths, found.entries]


RESIDUAL = sg.sequential(
    "H", ["dense H", "tanh", sg.residual(sg.dense("H"), "tanh"), "softmax"], loss="cross_entropy"
)
OPEN: Mapping[str, tuple[Model, Mapping[str, int]]] = {
    "mlp": (sg.zoo("mlp").model, {"D": 3, "H1": 2, "H2": 4, "K": 2}),
    "skip": (sg.zoo("skip").model, {"D": 2, "H": 3, "K": 2}),
    "logistic regression": (sg.zoo("logistic_regression").model, {"D": 5}),
    "residual": (RESIDUAL.model, {"H": 3}),
    "labels": (
        sg.mlp(["D", "H", "K"], output="softmax", loss="cross_entropy", targets="labels").model,
        {"D": 2, "H": 3, "K": 4},
    ),
}


@pytest.mark.parametrize("name", OPEN)
def test_formulas_in_open_sizes_are_the_counts_of_single_entries(name: str) -> None:
    model, sizes = OPEN[name]
    sized = Network(model, "layer").at_level("neuron")
    numbers = {size(k): sp.Integer(v) for k, v in sizes.items()}
    formulas = [count.xreplace(numbers) for count in totals(cost(View(model, "layer")))]
    single = View(replace(sized.model, sizes=sizes), "neuron")
    assert formulas == totals(cost(single))
    assert any(count.free_symbols for count in totals(cost(View(model, "layer"))))


def test_a_recurrence_costs_what_it_costs_written_out() -> None:
    net = sg.sequential(("T", "D"), ["rnn H"], loss="squared_error")
    model = replace(net.model, sizes={"T": 3, "D": 2, "H": 2})
    along, unrolled = Network(model, "layer").cost(), Network(model, "layer").unroll("s", 3).cost()
    assert along.cost.loss == unrolled.cost.loss
    assert along.cost.paths == unrolled.cost.paths
    assert along.cost.sizes["T"] == 3


def test_paths_explode_and_deltas_stay_linear() -> None:
    depth, width = growth(sg.mlp([3, 4, 4, 2]).model)
    steps = [later.by_deltas - earlier.by_deltas for (_, earlier), (_, later) in
             zip(depth.rows, depth.rows[1:], strict=False)]  # fmt: skip
    assert len(set(steps)) == 1
    assert all(later.paths > 3 * earlier.paths for (_, earlier), (_, later) in
               zip(depth.rows, depth.rows[1:], strict=False))  # fmt: skip
    assert dict(width.rows)[4].paths == sg.mlp([3, 4, 4, 2]).cost().cost.paths == dict(depth.rows)[2].paths


def test_what_is_not_layered_any_more_has_no_curve() -> None:
    net = sg.mlp([2, 3, 2])
    assert growth(net.model)
    assert (
        growth(net.define({"p": "H", "q": "D"}, total="J + sum(p, q, W1[p,q]^2)").minimise("total").model)
        == ()
    )
    assert growth(sg.zoo("skip").model) == ()
    assert growth(sg.mlp([2, 2]).model) == ()
    (only,) = growth(sg.mlp([2, 3, 3, 2], hidden=("tanh", "relu")).model)
    assert only.over == "width"


def test_without_loss_or_parameters_there_is_one_clear_error() -> None:
    free = Definitions({"n": "N"}, {"u": "n"}, {}, {"w": "n"}, {"v": "[n] u[n]*w[n]"})
    with pytest.raises(DefinitionError, match="has no loss"):
        sg.define(free).cost()
    bare = Definitions({"n": "N"}, {"u": "n"}, {}, {}, {"J": "sum(n, u[n]^2)"})
    with pytest.raises(DefinitionError, match="no parameters"):
        sg.define(bare).cost()


def test_entries_that_are_too_many_to_count_one_by_one_are_refused() -> None:
    wide = sg.sequential((3, 32, 32), ["conv2d 16 3", "flatten", "dense 10"], loss="squared_error")
    message = "entries of .* are counted one by one: .* more than 200,000; .* smaller sizes"
    with pytest.raises(LimitError, match=message):
        wide.cost()
    assert sg.sequential((1, 5, 5), ["conv2d 2 3"], loss="squared_error").cost().cost.by_deltas > 0


def test_a_deep_network_names_its_sizes_in_short() -> None:
    title, *_ = sg.mlp([8] * 52).cost().text.splitlines()
    assert title.endswith(" at N = 1, D, H1 … H50, K = 8")
    assert (
        sg.mlp([2] * 14).at_level("neuron").cost().text.splitlines()[0].endswith("D, H1 … H12, K = 2, N = 1")
    )
