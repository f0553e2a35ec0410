"""Softmax and its kin: far from zero, masked, accurate in the tails; the losses made of them."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autodiff as ad
from tests.ops.refusals import refuses


def gradient(f: Any, x: Any) -> Any:
    return np.asarray(ad.grad(f)(np.asarray(x, dtype=float)))


def test_large_and_masked_scores() -> None:
    assert ad.softmax(np.array([1000.0, 1000.0])).tolist() == [0.5, 0.5]
    assert ad.softmax(np.array([0.0, -np.inf])).tolist() == [1.0, 0.0]
    assert ad.logsumexp(np.array([1000.0, 1000.0])) == pytest.approx(1000 + np.log(2), rel=1e-15)
    assert ad.logsumexp(np.array([-np.inf, -np.inf])) == -np.inf
    assert ad.logsumexp(np.array([np.inf, 1.0])) == np.inf
    assert ad.log_softmax(np.array([0.0, -np.inf])).tolist() == [0.0, -np.inf]
    assert gradient(ad.logsumexp, [-np.inf, 0.0]).tolist() == [0.0, 1.0]


@given(hnp.arrays(np.float64, st.integers(1, 6), elements=st.floats(-700, 700)))
def test_logsumexp_is_right_to_the_last_bits(x: Any) -> None:
    with mpmath.workdps(700):
        exact = mpmath.log(mpmath.fsum(mpmath.exp(mpmath.mpf(float(v))) for v in x))
        error = abs(mpmath.mpf(float(ad.logsumexp(x))) - exact)
        # What half an ulp of every element makes of the result is nobody's fault: near 0 it is many ulps.
        excused = np.finfo(float).eps * float(np.sum(np.abs(x) * ad.softmax(x)))
        assert error <= 3 * np.spacing(abs(float(exact))) + excused


def test_the_tail_of_a_logarithm_near_zero() -> None:
    assert ad.logsumexp(np.array([0.0, -40.0])) == pytest.approx(np.exp(-40.0), rel=1e-15)
    assert ad.log_softmax(np.array([0.0, -40.0]))[0] == pytest.approx(-np.exp(-40.0), rel=1e-15)


@given(hnp.arrays(np.float64, hnp.array_shapes(min_dims=1, max_dims=3, max_side=4), elements=st.floats(-30, 30)))
def test_softmax_over_every_axis(x: Any) -> None:
    for axis in (None, 0, -1, tuple(range(x.ndim))):
        y = ad.softmax(x, axis=axis)
        e = np.exp(x - x.max(axis=axis, keepdims=True))
        np.testing.assert_allclose(y, e / e.sum(axis=axis, keepdims=True), rtol=1e-14)
        np.testing.assert_allclose(np.exp(ad.log_softmax(x, axis=axis)), y, rtol=1e-13)
        # shifting all elements changes nothing: the gradient has no component along ones
        slope = gradient(lambda t, axis=axis: ad.sum(ad.softmax(t, axis=axis) ** 2), x)
        np.testing.assert_allclose(np.sum(slope, axis=axis), 0.0, atol=1e-15 * x.size)


def test_cross_entropy_of_classes_is_p_minus_y_over_n() -> None:
    x, target = np.array([[2.0, 1.0, 0.1], [0.5, 0.5, 0.5]]), np.array([0, 2])
    p = ad.softmax(x)
    onehot = np.eye(3)[target]
    np.testing.assert_allclose(ad.cross_entropy(x, target), -np.mean(np.log(p[[0, 1], target])), rtol=1e-15)
    np.testing.assert_allclose(gradient(lambda t: ad.cross_entropy(t, target), x), (p - onehot) / 2, rtol=1e-14)
    np.testing.assert_allclose(ad.cross_entropy(x, onehot), ad.cross_entropy(x, target), rtol=1e-15)
    np.testing.assert_allclose(
        gradient(lambda t: ad.cross_entropy(t, onehot), x), (p - onehot) / 2, rtol=1e-13, atol=1e-17
    )


def test_cross_entropy_of_a_sure_answer_keeps_its_digits() -> None:
    assert ad.cross_entropy(np.array([40.0, 0.0]), 0) == pytest.approx(np.exp(-40.0), rel=1e-15)
    assert ad.cross_entropy(np.array([0.0, 1000.0]), 0) == 1000.0


def test_cross_entropy_with_positions_behind_the_classes() -> None:
    x = np.random.default_rng(2).normal(size=(2, 3, 4, 5))
    target = np.arange(40).reshape(2, 4, 5) % 3
    expected = -np.take_along_axis(ad.log_softmax(x, axis=1), target[:, None], 1)[:, 0]
    np.testing.assert_allclose(ad.cross_entropy(x, target, reduction="none"), expected, rtol=1e-13)
    np.testing.assert_allclose(ad.cross_entropy(x, target), expected.mean(), rtol=1e-14)
    shares = ad.softmax(x[::-1].copy(), axis=1)
    assert ad.cross_entropy(x, shares) == pytest.approx(ad.cross_entropy(x, shares, reduction="sum") / 40)


def test_a_tensor_of_classes_gets_no_gradient() -> None:
    x = ad.tensor(np.eye(3), requires_grad=True)
    target = ad.tensor(np.array([0, 1, 2]))
    ad.cross_entropy(x, target).backward()
    assert x.grad.shape == (3, 3)


def test_wrong_targets_are_named() -> None:
    x = np.zeros((3, 4))
    refuses(
        ValueError, "cross_entropy: class 7 of the target is not one of the 4 classes 0 ... 3",
        lambda: ad.cross_entropy(x, np.array([0, 7, 1])),
    )  # fmt: skip
    refuses(
        ValueError,
        "cross_entropy: x has shape (3, 4) and the target (2,); it must be (3,) (class numbers) or "
        "(3, 4) (probabilities)",
        lambda: ad.cross_entropy(x, np.array([0, 1])),
    )


def test_elementwise_losses() -> None:
    x, t = np.array([0.2, 0.9, 0.5]), np.array([0.0, 1.0, 0.5])
    expected = -np.mean([np.log(0.8), np.log(0.9), np.log(0.5)])
    assert ad.binary_cross_entropy(x, t) == pytest.approx(expected, rel=1e-15)
    assert gradient(lambda v: ad.binary_cross_entropy(v, t, reduction="sum"), x).tolist() == pytest.approx(
        [1.25, -1 / 0.9, 0.0]
    )
    assert gradient(lambda v: ad.binary_cross_entropy(v, np.array([0.0])), [0.0]).tolist() == [1.0]
    assert gradient(lambda v: ad.huber_loss(v, np.zeros(3), reduction="sum"), [-5.0, 0.5, 1.0]).tolist() == [
        -1.0,
        0.5,
        1.0,
    ]
    assert ad.huber_loss(np.array([1e200]), np.zeros(1)) == 1e200
    assert ad.kl_div(np.log(np.array([0.5, 0.5])), np.array([1.0, 0.0]), reduction="sum") == pytest.approx(np.log(2))
    assert ad.mse_loss(np.array([1.0, 3.0]), np.array([0.0, 1.0])) == 2.5
    refuses(
        ValueError, "mse_loss: x has shape (2,) and the target (2, 1); they must be equal",
        lambda: ad.mse_loss(np.zeros(2), np.zeros((2, 1))),
    )  # fmt: skip
    refuses(
        ValueError, "mse_loss: reduction='avg'; it is one of mean, sum, none",
        lambda: ad.mse_loss(x, t, reduction="avg"),
    )  # fmt: skip
