"""Rules as they run on arrays: with the kernels of operations, and with nothing recorded or asked."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np

import autodiff as ad
from autodiff.declare.op import TABLE, Op
from autodiff.ops import contractions
from autodiff.speed import array_rules
from autodiff.speed.array_rules import on_arrays


def test_a_rule_on_arrays_calls_kernels_and_gives_the_same() -> None:
    g, x, y = np.arange(3.0), np.arange(4.0) - 1.5, np.ones((3, 4))
    rule = TABLE["matmul"].rules[0]
    quick = on_arrays(rule)
    with patch.object(Op, "__call__", side_effect=AssertionError("an operation was called")):
        np.testing.assert_array_equal(quick(g, None, y, x), np.outer(g, x))
    np.testing.assert_array_equal(rule(g, None, y, x), np.outer(g, x))


def test_a_rule_on_arrays_calls_helpers_that_do_too() -> None:
    g, a, b = np.ones((2, 4)), np.ones((2, 3)), np.ones((3, 4))
    with patch.object(Op, "__call__", side_effect=AssertionError("an operation was called")):
        np.testing.assert_array_equal(on_arrays(contractions.dot_left)(g, a.shape, b), g @ b.T)


def test_rules_of_others_stay_as_they_are() -> None:
    rule = lambda g, y, x: g * np.cos(x)
    assert on_arrays(rule) is rule

    @ad.op(vjp=[lambda g, y, x: g * doubled(x)])
    def squared(x, /):
        return x * x

    @ad.op(vjp=[lambda g, y, x: 2.0 * g])
    def doubled(x, /):
        return 2.0 * x

    assert on_arrays(squared.rules[0]) is squared.rules[0]
    np.testing.assert_array_equal(ad.grad(lambda x: squared(x).sum())(np.arange(3.0)), [0.0, 2.0, 4.0])


def test_a_replaced_function_is_seen_after_forgetting() -> None:
    rule = TABLE["dot"].rules[0]
    g, a, b = np.float64(2.0), np.arange(3.0), np.ones(3)
    np.testing.assert_array_equal(on_arrays(rule)(g, None, a, b), 2.0 * b)
    try:
        with patch.object(contractions, "dot_left", lambda g, shape, b: np.full(shape, 7.0)):
            array_rules.forget()
            np.testing.assert_array_equal(on_arrays(rule)(g, None, a, b), np.full(3, 7.0))
    finally:
        array_rules.forget()
    np.testing.assert_array_equal(on_arrays(rule)(g, None, a, b), 2.0 * b)
