"""Convolution and pooling against plain loops; ties, margins, groups, what does not fit."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from tests.ops.refusals import refuses

RANDOM = np.random.default_rng(12)


def by_loops(x: Any, w: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Any:
    """The definition of a convolution, one product at a time."""
    n = w.ndim - 2
    x = np.pad(x, ((0, 0), (0, 0), *((p, p) for p in padding)))
    outside = [
        (m - d * (k - 1) - 1) // s + 1 for m, k, s, d in zip(x.shape[2:], w.shape[2:], stride, dilation, strict=True)
    ]
    y = np.zeros((x.shape[0], w.shape[0], *outside))
    for b, o in product(range(x.shape[0]), range(w.shape[0])):
        group = o // (w.shape[0] // groups)
        for place in np.ndindex(*outside):
            for c, *k in np.ndindex(*w.shape[1:]):
                at = tuple(place[a] * stride[a] + k[a] * dilation[a] for a in range(n))
                y[(b, o, *place)] += x[(b, group * w.shape[1] + c, *at)] * w[(o, c, *k)]
    return y


@pytest.mark.parametrize("stride", [(1, 1), (2, 1), (3, 2)])
@pytest.mark.parametrize("padding", [(0, 0), (1, 2)])
@pytest.mark.parametrize("dilation", [(1, 1), (1, 2)])
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_convolution_is_its_definition(stride: Any, padding: Any, dilation: Any, groups: int) -> None:
    x, w = RANDOM.normal(size=(2, 4, 5, 6)), RANDOM.normal(size=(4, 4 // groups, 3, 2))
    y = ad.conv2d(x, w, None, stride, padding, dilation, groups)
    np.testing.assert_allclose(y, by_loops(x, w, stride, padding, dilation, groups), rtol=1e-12, atol=1e-13)
    line = ad.conv1d(x[:, :, 0], w[:, :, 0], None, stride[1], padding[1], dilation[1], groups)
    expected = by_loops(x[:, :, 0], w[:, :, 0], stride[1:], padding[1:], dilation[1:], groups)
    np.testing.assert_allclose(line, expected, rtol=1e-12, atol=1e-13)
    # bilinear: the gradient by a factor, times that factor, is the value
    g = RANDOM.normal(size=y.shape)
    slopes = ad.grad(lambda a, b: ad.sum(ad.conv2d(a, b, None, stride, padding, dilation, groups) * g), argnums=(0, 1))(
        x, w
    )
    for slope, factor in zip(slopes, (x, w), strict=True):
        np.testing.assert_allclose(np.sum(np.asarray(slope) * factor), np.sum(y * g), rtol=1e-11)


def test_padding_in_words_and_a_single_sample() -> None:
    x, w = RANDOM.normal(size=(2, 5, 5)), RANDOM.normal(size=(3, 2, 3, 2))
    assert ad.conv2d(x, w, padding="same").shape == (3, 5, 5)
    assert np.array_equal(ad.conv2d(x, w, padding="valid"), ad.conv2d(x, w))
    np.testing.assert_allclose(ad.conv2d(x, w), ad.conv2d(x[None], w)[0])


def test_bias_is_added_to_every_position() -> None:
    x, w, b = np.zeros((1, 1, 4)), np.ones((2, 1, 2)), np.array([1.0, -1.0])
    assert ad.conv1d(x, w, b).tolist() == [[[1.0] * 3, [-1.0] * 3]]
    assert np.asarray(ad.grad(lambda t: ad.sum(ad.conv1d(x, w, t)))(b)).tolist() == [3.0, 3.0]


def test_pooling_shares_ties_and_never_picks_the_margin() -> None:
    x = np.array([[[-1.0, -1.0, -2.0, -5.0]]])
    assert ad.max_pool1d(x, 2).tolist() == [[[-1.0, -2.0]]]
    assert ad.max_pool1d(x, 2, padding=1).tolist() == [[[-1.0, -1.0, -5.0]]]
    slope = ad.grad(lambda t: ad.sum(ad.max_pool1d(t, 2)))(x)
    assert np.asarray(slope).tolist() == [[[0.5, 0.5, 1.0, 0.0]]]
    nan = ad.grad(lambda t: ad.sum(ad.max_pool1d(t, 2)))(np.array([[[np.nan, 1.0]]]))
    assert np.asarray(nan).tolist() == [[[1.0, 0.0]]]


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(2, None, 0), (3, 1, 1), ((2, 3), (1, 2), (1, 0))])
def test_pooling_is_its_definition(kernel: Any, stride: Any, padding: Any) -> None:
    x = RANDOM.normal(size=(2, 3, 5, 7))
    k = (kernel,) * 2 if isinstance(kernel, int) else kernel
    s = k if stride is None else (stride,) * 2 if isinstance(stride, int) else stride
    p = (padding,) * 2 if isinstance(padding, int) else padding
    for name, edge, reduce in (("max_pool2d", -np.inf, np.max), ("avg_pool2d", 0.0, np.mean)):
        framed = np.pad(x, ((0, 0), (0, 0), (p[0], p[0]), (p[1], p[1])), constant_values=edge)
        rows, columns = ((framed.shape[2 + a] - k[a]) // s[a] + 1 for a in (0, 1))
        expected = [
            [
                reduce(framed[:, :, i * s[0] : i * s[0] + k[0], j * s[1] : j * s[1] + k[1]], axis=(2, 3))
                for j in range(columns)
            ]
            for i in range(rows)
        ]
        y = getattr(ad, name)(x, kernel, stride, padding)
        np.testing.assert_allclose(y, np.moveaxis(np.array(expected), (0, 1), (2, 3)), rtol=1e-12)


def test_what_does_not_fit_is_named() -> None:
    x, w = np.ones((1, 2, 5)), np.ones((1, 2, 9))
    refuses(
        ValueError, "conv1d: a kernel (9,) with dilation (1,) does not fit into (5,) padded by ((0, 0),)",
        lambda: ad.conv1d(x, w),
    )  # fmt: skip
    refuses(
        ValueError, "conv1d: stride=0 must be a number from 1 on, or 1 of them", lambda: ad.conv1d(x, w, stride=0)
    )  # fmt: skip
    refuses(
        ValueError, "max_pool1d: padding=2 must be at most half of kernel_size=2",
        lambda: ad.max_pool1d(x, 2, padding=2),
    )  # fmt: skip
    refuses(
        TypeError, "avg_pool1d: kernel_size=2.5 must be whole numbers", lambda: ad.avg_pool1d(x, 2.5)
    )  # fmt: skip
