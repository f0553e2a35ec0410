"""What is not in the language: one line that names it, its column, and what to write instead."""

from __future__ import annotations

import pytest

from symdiff.errors import InputError
from symdiff.tracing.trace import trace_text

AT = {"x": [0.0, 1.0, 2.0, 3.0], "W": [[1.0, 2.0], [3.0, 4.0]], "n": 2}


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("x.__class__", 2, r"\.__class__"),
        ("(x*x).__class__", 6, r"\.__class__"),
        ("x.men()", 2, r"did you mean mean"),
        ("x.shape", 2, r"write one of them, x\.shape\[0\]"),
        ("np.exp(x)", 1, r"write exp\(\.\.\.\) without np\."),
        ("np.load(x)", 1, r"np\.load"),
        ("dir(x)", 1, r"unknown function dir"),
        ("men(x)", 1, r"did you mean mean"),
        ("factorial(x)", 1, r"gamma\(n \+ 1\)"),
        ("X*2", 1, r"did you mean x"),
        ("q*2", 1, r"--at q="),
        ("_", 1, "unknown name _"),
        ("sin", 1, r"write sin\(\.\.\.\)"),
        ("2*sin", 3, r"write sin\(\.\.\.\)"),
        ("sin[x]", 1, "round brackets"),
        ("sin**2(x)", 1, r"write sin\(\.\.\.\)\*\*2"),
        ("x(1)", 1, r"write x\*\(1\)"),
        ("2(x)", 1, r"2\*\(\.\.\.\)"),
        ("x^2", 2, r"\*\*"),
        ("x and x", 3, "&"),
        ("not x", 1, "~"),
        ("1 if x else 2", 3, "where"),
        ("lambda x: x", 1, "lambda_"),
        ("[t for t in x]", 4, "no loops"),
        ("import os", 1, "import"),
        ("x = 1", 3, "right-hand side"),
        ("y = x", 3, "right-hand side"),
        ("y = x; y = 2*x; y", 8, "assigned twice"),
        ("x = 2; x", 1, "x is an input"),
        ("sum = 2; x", 1, "sum is a function"),
        ("mean(x); x", 1, "only the last statement"),
        ("a, b = x; a", 1, "one name"),
        ("a = b = x; a", 1, "one name"),
        ("h*2; x", 1, "only the last statement"),
        ("x += 1", 3, r"\+="),
        ("x := 2", 3, ":="),
        ("x: int", 1, "only assignments"),
        ("x;;x", 3, "stray ;"),
        ("x < 2", 1, r"where\(condition"),
        ("1 < x < 3", 1, "chained"),
        ("sum(x > 0)", 5, r"sum\(where"),
        ("(x > 0)*2", 2, "mask"),
        ("2*(x > 0)", 4, "mask"),
        ("-(x > 0)", 3, "mask"),
        ("x & x", 1, "comparisons in brackets"),
        ("x > 0 & x < 1", 1, "chained"),
        ("(x > 0) & (x < 1)", 9, "mask"),
        ("1j*x", 1, "complex"),
        ("1.2.3", 1, "not a number"),
        ("2x", 2, r"2\*x"),
        ("x x", 3, "operator is missing"),
        ("x 2", 3, "operator is missing"),
        ("1e999*x", 1, "float64"),
        ("9" * 400, 1, "float64"),
        ("x+*x", 3, "two operators"),
        ("x//", 2, "ends early"),
        ("*x", 1, "before"),
        ("(x", 1, "never closed"),
        ("x)", 2, "never opened"),
        ("sum[x)", 6, "must match"),
        ("()", 1, "empty"),
        ("x[]", 2, "empty"),
        ("sum(x,,0)", 7, "comma"),
        ("sum(,x)", 5, "comma"),
        ("sum(*x)", 5, "unpacking"),
        ("sum(**x)", 5, "unpacking"),
        ("sum(x, axis=0, axis=1)", 21, "twice"),
        ("f'{x}'", 1, "text"),
        ("'abc", 1, "never ends"),
        ("sum('<b>')", 5, "letters, digits"),
        ("{'a': x}", 1, "dictionaries"),
        ("x!", 2, r"gamma\(x \+ 1\)"),
        ("x=>x", 2, ">="),
        ("x <> x", 3, "!="),
        ("x && x", 3, "&"),
        ("||x||", 1, r"norm\(x\)"),
        ("2*||x - 1||", 3, r"norm\(x - 1\)"),
        ("x || x", 3, r"join masks with \|"),
        ("|x|", 1, r"abs\(x\)"),
        ("2*|x|", 3, r"abs\(x\)"),
        ("x[[0, argmax(x)*1.0]]", 16, "whole number"),
        ("x[[0, [1]]]", 7, "whole number"),
        ("1__0*x", 2, "operator is missing"),
        ("1_*x", 2, "operator is missing"),
        ("x << 1", 3, "shifts"),
        ("x\\", 2, "backslash"),
        ("x\u00d7x", 2, r"U\+00D7.*write \*"),
        ("x\u2212x", 2, r"U\+2212.*write -"),
        ("\u0445*x", 1, r"U\+0445 CYRILLIC"),
        ("x\u200b", 2, r"U\+200B"),
        ("\u0391*x", 1, r"U\+0391"),
        ("x\u0301", 2, r"U\+0301"),
        ("ﬁ", 1, r"U\+FB01"),
        ("log(x, 2)", 1, r"log"),
        ("x[1.5]", 3, "whole number"),
        ("x[x]", 3, "whole number"),
        ("x[0, 0]", 3, "x has shape"),
        ("x[9]", 3, "x has shape"),
        ("W @ x", 3, r"matmul"),
        ("x + W", 3, r"shapes \(4,\) and \(2, 2\)"),
        ("sum(x, axis=3)", 1, "axis"),
        ("sum(x, axes=0)", 1, "axis"),
        ("reshape(x, (3, 2))", 1, r"4 elements"),
        ("sum(x)\n+ mean(x, axis=2)", 1, "only the last statement"),
        ("mean(\nx, axis=2)", 1, "axis"),
        ("None", 1, "must be a number"),
        ("'abc'", 1, "must be a number"),
        ("x + None", 5, "must be a number"),
        ("zeros(1000000000)", 1, "Limits.created"),
        ("zeros((100000, 100000))", 1, "Limits.created"),
        ("tile(x, 100000000)", 1, "Limits.created"),
        ("eye(100000)", 1, "Limits.created"),
        ("broadcast_to(x, (10000, 10000, 4))", 1, "Limits.created"),
        ("pad(x, 9999999)", 1, "Limits.created"),
        ("x[0] * outer(ones(9999), ones(9999))", 8, "Limits.created"),
        ("", None, "empty"),
        ("  \n ", None, "empty"),
        ("# only a comment", None, "empty"),
    ],
)
def test_refused(text: str, column: int | None, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        trace_text(text, AT)
    assert caught.value.column == column
    assert "\n" not in str(caught.value)


def test_the_line_is_named_where_there_are_several() -> None:
    with pytest.raises(InputError, match=r"^line 2, column 5: "):
        trace_text("h = x*x\nh + (h", AT)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "empty"),
        ("a" * 65, "65 characters"),
        ("lambda", "lambda_"),
        ("class", "class_"),
        ("nan", "nan"),
        ("sum", "is a function"),
        ("x y", r"U\+0020"),
        ("x_{1}", r"\{"),
        ("1x", "begins with a letter"),
        ("_x", "begins with a letter"),
        ("х", r"U\+0445 CYRILLIC"),
        ("xα", "Greek"),
        ("ﬁ", r"U\+FB01"),
        ("x\n", "U"),
    ],
)
def test_names_refused(name: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        trace_text("1", {name: 1.0})


@pytest.mark.parametrize(
    "name", ["x", "x_1", "W1", "σ", "σ_1", "E", "I", "S", "N", "gamma", "beta", "lambda_", "pi", "e", "re"]
)
def test_names_accepted(name: str) -> None:
    assert trace_text(f"{name} * {name}", {name: 3.0}).result.item() == 9.0


@pytest.mark.parametrize("wrt", ["q", "n"])
def test_wrt_names_an_input_of_numbers(wrt: str) -> None:
    with pytest.raises(InputError, match=rf"--wrt {wrt}"):
        trace_text("x[n]", AT, [wrt])
