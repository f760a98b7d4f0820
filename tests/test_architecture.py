"""The house keeps its shape: imports, calls, comments and sizes, read from the source of every module.

A rule is a function from a module to the faults it finds there.  Every rule is itself tested: a fault
planted in a small tree of its own must be reported, and the decent neighbour must not.
"""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

import pytest

REPOSITORY = Path(__file__).parents[1]

# From the left to the right: a room may import what stands left of it, not its neighbours in a group.
ROOMS = (
    {"exact"},
    {"model"},
    {"derive"},
    {"notation"},
    {"verify", "show", "kernels"},
    {"train"},
    {"interop"},
    {"network"},
    {"asserted"},
    {"testing", "pytest_plugin"},
    {"cli"},
    {"__main__"},
)
RANK = {room: rank for rank, group in enumerate(ROOMS) for room in group}
FREE = ("symgrad.arrays", "symgrad.errors", "symgrad.files", "symgrad.model.names")
INDEPENDENT = ("symgrad.derive.paths", "symgrad.derive.deltas", "symgrad.derive.scalars")
GENERATED_MAY = {"numpy", "numba", "math"}
# Carries out code that was handed over as code: by its author, or in the child process with its limits.
RUNS_CODE = ("symgrad.verify.code.snippets",)
LONGEST = 300


@dataclass(frozen=True)
class Module:
    """One source file: its path below the repository and its text."""

    path: PurePosixPath
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, str(self.path))

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """The tree, walked through."""
        return list(ast.walk(self.tree))

    @property
    def name(self) -> str:
        parts = self.path.with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def room(self) -> str:
        """The first name below symgrad; the face itself is ``""``."""
        return (*self.name.split("."), "")[1]

    @property
    def may_load_late(self) -> bool:
        return self.path.parts[0] == "symgrad" and self.room in ("", "cli")

    @cached_property
    def imports(self) -> list[tuple[int, str]]:
        """Line and full dotted name of everything imported, wherever the import stands."""
        found: list[tuple[int, str]] = []
        for node in self.nodes:
            if isinstance(node, ast.Import):
                found += [(node.lineno, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = "." * node.level + (node.module or "")
                found += [(node.lineno, f"{base}.{alias.name}") for alias in node.names]
        return found


Rule = Callable[[Module], Iterator[tuple[int, str]]]


def within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def order_of_rooms(module: Module) -> Iterator[tuple[int, str]]:
    if module.name in ("symgrad.arrays", "symgrad.errors", "symgrad.files"):
        allowed = ("symgrad.errors",)
        imported = ((n, name) for n, name in module.imports if within(name, "symgrad"))
        wrong = ((n, name) for n, name in imported if not within(name, *allowed))
        yield from ((n, f"{module.room} imports {name}") for n, name in wrong)
    elif module.room and module.room not in RANK:
        yield 1, f"there is no room {module.room!r}; rooms: {', '.join(RANK)}"
    elif module.room:
        for line, name in module.imports:
            if not within(name, "symgrad") or within(name, *FREE):
                continue
            other = (*name.split("."), "")[1]
            rank = RANK.get(other, RANK["network"] + 0.5)
            if other != module.room and rank >= RANK[module.room]:
                yield line, f"{module.room} must not import {name}"


def neighbours_in_derive(module: Module) -> Iterator[tuple[int, str]]:
    if module.name in INDEPENDENT:
        others = [name for name in INDEPENDENT if name != module.name]
        yield from (
            (n, f"{module.name} imports {name}") for n, name in module.imports if within(name, *others)
        )


def train_without_symbols(module: Module) -> Iterator[tuple[int, str]]:
    if module.room == "train":
        for line, name in module.imports:
            foreign = within(name, "symgrad") and not within(name, *FREE, "symgrad.train")
            if foreign or within(name, "sympy"):
                yield line, f"train must not import {name}"


def names_without_graphs(module: Module) -> Iterator[tuple[int, str]]:
    if module.name == "symgrad.model.names":
        for line, name in module.imports:
            if within(name, "sympy") or (within(name, "symgrad") and not within(name, *FREE)):
                yield line, f"everybody may import {module.name}, so it must not import {name}"


def emitters_without_graphs(module: Module) -> Iterator[tuple[int, str]]:
    if within(module.name, "symgrad.kernels") and any(
        part.startswith("emit") for part in module.path.parts[2:]
    ):
        for line, name in module.imports:
            if within(name, "symgrad.model.graph", "symgrad.derive"):
                yield line, f"an emitter sees statements, not {name}"


def plain_imports(module: Module) -> Iterator[tuple[int, str]]:
    for line, name in module.imports:
        if name.startswith("."):
            yield line, f"relative import {name}"
        if name.endswith(".*"):
            yield line, f"import * from {name[:-2]}"


def imports_on_top(module: Module) -> Iterator[tuple[int, str]]:
    if module.may_load_late:
        return
    for function in module.nodes:
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            inside = (n for n in ast.walk(function) if isinstance(n, ast.Import | ast.ImportFrom))
            yield from ((node.lineno, f"import inside {function.name}") for node in inside)
    for node in module.nodes:
        if isinstance(node, ast.Call) and called(node) in ("import_module", "__import__"):
            name = node.args[0] if node.args else None
            if not (isinstance(name, ast.Constant) and not within(str(name.value), "symgrad")):
                yield node.lineno, "a module of symgrad, or one chosen at run time, is imported by a call"


def called(node: ast.Call) -> str:
    return ast.unparse(node.func).rpartition(".")[2]


def is_strict(node: ast.Call) -> bool:
    return any(k.arg == "strict" and ast.unparse(k.value) == "True" for k in node.keywords)


def text_is_never_run(module: Module) -> Iterator[tuple[int, str]]:
    builtin = (
        {"eval"} if module.room == "kernels" or module.name in RUNS_CODE else {"eval", "exec", "compile"}
    )
    parsers = {"sympify", "parse_expr", "parse_latex", "lambdify"}
    calls = [node for node in module.nodes if isinstance(node, ast.Call)]
    strict = {node.func for node in calls if called(node) == "sympify" and is_strict(node)}
    banned = builtin | parsers | {f"builtins.{name}" for name in builtin}
    for node in module.nodes:
        if isinstance(node, ast.Name | ast.Attribute) and node not in strict:
            name = ast.unparse(node)
            if name in banned or name.rpartition(".")[2] in parsers:
                yield node.lineno, name
    yield from ((c.lineno, "S(…)") for c in calls if ast.unparse(c.func) in ("S", "sp.S", "sympy.S"))
    for line, name in module.imports:
        if within(name, "sympy", "builtins") and name.rpartition(".")[2] in builtin | parsers:
            yield line, f"import of {name}"


def no_switches_in_comments(module: Module) -> Iterator[tuple[int, str]]:
    switch = re.compile(
        r"#\s*(pragma|noqa|nosec|type:\s*ignore|(mypy|pyright|ruff|isort|pylint):)", re.IGNORECASE
    )
    for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
        if token.type == tokenize.COMMENT and switch.search(token.string):
            yield token.start[0], token.string


def docstrings(module: Module) -> Iterator[tuple[int, str]]:
    if module.tree.body and not ast.get_docstring(module.tree):
        yield 1, "the module has no docstring"
    for node in module.tree.body:
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and not node.name.startswith("_")
            and "overload" not in [ast.unparse(d) for d in node.decorator_list]
            and not ast.get_docstring(node)
        ):
            yield node.lineno, f"{node.name} has no docstring"


def size_and_name(module: Module) -> Iterator[tuple[int, str]]:
    length = len(module.text.splitlines())
    if length > LONGEST:
        yield length, f"{length} lines; {LONGEST} are the limit"
    if "utils" in module.name.split("."):
        yield 1, "a module named utils"


def generated_imports(module: Module) -> Iterator[tuple[int, str]]:
    for line, name in module.imports:
        if name.split(".")[0] not in GENERATED_MAY:
            yield line, f"a generated file imports {name}"


RULES: list[Rule] = [
    order_of_rooms,
    neighbours_in_derive,
    train_without_symbols,
    names_without_graphs,
    emitters_without_graphs,
    plain_imports,
    imports_on_top,
    text_is_never_run,
    no_switches_in_comments,
    docstrings,
    size_and_name,
]


@cache
def modules(root: Path, folder: str) -> list[Module]:
    files = sorted((root / folder).rglob("*.py"))
    return [Module(PurePosixPath(f.relative_to(root).as_posix()), f.read_text("utf-8")) for f in files]


def faults(found: list[Module], rule: Rule) -> list[str]:
    return [f"{module.path}:{line}: {message}" for module in found for line, message in rule(module)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_symgrad_keeps_the_rule(rule: Rule) -> None:
    found = modules(REPOSITORY, "symgrad")
    assert found
    assert faults(found, rule) == []


def test_generated_files_stand_alone() -> None:
    assert faults(modules(REPOSITORY, "generated"), generated_imports) == []


def test_tests_switch_no_check_off() -> None:
    assert faults(modules(REPOSITORY, "tests"), no_switches_in_comments) == []


FAULTY = [
    (order_of_rooms, "exact/ring.py", "from symgrad.model.graph import Node"),
    (order_of_rooms, "verify/check.py", "import symgrad.kernels.emit as emit"),
    (order_of_rooms, "show/page.py", "if TYPE_CHECKING:\n    from symgrad import verify"),
    (order_of_rooms, "derive/deltas.py", "from symgrad import Network"),
    (order_of_rooms, "network.py", "import symgrad"),
    (order_of_rooms, "attic.py", ""),
    (order_of_rooms, "errors.py", "from symgrad.exact import ring"),
    (neighbours_in_derive, "derive/paths.py", "from symgrad.derive import deltas"),
    (neighbours_in_derive, "derive/scalars.py", "from symgrad.derive.paths import paths"),
    (train_without_symbols, "train/loop.py", "import sympy as sp"),
    (train_without_symbols, "train/loop.py", "from symgrad.model.graph import Graph"),
    (names_without_graphs, "model/names.py", "from symgrad.model.graph import Graph"),
    (emitters_without_graphs, "kernels/emit_numba.py", "from symgrad.model import graph"),
    (emitters_without_graphs, "kernels/emit.py", "from symgrad.derive.rewrite import stable"),
    (plain_imports, "model/graph.py", "from .terms import fresh"),
    (plain_imports, "model/graph.py", "from math import *"),
    (imports_on_top, "model/graph.py", "def f():\n    import sympy"),
    (imports_on_top, "model/graph.py", "class C:\n    async def f(self):\n        from math import pi"),
    (imports_on_top, "model/graph.py", "graph = importlib.import_module('symgrad.derive')"),
    (imports_on_top, "model/graph.py", "graph = import_module(name)"),
    (text_is_never_run, "model/formula.py", "value = eval(text)"),
    (text_is_never_run, "model/formula.py", "exec(text)"),
    (text_is_never_run, "kernels/files.py", "eval(text)"),
    (text_is_never_run, "verify/code/snippets.py", "eval(text)"),
    (text_is_never_run, "verify/code/check.py", "exec(text)"),
    (text_is_never_run, "verify/arrays/snippets.py", "compile(text)"),
    (text_is_never_run, "model/formula.py", "values = map(sp.sympify, texts)"),
    (text_is_never_run, "model/formula.py", "value = sp.sympify(text, strict=False)"),
    (text_is_never_run, "model/formula.py", "value = sp.S(text)"),
    (text_is_never_run, "model/formula.py", "from sympy.parsing.sympy_parser import parse_expr as read"),
    (text_is_never_run, "model/formula.py", "run = builtins.eval"),
    (no_switches_in_comments, "model/graph.py", "import os  # " + "noqa: F401"),
    (no_switches_in_comments, "model/graph.py", "x = f()  # " + "type: ignore[arg-type]"),
    (docstrings, "model/graph.py", '"""Doc."""\ndef public(): ...'),
    (docstrings, "model/graph.py", "x = 1"),
    (size_and_name, "model/utils.py", ""),
    (size_and_name, "model/graph.py", "\n" * (LONGEST + 1)),
    (generated_imports, "classifier.py", "from symgrad.errors import DataError"),
]

DECENT = [
    (order_of_rooms, "network.py", "from symgrad.interop.tabular import read"),
    (order_of_rooms, "exact/ring.py", "from symgrad.model.names import check\nfrom symgrad import errors"),
    (order_of_rooms, "cli.py", "import symgrad"),
    (order_of_rooms, "__init__.py", "from symgrad.network import Network"),
    (neighbours_in_derive, "derive/agreement.py", "from symgrad.derive import deltas, paths"),
    (train_without_symbols, "train/loop.py", "import numpy\nfrom symgrad.errors import DataError"),
    (emitters_without_graphs, "kernels/lower.py", "from symgrad.model.graph import Graph"),
    (imports_on_top, "cli/verbs.py", "def derive():\n    import sympy"),
    (imports_on_top, "__init__.py", "def __getattr__(name):\n    return import_module(name)"),
    (imports_on_top, "show/curve.py", "def plot():\n    return import_module('matplotlib.pyplot')"),
    (text_is_never_run, "kernels/files.py", "exec(compile(text, path, 'exec'), names)"),
    (text_is_never_run, "verify/code/snippets.py", "exec(compile(text, path, 'exec'), names)"),
    (
        text_is_never_run,
        "model/graph.py",
        "x = sp.sympify(i, strict=True)\np = re.compile('a')\nhalf = sp.S.Half",
    ),
    (no_switches_in_comments, "model/graph.py", "text = 'x  # noqa'  # the type: of it"),
    (docstrings, "model/graph.py", '"""Doc."""\ndef _private(): ...'),
    (docstrings, "model/__init__.py", ""),
    (generated_imports, "classifier.py", "import numpy as np\nfrom numba import njit"),
]


def planted(root: Path, path: str, source: str) -> list[Module]:
    file = root / "symgrad" / path
    file.parent.mkdir(parents=True)
    file.write_text(source, "utf-8")
    return modules(root, "symgrad")


@pytest.mark.parametrize(("rule", "path", "source"), FAULTY)
def test_a_planted_fault_is_reported(tmp_path: Path, rule: Rule, path: str, source: str) -> None:
    (fault,) = faults(planted(tmp_path, path, source), rule)
    assert fault.startswith(f"symgrad/{path}:")


@pytest.mark.parametrize(("rule", "path", "source"), DECENT)
def test_the_decent_neighbour_is_not(tmp_path: Path, rule: Rule, path: str, source: str) -> None:
    assert faults(planted(tmp_path, path, source), rule) == []
