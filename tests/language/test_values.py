"""Values of inputs: what is typed after --at, and what Python callers pass."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from symdiff.errors import InputError
from symdiff.tracing.values import as_array, parse_at


@pytest.mark.parametrize(
    ("text", "array"),
    [
        ("x=2.5", np.array(2.5)),
        ("x = -3", np.array(-3)),
        ("x=0,1,2,3", np.array([0, 1, 2, 3])),
        ("x=0, 1.5, -2e-3", np.array([0, 1.5, -2e-3])),
        ("x=3,", np.array([3])),
        ("x=[1,2]", np.array([1, 2])),
        ("x=[[1,2],[3,4]]", np.array([[1, 2], [3, 4]])),
        ("x=[1,2],[3,4]", np.array([[1, 2], [3, 4]])),
        ("x=(1, 2)", np.array([1, 2])),
        ("x=[[[1.0]]]", np.array([[[1.0]]])),
        ("x=arange(4)", np.arange(4)),
        ("x=arange(1, 2, 0.25)", np.arange(1, 2, 0.25)),
        ("x=linspace(0,1,5)", np.linspace(0, 1, 5)),
        ("x=ones([2,3])", np.ones((2, 3))),
        ("x=zeros(2)", np.zeros(2)),
        ("x=eye(2)", np.eye(2)),
        ("x=full([2], 0.5)", np.full(2, 0.5)),
        ("x=nan,inf,-inf,1", np.array([np.nan, np.inf, -np.inf, 1])),
        ("x=.5", np.array(0.5)),
        ("x=5.", np.array(5.0)),
        ("x=4611686018427387904", np.array(4611686018427387904.0)),
        ("x=1e-400", np.array(0.0)),
    ],
)
def test_values(text: str, array: np.ndarray) -> None:
    name, got = parse_at(text)
    assert name == "x"
    assert got.dtype == array.dtype
    np.testing.assert_array_equal(got, array)


@pytest.mark.parametrize(
    "text", ["0.1", "1e-323", "1.7976931348623157e308", "0.30000000000000004", "123456789.123456789", "2.5e-17"]
)
def test_numbers_are_exactly_those_of_float64(text: str) -> None:
    assert parse_at(f"x={text}")[1].item() == float(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x", "NAME=VALUES"),
        ("", "NAME=VALUES"),
        ("=3", "name is empty"),
        ("x=", "no values"),
        ("x=a", "neither a number"),
        ("x=1 2", "missing"),
        ("x=1,,2", "not a number"),
        ("x=[1,2", "missing"),
        ("x=[1;2]", "not a number"),
        ("x=[1,2]]", "missing"),
        ("x=[[1,2],[3]]", "row 0 has length 2 and row 1 has length 1"),
        ("x=[[1,2],3]", "element 0 is a row of 2 and element 1 is a number"),
        ("x=[]", "no elements"),
        ("x=[[],[]]", "no elements"),
        ("x=1e999", "float64"),
        ("x=1/2", "not a number|missing"),
        ("x=1j", "not a number"),
        ("x=0x10", "not a number"),
        ("x=1_000", "not a number"),
        ("x=__import__('os')", "neither a number"),
        ("x=arange()", "1 or 2 or 3"),
        ("x=arange(1,2,0)", "arange"),
        ("x=arange(1000000000)", r"Limits\.created"),
        ("x=zeros([99999,99999])", r"Limits\.created"),
        ("x=linspace(0,1,-1)", "linspace"),
        ("x=linspace(0,inf,3)", "not finite"),
        ("x=linspace(-1e308,1e308,3)", "not finite"),
        ("x=arange(0,nan,1)", "arange"),
        ("x=arange(0,inf,1)", "arange"),
        ("x=linspace(0,1e400,3)", "float64"),
        ("x=" + "[" * 40 + "1" + "]" * 40, "deeper than 32"),
        ("x=" + "1," * 1_500_000, "give a file"),
        ("sum=1", "sum is a function"),
        ("x y=1", r"U\+0020"),
    ],
)
def test_values_refused(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        parse_at(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (2, np.int64), (2.0, np.float64), ([1, 2], np.int64), ((1.0, 2), np.float64), ([[1, 2], [3, 4]], np.int64),
        (np.float32(1.5), np.float32), (np.ones(3, np.float32), np.float32), (np.ones(3, np.float16), np.float32),
        (np.ones(3, ">f8"), np.float64), (np.arange(3, dtype=np.int8), np.int8), ([True, False], np.bool_),
        (Fraction(1, 3), np.float64),
        ([Decimal("0.1"), 2], np.float64), ("0,1", np.int64), (range(3), np.int64),
        (ad.tensor([1.0, 2.0], requires_grad=True), np.float64), (np.ones(3, np.longdouble), np.float64),
        (10**30, np.float64),
    ],
)  # fmt: skip
def test_what_python_callers_pass(value: Any, dtype: type) -> None:
    array = as_array("x", value)
    assert array.dtype == dtype
    assert array.dtype.isnative


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([[1, 2], [3]], "row 0 has length 2 and row 1 has length 1"),
        ([np.ones((2, 2)), np.ones((2, 3))], r"shape \(2, 2\).*shape \(2, 3\)"),
        (1j, "complex"),
        ([], "no elements"),
        (np.zeros((0, 3)), r"\(0, 3\)"),
        (None, "x"),
        (["a"], "not numbers|numbers"),
        ({"a": 1}, "x"),
        (object(), "x"),
        (np.ma.masked_array([1.0, 2.0], [True, False]), "mask"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "datetime64"),
        (np.zeros(2, dtype=[("a", float)]), "not numbers"),
        ([None, 1.0], "x"),
        ([1j, Fraction(1)], "x"),
    ],
)
def test_what_is_no_array_of_numbers(value: Any, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        as_array("x", value)
    assert "\n" not in str(caught.value)
