"""The table of Python's operators: sign, class in ``ast``, method and operation of each belong together."""

from __future__ import annotations

import ast

import numpy as np
import pytest

import autodiff as ad
from autodiff.declare.op import TABLE
from autodiff.declare.operator_names import ARITHMETIC, COMPARISONS, LOGICAL, UNARY, Operator

BINARY = {each.operation: each for each in (*ARITHMETIC, *COMPARISONS, *LOGICAL)}
MASKS = np.array([True, False, True, False]), np.array([True, True, False, False])
NUMBERS = np.array([2.0, 3.0, 0.5, 7.0]), np.array([3.0, 2.0, 0.5, -2.0])


@pytest.mark.parametrize("each", BINARY.values(), ids=BINARY)
def test_a_sign_is_parsed_as_its_class_and_does_what_numpy_does(each: Operator) -> None:
    parsed = ast.parse(f"x {each.sign} y", mode="eval").body
    found = parsed.ops[0] if isinstance(parsed, ast.Compare) else parsed.op
    assert type(found).__name__ == each.syntax
    x, y = MASKS if each in LOGICAL else NUMBERS
    wanted = getattr(np, each.operation)(x, y)
    np.testing.assert_array_equal(each.function(ad.tensor(x), y).data, wanted)
    np.testing.assert_array_equal(TABLE[each.operation](x, y), wanted)
    if each not in COMPARISONS:
        np.testing.assert_array_equal(getattr(ad.tensor(y), each.reflected)(x).data, wanted)


@pytest.mark.parametrize("each", UNARY, ids=lambda each: each.operation)
def test_an_operator_of_one_operand_does_what_numpy_does(each: Operator) -> None:
    x = MASKS[0] if each.operation == "logical_not" else NUMBERS[1] + 0.25
    np.testing.assert_array_equal(getattr(ad.tensor(x), each.method)().data, getattr(np, each.operation)(x))
    if each.sign:
        assert type(ast.parse(f"{each.sign}x", mode="eval").body.op).__name__ == each.syntax
