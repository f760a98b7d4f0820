"""Rewrites of a derived graph: forward values reused, deltas inlined, assumptions applied.

None of them is trusted: `symgrad.derive.agreement` evaluates the graph before and after over exact
normal forms.  What a rewrite assumed of the data (Σ_k t[n,k] = 1) it reports.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain

import sympy as sp

from symgrad.derive import held
from symgrad.derive.compact import cancelled, compact
from symgrad.derive.deltas import Backward
from symgrad.derive.kept import kept
from symgrad.derive.shares import relations
from symgrad.model.expressions import Ref, is_product, map_refs, refs, reindex
from symgrad.model.functions import Equal
from symgrad.model.graph import Axis, Graph, Node, Term
from symgrad.model.terms import LETTERS, fresh, gather, letters, merged, rename, solvable, substitute, summed

SUM_IS_ONE = frozenset({"labels", "one_hot", "distribution"})


@dataclass(frozen=True)
class Rewritten:
    """A rewritten backward graph, and the nodes whose sum over the last axis was taken to be 1."""

    backward: Backward
    ones: tuple[str, ...]

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What was assumed, in words."""
        return tuple(sum_is_one(self.backward.graph[name]) for name in self.ones)


def sum_is_one(node: Node) -> str:
    """Return ``Σ_i t[n,i] = 1`` for a node."""
    letters_ = ",".join(axis.letter for axis in node.axes)
    return f"Σ_{node.axes[-1].letter} {node.name}[{letters_}] = 1"


def simplify(backward: Backward, wanted: Iterable[str]) -> Rewritten:
    """Reuse forward values, inline deltas that are used once or pointwise, cancel, apply assumptions.

    Parameters
    ----------
    wanted
        The nodes whose deltas must stay, by the name of the node.
    """
    keep = frozenset(backward.delta[name] for name in wanted)
    return kept(backward, ("simplified", keep), lambda: _simplified(backward, keep))


def _simplified(backward: Backward, keep: frozenset[str]) -> Rewritten:
    own = frozenset(backward.delta.values())
    forward = {n.name: n for n in backward.graph.nodes if n.name not in own}
    made = {n.name: n for n in backward.graph.nodes if n.name in own}
    knowledge = Knowledge.of(forward)
    readers = _readers(made)
    used: set[str] = set()
    for name in list(made):
        tidied = knowledge.tidy_node(made[name])
        made[name] = tidied.node
        used |= tidied.assumptions
        if name not in keep:
            _inline(made, name, readers, activation=_is_activation(backward.graph[_of(made[name])]))
    graph = Graph((*forward.values(), *made.values()), backward.graph.loss).restricted({*forward, *keep})
    delta = {of: name for of, name in backward.delta.items() if name in graph}
    return Rewritten(Backward(graph, backward.loss, delta), tuple(sorted(used)))


def _of(delta: Node) -> str:
    return delta.adjoint.of if delta.adjoint else delta.name


def _is_activation(node: Node) -> bool:
    """Whether a node only applies a function to another, as a = σ(z) does."""
    if len(node.terms) != 1 or summed(node.terms[0]):
        return False
    return node.function is not None or len(node.terms[0].accesses) == 1


def _constant(node: Node) -> bool:
    return not any(term.accesses for term in node.terms)


def _readers(made: Mapping[str, Node]) -> dict[str, set[str]]:
    """Return, for every delta, the deltas that read it."""
    found: dict[str, set[str]] = {name: set() for name in made}
    for node in made.values():
        _note_reads(found, node, node.name)
    return found


def _note_reads(readers: dict[str, set[str]], node: Node, user: str) -> None:
    for name in _reads(node) & readers.keys():
        readers[name].add(user)


def _reads(node: Node) -> set[str]:
    return {r.name for term in node.terms for r in term.accesses}


def _reads_node(term: Term, name: str) -> bool:
    return any(r.name == name for r in term.accesses)


def _inline(made: dict[str, Node], name: str, readers: dict[str, set[str]], *, activation: bool) -> None:
    """Put the delta of an activation or an auxiliary into the deltas that use it, when that costs nothing."""
    node = made[name]
    if not (activation or node.auxiliary or _constant(node)):
        return
    if not node.terms or not solvable(node) or name in _reads(node):
        return
    users = [made[user] for user in readers[name] if user in made]
    reading = [t for user in users for t in user.terms if _reads_node(t, name)]
    plain = not any(summed(term) for term in node.terms)
    once = len(reading) == 1 and (node.auxiliary or not summed(reading[0]))
    if not (plain or once):
        return
    for user in users:
        inlined = (substitute(t, name, node) if _reads_node(t, name) else (t,) for t in user.terms)
        made[user.name] = replace(user, terms=tuple(chain.from_iterable(inlined)))
        _note_reads(readers, node, user.name)
    del made[name]


@dataclass(frozen=True)
class Tidied:
    """A node after tidying, and the assumptions used."""

    node: Node
    assumptions: frozenset[str]


@dataclass(frozen=True)
class Knowledge:
    """What the forward graph offers for reuse.

    Attributes
    ----------
    values
        Function applications that a node already holds, ``sigmoid(z[n,i])`` by ``a[n,i]``.
    products
        Nodes that are a product with an exponential, ``e[n,k] = m[n,k] exp(s[n,k]/2)``.
    relations
        Auxiliaries as expressions in named nodes, ``e[n,i]`` as ``p[n,i] S[n]``.
    ones
        Nodes whose sum over the last axis is 1, and the size of that axis.
    names
        The names of all nodes, which no letter may bear.
    """

    values: Mapping[tuple[type, str], Node]
    products: tuple[Node, ...]
    relations: Mapping[str, tuple[Node, sp.Expr]]
    ones: Mapping[str, sp.Expr]
    names: frozenset[str]

    @classmethod
    def of(cls, forward: Mapping[str, Node]) -> "Knowledge":
        """Collect it from the definitions."""
        ones = {node.name: node.axes[-1].size for node in forward.values() if sums_to_one(node)}
        products = held.holders(forward.values())
        return cls(_held_values(forward), products, relations(forward), ones, frozenset(forward))

    @classmethod
    def of_graph(cls, graph: Graph) -> "Knowledge":
        """Collect it from a forward graph, once."""
        return kept(graph, "knowledge", lambda: cls.of(graph.by_name))

    def tidy_node(self, node: Node) -> Tidied:
        """Rewrite a delta term by term, add up what is alike, apply the assumptions."""
        terms, used = self._without_ones(merged(self.tidy_term(term, node.axes) for term in node.terms))
        added = (Term(t.write, t.bound, compact(t.body)) for t in self._added(terms))
        return Tidied(replace(node, terms=tuple(t for t in added if t.body != 0)), used)

    def tidy_term(self, term: Term, axes: tuple[Axis, ...]) -> Term:
        """Reuse forward values and named nodes in one term, in gather form where there is one."""
        solved = gather(term, axes, self.names) or term
        body = self._named(self.reused(solved.body))
        return Term(solved.write, solved.bound, body)

    def _added(self, terms: list[Term]) -> tuple[Term, ...]:
        """Add up terms that are alike up to the names of their summed letters."""
        return merged(self._canonical(term) for term in merged(terms))

    def _canonical(self, term: Term) -> Term:
        """Rename summed letters in the order in which they are bound; a letter of its own, as n, stays."""
        inner = [axis.letter for axis in summed(term) if axis.letter[0] in LETTERS]
        if not inner:
            return term
        supply = fresh((letters(term) - set(inner)) | self.names)
        return rename(term, {letter: next(supply) for letter in inner})

    def named(self, expression: sp.Expr) -> sp.Expr:
        """Write an expression over named nodes and the values they hold."""
        return compact(self._named(self.reused(expression)))

    def reused(self, body: sp.Expr) -> sp.Expr:
        """Read function values from the nodes that hold them."""
        if is_product(body):
            return body
        body = held.read(body, self.products)
        found = {f: self._holder(f) for f in body.atoms(sp.Function, sp.Pow, sp.exp)}
        return body.xreplace({f: holder for f, holder in found.items() if holder is not None})

    def _holder(self, function: sp.Expr) -> sp.Expr | None:
        """Return the access of the node that holds this function of one access, or a power of it."""
        found = refs(function.args[0]) if function.args else ()
        argument = found[0] if len(found) == 1 else None
        node = self.values.get((type(function), argument.name)) if argument is not None else None
        if argument is None or node is None:
            return None
        (term,) = node.terms
        read = term.accesses[0]
        back = dict(zip(read.index, argument.index, strict=True))
        holder = node.ref.at(i.xreplace(back) for i in term.write)
        same = term.body.xreplace({read: argument})
        if isinstance(function, sp.Pow) and function.base == same.base:
            ratio = function.exp / same.exp
            return holder**ratio if ratio.is_Integer else None
        return holder if same == function else None

    def _named(self, body: sp.Expr) -> sp.Expr:
        def change(ref: Ref) -> sp.Expr:
            if ref.name not in self.relations:
                return ref
            node, expression = self.relations[ref.name]
            return reindex(expression, dict(zip(node.index, ref.index, strict=True)))

        return map_refs(body, change)

    def _without_ones(self, terms: Iterable[Term]) -> tuple[list[Term], frozenset[str]]:
        done: list[Term] = []
        used: set[str] = set()
        for term in terms:
            parts = [self._sum_to_one(part) for part in _parts(term, self.ones)]
            applied = {assumption for _, assumption in parts if assumption}
            done += [part for part, _ in parts] if applied else [term]
            used |= applied
        return done, frozenset(used)

    def _sum_to_one(self, term: Term) -> tuple[Term, str | None]:
        for ref in term.accesses:
            if ref.name not in self.ones:
                continue
            last = ref.index[-1]
            if term.sizes.get(last) != self.ones[ref.name] or last in term.write:
                continue
            rest = sp.cancel(term.body / ref)
            others = (*term.write, *ref.index[:-1], *(i for r in rest.atoms(Ref) for i in r.index))
            if not any(last in i.free_symbols for i in (*others, rest)):
                bound = tuple(axis for axis in term.bound if axis.symbol != last)
                return Term(term.write, bound, rest), ref.name
        return term, None


def _parts(term: Term, ones: Collection[str]) -> list[Term]:
    """Split a term into its addends where a sum to 1 may stand among them."""
    if not summed(term) or not any(ref.name in ones for ref in term.accesses):
        return [term]
    body = sp.expand_mul(cancelled(term.body))
    return [Term(term.write, term.bound, part) for part in sp.Add.make_args(body)]


def _held_values(forward: Mapping[str, Node]) -> dict[tuple[type, str], Node]:
    found: dict[tuple[type, str], Node] = {}
    for node in forward.values():
        if len(node.terms) != 1 or summed(node.terms[0]) or node.reduce != "sum":
            continue
        body = node.terms[0].body
        plain = isinstance(body, (sp.Function, sp.Pow)) and not isinstance(body, Equal)
        if plain and len(refs(body.args[0])) == 1 and _one_to_one(node.terms[0]):
            found.setdefault((type(body), refs(body.args[0])[0].name), node)
    return found


def _one_to_one(term: Term) -> bool:
    """Whether a term reads one node, at distinct letters that are all its letters, and writes at those."""
    if len(term.accesses) != 1:
        return False
    read = term.accesses[0].index
    return len(set(read)) == len(read) == len(term.bound) and set(read) == set(term.sizes) == set(term.write)


def sums_to_one(node: Node) -> bool:
    """Whether the entries of a node over its last axis are known to add up to 1."""
    return node.targets in SUM_IS_ONE and bool(node.axes) and (node.targets != "labels" or not node.is_leaf)
