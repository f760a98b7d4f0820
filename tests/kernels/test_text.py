"""What stands in the text of a kernel: the same every time, scheduled with a reason, no bare numbers."""

import ast
from dataclasses import replace

import pytest

import symgrad as sg
from symgrad.kernels.build import spec_of as spec_of_model
from symgrad.kernels.lower import lower
from symgrad.kernels.module import generate
from symgrad.kernels.plan import schedule
from symgrad.kernels.spec import KernelSpec
from tests.kernels.networks import NETWORKS, spec_of

pytestmark = pytest.mark.uncompiled
NEEDED = {
    "import math",
    "import numpy as np",
    "from numba import njit",
    "from numba import njit, types",
    "from numba.extending import register_jitable",
    "from numba.extending import overload, register_jitable",
}
ENTRIES = {"forward", "loss", "gradients", "train"}
WITHIN = ("register_jitable(no_cfunc_wrapper=True, ", "njit(inline='always', ", "inlined", "in_float32(")


@pytest.mark.parametrize("name", NETWORKS)
def test_the_text_is_always_the_same_and_narrow(name: str) -> None:
    text = generate(spec_of(name))
    assert text == generate(spec_of(name))
    assert max(map(len, text.splitlines())) <= 110


def test_long_lines_are_broken_where_a_person_would() -> None:
    moments = generate(spec_of_model(sg.zoo("linear_regression").model, "adam", rewrite="moments"))
    for text in (generate(spec_of("open", "adam", schedule={"*": "arrays"})), moments):
        assert max(map(len, text.splitlines())) <= 110
        assert not [line for line in text.splitlines() if line.endswith(" ")]
        assert any(line.strip().startswith("/(epsilon + sqrt(v_b") for line in text.splitlines())


@pytest.mark.parametrize("name", NETWORKS)
def test_imports_numpy_and_numba_only(name: str) -> None:
    tree = ast.parse(generate(spec_of(name)))
    found = [ast.unparse(s) for s in tree.body if isinstance(s, ast.Import | ast.ImportFrom)]
    assert set(found) <= NEEDED


@pytest.mark.parametrize("name", NETWORKS)
def test_formulas_have_no_literals(name: str) -> None:
    """A literal factor would turn float32 into float64; sizes, subscripts and powers may have some."""
    tree = ast.parse(generate(spec_of(name)))
    named = ("_gradients", "forward", "loss")
    functions = [f for f in tree.body if isinstance(f, ast.FunctionDef) and f.name in named]
    assert not [ast.unparse(e) for f in functions for e in _literals(f)]


def _literals(tree: ast.AST) -> list[ast.AST]:
    """Return the literals that are operands, outside subscripts and constants."""
    constant = isinstance(tree, ast.Call) and ast.unparse(tree.func) == "constant"
    if constant or isinstance(tree, ast.Subscript):
        return []
    sides = (
        [tree.left, tree.right] if isinstance(tree, ast.BinOp) and not isinstance(tree.op, ast.Pow) else []
    )
    return [s for s in sides if isinstance(s, ast.Constant)] + [
        e for child in ast.iter_child_nodes(tree) for e in _literals(child)
    ]


BY_HAND = {
    # z 2·(2 + 2), σ 2, twice; J 6 and its mean 1; δz2 2·5, db2 2, dW2 4·2; δz1 2·6, db1 2, dW1 4·2.
    "2-2-2": (sg.mlp((2, 2, 2), hidden="sigmoid", output="sigmoid", loss="squared_error"), 20, 69),
    # z 2·(3 + 3), relu 2; J 6 and its mean 1; δz 2·4, db 2, dW 6·2.
    "relu": (sg.mlp((3, 2), output="relu", loss="squared_error"), 14, 43),
    # z 12, the largest 1, exp(z − largest) 2·2, Σ 1, y 3; log Σ 1, J 8 and its mean 1; δz 2·2, db 2, dW 12.
    "softmax": (sg.mlp((3, 2), output="softmax", loss="cross_entropy"), 21, 49),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_the_operations_of_the_head_are_those_counted_by_hand(name: str) -> None:
    net, forward, gradients = BY_HAND[name]
    lines = generate(spec_of_model(net.model)).splitlines()
    assert f"Operations per sample, forward: {forward}." in lines
    assert f"Operations per sample, with gradients: {gradients}." in lines


def test_the_schedule_gives_reasons() -> None:
    choices = {c.node: c for c in schedule(spec_of("open"))}
    assert str(choices["z1"]) == "z1: blas, sizes are open"
    assert str(choices["db1"]) == "db1: loops, not a product of two matrices"
    assert lower(spec_of("sigmoid")).reason is not None
    assert lower(spec_of("sigmoid", schedule={"*": "arrays"})).reason is None
    asked = schedule(spec_of("open", schedule={"z1": "loops"}))
    assert "z1: loops, as asked for" in map(str, asked)


@pytest.mark.parametrize("name", NETWORKS)
def test_only_what_python_calls_is_compiled_for_it(name: str) -> None:
    tree = ast.parse(generate(spec_of(name)))
    functions = [s for s in tree.body if isinstance(s, ast.FunctionDef)]
    compiled = {f.name for f in functions for d in f.decorator_list if "njit(cache=True" in ast.unparse(d)}
    assert compiled == ENTRIES
    inside = [d for f in functions if f.name not in ENTRIES for d in f.decorator_list]
    assert inside
    assert all(ast.unparse(d).startswith(WITHIN) for d in inside)


@pytest.mark.parametrize(
    "said",
    [
        '"""\nimport os\n"""',
        "a path\\new",
        r"\N{no} \x",
        'it ends "so"',
        "nul \0",
        "two\nlines",
        "σ′ = a(1 − a)",
    ],
)
def test_what_others_write_stays_text(said: str) -> None:
    """The title and the path of a network file may come from anybody, and the module is executed."""
    spec = replace(spec_of("sigmoid"), title=said, command=f"symgrad generate {said}", task=said)
    tree = ast.parse(generate(spec))
    told = ast.get_docstring(tree, clean=False) or ""
    assert told.startswith(f"sigmoid: {' '.join(said.split())}.")
    assert f"Re-make: symgrad generate {said}\n" in told
    plain = ast.parse(generate(spec_of("sigmoid")))
    assert list(map(type, tree.body)) == list(map(type, plain.body))
    assert f"TASK = {said!r}" in map(ast.unparse, tree.body)


def how(spec: KernelSpec) -> dict[str, str]:
    """Return the decorators of the functions of a kernel that have some."""
    functions = [s for s in ast.parse(generate(spec)).body if isinstance(s, ast.FunctionDef)]
    return {f.name: ast.unparse(f.decorator_list[0]) for f in functions if f.decorator_list}


def test_what_is_called_once_is_compiled_with_its_caller() -> None:
    """Numba puts no function of more than 30 arguments into the place of its call."""
    few, many = (sg.mlp(sizes, hidden="tanh", output="tanh") for sizes in ((9, 9, 9), (9,) * 7))
    found = [how(spec_of_model(n.model, schedule={"*": "arrays"}))["_gradients"] for n in (few, many)]
    assert found[0].startswith("njit(inline='always'")
    assert found[1].startswith("register_jitable(no_cfunc_wrapper=True")


def test_of_a_team_only_its_members_are_compiled_for_python() -> None:
    net = sg.mlp((784, 128, 10), hidden="relu", output="softmax", loss="cross_entropy", targets="labels")
    made = how(spec_of_model(net.model, team=True, batch=64))
    assert {name for name, words in made.items() if "cache=True" in words} == {*ENTRIES, "_member"}
    assert {"_samples", "_change", "_loss_of_batch"} < made.keys()
