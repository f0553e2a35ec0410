"""A view may be assigned to where nobody has what it looks into: less is saved with the shortcuts."""

from __future__ import annotations

import numpy as np
import pytest

import autodiff as ad

X = np.array([0.5, -1.5, 2.0])


def test_a_view_of_what_nobody_has_is_assigned_to():
    def f(x):
        y = (x * x[0]).reshape(3, 1)
        y[1] = x[0] ** 2
        return np.sum(y**3)

    steps = 1e-6 * np.eye(3)
    np.testing.assert_allclose(ad.grad(f)(X), [(f(X + h) - f(X - h)) / 2e-6 for h in steps], rtol=1e-6)


def test_memory_that_is_used_again_is_not_stale():
    def f(x):
        y = x * 2.0
        v = y[1:]
        y[0] = 1.0
        return np.sum(v * v) + np.sum(y)

    x = np.ones(2**18)
    for _ in range(3):
        np.testing.assert_array_equal(ad.grad(f)(x)[:3], [0.0, 10.0, 10.0])


def test_a_recording_of_everything_follows_as_well():
    x = ad.tensor(X, requires_grad=True)
    with ad.recording():
        y = (x * x[0]).reshape(3, 1)
        y[1] = x[0] ** 2
        total = np.sum(y)
    total.backward()
    np.testing.assert_array_equal(x.grad.data, [2 * 0.5 + 2.0 + 2 * 0.5, 0.0, 0.5])


def test_a_view_that_somebody_has_is_not():
    y = np.exp(ad.tensor(X, requires_grad=True))
    with pytest.raises(TypeError, match="view"):
        y.reshape(3, 1)[0] = 1.0
