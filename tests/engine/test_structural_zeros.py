"""What was not selected sends nothing back; a cotangent that merely happens to be 0 does not hide a nan."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the points are those where NumPy warns

X = np.array([0.0, 1.0, -1.0, 4.0])

CASES: dict[str, tuple[Any, Any, Any]] = {
    "log": (lambda x: np.where(x > 0, np.log(x), 0.0).sum(), X, [0, 1, 0, 0.25]),
    "sqrt": (lambda x: np.where(x > 0, np.sqrt(x), 0.0).sum(), X, [0, 0.5, 0, 0.25]),
    "quotient": (lambda x: np.where(x == 0, 1.0, np.sin(x) / x).sum(), np.array([0.0]), [0]),
    "two branches": (lambda x: np.where(x > 0, np.log(x), np.log(-x)).sum(), np.array([2.0, -2.0]), [0.5, -0.5]),
    "scaled": (lambda x: (3.0 * np.where(x > 0, 2.0 * np.log(x), 0.0)).mean(), X, [0, 1.5, 0, 0.375]),
    "maximum": (lambda x: np.maximum(np.log(x), -10.0).sum(), np.array([0.0, 1.0]), [0, 1]),
    "clip": (lambda x: np.clip(np.log(x), -10.0, 0.5).sum(), np.array([0.0, 1.0, 9.0]), [0, 1, 0]),
    "relu": (lambda x: ad.relu(np.log(x)).sum(), np.array([0.0, 2.0]), [0, 0.5]),
    "max": (lambda x: np.max(np.sqrt(x)), np.array([0.0, 4.0]), [0, 0.25]),
    "slice": (lambda x: np.log(x)[1:].sum(), np.array([0.0, 2.0]), [0, 0.5]),
    "mask": (lambda x: np.log(x)[x > 0].sum(), np.array([0.0, 2.0, -1.0]), [0, 0.5, 0]),
    "through a difference": (lambda x: np.diff(np.log(x))[1:].sum(), np.array([0.0, 1.0, 2.0]), [0, -1, 0.5]),
    "through a product": (
        lambda x: (np.where(x > 0, np.log(x), 0.0)[None] @ np.ones((4, 2))).sum(), X, [0, 2, 0, 0.5],
    ),
    "rows of a product": (
        lambda x: np.where([[True], [False]], np.log(x).reshape(2, 1) @ np.array([[0.0, 1.0]]), 0.0).sum(),
        np.array([2.0, 0.0]),
        [0.5, 0],
    ),
    "through a stretched operand": (
        lambda x: np.where([[True, False], [True, False]], np.log(x) * np.ones((2, 1)), 0.0).sum(),
        np.array([2.0, 0.0]),
        [1.0, 0],
    ),
    "a scalar with copies that are discarded": (
        lambda s: np.where([True, False], np.log(s * np.array([1.0, 0.0])), 0.0).sum(), np.array(2.0), 0.5,
    ),
    "a norm that is not taken": (lambda x: np.where(x.sum() > 0, np.sqrt((x * x).sum()), 0.0), np.zeros(2), [0, 0]),
}  # fmt: skip


@pytest.mark.parametrize(("f", "at", "want"), CASES.values(), ids=CASES)
def test_discarded_branches_send_nothing(f: Any, at: np.ndarray, want: Any) -> None:
    np.testing.assert_array_equal(ad.grad(f)(at), want)


@pytest.mark.parametrize(("f", "at", "want"), CASES.values(), ids=CASES)
def test_also_when_the_walk_is_recorded(f: Any, at: np.ndarray, want: Any) -> None:
    x = ad.tensor(at, requires_grad=True)
    f(x).backward(create_graph=True)
    np.testing.assert_array_equal(x.grad.data, want)


HONEST: dict[str, tuple[Any, Any, Any]] = {
    "a cotangent that happens to be 0": (lambda x: (np.sqrt(x) ** 2).sum(), np.array([0.0, 1.0]), [np.nan, 1]),
    "beside a where": (lambda x: (np.sqrt(x) ** 2 + np.where(x > 0, x, 0.0)).sum(), np.array([0.0, 1.0]), [np.nan, 2]),
    "selected": (lambda x: np.where(x >= 0, np.sqrt(x), 0.0).sum(), np.array([0.0, 1.0]), [np.inf, 0.5]),
    "used elsewhere": (
        lambda x: (np.where(x > 0, np.log(x), 0.0) + np.sqrt(x) ** 2).sum(), np.array([0.0, 1.0]), [np.nan, 2],
    ),
    "a coefficient that happens to be 0": (
        lambda x: (np.where(x > 0, 1.0, 2.0) * (np.sqrt(x)[None] @ np.zeros((2, 2)))[0]).sum(),
        np.array([0.0, 1.0]),
        [np.nan, 0],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("f", "at", "want"), HONEST.values(), ids=HONEST)
def test_nan_is_not_hidden(f: Any, at: np.ndarray, want: Any) -> None:
    np.testing.assert_array_equal(ad.grad(f)(at), want)


def test_second_derivatives() -> None:
    at = np.array([0.0, 1.0, 4.0])
    np.testing.assert_array_equal(
        ad.hessian(lambda x: np.where(x > 0, np.log(x), 0.0).sum())(at), np.diag([0, -1, -1 / 16])
    )
    np.testing.assert_array_equal(
        ad.hessian(lambda x: np.where(x > 0, x**1.5, 0.0).sum())(at), np.diag([0, 0.75, 0.375])
    )


def test_the_saved_arrays_are_still_dropped() -> None:
    x = ad.tensor([0.0, 1.0], requires_grad=True)
    y = np.where(x > 0, np.log(x), 0.0).sum()
    y.backward()
    with pytest.raises(RuntimeError, match="a second time"):
        y.backward()
    np.testing.assert_array_equal(x.grad.data, [0.0, 1.0])


def test_gradients_retained_on_the_way_are_those_of_the_careful_walk() -> None:
    x = ad.tensor([0.0, 1.0], requires_grad=True)
    log = np.log(x)
    log.retain_grad()
    np.where(x > 0, log, 0.0).sum().backward()
    np.testing.assert_array_equal(log.grad.data, [0.0, 1.0])
    np.testing.assert_array_equal(x.grad.data, [0.0, 1.0])
