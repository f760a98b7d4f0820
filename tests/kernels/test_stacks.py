"""Stacks of equal blocks of symbolic depth: one loop over the blocks, forward and back."""

import sympy as sp

import symgrad as sg
from symgrad.kernels.certify import prove_kernel
from symgrad.kernels.hoist import hoist
from symgrad.kernels.statements import Assign, Loop, When
from symgrad.model.expressions import Ref, index
from symgrad.model.graph import Node


def transformer() -> sg.Network:
    draft = sg.Draft("stack")
    x = draft.input("x", "T", 2)

    def block(inner: sg.Draft, h: Node) -> Node:
        return inner.add(h, inner.multi_head_attention(inner.layer_norm(h), 2, size="K", causal=True))

    y = draft.dense(draft.repeat(x, "L", block), 1)
    draft.loss("squared_error", y, draft.target("t", like=y))
    return draft.network(y)


def test_the_kernel_of_a_stack_of_attention_blocks_is_right() -> None:
    found = prove_kernel(transformer().model)
    assert {finding.verdict for findings in found.values() for finding in findings} == {"right"}


def test_a_division_stays_behind_its_condition() -> None:
    per_step = Assign(Ref("a", [index("i")]), 1 / Ref("s", [index("l") + 1]))
    guarded = When("l", sp.Integer(0), sp.Symbol("L") - 1, sp.Symbol("L"), (per_step,))
    (loop,) = hoist((Loop("i", sp.Integer(3), (guarded,)),))
    assert isinstance(loop, Loop)
    assert loop.body == (guarded,)
