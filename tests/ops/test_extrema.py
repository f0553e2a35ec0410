"""Picks by size: ties, nan, medians of even numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autodiff as ad


def gradient(f: Any, x: Any) -> list[Any]:
    found: list[Any] = np.asarray(ad.grad(f)(np.asarray(x, dtype=float))).tolist()
    return found


def test_ties_share_evenly_over_all_and_over_an_axis() -> None:
    assert gradient(ad.max, [3.0, 1.0, 3.0]) == [0.5, 0.0, 0.5]
    assert gradient(lambda x: ad.sum(ad.min(x, axis=1)), [[1.0, 1.0, 2.0], [0.0, 5.0, 0.0]]) == [
        [0.5, 0.5, 0],
        [0.5, 0, 0.5],
    ]
    assert gradient(lambda x: ad.max(x * x), [3.0, 1.0, -3.0]) == [3.0, 0.0, -3.0]


def test_an_infinite_extreme_is_picked() -> None:
    assert gradient(ad.max, [np.inf, 1.0]) == [1.0, 0.0]
    assert gradient(ad.min, [-np.inf, -np.inf]) == [0.5, 0.5]


@pytest.mark.parametrize("name", ["max", "min", "median"])
def test_nan_is_picked_by_itself(name: str) -> None:
    x = [1.0, np.nan, 3.0]
    assert np.isnan(getattr(ad, name)(np.array(x)))
    assert gradient(getattr(ad, name), x) == [0.0, 1.0, 0.0]


def test_median_of_an_even_number_is_between_the_two_in_the_middle() -> None:
    assert ad.median(np.array([4.0, 1.0, 3.0, 2.0])) == 2.5
    assert gradient(ad.median, [4.0, 1.0, 3.0, 2.0]) == [0.0, 0.0, 0.5, 0.5]
    assert gradient(ad.median, [2.0, 1.0, 2.0, 7.0]) == [0.5, 0.0, 0.5, 0.0]
    assert gradient(ad.median, [2.0, 1.0, 2.0, 2.0, 7.0]) == pytest.approx([1 / 3, 0, 1 / 3, 1 / 3, 0])
    assert gradient(ad.median, [1.0, 1.0, 2.0, 2.0]) == [0.25, 0.25, 0.25, 0.25]


def test_median_of_huge_and_of_infinite_numbers() -> None:
    assert ad.median(np.array([1e308, 1.5e308])) == 1.25e308
    assert ad.median(np.array([np.inf, np.inf])) == np.inf


@given(
    hnp.arrays(np.float64, hnp.array_shapes(min_dims=1, max_dims=3, max_side=4), elements=st.integers(-3, 3).map(float))
)
def test_median_is_numpys_over_every_axis(x: Any) -> None:
    for axis in (None, 0, -1, tuple(range(x.ndim))):
        assert np.array_equal(ad.median(x, axis=axis), np.median(x, axis=axis))
        kept = ad.median(x, axis=axis, keepdims=True)
        assert np.array_equal(kept, np.median(x, axis=axis, keepdims=True))
        gradient = ad.grad(lambda t, axis=axis: ad.sum(ad.median(t, axis=axis)))(x)
        np.testing.assert_allclose(np.sum(gradient, axis=axis), 1.0, rtol=1e-14)


def test_positions_have_no_gradient_and_index() -> None:
    x = ad.tensor([1.0, 5.0, 2.0], requires_grad=True)
    place = ad.argmax(x)
    assert int(place) == 1
    assert not getattr(place, "requires_grad", False)
    assert ad.argmin(np.array([[3.0, 1.0], [0.0, 2.0]]), axis=1).tolist() == [1, 0]


def test_sort_is_stable_and_its_cotangents_go_home() -> None:
    weights = np.array([1.0, 10.0, 100.0, 1000.0])
    assert gradient(lambda x: ad.sum(ad.sort(x) * weights), [2.0, 1.0, 2.0, 0.0]) == [100.0, 10.0, 1000.0, 1.0]
    assert ad.argsort(np.array([2.0, 1.0, 2.0])).tolist() == [1, 0, 2]


@given(hnp.arrays(np.float64, st.integers(1, 12), elements=st.integers(-3, 3).map(float)), st.data())
def test_partition_keeps_its_promise(x: Any, data: Any) -> None:
    k = data.draw(st.integers(0, len(x) - 1))
    y = ad.partition(x, k)
    assert y[k] == np.partition(x, k)[k]
    assert (y[:k] <= y[k]).all()
    assert (y[k:] >= y[k]).all()
