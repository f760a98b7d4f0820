"""Recurrent layers, each a definition along the axis of steps: h[t] from h[t−1].

The axis before the last one has the steps.  ``reverse`` walks it from its end, so that two layers side by
side are a bidirectional one; ``last`` gives the state after the last step only (many to one).
"""

from typing import TypeAlias

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.model.activations import Activation
from symgrad.model.draft import Draft, Initial, Value
from symgrad.model.graph import Axis, Node
from symgrad.model.layers.registry import layer
from symgrad.model.ledger import Size

Values: TypeAlias = dict[str, Value]

GATE = "[...,t,i] sum(j, V[i,j]*x[...,t,j]) + sum(k, U[i,k]*h[...,t - p,k]) + b[i]"


@layer("rnn", "a state that every step makes of itself and the input (Elman 1990)")
def rnn(
    draft: Draft,
    x: Node,
    units: Size,
    *,
    function: str | Activation = "tanh",
    initial: Node | None = None,
    last: bool = False,
    reverse: bool = False,
) -> Node:
    """Add ``h[…,t,i] = tanh(Σ_j V[i,j] x[…,t,j] + Σ_k U[i,k] h[…,t−1,k] + b[i])``."""
    i = draft.size("D", units)
    names = _weights(draft, x, i)
    h = _state(draft, "h", x, i)
    z = draft.define("z", GATE, initial={"h": initial}, values=names, x=x, h=h, p=_past(reverse))
    h = draft.activate(z, function, name=h.name)
    return _result(draft, h, last, reverse)


@layer("gru", "a state with gates for what is kept and what is reset (Cho et al. 2014)")
def gru(
    draft: Draft,
    x: Node,
    units: Size,
    *,
    initial: Node | None = None,
    last: bool = False,
    reverse: bool = False,
) -> Node:
    """Add ``h[t] = u[t] h[t−1] + (1 − u[t]) c[t]``, c = tanh(V x[t] + b + r[t](U h[t−1] + d)).

    The reset gate stands behind the product with U, as in cuDNN and PyTorch.
    """
    i, p = draft.size("D", units), _past(reverse)
    sets = {gate: _weights(draft, x, i, gate) for gate in "ruc"}
    d = draft.bias(role="d", i=i)
    h = _state(draft, "h", x, i)
    past: Initial = {"h": initial}
    r, u = (_gate(draft, gate, x, h, p, past, sets[gate]) for gate in "ru")
    text = "[...,t,i] sum(j, V[i,j]*x[...,t,j]) + b[i] + r[...,t,i]*(sum(k, U[i,k]*h[...,t - p,k]) + d[i])"
    z = draft.define("zc", text, initial=past, values=sets["c"], x=x, h=h, r=r, d=d, p=p)
    c = draft.define("c", "[...,t,i] tanh(z[...,t,i])", z=z)
    text = "[...,t,i] u[...,t,i]*h[...,t - p,i] + (1 - u[...,t,i])*c[...,t,i]"
    h = draft.define("h", text, initial=past, u=u, h=h, c=c, p=p)
    return _result(draft, h, last, reverse)


@layer("lstm", "a cell with gates for input, forgetting and output (Hochreiter, Schmidhuber 1997)")
def lstm(
    draft: Draft,
    x: Node,
    units: Size,
    *,
    initial: Node | None = None,
    cell: Node | None = None,
    last: bool = False,
    reverse: bool = False,
) -> Node:
    """Add ``c[t] = f[t] c[t−1] + i[t] g[t]`` and ``h[t] = o[t] tanh(c[t])``, the gates of x[t] and h[t−1].

    The bias of the gate of forgetting starts at one (Gers, Schmidhuber, Cummins 2000).
    """
    i, p = draft.size("D", units), _past(reverse)
    sets = {gate: _weights(draft, x, i, gate, "ones" if gate == "f" else "zeros") for gate in "ifgo"}
    h, c = _state(draft, "h", x, i), _state(draft, "c", x, i)
    made = {gate: _gate(draft, gate, x, h, p, {"h": initial}, sets[gate]) for gate in "ifgo"}
    named: Values = {gate.upper(): node for gate, node in made.items()}
    text = "[...,t,i] F[...,t,i]*c[...,t - p,i] + I[...,t,i]*G[...,t,i]"
    c = draft.define("c", text, initial={"c": cell}, values=named, c=c, p=p)
    h = draft.define("h", "[...,t,i] O[...,t,i]*tanh(c[...,t,i])", values=named, c=c)
    return _result(draft, h, last, reverse)


def _weights(draft: Draft, x: Node, i: sp.Expr, gate: str = "", start: str = "zeros") -> Values:
    """Return the parameters of one gate: of the input, of the state, and the bias."""
    V = draft.parameter(f"V{gate}", i=i, j=x.shape[-1])
    U = draft.parameter(f"U{gate}", i=i, k=i)
    return {"V": V, "U": U, "b": draft.bias(role=f"b{gate}", start=start, i=i)}


def _gate(draft: Draft, gate: str, x: Node, h: Node, p: int, past: Initial, names: Values) -> Node:
    z = draft.define(f"z{gate}", GATE, initial=past, values=names, x=x, h=h, p=p)
    function = "tanh" if gate == "g" else "sigmoid"
    return draft.define(gate, f"[...,t,i] {function}(z[...,t,i])", z=z)


def _state(draft: Draft, role: str, x: Node, i: sp.Expr) -> Node:
    """Promise the state of every step."""
    if len(x.axes) < 2 + len(draft.front_of(x)):
        raise DefinitionError(f"{draft.shown(x)} needs an axis of steps and one of features")
    front = x.axes[:-2]
    steps, units = draft.letters("ti", front)
    return draft.promise(role, *front, Axis(steps, x.shape[-2]), Axis(units, i))


def _past(reverse: bool) -> int:
    return -1 if reverse else 1


def _result(draft: Draft, h: Node, last: bool, reverse: bool) -> Node:
    if not last:
        return h
    place = 0 if reverse else h.shape[-2] - 1
    return draft.define("last", "[...,i] h[...,P,i]", h=h, P=place)
