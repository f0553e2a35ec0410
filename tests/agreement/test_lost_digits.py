"""Verdicts where digits are lost: by cancellation, in saturated functions, with matrices of unlike sizes.

Each case was once judged wrongly by a check against high-precision differences.
"""

from __future__ import annotations

from collections.abc import Callable
from math import erf
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.declare.op import TABLE
from symdiff import check_gradients
from symdiff.agreement.imprecision import ACCURATE
from symdiff.evaluation.backward_errors import ALGORITHMS, BY_LOGARITHMS, WHOLE_RESULTS
from symdiff.evaluation.rounded_results import FROM_ONE


def verdict(function: Callable[..., Any], at: Any, gradient: Any = None) -> str:
    if callable(gradient):
        gradient = gradient(np.asarray(at, dtype=float))
    return str(check_gradients(function, at, gradient=gradient).verdict)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def by_result(x: Any) -> Any:
    """The textbook's derivative of a sigmoid."""
    s = sigmoid(x)
    return s * (1 - s)


def gelu_tanh_slope(x: Any) -> Any:
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return 0.5 * (1 + t) + 0.5 * x * (1 - t**2) * c * (1 + 3 * 0.044715 * x**2)


def gelu_erf_slope(x: Any) -> Any:
    return 0.5 * (1 + erf(float(x) / 2**0.5)) + x * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)


def silu_slope(x: Any) -> Any:
    y = x * sigmoid(x)
    return y + sigmoid(x) * (1 - y)


@pytest.mark.parametrize(
    ("function", "at", "gradient"),
    [
        *((ad.tanh, x, lambda x: 1 - np.tanh(x) ** 2) for x in (5.0, 15.0, 19.0, 20.0, 30.0)),
        *((ad.sigmoid, x, by_result) for x in (12.6, 37.0, 40.0)),
        *((lambda x: 1 / (1 + np.exp(-x)), x, by_result) for x in (12.6, 20.0, 38.0)),
        (ad.silu, 20.0, silu_slope),
        *((ad.gelu_tanh, x, gelu_tanh_slope) for x in (-3.0, -5.0, -8.0)),
        *((ad.gelu_erf, x, gelu_erf_slope) for x in (-5.0, -8.0)),
        (ad.softplus, -5.0, lambda x: 1 - 1 / (1 + np.exp(x))),
    ],
)
def test_right_formulas_that_lose_digits_are_imprecise(function: Any, at: float, gradient: Any) -> None:
    assert verdict(function, at, gradient) == "imprecise"


@pytest.mark.parametrize(
    ("function", "at", "gradient"),
    [
        (ad.tanh, 19.0, 0.5 / np.cosh(19.0) ** 2),
        *((ad.sigmoid, 37.0, part * np.exp(-37.0)) for part in (0.5, 2.0, 0.9)),
        (ad.logsumexp, np.array([1e50, 2e40, -3e60]), np.array([0.5, 0, 0])),
        *((ad.cosh, 1e-20, wrong) for wrong in (-1e-20, 0.5e-20, 0.0, 1e-5)),
        (ad.j0, 1e-20, 1e-20),
        (ad.sinc, 1e-20, 1e-20),
        (ad.erfinv, 0.3, 1.0),
        (ad.ndtri, 0.3, 1.0),
        *((ad.erfc, 10.0, -2 / np.sqrt(np.pi) * np.exp(-100.0) * factor) for factor in (1 + 1e-9, 0.5, -1.0)),
        # beside a kink of one element no other is one, and between tied eigenvalues not everything is valid
        (lambda x: ad.sum(ad.relu(x) - ad.relu(-x)), np.array([0.0, 1.0]), np.array([0.0, 1.0])),
        (lambda x: ad.eigvalsh(x)[-1], np.eye(2), np.array([[3.0, 1], [1, 2]])),
        (lambda x: ad.eigvalsh(x)[-1], np.eye(2), np.array([[3.0, 1], [-1, 2]])),
    ],
)
def test_lost_digits_excuse_no_other_derivative(function: Any, at: Any, gradient: Any) -> None:
    assert verdict(function, at, np.asarray(gradient)) == "disagree"


@pytest.mark.parametrize(
    ("function", "at"),
    [
        *((ad.softplus, x) for x in (-40.0, -800.0, 1e-300)),
        *((ad.expm1, x) for x in (1e-20, -1e-10, 1e-300)),
        (lambda x: ad.sum(ad.log_softmax(x) * np.array([1.0, 2, 3])), np.array([40.0, 0, 1])),
        (lambda x: ad.sum((1 - ad.sigmoid(x)) ** 2 * ad.log_sigmoid(x)), np.array([40.0, 370.0, 2.0])),
        (lambda x: ad.cosh(x / x), 3.0),
        (ad.digamma, -1e15 - 0.5),
        (ad.ndtri, 1e-250),
        (ad.ndtri, 1e-300),
        (lambda x: ad.norm(x, "nuc"), 2 * np.eye(2)),
        (lambda x: ad.sum(ad.eigvalsh(x)), np.eye(3)),
    ],
)
def test_values_and_gradients_that_are_right(function: Any, at: Any) -> None:
    assert verdict(function, at) == "agree"


def test_a_float32_value_that_is_not_normal_is_right() -> None:
    assert verdict(ad.softplus, np.float32(-90.0)) == "agree"


def test_a_value_below_all_normal_numbers_may_be_0() -> None:
    """SciPy's erfc is: gelu is -1.1e-314 there, which few arithmetics have."""
    assert check_gradients(ad.gelu_erf, -38.0).value_verdict == "agree"


def test_the_nuclear_norm_has_kinks_where_a_singular_value_is_0() -> None:
    for at in (np.zeros((2, 2)), np.outer([1.0, 2.0], [3.0, 1.0])):
        assert verdict(lambda x: ad.norm(x, "nuc"), at) == "kink"
    assert verdict(lambda x: ad.norm(x, "nuc"), np.zeros((2, 2)), 1.1 * np.eye(2)) == "disagree"


def test_what_is_valid_between_branches() -> None:
    assert verdict(lambda x: ad.eigvalsh(x)[-1], np.eye(2), np.eye(2) / 2) == "kink"
    assert verdict(lambda x: ad.sum(ad.relu(x) - ad.relu(-x)), np.array([0.0, 1.0]), np.ones(2)) == "agree"
    # on the border of the ball of valid gradients, and beside it
    assert verdict(ad.norm, np.zeros(2), np.array([0.6, 0.8])) == "kink"
    assert verdict(ad.norm, np.zeros(2), np.array([0.6, 0.81])) == "disagree"


@pytest.mark.parametrize("n", [4, 5, 7])
def test_cofactors_of_graded_matrices(n: int) -> None:
    """Every element counts, however small: by the matrix as a whole they would all be rounding."""
    matrix = np.diag(10.0 ** np.linspace(12, -12, n)) @ np.random.default_rng(n).normal(size=(n, n))
    right = check_gradients(ad.det, matrix)
    assert right.verdict == "agree"
    damaged = np.array(right.inputs["x"].symbolic)
    least = np.unravel_index(int(np.argmin(np.abs(damaged))), damaged.shape)
    damaged[least] *= 1 + 1e-9
    assert verdict(ad.det, matrix, damaged) == "disagree"


def test_an_engine_without_a_gradient_is_no_exception() -> None:
    report = check_gradients(lambda x: ad.sum(ad.qr(x)[1]), np.zeros((2, 2)))
    assert report.verdict == "undefined"
    assert report.reasons[0].startswith("the engine has no gradient here")
    assert check_gradients(lambda x: ad.sum(ad.beta(x, x)), np.array([1e-300])).verdict == "undefined"


def test_a_gradient_function_is_asked_where_no_digits_are_lost() -> None:
    """At 37 half of s*(1 - s) is 0 in floats, as the whole is."""
    right = check_gradients(ad.sigmoid, 37.0, gradient=by_result)
    wrong = check_gradients(ad.sigmoid, 37.0, gradient=lambda x: 0.5 * by_result(x))
    assert (right.verdict, wrong.verdict) == ("imprecise", "disagree")
    assert wrong.reasons[-1].startswith("at another point, x = 0.")
    inside = check_gradients(
        lambda p: ad.sum(ad.sigmoid(p["w"])),
        {"w": np.array([37.0, 2.0])},
        gradient=lambda p: {"w": by_result(p["w"]) * [0.5, 1]},
    )
    assert inside.verdict == "disagree"
    text = check_gradients("sigmoid(x)", at={"x": 37.0}, gradient=lambda x: 0.5 * by_result(x))
    assert text.verdict == "disagree"


def test_an_angle_jumps_where_a_point_crosses_the_negative_axis() -> None:
    report = check_gradients("arctan2(y, x)", at={"y": 0.0, "x": -1.0})
    assert report.verdict == "kink"
    assert "the value jumps here (arctan2)" in report.reasons[0]
    assert check_gradients("arctan2(y, x)", at={"y": 0.0, "x": 1.0}).verdict == "agree"


def test_what_is_said_of_operations_by_name_is_said_of_operations_that_there_are() -> None:
    tables = (ALGORITHMS, WHOLE_RESULTS, BY_LOGARITHMS, FROM_ONE, ACCURATE)
    assert {name for table in tables for name in table} <= TABLE.keys()


def test_a_matrix_that_several_operations_are_given() -> None:
    """What is said of one of them does not depend on which comes last."""
    matrix = np.random.default_rng(6).normal(size=(4, 4))
    for function in (lambda x: ad.norm(x, 2) + ad.det(x), lambda x: ad.det(x) + ad.norm(x, 2)):
        assert verdict(function, matrix) == "agree"
