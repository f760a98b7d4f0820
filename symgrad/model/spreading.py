"""Names with fewer subscripts than axes, as people write them: which axes the subscripts are of.

``y[s]`` may be one step of a series ``y[n,s,i]``, and ``Σ_n δ[i] x[j]`` a sum over samples that are not
written at what is summed.
"""

from collections.abc import Callable, Collection, Mapping
from fractions import Fraction

from symgrad.model.syntax import (
    Chain,
    Formula,
    Indicator,
    Name,
    Number,
    Reduce,
    Slice,
    Span,
    children,
    walk,
    with_children,
)

Axes = Mapping[str, tuple[str, ...]]


def by_letters(axes: Axes) -> Callable[[Formula], Formula]:
    """Return what places the subscripts of a name at the axes with their letters, all others whole."""

    def spread(formula: Formula) -> Formula:
        formula = _inside(formula, spread)
        return _placed(formula, axes.get(formula.name, ())) if isinstance(formula, Name) else formula

    return spread


def _placed(name: Name, own: tuple[str, ...]) -> Name:
    letters = [_letter_of(subscript, own) for subscript in name.subscripts]
    if not letters or None in letters or len(letters) >= len(own) or len(set(letters)) < len(letters):
        return name
    if tuple(letters) == own[: len(letters)]:
        return name
    table = dict(zip(letters, name.subscripts, strict=True))
    given = tuple(table.get(letter) or Slice(column=name.column) for letter in own)
    while isinstance(given[-1], Slice):
        given = given[:-1]
    return Name(name.name, given, name.column)


def _letter_of(subscript: Formula, own: tuple[str, ...]) -> str | None:
    """Return the letter of an axis that a subscript is made of: s, s + 1."""
    found = {part.name for part in walk(subscript) if isinstance(part, Name) and part.name in own}
    return found.pop() if len(found) == 1 else None


def over_samples(axes: Axes, samples: Collection[str]) -> Callable[[Formula], Formula]:
    """Return what lets a sum over a letter that is nowhere below run over the samples of what is summed."""

    def spread(formula: Formula) -> Formula:
        formula = _inside(formula, spread)
        if isinstance(formula, Reduce) and len(formula.letters) == 1:
            return _summed(formula, formula.letters[0], axes, samples)
        if isinstance(formula, Span):
            return _summed(formula, formula.letter, axes, samples)
        return formula

    return spread


def _summed(total: Reduce | Span, letter: str, axes: Axes, samples: Collection[str]) -> Formula:
    *ends, body = children(total)
    if any(isinstance(part, Name) and part.name == letter for part in walk(body)):
        return total

    def at_sample(formula: Formula) -> Formula:
        formula = _inside(formula, at_sample)
        own = axes.get(formula.name, ()) if isinstance(formula, Name) else ()
        if not isinstance(formula, Name) or own[:1] not in {(s,) for s in samples}:
            return formula
        if len(formula.subscripts) >= len(own):
            return formula
        return Name(formula.name, (Name(letter, (), formula.column), *formula.subscripts), formula.column)

    changed = at_sample(body)
    return total if changed is body else with_children(total, (*ends, changed))


def one_hot(hot: Mapping[str, str]) -> Callable[[Formula], Formula]:
    """Return what puts entries of a one-hot form where a label is compared: ``[t[n] = k]`` is t_hot[n,k]."""

    def spread(formula: Formula) -> Formula:
        formula = _inside(formula, spread)
        if not isinstance(formula, Indicator) or formula.relation not in "=≠":
            return formula
        for label, other in ((formula.left, formula.right), (formula.right, formula.left)):
            if isinstance(label, Name) and label.name in (*hot, *hot.values()):
                entry = Name(hot.get(label.name, label.name), (*label.subscripts, other), label.column)
                rest = Chain(("-",), (Number(Fraction(1)), entry), formula.column)
                return entry if formula.relation == "=" else rest
        return formula

    return spread if hot else lambda formula: formula


def _inside(formula: Formula, change: Callable[[Formula], Formula]) -> Formula:
    """Change what is inside a formula, and return the formula itself where that changes nothing."""
    given = children(formula)
    parts = tuple(map(change, given))
    same = all(new is old for new, old in zip(parts, given, strict=True))
    return formula if same else with_children(formula, parts)
