"""Text -> Program: what is in the language, and where each part of it stands."""

from __future__ import annotations

from fractions import Fraction

import pytest

from symdiff.errors import InputError
from symdiff.language import (
    Assign,
    Binary,
    Call,
    Compare,
    Constant,
    Known,
    Limits,
    Method,
    Name,
    Program,
    Sequence,
    Slice,
    Subscript,
    Text,
    Transpose,
    Unary,
    parse,
    parse_formula,
    walk,
)

KNOWN = Known(
    {"sum", "mean", "exp", "where", "maximum", "einsum", "concatenate", "gamma"}, {"sum"}, {"x", "y"}, {"gamma"}
)
X, Y = Name("x"), Name("y")


def number(text: str) -> Constant:
    return Constant(float(text) if "." in text or "e" in text else int(text), text)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("x", X),
        ("x - 1", Binary("-", X, number("1"))),
        ("x + y * x", Binary("+", X, Binary("*", Y, X))),
        ("x - y - x", Binary("-", Binary("-", X, Y), X)),
        ("x ** y ** x", Binary("**", X, Binary("**", Y, X))),
        ("-x ** 2", Unary("-", Binary("**", X, number("2")))),
        ("+x", Unary("+", X)),
        ("x // 2 % 3 @ y", Binary("@", Binary("%", Binary("//", X, number("2")), number("3")), Y)),
        ("0.1 * x", Binary("*", number("0.1"), X)),
        ("x * 2.50e-3", Binary("*", X, number("2.50e-3"))),
        ("x.T", Transpose(X)),
        ("(x).sum(axis=0)", Method(X, "sum", (), (("axis", number("0")),))),
        ("sum(x, axis=(0, 1), keepdims=True)", Call(
            "sum", (X,), (("axis", Sequence((number("0"), number("1")), False)), ("keepdims", Constant(True, "True")))
        )),
        ("x[0]", Subscript(X, number("0"))),
        ("x[:, None, ::2, ...]", Subscript(X, Sequence((
            Slice(None, None, None), Constant(None, "None"), Slice(None, None, number("2")), Constant(..., "...")
        ), False))),
        ("where((x > 0) & ~(y <= 1), x, 0)", Call("where", (
            Binary("&", Compare(">", X, number("0")), Unary("~", Compare("<=", Y, number("1")))), X, number("0")
        ))),
        ("concatenate([x, y])", Call("concatenate", (Sequence((X, Y), True),))),
        ("einsum('i,i->', x, y)", Call("einsum", (Text("i,i->"), X, Y))),
        ("pi * e", Binary("*", Name("pi"), Name("e"))),
        ("sum(x,)", Call("sum", (X,))),
        ("(x,\n y)[0]", Subscript(Sequence((X, Y), False), number("0"))),
    ],
)  # fmt: skip
def test_trees(text: str, tree: object) -> None:
    program = parse(text, KNOWN)
    assert program.result == tree
    assert program.assignments == ()


def test_statements() -> None:
    program = parse("h = exp(x)\nz = h*y; s = sum(z)\n\n  s  # the result\n", KNOWN)
    assert [assign.name for assign in program.assignments] == ["h", "z", "s"]
    assert program.assignments[1] == Assign("z", Binary("*", Name("h"), Y))
    assert program.result == Name("s")
    assert program.inputs == ("x", "y")


def test_carriage_returns_and_leading_spaces_mean_nothing() -> None:
    assert parse("  h = x\r\n  h*2\r\n", KNOWN).result == parse("h = x\nh*2", KNOWN).result


def test_places_count_characters_not_bytes() -> None:
    program = parse("α = x\nα*α + mean(x)", KNOWN)
    mean = next(node for node in walk(program.result) if isinstance(node, Call))
    assert mean.place == (2, 7)


def test_places_of_operators() -> None:
    program = parse("(x + y) * (\n x - y)", KNOWN)
    found = {node.operator: node.place for node in walk(program.result) if isinstance(node, Binary)}
    assert found == {"+": (1, 4), "*": (1, 9), "-": (2, 4)}


def test_a_number_is_the_one_that_float64_holds() -> None:
    constant = parse("0.1", KNOWN).result
    assert isinstance(constant, Constant)
    assert constant.exact == Fraction(3602879701896397, 2**55)
    assert constant.text == "0.1"


def test_inputs_win_over_constants_and_over_functions_of_the_special_family() -> None:
    program = parse("gamma * e", Known(KNOWN.functions, (), {"gamma", "e"}, {"gamma"}))
    assert program.inputs == ("gamma", "e")
    assert parse("x * e * pi", KNOWN).inputs == ("x",)


def test_a_long_sum_is_not_deep() -> None:
    assert len(list(walk(parse("+".join(["x"] * 900), KNOWN).result))) == 1799


def test_formulas_take_any_name_and_may_be_masks() -> None:
    program = parse_formula("t = a * x; where(t > 0, t, exp(-t) + pi)", ("x", "a"))
    assert program.inputs == ("a", "x")
    assert isinstance(parse_formula("x > y").result, Compare)
    assert parse_formula("x * pi", ("pi",)).inputs == ("x", "pi")


LIMITS = Limits(characters=200, nodes=30, depth=8, arguments=5, names=3, name_length=10)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("x" + " " * 200, "characters"),
        ("+".join(["x"] * 31), "nodes"),
        ("(" * 9 + "x" + ")" * 9, "depth"),
        ("-" * 9 + "x", "depth"),
        ("x" + "**x" * 9, "depth"),
        ("x" + "[0]" * 9, "depth"),
        ("x" + ".T" * 9, "depth"),
        ("maximum(x, x, x, x, x, x)", "arguments"),
        ("concatenate((x, x, x, x, x, x))", "arguments"),
        ("a + b + c + d", "names"),
        ("abcdefghijk", "10"),
        ("abcdefghijk = x; x", "10"),
        ("2**2000", "log2_power"),
        ("0.5**9999", "log2_power"),
        ("t = 10**9; 2**t", "log2_power"),
        ("((x**999)**999)**999", "exponent"),
    ],
)
def test_limits_are_named(text: str, field: str) -> None:
    with pytest.raises(InputError, match=field):
        parse(text, Known(KNOWN.functions, (), None), limits=LIMITS)


@pytest.mark.parametrize(
    "text", ["2**10", "2**-10", "10**300", "1**99999999", "(-1)**99999", "x**1000", "2**x**2", "0**5"]
)
def test_ordinary_powers_are_within_the_limits(text: str) -> None:
    assert isinstance(parse(text, KNOWN), Program)


def test_raised_limits_let_more_through() -> None:
    assert parse("x" + " " * 5000, KNOWN, limits=Limits(characters=6000)).result == X
