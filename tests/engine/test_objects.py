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
    "mean of a list": lambda x: np.mean([x[0] ** 2, x[1] * x[0], 3.0]),
    "mean of rows": lambda x: np.sum(np.mean([x, x * x], axis=0) * X),
    "mean of an array": lambda x: np.array([[x[0], 1.0], [x[1] * x[2], x[0]]]).mean(),
    "var of a list": lambda x: np.var([x[0] * x[1], x[2], 1.0], ddof=1),
    "std of rows": lambda x: np.std([x, x * x, np.ones(3)]),
    "median of a list": lambda x: np.median([x[0], x[1] * x[0], x[2], 0.25]),
    "average of a list": lambda x: np.average([x[0] * x[1], x[2]], weights=[1.0, 3.0]),
    "sum of a list": lambda x: np.sum([x[0] * x[1], 2.0, x[2]]),
    "max of a list": lambda x: np.max([x[0] * x[2], x[1], 0.5]),
    "prod of tuples": lambda x: np.prod(((x[0], x[1]), (x[2], 3.0))),
    "dot of lists": lambda x: np.dot([x[0], x[1]], [x[1], 2.0]),
    "norm of a list": lambda x: np.linalg.norm([x[0] * x[1], x[2]]),
    "exp of a list": lambda x: np.sum(np.exp([x[0], x[1] * x[2]])),
    "maximum of lists": lambda x: np.sum(np.maximum([x[0], x[1]], [x[2], x[0]])),
    "cumsum of a list": lambda x: np.sum(np.cumsum([x[0], x[1], 1.0]) ** 2),
    "stack of mixed": lambda x: np.sum(np.exp(np.stack([x[0], 2.0, x[2]]))),
    "vstack of lists": lambda x: np.sum(np.vstack([[x[0], x[1]], [1.0, x[2] * x[0]]]) ** 2),
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


def _other_name(x):
    y = x * 2.0
    z = y
    z += 1.0
    z *= x
    return np.sum(y * x)


def _view_of_other_places(x):
    y = x * 2.0
    v = y[1:]
    y[0] = 3.0
    return np.sum(v * v) + np.sum(y)


def _view_before(x):
    y = np.exp(x)
    before = np.sum(y[1:] * x[:2])
    y[1:] += x[0]
    return before + np.sum(y * y)


def _added_to_a_view(x):
    y = np.exp(x)
    left, right = y[:2], y[1:]
    left = left.copy()
    left += right
    return np.sum(left * left)


def _with_smaller_numbers(x):
    y = np.float32(1.0) * x
    y -= np.mean(y)
    return np.sum(y**3)


IN_PLACE = [
    _other_name, _view_of_other_places, _view_before, _added_to_a_view, _with_smaller_numbers,
]  # fmt: skip


@pytest.mark.parametrize("f", IN_PLACE)
def test_what_others_see_of_an_assignment(f):
    np.testing.assert_allclose(ad.grad(f)(X), differences(f), rtol=1e-6, atol=1e-8)


def _stale_view(x):
    y = x * 2.0
    v = y[1:]
    y[1] = 3.0
    return np.sum(v)


def _stale_view_of_zeros(x):
    y = np.zeros_like(x)
    v = y[::-1]
    y[1] = x[0]
    return np.sum(v)


def _stale_by_mask(x):
    y = np.exp(x)
    v = y.reshape(1, 3)
    y[x > 1] = 0.0
    return np.sum(v)


def _stale_view_of_a_view(x):
    y = x * np.ones((2, 3))
    v = y.T[::-1, 0]
    y[0, 2] = 1.0
    return v @ x


def _stale_after_adding(x):
    y = x * 2.0
    v = y[1:]
    y += 1.0
    return np.sum(v)


def _stale_base(x):
    y = x * 2.0
    v = y[1:]
    v += 1.0
    return np.sum(y)


def _stale_input(x):
    z = x
    z += 1.0
    return np.sum(z * x)


def _stale_result(x):
    y = x * 2.0
    v = y[:1]
    y[0] = 1.0
    return v


STALE = [
    _stale_view, _stale_view_of_zeros, _stale_by_mask, _stale_view_of_a_view, _stale_after_adding, _stale_base,
    _stale_input, _stale_result,
]  # fmt: skip


@pytest.mark.parametrize("f", STALE)
def test_a_stale_view_is_noticed(f):
    """NumPy's views would show the assignment: what the engine has instead is refused, not used."""
    with pytest.raises(RuntimeError, match=r"shares elements with one that was assigned to .*\.copy\(\)"):
        ad.grad(f)(X)


def test_a_view_of_a_constant_is_not_assigned_to():
    def f(x):
        rows = np.zeros_like(x, shape=(2, 3))
        first = rows[0]
        first[1] = x[0]
        return np.sum(rows)

    with pytest.raises(TypeError, match="is a view of another one"):
        ad.grad(f)(X)


def test_a_step_of_a_descent_in_place_keeps_the_input():
    w = ad.tensor(X, requires_grad=True)
    parameters = [w]
    (w * w).sum().backward()
    with ad.no_grad():
        for p in parameters:
            p -= 0.25 * p.grad
    assert w.is_leaf
    assert w.requires_grad
    np.testing.assert_array_equal(w.data, 0.5 * X)
    with pytest.raises(ValueError, match="read-only"):
        w.data[0] = 1.0


def test_second_derivatives_of_what_was_assigned_to():
    def f(x):
        y = np.exp(x)
        z = np.sum(y * y)
        y *= x
        return z * np.sum(y)

    np.testing.assert_allclose(
        ad.hessian(f)(X),
        [(ad.grad(f)(X + step) - ad.grad(f)(X - step)) / 2e-6 for step in 1e-6 * np.eye(3)],
        rtol=1e-6,
    )


MIXED = {
    "np.exp of an array in which tensors and plain numbers are mixed": lambda x: np.sum(np.exp([x[0], 3.0])),
    "np.linalg.det does not take an array or a list of tensors": lambda x: np.linalg.det([[x[0], x[1]], [x[2], 1.0]]),
    "np.logaddexp does not take an array or a list": lambda x: np.logaddexp.reduce([x[0], x[1]]),
}


@pytest.mark.parametrize("words", MIXED)
def test_what_numpy_cannot_do_with_lists_of_tensors_is_said(words):
    with pytest.raises(TypeError, match=f"{words}.*np.stack") as caught:
        ad.grad(MIXED[words])(X)
    assert caught.value.__cause__ is not None


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
