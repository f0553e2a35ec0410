"""Short ways of kernels and rules give what the long ones do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff import broadcasting
from autodiff.ops import indexing, linear_algebra

RNG = np.random.default_rng(11)


@pytest.mark.parametrize("few", [1, 2, 3, 5, 7, 8])
@pytest.mark.parametrize("keepdims", [False, True])
def test_sums_of_a_few_elements_are_numpys_to_the_last_bit(few: int, keepdims: bool) -> None:
    x = RNG.normal(size=(30, 40, few)) * 10.0 ** RNG.integers(-3, 4, size=(30, 40, few))
    for axis in (-1, 2):
        np.testing.assert_array_equal(ad.sum(x, axis=axis, keepdims=keepdims), x.sum(axis=axis, keepdims=keepdims))
        np.testing.assert_array_equal(ad.mean(x, axis=axis, keepdims=keepdims), x.mean(axis=axis, keepdims=keepdims))


@pytest.mark.parametrize("shape", [(30, 40, 3), (2, 30, 40), (40, 5, 7, 2), (30, 50)])
def test_a_sum_over_one_axis_is_numpys(shape: tuple[int, ...]) -> None:
    x = RNG.normal(size=shape)
    for axis in range(len(shape)):
        np.testing.assert_allclose(broadcasting.sum_over_one(x, axis), x.sum(axis=axis), rtol=1e-12, atol=1e-12)
    x[0, 0] = np.inf
    np.testing.assert_array_equal(np.isinf(broadcasting.sum_over_one(x, 1)), np.isinf(x.sum(axis=1)))


def test_the_cotangents_of_slices_are_added_up_in_one_array(monkeypatch: pytest.MonkeyPatch) -> None:
    spread: list[int] = []
    kernel = np.zeros

    def counted(*args: Any, **kwargs: Any) -> Any:
        spread.append(1)
        return kernel(*args, **kwargs)

    x, k = RNG.normal(size=(20, 20)), RNG.normal(size=(3, 3))

    def f(x: Any) -> Any:
        return np.sum(sum(k[i, j] * x[i : i + 18, j : j + 18] for i in range(3) for j in range(3)) ** 2)

    y = sum(k[i, j] * x[i : i + 18, j : j + 18] for i in range(3) for j in range(3))
    want = np.zeros((20, 20))
    for i in range(3):
        for j in range(3):
            want[i : i + 18, j : j + 18] += 2.0 * k[i, j] * y
    monkeypatch.setattr(indexing.np, "zeros", counted)
    got = ad.grad(f)(x)
    monkeypatch.undo()
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)
    assert len(spread) <= 2


def test_a_cotangent_of_somebody_elses_is_not_added_to() -> None:
    weights = RNG.normal(size=6)

    def f(x: Any) -> Any:
        y = x * 1.0
        return np.sum((y + x) * weights) + np.sum(y[1:] * 2.0) + y[0] + np.sum(y[[1, 1, 2]]) + np.sum(x[::2])

    want = 2.0 * weights + np.array([1.0, 4.0, 3.0, 2.0, 2.0, 2.0]) + np.array([1.0, 0.0, 1.0, 0.0, 1.0, 0.0])
    np.testing.assert_allclose(ad.grad(f)(np.arange(6.0)), want)
    np.testing.assert_allclose(ad.grad(f)(np.arange(6.0)), want)  # once more: nothing that is kept was written into


@pytest.mark.parametrize("lower", [True, False])
@pytest.mark.parametrize("columns", [(), (3,)])
def test_a_triangle_is_solved_by_substitution(
    lower: bool, columns: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    n = linear_algebra.MANY + 8
    a = np.tril(RNG.normal(size=(n, n))) + 10.0 * np.eye(n)
    a = a if lower else a.T.copy()
    b = RNG.normal(size=(n, *columns))
    want = np.linalg.solve(a, b)
    with monkeypatch.context() as patch:
        patch.setattr(np.linalg, "solve", None)
        got = ad.solve(a, b)
    np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12)
    direction = RNG.normal(size=(n, n))  # also in the other triangle, which is 0 here
    gradient = ad.grad(lambda a: np.sum(np.linalg.solve(a, b) ** 2))(a)
    ahead, behind = (np.sum(np.linalg.solve(a + step * direction, b) ** 2) for step in (1e-6, -1e-6))
    assert np.sum(gradient * direction) == pytest.approx((ahead - behind) / 2e-6, rel=1e-5)
    a[3, 3] = 0.0
    with pytest.raises(np.linalg.LinAlgError, match="singular"):
        ad.solve(a, b)


def test_the_sum_of_a_product_is_that_of_its_elements() -> None:
    x = RNG.normal(size=(40, 50))
    gradient = ad.grad(lambda k: np.sum(np.sin(k * x)))(0.5)
    assert gradient == pytest.approx(np.sum(np.cos(0.5 * x) * x), rel=1e-12)
