"""On either side of every threshold of the cost model a kernel computes and trains the same."""

from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symgrad as sg
from symgrad.exact.residues import Residues
from symgrad.kernels import costs, jam, moments, outer, schedule, streams, team, tiling
from symgrad.kernels.build import Options, spec_of
from symgrad.kernels.execute import load_exact, objects
from symgrad.kernels.module import generate
from symgrad.kernels.spec import KernelSpec
from tests.kernels.exactly import leaf

pytestmark = pytest.mark.uncompiled

THRESHOLDS: dict[tuple[Any, str], tuple[float, ...]] = {
    (schedule, "UNROLLED_UP_TO"): (0, 30, 60, 200),
    (costs, "CALL"): (0.0, 40.0, 612.5),
    (costs, "RUN"): (1, 4),
    (outer, "WRITTEN"): (1, 3, 32),
    (outer, "NARROW"): (1, 2, 4),
    (jam, "WIDE"): (2, 8),
    (jam, "LONGEST"): (4, 24),
    (streams, "CACHE"): (8, 100, 1 << 20),
    (tiling, "SMALL"): (0, 100),
    (tiling, "FULL"): (0.0, 0.9),
    (team, "FEWEST"): (1, 2, 8),
    (team, "LEAST"): (0,),
    (moments, "ROWS"): (1, 2, 512),
}
"""Values that small networks lie on both sides of."""
ASKED: tuple[Options, ...] = (
    {},
    {"fast": True, "batch": 1},
    {"fast": True, "batch": 3},
    {"fast": True, "batch": 8},
    {"team": True, "batch": 4},
    {"rewrite": "moments"},
)
LINEAR, FIELD = 5, Residues(7)


def exactly(spec: KernelSpec, text: str, rows: int, batch: int) -> list[Any]:
    """Return what a text computes and where it trains to, modulo a prime."""
    module, names = load_exact(text, FIELD), (*spec.leaves, *(p.name for p in spec.parameters))
    given_to = [leaf(spec, name, FIELD, rows) for name in names]
    loss, *gradients = module["gradients"](*given_to)
    losses = objects([FIELD.number(0)] * 4)
    tail = batch, True, False, np.ones(1, np.uint64), np.zeros(1, np.uint8), losses
    train = module.get("train_in_blocks", module["train"])
    assert train(*given_to, FIELD.leaf("rate"), *tail) == len(losses)
    found = (np.ravel(array).tolist() for array in (loss, *gradients, *given_to, losses))
    return [value for values in found for value in values]


def same(spec: KernelSpec, text: str, plain: KernelSpec, rows: int, batch: int) -> bool:
    """Whether two kernels compute the same and train to the same."""
    pairs = zip(exactly(spec, text, rows, batch), exactly(plain, generate(plain), rows, batch), strict=True)
    return all(FIELD.equal(FIELD.number(0) + one, FIELD.number(0) + other) for one, other in pairs)


def test_a_team_may_take_a_ticket_for_every_row() -> None:
    model = sg.mlp((1, 1), hidden="tanh", output="identity", loss="squared_error").model
    with patch.object(team, "FEWEST", 1), patch.object(team, "LEAST", 0):
        spec = spec_of(model, team=True, batch=4, schedule={"*": "arrays"})
        text = generate(spec)
    assert "def train_in_blocks" in text
    assert same(spec, text, spec_of(model), 9, 1)


@pytest.mark.slow
@given(st.data())
@settings(max_examples=15)
def test_both_sides_of_every_threshold(data: st.DataObject) -> None:
    number = data.draw(st.integers(0, LINEAR), "asked")
    shallow = number == LINEAR
    widths = data.draw(st.lists(st.integers(1, 5), min_size=2, max_size=2 if shallow else 4), "widths")
    rows, batch = data.draw(st.integers(1, 9), "rows"), data.draw(st.integers(1, 10), "batch")
    model = sg.mlp(tuple(widths), hidden="tanh", output="identity", loss="squared_error").model
    plain = spec_of(model)
    with ExitStack() as stack:
        for (module, name), values in THRESHOLDS.items():
            stack.enter_context(patch.object(module, name, data.draw(st.sampled_from(values), name)))
        spec = spec_of(model, **ASKED[number])
        text = generate(spec)
    assert same(spec, text, plain, rows, batch)
