"""Definitions along an ordered axis: read, ordered, written out, derived."""

from fractions import Fraction
from math import prod

import pytest

import symgrad as sg
from symgrad.derive.agreement import against_witness, at_sizes, expansion, induction
from symgrad.derive.deltas import deltas
from symgrad.derive.scalars import evaluate
from symgrad.errors import DefinitionError, FormulaError, UnknownNameError
from symgrad.exact.decimals import Decimals
from symgrad.model.free import Definitions, define_model
from symgrad.model.graph import Graph, Group
from symgrad.model.instances import instantiate, size_symbols
from symgrad.model.unroll import unroll

TINY = Fraction(1, 10**40)
AXES = {"n": "N", "t": "T", "i": "H", "j": "H", "k": "D"}


def recurrent(nodes=None, initial=None, **leaves):
    parameters = {"U": "i j", "V": "i k", "b": "i", **leaves}
    chosen = nodes or {
        "z": "[n,t,i] sum(k, V[i,k]*x[n,t,k]) + sum(j, U[i,j]*h[n,t-1,j]) + b[i]",
        "h": "[n,t,i] tanh(z[n,t,i])",
        "J": "mean(n, sum(i, (h[n,T-1,i] - y[n,i])^2))",
    }
    spec = Definitions(
        AXES,
        {"x": "n t k"},
        {"y": "n i"},
        parameters,
        chosen,
        {"h": "0"} if initial is None else initial,
    )
    return define_model("rnn", spec).graph


def test_a_recurrence_is_one_group_and_its_deltas_walk_back():
    graph = recurrent()
    assert [group for group in graph.groups if group.along] == [Group(("z", "h"), "t", 1)]
    backward = deltas(graph, ["U", "V", "b"])
    assert [group for group in backward.graph.groups if group.step < 0] == [Group(("dh", "dz"), "t", -1)]


def test_an_initial_value_stands_before_the_beginning():
    z = recurrent(initial={"h": "[n,i] h0[i]"}, h0="i")["z"]
    assert [str(term.write) for term in z.terms] == ["(n, t, i)", "(n, 0, i)", "(n, t + 1, i)", "(n, t, i)"]
    assert "h0[j]" in str(z.terms[1].body)


@pytest.mark.parametrize("initial", [{"h": "0"}, {"h": "[n,i] h0[i]"}])
@pytest.mark.parametrize("length", [1, 2, 3])
def test_the_recurrence_is_the_unrolled_network(initial, length):
    graph = recurrent(initial=initial, h0="i")
    sizes = {"N": 2, "T": length, "H": 2, "D": 1}
    names = ["U", "V", "b", "h0"]
    whole, written = deltas(graph, names), deltas(unroll(graph, "t", length), names)
    algebra = Decimals()
    one, other = (values(backward.graph, sizes, algebra) for backward in (whole, written))
    entries = [key for name in names for key in one if key.startswith(f"{whole.delta[name]}_")]
    assert len(entries) == sum(prod({"H": 2, "D": 1}[str(s)] for s in graph[name].shape) for name in names)
    for entry in ("J", *entries):
        assert abs(one[entry] - other[entry]) < TINY


def values(graph, sizes, algebra, given=None):
    """Evaluate at given sizes, leaves at numbers made from their names."""
    scalars = instantiate(graph, sizes)
    leaves = (node.name for node in scalars.nodes if node.is_leaf)
    points = given or {name: Fraction(sum(map(ord, name)) % 31 - 15, 17) for name in leaves}
    return evaluate(scalars, algebra, {name: algebra.number(value) for name, value in points.items()})


def test_backpropagation_through_time_is_proved():
    graph = recurrent()
    backward = deltas(graph, ["U", "V", "b"])
    assert induction(graph, backward).evidence == "proved"
    instance = at_sizes(graph, backward, {"N": 1, "T": 3, "H": 1, "D": 1})
    assert {f.evidence for f in against_witness(instance, ["U", "V", "b"]).values()} == {"proved"}
    assert expansion(instance, "U").evidence == "proved"


def test_two_steps_back_and_a_value_behind_the_end():
    nodes = {
        "s": "[t] x1[t] + 1/2*s[t-1] - 1/3*s[t-2]",
        "r": "[t] s[t]*r[t+1]",
        "J": "sum(t, r[t])",
    }
    spec = Definitions({"t": "T"}, {"x1": "t"}, {}, {}, nodes, {"s": "0", "r": "1"})
    graph = define_model("lags", spec).graph
    assert [(g.names, g.step) for g in graph.groups if g.along] == [(("s",), 1), (("r",), -1)]
    points = {"x1_1": Fraction(1), "x1_2": Fraction(2), "x1_3": Fraction(3)}
    algebra = Decimals()
    found = values(graph, {"T": 3}, algebra, points)
    s1, s2 = Fraction(1), Fraction(2) + Fraction(1, 2)
    s3 = 3 + s2 / 2 - s1 / 3
    expected = s3 + s2 * s3 + s1 * s2 * s3
    assert abs(found["J"] - algebra.number(expected)) < TINY


def test_a_stack_of_equal_layers_is_a_recurrence():
    nodes = {
        "a": "[l,n,i] tanh(z[l,n,i])",
        "z": "[l,n,i] sum(j, W[l,i,j]*a[l-1,n,j])",
        "J": "sum(n, i, a[L-1,n,i]^2)",
    }
    axes = {"l": "L", "n": "N", "i": "H", "j": "H"}
    spec = Definitions(axes, {"x": "n i"}, {}, {"W": "l i j"}, nodes, {"a": "[n,i] x[n,i]"})
    graph = define_model("stack", spec).graph
    assert [(g.along, g.step) for g in graph.groups if g.along] == [("l", 1)]
    backward = deltas(graph, ["W"])
    assert [(g.along, g.step) for g in backward.graph.groups if g.along] == [("l", 1), ("l", -1)]
    assert induction(graph, backward).evidence == "proved"


COMPLAINTS = {
    "a recurrence without initial value": (
        {"z": "[n,t,i] h[n,t-1,i]", "h": "[n,t,i] tanh(z[n,t,i])"},
        {},
        FormulaError,
        'for a recurrence say what stands there, as in initial = {"h": "0"}',
    ),
    "an initial value of an unknown node": (
        {"z": "[n,t,i] x[n,t,0]"},
        {"q": "0"},
        UnknownNameError,
        "unknown node 'q'",
    ),
    "letters that do not fit": (
        {"h": "[n,t,i] tanh(h[n,t-1,i])"},
        {"h": "[i] b[i]"},
        DefinitionError,
        "the initial value of h[n,t,i] needs all of its letters but one, found [i]",
    ),
    "no constant step": (
        {"h": "[n,t,i] tanh(h[n,0,i])"},
        {"h": "0"},
        DefinitionError,
        "the definitions form a cycle: h → h; a recurrence goes back by a constant along one axis",
    ),
    "both ways": (
        {"h": "[n,t,i] h[n,t-1,i] + h[n,t+1,i]"},
        {"h": "0"},
        DefinitionError,
        "the definitions form a cycle",
    ),
}


@pytest.mark.parametrize("case", COMPLAINTS)
def test_what_is_no_recurrence_is_named(case):
    nodes, initial, kind, message = COMPLAINTS[case]
    with pytest.raises(kind) as error:
        recurrent(nodes, initial)
    assert message in str(error.value)


def test_unroll_names_what_it_misses():
    with pytest.raises(DefinitionError, match="there is no recurrence along n; there are: t"):
        unroll(recurrent(), "n", 2)
    with pytest.raises(DefinitionError, match="the length of t is 0"):
        unroll(recurrent(), "t", 0)
    written = unroll(recurrent(), "t", 4)
    with pytest.raises(DefinitionError, match="there is no recurrence along t; there are: none"):
        unroll(written, "t", 4)
    assert isinstance(written, Graph)
    assert {"h_1", "h_4", "x"} <= set(written.by_name)


def test_unroll_does_not_give_one_length_to_two_sizes():
    def walked(length, x, h):
        nodes = {h: f"[t] {h}[t-1] + {x}[t]", "J": f"{h}[{length}-1]"}
        spec = Definitions({"t": length}, {x: "t"}, {}, {}, nodes, initial={h: "0"})
        return define_model("walk", spec).graph.nodes[:-1]

    both = Graph((*walked("T", "x", "h"), *walked("S", "y", "g")))
    with pytest.raises(DefinitionError, match="recurrences along t have the lengths S and T; give each"):
        unroll(both, "t", 2)


@pytest.mark.parametrize("length", [1, 3])
def test_a_maximum_over_steps_keeps_its_place_where_they_are_written_out(length):
    def graph(largest):
        nodes = {"h": "[t,k] u*h[t-1,k] + x[t,k]", "m": largest, "J": "m"}
        spec = Definitions({"t": "T", "k": 2}, {"x": "t k"}, {}, {"u": ""}, nodes, initial={"h": "0"})
        return define_model("largest", spec).graph

    leaves = {f"x_{t + 1}_{k + 1}": (7 * t + 5 * k) % 4 for t in range(length) for k in range(2)} | {"u": 1}
    whole = instantiate(graph("max(t, k, h[t,k])"), {"T": length})
    cut = instantiate(unroll(graph("max(t, k, h[t,k])"), "t", length), {})
    algebra = Decimals()
    given = {n.name: algebra.number(leaves[n.name]) for n in whole.nodes if n.is_leaf}
    one, other = (evaluate(g, algebra, given) for g in (whole, cut))
    assert float(one["m_arg"]) == float(other["m_arg"])
    assert float(one["m"]) == float(other["m"])
    with pytest.raises(DefinitionError, match=r"m_arg counts over k before t; .* max\(t, k, …\)"):
        unroll(graph("max(k, t, h[t,k])"), "t", length)


def test_a_recurrence_along_two_axes_is_refused():
    nodes = {"s": "[t,u] x[t,u] + s[t-1,u] + s[t,u-1]", "J": "sum(t, u, s[t,u])"}
    spec = Definitions({"t": "T", "u": "U"}, {"x": "t u"}, {}, {}, nodes, {"s": "0"})
    with pytest.raises(
        DefinitionError, match="it goes back along t and along u, but a recurrence walks along"
    ):
        define_model("grid", spec)


def test_two_axes_may_be_walked_where_one_orders_all_steps():
    nodes = {"s": "[t,u] x[t,u] + s[t-1,u] + s[t-1,u-1]", "J": "sum(t, u, s[t,u])"}
    spec = Definitions({"t": "T", "u": "U"}, {"x": "t u"}, {}, {}, nodes, {"s": "0"})
    assert define_model("grid", spec).graph.groups[1] == Group(("s",), "t", 1)


@pytest.mark.parametrize("name", ["Ui1", "Vf1", "bo1"])
def test_one_parameter_is_derived_through_the_whole_recurrence(name):
    draft = sg.Draft("lstm")
    y = draft.dense(draft.lstm(draft.input("x", "T", 1), 1, last=True), 1)
    draft.loss("squared_error", y)
    graph = draft.network(y).model.graph
    alone, together = deltas(graph, [name]), deltas(graph, [node.name for node in graph.parameters])
    assert set(alone.delta) >= {"zi1", "zf1", "zg1", "zo1", "c1", "h1"}
    assert induction(graph, alone).evidence == "proved"
    sizes, algebra = {**dict.fromkeys(map(str, size_symbols(graph)), 1), "T": 3}, Decimals()
    one, other = (values(backward.graph, sizes, algebra) for backward in (alone, together))
    (entry,) = (key for key in one if key.startswith(f"{alone.delta[name]}_"))
    assert abs(one[entry] - other[entry]) < TINY
