"""The claim with its mistake mended, in the words of the claim: a factor, another name, more terms."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import sympy as sp

from symgrad.model.expressions import Ref, map_refs, reindex, size
from symgrad.model.functions import Pointwise
from symgrad.model.graph import Edge
from symgrad.verify.mistakes.network.bench import Bench, finite, same
from symgrad.verify.mistakes.network.channels import Channel
from symgrad.verify.mistakes.network.flow import Floating
from symgrad.verify.mistakes.network.ratio import Constant

WORD = re.compile(r"(?<![\\\w])[^\W\d_]+(?:_?\d+|_\{\d+\})?(?!\w)")
TRANSPOSE = re.compile(r"\.T\b|\^\{?\\top\}?|ᵀ")
SIGN = re.compile(r"(?<=[\w)\]}\s])[-+−](?!\d*[)}])")
GRADIENT = re.compile(r"∂\w+/∂")
SHORT = re.compile(r"\bd[^\W\d_]+\d*\b")
NAME = re.compile(r"([^\W\d_]+)(\d+)")


@dataclass(frozen=True)
class Factor:
    """What a claim has to be multiplied by; a number stands before it."""

    text: str
    before: bool = False
    divisor: str = ""

    @property
    def words(self) -> str:
        """What is wrong with a claim that it mends."""
        return "" if self.before else f"the factor {self.text} is missing"

    def put(self, claim: str) -> Iterator[str]:
        """Yield a claim with the factor, in the notation of the claim."""
        latex = "\\" in claim
        text = _latex(self.text) if latex else self.text
        whole = _bracketed(claim, latex=latex)
        if self.divisor:
            yield rf"\frac{{1}}{{{self.divisor}}} {whole}" if latex else f"{whole}/{self.divisor}"
        elif self.before:
            yield f"{text}{whole}"
        else:
            yield f"{whole} {text}" if latex else f"{whole}*{text}"


@dataclass(frozen=True)
class Exchange:
    """A name that stands where another one belongs."""

    wrong: str
    right: str
    words: str = ""

    def put(self, claim: str) -> Iterator[str]:
        """Yield a claim with one of the places mended where the name stands, then with all of them."""
        latex = "\\" in claim
        right = _latex(self.right) if latex else self.right
        found = [match for match in WORD.finditer(claim) if _plain(match.group()) == self.wrong]
        for match in found:
            yield claim[: match.start()] + right + claim[match.end() :]
        if len(found) > 1:
            yield WORD.sub(lambda word: right if _plain(word.group()) == self.wrong else word.group(), claim)


@dataclass(frozen=True)
class Summands:
    """Terms that are missing."""

    texts: tuple[str, ...]
    words: str = ""

    def put(self, claim: str) -> Iterator[str]:
        """Yield a claim with the terms at its end."""
        latex = "\\" in claim
        plain = (text.replace("−", "-").replace(" · ", "*") for text in self.texts)
        signed = (f"- {text[1:]}" if text.startswith("-") else f"+ {text}" for text in plain)
        terms = [_latex(text) if latex else text for text in signed]
        yield " ".join([claim, *terms])


@dataclass(frozen=True)
class Transposed:
    """A matrix that should have been transposed, or should not."""

    words: str = ""

    def put(self, claim: str) -> Iterator[str]:
        """Yield a claim with one matrix transposed."""
        sign = "^\\top" if "\\" in claim else ".T"
        for match in WORD.finditer(claim):
            before, behind = claim[: match.end()], claim[match.end() :]
            if match.group() not in ("sum", "mean", "T"):
                known = TRANSPOSE.match(behind)
                yield before + (behind[known.end() :] if known else sign + behind)


@dataclass(frozen=True)
class Summed:
    """Samples, or steps, that should have been added up."""

    words: str = "it was not summed"

    def put(self, claim: str) -> Iterator[str]:
        """Yield a claim with a sum around it."""
        if "\\" not in claim:
            yield f"sum({claim})"
            yield f"sum({claim}, 0)"


@dataclass(frozen=True)
class Signs:
    """A plus that should be a minus, or a minus that should be a plus."""

    words: str = ""

    def put(self, claim: str) -> Iterator[str]:
        """Yield a claim with one sign turned."""
        for match in SIGN.finditer(claim):
            sign = "-" if match.group() == "+" else "+"
            yield claim[: match.start()] + sign + claim[match.end() :]


@dataclass(frozen=True)
class Rewritten:
    """A whole claim, written otherwise."""

    text: str
    words: str = ""

    def put(self, claim: str) -> Iterator[str]:
        """Yield the claim as it should be, its deltas as they are spelled in the claim."""
        if "\\" not in claim:
            yield GRADIENT.sub("d" if SHORT.search(claim) else "δ", self.text)


Mend = Rewritten | Signs | Factor | Exchange | Summands | Transposed | Summed
SHAPES = (Transposed(), Summed())


def _plain(word: str) -> str:
    return re.sub(r"[_{}]", "", word)


def of_constant(by: Constant) -> Factor:
    """Return what mends a claim that is too large by a constant."""
    number = 1 / by.number
    above = [str(number.numerator)] if abs(number) >= 1 and number != 1 else []
    above += [by.size] if by.power < 0 else []
    below = [str(number.denominator)] if number.denominator > 1 else []
    below += [by.size] if by.power > 0 else []
    if number == 1 and by.power > 0:
        return Factor(f"1/{by.size}", before=True, divisor=by.size)
    if number == -1 and not by.size:
        text = "-"
    else:
        text = "".join(["*".join(above) or str(number.numerator), *(f"/{part}" for part in below), "*"])
    return Factor(text, before=True)


def missing_factor(bench: Bench, wrt: str, claim: Floating) -> Factor | None:
    """Return the partial by which a claim about one entry has to be multiplied, if there is one."""
    truth = bench.truth(wrt)
    if claim.shape[1] != 1 or finite(claim, truth).sum() < 6:
        return None
    for edge in bench.scene.edges:
        here = bench.flow.channels[edge.key]
        found = bench.flow.label(edge)
        for number in _candidates(found, truth, claim):
            return Factor(at_place(bench, here, number, edge.partial))
    return None


def _candidates(found: Floating, truth: Floating, claim: Floating) -> Iterator[int]:
    for number in range(found.shape[1]):
        column = found[:, number : number + 1]
        if same(column * claim, truth) and not same(column, np.ones_like(column)):
            yield number


def at_place(bench: Bench, here: Channel, number: int, expression: sp.Expr) -> str:
    """Return an expression in the letters of an edge, at one place, over entries: ``a1*(1 - a1)``."""
    at = {letter: sp.Integer(int(values[number])) for letter, values in here.letters.items()}
    sizes = {size(name): sp.Integer(count) for name, count in bench.posed.sizes.items()}
    placed = reindex(by_value(bench, here.edge, expression), at).xreplace(sizes)
    named = map_refs(placed, lambda ref: sp.Symbol(_entry(bench, ref)))
    return f"({named})" if named.is_Add else str(named)


def _entry(bench: Bench, ref: Ref) -> str:
    return str(bench.posed.names[ref.name][tuple(int(i) for i in ref.index)])


def by_value(bench: Bench, edge: Edge, expression: sp.Expr) -> sp.Expr:
    """Return an expression in the letters of an edge, the value of its activation under its name."""
    term = bench.scene.term(edge)
    own = isinstance(term.body, Pointwise) and len(bench.scene.graph[edge.child].terms) == 1
    return expression.xreplace({term.body: Ref(edge.child, term.write)}) if own else expression


def _bracketed(claim: str, *, latex: bool) -> str:
    right = claim.rpartition("=")[2].strip() if "=" in claim else claim.strip()
    if not _is_sum(right):
        return right
    return rf"\left({right}\right)" if latex else f"({right})"


def _is_sum(text: str) -> bool:
    """Whether a plus or minus stands outside of all brackets."""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign in "([{") - (sign in ")]}")
        if depth == 0 and sign in "+-−" and place:
            return True
    return False


def _latex(text: str) -> str:
    return NAME.sub(r"\1_{\2}", text).replace("*", " ")
