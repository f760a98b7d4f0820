"""Normalisation: layer, root mean square, and batch norm in both forms."""

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.model.draft import Draft
from symgrad.model.graph import Node
from symgrad.model.layers.registry import layer
from symgrad.model.ledger import Weight, exact

EPSILON = "1/100000"


@layer("layer_norm", "mean 0 and variance 1 over the last axis, then scaled and shifted")
def layer_norm(draft: Draft, x: Node, *, epsilon: Weight = EPSILON) -> Node:
    """Add ``z[…,i] = g[i] h[…,i] + b[i]``, h = (x − mean)/√(var + ε) (Ba, Kiros, Hinton 2016)."""
    g, b = draft.parameter("g", start="ones", i=x.shape[-1]), draft.bias(i=x.shape[-1])
    m = draft.define("mean", "[...] mean(i, x[...,i])", x=x)
    v = draft.define("var", "[...] mean(i, (x[...,i] - m[...])^2)", x=x, m=m)
    s = draft.define("std", "[...] sqrt(v[...] + eps)", v=v, eps=_small(epsilon))
    h = draft.define("h", "[...,i] (x[...,i] - m[...])/s[...]", x=x, m=m, s=s)
    return draft.define("z", "[...,i] g[i]*h[...,i] + b[i]", g=g, h=h, b=b)


@layer("rms_norm", "root mean square 1 over the last axis, then scaled")
def rms_norm(draft: Draft, x: Node, *, epsilon: Weight = EPSILON) -> Node:
    """Add ``z[…,i] = g[i] x[…,i]/√(mean x² + ε)`` (Zhang, Sennrich 2019)."""
    g = draft.parameter("g", start="ones", i=x.shape[-1])
    v = draft.define("square", "[...] mean(i, x[...,i]^2)", x=x)
    s = draft.define("rms", "[...] sqrt(v[...] + eps)", v=v, eps=_small(epsilon))
    return draft.define("z", "[...,i] g[i]*x[...,i]/s[...]", g=g, x=x, s=s)


@layer("batch_norm", "mean 0 and variance 1 of every channel over the batch, then scaled and shifted")
def batch_norm(draft: Draft, x: Node, *, epsilon: Weight = EPSILON, training: bool = True) -> Node:
    """Add ``z[n,c,…] = g[c] h[n,c,…] + b[c]``, h = (x − mean[c])/√(var[c] + ε) (Ioffe, Szegedy 2015).

    Mean and variance are those of the batch, over samples and places; with ``training=False`` they are
    inputs, as gathered during training.
    """
    if not draft.front_of(x) or len(x.axes) < 2:
        raise DefinitionError(f"{draft.shown(x)} needs an axis of samples and one of channels")
    c = x.shape[1]
    g, b = draft.parameter("g", start="ones", c=c), draft.bias(c=c)
    if training:
        m = draft.define("mean", "[c] mean(n, ..., x[n,c,...])", x=x)
        v = draft.define("var", "[c] mean(n, ..., (x[n,c,...] - m[c])^2)", x=x, m=m)
    else:
        m, v = draft.state("mean", c=c), draft.state("var", c=c)
    s = draft.define("std", "[c] sqrt(v[c] + eps)", v=v, eps=_small(epsilon))
    h = draft.define("h", "[n,c,...] (x[n,c,...] - m[c])/s[c]", x=x, m=m, s=s)
    return draft.define("z", "[n,c,...] g[c]*h[n,c,...] + b[c]", g=g, h=h, b=b)


def _small(epsilon: Weight) -> sp.Rational:
    """Return the number under the root, or refuse one that lets the root be imaginary."""
    number = exact(epsilon)
    if number < 0:
        raise DefinitionError(f"epsilon is {epsilon}, but stands beside a variance under a root; take ≥ 0")
    return number
