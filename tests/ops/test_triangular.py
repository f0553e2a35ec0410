"""Triangles and Cholesky factors: by SciPy's solver and without it, and the gradients of what is solved with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.linalg

import autodiff as ad
import symdiff
from autodiff.ops import triangular

RNG = np.random.default_rng(3)
LARGE = RNG.normal(size=(24, 24)) / 5 + 2.0 * np.eye(24)
ROW, COLUMNS = RNG.normal(size=24), RNG.normal(size=(24, 3))
POSITIVE = LARGE @ LARGE.T


@pytest.mark.parametrize("with_scipy", [True, False])
@pytest.mark.parametrize("b", [ROW, COLUMNS], ids=["row", "columns"])
@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("trans", [0, 1, "N", "T"])
@pytest.mark.parametrize("unit_diagonal", [False, True])
def test_large_triangles(
    with_scipy: bool, b: Any, lower: bool, trans: Any, unit_diagonal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not with_scipy:
        monkeypatch.setattr(triangular, "triangular_solver", lambda: None)
    options = {"lower": lower, "trans": trans, "unit_diagonal": unit_diagonal}
    a = np.tril(LARGE) if lower else np.triu(LARGE)
    a = a / 2 + np.eye(24) if unit_diagonal else a
    wanted = scipy.linalg.solve_triangular(a, b, **options)
    np.testing.assert_allclose(ad.solve_triangular(a, b, **options), wanted, rtol=1e-10)

    def f(a: Any, b: Any) -> Any:
        return np.sum(np.sin(ad.solve_triangular(a, b, **options)))

    by_a, by_b = ad.grad(f, (0, 1))(a, b)
    step_a, step_b = 1e-6 * RNG.normal(size=np.shape(a)), 1e-6 * RNG.normal(size=np.shape(b))
    by_difference = (f(a + step_a, b) - f(a - step_a, b)) / 2, (f(a, b + step_b) - f(a, b - step_b)) / 2
    along = np.sum(by_a * step_a), np.sum(by_b * step_b)
    np.testing.assert_allclose(by_difference, along, rtol=1e-5, atol=1e-12)


def test_what_a_triangle_is_refused_for() -> None:
    with pytest.raises(ValueError, match=r"solve_triangular: shapes \(24, 24\) and \(3,\)"):
        ad.solve_triangular(LARGE, ROW[:3])
    with pytest.raises(ValueError, match="trans='X'"):
        ad.solve_triangular(LARGE, ROW, trans="X")
    with pytest.raises(np.linalg.LinAlgError, match="solve_triangular: the matrix is singular"):
        ad.solve_triangular(np.zeros((2, 2)), np.ones(2))


@pytest.mark.parametrize("lower", [False, True])
def test_a_cholesky_factor_solves(lower: bool) -> None:
    for b in (ROW, COLUMNS):
        factor = ad.linalg.cho_factor(POSITIVE, lower=lower)
        wanted = scipy.linalg.cho_solve(scipy.linalg.cho_factor(POSITIVE, lower=lower), b)
        np.testing.assert_allclose(ad.cho_solve(factor, b), wanted, rtol=1e-9)


def _likelihood(theta: Any, y: Any) -> Any:
    x = np.linspace(0.0, 1.0, 4)
    k = np.exp(-((x[:, None] - x) ** 2) / theta[0] ** 2) + theta[1] * np.eye(4)
    c = ad.linalg.cho_factor(k, lower=True)
    return 0.5 * y @ ad.linalg.cho_solve(c, y) + np.sum(np.log(np.diag(c[0])))


def test_a_gaussian_process_by_its_factor_agrees() -> None:
    report = symdiff.check_gradients(_likelihood, np.array([0.7, 0.3]), np.array([0.3, -0.2, 1.0, 0.4]))
    assert report.verdict == "agree", str(report)


def test_cho_solve_says_what_it_takes() -> None:
    with pytest.raises(TypeError, match="the pair"):
        ad.cho_solve(POSITIVE, ROW)
    with pytest.raises(ValueError, match="it is one square matrix"):
        ad.cho_solve((ROW, True), ROW)
