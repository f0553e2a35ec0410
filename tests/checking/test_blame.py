"""Which operation is to blame, what a kink allows and how far it is, and where a nan comes from."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from symdiff import check_gradients

X, W = np.array([0.3, -0.2, 0.5]), np.eye(3) + 0.1


@ad.op(meaning="x**3", vjp=[lambda g, y, x: g * 2 * x**2])
def wrong_cube(x, /):
    return x**3


@ad.op(vjp=[lambda g, y, x: g * np.ones(3)])
def without_meaning(x, /):
    return np.sin(x)


@ad.op(meaning="x * y", vjp=[lambda g, y, x, z: g * z, lambda g, y, x, z: -g * x])
def wrong_product(x, y, /):
    return x * y


def network(x: Any, W: Any) -> Any:
    h = np.tanh(W @ x)
    c = wrong_cube(h) + 1
    return np.sum(c * np.exp(h))


def test_the_operation_with_its_line() -> None:
    report = check_gradients(network, X, W)
    assert report.blame is not None
    assert (report.blame.operation, report.blame.operand) == ("wrong_cube", "x")
    assert report.blame.source == "c = wrong_cube(h) + 1"
    assert str(report.blame).startswith("wrong_cube (test_blame.py:")
    assert report.blame.got == pytest.approx(report.blame.want * 2 / 3)
    assert "the first operation whose own derivative is wrong: wrong_cube (test_blame.py:" in report.failure()
    assert json.loads(report.to_json())["check"]["blame"]["operation"] == "wrong_cube"
    assert "wrong_cube" in report.to_html()


def test_the_operand_whose_rule_is_wrong() -> None:
    report = check_gradients(lambda a, b: np.sum(np.exp(wrong_product(a, b))), X, X + 1)
    assert report.blame is not None
    assert (report.blame.operation, report.blame.operand) == ("wrong_product", "y")


def test_the_first_on_the_way_back() -> None:
    report = check_gradients(lambda x: np.sum(wrong_product(wrong_cube(x), np.cos(x))), X)
    assert report.blame is not None
    assert report.blame.operation == "wrong_product"


def test_an_operation_without_a_meaning_is_held_against_differences() -> None:
    def loss(x: Any) -> Any:
        h = 2 * x
        return np.sum(without_meaning(h) ** 2)

    report = check_gradients(loss, X, reference=lambda x: np.sum(np.sin(2 * x) ** 2))
    assert report.blame is not None
    assert (report.blame.operation, report.blame.by) == ("without_meaning", "differences")
    assert report.blame.source == "return np.sum(without_meaning(h) ** 2)"


def test_nobody_is_to_blame_for_what_is_right_or_given() -> None:
    assert check_gradients(lambda x: np.sum(np.tanh(x)), X).blame is None
    assert check_gradients(lambda x: np.sum(np.tanh(x)), X, gradient=X).blame is None


# --- kinks ------------------------------------------------------------------------------------------------------------


def test_a_kink_says_what_is_valid_and_whose_convention_is_what() -> None:
    report = check_gradients("3*sum(relu(x))", x=[0.0, 1.0, -2.5])
    assert [(each.index, each.low, each.high, each.got) for each in report.kinks] == [((0,), 0.0, 3.0, 0.0)]
    assert (
        "kink at x[0] (relu): from 0 to 3 is valid, got 0; by convention, relu: symdiff 0, PyTorch 0, JAX 0"
        in str(report).splitlines()
    )
    wrong = check_gradients("sum(relu(x))", x=[0.0, 1.0], gradient=[7.0, 1.0])
    assert "from 0 to 1 is valid, got 7" in wrong.failure()


def test_how_far_the_nearest_kink_is() -> None:
    report = check_gradients("sum(relu(x)) + sum(abs(x + 1))", x=[0.25, 1.0, -2.5])
    assert report.nearest_kink is not None
    assert (report.nearest_kink.operation, report.nearest_kink.distance) == ("relu", 0.25)
    assert "the nearest kink: relu, whose values are 0.25 from it" in str(report)
    assert check_gradients("max(x)", x=[1.0, 3.0, 2.5]).nearest_kink.distance == 0.5
    assert check_gradients("sum(tanh(x))", x=[0.25]).nearest_kink is None


# --- nan --------------------------------------------------------------------------------------------------------------


def test_a_nan_of_a_discarded_branch_and_the_way_out() -> None:
    report = check_gradients("sum(where(x > 0, sqrt(x), 0))", x=[0.0, 1.0, 4.0], gradient=[np.nan, 0.5, 0.25])
    words = "nan comes of sqrt, whose derivative is not finite at 0, in a branch that where discards"
    assert words in report.failure()
    assert "where(c, sqrt(where(c, x, 1)), 0)" in report.failure()


def test_a_nan_of_an_operation() -> None:
    report = check_gradients("sum(sqrt(x))", x=[0.0, 1.0], gradient=[np.nan, np.nan])
    assert str(report.verdict) == "disagree"
    assert "nan comes of sqrt, whose derivative is not finite at 0" in report.failure()
