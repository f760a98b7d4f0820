"""Random networks: every statement of the certificate holds, and the deltas are those of differences."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from symgrad.derive.agreement import against_witness, at_sizes, expansion, induction
from symgrad.derive.deltas import deltas
from symgrad.derive.paths import count, paths
from symgrad.derive.rewrite import simplify
from symgrad.derive.sizes import small_sizes
from symgrad.derive.stability import stabilise
from tests.examples import networks, with_skip
from tests.interpreter import run
from tests.points import differences, distance, random_leaves

WITNESSED = settings(max_examples=settings.default.max_examples // 2)


def graphs(model, skip):
    return with_skip(model) if skip and len(model.sizes) > 2 else model.graph


@given(networks(), st.booleans(), st.integers(0, 99))
def test_deltas_are_those_of_differences(model, skip, seed):
    whole = graphs(model, skip)
    sizes = model.numbers(samples=2)
    leaves = random_leaves(whole, sizes, seed)
    wrt = [n.name for n in whole.nodes if n.is_leaf and not n.targets]
    backward = deltas(whole, wrt)
    arrays = run(backward.graph, leaves, sizes)
    for name in wrt:
        assert distance(arrays[backward.delta[name]], differences(whole, name, leaves, sizes, "J")) < 1e-25


@given(networks(), st.booleans(), st.integers(0, 99))
def test_rewrites_keep_the_values(model, skip, seed):
    whole = graphs(model, skip)
    sizes = model.numbers(samples=2)
    leaves = random_leaves(whole, sizes, seed)
    wrt = [n.name for n in whole.parameters]
    before = deltas(whole, wrt)
    after = stabilise(simplify(before, wrt).backward)
    old, new = run(before.graph, leaves, sizes), run(after.graph, leaves, sizes)
    for name in wrt:
        assert distance(old[before.delta[name]], new[after.delta[name]]) < 1e-30
    assert distance(old["J"], new["J"]) < 1e-40


@given(networks(), st.booleans())
def test_induction_holds_for_all_sizes(model, skip):
    whole = graphs(model, skip)
    found = induction(whole, deltas(whole))
    assert (found.verdict, found.evidence) == ("right", "proved")


@WITNESSED
@given(networks(deepest=2, widest=2), st.booleans(), st.data())
def test_paths_and_witness_agree_with_the_deltas(model, skip, data):
    whole = graphs(model, skip)
    name = data.draw(st.sampled_from([n.name for n in whole.parameters]))
    instance = at_sizes(whole, deltas(whole, [name]), small_sizes(model))
    assert expansion(instance, name).verdict == "right"
    found = against_witness(instance, [name], limit=20_000)[name]
    assert found.verdict == "right" or (found.verdict == "unknown" and found.bound)


@given(networks(deepest=2, widest=2), st.data())
def test_as_many_paths_are_listed_as_counted(model, data):
    neurons = model.neurons(samples=1)
    name = data.draw(st.sampled_from([n.name for n in neurons.nodes]))
    number = count(neurons, name)
    assume(number <= 2000)
    listed = paths(neurons, name)
    assert len(listed) == number == len({path.nodes for path in listed})
