"""Formulas as plain SymPy objects, for programs: nothing of ours in them, and `srepr` reads back.

In the neuron view a node is a real `Symbol`, in the layer view an `Indexed`; activations are written
out, and indicators of equal indices are Kronecker deltas.
"""

import sympy as sp
from sympy.printing.repr import ReprPrinter

from symgrad.derive import formulas
from symgrad.derive.formulas import Derivative, Factor, Formula, Line, Summand
from symgrad.model.expressions import Ref, map_refs
from symgrad.model.functions import Equal, expand
from symgrad.model.graph import Axis
from symgrad.model.trees import (
    Apply,
    Diagonal,
    Fill,
    Hadamard,
    Leaf,
    MatMul,
    Ones,
    Scale,
    Side,
    Sum,
    Transpose,
    Tree,
    shape,
)


class _Reader(ReprPrinter):
    """Writes only what ``from sympy import *`` can read back."""

    def _print_Str(self, name: sp.Basic) -> str:
        return repr(str(name))

    def _print_ExprCondPair(self, case: sp.Basic) -> str:
        return f"({', '.join(map(self._print, case.args))})"

    def _print_ElementwiseApplyFunction(self, applied: sp.MatrixExpr) -> str:
        return f"{self._print(applied.expr)}.applyfunc({self._print(applied.function)})"


def srepr(value: sp.Basic) -> str:
    """Return the text that gives the value again, with all of SymPy imported; as `sympy.srepr`."""
    return _Reader().doprint(value)


def plain(expression: sp.Expr) -> sp.Expr:
    """Return an expression in SymPy's own words."""
    written = expand(expression)
    equal = {e: sp.KroneckerDelta(*e.args) for e in written.atoms(Equal)}
    return map_refs(written.xreplace(equal), symbol)


def symbol(ref: Ref) -> sp.Expr:
    """Return an access as a symbol, or as an entry of an indexed base; δz1 is called dz1."""
    name = "d" + ref.name[1:] if ref.name[0] == "δ" and ref.name[1:2].isalpha() else ref.name
    base = sp.Symbol(name, real=True)
    return sp.Indexed(sp.IndexedBase(base), *ref.index) if ref.index else base


def formula_sympy(formula: Formula) -> sp.Basic:
    """Return a formula of one line as its right side, one of several lines as a tuple of equations."""
    if len(formula.lines) == 1:
        return line_sympy(formula.lines[0])
    return sp.Tuple(*(_equation(line) for line in formula.lines))


def line_sympy(line: Line) -> sp.Expr:
    """Return the right side of a line."""
    return sp.Add(*map(_summand, line.right))


def _equation(line: Line) -> sp.Basic:
    return sp.Eq(_factor(line.left), line_sympy(line), evaluate=False)


def _summand(summand: Summand) -> sp.Expr:
    return _summed(sp.Mul(*map(_factor, summand.factors)), summand.sums)


def _summed(body: sp.Expr, sums: tuple[Axis, ...]) -> sp.Expr:
    return sp.Sum(body, *((a.symbol, 0, a.size - 1) for a in sums)) if sums else body


def _factor(factor: Factor) -> sp.Expr:
    match factor:
        case Derivative(upper, lower):
            return _derivative(upper, lower)
        case formulas.Delta(_, of, _):
            return symbol(Ref(f"d{of.name}", of.index))
        case _:
            return plain(factor)


def _derivative(upper: Ref, lower: Ref) -> sp.Expr:
    """Return ∂upper/∂lower, the upper one a function of its indices and of the lower one."""
    below = symbol(lower)
    return sp.Derivative(sp.Function(upper.name)(*upper.index, below), below)


def tree_sympy(tree: Tree) -> sp.Basic:
    """Return matrix algebra in SymPy's matrix expressions."""
    match tree:
        case Leaf(name, None, None):
            return sp.Symbol(name, real=True)
        case Leaf(name, _, _):
            return sp.MatrixSymbol(name, *_extents(tree))
        case Ones():
            return sp.OneMatrix(*_extents(tree))
        case Fill(value):
            number = plain(value)
            return number if shape(tree) == (None, None) else number * sp.OneMatrix(*_extents(tree))
        case Transpose(body):
            return sp.Transpose(tree_sympy(body))
        case Diagonal(Ones(rows, _)):
            return sp.Identity(_extent(rows))
        case Diagonal(body):
            return sp.DiagMatrix(tree_sympy(body))
        case MatMul(left, right):
            return _single(tree, sp.MatMul(tree_sympy(left), tree_sympy(right)))
        case Hadamard(factors):
            return sp.HadamardProduct(*map(tree_sympy, factors))
        case Scale(by, body):
            return tree_sympy(by) * tree_sympy(body)
        case Sum(terms):
            return sum(map(tree_sympy, terms[1:]), tree_sympy(terms[0]))
        case Apply(head, args):
            return _applied(tree, head, args)


def _single(tree: Tree, value: sp.Basic) -> sp.Basic:
    """Take the only entry of a 1×1 matrix, as its trace."""
    return sp.Trace(value) if shape(tree) == (None, None) else value


def _applied(tree: Tree, head: type[sp.Basic], args: tuple[Tree, ...]) -> sp.Basic:
    """Apply a function to every entry; all arguments but one are numbers."""
    if shape(tree) == (None, None):
        return plain(head(*map(tree_sympy, args)))
    moving = [arg for arg in args if not isinstance(arg, Fill)]
    if len(moving) > 1:
        raise TypeError(f"SymPy has no matrix form of {head.__name__} with {len(moving)} matrices")
    entry = sp.Symbol("u", real=True)
    body = head(*(arg.value if isinstance(arg, Fill) else entry for arg in args))
    return tree_sympy(moving[0]).applyfunc(sp.Lambda(entry, plain(body)))


def _extents(tree: Tree) -> tuple[sp.Expr, sp.Expr]:
    rows, cols = shape(tree)
    return _extent(rows), _extent(cols)


def _extent(side: Side) -> sp.Expr:
    return sp.Integer(1) if side is None else side.size
