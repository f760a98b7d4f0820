"""Graphs that the tests of models and derivations share."""

from hypothesis import strategies as st

from symgrad.model.free import Definitions, define_model
from symgrad.model.graph import Graph
from symgrad.model.layered import BIASES, Layered, layered
from symgrad.model.layers import dense, leaf
from symgrad.model.naming import Naming


def graph(axes, inputs, parameters, nodes, targets=(), kind="free"):
    """Return the graph of free definitions; letters of a leaf stand behind its name: ``"x n i"``."""
    groups = [
        {word.split()[0]: " ".join(word.split()[1:]) for word in group}
        for group in (inputs, parameters, targets)
    ]
    spec = Definitions(axes, groups[0], groups[2], groups[1], nodes, target_kind=kind)
    return define_model("example", spec).graph


def convolution() -> Graph:
    """A one-dimensional convolution, padded by nothing, its kernel used twice, behind a sigmoid."""
    return graph(
        {"i": 5, "k": 2, "o": 4, "p": 3},
        ["x i"],
        ["W k", "b", "v i"],
        {
            "u": "[i] v[i]*x[i]",
            "h": "[i] sigmoid(u[i])",
            "z": "[o] sum(k, W[k]*h[o+k]) + b",
            "a": "[o] tanh(z[o])",
            "y": "[p] sum(k, W[k]*a[p+k])",
            "J": "sum(p, y[p]^2)/2",
        },
    )


def scattered() -> Graph:
    """Affine subscripts in many places: a flip, a stride, a diagonal, a constant."""
    return graph(
        {"i": "D", "j": "D", "k": 2, "o": 2, "m": 4},
        ["x i", "s m"],
        ["A i j", "w k"],
        {
            "f": "[i] x[D-1-i]*A[i,i]",
            "g": "[o] sum(k, w[k]*s[2*o+k])",
            "h": "[i] f[i]*A[0,i]",
            "J": "sum(i, h[i]^2) + sum(o, g[o]*g[0])",
        },
    )


def residual() -> Graph:
    """z = h + W h, twice with the same W."""
    return graph(
        {"n": "N", "i": "H", "j": "H"},
        ["x n i"],
        ["W i j"],
        {
            "h": "[n,i] x[n,i] + sum(j, W[i,j]*x[n,j])",
            "a": "[n,i] tanh(h[n,i])",
            "z": "[n,i] a[n,i] + sum(j, W[i,j]*a[n,j])",
            "J": "mean(n, sum(i, z[n,i]^2))",
        },
    )


def quadratic() -> Graph:
    """x·A x: one node read twice in one term."""
    return graph({"i": "D", "j": "D"}, ["x i"], ["A i j"], {"J": "sum(i, sum(j, x[i]*A[i,j]*x[j]))"})


def log_sum_exp() -> Graph:
    return graph({"i": "K"}, ["z i"], [], {"e": "[i] exp(z[i])", "S": "sum(i, e[i])", "J": "log(S)"})


def two_inputs() -> Graph:
    return graph(
        {"n": "N", "i": "D", "j": "E", "h": "H"},
        ["x n i", "y n j"],
        ["U h i", "V h j"],
        {
            "z": "[n,h] sum(i, U[h,i]*x[n,i])*sum(j, V[h,j]*y[n,j])",
            "J": "sum(n, h, z[n,h]^2)",
        },
    )


def chain_of_residuals(length) -> Graph:
    """Scalar blocks y = x + f(x): 2^length paths."""
    blocks = ({f"f{k}": f"x{k}^2/4", f"x{k + 1}": f"x{k} + f{k}"} for k in range(length))
    nodes = {name: text for block in blocks for name, text in block.items()}
    return graph({}, ["x0"], [], nodes | {"J": f"x{length}"})


def chain_of_sums(length) -> Graph:
    """Blocks z = h + W h in one definition: one path, 2^length products."""
    nodes = {f"x{k + 1}": f"[i] x{k}[i] + sum(j, W[i,j]*x{k}[j])" for k in range(length)}
    return graph({"i": "D", "j": "D"}, ["x0 i"], ["W i j"], nodes | {"J": f"sum(i, x{length}[i])"})


FREE = {
    make.__name__: make() for make in (convolution, scattered, residual, quadratic, log_sum_exp, two_inputs)
}

TARGETED = ("free", "one_hot", "labels", "distribution")
HIDDEN = ("sigmoid", "tanh", "relu", "leaky_relu", "softplus", "identity")
LOSSES = (
    "squared_error",
    "sum_of_squares",
    "mean_squared_error",
    "absolute_error",
    "euclidean_error",
    "binary_cross_entropy",
    "cross_entropy",
)
# Outputs of which the logarithm exists at every input.
PROBABLE = {
    "binary_cross_entropy": ("sigmoid", "softmax"),
    "cross_entropy": ("sigmoid", "softmax", "softplus"),
}


def with_skip(model):
    """Let the output layer see the input directly as well."""
    old, last = model.graph, f"W{sum(name[0] == 'W' for name in model.graph.by_name)}"
    pre = next(n for n in old.nodes if any(r.name == last for t in n.terms for r in t.accesses))
    below = next(old[r.name] for t in pre.terms for r in t.accesses if r.name not in (last, "x"))
    extra = leaf("W9", old[last].kind, old[last].axes[0], old["W1"].axes[1])
    bias = next((old[r.name] for t in pre.terms for r in t.accesses if r.name[0] == "b"), None)
    wide = dense(pre.name, below, old[last], bias, (old["x"], extra))
    return Graph(tuple(wide if n.name == pre.name else n for n in (extra, *old.nodes)), old.loss)


@st.composite
def networks(draw, deepest=3, widest=3, activations=HIDDEN):
    """Layered models: 0 to 3 hidden layers, widths 1 to 3, any activation, loss, biases and numbering."""
    depth = draw(st.integers(0, deepest)) + 1
    loss = draw(st.sampled_from(LOSSES))
    output = draw(st.sampled_from(PROBABLE.get(loss, (*activations, "softmax"))))
    classes = draw(st.integers(2, max(widest, 2)))
    return layered(
        "random",
        Layered(
            (*draw(st.tuples(*[st.integers(1, widest)] * depth)), classes),
            hidden=draw(st.tuples(*[st.sampled_from(activations)] * (depth - 1))),
            output=output,
            loss=loss,
            targets=draw(st.sampled_from(TARGETED)),
            bias=draw(st.tuples(*[st.sampled_from(BIASES)] * depth)),
            naming=Naming(draw(st.sampled_from(("source", "target", "layered")))),
            mean=draw(st.booleans()),
            samples=draw(st.sampled_from(("N", None))),
        ),
    )
