"""The four styles: what stands in them, and that they are worth the gradient."""

import numpy as np
import pytest
import sympy as sp

from symgrad.derive.deltas import deltas
from symgrad.derive.formulas import Delta, Derivative
from symgrad.derive.paths import paths
from symgrad.derive.styles import chain, closed, delta, each_path, local, times
from symgrad.errors import LimitError
from symgrad.model.expressions import Ref
from symgrad.model.functions import Pointwise
from symgrad.model.graph import Term
from symgrad.model.instances import size_symbols
from symgrad.model.zoo import ZOO, zoo
from tests.examples import FREE, graph
from tests.interpreter import DECIMALS, run, total, zero_outside
from tests.points import distance, random_leaves

NEURONS = zoo("classifier_3_3_3").neurons()


def written(factor):
    match factor:
        case Derivative(upper, lower):
            return f"∂{upper}/∂{lower}"
        case Delta(loss, of, leaf):
            return f"∂{loss}/∂{of}" if leaf else f"δ{of}"
    return str(factor)


def summands(line):
    return [" · ".join(map(written, s.factors)) for s in line.right]


def sums(line):
    return ["".join(a.letter for a in s.sums) for s in line.right]


def test_the_chain_of_a_neuron():
    (line,) = chain(NEURONS, "w1").lines
    assert written(line.left) == "∂J/∂w1"
    assert summands(line) == [f"∂J/∂o{k} · ∂o{k}/∂q{k} · ∂q{k}/∂a1 · ∂a1/∂z1 · ∂z1/∂w1" for k in (1, 2, 3)]
    assert summands(chain(NEURONS, "w10").lines[0]) == ["∂J/∂o1 · ∂o1/∂q1 · ∂q1/∂w10"]


def test_the_local_form_of_a_neuron():
    (line,) = local(NEURONS, "w1").lines
    assert summands(line) == [
        f"o{k} - t{k} · o{k}*(1 - o{k}) · w{9 + k} · a1*(1 - a1) · x1" for k in (1, 2, 3)
    ]
    assert summands(local(NEURONS, "b4").lines[0]) == [
        f"o{k} - t{k} · o{k}*(1 - o{k}) · 1" for k in (1, 2, 3)
    ]


def test_the_recursion_of_a_neuron():
    formula = delta(NEURONS, "w1")
    lines = {written(line.left): summands(line) for line in formula.lines}
    assert list(lines)[-1] == "∂J/∂w1"
    assert lines["∂J/∂w1"] == ["δz1 · x1"]
    for k in (1, 2, 3):
        assert lines[f"δq{k}"] == [f"o{k}*(1 - o{k})*(o{k} - t{k})"]
    assert lines["δz1"] == ["dq1*w10 + dq2*w11 + dq3*w12 · a1*(1 - a1)"]


def test_the_closed_form_reads_leaves_only():
    (line,) = closed(NEURONS, "w1").lines
    kinds = {NEURONS[r.name].is_leaf for s in line.right for f in s.factors for r in f.atoms(Ref)}
    assert kinds == {True}


def test_layers():
    whole = zoo("mlp").graph
    (line,) = chain(whole, "W2").lines
    assert summands(line) == [
        "∂J/∂y[n, k] · ∂y[n, k]/∂z3[n, k] · ∂z3[n, k]/∂a2[n, i] · ∂a2[n, i]/∂z2[n, i] · ∂z2[n, i]/∂W2[i, j]"
    ]
    assert sums(line) == ["nk"]
    (line,) = local(whole, "W3").lines
    assert summands(line) == ["(-t[n, i] + y[n, i])/N · y[n, i]*(1 - y[n, i]) · a2[n, j]"]
    assert sums(line) == ["n"]
    last = delta(whole, "W1").lines[-1]
    assert (summands(last), sums(last)) == (["δz1[n, i] · x[n, j]"], ["n"])


def test_softmax_has_its_full_jacobian():
    (line,) = local(zoo("classifier_3_3_3_softmax").graph, "b2").lines
    (summand,) = line.right
    assert any("Equal" in str(f) and "o[" in str(f) for f in summand.factors)


def test_what_a_partial_sums_over_is_hidden_in_it():
    whole = graph({"n": "N"}, ["x n"], ["w"], {"J": "sum(n, (w*x[n] - 1)^2)"})
    (line,) = chain(whole, "w").lines
    assert (summands(line), sums(line)) == (["∂J/∂w"], [""])
    assert sums(local(whole, "w").lines[0]) == ["n"]


def test_several_edges_between_two_nodes_are_one_derivative():
    (line,) = chain(FREE["quadratic"], "x").lines
    assert (summands(line), sums(line)) == (["∂J/∂x[i]"], [""])
    (line,) = chain(FREE["residual"], "x").lines
    assert [len(s.factors) for s in line.right] == [4]


def test_a_computed_subscript_is_said_to_be_the_own_one():
    whole = FREE["convolution"]
    formula = closed(whole, "h")
    assert all(any("Equal" in written(f) for f in s.factors) for s in formula.lines[0].right)


def test_a_scattered_delta_is_a_convolution_with_zeros_outside():
    formula = delta(FREE["convolution"], "u")
    (line,) = (line for line in formula.lines if line.left.of.name == "h")
    assert written(line.left) == "δh[i]"
    assert summands(line) == ["δz[i - j] · W[j]"]
    assert sums(line) == ["j"]
    assert "dz" in formula.outside


def test_too_many_paths():
    with pytest.raises(LimitError, match="there are 3 paths from J to w1"):
        chain(NEURONS, "w1", limit=2)


def test_the_paths_one_by_one():
    found = paths(NEURONS, "w1")
    each = each_path(NEURONS, found, "w1")
    assert [len(s) for s in each] == [1, 1, 1]
    assert tuple(s for group in each for s in group) == local(NEURONS, "w1").lines[0].right


def value(line, node, arrays, sizes):
    terms = (Term(node.index, (*node.axes, *s.sums), times(s.factors)) for s in line.right)
    return total(terms, node.axes, arrays, sizes, DECIMALS)


GRAPHS = FREE | {name: make().graph for name, make in ZOO.items()} | {"neurons": NEURONS}
GRAPHS["softmax neurons"] = zoo("classifier_3_3_3_softmax").neurons()


@pytest.mark.parametrize("name", GRAPHS)
def test_every_style_is_worth_the_gradient(name):
    whole = GRAPHS[name]
    sizes = {str(s): 3 if str(s) in "DN" else 2 for s in size_symbols(whole)}
    backward = deltas(whole)
    arrays = run(backward.graph, random_leaves(whole, sizes, 11), sizes)
    leaves = {n.name: arrays[n.name] for n in whole.nodes if n.is_leaf}
    for node in [n for n in whole.nodes if n.name in backward.delta and not n.auxiliary][:12]:
        truth = arrays[backward.delta[node.name]]
        formula = local(whole, node.name)
        (line,) = formula.lines
        read = zero_outside(arrays, arrays if formula.outside else ())
        assert distance(value(line, node, read, sizes), truth) < 1e-45
        (line,) = closed(whole, node.name).lines
        assert distance(value(line, node, leaves, sizes), truth) < 1e-45


def deltas_of(formula, whole, arrays, sizes):
    """Evaluate a recursion line by line, each from the lines that it reads."""
    of = {f"d{line.left.of.name}": line.left.of.name for line in formula.lines}
    done, waiting = {}, list(formula.lines)
    while waiting:
        line = waiting.pop(0)
        bodies = [sp.Mul(*(delta_ref(f) for f in s.factors)) for s in line.right]
        if {of[r.name] for body in bodies for r in body.atoms(Ref) if r.name in of} - set(done):
            waiting.append(line)
            continue
        node = whole[line.left.of.name]
        index = line.left.of.index
        right = [Term(index, (*node.axes, *s.sums), b) for s, b in zip(line.right, bodies, strict=True)]
        shown = arrays | {f"d{name}": array for name, array in done.items()}
        read = zero_outside(shown, shown if formula.outside else ())
        done[node.name] = total(right, node.axes, read, sizes, DECIMALS)
    return done


def delta_ref(factor):
    return Ref(f"d{factor.of.name}", factor.of.index) if isinstance(factor, Delta) else factor


@pytest.mark.parametrize("name", GRAPHS)
def test_the_recursion_is_worth_the_gradient(name):
    whole = GRAPHS[name]
    sizes = {str(s): 3 if str(s) in "DN" else 2 for s in size_symbols(whole)}
    backward = deltas(whole)
    arrays = run(backward.graph, random_leaves(whole, sizes, 12), sizes)
    forward = {n.name: arrays[n.name] for n in whole.nodes}
    for node in [n for n in whole.nodes if n.is_leaf and not n.targets][:8]:
        formula = delta(whole, node.name)
        assert formula.lines[-1].left.of.name == node.name
        found = deltas_of(formula, whole, forward, sizes)
        assert distance(found[node.name], arrays[backward.delta[node.name]]) < 1e-40


def test_the_closed_form_of_a_vector_is_a_sum():
    whole = zoo("linear_regression").graph
    (line,) = closed(whole, "w").lines
    inner = [s for s in line.right for f in s.factors if f.atoms(sp.Sum)]
    assert inner
    assert not any(f.atoms(Pointwise) for s in line.right for f in s.factors)
    assert np.all([len(s.sums) == 1 for s in line.right])
