"""Every way of computing a network is that network: its deltas, executed exactly, and its steps of descent.

The text of each schedule runs over numbers modulo a prime.  `loss` and `gradients` are held against the
deltas as they were derived, entry by entry; `train` against steps along the gradients of a plain kernel.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Any, cast

import numpy as np
import pytest

from symgrad.derive.agreement import at_sizes
from symgrad.derive.deltas import deltas
from symgrad.derive.scalars import evaluate
from symgrad.errors import DefinitionError
from symgrad.exact.algebra import Algebra
from symgrad.exact.residues import Residues
from symgrad.kernels.build import WAYS, spec_of
from symgrad.kernels.certify import one_hot
from symgrad.kernels.checker import check_text
from symgrad.kernels.execute import load_exact, objects
from symgrad.kernels.module import generate
from symgrad.kernels.spec import KernelSpec
from tests.kernels.exactly import leaf
from tests.kernels.representative import NETWORKS, model_of
from tests.kernels.schedules import ARRAYS, SCHEDULES, SHARED, scheduled, text_of

pytestmark = pytest.mark.uncompiled

FIELD = Residues(7)
ROWS = 5
"""One turn of four samples, and one that is left."""
MEETS = dict.fromkeys(SHARED, 2)
"""What a block is cut down to: two batches of blocks and a rest in five rows."""
FEWEST = 4
"""Epochs on all rows: an ordinary one, two by moments, and one after the guard spoke up."""


@cache
def texts(name: str) -> Mapping[str, tuple[KernelSpec, str]]:
    """Return a network's kernels by schedule, those that are alike once."""
    found: dict[str, tuple[KernelSpec, str]] = {}
    for schedule in SCHEDULES:
        spec = scheduled(model_of(name), schedule)
        if spec and text_of(spec) not in {text for _, text in found.values()}:
            found[schedule] = spec, text_of(spec)
    return found


@cache
def plain(name: str) -> tuple[KernelSpec, str]:
    """Return a network's kernel as it is without asking for anything."""
    spec = spec_of(model_of(name))
    return spec, generate(spec)


@cache
def leaves_of(name: str) -> dict[str, Any]:
    """Return unknowns of a field for all that a kernel is given."""
    spec = plain(name)[0]
    found = {n: leaf(spec, n, FIELD, ROWS) for n in (*spec.leaves, *(p.name for p in spec.parameters))}
    for target in (found[n] for n in spec.targets if spec.graph[n].targets == "one_hot"):
        target[:, -1] = 1 - target[:, :-1].sum(axis=1)
    return found


@cache
def truth(name: str) -> dict[str, list[Any]]:
    """Return the gradients by the deltas of a network, entry by entry."""
    model = model_of(name)
    names = [p.name for p in model.graph.parameters]
    sizes = {n: ROWS if n == model.samples else s for n, s in model.numbers(2, ROWS).items()}
    made = at_sizes(model.graph, deltas(model.graph, names, model.loss), sizes)
    leaves = leaves_of(name)
    given: dict[str, Any] = {}
    for n, array in leaves.items():
        given |= dict(zip(made.entries[n], array.ravel().tolist(), strict=True))
    values = evaluate(
        made.backward, cast("Algebra[Any]", FIELD), {**given, **one_hot(model, made, leaves, FIELD)}
    )
    return {n: [values[made.delta[e]] for e in made.entries[n]] for n in names}


@cache
def loss_of(name: str) -> Any:
    """Return the loss by the plain kernel."""
    return load_exact(plain(name)[1], FIELD)["loss"](*leaves_of(name).values())


def largest(name: str) -> bool:
    """Whether entries are moved by the largest one, which is any number here: losses are other logarithms.

    What these losses are worth the compiled texts show.
    """
    return any(node.reduce == "max" for node in plain(name)[0].graph.nodes)


def same(found: Any, wanted: Any) -> bool:
    pairs = zip(np.ravel(found), np.ravel(wanted), strict=True)
    return all(FIELD.equal(FIELD.number(0) + a, FIELD.number(0) + b) for a, b in pairs)


def check_gradients(name: str, text: str) -> None:
    """Hold `gradients` of a text against the deltas, and its loss against that of the plain kernel."""
    module = load_exact(text, FIELD)
    given = [a.copy() for a in leaves_of(name).values()]
    loss, *found = module["gradients"](*given)
    assert largest(name) or same(loss, loss_of(name))
    assert largest(name) or same(module["loss"](*given), loss_of(name))
    for (parameter, entries), gradient in zip(truth(name).items(), found, strict=True):
        assert same(gradient, entries), parameter
    assert all(same(a, b) for a, b in zip(given, leaves_of(name).values(), strict=True))


def runs(schedule: str) -> Iterator[tuple[int, int, bool, bool]]:
    """Yield epochs, batch, whether to shuffle and whether to drop what is left."""
    yield 1, 2, False, False
    yield 2, 2, True, True
    if schedule.startswith("single"):
        yield 1, 1, True, False
        yield 1, 1, False, False
    if schedule == "moments":
        yield FEWEST, ROWS + 2, False, False
    if schedule in SHARED:
        yield 1, ROWS, False, False
        yield 1, 3, True, False


def check_training(name: str, schedule: str, spec: KernelSpec, text: str) -> None:
    """Hold `train` of a text against steps along the gradients of the plain kernel."""
    for plan in runs(schedule):
        ends, wanted = trained(spec, text, schedule, name, plan)
        for parameter, (one, other) in pairs(ends, wanted).items():
            assert (parameter == "losses" and largest(name)) or same(one, other), f"{parameter} after {plan}"


def pairs(one: dict[str, Any], other: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    assert one.keys() == other.keys()
    return {key: (one[key], other[key]) for key in one}


def trained(
    spec: KernelSpec, text: str, schedule: str, name: str, plan: tuple[int, int, bool, bool]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return parameters and losses after training, by a text and step by step."""
    epochs, batch, shuffle, drop_last = plan
    module, orders = load_exact(text, FIELD), list[Any]()
    reorder, answers = module["reorder"], iter((True, True, False, *[True] * 9))

    def noted(order: Any, state: Any) -> None:
        reorder(order, state)
        orders.append(order.copy())

    module |= {"reorder": noted, "precise": lambda *_given: next(answers), "BLOCK": MEETS.get(schedule, 0)}
    now = {n: a.copy() for n, a in leaves_of(name).items()}
    rate, losses = FIELD.leaf("rate"), objects([FIELD.number(0)] * epochs)
    tail = batch, shuffle, drop_last, np.ones(1, np.uint64), np.zeros(1, np.uint8), losses
    train = module["train_in_blocks" if schedule in SHARED else "train"]
    assert train(*now.values(), rate, *tail) == epochs
    if not shuffle:
        orders = [np.arange(ROWS)] * epochs
    return {n: now[n] for n in leaves_of(name)} | {"losses": losses}, stepped(name, plan, orders, rate)


def stepped(name: str, plan: tuple[int, int, bool, bool], orders: list[Any], rate: Any) -> dict[str, Any]:
    """Train step by step along the gradients of the plain kernel."""
    (spec, text), (epochs, batch, _, drop_last) = plain(name), plan
    gradients = load_exact(text, FIELD)["gradients"]
    now = {n: a.copy() for n, a in leaves_of(name).items()}
    batch = min(batch, ROWS)
    last = ROWS - ROWS % batch if drop_last else ROWS
    losses = objects([FIELD.number(0)] * epochs)
    for epoch, order in enumerate(orders):
        for first in range(0, last, batch):
            rows = order[first : min(first + batch, last)]
            taken = {n: now[n][rows] if spec.has_samples(n) else now[n] for n in spec.leaves}
            loss, *found = gradients(*taken.values(), *(now[p.name] for p in spec.parameters))
            losses[epoch] += loss * len(rows) if spec.mean else loss
            for parameter, gradient in zip(spec.parameters, found, strict=True):
                now[parameter.name] = now[parameter.name] - rate * gradient
        losses[epoch] = losses[epoch] / last if spec.mean else losses[epoch]
    return now | {"losses": losses}


def check(name: str, schedule: str, spec: KernelSpec, text: str) -> None:
    check_gradients(name, text)
    check_training(name, schedule, spec, text)


QUICK = ("labels", "linear")
BY_NAME = [pytest.param(n, marks=[pytest.mark.slow] * (n not in QUICK)) for n in NETWORKS]


@pytest.mark.parametrize("name", BY_NAME)
def test_every_schedule_computes_the_deltas_and_descends(name: str) -> None:
    for schedule, (spec, text) in texts(name).items():
        check(name, schedule, spec, text)


def test_every_schedule_has_a_network() -> None:
    assert {s for name in ("labels", "linear") for s in texts(name)} == {*SCHEDULES}


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_the_file_of_every_schedule_is_accepted(name: str) -> None:
    assert [schedule for schedule in texts(name) if not accepted(name, schedule)] == []


@cache
def accepted(name: str, schedule: str) -> bool:
    """Whether the file alone is found right."""
    return check_text(texts(name)[schedule][1]).verdict == "right"


FAULTS = [
    ("labels", "single samples", "n = order[row] if shuffle else row", "n = row"),
    ("labels", "single samples", "n = order[row] if shuffle else row", "n = order[row] if shuffle else 0"),
    ("labels", "single samples", "        W1[i, j] = W1_turned[j, i]\n", "        W1[i, j] = W1[i, j]\n"),
    ("scalars", "single scalars", "        losses[epoch] += J\n", "        losses[epoch] = J\n"),
    ("skip", "single scalars", "        losses[epoch] /= rows", "        losses[epoch] /= 2"),
    ("linear", "large batches", "dy_3*x[n + 3, j]", "dy_3*x[n + 2, j]"),
    ("linear", "moments", "w_ref[:] = w", "w_ref[:] = 0"),
    ("linear", "moments", "known = whole", "known = True"),
    ("labels", "blocks", "min(BLOCK, count - block*BLOCK), count", "BLOCK, count"),
    ("labels", "blocks", "first = begin + block*BLOCK", "first = block*BLOCK"),
    ("labels", "phases", "first = begin + lower", "first = lower"),
    ("labels", "phases", "constant(x, 1, count)", "constant(x, 1, N)"),
    ("labels", "phases", "for i in range(piece, piece + 1)", "for i in range(piece, 4)"),
    ("labels", "phases", "x_now = x_shuffled[:count]", "x_now = x[begin:begin + count]"),
    ("labels", "phases in place", "W1[:] = W1_turned.T", "W1[:] = W1"),
    ("labels", "in place", "set_product(W2, 1, -", "set_product(W2, 0, -"),
    ("labels", "tiles", "set_in_tiles(W1_turned, 1, -", "set_in_tiles(W1_turned, 1, "),
]


@pytest.mark.parametrize(("name", "schedule", "right", "planted"), FAULTS)
def test_a_fault_on_a_path_of_its_own_is_found(name: str, schedule: str, right: str, planted: str) -> None:
    spec, text = texts(name)[schedule]
    assert right in text
    wrong = text.replace(right, planted)
    assert accepted(name, schedule)
    assert check_text(wrong).verdict == "wrong"
    with pytest.raises(AssertionError):
        check(name, schedule, spec, wrong)


def wishes(name: str) -> Iterator[str]:
    """Yield the text that each way of each node makes."""
    for node in plain(name)[0].graph.nodes:
        for way in WAYS if not node.is_leaf else ():
            with suppress(DefinitionError):
                asked = {**ARRAYS, node.name: way}
                yield generate(spec_of(model_of(name), schedule=asked, fast=way == "tiles"))


LONG = {"lstm": [pytest.mark.thorough], "attention": [pytest.mark.thorough], "one neuron": []}
BY_NODE = [pytest.param(n, marks=LONG.get(n, [pytest.mark.slow])) for n in NETWORKS]


@pytest.mark.parametrize("name", BY_NODE)
def test_every_node_can_be_computed_in_every_way_that_is_not_refused(name: str) -> None:
    texts = {text.split('"""', 2)[2]: text for text in wishes(name)}
    assert len(texts) > 1
    for text in texts.values():
        check_gradients(name, text)
