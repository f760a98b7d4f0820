"""A walk as a table: for terminals, for notebooks, for LaTeX."""

from collections.abc import Sequence
from fractions import Fraction
from html import escape
from itertools import groupby, zip_longest
from textwrap import wrap

from symgrad.exact.decimals import Real
from symgrad.notation import latex, mathml
from symgrad.notation.layout import Block
from symgrad.show.digits import figure, figure_lines
from symgrad.show.steps import Step

WIDTH = 72
HEADS = {
    "forward": "Forward pass",
    "loss": "Loss",
    "factors": "Factors along the paths",
    "paths": "Products along the paths",
    "deltas": "Deltas",
    "gradient": "Gradient",
    "update": "Update, all parameters at once",
}
CELL = "text-align:left;padding:2px 12px 2px 0"


def table(steps: Sequence[Step], closing: str) -> str:
    """Return steps as an aligned table: name, formula, value; below each formula its numbers."""
    rows = [(step, _lines(step)) for step in steps]
    first = max((len(step.name) for step in steps), default=0)
    second = max((len(line) for _, lines in rows for line in lines), default=0)
    out: list[str] = []
    for part, group in groupby(rows, key=lambda row: row[0].part):
        out += [HEADS[part]]
        out += [line for step, lines in group for line in _aligned(step, lines, first, second)]
        out += [""]
    return "\n".join([*out, closing])


def _lines(step: Step) -> list[str]:
    parts = [step.formula, *([f"= {step.numbers}"] if step.numbers else [])]
    return [
        line for part in parts for line in wrap(part, WIDTH, break_long_words=False, subsequent_indent="  ")
    ]


def _aligned(step: Step, lines: list[str], first: int, second: int) -> list[str]:
    """Put the value beside the last line of the formula, the rows of a matrix below each other."""
    rows = figure_lines(step.value)
    values = [*("" for _ in lines[1:]), *(row if row[0] == "−" else f" {row}" for row in rows)]
    cells = zip_longest([step.name], lines, values, fillvalue="")
    return [f"  {n:<{first}}  {line:<{second}}  {v}".rstrip() for n, line, v in cells]


def closing(rate: Fraction, before: Real, after: Real) -> str:
    """Return what the step did to the loss."""
    return f"loss {figure(before)} → {figure(after)} after one step with η = {rate}"


def html(steps: Sequence[Step], closing: str) -> str:
    """Return steps as an HTML table with MathML."""
    groups = "".join(_group(part, list(group)) for part, group in groupby(steps, key=lambda step: step.part))
    return f"<table>{groups}</table><p>{escape(closing)}</p>"


def _group(part: str, steps: list[Step]) -> str:
    head = f'<tr><th colspan="3" style="{CELL}">{HEADS[part]}</th></tr>'
    return head + "".join(map(_row, steps))


def _row(step: Step) -> str:
    numbers = f"= {escape(step.numbers)}" if step.numbers else ""
    cells = (mathml.math(Block((step.equation,))), numbers, escape(figure(step.value)))
    inside = "".join(f'<td style="{CELL}">{cell}</td>' for cell in cells)
    return f"<tr>{inside}</tr>"


def latex_block(block: Block) -> str:
    """Return equations for a notebook."""
    return f"$$\n{latex.write_block(block)}\n$$"
