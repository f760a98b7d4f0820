"""Formulas as objects that show themselves: text in a terminal, LaTeX in a notebook, SymPy for programs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial

import sympy as sp

from symgrad.derive.formulas import Formula
from symgrad.errors import DefinitionError
from symgrad.model.graph import Graph
from symgrad.notation import latex, mathml, unicode
from symgrad.notation.layout import Block, Equation
from symgrad.notation.lines import formula_block
from symgrad.notation.matrix import MatrixLine
from symgrad.notation.roles import PLAIN, Roles
from symgrad.notation.stack import Refusal
from symgrad.notation.sympy_form import formula_sympy, srepr, tree_sympy


@dataclass(frozen=True)
class Shown:
    """A formula in all notations.

    Attributes
    ----------
    block
        Its layout.
    form
        Makes the same as plain SymPy, when it is asked for.
    """

    block: Block
    form: Callable[[], sp.Basic] | None = field(default=None, compare=False)

    @cached_property
    def sympy(self) -> sp.Basic | None:
        """The right side of a formula of one line, else a tuple of equations; None without such a form."""
        return None if self.form is None else self.form()

    @property
    def unicode(self) -> str:
        """The formula as text."""
        return unicode.write_block(self.block)

    @property
    def latex(self) -> str:
        """The formula for MathJax or KaTeX, without dollar signs."""
        return latex.write_block(self.block)

    @property
    def mathml(self) -> str:
        """The formula as a ``<math>`` element."""
        return mathml.math(self.block)

    @property
    def srepr(self) -> str | None:
        """The SymPy form as text for other programs."""
        return None if self.sympy is None else srepr(self.sympy)

    def __str__(self) -> str:
        return self.unicode

    def __repr__(self) -> str:
        return self.unicode

    @property
    def display(self) -> str:
        """The LaTeX between dollar signs, as a notebook wants it."""
        return f"$$\n{self.latex}\n$$"

    def _repr_latex_(self) -> str:
        return self.display


def shown_unless_refused(found: Block | Equation | Refusal) -> Shown:
    """Return lines as an object that shows itself.

    Raises
    ------
    DefinitionError
        If there are none, with the reason.
    """
    if isinstance(found, Refusal):
        raise DefinitionError(found.reason)
    return Shown(found if isinstance(found, Block) else Block((found,)))


def shown(formula: Formula, graph: Graph | None = None) -> Shown:
    """Return a formula as an object that shows itself.

    Parameters
    ----------
    graph
        Tells parameters from inputs, so that weights stand before inputs.
    """
    roles = PLAIN if graph is None else Roles.of(graph)
    return Shown(formula_block(formula, roles), partial(formula_sympy, formula))


def shown_matrix(*lines: MatrixLine) -> Shown:
    """Return lines in matrix style as an object that shows itself."""
    return Shown(Block(tuple(line.equation for line in lines)), partial(_trees, lines))


def _trees(lines: tuple[MatrixLine, ...]) -> sp.Basic:
    trees = [tree_sympy(line.tree) for line in lines]
    return trees[0] if len(trees) == 1 else sp.Tuple(*trees)


@dataclass(frozen=True, repr=False)
class Gradient(Mapping[str, Shown]):
    """The gradients of all parameters, by name; a notebook shows them as one aligned block."""

    parts: Mapping[str, Shown]

    def __getitem__(self, name: str) -> Shown:
        return self.parts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)

    @property
    def block(self) -> Block:
        """All lines, each once, in the order of the parameters."""
        blocks = [part.block for part in self.parts.values()]
        equations = dict.fromkeys(equation for block in blocks for equation in block.equations)
        notes = dict.fromkeys(note for block in blocks for note in block.notes)
        return Block(tuple(equations), tuple(notes))

    @property
    def unicode(self) -> str:
        """The lines as text."""
        return unicode.write_block(self.block)

    @property
    def latex(self) -> str:
        """The lines as one ``aligned`` block."""
        return latex.write_block(self.block)

    @property
    def mathml(self) -> str:
        """The lines as one ``<math>`` element."""
        return mathml.math(self.block)

    def __str__(self) -> str:
        return self.unicode

    def __repr__(self) -> str:
        return self.unicode

    @property
    def display(self) -> str:
        """The LaTeX between dollar signs, as a notebook wants it."""
        return f"$$\n{self.latex}\n$$"

    def _repr_latex_(self) -> str:
        return self.display
