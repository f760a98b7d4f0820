import numpy as np
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from symgrad.model.contraction import contract
from symgrad.model.expressions import Ref, index
from symgrad.model.graph import Axis, Term
from symgrad.model.trees import (
    Apply,
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
    transposed,
)

SIZES = {"n": 4, "i": 2, "j": 3, "k": 5}
AXES = {letter: Axis(letter, sp.Integer(size)) for letter, size in SIZES.items()}

Arrays = dict[str, np.ndarray]


def extent(side: Side) -> int:
    return 1 if side is None else int(side.size)


def evaluate(tree: Tree, arrays: Arrays) -> np.ndarray:
    match tree:
        case Leaf(name):
            return arrays[name].reshape(tuple(map(extent, shape(tree))))
        case Ones():
            return np.ones(tuple(map(extent, shape(tree))))
        case Fill(value):
            given_ = value.xreplace({r: sp.Float(float(arrays[r.name])) for r in value.atoms(Ref)})
            return np.full(tuple(map(extent, shape(tree))), float(given_))
        case Transpose(body):
            return evaluate(body, arrays).T
        case MatMul(left, right):
            return evaluate(left, arrays) @ evaluate(right, arrays)
        case Hadamard(factors):
            return np.prod([evaluate(f, arrays) for f in factors], axis=0)
        case Scale(by, body):
            return evaluate(by, arrays).item() * evaluate(body, arrays)
        case Sum(terms):
            return np.sum([evaluate(t, arrays) for t in terms], axis=0)
        case Apply(head, args):
            values = [evaluate(a, arrays) for a in args]
            function = np.power if head is sp.Pow else {sp.exp: np.exp, sp.tanh: np.tanh}[head]
            return function(*values)


def is_well_shaped(tree: Tree) -> bool:
    match tree:
        case Leaf() | Ones() | Fill() | Transpose():
            return True
        case MatMul(left, right):
            return shape(left)[1] == shape(right)[0] and is_well_shaped(left) and is_well_shaped(right)
        case Scale(by, body):
            return shape(by) == (None, None) and is_well_shaped(by) and is_well_shaped(body)
        case Hadamard(parts) | Sum(parts) | Apply(_, parts):
            return len({shape(p) for p in parts}) == 1 and all(map(is_well_shaped, parts))


def by_loops(term: Term, arrays: Arrays) -> np.ndarray:
    """Add up the body entry by entry."""
    letters = [axis.letter for axis in term.bound]
    total = np.zeros([SIZES[str(w)] for w in term.write])
    accesses = sorted(term.body.atoms(Ref), key=str)
    body = sp.lambdify([sp.Symbol(f"v{k}") for k in range(len(accesses))], slots(term.body, accesses), "math")
    for at in np.ndindex(*(SIZES[x] for x in letters)):
        place = dict(zip(letters, at, strict=True))
        values = (arrays[r.name][tuple(place[str(i)] for i in r.index)] for r in accesses)
        total[tuple(place[str(w)] for w in term.write)] += body(*map(float, values))
    return total


def slots(body: sp.Expr, accesses: list[Ref]) -> sp.Expr:
    return body.xreplace({r: sp.Symbol(f"v{k}") for k, r in enumerate(accesses)})


def term(write: str, factors: list[sp.Expr]) -> Term:
    body = sp.Mul(*factors)
    used = set(write) | {str(i) for r in body.atoms(Ref) for i in r.index}
    return Term(tuple(map(index, write)), tuple(AXES[x] for x in SIZES if x in used), body)


def ref(name: str, letters: str) -> Ref:
    return Ref(name, map(index, letters))


def arrays_for(term: Term) -> Arrays:
    generator = np.random.default_rng(0)
    return {r.name: generator.uniform(0.5, 2, [SIZES[str(i)] for i in r.index]) for r in term.accesses}


PATTERNS = st.lists(st.sampled_from("nijk"), max_size=2, unique=True).map("".join)


@st.composite
def factors(draw: st.DrawFn) -> list[sp.Expr]:
    patterns = draw(st.lists(PATTERNS, min_size=1, max_size=5))
    plain = [ref(f"A{k}", pattern) for k, pattern in enumerate(patterns)]
    return [draw(st.sampled_from(shapes_of(r, patterns[-1], k))) for k, r in enumerate(plain)]


def shapes_of(access: Ref, other: str, number: int) -> list[sp.Expr]:
    letters = "".join(map(str, access.index))
    companions = [ref(f"B{number}", part) for part in (letters[:1], letters[::-1], "")]
    mixed = [access + companion for companion in companions]
    simple = [access, 2 * access, 1 - access, access**2, 1 / access, sp.exp(-access)]
    return [*simple, *mixed, 3 * mixed[0] * access]


@given(PATTERNS, factors())
def test_the_matrix_form_has_the_value_of_the_loops(write: str, parts: list[sp.Expr]) -> None:
    case = term(write, parts)
    tree = contract(case)
    if tree is not None:
        assert is_well_shaped(tree)
        assert shape(tree) == tuple((*(AXES[w] for w in write), None, None)[:2])
        arrays = arrays_for(case)
        got = evaluate(tree, arrays).reshape([SIZES[w] for w in write])
        np.testing.assert_allclose(got, by_loops(case, arrays), rtol=1e-10)


N, I, J, K = (AXES[x] for x in "nijk")


def test_a_layer_over_samples() -> None:
    found = contract(term("ni", [ref("W", "ij"), ref("x", "nj")]))
    assert found == MatMul(Leaf("x", N, J), Transpose(Leaf("W", I, J)))


def test_a_layer_of_one_sample() -> None:
    found = contract(term("i", [ref("W", "ij"), ref("x", "j")]))
    assert found == MatMul(Leaf("W", I, J), Leaf("x", J, None))


def test_an_outer_product() -> None:
    found = contract(term("ij", [ref("d", "i"), ref("x", "j")]))
    assert found == MatMul(Leaf("d", I, None), Transpose(Leaf("x", J, None)))


def test_a_sum_over_rows() -> None:
    found = contract(term("i", [ref("d", "ni")]))
    assert found == MatMul(Transpose(Leaf("d", N, I)), Ones(N, None))


def test_a_bias_is_repeated_along_the_samples() -> None:
    found = contract(term("ni", [ref("b", "i")]))
    assert found == MatMul(Ones(N, None), Transpose(Leaf("b", I, None)))


def test_three_edges_at_one_letter_are_no_matrix_algebra() -> None:
    star = [ref("A", "nk"), ref("B", "ik"), ref("C", "jk"), ref("D", "ij")]
    assert contract(term("nj", star)) is not None
    assert contract(term("nj", [*star, ref("E", "ni")])) is None


def test_computed_repeated_and_too_many_subscripts_are_no_matrix() -> None:
    assert contract(term("i", [Ref("x", [index("i") + 1])])) is None
    assert contract(term("i", [Ref("A", [index("i"), index("i")])])) is None
    assert contract(term("nij", [ref("A", "nij")])) is None
    assert contract(term("i", [ref("T", "nij")])) is None


def test_transposing_twice_is_nothing() -> None:
    tree = contract(term("ni", [ref("W", "ij"), ref("x", "nj"), 1 - ref("a", "ni")]))
    assert tree is not None
    assert transposed(transposed(tree)) == tree
