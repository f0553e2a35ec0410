"""Functions of matrices: right gradients agree at graded and nearly singular ones, and half of their digits do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from symdiff import check_gradients

NEARLY_SINGULAR = [[1.0, 2.0, 3.0], [2.0, 4.0 + 2.0**-48, 6.0], [1.0, 1.0, 1.0]]


def graded(seed: int, shape: tuple[int, int] = (5, 5)) -> np.ndarray:
    """Normal numbers in rows of sizes 1 to 1e6."""
    return np.random.default_rng(seed).standard_normal(shape) * np.logspace(0.0, 6.0, shape[0])[:, None]


def ill_conditioned(seed: int, shape: tuple[int, int] = (4, 4)) -> np.ndarray:
    """Singular values from 1 to 1e-7."""
    u, s, v = np.linalg.svd(np.random.default_rng(seed).standard_normal(shape), full_matrices=False)
    return np.asarray((u * np.logspace(0.0, -7.0, len(s))) @ v)


RIGHT: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "R of a singular matrix": (lambda a: np.sum(ad.qr(a)[1]), [[1.0, 2.0], [2.0, 4.0]]),
    "Q, nearly singular": (lambda a: np.sum(ad.qr(a)[0]), [[1.0, 2.0], [2.0, 4.0 + 2.0**-50]]),
    "R, nearly singular": (lambda a: np.sum(ad.qr(a)[1]), NEARLY_SINGULAR),
    "R of a triangle": (lambda a: np.sum(ad.qr(a)[1]), [[1.0, 2.0], [0.0, 3.0]]),
    "squares of Q": (lambda a: np.sum(ad.qr(a)[0] ** 2), np.eye(3)),
    "Q of a wide matrix": (lambda a: ad.qr(a)[0][0, 1], np.random.default_rng(1).standard_normal((2, 4))),
    "Q of a stack": (lambda a: np.sum(ad.qr(a)[0] ** 3), np.random.default_rng(2).standard_normal((2, 3, 3))),
    "det of graded rows": (lambda a: np.linalg.det(a + 0.5 * a.T), graded(19)),
    "nuclear norm of graded rows": (lambda a: ad.norm(a, "nuc"), graded(12, (4, 6))),
    "spectral norm of graded rows": (lambda a: ad.norm(a, 2), graded(104, (6, 4))),
    "spectral norm, ill-conditioned": (lambda a: ad.norm(a, 2), ill_conditioned(76, (6, 4))),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right(name: str) -> None:
    function, at = RIGHT[name]
    assert check_gradients(function, np.array(at)).verdict == "agree"


def test_qr_has_no_derivative_where_its_first_columns_depend_on_each_other() -> None:
    report = check_gradients(lambda a: np.sum(ad.qr(a)[1]), np.zeros((2, 2)))
    assert report.verdict == "undefined"
    assert "qr: the first columns depend on each other" in report.reasons[0]


@pytest.mark.parametrize(
    ("function", "at"),
    [
        (lambda a: np.sum(ad.singular_values(a)), ill_conditioned(3)),
        (lambda a: ad.norm(a, "nuc"), ill_conditioned(4, (4, 6))),
        (lambda a: np.sum(ad.qr(a)[0]), graded(5)),
    ],
)
def test_half_of_the_digits_are_not_enough(function: Any, at: np.ndarray) -> None:
    right = np.asarray(ad.grad(function)(at))
    half = right.astype(np.float32).astype(np.float64)
    assert check_gradients(function, at, gradient=half * (1 + 1e-6)).verdict == "disagree"


def test_a_triangle_of_an_input_has_no_tie() -> None:
    """Its mask is a constant: nothing is looked for on its other side."""
    report = check_gradients(lambda a: np.sum(np.triu(a) ** 2), np.eye(3))
    assert report.nearest_kink is None
