"""The emitted text over exact numbers equals exact derivatives of the definitions."""

import numpy as np
import pytest
import sympy as sp

from symgrad.exact import NormalForms, translate
from symgrad.kernels.execute import objects, run_exact
from symgrad.kernels.module import generate
from symgrad.kernels.spec import KernelSpec
from symgrad.model.functions import expand
from tests.kernels.networks import spec_of

pytestmark = pytest.mark.uncompiled

ROWS = 2


def symbols(spec: KernelSpec, name: str) -> np.ndarray:
    node = spec.graph[name]
    shape = [ROWS if s == spec.row else int(s) for s in (a.size for a in spec.axes(node))] or [1]
    names = [sp.Symbol(f"{name}_{'_'.join(map(str, at))}", real=True) for at in np.ndindex(*shape)]
    return np.array(names, dtype=object).reshape(shape)


@pytest.mark.parametrize("options", [{}, {"*": "arrays"}], ids=["chosen", "arrays"])
@pytest.mark.parametrize("name", ["sigmoid", "skip"])
def test_text_is_the_gradient(name: str, options: dict[str, str]) -> None:
    spec = spec_of(name, schedule=options)
    leaves = {n: symbols(spec, n) for n in ("x", "t", *(p.name for p in spec.parameters))}
    loss = defined_loss(spec, leaves)
    algebra = NormalForms()
    args = [
        objects([translate(s, algebra) for s in leaves[n].ravel()]).reshape(leaves[n].shape) for n in leaves
    ]
    value, *found = run_exact(generate(spec), algebra, "gradients", args)
    assert algebra.equal(value, translate(loss, algebra))
    for parameter, gradient in zip(spec.parameters, found, strict=True):
        for entry, symbol in zip(gradient.ravel(), leaves[parameter.name].ravel(), strict=True):
            assert algebra.equal(entry, translate(sp.diff(loss, symbol), algebra)), symbol


def defined_loss(spec: KernelSpec, leaves: dict[str, np.ndarray]) -> sp.Expr:
    """Write the loss out in entries of the leaves."""
    table: dict[tuple[str, tuple[int, ...]], sp.Expr] = {}
    for name, entries in leaves.items():
        single = not spec.graph[name].axes
        table |= {(name, () if single else at): entries[at] for at in np.ndindex(*entries.shape)}
    for node in spec.graph.restricted([spec.loss]).nodes:
        for term in node.terms:
            axes = [(a.symbol, ROWS if a.size == spec.row else int(a.size)) for a in spec.sized(term.bound)]
            for at in np.ndindex(*(size for _, size in axes)):
                own = {symbol: sp.Integer(k) for (symbol, _), k in zip(axes, at, strict=True)}
                here = tuple(int(w.xreplace(own)) for w in term.write)
                reads = {
                    r: table[r.name, tuple(int(i.xreplace(own)) for i in r.index)] for r in term.accesses
                }
                body = term.body.xreplace(reads).xreplace({spec.row: sp.Integer(ROWS), **spec.bound})
                table[node.name, here] = table.get((node.name, here), sp.Integer(0)) + expand(body)
    return table[spec.loss, ()]


def test_a_changed_text_is_found_out() -> None:
    spec = spec_of("sigmoid")
    wrong = generate(spec).replace("dz2_0 = y_0*(one - y_0)", "dz2_0 = y_0*(one + y_0)")
    leaves = {n: symbols(spec, n) for n in ("x", "t", *(p.name for p in spec.parameters))}
    algebra = NormalForms()
    args = [
        objects([translate(s, algebra) for s in leaves[n].ravel()]).reshape(leaves[n].shape) for n in leaves
    ]
    right, bad = (run_exact(text, algebra, "gradients", args) for text in (generate(spec), wrong))
    assert algebra.equal(right[0], bad[0])
    assert not algebra.equal(right[1].ravel()[0], bad[1].ravel()[0])
