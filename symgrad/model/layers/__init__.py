"""Layers: functions that return definitions, and nothing about gradients."""

from collections.abc import Mapping

import sympy as sp

from symgrad.model.activations import IDENTITY, LOG_SOFTMAX, SOFTMAX, Activation
from symgrad.model.expressions import Ref
from symgrad.model.functions import function_of
from symgrad.model.graph import Axis, Kind, Node, Term


def leaf(name: str, kind: Kind, *axes: Axis, targets: str | None = None) -> Node:
    """Return an input, a target or a parameter."""
    return Node(name, axes, kind, targets=targets)


def pointwise(name: str, axes: tuple[Axis, ...], body: sp.Expr, *, auxiliary: bool = False) -> Node:
    """Return a node with one term and no sum."""
    return Node(name, axes, terms=(Term(tuple(a.symbol for a in axes), axes, body),), auxiliary=auxiliary)


def dense(name: str, parent: Node, weight: Node, bias: Node | None, *more: tuple[Node, Node]) -> Node:
    """Return ``z[n,i] = Σ_j W[i,j] a[n,j] + b[i]``.

    Parameters
    ----------
    parent
        The layer below, ``a[n,j]`` (or ``a[j]`` without samples).
    weight
        ``W[i,j]``, stored as (out, in).
    bias
        ``b[i]``, or a scalar shared by the layer, or None.
    more
        Further layers with their weights, for skip connections.
    """
    front, out = parent.axes[:-1], weight.axes[0]
    axes = (*front, out)
    write = tuple(a.symbol for a in axes)
    terms = [_product(write, axes, weight_, parent_) for parent_, weight_ in ((parent, weight), *more)]
    if bias is not None:
        terms.append(Term(write, axes, Ref(bias.name, (out.symbol,) if bias.axes else ())))
    return Node(name, axes, terms=tuple(terms))


def _product(write: tuple[sp.Symbol, ...], axes: tuple[Axis, ...], weight: Node, parent: Node) -> Term:
    inner = weight.axes[1]
    read = Ref(parent.name, (*write[:-1], inner.symbol))
    return Term(write, (*axes, inner), weight.ref * read)


def activate(
    name: str, pre: Node, activation: str | Activation, table: Mapping[str, Activation]
) -> tuple[Node, ...]:
    """Return the activation of a layer: one node, for softmax with its exp and normaliser before it."""
    if activation == SOFTMAX:
        return softmax(name, pre)
    if activation == LOG_SOFTMAX:
        return log_softmax(name, pre)
    row = activation if isinstance(activation, Activation) else table[activation]
    node = pointwise(name, pre.axes, function_of(row)(pre.ref))
    return (Node(node.name, node.axes, terms=node.terms, function=row.name),)


def softmax(name: str, pre: Node) -> tuple[Node, ...]:
    """Return ``p[n,i] = e[n,i]/S[n]`` with its auxiliaries ``e = exp(z)`` and ``S = Σ_i e``."""
    front, last = pre.axes[:-1], pre.axes[-1]
    exp = pointwise(f"{name}_exp", pre.axes, sp.exp(pre.ref), auxiliary=True)
    write = tuple(a.symbol for a in front)
    normaliser = Node(f"{name}_sum", front, terms=(Term(write, (*front, last), exp.ref),), auxiliary=True)
    value = pointwise(name, pre.axes, exp.ref / normaliser.ref)
    return exp, normaliser, Node(name, value.axes, terms=value.terms, function=SOFTMAX)


def log_softmax(name: str, pre: Node) -> tuple[Node, ...]:
    """Return ``y[n,i] = z[n,i] − log S[n]``, the logarithm of softmax, with the same auxiliaries."""
    exp, normaliser, _ = softmax(name, pre)
    value = pointwise(name, pre.axes, pre.ref - sp.log(normaliser.ref))
    return exp, normaliser, Node(name, value.axes, terms=value.terms, function=LOG_SOFTMAX)


__all__ = ["IDENTITY", "activate", "dense", "leaf", "log_softmax", "pointwise", "softmax"]
