"""Paths: counted, listed in order, refused when there are too many, and their sum is the delta."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgrad.derive.deltas import deltas
from symgrad.derive.paths import count, count_products, links, path_sum, paths
from symgrad.derive.styles import chain, local
from symgrad.errors import LimitError, UnknownNameError
from symgrad.model.instances import size_symbols
from symgrad.model.zoo import ZOO, zoo
from tests.examples import FREE, chain_of_residuals, chain_of_sums, graph
from tests.interpreter import DECIMALS, run, total
from tests.points import distance, random_leaves
from tests.work import counted

CLASSIFIER = zoo("classifier_3_3_3").neurons()
SOFTMAX = zoo("classifier_3_3_3_softmax").neurons()


def names(whole, wrt, **options):
    return [" ".join(path.nodes) for path in paths(whole, wrt, **options)]


def test_the_classifier():
    assert names(CLASSIFIER, "w10") == ["J o1 q1 w10"]
    assert names(CLASSIFIER, "w1") == [f"J o{k} q{k} a1 z1 w1" for k in (1, 2, 3)]
    assert names(CLASSIFIER, "b4") == [f"J o{k} q{k} b4" for k in (1, 2, 3)]
    assert names(CLASSIFIER, "x2") == [f"J o{k} q{k} a{i} z{i} x2" for k in (1, 2, 3) for i in (1, 2, 3)]
    assert names(CLASSIFIER, "J") == ["J"]
    assert names(CLASSIFIER, "a1", loss="q2") == ["q2 a1"]
    assert names(CLASSIFIER, "J", loss="q2") == names(CLASSIFIER, "w2", loss="a1") == []


def test_the_classifier_with_softmax():
    assert names(SOFTMAX, "w10") == [f"J o{k} q1 w10" for k in (1, 2, 3)]
    assert sorted(names(SOFTMAX, "w1")) == sorted(
        f"J o{k} q{i} a1 z1 w1" for k in (1, 2, 3) for i in (1, 2, 3)
    )
    assert len(paths(SOFTMAX, "w1", auxiliaries=True)) > 9
    for name in ("w1", "w10", "b4", "o_exp1"):
        assert count(SOFTMAX, name) == len(paths(SOFTMAX, name))


def test_an_auxiliary_node_can_be_asked_for():
    assert names(SOFTMAX, "o_sum") == [f"J o{k} o_sum" for k in (1, 2, 3)]
    assert names(SOFTMAX, "q1", loss="o_sum") == ["o_sum q1"]
    assert count(SOFTMAX, "q1", "o_sum") == 1


def test_unknown_names():
    with pytest.raises(UnknownNameError, match="unknown node 'w19'"):
        paths(CLASSIFIER, "w19")
    with pytest.raises(UnknownNameError, match="unknown node 'K'"):
        count(CLASSIFIER, "w1", "K")


def test_too_many_paths_are_refused_at_once():
    whole = chain_of_residuals(40)
    message = "there are 1,099,511,627,776 paths from J to x0, more than the limit of 10,000; raise it with"
    with counted() as work:
        assert count(whole, "x0") == 2**40
        with pytest.raises(LimitError, match=message):
            paths(whole, "x0")
        with pytest.raises(LimitError, match="limit of 7"):
            paths(whole, "x37", limit=7)
    assert work.calls < 100_000


def test_the_first_paths_need_no_full_listing():
    whole = chain_of_residuals(40)
    assert [path.nodes for path in paths(whole, "x37", first=5)] == [p.nodes for p in paths(whole, "x37")[:5]]
    assert len(paths(whole, "x0", first=3)) == 3


def test_too_many_products_of_one_path_are_refused_at_once():
    whole = chain_of_sums(40)
    with counted() as work:
        assert count(whole, "x0") == 1
        assert count_products(whole, "x0") == 2**40
        with pytest.raises(LimitError, match="1,099,511,627,776 products of partials to x0"):
            path_sum(whole, "x0")
        # On paper the two routes are one factor, δ_ij + W_ij.
        assert len(local(whole, "x0").lines[0].right) == len(chain(whole, "x0").lines[0].right) == 1
    assert work.calls < 5_000_000


def test_a_long_chain_is_one_path():
    nodes = {f"y{k + 1}": f"y{k}*2" for k in range(1500)}
    whole = graph({}, ["y0"], [], nodes | {"J": "y1500"})
    (path,) = paths(whole, "y0")
    assert len(path.nodes) == 1502


def test_routes_through_auxiliaries_are_not_listed_without_end():
    whole = chain_of_residuals(20)
    hidden = type(whole)(tuple(_hidden(n) for n in whole.nodes), "J")
    with pytest.raises(LimitError, match="J has more than 10,000 routes through auxiliaries"):
        links(hidden)


def _hidden(node):
    return type(node)(node.name, node.axes, node.kind, node.terms, auxiliary=node.name not in ("J", "x0"))


@st.composite
def dags(draw):
    """Scalar layered DAGs with skips: every node reads some of the nodes before it."""
    nodes = {}
    for k in range(draw(st.integers(1, 7))):
        before = draw(st.sets(st.sampled_from([f"y{j}" for j in range(k)] + ["w"]), min_size=1, max_size=4))
        nodes[f"y{k}"] = "*".join(sorted(before)) + " + 1"
    return graph({}, [], ["w"], nodes | {"J": f"y{len(nodes) - 1}^2"})


@given(dags())
def test_as_many_are_listed_as_are_counted(whole):
    listed = paths(whole, "w")
    assert len(listed) == count(whole, "w") == len({path.nodes for path in listed})
    for path in listed:
        for link in path.links:
            assert any(r.name == link.parent for t in whole[link.child].terms for r in t.accesses)


@given(dags(), st.integers(0, 9))
def test_the_sum_over_paths_is_the_delta(whole, seed):
    agree(whole, ["w"], {}, seed)


def agree(whole, wrt, sizes, seed=1):
    backward = deltas(whole, wrt)
    arrays = run(backward.graph, random_leaves(whole, sizes, seed), sizes)
    for name in wrt:
        value = total(path_sum(whole, name), whole[name].axes, arrays, sizes, DECIMALS)
        assert distance(value, arrays[backward.delta[name]]) < 1e-45, name


@pytest.mark.parametrize("name", ZOO)
def test_the_sum_over_the_paths_of_layers_is_the_delta(name):
    whole = zoo(name).graph
    sizes = {str(s): 2 + (str(s) == "D") for s in size_symbols(whole)}
    agree(whole, [n.name for n in whole.nodes if n.name != "J"], sizes)


@pytest.mark.parametrize("name", FREE)
def test_the_sum_over_the_paths_of_free_graphs_is_the_delta(name):
    whole = FREE[name]
    sizes = {str(s): 3 if str(s) == "D" else 2 for s in size_symbols(whole)}
    agree(whole, [n.name for n in whole.nodes], sizes)


@pytest.mark.parametrize("whole", [CLASSIFIER, SOFTMAX], ids=["sigmoid", "softmax"])
def test_the_sum_over_the_paths_of_neurons_is_the_delta(whole):
    agree(whole, [n.name for n in whole.nodes], {})


def test_links_are_found_once_for_all_ends():
    whole = zoo("classifier_3_3_3_softmax").neurons()
    assert links(whole, ("J", "w1")) is links(whole, ("J", "w2"))
    assert links(whole, auxiliaries=True) is not links(whole)


def test_nothing_leads_from_the_loss_to_what_it_does_not_read():
    whole = graph({}, ["x", "y"], [], {"J": "x**2", "s": "J + y"})
    assert count(whole, "y", "J") == 0
    assert paths(whole, "y", "J") == ()
