"""Steps that were written out become a recurrence again, and mean the same."""

from fractions import Fraction

import pytest

from symgrad.derive.scalars import evaluate
from symgrad.exact.decimals import Decimals, Real
from symgrad.model.free import Definitions, define_model
from symgrad.model.graph import Graph
from symgrad.model.instances import instantiate
from symgrad.model.roll import roll
from symgrad.model.unroll import unroll

ALGEBRA = Decimals()
TINY = Fraction(1, 10**40)
AXES = {"n": "N", "t": "T", "i": "H", "j": "H", "k": "D"}
LEAVES = {"U": "i j", "V": "i k", "b": "i"}
SUM = "sum(k, V[i,k]*x[n,t,k]) + b[i]"
RECURRENCES = {
    "last": {
        "z": f"[n,t,i] {SUM} + sum(j, U[i,j]*h[n,t-1,j])",
        "h": "[n,t,i] tanh(z[n,t,i])",
        "J": "mean(n, sum(i, (h[n,T-1,i] - y[n,i])^2))",
    },
    "every": {
        "h": f"[n,t,i] tanh({SUM} + b[i]*h[n,t-1,i])",
        "o": "[n,t,i] sum(j, U[i,j]*h[n,t,j])",
        "J": "mean(n, sum(t, i, (o[n,t,i] - y[n,i])^2))",
    },
    "backwards": {
        "h": f"[n,t,i] {SUM} + b[i]*h[n,t+1,i]*h[n,t+2,i]",
        "J": "mean(n, sum(i, (h[n,0,i] - y[n,i])^2))",
    },
    "largest": {
        "p": "[n,t] max(j, h[n,t,j])",
        "h": f"[n,t,i] {SUM} + sum(j, U[i,j]*p[n,t-1])",
        "J": "mean(n, sum(i, (h[n,T-1,i] - y[n,i])^2))",
    },
}


def recurrent(name: str) -> Graph:
    nodes = RECURRENCES[name]
    spec = Definitions(
        AXES,
        {"x": "n t k"},
        {"y": "n i"},
        LEAVES,
        nodes,
        initial=dict.fromkeys(("h", "p"), "0") if "p" in nodes else {"h": "0"},
    )
    return define_model(name, spec).graph


def loss(graph: Graph) -> Real:
    scalars = instantiate(graph, {"N": 2, "H": 2, "D": 1, "T": 6})
    names = [node.name for node in scalars.nodes if node.is_leaf]
    points = {name: ALGEBRA.number(Fraction(sum(map(ord, name)) % 31 - 15, 17)) for name in names}
    return evaluate(scalars, ALGEBRA, points)["J"]


@pytest.mark.parametrize("name", RECURRENCES)
def test_what_was_unrolled_is_rolled_up_again(name: str) -> None:
    whole = recurrent(name)
    written = unroll(whole, "t", 6)
    rolled = roll(written)
    assert len(rolled.nodes) == len(whole.nodes)
    assert [(g.along, g.step) for g in rolled.groups] == [(g.along, g.step) for g in whole.groups]
    assert abs(loss(rolled) - loss(written)) < TINY


def test_the_number_of_steps_does_not_matter() -> None:
    assert len(roll(unroll(recurrent("last"), "t", 4)).nodes) == len(
        roll(unroll(recurrent("last"), "t", 40)).nodes
    )


def test_few_steps_stay_as_they_are() -> None:
    written = unroll(recurrent("last"), "t", 3)
    assert roll(written) is written


def test_parameters_keep_their_order() -> None:
    written = unroll(recurrent("last"), "t", 6)
    assert roll(written).parameters == written.parameters


def test_what_is_kept_reads_a_step() -> None:
    rolled = roll(unroll(recurrent("last"), "t", 6), keep=("h_4", "h_6"))
    assert [str(rolled[name].terms[0].body) for name in ("h_4", "h_6")] == ["h[3, n, i]", "h[5, n, i]"]


def by_hand(step: str, count: int, parameters: dict[str, str]) -> Graph:
    """Return steps that someone wrote down one by one, ``h0`` the input."""
    nodes = {f"h{k}": f"[n,i] {step.format(k=k, before=f'h{k - 1}')}" for k in range(1, count + 1)}
    nodes["J"] = f"mean(n, sum(i, (h{count}[n,i] - y[n,i])^2))"
    spec = Definitions({"n": "N", "i": "H", "j": "H"}, {"h0": "n i"}, {"y": "n i"}, parameters, nodes)
    return define_model("hand", spec).graph


def test_steps_written_by_hand_are_a_recurrence() -> None:
    graph = by_hand("tanh(sum(j, W[i,j]*{before}[n,j]))", 8, {"W": "i j"})
    rolled = roll(graph)
    assert [group.along for group in rolled.groups if group.along]
    assert len(rolled.nodes) < 8
    assert abs(loss(rolled) - loss(graph)) < TINY


def test_layers_with_weights_of_their_own_are_none() -> None:
    graph = by_hand("tanh(sum(j, W{k}[i,j]*{before}[n,j]))", 8, {f"W{k}": "i j" for k in range(1, 9)})
    assert roll(graph) is graph


def test_steps_that_read_all_before_them_stay_as_they_are() -> None:
    nodes = {f"h{k}": f"[n,i] tanh({'+'.join(f'h{m}[n,i]' for m in range(k))})" for k in range(1, 8)}
    nodes["J"] = "mean(n, sum(i, (h7[n,i] - y[n,i])^2))"
    graph = define_model(
        "dense", Definitions({"n": "N", "i": "H"}, {"h0": "n i"}, {"y": "n i"}, {}, nodes)
    ).graph
    assert roll(graph) is graph


def test_a_reading_of_every_other_step_is_written_out() -> None:
    whole = recurrent("last")
    nodes = {**RECURRENCES["last"], "J": "mean(n, sum(i, (h[n,1,i] + h[n,3,i]*h[n,5,i] - y[n,i])^2))"}
    spec = Definitions(AXES, {"x": "n t k"}, {"y": "n i"}, LEAVES, nodes, initial={"h": "0"})
    written = unroll(define_model("other", spec).graph, "t", 6)
    assert len(roll(written).nodes) == len(whole.nodes)
    assert abs(loss(roll(written)) - loss(written)) < TINY
