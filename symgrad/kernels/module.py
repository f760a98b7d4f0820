"""A kernel as one file: head, description, helpers, functions."""

from collections.abc import Iterator

from symgrad.kernels.driver import ORDER, gradients_text, train_text
from symgrad.kernels.elementary import HELPERS, closure, helper_text
from symgrad.kernels.emit import function, wrapped
from symgrad.kernels.lower import Program, lower
from symgrad.kernels.names import check_bindings, with_free_names
from symgrad.kernels.operations import count
from symgrad.kernels.printer import helpers_of
from symgrad.kernels.spec import KernelSpec
from symgrad.kernels.statements import Apply, expressions, walk
from symgrad.kernels.updates import states
from symgrad.model.graph import Node

FORMAT = 1


def generate(spec: KernelSpec) -> str:
    """Return the text of the kernel of a network.

    Raises
    ------
    DefinitionError
        If a node cannot be computed by a kernel.
    """
    text, settled = _text(spec), with_free_names(spec, _text)
    text = text if settled is spec else _text(settled)
    check_bindings(text, (*spec.optimizer.options, "batch"))
    return text


def _text(spec: KernelSpec) -> str:
    program = lower(spec)
    functions = [program.forward, program.loss, program.full]
    functions += [program.step] if program.step is not program.full else []
    parts = [helper_text(name).strip() for name in _helpers(program)]
    parts.append(ORDER.strip())
    parts += [function(f, spec.input).strip() for f in functions]
    parts += [gradients_text(program).strip(), train_text(program).strip()]
    imports = ["import math", ""] if any("math." in part for part in parts) else []
    head = [
        _head(program),
        "",
        *imports,
        "import numpy as np",
        "from numba import njit",
        "",
        *_described(program),
    ]
    return "\n".join(head) + "\n\n\n" + "\n\n\n".join(parts) + "\n"


def _helpers(program: Program) -> tuple[str, ...]:
    functions = (program.forward, program.loss, program.full)
    made = [s for f in functions for s in walk(f.body)]
    values = [*(v for s in made for v in expressions(s)), *(v for _, v in program.spec.optimizer.updates)]
    applied = {s.function for s in made if isinstance(s, Apply)}
    return closure({"constant", *applied, *(h for v in values for h in helpers_of(v) if h in HELPERS)})


def _head(program: Program) -> str:
    spec = program.spec
    lines = [f'"""{spec.name}: {spec.title or "loss, gradients and training"}.', ""]
    origin = f"from network {spec.network[:16]}…; " if spec.network else ""
    lines.append(f"Format {FORMAT}, {origin}do not edit.")
    lines += [f"Re-make: {spec.command}"] if spec.command else []
    lines += spec.statements
    lines.append(f"Operations per sample, forward: {count(program.forward)}.")
    lines.append(f"Operations per sample, with gradients: {count(program.full)}.")
    lines += [
        "",
        *_shapes(program),
        "",
        'Arrays are C-contiguous, samples first, all of one type, float32 or float64."""',
    ]
    return "\n".join(lines)


def _shapes(program: Program) -> list[str]:
    spec = program.spec
    parts = [f"{spec.input} {_spelled(spec, spec.graph[spec.input])} inputs"]
    if spec.target:
        parts.append(f"{spec.target} {_spelled(spec, spec.graph[spec.target])} targets ({spec.target_form})")
    parameters = ", ".join(f"{p.name} {_spelled(spec, p)}" for p in spec.parameters)
    lines = [" · ".join(parts)]
    lines += [line.strip() for line in wrapped(tuple(f"{parameters} parameters".split(", ")))]
    lines[-1] = lines[-1].rstrip(",")
    return lines


def _spelled(spec: KernelSpec, node: Node) -> str:
    shape = spec.shape(node)
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _described(program: Program) -> Iterator[str]:
    """Write what the training loop needs to know as literals."""
    spec = program.spec
    target = spec.graph[spec.target] if spec.target else None
    yield f"FORMAT = {FORMAT}"
    yield f"NETWORK = {_quoted(spec.network)}"
    yield f"INPUT = ({_quoted(spec.name_of(spec.input))}, {_literal(spec.shape(spec.graph[spec.input]))})"
    described = (
        f"({_quoted(spec.name_of(target.name))}, {_literal(spec.shape(target))}, {_quoted(spec.target_form)})"
        if target
        else "None"
    )
    yield f"TARGET = {described}"
    yield f"OUTPUT = ({_quoted(spec.name_of(spec.output))}, {_literal(spec.shape(spec.graph[spec.output]))})"
    yield from _table("PARAMETERS", {spec.name_of(p.name): _literal(spec.shape(p)) for p in spec.parameters})
    yield f"TRAINED = {_literal(tuple(map(spec.name_of, spec.updated)))}"
    yield from _table("STATES", {name: _literal(shape) for name, shape in states(spec, spec.name_of).items()})
    yield from _table("OPTIONS", {name: repr(value) for name, value in spec.optimizer.options.items()})
    yield f"OPTIMIZER = {_quoted(spec.optimizer.name)}"
    yield f"TASK = {_quoted(spec.task)}"


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
    return f'"{word}"'
