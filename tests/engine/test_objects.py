"""Arrays of tensors, and assignments to the elements of tensors."""

from __future__ import annotations

import numpy as np
import pytest

import autodiff as ad

X = np.array([0.5, -1.5, 2.0])


def differences(f):
    return [(f(X + step) - f(X - step)) / 2e-6 for step in 1e-6 * np.eye(3)]


def _rotated(x):
    c, s = np.cos(x[0]), np.sin(x[0])
    return np.sum((np.array([[c, -s], [s, c]]) @ x[1:]) ** 2 * np.array([1.0, 3.0]))


def _norm_of_array(x):
    return ad.norm(np.array([x[0], 2.0, x[2]]))


ARRAYS = {
    "a matrix of tensors": _rotated,
    "a sum of an array": lambda x: np.array([x[0] * x[1], x[0]]).sum(),
    "with numbers": lambda x: np.dot(np.array([x[0], 2.0, x[1]]), np.array([1.0, 2.0, 3.0])),
    "at an operation's door": _norm_of_array,
    "beside a tensor": lambda x: np.sum(np.stack([x[0] * x[:2], np.array([x[0], 1.0])])),
    "tensors with axes": lambda x: np.sum(np.array([x, 2 * x]) @ np.ones((3, 2)) * x[0]),
    "asarray": lambda x: np.sum(np.exp(np.asarray(x)) * np.asarray(x)),
    "vectorize": lambda x: np.sum(np.vectorize(lambda v: v**2 if v > 0 else -v)(x)),
    "outer": lambda x: np.sum(np.outer(np.array([x[0], x[1]]), x)),
    "lists": lambda x: ad.mean([x[0] ** 2, x[1], 3.0]),
    "full": lambda x: np.sum(np.full(3, x[0]) * x),
    "indexed by what has no gradient": lambda x: np.sum(np.arange(6.0)[np.floor(np.abs(x) + 0.25).astype(int)] * x),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_of_tensors_lose_nothing(name):
    f = ARRAYS[name]
    np.testing.assert_allclose(ad.grad(f)(X), differences(f), rtol=1e-6, atol=1e-8)


def test_a_result_that_is_an_array_of_tensors():
    jacobian = ad.jacobian(lambda x: np.array([x[0] * x[1], x[2]]))(X)
    np.testing.assert_array_equal(jacobian, [[-1.5, 0.5, 0.0], [0.0, 0.0, 1.0]])


def _filled(x):
    y = np.zeros_like(x)
    for k in range(3):
        y[k] = x[k] ** 2 * (k + 1)
    return np.sum(y * y)


def _masked(x):
    y = x * 1.0
    y[x < 0] *= 0.1
    return np.sum(y * y)


def _rows(x):
    y = np.zeros_like(x, shape=(2, 3))
    y[0] = x
    y[1, :2] = x[0] * x[1]
    y[1, 2] += x[2]
    return np.sum(y**3)


def _twice(x):
    y = np.exp(x)
    y[np.array([0, 0])] = x[1:]
    return np.sum(y * y)


def _all(x):
    y = np.empty_like(x)
    y[:] = 3.0 * x
    y[-1] = 1.0
    return np.prod(y)


def _after_the_loss(x):
    p = np.exp(x) / np.sum(np.exp(x))
    loss = -np.log(p[1])
    p[1] -= 1.0
    return loss


@pytest.mark.parametrize("f", [_filled, _masked, _rows, _twice, _all, _after_the_loss])
def test_assignments_are_followed(f):
    np.testing.assert_allclose(ad.grad(f)(X), differences(f), rtol=1e-6, atol=1e-8)


def test_what_was_computed_before_an_assignment_stays():
    x = ad.tensor(X, requires_grad=True)
    y = x * 2.0
    before = y * y
    y[0] = 7.0
    (before.sum() + y.sum()).backward()
    np.testing.assert_array_equal(x.grad.data, 8.0 * X + [0.0, 2.0, 2.0])


@pytest.mark.parametrize(
    "view", [lambda y: y[:2], lambda y: y.reshape(3, 1), lambda y: y[None].T, lambda y: np.squeeze(y[None], 0)]
)
def test_assigning_to_a_view_is_refused(view):
    y = ad.tensor(X, requires_grad=True) * 2.0
    with pytest.raises(TypeError, match="is a view of another one"):
        view(y)[0] = 1.0
    copied = view(y).copy()
    copied[0] = 1.0


def test_assigning_beyond_the_axes_names_the_place():
    y = ad.tensor(X, requires_grad=True) * 2.0
    with pytest.raises(IndexError, match=r"x\[7\] = .*shape \(3,\)"):
        y[7] = 1.0
    with pytest.raises(ValueError, match=r"x\[:2\] = .*the value \(3,\)"):
        y[:2] = X
