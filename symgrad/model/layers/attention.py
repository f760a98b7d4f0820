"""Attention (Vaswani et al. 2017): scaled dot products, one head or several."""

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.model.activations import SOFTMAX
from symgrad.model.draft import Draft
from symgrad.model.graph import Node
from symgrad.model.layers.registry import layer
from symgrad.model.ledger import Size
from symgrad.model.model import SAMPLE


@layer("attention", "weighted mean of values, the weights by queries and keys")
def attention(
    draft: Draft, q: Node, k: Node, v: Node, *, causal: bool = False, mask: Node | None = None
) -> Node:
    """Add ``o[…,t,d] = Σ_u A[…,t,u] v[…,u,d]``, A = softmax over u of q[…,t,·]·k[…,u,·]/√D.

    Parameters
    ----------
    causal
        Whether a step attends to itself and earlier ones only.
    mask
        Ones where a step may attend, else zeros: ``[t,u]``, or ``[n,u]`` over samples and keys.  A step
        that may attend to nothing has no weights: 0/0, in a kernel NaN.
    """
    text = "[...,t,u] sum(d, q[...,t,d]*k[...,u,d])/sqrt(D)"
    s = draft.define("s", text, q=q, k=k, D=q.shape[-1])
    A = weights(draft, s, causal, mask)
    return draft.define("o", "[...,t,d] sum(u, A[...,t,u]*v[...,u,d])", A=A, v=v)


def weights(draft: Draft, s: Node, causal: bool, mask: Node | None) -> Node:
    """Add the softmax of scores over the last axis, what is masked left out."""
    if not causal and mask is None:
        return draft.activate(s, SOFTMAX, name=draft.named("A"))
    if mask is not None and len(mask.axes) != 2:
        raise DefinitionError(
            f"the mask {draft.shown(mask)} is neither [t,u], over steps and keys, "
            "nor [n,u], over samples and keys"
        )
    by_sample = mask is not None and mask.axes[0].letter == SAMPLE
    front = "n,..." if by_sample else "..."
    allowed = ("*step(t - u + 1/2)" if causal else "") + (
        "" if mask is None else f"*M[{'n' if by_sample else 't'},u]"
    )
    text = f"[{front},t,u] exp(s[{front},t,u]){allowed}"
    e = draft.define("e", text, auxiliary=True, s=s, M=mask)
    S = draft.define("S", "[...,t] sum(u, e[...,t,u])", auxiliary=True, e=e)
    return draft.define("A", "[...,t,u] e[...,t,u]/S[...,t]", function=SOFTMAX, e=e, S=S)


@layer("multi_head_attention", "several attentions side by side over one sequence, or from one to another")
def multi_head_attention(
    draft: Draft,
    x: Node,
    heads: Size,
    *,
    size: Size | None = None,
    source: Node | None = None,
    causal: bool = False,
    mask: Node | None = None,
    bias: bool = True,
) -> Node:
    """Add ``z[…,t,i] = Σ_{m,d} O[i,m,d] o[…,m,t,d] + b[i]``, o the attention of every head m.

    Parameters
    ----------
    heads, size
        How many heads, and the size of each; by default the model's size divided by the heads.
    source
        Where keys and values come from; `x` itself by default.
    """
    y, i = source or x, x.shape[-1]
    m, d = draft.size("M", heads), draft.size("K", head_size(draft, x, heads) if size is None else size)
    shapes = {"Q": i, "K": y.shape[-1], "V": y.shape[-1]}
    Q, K, V = (draft.parameter(f"W{name}", m=m, d=d, j=j) for name, j in shapes.items())
    out, b = draft.parameter("WO", i=i, m=m, d=d), draft.bias(bias, i=i)
    text = "[...,m,t,d] sum(j, W[m,d,j]*x[...,t,j])"
    q, k, v = (
        draft.define(role, text, W=W, x=node) for role, W, node in (("q", Q, x), ("k", K, y), ("v", V, y))
    )
    o = attention.build(draft, q, k, v, causal=causal, mask=mask)
    return draft.define("z", "[...,t,i] sum(m, d, O[i,m,d]*o[...,m,t,d]) + b[i]", O=out, o=o, b=b)


def head_size(draft: Draft, x: Node, heads: Size) -> int:
    """Return the model's size divided by the heads.

    Raises
    ------
    DefinitionError
        If it is not divisible, or either has no number.
    """
    (width,) = draft.numbers_of(x.shape[-1:])
    (count,) = draft.numbers_of([draft.extent(heads)])
    if not (width.is_Integer and count.is_Integer):
        raise DefinitionError(f"give the size of a head, as in size='K': {width} has no number")
    if width % count:
        raise DefinitionError(f"the size {width} of {x.name} is not divisible by {count} heads; give size=…")
    return int(sp.Integer(width) / count)
