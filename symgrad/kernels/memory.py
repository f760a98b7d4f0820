"""The memory of a program: which workspaces share it, and how much a training step takes."""

from collections.abc import Iterable
from dataclasses import replace

import sympy as sp

from symgrad.kernels.buffers import Share, sharing
from symgrad.kernels.moments import workspaces as of_moments
from symgrad.kernels.program import Program
from symgrad.kernels.statements import Allocate

ENTRY = 8
"""Bytes of a float64 or an integer."""
UNITS = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


def with_buffers(program: Program) -> Program:
    """Return a program whose workspaces share memory; gradients keep theirs, and what is computed once."""
    once = program.once
    kept = frozenset((*program.spec.delta.values(), *(once.arguments if once else ())))
    forward, loss, full = (sharing(f, kept) for f in (program.forward, program.loss, program.full))
    step = full if program.step is program.full else sharing(program.step, kept)
    extra = tuple(sharing(made, kept) for made in program.extra)
    made = program.phases
    if made:
        made = replace(made, samples=sharing(made.samples, kept | {*made.shared}))
    return replace(program, forward=forward, loss=loss, full=full, step=step, extra=extra, phases=made)


def workspaces(program: Program) -> sp.Expr:
    """Return the number of entries that `train` allocates for its steps, as a formula in the open sizes."""
    spec = program.spec
    made = (*program.step.workspaces, *(program.once.workspaces if program.once else ()))
    made += of_moments(program) if spec.moments else ()
    return _entries(program, made, (*spec.drawn, *program.turned))


def _entries(program: Program, made: Iterable[Allocate], beside: Iterable[str]) -> sp.Expr:
    """Count the entries of arrays, and of those that are as large as some nodes."""
    own = (w.shape for w in made if not isinstance(w, Share))
    return sp.expand(sp.Add(*(sp.Mul(*shape) for shape in (*own, *map(program.spec.extents, beside)))))


def memory(program: Program) -> str:
    """Say how much memory the steps of `train` take: fixed, and for each sample of a batch."""
    row, single = program.spec.row, program.online
    told = _told(workspaces(program), row)
    if single is None or program.columns:
        return told
    alone = _entries(program, single.step.workspaces, single.copies)
    return f"{told}, with single samples {_told(alone, row)}"


def _told(entries: sp.Expr, row: sp.Expr) -> str:
    if entries == 0:
        return "none"
    if not entries.free_symbols <= {row} or sp.degree(entries, row) > 1:
        return f"{entries} numbers".replace("**", "^").replace("*", "·")
    each = entries.coeff(row)
    sizes = [(entries - each * row, ""), (each, " per sample")]
    return " + ".join(f"{_bytes(ENTRY * int(n))}{of}" for n, of in sizes if n) + " (float64)"


def _bytes(count: int) -> str:
    return next((f"{count / unit:.3g} {name}" for unit, name in UNITS if count >= unit), f"{count} bytes")
