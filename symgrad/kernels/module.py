"""A kernel as one file: head, description, helpers, functions."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace

import sympy as sp

from symgrad.errors import DefinitionError
from symgrad.exact.collector import paused
from symgrad.kernels.bindings import APART, check_bindings, check_rule
from symgrad.kernels.blas import SET_PRODUCT
from symgrad.kernels.drawing import DRAW, ORDER
from symgrad.kernels.driver import aligned, gradients_text
from symgrad.kernels.elementary import HELPERS, closure, helper_text
from symgrad.kernels.emit import function, wrapped
from symgrad.kernels.files import FORMAT
from symgrad.kernels.imports import imports_of, standard_imports
from symgrad.kernels.leaves import Start, starts
from symgrad.kernels.lower import lower
from symgrad.kernels.meeting import MEETING
from symgrad.kernels.memory import memory, with_buffers
from symgrad.kernels.moments import head_lines
from symgrad.kernels.names import Codes
from symgrad.kernels.online_driver import train_texts
from symgrad.kernels.operations import count
from symgrad.kernels.outline import with_blocks
from symgrad.kernels.precision import PRECISE
from symgrad.kernels.printer import helpers_of
from symgrad.kernels.program import Program
from symgrad.kernels.reading import read_as
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.stack import ALIGN_STACK
from symgrad.kernels.statements import Apply, Record, expressions, walk
from symgrad.kernels.team import alone, block_rows, longest_wait, team_texts
from symgrad.kernels.tiles import TILES
from symgrad.kernels.updates import states, words
from symgrad.model.graph import Node


@paused()
def generate(spec: KernelSpec) -> str:
    """Return the text of the kernel of a network.

    Raises
    ------
    DefinitionError
        If a node cannot be computed by a kernel.
    """
    text = _text(program_of(spec))
    check_bindings(text, (*spec.optimizer.options, "batch"))
    check_rule(text, words(spec))
    return text


def program_of(spec: KernelSpec) -> Program:
    """Return the functions of a kernel, under names that mean one thing each.

    The network is lowered in codes, so that names are found before anything is made readable.

    Raises
    ------
    DefinitionError
        If a node cannot be computed by a kernel.
    """
    codes = Codes.of(spec)
    try:
        program = lower(codes.coded)
    except DefinitionError as problem:
        raise DefinitionError(codes.read(str(problem))) from None
    names = codes.names(map(_code, _functions(program)))
    made = with_buffers(with_blocks(read_as(program, names, codes.readable(names))))
    return replace(made, phases=None) if made.phases and alone(made) else made


def _code(function: str) -> str:
    """Return the arguments and statements of the text of a function, without remarks."""
    decorated, _, body = function.split('"""')
    arguments = decorated.partition("def ")[2].partition("(")[2]
    return "\n".join(line for line in (arguments, *body.splitlines()) if not line.lstrip().startswith("#"))


def _functions(program: Program) -> list[str]:
    spec = program.spec
    functions = [*program.blocks, program.forward, program.loss, program.full]
    functions += [program.step] if program.step is not program.full else []
    functions += [program.once] if program.once else []
    functions += [program.online.step] if program.online else []
    made = [function(f, spec.like).strip() for f in (*functions, *program.extra)]
    training = (*train_texts(program), *team_texts(program))
    return [*made, gradients_text(program).strip(), *(text.strip() for text in training)]


def _text(program: Program) -> str:
    parts = [helper_text(name).strip() for name in _helpers(program)]
    team = program.spec.threads and not alone(program)
    parts += [text.strip() for text in _products(program)]
    parts += [PRECISE.strip()] if program.spec.moments else []
    parts += [MEETING.strip()] if team else []
    parts += [ALIGN_STACK.strip()] if aligned(program) else []
    parts += [ORDER.strip(), *([DRAW.strip()] if program.spec.drawn else []), *_functions(program)]
    standard = standard_imports("\n".join(parts))
    head = [
        _head(program),
        "",
        *standard,
        *([""] if standard else []),
        "import numpy as np",
        *imports_of("\n".join(parts)),
        "",
        *_described(program),
    ]
    return APART.join(("\n".join(head), *parts)) + "\n"


def _products(program: Program) -> Iterator[str]:
    """Yield what the products of a kernel need besides NumPy."""
    made = tuple(program.products)
    if any(product.rate is not None and not product.tiled for product in made):
        yield SET_PRODUCT
    if any(product.tiled for product in made):
        yield TILES


def _helpers(program: Program) -> tuple[str, ...]:
    functions = (*program.blocks, program.forward, program.loss, program.full, program.step, *program.extra)
    functions += (program.once,) if program.once else ()
    functions += (program.online.step,) if program.online else ()
    functions += program.phases.functions if program.phases else ()
    made = [s for f in (*(f.body for f in functions), program.updates.norm) for s in walk(f)]
    values = [
        *(v for s in made for v in expressions(s)),
        *(e.value for e in program.spec.optimizer.equations),
    ]
    applied = {s.function for s in made if isinstance(s, Apply)}
    applied |= {"greater" for s in made if isinstance(s, Record)}
    return closure({"constant", *applied, *(h for v in values for h in helpers_of(v) if h in HELPERS)})


def _head(program: Program) -> str:
    spec = program.spec
    title = spec.title if spec.title not in ("", spec.name) else "loss, gradients and training"
    lines = [f"{spec.name}: {' '.join(title.split())}.", ""]
    origin = f"from network {spec.network[:16]}…; " if spec.network else ""
    lines.append(f"Format {FORMAT}, {origin}do not edit.")
    lines += [f"Re-make: {spec.command}"] if spec.command else []
    lines += [*spec.statements, *(head_lines(spec.moments) if spec.moments else ())]
    sizes = {**spec.bound, spec.row: sp.Integer(1)}
    lines.append(f"Operations per sample, forward: {count(program.forward, sizes)}.")
    lines.append(f"Operations per sample, with gradients: {count(program.full, sizes)}.")
    lines.append(f"Workspaces of a training step: {memory(program)}.")
    lines += [f"Threads: {_threads(program)}."] if spec.threads else []
    lines += [
        "",
        *_shapes(program),
        *_remarks(spec),
        "",
        "Arrays are C-contiguous, samples first, all of one type, float32 or float64.",
    ]
    return _docstring("\n".join(lines))


def _docstring(text: str) -> str:
    """Write a docstring; a title or a path may hold what would end it, or mean something else in it."""
    marked = text.replace("\\", r"\\").replace('"""', r"\"\"\"")
    plain = "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in marked)
    return f'"""{plain}"""'


def _threads(program: Program) -> str:
    reason = alone(program)
    return f"one; {reason}" if reason else "train_in_blocks takes any number, the bits do not depend on it"


def _shapes(program: Program) -> list[str]:
    spec = program.spec
    inputs = ", ".join(f"{name} {_spelled(spec, spec.graph[name])}" for name in spec.inputs)
    targets = ", ".join(
        f"{name} {_spelled(spec, spec.graph[name])} targets ({_kind(spec, name)})" for name in spec.targets
    )
    parameters = ", ".join(f"{p.name} {_spelled(spec, p)}" for p in spec.parameters)
    lines = [" · ".join(part for part in (f"{inputs} inputs" if inputs else "", targets) if part)]
    lines += [line.strip() for line in wrapped(tuple(f"{parameters} parameters".split(", ")))]
    lines[-1] = lines[-1].rstrip(",")
    return lines


def _remarks(spec: KernelSpec) -> list[str]:
    """Say which arrays are no floats, which stay whole, and what is drawn."""
    integers = [name for name in spec.inputs if spec.is_integer(name)]
    whole = [name for name in spec.leaves if not spec.has_samples(name)]
    remarks = [f"Integers (int64): {', '.join(integers)}."] if integers else []
    remarks += [f"Without samples, the same for every batch: {', '.join(whole)}."] if whole else []
    remarks += [
        f"Drawn by train for every batch: {name}, 1 with probability {keep}, else 0; forward takes the mean."
        for name in spec.drawn
        for keep in [spec.graph[name].drawn]
    ]
    return ["", *remarks] if remarks else []


def _kind(spec: KernelSpec, name: str) -> str:
    return spec.graph[name].targets or "free"


def _spelled(spec: KernelSpec, node: Node) -> str:
    shape = spec.shape(node)
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _described(program: Program) -> Iterator[str]:
    """Write what the training loop needs to know as literals."""
    spec = program.spec
    yield f"FORMAT = {FORMAT}"
    yield f"NETWORK = {_quoted(spec.network)}"
    yield f"SAMPLES = {_quoted(str(spec.shown_size(spec.row)))}"
    yield from _shape_table("INPUTS", spec, spec.given)
    yield from _shape_table("DRAWN", spec, spec.drawn)
    yield from _shape_table("TARGETS", spec, spec.targets)
    yield from _shape_table("OUTPUTS", spec, spec.outputs)
    yield from _shape_table("PARAMETERS", spec, tuple(p.name for p in spec.parameters))
    kinds = (*filter(spec.is_integer, spec.given), *spec.targets)
    yield from _table("KINDS", {spec.name_of(n): _quoted(_kind(spec, n)) for n in kinds})
    yield from _table("LABELS", {spec.name_of(n): _size(spec, c) for n, c in spec.classes.items()})
    yield f"NEEDS = {_literal(spec.needs)}"
    yield from _table("STARTS", {spec.name_of(n): _start(spec, s) for n, s in _starts(spec).items()})
    yield f"TRAINED = {_literal(tuple(map(spec.name_of, spec.updated)))}"
    yield from _table("STATES", {name: _literal(shape) for name, shape in states(spec, spec.name_of).items()})
    yield from _table("OPTIONS", {name: repr(value) for name, value in spec.optimizer.options.items()})
    yield f"OPTIMIZER = {_quoted(spec.optimizer.name)}"
    bounds = {"POSITIVE": spec.optimizer.positive, "NOT_NEGATIVE": spec.optimizer.not_negative}
    yield from (f"{name} = {_literal(options)}" for name, options in bounds.items() if options)
    yield f"TASK = {_quoted(spec.task)}"
    yield from ["MAXIMISE = True"] if spec.maximise else []
    if program.spec.threads and not alone(program):
        yield f"BLOCK = {block_rows(spec)}"
        yield f"LONG = {longest_wait(program)}"
    if public := tuple(made.name for made in program.extra if not made.name.startswith("_")):
        yield f"ALSO = {_literal(public)}"


def _shape_table(name: str, spec: KernelSpec, names: Iterable[str]) -> Iterator[str]:
    yield from _table(name, {spec.name_of(n): _literal(spec.shape(spec.graph[n])) for n in names})


def _starts(spec: KernelSpec) -> dict[str, Start]:
    return starts(spec.graph.restricted((spec.loss,)), spec.parameters)


def _start(spec: KernelSpec, start: Start) -> str:
    return f"({_quoted(start.word)}, {_literal(tuple(map(spec.shown_size, start.fan_in)))})"


def _size(spec: KernelSpec, extent: sp.Expr) -> str:
    shown = spec.shown_size(extent)
    return _quoted(shown) if isinstance(shown, str) else str(shown)


def _table(name: str, entries: dict[str, str]) -> Iterator[str]:
    items = [f"{_quoted(key)}: {value}" for key, value in entries.items()]
    line = f"{name} = {{{', '.join(items)}}}"
    if len(line) <= 110:
        yield line
    else:
        yield f"{name} = {{"
        yield from wrapped(tuple(items))
        yield "}"


def _literal(values: tuple[int | str, ...]) -> str:
    items = [_quoted(v) if isinstance(v, str) else str(v) for v in values]
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"


def _quoted(word: str) -> str:
    """Write a word as a literal, whatever stands in it."""
    return json.dumps(word, ensure_ascii=False)
