"""Every optimizer, course of the learning rate and way of clipping, against the published formulas."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest

import symgrad as sg
from symgrad.exact.algebra import ExactError
from symgrad.exact.residues import Residues
from symgrad.kernels.build import spec_of
from symgrad.kernels.execute import objects, run_exact
from symgrad.kernels.files import load_kernel, write
from symgrad.kernels.module import generate, program_of
from symgrad.kernels.spec import KernelSpec
from symgrad.model.optimizers import OPTIMIZERS, optimizer
from symgrad.model.rates import RATES
from tests.kernels import published
from tests.kernels.uncompiled import uncompiled

ROWS, BATCH, EPOCHS = 10, 4, 6
OPTIONS = {"epochs": 4.0, "every": 2.0, "factor": 0.7, "decay": 0.3, "final_rate": 0.002}
RATE = {"learning_rate": 0.03}
CLIPS: Mapping[str, dict[str, float]] = {
    "plain": {},
    "norm": {"clip_norm": 0.2, "warmup": 2.0},
    "value": {"clip_value": 0.05, "weight_decay": 0.1},
    "both": {"clip_norm": 0.3, "clip_value": 0.1, "weight_decay": 0.02, "warmup": 1.0},
}
FORMS: Mapping[str, Mapping[str, str]] = {"scalars": {}, "arrays": {"*": "arrays"}}


def rule_of(name: str, rate: str, more: Mapping[str, float]) -> sg.Optimizer:
    known = {n: v for n, v in OPTIONS.items() if n in RATES[rate].options}
    return optimizer(name, rate=rate, **known, **RATE, **more)


@cache
def base(form: str) -> KernelSpec:
    net = sg.mlp([2, 3, 2], hidden="tanh", output="identity", name="small")
    return spec_of(net.model, schedule=FORMS[form])


def start(made: Mapping[str, Any], dtype: str = "float64") -> tuple[Any, Any, dict[str, Any]]:
    random = np.random.default_rng(8)
    x, t = (random.normal(size=(ROWS, 2)).astype(dtype) for _ in range(2))
    return x, t, {p: random.normal(size=shape).astype(dtype) for p, shape in made["PARAMETERS"].items()}


def states(made: Mapping[str, Any], dtype: str = "float64") -> list[Any]:
    return [np.zeros(shape, dtype) for shape in made["STATES"].values()]


def run(
    made: Mapping[str, Any],
    values: Mapping[str, Any],
    data: tuple[Any, Any],
    kept: list[Any],
    *,
    epochs: int = EPOCHS,
    shuffle: bool = False,
    random: Any = None,
) -> None:
    tail = (BATCH, shuffle, False, np.ones(1, np.uint64) if random is None else random)
    given = (*data, *values.values(), *kept, *made["OPTIONS"].values(), *tail)
    assert made["train"](*given, np.zeros(1, np.uint8), np.empty(epochs)) == epochs


def compare(made: Mapping[str, Any], name: str, rate: str, dtype: str, close: float) -> None:
    x, t, values = start(made, dtype)
    own = {p: w.copy() for p, w in values.items()}
    run(made, own, (x, t), states(made, dtype))
    published.train(
        made["gradients"], (x, t), values, name, rate, made["OPTIONS"], epochs=EPOCHS, batch=BATCH
    )
    for p, w in values.items():
        assert own[p].dtype == dtype
        np.testing.assert_allclose(own[p], w, rtol=close, atol=close, err_msg=f"{name} {rate} {p}")


def compare_text(name: str, rate: str, clip: str, form: str) -> None:
    spec = replace(base(form), optimizer=rule_of(name, rate, CLIPS[clip]))
    compare(uncompiled(generate(spec)), name, rate, "float64", 1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_text_computes_the_published_formulas(name: str) -> None:
    first = list(OPTIMIZERS).index(name)
    for k, rate in enumerate(RATES):
        compare_text(name, rate, list(CLIPS)[(first + k) % len(CLIPS)], list(FORMS)[(first + k // 2) % 2])


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_rule_goes_with_every_course_and_every_clipping(name: str, form: str) -> None:
    for rate, clip in product(RATES, CLIPS):
        compare_text(name, rate, clip, form)


COMPILED = [
    ("nesterov", "step", "value", "scalars"),
    ("adamw", "cosine", "both", "arrays"),
]


@cache
def compiled(name: str, rate: str, clip: str, form: str) -> Mapping[str, Any]:
    spec = replace(base(form), optimizer=rule_of(name, rate, CLIPS[clip]))
    return vars(load_kernel(write(generate(spec))).module)


@pytest.mark.parametrize("case", COMPILED, ids=" ".join)
@pytest.mark.parametrize("dtype", ["float64", pytest.param("float32", marks=pytest.mark.slow)])
def test_what_is_compiled_does_too(case: tuple[str, str, str, str], dtype: str) -> None:
    compare(compiled(*case), *case[:2], dtype, 1e-12 if dtype == "float64" else 1e-4)


def ended(made: Mapping[str, Any], parts: tuple[int, ...]) -> list[Any]:
    """Return all that training changes, after several calls."""
    x, t, values = start(made)
    kept, random = states(made), np.array([7], np.uint64)
    for epochs in parts:
        run(made, values, (x, t), kept, epochs=epochs, shuffle=True, random=random)
    return [*values.values(), *kept, random]


@pytest.mark.parametrize("case", COMPILED, ids=" ".join)
def test_several_calls_are_one_call_bit_for_bit(case: tuple[str, str, str, str]) -> None:
    made = compiled(*case)
    for one, other in zip(ended(made, (37, 63)), ended(made, (100,)), strict=True):
        np.testing.assert_array_equal(one, other)


def test_every_rule_goes_on_where_it_stopped() -> None:
    for name, rate in zip(OPTIMIZERS, (*RATES, "cosine"), strict=True):
        made = uncompiled(generate(replace(base("scalars"), optimizer=rule_of(name, rate, CLIPS["both"]))))
        for one, other in zip(ended(made, (2, 3)), ended(made, (5,)), strict=True):
            np.testing.assert_array_equal(one, other)


def test_ascent_climbs_and_decays_all_the_same() -> None:
    net = sg.mlp([2, 3, 2], hidden="tanh", output="identity").maximise("J")
    rule = rule_of("momentum", "inverse", {"clip_norm": 0.2, "weight_decay": 0.1})
    made = uncompiled(generate(spec_of(net.model, rule)))
    x, t, values = start(made)
    own = {p: w.copy() for p, w in values.items()}
    run(made, own, (x, t), states(made), epochs=3)
    reference = (made["gradients"], (x, t), values, "momentum", "inverse", made["OPTIONS"])
    published.train(*reference, epochs=3, batch=BATCH, ascend=True)
    for p, w in values.items():
        np.testing.assert_allclose(own[p], w, rtol=1e-12)


def exact(field: Residues, spec: KernelSpec, name: str) -> Any:
    shape = [ROWS if s == spec.row else int(s) for s in spec.extents(name)]
    return objects([field.leaf(f"{name}{at}") for at in np.ndindex(*shape)]).reshape(shape)


def exact_runs(spec: KernelSpec, epochs: int, field: Residues) -> Iterator[tuple[Any, Any]]:
    """Yield pairs of entries after training in the emitted text, and by the formulas, modulo a prime."""
    text = generate(spec)
    leaves = {n: exact(field, spec, n) for n in (*spec.leaves, *(p.name for p in spec.parameters))}
    options = {n: field.leaf(n) for n in spec.optimizer.options}
    values = {p.name: leaves[p.name].copy() for p in spec.parameters}
    kept = [objects([0] * int(np.prod(s))).reshape(s) for s in uncompiled(text)["STATES"].values()]
    tail = (BATCH, False, False, np.ones(1, np.uint64), np.zeros(1, np.uint8), objects([0] * epochs))
    data = tuple(leaves[n] for n in spec.leaves)
    run_exact(text, field, "train", [*data, *(leaves[p] for p in values), *kept, *options.values(), *tail])
    name, rate = spec.optimizer.name.partition(" ")[0], spec.optimizer.name.partition("(")[2][:-1]

    def gradients(*args: Any) -> Any:
        return run_exact(text, field, "gradients", [np.ascontiguousarray(a) for a in args])

    wanted = {p: v.copy() for p, v in values.items()}
    step_by_step(gradients, data, wanted, name, rate or "constant", options, epochs)
    for p in values:
        yield from zip(leaves[p].ravel(), wanted[p].ravel(), strict=True)


def step_by_step(
    gradients: Any, data: Any, values: dict[str, Any], name: str, rate: str, o: Any, epochs: int
) -> None:
    kept: dict[str, dict[str, Any]] = {p: {} for p in values}
    step = 0
    for k in range(epochs):
        now = published.COURSES[rate](o["learning_rate"], k, o)
        for first in range(0, ROWS, BATCH):
            _, *found = gradients(*(d[first : first + BATCH] for d in data), *values.values())
            step += 1
            for p, g in zip(dict(values), found, strict=True):
                full = g + o["weight_decay"] * values[p] if "weight_decay" in o and name != "adamw" else g
                values[p] = published.RULES[name](values[p], full, kept[p], step, now, o)


@pytest.mark.parametrize(("name", "rate"), [("momentum", "exponential"), ("nesterov", "inverse")])
@pytest.mark.parametrize("form", FORMS)
def test_the_emitted_text_is_the_rule_exactly(name: str, rate: str, form: str) -> None:
    model = sg.mlp([2, 2, 1], hidden="identity", output="identity").model
    rule = optimizer(name, rate=rate, weight_decay=0.1)
    field = Residues(5)
    pairs = list(exact_runs(spec_of(model, rule, schedule=FORMS[form]), 2, field))
    assert len(pairs) == 9
    assert all(field.equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("name", ["adagrad", "rmsprop", "adam", "adamw"])
@pytest.mark.parametrize("form", FORMS)
def test_rules_with_roots_are_exact_where_the_roots_exist(name: str, form: str) -> None:
    """One weight and three steps: modulo a prime half of all numbers have a root."""
    model = sg.mlp([1, 1], output="identity", bias="none").model
    spec = spec_of(model, name, rate="inverse", schedule=FORMS[form])
    for seed in range(100):
        field = Residues(seed)
        with suppress(ExactError):
            ((one, other),) = exact_runs(spec, 1, field)
            assert field.equal(one, other)
            return
    pytest.fail("no seed has all roots")


def digits() -> sg.Network:
    return sg.mlp((12, 9, 4), hidden="tanh", output="softmax", loss="cross_entropy", targets="labels")


def test_fast_kernels_descend_in_place_at_a_rate_that_changes() -> None:
    program = program_of(spec_of(digits().model, rate="cosine", fast=True, batch=128))
    assert program.step.name == "_descend"
    assert "learning_rate_now" in program.step.arguments


def test_fast_kernels_end_where_plain_ones_do_at_a_rate_that_changes() -> None:
    field, ends = Residues(3), []
    for fast in (True, False):
        spec = spec_of(digits().model, rate="inverse", fast=fast, batch=128, schedule=FORMS["arrays"])
        text = generate(spec)
        assert ("def _descend(" in text) == fast
        leaves = [np.arange(ROWS) % 4 if spec.is_integer(n) else exact(field, spec, n) for n in spec.leaves]
        weights = [exact(field, spec, p.name) for p in spec.parameters]
        options = [field.leaf(n) for n in spec.optimizer.options]
        tail = (5, False, False, np.ones(1, np.uint64), np.zeros(1, np.uint8), objects([0, 0]))
        run_exact(text, field, "train", [*leaves, *weights, objects([0]), *options, *tail])
        ends.append([entry for w in weights for entry in w.ravel()])
    assert all(field.equal(one, other) for one, other in zip(*ends, strict=True))


@pytest.mark.parametrize("asked", [{"clip_norm": 1.0}, {"clip_value": 1.0}], ids=lambda a: next(iter(a)))
def test_fast_kernels_step_aside_where_gradients_change(asked: Any) -> None:
    program = program_of(spec_of(digits().model, fast=True, batch=128, **asked))
    assert program.step.name == "_gradients"


@pytest.mark.parametrize("fast", [False, True])
def test_alike_layers_share_their_update(fast: bool) -> None:
    net = sg.sequential(3, ["dense 3", "tanh"] * 8 + ["dense 2"])
    rule = rule_of("adamw", "linear", CLIPS["both"])
    made = uncompiled(text := generate(spec_of(net.model, rule, schedule=FORMS["arrays"], fast=fast)))
    assert "def _update_" in text
    x, t, values = start(made)
    x = np.random.default_rng(2).normal(size=(ROWS, 3))
    own = {p: w.copy() for p, w in values.items()}
    run(made, own, (x, t), states(made), epochs=2)
    reference = (made["gradients"], (x, t), values, "adamw", "linear", made["OPTIONS"])
    published.train(*reference, epochs=2, batch=BATCH)
    for p, w in values.items():
        np.testing.assert_allclose(own[p], w, rtol=1e-11, atol=1e-12)


def test_a_gradient_that_is_no_number_is_not_clipped_away() -> None:
    made = uncompiled(generate(replace(base("scalars"), optimizer=optimizer(clip_value=0.1, clip_norm=0.1))))
    x, t, values = start(made)
    x[0, 0] = np.nan
    run(made, values, (x, t), states(made), epochs=1)
    assert np.isnan(values["W1"]).any()


def test_only_trained_parameters_count_for_the_norm() -> None:
    net = sg.mlp([2, 3, 2], hidden="tanh", output="identity")
    made = uncompiled(generate(spec_of(net.model, clip_norm=0.01, trained=("W2",))))
    x, t, values = start(made)
    _, *grads = made["gradients"](x, t, *values.values())
    own = {p: w.copy() for p, w in values.items()}
    tail = (ROWS, False, False, np.ones(1, np.uint64), np.zeros(1, np.uint8), np.empty(1))
    made["train"](x, t, *own.values(), *states(made), *made["OPTIONS"].values(), *tail)
    g = dict(zip(values, grads, strict=True))["W2"]
    np.testing.assert_allclose(own["W2"], values["W2"] - 0.1 * 0.01 * g / np.linalg.norm(g), rtol=1e-12)
    assert all(np.array_equal(own[p], values[p]) for p in values if p != "W2")


LION = sg.Optimizer(
    "lion",
    ("m",),
    {"learning_rate": 0.01, "beta1": 0.9, "beta2": 0.99},
    ("w = w - learning_rate*sign(beta1*m + (1 - beta1)*g)", "m = beta2*m + (1 - beta2)*g"),
)


@pytest.mark.parametrize("form", FORMS)
def test_an_optimizer_of_ones_own_is_a_row_of_formulas(form: str) -> None:
    """Lion (Chen et al. 2023), with a rate of one's own and decay."""
    rate = sg.Rate("noam", {"rise": 4.0}, "learning_rate*min(step/rise, sqrt(rise/step))", ("rise",))
    made = uncompiled(generate(replace(base(form), optimizer=optimizer(LION, rate=rate, weight_decay=0.1))))
    assert made["OPTIMIZER"] == "lion (noam)"
    x, t, values = start(made)
    own = {p: w.copy() for p, w in values.items()}
    run(made, own, (x, t), states(made), epochs=2)
    m = {p: np.zeros_like(w) for p, w in values.items()}
    for step in range(1, 7):
        first = (step - 1) * BATCH % 12
        _, *grads = made["gradients"](x[first : first + 4], t[first : first + 4], *values.values())
        now = 0.01 * min(step / 4, (4 / step) ** 0.5)
        for p, g in zip(dict(values), grads, strict=True):
            full = g + 0.1 * values[p]
            values[p] = values[p] - now * np.sign(0.9 * m[p] + 0.1 * full)
            m[p] = 0.99 * m[p] + 0.01 * full
    for p, w in values.items():
        np.testing.assert_allclose(own[p], w, rtol=1e-12)


@pytest.mark.parametrize("form", FORMS)
def test_powers_of_the_step_keep_apart(form: str) -> None:
    """NAdam-like corrections: two powers of one option, and one of a number."""
    rules = ("m = b*m + (1 - b)*g", "w = w - r*(m/(1 - b^(step + 1)) + g/(1 - b^step) + 0.5^step*g)")
    row = sg.Optimizer("corrected", ("m",), {"r": 0.1, "b": 0.9}, rules)
    made = uncompiled(generate(replace(base(form), optimizer=row)))
    x, t, values = start(made)
    own = {p: w.copy() for p, w in values.items()}
    run(made, own, (x, t), states(made), epochs=1)
    m = {p: np.zeros_like(w) for p, w in values.items()}
    for k in (1, 2, 3):
        part = slice(4 * k - 4, 4 * k)
        _, *grads = made["gradients"](x[part], t[part], *values.values())
        for p, g in zip(dict(values), grads, strict=True):
            m[p] = 0.9 * m[p] + (1 - 0.9) * g
            values[p] = values[p] - 0.1 * (m[p] / (1 - 0.9 ** (k + 1)) + g / (1 - 0.9**k) + 0.5**k * g)
    for p, w in values.items():
        np.testing.assert_allclose(own[p], w, rtol=1e-12)


def test_a_step_as_long_as_its_number_keeps_its_gradients() -> None:
    row = sg.Optimizer("longer", (), {}, ("w = w - step*g",))
    program = program_of(spec_of(digits().model, row, fast=True, batch=128))
    assert program.step.name == "_gradients"


@pytest.mark.parametrize("word", ["size", "rows", "constant", "one", "first", "losses", "sqrt", "e"])
def test_a_word_of_the_text_is_no_option_of_ones_own(word: str) -> None:
    def text() -> str:
        rule = sg.Optimizer("mine", (), {word: 0.1}, (f"w = w - {word}*g/sqrt(1 + g^2)",))
        return generate(replace(base("arrays"), optimizer=rule))

    with pytest.raises(sg.SymgradError, match=f"{word} would mean two things"):
        text()


def test_a_name_of_the_network_makes_way_for_words_of_the_rule() -> None:
    definitions = sg.Definitions(
        {"n": "N", "i": 2},
        {"x": "n i"},
        {"t": "n"},
        {"g": "i", "norm": "i", "clip": "", "learning_rate_now": ""},
        {
            "y": "[n] sum(i, g[i]*x[n,i] + norm[i]*x[n,i]^2) + clip + learning_rate_now",
            "J": "sum(n, (y[n] - t[n])^2)/N",
        },
        output="y",
    )
    net = sg.define(definitions)
    for form in FORMS.values():
        rule = rule_of("momentum", "linear", CLIPS["both"])
        made = uncompiled(generate(spec_of(net.model, rule, schedule=form)))
        x, t, values = start(made)
        own = {p: w.copy() for p, w in values.items()}
        run(made, own, (x, t[:, 0].copy()), states(made), epochs=2)
        reference = (made["gradients"], (x, t[:, 0].copy()), values, "momentum", "linear", made["OPTIONS"])
        published.train(*reference, epochs=2, batch=BATCH)
        for p, w in values.items():
            np.testing.assert_allclose(own[p], w, rtol=1e-12)
