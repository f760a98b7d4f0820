"""The parser of formulas: what it reads, what it refuses, and that nothing else ever leaves it."""

import ast
import random
import unicodedata
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from symgrad.errors import DefinitionError, FormulaError
from symgrad.model.formula import parse, parse_definition, readings, to_sympy
from symgrad.model.limits import check_size
from symgrad.model.names import GREEK, check_name
from symgrad.model.syntax import Call, Chain, Constant, Name, Neg, Number, Power, Reduce, walk
from symgrad.model.writing import write
from tests.work import counted

FUNCTIONS = {
    "exp": sp.exp,
    "log": sp.log,
    "sqrt": sp.sqrt,
    "abs": sp.Abs,
    "max": sp.Max,
    "sin": sp.sin,
    "sigmoid": sp.Function("sigmoid"),
}


def symbol(name):
    return sp.Symbol(name.name, real=True)


def value(text):
    return to_sympy(parse(text, FUNCTIONS), symbol, FUNCTIONS)


X, Y, O1, A1, A2 = sp.symbols("x y o1 a1 a2", real=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 x", 2 * X),
        ("o1(1-o1)", O1 * (1 - O1)),
        ("a1 a2", A1 * A2),
        ("-x^2", -(X**2)),
        ("2**3**2", 512),
        ("2^-2", sp.Rational(1, 4)),
        ("x - y - x", -Y),
        ("x/y/2", X / Y / 2),
        ("1/2x", X / 2),
        ("x/-y*2", -2 * X / Y),
        ("e^-x y", Y * sp.exp(-X)),
        ("0.15", sp.Rational(3, 20)),
        ("1e-3 x", X / 1000),
        (".5", sp.Rational(1, 2)),
        ("½(x−y)²", (X - Y) ** 2 / 2),
        ("x·y×2", 2 * X * Y),
        ("x⁻¹²", X**-12),
        ("σ(x)", FUNCTIONS["sigmoid"](X)),
        ("log(e) + sin(pi) + sin(π)", 1),
        ("max(x, 0)", sp.Max(X, 0)),
        ("x^0.5", sp.sqrt(X)),
        ("((x))", X),
        ("+x", X),
        ("sqrt(2/pi)", sp.sqrt(2 / sp.pi)),
    ],
)
def test_it_reads_what_people_write(text, expected):
    assert value(text) == expected


def test_declared_names_win_over_constants_and_short_forms():
    assert parse("e", FUNCTIONS) == Constant("e")
    assert parse("e", FUNCTIONS, ["e"]) == Name("e")
    assert parse("σ(x)", FUNCTIONS, ["σ", "x"]) == Chain(("*",), (Name("σ"), Name("x")))


def test_subscripts_and_reductions():
    j, row = Name("j"), Name("W", (Name("i"), Name("j")))
    assert parse("sum(j, W[i,j])", FUNCTIONS) == Reduce("sum", ("j",), row)
    assert parse("mean(n, j, x[n,j])", FUNCTIONS).letters == ("n", "j")
    assert parse("max(j, W[i,j])", FUNCTIONS) == Reduce("max", ("j",), row)
    assert parse("max(j, x)", FUNCTIONS) == Call("max", (j, Name("x")))
    affine = Chain(
        ("+", "-"), (Chain(("*",), (Number(Fraction(2)), Name("i"))), Name("k"), Number(Fraction(1)))
    )
    assert parse("x[2*i+k-1]", FUNCTIONS) == parse("x[2i+k-1]", FUNCTIONS) == Name("x", (affine,))


def test_every_term_knows_its_column():
    columns = {write(part): part.column for part in walk(parse("a + b*sin(c)", FUNCTIONS))}
    assert columns == {"a + b*sin(c)": 3, "a": 1, "b*sin(c)": 6, "b": 5, "sin(c)": 7, "c": 11}


def test_a_doubtful_formula_has_two_readings():
    assert [write(f) for f in readings("1/2x", FUNCTIONS)] == ["1/2*x", "1/(2*x)"]
    assert [len(readings(t, FUNCTIONS)) for t in ("2x/3", "(1/2)x", "1/2*x", "x/y z", "-2x")] == [
        1,
        1,
        1,
        2,
        1,
    ]


def test_a_definition_must_not_be_doubtful():
    assert parse_definition("[n,i] x[n,i]", FUNCTIONS)[0] == ("n", "i")
    assert parse_definition("x", FUNCTIONS)[0] == ()
    with pytest.raises(FormulaError, match=r"column 5: found 'x' beside a divisor.*\(a/b\)\*c"):
        parse_definition("1/2 x", FUNCTIONS)


NAMES = ["x", "w1", "w10", "W", "i", "j"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"column 1: found the end, expected a number"),
        ("x +", r"column 4: found the end"),
        ("(x", r"column 3: found the end, expected '\)'; close the bracket"),
        ("x)", r"column 2: found '\)', expected an operator or the end"),
        ("x w11", r"column 3: unknown name 'w11'; did you mean w1"),
        ("sigmod(x)", r"column 1: unknown name 'sigmod'; did you mean sigmoid"),
        ("exp x", r"column 5: found 'x', expected '\(' after the function exp; write exp\(…\)"),
        ("x' + 1", r"column 2: found \"'\"; a prime is not read here; write the derivative out"),
        ("x = 1", r"column 3: found '='; a formula is one expression"),
        ("x; import os", r"column 2: found ';'"),
        ("__import__('os')", r"column 1: found '_'; a name starts with a letter"),
        ("1_000", r"column 2: found '_'"),
        ("lambda", r"column 1: found 'lambda', a reserved word"),
        ("x + х", r"column 5: found 'х' \(CYRILLIC SMALL LETTER HA\)"),
        ("x\0", r"column 2: found '\\x00' \(U\+0000\)"),
        ("xｙ", r"FULLWIDTH LATIN SMALL LETTER Y"),
        ("2 3", r"column 3: found '3', which follows another number"),
        ("2½", r"column 2: found '½', which follows another number"),
        ("1" * 41, r"column 1: found a number of 41 digits; at most 40"),
        ("1e309", r"scaled by 10\^309; at most 308"),
        ("1e" + "9" * 500, r"at most 308"),
        ("x^65", r"column 3: found an exponent beyond ±64"),
        ("9**9**9", r"column 5: found an exponent beyond ±64"),
        ("x^(1/2000)", r"found an exponent beyond"),
        ("((9^64)^64)^64", r"too large together"),
        ("W[i*j]", r"column 4: a subscript is a sum of index letters with integer factors"),
        ("W[i/2]", r"a subscript is a sum"),
        ("W[i", r"column 4: found the end, expected '\]'"),
        ("(x)[i]", r"column 4: found '\[', expected an operator"),
        ("sum(x[i])", r"column 1: sum needs index letters and then a body"),
        ("sum(i, i, x)", r"sum needs index letters"),
        ("mean(2, x)", r"mean needs index letters"),
        ("sum + 1", r"expected '\(' after the function sum"),
        ("(" * 10_000, r"column 4001: the formula has 10000 words; at most 4000"),
        ("(" * 90 + "x" + ")" * 90, r"column 81: nested deeper than 80 levels"),
        ("x" * 61, r"a name of 61 characters"),
        ("x " * 5_001, r"10002 characters; at most 10000"),
    ],
)
def test_a_refusal_says_where_what_and_the_remedy(text, message):
    with pytest.raises(FormulaError, match=message):
        parse(text, FUNCTIONS, NAMES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1/0", r"column 3: found a division by zero"),
        ("1/(x-x)", r"column 5: found a division by zero"),
        ("0^-1", r"column 2: found a division by zero"),
        ("log(0)", r"column 1: found a value that is no real number"),
        ("sqrt(-1)", r"no real number \(I\)"),
        ("exp(x, y)", r"column 1: exp does not take 2 argument"),
        ("sqrt(x, y)", r"sqrt does not take 2 argument"),
        ("sin(sin(3+exp(exp(exp(3)))))", r"function of a constant that is itself a function"),
        ("exp(exp(exp(3+0*x)))", r"function of a constant that is itself a function"),
        ("exp(10^9*log(9))", r"function of a constant that is itself a function"),
        ("9^(9^9+0*x)", r"column 7: found an exponent beyond"),
        ("max(" + ",".join(f"x{k}" for k in range(90)) + ")", r"at most 12 arguments"),
        ("sum(i, x[i])", r"column 1: found sum over an index"),
    ],
)
def test_what_sympy_would_choke_on_is_refused(text, message):
    with pytest.raises(FormulaError, match=message):
        value(text)


FORMULAS = st.recursive(
    st.one_of(
        st.decimals(0, 10**6, places=3, allow_nan=False).map(lambda d: Number(Fraction(d))),
        st.sampled_from(["x", "w1", "δ", "W"]).map(Name),
        st.sampled_from(["e", "pi"]).map(Constant),
        st.lists(st.sampled_from([Name("i"), Name("j"), Neg(Name("k"))]), min_size=1, max_size=2).map(
            lambda subscripts: Name("W", tuple(subscripts))
        ),
    ),
    lambda inner: st.one_of(
        inner.map(Neg),
        st.tuples(inner, st.integers(0, 3)).map(lambda p: Power(p[0], Number(Fraction(p[1])))),
        inner.map(lambda exponent: Power(Constant("e"), Neg(exponent))),
        st.tuples(st.sampled_from(["exp", "max"]), inner).map(lambda p: Call(p[0], (p[1], Name("x")))),
        st.tuples(st.sampled_from(["sum", "mean"]), inner).map(lambda p: Reduce(p[0], ("i", "n"), p[1])),
        st.tuples(st.sampled_from(["+-", "*/"]), st.lists(inner, min_size=2, max_size=4), st.randoms()).map(
            lambda p: Chain(tuple(p[2].choice(p[0]) for _ in p[1][1:]), tuple(p[1]))
        ),
    ),
    max_leaves=15,
)


def within_limits(formula):
    try:
        check_size(formula)
    except FormulaError:
        return False
    return True


@settings(max_examples=150, deadline=None)
@given(FORMULAS.filter(within_limits))
def test_what_is_written_is_read_back_the_same(formula):
    assert parse(write(formula), FUNCTIONS) == formula


OPERATORS = {
    ast.Add: Fraction.__add__,
    ast.Sub: Fraction.__sub__,
    ast.Mult: Fraction.__mul__,
    ast.Div: Fraction.__truediv__,
    ast.Pow: lambda base, exponent: Fraction(base ** int(exponent)),
}


def python(node):
    """Evaluate arithmetic exactly, grouped as Python's own parser groups it."""
    match node:
        case ast.Expression(body):
            return python(body)
        case ast.Constant(number):
            return Fraction(str(number))
        case ast.UnaryOp(ast.USub(), operand):
            return -python(operand)
        case ast.BinOp(_, ast.Pow(), right) if python(right).denominator != 1:
            raise ZeroDivisionError("no exact value")
        case ast.BinOp(left, operator, right):
            return OPERATORS[type(operator)](python(left), python(right))
    raise AssertionError(ast.dump(node))


def arithmetic(rng, depth):
    if depth == 0 or rng.random() < 0.2:
        return rng.choice(["2", "3", "7", "0.5", "1.25", "10"])
    one, other = arithmetic(rng, depth - 1), arithmetic(rng, depth - 1)
    return rng.choice(
        [
            f"{one} + {other}",
            f"{one}-{other}",
            f"{one}*{other}",
            f"{one} / {other}",
            f"({one})",
            f"-{one}",
            f"{one}*-{other}",
            f"({one})**{rng.randrange(4)}",
            f"{one}**-1",
            f"-2**{rng.randrange(3)}**2",
            f"{one}*2**-{rng.randrange(1, 4)}",
        ]
    )


def test_precedence_is_python_s_own():
    rng = random.Random(7)
    compared = 0
    while compared < 400:
        text = arithmetic(rng, 4)
        try:
            expected = python(ast.parse(text, mode="eval"))
        except ZeroDivisionError:
            continue
        assert value(text) == sp.Rational(expected.numerator, expected.denominator), text
        compared += 1


WORDS = [
    *"xyij()+-*/^,[] '½²σ·е\0",
    "W[i,j]",
    "**",
    "0.15",
    "9",
    "64",
    "exp(",
    "max(",
    "sum(j,",
    "pi",
    "1e30",
    "lambda",
]
SAMPLE = "exp(-(x-0.5)^2/(2*s^2)) + sum(j, W[i,j]*x[n,j])*log(2)/(9^9)^(1/3) - sin(2*y)"


def hostile(rng):
    kind = rng.randrange(3)
    if kind == 0:
        return "".join(
            chr(rng.choice([rng.randrange(128), rng.randrange(0x3000)])) for _ in range(rng.randrange(40))
        )
    if kind == 1:
        return "".join(rng.choice(WORDS) for _ in range(rng.randrange(25)))
    letters = list(SAMPLE)
    for _ in range(rng.randrange(1, 4)):
        letters[rng.randrange(len(letters))] = rng.choice(WORDS)
    return "".join(letters)


def refusal(text):
    try:
        parse(text, FUNCTIONS)
    except FormulaError as error:
        return str(error)
    return ""


def test_no_string_makes_anything_but_a_formula_or_a_formula_error():
    rng = random.Random(11)
    read, refused = 0, 0
    for _ in range(20_000):
        text = hostile(rng)
        message = refusal(text)
        read += not message
        refused += message.startswith("column ")
    assert read + refused == 20_000
    assert read > 1_000
    assert refused > 1_000


@pytest.mark.parametrize(
    "text",
    [
        "+".join(f"x{k}" for k in range(1_200)),
        "x/" * 1_900 + "x",
        "-" * 79 + "x",
        "^".join(["x"] * 79),
        "exp(" * 79 + "x" + ")" * 79,
        "+".join(f"1/{k}" for k in range(1_001, 1_500)),
    ],
)
def test_long_and_deep_formulas_are_read_in_time_and_back(text):
    with counted() as work:
        formula = parse(text, FUNCTIONS)
        assert parse(write(formula), FUNCTIONS) == formula
        to_sympy(formula, symbol, FUNCTIONS)
    assert work.calls < 2_000_000


@pytest.mark.parametrize("name", ["w1", "δz1", "W_hidden", "x" * 60, "e"])
def test_good_names(name):
    assert check_name(name, "node") == name


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "does not start with a letter"),
        ("1x", "does not start with a letter"),
        ("_x", "does not start with a letter"),
        ("x-y", r"has '-' at column 2"),
        ("x\n", r"column 2"),
        ("wоrd", r"CYRILLIC SMALL LETTER O\) at column 2"),
        ("x" * 61, "61 characters; at most 60"),
        ("lambda", "reserved word; choose another, such as lambda_1"),
        ("match", "reserved word"),
        ("np", "reserved word"),
    ],
)
def test_bad_names(name, message):
    with pytest.raises(DefinitionError, match=message):
        check_name(name, "node")


def test_listed_greek_means_the_same_to_python():
    assert all(letter.isidentifier() and unicodedata.normalize("NFKC", letter) == letter for letter in GREEK)


@pytest.mark.parametrize("name", ["floor", "ceil", "round", "argmax"])
def test_what_is_not_differentiable_is_named(name):
    for names in (["x"], None):
        with pytest.raises(FormulaError, match=f"column 3: found '{name}', which is not differentiable: "):
            parse(f"2*{name}(x)", FUNCTIONS, names)
    assert parse(f"2*{name}", FUNCTIONS, [name])
