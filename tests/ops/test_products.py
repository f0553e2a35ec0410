"""Products and running products: zeros anywhere, to the third derivative."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autodiff as ad
from autodiff.ops.products import recurrence

ZEROS = [[2.0, 0.0, -3.0, 0.5], [2.0, 0.0, -3.0, 0.0], [0.0, 0.0, 0.0, 1.0], [1.0, 2.0, 3.0, 4.0], [0.0], [5.0]]


def others(x: Any) -> Any:
    return np.array([np.prod(np.delete(x, k)) for k in range(len(x))])


@pytest.mark.parametrize("x", ZEROS)
def test_the_gradient_is_the_product_of_the_others(x: list[float]) -> None:
    assert np.array_equal(ad.grad(ad.prod)(np.array(x)), others(x))


@pytest.mark.parametrize("x", ZEROS)
def test_the_hessian_is_the_product_of_all_but_two(x: list[float]) -> None:
    n = len(x)
    expected = np.array([[0.0 if i == j else np.prod(np.delete(x, [i, j])) for j in range(n)] for i in range(n)])
    np.testing.assert_allclose(ad.hessian(ad.prod)(np.array(x)), expected, atol=1e-15)


def test_the_third_derivative_through_zeros() -> None:
    def second(x: Any) -> Any:
        return ad.grad(lambda t: ad.grad(ad.prod)(t)[0])(x)[1]

    assert np.asarray(ad.grad(second)(np.array([3.0, 0.0, 0.0, 7.0]))).tolist() == [0.0, 0.0, 7.0, 0.0]


def test_no_underflow_where_nothing_is_divided() -> None:
    x = np.array([1e-200, 1e-200, 1e200])
    np.testing.assert_allclose(ad.grad(ad.prod)(x), [1.0, 1.0, 0.0], rtol=1e-15)


@given(
    hnp.arrays(np.float64, hnp.array_shapes(min_dims=1, max_dims=3, max_side=4), elements=st.integers(-2, 2).map(float))
)
def test_cumprod_through_zeros(x: Any) -> None:
    for axis in range(x.ndim):
        gradient = np.asarray(ad.grad(lambda t, axis=axis: ad.sum(ad.cumprod(t, axis=axis)))(x))
        lines = np.moveaxis(x, axis, -1).reshape(-1, x.shape[axis])
        expected = [
            [sum(np.prod(np.delete(line[: i + 1], k)) for i in range(k, len(line))) for k in range(len(line))]
            for line in lines
        ]
        found = np.moveaxis(gradient, axis, -1).reshape(-1, x.shape[axis])
        np.testing.assert_allclose(found, expected, atol=1e-12)


@given(hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=5), elements=st.integers(-9, 9).map(float)))
def test_cumsum_counts_how_often_each_element_is_used(x: Any) -> None:
    for axis in range(-1, x.ndim):
        n = x.shape[axis]
        gradient = np.asarray(ad.grad(lambda t, axis=axis: ad.sum(ad.cumsum(t, axis=axis)))(x))
        assert np.array_equal(
            np.moveaxis(gradient, axis, -1), np.broadcast_to(np.arange(n, 0, -1.0), np.moveaxis(x, axis, -1).shape)
        )


@pytest.mark.parametrize("columns", [1, 20])
def test_the_recurrence_in_few_and_in_many_lines(columns: int) -> None:
    random = np.random.default_rng(0)
    b, a = random.normal(size=(2, 6, columns))
    s, expected = np.zeros(columns), []
    for k in range(6):
        s = b[k] + a[k] * s
        expected.append(s)
    np.testing.assert_allclose(recurrence(b, a, axis=0), expected, rtol=1e-14)


def test_a_long_running_product_takes_linear_time() -> None:
    x = np.full(100_000, 1.0)
    assert float(np.asarray(ad.grad(lambda t: ad.cumprod(t)[-1])(x)).sum()) == 100_000.0


def test_differences_of_neighbours() -> None:
    x = np.array([1.0, 4.0, 9.0, 16.0])
    assert ad.diff(x, n=2).tolist() == [2.0, 2.0]
    assert np.asarray(ad.grad(lambda t: ad.sum(ad.diff(t)))(x)).tolist() == [-1.0, 0.0, 0.0, 1.0]
