"""Recurrences at the face: written out, printed as such, and what they refuse."""

import pytest

import symgrad as sg
from symgrad.cli.main import main
from symgrad.errors import DefinitionError

AXES = {"n": "N", "t": "T", "i": "H", "j": "H", "k": "D"}
FILE = """
[network]
name = "rnn"
[define]
axes = {n="N", t="T", i="H", j="H"}
inputs = {x="n t i"}
targets = {y="n i"}
parameters = {U="i j"}
initial = {h="0"}
z = "[n,t,i] x[n,t,i] + sum(j, U[i,j]*h[n,t-1,j])"
h = "[n,t,i] tanh(z[n,t,i])"
J = "mean(n, sum(i, 1/2*(h[n,T-1,i] - y[n,i])^2))"
"""


def elman(output=None):
    nodes = {
        "z": "[n,t,i] sum(k, V[i,k]*x[n,t,k]) + sum(j, U[i,j]*h[n,t-1,j])",
        "h": "[n,t,i] tanh(z[n,t,i])",
        "J": "mean(n, t, sum(i, (h[n,t,i] - y[n,t,i])^2))",
    }
    leaves = {"x": "n t k"}, {"y": "n t i"}, {"U": "i j", "V": "i k"}
    return sg.define(sg.Definitions(AXES, *leaves, nodes, {"h": "0"}, output=output))


def stack(**options):
    draft = sg.Draft("deep")
    y = draft.stack(draft.input("x", "D"), "L", **options)
    draft.loss("squared_error", y)
    return draft.network(y)


def test_unrolling_writes_the_steps_out():
    net = elman("h").unroll("t", 3)
    assert net.model.outputs == ("h_1", "h_2", "h_3")
    assert "T" not in net.model.size_names
    assert [net.count_paths(name) for name in ("U", "V")] == [3, 6]
    assert "∂h_2[n,j]/∂z_2[n,j] · ∂z_2[n,j]/∂h_1[n,i]" in net.gradient("V").chain.unicode


def test_known_lengths_bind_their_size():
    draft = sg.Draft("known")
    x = draft.input("x", "T=4", 2)
    draft.loss("squared_error", draft.rnn(x, 3, last=True))
    net = draft.network()
    (along,) = {group.along for group in net.graph.groups if group.along}
    assert set(net.model.sizes) - set(net.unroll(along, 2).model.sizes) == {"T"}


def test_a_stack_of_any_depth_prints_as_a_recurrence():
    assert stack().recursion().unicode.splitlines() == [
        "δa1[l] = δz1[l+1] W1[l+1] + 1/N · [l = L − 1] (y − t)",
        "δz1[l] = δa1[l] ⊙ (1 − a1[l]^⊙2)",
        "∂J/∂b1[l] = δz1[l]ᵀ 1",
        "∂J/∂W1[l] = δz1[l]ᵀ a1[l−1]",
        "  used: δz1 = 0 outside of its axes",
        "  used: a1[−1] = x",
    ]
    assert stack(residual=True).gradient("W1").delta.unicode.splitlines()[2:] == [
        "∂J/∂W1[l,i,j] = Σ_n δz1[l,n,i] · s1[l−1,n,j]",
        "  used: δs1, δz1 = 0 outside of their axes",
        "  used: s1[−1,n,j] = x[n,j]",
    ]


def test_backpropagation_through_time_is_the_generic_line_of_a_recurrence():
    assert elman().recursion().unicode.splitlines()[:2] == [
        "δh[t] = δz[t+1] U + 2/(N T) · (h[t] − y[t])",
        "δz[t] = δh[t] ⊙ (1 − h[t]^⊙2)",
    ]


def test_a_recurrence_has_no_nested_formula():
    with pytest.raises(DefinitionError, match=r'z1 and a1 form a recurrence along l.*unroll\("l", 3\)'):
        stack().nested()


@pytest.mark.parametrize("style", ["chain", "local", "closed"])
def test_paths_through_a_recurrence_need_its_length(style):
    hint = r'\(--size T=3 --level neuron\), or write it out with net.unroll\("t", 3\)'
    with pytest.raises(DefinitionError, match=hint):
        elman().gradient("U")[style]
    with pytest.raises(DefinitionError, match=hint):
        elman().count_paths("U")


def test_what_lies_behind_a_recurrence_has_a_closed_form():
    nodes = {"h": "[n,t] tanh(x[n,t] + u*h[n,t-1])", "J": "mean(n, (w*h[n,T-1] - y[n])^2)"}
    leaves = {"x": "n t"}, {"y": "n"}, {"u": "", "w": ""}
    net = sg.define(sg.Definitions({"n": "N", "t": "T"}, *leaves, nodes, {"h": "0"}))
    assert net.gradient("w").closed.unicode == "∂J/∂w = 2/N · Σ_n (w h[n,T−1] − y[n]) h[n,T−1]"


@pytest.mark.parametrize("style", ["chain", "local", "closed", "delta", "matrix"])
def test_at_a_chosen_length_every_style_works(style, tmp_path, capsys):
    path = tmp_path / "rnn.toml"
    path.write_text(FILE, encoding="utf-8")
    words = ["--size", "T=3", "--size", "H=1", "--level", "neuron", "--style", style]
    assert main(["derive", str(path), "U_1_1", *words]) == 0
    assert "∂J/∂U" in capsys.readouterr().out


def test_unroll_says_what_there_is():
    with pytest.raises(DefinitionError, match="there is no recurrence along u; there are: t"):
        elman().unroll("u", 2)
    with pytest.raises(DefinitionError, match="the length of t is -1"):
        elman().unroll("t", -1)
    with pytest.raises(DefinitionError, match="there are: none"):
        sg.zoo("mlp").unroll("t", 2)


def test_a_length_that_follows_from_others_is_not_bound():
    draft = sg.Draft("reads")
    x = draft.input("x", "T", "D")
    W = draft.parameter("W", k=2)
    pairs = draft.define("p", "[...,t,i] sum(k, W[k]*x[...,t + k,i])", W=W, x=x)
    draft.loss("squared_error", draft.rnn(pairs, "H"))
    net = draft.network()
    (along,) = {group.along for group in net.graph.groups if group.along}
    with pytest.raises(DefinitionError, match="which follows from other sizes"):
        net.unroll(along, 2)
