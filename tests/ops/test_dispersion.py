"""Variance, deviation, averages and norms: equal values, zeros, numbers that overflow when squared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autodiff as ad
from tests.ops.refusals import refuses


def gradient(f: Any, x: Any) -> Any:
    return np.asarray(ad.grad(f)(np.asarray(x, dtype=float)))


def test_std_of_equal_values_has_gradient_zero() -> None:
    assert gradient(ad.std, [2.0, 2.0, 2.0]).tolist() == [0.0, 0.0, 0.0]
    assert gradient(lambda x: ad.sum(ad.std(x, axis=1)), [[2.0, 2.0], [0.0, 2.0]]).tolist() == [[0.0, 0.0], [-0.5, 0.5]]


def test_variance_far_from_zero_keeps_its_digits() -> None:
    x = np.array([1.0, 2.0, 3.0, 4.0])
    assert ad.var(x + 2.0**40) == ad.var(x) == 1.25
    assert gradient(ad.var, x + 2.0**40).tolist() == [-0.75, -0.25, 0.25, 0.75]


@pytest.mark.parametrize("name", ["var", "std"])
def test_degrees_of_freedom_under_either_name(name: str) -> None:
    x = np.array([0.3, -1.2, 2.5])
    f = getattr(ad, name)
    assert f(x, ddof=1) == f(x, correction=1) == pytest.approx(getattr(np, name)(x, ddof=1))
    refuses(
        ValueError,
        f"{name}: ddof=1 and correction=1 mean the same; give one of them",
        lambda: f(x, ddof=1, correction=1),
    )
    refuses(
        ValueError, f"{name}: 3 elements less ddof=3 leave none: x has shape (3,), axis is None", lambda: f(x, ddof=3)
    )


def test_norm_of_zeros_has_gradient_zero_also_within_an_array() -> None:
    assert ad.norm(np.zeros(3)) == 0.0
    assert gradient(ad.norm, [0.0, 0.0, 0.0]).tolist() == [0.0, 0.0, 0.0]
    rows = gradient(lambda x: ad.sum(ad.norm(x, axis=1)), [[3.0, 4.0], [0.0, 0.0]])
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0.0, 0.0]])


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1.0, 1e160, 1e300])
def test_squares_neither_overflow_nor_vanish(scale: float) -> None:
    x = np.array([3.0, -4.0]) * scale
    assert ad.norm(x) == pytest.approx(5.0 * scale, rel=1e-15)
    np.testing.assert_allclose(gradient(ad.norm, x), [0.6, -0.8], rtol=1e-15)


def test_infinite_and_missing_elements() -> None:
    assert ad.norm(np.array([1.0, -np.inf])) == np.inf
    assert np.isnan(ad.norm(np.array([1.0, np.nan])))


@given(
    hnp.arrays(
        np.float64, hnp.array_shapes(min_dims=2, max_dims=3, max_side=4), elements=st.integers(-9, 9).map(float)
    ),
    st.sampled_from([None, 1, 2, 3, np.inf, -np.inf, 0, 0.5]),
    st.booleans(),
)
def test_norms_of_vectors_are_numpys(x: Any, order: Any, keepdims: bool) -> None:
    for axis in (0, -1):
        expected = np.linalg.norm(x, ord=order, axis=axis, keepdims=keepdims)
        np.testing.assert_allclose(
            ad.norm(x, ord=order, axis=axis, keepdims=keepdims), expected, rtol=1e-12, atol=1e-300
        )


@pytest.mark.parametrize("order", [None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf])
@pytest.mark.parametrize("axis", [(0, 1), (2, 0), (-1, 1)])
def test_norms_of_matrices_are_numpys(order: Any, axis: tuple[int, int]) -> None:
    x = np.random.default_rng(1).normal(size=(3, 4, 3))
    for keepdims in (False, True):
        expected = np.linalg.norm(x, ord=order, axis=axis, keepdims=keepdims)
        np.testing.assert_allclose(ad.norm(x, ord=order, axis=axis, keepdims=keepdims), expected, rtol=1e-12)


def test_norm_refuses_what_it_cannot_be() -> None:
    refuses(
        ValueError,
        "vector_norm: ord='fro' is a norm of matrices; of a vector it is a power such as 2 or inf",
        lambda: ad.norm(np.ones(3), ord="fro"),
    )
    refuses(
        ValueError,
        "norm(x, ord=1): x has shape (2, 2, 2); name the one axis or the two axes of the norm",
        lambda: ad.norm(np.ones((2, 2, 2)), ord=1),
    )


def test_average_by_weights_of_both_shapes() -> None:
    x, w = np.arange(6.0).reshape(2, 3), np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(ad.average(x, axis=1, weights=w), np.average(x, axis=1, weights=w))
    np.testing.assert_allclose(ad.average(x, weights=x + 1), np.average(x, weights=x + 1))
    slope = gradient(lambda v: ad.average(np.array([1.0, 2.0]), weights=v), [1.0, 3.0])
    np.testing.assert_allclose(slope, [-3 / 16, 1 / 16])
