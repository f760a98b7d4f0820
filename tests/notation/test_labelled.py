"""Matrix style with labels, convolutions, and sums that pick: the lines that a reader recognises."""

import pytest

import symgrad as sg
from symgrad.derive.styles import delta, recursion
from symgrad.model.definitions import define_all
from symgrad.model.expressions import size
from symgrad.model.free import Definitions, define_model
from symgrad.model.functions import VOCABULARY
from symgrad.model.graph import Graph, Kind, Node
from symgrad.model.leaves import one_hot
from symgrad.model.scope import Scope
from symgrad.notation import latex
from symgrad.notation.labelled import matrix_block
from symgrad.notation.lines import definition_block, formula_block
from symgrad.notation.roles import Roles
from symgrad.notation.unicode import write_block

AXES = {"n": "N", "t": "T", "s": "T", "m": "A", "i": "H", "j": "H", "k": "D", "o": "M", "e": "E"}

RNN = Definitions(
    AXES,
    {"x": "n t k"},
    {"y": "n o"},
    {"U": "i j", "V": "i k", "b": "i", "W": "o i"},
    {
        "z": "[n,t,i] sum(k, V[i,k]*x[n,t,k]) + sum(j, U[i,j]*h[n,t-1,j]) + b[i]",
        "h": "[n,t,i] tanh(z[n,t,i])",
        "q": "[n,o] sum(i, W[o,i]*h[n,T-1,i])",
        "J": "mean(n, sum(o, 1/2*(q[n,o] - y[n,o])^2))",
    },
    {"h": "0"},
)

ATTENTION = Definitions(
    AXES,
    {"Q": "n m t e", "K": "n m s e"},
    {},
    {"V": "n m s e"},
    {
        "S": "[n,m,t,s] sum(e, Q[n,m,t,e]*K[n,m,s,e])/sqrt(E)",
        "Y": "[n,m,t,e] sum(s, S[n,m,t,s]*V[n,m,s,e])",
        "J": "sum(n, m, t, e, Y[n,m,t,e]^2)/2",
    },
)

CONVOLUTION = Definitions(
    {"n": "N", "c": "C", "o": "O", "k": "K", "i": "I", "l": "L"},
    {},
    {},
    {"x": "n c l", "W": "o c k", "b": "o"},
    {
        "z": "[n,o,i] sum(c, k, W[o,c,k]*x[n,c,i+k]) + b[o]",
        "J": "sum(n, o, i, z[n,o,i]^2)/2",
    },
)


def matrices(spec, name, write=write_block):
    graph = recursion(define_model("net", spec).graph, name).backward.graph
    return write(matrix_block(graph, [node.name for node in graph.nodes if node.adjoint]))


def forward(spec):
    graph = define_model("net", spec).graph
    return write_block(matrix_block(graph, [node.name for node in graph.nodes if not node.is_leaf]))


def test_a_recurrence_is_labelled_by_its_steps():
    assert forward(RNN).splitlines()[:3] == [
        "z[t] = x[t] Vᵀ + h[t−1] Uᵀ + 1 bᵀ",
        "h[t] = tanh(z[t])",
        "q = h[T−1] Wᵀ",
    ]
    assert matrices(RNN, "U").splitlines() == [
        "δq = 1/N · (q − y)",
        "δh[t] = δz[t+1] U + [t = T − 1] δq W",
        "δz[t] = δh[t] ⊙ (1 − h[t]^⊙2)",
        "∂J/∂U = Σ_t δz[t+1]ᵀ h[t]",
        "  used: δz = 0 outside of its axes",
    ]


def test_the_delta_recursion_of_a_recurrence_goes_back_in_time():
    formula = delta(define_model("net", RNN).graph, "V")
    assert write_block(formula_block(formula, Roles.of(formula.graph))).splitlines() == [
        "δq[n,o] = 1/N · (q[n,o] − y[n,o])",
        "δh[n,t,i] = Σ_p δz[n,t+1,p] · U[p,i] + Σ_o δq[n,o] · W[o,i] · [t = T − 1]",
        "δz[n,t,i] = δh[n,t,i] · (1 − h[n,t,i]²)",
        "∂J/∂V[i,k] = Σ_n,t δz[n,t,i] · x[n,t,k]",
        "  used: δz = 0 outside of its axes",
    ]


def test_attention_is_labelled_by_samples_and_heads():
    assert forward(ATTENTION).splitlines()[:2] == [
        "S[n,m] = 1/√E · Q[n,m] K[n,m]ᵀ",
        "Y[n,m] = S[n,m] V[n,m]",
    ]
    assert matrices(ATTENTION, "V").splitlines()[-1] == "∂J/∂V[n,m] = S[n,m]ᵀ δY[n,m]"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("x", "∂J/∂x[n,c] = Σ_o δz[n,o] ∗ W[o,c]"),
        ("W", "∂J/∂W[o,c] = Σ_n δz[n,o] ⋆ x[n,c]"),
        ("b", "∂J/∂b = Σ_n δz[n] 1"),
    ],
)
def test_the_delta_slides_over_the_flipped_kernel(name, line):
    text = matrices(CONVOLUTION, name)
    assert text.splitlines()[-1] == line


def test_a_convolution_is_written_with_its_sign():
    assert forward(CONVOLUTION).splitlines()[0] == "z[n,o] = Σ_c W[o,c] ⋆ x[n,c] + b[o]"
    assert r"\ast" in matrices(CONVOLUTION, "x", latex.write_block)


def embedded():
    scope = Scope({"n": size("N"), "v": size("V"), "d": size("D"), "i": size("I"), "k": size(2)}, {})
    ids = Node("ids", (scope.axis("n"),), Kind.INPUT, targets="labels")
    table = Node("E", (scope.axis("v"), scope.axis("d")), Kind.PARAMETER)
    hot = one_hot(ids, scope.axis("v"))
    texts = {
        "e": "[n,d] sum(v, ids_hot[n,v]*E[v,d])",
        "m": "[n,i] max(k, e[n,2*i+k])",
        "J": "sum(n, i, m[n,i]^2)/2",
    }
    scope = scope.plus((ids, table, hot))
    return Graph((ids, table, hot, *define_all(texts, scope, VOCABULARY)), "J")


def test_integers_pick_rows_and_maxima_are_maxima():
    graph = embedded()
    roles = Roles.of(graph)
    assert write_block(definition_block(graph["e"], roles)) == "e[n,d] = E[ids[n],d]"
    assert write_block(definition_block(graph["m"], roles)) == "m[n,i] = max_k e[n,2i+k]"
    formula = delta(graph, "E")
    assert write_block(formula_block(formula, Roles.of(formula.graph))).splitlines() == [
        "δm[n,i] = m[n,i]",
        "δe[n,d] = Σ_i,j δm[n,i] · [d = 2 i + j] · [m_arg[n,i] = j]",
        "∂J/∂E[v,d] = Σ_n δe[n,d] · [ids[n] = v]",
    ]


def drafted(*sizes, formula, **axes):
    draft = sg.Draft("kernel")
    x, W = draft.input("x", *sizes), draft.parameter("W", **axes)
    z = draft.define("z", formula, W=W, x=x)
    draft.loss("squared_error", z)
    return write_block(matrix_block(draft.network(z).graph, ["z"]))


def test_a_kernel_that_differs_from_place_to_place_is_no_convolution():
    formula = "[...,i] sum(k, W[i,k]*x[...,i + k])"
    assert drafted("I", formula=formula, i="A", k="K") == "z[n,i] = Σ_k W[i,k] x[n,i+k]"


def test_a_kernel_that_is_turned_is_no_convolution():
    formula = "[...,i,j] sum(k, l, W[l,k]*x[...,i + k,j + l])"
    assert drafted("I", "J", formula=formula, l="L", k="K") == "z[n,i,j] = Σ_k,l W[l,k] x[n,i+k,j+l]"


def test_one_node_has_its_labels_at_one_place():
    spec = sg.Definitions(
        axes={"n": "N", "i": "I", "j": "I"},
        inputs={"x": "n i j"},
        nodes={"s": "[n,i] sum(j, x[n,i,j]*x[n,j,i])"},
    )
    assert write_block(matrix_block(sg.define(spec).graph, ["s"])) == "s[n,i] = Σ_j x[n,i,j] x[n,j,i]"


def test_a_letter_that_stops_before_the_end_says_so():
    spec = sg.Definitions(
        axes={"t": "T"},
        inputs={"x": "t"},
        parameters={"w": "", "U": ""},
        nodes={"h": "[t] U*h[t-1] + x[t]", "J": "sum(t, w*h[t-1])"},
        initial={"h": "0"},
    )
    gradient = sg.define(spec).gradient("w")
    for style in ("local", "delta", "matrix"):
        assert gradient[style].unicode == "∂J/∂w = Σ_t h[t] · [t < T − 1]"


def test_what_stands_at_the_position_of_a_maximum_is_no_maximum():
    leaves = {"x": "n i"}, {}, {"w": ""}
    nodes = {"m": "[n] max(i, w*x[n,i])", "J": "sum(n, m[n])"}
    net = sg.define(sg.Definitions({"n": "N", "i": "I"}, *leaves, nodes))
    assert net.gradient("w").matrix.unicode == net.gradient("w").delta.unicode
    assert "max" not in net.gradient("w").matrix.unicode.splitlines()[-1]
    assert write_block(matrix_block(net.graph, ["m"])) == "m[n] = max_i w x[n,i]"


def test_the_axes_of_a_jacobian_are_no_labels():
    derived = sg.define(RNN).jacobian("h", "U")
    assert "∂h[n]" not in derived.matrix.unicode
    assert derived.matrix.unicode.splitlines()[-1] == derived.index.unicode.splitlines()[-1]


def test_dots_stand_for_the_axes_between_labels():
    spec = Definitions(
        {"n": "N", "o": "O", "i": "I", "j": "L"},
        {},
        {},
        {"x": "n o i j", "b": "o"},
        {"z": "[n,o,i,j] x[n,o,i,j] + b[o]", "J": "sum(n, o, i, j, z[n,o,i,j]^2)/2"},
    )
    assert matrices(spec, "b").splitlines()[-1] == "∂J/∂b = Σ_n,i δz[n,·,i,·] 1"
