"""Every row of the registries: paths = deltas = duals = differences = `sympy.diff` = kernel.

By default one variant of each row is tried, but for the costly ones; `-m slow` tries the others.
"""

from functools import cache
from random import Random

import numpy as np
import pytest

from symgrad.derive.agreement import against_witness, at_sizes, induction
from symgrad.derive.deltas import deltas
from symgrad.derive.kinks import off_kinks
from symgrad.derive.paths import count_products, path_sum
from symgrad.exact.decimals import Decimals, Real
from symgrad.kernels.build import spec_of
from symgrad.kernels.execute import objects, run_exact
from symgrad.kernels.module import generate
from symgrad.model.activations import NAMES
from symgrad.model.layers.catalogue import LAYERS
from symgrad.model.losses import LOSSES
from tests.interpreter import DECIMALS, DIGITS, run, total
from tests.oracles.recipes import CASES, leaves_of, model_of
from tests.points import distance
from tests.random_graphs.duals import slope
from tests.random_graphs.shown import show
from tests.random_graphs.unrolled import written_out
from tests.random_graphs.values import numbers

STEP = DIGITS.mpf(10) ** -20
PATHS = 200
HEAVY = ("lstm", "gru", "multi_head_attention", "conv2d", "conv_transpose2d", "flatten")
WITNESSED = ("layer dense", "layer embedding", "layer rnn", "activation gelu", "loss cross_entropy labels")
SAMPLES = 2


def usual(name):
    """Whether a case is tried by default: no variant of a layer, a loss for the first kind of targets."""
    kind, row, *variant = name.split()
    first = LOSSES[row].targets[:1] if kind == "loss" else ()
    return row not in HEAVY and tuple(variant) == first


def cases(chosen):
    return [name if chosen(name) else pytest.param(name, marks=pytest.mark.slow) for name in CASES]


def on(names):
    """Try a test on rows; those of one row run together, so that one process derives it."""
    return pytest.mark.parametrize("name", names, scope="module")


EVERY = cases(usual)


@cache
def network(name):
    """Return the model of a case, its sizes and exact values of its leaves."""
    model = model_of(name)
    sizes = model.numbers(samples=SAMPLES)
    return model, sizes, leaves_of(model, sizes)


@cache
def derived(name):
    """Return the deltas of a case and all values, in 60 digits."""
    model, sizes, leaves = network(name)
    backward = deltas(model.graph, varied(name))
    return backward, run(backward.graph, decimals(leaves), sizes)


def decimals(leaves):
    return {name: _decimals(array) for name, array in leaves.items()}


def _decimals(array):
    found = np.empty(array.shape, dtype=object)
    for place in np.ndindex(array.shape):
        found[place] = DECIMALS.number(array[place])
    return found


def varied(name):
    model, _, _ = network(name)
    leaves = (n for n in model.graph.nodes if n.is_leaf and n.drawn is None)
    return [node.name for node in leaves if node.targets not in ("labels", "one_hot")]


def test_no_row_is_left_out():
    words = {tuple(name.split()[:2]) for name in CASES}
    assert {name for kind, name in words if kind == "layer"} == set(LAYERS)
    assert {name for kind, name in words if kind == "activation"} == set(NAMES) - {"identity"}
    assert {name for kind, name in words if kind == "loss"} == set(LOSSES)


@on(CASES)
def test_induction_holds_for_all_sizes(name):
    model, _, _ = network(name)
    found = induction(model.graph, deltas(model.graph))
    assert (found.verdict, found.evidence) == ("right", "proved"), show(model.graph)


@on(EVERY)
def test_deltas_are_those_of_dual_numbers_and_of_differences(name):
    model, sizes, leaves = network(name)
    backward, arrays = derived(name)
    here = decimals(leaves)
    for leaf in varied(name):
        way = numbers(Random(5), here[leaf].shape, DECIMALS)
        found = np.asarray(arrays[backward.delta[leaf]] * way, dtype=object).sum()
        assert distance(found, slope(model.graph, here, sizes, {leaf: way}, "J")) < 1e-40, leaf
        sides = [
            run(model.graph, {**here, leaf: np.asarray(here[leaf] + way * by, dtype=object)}, sizes)["J"]
            for by in (STEP, -STEP)
        ]
        assert distance(found, (sides[0] - sides[1]) / (2 * STEP)) < 1e-25, leaf


@on(EVERY)
def test_the_sum_over_paths_is_the_delta(name):
    """A recurrence has as many paths as its axis is long: they are counted once it is written out."""
    model, sizes, leaves = network(name)
    backward, arrays = derived(name)
    graph = written_out(model.graph, sizes)
    values = arrays if graph == model.graph else run(graph, decimals(leaves), sizes)
    few = [leaf for leaf in varied(name) if count_products(graph, leaf) <= PATHS]
    for leaf in few:
        found = total(path_sum(graph, leaf), graph[leaf].axes, values, sizes, DECIMALS)
        assert distance(found, arrays[backward.delta[leaf]]) < 1e-40, leaf
    assert few


@on(cases(WITNESSED.__contains__))
def test_the_witness_agrees(name):
    model, sizes, _ = network(name)
    parameters = [node.name for node in model.graph.parameters] or list(model.inputs[:1])
    instance = at_sizes(model.graph, deltas(model.graph, parameters), sizes)
    for leaf, finding in against_witness(instance, parameters, limit=20_000).items():
        unsure = finding.verdict == "unknown" and off_kinks(model.graph)
        assert finding.verdict == "right" or unsure, (leaf, finding)


@on(EVERY)
def test_the_kernel_computes_the_gradient_in_fifty_digits(name):
    model, _, leaves = network(name)
    _, arrays = derived(name)
    backward, _ = derived(name)
    parameters = [node.name for node in model.graph.parameters]
    algebra = Decimals()
    given = [kernel_array(model.graph[n], leaves[n], algebra) for n in (*model.inputs, *model.targets)]
    given += [kernel_array(model.graph[n], leaves[n], algebra) for n in parameters]
    found = run_exact(generate(spec_of(model)), algebra, "gradients", given)
    loss, *gradients = found if parameters else (found,)
    assert distance(DIGITS.mpf(algebra.rounded(loss)), arrays["J"]) < 1e-40
    for leaf, gradient in zip(parameters, gradients, strict=True):
        exact = np.array([rounded(algebra, v) for v in gradient.ravel()], dtype=object)
        assert distance(exact, arrays[backward.delta[leaf]].ravel()) < 1e-40, leaf


def rounded(algebra, value):
    """Return a number of the kernel; where nothing was added to an entry, it is the plain 0 of its array."""
    return DIGITS.mpf(algebra.rounded(value) if isinstance(value, Real) else value)


def kernel_array(node, array, algebra):
    """Return a leaf as a kernel takes it: labels are integers, a scalar an array of one entry."""
    if node.targets == "labels":
        return np.array([int(v) for v in array.ravel()]).reshape(array.shape)
    return objects([algebra.number(v) for v in array.ravel()]).reshape(array.shape or (1,))
