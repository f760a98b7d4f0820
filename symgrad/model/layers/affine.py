"""Dense layers, embeddings and positions: products with a matrix of parameters."""

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.model.draft import Draft
from symgrad.model.graph import Node
from symgrad.model.layers.registry import layer
from symgrad.model.ledger import Size


@layer("dense", "affine map of the last axis, with any axes before it")
def dense(
    draft: Draft, x: Node, units: Size | None = None, *, bias: bool = True, weight: Node | None = None
) -> Node:
    """Add ``z[…,i] = Σ_j W[i,j] x[…,j] + b[i]``; a `weight` that is given is shared."""
    if units is None and weight is None:
        raise DefinitionError("give the number of units, or a weight to share")
    i = draft.size("D", units) if units is not None else weight.shape[0] if weight else sp.S.One
    W = draft.parameter("W", weight, i=i, j=x.shape[-1])
    b = draft.bias(bias, i=i)
    return draft.define("z", "[...,i] sum(j, W[i,j]*x[...,j]) + b[i]", W=W, x=x, b=b)


@layer("transposed", "dense with a shared weight the other way round, as in a tied autoencoder")
def transposed(draft: Draft, x: Node, weight: Node, *, bias: bool = True) -> Node:
    """Add ``z[…,i] = Σ_j W[j,i] x[…,j] + b[i]``."""
    b = draft.bias(bias, i=weight.shape[-1])
    return draft.define("z", "[...,i] sum(j, W[j,i]*x[...,j]) + b[i]", W=weight, x=x, b=b)


@layer("embedding", "a row of a table for every integer id")
def embedding(draft: Draft, ids: Node, size: Size, *, weight: Node | None = None) -> Node:
    """Add ``e[…,d] = E[ids[…], d]``, written as Σ_v [ids = v] E[v,d]."""
    hot = draft.hot(ids)
    d = draft.size("D", size)
    E = draft.parameter("E", weight, v=hot.shape[-1], d=d)
    return draft.define("e", "[...,d] sum(v, hot[...,v]*E[v,d])", hot=hot, E=E)


@layer("positions", "a learned vector for every position, added")
def positions(draft: Draft, x: Node) -> Node:
    """Add ``s[…,t,i] = x[…,t,i] + P[t,i]``."""
    P = draft.parameter("P", t=x.shape[-2], i=x.shape[-1])
    return draft.define("s", "[...,t,i] x[...,t,i] + P[t,i]", x=x, P=P)
