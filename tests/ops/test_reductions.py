"""Sums and means: axes in all their forms, no elements, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autodiff as ad
from tests.ops.refusals import refuses

NAMES = ["sum", "mean", "prod", "max", "min"]


@st.composite
def arrays_and_axes(draw: st.DrawFn) -> tuple[Any, Any, bool]:
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=4, max_side=3))
    x = draw(hnp.arrays(np.float64, shape, elements=st.integers(-4, 4).map(float)))
    axes = st.none() if not shape else st.one_of(
        st.none(), st.integers(-len(shape), len(shape) - 1),
        st.sets(st.integers(0, len(shape) - 1)).map(tuple),
    )  # fmt: skip
    return x, draw(axes), draw(st.booleans())


@pytest.mark.parametrize("name", NAMES)
@given(arrays_and_axes())
def test_values_and_shapes_are_numpys(name: str, drawn: tuple[Any, Any, bool]) -> None:
    x, axis, keepdims = drawn
    expected = getattr(np, name)(x, axis=axis, keepdims=keepdims)
    assert np.array_equal(getattr(ad, name)(x, axis=axis, keepdims=keepdims), expected)
    tensor = ad.tensor(x, requires_grad=True)
    y = getattr(ad, name)(tensor, axis=axis, keepdims=keepdims)
    assert y.shape == np.shape(expected)
    ad.sum(y).backward()
    assert tensor.grad.shape == x.shape


@pytest.mark.parametrize("name", ["max", "min"])
@given(arrays_and_axes())
def test_what_ties_receive_adds_up_to_one(name: str, drawn: tuple[Any, Any, bool]) -> None:
    x, axis, keepdims = drawn
    tensor = ad.tensor(x, requires_grad=True)
    ad.sum(getattr(ad, name)(tensor, axis=axis, keepdims=keepdims)).backward()
    received = np.asarray(tensor.grad.data)
    np.testing.assert_allclose(np.sum(received, axis=axis), 1.0, rtol=1e-15)
    best = getattr(np, name)(x, axis=axis, keepdims=True)
    assert not received[x != best].any()


def test_methods_take_the_same_arguments() -> None:
    x = ad.tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    assert x.sum(axis=0).tolist() == [3.0, 5.0, 7.0]
    assert x.mean(axis=-1, keepdims=True).tolist() == [[1.0], [4.0]]
    assert np.sum(x).item() == 15.0


def test_the_sum_of_nothing_is_zero_and_its_gradient_is_empty() -> None:
    x = ad.tensor(np.zeros((0, 3)), requires_grad=True)
    y = ad.sum(x)
    y.backward()
    assert y.item() == 0.0
    assert x.grad.shape == (0, 3)


@pytest.mark.parametrize("name", ["mean", "max", "min", "median", "logsumexp", "var", "std"])
def test_no_elements_are_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=r" of no elements: x has shape \(0, 3\), axis is 0"):
        getattr(ad, name)(np.zeros((0, 3)), axis=0)


def test_errors_name_the_operation_the_axis_and_the_shape() -> None:
    x = ad.tensor(np.ones((3, 4)), requires_grad=True)
    for name in ("sum", "mean", "prod", "max", "median", "var", "argmax", "cumsum"):
        line = f"{name}(x, axis=2): x has shape (3, 4); axis must be -2 ... 1"
        refuses(np.exceptions.AxisError, line, lambda name=name: getattr(ad, name)(x, axis=2))
    refuses(ValueError, "sum(x, axis=(0, 0)): an axis is named twice", lambda: ad.sum(x, axis=(0, 0)))
    refuses(TypeError, "sum(x, axis=1.0): axis must be a whole number", lambda: ad.sum(x, axis=1.0))


def test_integers_average_to_floats_and_nan_is_kept() -> None:
    assert ad.mean(np.array([1, 2])) == 1.5
    assert np.isnan(ad.mean(np.array([1.0, np.nan])))


def test_any_and_all_of_comparisons() -> None:
    x = ad.tensor([0.5, -1.0], requires_grad=True)
    assert bool(ad.any(x > 0))
    assert not bool(ad.all(x > 0))
